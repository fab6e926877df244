import type { Report } from '../../engine/model/report.js';
import { slackMessages } from '../../engine/report/slack.js';
import type { AddressPolicy } from './addresses.js';
import { type Outcome, SENT } from './outcome.js';
import { post } from './post.js';

/**
 * Posts a report to an incoming webhook of Slack, as one message or several.
 *
 * @param skip messages that were taken before
 * @param onSent called after each message that was taken
 */
export async function sendSlack(
  url: string,
  report: Report,
  contentHash: string,
  skip: number,
  onSent: () => Promise<void>,
  policy: AddressPolicy,
): Promise<Outcome> {
  for (const message of slackMessages(report, contentHash).slice(skip)) {
    const outcome = await post(url, JSON.stringify(message), {}, policy);
    if (outcome.kind !== 'sent') return outcome;
    await onSent();
  }
  return SENT;
}
