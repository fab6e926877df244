// The customers: visits to the storefront, a steady mix. Prints the number of requests so far as JSON, four times a second.
// STOREFRONT_URL=http://… REQUESTS_PER_SECOND=10 node traffic.mjs
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PEOPLE } from './people.mjs';

const { STOREFRONT_URL, REQUESTS_PER_SECOND = '10' } = process.env;
const pause = 1000 / Number(REQUESTS_PER_SECOND);
const count = { requests: 0, failures: 0 };

const post = (body) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** What visits are made of; each has its turn. */
const VISITS = [
  () => [['/products']],
  (person) => [['/products'], ['/account'], ['/orders', post(order(person))]],
  (person) => [[`/newsletter/unsubscribe?email=${encodeURIComponent(person.email)}`]],
  (person) => [['/account'], ['/orders', post(order(person))]],
];

const order = ({ name, phone, address }) => ({ sku: 'mug', quantity: 2, deliver_to: { name, phone, address } });

async function visit(person, steps) {
  const session = randomUUID();
  for (const [path, options = {}] of steps) {
    const headers = { 'x-session': session, authorization: `Bearer ${person.token}`, ...options.headers };
    await send(`${STOREFRONT_URL}${path}`, { ...options, headers });
    await sleep(pause * (0.5 + Math.random()));
  }
}

/** A declined card is business as usual; a failure is a request without an answer. */
async function send(url, options) {
  count.requests++;
  await fetch(url, options).then(
    (response) => response.arrayBuffer(),
    () => count.failures++,
  );
}

const tell = () => console.log(JSON.stringify(count));
setInterval(tell, 250);
for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) {
  process.once(event, () => {
    tell();
    process.exit(0);
  });
}
// Five people and four kinds of visits: everybody comes for everything.
for (let i = 0; ; i++) {
  const person = PEOPLE[i % PEOPLE.length];
  await visit(person, VISITS[i % VISITS.length](person));
}
