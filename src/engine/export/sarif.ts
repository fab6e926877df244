import type { CodePlace } from '../model/code-place.js';
import type { FindingKind, Severity } from '../model/finding.js';
import type { ExportedFinding } from './ocsf.js';

export const SARIF_SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

export type SarifLevel = 'error' | 'warning' | 'note';
export const SARIF_LEVELS: Readonly<Record<Severity, SarifLevel>> = {
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

/** What SARIF says of a rule. */
export interface SarifRule {
  readonly id: string;
  readonly name: string;
  readonly remedy: string;
  /** '' for none. */
  readonly reference: string;
  readonly kind: FindingKind;
  readonly family: string;
  readonly severity: Severity;
  readonly confidence: 'high' | 'other';
}

/** A `reportingDescriptor` with the properties that GitHub code scanning reads. */
export function sarifRule({ id, name, remedy, reference, kind, family, severity, confidence }: SarifRule): object {
  const security = { 'security-severity': SECURITY_SEVERITY[severity], tags: ['security', kind, family] };
  return {
    id,
    name,
    shortDescription: { text: plain(name) },
    fullDescription: { text: plain(`${name} in trace data.`) },
    ...(reference !== '' && { helpUri: reference }),
    help: { text: plain(remedy) },
    defaultConfiguration: { level: SARIF_LEVELS[severity] },
    properties: {
      // A bad name is no weakness: GitHub sorts it under quality when it has no security severity.
      ...(kind === 'naming' ? { tags: ['naming'], 'problem.severity': 'recommendation' } : security),
      precision: confidence === 'high' ? 'high' : 'medium',
    },
  };
}

/** `[text](address)` is a link in the messages of SARIF (3.11.6), and must not come out of a name. */
export function plain(text: string): string {
  return text.replaceAll('](', '\\](');
}

/** A finding of a service with the places in code that its spans name. */
export interface LocatedFinding extends ExportedFinding {
  readonly code: readonly CodePlace[];
  /** Address of the finding. */
  readonly link: string;
}

/**
 * Findings whose spans say where in code they were made, as one run of SARIF 2.1.0: a result for each, with its places; one
 * that was resolved although it is still there is suppressed.
 *
 * @param root leading part of files that is not in the repository, such as `/usr/src/app/`; '' for none
 */
export function sarifLog(findings: readonly LocatedFinding[], version: string, root: string): object {
  const rules = new Map<string, LocatedFinding>();
  for (const finding of findings) if (!rules.has(finding.detector)) rules.set(finding.detector, finding);
  const ids = [...rules.keys()].sort();
  const run = {
    tool: {
      driver: {
        ...{ name: 'spanwarden', version, semanticVersion: version },
        rules: ids.map((id) => ruleOf(rules.get(id)!)),
      },
    },
    columnKind: 'utf16CodeUnits',
    ...(root !== '' && { originalUriBaseIds: { SRCROOT: { description: { text: 'the root of the repository' } } } }),
    results: findings.map((finding) => resultOf(finding, ids.indexOf(finding.detector), root)),
  };
  return { $schema: SARIF_SCHEMA, version: '2.1.0', runs: [run] };
}

function ruleOf({ detector, detectorName, remedy, references, ...rest }: LocatedFinding): object {
  return sarifRule({ ...rest, id: detector, name: detectorName, remedy, reference: references[0] ?? '' });
}

function resultOf(finding: LocatedFinding, ruleIndex: number, root: string): object {
  const [first, ...others] = finding.code;
  const { detectorName, service, location, key, occurrences, state, resolution } = finding;
  const where = `${location} ${key} of ${service}`;
  return {
    ruleId: finding.detector,
    ruleIndex,
    level: SARIF_LEVELS[finding.severity],
    message: { text: plain(`${detectorName} in ${where}, seen ${occurrences} times.`) },
    locations: [locationOf(first!, root)],
    ...(others.length > 0 && {
      relatedLocations: others.map((place, i) => ({ id: i + 1, ...locationOf(place, root) })),
    }),
    occurrenceCount: occurrences,
    partialFingerprints: {
      'spanwardenFinding/v1': finding.id,
      // What GitHub knows an alert by: lines of code move, the finding stays.
      primaryLocationLineHash: `${finding.id.replaceAll('-', '').slice(0, 16)}:1`,
    },
    hostedViewerUri: finding.link,
    ...(state === 'resolved' && {
      suppressions: [{ kind: 'external', status: 'accepted', justification: resolution }],
    }),
    properties: {
      ...{ kind: finding.kind, family: finding.family, severity: finding.severity, confidence: finding.confidence },
      ...{ service, environment: finding.environment, team: finding.team, location, key },
      ...{ component: finding.component, mask: finding.mask, traceId: finding.traceId, spanId: finding.spanId },
      ...{
        state,
        firstSeen: new Date(finding.firstSeen).toISOString(),
        lastSeen: new Date(finding.lastSeen).toISOString(),
      },
    },
  };
}

function locationOf({ file, line, function: name }: CodePlace, root: string): object {
  const isBelow = root !== '' && file.startsWith(root);
  const path = (isBelow ? file.slice(root.length) : file).replaceAll('\\', '/');
  const artifact = { uri: uriOf(path), ...(isBelow && { uriBaseId: 'SRCROOT' }) };
  return {
    physicalLocation: { artifactLocation: artifact, ...(line !== null && { region: { startLine: line } }) },
    ...(name !== '' && { logicalLocations: [{ fullyQualifiedName: name, kind: 'function' }] }),
  };
}

/** Relative where the path is. */
function uriOf(path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  if (/^[A-Za-z]:\//.test(path)) return `file:///${path.slice(0, 2)}${encoded.slice(4)}`;
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
