// checkout (team payments): products, orders and payment. Uses PostgreSQL, asks accounts whom an order is for.
import { trace } from '@opentelemetry/api';
import pg from 'pg';
import { DECLINED } from './people.mjs';
import { call, inSpan, makeServer, run } from './service.mjs';

const { ACCOUNTS_URL, DATABASE_URL } = process.env;
const database = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
/** What a dollar is in euros, pounds and yen. */
const RATES = [0.92, 0.79, 149.5];
const server = makeServer();

server.get('/products', async () => {
  const { rows } = await database.query('SELECT sku, title, cents FROM products');
  // LEAK span-per-item: a loop with a span for each of its rounds; more products, more spans.
  const priced = (cents) => Promise.all(RATES.map((rate) => inSpan('convert price', () => Math.round(cents * rate))));
  return Promise.all(rows.map(async (row) => ({ ...row, prices: await priced(row.cents) })));
});

server.post('/orders', async (request) => {
  // LEAK request-body: handy when something goes wrong, and with it go name, telephone number and address.
  trace.getActiveSpan()?.setAttribute('shop.request.body', JSON.stringify(request.body));
  const { user_id: userId, sku, quantity } = request.body;
  const user = await call(`${ACCOUNTS_URL}/users/${userId}`);
  trace.getActiveSpan()?.setAttribute('user_id', user.id);
  await inSpan('charge card', (span) => {
    // LEAK version-on-span: somebody wanted to search for it, and the resource says it already.
    span.setAttribute('service.version', '1.4.2');
    return charge(user.id);
  });
  const { rows } = await database.query(
    'INSERT INTO orders (user_id, sku, quantity, paid) VALUES ($1, $2, $3, true) RETURNING id',
    [user.id, sku, quantity],
  );
  for (let piece = 1; piece <= quantity; piece++) await pack(rows[0].id, piece);
  return rows[0];
});

async function pack(orderId, piece) {
  // LEAK order-in-span-name: a name for each piece of each order, and none of them ever comes again.
  await inSpan(`pack order ${orderId}/${piece}`, async () => {});
}

async function charge(userId) {
  const { rows } = await database.query('SELECT number FROM cards WHERE user_id = $1', [userId]);
  const card = rows[0].number;
  // LEAK card-in-exception: the message goes into the span's status and into the event of the exception.
  if (userId === DECLINED) throw new Error(`card ${card} was declined: insufficient funds`);
}

await run(server);
