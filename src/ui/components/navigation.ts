import type { IconName } from './icons.js';

/** The pages in the order of the navigation; `letter` follows `g` on the keyboard. */
export const NAVIGATION: readonly { path: string; title: string; icon: IconName; letter: string }[] = [
  { path: '/', title: 'Overview', icon: 'overview', letter: 'o' },
  { path: '/findings', title: 'Findings', icon: 'findings', letter: 'f' },
  { path: '/attributes', title: 'Attributes', icon: 'attributes', letter: 'a' },
  { path: '/span-names', title: 'Span names', icon: 'names', letter: 's' },
  { path: '/quality', title: 'Quality', icon: 'quality', letter: 'q' },
  { path: '/cost', title: 'Cost', icon: 'cost', letter: 'c' },
  { path: '/policies', title: 'Policies', icon: 'policies', letter: 'p' },
  { path: '/reports', title: 'Reports', icon: 'reports', letter: 'r' },
  { path: '/rules', title: 'Rules', icon: 'rules', letter: 'u' },
];
