import { Worker } from 'node:worker_threads';
import { problem } from '../../engine/problem.js';
import { RULES_DIR } from '../files/rule-files.js';
import type { CheckOutcome } from './check-custom.js';
import { CUSTOM_FILE } from './custom-detectors.js';

const MAX_CHECK_MS = 60_000;

/** Checks documents in a thread of its own, one after the other, so that serving and receiving go on meanwhile. */
export class RuleChecker {
  private last: Promise<unknown> = Promise.resolve();

  check(document: string): Promise<CheckOutcome> {
    const outcome = this.last.then(() => checkInThread(document));
    this.last = outcome.catch(() => {});
    return outcome;
  }
}

/** A thread that takes too long is ended; that one ends without an answer says nothing about the document but that. */
function checkInThread(document: string): Promise<CheckOutcome> {
  const worker = new Worker(new URL('./check-worker.js', import.meta.url), {
    workerData: { rulesDir: RULES_DIR, document },
  });
  return new Promise((resolve) => {
    const giveUp = (what: string): void =>
      resolve({
        detectors: 0,
        problems: [problem('rule', CUSTOM_FILE, what, 'fewer detectors, with fewer and smaller repetitions')],
      });
    const timer = setTimeout(() => {
      giveUp(`the check takes more than ${MAX_CHECK_MS / 1000} s`);
      void worker.terminate();
    }, MAX_CHECK_MS);
    worker.once('message', (outcome: CheckOutcome) => resolve(outcome));
    worker.once('error', () => giveUp('the check cannot be carried out'));
    worker.once('exit', () => {
      clearTimeout(timer);
      giveUp('the check cannot be carried out');
    });
  });
}
