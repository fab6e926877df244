/** A pattern around its group `match`: what comes before it and behind it, and the alternatives that come before all. */
export interface CaptureParts {
  /** Inline flags, `(?i)`, or nothing. */
  readonly flags: string;
  /** The top-level alternatives before the one that captures, or null. */
  readonly earlier: string | null;
  readonly before: string;
  readonly captured: string;
  readonly behind: string;
}

const GROUP = '(?P<match>';

/**
 * Splits a pattern whose group `match` stands at the top level of its alternative; null where it does not, or where flags
 * change on the way. The pattern is known to be valid RE2.
 */
export function captureParts(source: string): CaptureParts | null {
  const flags = /^\(\?[a-zA-Z]+\)/.exec(source)?.[0] ?? '';
  const body = source.slice(flags.length);
  if (/\(\?[a-zA-Z]*-?[a-zA-Z]*\)/.test(body)) return null;
  let depth = 0;
  let alternative = 0;
  let group = -1;
  let groupEnd = -1;
  for (let i = 0; i < body.length; i++) {
    const c = body[i];
    if (c === '\\') i = body[i + 1] === 'Q' ? Number.POSITIVE_INFINITY : i + 1;
    else if (c === '[') i = classEnd(body, i);
    else if (c === '(') {
      if (body.startsWith(GROUP, i)) {
        if (depth > 0) return null;
        group = i;
      }
      depth++;
    } else if (c === ')') {
      depth--;
      if (depth === 0 && group >= 0 && groupEnd < 0) groupEnd = i;
    } else if (c === '|' && depth === 0) {
      if (group >= 0) return null;
      alternative = i + 1;
    }
  }
  // A group that is repeated, or optional, is none that always captures.
  if (group < 0 || groupEnd < 0 || /^[*+?{]/.test(body.slice(groupEnd + 1))) return null;
  return {
    flags,
    earlier: alternative === 0 ? null : body.slice(0, alternative - 1),
    before: body.slice(alternative, group),
    captured: body.slice(group + GROUP.length, groupEnd),
    behind: body.slice(groupEnd + 1),
  };
}

/** Where a character class ends: a `]` that is not the first of it, not escaped and not that of `[:alpha:]`. */
function classEnd(source: string, start: number): number {
  let i = start + 1;
  if (source[i] === '^') i++;
  if (source[i] === ']') i++;
  for (; i < source.length && source[i] !== ']'; i++) {
    if (source[i] === '\\') i++;
    else if (source.startsWith('[:', i)) i = source.indexOf(':]', i) + 1;
  }
  return i;
}
