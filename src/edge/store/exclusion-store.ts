import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ExclusionRow } from './entities/index.js';

/** What an exclusion says, as somebody gives it. */
export type NewExclusion = Pick<
  ExclusionRow,
  'detector' | 'service' | 'key' | 'fingerprint' | 'reason' | 'author' | 'expiresAt'
> &
  Partial<Pick<ExclusionRow, 'team'>>;

export const EXCLUSION_STATES = ['in-force', 'expired', 'removed'] as const;
export type ExclusionState = (typeof EXCLUSION_STATES)[number];

const CONDITIONS: Readonly<Record<ExclusionState, string>> = {
  'in-force': 'e.removed_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > now())',
  expired: 'e.removed_at IS NULL AND e.expires_at <= now()',
  removed: 'e.removed_at IS NOT NULL',
};

/** Matches that are no findings; rows stay when an exclusion is removed. */
export class PostgresExclusionStore {
  constructor(private readonly dataSource: DataSource) {}

  async add(tenant: string, exclusion: NewExclusion): Promise<ExclusionRow> {
    const repository = this.dataSource.getRepository(ExclusionRow);
    const key = { tenantId: tenant, id: randomUUID() };
    await repository.insert({ ...exclusion, ...key });
    return repository.findOneByOrFail(key);
  }

  /**
   * False where there is none, or none any more.
   *
   * @param detectors only one of these
   */
  async remove(tenant: string, id: string, detectors: readonly string[] | null = null): Promise<boolean> {
    const { affected } = await this.dataSource
      .createQueryBuilder()
      .update(ExclusionRow)
      .set({ removedAt: () => 'now()' })
      .where('tenant_id = :tenant AND id = :id AND removed_at IS NULL', { tenant, id })
      .andWhere('(:detectors::text[] IS NULL OR detector = ANY(:detectors))', { detectors })
      .execute();
    return (affected ?? 0) > 0;
  }

  /**
   * Newest first; without a state those that were not removed.
   *
   * @param detectors only those of one of these
   */
  async list(
    tenant: string,
    state: ExclusionState | undefined,
    limit: number,
    after: { createdAt: string; id: string } | null,
    detectors?: readonly string[],
  ): Promise<ExclusionRow[]> {
    const query = this.dataSource
      .getRepository(ExclusionRow)
      .createQueryBuilder('e')
      .where('e.tenantId = :tenant', { tenant })
      .andWhere(state === undefined ? 'e.removed_at IS NULL' : CONDITIONS[state]);
    if (detectors !== undefined) query.andWhere('e.detector IN (:...detectors)', { detectors });
    if (after !== null) query.andWhere("(date_trunc('milliseconds', e.createdAt), e.id) < (:createdAt, :id)", after);
    query.orderBy("date_trunc('milliseconds', e.createdAt)", 'DESC').addOrderBy('e.id', 'DESC');
    return query.limit(limit).getMany();
  }

  /** All that were not removed and have not expired. */
  inForce(tenant: string): Promise<ExclusionRow[]> {
    const query = this.dataSource.getRepository(ExclusionRow).createQueryBuilder('e');
    return query.where('e.tenantId = :tenant', { tenant }).andWhere(CONDITIONS['in-force']).getMany();
  }
}
