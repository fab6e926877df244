import { randomUUID } from 'node:crypto';
import { type DataSource, In } from 'typeorm';
import type { Edition } from '../../engine/model/report.js';
import type { Sealing } from '../auth/sealing.js';
import { Target } from '../deliver/target.js';
import { DeliveryRow, SubscriptionRow } from './entities/index.js';
import { stableId } from './ids.js';

/** What somebody says of a subscription. */
export type SubscriptionFields = Pick<SubscriptionRow, 'name' | 'audience' | 'team' | 'editions' | 'timeZone'>;

interface Position {
  readonly createdAt: string;
  readonly id: string;
}

/** Attempts at a delivery before it has failed. */
export const MAX_ATTEMPTS = 14;
const MAX_DUE = 1_000;

/** Subscriptions, their sealed targets, and the outbox of deliveries. */
export class PostgresSubscriptionStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sealing: (tenant: string) => Sealing,
  ) {}

  async add(tenant: string, fields: SubscriptionFields, target: Target, author: string): Promise<SubscriptionRow> {
    const key = { tenantId: tenant, id: randomUUID() };
    const sealed = this.seal(tenant, key.id, target);
    await this.subscriptions.insert({ ...fields, ...key, channel: target.channel, target: sealed, author });
    return this.subscriptions.findOneByOrFail(key);
  }

  /** Changes what is given; a subscription that was disabled is enabled again. Null where there is none. */
  async change(
    tenant: string,
    id: string,
    fields: Partial<SubscriptionFields>,
    target: Target | null,
  ): Promise<SubscriptionRow | null> {
    const sealed = target === null ? {} : { channel: target.channel, target: this.seal(tenant, id, target) };
    const changed = { ...fields, ...sealed, disabledReason: null, updatedAt: new Date() };
    await this.subscriptions.update({ tenantId: tenant, id }, changed);
    return this.get(tenant, id);
  }

  async disable(tenant: string, id: string, reason: string): Promise<void> {
    await this.subscriptions.update({ tenantId: tenant, id }, { disabledReason: reason });
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      await manager.getRepository(DeliveryRow).delete({ tenantId: tenant, subscriptionId: id });
      const { affected } = await manager.getRepository(SubscriptionRow).delete({ tenantId: tenant, id });
      return (affected ?? 0) > 0;
    });
  }

  get(tenant: string, id: string): Promise<SubscriptionRow | null> {
    return this.subscriptions.findOneBy({ tenantId: tenant, id });
  }

  targetOf({ tenantId, id, target }: SubscriptionRow): Target {
    return Target.parse(JSON.parse(this.sealing(tenantId).open(target, id)));
  }

  /** A page, newest first. */
  list(tenant: string, limit: number, after: Position | null): Promise<SubscriptionRow[]> {
    const query = this.subscriptions.createQueryBuilder('s').where('s.tenantId = :tenant', { tenant });
    if (after !== null)
      query.andWhere("(date_trunc('milliseconds', s.createdAt), s.id) < (:createdAt, :id)", { ...after });
    query.orderBy("date_trunc('milliseconds', s.createdAt)", 'DESC').addOrderBy('s.id', 'DESC');
    return query.limit(limit).getMany();
  }

  count(tenant: string): Promise<number> {
    return this.subscriptions.countBy({ tenantId: tenant });
  }

  /** Time zones of subscriptions that are not disabled. */
  async timeZones(tenant: string): Promise<string[]> {
    const rows: { zone: string }[] = await this.dataSource.query(
      'SELECT DISTINCT time_zone AS zone FROM subscription WHERE tenant_id = $1 AND disabled_reason IS NULL ORDER BY 1',
      [tenant],
    );
    return rows.map(({ zone }) => zone);
  }

  /** Who wants an edition of a time zone. */
  wanting(tenant: string, edition: Edition, timeZone: string): Promise<SubscriptionRow[]> {
    const query = this.subscriptions.createQueryBuilder('s').where('s.tenantId = :tenant', { tenant });
    query.andWhere('s.timeZone = :timeZone AND :edition = ANY(s.editions) AND s.disabledReason IS NULL', {
      timeZone,
      edition,
    });
    return query.orderBy('s.id').getMany();
  }

  /** Puts a delivery into the outbox; there is one of a report to a subscription. Gives its id. */
  async enqueue(tenant: string, subscriptionId: string, reportId: string | null): Promise<string> {
    const id = reportId === null ? randomUUID() : stableId(tenant, 'delivery', reportId, subscriptionId);
    const row = { tenantId: tenant, id, subscriptionId, reportId };
    await this.deliveries.createQueryBuilder().insert().values(row).orIgnore().execute();
    return id;
  }

  delivery(tenant: string, id: string): Promise<DeliveryRow | null> {
    return this.deliveries.findOneBy({ tenantId: tenant, id });
  }

  /** Deliveries that wait, of all tenants, at most 1,000. */
  pending(): Promise<DeliveryRow[]> {
    return this.deliveries.find({
      where: { state: In(['pending']) },
      order: { createdAt: 'ASC', id: 'ASC' },
      take: MAX_DUE,
    });
  }

  /**
   * Runs an attempt while no other process does; gives null where another does or the delivery does not wait any more.
   * The lock is of the session, so a process that dies lets go of it.
   */
  async attempt<T>(tenant: string, id: string, work: (row: DeliveryRow) => Promise<T>): Promise<T | null> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const key = [`delivery ${tenant} ${id}`];
      const [lock] = (await runner.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken', key)) as [
        { taken: boolean },
      ];
      if (!lock.taken) return null;
      try {
        const row = await this.delivery(tenant, id);
        return row === null || row.state !== 'pending' ? null : await work(row);
      } finally {
        await runner.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', key);
      }
    } finally {
      await runner.release();
    }
  }

  async partSent(tenant: string, id: string): Promise<void> {
    await this.deliveries.increment({ tenantId: tenant, id }, 'partsSent', 1);
  }

  async settle(tenant: string, id: string, fields: Partial<DeliveryRow>): Promise<void> {
    await this.deliveries.update({ tenantId: tenant, id }, fields);
  }

  /** Deliveries of a subscription, newest first. */
  deliveriesOf(tenant: string, subscriptionId: string, limit: number, after: Position | null): Promise<DeliveryRow[]> {
    const query = this.deliveries.createQueryBuilder('d');
    query.where('d.tenantId = :tenant AND d.subscriptionId = :subscriptionId', { tenant, subscriptionId });
    if (after !== null)
      query.andWhere("(date_trunc('milliseconds', d.createdAt), d.id) < (:createdAt, :id)", { ...after });
    query.orderBy("date_trunc('milliseconds', d.createdAt)", 'DESC').addOrderBy('d.id', 'DESC');
    return query.limit(limit).getMany();
  }

  private seal(tenant: string, id: string, target: Target): Buffer {
    return this.sealing(tenant).seal(JSON.stringify(target), id);
  }

  private get subscriptions() {
    return this.dataSource.getRepository(SubscriptionRow);
  }

  private get deliveries() {
    return this.dataSource.getRepository(DeliveryRow);
  }
}
