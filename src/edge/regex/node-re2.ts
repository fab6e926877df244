import { createRequire } from 'node:module';
import type { Pattern, PatternCompiler, PatternMatch, PatternSet } from '../../engine/rules/pattern.js';

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
    compileSet(sources): PatternSet {
      const set = new Re2.Set([...sources], '');
      return { match: (bytes) => (set.test(bytes as Buffer) ? set.match(bytes as Buffer) : NONE) };
    },
  };
}

const NONE: readonly number[] = [];
const NO_MATCHES: readonly PatternMatch[] = [];

/**
 * The native module spends most of a call on the result object, so a match is asked for in steps: whether there is one
 * and where it ends (`lastIndex`), where it starts (`search`), and the groups only where a group is captured.
 */
class NativePattern implements Pattern {
  readonly matchesEmpty: boolean;
  private readonly once: RegExp;
  private readonly captures: boolean;
  /** Compiled when something matched for the first time: most patterns never do. */
  private lazyAll: RegExp | null = null;
  private lazyGroups: RegExp | null = null;

  constructor(
    private readonly Re2: Re2Module,
    private readonly source: string,
  ) {
    this.once = new Re2(source, '');
    this.matchesEmpty = this.once.test('');
    this.captures = source.includes('(?P<match>');
  }

  private get all(): RegExp {
    this.lazyAll ??= new this.Re2(this.source, 'g');
    return this.lazyAll;
  }

  private get groups(): RegExp {
    this.lazyGroups ??= new this.Re2(this.source, 'gd');
    return this.lazyGroups;
  }

  matches(bytes: Uint8Array, limit: number): readonly PatternMatch[] {
    const input = bytes as unknown as string;
    if (!this.once.test(input)) return NO_MATCHES;
    const { all } = this;
    const found: PatternMatch[] = [];
    let from = 0;
    while (found.length < limit && from < bytes.length) {
      all.lastIndex = from;
      if (!all.test(input)) break;
      const end = all.lastIndex;
      if (!this.captures && from === 0) {
        const start = (all as RegExp & { search(bytes: Uint8Array): number }).search(bytes);
        found.push({ start, end, captureStart: start, captureEnd: end });
      } else {
        const { groups } = this;
        groups.lastIndex = from;
        const { indices } = groups.exec(input)!;
        const [start, stop] = indices![0]!;
        const [captureStart, captureEnd] = indices!.groups?.match ?? [start, stop];
        found.push({ start, end: stop, captureStart, captureEnd });
      }
      from = end;
    }
    return found;
  }
}
