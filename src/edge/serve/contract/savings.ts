import { z } from 'zod';
import { PROMISE_METHODS, SAVING_VERDICTS } from '../../../engine/model/saving.js';

const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const Bounds = z.object({ low: z.number(), high: z.number() }).meta({ description: 'Of 95 %' });

export const SavingQuery = z.strictObject({
  from: time.optional().meta({ description: 'Start of the window; seven days before its end by default' }),
  to: time.optional().meta({ description: 'End of the window, exclusive; now by default' }),
  team: z.string().max(300).optional().meta({ description: 'Only what policies save for services of this team' }),
  price_model: z
    .string()
    .regex(/^[a-z0-9-]+(,[a-z0-9-]+){0,4}$/)
    .optional()
    .meta({ description: 'Ids of price models with commas between them, for spans that go to several backends' }),
});

const PolicySaving = z
  .object({
    policy: z.uuid(),
    version: z.int(),
    title: z.string(),
    services: z.array(z.string()),
    since: time.meta({ description: 'When it was approved' }),
    promised: z.object({
      method: z.enum(PROMISE_METHODS),
      share: z.number().nullable().meta({ description: 'Of all bytes of the services when it was approved, 0 to 1' }),
      bytes: z.number().nullable().meta({ description: 'At the volume of what was measured' }),
      money: z.number().nullable(),
    }),
    measured: z
      .object({
        window: z.object({ start: time, end: time }),
        share: z.number().meta({ description: 'Of what the services would have sent without it' }),
        share_interval: Bounds,
        bytes: z.number(),
        bytes_interval: Bounds,
        money: z.number(),
        money_interval: Bounds,
      })
      .nullable()
      .meta({ description: 'Null where there is not enough evidence' }),
    verdict: z.enum(SAVING_VERDICTS),
    reason: z.string().meta({ description: 'Why there is not enough evidence' }),
  })
  .meta({ id: 'PolicySaving' });
export type PolicySavingRow = z.infer<typeof PolicySaving>;

export const SavingList = z
  .object({
    window: z.object({ start: time, end: time }),
    team: z.string().nullable(),
    currency: z.string(),
    price_models: z.array(z.string()),
    total: z.object({
      promised_money: z.number().meta({ description: 'Of policies that promised something and were measured' }),
      measured_money: z.number().meta({ description: 'Of the same policies' }),
      insufficient_evidence: z.int().meta({ description: 'Policies that nothing can be said of' }),
    }),
    data: z.array(PolicySaving).max(200),
  })
  .meta({ id: 'SavingList' });
export type SavingList = z.infer<typeof SavingList>;
