import { z } from 'zod';

/** Where a rule's notifications go, as it is sealed. */
export const NotifyTarget = z.discriminatedUnion('channel', [
  z.object({ channel: z.literal('mail'), to: z.array(z.string()) }),
  z.object({ channel: z.literal('slack'), url: z.string() }),
  z.object({ channel: z.literal('webhook'), url: z.string(), secret: z.string() }),
  z.object({ channel: z.literal('ocsf'), url: z.string(), secret: z.string() }),
  z.object({ channel: z.literal('pagerduty'), url: z.string(), routing_key: z.string() }),
  z.object({
    channel: z.literal('jira'),
    url: z.string(),
    user: z.string(),
    token: z.string(),
    project: z.string(),
    issue_type: z.string(),
  }),
]);
export type NotifyTarget = z.infer<typeof NotifyTarget>;
