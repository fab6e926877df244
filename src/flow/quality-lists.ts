import { emptyBody, mergeBody, type QualityBody, type QualitySubject } from '../engine/model/quality.js';
import { SPAN_KINDS, type SpanKind } from '../engine/model/span-kind.js';
import type { PartRow } from '../engine/quality/evidence.js';
import { type Interval, quantileInterval } from '../engine/quality/intervals.js';
import type { Window } from './ports.js';
import type { QualityFilter, QualityStore } from './quality.js';

export interface Quantile extends Interval {
  readonly value: number;
}

/** How long an operation takes, in milliseconds. */
export interface Operation {
  readonly service: string;
  readonly environment: string;
  readonly operation: string;
  readonly kind: SpanKind;
  readonly spans: number;
  readonly errors: number;
  /** How many of them began a trace. */
  readonly roots: number;
  readonly p50: Quantile | null;
  readonly p95: Quantile | null;
  readonly p99: Quantile | null;
}

/** Calls from one service to another, by the library that makes the calling spans. */
export interface CallEdge {
  readonly service: string;
  readonly environment: string;
  readonly peer: string;
  readonly library: string;
  readonly version: string;
  readonly calls: number;
  /** Arrived as a new trace. */
  readonly broken: number;
  /** Left no span at the other side, in traces that came whole; and in traces that did not. */
  readonly unanswered: number;
  readonly unknown: number;
}

/** Clocks of two hosts; hosts are shown by keyed hashes. */
export interface HostPair {
  readonly hosts: readonly [string, string];
  readonly crossings: number;
  readonly skewed: number;
  readonly p95: Quantile | null;
}

/** Operations, those with the most spans first. */
export async function operations(
  tenant: string,
  window: Window,
  filter: QualityFilter,
  store: QualityStore,
): Promise<Operation[]> {
  const sums = added('operation', await store.rows(tenant, 'operation', window, filter));
  const list = sums.map(
    ({ service, environment, names: [operation, kind], body: { counts, histograms } }): Operation => ({
      ...{ service, environment, operation: operation!, kind: SPAN_KINDS[Number(kind)] ?? 'unspecified' },
      ...{ spans: counts.spans, errors: counts.errors, roots: counts.roots },
      ...{ p50: quantile(histograms.duration, 0.5), p95: quantile(histograms.duration, 0.95) },
      p99: quantile(histograms.duration, 0.99),
    }),
  );
  return list.sort((a, b) => b.spans - a.spans || compare(a, b, ['service', 'environment', 'operation', 'kind']));
}

/** Calls between services, those with the most broken ones first. */
export async function callEdges(
  tenant: string,
  window: Window,
  filter: QualityFilter,
  store: QualityStore,
): Promise<CallEdge[]> {
  const sums = added('call', await store.rows(tenant, 'call', window, filter));
  const list = sums.map(
    ({ service, environment, names: [peer, library, version], body: { counts } }): CallEdge => ({
      ...{ service, environment, peer: peer!, library: library!, version: version!, calls: counts.calls },
      ...{ broken: counts.broken, unanswered: counts.unanswered - counts.broken, unknown: counts.unansweredUnknown },
    }),
  );
  const by = ['service', 'environment', 'peer', 'library', 'version'] as const;
  return list.sort(
    (a, b) => b.broken - a.broken || b.unanswered - a.unanswered || b.calls - a.calls || compare(a, b, by),
  );
}

/** Pairs of hosts, those that are the furthest apart first. */
export async function hostPairs(tenant: string, window: Window, store: QualityStore): Promise<HostPair[]> {
  const sums = added('host_pair', await store.rows(tenant, 'host_pair', window, {}));
  const list = sums.map(
    ({ names, body: { counts, histograms } }): HostPair => ({
      ...{ hosts: [names[0]!, names[1] ?? ''], ...counts, p95: quantile(histograms.skew, 0.95) },
    }),
  );
  return list.sort((a, b) => (b.p95?.value ?? 0) - (a.p95?.value ?? 0) || (a.hosts.join() < b.hosts.join() ? -1 : 1));
}

interface Sum<S extends QualitySubject> {
  readonly service: string;
  readonly environment: string;
  readonly names: readonly string[];
  readonly body: QualityBody<S>;
}

/** Hours and processes added up. */
function added<S extends QualitySubject>(subject: S, rows: readonly PartRow<QualityBody<S>>[]): Sum<S>[] {
  const sums = new Map<string, Sum<S>>();
  for (const { service, environment, names, body } of rows) {
    const key = [service, environment, ...names].join('\0');
    const sum = sums.get(key) ?? { service, environment, names, body: emptyBody(subject) };
    sums.set(key, sum);
    mergeBody(sum.body, body);
  }
  return [...sums.values()];
}

function quantile(histogram: QualityBody<'operation'>['histograms']['duration'], q: number): Quantile | null {
  const value = histogram.quantile(q);
  return value === null ? null : { value, ...quantileInterval(histogram, q) };
}

function compare<T>(a: T, b: T, fields: readonly (keyof T)[]): number {
  const field = fields.find((name) => a[name] !== b[name]);
  return field === undefined ? 0 : a[field] < b[field] ? -1 : 1;
}
