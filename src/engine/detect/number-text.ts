/** Numbers below eight digits are no card, phone or identity number, and most numbers are small. */
const LEAST = 10_000_000;

/**
 * Writes the decimal digits of an OTLP int or a whole double into `out`, which has room for 24 bytes.
 *
 * @param bytes a varint or eight bytes of IEEE 754, at `start`
 * @returns the number of digits, or 0 where the number is too small, or not whole, to be scanned
 */
export function writeInt(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  if (end - start < 4) return 0;
  let value = 0n;
  for (let i = end - 1; i >= start; i--) value = (value << 7n) | BigInt(bytes[i]! & 127);
  return digits(BigInt.asIntN(64, value), out);
}

export function writeDouble(bytes: Uint8Array, start: number, out: Uint8Array): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset + start, 8).getFloat64(0, true);
  return Number.isSafeInteger(value) ? digits(BigInt(value), out) : 0;
}

function digits(value: bigint, out: Uint8Array): number {
  const text = String(value < 0n ? -value : value);
  if (text.length < String(LEAST).length) return 0;
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return text.length;
}
