const LANE = (1n << 64n) - 1n;
const RATE = 136;

/** Round constants of Keccak-f[1600] from its linear feedback shift register x^8 + x^6 + x^5 + x^4 + 1 (FIPS 202 §3.2.5). */
const ROUND_CONSTANTS = (() => {
  const constants: bigint[] = [];
  let register = 1;
  for (let round = 0; round < 24; round++) {
    let constant = 0n;
    for (let j = 0; j < 7; j++) {
      if ((register & 1) !== 0) constant |= 1n << ((1n << BigInt(j)) - 1n);
      register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1;
    }
    constants.push(constant);
  }
  return constants;
})();

const rotate = (lane: bigint, by: number): bigint =>
  ((lane << BigInt(by % 64)) | (lane >> BigInt((64 - (by % 64)) % 64))) & LANE;

/**
 * Keccak-256 with the padding of the original submission (a first byte of 1, where SHA-3 of FIPS 202 has 6), which
 * Ethereum and Monero use.
 */
export function keccak256(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor(message.length / RATE) + 1) * RATE);
  padded.set(message);
  padded[message.length] = 1;
  padded[padded.length - 1]! |= 0x80;
  const view = new DataView(padded.buffer);
  const state = new Array<bigint>(25).fill(0n);
  for (let block = 0; block < padded.length; block += RATE) {
    for (let i = 0; i < RATE / 8; i++) state[i]! ^= view.getBigUint64(block + i * 8, true);
    for (const constant of ROUND_CONSTANTS) permute(state, constant);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 4; i++) digest.setBigUint64(i * 8, state[i]!, true);
  return new Uint8Array(digest.buffer);
}

/** One round on the lanes A[x + 5y]: theta, rho and pi, chi, iota (FIPS 202 §3.2). */
function permute(a: bigint[], constant: bigint): void {
  const columns = [0, 1, 2, 3, 4].map((x) => a[x]! ^ a[x + 5]! ^ a[x + 10]! ^ a[x + 15]! ^ a[x + 20]!);
  for (let i = 0; i < 25; i++) a[i]! ^= columns[(i + 4) % 5]! ^ rotate(columns[(i + 1) % 5]!, 1);
  let [x, y, current] = [1, 0, a[1]!];
  for (let t = 0; t < 24; t++) {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    const next = a[x + 5 * y]!;
    a[x + 5 * y] = rotate(current, ((t + 1) * (t + 2)) / 2);
    current = next;
  }
  for (let row = 0; row < 25; row += 5) {
    const lanes = a.slice(row, row + 5);
    for (let i = 0; i < 5; i++) a[row + i] = lanes[i]! ^ (~lanes[(i + 1) % 5]! & LANE & lanes[(i + 2) % 5]!);
  }
  a[0]! ^= constant;
}
