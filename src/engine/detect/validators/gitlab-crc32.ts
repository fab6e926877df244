import { crc32 } from '../crc32.js';

/**
 * The last seven characters are the CRC-32 of all before them in base 36, as in GitLab's routable tokens
 * (handbook.gitlab.com, "Cells: Routable Tokens").
 */
export function gitlabCrc32(text: string): boolean {
  return text.length > 7 && crc32(text.slice(0, -7)).toString(36).padStart(7, '0') === text.slice(-7);
}
