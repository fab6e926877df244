import { z } from 'zod';
import { PROOF_VERDICTS, ROLLOUT_STATUSES } from '../../../engine/model/rollout.js';

const id = z.uuid().meta({ description: 'Stable id' });
const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const count = z.int().min(0);
/** Text that PostgreSQL can hold. */
const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((value) => !value.includes('\0'));
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
  .meta({ description: 'Lower-case letters, digits and dashes' });
const labels = z
  .record(z.string().min(1).max(128), z.string().max(256))
  .refine((value) => Object.keys(value).length <= 20)
  .meta({ description: 'Labels that a collector must have, at most 20; none are all collectors' });

export const RolloutStage = z.strictObject({ name, labels }).meta({ id: 'RolloutStage' });

export const Rollout = z
  .object({
    stages: z.array(RolloutStage),
    stage: count.meta({ description: 'Index of the last stage that has the version' }),
    status: z.enum(ROLLOUT_STATUSES),
    since: time.meta({ description: 'When the stage began' }),
    is_withdrawn: z.boolean().meta({ description: 'Halted so that no collector gets it any more' }),
    reason: z.string().meta({ description: 'Why it was paused or halted' }),
  })
  .meta({ id: 'Rollout' });

export const Proof = z
  .object({
    verdict: z.enum(PROOF_VERDICTS),
    why: z.string(),
    before: z.object({ spans: count, matches: count }).meta({ description: 'Before the version was approved' }),
    after: z
      .array(z.object({ collector: z.string(), spans: count, matches: count }))
      .meta({ description: 'Under the version, by collector; empty for spans that name none' }),
    spans_wanted: count.meta({ description: 'Spans without a match that would prove it' }),
    canaries: z.object({ clean: count, leaked: count, lost: count }),
  })
  .meta({ id: 'Proof' });

/** A policy that somebody writes; the action is checked as in `spanwarden policy check`. */
export const PolicyBody = z
  .strictObject({
    policy_set: name.default('default'),
    title: text(200),
    reason: z.string().max(2_000).default(''),
    location: z.string(),
    key: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'Without it where the action is about no single one' }),
    services: z.array(text(256)).max(200),
    environments: z.array(text(256)).max(50).default([]).meta({ description: 'None for all' }),
    action: z.looseObject({ kind: z.string() }).meta({ description: 'As policies show it' }),
  })
  .meta({ id: 'PolicyBody' });

export const ApproveBody = z.strictObject({
  waive_simulation: text(500).optional().meta({
    description: 'Why a policy that loses data is approved without having been simulated, where the set asks for it',
  }),
});
export const ReasonBody = z.strictObject({ reason: text(500) });

export const PolicySetBody = z
  .strictObject({
    description: z.string().max(500).default(''),
    labels,
    stages: z
      .array(RolloutStage)
      .min(1)
      .max(10)
      .refine((stages) => new Set(stages.map((stage) => stage.name)).size === stages.length)
      .meta({ description: 'In order; all collectors come last, whether or not that is said' }),
    two_persons: z.boolean().meta({
      description: 'Whether a policy that loses data is approved by somebody else than who wrote it',
    }),
    simulate_first: z.boolean().meta({ description: 'Whether a policy that loses data is simulated before' }),
    advance: z.enum(['auto', 'manual']).meta({ description: 'Whether a proved stage goes on by itself' }),
    soak_seconds: z.int().min(0).max(604_800).meta({ description: 'How long a stage lasts at least' }),
    mark_revision: z.boolean().meta({
      description: 'Whether collectors write on each resource which revision of the policies it passed',
    }),
  })
  .partial()
  .meta({ id: 'PolicySetBody' });

export const PolicyConflict = z.object({
  kind: z.string(),
  policies: z.array(z.string()),
  services: z.array(z.string()),
  location: z.string(),
  key: z.string(),
  what: z.string(),
  remedy: z.string(),
});

export const PolicySet = z
  .object({
    name,
    ...PolicySetBody.required().shape,
    revision: z.string().meta({ description: 'Of what collectors without labels get now' }),
    policies: z.array(z.object({ id, version: count })).meta({ description: 'What collectors without labels get now' }),
    conflicts: z.array(PolicyConflict).meta({ description: 'Between policies that are in force or proposed' }),
    author: z.string().nullable(),
    updated_at: time.nullable(),
    etag: z.string(),
  })
  .meta({ id: 'PolicySet' });
export type PolicySet = z.infer<typeof PolicySet>;
export const PolicySetList = z.object({ data: z.array(PolicySet) });
export type PolicySetList = z.infer<typeof PolicySetList>;
