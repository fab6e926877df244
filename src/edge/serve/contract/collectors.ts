import { z } from 'zod';
import { COLLECTOR_KINDS, CONFIG_STATUSES, DRIFTS } from '../../../engine/model/collector.js';

const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const hash = z.string().meta({ description: 'SHA-256 in hex; empty for none' });
/** Text that PostgreSQL can hold. */
const text = (most: number) =>
  z
    .string()
    .max(most)
    .refine((value) => !value.includes('\0'));
const label = text(513)
  .regex(/^[^=]+=/)
  .meta({ description: 'As name=value' });
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const status = z.enum(CONFIG_STATUSES).meta({ description: 'What became of the configuration; the words of OpAMP' });

export const CollectorReport = z
  .object({ hash, status, error: z.string().meta({ description: 'Without what the detectors find' }), at: time })
  .meta({ id: 'CollectorReport', description: 'What a collector said of a configuration' });
export type CollectorReport = z.infer<typeof CollectorReport>;

export const Collector = z
  .object({
    id: z.string().meta({ description: 'Instance id of OpAMP, or the name that an agent gave' }),
    kind: z.enum(COLLECTOR_KINDS).meta({
      description: 'opamp: by OpAMP; agent: through `spanwarden agent`; pull: asks itself, and says nothing else',
    }),
    transport: z.enum(['', 'websocket', 'http']).meta({ description: 'Of OpAMP; empty for others' }),
    labels: z.record(z.string(), z.string()),
    policy_set: z.string().meta({ description: 'Which policies it asks for; empty where its labels say that' }),
    version: z.string(),
    online: z.boolean(),
    status,
    up_to_date: z.boolean().meta({
      description: 'It runs what it is to run: by its word, or where it gives none by what it shows',
    }),
    wanted_hash: hash.meta({ description: 'Of the configuration that it is to run' }),
    reported_hash: hash.meta({ description: 'Of the configuration that it spoke of last' }),
    error: z.string(),
    status_at: time.nullable(),
    health: z.object({ healthy: z.boolean(), status: z.string(), error: z.string(), at: time }).nullable(),
    drift: z
      .array(z.object({ slot: z.string(), drift: z.enum(DRIFTS) }))
      .nullable()
      .meta({ description: 'Slots for policies that differ from what they are to hold; null while nobody knows' }),
    takes_configuration: z.boolean().meta({ description: 'Whether it can be offered one by OpAMP' }),
    first_seen: time,
    last_seen: time,
    offline_since: time.nullable(),
  })
  .meta({ id: 'Collector' });
export type Collector = z.infer<typeof Collector>;

export const CollectorDetail = Collector.extend({
  history: z.array(CollectorReport).meta({ description: 'The newest first; at most 20' }),
  failed_hashes: z.array(hash).meta({ description: 'Configurations that it could not take, not offered to it again' }),
  components: z.array(z.string()).nullable().meta({ description: 'As receivers/otlp; null while nobody knows' }),
}).meta({ id: 'CollectorDetail' });
export type CollectorDetail = z.infer<typeof CollectorDetail>;

const filters = {
  label: z
    .union([label, z.array(label).max(20)])
    .optional()
    .meta({ description: 'name=value; may be given more than once, then all must hold' }),
  status: status.optional(),
  kind: z.enum(COLLECTOR_KINDS).optional(),
  online: flag.optional(),
  drifted: flag.optional().meta({ description: 'Whether a slot differs from what it is to hold' }),
  healthy: flag.optional(),
};
export const CollectorQuery = z.strictObject({
  ...filters,
  limit: z.coerce.number().int().min(1).max(1_000).default(100).meta({ description: 'Rows of a page' }),
  cursor: z.string().max(512).optional().meta({ description: 'From `next_cursor` of the page before' }),
});
export const CollectorPage = z.object({ data: z.array(Collector), next_cursor: z.string().nullable() });
export type CollectorPage = z.infer<typeof CollectorPage>;

export const CollectorStatusBody = z.strictObject({
  status,
  hash: z
    .string()
    .regex(/^(?:[0-9a-f]{64})?$/)
    .meta({ description: 'SHA-256 of the served text, in hex' }),
  error: text(16_384).default(''),
  version: text(256).default(''),
  labels: z.record(text(256).min(1), text(256)).default({}),
  interval_seconds: z.int().min(1).max(86_400).optional().meta({ description: 'How often it asks' }),
});

/** Who asks for policies; what is not understood is not looked at, so that no answer fails for it. */
export const PullQuery = z.object({
  collector: z.string().optional().meta({ description: 'Id of the collector that asks, for the inventory' }),
  label: z
    .array(z.string())
    .optional()
    .meta({ description: 'A label of it, as name=value; may be given more than once' }),
});
