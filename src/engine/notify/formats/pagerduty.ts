import type { Severity } from '../../model/finding.js';
import type { Notification } from '../../model/notification.js';
import { cut, lineOf } from '../message.js';

/** The four severities of PagerDuty. */
const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  info: 'info',
};

/**
 * An event of PagerDuty's Events API v2 (POST /v2/enqueue). The key of deduplication is the message's id, so that a second
 * try does not make a second incident.
 */
export function pagerdutyOf(message: Notification, routingKey: string): object {
  const { id, rule, title, severity, at, count, items, link } = message;
  const [first] = items;
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: id,
    client: 'spanwarden',
    client_url: link,
    payload: {
      summary: cut(title, 1_024),
      source: first?.service || 'spanwarden',
      severity: SEVERITY[severity],
      timestamp: new Date(at).toISOString(),
      group: first?.team === '' ? 'unowned' : first?.team,
      class: first?.kind,
      custom_details: { rule, count, events: items.map(lineOf) },
    },
    links: items.map((item) => ({ href: item.link, text: cut(lineOf(item), 255) })),
  };
}
