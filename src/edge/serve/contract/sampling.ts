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
export type SamplingBudget = z.infer<typeof SamplingBudget>;

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

const id = z.uuid();
const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const figure = z.number().min(0);
const services = z.array(text(300)).max(200).default([]).meta({ description: 'Of root spans; none for all' });
const environment = z.string().max(300).default('').meta({ description: 'Empty for all' });
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
  .default('traffic')
  .meta({
    description: 'Lower-case letters, digits and dashes; a policy of the same stage and name is a version of one',
  });
const Interval = z.object({ low: z.number(), high: z.number() });

export const SamplingProposalBody = z
  .strictObject({
    stage: SamplingStage.default('tail'),
    services,
    environment,
    budget: SamplingBudget,
    keep: z
      .strictObject({
        errors: z.boolean().meta({ description: 'By default where a collector has complete traces' }).optional(),
        slow_percentile: z.number().min(50).max(99.99).nullable().optional().meta({
          description: 'Keeps what lasts longer than this percentile of traces without errors; 99 for complete traces',
        }),
        slower_than_ms: z.int().min(1).max(86_400_000).nullable().default(null),
        critical: KeepRules.shape.critical.default([]),
      })
      .default({ slower_than_ms: null, critical: [] }),
    floor: probability.default(0.01).meta({ description: 'No probability falls below it' }),
    adaptive: z.boolean().default(false).meta({ description: 'Whether probabilities are to follow the traffic' }),
    from: time.optional().meta({ description: 'Traffic of this window; the last day by default' }),
    to: time.optional(),
  })
  .meta({ id: 'SamplingProposalBody' });

const Volume = z.object({ traces: figure, spans: figure, bytes: figure });
const Rate = z.object({ service: z.string(), operation: z.string(), probability: z.number() });

const Targets = z
  .array(z.object({ target: z.string(), unsupported: z.array(z.string()), notes: z.array(z.string()) }))
  .meta({ description: 'What each product cannot do of it, or does otherwise' });

export const SamplingProposal = z
  .object({
    verdict: z.enum(['proposed', 'nothing_to_drop', 'floor_is_too_much', 'insufficient_evidence']),
    reason: z.string().meta({ description: 'Why it is not `proposed`; empty where it is' }),
    window: z.object({ start: time, end: time, counted_seconds: z.number() }),
    policy: z
      .object({ services: z.array(z.string()), action: SampleAction })
      .nullable()
      .meta({ description: 'As POST /api/v1/sampling/policies takes it; null without evidence' }),
    offered: Volume.nullable().meta({ description: 'Traffic of the window before this policy' }),
    kept: Volume.nullable(),
    classes: z
      .array(
        z.object({
          class: z.enum(['error', 'slow', 'critical', 'rare', 'ordinary']),
          offered: Volume,
          kept: Volume,
          dropped: Volume,
        }),
      )
      .meta({ description: 'Each trace is of the first class that it fits; rare ones are of operations kept whole' }),
    per_second: z
      .object({ spans_before: figure, spans_after: figure, bytes_before: figure, bytes_after: figure })
      .nullable(),
    saving: z
      .object({
        spans_per_month: figure,
        bytes_per_month: figure,
        money_per_month: z
          .object({ value: z.number(), interval: Interval, currency: z.string() })
          .nullable()
          .meta({ description: 'At the prices of the next unit; the interval is of chance in what was counted, 95 %' }),
      })
      .nullable()
      .meta({ description: 'By month of 30 days, if the traffic goes on as it was' }),
    cost: z.object({ before: z.number(), after: z.number(), currency: z.string() }).nullable(),
    operations: z
      .array(
        Rate.extend({
          seen: figure.meta({ description: 'Traces that were counted' }),
          evidence: z.enum(['sufficient', 'insufficient']),
          offered: Volume,
          kept: Volume,
        }),
      )
      .meta({ description: 'Those with the most spans, at most 200; an empty name is all that no policy can name' }),
    notes: z.array(z.string()),
    targets: Targets,
  })
  .meta({ id: 'SamplingProposal' });
export type SamplingProposal = z.infer<typeof SamplingProposal>;

export const SampleActionBody = z.strictObject({
  kind: z.literal('sample').default('sample'),
  stage: SamplingStage,
  environment,
  keep: KeepRules.default({ errors: false, slowerThanMs: null, critical: [] }),
  operations: z
    .array(z.strictObject({ service: text(300), operation: text(512), probability }))
    .max(MAX_OPERATIONS)
    .default([]),
  otherwise: probability,
  floor: probability.default(0.01),
  budget: SamplingBudget.nullable().default(null),
  adaptive: z.boolean().default(false),
});

export type SampleActionBody = z.infer<typeof SampleActionBody>;

export const SamplingPolicyBody = z
  .strictObject({
    name,
    title: text(200).optional(),
    reason: z.string().max(2_000).default(''),
    services,
    action: SampleActionBody,
  })
  .meta({ id: 'SamplingPolicyBody' });

export const SamplingPolicy = z
  .object({
    id,
    version: z.int(),
    state: z.string(),
    title: z.string(),
    reason: z.string(),
    services: z.array(z.string()),
    action: SampleAction,
    etag: z.string().meta({ description: 'Send it as If-Match to approve exactly this version' }),
    targets: Targets,
  })
  .meta({ id: 'SamplingPolicy' });
export type SamplingPolicy = z.infer<typeof SamplingPolicy>;

export const SamplingRates = z
  .object({
    policy: id,
    version: z.int(),
    adaptive: z.boolean(),
    operations: z.array(Rate),
    otherwise: z.number(),
    floor: z.number(),
    since: time
      .nullable()
      .meta({ description: 'When they changed last; null while they are those that were approved' }),
    checked_at: time.nullable().meta({ description: 'When the traffic was looked at last' }),
    outcome: z
      .enum(['changed', 'unchanged', 'settling', 'insufficient_evidence', 'without_effect', 'no_price'])
      .nullable()
      .meta({ description: 'What came of that' }),
    reason: z.string(),
  })
  .meta({ id: 'SamplingRates' });
export type SamplingRates = z.infer<typeof SamplingRates>;

export const SamplingChange = z.object({
  changed_at: time,
  version: z.int(),
  reason: z.string(),
  changes: z
    .array(z.object({ service: z.string(), operation: z.string(), from: z.number(), to: z.number() }))
    .meta({ description: 'Empty names are those of operations that are not listed' }),
});
export const SamplingChangePage = z.object({ data: z.array(SamplingChange), next_cursor: z.string().nullable() });
export type SamplingChangePage = z.infer<typeof SamplingChangePage>;
export const SamplingChangeQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});

const JaegerStrategy = {
  type: z.literal('probabilistic'),
  param: z.number(),
  operation_strategies: z
    .array(z.object({ operation: z.string(), type: z.literal('probabilistic'), param: z.number() }))
    .optional(),
};
export const SamplingStrategies = z
  .object({
    service_strategies: z.array(z.object({ service: z.string(), ...JaegerStrategy })),
    default_strategy: z.object(JaegerStrategy),
  })
  .meta({ id: 'SamplingStrategies' });
