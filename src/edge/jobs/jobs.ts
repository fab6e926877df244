import { hash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import type { Detector } from '../../engine/rules/detector-document.js';
import { judgeAttributes } from '../../flow/cardinality.js';
import { makeReport } from '../../flow/report.js';
import { suggest } from '../../flow/suggest.js';
import type { RuleSet } from '../files/rule-files.js';
import { lastHours, requestsOfHour } from '../quality/prometheus.js';
import { CustomerRules } from '../rules/customer-rules.js';
import { TextGuard } from '../rules/text-guard.js';
import { AttributeDays } from '../store/attribute-days.js';
import { PostgresAttributeStore } from '../store/attribute-store.js';
import { PostgresFindingHistory } from '../store/finding-history.js';
import { PostgresFindingStore } from '../store/finding-store.js';
import { stableId } from '../store/ids.js';
import { PostgresPolicyStore } from '../store/policy-store.js';
import { PostgresQualityStore } from '../store/quality-store.js';
import { PostgresReportStore } from '../store/report-store.js';
import { PostgresRollupStore } from '../store/rollup-store.js';
import { PostgresSessionStore } from '../store/session-store.js';
import { PostgresSpanNameStore } from '../store/span-name-store.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { CONFIG, RULES } from '../tokens.js';
import type { JobData, JobHandlers } from './job.js';
import { JobQueue } from './job-queue.js';
import { lastWeek } from './weeks.js';

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

/** What the jobs do, and when those come that nobody asks for. */
@Injectable()
export class Jobs implements OnApplicationBootstrap {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly queue: JobQueue,
    private readonly dataSource: DataSource,
    private readonly usage: PostgresUsageStore,
    private readonly attributes: PostgresAttributeStore,
    private readonly attributeDays: AttributeDays,
    private readonly findings: PostgresFindingStore,
    private readonly history: PostgresFindingHistory,
    private readonly policies: PostgresPolicyStore,
    private readonly reports: PostgresReportStore,
    private readonly sessions: PostgresSessionStore,
    private readonly customers: CustomerRules,
    private readonly spanNames: PostgresSpanNameStore,
    private readonly quality: PostgresQualityStore,
    private readonly guard: TextGuard,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const handlers: JobHandlers = {
      suggest: (data) => this.suggest(data),
      report: (data) => this.report(data),
      'weekly-report': (data) => this.weeklyReport(data),
      cardinality: (data) => this.cardinality(data),
      'fold-days': (data) => this.foldDays(data),
      'request-totals': (data) => this.requestTotals(data),
      retention: () => this.retention(),
    };
    await this.queue.ready();
    await this.queue.schedule('suggest', { tenant: 'default' }, { every: 10 * MINUTE });
    await this.queue.schedule('cardinality', { tenant: 'default' }, { every: 10 * MINUTE });
    await this.queue.schedule('fold-days', { tenant: 'default' }, { every: HOUR });
    await this.queue.schedule('retention', {}, { every: HOUR });
    if (this.config.prometheusUrl !== null) {
      await this.queue.schedule('request-totals', { tenant: 'default' }, { every: 10 * MINUTE });
    }
    const weekly = { pattern: this.config.weeklyReport, tz: this.config.timeZone };
    await this.queue.schedule('weekly-report', { tenant: 'default' }, weekly);
    this.queue.work(handlers);
  }

  private async suggest({ tenant }: JobData['suggest']): Promise<void> {
    const conventions = new ConventionRegistry(this.rules.conventions);
    const now = new Date();
    const window = { from: new Date(now.getTime() - NAMES_DAYS * 24 * HOUR), to: now };
    const { findings, usage, policies, spanNames } = this;
    await suggest(tenant, findings, usage, policies, this.detectors(tenant), conventions, spanNames, window);
  }

  private async cardinality({ tenant }: JobData['cardinality']): Promise<void> {
    const { attributes, usage, findings } = this;
    const rollups = new PostgresRollupStore(this.dataSource);
    await judgeAttributes(tenant, new Date(), { attributes, usage, findings, rollups });
  }

  private async foldDays({ tenant }: JobData['fold-days']): Promise<void> {
    const today = Math.floor(Date.now() / DAY) * DAY;
    await this.attributeDays.fold(tenant, new Date(today - this.config.hourlyDays * DAY));
  }

  private detectors(tenant: string): readonly Detector[] {
    return [...this.rules.detectors, ...this.customers.of(tenant).detectors];
  }

  private async report({ tenant, id }: JobData['report']): Promise<void> {
    const begun = await this.reports.get(tenant, id);
    if (begun === null || begun.state === 'ready') return;
    const window = { from: begun.periodStart, to: begun.periodEnd };
    try {
      const content = await makeReport(tenant, begun.edition as 'weekly' | 'on-demand', window, {
        usage: this.usage,
        findings: this.findings,
        policies: this.policies,
        model: this.rules.prices.get(this.config.priceModel)!,
        detectors: this.detectors(tenant),
      });
      await this.reports.finish(tenant, id, content, hash('sha256', JSON.stringify(content), 'hex'));
    } catch (error) {
      await this.reports.fail(tenant, id, 'the report could not be made; it is tried again');
      throw error;
    }
  }

  private async weeklyReport({ tenant }: JobData['weekly-report']): Promise<void> {
    const window = lastWeek(new Date(), this.config.timeZone);
    const id = stableId(tenant, 'weekly', window.from.toISOString());
    await this.reports.begin(tenant, id, 'weekly', window);
    await this.report({ tenant, id });
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

  private async retention(): Promise<void> {
    await this.dataSource.query(`DELETE FROM ledger WHERE committed_at < now() - interval '${LEDGER_DAYS} days'`);
    await this.attributeDays.sweep();
    await this.dataSource.query(`DELETE FROM quality_hourly WHERE hour < now() - interval '${QUALITY_DAYS} days'`);
    await this.dataSource.query(`DELETE FROM request_total WHERE hour < now() - interval '${QUALITY_DAYS} days'`);
    await this.sessions.sweep();
    await this.history.expire();
  }
}
