/*
 * The registers of UltraLogLog (O. Ertl, "UltraLogLog: A Practical and More Space-Efficient Alternative to HyperLogLog
 * for Approximate Distinct Counting", 2023): HyperLogLog that keeps beside the greatest rank of a register whether the
 * two ranks below it were seen, in the 8 bits that a rank takes anyway. With 2^14 registers its relative standard error
 * is 0.761/√2^14 = 0.59 %, where HyperLogLog has 0.81 % in as many bytes.
 *
 * A register is 4·u + 2·a + b: u the greatest rank (0 for none), a whether u − 1 was seen, b whether u − 2 was.
 */
export const P = 14;
export const REGISTERS = 1 << P;
export const STANDARD_ERROR = 0.7609 / Math.sqrt(REGISTERS);

/** The upper 14 of the 53 bits choose the register, the rank is the leading zeros of the other 39 plus one. */
export function raise(registers: Uint8Array, hash: number): boolean {
  const high = Math.floor(hash / 4294967296);
  const index = high >>> 7;
  const upper = high & 127;
  const rank = upper !== 0 ? Math.clz32(upper) - 24 : 8 + Math.clz32(hash >>> 0);
  const before = registers[index]!;
  const after = union(before, rank << 2);
  if (after === before) return false;
  registers[index] = after;
  return true;
}

/** Adds what other registers have seen; says whether that was anything new. */
export function raiseAll(mine: Uint8Array, others: Uint8Array): boolean {
  let changed = false;
  for (let i = 0; i < REGISTERS; i++) {
    const other = others[i]!;
    const before = mine[i]!;
    if (other === 0 || other === before) continue;
    const after = union(before, other);
    if (after === before) continue;
    mine[i] = after;
    changed = true;
  }
  return changed;
}

/** What a register holds that has seen all that two have: the greater rank, and of the lower one what is in its reach. */
function union(a: number, b: number): number {
  const greater = a > b ? a : b;
  const lower = a > b ? b : a;
  const apart = (greater >> 2) - (lower >> 2);
  return lower === 0 || apart > 2 ? greater : greater | (((4 | (lower & 3)) >> apart) & 3);
}

/**
 * How many distinct hashes the registers have seen, by maximum likelihood (§3.2 of the paper): with n hashes the rank k
 * is missing from a register with probability e^(−x·2^(−k)), x = n/m, so
 * ln L(x) = −x·Σ(share of the unseen ranks) + Σ ln(1 − e^(−x·2^(−k))) over the seen ones. Its derivative falls, and its
 * root is found by halving.
 *
 * @param bits of a hash that make its rank
 * @param isFull whether registers say what was seen below the greatest rank
 */
export function estimate(registers: Uint8Array, bits: number, isFull: boolean): number {
  const counts = new Uint32Array(256);
  for (let i = 0; i < registers.length; i++) counts[registers[i]!]!++;
  const seen = new Float64Array(bits + 2);
  let unseen = 0;
  const look = (rank: number, isSeen: boolean, times: number): void => {
    if (rank < 1) return;
    if (isSeen) seen[rank]! += times;
    else unseen += times * 2 ** -rank;
  };
  for (const [register, times] of counts.entries()) {
    if (times === 0) continue;
    const greatest = register >> 2;
    if (greatest <= bits) unseen += times * 2 ** -greatest;
    look(greatest, true, times);
    if (!isFull) continue;
    look(greatest - 1, (register & 2) !== 0, times);
    look(greatest - 2, (register & 1) !== 0, times);
  }
  const slope = (x: number): number => {
    let sum = -unseen;
    for (let k = 1; k < seen.length; k++) {
      const share = 2 ** -Math.min(k, bits);
      if (seen[k]! > 0) sum += (seen[k]! * share) / Math.expm1(x * share);
    }
    return sum;
  };
  let [low, high] = [-bits, bits];
  for (let i = 0; i < 48; i++) {
    const middle = (low + high) / 2;
    if (slope(2 ** middle) > 0) low = middle;
    else high = middle;
  }
  return registers.length * 2 ** low;
}
