import { z } from 'zod';
import { LOCATIONS } from '../../../engine/model/location.js';
import { CANARY_VERDICTS } from '../../../flow/evidence-ports.js';

const id = z.uuid().meta({ description: 'Stable id' });
const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const count = z.int().nonnegative();
const title = z.string().nullable().meta({ description: 'Of the policy; null where that version is gone' });

export const CanaryBody = z.strictObject({
  policies: z
    .array(z.uuid())
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .meta({ description: 'Ids of the policies that are to be proved; null for all that are in force' }),
  timeout_seconds: z
    .int()
    .min(5)
    .max(3_600)
    .default(60)
    .meta({ description: 'A canary that has not come back by then is lost' }),
});

export const Canary = z.object({
  policy: id,
  version: count,
  title: z.string(),
  action: z.string().meta({ description: 'Kind of the policy’s action' }),
  service: z.string().meta({ description: 'The span carries this name, and is not counted as a span of the service' }),
  location: z.enum(LOCATIONS),
  key: z.string(),
  request: z
    .record(z.string(), z.unknown())
    .meta({ description: 'Send it to a collector as it is: OTLP/JSON, POST /v1/traces. What is planted is made up' }),
});
export type Canary = z.infer<typeof Canary>;

export const CanaryPlan = z
  .object({
    id: id.meta({ description: 'Of the run; ask for its results' }),
    created_at: time,
    expires_at: time,
    canaries: z.array(Canary),
    unprovable: z.array(z.object({ policy: id, version: count, title: z.string(), reason: z.string() })),
    not_in_force: z.array(id).meta({ description: 'Policies that were asked for and that no collector gets' }),
  })
  .meta({ id: 'CanaryPlan' });
export type CanaryPlan = z.infer<typeof CanaryPlan>;

export const CanaryResult = z.object({
  policy: id,
  version: count,
  title,
  verdict: z.enum([...CANARY_VERDICTS, 'pending']).meta({
    description:
      'clean: all came back without what was planted; leaked: one came back with it; lost: one did not come back',
  }),
  canaries: count.meta({ description: 'How many were sent for the policy: for its services and patterns' }),
  missing: count.meta({ description: 'Of these, how many did not come back yet' }),
  arrived: count.meta({ description: 'Of these, how many were seen in a copy taken before the policies' }),
  collectors: z
    .array(
      z.object({
        collector: z.string().meta({ description: 'As it calls itself; empty where it does not' }),
        tap: z.enum(['after', 'unknown']).meta({ description: 'Where the copy was taken, as its header says' }),
        is_leaking: z.boolean(),
        revision: z.string().meta({ description: 'Of the policies that the canary passed; empty where it says none' }),
        at: time,
      }),
    )
    .meta({ description: 'Those through which a canary came back' }),
});
export type CanaryResult = z.infer<typeof CanaryResult>;

const is_over = z.boolean().meta({ description: 'Whether no verdict is pending' });
export const CanaryRun = z
  .object({ id, created_at: time, expires_at: time, is_over, results: z.array(CanaryResult) })
  .meta({ id: 'CanaryRun' });
export type CanaryRun = z.infer<typeof CanaryRun>;

export const LatestCanary = z
  .object({
    policy: id,
    version: count,
    title,
    collector: z.string().meta({ description: 'Empty where it has no name, or where nothing came back' }),
    verdict: z.enum(CANARY_VERDICTS),
    revision: z.string(),
    run: id,
    at: time,
  })
  .meta({ id: 'LatestCanary' });
export type LatestCanary = z.infer<typeof LatestCanary>;
export const LatestCanaries = z.object({ data: z.array(LatestCanary) });
export type LatestCanaries = z.infer<typeof LatestCanaries>;
export const CanaryQuery = z.strictObject({
  since: time.optional().meta({ description: 'Of runs from then on; of the last seven days by default' }),
  policy: z.uuid().optional(),
});
