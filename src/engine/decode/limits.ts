import type { Problem } from '../problem.js';

/** Bounds on one span, so that no input makes a view grow without end. */
export interface DecodeLimits {
  /** Attributes and text fields of a span with its events and links, or of a resource or scope. */
  readonly maxRecords: number;
  /** Scalars in the arrays and maps of one attribute. */
  readonly maxValues: number;
  /** Arrays and maps within each other. */
  readonly maxDepth: number;
  /** Values and members of one JSON request. */
  readonly maxJsonNodes: number;
}

export const DEFAULT_DECODE_LIMITS: DecodeLimits = {
  maxRecords: 4096,
  maxValues: 65_536,
  maxDepth: 32,
  maxJsonNodes: 4_000_000,
};

export const MAX_REPORTED_PROBLEMS = 5;

/** What came of a request: spans taken, spans refused and why (the first few), or the whole request refused. */
export interface Decoded {
  readonly accepted: number;
  readonly rejected: number;
  readonly problems: readonly Problem[];
  readonly refused: Problem | null;
}
