/**
 * An OTTL string literal: double quotes, with the escapes of Go. Line breaks of Unicode and control characters are
 * escaped too, since YAML folds or refuses some of them.
 */
export function quote(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };
  const code = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `"${text.replace(/[\p{Cc}"\\\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu, (c) => escapes[c] ?? code(c))}"`;
}
