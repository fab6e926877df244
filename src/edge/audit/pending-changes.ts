import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { AuditPendingRow } from '../store/entities/audit.js';
import type { AuditEntry } from './audit-entry.js';
import type { AuditLog } from './audit-log.js';

/** A change of which nothing was heard for so long will not be told of any more. */
const FORGOTTEN_MINUTES = 5;
const MAX_SETTLED = 500;

/**
 * Changes that are under way. Each is noted before it begins and becomes an event with its outcome, so that none is missing
 * from the log where a process ended in between.
 */
export class PendingChanges {
  constructor(
    private readonly dataSource: DataSource,
    private readonly log: AuditLog,
  ) {}

  /** Notes a change before it begins; gives the id of the note. */
  async begin(tenant: string, entry: AuditEntry): Promise<string> {
    const id = randomUUID();
    await this.dataSource
      .getRepository(AuditPendingRow)
      .insert({ tenantId: tenant, id, entry: this.log.checked(tenant, entry) });
    return id;
  }

  /** Turns the note into an event; resolves when that is durable. */
  async end(tenant: string, id: string, entry: AuditEntry): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.getRepository(AuditPendingRow).delete({ tenantId: tenant, id });
      await this.log.append(manager, tenant, entry);
    });
  }

  /** Turns notes that nobody will end into events whose outcome is unknown. Gives their number. */
  async settle(tenant: string): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const [rows]: [{ at: Date; entry: AuditEntry }[], number] = await manager.query(
        `DELETE FROM audit_pending WHERE tenant_id = $1 AND id IN (
           SELECT id FROM audit_pending WHERE tenant_id = $1 AND at < now() - interval '${FORGOTTEN_MINUTES} minutes'
           ORDER BY at LIMIT ${MAX_SETTLED} FOR UPDATE SKIP LOCKED)
         RETURNING at, entry`,
        [tenant],
      );
      if (rows.length === 0) return 0;
      const sorted = rows.sort((a, b) => a.at.getTime() - b.at.getTime());
      const begun = ({ at, entry }: (typeof rows)[number]): AuditEntry => ({
        ...entry,
        outcome: 'unknown',
        details: { ...entry.details, begun_at: at.toISOString() },
      });
      await this.log.appendAll(manager, tenant, sorted.map(begun));
      return rows.length;
    });
  }
}
