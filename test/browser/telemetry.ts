import { encodeRequest, type TestResource } from '../support/otlp.js';

/** Values that must not show anywhere, whole or in part that tells anything. */
export const PLANTED = {
  token: 'ghp_Zq8LmW3xR7tB1vN5kC9dF2hJ6pS4yA0uEwGi',
  email: 'kestrel.vanbrugh@planted.test',
  card: '4539578763621486',
} as const;

/** A key that is markup, and one that reorders what stands beside it. */
export const HOSTILE_KEY = '<img src=x onerror=alert(1)>';

/** More names that break the conventions than one page of the list holds. */
const MANY = 60;
const HOUR_MS = 3_600_000;

const web: TestResource = {
  resource: { 'service.name': 'web', 'service.namespace': 'storefront', 'deployment.environment.name': 'production' },
  spans: [
    {
      name: 'GET /users/4711/orders/1234',
      attributes: {
        'http.status_code': 200,
        'url.query': `contact=${PLANTED.email}`,
        'http.request.header.authorization': `Bearer ${PLANTED.token}`,
        [HOSTILE_KEY]: 'x',
      },
    },
    {
      name: 'list',
      start: Date.now() - HOUR_MS,
      attributes: Object.fromEntries(Array.from({ length: MANY }, (_, i) => [`BadName${i}`, i])),
    },
  ],
};

const billing: TestResource = {
  resource: { 'service.name': 'billing', 'deployment.environment.name': 'staging' },
  spans: [
    {
      name: 'charge',
      attributes: { 'app.card': PLANTED.card },
      events: [{ name: 'exception', attributes: { 'exception.message': `no such customer ${PLANTED.email}` } }],
    },
  ],
};

export function firstSpans(): Uint8Array {
  return encodeRequest([web, billing]);
}

/** The same problem in another service, which makes the policy that is suggested for it another one. */
export function cardsOf(service: string): Uint8Array {
  const spans = [{ name: 'charge', attributes: { 'app.card': PLANTED.card } }];
  return encodeRequest([{ resource: { 'service.name': service }, spans }]);
}
