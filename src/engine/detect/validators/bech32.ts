const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const BECH32 = 1;
const BECH32M = 0x2bc830a3;

/** The BCH check sum of Bech32 or Bech32m over prefix and data, in one case (BIP 173, BIP 350). */
export function bech32(text: string): boolean {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return false;
  const lower = text.toLowerCase();
  const separator = lower.lastIndexOf('1');
  if (separator < 1 || lower.length - separator < 7) return false;
  const prefix = [...lower.slice(0, separator)].map((c) => c.charCodeAt(0));
  const data = [...lower.slice(separator + 1)].map((c) => ALPHABET.indexOf(c));
  if (data.includes(-1)) return false;
  const rest = polymod([...prefix.map((c) => c >> 5), 0, ...prefix.map((c) => c & 31), ...data]);
  return rest === BECH32 || rest === BECH32M;
}

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [i, term] of GENERATOR.entries()) if (((top >>> i) & 1) === 1) sum ^= term;
  }
  return sum;
}
