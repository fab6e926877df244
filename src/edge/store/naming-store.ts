import type { DataSource } from 'typeorm';
import type { NamingDecisions, OverrideLevel } from '../../engine/naming/levels.js';
import type { NamingStore, WeekRow, Window } from '../../flow/ports.js';
import { ATTRIBUTE_ROWS } from './attribute-rows.js';
import { NamingOverrideRow } from './entities/index.js';
import { PostgresExclusionStore } from './exclusion-store.js';
import { stableId } from './ids.js';

/** What somebody gives as the level of a rule; team null is every team without a level of its own. */
export interface NewOverride {
  readonly team: string | null;
  readonly rule: string;
  readonly level: OverrideLevel;
  readonly reason: string;
  readonly author: string;
}

/** What naming rules look at, and what people decided on them, in PostgreSQL. Sketches are not read. */
export class PostgresNamingStore implements NamingStore {
  private readonly exclusions: PostgresExclusionStore;

  constructor(private readonly dataSource: DataSource) {
    this.exclusions = new PostgresExclusionStore(dataSource);
  }

  async rows(tenant: string, window: Window, byWeek: boolean, limit: number): Promise<WeekRow[]> {
    const week = `to_char(${byWeek ? 'start' : 'min(start)'} AT TIME ZONE 'UTC', 'IYYY-"W"IW')`;
    // Numbers are read as such, since there are many rows to make.
    return await this.dataSource.query(
      `SELECT service, environment, location, key, ${week} AS week,
         sum(observations)::float8 AS observations, sum(bytes)::float8 AS bytes, bit_or(types) AS types
       FROM ${ATTRIBUTE_ROWS} AS r
       GROUP BY service, environment, location, key${byWeek ? `, ${week}` : ''}
       ORDER BY sum(bytes) DESC, service, environment, location, key
       LIMIT $4`,
      [tenant, window.from, window.to, limit],
    );
  }

  async spanNames(tenant: string, window: Window, limit: number): Promise<{ service: string; template: string }[]> {
    return await this.dataSource.query(
      `SELECT service, template FROM span_name_hourly WHERE tenant_id = $1 AND hour >= $2 AND hour < $3
       GROUP BY service, template ORDER BY length(template) DESC, service, template LIMIT $4`,
      [tenant, window.from, window.to, limit],
    );
  }

  async decisions(tenant: string): Promise<NamingDecisions> {
    const [overrides, inForce] = await Promise.all([this.overrides(tenant), this.exclusions.inForce(tenant)]);
    return {
      overrides: overrides.map(({ team, rule, level }) => ({ team: team === '' ? null : team, rule, level })),
      waivers: inForce
        .filter(({ fingerprint }) => fingerprint === null)
        .map(({ id, detector: rule, team, service, key, expiresAt }) => {
          return { id, rule, team, service, key, expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY };
        }),
    };
  }

  /** In the order of rules and teams. */
  overrides(tenant: string): Promise<NamingOverrideRow[]> {
    const order = { rule: 'ASC', team: 'ASC' } as const;
    return this.dataSource.getRepository(NamingOverrideRow).find({ where: { tenantId: tenant }, order });
  }

  /** Gives a rule a level; what the team had said of the rule before is replaced. */
  async override(tenant: string, { team, ...rest }: NewOverride): Promise<NamingOverrideRow> {
    const repository = this.dataSource.getRepository(NamingOverrideRow);
    const key = { tenantId: tenant, id: stableId(tenant, team ?? '', rest.rule) };
    await repository.upsert({ ...rest, ...key, team: team ?? '', updatedAt: new Date() }, ['tenantId', 'id']);
    return repository.findOneByOrFail(key);
  }

  async removeOverride(tenant: string, id: string): Promise<boolean> {
    const result = await this.dataSource.getRepository(NamingOverrideRow).delete({ tenantId: tenant, id });
    return (result.affected ?? 0) > 0;
  }
}
