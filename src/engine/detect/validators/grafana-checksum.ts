import { crc32 } from '../crc32.js';

/**
 * Grafana service account token: the last eight hex digits are the CRC-32 of all before their underscore, its lowest byte
 * first (grafana/grafana, `pkg/components/satokengen`).
 */
export function grafanaChecksum(text: string): boolean {
  const end = text.length - 9;
  if (text[end] !== '_') return false;
  const sum = crc32(text.slice(0, end));
  const lowestFirst = [0, 8, 16, 24].map((bits) => ((sum >>> bits) & 255).toString(16).padStart(2, '0')).join('');
  return text.slice(end + 1) === lowestFirst;
}
