import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config.js';
import { type OcsfEvent, ocsfEvent } from '../../engine/export/ocsf.js';
import type { Report } from '../../engine/model/report.js';
import { teamsByService } from '../../flow/costs.js';
import { FindingsShown } from '../serve/findings-shown.js';
import type { DeliveryRow, SubscriptionRow } from '../store/entities/index.js';
import { PostgresFindingStore } from '../store/finding-store.js';
import { PostgresNotificationStore } from '../store/notification-store.js';
import { PostgresReportStore } from '../store/report-store.js';
import { MAX_ATTEMPTS, PostgresSubscriptionStore } from '../store/subscription-store.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { CONFIG, PROCESS, type ProcessInfo } from '../tokens.js';
import { AddressPolicy } from './addresses.js';
import { sendMail } from './mail.js';
import { sendNotification } from './notification.js';
import type { Outcome } from './outcome.js';
import { sendSlack } from './slack.js';
import { testReport } from './test-report.js';
import { reportEvent, sendWebhook } from './webhook.js';

/** A delivery that is to be tried again. */
export class NotDelivered extends Error {}

/** Carries out deliveries of the outbox. */
@Injectable()
export class Deliverer {
  private readonly addresses: AddressPolicy;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly subscriptions: PostgresSubscriptionStore,
    private readonly reports: PostgresReportStore,
    private readonly notifications: PostgresNotificationStore,
    private readonly findings: PostgresFindingStore,
    private readonly usage: PostgresUsageStore,
    private readonly shown: FindingsShown,
    @Inject(PROCESS) private readonly process: ProcessInfo,
  ) {
    this.addresses = new AddressPolicy(config.deliveryNetworks);
  }

  /**
   * One attempt. Each outcome is written before anything else happens, so that it shows in the API; between the receiver's
   * answer and that write a crash can make a second delivery, which has the same id.
   *
   * @throws NotDelivered where it is to be tried again
   */
  async deliver(tenant: string, id: string): Promise<void> {
    const again = await this.subscriptions.attempt(tenant, id, async (row) => {
      const outcome = await this.attempt(row);
      const attempts = row.attempts + 1;
      const attempted = { attempts, attemptedAt: new Date() };
      if (outcome.kind === 'sent') {
        await this.subscriptions.settle(tenant, id, { ...attempted, state: 'sent', sentAt: new Date(), error: null });
        return null;
      }
      const { kind, error } = outcome;
      const isLast = kind !== 'later' || attempts >= MAX_ATTEMPTS;
      await this.subscriptions.settle(tenant, id, { ...attempted, state: isLast ? 'failed' : 'pending', error });
      if (kind === 'gone') {
        const receivers = row.notificationId === null ? this.subscriptions : this.notifications;
        await receivers.disable(tenant, row.subscriptionId, error);
      }
      return isLast ? null : error;
    });
    if (again !== null) throw new NotDelivered(`delivery ${id}: ${again}`);
  }

  private async attempt(row: DeliveryRow): Promise<Outcome> {
    if (row.notificationId !== null) return this.notification(row, row.notificationId);
    return this.outcomeOf(row, await this.subscriptions.get(row.tenantId, row.subscriptionId));
  }

  private async notification(row: DeliveryRow, messageId: string): Promise<Outcome> {
    const { tenantId, id, subscriptionId, partsSent } = row;
    const rule = await this.notifications.get(tenantId, subscriptionId);
    const message = await this.notifications.message(tenantId, messageId);
    if (rule === null || message === null) return { kind: 'never', error: 'the rule was removed' };
    if (rule.disabledReason !== null) return { kind: 'never', error: 'the rule is disabled' };
    const events = async (ids: readonly string[]): Promise<OcsfEvent[]> => {
      const teams = await teamsByService(tenantId, this.usage);
      const findings = await this.findings.byIds(tenantId, ids);
      return findings.map((finding) => ocsfEvent(this.shown.exported(finding, teams), this.process.version));
    };
    const onSent = (): Promise<void> => this.subscriptions.partSent(tenantId, id);
    const target = this.notifications.targetOf(rule);
    return sendNotification(this.config, target, id, message.content, this.addresses, { partsSent, onSent, events });
  }

  private async outcomeOf(row: DeliveryRow, subscription: SubscriptionRow | null): Promise<Outcome> {
    if (subscription === null) return { kind: 'never', error: 'the subscription was removed' };
    if (subscription.disabledReason !== null) return { kind: 'never', error: 'the subscription is disabled' };
    const stored = row.reportId === null ? null : await this.reports.get(row.tenantId, row.reportId);
    if (row.reportId !== null && stored === null) return { kind: 'never', error: 'the report was removed' };
    if (stored !== null && stored.content === null) return { kind: 'later', error: 'the report is not ready' };
    const report = stored?.content ?? testReport(subscription);
    return this.send(row, subscription, report, stored?.contentHash ?? '');
  }

  private send(row: DeliveryRow, subscription: SubscriptionRow, report: Report, contentHash: string): Promise<Outcome> {
    const { tenantId, id, reportId, partsSent, createdAt } = row;
    const target = this.subscriptions.targetOf(subscription);
    switch (target.channel) {
      case 'mail':
        return sendMail(this.config, target.to, id, report, contentHash);
      case 'slack': {
        const onSent = (): Promise<void> => this.subscriptions.partSent(tenantId, id);
        return sendSlack(target.url, report, contentHash, partsSent, onSent, this.addresses);
      }
      case 'webhook': {
        const event = reportEvent(report, reportId, contentHash, createdAt);
        const sent = reportId === null ? { ...event, type: 'subscription.test' } : event;
        return sendWebhook(target.url, target.secret, `msg_${id}`, sent, new Date(), this.addresses);
      }
    }
  }
}
