import { addVolume, emptyVolume, SimulatedCountsMerge } from '../engine/aggregate/simulated-counts.js';
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
  SampledVolume,
  ServiceChange,
  SimulatedCounts,
} from '../engine/model/simulation.js';
import type { ResourceSpans, ScopeSpans, TraceRequest, TraceSpan } from '../engine/model/trace-request.js';
import { BUCKETS } from '../engine/model/trace-sums.js';
import type { Simulator, Touch } from '../engine/policy/simulate.js';
import type { Problem } from '../engine/problem.js';
import type { Analyser } from './analyse.js';

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

/**
 * Runs policies on requests and analyses both what came in and what comes out of them. Holds counts only, of lists that
 * are bounded; requests are forgotten.
 */
export class PolicySimulation {
  private merge = new SimulatedCountsMerge();
  /** `location key` of what the policies act on, `location *` for all keys of a location: nothing else changes. */
  private readonly places: ReadonlySet<string>;

  constructor(
    private readonly analyser: Analyser,
    private readonly simulator: Simulator,
    policies: readonly PolicyVersion[],
  ) {
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
    return { spans: before.accepted, rejected, problems };
  }

  /** What was counted since the last time. */
  take(): SimulatedCounts {
    const counts = this.merge.result();
    this.merge = new SimulatedCountsMerge();
    return counts;
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
  const { spans, weighedSpans, weighedBytes, estimatedSpans, estimatedBytes, traceSums } = row;
  return {
    ...{ spans, bytes: bytesOf(row), weighedSpans, weighedBytes, estimatedSpans, estimatedBytes },
    knownSums: [...traceSums.subarray(0, 2 * BUCKETS)],
    unknownSums: [...traceSums.subarray(2 * BUCKETS)],
  };
}

function bytesOf({ spanBytes, sharedBytes }: UsageRow): number {
  return spanBytes + sharedBytes;
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
