import { z } from 'zod';
import { ACCESS_ROLES } from '../../auth/roles.js';

const id = z.uuid().meta({ description: 'Stable id' });
const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const role = z.enum(ACCESS_ROLES);
const MAX_LABELS = 16;

export const SessionBody = z.strictObject({ token: z.string().min(1).max(512) });
export const Session = z.object({ subject: z.string(), roles: z.array(role) }).meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

export const TOKEN_STATES = ['active', 'expired', 'revoked'] as const;

export const AccessToken = z
  .object({
    id,
    subject: z.string().meta({ description: 'Who is on record for what is done with it' }),
    roles: z.array(role),
    labels: z.record(z.string(), z.string()).meta({ description: 'Of the collector that has the token' }),
    state: z.enum(TOKEN_STATES),
    author: z.string(),
    created_at: time,
    expires_at: time.nullable(),
    revoked_at: time.nullable(),
    revoked_by: z.string().nullable(),
    last_used_at: time.nullable().meta({ description: 'To the hour' }),
  })
  .meta({ id: 'AccessToken' });
export type AccessToken = z.infer<typeof AccessToken>;

export const NewAccessToken = AccessToken.extend({
  secret: z.string().meta({ description: 'The token itself, in this answer and in no other' }),
}).meta({ id: 'NewAccessToken' });
export type NewAccessToken = z.infer<typeof NewAccessToken>;

export const AccessTokenPage = z.object({ data: z.array(AccessToken), next_cursor: z.string().nullable() });
export type AccessTokenPage = z.infer<typeof AccessTokenPage>;

export const AccessTokenQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'Rows of a page' }),
  cursor: z.string().max(512).optional().meta({ description: 'From `next_cursor` of the page before' }),
  state: z.enum(['active', 'ended']).optional().meta({ description: '`ended` is expired or revoked; without it all' }),
});

const label = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?$/);

export const AccessTokenBody = z.strictObject({
  subject: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/)
    .meta({
      description:
        'User name of a person or name of a program: lower-case letters, digits and -._, at most 63. The same for all tokens of a person',
    }),
  roles: z
    .array(role)
    .min(1)
    .transform((roles) => ACCESS_ROLES.filter((one) => roles.includes(one)))
    .meta({ description: 'At least one. A token of a `collector` has no other role' }),
  labels: z
    .record(label, z.string().regex(/^[\x20-\x7e]{0,200}$/))
    .refine((labels) => Object.keys(labels).length <= MAX_LABELS)
    .default({})
    .meta({ description: `At most ${MAX_LABELS}, of a collector; stages of a roll-out select by them` }),
  expires_at: time
    .nullable()
    .default(null)
    .meta({ description: 'Null for never, which only a token of a collector may' }),
});

export const SignInLink = z
  .object({
    url: z.string().meta({ description: 'Opens the pages once, as the person whose token it is of' }),
    expires_at: time,
  })
  .meta({ id: 'SignInLink' });
export type SignInLink = z.infer<typeof SignInLink>;
