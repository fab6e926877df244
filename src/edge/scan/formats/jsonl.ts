import type { Occurrence } from '../../../flow/analyse.js';
import type { Place } from '../../../flow/scan.js';
import type { ScanFormat } from '../report.js';

/**
 * One match a line, written as it is found. `start` and `end` are UTF-16 code units in the value; the value itself is not
 * there. Names that break a convention are no matches in a value, so they have no lines.
 */
export const jsonl: ScanFormat = { occurrence, render: () => '' };

function occurrence(
  { match, traceId, spanId, service, location, key, component }: Occurrence,
  { file, line }: Place,
): string {
  const { id, family, kind, severity } = match.detector;
  const document = {
    detector: id,
    family,
    kind,
    severity,
    confidence: match.confidence,
    file,
    line,
    service,
    trace_id: traceId,
    span_id: spanId,
    location,
    key,
    component,
    start: match.start,
    end: match.end,
    mask: match.mask,
  };
  return `${JSON.stringify(document)}\n`;
}
