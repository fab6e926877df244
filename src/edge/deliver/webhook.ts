import standardWebhooks from 'standardwebhooks';
import type { Report } from '../../engine/model/report.js';
import { facts } from '../../engine/report/blocks.js';
import type { AddressPolicy } from './addresses.js';
import type { Outcome } from './outcome.js';
import { post } from './post.js';

/** An event of our webhooks: its type, when it came about, and what it is about. */
export interface WebhookEvent {
  readonly type: string;
  readonly timestamp: string;
  readonly data: unknown;
}

/** Posts an event with the signature of Standard Webhooks (https://www.standardwebhooks.com); tries keep the same id. */
export function sendWebhook(
  url: string,
  secret: string,
  id: string,
  event: WebhookEvent,
  at: Date,
  policy: AddressPolicy,
): Promise<Outcome> {
  const body = JSON.stringify(event);
  const headers = {
    'user-agent': 'spanwarden',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new standardWebhooks.Webhook(secret).sign(id, at, body),
  };
  return post(url, body, headers, policy);
}

/** Says that a report is there, with its facts and where to get it; well below 20 kB, since lists are not in it. */
export function reportEvent(report: Report, id: string | null, contentHash: string, createdAt: Date): WebhookEvent {
  const { title, edition, audience, team, period, basis } = report;
  return {
    type: 'report.ready',
    timestamp: createdAt.toISOString(),
    data: {
      ...{ id, title, edition, audience, team, period, content_hash: contentHash, link: basis.link },
      facts: Object.fromEntries(facts(report)),
    },
  };
}
