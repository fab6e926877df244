import { BlockList, isIP } from 'node:net';
import type { Callers } from './callers.js';
import { mayAs } from './roles.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/** Who may send spans: anybody on this machine, and from elsewhere whoever has a token of a collector. */
export class Senders {
  constructor(private readonly callers: Callers) {}

  /**
   * @param address where the connection comes from
   * @param authorization the header or metadata of that name
   * @param forwarded whether a proxy passed the request on, so that the address is the proxy's
   */
  async maySend(address: string | undefined, authorization: string | undefined, forwarded: boolean): Promise<boolean> {
    const token = presentedToken(authorization);
    if (token === null) return this.isLocal(address, forwarded);
    const caller = await this.callers.byToken(token);
    return caller !== null && mayAs('collector', caller.roles);
  }

  /** Whether a connection comes from this machine. */
  isLocal(address: string | undefined, forwarded: boolean): boolean {
    return !forwarded && isLoopback(address);
  }
}

/**
 * The token of an `Authorization` header: as bearer, or as the password of Basic authentication with any user name,
 * which is all that a URL can carry (a collector that reads its configuration over HTTP sends no other header).
 */
export function presentedToken(authorization: string | undefined): string | null {
  const [, scheme, credentials] = /^(bearer|basic) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || credentials === undefined) return null;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : null;
}

function isLoopback(address: string | undefined): boolean {
  const version = isIP(address ?? '');
  return version !== 0 && loopback.check(address!, version === 6 ? 'ipv6' : 'ipv4');
}
