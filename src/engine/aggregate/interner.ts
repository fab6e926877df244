/**
 * Gives byte strings small integers. Compares 64-bit hashes with a secret seed instead of bytes, so it holds no copy of
 * a name that may contain a secret; two of a million names meet by chance once in 37 million runs.
 */
export class Interner {
  private table: Uint32Array;
  private mask: number;
  private next = 0;
  private viewed: Uint8Array | null = null;
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(
    private readonly capacity: number,
    private readonly seed: number,
  ) {
    let slots = 64;
    while (slots < capacity * 2) slots *= 2;
    this.table = new Uint32Array(slots * 3);
    this.mask = slots - 1;
  }

  get size(): number {
    return this.next;
  }

  get full(): boolean {
    return this.next >= this.capacity;
  }

  /**
   * Id of the bytes: `size` before the call when they are new; -1 when they are new and the table is full, or takes
   * nothing new now.
   */
  intern(bytes: Uint8Array, start: number, end: number, takesNew = true): number {
    if (this.viewed !== bytes) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const { view } = this;
    let a = this.seed | 0;
    let b = Math.imul(this.seed ^ (end - start), 0x5bd1e995);
    let i = start;
    for (; i + 4 <= end; i += 4) {
      const word = view.getInt32(i, true);
      a = Math.imul(((a << 5) | (a >>> 27)) ^ word, 0x9e3779b1);
      b = Math.imul(((b << 13) | (b >>> 19)) ^ word, 0xc2b2ae35);
    }
    for (; i < end; i++) {
      a = Math.imul(((a << 5) | (a >>> 27)) ^ bytes[i]!, 0x9e3779b1);
      b = Math.imul(((b << 13) | (b >>> 19)) ^ bytes[i]!, 0xc2b2ae35);
    }
    a = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d);
    b = Math.imul(b ^ (b >>> 16), 0x7feb352d);
    a = (a ^ (a >>> 13)) >>> 0;
    b = (b ^ (b >>> 15)) >>> 0 || 1;
    const { table, mask } = this;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 3;
      if (table[at + 1] === 0) {
        if (this.full || !takesNew) return -1;
        table[at] = a;
        table[at + 1] = b;
        table[at + 2] = this.next;
        return this.next++;
      }
      if (table[at] === a && table[at + 1] === b) return table[at + 2]!;
    }
  }

  clear(): void {
    this.table.fill(0);
    this.next = 0;
  }
}
