import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { type Config, readConfig } from './config.js';
import { AppModule } from './edge/app.module.js';
import { RequestAudit } from './edge/audit/request-audit.js';
import { Keyring } from './edge/auth/keyring.js';
import { loadSecrets, type Secrets } from './edge/auth/secrets.js';
import { loadRules, RULES_DIR, type RuleSet } from './edge/files/rule-files.js';
import { lockHome, makeHome, writeEndpoints } from './edge/home.js';
import { ServiceLogger } from './edge/logging.js';
import { OPAMP_PATH, OpampServer } from './edge/opamp/opamp-server.js';
import { startEmbeddedPostgres } from './edge/postgres/embedded.js';
import { OtlpGrpcReceiver } from './edge/receive/otlp-grpc.js';
import { OtlpHttpReceiver } from './edge/receive/otlp-http.js';
import { patternCompiler } from './edge/regex/index.js';
import { recordRequests } from './edge/serve/audit.interceptor.js';
import { servePages } from './edge/serve/pages.js';
import { RemoteSamplingGrpc } from './edge/serve/remote-sampling-grpc.js';
import { RemoteSamplingHttp } from './edge/serve/remote-sampling-http.js';
import { acceptYaml } from './edge/serve/yaml.js';
import { makeDataSource, migrate } from './edge/store/data-source.js';
import { claimInstallation } from './edge/store/installation.js';
import { PostgresSessionStore } from './edge/store/session-store.js';
import type { ProcessInfo } from './edge/tokens.js';
import { formatProblem, type Problem } from './engine/problem.js';

/*
 * The process: the only place that reads the environment, puts everything together, and ends.
 */

const VERSION = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }
).version;
const LINK_HOURS = 1;
/** Settings for a database that shares a machine with us. */
const POSTGRES_FLAGS = ['max_wal_size=2GB', 'wal_compression=on', 'log_min_messages=log'];

const HTTP_OPTIONS = {
  bodyLimit: 1 << 20,
  routerOptions: { maxParamLength: 4096 },
  requestTimeout: 60_000,
  forceCloseConnections: 'idle',
} as const;

/** Ends the start with a list of what is wrong. */
class CannotStart extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super('cannot start');
  }
}

/** What a start has begun and an end must end, the last first. */
type Undo = (() => Promise<unknown>)[];

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  // A reader that went away (`npm start | head`) is no reason to end, and least of all in the middle of something.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const { config, problems } = readConfig(process.env);
  if (problems.length > 0) throw new CannotStart(problems);
  say(`spanwarden ${VERSION}`);
  makeHome(config.home);
  process.once('exit', lockHome(config.home));
  const undo: Undo = [];
  const state = { started: false };
  const starting = start(config, state, undo);
  endOnSignals(starting, state, undo);
  await starting.catch(async (error: unknown) => {
    await undoAll(undo);
    throw error;
  });
}

async function start(config: Config, state: { started: boolean }, undo: Undo): Promise<void> {
  const { rules, patternEngine } = checkedRules(config);
  const secrets = loadSecrets(config);
  const databaseUrl = config.databaseUrl ?? (await startPostgres(config, undo));
  const dataSource = await openDatabase(databaseUrl, secrets, undo);
  say('  starting: receivers, jobs, API');
  const info: ProcessInfo = {
    version: VERSION,
    patternEngine,
    started: () => state.started,
    otlp: () => otlpAddresses(app, config),
    opamp: () => opampAddress(app, config),
  };
  const parts = { config, databaseUrl, dataSource, secrets, rules, process: info };
  const adapter = new FastifyAdapter(HTTP_OPTIONS);
  const logger = new ServiceLogger(config);
  const app: NestFastifyApplication = await NestFactory.create(AppModule.of(parts), adapter, {
    logger,
    abortOnError: false,
  });
  undo.push(() => app.close());
  acceptYaml(adapter.getInstance());
  if (config.roles.has('api')) {
    recordRequests(adapter.getInstance(), app.get(RequestAudit));
    await servePages(adapter.getInstance());
  }
  await app.listen({ host: config.host, port: config.httpPort });
  state.started = true;
  await announce(app, config, dataSource);
}

function checkedRules(config: Config): { rules: RuleSet; patternEngine: 're2' | 're2js' } {
  const { compiler, name } = patternCompiler();
  const { rules, problems } = loadRules(RULES_DIR, compiler, config.conventionsDir);
  if (!rules.prices.has(config.priceModel)) {
    const allowed = [...rules.prices.keys()].join(', ');
    problems.push({ code: 'config', where: 'SPANWARDEN_PRICE_MODEL', what: 'not a price model', allowed });
  }
  if (problems.length > 0) throw new CannotStart(problems);
  say(
    `  rules: ${rules.detectors.length} detectors (${name === 're2' ? 'RE2' : 'RE2 in JavaScript, which is slower'})`,
  );
  return { rules, patternEngine: name };
}

/** Gives the address of the server. */
async function startPostgres(config: Config, undo: Undo): Promise<string> {
  const server = await startEmbeddedPostgres(config.home, {
    flags: POSTGRES_FLAGS,
    say: (message) => say(`  database: ${message}`),
  });
  let stopping = false;
  undo.push(() => {
    stopping = true;
    return server.stop();
  });
  server.ended.then(() => {
    if (!stopping) fail(new Error('the embedded PostgreSQL ended; start spanwarden again'));
  }, fail);
  say(`  database: PostgreSQL ${server.version}, embedded`);
  return server.url;
}

async function openDatabase(url: string, secrets: Secrets, undo: Undo): Promise<DataSource> {
  const dataSource = await makeDataSource(url).initialize();
  undo.push(async () => dataSource.isInitialized && dataSource.destroy());
  const ran = await migrate(dataSource);
  if (ran.length > 0) say(`  database: ${ran.length} migrations applied`);
  await claimInstallation(dataSource, new Keyring(secrets.masterKey).id);
  return dataSource;
}

/** Where spans can be sent to, once everything listens. */
function otlpAddresses(app: NestFastifyApplication, config: Config): { http: string | null; grpc: string | null } {
  if (!config.roles.has('ingest')) return { http: null, grpc: null };
  const host = reachableHost(config.host);
  return {
    http: `http://${host}:${app.get(OtlpHttpReceiver).port}`,
    grpc: `${host}:${app.get(OtlpGrpcReceiver).port}`,
  };
}

/** Where OpAMP agents connect to, over HTTP. */
function opampAddress(app: NestFastifyApplication, config: Config): string | null {
  if (!config.roles.has('api')) return null;
  return `http://${reachableHost(config.host)}:${app.get(OpampServer).port}${OPAMP_PATH}`;
}

/** Where SDKs ask for their sampling. */
function samplingAddresses(app: NestFastifyApplication, config: Config) {
  const isServed = config.roles.has('api');
  const [http, grpc] = isServed ? [app.get(RemoteSamplingHttp).port, app.get(RemoteSamplingGrpc).port] : [null, null];
  const host = reachableHost(config.host);
  return {
    samplingHttp: http === null ? null : `http://${host}:${http}`,
    samplingGrpc: grpc === null ? null : `${host}:${grpc}`,
  };
}

function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * A signal ends what was started in order: receivers finish what they have, jobs end, the database stops. It waits for
 * a start that is under way; a second signal does not wait for anything.
 */
function endOnSignals(starting: Promise<void>, state: { started: boolean }, undo: Undo): void {
  let asked = false;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (asked) process.exit(130);
    asked = true;
    say(`spanwarden stops (${signal})`);
    await starting.catch(() => {});
    state.started = false;
    await undoAll(undo);
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      end(signal).catch(fail);
    });
  }
}

async function undoAll(undo: Undo): Promise<void> {
  for (const step of undo.splice(0).reverse()) {
    await step().catch((error: unknown) =>
      say(`spanwarden: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
}

/** The block that ends the start: where to look, where to send, what to paste. */
async function announce(app: NestFastifyApplication, config: Config, dataSource: DataSource): Promise<void> {
  const { port } = app.getHttpServer().address() as { port: number };
  const http = config.publicUrl ?? `http://${reachableHost(config.host)}:${port}`;
  const otlp = otlpAddresses(app, config);
  const opamp = opampAddress(app, config);
  const sampling = samplingAddresses(app, config);
  const [otlpHttp, otlpGrpc] = [otlp.http, otlp.grpc];
  writeEndpoints(config.home, { pid: process.pid, http, otlpHttp, otlpGrpc, opamp, ...sampling });
  const lines = ['', 'spanwarden is ready.', ''];
  if (config.roles.has('api')) {
    const token = randomBytes(24).toString('base64url');
    const expires = new Date(Date.now() + LINK_HOURS * 3_600_000);
    await new PostgresSessionStore(dataSource).addLink(token, expires);
    const kept =
      config.adminToken === null ? relative('.', join(config.home, 'admin-token')) : 'SPANWARDEN_ADMIN_TOKEN';
    lines.push(`  Pages   ${http}/ui/sign-in#${token}   (once, within the hour)`);
    lines.push(`  API     ${http}/api/v1   (token: ${kept})`);
  }
  if (opamp !== null)
    lines.push(`  OpAMP   ${opamp.replace(/^http/, 'ws')} (WebSocket, or http for HTTP; token: collector-token)`);
  if (otlp.http !== null) {
    lines.push(`  OTLP    ${otlp.http} (HTTP), ${otlp.grpc} (gRPC)`);
    lines.push('', '  Add this to a collector, and the exporter to its traces pipeline:', '');
    lines.push('    exporters:', '      otlp_http/spanwarden:', `        endpoint: ${otlp.http}`);
  }
  for (const line of [...lines, '']) say(line);
}

function fail(error: unknown): never {
  const lines =
    error instanceof CannotStart
      ? ['spanwarden cannot start:', ...error.problems.map((p) => `  ${formatProblem(p)}`)]
      : [`spanwarden: ${error instanceof Error ? error.message : String(error)}`];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(1);
}

await main().catch(fail);
