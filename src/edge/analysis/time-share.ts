/** Time that can be saved up while there is nothing to do, and that there is to begin with. */
const MOST_MS = 1_000;

/** Holds work to a share of the time that goes by: it may run into debt, which is paid back before it goes on. */
export class TimeShare {
  private creditMs = MOST_MS;
  private readAt: number;

  /** @param share of all time, 0 to 1 */
  constructor(
    private readonly share: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.readAt = clock();
  }

  /** Milliseconds that may be spent now; below 0 those that are owed. */
  get credit(): number {
    const now = this.clock();
    this.creditMs = Math.min(MOST_MS, this.creditMs + this.share * (now - this.readAt));
    this.readAt = now;
    return this.creditMs;
  }

  /** Does work and takes down how long it took. */
  spend<T>(work: () => T): T {
    const start = this.clock();
    try {
      return work();
    } finally {
      this.creditMs -= this.clock() - start;
    }
  }
}
