import { type Part, part } from './part.js';

/**
 * The components of a URL or of a path with a query (RFC 3986 §3, WHATWG URL): user information, host, path, each
 * parameter of query and fragment by its name.
 */
export function url(text: string): readonly Part[] {
  const parts: Part[] = [];
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0].length ?? 0;
  const queryMark = markBefore(text, '?', scheme, text.length);
  const fragmentMark = markBefore(text, '#', scheme, text.length);
  const pathEnd = Math.min(queryMark, fragmentMark);
  let pathStart = 0;
  if (scheme > 0) {
    pathStart = markBefore(text, '/', scheme, pathEnd);
    const at = text.lastIndexOf('@', pathStart - 1);
    const hostStart = at >= scheme ? at + 1 : scheme;
    if (hostStart > scheme) parts.push(part(scheme, at, 'userinfo'));
    parts.push(part(hostStart, pathStart, 'host'));
  }
  parts.push(part(pathStart, pathEnd, 'path'));
  if (queryMark < fragmentMark) parts.push(...parameters(text, queryMark + 1, fragmentMark, 'query'));
  if (fragmentMark < text.length) parts.push(...parameters(text, fragmentMark + 1, text.length, 'fragment'));
  return parts;
}

/** A query without the URL before it. */
export function query(text: string): readonly Part[] {
  const first = text.startsWith('?') || text.startsWith('#') ? 1 : 0;
  return parameters(text, first, text.length, 'query');
}

/** `name=value` pairs (application/x-www-form-urlencoded, WHATWG URL §5.1); a pair without `=` is a value without name. */
function parameters(text: string, start: number, end: number, of: string): Part[] {
  const parts: Part[] = [];
  let from = start;
  while (from < end) {
    const to = Math.min(markBefore(text, '&', from, end), markBefore(text, ';', from, end));
    const equals = markBefore(text, '=', from, to);
    if (equals < to) {
      parts.push(part(from, equals, of));
      parts.push(part(equals + 1, to, `${of}.${text.slice(from, equals)}`));
    } else parts.push(part(from, to, of));
    from = to + 1;
  }
  return parts;
}

/** Where a character first stands from `from` on, or `end`. */
function markBefore(text: string, mark: string, from: number, end: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 || at > end ? end : at;
}
