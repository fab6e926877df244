import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config.js';
import type { StateNotifyEvent } from '../../engine/model/notification.js';
import { budgetEvents } from '../../flow/budget-events.js';
import { keepPromises } from '../../flow/savings.js';
import { watch, watchEvents } from '../../flow/watch.js';
import type { RuleSet } from '../files/rule-files.js';
import { PostgresBudgetStore } from '../store/budget-store.js';
import { PostgresNotificationStore } from '../store/notification-store.js';
import { priceModels } from '../store/price-models.js';
import { PostgresQualityStore } from '../store/quality-store.js';
import { PostgresSavingStore } from '../store/saving-store.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { PostgresWatchStore } from '../store/watch-store.js';
import { CONFIG, RULES } from '../tokens.js';
import type { JobData } from './job.js';
import { JobQueue } from './job-queue.js';

const LOOKBACK_MS = 7 * 24 * 3_600_000;

/** What is looked at by the clock: trace quality, who has gone silent, what approved policies promise. */
@Injectable()
export class WatchJobs {
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
  ) {}

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

  async keepPromises({ tenant }: JobData['promises']): Promise<void> {
    await keepPromises(tenant, this.savings, null);
  }
}
