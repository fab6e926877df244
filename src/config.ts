import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Problem, problem } from './engine/problem.js';

export const ROLES = ['ingest', 'api', 'jobs'] as const;
export type Role = (typeof ROLES)[number];

/** What a process of spanwarden needs to know, from its environment. */
export interface Config {
  readonly home: string;
  readonly host: string;
  readonly httpPort: number;
  readonly otlpHttpPort: number;
  readonly otlpGrpcPort: number;
  readonly opampPort: number;
  readonly samplingHttpPort: ListenPort;
  readonly samplingGrpcPort: ListenPort;
  /** Whether the copy of the spans that comes here is taken before or after collectors sample. */
  readonly tap: Tap;
  readonly roles: ReadonlySet<Role>;
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  readonly adminToken: string | null;
  readonly collectorToken: string | null;
  readonly masterKey: Buffer | null;
  readonly publicUrl: string | null;
  readonly analysisThreads: number;
  /** Of the time of each thread, in percent. */
  readonly simulationPercent: number;
  readonly maxRequestBytes: number;
  readonly maxPendingBytes: number;
  readonly priceModel: string;
  /** Folder of a company's registry of conventions. */
  readonly conventionsDir: string | null;
  readonly hourlyDays: number;
  readonly timeZone: string;
  readonly weeklyReport: string;
  readonly traces: TraceMode;
  readonly traceIdleSeconds: number;
  readonly prometheusUrl: string | null;
  readonly requestsQuery: string;
  /** What Prometheus is asked for the exact number of spans; null for nothing. */
  readonly spansQuery: string | null;
  /** Resource keys that name the team of a service; the first that is set counts. */
  /** Null for those that are known; the same as OWNER_KEYS in flow/key-book.ts. */
  readonly ownerKeys: readonly string[] | null;
  /** Where mail goes out; null sends none. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  /** Networks, as CIDR, that webhooks may reach although they are not public, and without TLS. */
  readonly deliveryNetworks: readonly string[];
  /** Seconds before a delivery is tried again for the first time. */
  readonly deliveryRetry: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: (typeof LOG_FORMATS)[number];
}

/** A port that was asked for, or one that is done without where something else has it; null for none. */
export interface ListenPort {
  readonly port: number | null;
  readonly isAskedFor: boolean;
}

/** The same as in flow/sampling-traffic.ts. */
const TAPS = ['before', 'after'] as const;
type Tap = (typeof TAPS)[number];

/** What is to be believed of the traces that come; the same as in engine/quality/evidence.ts. */
const TRACE_MODES = ['auto', 'whole', 'partial'] as const;
type TraceMode = (typeof TRACE_MODES)[number];

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
const LOG_FORMATS = ['text', 'json'] as const;

/** How a variable is read: what it may be, in words and as a function that gives undefined for anything else. */
interface Kind<T> {
  readonly allowed: string;
  readonly read: (text: string) => T | undefined;
}

interface Setting<T = unknown> {
  readonly name: string;
  readonly kind: Kind<T>;
  /** The default as the documentation states it. */
  readonly otherwise: string;
  readonly about: string;
}

const integer = (least: number, most: number): Kind<number> => ({
  allowed: `a whole number from ${least} to ${most}`,
  read: (text) => (/^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined),
});
const port = integer(0, 65_535);
const portOrOff: Kind<number | 'off'> = {
  allowed: `${port.allowed}, or off`,
  read: (value) => (value === 'off' ? 'off' : port.read(value)),
};
const text = (allowed: string, form = /\S/): Kind<string> => ({
  allowed,
  read: (value) => (form.test(value) ? value : undefined),
});
const oneOf = <T extends string>(values: readonly T[]): Kind<T> => ({
  allowed: values.join(', '),
  read: (value) => values.find((v) => v === value),
});
const url = (...protocols: string[]): Kind<string> => ({
  allowed: `a URL that begins with ${protocols.join(' or ')}`,
  read: (value) => (protocols.some((p) => value.startsWith(p)) && URL.canParse(value) ? value : undefined),
});
const token: Kind<string> = {
  allowed: 'at least 8 letters, digits and -._~+/',
  read: (value) => (/^[A-Za-z0-9._~+/-]{8,}=*$/.test(value) ? value : undefined),
};
const key: Kind<Buffer> = {
  allowed: '32 bytes in base64',
  read: (value) => {
    const bytes = Buffer.from(value, 'base64');
    return bytes.length === 32 ? bytes : undefined;
  },
};
const roles: Kind<ReadonlySet<Role>> = {
  allowed: `all, or a list of ${ROLES.join(', ')}`,
  read: (value) => {
    const names = value === 'all' ? [...ROLES] : value.split(',').map((name) => name.trim());
    return names.every((name): name is Role => ROLES.includes(name as Role)) ? new Set(names) : undefined;
  },
};
const networks: Kind<readonly string[]> = {
  allowed: 'a list of networks in CIDR notation, such as 10.0.0.0/8',
  read: (value) => {
    const list = value.split(',').map((network) => network.trim());
    return list.every(isNetwork) ? list : undefined;
  },
};
function isNetwork(network: string): boolean {
  const [address, bits, ...rest] = network.split('/');
  const version = isIP(address!);
  const most = version === 6 ? 128 : 32;
  return version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits ?? '') && Number(bits) <= most;
}
const keys: Kind<readonly string[]> = {
  allowed: 'a list of 1 to 16 attribute keys',
  read: (value) => {
    const list = value.split(',').map((key) => key.trim());
    return list.length <= 16 && list.every((key) => /^[\w.\-/]{1,255}$/.test(key)) ? list : undefined;
  },
};
const timeZone: Kind<string> = {
  allowed: 'a name of the IANA time zone database',
  read: (value) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: value });
      return value;
    } catch {
      return undefined;
    }
  },
};
const cron = text('five fields of a cron expression', /^(?:\S+\s+){4}\S+$/);

const MIB = 1 << 20;

/** Every setting, in the order in which `docs/configuration.md` lists them. */
const SETTINGS = {
  home: {
    name: 'SPANWARDEN_HOME',
    kind: text('a path'),
    otherwise: './.spanwarden',
    about: 'Folder for keys, tokens and the embedded PostgreSQL.',
  },
  host: {
    name: 'SPANWARDEN_HOST',
    kind: text('an address to listen on'),
    otherwise: '127.0.0.1',
    about: 'Address that all ports listen on; `0.0.0.0` for all interfaces.',
  },
  httpPort: {
    name: 'SPANWARDEN_HTTP_PORT',
    kind: port,
    otherwise: '8080',
    about: 'Port of the API and the pages; 0 takes a free one.',
  },
  otlpHttpPort: {
    name: 'SPANWARDEN_OTLP_HTTP_PORT',
    kind: port,
    otherwise: '4318',
    about: 'Port for OTLP over HTTP; 0 takes a free one.',
  },
  otlpGrpcPort: {
    name: 'SPANWARDEN_OTLP_GRPC_PORT',
    kind: port,
    otherwise: '4317',
    about: 'Port for OTLP over gRPC; 0 takes a free one.',
  },
  opampPort: {
    name: 'SPANWARDEN_OPAMP_PORT',
    kind: port,
    otherwise: '4320',
    about: 'Port for OpAMP, over WebSocket and HTTP; 0 takes a free one.',
  },
  samplingHttpPort: {
    name: 'SPANWARDEN_SAMPLING_HTTP_PORT',
    kind: portOrOff,
    otherwise: '5778',
    about: 'Port for Jaeger remote sampling over HTTP; 0 takes a free one, `off` none. See [Sampling](sampling.md).',
  },
  samplingGrpcPort: {
    name: 'SPANWARDEN_SAMPLING_GRPC_PORT',
    kind: portOrOff,
    otherwise: '5779',
    about: 'Port for Jaeger remote sampling over gRPC; 0 takes a free one, `off` none.',
  },
  tap: {
    name: 'SPANWARDEN_TAP',
    kind: oneOf(TAPS),
    otherwise: 'before',
    about:
      'Whether the copy of the spans is taken `before` or `after` collectors sample; what they dropped is counted in then. See [Sampling](sampling.md).',
  },
  roles: {
    name: 'SPANWARDEN_ROLES',
    kind: roles,
    otherwise: 'all',
    about:
      'What this process does: `ingest` receives spans, `api` serves API, pages and policies, `jobs` runs the queue.',
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    kind: url('postgres://', 'postgresql://'),
    otherwise: '',
    about: 'PostgreSQL (14 or newer) to use; without it one is started in `SPANWARDEN_HOME`.',
  },
  redisUrl: {
    name: 'REDIS_URL',
    kind: url('redis://', 'rediss://'),
    otherwise: '',
    about: 'Redis (6.2 or newer, `noeviction`) for the job queue; without it the queue is in PostgreSQL.',
  },
  adminToken: {
    name: 'SPANWARDEN_ADMIN_TOKEN',
    kind: token,
    otherwise: '',
    about: 'Bearer token that may do everything; without it one is made on the first start, in `admin-token`.',
  },
  collectorToken: {
    name: 'SPANWARDEN_COLLECTOR_TOKEN',
    kind: token,
    otherwise: '',
    about: 'Bearer token that may send spans and pull policies only; otherwise made in `collector-token`.',
  },
  masterKey: {
    name: 'SPANWARDEN_MASTER_KEY',
    kind: key,
    otherwise: '',
    about:
      'Key from which the keys of fingerprints and sketches derive; otherwise made in `master-key`. The same for all processes on one database.',
  },
  publicUrl: {
    name: 'SPANWARDEN_PUBLIC_URL',
    kind: url('http://', 'https://'),
    otherwise: '',
    about: 'Address under which people reach the pages, for links; otherwise the one that is listened on.',
  },
  analysisThreads: {
    name: 'SPANWARDEN_ANALYSIS_THREADS',
    kind: integer(1, 256),
    otherwise: 'one less than processors',
    about: 'Threads that analyse spans.',
  },
  simulationPercent: {
    name: 'SPANWARDEN_SIMULATION_PERCENT',
    kind: integer(1, 100),
    otherwise: '5',
    about: 'What [simulations](simulation.md) of policies may take of the time of each of these threads, at most.',
  },
  maxRequestBytes: {
    name: 'SPANWARDEN_MAX_REQUEST_BYTES',
    kind: integer(1024, 512 * MIB),
    otherwise: String(64 * MIB),
    about: 'Largest OTLP request, after decompression.',
  },
  maxPendingBytes: {
    name: 'SPANWARDEN_MAX_PENDING_BYTES',
    kind: integer(1024, 64 * 1024 * MIB),
    otherwise: String(256 * MIB),
    about: 'OTLP requests in work at once, in bytes as received; beyond it senders get 429 and try again.',
  },
  priceModel: {
    name: 'SPANWARDEN_PRICE_MODEL',
    kind: text('the id of a file in rules/prices', /^[a-z0-9-]+$/),
    otherwise: 'grafana-cloud-traces',
    about: 'Price model for costs.',
  },
  conventionsDir: {
    name: 'SPANWARDEN_CONVENTIONS',
    kind: text('a path'),
    otherwise: '',
    about:
      'Folder with a registry of your own attributes, in YAML of OpenTelemetry Weaver; see [conventions](conventions.md).',
  },
  hourlyDays: {
    name: 'SPANWARDEN_HOURLY_DAYS',
    kind: integer(1, 31),
    otherwise: '2',
    about: 'Days before today (UTC) for which attributes are kept by the hour; older ones are kept by the day.',
  },
  timeZone: {
    name: 'SPANWARDEN_TIME_ZONE',
    kind: timeZone,
    otherwise: 'UTC',
    about: 'Time zone of the schedule and of report weeks.',
  },
  weeklyReport: {
    name: 'SPANWARDEN_WEEKLY_REPORT',
    kind: cron,
    otherwise: '0 7 * * 1',
    about: 'When the weekly report is made, as cron expression.',
  },
  traces: {
    name: 'SPANWARDEN_TRACES',
    kind: oneOf(TRACE_MODES),
    otherwise: 'auto',
    about:
      'Whether traces come complete: `whole` when each does, and to one process; `partial` when they do not; `auto` finds out what it can. See [Trace quality](quality.md).',
  },
  traceIdleSeconds: {
    name: 'SPANWARDEN_TRACE_IDLE_SECONDS',
    kind: integer(1, 600),
    otherwise: '30',
    about: 'A trace has ended when no span of it came for so long.',
  },
  prometheusUrl: {
    name: 'SPANWARDEN_PROMETHEUS_URL',
    kind: url('http://', 'https://'),
    otherwise: '',
    about: 'Prometheus that is asked each hour how many requests services had, for trace coverage.',
  },
  requestsQuery: {
    name: 'SPANWARDEN_REQUESTS_QUERY',
    kind: text('a PromQL expression'),
    otherwise: 'sum by (service) (increase(http_requests_total[1h]))',
    about: 'What it is asked: requests of one hour by `service` and, where wanted, `environment`.',
  },
  spansQuery: {
    name: 'SPANWARDEN_SPANS_QUERY',
    kind: text('a PromQL expression'),
    otherwise: '',
    about:
      'What it is asked for exact numbers of spans, to which costs are calibrated: those of one hour, in all or by `service`, such as `sum(increase(otelcol_receiver_accepted_spans_total[1h]))`.',
  },
  ownerKeys: {
    name: 'SPANWARDEN_OWNER_KEYS',
    kind: keys,
    otherwise: 'team,team.name,service.team,service.owner,owner',
    about: 'Resource attributes that name the team of a service, separated by commas; the first that is set counts.',
  },
  smtpUrl: {
    name: 'SPANWARDEN_SMTP_URL',
    kind: url('smtp://', 'smtps://'),
    otherwise: '',
    about:
      'Mail server for [reports](reports.md), with user and password where it wants them; without it no mail is sent.',
  },
  mailFrom: {
    name: 'SPANWARDEN_MAIL_FROM',
    kind: text('a mail address', /^[^\s@<>",;:]+@[^\s@<>",;:]+$/),
    otherwise: 'spanwarden@localhost',
    about: 'Sender of mail.',
  },
  deliveryNetworks: {
    name: 'SPANWARDEN_DELIVERY_NETWORKS',
    kind: networks,
    otherwise: '',
    about:
      'Networks that webhooks may reach although they are not public, then without TLS as well; otherwise public addresses over HTTPS only.',
  },
  deliveryRetry: {
    name: 'SPANWARDEN_DELIVERY_RETRY_SECONDS',
    kind: integer(1, 3600),
    otherwise: '10',
    about: 'Time until a delivery that failed is tried again; it doubles with each attempt, of which there are 14.',
  },
  logLevel: {
    name: 'SPANWARDEN_LOG_LEVEL',
    kind: oneOf(LOG_LEVELS),
    otherwise: 'info',
    about: 'Least level that is logged.',
  },
  logFormat: {
    name: 'SPANWARDEN_LOG_FORMAT',
    kind: oneOf(LOG_FORMATS),
    otherwise: 'text',
    about: 'Form of log lines.',
  },
} satisfies Record<string, Setting>;

/** For the generated documentation. */
export function settings(): readonly Setting[] {
  return Object.values(SETTINGS);
}

function listenPort(given: number | 'off' | undefined, otherwise: number): ListenPort {
  return { port: given === 'off' ? null : (given ?? otherwise), isAskedFor: given !== undefined };
}

type Values = { readonly [K in keyof typeof SETTINGS]?: ReturnType<(typeof SETTINGS)[K]['kind']['read']> };

/**
 * Reads the configuration. All problems come back at once; they name variables and what is allowed, never values.
 * An empty variable counts as not set; an unknown `SPANWARDEN_` variable is a problem, since it is most often a typo.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): { config: Config; problems: Problem[] } {
  const problems: Problem[] = [];
  const values: Record<string, unknown> = {};
  for (const [field, { name, kind }] of Object.entries<Setting>(SETTINGS)) {
    const given = env[name];
    if (given === undefined || given === '') continue;
    values[field] = kind.read(given);
    if (values[field] === undefined) problems.push(problem('config', name, 'not a valid value', kind.allowed));
  }
  const known = new Set(settings().map((s) => s.name));
  for (const name of Object.keys(env)) {
    if (name.startsWith('SPANWARDEN_') && !known.has(name)) {
      problems.push(problem('config', name, 'not a setting of spanwarden', 'the names in docs/configuration.md'));
    }
  }
  const v = values as Values;
  const config: Config = Object.freeze({
    home: resolve(v.home ?? '.spanwarden'),
    host: v.host ?? '127.0.0.1',
    httpPort: v.httpPort ?? 8080,
    otlpHttpPort: v.otlpHttpPort ?? 4318,
    otlpGrpcPort: v.otlpGrpcPort ?? 4317,
    opampPort: v.opampPort ?? 4320,
    samplingHttpPort: listenPort(v.samplingHttpPort, 5778),
    samplingGrpcPort: listenPort(v.samplingGrpcPort, 5779),
    tap: v.tap ?? 'before',
    roles: v.roles ?? new Set(ROLES),
    databaseUrl: v.databaseUrl ?? null,
    redisUrl: v.redisUrl ?? null,
    adminToken: v.adminToken ?? null,
    collectorToken: v.collectorToken ?? null,
    masterKey: v.masterKey ?? null,
    publicUrl: v.publicUrl?.replace(/\/+$/, '') ?? null,
    analysisThreads: v.analysisThreads ?? Math.max(1, availableParallelism() - 1),
    simulationPercent: v.simulationPercent ?? 5,
    maxRequestBytes: v.maxRequestBytes ?? 64 * MIB,
    maxPendingBytes: v.maxPendingBytes ?? 256 * MIB,
    priceModel: v.priceModel ?? 'grafana-cloud-traces',
    conventionsDir: v.conventionsDir === undefined ? null : resolve(v.conventionsDir),
    hourlyDays: v.hourlyDays ?? 2,
    timeZone: v.timeZone ?? 'UTC',
    weeklyReport: v.weeklyReport ?? '0 7 * * 1',
    traces: v.traces ?? 'auto',
    traceIdleSeconds: v.traceIdleSeconds ?? 30,
    prometheusUrl: v.prometheusUrl ?? null,
    requestsQuery: v.requestsQuery ?? 'sum by (service) (increase(http_requests_total[1h]))',
    spansQuery: v.spansQuery ?? null,
    ownerKeys: v.ownerKeys ?? null,
    smtpUrl: v.smtpUrl ?? null,
    mailFrom: v.mailFrom ?? 'spanwarden@localhost',
    deliveryNetworks: v.deliveryNetworks ?? [],
    deliveryRetry: v.deliveryRetry ?? 10,
    logLevel: v.logLevel ?? 'info',
    logFormat: v.logFormat ?? 'text',
  });
  if (config.databaseUrl === null && config.roles.size < ROLES.length) {
    const what = 'missing, though this process has only some of the roles';
    problems.push(problem('config', 'DATABASE_URL', what, 'the PostgreSQL that all roles share'));
  }
  return { config, problems };
}
