import { hash } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Config } from '../../config.js';
import { CARDINALITY_RULES } from '../../engine/cardinality/rules.js';
import type { StateNotifyEvent } from '../../engine/model/notification.js';
import { NAMING_RULES } from '../../engine/naming/rules.js';
import type { Detector } from '../../engine/rules/detector-document.js';
import { budgetEvents } from '../../flow/budget-events.js';
import { keepPromises } from '../../flow/savings.js';
import { watch, watchEvents } from '../../flow/watch.js';
import type { RuleSet } from '../files/rule-files.js';
import { lastHours, spansOfHour } from '../quality/prometheus.js';
import { CustomerRules } from '../rules/customer-rules.js';
import { TextGuard } from '../rules/text-guard.js';
import { PostgresBudgetStore } from '../store/budget-store.js';
import { PostgresNotificationStore } from '../store/notification-store.js';
import { priceModels } from '../store/price-models.js';
import { PostgresQualityStore } from '../store/quality-store.js';
import { PostgresRuleVersionStore } from '../store/rule-version-store.js';
import { PostgresSavingStore } from '../store/saving-store.js';
import { PostgresSimulationStore } from '../store/simulation-store.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { PostgresWatchStore } from '../store/watch-store.js';
import { CONFIG, RULES } from '../tokens.js';
import type { JobData } from './job.js';
import { JobQueue } from './job-queue.js';

const DAY_MS = 24 * 3_600_000;
const HOURS_ASKED = 3;
const LOOKBACK_MS = 7 * 24 * 3_600_000;

/** What is looked at by the clock: trace quality, who has gone silent, what approved policies promise. */
@Injectable()
export class WatchJobs implements OnApplicationBootstrap {
  private readonly log = new Logger('Rules');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly queue: JobQueue,
    private readonly notifications: PostgresNotificationStore,
    private readonly watched: PostgresWatchStore,
    private readonly quality: PostgresQualityStore,
    private readonly usage: PostgresUsageStore,
    private readonly budgets: PostgresBudgetStore,
    private readonly savings: PostgresSavingStore,
    private readonly customers: CustomerRules,
    private readonly ruleVersions: PostgresRuleVersionStore,
    private readonly guard: TextGuard,
    private readonly simulations: PostgresSimulationStore,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.recordRules('default');
    this.customers.onChange(({ tenant }) => {
      this.recordRules(tenant).catch((error: Error) => this.log.warn(`versions of rules: ${error.message}`));
    });
  }

  private async recordRules(tenant: string): Promise<void> {
    const { detectors, conventions, sensitiveKeys } = this.rules;
    const registries = conventions.map(({ name, version }) => [name, version]);
    await this.ruleVersions.record(
      tenant,
      new Map([
        ...[...detectors, ...this.customers.of(tenant).detectors].map(
          (one) => [one.id, hashOf(findingPart(one))] as const,
        ),
        ...sensitiveKeys.classes.map(({ id, severity, keys }) => [id, hashOf([severity, keys])] as const),
        ...NAMING_RULES.map(({ id, level }) => [id, hashOf([level, registries])] as const),
        ...CARDINALITY_RULES.map(({ id }) => [id, hashOf([])] as const),
      ]),
    );
  }

  async watch({ tenant }: JobData['watch']): Promise<void> {
    const asked = new Set((await this.notifications.rules(tenant)).flatMap(({ events }) => events));
    await watch(tenant, asked, this.watched, {
      ...{ quality: this.quality, usage: this.usage, mode: this.config.traces, now: new Date() },
      model: this.rules.prices.get(this.config.priceModel)!,
    });
    await this.watched.sweep();
    await this.queue.add('notify', { tenant }, `notify ${tenant}`);
  }

  /** Events of the last days that are about something else than findings. */
  async events(tenant: string, now: Date): Promise<StateNotifyEvent[]> {
    const alerts = await this.budgets.raised(tenant, now);
    const models = alerts.length === 0 ? null : await priceModels(tenant, this.rules.prices, this.usage);
    const standings = await this.watched.standings(tenant);
    return [
      ...budgetEvents(alerts, (id) => models?.get(id)?.currency),
      ...watchEvents(standings, now.getTime() - LOOKBACK_MS),
    ];
  }

  /** Asks for some hours again, so that none is missing after a pause. Names that a detector finds are left out. */
  async usageCounters({ tenant }: JobData['usage-counters']): Promise<void> {
    const { prometheusUrl, spansQuery } = this.config;
    if (prometheusUrl === null || spansQuery === null) return;
    for (const end of lastHours(new Date(), HOURS_ASKED)) {
      for (const counter of await spansOfHour(prometheusUrl, spansQuery, end)) {
        if (!this.guard.findsIn(tenant, counter.service)) await this.usage.setCounter(tenant, counter, 'prometheus');
      }
    }
    await this.usage.foldCounters(tenant, new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS));
  }

  async keepPromises({ tenant }: JobData['promises']): Promise<void> {
    await keepPromises(tenant, this.savings, this.simulations);
  }
}

function hashOf(parts: unknown): string {
  return hash('sha256', JSON.stringify(parts), 'hex');
}

/** What of a detector says what it finds, and not what people read of it. */
function findingPart(detector: Detector): unknown[] {
  const { severity, confidence, keywords, shape, context, pattern, boundary, entropy } = detector;
  const { validators, checksum, never, allow, notNamed } = detector;
  const conditions = [validators, checksum, never, allow, notNamed];
  return [severity, confidence, keywords, shape, context, pattern, boundary, entropy, ...conditions];
}
