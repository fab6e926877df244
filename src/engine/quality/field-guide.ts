/**
 * The indicators (M1 to M9) and failure modes (F1 to F7) of the field guide to distributed tracing, and the indicators
 * that answer each; where there is none, who does.
 */
export interface GuideEntry {
  readonly id: string;
  readonly title: string;
  readonly indicators: readonly string[];
  readonly elsewhere: string;
}

const entry = (id: string, title: string, indicators: readonly string[], elsewhere = ''): GuideEntry => ({
  ...{ id, title, indicators, elsewhere },
});

export const FIELD_GUIDE: readonly GuideEntry[] = [
  entry('M1', 'Trace coverage', ['trace_coverage']),
  entry('M2', 'Error trace rate', ['error_traces', 'error_spans']),
  entry('M3', 'p95 of the end-to-end latency', ['root_duration_p95'], 'by operation: /api/v1/quality/operations'),
  entry('M4', 'p99 of the end-to-end latency', ['root_duration_p99'], 'by operation: /api/v1/quality/operations'),
  entry('M5', 'Orphan trace rate', ['orphan_traces', 'orphan_spans', 'rootless_traces']),
  entry('M6', 'Spans per trace', ['spans_per_trace_p50', 'spans_per_trace_p95', 'spans_per_trace_p99']),
  entry('M7', 'Sampling rate', ['sampling_rate']),
  entry('M8', 'Ingestion latency', ['ingest_lag_p95']),
  entry('M9', 'Storage cost per trace', ['cost_per_trace'], 'by team and service: /api/v1/costs'),
  entry('F1', 'Missing context', [
    'broken_propagation',
    'orphan_spans',
    'orphan_traces',
    'rootless_traces',
    'client_roots',
  ]),
  entry('F2', 'Agent overload', ['dropped_data'], "spans that a collector dropped: the collector's own metrics"),
  entry('F3', 'Clock skew', ['clock_skew_p95', 'negative_durations', 'future_spans']),
  entry('F4', 'High-cardinality bloat', [], '/api/v1/attributes'),
  entry('F5', 'Rare errors sampled away', ['sampling_rate'], 'what a sampler dropped is not here to be counted'),
  entry('F6', 'Sensitive data', ['baggage_in_spans'], '/api/v1/findings'),
  entry('F7', 'Collector down', ['silent_services', 'ingest_lag_p95']),
];

/** Ids of the guide that an indicator answers. */
export function guideIds(indicator: string): string[] {
  return FIELD_GUIDE.filter(({ indicators }) => indicators.includes(indicator)).map(({ id }) => id);
}
