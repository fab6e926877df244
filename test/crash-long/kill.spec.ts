import { test } from '@jest/globals';
import { killRounds } from '../support/kill-rounds.js';

test('the same over many kills', async () => {
  await killRounds(25, 200);
}, 600_000);
