import type { DataSource } from 'typeorm';
import type { SwitchedOff } from '../rules/tenant-rules.js';
import { RuleSetRow, RuleSwitchedOff } from './entities/index.js';

/** Customers' rule documents by version; versions are added and never changed. */
export class PostgresRuleStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A version of the document, the latest without one; null where there is none. */
  async get(tenant: string, version?: number): Promise<RuleSetRow | null> {
    const where = version === undefined ? { tenantId: tenant } : { tenantId: tenant, version };
    return this.dataSource.getRepository(RuleSetRow).findOne({ where, order: { version: 'DESC' } });
  }

  /** Versions without their documents, latest first. */
  async versions(tenant: string, limit: number, before: number | null): Promise<Omit<RuleSetRow, 'document'>[]> {
    const query = this.dataSource
      .getRepository(RuleSetRow)
      .createQueryBuilder('r')
      .select(['r.tenantId', 'r.version', 'r.author', 'r.comment', 'r.createdAt'])
      .where('r.tenantId = :tenant', { tenant });
    if (before !== null) query.andWhere('r.version < :before', { before });
    return query.orderBy('r.version', 'DESC').limit(limit).getMany();
  }

  /**
   * Adds a version, and takes it for the latest.
   *
   * @param expected the version that was edited, or null to follow whichever there is
   * @returns null where there is another latest version than the expected one
   */
  async add(
    tenant: string,
    { document, author, comment }: Pick<RuleSetRow, 'document' | 'author' | 'comment'>,
    expected: number | null,
  ): Promise<RuleSetRow | null> {
    return this.dataSource.transaction(async (manager) => {
      // Two who save at once would both take the same number; they take turns.
      await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`rules ${tenant}`]);
      const repository = manager.getRepository(RuleSetRow);
      const latest = (await repository.maximum('version', { tenantId: tenant })) ?? 0;
      if (expected !== null && expected !== latest) return null;
      const version = latest + 1;
      await repository.insert({ tenantId: tenant, version, document, author, comment });
      return repository.findOneByOrFail({ tenantId: tenant, version });
    });
  }

  async switchedOff(tenant: string, version: number): Promise<SwitchedOff[]> {
    const where = { tenantId: tenant, version };
    const rows = await this.dataSource.getRepository(RuleSwitchedOff).find({ where, order: { detector: 'ASC' } });
    return rows.map(({ detector, reason }) => ({ detector, reason }));
  }

  async switchOff(tenant: string, version: number, { detector, reason }: SwitchedOff): Promise<void> {
    const row = { tenantId: tenant, version, detector, reason };
    await this.dataSource.createQueryBuilder().insert().into(RuleSwitchedOff).values(row).orIgnore().execute();
  }

  /**
   * A text for each tenant that changed something about the rules; it changes with each change. Rows are only added and
   * exclusions only removed once, so the counts tell.
   */
  async stamps(): Promise<Map<string, string>> {
    const rows: { tenant: string; stamp: string }[] = await this.dataSource.query(
      `SELECT tenant_id AS tenant, string_agg(part, ' ' ORDER BY part) AS stamp FROM (
         SELECT tenant_id, 'rules ' || max(version) AS part FROM rule_set GROUP BY tenant_id
         UNION ALL SELECT tenant_id, 'off ' || count(*) FROM rule_switched_off GROUP BY tenant_id
         UNION ALL SELECT tenant_id, 'exclusions ' || count(*) || '-' || count(removed_at) FROM exclusion GROUP BY tenant_id
       ) AS parts GROUP BY tenant_id`,
    );
    return new Map(rows.map(({ tenant, stamp }) => [tenant, stamp]));
  }
}
