import { useSession } from '../queries.js';
import type { IconName } from './icons.js';

interface Entry {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** Follows `g` on the keyboard. */
  readonly letter: string;
  /** Only administrators get something there. */
  readonly isOfAdmins?: boolean;
}

/** The pages in the order of the navigation. */
const NAVIGATION: readonly Entry[] = [
  { path: '/', title: 'Overview', icon: 'overview', letter: 'o' },
  { path: '/findings', title: 'Findings', icon: 'findings', letter: 'f' },
  { path: '/attributes', title: 'Attributes', icon: 'attributes', letter: 'a' },
  { path: '/span-names', title: 'Span names', icon: 'names', letter: 's' },
  { path: '/quality', title: 'Quality', icon: 'quality', letter: 'q' },
  { path: '/cost', title: 'Cost', icon: 'cost', letter: 'c' },
  { path: '/policies', title: 'Policies', icon: 'policies', letter: 'p' },
  { path: '/collectors', title: 'Collectors', icon: 'collectors', letter: 'l' },
  { path: '/reports', title: 'Reports', icon: 'reports', letter: 'r' },
  { path: '/rules', title: 'Rules', icon: 'rules', letter: 'u' },
  { path: '/audit', title: 'Audit', icon: 'audit', letter: 'd', isOfAdmins: true },
  { path: '/access', title: 'Access', icon: 'access', letter: 't', isOfAdmins: true },
];

/** The pages that who is signed in gets something from. */
export function useNavigation(): readonly Entry[] {
  const isAdmin = useSession().data?.roles.includes('admin') ?? false;
  return NAVIGATION.filter(({ isOfAdmins = false }) => isAdmin || !isOfAdmins);
}
