// Builds the OpenTelemetry Collector of test/conformance/manifest.yaml with Go, once for each content of that file, in
// the cache folder of the user. `node scripts/collector.mjs` prints where it is.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.159.0';
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = join(root, 'test', 'conformance', 'manifest.yaml');

/** Path of the collector: OTELCOL_BIN, or the built one; null when there is none yet. */
export function collectorBinary() {
  const given = process.env.OTELCOL_BIN;
  if (given) return existsSync(given) ? given : null;
  const built = join(cacheFolder(), 'otelcol');
  return existsSync(built) ? built : null;
}

function cacheFolder() {
  const key = createHash('sha256').update(BUILDER).update(readFileSync(manifest)).digest('hex').slice(0, 16);
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'spanwarden', `otelcol-${key}`);
}

function build() {
  const folder = cacheFolder();
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    const text = readFileSync(manifest, 'utf8').replace(/^dist:$/m, `dist:\n  output_path: ${join(work, 'build')}`);
    writeFileSync(join(work, 'manifest.yaml'), text);
    process.stderr.write('building the collector with Go; this takes some minutes the first time …\n');
    const args = ['run', BUILDER, `--config=${join(work, 'manifest.yaml')}`];
    const env = { ...process.env, GOFLAGS: '-buildvcs=false', CGO_ENABLED: '0' };
    const { status, error } = spawnSync('go', args, { cwd: work, env, stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error(error?.code === 'ENOENT' ? 'Go is not installed' : 'the build failed');
    mkdirSync(folder, { recursive: true });
    renameSync(join(work, 'build', 'otelcol'), join(folder, 'otelcol'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (collectorBinary() === null && !process.env.OTELCOL_BIN) build();
    process.stdout.write(`${collectorBinary() ?? 'OTELCOL_BIN names no file'}\n`);
  } catch (error) {
    process.stderr.write(`no collector: ${error.message}; install Go 1.25 or newer, or set OTELCOL_BIN\n`);
    // The suite itself says what it leaves out, and fails for it in CI.
  }
}
