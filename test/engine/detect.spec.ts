import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { nodeRe2 } from '../../src/edge/regex/node-re2.js';
import { Gate } from '../../src/engine/detect/gate.js';
import { hasPhrase, keyWords } from '../../src/engine/detect/key-words.js';
import { maskForm, maskSecret } from '../../src/engine/detect/mask.js';
import { storableName } from '../../src/engine/detect/names.js';
import { writeDouble, writeInt } from '../../src/engine/detect/number-text.js';
import { Scanner } from '../../src/engine/detect/scanner.js';
import { Counts, HAS_ESCAPE, ShapeChoice, Shapes } from '../../src/engine/detect/shape.js';
import { VALIDATORS } from '../../src/engine/detect/validators/index.js';
import type { Shape } from '../../src/engine/rules/detector-document.js';
import { ROOT } from '../support/service.js';

const text = new TextEncoder();
const compiler = nodeRe2()!;
const { detectors } = loadRules(RULES_DIR, compiler).rules;
const scanner = new Scanner(detectors, (detector, match) => `${detector} ${match.length}`);

function scan(key: string, value: string) {
  const bytes = text.encode(value);
  return scanner.scan(scanner.keyContext(key), bytes, 0, bytes.length);
}

const ids = (key: string, value: string): string[] => scan(key, value).map((match) => match.detector.id);

describe('shapes', () => {
  const NOTHING = { digits: 0, dots: 0, colons: 0, dashes: 0, capitals: 0, digitRun: 0, upperRun: 0, wordRun: 0 };

  function countsOf(bytes: Uint8Array, start: number, end: number): Counts {
    const gate = new Gate([], () => {});
    gate.pass(bytes, start, end);
    const counts = new Counts();
    counts.begin(bytes, start, end, gate.kinds, gate.counts);
    return counts;
  }

  /** Whether a value has the shape, asked as a scanner asks: each shape of a value that is counted anew. */
  function fits(value: string, shape: Shape): boolean {
    const bytes = text.encode(`9${value}9`);
    return new Shapes([shape]).fits(0, countsOf(bytes, 1, bytes.length - 1));
  }

  test.each([
    ['4539 5787-6362.1486', { digits: 16, dots: 1, dashes: 1, digitRun: 16, upperRun: 16, wordRun: 4 }],
    ['12--34', { digits: 4, dashes: 2, digitRun: 2, upperRun: 2, wordRun: 2 }],
    ['GB82 WEST 1234 5698 7654 32 due', { digits: 16, capitals: 6, digitRun: 14, upperRun: 22, wordRun: 4 }],
    ['abcDEF123_x:yzé', { digits: 3, capitals: 3, colons: 1, digitRun: 3, upperRun: 6, wordRun: 9 }],
    ['', {}],
  ])('of %s: has all of it, and no more of anything', (value, wanted) => {
    const shape = { ...NOTHING, ...wanted };
    expect(fits(value, shape)).toBe(true);
    for (const name of Object.keys(NOTHING) as (keyof Shape)[]) {
      expect({ name, fits: fits(value, { ...NOTHING, [name]: shape[name] + 1 }) }).toEqual({ name, fits: false });
    }
  });

  test('a value too long to be counted may have any shape that its runs allow', () => {
    expect(fits('a1-'.repeat(400), { ...NOTHING, digits: 600, dashes: 10 })).toBe(true);
    expect(fits('a1-'.repeat(400), { ...NOTHING, wordRun: 3 })).toBe(false);
  });

  const least = fc.record(Object.fromEntries(Object.keys(NOTHING).map((name) => [name, fc.nat(3)])));
  const value = fc.string({ unit: fc.constantFrom('a', 'B', '1', '.', ':', '-', ' ', 'é'), maxLength: 20 });

  test('among the detectors of a value are those whose shape it fits, whatever was asked of it before', () => {
    fc.assert(
      fc.property(fc.array(least, { maxLength: 6 }), value, (given, chosen) => {
        const list = given as unknown as Shape[];
        const shapes = new Shapes(list);
        const bytes = text.encode(chosen);
        const counts = countsOf(bytes, 0, bytes.length);
        const choice = new ShapeChoice(shapes, [...list.keys()], 4);
        const found: number[] = [];
        // The second time it is known which groups are left.
        for (let times = 0; times < 2; times++) {
          found.length = 0;
          choice.of(counts, (detector) => found.push(detector));
        }
        const wanted = list.flatMap((shape, i) =>
          new Shapes([shape]).fits(0, countsOf(bytes, 0, bytes.length)) ? [i] : [],
        );
        expect(found.sort((a, b) => a - b)).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });
});

describe('gate', () => {
  const keyword = fc.string({ unit: fc.constantFrom('a', 'b', 'K', '_', '@', '9'), minLength: 1, maxLength: 4 });
  const value = fc.string({ unit: fc.constantFrom('a', 'B', 'k', '_', '@', '9', '.', '%', '-', 'é'), maxLength: 40 });

  test('finds exactly the detectors of which a keyword is in the value, and the kinds of its characters', () => {
    fc.assert(
      fc.property(fc.array(fc.array(keyword, { maxLength: 3 }), { maxLength: 5 }), value, (keywords, given) => {
        const found = new Set<number>();
        const gate = new Gate(keywords, (detector) => found.add(detector));
        const bytes = text.encode(`xx${given}yy`);
        gate.pass(bytes, 2, bytes.length - 2);
        const lower = given.toLowerCase();
        const wanted = keywords.flatMap((list, i) => (list.some((k) => lower.includes(k.toLowerCase())) ? [i] : []));
        expect([...found].sort()).toEqual(wanted);
        expect(gate.ascii).toBe(!given.includes('é'));
        expect((gate.kinds & HAS_ESCAPE) !== 0).toBe(given.includes('%'));
      }),
      { numRuns: 500 },
    );
  });
});

describe('masks', () => {
  test('a mask of personal data shows separators and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (value) => {
        expect(maskForm(value)).toMatch(/^[*@.\-_:/+() ]{0,48}…?$/);
      }),
    );
    expect(maskForm('a.b@c.org')).toBe('*.*@*.***');
  });

  test('a mask of a secret shows the public prefix, and not how long the rest is', () => {
    expect(maskSecret('ghp_abcdef', 4)).toBe('ghp_****');
    expect(maskSecret('hunter2', 0)).toBe(maskSecret('a much longer secret', 0));
  });

  test('names are stored without what was matched in them, and without characters that forge lines', () => {
    const name = (value: string): string => storableName(value, scan('', value));
    expect(name('GET /users/alice.smith@shop.test/orders')).toBe('GET /users/{email}/orders');
    expect(name('a\u0000b\nc\u202Ed\u2028e')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe');
    expect(name('x'.repeat(300))).toBe(`${'x'.repeat(254)}…`);
    expect(name('😀'.repeat(200))).toHaveLength(255);
  });
});

describe('key words', () => {
  test.each([
    ['http.request.header.x-api-key', ['http', 'request', 'header', 'x', 'api', 'key']],
    ['userApiKey', ['user', 'api', 'key']],
    ['HTTPServerID', ['http', 'server', 'id']],
    ['public_license', ['public', 'license']],
  ])('%s', (key, words) => {
    expect(keyWords(key)).toEqual(words);
  });

  test('phrases are words next to each other', () => {
    expect(hasPhrase(['x', 'api', 'key'], 'api key')).toBe(true);
    expect(hasPhrase(['api', 'x', 'key'], 'api key')).toBe(false);
    expect(hasPhrase(['public'], 'lic')).toBe(false);
  });
});

describe('scanner', () => {
  test('of overlapping matches the more specific one is told, once', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzaG9wLTEifQ.kQmX2vLr9ZtWb4NcYh6JdGf3SuTe8A1bC2dE3fG4hI5';
    expect(ids('http.request.header.authorization', `Bearer ${jwt}`)).toEqual(['jwt']);
    expect(ids('url', 'postgres://shop:s3rvePu6lic@db.shop.test/orders')).toEqual(['database-url-password']);
  });

  test.each([
    ['url.query', 'page_token=wurPAWNdh38xzuoM'],
    ['app.next_page_token', 'wurPAWNdh38xzuoM'],
    ['note', '{"nextPageToken": "wurPAWNdh38xzuoM"}'],
    ['note', 'list --page-token wurPAWNdh38xzuoM'],
    ['oauth.access_token.type', 'wurPAWNdh38xzuoM'],
  ])('a name can make a match harmless: %s = %s', (key, value) => {
    expect(ids(key, value)).toEqual([]);
  });

  test('what counts is the name right before a match, and the key only where there is none', () => {
    expect(ids('app.page_token', 'partnerToken=wurPAWNdh38xzuoM')).toEqual(['url-token']);
    expect(ids('note', 'page_token=1&partnerToken=wurPAWNdh38xzuoM')).toEqual(['url-token']);
  });

  test.each([
    ['db.query.text', 'SELECT id FROM users WHERE password = ? AND token = $2'],
    ['db.statement', 'GET session-secret:4d770946-22ea-4571-adc5-06c73e457922'],
    ['graphql.document', 'mutation Login($password: String!, $token: String!) { login { accessToken } }'],
    ['exception.message', "Access denied for user 'shop'@'10.0.0.4' (using password: YES)"],
    ['exception.message', 'password: must be at least 8 characters'],
    ['http.request.header.x-csrf-token', 'DSIynx0G8imlF9tHSAS7ixEpM4rrkDGRhHfPlgPwOJc='],
    ['idempotency.key', 'wurPAWNdh38xzuoM'],
    ['app.api_key_id', 'wurPAWNdh38xzuoM'],
    ['k8s.secret.name', 'checkout-tls-x7wzq'],
    ['aws.arn', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:checkout-AbCdEf'],
    ['url.full', 'https://REDACTED:REDACTED@shop.test/orders?token=REDACTED'],
    ['url.full', 'https://8f2c1b9ae4d04f7d@errors.shop.test/42'],
    ['session.id', '3858aabfd3de2dc3ba165b5fe579cda6'],
  ])('stays silent on %s = %s, which only speaks of secrets', (key, value) => {
    expect(ids(key, value).filter((id) => id !== 'email')).toEqual([]);
  });

  test('matches come in the order of the value, with UTF-16 offsets', () => {
    const value = 'żółć 😀 a@shop.test and bob@mail.test';
    const found = scan('note', value);
    expect(found.map((m) => value.slice(m.start, m.end))).toEqual(['a@shop.test', 'bob@mail.test']);
  });

  test.each([
    ['trace_id', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['span.parent', '00f067aa0ba902b7'],
    ['messaging.message.id', '452a7c7c-7c78-48f8-8b1a-61b57b1835c0'],
    ['vcs.ref.head.revision', '9d59409acf479dfa0df1aa568182e43e43df8bbe'],
    ['container.image.repo_digests', 'sha256:8d1e5c9bb5d1c5e5f5c0a53d6e4e4a9c4c5d6f3b2a1908f7e6d5c4b3a2918070'],
    ['time', '1764000000000'],
    ['time', '2026-11-23T10:15:30.123456789Z'],
    ['service.version', '4.12.0-rc.1+build.20261123'],
    [
      'user_agent.original',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    ],
    ['db.query.text', 'SELECT id, name FROM users WHERE email = $1 AND password = ? LIMIT 10'],
    ['url.full', 'https://shop.test/orders/12345?page=2&sort=desc'],
    ['code.stacktrace', 'at com.shop.OrderService.load(OrderService.java:123)'],
    ['server.address', 'orders.shop.svc.cluster.local'],
    ['network.peer.address', '10.42.0.17'],
    ['package', 'react@19.3.1'],
    ['unit', 'nginx@blue.service'],
    ['http.request.header.authorization', 'REDACTED'],
    ['config', 'password=********&token=${TOKEN}'],
  ])('stays silent on %s = %s', (key, value) => {
    expect(ids(key, value)).toEqual([]);
  });

  test('numbers are written as digits, and small ones left out', () => {
    const out = new Uint8Array(24);
    const varint = (n: bigint): Uint8Array => {
      const bytes: number[] = [];
      for (let rest = BigInt.asUintN(64, n); ; rest >>= 7n) {
        if (rest < 128n) return Uint8Array.from([...bytes, Number(rest)]);
        bytes.push(Number(rest & 127n) | 128);
      }
    };
    const written = (n: bigint): string => {
      const bytes = varint(n);
      return Buffer.from(out.subarray(0, writeInt(bytes, 0, bytes.length, out))).toString();
    };
    expect([42n, 9_999_999n, 10_000_000n, 4539578763621486n, -514218077n].map(written)).toEqual([
      '',
      '',
      '10000000',
      '4539578763621486',
      '514218077',
    ]);
    const double = new Uint8Array(new Float64Array([514218077, 0.5]).buffer);
    expect(Buffer.from(out.subarray(0, writeDouble(double, 0, out))).toString()).toBe('514218077');
    expect(writeDouble(double, 8, out)).toBe(0);
  });
});

describe('validators', () => {
  const TABLE: Readonly<Record<string, { yes: string[]; no: string[] }>> = {
    luhn: { yes: ['4539578763621486', '490154203237518', '0'], no: ['4539578763621487'] },
    'payment-card': {
      yes: ['4539578763621486', '5425 2334 3010 9903', '3714-496353-98431', '6011000990139424', '3530111333300000'],
      no: ['4539578763621487', '0000000000000000', '1234567812345670', '9999999999999995'],
    },
    iban: {
      yes: [
        'DE89370400440532013000',
        'GB82 WEST 1234 5698 7654 32',
        'MT84MALT011000012345MTLCAST001S',
        'NO9386011117947',
      ],
      no: ['DE89370400440532013001', 'DE8937040044053201300', 'ZZ82WEST12345698765432'],
    },
    'us-ssn': {
      yes: ['514-21-8077', '514218077'],
      no: ['000-12-3456', '666-12-3456', '912-12-3456', '123-00-4567', '078-05-1120'],
    },
    jwt: { yes: ['eyJhbGciOiJIUzI1NiJ9.x.y'], no: ['eyJmb28iOiJiYXIifQ.x.y', 'e30.x.y', '!.x.y'] },
    'basic-credentials': { yes: ['YWxpY2U6c2VjcmV0'], no: ['YWxpY2U', 'AAAA', 'YWxpY2U6'] },
    'public-ip': {
      yes: ['81.2.69.142', '8.8.8.8', '2a00:1450:4001:82f::200e', '2606:4700::1111'],
      no: [
        '10.0.0.1',
        '127.0.0.1',
        '192.168.1.1',
        '172.16.0.1',
        '169.254.1.1',
        '100.64.0.1',
        '224.0.0.1',
        '256.1.1.1',
        '1.2.3',
        '01.2.3.4',
        '::1',
        'fe80::1',
        '2001:db8::1',
        'fc00::1',
        '1::2::3',
        '1:2:3',
      ],
    },
    e164: {
      yes: ['+442071838750', '+1 (415) 555-0132', '%2B4915112345678'],
      no: ['+999123456789', '+1415555', '+44207183875012'],
    },
    email: {
      yes: ['a@b.test', 'a%40b.org', 'first.last@sub.shop.test'],
      no: [
        'git@github.com',
        'noreply@shop.test',
        'icon@2x.png',
        'react@19.3.1',
        '.a@b.test',
        'a..b@c.test',
        'a@-b.test',
      ],
    },
    'base64-jwt': {
      yes: ['ZXlKaGJHY2lPaUpJVXpJMU5pSjkuZXlKemRXSWlPaUp6YUc5d0xURWlmUS5rUW1YMnZMcjladFdiNE5j'],
      no: ['ZXlKaGJHY2lPaUpJVXpJMU5pSjk', 'ZXlKdWIzUm9hVzVuSWpveGZRLi1GMWY2ZmVf', 'eyJhbGciOiJIUzI1NiJ9', '!'],
    },
    'password-text': {
      yes: ['Tr0ub4dor3', 's3rvePu6lic', 'hunter22', 'Summer-2031!', '480213', 'kQmXvLrZtWbNc', 'p@ssword'],
      no: [
        'abc1',
        'expired',
        'String!',
        'getPassword',
        'argon2id',
        'pbkdf2_sha256',
        'process.env.PASSWORD1',
        'request.form2',
        '/srv/app2/x',
        '2031-01-05T10:00:00Z',
        'v1.2.3',
        '$DB_PASS1',
        'arn:aws:kms:x1',
        '********',
      ],
    },
    // Tables of many words and tokens: test/engine/validators/random-text.spec.ts.
    'random-text': {
      yes: ['wurPAWNdh38xzuoM', '798af42529a5ea4c252f3b797fd88b74'],
      no: ['LibraryWebpageUploadUr1RowStatus', 'existingSubscription', 'checkout-service-v2'],
    },
    'user-and-password': {
      yes: ['shop:s3rvePu6lic', ':kQmX2vLr9Z', 'shop:p%40ss', 'shop%3As3rvePu6lic', 'a:b:c'],
      no: [
        'shop',
        'shop:',
        'guest:guest',
        'gu%65st:guest',
        'shop:****',
        'REDACTED:REDACTED',
        'shop:${PASSWORD}',
        '8080:-',
      ],
    },
    'real-secret': {
      yes: ['p@$$w0rd', 'Tr0ub4dor3', 's3rvePu6lic'],
      no: [
        'REDACTED',
        '****',
        '${PASSWORD}',
        '$1',
        '%s',
        '{{token}}',
        '<password>',
        'xxxxxxxx',
        'aaaaaaaa',
        'null',
        '?',
        'changeme',
      ],
    },
    'birth-date': {
      yes: ['1984-07-19', '19/07/1984', '7/19/1984', '29.02.2000'],
      no: ['1984-13-01', '1899-01-01', '29.02.2001', '2031-01-01', '1984-07'],
    },
    'hardware-address': {
      yes: ['3c:22:fb:4d:1a:90'],
      no: ['02:42:ac:11:00:02', '00:00:00:00:00:00', '01:00:5e:00:00:fb', 'ff:ff:ff:ff:ff:ff'],
    },
    'crc32-base62': {
      yes: ['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'],
      no: ['ghp_Ky9Pf34qY6Nb3wWD25RQ4F5ZR3qa7y3gm1IM', '1IL'],
    },
    'gitlab-crc32': {
      yes: ['glrt-RGi781FEB3xM5jEgSorNh286MQp0OjIH.01.0w1n2ugso'],
      no: ['glrt-RGi781FEB3xM5jEgSorNh286MQp0OjIH.01.0w1n2ugsp', 'glrt-'],
    },
  };

  test('every validator has its row, here or in a table of its topic', () => {
    const folder = join(ROOT, 'test', 'engine', 'validators');
    const tables = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const isElsewhere = (name: string): boolean =>
      tables.some((t) => new RegExp(`^  '?${name}'?: \\{|^describe\\('${name}'`, 'm').test(t));
    expect(Object.keys(VALIDATORS).filter((name) => !(name in TABLE) && !isElsewhere(name))).toEqual([]);
  });

  test.each(Object.entries(TABLE))('%s', (name, { yes, no }) => {
    expect(yes.filter((value) => !VALIDATORS[name]!(value))).toEqual([]);
    expect(no.filter((value) => VALIDATORS[name]!(value))).toEqual([]);
  });
});
