import { z } from 'zod';

/** Where a subscription's reports go, as it is sealed. */
export const Target = z.discriminatedUnion('channel', [
  z.object({ channel: z.literal('mail'), to: z.array(z.string()) }),
  z.object({ channel: z.literal('slack'), url: z.string() }),
  z.object({ channel: z.literal('webhook'), url: z.string(), secret: z.string() }),
]);
export type Target = z.infer<typeof Target>;
