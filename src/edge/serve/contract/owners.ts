import { z } from 'zod';
import { OWNER_SOURCES } from '../../../engine/cost/ownership.js';
import { SPLIT_MODES } from '../../../engine/cost/shared.js';

const time = z.iso.datetime();
const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((value) => !value.includes('\0'));
const hour = time
  .refine((value) => Date.parse(value) % 3_600_000 === 0)
  .meta({
    description:
      'A full hour, UTC. By default the hour that it is; the first owner of a service that had none counts since ever',
  });

export const OwnerSource = z.enum([...OWNER_SOURCES.map(({ id }) => id), 'none']);
export const Owner = z
  .object({
    service: z.string(),
    team: z.string(),
    source: OwnerSource.meta({ description: 'Where the answer comes from: the first of these that says something' }),
    confidence: z.enum(['high', 'medium', 'low', 'none']),
    valid_from: time.nullable().meta({ description: 'Null where nobody said since when' }),
    valid_to: time.nullable().meta({ description: 'When the next word of the source begins to hold, as far as known' }),
  })
  .meta({ id: 'Owner' });
export type Owner = z.infer<typeof Owner>;
export const OwnerList = z.object({ data: z.array(Owner), next_cursor: z.string().nullable() });
export type OwnerList = z.infer<typeof OwnerList>;
export const OwnerQuery = z.strictObject({
  at: time.optional().meta({ description: 'Who owned services then; now by default' }),
  team: z.string().max(300).optional(),
  source: OwnerSource.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
  cursor: z.string().max(512).optional(),
});
export const OwnerBody = z.strictObject({ team: text(100), valid_from: hour.optional() });
export const OwnerRemoval = z.strictObject({
  source: z.enum(['mapping', 'backstage', 'codeowners']).default('mapping'),
  valid_from: hour.optional(),
});

/** Text of a catalogue, as YAML of several documents. */
export const BackstageCatalog = z.string().max(1 << 20);
export const OwnerImportQuery = z.strictObject({ valid_from: hour.optional() });
export const OwnerImport = z
  .object({
    assigned: z.array(z.object({ service: z.string(), team: z.string(), valid_from: time.nullable() })),
    unchanged: z.int().nonnegative().meta({ description: 'Services that the source gave to the same team already' }),
    skipped: z.int().nonnegative().meta({ description: 'Entries that are about no service' }),
  })
  .meta({ id: 'OwnerImport' });
export type OwnerImport = z.infer<typeof OwnerImport>;

const SplitTeam = z.object({ team: z.string(), weight: z.number() });
export const CostSplit = z
  .object({
    service: z.string(),
    mode: z.enum([...SPLIT_MODES, 'owner']).meta({
      description: 'none: `unallocated`; even: equal parts; weighted: by weight; owner: its owner pays again',
    }),
    teams: z.array(SplitTeam).meta({ description: 'Empty: all teams with usage of their own, weighed by their bytes' }),
    valid_from: time,
  })
  .meta({ id: 'CostSplit' });
export type CostSplit = z.infer<typeof CostSplit>;
export const CostSplitList = z.object({ data: z.array(CostSplit) });
export type CostSplitList = z.infer<typeof CostSplitList>;
export const CostSplitBody = z.strictObject({
  mode: z.enum(SPLIT_MODES),
  teams: z
    .array(z.strictObject({ team: text(100), weight: z.number().positive().max(1e9).optional() }))
    .max(100)
    .default([]),
  valid_from: hour.optional(),
});
export type CostSplitBody = z.infer<typeof CostSplitBody>;
export const CostSplitRemoval = z.strictObject({ valid_from: hour.optional() });

export const CodeownersBody = z.strictObject({
  codeowners: z
    .string()
    .max(1 << 18)
    .meta({ description: 'Text of the file CODEOWNERS' }),
  services: z
    .array(z.strictObject({ service: text(300), path: text(300) }))
    .min(1)
    .max(200)
    .meta({ description: 'Where the code of services is, from the root of the repository' }),
  valid_from: hour.optional(),
});
