import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import type { Detector } from '../../engine/rules/detector-document.js';
import { suggest } from '../../flow/suggest.js';
import { Deliverer } from '../deliver/deliverer.js';
import type { RuleSet } from '../files/rule-files.js';
import { CustomerRules } from '../rules/customer-rules.js';
import { PostgresFindingHistory } from '../store/finding-history.js';
import { PostgresFindingStore } from '../store/finding-store.js';
import { PostgresPolicyStore } from '../store/policy-store.js';
import { PostgresSessionStore } from '../store/session-store.js';
import { PostgresSpanNameStore } from '../store/span-name-store.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { RULES } from '../tokens.js';
import type { JobData, JobHandlers } from './job.js';
import { JobQueue } from './job-queue.js';
import { ReportMaker } from './report-maker.js';
import { ReportSchedules } from './report-schedules.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How long a request that is sent again is recognised. */
const LEDGER_DAYS = 7;
/** How far back span names count for suggestions. */
const NAMES_DAYS = 7;

/** What the jobs do, and when those come that nobody asks for. */
@Injectable()
export class Jobs implements OnApplicationBootstrap {
  constructor(
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly queue: JobQueue,
    private readonly dataSource: DataSource,
    private readonly usage: PostgresUsageStore,
    private readonly findings: PostgresFindingStore,
    private readonly history: PostgresFindingHistory,
    private readonly policies: PostgresPolicyStore,
    private readonly sessions: PostgresSessionStore,
    private readonly customers: CustomerRules,
    private readonly spanNames: PostgresSpanNameStore,
    private readonly reportMaker: ReportMaker,
    private readonly reportSchedules: ReportSchedules,
    private readonly deliverer: Deliverer,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const handlers: JobHandlers = {
      suggest: (data) => this.suggest(data),
      report: ({ tenant, id }) => this.reportMaker.make(tenant, [id]),
      'periodic-reports': (data) => this.reportMaker.makePeriodic(data),
      deliver: ({ tenant, id }) => this.deliverer.deliver(tenant, id),
      outbox: () => this.reportMaker.queueDeliveries(),
      retention: () => this.retention(),
    };
    await this.queue.ready();
    await this.queue.schedule('suggest', { tenant: 'default' }, { every: 10 * MINUTE });
    await this.queue.schedule('retention', {}, { every: HOUR });
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
  }

  private detectors(tenant: string): readonly Detector[] {
    return [...this.rules.detectors, ...this.customers.of(tenant).detectors];
  }

  private async retention(): Promise<void> {
    await this.dataSource.query(`DELETE FROM ledger WHERE committed_at < now() - interval '${LEDGER_DAYS} days'`);
    await this.sessions.sweep();
    await this.history.expire();
  }
}
