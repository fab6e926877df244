import { expect, test } from '@jest/globals';
import { SimulationLimits } from '../../src/edge/analysis/simulation-plan.js';
import { TimeShare } from '../../src/edge/analysis/time-share.js';

const SHARE = 0.05;

test('work keeps to its share of the time, whatever single pieces take', () => {
  let now = 0;
  const time = new TimeShare(SHARE, () => now);
  let worked = 0;
  for (let i = 0; i < 100_000; i++) {
    now += 10;
    if (time.credit <= 0) continue;
    const took = i % 7 === 0 ? 300 : 3;
    time.spend(() => {
      now += took;
      worked += took;
    });
  }
  // What there is to begin with, and one piece that runs into debt, come on top.
  expect(worked).toBeLessThanOrEqual(SHARE * now + 1_000 + 300);
  expect(worked).toBeGreaterThan(0.9 * SHARE * now);
});

test('what fails costs its time, too', () => {
  let now = 0;
  const time = new TimeShare(SHARE, () => now);
  const fail = (): never => {
    now += 5_000;
    throw new Error('failed');
  };
  expect(() => time.spend(fail)).toThrow('failed');
  expect(time.credit).toBeLessThan(0);
});

test('threads share one limit, and the same traces', () => {
  const limits = new SimulationLimits();
  const other = new SimulationLimits(limits.shared);
  limits.grant(100);
  expect([limits.claim(60), other.claim(60), limits.claim(1)]).toEqual([60, 40, 0]);
  other.grant(-5);
  expect([limits.left, limits.claim(3)]).toEqual([-5, 0]);

  const hashes = Array.from({ length: 20_000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
  let before = hashes;
  for (let halvings = 0; halvings < 5; halvings++) {
    const looked = hashes.filter((hash) => other.looksAt(hash));
    expect(Math.abs(looked.length / hashes.length - 0.5 ** halvings)).toBeLessThan(0.02);
    // None is looked at that was not before, so those that are left stay whole.
    expect(looked.every((hash) => before.includes(hash))).toBe(true);
    before = looked;
    limits.halve(halvings);
    other.halve(halvings);
    expect(limits.halvings).toBe(halvings + 1);
  }
});
