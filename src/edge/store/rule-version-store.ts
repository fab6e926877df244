import type { DataSource } from 'typeorm';

/** Since when rules are as they are. */
export class PostgresRuleVersionStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Takes down which version each rule has now. The first ones that are ever taken down were there from the beginning.
   *
   * @param versions hash of what a rule says, by its id
   */
  async record(tenant: string, versions: ReadonlyMap<string, string>): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`rule versions ${tenant}`]);
      const rules = [...versions.keys()];
      await manager.query(
        `INSERT INTO rule_version AS t (tenant_id, rule, hash, since)
         SELECT $1, r, h, CASE WHEN EXISTS (SELECT FROM rule_version WHERE tenant_id = $1) THEN now() ELSE to_timestamp(0) END
         FROM unnest($2::text[], $3::text[]) AS u (r, h)
         ON CONFLICT (tenant_id, rule) DO UPDATE SET hash = EXCLUDED.hash, since = now() WHERE t.hash <> EXCLUDED.hash`,
        [tenant, rules, rules.map((rule) => versions.get(rule))],
      );
      await manager.query(
        `UPDATE rule_version SET hash = '' WHERE tenant_id = $1 AND NOT rule = ANY($2) AND hash <> ''`,
        [tenant, rules],
      );
    });
  }
}
