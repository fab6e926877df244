import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Policy } from '../../../engine/model/policy.js';
import type { SimulatedCounts, SimulationState } from '../../../engine/model/simulation.js';
import { count, now, text, time } from './columns.js';

export const SIMULATION_ENDS = ['time', 'limit', 'stopped'] as const;
export type SimulationEnd = (typeof SIMULATION_ENDS)[number];

/** A simulation of a policy on live spans. */
@Entity({ name: 'simulation' })
@Index('simulation_of_policy', ['tenantId', 'policyId', 'startedAt'])
@Index('simulation_running', ['tenantId', 'policyId'], { unique: true, where: "state = 'running'" })
export class SimulationRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') policyId: string;
  @Column('integer') version: number;
  /** The policy as it was then: what is suggested can change within a version. */
  @Column('jsonb') body: Policy;
  @Column(text) contentHash: string;
  @Column({ type: 'text', default: 'running' }) state: SimulationState;
  /** Null while it goes on. */
  @Column({ ...text, nullable: true }) endedBy: SimulationEnd | null;
  @Column('integer') maxSpans: number;
  /** Traces of one in 2^n are looked at, so that the limit lasts for all of the time. */
  @Column({ type: 'integer', default: 0 }) halvings: number;
  @Column(now) startedAt: Date;
  /** When it ends at the latest, or ended. */
  @Column(time) endsAt: Date;
  @Column(text) author: string;
}

/** What one process looked at for a simulation, all of it anew each time it is written. */
@Entity({ name: 'simulation_part' })
export class SimulationPart {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') simulationId: string;
  /** Id of the process while it takes part. */
  @PrimaryColumn('uuid') part: string;
  /** Spans that it looked at, and that it may still look at. */
  @Column({ type: 'integer', default: 0 }) used: number;
  @Column({ type: 'integer', default: 0 }) held: number;
  /** Requests that came in, and those of them with spans of the policy that there was no time for. */
  @Column({ ...count, default: 0 }) requests: number;
  @Column({ ...count, default: 0 }) skipped: number;
  /** Null before there are any. */
  @Column({ type: 'jsonb', nullable: true }) counts: SimulatedCounts | null;
  @Column({ type: 'boolean', default: false }) isFinished: boolean;
  /** Written every second while the process is there. */
  @Column(now) seenAt: Date;
}
