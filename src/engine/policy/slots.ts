/*
 * Slots: processors that a collector's own configuration names in its pipeline, and that policies fill. Nothing else of a
 * configuration is served.
 */

export const SHARE_SLOT = 'probabilistic_sampler/spanwarden';
export const FILTER_SLOT = 'filter/spanwarden';
export const TRANSFORM_SLOT = 'transform/spanwarden';
export const REDACTION_SLOT = 'redaction/spanwarden';
export const TAIL_SLOT = 'tail_sampling/spanwarden';

/**
 * In the order that a pipeline has to have them in: what drops most comes first, `redaction` hashes what `transform`
 * marked, and `tail_sampling` comes last, since it holds traces back.
 */
export const SLOTS = [SHARE_SLOT, FILTER_SLOT, TRANSFORM_SLOT, REDACTION_SLOT, TAIL_SLOT] as const;
export type Slot = (typeof SLOTS)[number];
