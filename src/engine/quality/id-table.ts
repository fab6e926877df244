/**
 * Numbers by ids of 64 bits, given as two words. Open addressing with linear probing; entries are taken out by moving
 * those behind them forward (D. E. Knuth, The Art of Computer Programming 3, §6.4, algorithm R), so that there are no
 * gravestones. Grows by doubling; the owner bounds how much is put in.
 */
export class IdTable {
  private keys = new Int32Array(64 * 2);
  /** The number plus one; 0 where the slot is free. */
  private values = new Int32Array(64);
  private mask = 63;
  private used = 0;

  get size(): number {
    return this.used;
  }

  /** The number of an id, or -1. */
  get(a: number, b: number): number {
    const { keys, values, mask } = this;
    for (let slot = home(a, b) & mask; values[slot] !== 0; slot = (slot + 1) & mask) {
      if (keys[2 * slot] === a && keys[2 * slot + 1] === b) return values[slot]! - 1;
    }
    return -1;
  }

  set(a: number, b: number, value: number): void {
    if ((this.used + 1) * 2 > this.values.length) this.grow();
    const { keys, values, mask } = this;
    let slot = home(a, b) & mask;
    while (values[slot] !== 0 && !(keys[2 * slot] === a && keys[2 * slot + 1] === b)) slot = (slot + 1) & mask;
    if (values[slot] === 0) this.used++;
    keys[2 * slot] = a;
    keys[2 * slot + 1] = b;
    values[slot] = value + 1;
  }

  delete(a: number, b: number): void {
    const { keys, values, mask } = this;
    let slot = home(a, b) & mask;
    while (!(keys[2 * slot] === a && keys[2 * slot + 1] === b)) {
      if (values[slot] === 0) return;
      slot = (slot + 1) & mask;
    }
    if (values[slot] === 0) return;
    this.used--;
    for (let next = (slot + 1) & mask; values[next] !== 0; next = (next + 1) & mask) {
      const wanted = home(keys[2 * next]!, keys[2 * next + 1]!) & mask;
      if (((next - wanted) & mask) < ((next - slot) & mask)) continue;
      keys[2 * slot] = keys[2 * next]!;
      keys[2 * slot + 1] = keys[2 * next + 1]!;
      values[slot] = values[next]!;
      slot = next;
    }
    values[slot] = 0;
  }

  private grow(): void {
    const { keys, values } = this;
    this.keys = new Int32Array(keys.length * 2);
    this.values = new Int32Array(values.length * 2);
    this.mask = values.length * 2 - 1;
    this.used = 0;
    for (let slot = 0; slot < values.length; slot++) {
      if (values[slot] !== 0) this.set(keys[2 * slot]!, keys[2 * slot + 1]!, values[slot]! - 1);
    }
  }
}

function home(a: number, b: number): number {
  const hash = Math.imul(a ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}
