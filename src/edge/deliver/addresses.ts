import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A host whose address is not one that may be reached. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

/** Which addresses deliveries may reach: public ones, and those of networks that the configuration names. */
export class AddressPolicy {
  private readonly networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

  /** @param networks in CIDR notation */
  constructor(networks: readonly string[]) {
    this.networks = networks.map((network) => ipaddr.parseCIDR(network));
  }

  /** Whether the configuration names the address; then it may be reached without TLS as well. */
  isNamed(address: string): boolean {
    const parsed = ipaddr.process(address);
    return this.networks.some((network) => network[0].kind() === parsed.kind() && parsed.match(network));
  }

  /** Public is what is neither private, loopback, link-local (with clouds' metadata), nor of a transition mechanism. */
  mayReach(address: string, isTls: boolean): boolean {
    if (isIP(address) === 0) return false;
    return this.isNamed(address) || (isTls && ipaddr.process(address).range() === 'unicast');
  }

  /**
   * For each connection: resolves the host, and gives addresses only when all of them may be reached. What is checked is
   * what is connected to, so an answer that changes in between is of no use to anybody.
   */
  lookup(isTls: boolean): LookupFunction {
    return (host, options, done) => {
      resolve(host, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return done(error, '', 0);
        const isFine = addresses.length > 0 && addresses.every(({ address }) => this.mayReach(address, isTls));
        if (!isFine) return done(new AddressRefused('the address may not be reached'), '', 0);
        if (options.all) done(null, addresses);
        else done(null, addresses[0]!.address, addresses[0]!.family);
      });
    };
  }
}
