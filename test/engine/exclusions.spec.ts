import { describe, expect, test } from '@jest/globals';
import { type Exclusion, exclusionTest } from '../../src/engine/detect/exclusions.js';

const NOW = 1_800_000_000_000;
const PRINT = 'a'.repeat(32);
const exclusion = (over: Partial<Exclusion>): Exclusion => ({
  ...{ detector: null, service: null, key: null, fingerprint: null, expiresAt: null },
  ...over,
});
const MATCH = { detector: 'email', fingerprint: PRINT };

describe('exclusions', () => {
  test.each<[string, Partial<Exclusion>, boolean]>([
    ['of the detector', { detector: 'email' }, true],
    ['of another detector', { detector: 'iban' }, false],
    ['of the service', { service: 'web' }, true],
    ['of another service', { service: 'we' }, false],
    ['of the key', { key: 'note' }, true],
    ['of another key', { key: 'note.x' }, false],
    ['of the value', { fingerprint: PRINT }, true],
    ['of another value', { fingerprint: 'b'.repeat(32) }, false],
    ['of all four', { detector: 'email', service: 'web', key: 'note', fingerprint: PRINT }, true],
    ['of all four, one of them another', { detector: 'email', service: 'web', key: 'x', fingerprint: PRINT }, false],
    ['of the detector in another service', { detector: 'email', service: 'shop' }, false],
    ['that holds for a moment yet', { detector: 'email', expiresAt: NOW + 1 }, true],
    ['that ends now', { detector: 'email', expiresAt: NOW }, false],
    ['that ended', { fingerprint: PRINT, expiresAt: NOW - 1 }, false],
    ['that names nothing', {}, false],
  ])('%s', (_, over, expected) => {
    expect(exclusionTest([exclusion(over)])(MATCH, 'web', 'note', NOW)).toBe(expected);
  });

  test('one of many is enough, and an empty list excludes nothing', () => {
    const others = Array.from({ length: 500 }, (_, i) => exclusion({ detector: `d${i}` }));
    expect(exclusionTest([])(MATCH, 'web', 'note', NOW)).toBe(false);
    expect(exclusionTest(others)(MATCH, 'web', 'note', NOW)).toBe(false);
    expect(exclusionTest([...others, exclusion({ key: 'note' })])(MATCH, 'web', 'note', NOW)).toBe(true);
  });

  test('a match without a fingerprint is covered by no exclusion of one value', () => {
    const print = exclusion({ fingerprint: '' });
    expect(exclusionTest([print])({ detector: 'email', fingerprint: '' }, 'web', 'note', NOW)).toBe(false);
  });
});
