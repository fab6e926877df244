/** What hypervisors give their machines: VMware, Xen, Hyper-V, VirtualBox, Parallels. */
const VIRTUAL = /^(?:005056|000c29|000569|001c14|00163e|00155d|080027|001c42)/i;

/**
 * A MAC address that a maker gave a device: universally administered and unicast (IEEE 802, the two low bits of the
 * first octet are clear), so not the made-up ones of containers and virtual machines, and not all zeros.
 */
export function hardwareAddress(text: string): boolean {
  if (!/^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^[0-9a-f]{4}([.-])[0-9a-f]{4}\1[0-9a-f]{4}$|^[0-9a-f]{12}$/i.test(text)) {
    return false;
  }
  const digits = text.replace(/[:.-]/g, '');
  return (Number.parseInt(digits.slice(0, 2), 16) & 3) === 0 && !/^0+$/.test(digits) && !VIRTUAL.test(digits);
}
