import { type Finding, isEncoded } from '../model/finding.js';
import type { Policy, PolicyAction, PolicyEvidence, RedactionPattern } from '../model/policy.js';
import type { UsedAttribute } from './suggest-usage.js';

/** A finding as the store keeps it: with its id, and its hours apart. */
export type StoredFinding = Omit<Finding, 'hours' | 'lastPastPolicies'> & { readonly id: string };

/** What suggestions need to know beyond the findings. */
export interface SuggestContext {
  /** RE2 pattern of the finding's detector; undefined where the key gave it away, so that the whole value is meant. */
  pattern(finding: StoredFinding): string | undefined;
  /** Whether the detector checks more of a match than its pattern does, such as a check digit. */
  validates(detector: string): boolean;
  /** The name that replaces a deprecated attribute or has the same letters as one of the wrong form; undefined for none. */
  renamedTo(key: string): string | undefined;
  /** Whether the attribute holds arrays or maps somewhere, which patterns of a collector do not look into. */
  isNested(finding: StoredFinding): boolean;
  /** The template that stands for a span name of a service; the name itself where no other does. */
  templateOf(service: string, name: string): string;
  /** What a rule for the span names of a template would make of them; null where there can be none. */
  spanNameRule(template: string, services: readonly string[]): SpanNameRule | null;
  /** Whether the service sends the name that replaces the deprecated one as well, for which there is a policy of its own. */
  isTwin?(finding: StoredFinding): boolean;
  /** What was counted of the attribute; undefined where it is not known. */
  usageOf?(finding: StoredFinding): Pick<UsedAttribute, 'bytes' | 'distinct'> | undefined;
}

/** A rule for span names: the name that they get, what it must leave alone, and where their ids should be. */
export interface SpanNameRule {
  readonly name: string;
  readonly except: readonly string[];
  readonly attributes: readonly string[];
}

/** A template that was mined from the span names of some services, which no finding speaks of. */
export interface MinedTemplate {
  readonly template: string;
  readonly services: readonly string[];
  /** Names that it stands for. */
  readonly names: number;
}

/**
 * Policies that answer open findings, one per cause: the same attribute of all services that leak in it is one policy.
 * The result depends on the findings alone, not on their order.
 */
export function suggestPolicies(
  findings: readonly StoredFinding[],
  context: SuggestContext,
  mined: readonly MinedTemplate[] = [],
): Policy[] {
  const causes = new Map<string, StoredFinding[]>();
  for (const finding of findings) {
    if (!addressable(finding) || context.isTwin?.(finding)) continue;
    const cause = causeOf(finding, context);
    const group = causes.get(cause) ?? [];
    group.push(finding);
    causes.set(cause, group);
  }
  const unspoken = mined.filter(({ template }) => !causes.has(spanNameCause(template)));
  return [
    ...[...causes.values()].map((group) =>
      policyFor(
        group.sort((a, b) => (a.id < b.id ? -1 : 1)),
        context,
      ),
    ),
    ...unspoken.map((template) => minedPolicy(template, context)),
  ]
    .filter((policy) => policy !== null)
    .sort((a, b) => compare(a.title, b.title) || compare(a.cause, b.cause));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Naming rules that a rename answers, and why. */
const RENAMES: Readonly<Partial<Record<string, string>>> = {
  deprecated: 'The semantic conventions renamed the attribute.',
  invalid_format: 'The semantic conventions have the attribute under this name.',
};

function causeOf({ kind, detector, location, key, service }: StoredFinding, context: SuggestContext): string {
  if (kind === 'naming' && location === 'span_name') return spanNameCause(context.templateOf(service, key));
  return [kind === 'naming' || kind === 'cardinality' ? detector : 'leak', location, key].join(' ');
}

/** All that is wrong with the names of a template has one rule for an answer. */
function spanNameCause(template: string): string {
  return `span_name_not_general span_name ${template}`;
}

/** A key that was stored masked or cut cannot be named in a policy, and links are out of reach of collectors. */
function addressable({ location, key }: StoredFinding): boolean {
  if (location === 'span_name') return !/[\uFFFD…]/.test(key);
  return location !== 'link' && !/[{}\uFFFD…]/.test(key);
}

function policyFor(group: readonly StoredFinding[], context: SuggestContext): Policy | null {
  const { kind, detector, location, key } = group[0]!;
  const common = {
    cause: causeOf(group[0]!, context),
    location,
    key: fieldOf(location, key),
    services: [...new Set(group.map((finding) => finding.service))].sort(),
    findings: group.map((finding) => finding.id),
    evidence: evidenceOf(group, context),
  };
  if (kind === 'cardinality') return isToDelete(group) ? { ...common, ...endless(key) } : null;
  if (kind !== 'naming') return { ...common, ...leak(group, context) };
  if (location === 'span_name') {
    const said = spanNames(context.templateOf(group[0]!.service, key), common.services, context, '');
    return said && { ...common, ...said };
  }
  const reason = RENAMES[detector];
  const to = reason === undefined ? undefined : context.renamedTo(key);
  if (to === undefined || reason === undefined) return null;
  return { ...common, title: `Rename ${key} to ${to}`, reason, action: { kind: 'rename', to } };
}

function evidenceOf(group: readonly StoredFinding[], context: SuggestContext): PolicyEvidence[] {
  const isDeleted = group[0]!.kind === 'cardinality';
  // Several detectors find something in the same attribute.
  const places = new Map(group.map((finding) => [finding.service, context.usageOf?.(finding)]));
  const used = [...places.values()].filter((usage) => usage !== undefined);
  const sum = (field: 'bytes' | 'distinct'): number => used.reduce((total, usage) => total + usage[field], 0);
  return [
    { measure: 'occurrences', value: group.reduce((total, { occurrences }) => total + occurrences, 0) },
    ...(used.length === 0 ? [] : [{ measure: 'bytes' as const, value: sum('bytes') }]),
    ...(used.length === 0 ? [] : [{ measure: 'distinct_values' as const, value: Math.round(sum('distinct')) }]),
    ...(used.length === 0 || !isDeleted ? [] : [{ measure: 'bytes_saved' as const, value: sum('bytes') }]),
  ];
}

function minedPolicy({ template, services, names }: MinedTemplate, context: SuggestContext): Policy | null {
  const said = spanNames(template, services, context, ` ${names} names were seen that differ in one word only.`);
  const common = { cause: spanNameCause(template), location: 'span_name' as const, key: 'span.name', findings: [] };
  const evidence = [{ measure: 'names' as const, value: names }];
  return said && { ...common, services: [...services].sort(), ...said, evidence };
}

function spanNames(
  template: string,
  services: readonly string[],
  context: SuggestContext,
  evidence: string,
): Pick<Policy, 'title' | 'reason' | 'action'> | null {
  const rule = context.spanNameRule(template, services);
  if (rule === null) return null;
  const { name, except, attributes } = rule;
  const loss = attributes.length === 0 ? '' : ` The rule drops it: set ${attributes.join(' or ')} first.`;
  return {
    title: `Generalise span names to ${name}`,
    reason: `Span names that hold ids make one operation many.${evidence}${loss}`,
    action: {
      ...{ kind: 'template', template },
      ...(name !== template && { name }),
      ...(except.length > 0 && { except: [...except].sort() }),
    },
  };
}

/** Many values alone are no reason to lose an attribute; costs, and what is sensitive, are. */
function isToDelete(group: readonly StoredFinding[]): boolean {
  const { detector, location } = group[0]!;
  const isOfSpans = location === 'span' || location === 'event';
  return detector === 'unbounded_growth' && isOfSpans && group.some(({ severity }) => severity !== 'info');
}

function endless(key: string): Pick<Policy, 'title' | 'reason' | 'action'> {
  const reason = 'Nearly every value of it is new, and it is costly or sensitive.';
  return { title: `Delete ${key}`, reason, action: { kind: 'delete' } };
}

function leak(group: readonly StoredFinding[], context: SuggestContext): Pick<Policy, 'title' | 'reason' | 'action'> {
  const { location, key } = group[0]!;
  const detectors = [...new Set(group.map((f) => f.detector))].sort();
  const place = location === 'span_name' ? 'span names' : location === 'status' ? 'status messages' : key;
  const action = leakAction(group, detectors, context);
  const verb = action.kind === 'delete' ? 'Delete' : 'Mask';
  const what = action.kind === 'mask' ? `${detectors.join(', ')} in ${place}` : place;
  const wider = action.kind === 'mask' && detectors.some((detector) => context.validates(detector));
  const note = wider ? ' A collector cannot check check digits and the like, so it masks whatever has the form.' : '';
  return { title: `${verb} ${what}`, reason: `Found in it: ${detectors.join(', ')}.${note}`, action };
}

function leakAction(
  group: readonly StoredFinding[],
  detectors: readonly string[],
  context: SuggestContext,
): PolicyAction {
  const isAttribute = group[0]!.location !== 'span_name' && group[0]!.location !== 'status';
  if (isAttribute && group.some((finding) => context.isNested(finding))) return { kind: 'delete' };
  const patterns: RedactionPattern[] = [];
  for (const detector of detectors) {
    const found = group.filter((finding) => finding.detector === detector);
    // A pattern does not see what is encoded.
    const pattern = found.some(isEncoded) ? undefined : context.pattern(found[0]!);
    if (pattern === undefined) return { kind: 'mask-value' };
    patterns.push({ detector, pattern });
  }
  return { kind: 'mask', patterns };
}

function fieldOf(location: StoredFinding['location'], key: string): string {
  if (location === 'span_name') return 'span.name';
  return location === 'status' ? 'otel.status_description' : key;
}
