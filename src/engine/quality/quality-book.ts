import { type AnyBody, emptyBody, type QualityBody, type QualityRow, type QualitySubject } from '../model/quality.js';
import type { Hour } from '../model/rollup.js';

/** Rows of a kind in one hour; beyond it they are counted together. A call or an operation takes about 1 KiB. */
const MAX_ROWS = 5_000;
/** Stands for all names that there was no room for. */
export const OVERFLOW = '{overflow}';
/** How long an hour that is over is added to before it is let go. */
const HOURS_KEPT = 2;

/** A row that this process counts, and whether it changed since it was taken. */
export type OwnRow<Body extends AnyBody = AnyBody> = QualityRow<Body> & { changed: boolean; part: number };
export type ServiceRow = OwnRow<QualityBody<'service'>>;
export type WindowRow = OwnRow<QualityBody<'window'>>;
type OperationRow = OwnRow<QualityBody<'operation'>>;

/** A service in an environment. */
export interface Place {
  readonly service: string;
  readonly environment: string;
}

class HourRows {
  readonly maps = new Map<string, OwnRow>();
  readonly counts: Record<QualitySubject, number> = { service: 0, operation: 0, call: 0, host_pair: 0, window: 0 };
  readonly byPlace: (ServiceRow | undefined)[] = [];
  /** By place, template and kind, packed into one integer. */
  readonly operations = new Map<number, OperationRow>();
}

/**
 * The quality rollup of this process: rows by hour that only grow. A row whose hour was let go is begun anew, as a part
 * of its own, when its hour comes again.
 */
export class QualityBook {
  private readonly hours = new Map<Hour, HourRows>();
  private changed: OwnRow[] = [];
  private part = 0;

  /** @param number stands for the place, in the caller's list of places */
  service(number: number, { service, environment }: Place, hour: Hour): ServiceRow {
    const { byPlace } = this.rowsOf(hour);
    const row = (byPlace[number] ??= this.row('service', hour, service, environment, []));
    this.touch(row);
    return row;
  }

  /** @param key of place, template and kind, the same for the same */
  operation(key: number, { service, environment }: Place, template: string, kind: number, hour: Hour): OperationRow {
    const { operations } = this.rowsOf(hour);
    let row = operations.get(key);
    if (row === undefined) {
      row = this.row('operation', hour, service, environment, [template, String(kind)]);
      operations.set(key, row);
    }
    this.touch(row);
    return row;
  }

  call(
    { service, environment }: Place,
    peer: string,
    library: string,
    version: string,
    hour: Hour,
  ): OwnRow<QualityBody<'call'>> {
    const row = this.row('call', hour, service, environment, [peer, library, version]);
    this.touch(row);
    return row;
  }

  hostPair(a: number, b: number, hour: Hour): OwnRow<QualityBody<'host_pair'>> {
    const names = [a, b].map((host) => (host >>> 0).toString(16).padStart(8, '0')).sort();
    const row = this.row('host_pair', hour, '', '', names);
    this.touch(row);
    return row;
  }

  window(hour: Hour): WindowRow {
    const row = this.row('window', hour, '', '', []);
    this.touch(row);
    return row;
  }

  /** Rows that changed since the last call, as they are now. */
  take(): OwnRow[] {
    const rows = this.changed;
    this.changed = [];
    for (const row of rows) row.changed = false;
    return rows;
  }

  /** Rows that were taken and could not be used: they come again with the next ones. */
  giveBack(rows: readonly OwnRow[]): void {
    for (const row of rows) this.touch(row);
  }

  /** Lets hours go that are over. Call it after `take`: what was not taken is lost. */
  forget(now: Hour): void {
    for (const hour of this.hours.keys()) {
      if (hour >= now - HOURS_KEPT) continue;
      this.hours.delete(hour);
      this.part++;
    }
  }

  private rowsOf(hour: Hour): HourRows {
    let rows = this.hours.get(hour);
    if (rows === undefined) {
      rows = new HourRows();
      this.hours.set(hour, rows);
    }
    return rows;
  }

  private touch(row: OwnRow): void {
    if (row.changed) return;
    row.changed = true;
    this.changed.push(row);
  }

  private row<S extends QualitySubject>(
    subject: S,
    hour: Hour,
    service: string,
    environment: string,
    names: readonly string[],
  ): OwnRow<QualityBody<S>> {
    const rows = this.rowsOf(hour);
    const key = [subject, service, environment, ...names].join('\0');
    const known = rows.maps.get(key);
    if (known !== undefined) return known as OwnRow<QualityBody<S>>;
    if (rows.counts[subject] >= MAX_ROWS && names[0] !== OVERFLOW) {
      return this.row(subject, hour, service, environment, [OVERFLOW, ...names.slice(1).map(() => '')]);
    }
    const state = { lastReceived: 0, changed: false, part: this.part };
    const row = { subject, service, environment, names, hour, body: emptyBody(subject), ...state };
    rows.maps.set(key, row);
    rows.counts[subject]++;
    return row;
  }
}

export function noteReceipt(row: OwnRow, last: number): void {
  if (last > row.lastReceived) row.lastReceived = last;
}
