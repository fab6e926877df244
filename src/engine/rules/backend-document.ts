import { BACKEND_LIMITS, type Backend } from '../model/backend-limits.js';
import type { Problem } from '../problem.js';
import { DocumentReader } from './document-reader.js';

/** Checks the parsed document of a backend's limits. */
export function readBackend(file: string, content: unknown): { backend: Backend; problems: Problem[] } {
  const problems: Problem[] = [];
  const r = new DocumentReader(file, content, problems);
  r.only(['id', 'name', 'as_of', 'confirmed', 'source', 'limits', 'notes']);
  const limits = r.nested('limits');
  limits.only(BACKEND_LIMITS);
  const stated = BACKEND_LIMITS.filter((limit) => limits.has(limit));
  if (stated.length === 0) r.report('limits', 'empty', 'at least one limit');
  return {
    backend: {
      id: r.text('id', /^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case words joined by dashes'),
      name: r.text('name'),
      asOf: r.text('as_of', /^\d{4}-\d{2}-\d{2}$/, 'a day as YYYY-MM-DD'),
      confirmed: r.flag('confirmed', false),
      source: r.text('source', /^https:\/\//, 'an https address'),
      limits: Object.fromEntries(stated.map((limit) => [limit, limits.number(limit, 1, 1e9)])),
      notes: r.has('notes') ? r.text('notes') : '',
    },
    problems,
  };
}
