import { isAbsolute, relative, resolve } from 'node:path';
import type { Finding } from '../../engine/model/finding.js';
import { count } from '../../engine/report/numbers.js';
import type { Place } from '../../flow/scan.js';
import type { ReportedFinding, ScanReport } from './report.js';

/** `span mail.to`, and the part of the value behind it where it is not the whole. */
export function placeOf({ location, key, component }: Pick<Finding, 'location' | 'key' | 'component'>): string {
  return [`${location} ${key}`, component].filter((part) => part !== '').join(' › ');
}

/** What was found and where, in a sentence. */
export function sentence(finding: ReportedFinding): string {
  const { rule, service, environment, occurrences, mask } = finding;
  const where = `${placeOf(finding)} of service ${service}${environment === '' ? '' : ` (${environment})`}`;
  const seen = occurrences === 1 ? 'seen once' : `seen ${count(occurrences)} times`;
  return `${rule.name} in ${where}, ${seen}${mask === '' ? '' : ` as ${mask}`}.`;
}

/** What was looked at and what came of it, in a line. */
export function summary({ files, findings, detectors, baseline }: ScanReport): string {
  const spans = files.reduce((sum, file) => sum + file.spans, 0);
  const rejected = files.reduce((sum, file) => sum + file.rejectedSpans, 0);
  return [
    plural(findings.length, 'finding'),
    `${plural(spans, 'span')} in ${plural(files.length, 'file')}, ${plural(detectors, 'detector')}`,
    ...(baseline !== null && baseline.known > 0 ? [`${count(baseline.known)} in the baseline`] : []),
    ...(rejected > 0 ? [`${plural(rejected, 'span')} could not be read`] : []),
  ].join(' · ');
}

export function plural(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? '' : 's'}`;
}

/** The first place of a finding. */
export function firstPlace({ places }: ReportedFinding): Place {
  return places[0]!;
}

/**
 * A file as services that show a repository name it: from the top of the repository, taken to be the working folder,
 * with slashes. Null for standard input; absolute where the file is elsewhere.
 */
export function repositoryPath(file: string): string | null {
  if (file === '-') return null;
  const path = relative(process.cwd(), resolve(file)).replaceAll('\\', '/');
  return path.startsWith('../') || isAbsolute(path) ? resolve(file).replaceAll('\\', '/') : path;
}
