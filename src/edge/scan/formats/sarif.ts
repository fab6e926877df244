import { pathToFileURL } from 'node:url';
import type { Severity } from '../../../engine/model/finding.js';
import type { Place } from '../../../flow/scan.js';
import { firstPlace, repositoryPath, sentence } from '../describe.js';
import { resultFingerprint } from '../finding-id.js';
import type { ReportedFinding, ScanFormat, ScanReport } from '../report.js';

/**
 * SARIF 2.1.0 (OASIS), with the properties that GitHub code scanning reads: one run, the rules that found something, and
 * one result for each finding.
 */
export const sarif: ScanFormat = { render };

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

type Level = 'error' | 'warning' | 'note';
const LEVELS: Readonly<Record<Severity, Level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};
/** In the middle of the bands of CVSS, by which GitHub names them again. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.5',
  info: '0.5',
};

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
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

/** For each rule a finding of it, of the highest confidence, in the order of the ids. */
function onePerRule(findings: readonly ReportedFinding[]): ReportedFinding[] {
  const byRule = new Map<string, ReportedFinding>();
  for (const finding of findings) {
    if (byRule.get(finding.detector)?.confidence !== 'high') byRule.set(finding.detector, finding);
  }
  return [...byRule.values()].sort((a, b) => (a.detector < b.detector ? -1 : 1));
}

function rule({ kind, family, severity, confidence, rule: { id, name, remedy, reference } }: ReportedFinding): object {
  const security = { 'security-severity': SECURITY_SEVERITY[severity], tags: ['security', kind, family] };
  return {
    id,
    name,
    shortDescription: { text: plain(name) },
    fullDescription: { text: plain(`${name} in trace data.`) },
    ...(reference !== '' && { helpUri: reference }),
    help: { text: plain(remedy) },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      // A bad name is no weakness: GitHub sorts it under quality when it has no security severity.
      ...(kind === 'naming' ? { tags: ['naming'], 'problem.severity': 'recommendation' } : security),
      precision: confidence === 'high' ? 'high' : 'medium',
    },
  };
}

function result(finding: ReportedFinding, ruleIndex: number): object {
  const { detector, severity, places, id } = finding;
  const others = places.slice(1);
  return {
    ruleId: detector,
    ruleIndex,
    level: LEVELS[severity],
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

/** `[text](address)` is a link in the messages of SARIF (3.11.6), and must not come out of a name. */
function plain(text: string): string {
  return text.replaceAll('](', '\\](');
}
