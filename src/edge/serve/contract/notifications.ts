import { z } from 'zod';
import { SEVERITIES } from '../../../engine/model/finding.js';
import { FINDING_EVENTS, NOTIFY_CHANNELS, NOTIFY_EVENTS } from '../../../engine/model/notification.js';

const id = z.uuid().meta({ description: 'Stable id' });
const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
/** Text that PostgreSQL can hold, and that is one line. */
const line = z.string().refine((value) => !/[\0\r\n]/.test(value));
const severity = z.enum(SEVERITIES);
const WebAddress = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .meta({ description: 'HTTPS, or HTTP in networks that the configuration names; never shown again' });

const WebhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/)
  .optional()
  .meta({ description: 'Of Standard Webhooks; one is made, and shown once, where none is given' });

const NotificationTarget = z.discriminatedUnion('channel', [
  z.strictObject({ channel: z.literal('mail'), to: z.array(z.email().max(254)).min(1).max(50) }),
  z.strictObject({ channel: z.literal('slack'), url: WebAddress }),
  z.strictObject({
    channel: z.literal('webhook'),
    url: WebAddress,
    secret: WebhookSecret,
  }),
  z.strictObject({
    channel: z.literal('ocsf').meta({ description: 'A webhook that gets findings as OCSF events' }),
    url: WebAddress,
    secret: WebhookSecret,
  }),
  z.strictObject({
    channel: z.literal('pagerduty'),
    routing_key: z.string().regex(/^[A-Za-z0-9]{32}$/),
    url: WebAddress.default('https://events.pagerduty.com/v2/enqueue'),
  }),
  z.strictObject({
    channel: z.literal('jira'),
    url: WebAddress,
    user: line.min(1).max(254),
    token: line.min(1).max(1_000),
    project: z.string().regex(/^[A-Z][A-Z0-9_]{1,79}$/),
    issue_type: line.min(1).max(60).default('Task'),
  }),
]);

const filter = line.min(1).max(300).nullable();
export const NotificationRuleBody = z.strictObject({
  name: line.trim().min(1).max(100),
  events: z
    .array(z.enum(NOTIFY_EVENTS))
    .min(1)
    .max(NOTIFY_EVENTS.length)
    .default([...FINDING_EVENTS]),
  team: filter.default(null).meta({ description: 'Services of one team; null for all' }),
  service: filter.default(null),
  environment: filter.default(null),
  min_severity: severity.default('high').meta({ description: 'Of findings' }),
  page_from: severity.nullable().default('critical').meta({
    description: 'From this severity on a message is a page, below it a ticket; null for tickets alone',
  }),
  group_minutes: z.int().min(0).max(1_440).default(5).meta({ description: 'What comes up within makes one message' }),
  repeat_hours: z
    .int()
    .min(1)
    .max(168)
    .default(24)
    .meta({ description: 'The same of a finding is not told again within' }),
  target: NotificationTarget,
});

export const NotificationRule = z
  .object({
    id,
    name: z.string(),
    channel: z.enum(NOTIFY_CHANNELS),
    events: z.array(z.enum(NOTIFY_EVENTS)),
    team: z.string().nullable(),
    service: z.string().nullable(),
    environment: z.string().nullable(),
    min_severity: severity,
    page_from: severity.nullable(),
    group_minutes: z.int(),
    repeat_hours: z.int(),
    quiet_until: time.nullable(),
    to: z.array(z.string()).meta({ description: 'Addresses of mail; for others the host alone' }),
    secret: z.string().nullable().meta({ description: 'Only in the answer that made it' }),
    disabled: z.string().nullable().meta({ description: 'Why nothing is delivered' }),
    author: z.string(),
    created_at: time,
  })
  .meta({ id: 'NotificationRule' });
export type NotificationRule = z.infer<typeof NotificationRule>;
export const NotificationRulePage = z.object({ data: z.array(NotificationRule), next_cursor: z.string().nullable() });
export type NotificationRulePage = z.infer<typeof NotificationRulePage>;

export const NotificationQuiet = z.strictObject({
  minutes: z.int().min(0).max(1_440).meta({ description: 'From now on; 0 ends it' }),
});
