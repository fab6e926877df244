import type { PolicyVersion } from '../engine/model/policy.js';
import type { QualityBody } from '../engine/model/quality.js';
import { QuantileSketch } from '../engine/model/quantile-sketch.js';
import { isSampling, type SamplingVersion } from '../engine/policy/sampling-rules.js';
import type { InForce, OperationTraces } from '../engine/policy/sampling-traffic.js';
import type { PartRow } from '../engine/quality/evidence.js';
import type { SampledUsageStore } from './estimated-costs.js';
import type { Window } from './ports.js';
import type { QualityStore } from './quality.js';

/** Services of root spans, none for all, and an environment, '' for all. */
export interface SamplingScope {
  readonly services: readonly string[];
  readonly environment: string;
}

/**
 * Where spans are copied from: before or after the collector samples. What SDKs drop is never seen, what a collector drops
 * only by a copy from before it.
 */
export type Tap = 'before' | 'after';

export interface TrafficSources {
  readonly quality: QualityStore;
  readonly usage: SampledUsageStore;
  readonly tap: Tap;
}

/** What was counted of traces in a window. */
export interface CountedTraffic {
  readonly operations: readonly OperationTraces[];
  /** From the first hour that something was counted in to the end of the window. */
  readonly seconds: number;
}

type Row = PartRow<QualityBody<'operation'>>;

const HOUR = 3_600_000;
/** Names that were cut or masked, and what there was no room for. */
const NO_NAME = /[\uFFFD…]|^\{overflow\}$/;

/** Traces of a scope by the operation of their root spans. */
export async function countedTraffic(
  tenant: string,
  scope: SamplingScope,
  { from, to }: Window,
  { quality, usage }: TrafficSources,
): Promise<CountedTraffic> {
  // An hour belongs to a window when its beginning does; the first one may have begun before.
  const window = { from: new Date(Math.floor(from.getTime() / HOUR) * HOUR), to };
  const [rows, services, windows, used, ratios] = await Promise.all([
    quality.rows(tenant, 'operation', window, { environment: scope.environment || undefined }),
    quality.rows(tenant, 'service', window, {}),
    quality.rows(tenant, 'window', window, {}),
    usage.usage(tenant, window),
    usage.samplingRatios(tenant),
  ]);
  const spans = services.reduce((sum, row) => sum + row.body.counts.spans, 0);
  const skipped = windows.reduce((sum, row) => sum + row.body.counts.skippedSpans, 0);
  const coverage = spans === 0 ? 1 : (spans + skipped) / spans;
  const first = Math.min(...rows.map(({ hour }) => hour * HOUR), to.getTime());
  const start = Math.max(first, window.from.getTime());
  const inScope = rows.filter((row) => isInScope(row, scope));
  const weightOf = (service: string): number => coverage / (ratios.get(service) ?? ratios.get('') ?? 1);
  const operations = [...byOperation(inScope)].map((same) => tracesOf(same, weightOf));
  return {
    operations: withSharedBytes(operations, used),
    seconds: Math.max(1, (to.getTime() - start) / 1000),
  };
}

function isInScope({ service, body }: Row, { services }: SamplingScope): boolean {
  return body.counts.traces > 0 && (services.length === 0 || services.includes(service));
}

function byOperation(rows: readonly Row[]): Iterable<Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.service}\0${operationOf(row)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups.values();
}

/** '' where a policy cannot name it. */
export function operationOf({ names: [name = ''] }: { readonly names: readonly string[] }): string {
  return NO_NAME.test(name) ? '' : name;
}

/** A trace that says how it was sampled stands for so many; of the others counts what is known of the service. */
function tracesOf(rows: readonly Row[], weightOf: (service: string) => number): OperationTraces {
  const sum = (name: keyof Row['body']['counts']): number => rows.reduce((n, row) => n + row.body.counts[name], 0);
  const okDurations = new QuantileSketch();
  for (const row of rows) okDurations.merge(row.body.histograms.okDuration);
  const { service } = rows[0]!;
  const traces = sum('traces');
  const others = (traces - sum('tracesWithThreshold')) * weightOf(service);
  return {
    ...{ service, operation: operationOf(rows[0]!), traces, okDurations },
    ...{ spans: sum('traceSpans'), spansSquared: sum('traceSpansSquared'), bytes: sum('traceBytes') },
    ...{ errorTraces: sum('errorTraces'), errorSpans: sum('errorTraceSpans') },
    weight: (sum('traceWeight') + others) / traces,
  };
}

/** Bytes of spans, with the part that they have in those of resources and scopes. */
function withSharedBytes(
  operations: readonly OperationTraces[],
  used: readonly { readonly spans: number; readonly bytes: number }[],
): OperationTraces[] {
  const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((n, one) => n + of(one), 0);
  const [spans, bytes] = [sum(operations, (one) => one.spans), sum(operations, (one) => one.bytes)];
  const perSpan =
    sum(used, (one) => one.bytes) /
    Math.max(
      1,
      sum(used, (one) => one.spans),
    );
  if (bytes === 0) return operations.map((one) => ({ ...one, bytes: one.spans * perSpan }));
  const factor = perSpan > 0 ? Math.max(1, (perSpan * spans) / bytes) : 1;
  return operations.map((one) => ({ ...one, bytes: one.bytes * factor }));
}

/** The policies that dropped traces before they were counted, by the stage that a new policy is for. */
export function inForceOf(
  stage: SamplingVersion['policy']['action']['stage'],
  approved: readonly PolicyVersion[],
  tap: Tap,
  environment: string,
): InForce {
  if (stage !== 'sdk' && tap === 'before') return () => null;
  const own = approved.filter(isSampling).filter(({ policy: { action } }) => action.stage === stage);
  const there = own.filter(({ policy: { action } }) => action.environment === '' || action.environment === environment);
  return (service) => {
    const found = there.find(({ policy: { services } }) => services.length === 0 || services.includes(service));
    if (found === undefined) return null;
    const { keep, operations, otherwise } = found.policy.action;
    return { stage, keep, rates: { operations, otherwise } };
  };
}
