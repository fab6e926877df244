import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PolicySetSettings } from '../../../engine/model/rollout.js';
import { now, text } from './columns.js';

@Entity({ name: 'policy_set' })
export class PolicySetRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn(text) name: string;
  @Column('jsonb') settings: Omit<PolicySetSettings, 'name'>;
  @Column({ type: 'integer', default: 1 }) version: number;
  @Column(text) author: string;
  @Column(now) updatedAt: Date;
}

/** Policies that were served together, under the name that collectors write on spans. */
@Entity({ name: 'policy_revision' })
export class PolicyRevisionRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn(text) revision: string;
  /** As `id@version`, sorted. */
  @Column({ type: 'text', array: true }) policies: string[];
  @Column(now) firstServed: Date;
}
