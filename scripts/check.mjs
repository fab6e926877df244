// `npm run check`: format, lint, types, architecture, generated files. Runs all of them, and fails when one does.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const script = (name, ...path) => join(dirname(require.resolve(`${name}/package.json`)), ...path);
const tsc = script('typescript', 'bin', 'tsc');

const STEPS = [
  ['format and lint', () => run([script('@biomejs/biome', 'bin', 'biome'), 'ci', '--error-on-warnings', '.'])],
  ['types', () => run([tsc, '-p', '.', '--noEmit'])],
  ['types of the engine, without a host', () => run([tsc, '-p', 'src/engine'])],
  ['types of the pages', () => run([tsc, '-p', 'src/ui'])],
  ['architecture and registries', architecture],
  ['generated files', generated],
];

let failed = 0;
for (const [name, step] of STEPS) {
  const complaint = await step();
  process.stdout.write(`${complaint === '' ? 'ok    ' : 'FAILED'}  ${name}\n`);
  if (complaint === '') continue;
  failed++;
  process.stdout.write(`\n${complaint.trim()}\n\n`);
}
process.exit(failed === 0 ? 0 : 1);

/** Empty when the command succeeds, else what it says. */
function run(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}` || `ended with ${status}`;
}

function architecture() {
  build({ quiet: true });
  return run([join(root, 'scripts', 'test.mjs'), 'dist/test/architecture.spec.js', 'dist/test/registries.spec.js']);
}

async function generated() {
  const { generatedFiles } = await import('./generate.mjs');
  const stale = [...(await generatedFiles())].filter(([path, content]) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== content;
  });
  return stale.map(([path]) => `${path}: out of date; run npm run generate`).join('\n');
}
