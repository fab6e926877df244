import { z } from 'zod';
import { FINDING_KINDS, SEVERITIES } from '../../../engine/model/finding.js';
import { LOCATIONS } from '../../../engine/model/location.js';
import { SIMULATION_STATES, TRACE_CLASSES } from '../../../engine/model/simulation.js';

const id = z.uuid().meta({ description: 'Stable id' });
const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const count = z.int().min(0);
const interval = z
  .object({ low: z.number(), high: z.number() })
  .nullable()
  .meta({ description: 'Of 95 %; null where there is no figure' });
const model = z
  .string()
  .max(100)
  .optional()
  .meta({ description: 'Id of a price model; the configured one without it' });

export const SimulationBody = z.strictObject({
  duration_seconds: z.int().min(10).max(3_600).default(600).meta({ description: 'After which it ends at the latest' }),
  max_spans: z.int().min(100).max(200_000).default(20_000).meta({
    description: 'Spans after which it ends; all processes together look at no more',
  }),
});
export const SimulationPageQuery = z.strictObject({
  price_model: model,
  limit: z.coerce.number().int().min(1).max(50).default(10),
  cursor: z.string().max(512).optional(),
});
export const SimulationQuery = z.strictObject({ price_model: model });

const changes = {
  spans: count,
  spans_dropped: count,
  bytes_before: count,
  bytes_after: count,
  bytes_removed: z.int().meta({ description: 'Exact OTLP protobuf; below 0 where it is more' }),
};

export const SimulatedTotal = z.object({
  ...changes,
  spans_touched: count,
  values_masked: count.meta({ description: 'Masked, hashed or cut' }),
  keys_removed: count,
  keys_renamed: count,
  span_names_generalised: count,
  spans_dropped_singly: count.meta({ description: 'By policies that drop spans, whatever becomes of their traces' }),
  findings_before: count.meta({ description: 'Occurrences in the spans that were looked at' }),
  findings_after: count.meta({ description: 'Occurrences that would remain, or be new' }),
});

const kept = { traces_kept: count, traces_dropped: count, spans_kept: count, spans_dropped: count };
export const SimulatedTraces = z.object({
  verdict: z.enum(['estimated', 'insufficient_evidence']),
  reason: z.string().meta({ description: 'Why there is not enough evidence; empty where there is' }),
  whole: count.meta({ description: 'Traces with a root and all parents: only these are counted by class' }),
  broken: count.meta({ description: 'Traces of which a root or parent did not come' }),
  open: count.meta({ description: 'Traces that were not complete when the simulation ended' }),
  slow_ms: count.meta({ description: 'A trace that lasts longer is slow' }),
  classes: z.array(z.object({ class: z.enum(TRACE_CLASSES).meta({ description: 'The first that holds' }), ...kept })),
});

export const SimulatedSaving = z.object({
  verdict: z.enum(['estimated', 'insufficient_evidence']),
  reason: z.string().meta({ description: 'Why there is not enough evidence; empty where there is' }),
  bytes: z.number().nullable().meta({ description: 'By month of 30 days; below 0 where it is more' }),
  bytes_interval: interval,
  spans: z.number().nullable().meta({ description: 'By month of 30 days' }),
  spans_interval: interval,
  money: z.number().nullable().meta({ description: 'By month of 30 days, at marginal prices' }),
  money_interval: interval,
  currency: z.string().nullable(),
  price_model: z.string().nullable(),
  basis: z.string().meta({ description: 'How the figures came about' }),
});

export const Simulation = z
  .object({
    id,
    policy_id: id,
    version: z.int(),
    is_current: z.boolean().meta({ description: 'Whether this version of the policy still says what was simulated' }),
    state: z.enum(SIMULATION_STATES),
    ended_by: z.enum(['time', 'limit', 'stopped']).nullable().meta({ description: 'Null while it goes on' }),
    author: z.string(),
    started_at: time,
    ends_at: time.meta({ description: 'When it ends at the latest, or ended' }),
    progress: z.object({
      spans: count.meta({ description: 'That were looked at' }),
      max_spans: count,
      seconds_left: count,
      share: z.number().min(0).max(1).meta({ description: 'Of the spans or of the time, whichever is more' }),
      requests: count.meta({ description: 'That came in since it began' }),
      skipped_requests: count.meta({
        description: 'Of the policy, for which there was no time, or which are too large',
      }),
    }),
    note: z.string().nullable().meta({ description: 'Why there is nothing to see; null where there is' }),
    total: SimulatedTotal,
    traces: SimulatedTraces.nullable().meta({ description: 'Of policies that keep or drop traces' }),
    saving: SimulatedSaving,
  })
  .meta({ id: 'Simulation' });
export type Simulation = z.infer<typeof Simulation>;

const observed = z.object({ observations: count, bytes: count });
export const SimulationDetail = Simulation.extend({
  services: z.array(z.object({ service: z.string(), ...changes })),
  attributes: z
    .array(
      z.object({
        ...{ service: z.string(), location: z.enum(LOCATIONS), key: z.string() },
        ...{ before: observed, after: observed },
      }),
    )
    .meta({ description: 'That are not what they were' }),
  findings: z.array(
    z.object({
      kind: z.enum(FINDING_KINDS),
      detector: z.string(),
      severity: z.enum(SEVERITIES),
      service: z.string(),
      location: z.enum(LOCATIONS),
      key: z.string(),
      component: z.string(),
      before: count,
      after: count,
      change: z.enum(['gone', 'less', 'remains', 'new']),
    }),
  ),
  other_findings: z
    .object({ before: count, after: count })
    .meta({ description: 'Occurrences of findings beyond the list' }),
}).meta({ id: 'SimulationDetail' });
export type SimulationDetail = z.infer<typeof SimulationDetail>;

export const SimulationPage = z.object({ data: z.array(Simulation), next_cursor: z.string().nullable() });
export type SimulationPage = z.infer<typeof SimulationPage>;
