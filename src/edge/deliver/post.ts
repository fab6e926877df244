import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { AddressPolicy } from './addresses.js';
import { type Outcome, SENT } from './outcome.js';

const TIMEOUT_MS = 15_000;

/**
 * Posts JSON. Redirects are not followed and count as failures, as Standard Webhooks has it; what is answered is not
 * read. Each request has a connection of its own, whose address is checked.
 */
export function post(
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  policy: AddressPolicy,
  timeoutMs = TIMEOUT_MS,
): Promise<Outcome> {
  const url = new URL(address);
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A literal address is connected to without being looked up.
  if (isIP(host) !== 0 && !policy.mayReach(host, isTls)) return Promise.resolve(REFUSED);
  return new Promise((done) => {
    const request = (isTls ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: false,
      lookup: policy.lookup(isTls),
      signal: AbortSignal.timeout(timeoutMs),
      headers: { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
    });
    request.on('response', (response) => {
      response.destroy();
      done(outcomeOf(response.statusCode ?? 0));
    });
    request.on('error', (error: NodeJS.ErrnoException) => done(failureOf(error, timeoutMs)));
    request.end(body);
  });
}

const REFUSED: Outcome = {
  kind: 'never',
  error: 'the address may not be reached: not public, or without TLS; SPANWARDEN_DELIVERY_NETWORKS can allow it',
};

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return SENT;
  if (status === 410) return { kind: 'gone', error: 'answered 410: it wants nothing more' };
  return { kind: 'later', error: `answered ${status}` };
}

function failureOf(error: NodeJS.ErrnoException, timeoutMs: number): Outcome {
  if (error.code === 'ADDRESS_REFUSED') return REFUSED;
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || error.code === 'ABORT_ERR') {
    return { kind: 'later', error: `no answer within ${timeoutMs / 1000} s` };
  }
  return { kind: 'later', error: `cannot be reached (${error.code ?? 'unknown error'})` };
}
