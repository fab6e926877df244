import { RE2JS, RE2JSException } from 're2js';
import type { Pattern, PatternCompiler, PatternMatch } from '../../engine/rules/pattern.js';

/** RE2's syntax and linear time in plain JavaScript, slower than the native module: for machines without a compiler. */
export function re2js(): PatternCompiler {
  return {
    compile(source) {
      try {
        return new PortablePattern(RE2JS.compile(source));
      } catch (error) {
        if (error instanceof RE2JSException) return { error: error.message };
        throw error;
      }
    },
  };
}

class PortablePattern implements Pattern {
  readonly matchesEmpty: boolean;
  private readonly capture: string | 0;

  constructor(private readonly pattern: RE2JS) {
    this.matchesEmpty = pattern.matcher('').find();
    this.capture = 'match' in pattern.namedGroups() ? 'match' : 0;
  }

  matches(bytes: Uint8Array, limit: number): PatternMatch[] {
    const matcher = this.pattern.matcher(bytes);
    const found: PatternMatch[] = [];
    while (found.length < limit && matcher.find()) {
      const captured = matcher.start(this.capture) >= 0 ? this.capture : 0;
      found.push({
        start: matcher.start(),
        end: matcher.end(),
        captureStart: matcher.start(captured),
        captureEnd: matcher.end(captured),
      });
    }
    return found;
  }
}
