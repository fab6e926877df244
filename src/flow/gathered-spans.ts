import { samplingWeight } from '../engine/cost/tracestate.js';
import { encodeTraceDocument } from '../engine/decode/trace-document.js';
import type { ResourceSpans, TraceRequest, TraceSpan } from '../engine/model/trace-request.js';
import { spanBytes } from '../engine/model/trace-size.js';
import { traceHash } from '../engine/model/trace-sums.js';
import type { GatheredSpan, SamplingSimulation } from '../engine/policy/gather-traces.js';
import { isEmptyId, keepsSpan } from '../engine/policy/sample-traces.js';
import type { Analyser } from './analyse.js';

/**
 * What simulations of sampling need of the spans of a request; those without a trace id are left out. Bytes are those of
 * the request, shared out among the spans of each resource; the names of services are as the analysis stores them.
 *
 * @param receivedAt milliseconds since the epoch
 */
export function gatheredSpans(
  request: TraceRequest,
  analyser: Analyser,
  simulation: SamplingSimulation,
  receivedAt: number,
): GatheredSpan[] {
  return (request.resourceSpans ?? []).flatMap((resource) => {
    const spans = (resource.scopeSpans ?? []).flatMap((scope) => scope.spans ?? []);
    if (spans.length === 0) return [];
    const bytes = encodeTraceDocument({ resourceSpans: [resource] });
    const { usage } = analyser.analyse(bytes, 'otlp-protobuf', receivedAt).rollup;
    const service = usage[0]?.service;
    if (service === undefined) return [];
    const sizes = spans.map(spanBytes);
    const total = usage.reduce((sum, row) => sum + row.spanBytes + row.sharedBytes, 0);
    const factor = total / sizes.reduce((sum, size) => sum + size, 0);
    return spans
      .map((span, i) => ({ span, size: sizes[i]! * factor }))
      .filter(({ span }) => !isEmptyId(span.traceId))
      .map(({ span, size }) => gathered(resource, span, service, size, simulation));
  });
}

function gathered(
  resource: ResourceSpans,
  span: TraceSpan,
  service: string,
  bytes: number,
  { sampler, spanPercentage }: SamplingSimulation,
): GatheredSpan {
  const traceId = span.traceId!.toLowerCase();
  // Trace states are ASCII (W3C Trace Context).
  const state = Uint8Array.from(span.traceState ?? '', (c) => c.charCodeAt(0));
  const text = new Uint8Array(16 + state.length);
  for (let i = 0; i < 16; i++) text[i] = Number.parseInt(traceId.slice(2 * i, 2 * i + 2), 16) || 0;
  text.set(state, 16);
  return {
    ...{ traceId, service, bytes },
    spanId: (span.spanId ?? '').toLowerCase(),
    parentId: isEmptyId(span.parentSpanId) ? '' : span.parentSpanId!.toLowerCase(),
    weight: samplingWeight(text, state.length === 0 ? -1 : 16, text.length, 0),
    hash: traceHash(text, 0),
    mark: sampler.mark(resource, span),
    isKept: spanPercentage === null ? null : keepsSpan(spanPercentage, span),
  };
}
