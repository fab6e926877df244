/** What a placeholder of a template stands for; `{id}` is for words that hold a digit, see `naming/id-form.ts`. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  '{id}': '[^/\\s]*[0-9][^/\\s]*',
  '{query}': '\\S+',
  "'{value}'": "'[^']*'",
};
const ANY = '[^/\\s]+';
const PLACEHOLDER = /('\{value\}'|\{[a-z0-9_-]+\})/;

/** `GET /users/{id}` as a pattern of RE2 and of JavaScript for the names that it stands for. */
export function spanNamePattern(template: string): string {
  const parts = template.split(PLACEHOLDER);
  const patterns = parts.map((part, i) =>
    i % 2 === 1 ? (PLACEHOLDERS[part] ?? ANY) : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  return `^${patterns.join('')}$`;
}

export function hasPlaceholder(template: string): boolean {
  return PLACEHOLDER.test(template);
}

/**
 * Of other templates those with names that the pattern of a template would take for its own; without those that stand
 * for all of its names.
 */
export function takenBy(template: string, others: readonly string[]): string[] {
  const taken = others.filter((other) => other !== template && isTaken(template, other));
  return taken.filter((other) => !isTaken(other, template));
}

function isTaken(template: string, other: string): boolean {
  const example = other.replace(/\{id\}/g, '0').replace(/\{[a-z0-9_-]+\}/g, 'x');
  return new RegExp(spanNamePattern(template)).test(example);
}
