import type { DataSource } from 'typeorm';
import { addShape } from '../../engine/aggregate/rollup-builder.js';
import type { Budget } from '../../engine/cardinality/budget.js';
import type { GrowthClass } from '../../engine/model/growth.js';
import { Sketch } from '../../engine/model/sketch.js';
import type {
  AttributeEmitter,
  AttributePlace,
  AttributeSeries,
  AttributeStep,
  AttributeStore,
  Window,
} from '../../flow/ports.js';
import { ATTRIBUTE_ROWS, addPart, PLACES, placeColumns } from './attribute-rows.js';
import { AttributeBudget, AttributeGrowth } from './entities/index.js';
import { distKey, stableId } from './ids.js';

interface StepRow {
  readonly n: string;
  readonly start: Date;
  readonly observations: string;
  readonly bytes: string;
  readonly types: number;
  readonly shapes: string[];
  readonly distinct_values: Buffer;
}

/** A budget as it is kept. */
export type StoredBudget = Budget & Pick<AttributeBudget, 'id' | 'author' | 'updatedAt'>;

/** Attributes over time, what is known of their growth, and their budgets, in PostgreSQL. */
export class PostgresAttributeStore implements AttributeStore {
  constructor(private readonly dataSource: DataSource) {}

  async servicesSince(tenant: string, since: Date): Promise<string[]> {
    const rows: { service: string }[] = await this.dataSource.query(
      'SELECT DISTINCT service FROM attribute_hourly WHERE tenant_id = $1 AND hour >= $2 ORDER BY service',
      [tenant, since],
    );
    return rows.map(({ service }) => service);
  }

  placesSince(tenant: string, service: string, since: Date): Promise<AttributePlace[]> {
    return this.dataSource.query(
      `SELECT DISTINCT service, environment, location, key FROM attribute_hourly
       WHERE tenant_id = $1 AND dist_key = $2 AND hour >= $3 AND service = $4 ORDER BY environment, location, key`,
      [tenant, distKey(tenant, service), since, service],
    );
  }

  placesOf(tenant: string, service: string, key: string, window: Window): Promise<AttributePlace[]> {
    return this.dataSource.query(
      `SELECT DISTINCT service, environment, location, key FROM ${ATTRIBUTE_ROWS} AS r
       WHERE service = $4 AND key = $5 ORDER BY environment, location`,
      [tenant, window.from, window.to, service, key],
    );
  }

  async series(tenant: string, window: Window, places: readonly AttributePlace[]): Promise<AttributeSeries[]> {
    const rows: StepRow[] = await this.dataSource.query(
      `SELECT n, start, observations, bytes, types, shapes, distinct_values FROM ${ATTRIBUTE_ROWS} AS r
       JOIN ${PLACES} USING (service, environment, location, key) ORDER BY start`,
      [tenant, window.from, window.to, ...placeColumns(places)],
    );
    const steps = places.map(() => new Map<number, Summed>());
    for (const row of rows) addStep(steps[Number(row.n) - 1]!, row);
    return places.map((place, i) => ({ ...place, steps: [...steps[i]!.values()] }));
  }

  async emitters(tenant: string, key: string, window: Window, limit: number): Promise<AttributeEmitter[]> {
    const rows: (AttributePlace & { observations: string; bytes: string })[] = await this.dataSource.query(
      `SELECT service, environment, location, key, sum(observations) AS observations, sum(bytes) AS bytes
       FROM ${ATTRIBUTE_ROWS} AS r WHERE key = $4 GROUP BY service, environment, location, key
       ORDER BY sum(bytes) DESC, service, environment, location LIMIT $5`,
      [tenant, window.from, window.to, key, limit],
    );
    return rows.map((row) => ({ ...row, observations: Number(row.observations), bytes: Number(row.bytes) }));
  }

  async saveGrowth(
    tenant: string,
    rows: readonly (AttributePlace & { readonly class: GrowthClass })[],
    judgedAt: Date,
  ): Promise<void> {
    if (rows.length === 0) return;
    const values = rows.map((row) => ({
      ...{ tenantId: tenant, distKey: distKey(tenant, row.service), id: placeId(tenant, row) },
      ...{ service: row.service, environment: row.environment, location: row.location, key: row.key },
      ...{ class: row.class, judgedAt },
    }));
    await this.dataSource.getRepository(AttributeGrowth).upsert(values, ['tenantId', 'distKey', 'id']);
  }

  async lastJudged(tenant: string): Promise<Date | null> {
    const [row]: { last: Date | null }[] = await this.dataSource.query(
      'SELECT max(judged_at) AS last FROM attribute_growth WHERE tenant_id = $1',
      [tenant],
    );
    return row?.last ?? null;
  }

  /** What people set, the latest first. */
  budgets(tenant: string): Promise<StoredBudget[]> {
    return this.dataSource
      .getRepository(AttributeBudget)
      .find({ where: { tenantId: tenant }, order: { updatedAt: 'DESC', id: 'ASC' }, take: MAX_BUDGETS });
  }

  /** Sets the budget of what it names; gives null where there would be too many. */
  async setBudget(tenant: string, budget: Budget, author: string): Promise<StoredBudget | null> {
    const { team, service, key } = budget;
    const id = stableId(tenant, 'budget', ...[team, service, key].map((name) => JSON.stringify(name)));
    const budgets = this.dataSource.getRepository(AttributeBudget);
    const isNew = !(await budgets.existsBy({ tenantId: tenant, id }));
    if (isNew && (await budgets.countBy({ tenantId: tenant })) >= MAX_BUDGETS) return null;
    const row = { tenantId: tenant, id, ...budget, author, updatedAt: new Date() };
    await budgets.upsert(row, ['tenantId', 'id']);
    return row;
  }

  async removeBudget(tenant: string, id: string): Promise<boolean> {
    const result = await this.dataSource.getRepository(AttributeBudget).delete({ tenantId: tenant, id });
    return (result.affected ?? 0) > 0;
  }
}

/** All budgets are looked at for each attribute. */
export const MAX_BUDGETS = 1_000;

interface Summed extends AttributeStep {
  observations: number;
  bytes: number;
  types: number;
  readonly shapes: string[];
}

function addStep(steps: Map<number, Summed>, row: StepRow): void {
  const at = row.start.getTime();
  let step = steps.get(at);
  if (step === undefined) {
    step = { start: row.start, observations: 0, bytes: 0, types: 0, shapes: [], values: new Sketch() };
    steps.set(at, step);
  }
  step.observations += Number(row.observations);
  step.bytes += Number(row.bytes);
  step.types |= row.types;
  for (const shape of row.shapes) addShape(step.shapes, shape);
  addPart(step.values, row.distinct_values);
}

function placeId(tenant: string, { service, environment, location, key }: AttributePlace): string {
  return stableId(tenant, service, environment, location, key);
}
