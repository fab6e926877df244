/**
 * What a caller may be. `viewer` reads; `editor` drafts and triages; `approver` approves and rolls out policies; `admin`
 * does everything; `collector` sends spans and pulls policies. An editor, an approver and an administrator read, too.
 */
export const ACCESS_ROLES = ['viewer', 'editor', 'approver', 'admin', 'collector'] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/** Who calls. */
export interface Caller {
  /** On record for what is changed; the same for all tokens of a person. */
  readonly subject: string;
  readonly roles: readonly AccessRole[];
  /** Which token, or the token that a session came from; null for those that the installation was begun with. */
  readonly tokenId: string | null;
  /** Of a collector's token: what policies and stages select by. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Names that no token can have: they stand for the installation's own, or for nobody. */
export const RESERVED_SUBJECTS: ReadonlySet<string> = new Set([
  'admin',
  'collector',
  'local',
  'anonymous',
  'unknown',
  'system',
  'spanwarden',
]);

const GRANTED_BY: Readonly<Record<AccessRole, readonly AccessRole[]>> = {
  viewer: ['viewer', 'editor', 'approver', 'admin'],
  editor: ['editor', 'admin'],
  approver: ['approver', 'admin'],
  admin: ['admin'],
  collector: ['collector', 'admin'],
};

/** Whether one of some roles is enough for what a role is needed for. */
export function mayAs(needed: AccessRole, roles: readonly AccessRole[]): boolean {
  return roles.some((role) => GRANTED_BY[needed].includes(role));
}

/** Roles of people, who can sign in to the pages. */
export function isPerson(roles: readonly AccessRole[]): boolean {
  return mayAs('viewer', roles);
}

/** The callers whose tokens the installation was begun with. */
export const ADMIN: Caller = { subject: 'admin', roles: ['admin'], tokenId: null, labels: {} };
export const COLLECTOR: Caller = { subject: 'collector', roles: ['collector'], tokenId: null, labels: {} };
