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

/** Many patterns tried in one pass. */
export interface PatternSet {
  /** Indexes of the patterns that match somewhere, in any order. */
  match(bytes: Uint8Array): readonly number[];
}

/** The engine's view of a regular-expression library with RE2's syntax and linear time. */
export interface PatternCompiler {
  /** Compiles, or says what is wrong with the pattern. */
  compile(source: string): Pattern | { readonly error: string };
  /** The sources have been compiled singly before. */
  compileSet(sources: readonly string[]): PatternSet;
}
