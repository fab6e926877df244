import type { Pattern, PatternCompiler, PatternMatch } from '../../engine/rules/pattern.js';

/** What a detector may take for one value, in milliseconds. */
export const MAX_VALUE_MS = 50;
/** What a detector may take of the time of analysis, and over how many milliseconds of it that is measured. */
export const MAX_SHARE = 0.1;
export const WINDOW_MS = 5_000;

const NO_MATCHES: readonly PatternMatch[] = [];

/** Told which detector is switched off from now on, and why. */
export type OnSwitchedOff = (detector: string, reason: string) => void;

/**
 * Times the patterns of detectors that nobody of us wrote, and switches off those that take too long: they then match
 * nothing. One meter serves one thread.
 */
export class PatternMeter {
  /** By detector: milliseconds in this window. */
  private readonly spent = new Map<string, number>();
  private readonly off = new Set<string>();
  private analysedMs = 0;

  constructor(
    private readonly compiler: PatternCompiler,
    private readonly onSwitchedOff: OnSwitchedOff,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Compiles the patterns of one detector. */
  compilerFor(detector: string): PatternCompiler {
    return {
      compile: (source) => {
        const compiled = this.compiler.compile(source);
        if ('error' in compiled) return compiled;
        return new MeteredPattern(detector, compiled, this);
      },
    };
  }

  /** Notes how long the thread analysed; at the end of a window it is known who took too much of it. */
  analysed(ms: number): void {
    this.analysedMs += ms;
    if (this.analysedMs < WINDOW_MS) return;
    for (const [detector, spent] of this.spent) {
      if (spent > MAX_SHARE * this.analysedMs) {
        this.switchOff(detector, `took more than ${MAX_SHARE * 100} % of the time of analysis`);
      }
    }
    this.analysedMs = 0;
    this.spent.clear();
  }

  /** Runs a pattern, and takes down how long it took. */
  run(detector: string, pattern: Pattern, bytes: Uint8Array, limit: number): readonly PatternMatch[] {
    if (this.off.has(detector)) return NO_MATCHES;
    const first = this.timed(detector, pattern, bytes, limit);
    if (first.ms <= MAX_VALUE_MS) return first.matches;
    // A thread that had to wait for a processor looks slow, too; it will hardly do so twice in a row.
    if (this.timed(detector, pattern, bytes, limit).ms <= MAX_VALUE_MS) return first.matches;
    this.switchOff(detector, `took more than ${MAX_VALUE_MS} ms for one value`);
    return first.matches;
  }

  private timed(detector: string, pattern: Pattern, bytes: Uint8Array, limit: number) {
    const start = this.clock();
    const matches = pattern.matches(bytes, limit);
    const ms = this.clock() - start;
    this.spent.set(detector, (this.spent.get(detector) ?? 0) + ms);
    return { matches, ms };
  }

  private switchOff(detector: string, reason: string): void {
    if (this.off.has(detector)) return;
    this.off.add(detector);
    this.onSwitchedOff(detector, reason);
  }
}

class MeteredPattern implements Pattern {
  readonly matchesEmpty: boolean;

  constructor(
    private readonly detector: string,
    private readonly pattern: Pattern,
    private readonly meter: PatternMeter,
  ) {
    this.matchesEmpty = pattern.matchesEmpty;
  }

  matches(bytes: Uint8Array, limit: number): readonly PatternMatch[] {
    return this.meter.run(this.detector, this.pattern, bytes, limit);
  }
}
