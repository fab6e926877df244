import type { Replacement } from './replacement.js';
import type { Match, TextPattern } from './simulate.js';

/**
 * Go's Regexp.ReplaceAllString (regexp/regexp.go, replaceAll): an empty match right behind another is none, and the
 * search goes on by a character at least.
 */
export function replaceAll(text: string, pattern: TextPattern, replacement: Replacement): string {
  let result = '';
  let lastEnd = 0;
  for (let from = 0; from <= text.length; ) {
    const match = pattern.exec(text, from);
    if (match === null) break;
    const [start, end] = match[0]!;
    result += text.slice(lastEnd, start);
    if (end > lastEnd || start === 0) result += expand(text, match, replacement);
    lastEnd = end;
    from = Math.max(end, from + (text.codePointAt(from)! > 0xffff ? 2 : 1));
  }
  return result + text.slice(lastEnd);
}

function expand(text: string, match: Match, replacement: Replacement): string {
  return replacement.map((part) => (typeof part === 'number' ? groupText(text, match[part]) : part)).join('');
}

function groupText(text: string, [start, end]: readonly [number, number] = [-1, -1]): string {
  return start < 0 ? '' : text.slice(start, end);
}
