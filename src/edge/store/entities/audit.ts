import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AuditDetails, AuditEntry, AuditOutcome } from '../../audit/audit-entry.js';
import { count, now, text, time } from './columns.js';

/** An event of the audit log, as it is hashed. */
@Entity({ name: 'audit_event' })
@Index('audit_event_actor', { synchronize: false })
@Index('audit_event_action', { synchronize: false })
@Index('audit_event_object', { synchronize: false })
@Index('audit_event_at', { synchronize: false })
export class AuditEventRow {
  @PrimaryColumn(text) tenantId: string;
  /** From 1, without gaps. */
  @PrimaryColumn(count) seq: number;
  @Column(time) at: Date;
  @Column(text) actor: string;
  @Column(text) action: string;
  @Column(text) object: string;
  @Column(text) outcome: AuditOutcome;
  @Column('jsonb') details: AuditDetails;
  @Column('bytea') prevHash: Buffer;
  @Column('bytea') hash: Buffer;
}

/** A change whose outcome is not known yet. */
@Entity({ name: 'audit_pending' })
export class AuditPendingRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column(now) at: Date;
  @Column('jsonb') entry: AuditEntry;
}
