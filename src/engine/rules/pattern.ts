/** A match of a pattern: byte offsets of the whole match and of the part it captures as `match`. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  readonly captureStart: number;
  readonly captureEnd: number;
}

/** One compiled RE2 pattern over UTF-8 bytes. */
export interface Pattern {
  /** Whether it matches the empty text, and so everywhere. */
  readonly matchesEmpty: boolean;
  /** Non-overlapping matches from the left, at most `limit`. */
  matches(bytes: Uint8Array, limit: number): readonly PatternMatch[];
}

/** The engine's view of a regular-expression library with RE2's syntax and linear time. */
export interface PatternCompiler {
  /** Compiles, or says what is wrong with the pattern. */
  compile(source: string): Pattern | { readonly error: string };
}
