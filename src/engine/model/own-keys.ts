/** Attribute keys that spanwarden and the processors that it renders write themselves begin with it. */
const OWN = 'spanwarden.';

/** Of a resource: which revision of the policies its spans passed. Lower-case hexadecimal, 12 to 64 digits. */
export const POLICY_REVISION = 'spanwarden.policy_revision';
/** Of a span: it is a canary, and which one. */
export const CANARY_ID = 'spanwarden.canary.id';

/** Whether a key is none that a service chose, so that there is nothing to say of its name or to do about it. */
export function isOwnKey(key: string): boolean {
  return key.startsWith(OWN);
}
