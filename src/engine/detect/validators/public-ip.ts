/**
 * An address that identifies somebody's connection: global unicast, not the ranges that the IANA special-purpose
 * address registries (RFC 6890) set apart for private, local, documentation and multicast use.
 */
export function publicIp(text: string): boolean {
  return text.includes(':') ? publicIpv6(text) : publicIpv4(text);
}

function publicIpv4(text: string): boolean {
  const parts = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text);
  if (parts === null) return false;
  const [a, b, c, d] = [Number(parts[1]), Number(parts[2]), Number(parts[3]), Number(parts[4])];
  if (a > 255 || b > 255 || c > 255 || d > 255) return false;
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100 && b >= 64 && b <= 127) return false;
  if (a === 169 && b === 254) return false;
  if (a === 172 && b >= 16 && b <= 31) return false;
  if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))) return false;
  if (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) return false;
  return !(a === 203 && b === 0 && c === 113);
}

function publicIpv6(text: string): boolean {
  const groups = ipv6Groups(text);
  if (groups === null) return false;
  const first = groups[0]!;
  if (first < 0x2000 || first > 0x3fff) return false;
  return !(first === 0x2001 && (groups[1] === 0xdb8 || groups[1] === 0));
}

/** The eight 16-bit groups of an address in the text form of RFC 4291 §2.2, without embedded IPv4. */
function ipv6Groups(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (groups.flat().some((g) => !/^[0-9a-fA-F]{1,4}$/.test(g))) return null;
  const [head, tail] = groups as [string[], string[] | undefined];
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const zeros = new Array<string>(missing).fill('0');
  return [...head, ...zeros, ...(tail ?? [])].map((g) => Number.parseInt(g, 16));
}
