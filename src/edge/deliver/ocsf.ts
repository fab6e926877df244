import type { OcsfEvent } from '../../engine/export/ocsf.js';
import type { Notification } from '../../engine/model/notification.js';
import type { AddressPolicy } from './addresses.js';
import { type Outcome, SENT } from './outcome.js';
import { sendWebhook } from './webhook.js';

/** Events of a message: an event has 1 to 1.5 kB, and Standard Webhooks recommends less than 20 kB. */
const EVENTS_AT_ONCE = 10;

/** How far a delivery in several messages has come, and what it needs to go on. */
export interface Resumed {
  /** Messages that were taken before. */
  readonly partsSent: number;
  /** Called after each message that was taken. */
  readonly onSent: () => Promise<void>;
  /** Findings as they are now; those that are gone are left out. */
  readonly events: (ids: readonly string[]) => Promise<readonly OcsfEvent[]>;
}

/**
 * Posts the findings that a message tells as events of OCSF, some at a time, each with an id of its own that tries keep. What is
 * about something else than findings has no event.
 */
export async function sendOcsf(
  url: string,
  secret: string,
  deliveryId: string,
  message: Notification,
  policy: AddressPolicy,
  { partsSent, onSent, events }: Resumed,
): Promise<Outcome> {
  const ids = message.findings ?? message.items.filter((item) => 'detector' in item).map(({ id }) => id);
  for (let part = partsSent; part * EVENTS_AT_ONCE < ids.length; part++) {
    const list = await events(ids.slice(part * EVENTS_AT_ONCE, (part + 1) * EVENTS_AT_ONCE));
    const event = {
      type: 'findings.ocsf',
      timestamp: new Date(message.at).toISOString(),
      data: {
        id: message.id,
        rule: message.rule,
        part: part + 1,
        parts: Math.ceil(ids.length / EVENTS_AT_ONCE),
        events: list,
      },
    };
    const outcome = await sendWebhook(url, secret, `msg_${deliveryId}_${part}`, event, new Date(), policy);
    if (outcome.kind !== 'sent') return outcome;
    await onSent();
  }
  return SENT;
}
