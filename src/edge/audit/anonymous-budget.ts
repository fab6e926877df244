const PER_MINUTE = 60;
const MINUTE_MS = 60_000;

/**
 * Keeps whoever has no token from filling the audit log: so many of their requests are recorded in a minute, and the next
 * that is recorded says how many were not.
 */
export class AnonymousBudget {
  private minute = 0;
  private taken = 0;
  private omitted = 0;

  /** How many were left out since the last that is recorded; null where this one is left out, too. */
  take(now: number): number | null {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.minute) {
      this.minute = minute;
      this.taken = 0;
    }
    if (this.taken >= PER_MINUTE) {
      this.omitted++;
      return null;
    }
    this.taken++;
    const { omitted } = this;
    this.omitted = 0;
    return omitted;
  }
}
