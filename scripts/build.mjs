// Builds what is missing or older than its sources: the server (tsc), the rules and the pages (vite). Called by `npm start`,
// `npm test` and the command line; says what it does, since a first build takes a moment.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

const PARTS = [
  {
    name: 'server',
    sources: ['src', 'migrations', 'test', 'bench', 'tsconfig.json', 'package.json'],
    leaveOut: /^src[\\/]ui[\\/]|[\\/](?:golden|fixtures)[\\/]/,
    made: ['src', 'migrations', 'test', 'bench'],
    command: () => [join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc'), '-p', '.'],
  },
  {
    name: 'rules',
    sources: ['rules/detectors', 'scripts/compile-rules.mjs'],
    leaveOut: /^$/,
    made: [],
    command: () => [join(root, 'scripts', 'compile-rules.mjs')],
  },
  {
    name: 'pages',
    sources: ['src/ui', 'src/edge/serve/contract.ts', 'package.json'],
    leaveOut: /^$/,
    made: [],
    command: () => [
      join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js'),
      'build',
      '--config',
      'src/ui/vite.config.ts',
      '--logLevel',
      'warn',
    ],
  },
];

/** @param {{ quiet?: boolean }} options */
export function build({ quiet = false } = {}) {
  const isSource = existsSync(join(root, 'tsconfig.json'));
  if (!isSource) return; // an installed package comes with what was built
  for (const part of PARTS) {
    const stamp = join(root, 'dist', `.${part.name}`);
    const state = fingerprint(part);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) continue;
    if (!quiet) process.stderr.write(`building the ${part.name} …`);
    const started = Date.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, part.command(), { cwd: root, encoding: 'utf8' });
    if (status !== 0) {
      process.stderr.write(`\n${stdout}${stderr}\nthe ${part.name} cannot be built\n`);
      process.exit(1);
    }
    removeStale(part);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, state);
    if (!quiet) process.stderr.write(` ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  }
}

/** The compiler leaves what it made of sources that are gone; a test among them would still be run. */
function removeStale({ made }) {
  for (const file of made.flatMap((folder) => filesOf(join('dist', folder)))) {
    const source = file.slice('dist/'.length).replace(/\.js(?:\.map)?$/, '.ts');
    if (!existsSync(join(root, source))) rmSync(join(root, file));
  }
}

/** Hash of the sources' names and contents. */
function fingerprint({ sources, leaveOut }) {
  const hash = createHash('sha256');
  for (const file of sources.flatMap(filesOf).filter((name) => !leaveOut.test(name))) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  const entries = readdirSync(full, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
