import { type AuditEvent, chainHash, GENESIS } from './audit-entry.js';

/** Where a chain is broken first. */
export interface Break {
  readonly seq: number;
  /**
   * `missing`: an event is not there, or not in its place. `changed`: its hash is of other content. `unlinked`: it does not
   * follow the one before it. `cut`: a checkpoint names a later event than there is. `replaced`: a checkpoint names another
   * hash.
   */
  readonly kind: 'missing' | 'changed' | 'unlinked' | 'cut' | 'replaced';
}

/** Number and hash of an event, as a checkpoint names them. */
export type Mark = readonly [seq: number, hash: string];

export interface ChainResult {
  /** Events that were checked, up to the first break. */
  readonly events: number;
  /** The first that was checked; null where there is none. */
  readonly from: number | null;
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** Checkpoints that the chain was compared with. */
  readonly checkpoints: number;
  readonly break: Break | null;
}

export interface HashedEvent extends AuditEvent {
  readonly hash: string;
}

/** Checks a chain event by event. */
export class ChainCheck {
  private readonly marks: Map<number, string>;
  private events = 0;
  private from: number | null = null;
  private head: { seq: number; hash: string } | null = null;
  private broken: Break | null = null;

  /**
   * @param key of the tenant's chain
   * @param marks what checkpoints name
   * @param isPart whether the chain may begin after its first event, as a part of one does
   */
  constructor(
    private readonly key: Uint8Array,
    marks: Iterable<Mark> = [],
    private readonly isPart = false,
  ) {
    this.marks = new Map(marks);
  }

  /** Takes the next event; false where the chain is broken, so that no more is to be taken. */
  add(event: HashedEvent): boolean {
    if (this.broken !== null) return false;
    const before =
      this.head ?? (this.isPart ? { seq: event.seq - 1, hash: event.prevHash } : { seq: 0, hash: GENESIS });
    const kind = this.wrongIn(event, before);
    if (kind !== null) {
      this.broken = { seq: kind === 'missing' ? before.seq + 1 : event.seq, kind };
      return false;
    }
    this.events++;
    this.from ??= event.seq;
    this.head = { seq: event.seq, hash: event.hash };
    return true;
  }

  /** What came out, once there are no more events. */
  result(): ChainResult {
    const { events, from, head } = this;
    const last = Math.max(0, ...this.marks.keys());
    const end = head?.seq ?? 0;
    const cut: Break | null = last > end ? { seq: end + 1, kind: 'cut' } : null;
    return { events, from, head, checkpoints: this.marks.size, break: this.broken ?? cut };
  }

  private wrongIn(event: HashedEvent, before: { seq: number; hash: string }): Break['kind'] | null {
    if (event.seq !== before.seq + 1) return 'missing';
    if (chainHash(this.key, event) !== event.hash) return 'changed';
    if (event.prevHash !== before.hash) return 'unlinked';
    const mark = this.marks.get(event.seq);
    return mark !== undefined && mark !== event.hash ? 'replaced' : null;
  }
}
