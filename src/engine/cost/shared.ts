import type { GroupUsage } from './allocate.js';
import { times } from './estimate.js';
import { UNOWNED } from './ownership.js';

/** What no team pays for although it is known whose it is. */
export const UNALLOCATED = 'unallocated';

export const SPLIT_MODES = ['none', 'even', 'weighted'] as const;
export type SplitMode = (typeof SPLIT_MODES)[number];

/** How teams share what a service costs: not at all (`unallocated`), in equal parts, or by weight. */
export interface Split {
  readonly mode: SplitMode;
  /** Empty: all teams that have usage of their own, whose weight is their bytes. */
  readonly teams: readonly { readonly team: string; readonly weight: number }[];
}

/** The split of a service from a time on; null where its owner pays again. */
export interface DatedSplit {
  readonly service: string;
  readonly validFrom: Date;
  readonly split: Split | null;
}

/** The split of a service that is in force at a time. */
export function splitAt(splits: readonly DatedSplit[], service: string, at: Date): Split | null {
  let found: DatedSplit | null = null;
  for (const split of splits) {
    if (split.service !== service || split.validFrom > at) continue;
    if (found === null || split.validFrom > found.validFrom) found = split;
  }
  return found?.split ?? null;
}

/** Usage of a team, and how it is shared where it is. */
export interface TeamUsage<Row extends GroupUsage = GroupUsage> {
  readonly usage: Row;
  readonly split: Split | null;
}

/** Shares what is to be shared. Rows add up to what came in; what nobody is there to pay for is `unallocated`. */
export function shareOut<Row extends GroupUsage>(rows: readonly TeamUsage<Row>[]): Row[] {
  const own = new Map<string, number>();
  for (const { usage, split } of rows) {
    if (split !== null || usage.group === UNOWNED) continue;
    own.set(usage.group, (own.get(usage.group) ?? 0) + usage.bytes.value);
  }
  const everybody = [...own].map(([team, weight]) => ({ team, weight }));
  return rows.flatMap(({ usage, split }) => {
    if (split === null) return [usage];
    const teams = split.teams.length > 0 ? split.teams : everybody;
    const weights = teams.map(({ weight }) => (split.mode === 'even' ? 1 : weight));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (split.mode === 'none' || !(sum > 0)) return [{ ...usage, group: UNALLOCATED }];
    return teams.map(({ team }, i) => part(usage, team, weights[i]! / sum));
  });
}

function part<Row extends GroupUsage>(usage: Row, group: string, share: number): Row {
  return {
    ...usage,
    group,
    receivedSpans: usage.receivedSpans * share,
    receivedBytes: usage.receivedBytes * share,
    spans: times(usage.spans, share),
    bytes: times(usage.bytes, share),
  };
}
