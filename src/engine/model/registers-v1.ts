import { estimate, REGISTERS } from './registers.js';

/*
 * Registers as the first version of the sketches wrote them: HyperLogLog with 2^12 registers, each the greatest rank.
 * What is merged with them can be no finer than they are.
 */
export const REGISTERS_V1 = 1 << 12;
export const STANDARD_ERROR_V1 = 1.04 / Math.sqrt(REGISTERS_V1);
const BITS = 41;
const FOLD = REGISTERS / REGISTERS_V1;

/** The ranks that the first version would have for what these registers saw. */
export function foldToV1(registers: Uint8Array): Uint8Array {
  const ranks = new Uint8Array(REGISTERS_V1);
  for (let i = 0; i < REGISTERS; i++) {
    const rank = registers[i]! >> 2;
    if (rank === 0) continue;
    const at = Math.floor(i / FOLD);
    // The two bits that chose among four registers are the first bits of the rank here.
    const bits = i % FOLD;
    ranks[at] = Math.max(ranks[at]!, bits === 0 ? rank + 2 : bits === 1 ? 2 : 1);
  }
  return ranks;
}

export function raiseAllV1(mine: Uint8Array, others: Uint8Array): boolean {
  let changed = false;
  for (let i = 0; i < REGISTERS_V1; i++) {
    if (others[i]! <= mine[i]!) continue;
    mine[i] = others[i]!;
    changed = true;
  }
  return changed;
}

export function estimateV1(ranks: Uint8Array): number {
  return estimate(
    ranks.map((rank) => rank << 2),
    BITS,
    false,
  );
}
