import { RollupMerge } from '../engine/aggregate/merge.js';
import type { Rollup } from '../engine/model/rollup.js';
import type { ReceivedEvidence } from './evidence-ports.js';
import type { AnalysedBatch, BatchPart, RollupStore } from './ports.js';

export interface Committed {
  readonly newFindings: number;
  /** Batches of which every part had been committed before. */
  readonly duplicates: number;
}

/** Told of a batch that is committed, and of its services that were counted with it and not before. */
export type OnCounted = (batch: AnalysedBatch, services: ReadonlySet<string>) => void;

/** Ledger and totals in one transaction: claim the parts, add up those that are new, add them to the totals. */
export async function commitBatches(
  store: RollupStore,
  batches: readonly AnalysedBatch[],
  onCounted: OnCounted = () => {},
): Promise<Committed> {
  const { counted, ...committed } = await store.transaction(async (transaction) => {
    const parts = batches.map(partsOf);
    const fresh = await transaction.claim(parts.flat());
    let newFindings = 0;
    let duplicates = 0;
    let next = 0;
    const merges = new Map<string, RollupMerge>();
    const evidence = new Map<string, ReceivedEvidence[]>();
    const counted: ReadonlySet<string>[] = [];
    for (const [i, batch] of batches.entries()) {
      const services = new Set(parts[i]!.filter(() => fresh[next++]).map((part) => part.service));
      counted.push(services);
      if (services.size === 0 && parts[i]!.length > 0) duplicates++;
      else mergeOf(merges, batch.tenant).add(onlyServices(batch.rollup, services, parts[i]!.length));
      if (batch.received !== undefined) {
        const received = evidenceOf(batch.received, services);
        const known = evidence.get(batch.tenant);
        if (known === undefined) evidence.set(batch.tenant, [received]);
        else known.push(received);
      }
    }
    for (const [tenant, merge] of merges) newFindings += (await transaction.add(tenant, merge.result())).newFindings;
    for (const [tenant, received] of evidence) await transaction.evidence.add(tenant, received);
    return { newFindings, duplicates, counted };
  });
  for (const [i, batch] of batches.entries()) onCounted(batch, counted[i]!);
  return committed;
}

function partsOf({ tenant, id, day, rollup, received }: AnalysedBatch): BatchPart[] {
  const services = new Set([...rollup.usage, ...(received?.evidence.spans ?? [])].map((row) => row.service));
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

/** What counts of it; canaries are noted whenever they come. */
function evidenceOf({ evidence, ...received }: ReceivedEvidence, services: ReadonlySet<string>): ReceivedEvidence {
  const spans = evidence.spans.filter(({ service }) => services.has(service));
  const matches = evidence.matches.filter(({ place }) => services.has(place.service));
  return { ...received, evidence: { spans, matches, canaries: evidence.canaries } };
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
