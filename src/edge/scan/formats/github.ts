import type { Severity } from '../../../engine/model/finding.js';
import { firstPlace, repositoryPath, sentence, summary } from '../describe.js';
import type { ReportedFinding, ScanFormat, ScanReport } from '../report.js';

/**
 * Workflow commands of GitHub Actions, which become annotations
 * (docs.github.com, "Workflow commands for GitHub Actions"; the escapes are those of the toolkit's `command.ts`).
 */
export const github: ScanFormat = { render };

const COMMANDS: Readonly<Record<Severity, string>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'notice',
};

function render(report: ScanReport): string {
  const lines = report.findings.map(annotation);
  for (const { file, problems } of report.files) {
    for (const text of problems)
      lines.push(command('error', { file: repositoryPath(file), title: 'Not scanned' }, text));
  }
  return `${[...lines, summary(report)].join('\n')}\n`;
}

function annotation(finding: ReportedFinding): string {
  const { file, line } = firstPlace(finding);
  const path = repositoryPath(file);
  const properties = { file: path, line: path === null ? null : String(line), title: finding.rule.name };
  return command(COMMANDS[finding.severity], properties, `${sentence(finding)} ${finding.rule.remedy}`);
}

function command(name: string, properties: Readonly<Record<string, string | null>>, message: string): string {
  const given = Object.entries(properties).flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${escapeProperty(value)}`],
  );
  return `::${name} ${given.join(',')}::${escapeData(message)}`;
}

export function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

export function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
