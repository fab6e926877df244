import type { Problem } from '../engine/problem.js';
import type { GroupCommit } from './group-commit.js';
import type { ReceivedRequest, Refusal, RequestAnalyser } from './ports.js';

/** What the sender is told, whatever the transport. */
export type Receipt =
  | {
      readonly refused: null;
      readonly accepted: number;
      readonly rejected: number;
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
      readonly bytes: number;
    }
  | { readonly refused: Refusal; readonly problem: Problem };

/**
 * Takes one request in: analyse, commit, and only then answer. Rejects when it could not be analysed or committed now;
 * the sender keeps the spans and sends them again.
 */
export async function ingest(
  request: ReceivedRequest,
  analyser: RequestAnalyser,
  commits: GroupCommit,
): Promise<Receipt> {
  const { tenant, receivedAt } = request;
  const result = await analyser.analyse(request);
  if (result.refused !== null) return result;
  const { batchId, day, rollup, facts, evidence, source, ...receipt } = result;
  if (result.accepted > 0) {
    const received = { source, receivedAt, evidence };
    await commits.submit({ tenant, id: batchId, day, rollup, audit: { facts, receivedAt }, received });
  }
  return receipt;
}
