import { expect, test } from '@jest/globals';
import { corpusOf } from './fuzzer.js';
import { TARGETS } from './targets.js';

test.each(Object.entries(TARGETS))('%s holds on its corpus', (name, { seeds, run }) => {
  const corpus = corpusOf(name);
  expect(seeds.length).toBeGreaterThan(0);
  for (const input of [...seeds, ...corpus]) run(input);
});
