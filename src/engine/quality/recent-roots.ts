const CAPACITY = 4096;
const NOBODY = -1;
/** Clocks of two processes are apart by some milliseconds, even on one machine, and an answer is there before it is over. */
const CLOCKS_MS = 10;

/**
 * The SERVER spans without a parent that were seen last: where a call lost its context, the other side began a trace of
 * its own inside the time of the call. A root answers for one call at most. Holds 4,096 roots.
 */
export class RecentRoots {
  private readonly services = new Int32Array(CAPACITY);
  private readonly peers = new Int32Array(CAPACITY);
  private readonly starts = new Float64Array(CAPACITY);
  private readonly ends = new Float64Array(CAPACITY);
  private next = 0;
  private filled = 0;

  /** @param peer hash of the address under which it was called, 0 where it does not say */
  add(service: number, peer: number, start: number, end: number): void {
    const at = this.next;
    this.services[at] = service;
    this.peers[at] = peer;
    this.starts[at] = start;
    this.ends[at] = end;
    this.next = (at + 1) % CAPACITY;
    this.filled = Math.max(this.filled, at + 1);
  }

  /**
   * Whether a root of the service lies within the time of a call, as far as clocks can tell: the one that lies nearest to
   * the middle of it, since a request and its answer are on their way for about the same time. It is used up by that.
   */
  takeWithin(service: number, peer: number, start: number, end: number): boolean {
    let found = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.filled; at++) {
      if (this.services[at] !== service || (peer !== 0 && this.peers[at] !== 0 && this.peers[at] !== peer)) continue;
      const [from, to] = [this.starts[at]!, this.ends[at]!];
      if (from < start - CLOCKS_MS || to > end + CLOCKS_MS) continue;
      const distance = Math.abs(from + to - start - end);
      if (distance >= least) continue;
      least = distance;
      found = at;
    }
    if (found >= 0) this.services[found] = NOBODY;
    return found >= 0;
  }
}
