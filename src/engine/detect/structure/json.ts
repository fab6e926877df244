import { type Part, part } from './part.js';

const MAX_DEPTH = 32;

/**
 * The strings, numbers and keys of a JSON text by their path: `$.user.email`, `$.items[].id`. Reads as far as it can, so
 * that a text that was cut off gives the parts before the cut.
 */
export function json(text: string): readonly Part[] {
  const parts: Part[] = [];
  const path: string[] = [];
  const isArray: boolean[] = [];
  let key: string | null = null;
  const token = /"(?:[^"\\]|\\[\s\S])*"?|-?\d[\d.eE+-]*|[{}[\],:]/g;
  let match = token.exec(text);
  while (match !== null) {
    const { index, 0: found } = match;
    const next = token.exec(text);
    switch (found) {
      case '{':
      case '[':
        if (path.length === MAX_DEPTH) return parts;
        path.push(`${key === null ? '' : `.${key}`}${found === '[' ? '[]' : ''}`);
        isArray.push(found === '[');
        key = null;
        break;
      case '}':
      case ']':
        path.pop();
        isArray.pop();
        key = null;
        break;
      case ',':
        key = null;
        break;
      case ':':
        break;
      default:
        if (key === null && next?.[0] === ':' && isArray.at(-1) === false) {
          key = found.slice(1, found.endsWith('"') ? -1 : undefined);
          parts.push(part(index, index + found.length, `$${path.join('')}`));
        } else {
          parts.push(part(index, index + found.length, `$${path.join('')}${key === null ? '' : `.${key}`}`));
        }
    }
    match = next;
  }
  return parts;
}
