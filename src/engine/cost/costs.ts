import type { PriceModel } from '../model/price-model.js';
import { costOf } from './price.js';

/** Bytes and spans of a group (a team, a service, an attribute …). */
export interface Usage {
  readonly group: string;
  readonly spans: number;
  readonly bytes: number;
}

export interface CostRow extends Usage {
  readonly cost: number;
  /** Of the total cost, 0 to 1. */
  readonly share: number;
}

export interface Costs {
  readonly total: { readonly spans: number; readonly bytes: number; readonly cost: number };
  /** Costliest first; they add up to the total. */
  readonly rows: readonly CostRow[];
}

/** Prices usage, adding up what has the same group. */
export function priceUsage(usage: readonly Usage[], model: PriceModel): Costs {
  const groups = new Map<string, { spans: number; bytes: number }>();
  for (const { group, spans, bytes } of usage) {
    const sum = groups.get(group) ?? { spans: 0, bytes: 0 };
    groups.set(group, { spans: sum.spans + spans, bytes: sum.bytes + bytes });
  }
  const spans = usage.reduce((sum, u) => sum + u.spans, 0);
  const bytes = usage.reduce((sum, u) => sum + u.bytes, 0);
  const total = { spans, bytes, cost: costOf(bytes, model) };
  const rows = [...groups].map(([group, sum]) => {
    const cost = costOf(sum.bytes, model);
    return { group, ...sum, cost, share: total.cost === 0 ? 0 : cost / total.cost };
  });
  rows.sort((a, b) => b.cost - a.cost || (a.group < b.group ? -1 : 1));
  return { total, rows };
}
