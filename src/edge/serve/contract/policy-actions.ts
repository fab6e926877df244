import { z } from 'zod';
import { EVIDENCE_MEASURES } from '../../../engine/model/policy.js';

export const KeyedHashAction = z
  .object({ kind: z.literal('keyed-hash') })
  .meta({ description: 'HMAC-SHA-256 of the text, with a key that the collector has' });

export const KeepAction = z.object({
  kind: z.literal('keep'),
  keys: z
    .array(z.string())
    .meta({ description: 'All other attributes of the location go; the key of the policy is *' }),
});

export const DropAction = z.object({
  kind: z.literal('drop'),
  match: z.string().meta({ description: 'A template of span names, or the whole text of the attribute' }),
  except: z.array(z.string()).optional().meta({ description: 'Names and templates of spans that stay' }),
  keepErrors: z.boolean().meta({ description: 'Whether spans of status Error stay' }),
});

export const PolicyProcessors = z
  .array(z.string())
  .meta({ description: 'Processors of the collector that carry it out, in their order' });
export const PolicyNotes = z
  .array(z.string())
  .meta({ description: 'What the collector does otherwise than the policy says, or needs for it' });

export const PolicyEvidence = z
  .object({ measure: z.enum(EVIDENCE_MEASURES), value: z.number() })
  .meta({ id: 'PolicyEvidence', description: 'A figure that a suggestion stands on, as it was then' });
