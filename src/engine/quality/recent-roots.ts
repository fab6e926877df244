const CAPACITY = 4096;

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

  /** Whether a root of the service lies within the time of a call; it is used up by that. */
  takeWithin(service: number, peer: number, start: number, end: number): boolean {
    for (let at = 0; at < this.filled; at++) {
      if (this.services[at] !== service || this.starts[at]! < start || this.ends[at]! > end) continue;
      if (peer !== 0 && this.peers[at] !== 0 && this.peers[at] !== peer) continue;
      this.services[at] = -1;
      return true;
    }
    return false;
  }
}
