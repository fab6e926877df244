import { type Committed, commitBatches, type OnCounted } from './commit.js';
import type { AnalysedBatch, RollupStore } from './ports.js';

interface Waiting {
  readonly batch: AnalysedBatch;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export interface GroupCommitOptions {
  /** Batches that share a transaction at most. */
  readonly maxBatches: number;
  /** Told of each transaction that was committed. */
  readonly onCounted?: OnCounted;
  readonly onCommit?: (committed: Committed, batches: readonly AnalysedBatch[]) => void;
}

/**
 * Commits batches that arrive while a transaction is under way together in the next one. So a batch alone waits for
 * nobody, and under load a transaction carries many.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly store: RollupStore,
    private readonly options: GroupCommitOptions,
  ) {}

  /** Resolves when the batch is durable in the totals, rejects when it is not. */
  submit(batch: AnalysedBatch): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ batch, done, failed });
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  private async run(): Promise<void> {
    // One turn of the event loop lets batches that arrived together share the first transaction, too.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.commit(this.waiting.splice(0, this.options.maxBatches));
    this.running = null;
  }

  /** A group that fails is tried batch by batch, so that one bad batch does not hold up the others. */
  private async commit(group: readonly Waiting[]): Promise<void> {
    const batches = group.map((waiting) => waiting.batch);
    try {
      const committed = await commitBatches(this.store, batches, this.options.onCounted);
      for (const waiting of group) waiting.done();
      this.options.onCommit?.(committed, batches);
    } catch (error) {
      if (group.length === 1) group[0]!.failed(error);
      else for (const waiting of group) await this.commit([waiting]);
    }
  }
}
