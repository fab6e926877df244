import type { Notification } from '../../model/notification.js';
import { cut } from '../message.js';

/** So that an event stays below the 20 kB that Standard Webhooks recommends. */
const MAX_TEXT = 100;

/** An event of our webhooks; the signature is that of the delivery. */
export function webhookOf(message: Notification) {
  const { id, rule, urgency, severity, title, at, count, items, link } = message;
  return {
    type: 'notification',
    timestamp: new Date(at).toISOString(),
    data: {
      ...{ id, rule, urgency, severity, title, count, link },
      events: items.map((item) => ({
        type: item.kind,
        at: new Date(item.at).toISOString(),
        severity: item.severity,
        service: cut(item.service, MAX_TEXT),
        environment: cut(item.environment, MAX_TEXT),
        team: item.team === '' ? null : cut(item.team, MAX_TEXT),
        ...('detector' in item
          ? {
              finding_id: item.id,
              detector: item.detector,
              key: cut(item.key, MAX_TEXT),
              occurrences: item.occurrences,
            }
          : { id: item.id, title: cut(item.title, 2 * MAX_TEXT), detail: cut(item.detail, 2 * MAX_TEXT) }),
        link: item.link,
      })),
    },
  };
}
