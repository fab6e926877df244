// Builds the OpAMP supervisor with Go, once for each version, in the cache folder of the user. Its own go.mod replaces
// modules by folders, which `go install` refuses, so it is built as a requirement of a module of ours.
// `node scripts/supervisor.mjs` prints where it is.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SUPERVISOR = 'github.com/open-telemetry/opentelemetry-collector-contrib/cmd/opampsupervisor';
const VERSION = 'v0.158.0';

/** Path of the supervisor: OPAMP_SUPERVISOR_BIN, or the built one; null when there is none yet. */
export function supervisorBinary() {
  const given = process.env.OPAMP_SUPERVISOR_BIN;
  if (given) return existsSync(given) ? given : null;
  const built = join(cacheFolder(), 'opampsupervisor');
  return existsSync(built) ? built : null;
}

function cacheFolder() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'spanwarden', `opampsupervisor-${VERSION}`);
}

function build() {
  const folder = cacheFolder();
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    writeFileSync(join(work, 'go.mod'), 'module spanwarden.test/opampsupervisor\n\ngo 1.25.0\n');
    process.stderr.write('building the OpAMP supervisor with Go; this takes some minutes the first time …\n');
    go(work, 'get', `${SUPERVISOR}@${VERSION}`);
    go(work, 'build', '-trimpath', '-o', 'opampsupervisor', SUPERVISOR);
    mkdirSync(folder, { recursive: true });
    renameSync(join(work, 'opampsupervisor'), join(folder, 'opampsupervisor'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function go(cwd, ...args) {
  const env = { ...process.env, GOFLAGS: '-buildvcs=false', CGO_ENABLED: '0' };
  const { status, error } = spawnSync('go', args, { cwd, env, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(error?.code === 'ENOENT' ? 'Go is not installed' : 'the build failed');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (supervisorBinary() === null && !process.env.OPAMP_SUPERVISOR_BIN) build();
    process.stdout.write(`${supervisorBinary() ?? 'OPAMP_SUPERVISOR_BIN names no file'}\n`);
  } catch (error) {
    process.stderr.write(
      `no OpAMP supervisor: ${error.message}; install Go 1.25 or newer, or set OPAMP_SUPERVISOR_BIN\n`,
    );
    // The suite itself says what it leaves out, and fails for it in CI.
  }
}
