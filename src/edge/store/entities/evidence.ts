import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Tap } from '../../../engine/model/evidence.js';
import { count, now, text, time } from './columns.js';

/** Spans of a service as they were received, by the minute, and by the hour after a day. */
@Entity()
@Index('span_evidence_start', ['start'])
export class SpanEvidence {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn(text) service: string;
  @PrimaryColumn(time) start: Date;
  @PrimaryColumn(text) collector: string;
  @PrimaryColumn(text) tap: Tap;
  @PrimaryColumn(text) revision: string;
  @Column(count) spans: number;
  @Column(time) firstAt: Date;
  @Column(time) lastAt: Date;
}

/** Matches of a finding as they were received; those of findings on names by the hour. */
@Entity()
@Index('match_evidence_start', ['start'])
@Index('match_evidence_finding', ['tenantId', 'findingId', 'start'])
export class MatchEvidence {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('uuid') findingId: string;
  @PrimaryColumn(time) start: Date;
  @PrimaryColumn(text) collector: string;
  @PrimaryColumn(text) tap: Tap;
  @PrimaryColumn(text) revision: string;
  @Column(count) matches: number;
  @Column(time) firstAt: Date;
  @Column(time) lastAt: Date;
}

/** A canary of a run: which policy it is to prove, never what is planted in it. */
@Entity({ name: 'canary' })
@Index('canary_created_at', ['tenantId', 'createdAt'])
export class CanaryRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('integer') item: number;
  @Column('uuid') policyId: string;
  @Column('integer') policyVersion: number;
  @Column(text) service: string;
  @Column(text) author: string;
  @Column(now) createdAt: Date;
  /** What has not come back by then is lost. */
  @Column(time) expiresAt: Date;
}

@Entity()
@Index('canary_sighting_run', ['tenantId', 'runId'])
export class CanarySighting {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('integer') item: number;
  @PrimaryColumn(text) collector: string;
  @PrimaryColumn(text) tap: Tap;
  @Column(text) revision: string;
  @Column('boolean') isLeaking: boolean;
  @Column(time) receivedAt: Date;
}
