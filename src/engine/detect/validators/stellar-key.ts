const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 of 35 bytes, of which the last two are the CRC16-XModem of the rest, low byte first (Stellar SEP-23, "Strkeys"). */
export function stellarKey(text: string): boolean {
  if (text.length !== 56) return false;
  let bits = 0;
  let held = 0;
  const bytes: number[] = [];
  for (const c of text) {
    const digit = ALPHABET.indexOf(c);
    if (digit < 0) return false;
    bits = ((bits << 5) | digit) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes.push((bits >> held) & 255);
  }
  const crc = crc16(bytes.slice(0, 33));
  return bytes[33] === (crc & 255) && bytes[34] === crc >> 8;
}

function crc16(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}
