import { test } from '@jest/globals';
import { killRounds } from '../support/kill-rounds.js';

test('after a kill every acknowledged batch is in the totals once, and the others after they are sent again', async () => {
  await killRounds(3, 150);
});
