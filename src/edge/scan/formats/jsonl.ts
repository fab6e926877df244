import type { ScanReport } from './index.js';

/**
 * One match a line. `start` and `end` are UTF-16 code units in the value; the value itself is not there.
 */
export function formatJsonLines({ occurrences }: ScanReport): string {
  return occurrences
    .map(({ match, traceId, spanId, service, location, key, component, file, line }) => {
      const { id, family, kind, severity } = match.detector;
      const rule = { detector: id, family, kind, severity, confidence: match.confidence };
      const place = { file, line, service, trace_id: traceId, span_id: spanId, location, key, component };
      return `${JSON.stringify({ ...rule, ...place, start: match.start, end: match.end, mask: match.mask })}\n`;
    })
    .join('');
}
