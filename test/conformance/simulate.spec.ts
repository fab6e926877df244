import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { simulationTools } from '../../src/edge/policy/simulation-tools.js';
import { toYaml } from '../../src/edge/serve/policy-sets.js';
import type { Location } from '../../src/engine/model/location.js';
import type { Policy, PolicyAction, PolicyVersion } from '../../src/engine/model/policy.js';
import type {
  AnyValue,
  KeyValue,
  ResourceSpans,
  TraceRequest,
  WithAttributes,
} from '../../src/engine/model/trace-request.js';
import { Simulator } from '../../src/engine/policy/simulate.js';
import { renderOtelCollector } from '../../src/engine/policy/targets/otel-collector.js';
import { describeWith } from '../support/needs.js';
import { eventually, ROOT } from '../support/service.js';
import { type Collector, Folder, HASH_KEY, MISSING_COLLECTOR, startCollector, validate } from './collector.js';

const READY = join(ROOT, 'deploy', 'collector.yaml');
const CASES = 700;

/** Values that are hard for patterns, for templates of replacements, for YAML or for OTTL. */
const TEXTS = [
  '',
  ' ',
  'erika.mustermann@shop.test',
  'to=a@b.test&cc=c@d.test;e@f.test',
  'GET /users/42',
  'GET /users/42/$1',
  'line one\nline two\r\nuser=7\n',
  'tab\there "quoted" \'single\' \\back\\slash',
  '$',
  '$1 $$ ${1} ${env:HOME} $$$$',
  '${',
  '****',
  'Grüße an Jürgen 😀 naïve 漢字 e\u0301',
  '😀😀😀',
  'nel\u0085ls\u2028ps\u2029bom\uFEFFnbsp\u00a0end',
  'nul\u0000bell\u0007esc\u001bdel\u007f',
  '4111 1111 1111 1111',
  'Bearer eyJhbGciOi.J9',
  'aaa',
  'baaac',
  'abababab',
  'ABC abc Abc',
  'K\u212Aelvin ſs',
  'ß',
  '!!python/object: & *anchor # comment',
  '- a: {b}',
  '%s %d',
  'null',
  '~',
  '0x1F',
  'x'.repeat(1500),
  `${'é'.repeat(30)}z`,
];
const KEYS = [
  'a',
  'key',
  'email',
  '',
  ' ',
  'a.b',
  'user.name',
  'event.name',
  'tracestate',
  'otel.scope.name',
  ...TEXTS.slice(5, 15),
  '"]',
  "it's",
  '[0]',
];
/** RE2, as detectors have them: with a group `match`, or without. */
const PATTERNS = [
  '[a-z.]+@[a-z.]+',
  '(?i)[a-z.]+@(?P<match>[a-z]+)\\.test',
  '(?P<match>[^=&]+)@',
  'cc=(?P<match>[^;]*);',
  'a*',
  '',
  '^',
  '$',
  '\\b',
  'a|b(?P<match>c)',
  'a(?:b|a)(?P<match>.)?',
  '(a)(?P<match>b)(a)',
  '((?P<match>a)b)',
  '(?P<match>ab)+',
  '(?P<match>(a)|(b))(.)',
  '(?P<x>a)(?P<match>a)',
  '(?<x>a)(?P<match>b)',
  'a(?i)(?P<match>B)',
  '(?P<match>[[:alpha:](]+)(x|$)',
  '[[:punct:])]+',
  '[]a](?P<match>[^]x]+)',
  '\\Q$1\\E',
  '\\$(?P<match>.)',
  '(?s)l.*e',
  '(?m)^(?P<match>\\w+)$',
  '(?m)$',
  '\\p{L}+',
  '\\pN',
  '\\P{Latin}',
  '[^\\x00-\\x7F]+',
  '(?P<match>\\d{4})[ -]?\\d{4}',
  '\\d+',
  '\\s',
  '\\S+',
  '(?i)k',
  '(?i)ſ',
  '(?i)ss',
  '"(?P<match>[^"]*)"',
  "'[^']*'",
  '\\\\',
  '.',
  '(?s).',
  '.{3}',
  '.*?',
  '(?U)a.*b',
  '\\z',
  '\\A.',
  'x{1000}',
  '(?-s).+',
  '\\x{1F600}',
  '[$]\\{?1',
  '\n',
  '\t',
  '\u2028',
  '\u0085',
  '\uFEFF',
  '\\C',
].filter((pattern) => pattern !== '\\C');
const TEMPLATES = [
  'GET /users/{id}',
  '{id}',
  "SELECT '{value}'",
  'GET /users/{id}/$1',
  'a{x}',
  'x',
  '{query}',
  'to={x}',
];

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...TEXTS, 'a', 'b', '@'), { maxLength: 3 }).map((s) => s.join('')) },
);
const scalar: fc.Arbitrary<AnyValue> = fc.oneof(
  text.map((stringValue) => ({ stringValue })),
  fc.constantFrom<AnyValue>(
    { intValue: '42' },
    { intValue: '-9223372036854775808' },
    { intValue: '0' },
    { doubleValue: 1.5 },
    { doubleValue: 0 },
    { boolValue: true },
    { boolValue: false },
    { bytesValue: '' },
    { bytesValue: 'YUBiLnRlc3Q=' },
    {},
    { arrayValue: {} },
    { kvlistValue: {} },
    { stringValue: '' },
  ),
);
const value: fc.Arbitrary<AnyValue> = fc.oneof(
  { weight: 5, arbitrary: text.map((stringValue) => ({ stringValue })) },
  { weight: 3, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }).map((values) => ({ arrayValue: { values } })) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(fc.record({ key: fc.constantFrom(...KEYS), value: scalar }), {
        maxLength: 3,
        selector: (kv) => kv.key,
      })
      .map((values) => ({ kvlistValue: { values } })),
  },
);
const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', 'key', 'email') },
  { weight: 3, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const attributes = fc.uniqueArray(fc.record({ key, value }), { maxLength: 6, selector: (kv) => kv.key });
const pattern = fc.constantFrom(...PATTERNS).map((source) => ({ detector: 'd', pattern: source }));
const ofValues: fc.Arbitrary<PolicyAction> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('mask' as const),
      patterns: fc.array(pattern, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('truncate' as const), length: fc.constantFrom(0, 1, 2, 10, 1000, 5000) }),
  },
  fc.constantFrom<PolicyAction>({ kind: 'mask-value' }, { kind: 'delete' }, { kind: 'hash' }),
  { weight: 2, arbitrary: fc.constant<PolicyAction>({ kind: 'keyed-hash' }) },
  key.map((to) => ({ kind: 'rename' as const, to })),
);
const templateAction: fc.Arbitrary<PolicyAction> = fc.record(
  {
    kind: fc.constant('template' as const),
    template: fc.constantFrom(...TEMPLATES),
    name: text,
    except: fc.array(fc.constantFrom(...TEMPLATES, ...TEXTS), { maxLength: 2 }),
  },
  { requiredKeys: ['kind', 'template'] },
);
const keepAction: fc.Arbitrary<PolicyAction> = fc.record({
  kind: fc.constant('keep' as const),
  keys: fc.uniqueArray(key, { minLength: 1, maxLength: 4 }),
});
const dropAction = (match: fc.Arbitrary<string>): fc.Arbitrary<PolicyAction> =>
  fc.record(
    {
      ...{ kind: fc.constant('drop' as const), match, keepErrors: fc.boolean() },
      except: fc.array(fc.constantFrom(...TEMPLATES, ...TEXTS), { maxLength: 2 }),
    },
    { requiredKeys: ['kind', 'match', 'keepErrors'] },
  );
const FIELDS: readonly (readonly [Location, string])[] = [
  ['span_name', 'span.name'],
  ['status', 'otel.status_description'],
  ['span', 'tracestate'],
  ['event', 'event.name'],
  ['scope', 'otel.scope.name'],
  ['scope', 'otel.scope.version'],
  ['resource', 'schema_url'],
  ['scope', 'schema_url'],
];
type Part = Pick<Policy, 'location' | 'key' | 'action'>;
const part: fc.Arbitrary<Part> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      location: fc.constantFrom<Location>('resource', 'scope', 'span', 'span', 'event'),
      key,
      action: ofValues,
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...FIELDS), ofValues)
      .map(([[location, name], action]) => ({ location, key: name, action })),
  },
  {
    weight: 1,
    arbitrary: templateAction.map((action) => ({ location: 'span_name' as const, key: 'span.name', action })),
  },
  { weight: 1, arbitrary: ofValues.map((action) => ({ location: 'resource' as const, key: 'service.name', action })) },
  {
    weight: 1,
    arbitrary: fc.record({
      location: fc.constantFrom<Location>('resource', 'scope', 'span', 'event'),
      key: fc.constant('*'),
      action: keepAction,
    }),
  },
  {
    weight: 2,
    arbitrary: dropAction(fc.constantFrom(...TEMPLATES, ...TEXTS)).map((action) => ({
      ...{ location: 'span_name' as const, key: 'span.name', action },
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.oneof(
          fc.tuple(fc.constantFrom<Location>('resource', 'scope', 'span'), key),
          fc.constantFrom(...FIELDS.filter(([location]) => location !== 'event' && location !== 'span_name')),
        ),
        dropAction(fc.constantFrom(...TEXTS)),
      )
      .map(([[location, name], action]) => ({ location, key: name, action })),
  },
);

interface Case {
  readonly parts: readonly Part[];
  readonly input: ResourceSpans;
  readonly service: string;
}

const span = fc.record({
  name: text,
  traceState: fc.constantFrom('', 'a=b', 'ot=th:8;rv:00000000000000,x=a@b.test'),
  status: fc.record({ code: fc.constantFrom(0, 2), message: text }),
  attributes,
  events: fc.array(fc.record({ name: text, attributes }), { maxLength: 2 }),
});
const oneCase: fc.Arbitrary<Case> = fc
  .record({
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
    suffix: fc.constantFrom('', '"', "'", '$1', '${env:HOME}', '\\', '\n', '漢字', '\u2028'),
    resource: attributes,
    scope: fc.record({ name: text, version: text, attributes }),
    schemaUrls: fc.tuple(text, text),
    spans: fc.array(span, { minLength: 1, maxLength: 2 }),
  })
  .map(({ parts, suffix, resource, scope, schemaUrls, spans }) => ({
    parts,
    service: suffix,
    input: {
      resource: { attributes: resource },
      scopeSpans: [{ scope, spans, schemaUrl: schemaUrls[0] }],
      schemaUrl: schemaUrls[1],
    },
  }));

/** Every text under every pattern, so that none of the pairs is left to chance. */
const TABLE: readonly Case[] = PATTERNS.map((source) => ({
  parts: [
    { location: 'span', key: 'never', action: { kind: 'delete' } },
    ...TEXTS.map((_, i) => ({
      location: 'span' as const,
      key: `text.${i}`,
      action: { kind: 'mask' as const, patterns: [{ detector: 'd', pattern: source }] },
    })),
  ],
  service: '',
  input: {
    resource: { attributes: [] },
    scopeSpans: [
      {
        spans: [
          { name: 'n', attributes: TEXTS.map((stringValue, i) => ({ key: `text.${i}`, value: { stringValue } })) },
        ],
      },
    ],
  },
}));

const KEPT = 'key';
/** Each kind that a collector carries out, at each place that it can act on; only an own key, texts and others. */
const KINDS: readonly PolicyAction[] = [
  { kind: 'mask-value' },
  { kind: 'delete' },
  { kind: 'hash' },
  { kind: 'keyed-hash' },
  { kind: 'truncate', length: 3 },
  { kind: 'rename', to: 'renamed' },
];
const everywhere = (value: AnyValue): ResourceSpans => {
  const attributes = () => [
    { key: 'a', value },
    { key: KEPT, value: { stringValue: 'stays' } },
  ];
  return {
    resource: { attributes: attributes() },
    scopeSpans: [
      {
        scope: { name: 'scope', attributes: attributes() },
        spans: [
          { name: 'kept', attributes: attributes(), events: [{ name: 'event', attributes: attributes() }] },
          { name: 'failed', status: { code: 2, message: 'm' }, attributes: attributes() },
        ],
      },
    ],
  };
};
const PLACES = ['resource', 'scope', 'span', 'event'] as const;
const ACTIONS: readonly Case[] = PLACES.flatMap((location) => [
  ...KINDS.flatMap((action) =>
    [
      { stringValue: 'Ünïcödé\ntwo lines' },
      { stringValue: '' },
      { intValue: '42' },
      { arrayValue: { values: [] } },
    ].map((value) => ({ parts: [{ location, key: 'a', action }], service: '', input: everywhere(value) })),
  ),
  {
    ...{ parts: [{ location, key: '*', action: { kind: 'keep' as const, keys: [KEPT] } }], service: '' },
    input: everywhere({ boolValue: true }),
  },
]);
const DROPS: readonly Case[] = [true, false].flatMap((keepErrors) =>
  (
    [
      ['span_name', 'span.name', 'kept'],
      ['span_name', 'span.name', '{id}'],
      ['span_name', 'span.name', '{any}'],
      ['span', 'a', 'x'],
      ['scope', 'a', 'x'],
      ['scope', 'otel.scope.name', 'scope'],
      ['resource', 'a', 'x'],
      ['status', 'otel.status_description', 'm'],
    ] as const
  ).map(([location, name, match]) => ({
    ...{ parts: [{ location, key: name, action: { kind: 'drop' as const, match, keepErrors } }], service: '' },
    input: everywhere({ stringValue: 'x' }),
  })),
);

/** Of every seventh case. */
function environmentsOf(i: number): { environments?: readonly string[] } {
  return i % 7 === 0 ? { environments: ['prod', 'qa'] } : {};
}

/** The cases with services and ids of their own, so that one collector takes all of them at once. */
function numbered(cases: readonly Case[]): { policies: PolicyVersion[]; request: TraceRequest }[] {
  return cases.map(({ parts, input, service }, i) => {
    const name = `case ${i} ${service}`;
    const policies = parts.map((given, j) => ({
      ...{ id: `${i}.${j}`, version: 1, state: 'approved' as const },
      policy: { ...given, cause: '', title: '', reason: '', findings: [], services: [name], ...environmentsOf(i) },
    }));
    const copy = structuredClone(input);
    copy.resource!.attributes!.push({ key: 'service.name', value: { stringValue: name } });
    // Where policies are for some environments, every other case is in one of them.
    const environment = [[], ['deployment.environment.name', 'prod'], ['deployment.environment', 'qa'], []][i % 4]!;
    if (environment.length > 0) {
      copy.resource!.attributes!.push({ key: environment[0]!, value: { stringValue: environment[1]! } });
    }
    copy.scopeSpans![0]!.spans!.forEach((one, j) => {
      one.traceId = (i + 1).toString(16).padStart(32, '0');
      one.spanId = (j + 1).toString(16).padStart(16, '0');
    });
    return { policies, request: { resourceSpans: [copy] } };
  });
}

type Plain = Readonly<Record<string, unknown>>;

function plainValue(given: AnyValue = {}): unknown {
  const { intValue, arrayValue, kvlistValue } = given;
  if (intValue !== undefined) return { int: String(intValue) };
  if (arrayValue !== undefined) return { array: (arrayValue.values ?? []).map(plainValue) };
  if (kvlistValue !== undefined) return { map: plainAttributes({ attributes: kvlistValue.values ?? [] }) };
  return given;
}

function plainAttributes(owner: WithAttributes | undefined): unknown {
  return (owner?.attributes ?? []).map(({ key: name = '', value: given }: KeyValue) => [name, plainValue(given)]);
}

/** One entry a span, by ids: all that policies can reach, without what is empty and without a difference of spelling. */
function plainSpans({ resourceSpans = [] }: TraceRequest): Map<string, Plain> {
  const spans = new Map<string, Plain>();
  for (const { resource, scopeSpans = [], schemaUrl = '' } of resourceSpans) {
    for (const scopeSpan of scopeSpans) {
      for (const one of scopeSpan.spans ?? []) {
        const { scope } = scopeSpan;
        spans.set(`${one.traceId} ${one.spanId}`, {
          resource: { attributes: plainAttributes(resource), schemaUrl },
          scope: {
            name: scope?.name ?? '',
            version: scope?.version ?? '',
            attributes: plainAttributes(scope),
            schemaUrl: scopeSpan.schemaUrl ?? '',
          },
          name: one.name ?? '',
          traceState: one.traceState ?? '',
          status: one.status?.message ?? '',
          attributes: plainAttributes(one),
          events: (one.events ?? []).map((e) => ({ name: e.name ?? '', attributes: plainAttributes(e) })),
        });
      }
    }
  }
  return spans;
}

function simulatorOf(policies: readonly PolicyVersion[]): Simulator {
  const simulator = Simulator.of(policies, simulationTools(HASH_KEY));
  if ('problems' in simulator) throw new Error(JSON.stringify(simulator.problems));
  return simulator;
}

const ALL: readonly Case[] = [...TABLE, ...ACTIONS, ...DROPS, ...fc.sample(oneCase, { numRuns: CASES, seed: 6 })];
/** What collectors can do that have neither keyed hashes nor paths with their context in front. */
const FOR_OLDER = ALL.map((one) => ({
  ...one,
  parts: one.parts.filter(({ action }) => action.kind !== 'keyed-hash'),
}));

const VERSIONS: readonly (readonly [string, string | undefined, readonly Case[]])[] = [
  ['as it is rendered for the newest', undefined, ALL],
  ['as it is rendered for those before v0.146.0', '0.140.0', FOR_OLDER],
];

describe.each(VERSIONS)('the simulator and a real collector, %s', (name, version, given) => {
  describeWith(name, MISSING_COLLECTOR, () => agreement(given, version));
});

function agreement(given: readonly Case[], version: string | undefined): void {
  const folder = new Folder();
  const cases = numbered(given);
  const request: TraceRequest = { resourceSpans: cases.flatMap((one) => one.request.resourceSpans!) };
  let collector: Collector;

  beforeAll(async () => {
    const { document } = renderOtelCollector(
      cases.flatMap((one) => one.policies),
      { version },
    );
    const backend = folder.write('backend.yaml', {
      exporters: { file: { path: join(folder.path, 'spans.jsonl'), flush_interval: '50ms' } },
      service: { pipelines: { traces: { exporters: ['file'] } } },
    });
    const env = { SPANWARDEN_COLLECTOR_TOKEN: 'none', SPANWARDEN_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    collector = await startCollector([READY, backend, folder.write('policies.yaml', toYaml(document))], env);
  }, 60_000);

  afterAll(async () => {
    await collector?.stop();
    folder.remove();
  });

  test(`agree on ${cases.length} cases, attribute by attribute`, async () => {
    const answer = await fetch(`${collector.endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    expect(answer.status).toBe(200);
    const before = plainSpans(request);
    const simulated = cases.map(({ policies, request: input }) => plainSpans(simulatorOf(policies).run(input)));
    const expected = simulated.reduce((sum, { size }) => sum + size, 0);
    const sent = await eventually(
      async () => {
        const lines = folder.read('spans.jsonl').split('\n').slice(0, -1);
        return plainSpans({
          resourceSpans: lines.flatMap((line) => (JSON.parse(line) as TraceRequest).resourceSpans ?? []),
        });
      },
      (spans) => spans.size >= expected,
    );
    let changed = 0;
    let dropped = 0;
    const wrong: unknown[] = [];
    for (const [i, { policies, request: input }] of cases.entries()) {
      let isChanged = false;
      for (const [id, given] of plainSpans(input)) {
        const [got, said] = [sent.get(id), simulated[i]!.get(id)];
        isChanged ||= JSON.stringify(given) !== JSON.stringify(got);
        if (got === undefined) dropped++;
        if (JSON.stringify(got) !== JSON.stringify(said)) {
          const actions = policies.map(({ policy }) => [policy.location, policy.key, policy.action]);
          wrong.push({ actions, input: given, collector: got, simulator: said });
        }
      }
      if (isChanged) changed++;
    }

    expect(wrong.slice(0, 3)).toEqual([]);
    expect(changed).toBeGreaterThanOrEqual(300);
    expect(dropped).toBeGreaterThanOrEqual(30);
    expect(before.size - dropped).toBe(sent.size);
  }, 120_000);
}

describeWith('rendered policies in a real collector', MISSING_COLLECTOR, () => {
  const folder = new Folder();

  afterAll(() => folder.remove());

  test('every rendered policy is one that a collector takes', () => {
    const given = fc.sample(fc.record({ part, services: fc.uniqueArray(text, { minLength: 1, maxLength: 3 }) }), {
      numRuns: 600,
      seed: 7,
    });
    const policies = given.map(({ part: one, services }, i) => ({
      ...{ id: `${i}`, version: 1, state: 'approved' as const },
      policy: { ...one, cause: '', title: '', reason: '', findings: [], services },
    }));
    const file = folder.write('generated.yaml', toYaml(renderOtelCollector(policies).document));
    expect(validate([READY, file])).toBe('');
  }, 60_000);

  test('as rendered for all golden policies, too', () => {
    const names = readdirSync(join(ROOT, 'test', 'policy'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of names) {
      const given = JSON.parse(readFileSync(join(ROOT, 'test', 'policy', name, 'policies.json'), 'utf8')) as Policy[];
      simulatorOf(given.map((policy, i) => ({ id: `${i}`, version: 1, state: 'approved', policy })));
    }
  });
});
