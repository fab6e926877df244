import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { Automaton } from '../../src/engine/detect/automaton.js';
import type { Pattern } from '../../src/engine/rules/pattern.js';

const { compiler } = patternCompiler();
const text = new TextEncoder();

function mayMatch(pattern: string, value: string): boolean {
  const bytes = text.encode(`<${value}>`);
  return Automaton.of(pattern)!.mayMatch(bytes, 1, bytes.length - 1);
}

function matches(pattern: string, value: string): boolean {
  return (compiler.compile(pattern) as Pattern).matches(text.encode(value), 1).length > 0;
}

describe('an automaton tells where a pattern cannot match', () => {
  test.each([
    ['abc', ['abc', 'xxabcxx', 'ababc'], ['', 'ab', 'acb', 'ABC']],
    ['(?i)akey-[a-z]{3}', ['AKey-xYz', '__akey-abc'], ['akey-ab', 'akey_abc']],
    ['[^\\d\\s]{2}!', ['ab!', 'é!', '12ab!'], ['a!', '1a!', 'ab']],
    ['a(?:b|cd)*e', ['ae', 'abe', 'acdbe'], ['ace', 'ade']],
    ['x{2,3}y', ['xxy', 'xxxxy'], ['xy']],
    ['x{2}y', ['xxy'], ['xy']],
    ['a.c', ['abc', 'aéc', 'a😀c'], ['ac', 'a\nc']],
    ['(?s)a.c', ['a\nc'], ['ac']],
    ['(?i:k)x', ['Kx', 'kx', '\u212Ax'], ['KX', 'x']],
    ['(?i)[é]k', ['ék', '\u212Ak', 'ÉK'], ['k', ' K']],
    ['[]a-]{2}[\\]]', ['a-]', ']]]'], ['ab]', 'a]']],
    ['\\x41\\x{42}\\.\\n', ['AB.\n'], ['AB\n']],
    ['(?P<match>[0-9a-f]{4})(?:-[0-9a-f]{4}){2}', ['01ab-23cd-45ef'], ['01ab-23cd-45eg', '01ab-23cd']],
    ['a*', ['', 'b'], []],
  ])('%s', (pattern, may, cannot) => {
    for (const value of may) expect([value, mayMatch(pattern, value)]).toEqual([value, true]);
    for (const value of cannot) expect([value, mayMatch(pattern, value)]).toEqual([value, false]);
  });

  test('assertions hold always, and upper bounds of repetitions are none: more may match, never less', () => {
    expect(mayMatch('\\bcat\\b', 'concat')).toBe(true);
    expect(mayMatch('^a{2,3}$', 'baaaa')).toBe(true);
    expect(mayMatch('\\bcat\\b', 'dog')).toBe(false);
  });

  test('syntax that it cannot read gives none', () => {
    for (const pattern of ['\\pL', '\\p{Greek}', '[[:alpha:]]', '\\Qa.b\\E', '(?U)a+']) {
      expect(compiler.compile(pattern)).not.toHaveProperty('error');
      expect(Automaton.of(pattern) === null || pattern === '(?U)a+').toBe(true);
    }
  });

  test('a pattern with more states than are kept lets everything through', () => {
    const pattern = 'a[ab]{60}c';
    const automaton = Automaton.of(pattern)!;
    const random = text.encode(Array.from({ length: 4000 }, (_, i) => (Math.sin(i * i) > 0 ? 'a' : 'b')).join(''));
    automaton.mayMatch(random, 0, random.length);
    expect(automaton.mayMatch(text.encode('z'), 0, 1)).toBe(true);
  });

  test('it agrees with RE2 on patterns without assertions and upper bounds', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', 'é', '-', '[a-c-]');
    const pattern = fc.letrec<{ p: string }>((tie) => ({
      p: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        atom,
        fc.tuple(tie('p'), tie('p')).map(([a, b]) => `${a}${b}`),
        fc.tuple(tie('p'), tie('p')).map(([a, b]) => `(?:${a}|${b})`),
        fc.tuple(tie('p'), fc.constantFrom('*', '+', '?', '{2}', '{1,}')).map(([a, count]) => `(?:${a})${count}`),
      ),
    })).p;
    const flags = fc.constantFrom('', '(?i)', '(?s)');
    const value = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'c', '1', '-', 'é', '\n', ' '), maxLength: 12 });
    fc.assert(
      fc.property(flags, pattern, value, (flag, body, given) => {
        const isMatch = matches(flag + body, given);
        if (isMatch || !(body + given).includes('é')) expect(mayMatch(flag + body, given)).toBe(isMatch);
      }),
      { numRuns: 2000 },
    );
  });
});
