import { z } from 'zod';
import { MAX_CRITICAL, MAX_OPERATIONS, SAMPLING_STAGES } from '../../../engine/model/sampling.js';

const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((value) => !value.includes('\0'));
const probability = z.number().gt(0).max(1);
const amount = z.number().positive().max(1e15);

export const SamplingStage = z.enum(SAMPLING_STAGES).meta({
  description:
    'Who decides: SDKs when a root span starts, a collector by the trace id alone, or a collector when a trace is complete',
});

export const SamplingBudget = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('spans_per_second'), amount }),
    z.strictObject({ kind: z.literal('gigabytes_per_day'), amount }),
    z.strictObject({
      kind: z.literal('money_per_month'),
      amount: amount.meta({ description: 'In the currency of the price model, by month of 30 days' }),
      priceModel: text(100),
    }),
  ])
  .meta({ id: 'SamplingBudget' });

export const KeepRules = z.strictObject({
  errors: z.boolean().meta({ description: 'Traces with a span of status Error' }),
  slowerThanMs: z.int().min(1).max(86_400_000).nullable(),
  critical: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('name'), name: text(512) }),
        z.strictObject({ kind: z.literal('attribute'), key: text(256), value: text(256) }),
      ]),
    )
    .max(MAX_CRITICAL)
    .meta({ description: 'Traces with such a span, by its name or by a text attribute' }),
});

export const SampleAction = z.object({
  kind: z.literal('sample'),
  stage: SamplingStage,
  environment: z.string(),
  keep: KeepRules,
  operations: z
    .array(z.object({ service: z.string(), operation: z.string(), probability }))
    .max(MAX_OPERATIONS)
    .meta({ description: 'By the service and name of the root span' }),
  otherwise: probability.meta({ description: 'Of operations that are not listed' }),
  floor: probability,
  budget: SamplingBudget.nullable(),
  adaptive: z.boolean().meta({ description: 'Whether probabilities follow the traffic, between floor and 1' }),
});
