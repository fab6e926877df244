import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config.js';
import { AUDIENCES, type Audience } from '../../engine/model/report.js';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import { POLICY_TARGETS } from '../../engine/policy/targets/index.js';
import { gatherFacts, makeReport, type ReportSources } from '../../flow/report.js';
import type { RuleSet } from '../files/rule-files.js';
import { linkOf } from '../links.js';
import { contentHashOf } from '../report/render.js';
import { CustomerRules } from '../rules/customer-rules.js';
import { toYaml } from '../serve/policy-sets.js';
import type { ReportRow } from '../store/entities/index.js';
import { stableId } from '../store/ids.js';
import { PostgresNamingStore } from '../store/naming-store.js';
import { PostgresPolicyStore } from '../store/policy-store.js';
import { priceModels } from '../store/price-models.js';
import { PostgresReportFactStore } from '../store/report-fact-store.js';
import { PostgresReportStore } from '../store/report-store.js';
import { PostgresSavingStore } from '../store/saving-store.js';
import { PostgresSimulationStore } from '../store/simulation-store.js';
import { PostgresSubscriptionStore } from '../store/subscription-store.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { CONFIG, PROCESS, type ProcessInfo, RULES } from '../tokens.js';
import type { JobData } from './job.js';
import { JobQueue } from './job-queue.js';
import { lastPeriod, timesOf } from './periods.js';
import { ReportSchedules } from './report-schedules.js';

/** Makes reports, and puts those that come by themselves into the outbox. */
@Injectable()
export class ReportMaker {
  private readonly registry: ConventionRegistry;
  private readonly rulesHash: string;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    @Inject(PROCESS) private readonly process: ProcessInfo,
    private readonly queue: JobQueue,
    private readonly customers: CustomerRules,
    private readonly usage: PostgresUsageStore,
    private readonly naming: PostgresNamingStore,
    private readonly policies: PostgresPolicyStore,
    private readonly facts: PostgresReportFactStore,
    private readonly reports: PostgresReportStore,
    private readonly subscriptions: PostgresSubscriptionStore,
    private readonly schedules: ReportSchedules,
    private readonly savings: PostgresSavingStore,
    private readonly simulations: PostgresSimulationStore,
  ) {
    this.registry = new ConventionRegistry(rules.conventions);
    const shipped = rules.detectors.map(({ id, pattern, severity }) => [id, pattern, severity]);
    this.rulesHash = hash('sha256', JSON.stringify(shipped), 'hex').slice(0, 8);
  }

  /** Fills reports of one window that were begun; what they have in common is read once. */
  async make(tenant: string, ids: readonly string[]): Promise<void> {
    const begun = await Promise.all(ids.map((id) => this.reports.get(tenant, id)));
    const rows = begun.filter((row) => row !== null && row.state !== 'ready') as ReportRow[];
    const [first] = rows;
    if (first === undefined) return;
    try {
      const window = { from: first.periodStart, to: first.periodEnd };
      const sources = await this.sources(tenant);
      const facts = await gatherFacts(tenant, timesOf(first.edition, window, first.timeZone), sources);
      for (const { id, edition, audience, team } of rows) {
        const choice = {
          edition,
          audience,
          team: team === '' ? null : team,
          link: this.link(`/api/v1/reports/${id}.html`),
        };
        const content = await makeReport(tenant, choice, facts, sources);
        await this.reports.finish(tenant, id, content, contentHashOf(content));
      }
    } catch (error) {
      for (const { id } of rows) await this.reports.fail(tenant, id, 'the report could not be made; it is tried again');
      throw error;
    }
  }

  /**
   * The reports of the period that ended last: for every reader in our own time zone, and those that subscriptions of the
   * time zone want. Run again it makes nothing twice, and delivers nothing twice.
   */
  async makePeriodic(data: JobData['periodic-reports']): Promise<void> {
    const { tenant, edition, timeZone } = data;
    const wanting = await this.subscriptions.wanting(tenant, edition, timeZone);
    const isOurs = timeZone === this.config.timeZone;
    if (!isOurs && !(await this.subscriptions.timeZones(tenant)).includes(timeZone)) return this.schedules.remove(data);
    const window = lastPeriod(edition, new Date(), timeZone);
    const idOf = (audience: Audience, team: string): string => {
      return stableId(tenant, edition, audience, team, timeZone, window.from.toISOString(), window.to.toISOString());
    };
    const wanted = new Map(
      [...(isOurs ? AUDIENCES.map((audience) => ({ audience, team: '' })) : []), ...wanting].map(
        ({ audience, team }) => {
          return [idOf(audience, team), { edition, audience, team, timeZone, window }] as const;
        },
      ),
    );
    for (const [id, report] of wanted) await this.reports.begin(tenant, id, report);
    await this.make(tenant, [...wanted.keys()]);
    for (const { id, audience, team } of wanting) {
      const delivery = await this.subscriptions.enqueue(tenant, id, idOf(audience, team));
      await this.queueDelivery(tenant, delivery);
    }
  }

  async queueDelivery(tenant: string, id: string): Promise<void> {
    await this.queue.add('deliver', { tenant, id }, `deliver ${id}`);
  }

  /** What waits in the outbox goes into the queue, if it is not there. */
  async queueDeliveries(): Promise<void> {
    for (const { tenantId, id } of await this.subscriptions.pending()) await this.queueDelivery(tenantId, id);
  }

  /** The address of a path of ours. */
  link(path: string): string {
    return linkOf(this.config, path);
  }

  private async sources(tenant: string): Promise<ReportSources> {
    const prices = await priceModels(tenant, this.rules.prices, this.usage);
    const { detectors, version } = this.customers.of(tenant);
    const conventions = this.rules.conventions.map((registry) => `${registry.name} ${registry.version}`).join(', ');
    const own = version === 0 ? '' : `, own rules ${version}`;
    return {
      ...{
        usage: this.usage,
        naming: this.naming,
        policies: this.policies,
        facts: this.facts,
        savings: this.savings,
        simulations: this.simulations,
        registry: this.registry,
      },
      models: [prices.get(this.config.priceModel)!],
      detectors: [...this.rules.detectors, ...detectors],
      render: (policy, id) => {
        const { document, unsupported } = POLICY_TARGETS['otel-collector']([
          { id, version: 1, state: 'suggested', policy },
        ]);
        return unsupported.length > 0 ? `# ${unsupported[0]!.reason}\n` : toYaml(document);
      },
      link: (path) => this.link(path),
      generator: `spanwarden ${this.process.version}`,
      rules: `${this.rules.detectors.length} detectors (${this.rulesHash})${own}, conventions of ${conventions}`,
    };
  }
}
