import type { RedactionPattern } from '../model/policy.js';

/** What stands in the place of a match: texts, and numbers of groups of the pattern. */
export type Replacement = readonly (string | number)[];

export interface PatternReplacement {
  readonly regex: string;
  readonly replacement: Replacement;
}

export const MASK = '****';
const GROUP = '(?P<match>';
/** `\\Q`, whose backslash is none that another one escapes. */
const QUOTING = /(?<!\\)(?:\\\\)*\\Q/;

/**
 * Turns the part of a pattern that is captured as `match` into the part that is replaced: what stands before and after
 * it in the pattern is captured instead and put back. Leading flags stay in front of everything. Where the pattern
 * cannot be taken apart there (the group is optional, within another, or one of some alternatives) all of the match is
 * replaced.
 */
export function maskReplacement({ pattern }: Pick<RedactionPattern, 'pattern'>): PatternReplacement {
  const whole = { regex: pattern, replacement: [MASK] };
  const flags = /^\(\?[a-zA-Z]+\)/.exec(pattern)?.[0] ?? '';
  const body = pattern.slice(flags.length);
  const characters = [...plainCharacters(body)];
  const start = characters.find(({ at, char }) => char === '(' && body.startsWith(GROUP, at))?.at;
  if (start === undefined || QUOTING.test(body) || /\(\?[a-zA-Z]*-?[a-zA-Z]*\)/.test(body)) return whole;
  let depth = 0;
  let groupsBefore = 0;
  let end = -1;
  for (const { at, char } of characters) {
    if (char === '|' && depth === 0) return whole;
    if (char === ')' && --depth === 0 && at > start && end < 0) end = at;
    if (char !== '(') continue;
    if (at === start && depth > 0) return whole;
    if (at !== start && end < 0 && captures(body, at)) groupsBefore++;
    depth++;
  }
  if (end < 0 || /^[*+?{]/.test(body.slice(end + 1))) return whole;
  const [before, match, after] = [body.slice(0, start), body.slice(start + GROUP.length, end), body.slice(end + 1)];
  return { regex: `${flags}(${before})(?:${match})(${after})`, replacement: [1, MASK, 2 + groupsBefore] };
}

function captures(body: string, at: number): boolean {
  return body[at + 1] !== '?' || /^\(\?P?<[A-Za-z_]/.test(body.slice(at));
}

/** Characters of a pattern that stand outside of classes and are not escaped. */
function* plainCharacters(pattern: string): Iterable<{ at: number; char: string }> {
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === '\\') at++;
    else if (inClass) {
      if (pattern.startsWith('[:', at) && pattern.includes(':]', at)) at = pattern.indexOf(':]', at) + 1;
      else inClass = char !== ']';
    } else if (char === '[') {
      inClass = true;
      if (pattern[at + 1] === '^') at++;
      if (pattern[at + 1] === ']') at++;
    } else yield { at, char };
  }
}
