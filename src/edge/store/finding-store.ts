import type { DataSource, SelectQueryBuilder } from 'typeorm';
import { type Finding, SEVERITIES, type Severity } from '../../engine/model/finding.js';
import type { StoredFinding } from '../../engine/policy/suggest.js';
import type { FindingStore } from '../../flow/ports.js';
import { FindingHourly, FindingRow } from './entities/index.js';

/** Columns that a list of findings can be narrowed by. */
export const FINDING_FILTERS = [
  'kind',
  'severity',
  'confidence',
  'state',
  'service',
  'environment',
  'location',
  'key',
  'detector',
] as const;
export type FindingFilter = { readonly [K in (typeof FINDING_FILTERS)[number]]?: string | undefined };

/** Orders of a list: an expression whose greater values come first, and the type in which a cursor states it. */
const ORDERS = {
  '-last_seen': { by: 'f.last_seen', type: 'timestamptz' },
  severity: { by: `-array_position('{${SEVERITIES.join(',')}}'::text[], f.severity)`, type: 'integer' },
  '-occurrences': { by: 'f.occurrences', type: 'bigint' },
} as const;
export type FindingSort = keyof typeof ORDERS;

/** Where a page of findings begins: after the one with this value of the order, this time and this id. */
export interface FindingCursor {
  readonly value: string;
  readonly lastSeen: string;
  readonly id: string;
}

export class PostgresFindingStore implements FindingStore {
  constructor(private readonly dataSource: DataSource) {}

  async open(tenant: string, limit: number): Promise<StoredFinding[]> {
    return (await this.list(tenant, { state: 'open' }, '-last_seen', limit, null)).map(fromRow);
  }

  /** A page of findings as rows. */
  async list(
    tenant: string,
    filter: FindingFilter,
    sort: FindingSort,
    limit: number,
    after: FindingCursor | null,
  ): Promise<FindingRow[]> {
    const { by, type } = ORDERS[sort];
    const query = this.select(tenant);
    for (const column of FINDING_FILTERS) {
      const value = filter[column];
      if (value !== undefined) query.andWhere(`f.${column} = :${column}`, { [column]: value });
    }
    if (after !== null) {
      query.andWhere(`(${by}, f.last_seen, f.id) < (:value::${type}, :lastSeen::timestamptz, :id::uuid)`, { ...after });
    }
    return query
      .orderBy(by, 'DESC')
      .addOrderBy('f.last_seen', 'DESC')
      .addOrderBy('f.id', 'DESC')
      .limit(limit)
      .getMany();
  }

  /** The cursor that begins after a row. */
  cursorAfter(row: FindingRow, sort: FindingSort): FindingCursor {
    const values: Record<FindingSort, string> = {
      '-last_seen': row.lastSeen.toISOString(),
      severity: String(-(SEVERITIES.indexOf(row.severity as Severity) + 1)),
      '-occurrences': String(row.occurrences),
    };
    return { value: values[sort], lastSeen: row.lastSeen.toISOString(), id: row.id };
  }

  /** How many findings are open, by severity. */
  async openCounts(tenant: string): Promise<Record<Severity, number>> {
    const rows: { severity: Severity; n: string }[] = await this.dataSource.query(
      "SELECT severity, count(*) AS n FROM finding WHERE tenant_id = $1 AND state = 'open' GROUP BY severity",
      [tenant],
    );
    const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
    for (const { severity, n } of rows) counts[severity] = Number(n);
    return counts;
  }

  async get(tenant: string, id: string): Promise<FindingRow | null> {
    return this.select(tenant).andWhere('f.id = :id', { id }).getOne();
  }

  /** Occurrences by hour, the latest `limit` hours, in the order of time. */
  async hours(tenant: string, id: string, limit: number): Promise<{ hour: Date; occurrences: number }[]> {
    const rows = await this.dataSource
      .getRepository(FindingHourly)
      .find({ where: { tenantId: tenant, findingId: id }, order: { hour: 'DESC' }, take: limit });
    return rows.reverse();
  }

  private select(tenant: string): SelectQueryBuilder<FindingRow> {
    const query = this.dataSource.getRepository(FindingRow).createQueryBuilder('f');
    return query.where('f.tenantId = :tenant', { tenant });
  }
}

function fromRow(row: FindingRow): StoredFinding {
  const { id, kind, severity, confidence, location, firstSeen, lastSeen, ...rest } = row;
  return {
    ...rest,
    id,
    kind: kind as Finding['kind'],
    severity: severity as Finding['severity'],
    confidence: confidence as Finding['confidence'],
    location: location as Finding['location'],
    firstSeen: firstSeen.getTime(),
    lastSeen: lastSeen.getTime(),
  };
}
