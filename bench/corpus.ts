import { encodeRequest, type TestResource, type TestSpan } from '../test/support/otlp.js';
import { Random } from './random.js';

/**
 * The reference corpus: what a shop of eight services sends, the same for the same seed. Half of the spans serve HTTP,
 * three in ten query a database, the rest publish messages; a few carry an email, a token or a card in a query string.
 */
export interface Corpus {
  readonly requests: readonly Uint8Array[];
  readonly spans: number;
  readonly bytes: number;
}

export interface CorpusOptions {
  readonly seed?: number;
  readonly requests: number;
  readonly spansPerRequest: number;
  /** Spans that a resource of a request has, of few resources that come again and again; by default all, each another one. */
  readonly spansPerResource?: number;
  /** Milliseconds since the epoch around which the spans lie. */
  readonly now: number;
}

export function makeCorpus(options: CorpusOptions): Corpus {
  const { seed = 42, requests, spansPerRequest, spansPerResource = spansPerRequest, now } = options;
  const random = new Random(seed);
  const few = spansPerResource < spansPerRequest ? Array.from({ length: PODS }, () => place(random)) : null;
  const made = Array.from({ length: requests }, () => {
    const resources = Array.from({ length: spansPerRequest / spansPerResource }, () => ({
      ...(few === null ? place(random) : random.pick(few)),
      spans: Array.from({ length: spansPerResource }, () => span(random, now)),
    }));
    return encodeRequest(resources);
  });
  return { requests: made, spans: requests * spansPerRequest, bytes: made.reduce((sum, r) => sum + r.length, 0) };
}

const PODS = 200;
const SERVICES = ['checkout', 'orders', 'payments', 'cart', 'search', 'auth', 'shipping', 'billing'];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1',
  'okhttp/5.1.0',
  'python-requests/2.32.5',
];
const PEOPLE = ['ana.lund', 'ben.okoro', 'chloe.weiss', 'dev.patel', 'eva.novak', 'finn.odell'];

function place(r: Random): Pick<TestResource, 'resource' | 'scope'> {
  const service = r.pick(SERVICES);
  return {
    resource: {
      'service.name': service,
      'service.version': `1.${r.below(20)}.0`,
      'service.namespace': 'shop',
      'deployment.environment.name': 'production',
      'k8s.pod.name': `${service}-${r.hex(9)}-${r.hex(5)}`,
      'telemetry.sdk.language': 'java',
      'host.name': `ip-10-0-${r.below(256)}-${r.below(256)}`,
    },
    scope: { name: 'io.opentelemetry.tomcat-10.0', version: '2.20.0' },
  };
}

function span(r: Random, now: number): TestSpan {
  const kind = r.next();
  const base = {
    traceId: r.hex(32),
    spanId: r.hex(16),
    parentSpanId: r.hex(16),
    start: now - r.below(60_000),
    kind: 2,
  };
  const thread = { 'thread.name': `http-nio-8080-exec-${r.below(32)}`, 'thread.id': r.below(200) };
  const shape = kind < 0.5 ? httpSpan(r) : kind < 0.8 ? databaseSpan(r) : messageSpan(r);
  const failed = r.chance(0.02) && { status: { code: 2, message: 'upstream timed out' } };
  return { ...base, ...shape, attributes: { ...thread, ...shape.attributes }, ...failed };
}

function httpSpan(r: Random): TestSpan {
  const order = r.below(200_000);
  const leaks = {
    ...(r.chance(0.05) && { 'url.query': `email=${r.pick(PEOPLE)}${r.below(1000)}%40mail.test&sort=${r.hex(8)}` }),
    ...(r.chance(0.02) && { 'http.request.header.authorization': `Bearer ${token(r)}` }),
  };
  return {
    name: 'GET /api/v1/orders/{id}',
    attributes: {
      'http.request.method': r.pick(['GET', 'POST', 'PUT']),
      'url.scheme': 'https',
      'url.path': `/api/v1/orders/${order}`,
      'http.route': '/api/v1/orders/{id}',
      'http.response.status_code': r.pick([200, 200, 200, 404, 500]),
      'network.protocol.version': '1.1',
      'server.address': 'orders.shop.svc.cluster.local',
      'server.port': 8443,
      'client.address': `10.${r.below(256)}.${r.below(256)}.${r.below(256)}`,
      'user_agent.original': r.pick(AGENTS),
      'app.order_id': String(order),
      ...leaks,
    },
  };
}

function token(r: Random): string {
  const claims = Buffer.from(JSON.stringify({ sub: r.below(200_000) })).toString('base64url');
  return `eyJhbGciOiJIUzI1NiJ9.${claims}.${r.hex(43)}`;
}

function databaseSpan(r: Random): TestSpan {
  const order = r.below(200_000);
  return {
    name: 'SELECT items',
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'orders',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'items',
      'db.query.text': `SELECT id, sku, qty, price, created_at FROM items WHERE order_id = ${order} AND status = $1 ORDER BY created_at DESC LIMIT 50`,
      'server.address': 'pg-primary.shop.svc.cluster.local',
      'server.port': 5432,
      ...(r.chance(0.03) && { 'db.query.parameter.email': `${r.pick(PEOPLE)}@mail.test` }),
    },
  };
}

function messageSpan(r: Random): TestSpan {
  return {
    name: 'publish orders',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'publish',
      'messaging.message.id': `${r.hex(8)}-${r.hex(4)}-4${r.hex(3)}-a${r.hex(3)}-${r.hex(12)}`,
      'messaging.kafka.offset': r.below(1e9),
      'messaging.kafka.message.key': `order-${r.below(200_000)}`,
      'messaging.message.body.size': r.below(20_000),
      'server.address': `kafka-${r.below(6)}.shop.svc.cluster.local`,
    },
  };
}
