import type { Notification } from '../../engine/model/notification.js';
import { jiraOf } from '../../engine/notify/formats/jira.js';
import { mailOf } from '../../engine/notify/formats/mail.js';
import { pagerdutyOf } from '../../engine/notify/formats/pagerduty.js';
import { slackOf } from '../../engine/notify/formats/slack.js';
import { webhookOf } from '../../engine/notify/formats/webhook.js';
import type { AddressPolicy } from './addresses.js';
import { type MailSettings, sendMessage } from './mail.js';
import type { NotifyTarget } from './notify-target.js';
import { type Resumed, sendOcsf } from './ocsf.js';
import type { Outcome } from './outcome.js';
import { post } from './post.js';
import { sendWebhook } from './webhook.js';

/** One attempt to deliver a message; tries keep the id of the delivery. */
export function sendNotification(
  settings: MailSettings,
  target: NotifyTarget,
  deliveryId: string,
  message: Notification,
  policy: AddressPolicy,
  resumed: Resumed,
): Promise<Outcome> {
  switch (target.channel) {
    case 'mail':
      return sendMessage(settings, target.to, deliveryId, async () => mailOf(message));
    case 'slack':
      return post(target.url, JSON.stringify(slackOf(message)), {}, policy);
    case 'webhook':
      return sendWebhook(target.url, target.secret, `msg_${deliveryId}`, webhookOf(message), new Date(), policy);
    case 'ocsf':
      return sendOcsf(target.url, target.secret, deliveryId, message, policy, resumed);
    case 'pagerduty':
      return post(target.url, JSON.stringify(pagerdutyOf(message, target.routing_key)), {}, policy);
    case 'jira': {
      const place = { project: target.project, issueType: target.issue_type };
      const authorization = `Basic ${Buffer.from(`${target.user}:${target.token}`).toString('base64')}`;
      const url = new URL('/rest/api/3/issue', target.url).href;
      return post(url, JSON.stringify(jiraOf(message, place)), { authorization }, policy);
    }
  }
}
