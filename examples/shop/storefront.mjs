// storefront (team web): what customers see. Has no database; asks accounts and checkout.
import { trace } from '@opentelemetry/api';
import { call, makeServer, run } from './service.mjs';

const { ACCOUNTS_URL, CHECKOUT_URL } = process.env;
const server = makeServer();

server.addHook('onRequest', async (request) => {
  const span = trace.getActiveSpan();
  // LEAK session-id: a value of its own for each visit, on every span of it.
  span?.setAttribute('session.id', request.headers['x-session'] ?? '');
});

const who = (request) => ({ authorization: request.headers.authorization ?? '' });

server.get('/products', () => call(`${CHECKOUT_URL}/products`));

server.get('/account', (request) => call(`${ACCOUNTS_URL}/me`, { headers: who(request) }));

// LEAK email-in-query: the link in every newsletter carries the address, and the next call passes it on.
server.get('/newsletter/unsubscribe', async (request) => {
  const email = encodeURIComponent(request.query.email);
  return call(`${ACCOUNTS_URL}/subscriptions?email=${email}`, { method: 'DELETE' });
});

server.post('/orders', async (request) => {
  const user = await call(`${ACCOUNTS_URL}/me`, { headers: who(request) });
  // LEAK user-id-spellings: the same id is user_id in checkout and user.id in accounts.
  trace.getActiveSpan()?.setAttribute('userId', user.id);
  const order = { user_id: user.id, ...request.body };
  return call(`${CHECKOUT_URL}/orders`, { method: 'POST', body: JSON.stringify(order) });
});

await run(server);
