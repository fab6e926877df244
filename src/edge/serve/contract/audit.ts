import { z } from 'zod';
import { AUDIT_OUTCOMES } from '../../../engine/model/audit.js';

const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const seq = z.int().positive();
const name = z
  .string()
  .min(1)
  .max(300)
  .refine((value) => !value.includes('\0'));

export const AuditEvent = z
  .object({
    seq: seq.meta({ description: 'Place in the chain, from 1 and without gaps' }),
    at: time,
    actor: z.string().meta({ description: 'Subject of who did it; `spanwarden` where it happened by itself' }),
    action: z.string().meta({ description: 'Operation id of this API, or a step that is no request' }),
    object: z.string(),
    outcome: z.enum(AUDIT_OUTCOMES).meta({ description: '`unknown` where the process ended in the middle of it' }),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
    prev_hash: hash,
    hash: hash.meta({ description: 'HMAC-SHA-256 of all other fields and the tenant, as canonical JSON' }),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.infer<typeof AuditEvent>;

export const AuditPage = z.object({ data: z.array(AuditEvent), next_cursor: z.string().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;

const filter = {
  actor: name.optional(),
  action: name.optional(),
  object: name.optional().meta({ description: 'The object or what lies below it: `findings` has all findings' }),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  from: time.optional().meta({ description: 'Start of the window' }),
  to: time.optional().meta({ description: 'End of the window, exclusive' }),
};
export const AuditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'Rows of a page' }),
  cursor: z.string().max(512).optional().meta({ description: 'From `next_cursor` of the page before' }),
  ...filter,
});
export const AuditExportQuery = z.strictObject(filter);

export const AuditVerifyQuery = z
  .strictObject({
    seq: z.coerce.number().int().positive().optional().meta({ description: 'Of a checkpoint that was kept' }),
    hash: hash.optional().meta({ description: 'Of the same checkpoint' }),
  })
  .refine(({ seq: at, hash: of }) => (at === undefined) === (of === undefined), { path: ['hash'] });

export const AUDIT_BREAKS = ['missing', 'changed', 'unlinked', 'cut', 'replaced'] as const;

export const AuditVerification = z
  .object({
    intact: z.boolean(),
    events: z.int().nonnegative().meta({ description: 'That were checked, up to the first break' }),
    checkpoints: z.int().nonnegative().meta({ description: 'That the log was compared with' }),
    head: z.object({ seq, hash }).nullable().meta({ description: 'The last event that is in order' }),
    checked_at: time,
    break: z
      .object({ seq, kind: z.enum(AUDIT_BREAKS), what: z.string() })
      .nullable()
      .meta({ description: 'The first place that is not in order' }),
  })
  .meta({ id: 'AuditVerification' });
export type AuditVerification = z.infer<typeof AuditVerification>;

export const AuditCheckpoint = z
  .object({
    tenant: z.string(),
    seq: z.int().nonnegative(),
    hash,
    at: time,
    public_key: z.string().meta({ description: 'Ed25519, base64' }),
    signature: z.string().meta({ description: 'Of `{at, hash, seq, tenant}` as canonical JSON, base64' }),
    verified_at: time.nullable().meta({ description: 'When the chain was verified last; not signed' }),
  })
  .meta({ id: 'AuditCheckpoint' });
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>;
