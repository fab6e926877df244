import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import type { Detector } from '../../engine/rules/detector-document.js';
import { watchBudgets } from '../../flow/budgets.js';
import { judgeAttributes } from '../../flow/cardinality.js';
import { notify } from '../../flow/notify.js';
import { suggest } from '../../flow/suggest.js';
import { AuditVerifier } from '../audit/audit-verifier.js';
import { PendingChanges } from '../audit/pending-changes.js';
import { Deliverer } from '../deliver/deliverer.js';
import type { RuleSet } from '../files/rule-files.js';
import { monthAt } from '../months.js';
import { lastHours, requestsOfHour } from '../quality/prometheus.js';
import { CustomerRules } from '../rules/customer-rules.js';
import { TextGuard } from '../rules/text-guard.js';
import { AttributeDays } from '../store/attribute-days.js';
import { PostgresAttributeStore } from '../store/attribute-store.js';
import { PostgresBudgetStore } from '../store/budget-store.js';
import { PostgresEvidenceStore } from '../store/evidence-store.js';
import { PostgresFindingHistory } from '../store/finding-history.js';
import { PostgresFindingStore } from '../store/finding-store.js';
import { PostgresNotificationStore } from '../store/notification-store.js';
import { PostgresPolicyStore } from '../store/policy-store.js';
import { priceModels, usableModels } from '../store/price-models.js';
import { PostgresQualityStore } from '../store/quality-store.js';
import { PostgresRollupStore } from '../store/rollup-store.js';
import { PostgresSessionStore } from '../store/session-store.js';
import { PostgresSpanNameStore } from '../store/span-name-store.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { CONFIG, RULES } from '../tokens.js';
import type { JobData, JobHandlers } from './job.js';
import { JobQueue } from './job-queue.js';
import { ReportMaker } from './report-maker.js';
import { ReportSchedules } from './report-schedules.js';
import { RolloutJob } from './rollout-job.js';
import { SamplingJobs } from './sampling-jobs.js';
import { WatchJobs } from './watch-jobs.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** How long a request that is sent again is recognised. */
const LEDGER_DAYS = 7;
/** How far back span names count for suggestions. */
const NAMES_DAYS = 7;
/** The longest window of quality and scores is 30 days. */
const QUALITY_DAYS = 35;
const HOURS_ASKED = 3;
const NOTIFY_EVERY = 30_000;
const ROLLOUTS_EVERY = 10_000;

/** What the jobs do, and when those come that nobody asks for. */
@Injectable()
export class Jobs implements OnApplicationBootstrap {
  constructor(
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly queue: JobQueue,
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    private readonly usage: PostgresUsageStore,
    private readonly attributes: PostgresAttributeStore,
    private readonly attributeDays: AttributeDays,
    private readonly findings: PostgresFindingStore,
    private readonly history: PostgresFindingHistory,
    private readonly policies: PostgresPolicyStore,
    private readonly sessions: PostgresSessionStore,
    private readonly customers: CustomerRules,
    private readonly spanNames: PostgresSpanNameStore,
    private readonly quality: PostgresQualityStore,
    private readonly guard: TextGuard,
    private readonly reportMaker: ReportMaker,
    private readonly reportSchedules: ReportSchedules,
    private readonly deliverer: Deliverer,
    private readonly notifications: PostgresNotificationStore,
    private readonly budgets: PostgresBudgetStore,
    private readonly rollouts: RolloutJob,
    private readonly evidence: PostgresEvidenceStore,
    private readonly pendingChanges: PendingChanges,
    private readonly auditVerifier: AuditVerifier,
    private readonly sampling: SamplingJobs,
    private readonly watches: WatchJobs,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const handlers: JobHandlers = {
      suggest: (data) => this.suggest(data),
      'adapt-sampling': ({ tenant }) => this.sampling.adapt(tenant),
      report: ({ tenant, id }) => this.reportMaker.make(tenant, [id]),
      'periodic-reports': (data) => this.reportMaker.makePeriodic(data),
      budgets: (data) => this.watchBudgets(data),
      'usage-counters': (data) => this.watches.usageCounters(data),
      watch: (data) => this.watches.watch(data),
      promises: (data) => this.watches.keepPromises(data),
      notify: (data) => this.notify(data),
      deliver: ({ tenant, id }) => this.deliverer.deliver(tenant, id),
      outbox: () => this.reportMaker.queueDeliveries(),
      cardinality: (data) => this.cardinality(data),
      'fold-days': (data) => this.foldDays(data),
      'request-totals': (data) => this.requestTotals(data),
      rollouts: ({ tenant }) => this.rollouts.run(tenant),
      'audit-checkpoint': ({ tenant }) => this.auditCheckpoint(tenant),
      'audit-verify': ({ tenant }) => this.auditVerifier.verify(tenant).then(() => {}),
      retention: () => this.retention(),
    };
    await this.queue.ready();
    await this.queue.schedule('suggest', { tenant: 'default' }, { every: 10 * MINUTE });
    await this.queue.schedule('adapt-sampling', { tenant: 'default' }, { every: MINUTE });
    await this.queue.schedule('cardinality', { tenant: 'default' }, { every: 10 * MINUTE });
    await this.queue.schedule('fold-days', { tenant: 'default' }, { every: HOUR });
    await this.queue.schedule('audit-checkpoint', { tenant: 'default' }, { every: HOUR });
    await this.queue.schedule('audit-verify', { tenant: 'default' }, { every: DAY });
    await this.queue.schedule('retention', {}, { every: HOUR });
    if (this.config.prometheusUrl !== null) {
      await this.queue.schedule('request-totals', { tenant: 'default' }, { every: 10 * MINUTE });
    }
    await this.queue.schedule('rollouts', { tenant: 'default' }, { every: ROLLOUTS_EVERY });
    if (this.config.prometheusUrl !== null && this.config.spansQuery !== null) {
      await this.queue.schedule('usage-counters', { tenant: 'default' }, { every: 10 * MINUTE });
    }
    await this.queue.schedule('notify', { tenant: 'default' }, { every: NOTIFY_EVERY });
    await this.queue.schedule('watch', { tenant: 'default' }, { every: 10 * MINUTE });
    await this.queue.schedule('promises', { tenant: 'default' }, { every: 10 * MINUTE });
    await this.queue.schedule('budgets', { tenant: 'default' }, { every: 10 * MINUTE });
    await this.queue.schedule('outbox', {}, { every: 10 * MINUTE });
    await this.reportSchedules.start('default');
    this.queue.work(handlers);
  }

  private async suggest({ tenant }: JobData['suggest']): Promise<void> {
    const conventions = new ConventionRegistry(this.rules.conventions);
    const now = new Date();
    const window = { from: new Date(now.getTime() - NAMES_DAYS * 24 * HOUR), to: now };
    const { findings, usage, policies, spanNames } = this;
    await suggest(tenant, findings, usage, policies, this.detectors(tenant), conventions, spanNames, window);
    await this.sampling.suggest(tenant, now);
  }

  private async cardinality({ tenant }: JobData['cardinality']): Promise<void> {
    const { attributes, usage, findings } = this;
    const rollups = new PostgresRollupStore(this.dataSource);
    await judgeAttributes(tenant, new Date(), { attributes, usage, findings, rollups });
  }

  private async watchBudgets({ tenant }: JobData['budgets']): Promise<void> {
    const models = usableModels(await priceModels(tenant, this.rules.prices, this.usage));
    const month = monthAt(new Date(), this.config.timeZone);
    await watchBudgets(tenant, month, this.budgets, this.usage, models);
    await this.queue.add('notify', { tenant }, `notify ${tenant}`);
  }

  private async notify({ tenant }: JobData['notify']): Promise<void> {
    const link = (path: string): string => this.reportMaker.link(path);
    const now = new Date();
    const states = await this.watches.events(tenant, now);
    const ids = await notify(tenant, now, this.notifications, this.usage, states, link, () => randomUUID());
    for (const id of ids) await this.reportMaker.queueDelivery(tenant, id);
  }

  private async foldDays({ tenant }: JobData['fold-days']): Promise<void> {
    const today = Math.floor(Date.now() / DAY) * DAY;
    await this.attributeDays.fold(tenant, new Date(today - this.config.hourlyDays * DAY));
  }

  private detectors(tenant: string): readonly Detector[] {
    return [...this.rules.detectors, ...this.customers.of(tenant).detectors];
  }

  /** Asks for some hours again, so that none is missing after a pause. Names that a detector finds are left out. */
  private async requestTotals({ tenant }: JobData['request-totals']): Promise<void> {
    const { prometheusUrl, requestsQuery } = this.config;
    if (prometheusUrl === null) return;
    for (const end of lastHours(new Date(), HOURS_ASKED)) {
      const totals = await requestsOfHour(prometheusUrl, requestsQuery, end);
      const kept = totals.filter(
        ({ service, environment }) => !this.guard.findsIn(tenant, `${service} ${environment}`),
      );
      await this.quality.putRequestTotals(tenant, kept, 'prometheus');
    }
  }

  private async auditCheckpoint(tenant: string): Promise<void> {
    while ((await this.pendingChanges.settle(tenant)) > 0);
    await this.auditVerifier.emit(tenant);
  }

  private async retention(): Promise<void> {
    await this.dataSource.query(`DELETE FROM ledger WHERE committed_at < now() - interval '${LEDGER_DAYS} days'`);
    await this.attributeDays.sweep();
    await this.dataSource.query(`DELETE FROM quality_hourly WHERE hour < now() - interval '${QUALITY_DAYS} days'`);
    await this.dataSource.query(`DELETE FROM request_total WHERE hour < now() - interval '${QUALITY_DAYS} days'`);
    await this.sessions.sweep();
    await this.history.expire();
    await this.notifications.sweep();
    await this.budgets.sweep();
    await this.evidence.sweep();
  }
}
