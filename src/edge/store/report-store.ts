import type { DataSource } from 'typeorm';
import type { Report } from '../../engine/model/report.js';
import type { ReportStore, Window } from '../../flow/ports.js';
import { ReportRow } from './entities/index.js';

/** Which report is to be made. */
export type NewReport = Pick<ReportRow, 'edition' | 'audience' | 'team' | 'timeZone'> & { readonly window: Window };

export interface ReportFilter {
  readonly edition?: string | undefined;
  readonly audience?: string | undefined;
  readonly team?: string | undefined;
}

export class PostgresReportStore implements ReportStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Begins a report; one that is there already stays as it is. Says whether it is new. */
  async begin(tenant: string, id: string, report: NewReport): Promise<boolean> {
    const { window, ...readers } = report;
    const result = await this.dataSource
      .createQueryBuilder()
      .insert()
      .into(ReportRow)
      .values({ tenantId: tenant, id, ...readers, periodStart: window.from, periodEnd: window.to, state: 'pending' })
      .orIgnore()
      .returning('id')
      .execute();
    return (result.raw as unknown[]).length > 0;
  }

  async finish(tenant: string, id: string, content: Report, contentHash: string): Promise<void> {
    // The driver would read a plain array or text as something else than JSON; an object it writes as JSON.
    const values = { state: 'ready' as const, content: () => ':content::jsonb', contentHash, error: null };
    await this.dataSource
      .createQueryBuilder()
      .update(ReportRow)
      .set(values)
      .where({ tenantId: tenant, id })
      .setParameter('content', JSON.stringify(content))
      .execute();
  }

  async fail(tenant: string, id: string, error: string): Promise<void> {
    await this.dataSource.getRepository(ReportRow).update({ tenantId: tenant, id }, { state: 'failed', error });
  }

  get(tenant: string, id: string): Promise<ReportRow | null> {
    return this.dataSource.getRepository(ReportRow).findOne({ where: { tenantId: tenant, id } });
  }

  /** A page of reports, newest first, without their content. */
  list(
    tenant: string,
    filter: ReportFilter,
    limit: number,
    after: { createdAt: string; id: string } | null,
  ): Promise<ReportRow[]> {
    const query = this.dataSource.getRepository(ReportRow).createQueryBuilder('r');
    query.select([
      'r.id',
      'r.edition',
      'r.audience',
      'r.team',
      'r.timeZone',
      'r.periodStart',
      'r.periodEnd',
      'r.state',
      'r.contentHash',
      'r.error',
      'r.createdAt',
    ]);
    query.where('r.tenantId = :tenant', { tenant });
    for (const column of ['edition', 'audience', 'team'] as const) {
      const value = filter[column];
      if (value !== undefined) query.andWhere(`r.${column} = :${column}`, { [column]: value });
    }
    if (after !== null) query.andWhere("(date_trunc('milliseconds', r.createdAt), r.id) < (:createdAt, :id)", after);
    query.orderBy("date_trunc('milliseconds', r.createdAt)", 'DESC').addOrderBy('r.id', 'DESC');
    return query.limit(limit).getMany();
  }
}
