import type { ScanFormat, ScanOccurrence } from '../report.js';

/**
 * One match a line, written as it is found. `start` and `end` are UTF-16 code units in the value; the value itself is not
 * there. Names that break a convention are no matches in a value, so they have no lines.
 */
export const jsonl: ScanFormat = { occurrence, render: () => '' };

function occurrence({ match, traceId, spanId, service, location, key, component, file, line }: ScanOccurrence): string {
  const { id, family, kind, severity } = match.detector;
  const rule = { detector: id, family, kind, severity, confidence: match.confidence };
  const place = { file, line, service, trace_id: traceId, span_id: spanId, location, key, component };
  return `${JSON.stringify({ ...rule, ...place, start: match.start, end: match.end, mask: match.mask })}\n`;
}
