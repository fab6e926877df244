import type { BaselineEntry } from '../baseline.js';
import type { ScanFormat, ScanReport } from '../report.js';

/** One document: the files, and findings as the service groups them. */
export const json: ScanFormat = { render };

function render({ files, findings, baseline }: ScanReport): string {
  const document = {
    files: files.map(({ file, spans, rejectedSpans, problems }) => ({
      file,
      spans,
      rejected_spans: rejectedSpans,
      problems,
    })),
    findings: findings.map((f) => ({
      id: f.id,
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
      places: f.places.map(({ file, line }) => ({ file, line })),
      remedy: f.rule.remedy,
    })),
    ...(baseline !== null && {
      baseline: {
        known: baseline.known,
        expired: baseline.expired.map(entry),
        stale: baseline.stale?.map(entry) ?? null,
      },
    }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function entry({ id, detector, service, location, key, component, reason, expires }: BaselineEntry): object {
  return { id, detector, service, location, key, component, reason, expires };
}
