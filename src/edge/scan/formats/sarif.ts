import { pathToFileURL } from 'node:url';
import { plain, SARIF_LEVELS, SARIF_SCHEMA, sarifRule } from '../../../engine/export/sarif.js';
import type { Place } from '../../../flow/scan.js';
import { firstPlace, repositoryPath, sentence } from '../describe.js';
import { resultFingerprint } from '../finding-id.js';
import type { ReportedFinding, ScanFormat, ScanReport } from '../report.js';

/**
 * SARIF 2.1.0 (OASIS), with the properties that GitHub code scanning reads: one run, the rules that found something, and
 * one result for each finding.
 */
export const sarif: ScanFormat = { render };

function render({ version, files, findings }: ScanReport): string {
  const reported = onePerRule(findings);
  const indexes = new Map(reported.map(({ detector }, i) => [detector, i]));
  const problems = files.flatMap((file) => file.problems);
  const run = {
    tool: { driver: { name: 'spanwarden', version, semanticVersion: version, rules: reported.map(rule) } },
    invocations: [
      {
        executionSuccessful: problems.length === 0,
        toolExecutionNotifications: problems.map((text) => ({ level: 'error', message: { text: plain(text) } })),
      },
    ],
    columnKind: 'utf16CodeUnits',
    results: findings.map((finding) => result(finding, indexes.get(finding.detector)!)),
  };
  return `${JSON.stringify({ $schema: SARIF_SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

/** For each rule a finding of it, of the highest confidence, in the order of the ids. */
function onePerRule(findings: readonly ReportedFinding[]): ReportedFinding[] {
  const byRule = new Map<string, ReportedFinding>();
  for (const finding of findings) {
    if (byRule.get(finding.detector)?.confidence !== 'high') byRule.set(finding.detector, finding);
  }
  return [...byRule.values()].sort((a, b) => (a.detector < b.detector ? -1 : 1));
}

function rule({ kind, family, severity, confidence, rule: text }: ReportedFinding): object {
  return sarifRule({ ...text, kind, family, severity, confidence });
}

function result(finding: ReportedFinding, ruleIndex: number): object {
  const { detector, severity, places, id } = finding;
  const others = places.slice(1);
  return {
    ruleId: detector,
    ruleIndex,
    level: SARIF_LEVELS[severity],
    message: { text: plain(sentence(finding)) },
    locations: [location(firstPlace(finding))],
    ...(others.length > 0 && { relatedLocations: others.map((place, i) => ({ id: i + 1, ...location(place) })) }),
    occurrenceCount: finding.occurrences,
    partialFingerprints: {
      'spanwardenFinding/v1': id,
      // What GitHub knows an alert by; lines of a trace file say nothing, since every run has other ones.
      primaryLocationLineHash: `${resultFingerprint(finding)}:1`,
    },
    properties: {
      kind: finding.kind,
      family: finding.family,
      severity,
      confidence: finding.confidence,
      service: finding.service,
      environment: finding.environment,
      location: finding.location,
      key: finding.key,
      component: finding.component,
      mask: finding.mask,
      traceId: finding.traceId,
      spanId: finding.spanId,
    },
  };
}

function location({ file, line }: Place): object {
  return { physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } } };
}

/** Relative where the file is in the working folder. */
function uriOf(file: string): string {
  const path = repositoryPath(file);
  if (path === null) return 'stdin';
  if (/^(?:\/|[A-Za-z]:)/.test(path)) return pathToFileURL(path).href;
  return path.split('/').map(encodeURIComponent).join('/');
}
