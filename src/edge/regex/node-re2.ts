import { createRequire } from 'node:module';
import type { Pattern, PatternCompiler, PatternMatch } from '../../engine/rules/pattern.js';
import { captureParts } from './capture.js';

type Re2Module = typeof import('re2');

/** RE2 itself, through the native module `re2`; null where that could not be built on this machine. */
export function nodeRe2(): PatternCompiler | null {
  let Re2: Re2Module;
  try {
    Re2 = createRequire(import.meta.url)('re2') as Re2Module;
  } catch {
    return null;
  }
  return {
    compile(source) {
      try {
        return new NativePattern(Re2, source);
      } catch (error) {
        return { error: error instanceof Error ? error.message : 'does not compile' };
      }
    },
  };
}

const NO_MATCHES: readonly PatternMatch[] = [];

/**
 * The native module spends most of a call on the result object, so a match is asked for in steps: whether there is one
 * and where it ends (`lastIndex`), where it starts (`search`), and where its group stands (`Capture`).
 */
class NativePattern implements Pattern {
  readonly matchesEmpty: boolean;
  private readonly all: RegExp & { search(bytes: Uint8Array): number };
  /** Compiled when something matched for the first time: most patterns never do. */
  private lazyCapture: Capture | null = null;

  constructor(
    private readonly Re2: Re2Module,
    private readonly source: string,
  ) {
    this.all = new Re2(source, 'g') as typeof this.all;
    this.matchesEmpty = this.all.test('');
    this.all.lastIndex = 0;
  }

  matches(bytes: Uint8Array, limit: number): readonly PatternMatch[] {
    const { all } = this;
    const input = bytes as unknown as string;
    // `lastIndex` is 0 here: a test that finds nothing leaves it so, and whatever else ends the loop below does.
    if (!all.test(input)) return NO_MATCHES;
    this.lazyCapture ??= new Capture(this.Re2, this.source);
    const found: PatternMatch[] = [];
    let from = 0;
    do {
      const end = all.lastIndex;
      const start = from === 0 ? all.search(bytes) : -1;
      found.push(this.lazyCapture.locate(bytes, from, start, end));
      from = all.lastIndex = end;
    } while (found.length < limit && from < bytes.length && all.test(input));
    all.lastIndex = 0;
    return found;
  }
}

/**
 * Finds the group `match` of a match. A backtracking reading of a pattern takes the first choice of what is before the
 * group with which the rest matches. So where the first choice of each part, one behind the other, leads to the end of the
 * match, these are the parts; where it does not, the result object is asked for.
 */
class Capture {
  private readonly whole: boolean;
  private readonly groups: RegExp;
  private readonly earlier: RegExp | null = null;
  private readonly parts: readonly (RegExp | null)[] | null = null;

  constructor(Re2: Re2Module, source: string) {
    this.whole = !source.includes('(?P<match>');
    this.groups = new Re2(source, 'gd');
    const split = captureParts(source);
    if (split === null) return;
    const { flags, earlier, before, captured, behind } = split;
    const sticky = (part: string | null): RegExp | null =>
      part === null || part === '' ? null : new Re2(`${flags}(?:${part})`, 'y');
    this.earlier = sticky(earlier);
    this.parts = [before, captured, behind].map(sticky);
  }

  /** @param start of the match in bytes, or -1 where it is not known */
  locate(bytes: Uint8Array, from: number, start: number, end: number): PatternMatch {
    if (start < 0) return this.ask(bytes, from);
    if (this.whole) return { start, end, captureStart: start, captureEnd: end };
    if (this.parts === null) return this.ask(bytes, from);
    if (endOf(this.earlier, bytes, start) === end && this.earlier !== null) {
      return { start, end, captureStart: start, captureEnd: end };
    }
    const captureStart = endOf(this.parts[0]!, bytes, start);
    const captureEnd = endOf(this.parts[1]!, bytes, captureStart);
    if (endOf(this.parts[2]!, bytes, captureEnd) !== end) return this.ask(bytes, from);
    return { start, end, captureStart, captureEnd };
  }

  private ask(bytes: Uint8Array, from: number): PatternMatch {
    const { groups } = this;
    groups.lastIndex = from;
    const { indices } = groups.exec(bytes as unknown as string)!;
    const [start, end] = indices![0]!;
    const [captureStart, captureEnd] = indices!.groups?.match ?? [start, end];
    return { start, end, captureStart, captureEnd };
  }
}

/** Where a part ends that begins at `start`; an empty part ends there, and -1 is nowhere. */
function endOf(part: RegExp | null, bytes: Uint8Array, start: number): number {
  if (part === null || start < 0) return start;
  part.lastIndex = start;
  return part.test(bytes as unknown as string) ? part.lastIndex : -1;
}
