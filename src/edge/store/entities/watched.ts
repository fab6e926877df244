import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { WatchedKind } from '../../../flow/watch.js';
import { now, text, time } from './columns.js';

/** How something stands that rules of notifications ask for. */
@Entity({ name: 'watched' })
export class WatchedRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) kind: WatchedKind;
  @Column(text) subject: string;
  @Column({ type: 'text', default: '' }) indicator: string;
  @Column('boolean') isBad: boolean;
  @Column({ ...time, nullable: true }) since: Date | null;
  @Column({ ...time, nullable: true }) otherwiseSince: Date | null;
  @Column({ type: 'text', default: '' }) detail: string;
  @Column(now) lookedAt: Date;
}
