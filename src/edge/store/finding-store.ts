import type { DataSource, SelectQueryBuilder } from 'typeorm';
import type { Finding } from '../../engine/model/finding.js';
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

/** Where a page of findings begins: after this one, in the order of last seen and id, latest first. */
export interface FindingCursor {
  readonly lastSeen: string;
  readonly id: string;
}

export class PostgresFindingStore implements FindingStore {
  constructor(private readonly dataSource: DataSource) {}

  async open(tenant: string, limit: number): Promise<StoredFinding[]> {
    return (await this.list(tenant, { state: 'open' }, limit, null)).map(fromRow);
  }

  /** A page of findings as rows, latest first. */
  async list(tenant: string, filter: FindingFilter, limit: number, after: FindingCursor | null): Promise<FindingRow[]> {
    const query = this.select(tenant);
    for (const column of FINDING_FILTERS) {
      const value = filter[column];
      if (value !== undefined) query.andWhere(`f.${column} = :${column}`, { [column]: value });
    }
    if (after !== null) query.andWhere('(f.lastSeen, f.id) < (:lastSeen, :id)', after);
    return query.orderBy('f.lastSeen', 'DESC').addOrderBy('f.id', 'DESC').take(limit).getMany();
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
