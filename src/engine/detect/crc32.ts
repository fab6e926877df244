const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0xedb88320;
  return sum;
});

/** CRC-32 of a text of one-byte characters, as zip and Ethernet compute it (ISO/IEC 3309, reflected, 0xEDB88320). */
export function crc32(text: string): number {
  let sum = -1;
  for (let i = 0; i < text.length; i++) sum = (sum >>> 8) ^ TABLE[(sum ^ text.charCodeAt(i)) & 255]!;
  return ~sum >>> 0;
}
