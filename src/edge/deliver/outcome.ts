/**
 * What became of an attempt: done; failed for now; failed for good; or the receiver is gone and wants nothing more.
 * Errors are sentences of ours: nothing that a server answered is in them.
 */
export type Outcome = { readonly kind: 'sent' } | { readonly kind: 'later' | 'never' | 'gone'; readonly error: string };

export const SENT: Outcome = { kind: 'sent' };
