import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { captureParts } from '../../src/edge/regex/capture.js';
import { nodeRe2 } from '../../src/edge/regex/node-re2.js';

const Re2 = createRequire(import.meta.url)('re2') as typeof import('re2');
const compiler = nodeRe2()!;
const { detectors } = loadRules(RULES_DIR, compiler).rules;

describe('parts of a pattern around its group', () => {
  test.each([
    ['ab(?P<match>c+)d?', { flags: '', earlier: null, before: 'ab', captured: 'c+', behind: 'd?' }],
    ['(?i)a(?:b|c)(?P<match>d|e)', { flags: '(?i)', earlier: null, before: 'a(?:b|c)', captured: 'd|e', behind: '' }],
    ['x|[|)]y|[^]z](?P<match>\\))', { flags: '', earlier: 'x|[|)]y', before: '[^]z]', captured: '\\)', behind: '' }],
    ['[[:alpha:]|](?P<match>a)', { flags: '', earlier: null, before: '[[:alpha:]|]', captured: 'a', behind: '' }],
    ['(?:(?P<match>a))', null],
    ['(?P<match>a)|b', null],
    ['(?P<match>a)?b', null],
    ['a(?i)(?P<match>b)', null],
    ['\\Q(\\E(?P<match>b)', null],
    ['abc', null],
  ])('%s', (source, wanted) => {
    expect(captureParts(source)).toEqual(wanted);
  });
});

test('groups are found where the result object of RE2 has them, in all examples of all patterns', () => {
  const encoder = new TextEncoder();
  const capturing = detectors.filter(({ pattern }) => pattern.includes('(?P<match>'));
  expect(capturing.length).toBeGreaterThan(100);
  for (const { id, pattern, compiled, examples, nonExamples } of capturing) {
    const re2 = new Re2(pattern, 'gd');
    const texts = [...examples, ...nonExamples].map(({ value }) => value);
    for (const text of [...texts, texts.join(' '), texts.join('')]) {
      const bytes = encoder.encode(text);
      const wanted: unknown[] = [];
      re2.lastIndex = 0;
      for (;;) {
        const indices = (re2.exec(bytes as unknown as string) as RegExpExecArray | null)?.indices;
        if (!indices) break;
        const [start, end] = indices[0]!;
        const [captureStart, captureEnd] = indices.groups?.match ?? [start, end];
        wanted.push({ start, end, captureStart, captureEnd });
      }
      expect([id, compiled.matches(bytes, 1000)]).toEqual([id, wanted]);
    }
  }
});
