import { type Part, part } from './part.js';

const ATTRIBUTES = /^(?:path|domain|expires|max-age|secure|httponly|samesite|partitioned|priority)$/i;

/** The cookies of a `Cookie` or `Set-Cookie` field by name (RFC 6265 §4); attributes of a cookie are no cookies. */
export function cookies(text: string): readonly Part[] {
  const parts: Part[] = [];
  for (let from = 0; from < text.length; ) {
    const semicolon = text.indexOf(';', from);
    const to = semicolon < 0 ? text.length : semicolon;
    const equals = text.indexOf('=', from);
    const nameEnd = equals < 0 || equals > to ? to : equals;
    const name = text.slice(from, nameEnd).trim();
    if (!ATTRIBUTES.test(name)) {
      parts.push(part(from, nameEnd, 'cookie'));
      if (nameEnd < to) parts.push(part(nameEnd + 1, to, `cookie.${name}`));
    }
    from = to + 1;
  }
  return parts;
}
