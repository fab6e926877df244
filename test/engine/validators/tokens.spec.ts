import { describe, expect, test } from '@jest/globals';
import { crc32 } from '../../../src/engine/detect/crc32.js';
import { VALIDATORS } from '../../../src/engine/detect/validators/index.js';

test('CRC-32 of the check values that its definitions give', () => {
  expect(crc32('123456789')).toBe(0xcbf43926);
  expect(crc32('')).toBe(0);
  expect(crc32('a')).toBe(0xe8b7be43);
});

const VALID: Readonly<Record<string, readonly string[]>> = {
  'crc32-base62': [
    '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',
    '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',
    'ghs_ugM1yTMAd7V3DnI8lFPPwtV5ASPZHu0FecsX',
    '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',
    // A sum below 62⁴, which zeros fill.
    'ghu_EBdlz3IqXGJeztbxgvKk0l2E9IdeRQ004hyu',
  ],
  'gitlab-crc32': [
    'glpat-uhhD-nQXCxsBtZs2tnLTmmM6MQpvOjEKdTo5eAw.01.130n099q5',
    'glrt-RGi781FEB3xM5jEgSorNh286MQp0OjIH.01.0w1n2ugso',
    'glcbt-BRyz4_x_VAAWHwzPX3lRHWM6MQpnOjQKbzoxCnA6cTIQ.01.181qarf38',
  ],
};

describe.each(Object.entries(VALID))('%s', (name, tokens) => {
  const holds = VALIDATORS[name]!;

  test.each(tokens)('holds for %s', (token) => {
    expect(holds(token)).toBe(true);
  });

  test.each(tokens)('fails for %s with any one of the last 30 characters changed', (token) => {
    for (let i = token.length - 30; i < token.length; i++) {
      const other = token[i] === '7' ? '8' : '7';
      expect(holds(token.slice(0, i) + other + token.slice(i + 1))).toBe(false);
    }
  });

  test.each(tokens)('fails for %s cut short or with two characters swapped', (token) => {
    expect(holds(token.slice(0, -1))).toBe(false);
    const at = token.length - 10;
    const swapped = token.slice(0, at) + token[at + 1] + token[at] + token.slice(at + 2);
    expect(holds(swapped)).toBe(swapped === token);
    expect(holds('')).toBe(false);
  });
});
