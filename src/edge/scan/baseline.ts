import { readFileSync } from 'node:fs';
import { LOCATIONS } from '../../engine/model/location.js';
import { type Problem, problem } from '../../engine/problem.js';
import { DocumentReader } from '../../engine/rules/document-reader.js';
import { type FindingPlace, findingId } from './finding-id.js';

/** A finding that is known. It says where, and holds nothing of a value. */
export interface BaselineEntry extends FindingPlace {
  readonly id: string;
  /** Why it may stay, as somebody wrote it; '' for none. */
  readonly reason: string;
  /** The last day on which the entry holds, YYYY-MM-DD in UTC; '' for ever. */
  readonly expires: string;
}

const VERSION = 1;
const FIELDS = ['id', 'detector', 'service', 'location', 'key', 'component', 'reason', 'expires'];
const PLACE = ['detector', 'service', 'location', 'key', 'component'] as const;

/** Known findings. */
export class Baseline {
  private readonly valid = new Set<string>();
  private readonly found = new Set<string>();
  readonly expired: readonly BaselineEntry[];

  /** @param today YYYY-MM-DD in UTC */
  constructor(
    readonly entries: readonly BaselineEntry[],
    today: string,
  ) {
    for (const { id, expires } of entries) if (expires === '' || expires >= today) this.valid.add(id);
    this.expired = entries.filter(({ id }) => !this.valid.has(id));
  }

  holds(id: string): boolean {
    return this.valid.has(id);
  }

  /** Told of everything that is found, whether it is reported or not. */
  see(id: string): void {
    this.found.add(id);
  }

  /** Entries for which nothing was found. */
  stale(): BaselineEntry[] {
    return this.entries.filter(({ id }) => !this.found.has(id));
  }

  /** The entries whose findings are still there, and those that expired among them, so that they are reported on. */
  kept(): BaselineEntry[] {
    return this.entries.filter(({ id }) => this.found.has(id));
  }
}

/** Reads a baseline; every problem of the file at once. Null where there is no such file. */
export function readBaseline(file: string): { entries: BaselineEntry[]; problems: Problem[] } | null {
  const problems: Problem[] = [];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    const what = error instanceof SyntaxError ? 'not valid JSON' : `cannot be read (${code ?? 'unknown error'})`;
    problems.push(problem('baseline', file, what, 'a file that --write-baseline wrote'));
    return { entries: [], problems };
  }
  const top = new DocumentReader(file, content, problems);
  top.only(['version', 'findings']);
  if (top.value('version') !== VERSION) top.report('version', 'not known', `${VERSION}`);
  return { entries: top.list('findings', readEntry), problems };
}

function readEntry(r: DocumentReader): BaselineEntry {
  r.only(FIELDS);
  // Keys may begin with a space, or be empty: what was written is taken as it is.
  const exact = (field: string, optional = false): string => {
    const value = r.value(field);
    if (typeof value === 'string') return value;
    if (value !== undefined || !optional) r.report(field, value === undefined ? 'missing' : 'wrong type', 'text');
    return '';
  };
  const place = {
    detector: exact('detector'),
    service: exact('service'),
    location: r.oneOf('location', LOCATIONS, 'span'),
    key: exact('key'),
    component: exact('component'),
  };
  const entry = { id: exact('id'), ...place, reason: exact('reason', true), expires: exact('expires', true) };
  if (PLACE.every((field) => r.has(field)) && entry.id !== findingId(place)) {
    r.report('id', 'not the id of this place', 'what --write-baseline writes; a place that is changed is another one');
  }
  if (entry.expires !== '' && !isDay(entry.expires)) r.report('expires', 'not a day', 'YYYY-MM-DD');
  return entry;
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * The text of a baseline: each place once, in an order that does not depend on the run, and a field a line, so that git
 * merges two of them.
 */
export function formatBaseline(entries: Iterable<BaselineEntry>): string {
  const byId = new Map([...entries].map((entry) => [entry.id, entry]));
  const sortKey = (entry: BaselineEntry): string => PLACE.map((field) => entry[field]).join('\0');
  const findings = [...byId.values()]
    .map((entry) => ({ entry, by: sortKey(entry) }))
    .sort((a, b) => (a.by < b.by ? -1 : a.by > b.by ? 1 : 0))
    .map(({ entry: { id, detector, service, location, key, component, reason, expires } }) => ({
      ...{ id, detector, service, location, key, component },
      ...(reason !== '' && { reason }),
      ...(expires !== '' && { expires }),
    }));
  return `${JSON.stringify({ version: VERSION, findings }, null, 2)}\n`;
}
