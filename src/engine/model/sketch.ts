import { estimate, P, REGISTERS, raise, raiseAll, STANDARD_ERROR } from './registers.js';
import { estimateV1, foldToV1, REGISTERS_V1, raiseAllV1, STANDARD_ERROR_V1 } from './registers-v1.js';

const VERSION = 2;
const BITS = 53 - P;
/** Enough that a request whose attributes have few values each cannot fill the memory with registers. */
const MAX_EXACT = 512;
/** Forms of the bytes. */
const EXACT = 0;
const DENSE = 1;
const SPARSE = 2;
const HEADER = 3;

/**
 * Counts distinct values without keeping them: exact up to 512 hashes, `registers.ts` after that, which take 16 KiB.
 *
 * Takes 53-bit hashes (`engine/cardinality/keyed-hash.ts`), so it is no dictionary to look values up in. Merging is
 * associative, commutative and idempotent.
 */
export class Sketch {
  /** Hashes: the first `sorted` in order and each once, then those that were added since. Null after the switch. */
  private exact: Float64Array | null = new Float64Array(8);
  private sorted = 0;
  private count = 0;
  /** Of the present length, or of that of the first version. */
  private registers: Uint8Array | null = null;

  /** Adds one hash, an integer of 53 bits. */
  add(hash: number): void {
    if (this.registers === null && this.count === this.exact!.length) this.makeRoom();
    if (this.registers === null) this.exact![this.count++] = hash;
    else this.raise(hash);
  }

  /** Adds all that the other has seen; says whether that was anything new. */
  merge(other: Sketch): boolean {
    other.settle();
    this.settle();
    if (other.registers !== null) return this.mergeRegisters(other.registers);
    if (this.registers !== null) {
      let changed = false;
      for (let i = 0; i < other.count; i++) changed = this.raise(other.exact![i]!) || changed;
      return changed;
    }
    const before = this.count;
    this.mergeSorted(other.exact!, other.count);
    return this.registers !== null || this.count > before;
  }

  /** How many distinct hashes were added, and the relative standard error of that (0 while exact). */
  estimate(): { distinct: number; standardError: number } {
    this.settle();
    const { registers } = this;
    if (registers === null) return { distinct: this.count, standardError: 0 };
    return registers.length === REGISTERS
      ? { distinct: Math.round(estimate(registers, BITS, true)), standardError: STANDARD_ERROR }
      : { distinct: Math.round(estimateV1(registers)), standardError: STANDARD_ERROR_V1 };
  }

  /** Bytes that the sketch takes in memory, about. */
  get size(): number {
    return this.registers?.length ?? 8 * this.exact!.length;
  }

  clone(): Sketch {
    const copy = new Sketch();
    copy.exact = this.exact?.slice() ?? null;
    copy.sorted = this.sorted;
    copy.count = this.count;
    copy.registers = this.registers?.slice() ?? null;
    return copy;
  }

  /**
   * Version byte, form byte, p, then by form: the sorted hashes (8 bytes each), the registers, or the numbers (2 bytes)
   * and contents of those that are not 0. What holds registers of the first version is written as that did.
   */
  toBytes(): Uint8Array {
    this.settle();
    const { registers } = this;
    if (registers === null) return this.exactBytes();
    if (registers.length === REGISTERS_V1) return bytesOf([1, DENSE, 12], registers);
    let used = 0;
    for (let i = 0; i < REGISTERS; i++) used += Number(registers[i] !== 0);
    return 3 * used < REGISTERS ? sparseBytes(registers, used) : bytesOf([VERSION, DENSE, P], registers);
  }

  /** Throws on bytes that no version of this class wrote: they come from our own store. */
  static fromBytes(bytes: Uint8Array): Sketch {
    const [version, form, p] = bytes;
    const isFirst = version === 1 && p === 12 && form !== SPARSE;
    if (!isFirst && (version !== VERSION || p !== P)) throw new Error('sketch: unknown version');
    const sketch = new Sketch();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (form === EXACT) {
      const count = Math.floor((bytes.length - HEADER) / 8);
      const exact = new Float64Array(Math.max(8, count));
      let isSorted = true;
      for (let i = 0; i < count; i++) {
        exact[i] = view.getFloat64(HEADER + 8 * i);
        if (i > 0 && exact[i]! <= exact[i - 1]!) isSorted = false;
      }
      sketch.exact = exact;
      sketch.count = count;
      if (isSorted) sketch.sorted = count;
      sketch.settle();
      return sketch;
    }
    if (form !== DENSE && form !== SPARSE) throw new Error('sketch: unknown form');
    sketch.exact = null;
    if (form === DENSE) sketch.registers = bytes.slice(HEADER, HEADER + (isFirst ? REGISTERS_V1 : REGISTERS));
    else {
      sketch.registers = new Uint8Array(REGISTERS);
      for (let at = HEADER; at + 3 <= bytes.length; at += 3) sketch.registers[view.getUint16(at)] = bytes[at + 2]!;
    }
    return sketch;
  }

  private raise(hash: number): boolean {
    if (this.registers!.length === REGISTERS) return raise(this.registers!, hash);
    const one = new Uint8Array(REGISTERS);
    raise(one, hash);
    return raiseAllV1(this.registers!, foldToV1(one));
  }

  private mergeRegisters(others: Uint8Array): boolean {
    const isNew = this.registers === null && this.count === 0;
    const mine = this.registers ?? this.toRegisters();
    if (mine.length === others.length) {
      return (mine.length === REGISTERS ? raiseAll(mine, others) : raiseAllV1(mine, others)) || isNew;
    }
    if (mine.length === REGISTERS_V1) return raiseAllV1(mine, foldToV1(others));
    this.registers = foldToV1(mine);
    raiseAllV1(this.registers, others);
    return true;
  }

  /** Sorts what was added, drops what is there twice, and past the limit switches to registers. */
  private settle(): void {
    const { exact } = this;
    if (exact === null) return;
    if (this.sorted < this.count) {
      exact.subarray(0, this.count).sort();
      let kept = 1;
      for (let i = 1; i < this.count; i++) if (exact[i] !== exact[i - 1]) exact[kept++] = exact[i]!;
      this.sorted = this.count = kept;
    }
    if (this.count > MAX_EXACT) this.toRegisters();
  }

  /** Adds sorted hashes to those that are there, which are sorted, too. */
  private mergeSorted(others: Float64Array, count: number): void {
    const mine = this.exact!;
    const all = new Float64Array(Math.max(8, this.count + count));
    let at = 0;
    for (let i = 0, j = 0; i < this.count || j < count; at++) {
      const a = i < this.count ? mine[i]! : Number.POSITIVE_INFINITY;
      const b = j < count ? others[j]! : Number.POSITIVE_INFINITY;
      all[at] = a < b ? a : b;
      if (a <= b) i++;
      if (b <= a) j++;
    }
    this.exact = all;
    this.sorted = this.count = at;
    if (at > MAX_EXACT) this.toRegisters();
  }

  private makeRoom(): void {
    const exact = this.exact!;
    if (exact.length === 2 * MAX_EXACT) this.settle();
    else {
      this.exact = new Float64Array(Math.min(exact.length * 8, 2 * MAX_EXACT));
      this.exact.set(exact);
    }
  }

  private toRegisters(): Uint8Array {
    const registers = new Uint8Array(REGISTERS);
    for (let i = 0; i < this.count; i++) raise(registers, this.exact![i]!);
    this.registers = registers;
    this.exact = null;
    this.sorted = this.count = 0;
    return registers;
  }

  private exactBytes(): Uint8Array {
    const bytes = new Uint8Array(HEADER + 8 * this.count);
    bytes.set([VERSION, EXACT, P]);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < this.count; i++) view.setFloat64(HEADER + 8 * i, this.exact![i]!);
    return bytes;
  }
}

function bytesOf(header: readonly number[], registers: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + registers.length);
  bytes.set(header);
  bytes.set(registers, HEADER);
  return bytes;
}

function sparseBytes(registers: Uint8Array, used: number): Uint8Array {
  const bytes = new Uint8Array(HEADER + 3 * used);
  bytes.set([VERSION, SPARSE, P]);
  let at = HEADER;
  for (let i = 0; i < REGISTERS; i++) {
    if (registers[i] === 0) continue;
    bytes[at++] = i >> 8;
    bytes[at++] = i & 255;
    bytes[at++] = registers[i]!;
  }
  return bytes;
}
