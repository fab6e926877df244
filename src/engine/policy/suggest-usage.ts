import type { Location } from '../model/location.js';
import type { Policy, PolicyAction, PolicyEvidence } from '../model/policy.js';

/** An attribute of a service in a window, in all environments. */
export interface UsedAttribute {
  readonly service: string;
  readonly location: Location;
  readonly key: string;
  readonly observations: number;
  /** OTLP protobuf bytes, as all bytes here. */
  readonly bytes: number;
  readonly distinct: number;
  /** Of the bytes of its service, 0 to 1. */
  readonly shareOfBytes: number;
  /** What the card of the attribute advises to do, and what that saves. */
  readonly advice: readonly { readonly action: 'drop' | 'truncate'; readonly savedBytes: number }[];
}

/** Spans of a name in a window. */
export interface UsedSpanName {
  readonly service: string;
  readonly name: string;
  readonly spans: number;
  /** Of the spans of its service, 0 to 1. */
  readonly share: number;
}

export interface UsageFacts {
  readonly attributes: readonly UsedAttribute[];
  readonly names: readonly UsedSpanName[];
  /** The one name that replaced a deprecated one; undefined for none. */
  successorOf(key: string): string | undefined;
  /** Ids of findings that an attribute with such a name is deprecated. */
  findingsOf(service: string, location: Location, key: string): readonly string[];
  /** Values are cut to so many characters. */
  readonly truncateTo: number;
}

/** Less of a service than this is no reason for a policy. */
const LEAST_SHARE = 0.01;
const LEAST_SPANS = 100;
/** Of its deprecated twin's observations: those without the successor lose nothing that is not said anew. */
const TWIN_SHARE = 0.99;

/**
 * Policies for what is sent for nothing: attributes that say what another one says, that are for debugging only, or are very
 * long, and spans of health checks. One per cause, in the order of their causes; the figures of the window are the evidence.
 *
 * @param isTaken whether another suggestion is about the attribute in the service already
 */
export function suggestFromUsage(
  facts: UsageFacts,
  isTaken: (service: string, location: Location, key: string) => boolean = () => false,
): Policy[] {
  const causes = new Map<string, Suggested>();
  const byPlace = new Map(facts.attributes.map((row) => [placeOf(row, row.key), row]));
  for (const row of facts.attributes) {
    if (!isAddressable(row)) continue;
    const successor = facts.successorOf(row.key);
    const twin = successor === undefined ? undefined : byPlace.get(placeOf(row, successor));
    if (isTwin(row, twin)) add(causes, row, ofTwins(row, twin!), facts.findingsOf(row.service, row.location, row.key));
    else if (!isTaken(row.service, row.location, row.key)) add(causes, row, ofAttribute(row, facts.truncateTo));
  }
  for (const row of facts.names) add(causes, row, ofName(row));
  return [...causes.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([cause, one]) => policyOf(cause, one));
}

/** Whether the deprecated name of a span's or event's attribute says nothing that its successor does not say, too. */
export function isTwin(old: UsedAttribute, successor: UsedAttribute | undefined): boolean {
  return isAddressable(old) && successor !== undefined && successor.observations >= TWIN_SHARE * old.observations;
}

interface Suggestion {
  readonly cause: string;
  readonly title: string;
  readonly reason: string;
  readonly location: Location;
  readonly key: string;
  readonly action: PolicyAction;
  readonly evidence: readonly PolicyEvidence[];
}
interface Suggested extends Suggestion {
  readonly services: string[];
  readonly findings: string[];
  readonly figures: Map<PolicyEvidence['measure'], number>;
}

function add(
  causes: Map<string, Suggested>,
  { service }: { readonly service: string },
  made: Suggestion | null,
  findings: readonly string[] = [],
): void {
  if (made === null) return;
  const known: Suggested = causes.get(made.cause) ?? { ...made, services: [], findings: [], figures: new Map() };
  causes.set(made.cause, known);
  known.services.push(service);
  known.findings.push(...findings);
  for (const { measure, value } of made.evidence) known.figures.set(measure, (known.figures.get(measure) ?? 0) + value);
}

function policyOf(
  cause: string,
  { services, findings, figures, title, reason, location, key, action }: Suggested,
): Policy {
  return {
    ...{ cause, title, reason, location, key, action },
    services: [...new Set(services)].sort(),
    findings: [...findings].sort(),
    evidence: [...figures].map(([measure, value]) => ({ measure, value })),
  };
}

function placeOf({ service, location }: Pick<UsedAttribute, 'service' | 'location'>, key: string): string {
  return `${service}\0${location}\0${key}`;
}

/** A key that was stored masked or cut cannot be named; a list of keys to keep is not about one. */
function isAddressable({ key, location }: UsedAttribute): boolean {
  return (location === 'span' || location === 'event') && !/[{}\uFFFD…]/.test(key);
}

function ofTwins(old: UsedAttribute, successor: UsedAttribute): Suggestion {
  return {
    ...attribute(old, 'twin'),
    title: `Delete ${old.key}, sent beside ${successor.key}`,
    reason: `${successor.key} replaced ${old.key} and is sent as well, so the same is stored twice.`,
    action: { kind: 'delete' },
    evidence: evidenceOf(old, old.bytes),
  };
}

function ofAttribute(row: UsedAttribute, truncateTo: number): Suggestion | null {
  const advised = (action: 'drop' | 'truncate') => row.advice.find((one) => one.action === action);
  const repeated = advised('drop');
  if (repeated !== undefined && row.distinct <= 1 && row.shareOfBytes >= LEAST_SHARE) {
    return {
      ...attribute(row, 'repeated'),
      title: `Delete ${row.key} of spans`,
      reason: 'It says the same on every span, and the resource says it too.',
      action: { kind: 'delete' },
      evidence: evidenceOf(row, repeated.savedBytes),
    };
  }
  if (row.shareOfBytes < LEAST_SHARE) return null;
  if (isForDebugging(row.key)) {
    return {
      ...attribute(row, 'debug'),
      title: `Delete ${row.key}`,
      reason:
        'It says where in the code a span was made, or is for debugging by its name, and is sent with every such span.',
      action: { kind: 'delete' },
      evidence: evidenceOf(row, row.bytes),
    };
  }
  const long = advised('truncate');
  if (long === undefined || long.savedBytes < LEAST_SHARE * (row.bytes / row.shareOfBytes)) return null;
  return {
    ...attribute(row, 'long'),
    title: `Cut ${row.key} to ${truncateTo} characters`,
    reason: 'Its values are long; what they begin with is often enough.',
    action: { kind: 'truncate', length: truncateTo },
    evidence: evidenceOf(row, long.savedBytes),
  };
}

function ofName({ name, spans, share }: UsedSpanName): Suggestion | null {
  if (!isHealthCheck(name) || spans < LEAST_SPANS || share < LEAST_SHARE) return null;
  return {
    ...{ cause: `health-check span_name ${name}`, location: 'span_name' as const, key: 'span.name' },
    title: `Drop spans of ${name}`,
    reason:
      'Health checks come every few seconds and say the same each time. Those that fail stay. Spans below them lose their parent; sample these traces in the SDK where that matters.',
    action: { kind: 'drop', match: name, keepErrors: true },
    evidence: [{ measure: 'spans', value: spans }],
  };
}

function attribute({ location, key }: UsedAttribute, what: string): Pick<Suggestion, 'cause' | 'location' | 'key'> {
  return { cause: `${what} ${location} ${key}`, location, key };
}

function evidenceOf({ observations, bytes, distinct }: UsedAttribute, saved: number): PolicyEvidence[] {
  return [
    { measure: 'occurrences', value: observations },
    { measure: 'bytes', value: bytes },
    { measure: 'distinct_values', value: Math.round(distinct) },
    { measure: 'bytes_saved', value: Math.round(saved) },
  ];
}

/** `code.*` and `thread.*` of the semantic conventions, and what calls itself so. */
const DEBUGGING = /^(?:code|thread)\.[a-z_.]+$|(?:^|[._-])debug(?:[._-]|$)/i;

function isForDebugging(key: string): boolean {
  return DEBUGGING.test(key);
}

const PROBES =
  '(?:health|healthz|healthcheck|health[_-]check|livez?|liveness|readyz?|readiness|startupz?|ping|actuator/health(?:/(?:liveness|readiness))?|-/(?:healthy|ready))';
/** Of HTTP by method and route, or the route alone, and of gRPC (github.com/grpc/grpc, doc/health-checking.md). */
const HEALTH_CHECK = new RegExp(
  `^(?:(?:GET|HEAD) )?/(?:api/|v\\d+/)*${PROBES}/?$|^/?grpc\\.health\\.v1\\.Health/(?:Check|Watch)$`,
);

function isHealthCheck(name: string): boolean {
  return HEALTH_CHECK.test(name);
}
