import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadConventions, loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { re2js } from '../../src/edge/regex/re2js.js';
import { ARRAY, BOOL, DOUBLE, INT, type Location, OUTSIDE_ENUM, STRING } from '../../src/engine/model/location.js';
import type { NamingFinding } from '../../src/engine/model/naming-finding.js';
import { isAtWrongLevel } from '../../src/engine/naming/attribute-level.js';
import { checkBackend } from '../../src/engine/naming/backend-fit.js';
import { compliance } from '../../src/engine/naming/compliance.js';
import { judgeRows, type NamingDecisions } from '../../src/engine/naming/levels.js';
import { ConventionRegistry } from '../../src/engine/naming/registry.js';
import { checkRows, type NamingRow } from '../../src/engine/naming/row-rules.js';
import { NAMING_RULE_IDS } from '../../src/engine/naming/rules.js';

const registry = new ConventionRegistry(loadConventions(RULES_DIR, []).conventions);
const bits = (...types: number[]): number => types.reduce((mask, type) => mask | (1 << type), 0);

function row(service: string, key: string, more: Partial<NamingRow> = {}): NamingRow {
  const counts = { observations: 10, bytes: 300, types: bits(STRING) };
  return { service, environment: 'prod', location: 'span', key, ...counts, ...more };
}

/** Findings of a rule, as service and key. */
function found(rule: string, rows: readonly NamingRow[]): Map<string, NamingFinding> {
  const all = checkRows(rows, registry).flatMap(({ row: at, findings }) =>
    findings.filter(({ id }) => id === rule).map((finding) => [`${at.service} ${at.key}`, finding] as const),
  );
  return new Map(all);
}

describe('rules that look at rows', () => {
  test('both the old and the new name: a migration with its price, and no violation', () => {
    const rows = [
      row('web', 'http.method', { bytes: 440 }),
      row('web', 'http.request.method'),
      row('web', 'http.target'),
      row('web', 'url.path'),
      row('web', 'url.query'),
      row('old', 'http.method'),
      row('old', 'http.request.method', { location: 'event' }),
      row('old', 'http.target'),
      row('old', 'url.path'),
    ];
    const both = found('both_sent', rows);
    expect([...both.keys()]).toEqual(['web http.method', 'web http.target']);
    expect(both.get('web http.method')).toEqual({
      id: 'both_sent',
      level: 'improvement',
      message: 'Attribute http.method is sent beside http.request.method, which replaced it: the same is stored twice.',
      context: {
        attribute_key: 'http.method',
        deprecation_reason: 'renamed',
        renamed_to: 'http.request.method',
        registry: 'OpenTelemetry semantic conventions 1.45.0',
        bytes: '440',
        observations: '10',
      },
    });
    expect([...found('deprecated', rows).keys()]).toEqual(['old http.method', 'old http.target']);
  });

  test('one name in several spellings: the registry decides, else what is used most', () => {
    const known = found('inconsistent_spelling', [
      row('a', 'userId', { observations: 900 }),
      row('b', 'user_id'),
      row('c', 'user.id'),
      row('d', 'user.name'),
    ]);
    expect([...known.keys()]).toEqual(['a userId', 'b user_id']);
    expect(known.get('a userId')?.context).toEqual({
      attribute_key: 'userId',
      canonical: 'user.id',
      spellings: 'user.id, userId, user_id',
      services: '3',
    });
    const unsent = found('inconsistent_spelling', [row('a', 'sessionId'), row('b', 'session_id')]);
    expect([...unsent.values()].map(({ context }) => context.canonical)).toEqual(['session.id', 'session.id']);
    const own = found('inconsistent_spelling', [
      row('a', 'orderId', { observations: 900 }),
      row('b', 'order_id'),
      row('c', 'order.id'),
      row('d', 'order.id'),
    ]);
    expect([...own]).toHaveLength(2);
    expect([...own.values()].map(({ context }) => context.canonical)).toEqual(['order.id', 'order.id']);
  });

  test('says once what two rules would suggest', () => {
    const rows = [row('a', 'userId'), row('b', 'user.id')];
    expect([...found('near_miss', rows).keys()]).toEqual([]);
    expect([...found('near_miss', rows.slice(0, 1)).keys()]).toEqual(['a userId']);
  });

  test('the same header in two forms is no spelling of one name', () => {
    const rows = [row('a', 'http.request.header.x-id'), row('a', 'http.request.header.x_id')];
    expect(found('inconsistent_spelling', rows).size).toBe(0);
  });

  test.each<[string, number, string[]]>([
    ['http.response.status_code', bits(INT), []],
    ['http.response.status_code', bits(STRING), ['string']],
    ['http.response.status_code', bits(INT, STRING, DOUBLE), ['string, double']],
    ['http.response.status_code', 1, []],
    ['gen_ai.request.temperature', bits(INT, DOUBLE), []],
    ['http.request.header.accept', bits(ARRAY), []],
    ['http.request.header.accept', bits(STRING), ['string']],
    ['http.request.method', bits(STRING) | OUTSIDE_ENUM, []],
    ['acme.anything', bits(STRING, INT), []],
  ])('types of %s, mask %i: %j', (key, types, expected) => {
    const findings = [...found('type_mismatch', [row('a', key, { types })]).values()];
    expect(findings.map(({ context }) => context.attribute_type)).toEqual(expected);
    expect(findings.every(({ level }) => level === 'violation')).toBe(true);
  });

  test.each<[string, Location, boolean]>([
    ['k8s.pod.name', 'span', true],
    ['k8s.pod.name', 'resource', false],
    ['service.version', 'event', true],
    ['http.route', 'resource', true],
    ['http.route', 'span', false],
    ['user.id', 'resource', false],
    ['cloud.resource_id', 'span', false],
    ['k8s.pod.name', 'scope', false],
  ])('%s on a %s stands at the wrong level: %s', (key, location, expected) => {
    expect(found('wrong_level', [row('a', key, { location })]).size === 1).toBe(expected);
  });

  test('values outside an enum are information', () => {
    const types = bits(STRING) | OUTSIDE_ENUM;
    expect(found('undefined_enum_variant', [row('a', 'http.request.method', { types })]).size).toBe(1);
    expect(found('undefined_enum_variant', [row('a', 'http.request.method')]).size).toBe(0);
  });

  test('a name that is a namespace of another, in what one service sends', () => {
    const rows = [
      row('a', 'order'),
      row('a', 'order.id'),
      row('b', 'order'),
      row('c', 'order.id'),
      row('a', 'orders'),
      row('d', 'acme.cart.size.max'),
      row('d', 'acme.cart'),
    ];
    const collisions = found('illegal_namespace', rows);
    expect([...collisions.keys()]).toEqual(['a order', 'd acme.cart']);
    expect(collisions.get('a order')?.context.collides_with).toBe('order.id');
  });

  test.each<[string, number, string | undefined]>([
    ['order.items', bits(STRING), 'plural_not_array'],
    ['order.items', bits(ARRAY), undefined],
    ['order.items', bits(INT), undefined],
    ['order.flags', bits(STRING, BOOL), 'plural_not_array'],
    ['order.status', bits(STRING), undefined],
    ['order.address', bits(STRING), undefined],
    ['order.https', bits(STRING), undefined],
    ['order.item', bits(ARRAY), 'array_not_plural'],
    ['user.roles', bits(STRING), undefined],
  ])('%s with types of mask %i: %s', (key, types, rule) => {
    const ids = checkRows([row('a', key, { types })], registry)[0]!.findings.map(({ id }) => id);
    expect(ids.filter((id) => id === 'plural_not_array' || id === 'array_not_plural')).toEqual(rule ? [rule] : []);
  });

  test('one quantity in several units', () => {
    const rows = [row('a', 'checkout.wait_ms'), row('b', 'checkout.wait.seconds'), row('c', 'checkout.size_bytes')];
    expect([...found('mixed_units', rows).keys()]).toEqual(['a checkout.wait_ms', 'b checkout.wait.seconds']);
  });

  test('leaves out fields that are no attributes, and keys that were masked or cut', () => {
    const rows = [
      row('a', 'span.name'),
      row('a', 'otel.scope.name'),
      row('a', 'x.{email}'),
      row('a', `${'k'.repeat(254)}…`),
    ];
    expect(checkRows(rows, registry)).toEqual([]);
  });
});

const KEYS = ['userId', 'user_id', 'user.id', 'order', 'order.id', 'order.items', 'http.method', 'http.request.method'];
const arbitraryRow = fc
  .record({
    service: fc.constantFrom('a', 'b', 'c'),
    key: fc.oneof(fc.constantFrom(...KEYS), fc.string({ unit: 'grapheme', maxLength: 40 })),
    location: fc.constantFrom<Location>('span', 'resource', 'event'),
    types: fc.nat({ max: 255 }),
    observations: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ service, key, ...more }) => row(service, key, more));
const arbitraryRows = fc.uniqueArray(arbitraryRow, {
  selector: ({ service, key, location }) => `${service} ${location} ${key}`,
});

test('what is found does not depend on the order of the rows, and every rule has a text', () => {
  fc.assert(
    fc.property(arbitraryRows, fc.integer(), (rows, seed) => {
      const texts = (given: readonly NamingRow[]): string[] =>
        checkRows(given, registry)
          .flatMap(({ row: at, findings }) => findings.map((f) => JSON.stringify([at.service, at.location, f])))
          .sort();
      const shuffled = [...rows].sort((a, b) => hash(a, seed) - hash(b, seed));
      expect(texts(shuffled)).toEqual(texts(rows));
      const ids = checkRows(rows, registry).flatMap(({ findings }) => findings.map(({ id }) => id));
      expect(ids.filter((id) => !NAMING_RULE_IDS.includes(id))).toEqual([]);
    }),
  );
});

function hash({ service, key }: NamingRow, seed: number): number {
  return [...`${service}${key}`].reduce((sum, char) => Math.imul(sum ^ char.codePointAt(0)!, 0x01000193), seed);
}

describe('levels', () => {
  const rows = [row('web', 'http.method'), row('api', 'http.method'), row('api', 'orderId')];
  const teams = new Map([
    ['web', 'front'],
    ['api', 'back'],
  ]);
  const judged = (decisions: Partial<NamingDecisions>, now = 1_000) =>
    judgeRows(checkRows(rows, registry), teams, { overrides: [], waivers: [], ...decisions }, now).filter(
      ({ finding }) => finding.id === 'deprecated',
    );
  const waiver = { id: 'w', rule: 'deprecated', team: null, service: null, key: null, expiresAt: 2_000 };

  test("a team's override goes before the one for all", () => {
    const overrides = [
      { team: null, rule: 'deprecated', level: 'information' },
      { team: 'back', rule: 'deprecated', level: 'off' },
    ] as const;
    expect(judged({ overrides }).map(({ team, finding }) => [team, finding.level])).toEqual([['front', 'information']]);
  });

  test('a waiver covers what it names until it expires', () => {
    const waived = (more: Partial<typeof waiver> | { team: string }, now?: number) =>
      judged({ waivers: [{ ...waiver, ...more }] }, now).map(({ team, waiver: by }) => [team, by]);
    expect(waived({ team: 'front' })).toEqual([
      ['front', 'w'],
      ['back', null],
    ]);
    expect(waived({}, 1_999).map(([, by]) => by)).toEqual(['w', 'w']);
    expect(waived({}, 2_000).map(([, by]) => by)).toEqual([null, null]);
    expect(waived({ rule: 'invalid_format' }).map(([, by]) => by)).toEqual([null, null]);
  });

  test('compliance counts violations only, and tells waived ones apart', () => {
    const findings = judgeRows(
      checkRows(rows, registry),
      teams,
      { overrides: [], waivers: [{ ...waiver, service: 'api' as never }] },
      1_000,
    );
    expect(compliance(rows, findings, teams, 'team')).toEqual([
      {
        ...{ team: 'back', service: null, observations: 20, violatingObservations: 10, waivedObservations: 10 },
        ...{ keys: 2, violatingKeys: 1, waivedKeys: 1 },
      },
      {
        ...{ team: 'front', service: null, observations: 10, violatingObservations: 10, waivedObservations: 0 },
        ...{ keys: 1, violatingKeys: 1, waivedKeys: 0 },
      },
    ]);
  });
});

describe('limits of backends', () => {
  const { rules, problems } = loadRules(RULES_DIR, re2js());
  const backend = (id: string) => rules.backends.find((one) => one.id === id)!;
  const state = (id: string, sent: Parameters<typeof checkBackend>[1]) =>
    Object.fromEntries(checkBackend(backend(id), sent).map((check) => [check.limit, check]));

  test('ship with their day and source', () => {
    expect(problems).toEqual([]);
    expect(rules.backends.map(({ id }) => id)).toEqual(['dash0', 'grafana-tempo', 'new-relic', 'opentelemetry-sdk']);
  });

  test('say what exceeds, what fits, and what nobody measured', () => {
    const sent = {
      rows: [
        row('a', 'k'.repeat(129)),
        row('a', 'note', { observations: 10, bytes: 10 * (2049 + 4 + 8) }),
        row('b', 'body', { observations: 10, bytes: 10 * (2048 + 4 + 8) }),
        ...Array.from({ length: 33 }, (_, i) => row('c', `key.n${i}`, { observations: 5 })),
      ],
      spanNames: [{ service: 'a', template: 'GET /x' }],
      spans: new Map([
        ['a', 10],
        ['b', 10],
        ['c', 5],
      ]),
    };
    const dash0 = state('dash0', sent);
    expect(dash0.attribute_key_length).toMatchObject({ state: 'exceeds', count: 1, value: 128 });
    expect(dash0.attribute_value_length).toMatchObject({
      state: 'exceeds',
      examples: [{ service: 'a', name: 'note', measured: 2049 }],
    });
    expect(dash0.attributes_per_span).toMatchObject({
      state: 'exceeds',
      examples: [{ service: 'c', name: '', measured: 33 }],
    });
    expect(dash0.span_name_length).toMatchObject({ state: 'fits', count: 0 });
    expect(dash0.spans_per_trace).toMatchObject({ state: 'not_measured' });
    const sdk = state('opentelemetry-sdk', sent);
    expect(sdk.attributes_per_span?.state).toBe('not_measured');
  });

  test('do not call names that were stored cut fitting', () => {
    const sent = { rows: [row('a', `${'k'.repeat(254)}…`)], spanNames: [], spans: new Map<string, number>() };
    expect(state('new-relic', sent).attribute_key_length).toMatchObject({ state: 'exceeds' });
    expect(state('grafana-tempo', sent).attribute_key_bytes).toMatchObject({ state: 'not_measured' });
  });
});

test.each([
  ['service.name', 'span', true],
  ['service.name', 'resource', false],
  ['http.request.method', 'resource', true],
  ['http.request.method', 'span', false],
  ['service.name', 'scope', null],
  ['order.id', 'resource', null],
] as const)('%s at %s: wrong level is %s', (key, location, wrong) => {
  expect(isAtWrongLevel(key, location, registry)).toBe(wrong);
});
