import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodedIn, mayBeEncoded } from '../../src/engine/detect/encoded.js';
import { keyClass } from '../../src/engine/detect/key-class.js';
import { KIND } from '../../src/engine/detect/shape.js';
import { partsOf, STRUCTURES, type StructureName } from '../../src/engine/detect/structure/index.js';

/** Component and text of each part, quiet ones in brackets. */
function parts(name: StructureName, text: string): string[] {
  return STRUCTURES[name](text).map(({ start, end, component, quiet }) => {
    const shown = `${component}: ${text.slice(start, end)}`;
    return quiet ? `(${shown})` : shown;
  });
}

describe('parts', () => {
  test.each<[StructureName, string, string[]]>([
    [
      'url',
      'https://ana:pw@shop.test/a/b?x=1&token=t%20t;s=2#access_token=z',
      [
        'userinfo: ana:pw',
        'host: shop.test',
        'path: /a/b',
        'query: x',
        'query.x: 1',
        'query: token',
        'query.token: t%20t',
        'query: s',
        'query.s: 2',
        'fragment: access_token',
        'fragment.access_token: z',
      ],
    ],
    ['url', '/a/b?flag', ['path: /a/b', 'query: flag']],
    ['url', 'https://h?q=1', ['host: h', 'path: ', 'query: q', 'query.q: 1']],
    ['url', '', ['path: ']],
    ['query', '?a=1&b==2', ['query: a', 'query.a: 1', 'query: b', 'query.b: =2']],
    [
      'sql',
      "SELECT a1 FROM t WHERE b = 'it''s' AND c=42 AND d=$1 -- note\nAND e = \"x\" /* c */ LIMIT 5",
      [
        '(code: SELECT a1 FROM t WHERE b = )',
        "literal: 'it''s'",
        '(code:  AND c=)',
        'literal: 42',
        '(code:  AND d=$1 )',
        'comment: -- note',
        '(code: \nAND e = )',
        'literal: "x"',
        '(code:  )',
        'comment: /* c */',
        '(code:  LIMIT )',
        'literal: 5',
      ],
    ],
    [
      'sql',
      "SELECT $tag$ it's $tag$, 'cut of",
      ['(code: SELECT )', "literal: $tag$ it's $tag$", '(code: , )', "literal: 'cut of"],
    ],
    [
      'cookies',
      'sid=abc; theme=dark; flag; Path=/; HttpOnly',
      ['cookie: sid', 'cookie.sid: abc', 'cookie:  theme', 'cookie.theme: dark', 'cookie:  flag'],
    ],
    [
      'stack-trace',
      'java.lang.IllegalStateException: no user ana\n\tat com.shop.Cart.add(Cart.java:42)\nCaused by: bad\n\t... 12 more',
      [
        'message: java.lang.IllegalStateException: no user ana',
        '(frame: \tat com.shop.Cart.add(Cart.java:42))',
        'message: Caused by: bad',
        '(frame: \t... 12 more)',
      ],
    ],
    [
      'stack-trace',
      'Traceback (most recent call last):\n  File "/srv/app.py", line 12, in pay\nValueError: ana',
      [
        'message: Traceback (most recent call last):',
        '(frame:   File "/srv/app.py", line 12, in pay)',
        'message: ValueError: ana',
      ],
    ],
    [
      'json',
      '{"user":{"email":"a@b.c","tags":["x",{"id":7}]},"n":1.5,"ok":true}',
      [
        '$: "user"',
        '$.user: "email"',
        '$.user.email: "a@b.c"',
        '$.user: "tags"',
        '$.user.tags[]: "x"',
        '$.user.tags[]: "id"',
        '$.user.tags[].id: 7',
        '$: "n"',
        '$.n: 1.5',
        '$: "ok"',
      ],
    ],
    ['json', '[{"a":"b', ['$[]: "a"', '$[].a: "b']],
  ])('of %s: %s', (name, text, wanted) => {
    expect(parts(name, text)).toEqual(wanted);
  });

  test('lie in the text, in order and without overlaps, whatever the text', () => {
    const unit = fc.constantFrom(...'{}[]":,\'\\;=&?#/@%-*$ \n\tat0aZ1é');
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(STRUCTURES) as StructureName[])),
        fc.string({ unit, maxLength: 80 }),
        (name, text) => {
          let from = 0;
          for (const { start, end } of STRUCTURES[name](text)) {
            expect(start).toBeGreaterThanOrEqual(from);
            expect(end).toBeGreaterThanOrEqual(start);
            from = end;
          }
          expect(from).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a text that looks like JSON or a URL is one, whatever its key says, but a query or stack trace is what it is', () => {
    const first = (text: string, byKey: StructureName | null): string | undefined => partsOf(text, byKey)[0]?.component;
    expect(first('{"a":1}', 'url')).toBe('$');
    expect(first('https://a.test/', null)).toBe('host');
    expect(first('SELECT 1', 'sql')).toBe('code');
    expect(first('GET user:7', 'sql')).toBeUndefined();
    expect(first('{"a":1}', 'stack-trace')).toBe('message');
    expect(first('just text', null)).toBeUndefined();
  });
});

describe('encoded text', () => {
  test.each([
    ['percent', 'mail=a%40b.test', [['percent-encoded', 'mail=a@b.test']]],
    ['broken percent', '100%', []],
    ['not UTF-8', '%ff%41', [['percent-encoded', '\uFFFDA']]],
    ['escapes', 'x \\u0040 \\x41 \\"q\\" \\n', [['escaped', 'x @ A "q" \n']]],
    ['base64', `t=${Buffer.from('user: ana@mail.test').toString('base64')}.`, [['base64', 'user: ana@mail.test']]],
    ['base64url', Buffer.from('user: ana@mail.test?>').toString('base64url'), [['base64', 'user: ana@mail.test?>']]],
    ['hex', Buffer.from('user: ana@mail.test').toString('hex'), [['hex', 'user: ana@mail.test']]],
    ['trace id', '4bf92f3577b34da6a3ce929d0e0e4736', []],
    ['random base64', 'q0ZJw8+5b1T3oXyHkD9vLrN2eUg7sAiC', []],
    ['words', 'ThisIsJustALongIdentifierName', []],
  ])('%s', (_name, text, wanted) => {
    expect(encodedIn(text).map((piece) => [piece.encoding, piece.text])).toEqual(wanted);
  });
});

test('a value that holds encoded text passes the quick look before', () => {
  const unit = fc.constantFrom(...'aZ 0é@{"\n');
  fc.assert(
    fc.property(fc.string({ unit, minLength: 15, maxLength: 60 }), fc.string({ maxLength: 5 }), (plain, around) => {
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        const text = `${around} ${Buffer.from(plain).toString(encoding)} ${around}`;
        if (encodedIn(text).length === 0) continue;
        const bytes = new TextEncoder().encode(text);
        const kinds = bytes.reduce((all, byte) => all | KIND[byte]!, 0);
        expect(mayBeEncoded(bytes, 0, bytes.length, kinds)).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

describe('keys', () => {
  test.each([
    ['trace_id', { identifier: true }],
    ['order.id', { identifier: true }],
    ['card.id', { identifier: false }],
    ['git.commit', { identifier: true }],
    ['user.email', { identifier: false }],
    ['url.full', { structure: 'url', peer: true }],
    ['url.query', { structure: 'query' }],
    ['db.query.text', { structure: 'sql' }],
    ['http.request.header.cookie', { structure: 'cookies' }],
    ['exception.stacktrace', { structure: 'stack-trace' }],
    ['user_agent.original', { userAgent: true }],
    ['http.request.header.user-agent', { userAgent: true }],
    ['server.address', { peer: true }],
  ])('%s', (key, wanted) => {
    expect(keyClass(key)).toMatchObject(wanted);
  });
});
