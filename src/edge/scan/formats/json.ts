import { byUrgency } from '../order.js';
import type { ScanReport } from './index.js';

/** One document: the files, and findings as the service groups them. */
export function formatJson({ result }: ScanReport): string {
  const findings = byUrgency(result.rollup.findings).map((f) => ({
    kind: f.kind,
    detector: f.detector,
    family: f.family,
    severity: f.severity,
    confidence: f.confidence,
    service: f.service,
    environment: f.environment,
    location: f.location,
    key: f.key,
    component: f.component,
    mask: f.mask,
    occurrences: f.occurrences,
    example: { trace_id: f.traceId, span_id: f.spanId },
  }));
  const files = result.files.map(({ file, spans, rejectedSpans, problems }) => ({
    file,
    spans,
    rejected_spans: rejectedSpans,
    problems,
  }));
  return `${JSON.stringify({ files, findings }, null, 2)}\n`;
}
