import { chmodSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../postgres/embedded.js';
import { type Child, startChild } from './child.js';
import { SHOP_DIR } from './leaks.js';
import type { Stage, Undo } from './stage.js';

/** The environment that the shop says it is. */
export const ENVIRONMENT = 'demo';

/** The services in the order in which they start: each knows the addresses of those before it. */
export const SERVICES = [
  { name: 'accounts', team: 'identity', saysTeam: false },
  { name: 'checkout', team: 'payments', saysTeam: true },
  { name: 'storefront', team: 'web', saysTeam: true },
] as const;

export interface TrafficCount {
  readonly requests: number;
  readonly failures: number;
}

/** The running shop. */
export interface Shop {
  /** Lets customers in; their number of requests is in `count` from then on. */
  openDoors(): void;
  count(): TrafficCount;
  /** Sends the customers away and ends the services, which send the spans that they still have. */
  close(): Promise<void>;
}

const REQUESTS_PER_SECOND = '15';
const ANSWER_MS = 30_000;
const BY_HAND = 'start it by hand as examples/shop/README.md says to see why';

/** Starts the shop with a PostgreSQL of its own; spans go to `otlpHttp`. */
export async function startShop(otlpHttp: string, { undo, signal }: Stage): Promise<Shop> {
  checkPackages();
  const databaseUrl = await startDatabase(undo);
  signal.throwIfAborted();
  await fillDatabase(databaseUrl, undo);
  const addresses: Record<string, string> = {};
  const services: Child[] = [];
  for (const { name, team, saysTeam } of SERVICES) {
    const env = { ...telemetry(name, saysTeam ? team : null, otlpHttp), ...addresses, DATABASE_URL: databaseUrl };
    const service = startChild(['--import', './tracing.mjs', `${name}.mjs`], SHOP_DIR, env);
    undo(() => service.stop());
    services.push(service);
    addresses[`${name.toUpperCase()}_URL`] = await addressOf(name, service, signal);
  }
  return shopOf(services, addresses, undo);
}

function shopOf(services: readonly Child[], addresses: Readonly<Record<string, string>>, undo: Undo): Shop {
  let customers: Child | null = null;
  let count: TrafficCount = { requests: 0, failures: 0 };
  return {
    openDoors() {
      customers = startChild(['traffic.mjs'], SHOP_DIR, { ...addresses, REQUESTS_PER_SECOND });
      undo(() => customers?.stop());
      customers.onLine((line) => {
        count = JSON.parse(line) as TrafficCount;
      });
    },
    count: () => count,
    async close() {
      await customers?.stop();
      // The caller of a service ends before the service.
      for (const service of [...services].reverse()) await service.stop();
    },
  };
}

/** The demo is for checkouts: the packages of the shop are development dependencies. */
function checkPackages(): void {
  try {
    const resolve = createRequire(join(SHOP_DIR, 'tracing.mjs')).resolve;
    for (const name of ['@opentelemetry/sdk-node', '@opentelemetry/auto-instrumentations-node']) resolve(name);
  } catch {
    throw new Error('the shop needs the OpenTelemetry packages: npm install --include=dev');
  }
}

async function startDatabase(undo: Undo): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'spanwarden-shop-'));
  undo(() => removeDatabase(folder));
  chmodSync(folder, 0o711); // the user who runs PostgreSQL must get to its data
  const database = await startEmbeddedPostgres(folder, { flags: ['fsync=off', 'shared_buffers=16MB'] });
  undo(() => database.stop());
  return database.url;
}

/** The folder, and the data where they had to be put elsewhere. */
function removeDatabase(folder: string): void {
  try {
    rmSync(dirname(readlinkSync(join(folder, 'postgres'))), { recursive: true, force: true });
  } catch {
    // no link: the data are in the folder
  }
  rmSync(folder, { recursive: true, force: true });
}

async function fillDatabase(databaseUrl: string, undo: Undo): Promise<void> {
  const setup = startChild(['setup.mjs'], SHOP_DIR, { DATABASE_URL: databaseUrl });
  undo(() => setup.stop());
  if ((await setup.ended) !== 0) throw new Error(`the tables of the shop cannot be made (setup.mjs); ${BY_HAND}`);
}

/** The standard variables of OpenTelemetry, which say who a service is and where its spans go. */
function telemetry(service: string, team: string | null, otlpHttp: string): Record<string, string> {
  const resource = {
    'service.version': '1.4.2',
    'service.namespace': 'shop',
    'deployment.environment.name': ENVIRONMENT,
    ...(team !== null && { team }),
  };
  const pairs = Object.entries(resource).map(([key, value]) => `${key}=${value}`);
  return {
    OTEL_SERVICE_NAME: service,
    OTEL_RESOURCE_ATTRIBUTES: pairs.join(','),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpHttp,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
  };
}

/** Waits for the line in which a service says where it listens. */
async function addressOf(name: string, service: Child, signal: AbortSignal): Promise<string> {
  let url: string | null = null;
  service.onLine((line) => {
    url ??= (JSON.parse(line) as { url: string }).url;
  });
  for (const deadline = Date.now() + ANSWER_MS; url === null; ) {
    if (service.hasEnded() || Date.now() > deadline) throw new Error(`${name} does not start; ${BY_HAND}`);
    await sleep(50, undefined, { signal });
  }
  return url;
}
