import type { ConventionType } from '../model/convention.js';
import {
  ARRAY,
  BOOL,
  DOUBLE,
  FIELDS,
  INT,
  type Location,
  OUTSIDE_ENUM,
  STRING,
  VALUE_TYPES,
} from '../model/location.js';
import { NAMING_LEVELS, type NamingFinding } from '../model/naming-finding.js';
import { isOwnKey } from '../model/own-keys.js';
import { isAtWrongLevel } from './attribute-level.js';
import { checkAttributeName, finding, unitOf } from './attribute-rules.js';
import { type ConventionRegistry, isInUse, namespacesOf } from './registry.js';
import { isPlural, spelling, WELL_FORMED, wordsOf } from './words.js';

/** An attribute as one service sends it, over some time. */
export interface NamingRow {
  readonly service: string;
  readonly environment: string;
  readonly location: Location;
  readonly key: string;
  readonly observations: number;
  /** OTLP protobuf bytes. */
  readonly bytes: number;
  /** Bit i is set when VALUE_TYPES[i] was seen; OUTSIDE_ENUM when a value was none of the key's enum. */
  readonly types: number;
}

/** What is wrong with a row, worst first. */
export interface NamedRow<R extends NamingRow = NamingRow> {
  readonly row: R;
  readonly findings: readonly NamingFinding[];
}

const FIELD_NAMES: ReadonlySet<string> = new Set(FIELDS);
const SEEN_TYPES = (1 << VALUE_TYPES.length) - 1;
const ANY_TYPE = -1;
const MAX_LISTED = 10;
/** An empty value says nothing of its type, and a whole number is a double as well. */
const ALLOWED: Readonly<Record<ConventionType, number>> = {
  string: 1 | (1 << STRING),
  int: 1 | (1 << INT),
  double: 1 | (1 << DOUBLE) | (1 << INT),
  boolean: 1 | (1 << BOOL),
  'string[]': 1 | (1 << ARRAY),
  'int[]': 1 | (1 << ARRAY),
  'double[]': 1 | (1 << ARRAY),
  'boolean[]': 1 | (1 << ARRAY),
  any: ANY_TYPE,
};

/**
 * What is wrong with the names of attributes, given all rows of a time that services sent: each name by itself, where
 * and with what values it stands, and beside other names. In the order of the rows; rows of fields that are no
 * attributes, and of what we write ourselves, are left out. Takes time in proportion to the rows.
 */
export function checkRows<R extends NamingRow>(rows: readonly R[], registry: ConventionRegistry): NamedRow<R>[] {
  return [...checkEach(rows, registry)];
}

/** The same, one row at a time: for those who keep few of them. */
export function* checkEach<R extends NamingRow>(
  rows: readonly R[],
  registry: ConventionRegistry,
): Generator<NamedRow<R>> {
  const attributes = rows.filter(({ key }) => !FIELD_NAMES.has(key) && !isOwnKey(key) && !/[{}\uFFFD…]/.test(key));
  const byKey = new Map<string, readonly NamingFinding[]>();
  for (const { key } of attributes) if (!byKey.has(key)) byKey.set(key, checkAttributeName(key, registry));
  const sent = sentSuccessors(attributes, byKey);
  const spellings = otherSpellings(attributes, byKey.keys(), registry);
  const units = mixedUnits(byKey.keys(), registry);
  const above = namespaces(attributes, byKey, registry);
  for (const row of attributes) {
    const { key } = row;
    const bySpelling = spellings.get(key);
    const meant = bySpelling?.context.canonical;
    const own = byKey
      .get(key)!
      .filter(({ id, context }) => id !== 'near_miss' || context.did_you_mean !== meant)
      .map((found) => (found.id === 'deprecated' ? (bothSent(row, found, sent) ?? found) : found));
    const beside = own.some(({ id }) => id === 'illegal_namespace') ? undefined : collision(row, above, registry);
    const others = [bySpelling, units.get(key), beside].filter((found) => found !== undefined);
    const findings = [...own, ...checkUse(row, registry), ...others];
    findings.sort((a, b) => NAMING_LEVELS.indexOf(a.level) - NAMING_LEVELS.indexOf(b.level));
    yield { row, findings };
  }
}

function serviceOf({ service, environment }: NamingRow): string {
  return `${service}\0${environment}`;
}

function placeOf(row: NamingRow, location: Location, key: string): string {
  return `${serviceOf(row)}\0${location}\0${key}`;
}

/** Where names stand that replace others which are sent as well. */
function sentSuccessors(
  rows: readonly NamingRow[],
  byKey: ReadonlyMap<string, readonly NamingFinding[]>,
): ReadonlySet<string> {
  const successors = new Set([...byKey.values()].flatMap((findings) => findings.flatMap(successorsOf)));
  const places = rows.filter(({ key }) => successors.has(key)).map((row) => placeOf(row, row.location, row.key));
  return new Set(places);
}

function successorsOf({ id, context }: NamingFinding): readonly string[] {
  if (id !== 'deprecated') return [];
  return (context.renamed_to ?? context.split_into)?.split(', ') ?? [];
}

/** A service that sends the old and the new names migrates: no violation, but it is paid for twice. */
function bothSent(row: NamingRow, found: NamingFinding, sent: ReadonlySet<string>): NamingFinding | undefined {
  const { context } = found;
  const names = successorsOf(found);
  if (names.length === 0 || !names.every((name) => sent.has(placeOf(row, row.location, name)))) return undefined;
  const what = `is sent beside ${names.join(' and ')}, which replaced it: the same is stored twice.`;
  const cost = { bytes: String(row.bytes), observations: String(row.observations) };
  return finding('both_sent', 'improvement', row.key, what, { ...context, ...cost });
}

/** What the values and the place of a row say. */
function checkUse(row: NamingRow, registry: ConventionRegistry): NamingFinding[] {
  const known = registry.find(row.key);
  if (known === undefined) return checkPlural(row);
  const { type, level, values } = known.attribute;
  const findings: NamingFinding[] = [];
  const wrong = type === undefined ? 0 : row.types & SEEN_TYPES & ~ALLOWED[type];
  if (type !== undefined && wrong !== 0) {
    const seen = typeNames(wrong).join(', ');
    const severity = known.kind === 'vendor' ? 'improvement' : 'violation';
    const context = { attribute_type: seen, expected_type: type, registry: known.registry };
    findings.push(finding('type_mismatch', severity, row.key, `has values of type ${seen}, not ${type}.`, context));
  }
  if (values !== undefined && (row.types & OUTSIDE_ENUM) !== 0) {
    const what = 'has values that are none of its enum; enums are open, so they may be right.';
    findings.push(finding('undefined_enum_variant', 'information', row.key, what, { registry: known.registry }));
  }
  if (isAtWrongLevel(row.key, row.location, registry)) {
    const what = `stands on the ${row.location} and belongs to the ${level}.`;
    const context = { attribute_level: String(level), found_at: row.location, bytes: String(row.bytes) };
    findings.push(finding('wrong_level', 'improvement', row.key, what, context));
  }
  return findings;
}

/** Numbers are left out: `retries` is a count and no list. */
function checkPlural({ key, types }: NamingRow): NamingFinding[] {
  const last = wordsOf(key).at(-1) ?? '';
  const seen = types & SEEN_TYPES & ~1;
  if (isPlural(last) && seen !== 0 && (seen & ~((1 << STRING) | (1 << BOOL))) === 0) {
    const what = 'is plural and its values are no lists; name one thing in the singular.';
    return [finding('plural_not_array', 'improvement', key, what, { attribute_type: typeNames(seen).join(', ') })];
  }
  if (!isPlural(last) && seen === 1 << ARRAY) {
    return [finding('array_not_plural', 'information', key, 'is singular and its values are lists.')];
  }
  return [];
}

function typeNames(mask: number): string[] {
  return VALUE_TYPES.filter((_, type) => (mask & (1 << type)) !== 0);
}

/** How a name is used, to choose one of several. */
interface Usage {
  readonly services: Set<string>;
  observations: number;
}

/** Keys that are other spellings of one name, with what they should be: the registry's name, else the one most used. */
function otherSpellings(
  rows: readonly NamingRow[],
  keys: Iterable<string>,
  registry: ConventionRegistry,
): Map<string, NamingFinding> {
  const groups = spellingGroups(keys);
  for (const { key, service, observations } of rows) {
    const usage = groups.get(key)?.get(key);
    if (usage === undefined) continue;
    usage.services.add(service);
    usage.observations += observations;
  }
  const found = new Map<string, NamingFinding>();
  for (const group of new Set(groups.values())) {
    const canonical = canonicalOf(group, registry);
    const spellings = listed([...group.keys()]);
    const services = String(new Set([...group.values()].flatMap((usage) => [...usage.services])).size);
    for (const key of group.keys()) {
      if (key === canonical || registry.find(key) !== undefined) continue;
      const what = `is one of several spellings (${spellings}); use ${canonical} in all services.`;
      const context = { canonical, spellings, services };
      found.set(key, finding('inconsistent_spelling', 'improvement', key, what, context));
    }
  }
  return found;
}

/** Keys that are not the only one with their letters, each with all that have them; nothing is counted yet. */
function spellingGroups(keys: Iterable<string>): Map<string, Map<string, Usage>> {
  const first = new Map<string, string>();
  const groups = new Map<string, Map<string, Usage>>();
  const join = (key: string, group: Map<string, Usage>): void => {
    group.set(key, { services: new Set(), observations: 0 });
    groups.set(key, group);
  };
  for (const key of keys) {
    const letters = spelling(key);
    const other = first.get(letters);
    if (other === undefined) {
      first.set(letters, key);
      continue;
    }
    const group = groups.get(other) ?? new Map<string, Usage>();
    if (group.size === 0) join(other, group);
    join(key, group);
  }
  return groups;
}

/** The first names in their order, so that a text stays short. */
function listed(names: readonly string[]): string {
  const shown = [...names].sort().slice(0, MAX_LISTED);
  return shown.join(', ') + (names.length > MAX_LISTED ? ', …' : '');
}

function canonicalOf(group: ReadonlyMap<string, Usage>, registry: ConventionRegistry): string {
  const names = [...group].sort(
    ([a, one], [b, other]) =>
      Number(WELL_FORMED.test(b)) - Number(WELL_FORMED.test(a)) ||
      other.services.size - one.services.size ||
      other.observations - one.observations ||
      (a < b ? -1 : 1),
  );
  const known = names.find(([key]) => {
    const attribute = registry.find(key);
    return attribute !== undefined && isInUse(attribute);
  });
  return known?.[0] ?? registry.sameLetters(names[0]![0]) ?? names[0]![0];
}

/** Keys that are the same but for the unit at their end. */
function mixedUnits(keys: Iterable<string>, registry: ConventionRegistry): Map<string, NamingFinding> {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    if (unitOf(key) === undefined || registry.find(key) !== undefined) continue;
    const stem = wordsOf(key).slice(0, -1).join(' ');
    const group = groups.get(stem);
    if (group === undefined) groups.set(stem, [key]);
    else group.push(key);
  }
  const found = new Map<string, NamingFinding>();
  for (const group of groups.values()) {
    const units = [...new Set(group.map((key) => unitOf(key)!))].sort().join(', ');
    if (!units.includes(',')) continue;
    for (const key of group) {
      const what = `has the same quantity as others in another unit (${units}).`;
      found.set(key, finding('mixed_units', 'improvement', key, what, { units }));
    }
  }
  return found;
}

/** By service: keys that are namespaces of unknown keys it sends, with one of these. */
function namespaces(
  rows: readonly NamingRow[],
  sent: ReadonlyMap<string, unknown>,
  registry: ConventionRegistry,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const row of rows) {
    for (const namespace of namespacesOf(row.key)) {
      if (!sent.has(namespace) || registry.find(row.key) !== undefined) continue;
      const service = serviceOf(row);
      const own = found.get(service) ?? new Map<string, string>();
      const example = own.get(namespace);
      if (example === undefined || row.key < example) own.set(namespace, row.key);
      found.set(service, own);
    }
  }
  return found;
}

/** An unknown key that is a namespace of another one that the same service sends. */
function collision(
  row: NamingRow,
  above: ReadonlyMap<string, ReadonlyMap<string, string>>,
  registry: ConventionRegistry,
): NamingFinding | undefined {
  const below = above.get(serviceOf(row))?.get(row.key);
  if (below === undefined || registry.find(row.key) !== undefined) return undefined;
  const context = { namespace: row.key, collides_with: below };
  return finding('illegal_namespace', 'violation', row.key, `is a namespace too, of ${below}.`, context);
}
