// Builds Jaeger with Go, once, in the cache folder of the user: its remote sampling is what the conformance suite compares
// ours with. `node scripts/jaeger.mjs` prints where it is.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const JAEGER = 'github.com/jaegertracing/jaeger/cmd/jaeger';
const VERSION = 'v1.76.0';

/** Path of Jaeger: JAEGER_BIN, or the built one; null when there is none yet. */
export function jaegerBinary() {
  const given = process.env.JAEGER_BIN;
  if (given) return existsSync(given) ? given : null;
  const built = join(cacheFolder(), 'jaeger');
  return existsSync(built) ? built : null;
}

function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'spanwarden', `jaeger-${VERSION}`);
}

function build() {
  const folder = cacheFolder();
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    process.stderr.write('building Jaeger with Go; this takes some minutes the first time …\n');
    const env = { ...process.env, GOFLAGS: '-buildvcs=false', CGO_ENABLED: '0' };
    const go = (...args) => {
      const { status, error } = spawnSync('go', args, { cwd: work, env, stdio: ['ignore', 2, 2] });
      if (status !== 0) throw new Error(error?.code === 'ENOENT' ? 'Go is not installed' : 'the build failed');
    };
    go('mod', 'init', 'spanwarden.test/jaeger');
    go('get', '-tool', `${JAEGER}@${VERSION}`);
    go('build', '-trimpath', '-o', join(work, 'jaeger'), JAEGER);
    mkdirSync(folder, { recursive: true });
    renameSync(join(work, 'jaeger'), join(folder, 'jaeger'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (jaegerBinary() === null && !process.env.JAEGER_BIN) build();
    process.stdout.write(`${jaegerBinary() ?? 'JAEGER_BIN names no file'}\n`);
  } catch (error) {
    process.stderr.write(`no Jaeger: ${error.message}; install Go 1.25 or newer, or set JAEGER_BIN\n`);
    // The suite itself says what it leaves out, and fails for it in CI.
  }
}
