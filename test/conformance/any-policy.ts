import fc from 'fast-check';
import type { Location } from '../../src/engine/model/location.js';
import type { Policy, PolicyAction, PolicyVersion } from '../../src/engine/model/policy.js';
import type { SamplingStage } from '../../src/engine/model/sampling.js';

/** Texts that mean something to confmap, YAML, OTTL, RE2 or a terminal, and must mean nothing in a policy. */
export const HOSTILE: readonly string[] = [
  ...['${env:HOME}', '${HOME}', '$HOME', '$1', '${1}', '$$', '$', '$$$', '$${env:HOME}', '${env:SPANWARDEN_PROBE}'],
  ...[
    '${SPANWARDEN_PROBE}',
    '$${SPANWARDEN_PROBE}',
    '${env:NOT_SET:-x}',
    '${file:/etc/hostname}',
    '${yaml:a: b}',
    '${',
  ],
  ...['"', "'", '\\', '\\\\', '\\"', '"]', '\\u0041', '\\x41', '\\Q', '%s %d', '{{.}}', '[0]', '(?i)a', '.*', '^a$'],
  ...['") where true or ("', '"] where true #', '" or 1 == 1 or "', "it''s", '"))\n- set(span.name, "owned")'],
  ...[
    '\n',
    'line\nbreak',
    '\r\n',
    '\t',
    'a\r',
    ' lead',
    'trail ',
    ' ',
    '  two  spaces  ',
    '\u0007',
    '\u001b[31mred',
    '\u007f',
  ],
  ...[
    '!!binary aGk=',
    '!!python/object:os.system',
    '*alias',
    '&anchor',
    '---',
    '---\na: b',
    '...',
    '- a',
    '? x',
    '# comment',
  ],
  ...[
    'a: b',
    '{a: b}',
    '[x]',
    '%YAML 1.2',
    '|',
    '>',
    '~',
    'null',
    'true',
    'no',
    '0x1F',
    '1e3',
    '2001-01-01',
    '<<',
    '=',
    '@',
    '`',
  ],
  ...[
    '\u202ertl',
    'العربية',
    'עברית',
    '😀',
    '𝕏',
    '\u{10FFFF}',
    '\u200b',
    '\uFEFF',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u00a0',
  ],
  ...[
    'é',
    'e\u0301',
    '\uFFFD',
    'K\u212A',
    'nil',
    'span.name',
    '__proto__',
    'constructor',
    'x'.repeat(5000),
    '${a}'.repeat(500),
  ],
];

const hostile = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...HOSTILE) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...HOSTILE), fc.constantFrom(...HOSTILE)).map((pair) => pair.join('')),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '')) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 200 }) },
);
/** RE2 that compiles, with hostile texts in it. */
const pattern = fc.oneof(
  fc.constantFrom(
    '(?P<match>a)',
    '(?i)b(?P<match>[^"$]+)(?:;|$)',
    'a|b(?P<match>c)',
    '\\$\\{env:(?P<match>[A-Z]+)\\}',
    '$',
    '^',
  ),
  hostile.map((text) => text.slice(0, 200).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')),
);
const template = fc.oneof(
  hostile,
  hostile.map((text) => `${text.slice(0, 100)}{id}`),
  fc.constant("SELECT '{value}'"),
);
const services = fc.uniqueArray(hostile, { minLength: 1, maxLength: 3 });

const ofPlace: fc.Arbitrary<PolicyAction> = fc.oneof(
  fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => ({
    kind: 'mask' as const,
    patterns: patterns.map((source) => ({ detector: 'd', pattern: source })),
  })),
  fc.constantFrom<PolicyAction>(
    ...(['mask-value', 'delete', 'hash', 'keyed-hash'] as const).map((kind) => ({ kind })),
    { kind: 'truncate', length: 1 },
    { kind: 'truncate', length: 1000 },
  ),
  hostile.map((to) => ({ kind: 'rename' as const, to })),
);
const nameAction: fc.Arbitrary<PolicyAction> = fc.record(
  { kind: fc.constant('template' as const), template, name: hostile, except: fc.array(template, { maxLength: 3 }) },
  { requiredKeys: ['kind', 'template'] },
);
const drop = (match: fc.Arbitrary<string>): fc.Arbitrary<PolicyAction> =>
  fc.record(
    {
      ...{ kind: fc.constant('drop' as const), match, keepErrors: fc.boolean() },
      except: fc.array(template, { maxLength: 2 }),
    },
    { requiredKeys: ['kind', 'match', 'keepErrors'] },
  );
const probability = fc.double({ min: 0.0001, max: 1, noNaN: true });
const sample: fc.Arbitrary<PolicyAction> = fc.record({
  kind: fc.constant('sample' as const),
  stage: fc.constantFrom<SamplingStage>('sdk', 'collector', 'tail', 'tail'),
  environment: fc.oneof(fc.constant(''), hostile),
  keep: fc.record({
    errors: fc.boolean(),
    slowerThanMs: fc.option(fc.integer({ min: 1, max: 86_400_000 })),
    critical: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('name' as const), name: template }),
        fc.record({ kind: fc.constant('attribute' as const), key: hostile, value: hostile }),
      ),
      { maxLength: 3 },
    ),
  }),
  operations: fc.array(fc.record({ service: hostile, operation: template, probability }), { maxLength: 5 }),
  otherwise: probability,
  floor: fc.constant(0.0001),
  budget: fc.constant(null),
  adaptive: fc.boolean(),
});

type Part = Pick<Policy, 'location' | 'key' | 'action' | 'services' | 'environments'>;
const FIELDS: readonly (readonly [Location, string])[] = [
  ...([
    ['span_name', 'span.name'],
    ['status', 'otel.status_description'],
    ['span', 'tracestate'],
    ['event', 'event.name'],
  ] as const),
  ...([
    ['scope', 'otel.scope.name'],
    ['scope', 'otel.scope.version'],
    ['resource', 'schema_url'],
    ['scope', 'schema_url'],
  ] as const),
];
const attribute = fc.constantFrom<Location>('resource', 'scope', 'span', 'event');
const place = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(attribute, hostile) },
  { weight: 1, arbitrary: fc.constantFrom(...FIELDS) },
  { weight: 1, arbitrary: fc.tuple(fc.constant<Location>('link'), hostile) },
);
const at = (
  places: fc.Arbitrary<readonly [Location, string]>,
  action: fc.Arbitrary<PolicyAction>,
): fc.Arbitrary<Part> =>
  fc
    .record({ place: places, action, services, environments: fc.uniqueArray(hostile, { maxLength: 2 }) })
    .map(({ place: [location, key], action: one, environments, services: of }) => ({
      ...{ location, key, action: one, services: of },
      ...(one.kind !== 'sample' && environments.length > 0 && { environments }),
    }));
const spanName = fc.constant(['span_name', 'span.name'] as const);
const keep: fc.Arbitrary<PolicyAction> = fc.record({
  kind: fc.constant('keep' as const),
  keys: fc.uniqueArray(hostile, { minLength: 1, maxLength: 6 }),
});

const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 8, arbitrary: at(place, ofPlace) },
  { weight: 2, arbitrary: at(spanName, nameAction) },
  { weight: 2, arbitrary: at(fc.tuple(attribute, fc.constant('*')), keep) },
  { weight: 2, arbitrary: at(place, drop(hostile)) },
  { weight: 2, arbitrary: at(spanName, drop(template)) },
  { weight: 1, arbitrary: at(fc.constant(['span', 'trace_id'] as const), sample) },
  {
    weight: 1,
    arbitrary: at(fc.constant(['span', 'trace_id'] as const), sample).map((one) => ({ ...one, services: [] })),
  },
);

/** Policies of all kinds at all places, valid by the model, as one set. */
export const anyPolicies: fc.Arbitrary<PolicyVersion[]> = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 40, size: 'max' }), hostile)
  .map(([parts, text]) => parts.map((one, i) => approved(`${i} ${text}`, one)));

export function approved(id: string, given: Part): PolicyVersion {
  const policy = { ...given, cause: id, title: '', reason: '', findings: [] };
  return { id, version: 1, state: 'approved', policy };
}
