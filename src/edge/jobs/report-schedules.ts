import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config.js';
import { PostgresSubscriptionStore } from '../store/subscription-store.js';
import { CONFIG } from '../tokens.js';
import { JobQueue } from './job-queue.js';
import type { PeriodicEdition } from './periods.js';

/** When reports come by themselves: a schedule for each edition and time zone that somebody wants. */
@Injectable()
export class ReportSchedules {
  private readonly patterns: Readonly<Record<PeriodicEdition, string>>;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly queue: JobQueue,
    private readonly subscriptions: PostgresSubscriptionStore,
  ) {
    // The time of day is that of the weekly report.
    const [minute, hour] = config.weeklyReport.split(/\s+/).slice(-5) as [string, string];
    this.patterns = {
      weekly: config.weeklyReport,
      monthly: `${minute} ${hour} 1 * *`,
      quarterly: `${minute} ${hour} 1 1,4,7,10 *`,
    };
  }

  /** The schedules of our own time zone and of all subscriptions. */
  async start(tenant: string): Promise<void> {
    for (const zone of new Set([this.config.timeZone, ...(await this.subscriptions.timeZones(tenant))])) {
      await this.add(tenant, zone);
    }
  }

  async add(tenant: string, timeZone: string): Promise<void> {
    for (const [edition, pattern] of Object.entries(this.patterns) as [PeriodicEdition, string][]) {
      const data = { tenant, edition, timeZone };
      await this.queue.schedule('periodic-reports', data, { pattern, tz: timeZone }, idOf(data));
    }
  }

  /** Takes away a schedule that nobody wants any more. */
  async remove(data: { tenant: string; edition: PeriodicEdition; timeZone: string }): Promise<void> {
    await this.queue.unschedule(idOf(data));
  }
}

function idOf({ tenant, edition, timeZone }: { tenant: string; edition: string; timeZone: string }): string {
  return `reports ${tenant} ${edition} ${timeZone}`;
}
