import type { Match } from './scanner.js';

const MAX_NAME = 255;

/**
 * A name as it may be stored: what the detectors matched is replaced by `{detector}`, control and direction characters
 * (which could forge a line of output) and NUL by U+FFFD, and the rest is cut at 255 characters.
 */
export function storableName(text: string, matches: readonly Match[]): string {
  let name = '';
  let from = 0;
  for (const match of matches) {
    if (match.start < from) continue;
    name += `${text.slice(from, match.start)}{${match.detector.id}}`;
    from = match.end;
  }
  name = (name + text.slice(from)).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : name;
}
