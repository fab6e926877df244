import { Text } from '@mantine/core';
import type { Session } from '../../edge/serve/contract.js';
import { useSession } from '../queries.js';

type Role = Session['roles'][number];

/** Whether who is signed in may do what a role is needed for; administrators may do everything. */
export function useMay(): (needed: Role) => boolean {
  const roles = useSession().data?.roles ?? [];
  return (needed) => roles.some((role) => role === needed || role === 'admin');
}

interface Props {
  /** What each role is needed for, as `Rejecting policies`. */
  readonly needs: Readonly<Partial<Record<Role, string>>>;
}

/** Says what is not offered since the roles of who is signed in do not allow it, and who can do it; nothing if all is. */
export function RoleHint({ needs }: Props) {
  const may = useMay();
  const missing = Object.entries(needs).filter(([role]) => !may(role as Role));
  if (missing.length === 0) return null;
  const said = missing.map(([role, what], i) => `${what} takes ${i === 0 ? 'the role ' : ''}${role}`).join('; ');
  return (
    <Text size="xs" c="dimmed" role="note">
      {said}. Administrators give roles, on the page Access.
    </Text>
  );
}
