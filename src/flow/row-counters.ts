import type { Finding } from '../engine/model/finding.js';
import type { AttributeRow } from '../engine/model/rollup.js';
import type { Detector } from '../engine/rules/detector-document.js';
import { type KeyInfo, MAX_KEYS } from './key-book.js';

const LOCATION_BITS = 3;

/** What counts the values of a key at a location, in the cell where the key was met last. */
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

/** Counters by key and location. A cell's number is never used twice, so they need not be forgotten. */
export class RowCounters {
  private readonly counters: (RowCounter | null)[] = new Array<RowCounter | null>(MAX_KEYS << LOCATION_BITS).fill(null);

  /** The counter of a key at a location in a cell; null where the key was met there in another one last. */
  find(cell: number, key: number, location: number): RowCounter | null {
    const counter = this.counters[(key << LOCATION_BITS) | location]!;
    return counter !== null && counter.cell === cell ? counter : null;
  }

  put(key: number, location: number, counter: RowCounter): RowCounter {
    this.counters[(key << LOCATION_BITS) | location] = counter;
    return counter;
  }
}
