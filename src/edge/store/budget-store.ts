import { randomUUID } from 'node:crypto';
import { type DataSource, QueryFailedError } from 'typeorm';
import type { Budget, BudgetAlert } from '../../engine/cost/budget.js';
import type { RaisedAlert } from '../../flow/budget-events.js';
import type { BudgetStore } from '../../flow/budgets.js';
import { BudgetAlertRow, BudgetRow } from './entities/budgets.js';
import { stableId } from './ids.js';

/** Budgets of a tenant. */
export const MAX_TEAM_BUDGETS = 500;
const LOOKBACK_DAYS = 7;
const ALERT_MONTHS = 13;
const UNIQUE_VIOLATION = '23505';

/** What somebody says of a budget. */
export type BudgetFields = Omit<Budget, 'id'>;

/** Why a budget was not changed. */
export type NotChanged = 'unknown' | 'stale' | 'duplicate';

interface Position {
  readonly createdAt: string;
  readonly id: string;
}

/** Budgets of teams and the thresholds that were reached. */
export class PostgresBudgetStore implements BudgetStore {
  constructor(private readonly dataSource: DataSource) {}

  budgets(tenant: string): Promise<BudgetRow[]> {
    return this.rows.find({ where: { tenantId: tenant }, order: { createdAt: 'DESC', id: 'DESC' } });
  }

  /** A page, newest first. */
  list(tenant: string, team: string | undefined, limit: number, after: Position | null): Promise<BudgetRow[]> {
    const query = this.rows.createQueryBuilder('b').where('b.tenantId = :tenant', { tenant });
    if (team !== undefined) query.andWhere('b.team = :team', { team });
    if (after !== null)
      query.andWhere("(date_trunc('milliseconds', b.createdAt), b.id) < (:createdAt, :id)", { ...after });
    query.orderBy("date_trunc('milliseconds', b.createdAt)", 'DESC').addOrderBy('b.id', 'DESC');
    return query.limit(limit).getMany();
  }

  get(tenant: string, id: string): Promise<BudgetRow | null> {
    return this.rows.findOneBy({ tenantId: tenant, id });
  }

  /** Null where there is one for the same already, `too-many` where no more may be made. */
  async add(tenant: string, fields: BudgetFields, author: string): Promise<BudgetRow | NotChanged | 'too-many'> {
    if ((await this.rows.countBy({ tenantId: tenant })) >= MAX_TEAM_BUDGETS) return 'too-many';
    const key = { tenantId: tenant, id: randomUUID() };
    return this.unlessDuplicate(async () => {
      await this.rows.insert({ ...key, ...writable(fields), author });
      return this.rows.findOneByOrFail(key);
    });
  }

  /** Another amount or other thresholds make alerts of their own: those of before are forgotten. */
  change(
    tenant: string,
    id: string,
    version: number,
    fields: BudgetFields,
    author: string,
  ): Promise<BudgetRow | NotChanged> {
    const where = { tenantId: tenant, id };
    return this.unlessDuplicate(() =>
      this.dataSource.transaction(async (manager) => {
        const rows = manager.getRepository(BudgetRow);
        const row = await rows.findOne({ where, lock: { mode: 'pessimistic_write' } });
        if (row === null) return 'unknown';
        if (row.version !== version) return 'stale';
        await rows.update(where, { ...writable(fields), author, version: version + 1, updatedAt: new Date() });
        await manager.getRepository(BudgetAlertRow).delete({ tenantId: tenant, budgetId: id });
        return rows.findOneByOrFail(where);
      }),
    );
  }

  remove(tenant: string, id: string, version: number): Promise<NotChanged | null> {
    const where = { tenantId: tenant, id };
    return this.dataSource.transaction(async (manager) => {
      const row = await manager.getRepository(BudgetRow).findOne({ where, lock: { mode: 'pessimistic_write' } });
      if (row === null) return 'unknown';
      if (row.version !== version) return 'stale';
      await manager.getRepository(BudgetAlertRow).delete({ tenantId: tenant, budgetId: id });
      await manager.getRepository(BudgetRow).delete(where);
      return null;
    });
  }

  observe(
    tenant: string,
    budget: Budget,
    month: string,
    next: (known: readonly BudgetAlert[]) => readonly BudgetAlert[],
  ): Promise<number> {
    const of = { tenantId: tenant, budgetId: budget.id, month };
    return this.dataSource.transaction(async (manager) => {
      const where = { tenantId: tenant, id: budget.id };
      const row = await manager.getRepository(BudgetRow).findOne({ where, lock: { mode: 'pessimistic_write' } });
      // Changed since it was looked at: the next look is of what it is now.
      if (row === null || !isSame(row, budget)) return 0;
      const rows = manager.getRepository(BudgetAlertRow);
      const known = (await rows.findBy(of)).map(alertOf);
      const alerts = next(known);
      await rows.delete(of);
      await rows.insert(
        alerts.map(({ kind, threshold, since, raisedAt, value }) => ({
          ...{ ...of, kind, threshold, value, since: new Date(since) },
          raisedAt: raisedAt === null ? null : new Date(raisedAt),
        })),
      );
      const count = (list: readonly BudgetAlert[]): number => list.filter(({ raisedAt }) => raisedAt !== null).length;
      return count(alerts) - count(known);
    });
  }

  /** Alerts of the last seven days, the latest first; at most as many as budgets have thresholds. */
  async raised(tenant: string, now: Date): Promise<RaisedAlert[]> {
    const rows = await this.dataSource
      .getRepository(BudgetAlertRow)
      .createQueryBuilder('a')
      .where('a.tenantId = :tenant AND a.raisedAt > :since', {
        tenant,
        since: new Date(now.getTime() - LOOKBACK_DAYS * 86_400_000),
      })
      .orderBy('a.raisedAt', 'DESC')
      .getMany();
    if (rows.length === 0) return [];
    const budgets = new Map((await this.budgets(tenant)).map((budget) => [budget.id, budget]));
    return rows.flatMap((row) => {
      const budget = budgets.get(row.budgetId);
      if (budget === undefined) return [];
      const { month, kind, threshold } = row;
      const id = stableId(tenant, 'budget-alert', budget.id, month, kind, threshold, budget.amount);
      return [{ ...alertOf(row), id, raisedAt: row.raisedAt!.getTime(), month, budget }];
    });
  }

  /** Removes alerts of months long ago, of all tenants. */
  async sweep(): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM budget_alert WHERE month < to_char(now() - interval '${ALERT_MONTHS} months', 'YYYY-MM')`,
    );
  }

  private async unlessDuplicate<T>(write: () => Promise<T>): Promise<T | 'duplicate'> {
    try {
      return await write();
    } catch (error) {
      const { code } = (error instanceof QueryFailedError ? error.driverError : {}) as { code?: string };
      if (code === UNIQUE_VIOLATION) return 'duplicate';
      throw error;
    }
  }

  private get rows() {
    return this.dataSource.getRepository(BudgetRow);
  }
}

function writable({ actualThresholds, forecastThresholds, ...fields }: BudgetFields) {
  return { ...fields, actualThresholds: [...actualThresholds], forecastThresholds: [...forecastThresholds] };
}

const COMPARED = ['team', 'environment', 'unit', 'amount', 'priceModel'] as const;

function isSame(a: Budget, b: Budget): boolean {
  return (
    COMPARED.every((field) => a[field] === b[field]) &&
    String(a.actualThresholds) === String(b.actualThresholds) &&
    String(a.forecastThresholds) === String(b.forecastThresholds)
  );
}

function alertOf({ kind, threshold, since, raisedAt, value }: BudgetAlertRow): BudgetAlert {
  return { kind, threshold, since: since.getTime(), raisedAt: raisedAt?.getTime() ?? null, value };
}
