import { addShape, type FindingIdentity, OVERFLOW, RollupBuilder } from '../engine/aggregate/rollup-builder.js';
import type { KeyedHash } from '../engine/cardinality/keyed-hash.js';
import { samplingWeight } from '../engine/cost/tracestate.js';
import { WIRE_FORMATS, type WireFormatName } from '../engine/decode/formats.js';
import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { type Exclusion, exclusionTest, type IsExcluded } from '../engine/detect/exclusions.js';
import type { Match, Scanner } from '../engine/detect/scanner.js';
import type { SensitiveKeys } from '../engine/detect/sensitive-keys.js';
import { ValueScanner } from '../engine/detect/value-scanner.js';
import { hex } from '../engine/encoding.js';
import {
  type CanarySighting,
  type Evidence,
  NO_EVIDENCE,
  PLAIN_SOURCE,
  type Source,
} from '../engine/model/evidence.js';
import type { Finding } from '../engine/model/finding.js';
import { FIELD_SPAN_NAME, LOCATIONS, type Location, OUTSIDE_ENUM, SPAN_NAME } from '../engine/model/location.js';
import type { Rollup, ServiceRow, SpanNameRow } from '../engine/model/rollup.js';
import type { SpanFacts } from '../engine/model/span-facts.js';
import type { RecordTable, SpanHandler, SpanView } from '../engine/model/span-view.js';
import { traceHash, weigh } from '../engine/model/trace-sums.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { type Problem, problem } from '../engine/problem.js';
import type { SensitiveKeyClass } from '../engine/rules/sensitive-key-document.js';
import type { CanaryWatch } from './canary-watch.js';
import { codePlaceOfSpan } from './code-places.js';
import { EnumCheck } from './enum-check.js';
import { BoundedNames, rollupFrom } from './evidence.js';
import { Judge } from './judge.js';
import { KeyBook, type KeyInfo, type NameInfo } from './key-book.js';
import { findingIn, type RowCounter, RowCounters } from './row-counters.js';
import { libraryOf, policyRevision, serviceHash, serviceIdentity } from './service-identity.js';
import { ShapeBook } from './shape-book.js';
import { type LearntResource, SpanFactsRecorder } from './span-facts.js';

/** One match in one span, for those who look at single spans: never the value. */
export interface Occurrence {
  readonly match: Match;
  readonly traceId: string;
  readonly spanId: string;
  readonly service: string;
  readonly location: Location;
  readonly key: string;
  readonly component: string;
}

/** What came of one request. */
export interface Analysis {
  readonly accepted: number;
  readonly rejected: number;
  readonly problems: readonly Problem[];
  /** Not null when the whole request is refused; then nothing of it is in the rollup. */
  readonly refused: Problem | null;
  /** The spans were taken, but something in them was put right. */
  readonly warnings: readonly Problem[];
  /** UTC day of the earliest span end, YYYY-MM-DD: follows from the request alone, whenever it is received. */
  readonly day: string;
  readonly rollup: Rollup;
  /** What the audit of whole traces needs of the spans. */
  readonly facts: SpanFacts;
  readonly evidence: Evidence;
  /** Who sent it, under a name that may be stored. */
  readonly source: Source;
}

export interface AnalyserOptions {
  readonly scanner: Scanner;
  readonly conventions: ConventionRegistry;
  readonly sensitiveKeys: SensitiveKeys;
  /** The tenant's hash for sketches. */
  readonly hash: KeyedHash;
  /** A secret of the process, 32 bits, that makes collisions in its tables unpredictable. */
  readonly seed: number;
  /** Slots of the value memo, a power of two; it takes 32 bytes a slot. */
  readonly memoSlots?: number;
  /** What is no finding although it matches. */
  readonly exclusions?: readonly Exclusion[];
  /** Knows canaries; without it there are none. */
  readonly canaries?: CanaryWatch;
  /** Resource keys that name a team, the first that is set counts; by default `OWNER_KEYS`. */
  readonly ownerKeys?: readonly string[];
  readonly onOccurrence?: (occurrence: Occurrence) => void;
}

/** What is wrong with a key holds for all that a row counts, so it is counted when the row is complete. */
interface Violation {
  readonly cell: number;
  readonly identity: FindingIdentity;
  readonly time: number;
  readonly ids: Ids;
  /** Place in code; '' where none is known. */
  readonly code: string;
}

interface Ids {
  readonly traceId: string;
  readonly spanId: string;
}

/** What a resource says. */
interface KnownResource {
  readonly identity: ServiceRow;
  /** Of the policies that its spans passed. */
  readonly revision: string;
  readonly facts: LearntResource;
}

/** Resources that are remembered, with a few hundred bytes each. */
const MAX_RESOURCES = 8_192;
const NO_IDS: Ids = { traceId: '', spanId: '' };
/** A service whose keys are without end. */
const KEY_SPACE: Omit<FindingIdentity, 'location'> = {
  kind: 'cardinality',
  detector: 'key_space',
  family: 'cardinality',
  severity: 'high',
  confidence: 'high',
  key: OVERFLOW,
  component: '',
  mask: '',
};
const NO_SERVICE: ServiceRow = {
  ...{ service: '', environment: '', namespace: '', teamHint: '', teamLabel: '', kubernetesNamespace: '' },
};
const EMPTY_ROLLUP: Rollup = { usage: [], attributes: [], spanNames: [], services: [], findings: [] };
/** Forms are taken of one value in eight, and of the first in each row. */
const SHAPE_SAMPLE = 7;
/** Findings of a key in a cell that are found without looking up their names. */
const FINDINGS_AT_HAND = 8;
const HOUR = 3_600_000;
const OLDEST = 31 * 24 * HOUR;
const NEWEST = HOUR;

/**
 * The order of the analysis: decode; for each value detect and count, for each key and span name the naming rules, for
 * each span usage; all of it into one rollup. Synchronous; one analyser serves one tenant on one thread.
 */
export class Analyser implements SpanHandler {
  private readonly book: KeyBook;
  private readonly judge: Judge;
  private readonly shapes: ShapeBook;
  private readonly builder = new RollupBuilder();
  private readonly enums = new EnumCheck();
  private readonly facts: SpanFactsRecorder;
  private readonly counters = new RowCounters();
  /** By the hash of a resource's attributes. */
  private readonly resources = new Map<number, KnownResource>();
  private readonly badKeys: (Violation & { readonly row: number })[] = [];
  /** By row: how many values under a sensitive key were empty or redacted. */
  private readonly harmless = new Map<number, number>();
  private readonly badNames = new Map<SpanNameRow, Map<string, Violation & { count: number }>>();

  private readonly collectors = new BoundedNames();
  private readonly revisions = new BoundedNames();
  private sightings: CanarySighting[] = [];

  private isExcluded: IsExcluded;
  private receivedAt = 0;
  private identity: ServiceRow = NO_SERVICE;
  private revision = '';
  private hour = -1;
  private cell = 0;
  private time = 0;
  /** The name of the span that is counted. */
  private name: NameInfo | null = null;
  /** Whether what is counted is the span's own, and not its resource's or scope's. */
  private countsSpan = false;
  private resourcePending = false;
  private scopePending = false;
  private earliest = 0;
  private badTimes = 0;
  private badUtf8 = 0;

  constructor(private readonly options: AnalyserOptions) {
    const { scanner, conventions, sensitiveKeys, hash, seed, memoSlots = 1 << 18, exclusions = [] } = options;
    const values = new ValueScanner(scanner);
    this.book = new KeyBook(values, conventions, sensitiveKeys, seed, options.ownerKeys);
    this.judge = new Judge(scanner, values, this.book, hash, seed, memoSlots);
    this.shapes = new ShapeBook(seed ^ 0x27d4eb2f);
    this.facts = new SpanFactsRecorder(this.book, hash);
    this.isExcluded = exclusionTest(exclusions);
  }

  /** Puts other exclusions in the place of those there are; they hold from the next request on. */
  exclude(exclusions: readonly Exclusion[]): void {
    this.isExcluded = exclusionTest(exclusions);
  }

  /** @param receivedAt milliseconds since the epoch; stands in for a span's own time where that cannot be true */
  analyse(bytes: Uint8Array, format: WireFormatName, receivedAt: number, source: Source = PLAIN_SOURCE): Analysis {
    if (this.judge.makeRoom()) this.resources.clear();
    this.book.begin();
    this.receivedAt = receivedAt;
    this.earliest = Number.POSITIVE_INFINITY;
    this.badTimes = 0;
    this.badUtf8 = 0;
    this.facts.begin();
    this.sightings = [];
    const decoded = WIRE_FORMATS[format].decode(bytes, DEFAULT_DECODE_LIMITS, this);
    this.countViolations();
    const evidence = { ...this.builder.evidence(), canaries: this.sightings };
    const rollup = rollupFrom(source, this.builder.finish());
    this.counters.clear();
    const refused = decoded.refused !== null;
    const warnings = refused ? [] : this.warnings();
    return {
      ...decoded,
      warnings,
      day: dayOf(this.earliest),
      rollup: refused ? EMPTY_ROLLUP : rollup,
      facts: this.facts.finish(refused || !source.isCounted),
      evidence: refused ? NO_EVIDENCE : evidence,
      source: { ...source, collector: this.storableCollector(source) },
    };
  }

  resource(view: SpanView): Problem | null {
    const { bytes, resource } = view;
    this.book.enter(serviceHash(bytes, resource, this.options.seed));
    const refused = this.judge.resolve(bytes, resource);
    if (refused !== null) return refused;
    const { identity, revision, facts } = this.knownResource(view);
    this.identity = identity;
    this.revision = this.revisions.keep(revision, this.receivedAt);
    this.facts.resource(facts, bytes);
    this.hour = -1;
    this.resourcePending = true;
    return null;
  }

  /** What the resource says that was judged last: many requests, and many resources of a request, say the same. */
  private knownResource(view: SpanView): KnownResource {
    const { judge, resources } = this;
    const hash = judge.tableHash(view.resource.size, view.resourceDropped);
    const known = resources.get(hash);
    if (known !== undefined) return known;
    const identity = serviceIdentity(view.bytes, view.resource, judge.judgements, this.book);
    const revision = policyRevision(view.bytes, view.resource, judge.judgements, this.book);
    const made = { identity, revision, facts: this.facts.learnResource(view, judge.judgements, identity) };
    if (resources.size >= MAX_RESOURCES) resources.clear();
    resources.set(hash, made);
    return made;
  }

  scope({ bytes, scope }: SpanView): Problem | null {
    this.scopePending = true;
    const refused = this.judge.resolve(bytes, scope);
    if (refused === null) this.facts.scope(...libraryOf(bytes, scope, this.book));
    return refused;
  }

  span(view: SpanView): Problem | null {
    const refused = this.judge.resolve(view.bytes, view.attributes);
    if (refused !== null) return refused;
    if (this.judge.canary >= 0 && this.isCanary(view)) return null;
    this.time = this.timeOf(view);
    const hour = Math.floor(this.time / HOUR);
    if (hour !== this.hour) {
      this.hour = hour;
      const { service, environment } = this.identity;
      this.cell = this.builder.cell(service, environment, hour, this.revision);
    }
    const usage = this.builder.usageOf(this.cell);
    usage.spans++;
    usage.spanBytes += view.wireBytes;
    if (view.statusCode === 2) usage.errorSpans++;
    this.facts.beginSpan();
    this.name = null;
    this.countRecords(view, view.attributes);
    this.facts.endSpan(view, this.name);
    // Encoders leave an empty name out.
    if (this.name === null) this.countSpanName(view, this.book.name(view.bytes, 0, 0), -1);
    let shared = 0;
    if (this.resourcePending) {
      this.builder.service(this.identity);
      shared += view.resourceWireBytes + this.countShared(view, view.resource);
    }
    if (this.scopePending) shared += view.scopeWireBytes + this.countShared(view, view.scope);
    this.resourcePending = this.scopePending = false;
    usage.sharedBytes += shared;
    const weight = samplingWeight(view.bytes, view.traceStateStart, view.traceStateEnd, view.traceId);
    weigh(usage, weight, view.wireBytes + shared, traceHash(view.bytes, view.traceId));
    return null;
  }

  /** Notes a canary, which counts as nothing else: it carries the name of a service that did not send it. */
  private isCanary(view: SpanView): boolean {
    const judged = this.options.canaries?.judge(view, this.judge.canary, this.receivedAt) ?? null;
    if (judged === null) return false;
    const { token, isLeaking } = judged;
    const { service } = this.identity;
    this.sightings.push({ run: token.run, item: token.item, service, isLeaking, revision: this.revision });
    return true;
  }

  private storableCollector({ collector }: Source): string {
    if (collector === '') return '';
    const bytes = new TextEncoder().encode(collector);
    return this.collectors.keep(this.book.name(bytes, 0, bytes.length).name, this.receivedAt);
  }

  /** Counts what a resource or scope says, with the first of its spans. */
  private countShared(view: SpanView, table: RecordTable): 0 {
    this.judge.resolve(view.bytes, table);
    this.countRecords(view, table);
    return 0;
  }

  private countRecords(view: SpanView, table: RecordTable): void {
    this.countsSpan = table === view.attributes;
    const { counters, cell } = this;
    const { judgements } = this.judge;
    for (let i = 0; i < table.size; i++) {
      const location = table.location[i]!;
      const key = location === SPAN_NAME ? FIELD_SPAN_NAME : judgements.key(i);
      const counter = counters.find(cell, key, location) ?? this.counterFor(view, key, location);
      const { attribute } = counter;
      attribute.observations++;
      attribute.bytes += table.wireBytes[i]!;
      attribute.types |= 1 << judgements.type(i);
      const isNew = judgements.isNewIn(i, counter.shortRow);
      if (isNew) this.countValue(view, table, i, counter);
      if (counter.role !== 0) this.facts.note(counter.role, view.bytes, table, i, judgements);
      if (location === SPAN_NAME) {
        this.countSpanName(view, this.book.nameInfo(judgements.key(i)), isNew ? judgements.hash(i) : -1);
      }
      if (judgements.hasVerdict(i)) this.report(view, i, location, counter);
    }
  }

  /** Counts the value of record i, which the row may not have counted yet. */
  private countValue(view: SpanView, table: RecordTable, i: number, counter: RowCounter): void {
    const { judgements } = this.judge;
    const { attribute, info } = counter;
    const hash = judgements.hash(i);
    attribute.values.add(hash);
    if (info.enumValues !== null && (attribute.types & OUTSIDE_ENUM) === 0) {
      const isOutside = this.enums.isOutside(view.bytes, table.start[i]!, table.end[i]!, info.enumValues);
      if (isOutside) attribute.types |= OUTSIDE_ENUM;
    }
    const isOfSample = (hash & SHAPE_SAMPLE) === 0 || attribute.observations === 1;
    if (isOfSample && table.field[i]! < 0) this.noteShape(view, table, i, hash, counter);
  }

  /** Notes the form of record i's value, but where that could help to guess it. */
  private noteShape(view: SpanView, table: RecordTable, i: number, hash: number, counter: RowCounter): void {
    const { judgements } = this.judge;
    if (judgements.hasVerdict(i) || counter.info.sensitive !== null) return;
    const shape = this.shapes.shape(view.bytes, table.start[i]!, table.end[i]!, judgements.type(i), hash);
    if (shape === '' || shape === counter.shape) return;
    counter.shape = shape;
    addShape(counter.attribute.shapes, shape);
  }

  /** Counts what was found in record i. */
  private report(view: SpanView, i: number, at: number, counter: RowCounter): void {
    const { judgements } = this.judge;
    const { found, badUtf8, harmless } = this.judge.verdict(judgements.verdict(i));
    if (badUtf8) this.badUtf8++;
    if (harmless) this.harmless.set(counter.row, (this.harmless.get(counter.row) ?? 0) + 1);
    if (found.length === 0) return;
    const key = at === SPAN_NAME ? this.book.nameInfo(judgements.key(i)).template : counter.info.name;
    const { time } = this;
    const { service } = this.identity;
    const { onOccurrence } = this.options;
    const code = this.codeOf(view);
    for (const { match, component } of found) {
      const { fingerprint, mask, confidence } = match;
      if (this.isExcluded({ detector: match.detector.id, fingerprint }, service, key, this.receivedAt)) continue;
      const finding = this.findingOf(match, at, key, component, counter);
      const ids = time >= finding.lastSeen || onOccurrence !== undefined ? idsOf(view) : NO_IDS;
      this.builder.count(finding, this.cell, { time, count: 1, confidence, mask, fingerprint, code, ...ids });
      onOccurrence?.({ match, service, location: LOCATIONS[at]!, key, component, ...ids });
    }
  }

  private findingOf(match: Match, at: number, key: string, component: string, counter: RowCounter): Finding {
    const { detector, confidence, mask } = match;
    // Names of spans are keys of their own.
    const known = at === SPAN_NAME ? null : findingIn(counter.findings, detector, component);
    if (known !== null) return known;
    const { id, kind, family, severity } = detector;
    const place = { location: LOCATIONS[at]!, key, component };
    const finding = this.builder.findingOf(this.cell, {
      ...{ kind, detector: id, family, severity, confidence },
      ...place,
      mask,
    });
    if (counter.findings.length < FINDINGS_AT_HAND) counter.findings.push({ detector, component, finding });
    return finding;
  }

  private countSpanName(view: SpanView, info: NameInfo, hash: number): void {
    this.name = info;
    if (info.row === null || info.rowCell !== this.cell || info.row.spanKind !== view.kind) {
      info.row = this.builder.spanName(this.cell, info.template, view.kind);
      info.rowCell = this.cell;
      for (const shape of info.shapes) addShape(info.row.shapes, shape);
      // A name that was counted as a value of this hour before, in spans of another kind.
      if (hash < 0 && info.hash >= 0) info.row.names.add(info.hash);
    }
    const { row } = info;
    row.spans++;
    row.bytes += view.wireBytes;
    if (view.statusCode === 2) row.errorSpans++;
    if (hash >= 0) {
      info.hash = hash;
      row.names.add(hash);
    }
    for (const id of info.violations) this.countBadName(view, row, id);
  }

  private countBadName(view: SpanView, row: SpanNameRow, id: string): void {
    let known = this.badNames.get(row);
    if (known === undefined) {
      known = new Map();
      this.badNames.set(row, known);
    }
    const violation = known.get(id);
    if (violation !== undefined) violation.count++;
    else if (!this.isNoFinding(id, row.template)) {
      const identity = namingIdentity(id, 'medium', 'span_name', row.template);
      known.set(id, {
        cell: this.cell,
        identity,
        time: this.time,
        ids: idsOf(view),
        code: this.codeOf(view),
        count: 1,
      });
    }
  }

  private counterFor(view: SpanView, key: number, location: number): RowCounter {
    const { builder, cell, book } = this;
    const info = book.info(key);
    const row = builder.row(cell, location, info.name);
    const attribute = builder.attributeOf(row);
    const role = book.roles[key]!;
    if (attribute.observations === 0) this.noteBadKey(view, info, row, location);
    return this.counters.put(key, location, {
      cell,
      row,
      shortRow: row | 0,
      attribute,
      info,
      role,
      shape: '',
      findings: [],
      next: null,
    });
  }

  /** Notes what is wrong with a key, whatever its values. */
  private noteBadKey(view: SpanView, info: KeyInfo, row: number, location: number): void {
    if (this.builder.attributeOf(row).key === OVERFLOW && !this.isNoFinding(KEY_SPACE.detector, OVERFLOW)) {
      const identity = { ...KEY_SPACE, location: LOCATIONS[location]! };
      this.badKeys.push({ cell: this.cell, row, identity, time: this.time, ids: idsOf(view), code: this.codeOf(view) });
    }
    for (const { id } of info.violations) {
      if (this.isNoFinding(id, info.name)) continue;
      const identity = namingIdentity(id, 'low', LOCATIONS[location]!, info.name);
      this.badKeys.push({ cell: this.cell, row, identity, time: this.time, ids: idsOf(view), code: this.codeOf(view) });
    }
    if (info.sensitive !== null && !this.isNoFinding(info.sensitive.id, info.name)) {
      const identity = sensitiveIdentity(info.sensitive, LOCATIONS[location]!, info.name);
      this.badKeys.push({ cell: this.cell, row, identity, time: this.time, ids: idsOf(view), code: this.codeOf(view) });
    }
  }

  /** Where in code the span was made that is counted; its attributes are judged by then. */
  private codeOf({ bytes, attributes }: SpanView): string {
    if (!this.countsSpan) return '';
    return codePlaceOfSpan(bytes, attributes, this.judge.judgements, this.book);
  }

  /** Whether what is wrong with a key or name, whatever its values, is excluded. */
  private isNoFinding(detector: string, key: string): boolean {
    return this.isExcluded({ detector, fingerprint: '' }, this.identity.service, key, this.receivedAt);
  }

  private countViolations(): void {
    for (const { cell, row, identity, time, ids, code } of this.badKeys) {
      const harmless = identity.kind === 'sensitive-key' ? (this.harmless.get(row) ?? 0) : 0;
      const count = this.builder.attributeOf(row).observations - harmless;
      if (count > 0) this.countViolation(cell, identity, time, count, ids, code);
    }
    for (const violations of this.badNames.values()) {
      for (const { cell, identity, time, ids, count, code } of violations.values()) {
        this.countViolation(cell, identity, time, count, ids, code);
      }
    }
    this.badKeys.length = 0;
    this.badNames.clear();
    this.harmless.clear();
  }

  private countViolation(
    cell: number,
    identity: FindingIdentity,
    time: number,
    count: number,
    ids: Ids,
    code: string,
  ): void {
    const { confidence, mask } = identity;
    const finding = this.builder.findingOf(cell, identity);
    this.builder.count(finding, cell, { time, count, confidence, mask, fingerprint: '', code, ...ids });
  }

  private timeOf(view: SpanView): number {
    const time = Math.floor(view.endTime / 1e6);
    if (time < this.earliest) this.earliest = time;
    if (time >= this.receivedAt - OLDEST && time <= this.receivedAt + NEWEST) return time;
    this.badTimes++;
    return this.receivedAt;
  }

  private warnings(): Problem[] {
    const found: Problem[] = [];
    if (this.badTimes > 0) {
      const what = `${this.badTimes} with a time that cannot be true, counted at the time of receipt`;
      found.push(problem('bad-time', 'spans', what, 'an end time of the last 31 days'));
    }
    if (this.badUtf8 > 0) found.push(problem('bad-utf8', 'attributes', `${this.badUtf8} not in UTF-8`, 'UTF-8 text'));
    return found;
  }
}

/** Times beyond the year 2100 count as the first day of the epoch, so that a day is always one the store can hold. */
function dayOf(time: number): string {
  return new Date(time < 4_102_444_800_000 ? time : 0).toISOString().slice(0, 10);
}

function idsOf(view: SpanView): Ids {
  return {
    traceId: view.traceId < 0 ? '' : hex(view.bytes, view.traceId, 16),
    spanId: view.spanId < 0 ? '' : hex(view.bytes, view.spanId, 8),
  };
}

function namingIdentity(id: string, severity: 'low' | 'medium', location: Location, key: string): FindingIdentity {
  return {
    ...{ kind: 'naming', detector: id, family: 'naming', severity, confidence: 'high' },
    ...{ location, key, component: '', mask: '' },
  };
}

function sensitiveIdentity({ id, severity }: SensitiveKeyClass, location: Location, key: string): FindingIdentity {
  return {
    ...{ kind: 'sensitive-key', detector: id, family: 'sensitive-key', severity, confidence: 'high' },
    ...{ location, key, component: '', mask: '' },
  };
}
