import type { Finding } from '../engine/model/finding.js';
import type { AttributeRow } from '../engine/model/rollup.js';
import type { Detector } from '../engine/rules/detector-document.js';
import { type KeyInfo, MAX_KEYS } from './key-book.js';

const LOCATION_BITS = 3;

/** What counts the values of a key at a location in a cell. */
export interface RowCounter {
  readonly cell: number;
  /** The number of the row. */
  readonly row: number;
  /** Its lower 32 bits, as the memo notes them. */
  readonly shortRow: number;
  readonly attribute: AttributeRow;
  readonly info: KeyInfo;
  /** What the key means to the audit of traces. */
  readonly role: number;
  /** The form that was added last. */
  shape: string;
  /** The first findings of the key. */
  readonly findings: FindingAt[];
  /** The counter of another cell of the same request. */
  next: RowCounter | null;
}

/** What counts the matches of a detector in a part of values. */
export interface FindingAt {
  readonly detector: Detector;
  readonly component: string;
  readonly finding: Finding;
}

/** The finding that counts such matches, where it is among the first of the key. */
export function findingIn(list: readonly FindingAt[], detector: Detector, component: string): Finding | null {
  for (let i = 0; i < list.length; i++) {
    const at = list[i]!;
    if (at.detector === detector && at.component === component) return at.finding;
  }
  return null;
}

/** Cells of a request that are looked through for the counter of a key. */
const MAX_CELLS = 64;

/** The counters of one request by key and location; where resources come in turns, those of each cell. */
export class RowCounters {
  private readonly counters: (RowCounter | null)[] = new Array<RowCounter | null>(MAX_KEYS << LOCATION_BITS).fill(null);
  /** Where there are any. */
  private readonly used: number[] = [];

  /** Forgets all, when the request is over. */
  clear(): void {
    for (const index of this.used) this.counters[index] = null;
    this.used.length = 0;
  }

  /** The counter of a key at a location in a cell; null where there is none at hand. */
  find(cell: number, key: number, location: number): RowCounter | null {
    const index = (key << LOCATION_BITS) | location;
    const first = this.counters[index]!;
    if (first === null || first.cell === cell) return first;
    return first.next === null ? null : this.findBehind(index, first, cell);
  }

  put(key: number, location: number, counter: RowCounter): RowCounter {
    const index = (key << LOCATION_BITS) | location;
    const first = this.counters[index]!;
    if (first === null) this.used.push(index);
    counter.next = first;
    this.counters[index] = counter;
    return counter;
  }

  /** Moves what it finds to the front. */
  private findBehind(index: number, first: RowCounter, cell: number): RowCounter | null {
    let before = first;
    for (let i = 0; i < MAX_CELLS; i++) {
      const counter = before.next;
      if (counter === null) return null;
      if (counter.cell === cell) {
        before.next = counter.next;
        counter.next = first;
        this.counters[index] = counter;
        return counter;
      }
      before = counter;
    }
    before.next = null;
    return null;
  }
}
