import type { Severity } from '../../../engine/model/finding.js';
import { firstPlace, repositoryPath, sentence } from '../describe.js';
import { resultFingerprint } from '../finding-id.js';
import type { ReportedFinding, ScanFormat, ScanReport } from '../report.js';

/** A Code Quality report of GitLab (docs.gitlab.com, "Code Quality", section "Code Quality report format"). */
export const gitlab: ScanFormat = { render };

const SEVERITIES: Readonly<Record<Severity, string>> = {
  critical: 'blocker',
  high: 'critical',
  medium: 'major',
  low: 'minor',
  info: 'info',
};

function render({ findings }: ScanReport): string {
  return `${JSON.stringify(findings.map(issue), null, 2)}\n`;
}

function issue(finding: ReportedFinding): object {
  const { file, line } = firstPlace(finding);
  return {
    description: `${sentence(finding)} ${finding.rule.remedy}`,
    check_name: finding.detector,
    fingerprint: resultFingerprint(finding),
    severity: SEVERITIES[finding.severity],
    location: { path: repositoryPath(file) ?? 'stdin', lines: { begin: line } },
  };
}
