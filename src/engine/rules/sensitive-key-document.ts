import { SEVERITIES, type Severity } from '../model/finding.js';
import type { Problem } from '../problem.js';
import { DocumentReader } from './document-reader.js';

/** Keys that are sensitive for the same reason. */
export interface SensitiveKeyClass {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  readonly remedy: string;
  readonly reference: string;
  /** Exact keys, and templates that end in `.*`. */
  readonly keys: readonly string[];
}

/** `rules/conventions/sensitive-keys.yaml`. */
export interface SensitiveKeyDocument {
  readonly classes: readonly SensitiveKeyClass[];
  /** Keys that may hold anything: known, and sensitive only where a detector finds something. */
  readonly freeText: readonly string[];
}

export function readSensitiveKeys(
  file: string,
  content: unknown,
): { document: SensitiveKeyDocument; problems: Problem[] } {
  const problems: Problem[] = [];
  const r = new DocumentReader(file, content, problems);
  r.only(['classes', 'free_text']);
  const classes = r.list('classes', (c) => {
    c.only(['id', 'name', 'severity', 'remedy', 'reference', 'keys']);
    return {
      id: c.text('id', /^sensitive-key-[a-z]+$/, 'sensitive-key- and a word'),
      name: c.text('name'),
      severity: c.oneOf('severity', SEVERITIES, 'low'),
      remedy: c.text('remedy'),
      reference: c.text('reference', /^https:\/\//, 'an https address'),
      keys: c.texts('keys'),
    };
  });
  return { document: { classes, freeText: r.texts('free_text') }, problems };
}
