import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SavingPromise } from '../../../engine/cost/promise.js';
import { now, text } from './columns.js';

/** What a version of a policy was to save when it was approved. */
@Entity({ name: 'policy_promise' })
export class PolicyPromiseRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') policyId: string;
  @PrimaryColumn('integer') version: number;
  @Column('jsonb') promise: SavingPromise;
  @Column(now) createdAt: Date;
}
