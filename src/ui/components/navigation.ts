import type { IconName } from './icons.js';

/** The pages in the order of the navigation; `key` follows `g` on the keyboard. */
export const NAVIGATION: readonly { path: string; title: string; icon: IconName; key: string }[] = [
  { path: '/', title: 'Overview', icon: 'overview', key: 'o' },
  { path: '/findings', title: 'Findings', icon: 'findings', key: 'f' },
  { path: '/attributes', title: 'Attributes', icon: 'attributes', key: 'a' },
  { path: '/cost', title: 'Cost', icon: 'cost', key: 'c' },
  { path: '/policies', title: 'Policies', icon: 'policies', key: 'p' },
  { path: '/reports', title: 'Reports', icon: 'reports', key: 'r' },
];
