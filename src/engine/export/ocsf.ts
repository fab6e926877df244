import type { FindingKind, Severity } from '../model/finding.js';
import type { FindingState, Resolution } from '../model/finding-state.js';
import type { Location } from '../model/location.js';

/** Version of the schema that the events keep to, https://schema.ocsf.io. */
export const OCSF_VERSION = '1.5.0';

/** A finding as it stands now, with what people read of its rule. Times are milliseconds since the epoch. */
export interface ExportedFinding {
  readonly id: string;
  readonly kind: FindingKind;
  readonly detector: string;
  readonly detectorName: string;
  readonly family: string;
  readonly severity: Severity;
  readonly confidence: 'high' | 'other';
  readonly state: FindingState;
  readonly substate: string | null;
  readonly resolution: Resolution | null;
  readonly resolvedAt: number | null;
  readonly service: string;
  readonly environment: string;
  readonly team: string;
  readonly location: Location;
  readonly key: string;
  readonly component: string;
  readonly mask: string;
  readonly occurrences: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly remedy: string;
  readonly references: readonly string[];
  readonly traceId: string;
  readonly spanId: string;
}

export type OcsfEvent = Readonly<Record<string, unknown>>;

const FINDINGS_CATEGORY = 2;
const DATA_SECURITY_FINDING = 2006;
const COMPLIANCE_FINDING = 2003;

const SEVERITY_IDS: Readonly<Record<Severity, number>> = { info: 1, low: 2, medium: 3, high: 4, critical: 5 };
const SEVERITY_NAMES = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical'];
const CREATE = 1;
const UPDATE = 2;
const CLOSE = 3;
const ACTIVITY_NAMES = ['Unknown', 'Create', 'Update', 'Close'];
const NEW = 1;
const IN_PROGRESS = 2;
const SUPPRESSED = 3;
const RESOLVED = 4;
const STATUS_NAMES = ['Unknown', 'New', 'In Progress', 'Suppressed', 'Resolved'];
const HIGH_CONFIDENCE = 3;
const OTHER = 99;
const IN_TRANSIT = 2;
const DATA_DISCOVERY = 4;
const FAILED = 3;

const PERSONAL = 1;
const GOVERNMENTAL = 2;
const FINANCIAL = 3;
const SECURITY = 6;
/** Families of personal data that OCSF has a category of their own for. */
const CATEGORIES: Readonly<Record<string, number>> = {
  financial: FINANCIAL,
  'national-id': GOVERNMENTAL,
  'identity-document': GOVERNMENTAL,
};

/**
 * A finding as an event of the Open Cybersecurity Schema Framework: Data Security Finding (2006) for what a detector
 * found, Compliance Finding (2003) for names and numbers of values. Of the value there is the mask only.
 */
export function ocsfEvent(finding: ExportedFinding, productVersion: string): OcsfEvent {
  const isCompliance = finding.kind === 'naming' || finding.kind === 'cardinality';
  return isCompliance
    ? { ...base(finding, COMPLIANCE_FINDING, productVersion), ...complianceOf(finding) }
    : { ...base(finding, DATA_SECURITY_FINDING, productVersion), ...dataSecurityOf(finding) };
}

function base(finding: ExportedFinding, classUid: number, version: string): OcsfEvent {
  const activity = activityOf(finding);
  const status = statusOf(finding);
  const severity = SEVERITY_IDS[finding.severity];
  return {
    ...{ category_uid: FINDINGS_CATEGORY, category_name: 'Findings', class_uid: classUid },
    class_name: classUid === COMPLIANCE_FINDING ? 'Compliance Finding' : 'Data Security Finding',
    ...{ type_uid: classUid * 100 + activity, activity_id: activity, activity_name: ACTIVITY_NAMES[activity] },
    ...{ severity_id: severity, severity: SEVERITY_NAMES[severity] },
    ...{ status_id: status, status: STATUS_NAMES[status] },
    ...((finding.resolution ?? finding.substate) !== null && { status_detail: finding.resolution ?? finding.substate }),
    time: finding.resolvedAt ?? finding.lastSeen,
    count: finding.occurrences,
    message: `${finding.detectorName} in ${finding.location} ${finding.key} of ${finding.service}`,
    metadata: { version: OCSF_VERSION, product: { name: 'spanwarden', vendor_name: 'spanwarden', version } },
    finding_info: {
      ...{ uid: finding.id, title: finding.detectorName, types: [finding.kind, finding.family] },
      desc: finding.remedy,
      analytic: { uid: finding.detector, name: finding.detectorName, type_id: 1, type: 'Rule' },
      ...{ first_seen_time: finding.firstSeen, last_seen_time: finding.lastSeen },
    },
    resources: [resourceOf(finding)],
    unmapped: {
      ...{ location: finding.location, key: finding.key, component: finding.component, mask: finding.mask },
      ...{ trace_id: finding.traceId, span_id: finding.spanId },
    },
  };
}

function resourceOf({ service, environment, team }: ExportedFinding): OcsfEvent {
  return {
    ...{ type: 'service', name: service, labels: [`deployment.environment.name:${environment}`] },
    ...(team !== '' && { owner: { name: team } }),
  };
}

/** A finding that came back, or that somebody looks after, is an update of the one that was created. */
function activityOf({ state, substate }: ExportedFinding): number {
  if (state === 'resolved') return CLOSE;
  return state === 'open' && substate === 'new' ? CREATE : UPDATE;
}

function statusOf({ state, resolution }: ExportedFinding): number {
  if (state === 'resolved') return isFixed(resolution) ? RESOLVED : SUPPRESSED;
  return state === 'acknowledged' ? IN_PROGRESS : NEW;
}

/** What is resolved for another reason is still there, and only not to be shown. */
function isFixed(resolution: Resolution | null): boolean {
  return resolution === 'fixed_at_source' || resolution === 'redacted_by_policy';
}

function dataSecurityOf(finding: ExportedFinding): OcsfEvent {
  const { kind, family, detector, detectorName, occurrences, confidence } = finding;
  const paths = [{ json_path: pathOf(finding) }];
  return {
    ...(confidence === 'high'
      ? { confidence_id: HIGH_CONFIDENCE, confidence: 'High' }
      : { confidence_id: OTHER, confidence: 'other' }),
    data_security: {
      category_id: kind === 'secret' ? SECURITY : (CATEGORIES[family] ?? PERSONAL),
      ...{ data_lifecycle_state_id: IN_TRANSIT, detection_system_id: DATA_DISCOVERY, detection_pattern: detector },
      discovery_details: [{ type: detectorName, count: occurrences, occurrences: paths }],
    },
  };
}

/** JSONPath (RFC 9535) of the attribute: the place in the span, then the key. */
function pathOf({ location, key }: ExportedFinding): string {
  return `$.${location}[${JSON.stringify(key)}]`;
}

function complianceOf({ kind, detector, detectorName, remedy, references }: ExportedFinding): OcsfEvent {
  const standards = [kind === 'naming' ? 'OpenTelemetry naming' : 'OpenTelemetry attribute cardinality'];
  return {
    compliance: { standards, control: detector, status_id: FAILED, status: 'Fail', status_detail: detectorName },
    remediation: { desc: remedy, references },
  };
}
