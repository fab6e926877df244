import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type {
  CollectorHealth,
  CollectorKind,
  ConfigReport,
  ConfigStatus,
  SlotDrift,
} from '../../../engine/model/collector.js';
import { count, now, text, time } from './columns.js';

/** A collector that asked for policies, by OpAMP, through an agent beside it, or itself. */
@Entity({ name: 'collector' })
@Index('collector_last_seen', { synchronize: false })
export class CollectorRow {
  @PrimaryColumn(text) tenantId: string;
  /** Instance id of OpAMP in lower-case hexadecimal with dashes, or the name that an agent gave. */
  @PrimaryColumn(text) id: string;
  @Column(text) kind: CollectorKind;
  /** How it speaks OpAMP: '', websocket or http. */
  @Column({ type: 'text', default: '' }) transport: string;
  /** Bits of OpAMP's AgentCapabilities. */
  @Column({ ...count, default: 0 }) capabilities: number;
  /** What policies and stages select by. */
  @Column({ type: 'jsonb', default: {} }) labels: Readonly<Record<string, string>>;
  /** Which policies it is to have; '' before it asked. */
  @Column({ type: 'text', default: '' }) policySet: string;
  @Column({ type: 'text', default: '' }) version: string;
  /** SHA-256, in hex, of the configuration that it is to have; '' for none. */
  @Column({ type: 'text', default: '' }) wantedHash: string;
  /** Of the one that it spoke of last. */
  @Column({ type: 'text', default: '' }) reportedHash: string;
  @Column({ type: 'text', default: 'unset' }) configStatus: ConfigStatus;
  @Column({ type: 'text', default: '' }) configError: string;
  @Column({ ...time, nullable: true }) configStatusAt: Date | null;
  @Column(now) firstSeen: Date;
  @Column(now) lastSeen: Date;
  /** Null while it is there, or while nobody knows. */
  @Column({ ...time, nullable: true }) offlineSince: Date | null;
  @Column({ type: 'jsonb', nullable: true }) health: CollectorHealth | null;
  /** Slots that differ from what they are to hold; null while nobody knows. */
  @Column({ type: 'jsonb', nullable: true }) drift: readonly SlotDrift[] | null;
  @Column({ type: 'jsonb', nullable: true }) components: readonly string[] | null;
  /** Configurations that it could not take. */
  @Column({ type: 'jsonb', default: [] }) failedHashes: readonly string[];
  @Column({ type: 'jsonb', default: [] }) history: readonly ConfigReport[];
  /** How often it says something. */
  @Column({ type: 'integer', default: 30 }) intervalSeconds: number;
}
