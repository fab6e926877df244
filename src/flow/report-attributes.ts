import type { Policy } from '../engine/model/policy.js';
import type { AttributeOfService, WeekRow } from './ports.js';

/** An attribute of a service in a period, in all environments. */
export interface AttributeRow extends AttributeOfService {
  readonly observations: number;
  readonly bytes: number;
  /** Not seen in the period before. */
  readonly isNew: boolean;
  readonly isTwin: boolean;
  /** What is sent as well in its place; '' where it is no twin. */
  readonly successor: string;
  /** By environment. */
  readonly rows: readonly WeekRow[];
}

/** Attributes that a report looks at, the most bytes first: merged once, however many reports there are of them. */
export class ReportAttributes {
  readonly rows: readonly AttributeRow[];
  private byName: Map<string, AttributeRow[]> | null = null;

  /**
   * @param twins those whose successor is sent as well, with its name
   * @param known places of the period before; null where they are not all known
   */
  constructor(
    rows: readonly WeekRow[] | readonly AttributeRow[],
    twins: ReadonlyMap<WeekRow, string> | null,
    known: ReadonlySet<string> | null,
  ) {
    this.rows = twins === null ? (rows as readonly AttributeRow[]) : merged(rows as readonly WeekRow[], twins, known);
  }

  /** Those of some services. */
  of(isOurs: (service: string) => boolean): ReportAttributes {
    return new ReportAttributes(
      this.rows.filter(({ service }) => isOurs(service)),
      null,
      null,
    );
  }

  /** Attributes that a policy leaves nothing of: what it deletes, and what it renames to a name that is sent as well. */
  goneBy({ action, key, location, services }: Policy): AttributeRow[] {
    if (action.kind !== 'delete' && action.kind !== 'rename') return [];
    const named = this.named().get(`${location}\0${key}`) ?? [];
    return named.filter(
      (row) =>
        services.includes(row.service) && (action.kind === 'delete' || (row.isTwin && row.successor === action.to)),
    );
  }

  private named(): Map<string, AttributeRow[]> {
    if (this.byName !== null) return this.byName;
    this.byName = new Map();
    for (const row of this.rows) {
      const name = `${row.location}\0${row.key}`;
      const list = this.byName.get(name);
      if (list === undefined) this.byName.set(name, [row]);
      else list.push(row);
    }
    return this.byName;
  }
}

export function placeOf({ service, location, key }: AttributeOfService): string {
  return `${service}\0${location}\0${key}`;
}

/** Rows of a place stand side by side once they are sorted, so that no table of places is needed. */
function merged(
  rows: readonly WeekRow[],
  twins: ReadonlyMap<WeekRow, string>,
  known: ReadonlySet<string> | null,
): AttributeRow[] {
  const sorted = [...rows].sort(byPlace);
  const places: AttributeRow[] = [];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const first = sorted[from]!;
    to = from + 1;
    while (to < sorted.length && byPlace(first, sorted[to]!) === 0) to++;
    const same = sorted.slice(from, to);
    places.push({
      service: first.service,
      location: first.location,
      key: first.key,
      observations: same.reduce((sum, row) => sum + row.observations, 0),
      bytes: same.reduce((sum, row) => sum + row.bytes, 0),
      isNew: known !== null && !known.has(placeOf(first)),
      isTwin: same.every((row) => twins.has(row)),
      successor: same.map((row) => twins.get(row) ?? '').find((name) => name !== '') ?? '',
      rows: same,
    });
  }
  return places.sort((a, b) => b.bytes - a.bytes || byPlace(a, b));
}

function byPlace(a: AttributeOfService, b: AttributeOfService): number {
  return compare(a.service, b.service) || compare(a.location, b.location) || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
