import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyedHash } from '../../src/engine/cardinality/keyed-hash.js';
import { Sketch } from '../../src/engine/model/sketch.js';
import { ROOT } from '../support/service.js';

const M64 = (1n << 64n) - 1n;
const rotl = (x: bigint, b: bigint): bigint => ((x << b) | (x >> (64n - b))) & M64;

/** SipHash-c-d as its paper writes it, in big integers: the reference for the fast one. */
function sipHash(c: number, d: number, key: Uint8Array, message: Uint8Array): bigint {
  const word = (bytes: Uint8Array, at: number): bigint => Buffer.from(bytes).readBigUInt64LE(at);
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let [v0, v1, v2, v3] = [
    0x736f6d6570736575n ^ k0,
    0x646f72616e646f6dn ^ k1,
    0x6c7967656e657261n ^ k0,
    0x7465646279746573n ^ k1,
  ];
  const round = (): void => {
    v0 = (v0 + v1) & M64;
    v1 = rotl(v1, 13n) ^ v0;
    v0 = rotl(v0, 32n);
    v2 = (v2 + v3) & M64;
    v3 = rotl(v3, 16n) ^ v2;
    v0 = (v0 + v3) & M64;
    v3 = rotl(v3, 21n) ^ v0;
    v2 = (v2 + v1) & M64;
    v1 = rotl(v1, 17n) ^ v2;
    v2 = rotl(v2, 32n);
  };
  const padded = Buffer.alloc(Math.floor(message.length / 8) * 8 + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 255;
  for (let at = 0; at < padded.length; at += 8) {
    const m = padded.readBigUInt64LE(at);
    v3 ^= m;
    for (let i = 0; i < c; i++) round();
    v0 ^= m;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < d; i++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

describe('keyed hash', () => {
  test('the reference is SipHash: the test vector of its paper', () => {
    expect(
      sipHash(
        2,
        4,
        KEY,
        Uint8Array.from({ length: 15 }, (_, i) => i),
      ),
    ).toBe(0xa129ca6149be45e5n);
  });

  test('is SipHash-1-3, cut to 53 bits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ maxLength: 60 }), (key, message) => {
        const around = Uint8Array.from([1, ...message, 2]);
        const hash = new KeyedHash(key).hash(around, 1, around.length - 1, 0);
        expect(BigInt(hash)).toBe(sipHash(1, 3, key, message) >> 11n);
      }),
      { numRuns: 500 },
    );
  });

  test('keys and tags keep hashes apart', () => {
    const message = new Uint8Array(8);
    const other = new KeyedHash(new Uint8Array(16));
    const hash = new KeyedHash(KEY);
    expect(new Set([hash.hash(message, 0, 8, 0), hash.hash(message, 0, 8, 1), other.hash(message, 0, 8, 0)]).size).toBe(
      3,
    );
  });
});

const hashOf = new KeyedHash(KEY);
const hash = (n: number, run = 0): number => {
  const bytes = new Uint8Array(new Uint32Array([n, run]).buffer);
  return hashOf.hash(bytes, 0, 8, 0);
};
const sketchOf = (numbers: readonly number[]): Sketch => {
  const sketch = new Sketch();
  for (const n of numbers) sketch.add(hash(n));
  return sketch;
};
/** Few and many values: below and beyond what is kept exactly. */
const numbers = fc.oneof(
  fc.array(fc.nat(3000), { maxLength: 1500 }),
  fc.nat(9000).map((n) => Array.from({ length: n }, (_, i) => i)),
);
const bytesOf = (sketch: Sketch): string => Buffer.from(sketch.toBytes()).toString('base64');

/** A sketch of the numbers 0 to 2999 by `hash`, as the first version of the class wrote it. */
const FIRST_VERSION = readFileSync(join(ROOT, 'test', 'engine', 'sketch-v1.bin'));

describe('sketch', () => {
  test('is exact up to 512', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(511), { maxLength: 5000 }), (given) => {
        expect(sketchOf(given).estimate()).toEqual({ distinct: new Set(given).size, standardError: 0 });
      }),
      { numRuns: 50 },
    );
  });

  test.each([513, 3_000, 10_000, 100_000])('at %d distinct values the error is what the formula says', (n) => {
    const errors = Array.from({ length: 20 }, (_, run) => {
      const sketch = new Sketch();
      for (let i = 0; i < n; i++) sketch.add(hash(i, run));
      return sketch.estimate().distinct / n - 1;
    });
    const rmse = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    expect(rmse).toBeLessThan((0.761 / Math.sqrt(16_384)) * 1.6);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.02);
  });

  test('merging is the union, whatever the order, the grouping and the repetitions', () => {
    fc.assert(
      fc.property(numbers, numbers, numbers, (a, b, c) => {
        const all = sketchOf([...a, ...b, ...c]);
        const left = sketchOf(a);
        left.merge(sketchOf(b));
        left.merge(sketchOf(c));
        const right = sketchOf(c);
        const inner = sketchOf(b);
        inner.merge(sketchOf(a));
        right.merge(inner);
        right.merge(inner);
        expect(bytesOf(left)).toBe(bytesOf(all));
        expect(bytesOf(right)).toBe(bytesOf(all));
      }),
      { numRuns: 100 },
    );
  });

  test('a thousand replicas that each saw a part are one that saw all', () => {
    const parts = Array.from({ length: 1000 }, () => new Sketch());
    const whole = new Sketch();
    for (let i = 0; i < 100_000; i++) {
      parts[i % 1000]!.add(hash(i));
      parts[(i * 7) % 1000]!.add(hash(i));
      whole.add(hash(i));
    }
    const merged = new Sketch();
    for (const part of parts) merged.merge(Sketch.fromBytes(part.toBytes()));
    expect(bytesOf(merged)).toBe(bytesOf(whole));
  });

  test('merging says whether it brought anything new', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const sketch = sketchOf(a);
        const before = bytesOf(sketch);
        const changed = sketch.merge(sketchOf(b));
        expect(changed).toBe(before !== bytesOf(sketch));
      }),
      { numRuns: 100 },
    );
  });

  test('after a restart it goes on as if there had been none', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const restarted = Sketch.fromBytes(sketchOf(a).toBytes());
        for (const n of b) restarted.add(hash(n));
        expect(bytesOf(restarted)).toBe(bytesOf(sketchOf([...a, ...b])));
      }),
      { numRuns: 50 },
    );
  });

  test('bytes come back as the same sketch; other bytes are refused', () => {
    for (const n of [0, 1, 512, 513, 5000, 50_000]) {
      const sketch = sketchOf(Array.from({ length: n }, (_, i) => i));
      const copy = Sketch.fromBytes(sketch.toBytes());
      expect(copy.estimate()).toEqual(sketch.estimate());
      expect(bytesOf(copy)).toBe(bytesOf(sketch));
      expect(sketch.toBytes().length).toBeLessThanOrEqual(16_387);
    }
    expect(() => Sketch.fromBytes(Uint8Array.from([3, 0, 14]))).toThrow('unknown version');
    expect(() => Sketch.fromBytes(Uint8Array.from([2, 3, 14]))).toThrow('unknown form');
    expect(() => Sketch.fromBytes(new Uint8Array(0))).toThrow('unknown version');
  });

  test('bytes of the first version are read, merged and written as they were', () => {
    const old = (): Sketch => Sketch.fromBytes(FIRST_VERSION);
    const near = (sketch: Sketch, n: number): void => {
      const { distinct, standardError } = sketch.estimate();
      expect(standardError).toBe(1.04 / 64);
      expect(Math.abs(distinct / n - 1)).toBeLessThan(0.05);
    };
    near(old(), 3000);
    expect(Buffer.from(old().toBytes()).equals(FIRST_VERSION)).toBe(true);
    for (const more of [[], [1, 2, 3], Array.from({ length: 3000 }, (_, i) => i)]) {
      const [into, from, added] = [old(), sketchOf(more), old()];
      expect(into.merge(sketchOf(more))).toBe(false);
      from.merge(old());
      for (const n of more) added.add(hash(n));
      for (const sketch of [into, from, added]) expect(bytesOf(sketch)).toBe(bytesOf(old()));
    }
    const twice = sketchOf(Array.from({ length: 6000 }, (_, i) => i + 3000));
    twice.merge(old());
    near(twice, 9000);
  });

  test('a copy goes its own way', () => {
    const sketch = sketchOf([1, 2, 3]);
    const copy = sketch.clone();
    copy.add(hash(4));
    expect([sketch.estimate().distinct, copy.estimate().distinct]).toEqual([3, 4]);
  });
});
