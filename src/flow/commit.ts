import { RollupMerge } from '../engine/aggregate/merge.js';
import type { Rollup } from '../engine/model/rollup.js';
import type { AnalysedBatch, BatchPart, RollupStore } from './ports.js';

export interface Committed {
  readonly newFindings: number;
  /** Batches of which every part had been committed before. */
  readonly duplicates: number;
}

/** Ledger and totals in one transaction: claim the parts, add up those that are new, add them to the totals. */
export function commitBatches(store: RollupStore, batches: readonly AnalysedBatch[]): Promise<Committed> {
  return store.transaction(async (transaction) => {
    const parts = batches.map(partsOf);
    const fresh = await transaction.claim(parts.flat());
    let newFindings = 0;
    let duplicates = 0;
    let next = 0;
    const merges = new Map<string, RollupMerge>();
    for (const [i, batch] of batches.entries()) {
      const services = new Set(parts[i]!.filter(() => fresh[next++]).map((part) => part.service));
      if (services.size === 0) duplicates++;
      else mergeOf(merges, batch.tenant).add(onlyServices(batch.rollup, services, parts[i]!.length));
    }
    for (const [tenant, merge] of merges) newFindings += (await transaction.add(tenant, merge.result())).newFindings;
    return { newFindings, duplicates };
  });
}

function partsOf({ tenant, id, day, rollup }: AnalysedBatch): BatchPart[] {
  const services = new Set(rollup.usage.map((row) => row.service));
  return [...services].map((service) => ({ tenant, service, day, batchId: id }));
}

function mergeOf(merges: Map<string, RollupMerge>, tenant: string): RollupMerge {
  let merge = merges.get(tenant);
  if (merge === undefined) {
    merge = new RollupMerge();
    merges.set(tenant, merge);
  }
  return merge;
}

function onlyServices(rollup: Rollup, services: ReadonlySet<string>, of: number): Rollup {
  if (services.size === of) return rollup;
  const chosen = (row: { service: string }): boolean => services.has(row.service);
  return {
    usage: rollup.usage.filter(chosen),
    attributes: rollup.attributes.filter(chosen),
    spanNames: rollup.spanNames.filter(chosen),
    services: rollup.services.filter(chosen),
    findings: rollup.findings.filter(chosen),
  };
}
