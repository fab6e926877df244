/** Key of the audit chains of tests. */
export const CHAIN_KEY = new Uint8Array(32).fill(7);
