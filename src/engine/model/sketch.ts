/**
 * Counts distinct values without keeping them: exact up to 256 hashes, HyperLogLog after that.
 *
 * Takes 53-bit hashes (`engine/cardinality/keyed-hash.ts`), so it is no dictionary to look values up in. The estimate
 * is the improved one of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), §4; its
 * relative standard error at p = 12 is 1.04/√4096 = 1.6 %. Merging is associative, commutative and idempotent.
 */
export class Sketch {
  /** Hashes: the first `sorted` in order and each once, then those that were added since. Null after the switch. */
  private exact: Float64Array | null = new Float64Array(8);
  private sorted = 0;
  private count = 0;
  private registers: Uint8Array | null = null;

  /** Adds one hash, an integer of 53 bits. */
  add(hash: number): void {
    if (this.registers !== null) raise(this.registers, hash);
    else {
      if (this.count === this.exact!.length) this.makeRoom();
      if (this.registers !== null) raise(this.registers, hash);
      else this.exact![this.count++] = hash;
    }
  }

  /** Adds all that the other has seen; says whether that was anything new. */
  merge(other: Sketch): boolean {
    other.settle();
    this.settle();
    if (other.registers !== null) return raiseAll(this.registers ?? this.toRegisters(), other.registers);
    if (this.registers !== null) {
      let changed = false;
      for (let i = 0; i < other.count; i++) changed = raise(this.registers, other.exact![i]!) || changed;
      return changed;
    }
    const before = this.count;
    for (let i = 0; i < other.count; i++) this.add(other.exact![i]!);
    this.settle();
    return this.registers !== null || this.count > before;
  }

  /** How many distinct hashes were added, and the relative standard error of that (0 while exact). */
  estimate(): { distinct: number; standardError: number } {
    this.settle();
    if (this.registers === null) return { distinct: this.count, standardError: 0 };
    return { distinct: Math.round(estimateRegisters(this.registers)), standardError: 1.04 / Math.sqrt(REGISTERS) };
  }

  clone(): Sketch {
    const copy = new Sketch();
    copy.exact = this.exact?.slice() ?? null;
    copy.sorted = this.sorted;
    copy.count = this.count;
    copy.registers = this.registers?.slice() ?? null;
    return copy;
  }

  /** Version byte, form byte (0 exact, 1 registers), p, then the sorted hashes (8 bytes each) or the registers. */
  toBytes(): Uint8Array {
    this.settle();
    if (this.registers !== null) {
      const bytes = new Uint8Array(3 + REGISTERS);
      bytes.set([VERSION, 1, P]);
      bytes.set(this.registers, 3);
      return bytes;
    }
    const bytes = new Uint8Array(3 + 8 * this.count);
    bytes.set([VERSION, 0, P]);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < this.count; i++) view.setFloat64(3 + 8 * i, this.exact![i]!);
    return bytes;
  }

  /** Throws on bytes that no version of this class wrote: they come from our own store. */
  static fromBytes(bytes: Uint8Array): Sketch {
    const [version, form, p] = bytes;
    if (version !== VERSION || p !== P || (form !== 0 && form !== 1))
      throw new Error('sketch: unknown version or form');
    const sketch = new Sketch();
    if (form === 1) {
      sketch.exact = null;
      sketch.registers = bytes.slice(3, 3 + REGISTERS);
      return sketch;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 3; at + 8 <= bytes.length; at += 8) sketch.add(view.getFloat64(at));
    return sketch;
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

  private makeRoom(): void {
    const exact = this.exact!;
    if (exact.length === 2 * MAX_EXACT) this.settle();
    else {
      this.exact = new Float64Array(exact.length * 4);
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
}

const VERSION = 1;
const P = 12;
const REGISTERS = 1 << P;
const MAX_EXACT = 256;
/** Bits of the hash that are left for the rank. */
const Q = 53 - P;

/** The upper p bits choose a register, the rank is the leading zeros of the rest plus one. */
function raise(registers: Uint8Array, hash: number): boolean {
  const high = Math.floor(hash / 4294967296);
  const index = high >>> 9;
  const upper = high & 511;
  const rank = upper !== 0 ? Math.clz32(upper) - 22 : Math.min(10 + Math.clz32(hash >>> 0), Q + 1);
  if (rank <= registers[index]!) return false;
  registers[index] = rank;
  return true;
}

function raiseAll(mine: Uint8Array, others: Uint8Array): boolean {
  let changed = false;
  for (let i = 0; i < REGISTERS; i++) {
    if (others[i]! <= mine[i]!) continue;
    mine[i] = others[i]!;
    changed = true;
  }
  return changed;
}

function estimateRegisters(registers: Uint8Array): number {
  const counts = new Array<number>(Q + 2).fill(0);
  for (const rank of registers) counts[rank]!++;
  let z = REGISTERS * tau(1 - counts[Q + 1]! / REGISTERS);
  for (let k = Q; k >= 1; k--) z = 0.5 * (z + counts[k]!);
  z += REGISTERS * sigma(counts[0]! / REGISTERS);
  return (REGISTERS * REGISTERS) / (2 * Math.LN2 * z);
}

/** Ertl 2017, algorithm 6: σ(x) = x + Σ x^(2^k)·2^(k−1). */
function sigma(start: number): number {
  if (start === 1) return Number.POSITIVE_INFINITY;
  let x = start;
  let y = 1;
  let z = x;
  for (let previous = -1; z !== previous; ) {
    previous = z;
    x *= x;
    z += x * y;
    y += y;
  }
  return z;
}

/** Ertl 2017, algorithm 6: τ(x) = (1 − x − Σ (1 − x^(2^−k))²·2^−k)/3. */
function tau(start: number): number {
  if (start === 0 || start === 1) return 0;
  let x = start;
  let y = 1;
  let z = 1 - x;
  for (let previous = -1; z !== previous; ) {
    previous = z;
    x = Math.sqrt(x);
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
