/**
 * A MAC address that a maker gave a device: universally administered and unicast (IEEE 802, the two low bits of the
 * first octet are clear), so not the made-up ones of containers and virtual machines, and not all zeros.
 */
export function hardwareAddress(text: string): boolean {
  const octets = text.split(/[:-]/).map((o) => Number.parseInt(o, 16));
  return octets.length === 6 && (octets[0]! & 3) === 0 && octets.some((o) => o !== 0);
}
