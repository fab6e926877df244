// Derives the registries in rules/conventions from npm packages, the same bytes for the same packages:
// - opentelemetry.json from @opentelemetry/semantic-conventions: names and enum values at run time; stability, briefs and
//   deprecations from the comments of its type declarations; what it does not say from opentelemetry-supplement.yaml.
// - sentry.json from @sentry/conventions, which has everything at run time.
// Each has a summary that counts what became of every deprecated key of its source.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const FOLDER = 'rules/conventions';
const DECLARATION = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*declare const (\w+): /g;
const MAX_BRIEF = 140;
/** Types of @sentry/conventions by the names that semantic conventions have for them. */
const TYPES = { integer: 'int', 'integer[]': 'int[]' };
const REASONS = ['renamed', 'obsoleted', 'moved', 'uncategorized'];

/** Path and content of the registries. */
export async function conventionFiles() {
  const sentry = (await import('@sentry/conventions')).ATTRIBUTE_METADATA;
  return new Map([
    [`${FOLDER}/opentelemetry.json`, json(await openTelemetry(sentry))],
    [`${FOLDER}/sentry.json`, json(sentryRegistry(sentry))],
  ]);
}

async function openTelemetry(sentry) {
  const names = {
    ...(await import('@opentelemetry/semantic-conventions')),
    ...(await import('@opentelemetry/semantic-conventions/incubating')),
  };
  const supplement = parse(readFileSync(join(root, FOLDER, 'opentelemetry-supplement.yaml'), 'utf8'));
  const dist = dirname(require.resolve('@opentelemetry/semantic-conventions'));
  const comments = new Map();
  for (const [file, stability] of [
    ['experimental_attributes', 'development'],
    ['stable_attributes', 'stable'],
  ]) {
    const text = readFileSync(join(dist, `${file}.d.mts`), 'utf8');
    for (const [, comment, constant] of text.matchAll(DECLARATION)) comments.set(constant, { comment, stability });
  }
  const constants = [...comments].filter(([constant]) => constant.startsWith('ATTR_'));
  const keyOf = (constant) => (typeof names[constant] === 'function' ? names[constant]('*') : names[constant]);
  const attributes = new Map();
  for (const [constant, { comment, stability }] of constants) {
    const enumValues = membersOf(constant, names, comments);
    attributes.set(keyOf(constant), {
      ...typeOf(keyOf(constant), comment, enumValues.values, sentry),
      stability,
      ...briefOf(comment),
      ...(enumValues.values.length > 0 && { values: enumValues.values.map(String) }),
      ...(enumValues.deprecated.length > 0 && { deprecatedValues: enumValues.deprecated.map(String) }),
      ...deprecationOf(comment, keyOf(constant).endsWith('.*')),
    });
  }
  const declared = constants.filter(([, { comment }]) => /@deprecated/.test(comment)).length;
  for (const [key, renamedTo] of Object.entries(supplement.renamed)) {
    attributes.set(key, {
      ...attributes.get(renamedTo),
      brief: `Deprecated, use ${renamedTo} instead.`,
      deprecated: { reason: 'renamed', renamedTo },
    });
  }
  addLevels(attributes, names, supplement);
  return {
    ...header('OpenTelemetry semantic conventions', 'standard', '@opentelemetry/semantic-conventions', dist),
    summary: summary(attributes, {
      declared: constants.length,
      deprecated: declared,
      supplemented: Object.keys(supplement.renamed).length,
    }),
    attributes,
  };
}

/** Enum values of an attribute: those of its constants, with those that are deprecated listed once more. */
function membersOf(constant, names, comments) {
  const prefix = `${constant.slice('ATTR_'.length)}_VALUE_`;
  const own = [...comments].filter(([name]) => name.startsWith(prefix));
  const isDeprecated = ([, { comment }]) => /@deprecated/.test(comment);
  const valuesOf = (members) => [...new Set(members.map(([name]) => names[name]))].sort();
  const values = valuesOf(own);
  // An enum that lists nothing but what is none of it says nothing of its values.
  if (values.every((value) => value === '_OTHER')) return { values: [], deprecated: [] };
  return { values, deprecated: valuesOf(own.filter(isDeprecated)) };
}

/** The package states no types; enum values, examples that are lists, and @sentry/conventions give most of them. */
function typeOf(key, comment, values, sentry) {
  if (values.length > 0) return { type: typeof values[0] === 'number' ? 'int' : 'string' };
  const known = sentry[key.replace(/\*$/, '<key>')];
  if (known?.isInOtel) return { type: TYPES[known.type] ?? known.type };
  const list = /@example (\[.*\])$/m.exec(comment)?.[1];
  if (list === undefined) return {};
  try {
    return typeof JSON.parse(list)[0] === 'string' ? { type: 'string[]' } : {};
  } catch {
    return {};
  }
}

function textOf(comment) {
  return comment.replace(/^\s*\* ?/gm, '');
}

function briefOf(comment) {
  const text = textOf(comment)
    .trim()
    .split(/\n\s*\n|\n@/)[0];
  return shortBrief(text);
}

/** The first sentence, without links and code marks, cut at a word. */
function shortBrief(text) {
  const plain = text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const sentence = /^.*?[.!?](?= [A-Z]|$)/.exec(plain)?.[0] ?? plain;
  const short = sentence.length <= MAX_BRIEF ? sentence : `${sentence.slice(0, MAX_BRIEF).replace(/\s+\S*$/, '')} …`;
  return short === '' ? {} : { brief: short };
}

/**
 * What a comment says of a deprecation. Only a note that names one successor and no condition is a rename; a name that
 * moved to another registry is no deprecation at all; what has several successors is obsolete and lists them.
 */
function deprecationOf(comment, isTemplate) {
  const note = /@deprecated\s+([\s\S]*?)(?:\n@|$)/.exec(textOf(comment))?.[1].replace(/\s+/g, ' ').trim();
  if (note === undefined) return {};
  const mentioned = [...note.matchAll(/`([a-z][a-z0-9_]*(?:\.[a-z0-9_-]+)+)`/g)].map(([, key]) =>
    isTemplate ? `${key}.*` : key,
  );
  if (/^Moved to /.test(note)) return { deprecated: { reason: 'moved' } };
  if (/^Replaced by `[^`]+`(?:, which has moved to [^`]*)?\.?$/.test(note)) {
    return { deprecated: { reason: 'renamed', renamedTo: mentioned[0] } };
  }
  if (/^Split (?:in)?to |^Replaced by `[^`]+` and `[^`]+`\.?$/.test(note)) {
    return { deprecated: { reason: 'obsoleted', splitInto: mentioned } };
  }
  if (/^(?:Removed|Deprecated)[,.] no replacement at this time\.?$/i.test(note)) {
    return { deprecated: { reason: 'obsoleted' } };
  }
  return { deprecated: { reason: 'uncategorized', ...(mentioned.length > 0 && { see: mentioned }) } };
}

function addLevels(attributes, names, supplement) {
  const known = new Map();
  for (const key of Object.values(names.SemanticResourceAttributes)) known.set(key, 'resource');
  for (const key of Object.values(names.SemanticAttributes)) known.set(key, 'span');
  for (const [key, level] of [...known]) {
    const renamedTo = attributes.get(key)?.deprecated?.renamedTo;
    if (renamedTo !== undefined && !known.has(renamedTo)) known.set(renamedTo, level);
  }
  const said = ['resource', 'span', 'either'].flatMap((level) => supplement[level].map((name) => [name, level]));
  said.sort(([a], [b]) => b.length - a.length);
  for (const [key, attribute] of attributes) {
    const level = said.find(([name]) => key === name || (name.endsWith('.') && key.startsWith(name)))?.[1];
    attribute.level = level ?? known.get(key);
    if (attribute.level === undefined) delete attribute.level;
  }
}

function sentryRegistry(metadata) {
  const attributes = new Map();
  for (const [name, attribute] of Object.entries(metadata)) {
    const key = name.replace(/<\w+>$/, '*');
    const { type, brief, aliases = [], applyScrubbing, deprecation, isInOtel } = attribute;
    attributes.set(key, {
      type: TYPES[type] ?? type,
      ...shortBrief(brief),
      ...(aliases.length > 0 && { aliases: [...aliases].sort() }),
      ...(applyScrubbing.key !== 'manual' && { scrubbing: applyScrubbing.key }),
      ...(isInOtel && { isInOtel }),
      ...(deprecation !== undefined && { deprecated: sentryDeprecation(deprecation) }),
    });
  }
  const deprecated = Object.values(metadata).filter(({ deprecation }) => deprecation !== undefined).length;
  return {
    ...header('Sentry conventions', 'vendor', '@sentry/conventions', dirname(require.resolve('@sentry/conventions'))),
    summary: summary(attributes, { declared: Object.keys(metadata).length, deprecated, supplemented: 0 }),
    attributes,
  };
}

/** Only with `backfill` and `normalize` does the successor hold the same value. */
function sentryDeprecation({ replacement, status }) {
  const successor = replacement?.replace(/<\w+>$/, '*');
  if (successor === undefined) return { reason: 'obsoleted' };
  if (status === 'backfill' || status === 'normalize') return { reason: 'renamed', renamedTo: successor };
  return { reason: 'uncategorized', see: [successor] };
}

function header(name, kind, source, dist) {
  const { version } = JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8'));
  return { name, version, kind, source };
}

/** @param source what the source itself has: keys, deprecated ones, and those added to it by hand */
function summary(attributes, source) {
  const all = [...attributes.values()];
  const deprecated = all.filter((attribute) => attribute.deprecated !== undefined);
  const byReason = REASONS.map((reason) => [reason, deprecated.filter((a) => a.deprecated.reason === reason).length]);
  const known = (key) => attributes.has(key) || attributes.has(key.replace(/\.[^.]+$/, '.*'));
  const successors = deprecated.map((a) => a.deprecated.renamedTo).filter((key) => key !== undefined);
  return {
    source,
    attributes: attributes.size,
    templates: [...attributes.keys()].filter((key) => key.endsWith('.*')).length,
    typed: all.filter((attribute) => attribute.type !== undefined).length,
    enums: all.filter((attribute) => attribute.values !== undefined).length,
    levels: Object.fromEntries(
      ['resource', 'span', 'either'].map((level) => [level, all.filter((a) => a.level === level).length]),
    ),
    deprecated: { total: deprecated.length, ...Object.fromEntries(byReason) },
    renamed_to_elsewhere: [...new Set(successors.filter((key) => !known(key)))].sort(),
  };
}

/** One attribute a line, in the order of the keys. */
function json({ attributes, ...document }) {
  const lines = [...attributes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, attribute]) => `    ${JSON.stringify(key)}: ${JSON.stringify(attribute)}`);
  const head = JSON.stringify(document, null, 2).slice(0, -2);
  return `${head},\n  "attributes": {\n${lines.join(',\n')}\n  }\n}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, content] of await conventionFiles()) {
    const { name, version, summary: counts } = JSON.parse(content);
    process.stdout.write(`${path}: ${name} ${version}\n${JSON.stringify(counts, null, 2)}\n`);
  }
}
