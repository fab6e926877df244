// Runs Jest on the compiled tests: `node scripts/test.mjs [suite] [Jest's own options]`.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HEAVY_SUITES } from '../jest.config.mjs';

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');
const given = process.argv.slice(2);
const suite = HEAVY_SUITES.includes(given[0]) ? given.shift() : '';
const args = ['--experimental-vm-modules', '--no-warnings', jest, ...given];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, SUITE: suite } });
process.exit(status ?? 1);
