import { type Part, part } from './part.js';

/** Strings ('' and \' escape a quote), dollar-quoted strings, numbers and comments of the SQL dialects. */
const TOKEN =
  /'(?:[^'\\]|''|\\[\s\S])*'?|"(?:[^"\\]|""|\\[\s\S])*"?|\$([A-Za-z_]*)\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|#[^\n]*|(?<![\w$@:?])\d[\d.]*/g;

/** Literals and comments of a query; the rest is code. A string that the end of the text cuts off is one, too. */
export function sql(text: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { index, 0: token } of text.matchAll(TOKEN)) {
    if (index > from) parts.push(part(from, index, 'code', true));
    const comment = token.startsWith('--') || token.startsWith('/*') || token.startsWith('#');
    parts.push(part(index, index + token.length, comment ? 'comment' : 'literal'));
    from = index + token.length;
  }
  if (from < text.length) parts.push(part(from, text.length, 'code', true));
  return parts;
}
