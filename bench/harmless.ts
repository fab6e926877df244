import type { Random } from './random.js';

/** A kind of value that is common in spans, identifies nobody, and looks like something that does. */
export interface Trap {
  readonly name: string;
  readonly keys: readonly string[];
  readonly make: (r: Random) => string;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const BASE64 = `${LOWER.toUpperCase()}${LOWER}${DIGITS}+/`;
const POD = 'bcdfghjklmnpqrstvwxz2456789';
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const NOUNS =
  'order cart item user payment invoice session product customer shipment catalog search price stock coupon review'.split(
    ' ',
  );
const VERBS = 'get list create update delete find load save publish process validate render sync fetch resolve'.split(
  ' ',
);
const TABLES = 'orders items users sessions products prices shipments invoices audit_log outbox'.split(' ');
const COLUMNS = 'id status created_at updated_at sku qty price total owner_id region version state'.split(' ');
const HOSTS = 'orders cart payments search auth catalog billing edge gateway'.split(' ');

const title = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
const two = (n: number): string => String(n).padStart(2, '0');
const octet = (r: Random): number => r.below(256);

function uuid(r: Random): string {
  return `${r.hex(8)}-${r.hex(4)}-4${r.hex(3)}-${r.pick(['8', '9', 'a', 'b'])}${r.hex(3)}-${r.hex(12)}`;
}

function date(r: Random): string {
  return `${2015 + r.below(15)}-${two(1 + r.below(12))}-${two(1 + r.below(28))}`;
}

function time(r: Random): string {
  return `${two(r.below(24))}:${two(r.below(60))}:${two(r.below(60))}`;
}

function version(r: Random): string {
  return `${r.below(20)}.${r.below(40)}.${r.below(100)}`;
}

function className(r: Random): string {
  return `com.shop.${r.pick(NOUNS)}.${title(r.pick(VERBS))}${title(r.pick(NOUNS))}${r.pick(['Service', 'Handler', 'Factory', 'Repository'])}`;
}

function path(r: Random): string {
  return `/${r.pick(['api', 'v1', 'internal'])}/${r.pick(NOUNS)}s/${r.pick([r.digits(1 + r.below(9)), uuid(r), r.hex(24)])}/${r.pick(VERBS)}`;
}

function statement(r: Random): string {
  const columns = Array.from({ length: 1 + r.below(5) }, () => r.pick(COLUMNS)).join(', ');
  const where = r.pick([
    `${r.pick(COLUMNS)} = ?`,
    `${r.pick(COLUMNS)} = $1 AND ${r.pick(COLUMNS)} > $2`,
    `id = ${r.digits(1 + r.below(11))}`,
    `id IN (${Array.from({ length: 4 }, () => r.digits(6)).join(', ')})`,
    `created_at > '${date(r)} ${time(r)}'`,
    `id = '${uuid(r)}'`,
    `status = '${r.pick(['open', 'paid', 'shipped'])}' LIMIT ${1 + r.below(500)}`,
  ]);
  return `SELECT ${columns} FROM ${r.pick(TABLES)} WHERE ${where}`;
}

/** The traps of `npm run bench -- harmless`; each value is made by the seed alone. */
export const TRAPS: readonly Trap[] = [
  {
    name: 'trace and span ids',
    keys: ['trace_id', 'app.trace', 'span.parent_id', 'log.correlation'],
    make: (r) => r.hex(r.pick([16, 32])),
  },
  {
    name: 'decimal 64-bit ids',
    keys: ['dd.trace_id', 'app.correlation', 'message.id'],
    make: (r) => r.digits(18 + r.below(2)),
  },
  {
    name: 'UUIDs',
    keys: ['request.id', 'app.job', 'messaging.message.id', 'session.ref'],
    make: (r) => (r.chance(0.2) ? uuid(r).toUpperCase() : uuid(r)),
  },
  {
    name: 'ULID, KSUID, ObjectId, nano ids',
    keys: ['event.id', 'app.ref', 'db.mongodb.object_id'],
    make: (r) =>
      r.pick([
        () => `01${r.text(CROCKFORD, 24)}`,
        () => r.text(BASE64.slice(0, 62), 27),
        () => r.hex(24),
        () => r.text(`${BASE64.slice(0, 62)}_-`, 21),
      ])(),
  },
  {
    name: 'git commits',
    keys: ['vcs.ref.head.revision', 'service.version', 'git.commit', 'build.info'],
    make: (r) => r.hex(r.pick([7, 12, 40])),
  },
  {
    name: 'digests and entity tags',
    keys: ['container.image.repo_digests', 'http.response.header.etag', 'artifact.hash', 'app.checksum'],
    make: (r) =>
      r.pick([
        () => `sha256:${r.hex(64)}`,
        () => `W/"${r.hex(16)}"`,
        () => `"${r.text(BASE64, 27)}"`,
        () => `sha512-${r.text(BASE64, 86)}==`,
        () => r.hex(64),
        () => `md5:${r.hex(32)}`,
        () => `registry.shop.test/cart@sha256:${r.hex(64)}`,
      ])(),
  },
  {
    name: 'epoch times',
    keys: ['event.time', 'app.started', 'cache.expiry', 'messaging.timestamp'],
    make: (r) =>
      `${1_500_000_000 + r.below(500_000_000)}${r.pick(['', r.text(DIGITS, 3), r.text(DIGITS, 6), r.text(DIGITS, 9)])}`,
  },
  {
    name: 'dates and times',
    keys: ['app.date', 'report.day', 'batch.window', 'schedule.at'],
    make: (r) =>
      r.pick([
        () => date(r),
        () => `${date(r)}T${time(r)}Z`,
        () => `${date(r)} ${time(r)}.${r.text(DIGITS, 6)}+00:00`,
        () => `${date(r)}${time(r)}`.replace(/\D/g, ''),
        () => `${1 + r.below(28)}/${1 + r.below(12)}/2025`,
      ])(),
  },
  {
    name: 'numeric ids',
    keys: ['order.id', 'app.order_id', 'invoice.no', 'job.number', 'shard'],
    make: (r) => r.digits(5 + r.below(14)),
  },
  {
    name: 'numeric ids in text',
    keys: ['app.message', 'exception.message', 'log.body'],
    make: (r) => `${r.pick(VERBS)} ${r.pick(NOUNS)} ${r.digits(5 + r.below(14))} failed after ${r.below(9000)} ms`,
  },
  {
    name: 'counts and sizes',
    keys: ['http.response.body.size', 'app.rows', 'memory.used', 'queue.depth'],
    make: (r) => r.digits(1 + r.below(12)),
  },
  {
    name: 'versions',
    keys: ['service.version', 'telemetry.sdk.version', 'app.build', 'os.version'],
    make: (r) =>
      r.pick([
        () => version(r),
        () => `v${version(r)}-rc.${r.below(9)}`,
        () => `${version(r)}.${r.below(9000)}`,
        () => `${version(r)}+build.${r.hex(7)}`,
        () => `${20 + r.below(6)}.${r.below(12)}.${r.below(30)}-${r.digits(6)}`,
      ])(),
  },
  {
    name: 'user agents',
    keys: ['user_agent.original', 'http.request.header.user-agent', 'app.client'],
    make: (r) =>
      r.pick([
        () =>
          `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + r.below(45)}.0.${r.below(9000)}.${r.below(250)} Safari/537.36`,
        () =>
          `Mozilla/5.0 (iPhone; CPU iPhone OS ${r.below(20)}_${r.below(9)} like Mac OS X) AppleWebKit/605.1.15 Version/${r.below(20)}.${r.below(9)} Mobile/15E${r.below(999)} Safari/604.1`,
        () => `okhttp/${version(r)}`,
        () => `python-requests/${version(r)}`,
        () => `kube-probe/1.${r.below(35)}`,
      ])(),
  },
  {
    name: 'Kubernetes names',
    keys: ['k8s.pod.name', 'k8s.replicaset.name', 'k8s.pod.uid', 'container.id', 'k8s.node.name'],
    make: (r) =>
      r.pick([
        () => `${r.pick(HOSTS)}-${r.text(POD, 10)}-${r.text(POD, 5)}`,
        () => uuid(r),
        () => r.hex(64),
        () => `ip-10-${octet(r)}-${octet(r)}-${octet(r)}.eu-west-1.compute.internal`,
        () => `gke-prod-pool-${r.below(9)}-${r.hex(8)}-${r.text(LOWER + DIGITS, 4)}`,
      ])(),
  },
  {
    name: 'host names and internal addresses',
    keys: ['server.address', 'host.name', 'net.peer.name', 'network.peer.address', 'client.address'],
    make: (r) =>
      r.pick([
        () => `${r.pick(HOSTS)}.prod.svc.cluster.local`,
        () => `10.${octet(r)}.${octet(r)}.${octet(r)}`,
        () => `192.168.${octet(r)}.${octet(r)}:${1024 + r.below(60000)}`,
        () => `fd00:${r.hex(4)}:${r.hex(4)}::${r.hex(4)}`,
        () => `02:42:ac:${r.hex(2)}:${r.hex(2)}:${r.hex(2)}`,
        () => `${r.pick(HOSTS)}-${r.below(99)}.internal:8443`,
      ])(),
  },
  { name: 'URL paths', keys: ['url.path', 'http.target', 'http.route', 'app.resource'], make: path },
  {
    name: 'URLs and queries',
    keys: ['url.full', 'http.url', 'url.query'],
    make: (r) =>
      `https://${r.pick(HOSTS)}.shop.test${path(r)}?page=${r.below(90)}&sort=${r.pick(COLUMNS)}&from=${date(r)}&trace=${r.hex(16)}&v=${version(r)}`,
  },
  { name: 'SQL', keys: ['db.query.text', 'db.statement', 'app.sql'], make: statement },
  {
    name: 'file paths',
    keys: ['code.file.path', 'process.executable.path', 'app.file', 'log.file.path'],
    make: (r) =>
      r.pick([
        () => `/srv/app/${r.pick(NOUNS)}/${r.pick(VERBS)}_${r.pick(NOUNS)}.py`,
        () => `/var/lib/${r.pick(HOSTS)}/data/${r.hex(2)}/${r.hex(38)}`,
        () => `node_modules/@shop/${r.pick(NOUNS)}-client@${version(r)}/dist/index.js`,
        () =>
          `s3://bucket-${r.pick(HOSTS)}/year=2025/month=${two(1 + r.below(12))}/part-${r.digits(5)}-${uuid(r)}.parquet`,
      ])(),
  },
  {
    name: 'class, method and thread names',
    keys: ['code.function.name', 'code.namespace', 'thread.name', 'app.handler'],
    make: (r) =>
      r.pick([
        () => className(r),
        () => `${className(r)}#${r.pick(VERBS)}${title(r.pick(NOUNS))}ById`,
        () => `http-nio-8080-exec-${r.below(400)}`,
        () => `${r.pick(VERBS)}_${r.pick(NOUNS)}_by_${r.pick(NOUNS)}_id`,
        () => `ForkJoinPool.commonPool-worker-${r.below(64)}`,
        () => `${title(r.pick(NOUNS))}${title(r.pick(NOUNS))}Status${title(r.pick(VERBS))}Ur${r.below(9)}Row`,
      ])(),
  },
  {
    name: 'stack traces',
    keys: ['exception.stacktrace'],
    make: (r) =>
      `${className(r)}Exception: ${r.pick(NOUNS)} ${r.digits(8)} not found\n${Array.from({ length: 6 }, () => `\tat ${className(r)}.${r.pick(VERBS)}(${title(r.pick(NOUNS))}.java:${r.below(2000)})`).join('\n')}`,
  },
  {
    name: 'base64 and binary blobs',
    keys: ['app.cursor', 'messaging.body.preview', 'page.token_hint', 'app.state'],
    make: (r) => r.text(BASE64, 16 + r.below(120)),
  },
  {
    name: 'topics, queues, cache keys',
    keys: ['messaging.destination.name', 'cache.key', 'db.redis.key', 'messaging.kafka.message.key'],
    make: (r) =>
      r.pick([
        () => `${r.pick(NOUNS)}.${r.pick(VERBS)}.v${r.below(9)}`,
        () => `${r.pick(NOUNS)}:${uuid(r)}:${r.pick(VERBS)}`,
        () => `${r.pick(NOUNS)}-${r.digits(8)}`,
        () => `projects/shop-prod-${r.digits(6)}/topics/${r.pick(NOUNS)}`,
        () => `{${r.pick(NOUNS)}}:${r.hex(40)}`,
      ])(),
  },
  {
    name: 'cloud resource names',
    keys: ['cloud.resource_id', 'aws.lambda.invoked_arn', 'faas.id', 'app.resource'],
    make: (r) =>
      r.pick([
        () => `arn:aws:sqs:eu-west-1:${r.digits(12)}:${r.pick(NOUNS)}-queue`,
        () => `/subscriptions/${uuid(r)}/resourceGroups/prod/providers/Microsoft.Web/sites/${r.pick(HOSTS)}`,
        () => `//compute.googleapis.com/projects/${r.digits(12)}/zones/europe-west1-b/instances/${r.digits(19)}`,
        () => `i-${r.hex(17)}`,
        () => `vol-${r.hex(17)}`,
      ])(),
  },
  {
    name: 'trace context',
    keys: ['http.request.header.traceparent', 'messaging.header.traceparent', 'tracestate', 'http.request.header.b3'],
    make: (r) =>
      r.pick([
        () => `00-${r.hex(32)}-${r.hex(16)}-01`,
        () => `${r.hex(32)}-${r.hex(16)}-1`,
        () => `dd=s:1;p:${r.hex(16)};t.tid:${r.hex(16)},ot=th:${r.hex(6)}`,
      ])(),
  },
  {
    name: 'JSON payloads',
    keys: ['app.payload', 'messaging.body', 'graphql.variables'],
    make: (r) =>
      JSON.stringify({
        id: uuid(r),
        sku: r.digits(13),
        qty: r.below(9),
        at: `${date(r)}T${time(r)}Z`,
        status: r.pick(['open', 'paid']),
        version: version(r),
        total: Number(`${r.below(900)}.${two(r.below(100))}`),
        tags: [r.pick(NOUNS), r.pick(VERBS)],
        hash: r.hex(40),
      }),
  },
  {
    name: 'article numbers',
    keys: ['product.sku', 'app.ean', 'item.code', 'catalog.article'],
    make: (r) =>
      r.pick([
        () => r.digits(13),
        () => `SKU-${r.digits(8)}`,
        () => `${r.text(LOWER.toUpperCase(), 3)}-${r.digits(4)}-${r.digits(4)}`,
        () => r.digits(8),
        () => `${r.digits(3)}-${r.digits(10)}`,
      ])(),
  },
  {
    name: 'amounts and measures',
    keys: ['order.total', 'app.duration', 'app.ratio', 'cpu.utilization'],
    make: (r) =>
      r.pick([
        () => `${r.below(9000)}.${two(r.below(100))}`,
        () => `${r.below(900)}ms`,
        () => `${r.below(1e6)} bytes`,
        () => `0.${r.text(DIGITS, 16)}`,
        () => `${r.pick(['EUR', 'USD'])} ${r.below(9000)}.${two(r.below(100))}`,
        () => `${r.below(90)}%`,
      ])(),
  },
  {
    name: 'log lines',
    keys: ['app.message', 'exception.message', 'otel.status_description'],
    make: (r) =>
      r.pick([
        () => `upstream ${r.pick(HOSTS)}:8443 timed out after ${r.below(9000)}ms (attempt ${r.below(5)}/5)`,
        () => `duplicate key value violates unique constraint "${r.pick(TABLES)}_pkey"`,
        () => `Connection refused: /10.${octet(r)}.${octet(r)}.${octet(r)}:${r.below(65000)}`,
        () => `invalid token at line ${r.below(900)}, column ${r.below(90)}`,
        () => `password check failed for ${r.pick(NOUNS)} ${r.digits(6)}`,
        () => `missing header authorization on ${path(r)}`,
        () => `key ${r.pick(NOUNS)}_${r.pick(COLUMNS)} not found in cache`,
      ])(),
  },
  {
    name: 'redacted values',
    keys: ['http.request.header.authorization', 'user.email', 'url.full', 'db.query.text', 'app.card'],
    make: (r) =>
      r.pick([
        () => '****',
        () => '[REDACTED]',
        () => 'Bearer ****',
        () => `https://REDACTED:REDACTED@${r.pick(HOSTS)}.shop.test/?token=REDACTED`,
        () => "SELECT 1 FROM users WHERE email = '?'",
        () => '************1486',
        () => '*.*@*.***',
        () => '${API_TOKEN}',
        () => 'password=***&user=***',
      ])(),
  },
];
