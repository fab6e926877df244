import {
  addVolume,
  emptyCounts,
  emptyTraces,
  emptyVolume,
  SimulatedCountsMerge,
} from '../engine/aggregate/simulated-counts.js';
import type { WireFormatName } from '../engine/decode/formats.js';
import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { decodeTraceDocument, encodeTraceDocument } from '../engine/decode/trace-document.js';
import { LOCATIONS } from '../engine/model/location.js';
import type { PolicyVersion } from '../engine/model/policy.js';
import type { Rollup, UsageRow } from '../engine/model/rollup.js';
import type {
  AttributeChange,
  EffectRow,
  FindingChange,
  RatioRow,
  SampledVolume,
  ServiceChange,
  SimulatedCounts,
} from '../engine/model/simulation.js';
import type { ResourceSpans, ScopeSpans, TraceRequest, TraceSpan } from '../engine/model/trace-request.js';
import { BUCKETS } from '../engine/model/trace-sums.js';
import {
  addUnit,
  type GatheredTraces,
  type GatheredUsage,
  type GatherLimits,
  newRatio,
  type SamplingSimulation,
  TraceGathering,
} from '../engine/policy/gather-traces.js';
import type { Simulator, Touch } from '../engine/policy/simulate.js';
import type { Problem } from '../engine/problem.js';
import type { Analyser } from './analyse.js';
import { gatheredSpans } from './gathered-spans.js';

/** What became of one request. */
export interface SimulatedRequest {
  readonly spans: number;
  readonly rejected: number;
  /** The first few. */
  readonly problems: readonly Problem[];
}

/** Which spans of a request are looked at. */
export interface SimulatedSpans {
  readonly services: ReadonlySet<string>;
  readonly limit: number;
}

/** What a simulation holds of traces that are not complete. */
const GATHER_LIMITS: GatherLimits = { maxTraces: 200_000, maxSpans: 2_000_000 };

/**
 * Runs policies on requests and analyses both what came in and what comes out of them. Holds counts only, of lists that
 * are bounded; requests are forgotten.
 */
export class PolicySimulation {
  private merge = new SimulatedCountsMerge();
  /** `location key` of what the policies act on, `location *` for all keys of a location: nothing else changes. */
  private readonly places: ReadonlySet<string>;
  private readonly gathering: TraceGathering | null;

  /** @param sampling puts all traces together, and decides on them at the end; nothing is kept or dropped without it */
  constructor(
    private readonly analyser: Analyser,
    private readonly simulator: Simulator,
    policies: readonly PolicyVersion[],
    private readonly sampling: SamplingSimulation | null = null,
  ) {
    this.gathering = sampling === null ? null : new TraceGathering(sampling, GATHER_LIMITS);
    this.places = new Set(policies.flatMap(placesOf));
  }

  /**
   * @param receivedAt milliseconds since the epoch
   * @param only all spans without it
   */
  add(bytes: Uint8Array, format: WireFormatName, receivedAt: number, only?: SimulatedSpans): SimulatedRequest {
    const decoded = decodeTraceDocument(bytes, format, DEFAULT_DECODE_LIMITS);
    if ('code' in decoded) return { spans: 0, rejected: 0, problems: [decoded] };
    const request = only === undefined ? decoded.request : partOf(decoded.request, only);
    const touches = new Touches();
    const result = this.simulator.run(request, (touch) => touches.add(touch));
    const before = this.analyser.analyse(encodeTraceDocument(request), 'otlp-protobuf', receivedAt);
    const after = this.analyser.analyse(encodeTraceDocument(result), 'otlp-protobuf', receivedAt);
    const problems = [...decoded.problems, before.refused, ...before.problems].filter((p) => p !== null);
    const rejected = decoded.rejected + before.rejected;
    this.merge.add(this.countsOf(before.rollup, after.rollup, touches));
    if (this.sampling !== null) {
      this.gathering?.add(gatheredSpans(result, this.analyser, this.sampling, receivedAt), receivedAt);
    }
    return { spans: before.accepted, rejected, problems };
  }

  /** What was counted since the last time, without the traces that are put together. */
  take(): SimulatedCounts {
    const counts = this.merge.result();
    this.merge = new SimulatedCountsMerge();
    return counts;
  }

  /** All that was counted since the last time, when nothing comes any more. */
  finish(): SimulatedCounts {
    if (this.gathering !== null) {
      this.gathering.close();
      this.merge.add(droppedCounts(this.gathering.result()));
    }
    return this.take();
  }

  private countsOf(before: Rollup, after: Rollup, touches: Touches): SimulatedCounts {
    return {
      ...{ before: volumeOf(before), after: volumeOf(after) },
      spansTouched: touches.spans.size,
      effects: touches.effects,
      services: [...servicesOf(before, 'before'), ...servicesOf(after, 'after')],
      attributes: [...this.attributesOf(before, 'before'), ...this.attributesOf(after, 'after')],
      findings: [...findingsOf(before, 'before'), ...findingsOf(after, 'after')],
      otherFindings: { before: 0, after: 0 },
      traces: emptyTraces(),
      ratios: ratiosOf(before, after),
    };
  }

  private attributesOf({ attributes }: Rollup, side: 'before' | 'after'): AttributeChange[] {
    const none = { observations: 0, bytes: 0 };
    return attributes
      .filter(({ location, key }) => this.places.has(`${location} ${key}`) || this.places.has(`${location} *`))
      .map(({ service, location, key, observations, bytes }) => ({
        ...{ service, location, key, before: none, after: none, [side]: { observations, bytes } },
      }));
  }
}

function placesOf({ policy: { location, key, action } }: PolicyVersion): string[] {
  // Dropped spans take all that they have with them, and scopes and resources that are left without any.
  if (action.kind === 'drop') return LOCATIONS.map((every) => `${every} *`);
  if (action.kind === 'keep') return [`${location} *`];
  return [`${location} ${key}`, ...(action.kind === 'rename' ? [`${location} ${action.to}`] : [])];
}

/** What policies did to the spans of one request. */
class Touches {
  readonly effects: EffectRow[] = [];
  readonly spans = new Set<TraceSpan>();

  add({ policy, service, place: { resource, scope, span }, counts }: Touch): void {
    this.effects.push({ policy, service, ...counts });
    if (span !== undefined) this.spans.add(span);
    else for (const below of scope === undefined ? (resource.scopeSpans ?? []) : [scope]) this.addAll(below);
  }

  private addAll({ spans = [] }: ScopeSpans): void {
    for (const span of spans) this.spans.add(span);
  }
}

/** The first spans of some services, with their resources and scopes. */
function partOf({ resourceSpans = [] }: TraceRequest, { services, limit }: SimulatedSpans): TraceRequest {
  let left = limit;
  const part: ResourceSpans[] = [];
  for (const resource of resourceSpans) {
    if (left === 0 || !services.has(serviceOf(resource))) continue;
    const scopeSpans: ScopeSpans[] = [];
    for (const scope of resource.scopeSpans ?? []) {
      const spans = (scope.spans ?? []).slice(0, left);
      left -= spans.length;
      if (spans.length > 0) scopeSpans.push({ ...scope, spans });
    }
    if (scopeSpans.length > 0) part.push({ ...resource, scopeSpans });
  }
  return { resourceSpans: part };
}

function serviceOf({ resource }: ResourceSpans): string {
  return resource?.attributes?.find(({ key }) => key === 'service.name')?.value?.stringValue ?? '';
}

function volumeOf({ usage }: Rollup): SampledVolume {
  const sum = emptyVolume();
  for (const row of usage) addVolume(sum, sampled(row));
  return sum;
}

function sampled(row: UsageRow): SampledVolume {
  return sampledOf({ ...row, bytes: bytesOf(row) });
}

function sampledOf(row: Omit<GatheredUsage, 'service'>): SampledVolume {
  const { spans, bytes, weighedSpans, weighedBytes, estimatedSpans, estimatedBytes, traceSums } = row;
  return {
    ...{ spans, bytes, weighedSpans, weighedBytes, estimatedSpans, estimatedBytes },
    knownSums: [...traceSums.subarray(0, 2 * BUCKETS)],
    unknownSums: [...traceSums.subarray(2 * BUCKETS)],
  };
}

function bytesOf({ spanBytes, sharedBytes }: UsageRow): number {
  return spanBytes + sharedBytes;
}

/** The request as one unit of the sample. */
function ratiosOf(before: Rollup, after: Rollup): RatioRow[] {
  const rows = new Map<string, RatioRow>();
  const [was, is] = [before, after].map(({ usage }) => weighedUsage(usage));
  for (const [service, { bytes, spans }] of was!) {
    const row = newRatio(service);
    const left = is!.get(service) ?? { bytes: 0, spans: 0 };
    row.units = 1;
    addUnit(row.bytes, { x: bytes, d: bytes - left.bytes });
    addUnit(row.spans, { x: spans, d: spans - left.spans });
    rows.set(service, row);
  }
  return [...rows.values()];
}

function weighedUsage(usage: readonly UsageRow[]): Map<string, { bytes: number; spans: number }> {
  const sums = new Map<string, { bytes: number; spans: number }>();
  for (const row of usage) {
    const sum = sums.get(row.service) ?? { bytes: 0, spans: 0 };
    sum.bytes += row.estimatedBytes + bytesOf(row) - row.weighedBytes;
    sum.spans += row.estimatedSpans + row.spans - row.weighedSpans;
    sums.set(row.service, sum);
  }
  return sums;
}

/** What traces come to that were simulated alone. */
export function tracesCounts(gathered: GatheredTraces): SimulatedCounts {
  const merge = new SimulatedCountsMerge();
  merge.add({
    ...{ ...emptyCounts(), traces: gathered.traces, ratios: gathered.ratios },
    ...{ before: gatheredVolume(gathered.seen), after: gatheredVolume(gathered.seen) },
    services: gathered.seen.map(({ service, spans, bytes }) => {
      return { service, before: { spans, bytes: Math.round(bytes) }, after: { spans, bytes: Math.round(bytes) } };
    }),
  });
  merge.add(lessOf(gathered));
  return merge.result();
}

/** What is dropped of spans that are counted already. */
function droppedCounts(gathered: GatheredTraces): SimulatedCounts {
  return { ...lessOf(gathered), traces: gathered.traces };
}

function lessOf({ dropped }: GatheredTraces): SimulatedCounts {
  const none = { spans: 0, bytes: 0 };
  return {
    ...emptyCounts(),
    after: negative(gatheredVolume(dropped)),
    services: dropped.map(({ service, spans, bytes }) => {
      return { service, before: { ...none }, after: { spans: -spans, bytes: -Math.round(bytes) } };
    }),
  };
}

function gatheredVolume(rows: readonly GatheredUsage[]): SampledVolume {
  const sum = emptyVolume();
  for (const row of rows) addVolume(sum, sampledOf({ ...row, bytes: Math.round(row.bytes) }));
  return sum;
}

function negative(volume: SampledVolume): SampledVolume {
  const minus = (value: number | number[]) => (typeof value === 'number' ? 0 - value : value.map((v) => 0 - v));
  return Object.fromEntries(Object.entries(volume).map(([name, value]) => [name, minus(value)])) as never;
}

function servicesOf({ usage }: Rollup, side: 'before' | 'after'): ServiceChange[] {
  const none = { spans: 0, bytes: 0 };
  return usage.map((row) => ({
    ...{ service: row.service, before: none, after: none, [side]: { spans: row.spans, bytes: bytesOf(row) } },
  }));
}

function findingsOf({ findings }: Rollup, side: 'before' | 'after'): FindingChange[] {
  return findings.map(({ kind, detector, severity, service, location, key, component, occurrences }) => ({
    ...{ kind, detector, severity, service, location, key, component, before: 0, after: 0, [side]: occurrences },
  }));
}
