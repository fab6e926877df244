import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { type Config, readConfig } from './config.js';
import { AppModule } from './edge/app.module.js';
import { Keyring } from './edge/auth/keyring.js';
import { loadSecrets, type Secrets } from './edge/auth/secrets.js';
import { loadRules, RULES_DIR, type RuleSet } from './edge/files/rule-files.js';
import { lockHome, makeHome, writeEndpoints } from './edge/home.js';
import { ServiceLogger } from './edge/logging.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './edge/postgres/embedded.js';
import { OtlpGrpcReceiver } from './edge/receive/otlp-grpc.js';
import { OtlpHttpReceiver } from './edge/receive/otlp-http.js';
import { patternCompiler } from './edge/regex/index.js';
import { servePages } from './edge/serve/pages.js';
import { makeDataSource, migrate } from './edge/store/data-source.js';
import { claimInstallation } from './edge/store/installation.js';
import { PostgresSessionStore } from './edge/store/session-store.js';
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

/** Ends the start with a list of what is wrong. */
class CannotStart extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super('cannot start');
  }
}

/** The database server that this process started, which must not outlive it. */
let postgres: EmbeddedPostgres | null = null;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { config, problems } = readConfig(process.env);
  if (problems.length > 0) throw new CannotStart(problems);
  const logger = new ServiceLogger(config);
  say(`spanwarden ${VERSION}`);
  makeHome(config.home);
  const unlock = lockHome(config.home);
  process.once('exit', unlock);
  const rules = checkedRules(config);
  const secrets = loadSecrets(config);
  if (config.databaseUrl === null) postgres = await startPostgres(config);
  const databaseUrl = config.databaseUrl ?? postgres!.url;
  const dataSource = await openDatabase(databaseUrl, secrets);
  let started = false;
  const process_ = {
    version: VERSION,
    patternEngine: rules.patternEngine,
    started: () => started,
    otlp: () => otlpAddresses(app, config),
  };
  const parts = { config, databaseUrl, dataSource, secrets, rules: rules.rules, process: process_ };
  say('  starting: receivers, jobs, API');
  const adapter = new FastifyAdapter({ bodyLimit: 1 << 20, requestTimeout: 60_000, forceCloseConnections: 'idle' });
  const app: NestFastifyApplication = await NestFactory.create(AppModule.of(parts), adapter, {
    logger,
    abortOnError: false,
  });
  if (config.roles.has('api')) await servePages(adapter.getInstance());
  stopOnSignals(app, () => {
    started = false;
  });
  await app.listen({ host: config.host, port: config.httpPort });
  started = true;
  await announce(app, config, dataSource);
}

function checkedRules(config: Config): { rules: RuleSet; patternEngine: 're2' | 're2js' } {
  const { compiler, name } = patternCompiler();
  const { rules, problems } = loadRules(RULES_DIR, compiler);
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

async function startPostgres(config: Config): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(config.home, {
    flags: POSTGRES_FLAGS,
    say: (message) => say(`  database: ${message}`),
  });
  say(`  database: PostgreSQL ${server.version}, embedded`);
  return server;
}

async function openDatabase(url: string, secrets: Secrets): Promise<DataSource> {
  const dataSource = makeDataSource(url);
  await dataSource.initialize();
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

function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Receivers finish what they have, jobs end, the database stops; then the process. A second signal ends it at once. */
function stopOnSignals(app: NestFastifyApplication, stopping: () => void): void {
  let asked = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (asked) process.exit(130);
    asked = true;
    stopping();
    say(`spanwarden stops (${signal})`);
    await app.close();
    await postgres?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stop(signal).catch(fail);
    });
  }
}

/** The block that ends the start: where to look, where to send, what to paste. */
async function announce(app: NestFastifyApplication, config: Config, dataSource: DataSource): Promise<void> {
  const { port } = app.getHttpServer().address() as { port: number };
  const http = config.publicUrl ?? `http://${reachableHost(config.host)}:${port}`;
  const otlp = otlpAddresses(app, config);
  writeEndpoints(config.home, { pid: process.pid, http, otlpHttp: otlp.http, otlpGrpc: otlp.grpc });
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
  if (otlp.http !== null) {
    lines.push(`  OTLP    ${otlp.http} (HTTP), ${otlp.grpc} (gRPC)`);
    lines.push('', '  Add this to a collector, and the exporter to its traces pipeline:', '');
    lines.push('    exporters:', '      otlp_http/spanwarden:', `        endpoint: ${otlp.http}`);
  }
  for (const line of [...lines, '']) say(line);
}

async function fail(error: unknown): Promise<never> {
  const lines =
    error instanceof CannotStart
      ? ['spanwarden cannot start:', ...error.problems.map((p) => `  ${formatProblem(p)}`)]
      : [`spanwarden cannot start: ${error instanceof Error ? error.message : String(error)}`];
  process.stderr.write(`${lines.join('\n')}\n`);
  await postgres?.stop();
  process.exit(1);
}

await main().catch(fail);
