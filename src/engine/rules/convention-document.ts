import {
  CARDINALITIES,
  CONVENTION_TYPES,
  type ConventionAttribute,
  type ConventionDocument,
  type ConventionLevel,
  type ConventionType,
  type Deprecation,
  type Governance,
  PII_CLASSES,
  STABILITIES,
} from '../model/convention.js';
import type { Problem } from '../problem.js';
import { asObject, DocumentReader } from './document-reader.js';

/** Most attributes of a company's registry. */
const MAX_ATTRIBUTES = 20_000;
const MAX_BRIEF = 140;
const KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,199}$/;
const KEY_FORM = 'letters, digits, dots, underscores and dashes, at most 200';
const TEMPLATE = /^template\[(.+)\]$/;
/** Groups whose attributes describe what sends spans, and those that describe one span (Weaver, semconv-syntax.md). */
const GROUP_LEVELS: Readonly<Record<string, ConventionLevel>> = {
  entity: 'resource',
  resource: 'resource',
  span: 'span',
};

/** What one registry collects over its files. */
interface Collected {
  readonly attributes: Map<string, ConventionAttribute>;
  readonly definedIn: Map<string, string>;
  readonly levels: Map<string, ConventionLevel>;
  readonly governance: Map<string, Governance>;
}

/**
 * A company's registry from the parsed files of a folder, in Weaver's YAML (open-telemetry/weaver, schemas/
 * semconv-syntax.md): version 1 (`groups[].attributes[]` with `id` or `ref`) and version 2 (`file_format: definition/2`,
 * `attributes[].key`). What concerns names of attributes is read and checked; the rest is Weaver's. All problems at once,
 * with the file and the field.
 */
export function readConventions(
  name: string,
  files: ReadonlyMap<string, unknown>,
): { document: ConventionDocument; problems: Problem[] } {
  const problems: Problem[] = [];
  const all: Collected = { attributes: new Map(), definedIn: new Map(), levels: new Map(), governance: new Map() };
  let version = '';
  for (const [file, content] of files) {
    const r = new DocumentReader(file, content, problems);
    if (isManifest(file)) {
      version = manifestVersion(r);
      continue;
    }
    if (isVersion2(r)) readVersion2(r, file, all);
    else readVersion1(r, file, all);
  }
  if (all.attributes.size > MAX_ATTRIBUTES) {
    new DocumentReader(name, {}, problems).report('attributes', 'too many', `at most ${MAX_ATTRIBUTES}`);
  }
  const attributes = Object.fromEntries(
    [...all.attributes].map(([key, attribute]) => {
      const level = attribute.level ?? all.levels.get(key.replace(/\.\*$/, ''));
      return [key, level === undefined ? attribute : { ...attribute, level }];
    }),
  );
  const governance = Object.fromEntries(all.governance);
  return { document: { name, version, kind: 'company', attributes, governance }, problems };
}

function isManifest(file: string): boolean {
  return /(?:^|[\\/])(?:registry_)?manifest\.ya?ml$/.test(file);
}

/** The version of the registry: a field of its own, or the end of its schema URL. */
function manifestVersion(r: DocumentReader): string {
  for (const field of ['semconv_version', 'version']) if (typeof r.value(field) === 'string') return r.text(field);
  return typeof r.value('schema_url') === 'string' ? (r.text('schema_url').split('/').at(-1) ?? '') : '';
}

function isVersion2(r: DocumentReader): boolean {
  const format = r.value('file_format') ?? r.value('version');
  return typeof format === 'string' && /^(?:definition\/)?2(?:\.|$)/.test(format);
}

function readVersion1(r: DocumentReader, file: string, all: Collected): void {
  if (!r.has('groups')) r.report('groups', 'missing', 'a list of groups, or file_format: definition/2');
  r.list('groups', (group) => {
    const level = GROUP_LEVELS[String(group.value('type'))];
    const prefix = typeof group.value('prefix') === 'string' ? `${group.text('prefix')}.` : '';
    group.list('attributes', (a) => {
      if (a.has('ref')) reference(a, 'ref', level, all);
      else define(a, 'id', prefix, file, level, all);
    });
  });
}

function readVersion2(r: DocumentReader, file: string, all: Collected): void {
  r.list('attributes', (a) => define(a, 'key', '', file, undefined, all));
  r.list('attribute_groups', (group) => group.list('attributes', (a) => reference(a, 'ref', undefined, all)));
  r.list('spans', (span) => span.list('attributes', (a) => reference(a, 'ref', 'span', all)));
  r.list('entities', (entity) => {
    for (const field of ['identity', 'description']) {
      entity.list(field, (a) => reference(a, 'ref', 'resource', all));
    }
  });
}

/** A key that a signal refers to: it says where the key belongs, and may say what its values should be. */
function reference(a: DocumentReader, field: string, level: ConventionLevel | undefined, all: Collected): void {
  if (a.has('ref_group')) return;
  const key = a.text(field, KEY, KEY_FORM);
  if (key === '') return;
  putLevel(key, level, all);
  const governance = governanceOf(a);
  if (governance !== undefined) all.governance.set(key, governance);
}

function define(
  a: DocumentReader,
  field: string,
  prefix: string,
  file: string,
  level: ConventionLevel | undefined,
  all: Collected,
): void {
  const id = a.text(field, KEY, KEY_FORM);
  const read = typeOf(a);
  const brief = typeof a.value('brief') === 'string' ? shortened(a.text('brief', /^/)) : '';
  const governance = governanceOf(a);
  const attribute: ConventionAttribute = {
    ...read.type,
    ...(a.has('stability') && { stability: a.oneOf('stability', STABILITIES, 'development') }),
    ...(brief !== '' && { brief }),
    ...deprecationOf(a, read.isTemplate),
    ...(governance !== undefined && { governance }),
  };
  if (id === '') return;
  const key = `${prefix}${id}${read.isTemplate ? '.*' : ''}`;
  const before = all.definedIn.get(key);
  if (before !== undefined) a.report(field, `defined before, in ${before}`, 'one definition, and references to it');
  all.definedIn.set(key, file);
  all.attributes.set(key, attribute);
  putLevel(`${prefix}${id}`, level, all);
}

function putLevel(key: string, level: ConventionLevel | undefined, all: Collected): void {
  if (level === undefined) return;
  const before = all.levels.get(key);
  all.levels.set(key, before === undefined || before === level ? level : 'either');
}

function shortened(brief: string): string {
  const line = brief.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_BRIEF ? line : `${line.slice(0, MAX_BRIEF).replace(/\s+\S*$/, '')} …`;
}

function typeOf(a: DocumentReader): { type: Partial<ConventionAttribute>; isTemplate: boolean } {
  const value = a.value('type');
  if (asObject(value) !== null) return { type: enumOf(a.nested('type')), isTemplate: false };
  const text = typeof value === 'string' ? value : '';
  const inner = TEMPLATE.exec(text)?.[1];
  const type = (inner ?? text) as ConventionType;
  if (CONVENTION_TYPES.includes(type)) return { type: { type }, isTemplate: inner !== undefined };
  a.report(
    'type',
    value === undefined ? 'missing' : 'not known',
    `${CONVENTION_TYPES.join(', ')}, template[…], members`,
  );
  return { type: {}, isTemplate: inner !== undefined };
}

function enumOf(r: DocumentReader): Partial<ConventionAttribute> {
  const members = r.list('members', (m) => ({ value: m.value('value'), isDeprecated: m.has('deprecated'), m }));
  if (members.length === 0) r.report('members', 'empty', 'at least one member');
  const values = members.map(({ value }) => value);
  const isText = values.every((value) => typeof value === 'string');
  if (!isText && !values.every((value) => Number.isInteger(value)) && members.length > 0) {
    r.report('members', 'values of several types or of a wrong one', 'a text each, or a whole number each');
  }
  const deprecated = members.filter(({ isDeprecated }) => isDeprecated).map(({ value }) => String(value));
  return {
    type: isText ? 'string' : 'int',
    values: values.map(String),
    ...(deprecated.length > 0 && { deprecatedValues: deprecated }),
  };
}

/** A text is the old form, which only people can read. */
function deprecationOf(a: DocumentReader, isTemplate: boolean): { deprecated?: Deprecation } {
  const value = a.value('deprecated');
  if (value === undefined) return {};
  if (typeof value === 'string') return { deprecated: { reason: 'uncategorized' } };
  const r = a.nested('deprecated');
  const reason = r.oneOf('reason', ['renamed', 'obsoleted', 'uncategorized', 'unspecified'] as const, 'uncategorized');
  if (reason === 'renamed') {
    const renamedTo = r.text('renamed_to', KEY, KEY_FORM);
    return { deprecated: { reason, renamedTo: isTemplate ? `${renamedTo}.*` : renamedTo } };
  }
  return { deprecated: { reason: reason === 'obsoleted' ? reason : 'uncategorized' } };
}

/** `annotations.governance`, which Weaver keeps and does not look into. */
function governanceOf(a: DocumentReader): Governance | undefined {
  if (!a.has('annotations')) return undefined;
  const annotations = a.nested('annotations');
  if (!annotations.has('governance')) return undefined;
  const g = annotations.nested('governance');
  g.only(['cardinality', 'budget', 'pii']);
  return {
    ...(g.has('cardinality') && { cardinality: g.oneOf('cardinality', CARDINALITIES, 'unbounded') }),
    ...(g.has('budget') && { budget: g.number('budget', 1, 1e12) }),
    ...(g.has('pii') && { pii: g.oneOf('pii', PII_CLASSES, 'none') }),
  };
}
