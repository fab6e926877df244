import { type Problem, problem } from '../problem.js';

type Raw = Readonly<Record<string, unknown>>;

/** Reads the fields of one parsed document and collects every problem with them, each with its place. */
export class DocumentReader {
  private readonly raw: Raw;

  constructor(
    private readonly place: string,
    content: unknown,
    private readonly problems: Problem[],
  ) {
    this.raw = asObject(content) ?? {};
    if (asObject(content) === null) this.problems.push(problem('rule', place, 'wrong type', 'a mapping'));
  }

  report(field: string, what: string, allowed: string): void {
    this.problems.push(problem('rule', `${this.place}: ${field}`, what, allowed));
  }

  only(fields: readonly string[]): void {
    for (const field of Object.keys(this.raw)) {
      if (!fields.includes(field)) this.report(field, 'unknown field', fields.join(', '));
    }
  }

  has(field: string): boolean {
    return this.raw[field] !== undefined;
  }

  text(field: string, form: RegExp = /\S/, allowed = 'text'): string {
    const value = this.raw[field];
    if (typeof value === 'string' && form.test(value)) return value.trim();
    this.report(field, value === undefined ? 'missing' : 'wrong form', allowed);
    return '';
  }

  texts(field: string): string[] {
    const value = this.raw[field] ?? [];
    if (Array.isArray(value) && value.every((v) => typeof v === 'string' && v !== '')) return value as string[];
    this.report(field, 'wrong type', 'a list of texts');
    return [];
  }

  /** A list of names from a table, without those that are not in it. */
  names(field: string, table: readonly string[]): string[] {
    const names = this.texts(field);
    const known = names.filter((name) => table.includes(name));
    if (known.length < names.length) this.report(field, 'not known', table.join(', '));
    return known;
  }

  oneOf<T extends string>(field: string, allowed: readonly T[], otherwise: T, optional = false): T {
    const value = this.raw[field];
    if (allowed.includes(value as T)) return value as T;
    if (value !== undefined || !optional) this.report(field, 'missing or unknown', allowed.join(', '));
    return otherwise;
  }

  number(field: string, least: number, most: number): number {
    const value = this.raw[field] ?? 0;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    this.report(field, 'out of range', `a number from ${least} to ${most}`);
    return 0;
  }

  flag(field: string, otherwise: boolean): boolean {
    const value = this.raw[field] ?? otherwise;
    if (typeof value === 'boolean') return value;
    this.report(field, 'wrong type', 'true or false');
    return otherwise;
  }

  /** A nested mapping, or an empty one where it is missing. */
  nested(field: string): DocumentReader {
    return new DocumentReader(`${this.place}: ${field}`, this.raw[field] ?? {}, this.problems);
  }

  list<T>(field: string, read: (item: DocumentReader) => T): T[] {
    const value = this.raw[field] ?? [];
    if (Array.isArray(value)) {
      return value.map((item, i) => read(new DocumentReader(`${this.place}: ${field}[${i}]`, item, this.problems)));
    }
    this.report(field, 'wrong type', 'a list');
    return [];
  }

  /** The field as it was parsed. */
  value(field: string): unknown {
    return this.raw[field];
  }
}

export function asObject(value: unknown): Raw | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : null;
}
