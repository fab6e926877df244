import type { Match } from './scanner.js';

const MAX_NAME = 255;

/**
 * A name as it may be stored: what the detectors matched is replaced by `{detector}`, control and direction characters
 * (which could forge a line of output), halves of characters and NUL by U+FFFD, and the rest is cut at 255 characters.
 */
export function storableName(text: string, matches: readonly Match[]): string {
  return storableText(text, matches, MAX_NAME);
}

/** The same of any text, cut at another length. */
export function storableText(text: string, matches: readonly Match[], most: number): string {
  let kept = '';
  let from = 0;
  for (const match of matches) {
    if (match.start >= from) kept += `${text.slice(from, match.start)}{${match.detector.id}}`;
    from = Math.max(from, match.end);
  }
  kept = (kept + text.slice(from)).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return kept.length > most ? `${kept.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : kept;
}
