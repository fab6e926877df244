import { crc32 } from '../crc32.js';

/**
 * Atlassian token: the eight hex digits behind the equals sign are the CRC-32 of all before it. Atlassian calls its tokens
 * opaque and does not document this, so it may only raise a confidence.
 */
export function atlassianChecksum(text: string): boolean {
  const end = text.length - 9;
  if (text[end] !== '=') return false;
  return text.slice(end + 1).toUpperCase() === crc32(text.slice(0, end)).toString(16).toUpperCase().padStart(8, '0');
}
