import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { SPAN_KINDS } from '../../src/engine/model/span-kind.js';
import { conventionalName } from '../../src/engine/naming/conventional-name.js';
import { type CountedName, DRAIN, drain } from '../../src/engine/naming/drain.js';
import { idAttributes } from '../../src/engine/naming/id-attribute.js';
import { ConventionRegistry } from '../../src/engine/naming/registry.js';
import { hasIds, mineSpanName, spanNameTemplate } from '../../src/engine/naming/span-name.js';
import { areaOf } from '../../src/engine/naming/span-name-area.js';
import { checkSpanName, suggestedName } from '../../src/engine/naming/span-name-rules.js';
import { spanNamePattern, takenBy } from '../../src/engine/policy/span-name-pattern.js';
import { ROOT } from '../support/service.js';

interface Labelled {
  readonly name: string;
  readonly kind: (typeof SPAN_KINDS)[number];
  readonly template?: string;
  readonly verdict: string;
  readonly findings?: readonly string[];
  readonly shapes?: readonly string[];
  readonly attribute?: string;
  /** Null where none is to be suggested. */
  readonly suggested?: string | null;
}

const registry = new ConventionRegistry(loadRules(RULES_DIR, patternCompiler().compiler).rules.conventions);
const golden = (parse(readFileSync(join(ROOT, 'test', 'naming', 'span-names.yaml'), 'utf8')) as Labelled[]).map(
  (entry) => [`${entry.name} (${entry.kind})`, entry] as const,
);

describe('the golden set', () => {
  test('has 60 names at least, of all areas and kinds, each once', () => {
    expect(golden.length).toBeGreaterThanOrEqual(60);
    expect(new Set(golden.map(([title]) => title)).size).toBe(golden.length);
    expect(new Set(golden.map(([, { kind }]) => kind)).size).toBe(SPAN_KINDS.length - 1);
  });

  test.each(golden)('%s', (_, { name, kind: kindName, template = name, verdict, findings = [], ...expected }) => {
    const kind = SPAN_KINDS.indexOf(kindName);
    const mined = mineSpanName(name);
    expect(mined.template).toBe(template);
    const found = checkSpanName({ template, hadIds: hasIds(mined.shapes), kind });
    expect(found.map(({ id }) => id).sort()).toEqual([...findings].sort());
    expect(found[0]?.level ?? 'ok').toBe(verdict);
    if (expected.shapes !== undefined) expect(mined.shapes).toEqual(expected.shapes);
    if (expected.suggested !== undefined) expect(suggestedName({ template })).toBe(expected.suggested);
    const attributes = idAttributes(template, areaOf(template, kind), kind, registry).map(({ key }) => key);
    if (expected.attribute !== undefined) expect(attributes).toContain(expected.attribute);
    if (verdict === 'ok' && !template.includes('{')) expect(attributes).toEqual([]);
  });
});

const digits = (unit: string, min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength: min, maxLength: max });
const count = (text: string): number => text.match(/\d/g)?.length ?? 0;
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Ids as generators make them; a number of one digit can be a word. */
const ids = fc.oneof(
  fc.uuid(),
  fc.ulid(),
  digits('0123456789', 2, 20),
  digits('0123456789abcdef', 6, 32).filter((id) => count(id) > 0),
  // By chance there can be a word in one, such as `sha256`.
  digits(ALPHANUMERIC, 10, 30).filter((id) => count(id.replace(/(?:utf|sha|base|oauth|rfc|iso|float)\d+/gi, '')) >= 3),
);
const words = fc.constantFrom('load', 'user', 'GET', 'orders', 'facade', 'v2', 'b2b', 'db1', 'checkout', 'feed', 's3');
const glue = fc.constantFrom(' ', '/', '.', ':', '-', '_');
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 255 }),
  fc
    .array(fc.oneof(words, ids, glue, fc.constantFrom('{id}', '…', "'", '?a=1', '1')), { maxLength: 40 })
    .map((parts) => {
      return parts.join('').slice(0, 255);
    }),
);

describe('templates of names', () => {
  test('of a template are the template, and no longer than 255 characters', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const template = spanNameTemplate(name);
        expect(spanNameTemplate(template)).toBe(template);
        expect(template.length).toBeLessThanOrEqual(255);
      }),
      { numRuns: 5000 },
    );
  });

  test('keep no id of any generator, and every word beside it', () => {
    fc.assert(
      fc.property(words, glue, ids, fc.option(fc.tuple(glue, words)), (before, between, id, tail) => {
        // `v2.1` is a version.
        fc.pre(before !== 'v2' || between !== '.');
        const name = `${before}${between}${id}${tail === null ? '' : tail.join('')}`;
        expect(spanNameTemplate(name)).toBe(`${before}${between}{id}${tail === null ? '' : tail.join('')}`);
      }),
      { numRuns: 5000 },
    );
  });

  test('have shapes without a character of an id but for their classes', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const { shapes } = mineSpanName(`load ${id}`);
        expect(shapes).toHaveLength(1);
        expect(shapes[0]).toMatch(/^(?:uuid|ulid|ipv4|(?:hex|mixed)\(\d+\)|9+…?)$/);
        expect(shapes[0]!.length).toBeLessThanOrEqual(24);
      }),
    );
  });

  test('are matched by the pattern of the rename rule, which gives them back', () => {
    fc.assert(
      fc.property(words, glue, ids, (before, between, id) => {
        const name = `${before}${between}${id}`;
        const template = spanNameTemplate(name);
        expect(name.replace(new RegExp(spanNamePattern(template)), () => template)).toBe(template);
      }),
    );
  });
});

describe('rename rules', () => {
  test('are for names with ids, and tell what they would take by mistake', () => {
    const names = ['query db1', 'query users', 'query {id} twice', 'query {email}', 'load {id}'];
    expect(takenBy('query {id}', names)).toEqual(['query db1']);
    expect(takenBy('query {value}', names)).toEqual(['query db1', 'query users']);
    expect(takenBy('GET /search?{query}', ['GET /search', 'GET /searches?{query}'])).toEqual([]);
    expect(
      new RegExp(spanNamePattern("SELECT * FROM a WHERE b = '{value}'")).test("SELECT * FROM a WHERE b = 'x / y'"),
    ).toBe(true);
  });
});

describe('mining words that are values', () => {
  const each = (n: number, name: (i: number) => string, spans = (_: number) => 1): CountedName[] =>
    Array.from({ length: n }, (_, i) => ({ template: name(i), spans: spans(i) }));
  const person = (i: number): string =>
    `${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}${'uvwxyz'[Math.floor(i / 100) % 6]}${'ae'[Math.floor(i / 600) % 2]}`;
  const templates = (names: readonly CountedName[]): string[] => {
    const mined = drain(names);
    return [...new Set(names.map(({ template }) => mined.get(template) ?? template))].sort();
  };

  test('a thousand people in one position are a value, and what stands elsewhere is not', () => {
    const people = each(
      1100,
      (i) => `process ${person(i)}`,
      () => 3,
    );
    const others = [
      { template: 'process orders', spans: 1000 },
      { template: 'start', spans: 5 },
      { template: 'load {id}', spans: 5 },
    ];
    expect(templates([...people, ...others])).toEqual(['load {id}', 'process orders', 'process {value}', 'start']);
  });

  test('fewer are one where most were seen once in many spans', () => {
    const rare = each(
      200,
      (i) => `process ${person(i)}`,
      (i) => (i < 50 ? 18 : 1),
    );
    expect(templates(rare)).toEqual(['process {value}']);
    expect(templates(rare.slice(0, 90))).toHaveLength(90);
    expect(
      templates(
        each(
          200,
          (i) => `process ${person(i)}`,
          () => 50,
        ),
      ),
    ).toHaveLength(200);
    expect(templates(each(200, (i) => `process ${person(i)}`))).toHaveLength(200);
  });

  test('what stands behind the value stays', () => {
    const names = ['login', 'logout'].flatMap((what) => each(1100, (i) => `user ${person(i)} ${what}`));
    expect(templates(names)).toEqual(['user {value} login', 'user {value} logout']);
  });

  test('routes never meet: not /data and /settings, not names of one word, not those that end differently', () => {
    const routes = ['/data', '/settings', '/profile'].map((route) => ({ template: `GET ${route}`, spans: 400 }));
    expect(templates(routes)).toHaveLength(3);
    expect(
      templates(
        each(
          900,
          (i) => `GET /${person(i)}`,
          (i) => (i < 100 ? 10 : 1),
        ),
      ),
    ).toHaveLength(900);
    expect(templates(each(1200, person))).toHaveLength(1200);
    expect(templates(each(1100, (i) => `GET /${person(i)}/${person(1199 - i)}s`))).toHaveLength(1100);
  });

  test('depends on the names and their counts, not on the order or on how they were split', () => {
    const names = [
      ...each(1100, (i) => `process ${person(i)}`),
      ...each(
        150,
        (i) => `GET /files/${person(i)}`,
        (i) => (i < 30 ? 40 : 1),
      ),
      ...['login', 'logout'].flatMap((what) => each(600, (i) => `user ${person(i)} ${what}`)),
    ];
    const expected = drain(names);
    expect(expected.size).toBeGreaterThan(1100);
    const plain = (mined: Map<string, string>) => Object.fromEntries([...mined].sort());
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (shuffled) => {
        expect(plain(drain(shuffled))).toEqual(plain(expected));
        const halves = names.flatMap(({ template, spans }) =>
          spans > 1
            ? [
                { template, spans: 1 },
                { template, spans: spans - 1 },
              ]
            : [{ template, spans }],
        );
        expect(plain(drain(halves))).toEqual(plain(expected));
      }),
      { numRuns: 10 },
    );
  });

  test('mining again changes nothing', () => {
    const names = each(1100, (i) => `process ${person(i)}`);
    const mined = drain(names);
    const again = names.map(({ template, spans }) => ({ template: mined.get(template)!, spans }));
    expect(drain(again).size).toBe(0);
  });

  test('takes as many names as it is told to, and no longer ones', () => {
    const names = each(1100, (i) => `process ${person(i)}`);
    expect(drain(names, { ...DRAIN, maxNames: 90 }).size).toBe(0);
    expect(drain(names, { ...DRAIN, maxTokens: 2 }).size).toBe(0);
  });
});

describe('names by the semantic conventions', () => {
  const nameOf = (area: Parameters<typeof conventionalName>[0], kind: number, attributes: Record<string, string>) =>
    conventionalName(area, kind, (key) => attributes[key]);
  test.each([
    ['http', 2, { 'http.request.method': 'GET', 'http.route': '/users/{id}' }, 'GET /users/{id}'],
    ['http', 2, { 'http.request.method': '_OTHER' }, 'HTTP'],
    ['http', 3, { 'http.request.method': 'GET', 'http.route': '/x', 'url.template': '/y' }, 'GET /y'],
    ['http', 3, {}, null],
    ['database', 3, { 'db.query.summary': 'SELECT a b', 'db.operation.name': 'SELECT' }, 'SELECT a b'],
    [
      'database',
      3,
      { 'db.operation.name': 'SELECT', 'db.collection.name': 'users', 'db.namespace': 'shop' },
      'SELECT users',
    ],
    ['database', 3, { 'db.operation.name': 'PING', 'server.address': 'db', 'server.port': '6379' }, 'PING db:6379'],
    ['database', 3, { 'db.system.name': 'redis' }, 'redis'],
    ['database', 3, { 'db.query.summary': 'x'.repeat(300) }, 'x'.repeat(255)],
    [
      'messaging',
      5,
      {
        'messaging.operation.name': 'process',
        'messaging.destination.template': '/c/{id}',
        'messaging.destination.name': '/c/7',
      },
      'process /c/{id}',
    ],
    [
      'messaging',
      4,
      {
        'messaging.operation.name': 'send',
        'messaging.destination.name': 'tmp-1',
        'messaging.destination.temporary': 'true',
      },
      'send',
    ],
    ['rpc', 2, { 'rpc.method': 'acme.Shop/Get', 'rpc.system.name': 'grpc' }, 'acme.Shop/Get'],
    ['graphql', 2, { 'graphql.operation.type': 'query', 'graphql.operation.name': 'bob' }, 'query'],
    ['faas', 2, { 'faas.name': 'resize' }, 'resize'],
    ['other', 1, { 'http.route': '/x' }, null],
  ] as const)('%s, kind %i, %j', (area, kind, attributes, expected) => {
    expect(nameOf(area, kind, attributes)).toBe(expected);
  });
});
