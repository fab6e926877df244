import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AssignedSource } from '../../../engine/cost/ownership.js';
import type { Split } from '../../../engine/cost/shared.js';
import type { Channel, DeliveryState } from '../../../engine/model/delivery.js';
import type { Severity } from '../../../engine/model/finding.js';
import type { FindingAction, FindingState, Resolution } from '../../../engine/model/finding-state.js';
import type { GrowthClass } from '../../../engine/model/growth.js';
import type { Notification, NotifyChannel, NotifyEventKind } from '../../../engine/model/notification.js';
import type { Policy, PolicyState } from '../../../engine/model/policy.js';
import type { StoredBody } from '../../../engine/model/quality.js';
import type { Audience, Edition, Report } from '../../../engine/model/report.js';
import type { Proof, Rollout } from '../../../engine/model/rollout.js';
import type { OverrideLevel } from '../../../engine/naming/levels.js';
import { AccessTokenRow } from './access.js';
import { AuditEventRow, AuditPendingRow } from './audit.js';
import { BudgetAlertRow, BudgetRow } from './budgets.js';
import { CollectorRow } from './collectors.js';
import { count, double, now, reals, text, time } from './columns.js';
import { CanaryRow, CanarySighting, MatchEvidence, SpanEvidence } from './evidence.js';
import { PolicyRevisionRow, PolicySetRow } from './policies.js';
import { RuleVersionRow } from './rule-version.js';
import { SamplingChangeRow, SamplingStateRow } from './sampling.js';
import { PolicyPromiseRow } from './savings.js';
import { SimulationPart, SimulationRow } from './simulations.js';
import { WatchedRow } from './watched.js';

/*
 * The tables, as TypeORM sees them. Migrations make them; a test holds the two together. Names are turned into snake
 * case by the naming strategy of the data source.
 */

@Entity()
export class Installation {
  @PrimaryColumn(text) name: string;
  @Column(text) value: string;
}

@Entity()
export class Tenant {
  @PrimaryColumn(text) id: string;
  @Column(text) name: string;
  @Column(now) createdAt: Date;
}

@Entity()
@Index('ledger_committed_at', { synchronize: false })
export class Ledger {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('date') batchDay: string;
  @PrimaryColumn('bytea') batchId: Buffer;
  @Column(now) committedAt: Date;
}

@Entity()
export class Service {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column(text) namespace: string;
  @Column(text) teamHint: string;
  @Column({ type: 'text', default: '' }) teamLabel: string;
  @Column({ type: 'text', default: '' }) kubernetesNamespace: string;
  @Column(now) firstSeen: Date;
  @Column(now) lastSeen: Date;
}

@Entity()
@Index('usage_hourly_hour', ['tenantId', 'hour'])
export class UsageHourly {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn(time) hour: Date;
  @PrimaryColumn('uuid') id: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column(count) spans: number;
  @Column(count) errorSpans: number;
  @Column(count) spanBytes: number;
  @Column(count) sharedBytes: number;
  @Column({ ...count, default: 0 }) weighedSpans: number;
  @Column({ ...count, default: 0 }) weighedBytes: number;
  @Column({ ...double, default: 0 }) estimatedSpans: number;
  @Column({ ...double, default: 0 }) estimatedBytes: number;
  /** Sums by trace of spans and then bytes, of those whose weight is known and of the others. */
  @Column(reals) knownSums: number[];
  @Column(reals) unknownSums: number[];
}

@Entity()
@Index('usage_daily_day', ['tenantId', 'day'])
export class UsageDaily {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('date') day: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column(count) spans: number;
  @Column(count) spanBytes: number;
  @Column(count) sharedBytes: number;
  @Column({ ...count, default: 0 }) weighedSpans: number;
  @Column({ ...count, default: 0 }) weighedBytes: number;
  @Column({ ...double, default: 0 }) estimatedSpans: number;
  @Column({ ...double, default: 0 }) estimatedBytes: number;
  @Column(reals) knownSums: number[];
  @Column(reals) unknownSums: number[];
}

/** Share of its spans that a service sends; service '' is every service without a ratio of its own. */
@Entity()
export class SamplingRatio {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn(text) service: string;
  @Column(double) probability: number;
  @Column(text) author: string;
  @Column(now) updatedAt: Date;
}

/** What was counted exactly elsewhere; service '' is all of them together. */
@Entity()
export class UsageCounter {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn(text) service: string;
  @PrimaryColumn(time) periodStart: Date;
  @PrimaryColumn(time) periodEnd: Date;
  @Column({ ...double, nullable: true }) spans: number | null;
  @Column({ ...double, nullable: true }) bytes: number | null;
  @Column(text) author: string;
  @Column(now) updatedAt: Date;
}

@Entity()
export class PriceOverride {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn(text) id: string;
  @Column('jsonb') document: unknown;
  @Column(text) author: string;
  @Column(now) updatedAt: Date;
}

@Entity()
@Index('attribute_hourly_hour', ['tenantId', 'hour'])
export class AttributeHourly {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn(time) hour: Date;
  @PrimaryColumn('uuid') id: string;
  @PrimaryColumn(text) part: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column(text) location: string;
  @Column(text) key: string;
  @Column(count) observations: number;
  @Column(count) bytes: number;
  @Column('integer') types: number;
  @Column({ type: 'text', array: true, default: () => "'{}'" }) shapes: string[];
  @Column('bytea') distinctValues: Buffer;
}

@Entity()
@Index('attribute_daily_day', ['tenantId', 'day'])
export class AttributeDaily {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn(time) day: Date;
  @PrimaryColumn('uuid') id: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column(text) location: string;
  @Column(text) key: string;
  @Column(count) observations: number;
  @Column(count) bytes: number;
  @Column('integer') types: number;
  @Column({ type: 'text', array: true, default: () => "'{}'" }) shapes: string[];
  @Column('bytea') distinctValues: Buffer;
}

@Entity()
export class AttributeGrowth {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column(text) location: string;
  @Column(text) key: string;
  @Column(text) class: GrowthClass;
  @Column(now) judgedAt: Date;
}

@Entity()
export class AttributeBudget {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column({ ...text, nullable: true }) team: string | null;
  @Column({ ...text, nullable: true }) service: string | null;
  @Column({ ...text, nullable: true }) key: string | null;
  @Column(count) maxDistinct: number;
  @Column(text) author: string;
  @Column(now) updatedAt: Date;
}

@Entity()
@Index('span_name_hourly_hour', ['tenantId', 'hour'])
export class SpanNameHourly {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn(time) hour: Date;
  @PrimaryColumn('uuid') id: string;
  @PrimaryColumn(text) part: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column(text) template: string;
  @Column('integer') spanKind: number;
  @Column(count) spans: number;
  @Column(count) errorSpans: number;
  @Column(count) bytes: number;
  @Column('bytea') distinctNames: Buffer;
  @Column({ type: 'text', array: true, default: [] }) shapes: string[];
}

@Entity({ name: 'finding' })
@Index('finding_last_seen', { synchronize: false })
@Index('finding_expires_at', { synchronize: false })
@Index('finding_id', ['tenantId', 'id'])
export class FindingRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) kind: string;
  @Column(text) detector: string;
  @Column(text) family: string;
  /** As it is shown: that of the detector, where the environment does not lower it. */
  @Column(text) severity: string;
  @Column(text) detectorSeverity: string;
  @Column(text) confidence: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column(text) location: string;
  @Column(text) key: string;
  @Column(text) component: string;
  @Column(text) mask: string;
  @Column(count) occurrences: number;
  @Column(time) firstSeen: Date;
  @Column(time) lastSeen: Date;
  @Column({ type: 'text', array: true }) fingerprints: string[];
  @Column(text) traceId: string;
  @Column(text) spanId: string;
  /** Where in code it came from, as `engine/model/code-place.ts` has it. */
  @Column({ type: 'text', array: true, default: [] }) code: string[];
  @Column({ type: 'text', default: 'open' }) state: FindingState;
  @Column(now) recordedAt: Date;
  /** Counts the events of the finding. */
  @Column({ type: 'integer', default: 1 }) version: number;
  /** When a person changed the state last. */
  @Column({ ...time, nullable: true }) triagedAt: Date | null;
  /** The last one; the finding may be open again. */
  @Column({ ...text, nullable: true }) resolution: Resolution | null;
  @Column({ ...time, nullable: true }) resolvedAt: Date | null;
  @Column({ ...time, nullable: true }) expiresAt: Date | null;
  /** A match in a span after this opens the finding again, as regressed. */
  @Column({ ...time, nullable: true }) reopenAfter: Date | null;
  /** When such a match came, until a person changes the state. */
  @Column({ ...time, nullable: true }) regressedAt: Date | null;
  /** Seen last, but in copies that were taken before policies; null where it was seen in those alone. */
  @Column({ ...time, nullable: true }) lastPastPolicies: Date | null;
}

@Entity()
export class FindingEvent {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('uuid') findingId: string;
  @PrimaryColumn('integer') version: number;
  @Column(now) at: Date;
  @Column(text) actor: string;
  @Column(text) action: FindingAction;
  @Column(text) state: FindingState;
  @Column({ ...text, nullable: true }) resolution: Resolution | null;
  @Column({ ...time, nullable: true }) expiresAt: Date | null;
  @Column({ type: 'text', default: '' }) comment: string;
}

@Entity()
export class FindingHourly {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('uuid') findingId: string;
  @PrimaryColumn(time) hour: Date;
  @Column(count) occurrences: number;
}

@Entity()
export class FindingDay {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn('uuid') findingId: string;
  @PrimaryColumn('date') day: string;
  @Column(count) occurrences: number;
}

@Entity()
export class ServiceOwner {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn(text) service: string;
  @PrimaryColumn(text) source: AssignedSource;
  /** A full hour, UTC. */
  @PrimaryColumn(time) validFrom: Date;
  /** '' where the source says nothing from then on. */
  @Column(text) team: string;
  @Column(text) author: string;
  @Column(now) updatedAt: Date;
}

@Entity()
export class CostSplit {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn(text) service: string;
  /** A full hour, UTC. */
  @PrimaryColumn(time) validFrom: Date;
  /** Null where the owner pays again from then on. */
  @Column({ type: 'jsonb', nullable: true }) split: Split | null;
  @Column(text) author: string;
  @Column(now) updatedAt: Date;
}

/** Who wrote what nobody wrote. */
export const SPANWARDEN = 'spanwarden';

@Entity({ name: 'policy' })
@Index('policy_created_at', { synchronize: false })
export class PolicyRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @PrimaryColumn('integer') version: number;
  @Column(text) policySet: string;
  @Column(text) state: PolicyState;
  @Column('jsonb') body: Policy;
  @Column(text) contentHash: string;
  @Column(now) createdAt: Date;
  @Column({ ...time, nullable: true }) decidedAt: Date | null;
  @Column({ ...text, nullable: true }) decidedBy: string | null;
  @Column({ type: 'text', default: SPANWARDEN }) author: string;
  /** From when it was approved on. */
  @Column({ type: 'jsonb', nullable: true }) rollout: Rollout | null;
  /** What the data said last. */
  @Column({ type: 'jsonb', nullable: true }) proof: Proof | null;
}

@Entity({ name: 'report' })
@Index('report_created_at', { synchronize: false })
export class ReportRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) edition: Edition;
  @Column(text) audience: Audience;
  /** '' for all. */
  @Column({ type: 'text', default: '' }) team: string;
  @Column({ type: 'text', default: 'UTC' }) timeZone: string;
  @Column(time) periodStart: Date;
  @Column(time) periodEnd: Date;
  @Column(text) state: 'pending' | 'ready' | 'failed';
  @Column({ type: 'jsonb', nullable: true }) content: Report | null;
  @Column({ ...text, nullable: true }) contentHash: string | null;
  @Column({ ...text, nullable: true }) error: string | null;
  @Column(now) createdAt: Date;
}

@Entity()
export class SignInLink {
  @PrimaryColumn(text) secretHash: string;
  @Column(time) expiresAt: Date;
  @Column({ ...time, nullable: true }) usedAt: Date | null;
  /** Whom it signs in; null for the administrator. */
  @Column({ type: 'uuid', nullable: true }) tokenId: string | null;
}

@Entity()
export class Session {
  @PrimaryColumn(text) secretHash: string;
  @Column(text) subject: string;
  /** The token that the session lives as long as; null for the administrator's. */
  @Column({ type: 'uuid', nullable: true }) tokenId: string | null;
  @Column(now) createdAt: Date;
  @Column(time) expiresAt: Date;
}

@Entity({ name: 'rule_set' })
export class RuleSetRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('integer') version: number;
  @Column(text) document: string;
  @Column(text) author: string;
  @Column(text) comment: string;
  @Column(now) createdAt: Date;
}

@Entity()
export class RuleSwitchedOff {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('integer') version: number;
  @PrimaryColumn(text) detector: string;
  @Column(text) reason: string;
  @Column(now) switchedOffAt: Date;
}

@Entity({ name: 'exclusion' })
@Index('exclusion_created_at', { synchronize: false })
export class ExclusionRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column({ ...text, nullable: true }) detector: string | null;
  @Column({ ...text, nullable: true }) service: string | null;
  @Column({ ...text, nullable: true }) key: string | null;
  @Column({ ...text, nullable: true }) fingerprint: string | null;
  /** Only with a naming rule as detector. */
  @Column({ ...text, nullable: true }) team: string | null;
  @Column(text) reason: string;
  @Column(text) author: string;
  @Column(now) createdAt: Date;
  @Column({ ...time, nullable: true }) expiresAt: Date | null;
  @Column({ ...time, nullable: true }) removedAt: Date | null;
}

@Entity({ name: 'naming_override' })
export class NamingOverrideRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) team: string;
  @Column(text) rule: string;
  @Column(text) level: OverrideLevel;
  @Column(text) reason: string;
  @Column(text) author: string;
  @Column(now) updatedAt: Date;
}

@Entity()
@Index('quality_hourly_hour', ['tenantId', 'subject', 'hour'])
export class QualityHourly {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn(time) hour: Date;
  @PrimaryColumn('uuid') id: string;
  @PrimaryColumn(text) part: string;
  @Column(time) processStarted: Date;
  @Column(text) subject: string;
  @Column(text) service: string;
  @Column(text) environment: string;
  @Column('jsonb') names: string[];
  @Column('jsonb') body: StoredBody;
  @Column(time) lastReceived: Date;
}

@Entity()
export class RequestTotal {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('bigint') distKey: string;
  @PrimaryColumn(text) service: string;
  @PrimaryColumn(text) environment: string;
  @PrimaryColumn(time) hour: Date;
  @Column(count) requests: number;
  @Column(text) source: string;
}

@Entity({ name: 'subscription' })
@Index('subscription_created_at', { synchronize: false })
export class SubscriptionRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) name: string;
  @Column(text) channel: Channel;
  @Column(text) audience: Audience;
  /** '' for all. */
  @Column({ type: 'text', default: '' }) team: string;
  @Column({ type: 'text', array: true }) editions: Edition[];
  @Column(text) timeZone: string;
  /** Where to and with which secret, sealed. */
  @Column('bytea') target: Buffer;
  @Column({ ...text, nullable: true }) disabledReason: string | null;
  @Column(text) author: string;
  @Column(now) createdAt: Date;
  @Column(now) updatedAt: Date;
}

@Entity({ name: 'delivery' })
@Index('delivery_once', ['tenantId', 'reportId', 'subscriptionId'], { unique: true })
@Index('delivery_of_subscription', { synchronize: false })
@Index('delivery_pending', { synchronize: false })
export class DeliveryRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') subscriptionId: string;
  /** Null where a person asked for a test. */
  @Column({ type: 'uuid', nullable: true }) reportId: string | null;
  @Column({ type: 'text', default: 'pending' }) state: DeliveryState;
  @Column({ type: 'integer', default: 0 }) attempts: number;
  /** Of a notification; the subscription is its rule then. */
  @Column({ type: 'uuid', nullable: true }) notificationId: string | null;
  /** Messages that were taken; a report can be several for Slack. */
  @Column({ type: 'integer', default: 0 }) partsSent: number;
  @Column({ ...text, nullable: true }) error: string | null;
  @Column(now) createdAt: Date;
  @Column({ ...time, nullable: true }) attemptedAt: Date | null;
  @Column({ ...time, nullable: true }) sentAt: Date | null;
}

@Entity({ name: 'notification_rule' })
@Index('notification_rule_created_at', { synchronize: false })
export class NotificationRuleRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) name: string;
  @Column(text) channel: NotifyChannel;
  @Column({ type: 'text', array: true }) events: NotifyEventKind[];
  /** '' for all, as for service and environment. */
  @Column({ type: 'text', default: '' }) team: string;
  @Column({ type: 'text', default: '' }) service: string;
  @Column({ type: 'text', default: '' }) environment: string;
  @Column(text) minSeverity: Severity;
  @Column({ ...text, nullable: true }) pageFrom: Severity | null;
  @Column('integer') groupMinutes: number;
  @Column('integer') repeatHours: number;
  @Column({ ...time, nullable: true }) quietUntil: Date | null;
  /** Where to and with which secret, sealed. */
  @Column('bytea') target: Buffer;
  @Column({ ...text, nullable: true }) disabledReason: string | null;
  @Column({ ...time, nullable: true }) lastPageAt: Date | null;
  @Column({ ...time, nullable: true }) lastTicketAt: Date | null;
  @Column(text) author: string;
  @Column(now) createdAt: Date;
}

@Entity({ name: 'notification' })
export class NotificationRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') ruleId: string;
  @Column('jsonb') content: Notification;
  @Column(now) createdAt: Date;
}

@Entity({ name: 'notification_told' })
export class NotificationTold {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') ruleId: string;
  @PrimaryColumn('uuid') findingId: string;
  @PrimaryColumn(text) event: NotifyEventKind;
  @Column(time) at: Date;
}

export const ENTITIES = [
  Installation,
  Tenant,
  Ledger,
  Service,
  UsageHourly,
  UsageDaily,
  SamplingRatio,
  UsageCounter,
  PriceOverride,
  AttributeHourly,
  AttributeDaily,
  AttributeGrowth,
  AttributeBudget,
  SpanNameHourly,
  FindingRow,
  FindingEvent,
  FindingHourly,
  FindingDay,
  ServiceOwner,
  CostSplit,
  BudgetRow,
  BudgetAlertRow,
  CollectorRow,
  AuditEventRow,
  AuditPendingRow,
  AccessTokenRow,
  PolicyRow,
  PolicySetRow,
  PolicyRevisionRow,
  SimulationRow,
  SimulationPart,
  SamplingStateRow,
  SamplingChangeRow,
  PolicyPromiseRow,
  WatchedRow,
  RuleVersionRow,
  ReportRow,
  SignInLink,
  Session,
  RuleSetRow,
  RuleSwitchedOff,
  ExclusionRow,
  NamingOverrideRow,
  QualityHourly,
  RequestTotal,
  SubscriptionRow,
  DeliveryRow,
  NotificationRuleRow,
  NotificationRow,
  NotificationTold,
  SpanEvidence,
  MatchEvidence,
  CanaryRow,
  CanarySighting,
];
