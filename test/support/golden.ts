import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from '@jest/globals';
import { ROOT } from './service.js';

/**
 * Compares a text with the file that keeps it, below `test`. With UPDATE_GOLDEN=1 the file is written instead; what
 * changed is then to be read in the diff.
 */
export function expectGolden(path: string, text: string): void {
  const file = join(ROOT, 'test', path);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect({ path, text: existsSync(file) ? readFileSync(file, 'utf8') : 'no such file' }).toEqual({ path, text });
}
