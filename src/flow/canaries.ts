import { CANARY_ID } from '../engine/model/own-keys.js';
import type { PolicyVersion } from '../engine/model/policy.js';
import type { TraceRequest } from '../engine/model/trace-request.js';
import { type CanaryMaterial, type CanarySpan, canarySpans } from '../engine/policy/canary-span.js';
import type { CanaryWatch } from './canary-watch.js';

/** A span to be sent through a collector, ready to go. */
export interface Canary {
  readonly policy: PolicyVersion;
  readonly item: number;
  readonly service: string;
  /** An ExportTraceServiceRequest in the form of OTLP/JSON. */
  readonly request: TraceRequest;
}

export interface CanaryPlan {
  readonly canaries: readonly Canary[];
  /** Policies that no canary proves, and why. */
  readonly unprovable: readonly { readonly policy: PolicyVersion; readonly reason: string }[];
}

export interface CanaryRun {
  /** UUID. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Random bytes in hexadecimal. */
  randomHex(bytes: number): string;
}

const MAX_CANARIES = 500;
/** Queues and samplers may hold a span for long; a day later it is a span like any other. */
const VALID_SECONDS = 24 * 3600;

/** Canaries for policies, whatever became of them where they are in force. */
export function planCanaries(
  policies: readonly PolicyVersion[],
  run: CanaryRun,
  material: CanaryMaterial,
  watch: CanaryWatch,
): CanaryPlan {
  const canaries: Canary[] = [];
  const unprovable: { policy: PolicyVersion; reason: string }[] = [];
  for (const policy of policies) {
    const spans = canarySpans(policy, material);
    if (typeof spans === 'string') unprovable.push({ policy, reason: spans });
    else if (canaries.length + spans.length > MAX_CANARIES) {
      unprovable.push({ policy, reason: `a run has at most ${MAX_CANARIES} canaries; name the policies to be proved` });
    } else {
      for (const span of spans) {
        const item = canaries.length;
        canaries.push({ policy, item, service: span.service, request: withId(span, item, run, watch) });
      }
    }
  }
  return { canaries, unprovable };
}

function withId({ request, planted }: CanarySpan, item: number, run: CanaryRun, watch: CanaryWatch): TraceRequest {
  const [traceId, spanId] = [run.randomHex(16), run.randomHex(8)];
  const token = { run: run.id, item, expires: Math.ceil(run.now / 1000) + VALID_SECONDS };
  const id = watch.idFor(token, planted, traceId + spanId);
  const span = request.resourceSpans![0]!.scopeSpans![0]!.spans![0]!;
  const attributes = [{ key: CANARY_ID, value: { stringValue: id } }, ...(span.attributes ?? [])];
  const start = `${run.now}000000`;
  Object.assign(span, { traceId, spanId, flags: 1, startTimeUnixNano: start, endTimeUnixNano: start, attributes });
  return request;
}
