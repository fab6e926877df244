import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { Scanner } from '../../src/engine/detect/scanner.js';
import { ValueScanner } from '../../src/engine/detect/value-scanner.js';

const { compiler } = patternCompiler();
const values = new ValueScanner(new Scanner(loadRules(RULES_DIR, compiler).rules.detectors, () => ''));
const encoder = new TextEncoder();

/** `detector at component [start, end)` of each match. */
function scan(key: string, text: string): string[] {
  const bytes = encoder.encode(text);
  return values
    .scan(values.keyTraits(key), bytes, 0, bytes.length)
    .map(({ match, component }) => `${match.detector.id} at ${component} [${match.start}, ${match.end})`);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const CARD = '4539578763621486';

describe('the component of a match', () => {
  test.each([
    ['url.full', 'https://shop.test/a?mail=ana.lund@mail.test&x=1', ['email at query.mail [25, 43)']],
    ['url.query', 'x=1&mail=ana.lund%40mail.test', ['email at query.mail [9, 29)']],
    ['app.note', '{"user":{"mail":"ana.lund@mail.test"}}', ['email at $.user.mail [17, 35)']],
    ['app.note', '{"next":"https://shop.test/?mail=ana.lund@mail.test"}', ['email at $.next › query.mail [33, 51)']],
    ['db.query.text', "SELECT 1 FROM t WHERE m = 'ana.lund@mail.test'", ['email at literal [27, 45)']],
    ['exception.stacktrace', 'Error: no ana.lund@mail.test\n    at f (a.js:1:2)', ['email at message [10, 28)']],
    ['app.note', 'say ana.lund@mail.test', ['email at  [4, 22)']],
  ])('%s: %s', (key, text, wanted) => {
    expect(scan(key, text)).toEqual(wanted);
  });
});

describe('encoded values are found', () => {
  test.each([
    ['base64', base64('mail ana.lund@mail.test'), 'email at base64 [0, 32)'],
    ['base64 of base64', base64(base64('mail ana.lund@mail.test')), 'email at base64 › base64 [0, 44)'],
    ['hex', Buffer.from('mail ana.lund@mail.test').toString('hex'), 'email at hex [0, 46)'],
    [
      'JSON in JSON',
      '{"body":"{\\"mail\\":\\"ana.lund\\u0040mail.test\\"}"}',
      'email at $.body › escaped › $.mail [9, 47)',
    ],
    [
      'a claim of a token',
      `x ${base64('{"alg":"none"}')}.${base64('{"sub":"ana.lund@mail.test"}')}`,
      'email at base64 › $.sub [23, 63)',
    ],
  ])('%s', (_name, text, wanted) => {
    expect(scan('app.note', text)).toContain(wanted);
  });

  test('but not deeper than two levels', () => {
    expect(scan('app.note', base64(base64(base64('mail ana.lund@mail.test'))))).toEqual([]);
  });
});

describe('traps stay silent', () => {
  test.each([
    ['trace_id', '45395787636214864539578763621486'],
    ['transaction.id', CARD],
    ['user_agent.original', 'Mozilla/5.0 (X11) Chrome/81.2.69.142 Safari/537.36'],
    ['db.query.text', 'SELECT id AS "a" FROM orders WHERE total > 10'],
    ['exception.stacktrace', 'at com.shop.Mail.send(ana.lund@mail.test:12)'],
    ['event.time', '2026-11-23T10:11:12.123456Z'],
  ])('%s: %s', (key, text) => {
    expect(scan(key, text)).toEqual([]);
  });

  test('a key alone hides nothing', () => {
    expect(scan('trace_id', 'ana.lund@mail.test')).toEqual(['email at  [0, 18)']);
    expect(scan('card.id', CARD)).toEqual([`payment-card at  [0, 16)`]);
    expect(scan('user_agent.original', 'crawler (ana.lund@mail.test)')).toEqual(['email at  [9, 27)']);
  });
});

test('places lie in the value, whatever the value', () => {
  const piece = fc.constantFrom(
    'ana.lund@mail.test',
    CARD,
    '%40',
    '\\u0040',
    'é',
    '{"a":',
    '"',
    '}',
    '?a=',
    '&',
    ' ',
    base64('ana.lund@mail.test'),
  );
  const key = fc.constantFrom('url.full', 'db.query.text', 'app.note', 'http.request.header.cookie');
  fc.assert(
    fc.property(key, fc.array(piece, { maxLength: 8 }), (name, pieces) => {
      const text = pieces.join('');
      const bytes = encoder.encode(text);
      for (const { match } of values.scan(values.keyTraits(name), bytes, 0, bytes.length)) {
        expect(match.start).toBeGreaterThanOrEqual(0);
        expect(match.end).toBeGreaterThan(match.start);
        expect(match.end).toBeLessThanOrEqual(text.length);
      }
    }),
  );
});
