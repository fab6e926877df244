import type { Budget } from '../engine/cardinality/budget.js';
import type { Assignment } from '../engine/cost/ownership.js';
import type { WireFormatName } from '../engine/decode/formats.js';
import type { Evidence, Source } from '../engine/model/evidence.js';
import type { FindingKind, Severity } from '../engine/model/finding.js';
import type { GrowthClass } from '../engine/model/growth.js';
import type { Location } from '../engine/model/location.js';
import type { Policy, PolicyState, PolicyVersion } from '../engine/model/policy.js';
import type { Report } from '../engine/model/report.js';
import type { Hour, Rollup, ServiceRow, SpanNameRow } from '../engine/model/rollup.js';
import type { Simulation } from '../engine/model/simulation.js';
import type { Sketch } from '../engine/model/sketch.js';
import type { SpanFacts } from '../engine/model/span-facts.js';
import type { NamingDecisions } from '../engine/naming/levels.js';
import type { NamingRow } from '../engine/naming/row-rules.js';
import type { StoredFinding } from '../engine/policy/suggest.js';
import type { Problem } from '../engine/problem.js';
import type { EvidenceTransaction, ReceivedEvidence } from './evidence-ports.js';

export type ContentEncoding = 'identity' | 'gzip';

/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly tenant: string;
  readonly body: Uint8Array;
  readonly encoding: ContentEncoding;
  readonly format: WireFormatName;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Who sent it; a plain one where nothing says so. */
  readonly source?: Source;
}

/** Why a request is refused as a whole, in the terms of every transport. */
export type Refusal = 'malformed' | 'too-large';

export type AnalysisResult =
  | { readonly refused: Refusal; readonly problem: Problem }
  | {
      readonly refused: null;
      readonly batchId: string;
      readonly day: string;
      readonly accepted: number;
      readonly rejected: number;
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
      /** Size of the request after decompression. */
      readonly bytes: number;
      readonly rollup: Rollup;
      readonly facts: SpanFacts;
      readonly evidence: Evidence;
      /** As it was given, under a name that may be stored. */
      readonly source: Source;
    };

/** Analyses requests, on other threads. The body must not be used afterwards. */
export interface RequestAnalyser {
  analyse(request: ReceivedRequest): Promise<AnalysisResult>;
}

/** A request that was analysed: what is left of it, and what it is known by. */
export interface AnalysedBatch {
  readonly tenant: string;
  /** SHA-256 of tenant, decompressed body and whether it is counted, in hex: the same request has the same id always. */
  readonly id: string;
  /** UTC day of the earliest span end, YYYY-MM-DD; follows from the body alone. */
  readonly day: string;
  readonly rollup: Rollup;
  /** What the audit of whole traces needs of it, and when it was received, in milliseconds since the epoch. */
  readonly audit?: { readonly facts: SpanFacts; readonly receivedAt: number };
  /** What it says of policies; counted once with the rollup. */
  readonly received?: ReceivedEvidence;
}

/** The part of a batch that one service sent: the unit that is counted once. */
export interface BatchPart {
  readonly tenant: string;
  readonly service: string;
  readonly day: string;
  readonly batchId: string;
}

export interface AddedRollup {
  /** Findings that were not in the store before. */
  readonly newFindings: number;
}

/** One database transaction: all of it or nothing. */
export interface RollupTransaction {
  /** Writes parts into the ledger; says of each whether it is there for the first time. */
  claim(parts: readonly BatchPart[]): Promise<readonly boolean[]>;
  /** Adds counts to the totals. */
  add(tenant: string, rollup: Rollup): Promise<AddedRollup>;
  readonly evidence: EvidenceTransaction;
}

export interface RollupStore {
  /** Runs `work` and commits durably; may run it again after a conflict with another process. */
  transaction<T>(work: (transaction: RollupTransaction) => Promise<T>): Promise<T>;
}

/** A span of time, from the first millisecond that belongs to it to the first that does not. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

export interface ServiceUsage {
  readonly service: string;
  readonly environment: string;
  readonly spans: number;
  readonly errorSpans: number;
  /** Bytes of the spans and of the resources and scopes they came under. */
  readonly bytes: number;
}

/** An attribute of a service, and where it stands. */
export interface AttributePlace {
  readonly service: string;
  readonly environment: string;
  readonly location: Location;
  readonly key: string;
}

export interface AttributeCounts {
  readonly observations: number;
  readonly bytes: number;
  /** Bit i is set when VALUE_TYPES[i] was seen. */
  readonly types: number;
  readonly shapes: readonly string[];
  readonly values: Sketch;
}

export interface AttributeUsage extends AttributePlace, AttributeCounts {
  /** As it was judged last. */
  readonly growthClass: GrowthClass;
}

/** What was counted of an attribute in an hour, or in a day whose hours are not kept apart any more. */
export interface AttributeStep extends AttributeCounts {
  readonly start: Date;
}

export interface AttributeSeries extends AttributePlace {
  /** In the order of time. */
  readonly steps: readonly AttributeStep[];
}

export interface AttributeStore {
  /** Services in which attributes were counted in hours from this one on, or in any. */
  servicesSince(tenant: string, since: Date): Promise<string[]>;
  /** Attributes of a service with the same, in a fixed order. */
  placesSince(tenant: string, service: string, since: Date): Promise<AttributePlace[]>;
  /** All places of a key in a service. */
  placesOf(tenant: string, service: string, key: string, window: Window): Promise<AttributePlace[]>;
  series(tenant: string, window: Window, places: readonly AttributePlace[]): Promise<AttributeSeries[]>;
  /** Everybody who has an attribute of the key, and how often; most bytes first. */
  emitters(tenant: string, key: string, window: Window, limit: number): Promise<AttributeEmitter[]>;
  saveGrowth(
    tenant: string,
    rows: readonly (AttributePlace & { readonly class: GrowthClass })[],
    judgedAt: Date,
  ): Promise<void>;
  /** When growth was judged last. */
  lastJudged(tenant: string): Promise<Date | null>;
  budgets(tenant: string): Promise<readonly Budget[]>;
}

export interface AttributeEmitter extends AttributePlace {
  readonly observations: number;
  readonly bytes: number;
}

/** What is known of open and resolved findings of a service, by place: for judging its attributes. */
export interface PlaceFindings {
  /** Personal data, secrets and sensitive keys that are not resolved; as `environment location key`. */
  readonly sensitive: ReadonlySet<string>;
  /** From when on an attribute whose finding on cardinality was resolved counts again; by the same. */
  readonly resolvedUntil: ReadonlyMap<string, Date>;
}

export interface AttributeFilter {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly location?: Location | undefined;
  readonly key?: string | undefined;
  /** Only of one of these services. */
  readonly services?: readonly string[] | undefined;
  readonly growthClass?: GrowthClass | undefined;
}

export interface UsageStore {
  /** All services that were ever seen. */
  services(tenant: string): Promise<ServiceRow[]>;
  /** Owners of services as people state them, all times. */
  assignments(tenant: string): Promise<Assignment[]>;
  usage(tenant: string, window: Window): Promise<ServiceUsage[]>;
  /** Attributes with the most bytes first; at most `limit`, after the first `skip`. */
  attributes(
    tenant: string,
    window: Window,
    filter: AttributeFilter,
    limit: number,
    skip: number,
  ): Promise<AttributeUsage[]>;
  /** Types seen of attributes, as `location key` of a service: bit i for VALUE_TYPES[i]. */
  attributeTypes(tenant: string): Promise<Map<string, number>>;
}

/** Spans of one template, in all hours of a window. */
export interface SpanNameCount {
  readonly service: string;
  readonly environment: string;
  readonly spanKind: number;
  readonly template: string;
  readonly spans: number;
  readonly firstHour: Hour;
  readonly lastHour: Hour;
}

export interface SpanNameFilter {
  readonly services?: readonly string[] | undefined;
  readonly environment?: string | undefined;
}

export interface SpanNameStore {
  /** Templates with the most spans first, at most `limit`. */
  counts(tenant: string, window: Window, filter: SpanNameFilter, limit: number): Promise<SpanNameCount[]>;
  /** All rows of a window in no order, some at a time; a row may come in parts, each with a sketch of its own. */
  hours(tenant: string, window: Window, filter: SpanNameFilter): AsyncIterable<readonly SpanNameRow[]>;
}

/** What naming rules need of what services sent, and what people decided on these rules. */
export interface NamingStore {
  /**
   * Attributes of a window, by service, environment, location, key and ISO week, those with the most bytes first; at most
   * `limit`.
   *
   * @param byWeek false: one row for the whole window, with the week of its first hour
   */
  rows(tenant: string, window: Window, byWeek: boolean, limit: number): Promise<WeekRow[]>;
  /** Names of spans, ids replaced, the longest first; at most `limit`. */
  spanNames(tenant: string, window: Window, limit: number): Promise<{ service: string; template: string }[]>;
  decisions(tenant: string): Promise<NamingDecisions>;
}

/** An attribute as one service sent it in one week. */
export interface WeekRow extends NamingRow {
  /** As `2026-W09`. */
  readonly week: string;
}

export interface FindingStore {
  /** Findings that are not resolved, latest first, at most `limit`. */
  open(tenant: string, limit: number): Promise<StoredFinding[]>;
  /** Those that a policy is to answer: not resolved, or resolved by one, which must go on then. */
  answerable(tenant: string, limit: number): Promise<StoredFinding[]>;
  ofPlaces(tenant: string, service: string): Promise<PlaceFindings>;
}

export interface PolicyStore {
  /**
   * Offers suggestions. One that says something new becomes a suggested version; one that says what is suggested or
   * approved already changes nothing. Gives the number of new or changed suggestions.
   *
   * @param isAll whether there are no others: suggestions that are not among them are then withdrawn
   */
  offer(tenant: string, policies: readonly Policy[], isAll: boolean): Promise<number>;
  /** Approved policies, in the order of their ids. */
  approved(tenant: string, policySet: string): Promise<PolicyVersion[]>;
  counts(tenant: string): Promise<Readonly<Record<PolicyState, number>>>;
}

/** Findings of one service, class and severity, as they stood at the end of a window; see FindingCounts of a report. */
export interface ServiceFindingCounts {
  readonly service: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly open: number;
  readonly fresh: number;
  readonly fixed: number;
  readonly reopened: number;
  /** Seen in the window, or fixed in it. */
  readonly listed: number;
}

/** A finding as it stood at the end of a window. */
export interface FindingInWindow {
  readonly id: string;
  readonly kind: FindingKind;
  readonly detector: string;
  readonly severity: Severity;
  readonly service: string;
  readonly location: Location;
  readonly key: string;
  readonly mask: string;
  /** In the window. */
  readonly occurrences: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  readonly change: 'new' | 'reopened' | 'fixed' | '';
}

/** A suggested policy with the severity and number of what it answers, by service. */
export interface SuggestedPolicy {
  readonly id: string;
  readonly version: number;
  readonly policy: Policy;
  readonly answers: readonly { readonly service: string; readonly severity: Severity; readonly occurrences: number }[];
}

/** An acceptance of findings; null means any. */
export interface EndingWaiver {
  readonly what: string;
  readonly team: string | null;
  readonly service: string | null;
  readonly key: string | null;
  readonly reason: string;
  readonly expires: Date;
}

/** Detectors and other rules of another version than before. */
export interface RuleChanges {
  readonly rules: readonly string[];
  readonly fresh: readonly { readonly service: string; readonly count: number }[];
}

/** Spans and new findings of a service in one part of a window. */
export interface BucketCount {
  readonly bucket: number;
  readonly service: string;
  readonly spans: number;
  readonly bytes: number;
  readonly newFindings: number;
}

/** An attribute of a service, in all environments. */
export interface AttributeOfService {
  readonly service: string;
  readonly location: Location;
  readonly key: string;
}

/** What reports ask the store beyond what others do. */
export interface ReportFactStore {
  /** The first and the last hour with spans. */
  extent(tenant: string): Promise<Window | null>;
  findingCounts(tenant: string, window: Window): Promise<ServiceFindingCounts[]>;
  /** The most urgent findings of each service that were seen or fixed in a window. */
  findings(tenant: string, window: Window): Promise<FindingInWindow[]>;
  /** @param starts of the parts, in order; the last ends with the window */
  buckets(tenant: string, window: Window, starts: readonly Date[]): Promise<BucketCount[]>;
  /** Distinct values of attributes, in their order. */
  distinct(tenant: string, window: Window, places: readonly AttributeOfService[]): Promise<Sketch[]>;
  /** At most `limit`. */
  suggested(tenant: string, limit: number): Promise<SuggestedPolicy[]>;
  /** Rules that came or changed in a window, and the findings of them that are new in it, by service. */
  ruleChanges(tenant: string, window: Window): Promise<RuleChanges>;
  /** Those that end in a window. */
  endingWaivers(tenant: string, window: Window): Promise<EndingWaiver[]>;
}

export interface ReportStore {
  finish(tenant: string, id: string, content: Report, contentHash: string): Promise<void>;
  fail(tenant: string, id: string, error: string): Promise<void>;
}

/** Simulations of policies on live spans. */
export interface Simulations {
  /**
   * The newest simulation of a policy, running or done; null where there is none. Its version may not be the latest.
   *
   * @param version the newest that is done and of this version as it reads now
   */
  newest(tenant: string, policy: string, version?: number): Promise<Simulation | null>;
}
