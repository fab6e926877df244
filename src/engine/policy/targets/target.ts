import type { PolicyVersion } from '../../model/policy.js';

/** Policies in the form of a product, as plain data for a serializer, and those that the product cannot carry out. */
export interface Rendered {
  readonly document: unknown;
  readonly unsupported: readonly { readonly id: string; readonly reason: string }[];
  /** What the product does otherwise than a policy says. */
  readonly notes?: readonly { readonly id: string; readonly note: string }[];
  /** Where several parts of the product carry policies out: which of them, in their order. */
  readonly processors?: readonly { readonly id: string; readonly processors: readonly string[] }[];
}

export type PolicyTarget = (policies: readonly PolicyVersion[]) => Rendered;
