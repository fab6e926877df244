import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import type { FindingNotifyEvent } from '../../engine/model/notification.js';
import { type Told, toldKey } from '../../engine/notify/decide.js';
import type { Made, NotifyStore, StoredRule } from '../../flow/notify.js';
import type { Sealing } from '../auth/sealing.js';
import { NotifyTarget } from '../deliver/notify-target.js';
import { DeliveryRow, NotificationRow, NotificationRuleRow, NotificationTold } from './entities/index.js';
import { SUBSTATE } from './finding-substate.js';
import { stableId } from './ids.js';

/** What somebody says of a rule. */
export type NotificationRuleFields = Pick<
  NotificationRuleRow,
  'name' | 'events' | 'team' | 'service' | 'environment' | 'minSeverity' | 'pageFrom' | 'groupMinutes' | 'repeatHours'
>;

interface Position {
  readonly createdAt: string;
  readonly id: string;
}

/** Findings whose events are looked at: the latest ones of as many days. */
const MAX_EVENTS = 10_000;
const LOOKBACK_DAYS = 7;
/** Longer than what is looked back at, and than what is not repeated. */
const TOLD_DAYS = 15;
const MESSAGE_DAYS = 90;

/** Rules of notifications with their sealed targets, what was told, and messages. */
export class PostgresNotificationStore implements NotifyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sealing: (tenant: string) => Sealing,
  ) {}

  async add(
    tenant: string,
    fields: NotificationRuleFields,
    target: NotifyTarget,
    author: string,
  ): Promise<NotificationRuleRow> {
    const key = { tenantId: tenant, id: randomUUID() };
    const sealed = this.sealing(tenant).seal(JSON.stringify(target), key.id);
    await this.rows.insert({ ...fields, ...key, channel: target.channel, target: sealed, author });
    return this.rows.findOneByOrFail(key);
  }

  get(tenant: string, id: string): Promise<NotificationRuleRow | null> {
    return this.rows.findOneBy({ tenantId: tenant, id });
  }

  targetOf({ tenantId, id, target }: NotificationRuleRow): NotifyTarget {
    return NotifyTarget.parse(JSON.parse(this.sealing(tenantId).open(target, id)));
  }

  /** A page, newest first. */
  list(tenant: string, limit: number, after: Position | null): Promise<NotificationRuleRow[]> {
    const query = this.rows.createQueryBuilder('r').where('r.tenantId = :tenant', { tenant });
    if (after !== null)
      query.andWhere("(date_trunc('milliseconds', r.createdAt), r.id) < (:createdAt, :id)", { ...after });
    query.orderBy("date_trunc('milliseconds', r.createdAt)", 'DESC').addOrderBy('r.id', 'DESC');
    return query.limit(limit).getMany();
  }

  count(tenant: string): Promise<number> {
    return this.rows.countBy({ tenantId: tenant });
  }

  async disable(tenant: string, id: string, reason: string): Promise<void> {
    await this.rows.update({ tenantId: tenant, id }, { disabledReason: reason });
  }

  /** Holds messages back until a time; null for no longer. */
  async quiet(tenant: string, id: string, until: Date | null): Promise<boolean> {
    const { affected } = await this.rows.update({ tenantId: tenant, id }, { quietUntil: until });
    return (affected ?? 0) > 0;
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      await manager.getRepository(DeliveryRow).delete({ tenantId: tenant, subscriptionId: id });
      await manager.getRepository(NotificationRow).delete({ tenantId: tenant, ruleId: id });
      await manager.getRepository(NotificationTold).delete({ tenantId: tenant, ruleId: id });
      const { affected } = await manager.getRepository(NotificationRuleRow).delete({ tenantId: tenant, id });
      return (affected ?? 0) > 0;
    });
  }

  message(tenant: string, id: string): Promise<NotificationRow | null> {
    return this.dataSource.getRepository(NotificationRow).findOneBy({ tenantId: tenant, id });
  }

  async rules(tenant: string): Promise<StoredRule[]> {
    const rows = await this.rows.find({ where: { tenantId: tenant }, order: { createdAt: 'ASC', id: 'ASC' } });
    return rows.filter(({ disabledReason }) => disabledReason === null).map(storedRule);
  }

  /** Of findings that nobody looks after yet; at most 10,000, the latest ones. */
  async events(tenant: string, now: Date): Promise<FindingNotifyEvent[]> {
    const rows: FindingLine[] = await this.dataSource.query(
      `SELECT * FROM (
         SELECT id, severity, detector, service, environment, key, occurrences, recorded_at, regressed_at,
           triaged_at IS NULL AS untouched, ${SUBSTATE} AS substate
         FROM finding f WHERE tenant_id = $1 AND state = 'open'
       ) f
       WHERE recorded_at > $2 OR regressed_at > $2 OR substate = 'escalating'
       ORDER BY greatest(recorded_at, regressed_at) DESC, id LIMIT ${MAX_EVENTS}`,
      [tenant, new Date(now.getTime() - LOOKBACK_DAYS * 24 * 3_600_000)],
    );
    return rows.flatMap((row) => eventsOf(row, now));
  }

  make(tenant: string, ruleId: string, decision: (rule: StoredRule, told: Told) => readonly Made[]): Promise<string[]> {
    return this.dataSource.transaction(async (manager) => {
      const where = { tenantId: tenant, id: ruleId };
      const row = await manager
        .getRepository(NotificationRuleRow)
        .findOne({ where, lock: { mode: 'pessimistic_write' } });
      if (row === null || row.disabledReason !== null) return [];
      const told = await manager.getRepository(NotificationTold).findBy({ tenantId: tenant, ruleId });
      const known = new Map(
        told.map(({ findingId, event, at }) => [toldKey({ id: findingId, kind: event }), at.getTime()]),
      );
      const ids: string[] = [];
      for (const made of decision(storedRule(row), known)) ids.push(await write(manager, tenant, ruleId, made));
      return ids;
    });
  }

  /** Removes what is too old to matter, of all tenants. */
  async sweep(): Promise<void> {
    await this.dataSource.query(`DELETE FROM notification_told WHERE at < now() - interval '${TOLD_DAYS} days'`);
    await this.dataSource.query(
      `DELETE FROM delivery d USING notification n
       WHERE d.tenant_id = n.tenant_id AND d.notification_id = n.id AND n.created_at < now() - interval '${MESSAGE_DAYS} days'`,
    );
    await this.dataSource.query(`DELETE FROM notification WHERE created_at < now() - interval '${MESSAGE_DAYS} days'`);
  }

  private get rows() {
    return this.dataSource.getRepository(NotificationRuleRow);
  }
}

interface FindingLine extends Pick<FindingNotifyEvent, 'severity' | 'detector' | 'service' | 'environment' | 'key'> {
  readonly id: string;
  readonly occurrences: string;
  readonly recorded_at: Date;
  readonly regressed_at: Date | null;
  readonly untouched: boolean;
  readonly substate: string;
}

function eventsOf(row: FindingLine, now: Date): FindingNotifyEvent[] {
  const { id, severity, detector, service, environment, key, occurrences } = row;
  const event = (kind: FindingNotifyEvent['kind'], at: Date): FindingNotifyEvent => ({
    ...{ kind, id, at: at.getTime(), severity, detector, service, environment, team: '', key },
    occurrences: Number(occurrences),
  });
  return [
    ...(row.untouched && row.regressed_at === null ? [event('finding_new', row.recorded_at)] : []),
    ...(row.regressed_at !== null ? [event('finding_regressed', row.regressed_at)] : []),
    ...(row.substate === 'escalating' ? [event('finding_escalating', now)] : []),
  ];
}

async function write(
  manager: EntityManager,
  tenant: string,
  ruleId: string,
  { message, events }: Made,
): Promise<string> {
  const at = new Date(message.at);
  const key = { tenantId: tenant, id: message.id };
  await manager.getRepository(NotificationRow).insert({ ...key, ruleId, content: message, createdAt: at });
  await manager.query(
    `INSERT INTO notification_told (tenant_id, rule_id, finding_id, event, at)
     SELECT $1, $2, unnest($3::uuid[]), unnest($4::text[]), $5
     ON CONFLICT (tenant_id, rule_id, finding_id, event) DO UPDATE SET at = EXCLUDED.at`,
    [tenant, ruleId, events.map((event) => event.id), events.map(({ kind }) => kind), at],
  );
  const last = message.urgency === 'page' ? { lastPageAt: at } : { lastTicketAt: at };
  await manager.getRepository(NotificationRuleRow).update({ tenantId: tenant, id: ruleId }, last);
  const id = stableId(tenant, 'delivery', message.id);
  const delivery = { tenantId: tenant, id, subscriptionId: ruleId, reportId: null, notificationId: message.id };
  await manager.getRepository(DeliveryRow).insert(delivery);
  return id;
}

function storedRule(row: NotificationRuleRow): StoredRule {
  const { id, name, events, team, service, environment, minSeverity, pageFrom, groupMinutes, repeatHours } = row;
  return {
    ...{ id, name, events, team, service, environment, minSeverity, pageFrom, groupMinutes, repeatHours },
    quietUntil: row.quietUntil?.getTime() ?? null,
    createdAt: row.createdAt.getTime(),
    lastAt: {
      ...(row.lastPageAt !== null && { page: row.lastPageAt.getTime() }),
      ...(row.lastTicketAt !== null && { ticket: row.lastTicketAt.getTime() }),
    },
  };
}
