/** Bounds the bytes of requests that are in work, so that a burst is answered with "later" and not with a crash. */
export class Admission {
  private pending = 0;

  constructor(private readonly maxPendingBytes: number) {}

  get pendingBytes(): number {
    return this.pending;
  }

  /** Takes room for the bytes; false when there is none. A single request always finds room in an idle process. */
  enter(bytes: number): boolean {
    if (this.pending > 0 && this.pending + bytes > this.maxPendingBytes) return false;
    this.pending += bytes;
    return true;
  }

  leave(bytes: number): void {
    this.pending -= bytes;
  }
}
