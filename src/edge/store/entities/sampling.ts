import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AdaptMemory } from '../../../engine/policy/adapt-memory.js';
import type { SamplingRates } from '../../../engine/policy/sampling-budget.js';
import type { AdaptOutcome, RateChange, TrafficSnapshot } from '../../../flow/adapt-sampling.js';
import { text, time } from './columns.js';

/** An approved sampling policy whose probabilities follow the traffic. */
@Entity({ name: 'sampling_state' })
export class SamplingStateRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') policyId: string;
  @Column('integer') version: number;
  /** In the place of those of the version; null while these are in force. */
  @Column({ type: 'jsonb', nullable: true }) rates: SamplingRates | null;
  @Column({ ...time, nullable: true }) ratesAt: Date | null;
  @Column('jsonb') memory: AdaptMemory;
  @Column('jsonb') snapshot: TrafficSnapshot;
  @Column(text) outcome: AdaptOutcome;
  @Column({ type: 'text', default: '' }) reason: string;
  @Column(time) checkedAt: Date;
}

/** Probabilities that changed at once. */
@Entity({ name: 'sampling_change' })
export class SamplingChangeRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') policyId: string;
  @PrimaryColumn(time) changedAt: Date;
  @Column('integer') version: number;
  @Column('jsonb') changes: readonly RateChange[];
  @Column(text) reason: string;
}
