import { MAX_CODE_PLACES } from '../model/code-place.js';
import type { Evidence, MatchCount, SpanCount } from '../model/evidence.js';
import { type Confidence, type Finding, type HourCount, isBetterExample, MAX_FINGERPRINTS } from '../model/finding.js';
import { LOCATIONS } from '../model/location.js';
import {
  type AttributeRow,
  type Hour,
  MAX_SHAPES,
  type Rollup,
  type ServiceRow,
  type SpanNameRow,
  type UsageRow,
} from '../model/rollup.js';
import { Sketch } from '../model/sketch.js';
import { TRACE_SUMS } from '../model/trace-sums.js';

/** Bounds of what one request can make: beyond them rows are counted together under `OVERFLOW`. */
const MAX_CELLS = 2_000;
const MAX_ROWS = 50_000;
const MAX_ROWS_OF_CELL = 8_192;
const MAX_FINDINGS = 20_000;
export const OVERFLOW = '{overflow}';

/** What a finding is found by; the rest of `Finding` is counted. */
export type FindingIdentity = Pick<
  Finding,
  'kind' | 'detector' | 'family' | 'severity' | 'confidence' | 'location' | 'key' | 'component' | 'mask'
>;

export interface Sighting {
  readonly time: number;
  readonly count: number;
  readonly confidence: Confidence;
  readonly mask: string;
  readonly fingerprint: string;
  /** Nobody asks for the ids where the finding was seen later already. */
  readonly traceId: string;
  readonly spanId: string;
  /** Place in code as `codePlaceText` has it; '' where none is known. */
  readonly code: string;
}

/**
 * Collects the rollup of one request. A cell is a service in an environment in an hour, with the revision of the policies
 * that its spans passed; rows belong to a cell. Numbers of cells and rows are never used twice in a process, so callers may
 * cache by them across requests.
 */
export class RollupBuilder {
  private readonly usage: UsageRow[] = [];
  private readonly cells = new Map<string, number>();
  private firstCell = 1;
  /** Of each cell. */
  private readonly revisions: string[] = [];
  private attributes: AttributeRow[] = [];
  private readonly rows = new Map<string, number>();
  /** Attribute rows of each cell. */
  private readonly rowsOfCell: number[] = [];
  private firstRow = 1;
  private readonly names = new Map<string, SpanNameRow>();
  private readonly services = new Map<string, ServiceRow>();
  private readonly findings = new Map<string, Finding>();
  /** By finding and revision, from when on there are cells of several revisions. */
  private matches: Map<Finding, MatchCount[]> | null = null;

  /** The cell's number; `usageOf` it counts the spans. */
  cell(service: string, environment: string, hour: Hour, revision = ''): number {
    const name = `${service}\0${environment}\0${hour}\0${revision}`;
    const known = this.cells.get(name);
    if (known !== undefined) return known;
    if (this.usage.length >= MAX_CELLS && service !== OVERFLOW) return this.cell(OVERFLOW, '', hour);
    const cell = this.firstCell + this.usage.length;
    this.cells.set(name, cell);
    if (this.usage.length > 0 && revision !== this.revisions[0]) this.matches ??= this.matchesSoFar();
    this.rowsOfCell.push(0);
    this.revisions.push(revision);
    const counts = { spans: 0, errorSpans: 0, spanBytes: 0, sharedBytes: 0 };
    const weighed = { weighedSpans: 0, weighedBytes: 0, estimatedSpans: 0, estimatedBytes: 0 };
    const traceSums = new Float64Array(TRACE_SUMS);
    this.usage.push({ service, environment, hour, ...counts, ...weighed, traceSums });
    return cell;
  }

  usageOf(cell: number): UsageRow {
    return this.usage[cell - this.firstCell]!;
  }

  /** The number of an attribute's row in a cell. */
  row(cell: number, location: number, key: string): number {
    const name = `${cell} ${location} ${key}`;
    const known = this.rows.get(name);
    if (known !== undefined) return known;
    const rowsOfCell = this.rowsOfCell[cell - this.firstCell]!++;
    const isFull = this.attributes.length >= MAX_ROWS || rowsOfCell >= MAX_ROWS_OF_CELL;
    if (isFull && key !== OVERFLOW) return this.row(cell, location, OVERFLOW);
    const { service, environment, hour } = this.usageOf(cell);
    const row = this.firstRow + this.attributes.length;
    this.rows.set(name, row);
    this.attributes.push({
      service,
      environment,
      location: LOCATIONS[location]!,
      key,
      hour,
      observations: 0,
      bytes: 0,
      types: 0,
      shapes: [],
      values: new Sketch(),
    });
    return row;
  }

  attributeOf(row: number): AttributeRow {
    return this.attributes[row - this.firstRow]!;
  }

  spanName(cell: number, template: string, spanKind: number): SpanNameRow {
    const name = `${cell} ${spanKind} ${template}`;
    const known = this.names.get(name);
    if (known !== undefined) return known;
    if (this.names.size >= MAX_ROWS && template !== OVERFLOW) return this.spanName(cell, OVERFLOW, spanKind);
    const { service, environment, hour } = this.usageOf(cell);
    const counts = { spans: 0, errorSpans: 0, bytes: 0, names: new Sketch(), shapes: [] };
    const row = { service, environment, template, spanKind, hour, ...counts };
    this.names.set(name, row);
    return row;
  }

  service(row: ServiceRow): void {
    if (this.services.size < MAX_CELLS) this.services.set(`${row.service}\0${row.environment}`, row);
  }

  /** The finding of an identity, which `count` counts. */
  findingOf(cell: number, identity: FindingIdentity): Finding {
    const { service, environment } = this.usageOf(cell);
    const { kind, detector, location, key, component } = identity;
    const name = [service, environment, kind, detector, location, key, component].join('\0');
    const known = this.findings.get(name);
    if (known !== undefined) return known;
    if (this.findings.size >= MAX_FINDINGS && key !== OVERFLOW) {
      return this.findingOf(cell, { ...identity, key: OVERFLOW, component: '' });
    }
    const seen = { occurrences: 0, hours: [], firstSeen: Number.POSITIVE_INFINITY, lastSeen: Number.NEGATIVE_INFINITY };
    const finding = { ...identity, service, environment, ...seen, fingerprints: [], traceId: '', spanId: '', code: [] };
    this.findings.set(name, finding);
    return finding;
  }

  /** Counts what was seen in the hour of a cell. */
  count(finding: Finding, cell: number, sighting: Sighting): void {
    if (this.matches !== null) {
      this.countMatches(this.matches, finding, this.revisions[cell - this.firstCell]!, sighting.count);
    }
    finding.occurrences += sighting.count;
    addHour(finding.hours, this.usageOf(cell).hour, sighting.count);
    if (sighting.confidence === 'high') finding.confidence = 'high';
    if (sighting.mask < finding.mask) finding.mask = sighting.mask;
    if (sighting.time < finding.firstSeen) finding.firstSeen = sighting.time;
    if (isBetterExample(sighting.time, sighting, finding)) {
      finding.lastSeen = sighting.time;
      finding.traceId = sighting.traceId;
      finding.spanId = sighting.spanId;
    }
    if (sighting.fingerprint !== '') addSmallest(finding.fingerprints, sighting.fingerprint);
    if (sighting.code !== '') addSmallest(finding.code, sighting.code, MAX_CODE_PLACES);
  }

  /** What the rollup so far says of policies: its spans and findings by the revision that they passed. */
  evidence(): Pick<Evidence, 'spans' | 'matches'> {
    const spans = new Map<string, SpanCount>();
    for (const [i, { service, spans: count }] of this.usage.entries()) {
      const revision = this.revisions[i]!;
      const known = spans.get(`${service}\0${revision}`);
      if (known === undefined) spans.set(`${service}\0${revision}`, { service, revision, spans: count });
      else known.spans += count;
    }
    return { spans: [...spans.values()], matches: [...(this.matches ?? this.matchesSoFar()).values()].flat() };
  }

  /** While all cells are of one revision, the occurrences are its matches. */
  private matchesSoFar(): Map<Finding, MatchCount[]> {
    const revision = this.revisions[0] ?? '';
    const findings = [...this.findings.values()];
    return new Map(findings.map((place) => [place, [{ place, revision, matches: place.occurrences }]]));
  }

  private countMatches(matches: Map<Finding, MatchCount[]>, place: Finding, revision: string, count: number): void {
    const known = matches.get(place) ?? [];
    const match = known.find((other) => other.revision === revision);
    if (match !== undefined) match.matches += count;
    else matches.set(place, [...known, { place, revision, matches: count }]);
  }

  /** All attribute rows so far, with the row's number: for what is known of a key only in the end. */
  *attributeRows(): Iterable<readonly [number, AttributeRow]> {
    for (const [i, row] of this.attributes.entries()) yield [this.firstRow + i, row];
  }

  finish(): Rollup {
    const rollup: Rollup = {
      usage: [...this.usage],
      attributes: this.attributes,
      spanNames: [...this.names.values()],
      services: [...this.services.values()],
      findings: [...this.findings.values()],
    };
    this.firstCell += this.usage.length;
    this.firstRow += this.attributes.length;
    this.usage.length = 0;
    this.revisions.length = 0;
    this.matches = null;
    this.rowsOfCell.length = 0;
    this.attributes = [];
    for (const map of [this.cells, this.rows, this.names, this.services, this.findings]) map.clear();
    return rollup;
  }
}

/** Adds a form to those of an attribute's values or a span name's template. */
export function addShape(list: string[], shape: string): void {
  if (!list.includes(shape)) addSmallest(list, shape, MAX_SHAPES);
}

/** Keeps a sorted list of the smallest texts, each once. */
export function addSmallest(list: string[], text: string, max = MAX_FINGERPRINTS): void {
  let at = list.length;
  while (at > 0 && list[at - 1]! > text) at--;
  if (list[at - 1] === text || at >= max) return;
  list.splice(at, 0, text);
  if (list.length > max) list.pop();
}

/** Adds to the count of an hour in a list that is sorted by hours, where the latest hour is the usual one. */
export function addHour(list: HourCount[], hour: Hour, occurrences: number): void {
  let at = list.length;
  while (at > 0 && list[at - 1]!.hour > hour) at--;
  if (list[at - 1]?.hour === hour) list[at - 1]!.occurrences += occurrences;
  else list.splice(at, 0, { hour, occurrences });
}
