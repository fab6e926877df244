import { type Finding, SEVERITIES } from '../../engine/model/finding.js';

/** Most severe first, then most often seen; ties by place, so that the order does not change from run to run. */
export function byUrgency(findings: readonly Finding[]): Finding[] {
  const place = (f: Finding): string =>
    [f.detector, f.service, f.environment, f.location, f.key, f.component].join('\0');
  return [...findings].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      b.occurrences - a.occurrences ||
      (place(a) < place(b) ? -1 : 1),
  );
}
