/** The tenant of a request. There is one so far. */
export const TENANT = 'default';
