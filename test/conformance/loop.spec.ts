import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { runDemo } from '../../src/edge/demo/demo.js';
import { LOOP_STEPS, type LoopResult } from '../../src/edge/demo/loop.js';
import { describeWith } from '../support/needs.js';
import { newHome } from '../support/service.js';
import { MISSING_COLLECTOR } from './collector.js';

describeWith('the demo with a real collector', MISSING_COLLECTOR, () => {
  test('takes a policy from the leak to its proof, and the finding comes back when it is broken', async () => {
    const home = newHome();
    const said: string[] = [];
    try {
      const options = { seconds: 5, home, keep: false, json: true, withCollector: true };
      const code = await runDemo({ ...options, say: (line) => void said.push(line) });
      const result = JSON.parse(said.join('\n')) as LoopResult;
      expect(result.missing).toBeNull();
      expect(result.events.map(({ step }) => step)).toEqual([...LOOP_STEPS]);
      expect(code).toBe(0);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }, 600_000);
});
