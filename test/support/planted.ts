import { hash } from 'node:crypto';
import type { TestResource } from './otlp.js';

/*
 * Secrets that are each there once, planted wherever a span holds text, and a search for what is left of them.
 */

const unique = (i: number): string => `q${(i * 7919 + 104729).toString(36)}z`;
export const mail = (i: number): string => `planted.${unique(i)}@shop.test`;
export const token = (i: number): string =>
  `ghp_q${hash('sha512', `${i}`, 'base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 35)}`;
export const planted: string[] = [];
let next = 0;

export function plant(make: (i: number) => string): string {
  const secret = make(++next);
  planted.push(secret);
  return secret;
}

/** A request with a planted secret in every place that holds text. */
export function leaky(make: (i: number) => string): TestResource[] {
  const p = (): string => plant(make);
  return [
    {
      resource: {
        'service.name': `svc ${p()}`,
        'deployment.environment.name': `env ${p()}`,
        'service.namespace': p(),
        team: p(),
        [`res.${p()}`]: 'x',
        'res.value': p(),
      },
      scope: { name: `lib ${p()}`, version: p(), attributes: { [`scope.${p()}`]: p() } },
      spans: [
        {
          name: `GET /users/${p()}/orders/17`,
          traceState: `vendor=${p()}`,
          attributes: {
            plain: `before ${p()} after`,
            [`key.${p()}`]: 'x',
            list: ['a', p(), ['b', p()]],
            map: { inner: p(), [`in.${p()}`]: 1, deep: { deeper: [p()] } },
            bytes: new TextEncoder().encode(p()),
            url: `https://shop.test/?mail=${encodeURIComponent(p())}`,
            'http.request.header.authorization': [`Bearer ${p()}`],
            sql: `INSERT INTO users VALUES ('${p()}')`,
            json: JSON.stringify({ user: { contact: p() } }),
          },
          events: [
            {
              name: `exception ${p()}`,
              attributes: { 'exception.message': `no ${p()}`, 'exception.stacktrace': `Error: ${p()}\n at x (y.js:1)` },
            },
          ],
          links: [{ traceState: `v=${p()}`, attributes: { note: p() } }],
          status: { code: 2, message: `failed for ${p()}` },
        },
      ],
    },
  ];
}

const formsOf = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '')];
};
/** What every planted secret begins with, in every form: a quick look whether there can be one at all. */
const BEGINNINGS = ['planted.q', 'ghp_q'].flatMap((text) => formsOf(text).map((form) => form.slice(0, -1)));

/** Places where something planted shows, with the number of the secret and never the secret itself. */
export function breaches(where: string, haystack: string | Buffer): string[] {
  const bytes = Buffer.from(haystack as string);
  if (!BEGINNINGS.some((beginning) => bytes.includes(beginning))) return [];
  return planted.flatMap((secret, i) => {
    return formsOf(secret).some((form) => bytes.includes(form)) ? [`${where}: secret ${i}`] : [];
  });
}
