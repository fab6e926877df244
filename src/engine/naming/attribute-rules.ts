import type { Deprecation } from '../model/convention.js';
import { NAMING_LEVELS, type NamingFinding, type NamingLevel } from '../model/naming-finding.js';
import type { ConventionRegistry, KnownAttribute } from './registry.js';
import { WELL_FORMED, wordsOf } from './words.js';

/*
 * Rules that a name alone decides: those of the OpenTelemetry semantic conventions (docs/general/naming.md) with the ids
 * and levels of Weaver's live check (crates/weaver_live_check, schemas/policy.finding.json), and two of our own,
 * `near_miss` and `unit_in_name`.
 */
/** Units that people put at the end of a name. */
export const UNITS: ReadonlySet<string> = new Set([
  ...[
    'ns',
    'nanos',
    'us',
    'micros',
    'ms',
    'msec',
    'millis',
    'milliseconds',
    'sec',
    'secs',
    'seconds',
    'minutes',
    'hours',
  ],
  ...['bytes', 'kb', 'kib', 'mb', 'mib', 'gb', 'gib', 'percent', 'pct'],
]);

/** All that is wrong with an attribute key by itself, worst first. */
export function checkAttributeName(key: string, registry: ConventionRegistry): NamingFinding[] {
  const known = registry.find(key);
  const findings = known === undefined ? checkUnknown(key, registry) : checkKnown(key, known, registry);
  return findings.sort((a, b) => NAMING_LEVELS.indexOf(a.level) - NAMING_LEVELS.indexOf(b.level));
}

/** Those of `checkAttributeName` that are violations, without looking for more: for the analysis, which meets many keys. */
export function violationsOf(key: string, registry: ConventionRegistry): NamingFinding[] {
  const known = registry.find(key);
  const findings =
    known === undefined
      ? [missing(key, registry), ...checkForm(key, registry), ...checkNamespaces(key, registry)]
      : checkKnown(key, known, registry);
  return findings.filter(({ level }) => level === 'violation');
}

/** A finding on a key, in the form of Weaver. */
export function finding(
  id: string,
  level: NamingLevel,
  key: string,
  message: string,
  context: Readonly<Record<string, string>> = {},
): NamingFinding {
  return { id, level, message: `Attribute ${key} ${message}`, context: { attribute_key: key, ...context } };
}

function checkKnown(key: string, known: KnownAttribute, registry: ConventionRegistry): NamingFinding[] {
  const { attribute, kind } = known;
  const { deprecated, stability } = attribute;
  const source = { registry: known.registry };
  if (deprecated !== undefined && deprecated.reason !== 'moved') {
    const level = kind === 'vendor' ? 'improvement' : 'violation';
    const { advice, context } = insteadOf(key, deprecated, registry);
    const reason = { deprecation_reason: deprecated.reason };
    return [finding('deprecated', level, key, `is deprecated${advice}.`, { ...reason, ...context, ...source })];
  }
  // What a vendor calls `id` or `type` need not be what others call so.
  const findings: NamingFinding[] = kind === 'vendor' && !key.includes('.') ? checkForm(key, registry) : [];
  if (stability !== undefined && stability !== 'stable') {
    const what = `is ${stability} in ${known.registry}: it may change.`;
    findings.push(finding('not_stable', 'improvement', key, what, { stability, ...source }));
  }
  if (known.key.endsWith('.*')) {
    const what = `is one of the template ${known.key}.`;
    findings.push(finding('template_attribute', 'information', key, what, { template_name: known.key, ...source }));
  }
  return findings;
}

function insteadOf(
  key: string,
  { splitInto, see }: Deprecation,
  registry: ConventionRegistry,
): { advice: string; context: Readonly<Record<string, string>> } {
  const renamedTo = registry.renamedTo(key);
  if (renamedTo !== undefined) return { advice: `: use ${renamedTo}`, context: { renamed_to: renamedTo } };
  if (splitInto !== undefined) {
    return { advice: `: it was split into ${splitInto.join(' and ')}`, context: { split_into: splitInto.join(', ') } };
  }
  return see === undefined
    ? { advice: '', context: {} }
    : { advice: `: see ${see.join(', ')}`, context: { see: see.join(', ') } };
}

function checkUnknown(key: string, registry: ConventionRegistry): NamingFinding[] {
  const findings = [missing(key, registry), ...checkForm(key, registry), ...checkNamespaces(key, registry)];
  const meant = registry.nearMiss(key);
  if (meant !== undefined) {
    const what = `is in no registry: did you mean ${meant}?`;
    findings.push(finding('near_miss', 'improvement', key, what, { did_you_mean: meant }));
  }
  const unit = unitOf(key);
  if (unit !== undefined) {
    const what = `has its unit, ${unit}, in its name.`;
    findings.push(finding('unit_in_name', 'information', key, what, { unit }));
  }
  return findings;
}

/**
 * Weaver calls every unknown key a violation. That holds only for who has a registry to put keys into, and not for
 * keys below a prefix of that registry.
 */
function missing(key: string, registry: ConventionRegistry): NamingFinding {
  const level = registry.hasCompany && !registry.isOfCompany(key) ? 'violation' : 'information';
  return finding('missing_attribute', level, key, 'is in no registry.');
}

function checkForm(key: string, registry: ConventionRegistry): NamingFinding[] {
  if (!WELL_FORMED.test(key)) {
    const what = 'is not lower case with dots between namespaces and underscores between words.';
    return [finding('invalid_format', 'violation', key, what)];
  }
  if (key.includes('.') || registry.isNamespace(key)) return [];
  const what = `has no namespace: names like com.example.${key} cannot clash.`;
  return [finding('missing_namespace', 'improvement', key, what)];
}

function checkNamespaces(key: string, registry: ConventionRegistry): NamingFinding[] {
  const illegal = (what: string, namespace: string): NamingFinding[] => [
    finding('illegal_namespace', 'violation', key, what, { namespace }),
  ];
  if (key.startsWith('otel.')) return illegal('is in the namespace otel, which OpenTelemetry reserves.', 'otel');
  if (registry.isNamespace(key)) return illegal('has the name of a namespace of other attributes.', key);
  const above = registry.attributeAbove(key);
  if (above !== undefined) return illegal(`takes the attribute ${above} for a namespace.`, above);
  const namespace = registry.isOfCompany(key) ? undefined : registry.namespaceOf(key);
  if (namespace === undefined) return [];
  const what = `adds to the namespace ${namespace}, which is not yours: a later version may give the name a meaning.`;
  return [finding('extends_namespace', 'information', key, what, { namespace })];
}

/** The unit at the end of a name that has other words before it. */
export function unitOf(key: string): string | undefined {
  const words = wordsOf(key);
  const last = words.at(-1);
  return words.length > 1 && last !== undefined && UNITS.has(last) ? last : undefined;
}
