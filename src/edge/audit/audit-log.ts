import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { type AuditEntry, type AuditEvent, chainHash, GENESIS } from './audit-entry.js';
import { checkedEntry, type TextFinder } from './checked-entry.js';

/** Any number that no other program on the database uses for its advisory locks of two numbers. */
const CHAIN_LOCK = 722_617_331;

interface Head {
  readonly seq: number;
  /** In hex. */
  readonly hash: string;
}

interface Waiting {
  readonly entry: AuditEntry;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Entries that share a transaction at most. */
const MAX_GROUP = 500;

/**
 * The audit log: a chain of events by tenant. Of all processes one adds to a chain at a time, so it has no gap and no fork;
 * the primary key would refuse one.
 */
export class AuditLog {
  private readonly log = new Logger('Audit');
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly heads = new Map<string, Head>();

  /**
   * @param keyOf the key of a tenant's chain
   * @param guard what it finds something in is masked
   */
  constructor(
    private readonly dataSource: DataSource,
    private readonly keyOf: (tenant: string) => Uint8Array,
    private readonly guard: TextFinder,
  ) {}

  /**
   * Adds an event within a transaction: both are committed, or neither. The chain is locked until the transaction ends, so
   * this is the last thing that a transaction does.
   *
   * @throws RangeError where the entry is larger than entries may be
   */
  append(manager: EntityManager, tenant: string, entry: AuditEntry): Promise<void> {
    return this.appendAll(manager, tenant, [entry]).then(() => {});
  }

  /** The same for several events, in their order. Gives the new head. */
  async appendAll(manager: EntityManager, tenant: string, entries: readonly AuditEntry[]): Promise<Head> {
    const checked = entries.map((entry) => this.checked(tenant, entry));
    await manager.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [CHAIN_LOCK, tenant]);
    let head = await headOf(manager, tenant);
    this.compare(tenant, head);
    const key = this.keyOf(tenant);
    const at = new Date().toISOString();
    const rows = checked.map((entry) => {
      const event: AuditEvent = { ...entry, tenant, seq: head.seq + 1, at, prevHash: head.hash };
      head = { seq: event.seq, hash: chainHash(key, event) };
      return { ...event, hash: head.hash };
    });
    await insert(manager, tenant, rows);
    return head;
  }

  /**
   * Adds an event by itself; resolves when it is durable. Those that come while others are being written share the next
   * transaction.
   */
  record(tenant: string, entry: AuditEntry): Promise<void> {
    return new Promise((done, failed) => {
      const one = { entry: this.checked(tenant, entry), done, failed };
      const queue = this.waiting.get(tenant);
      if (queue !== undefined) {
        queue.push(one);
        return;
      }
      this.waiting.set(tenant, [one]);
      this.drain(tenant).catch(failed);
    });
  }

  /** An entry as it would be kept. */
  checked(tenant: string, entry: AuditEntry): Required<AuditEntry> {
    return checkedEntry(tenant, entry, this.guard);
  }

  /** The last event of a chain; null where there is none. */
  async head(tenant: string): Promise<Head | null> {
    const head = await headOf(this.dataSource.manager, tenant);
    return head.seq === 0 ? null : head;
  }

  private async drain(tenant: string): Promise<void> {
    // One turn of the event loop lets entries that came together share the first transaction, too.
    await Promise.resolve();
    const queue = this.waiting.get(tenant)!;
    while (queue.length > 0) await this.commit(tenant, queue.splice(0, MAX_GROUP));
    this.waiting.delete(tenant);
  }

  /** Entries were checked before they wait, so what fails a group is the database, and would fail each of them. */
  private async commit(tenant: string, group: readonly Waiting[]): Promise<void> {
    const entries = group.map(({ entry }) => entry);
    try {
      const head = await this.dataSource.transaction((manager) => this.appendAll(manager, tenant, entries));
      this.heads.set(tenant, head);
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
  }

  /** What this process knows to be committed cannot be gone: the tail of the chain was cut off then. */
  private compare(tenant: string, { seq }: Head): void {
    const known = this.heads.get(tenant);
    if (known === undefined || seq >= known.seq) return;
    this.heads.delete(tenant);
    this.log.error(`events ${seq + 1} to ${known.seq} of the audit log of ${tenant} were removed`);
  }
}

async function headOf(manager: EntityManager, tenant: string): Promise<Head> {
  const [row]: { seq: string; hash: Buffer }[] = await manager.query(
    'SELECT seq, hash FROM audit_event WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1',
    [tenant],
  );
  return row === undefined ? { seq: 0, hash: GENESIS } : { seq: Number(row.seq), hash: row.hash.toString('hex') };
}

async function insert(
  manager: EntityManager,
  tenant: string,
  rows: readonly (AuditEvent & { readonly hash: string })[],
): Promise<void> {
  const column = (value: (row: (typeof rows)[number]) => unknown): unknown[] => rows.map(value);
  await manager.query(
    `INSERT INTO audit_event (tenant_id, seq, at, actor, action, object, outcome, details, prev_hash, hash)
     SELECT $1, seq, at, actor, action, object, outcome, details, decode(prev_hash, 'hex'), decode(hash, 'hex')
     FROM unnest($2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::text[], $10::text[])
       AS t (seq, at, actor, action, object, outcome, details, prev_hash, hash)`,
    [
      tenant,
      column(({ seq }) => seq),
      column(({ at }) => at),
      column(({ actor }) => actor),
      column(({ action }) => action),
      column(({ object }) => object),
      column(({ outcome }) => outcome),
      column(({ details }) => JSON.stringify(details)),
      column(({ prevHash }) => prevHash),
      column(({ hash }) => hash),
    ],
  );
}
