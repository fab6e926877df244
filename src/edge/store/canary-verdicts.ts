import type { Tap } from '../../engine/model/evidence.js';
import type { CanaryEvidence } from '../../flow/evidence-ports.js';
import type { CanaryJoin } from './canary-store.js';

/** What came of the canaries of a policy in a run. */
export interface PolicyCanaries {
  readonly run: string;
  readonly policy: string;
  readonly version: number;
  readonly title: string | null;
  readonly canaries: number;
  /** Canaries that did not come back, but for copies that were taken before the policies. */
  readonly missing: number;
  /** Canaries that were seen in a copy taken before the policies. */
  readonly arrived: number;
  readonly expires: Date;
  readonly verdict: CanaryEvidence['verdict'] | 'pending';
  /** By collector, those that sent a canary back. */
  readonly back: readonly {
    readonly collector: string;
    readonly tap: Tap;
    readonly isLeaking: boolean;
    readonly revision: string;
    readonly at: Date;
  }[];
}

/** Joins canaries of one policy and run together, in the order of the rows. One leak is a leak; then one lost is lost. */
export function policyCanaries(rows: readonly CanaryJoin[], now: Date): PolicyCanaries[] {
  const groups = new Map<string, CanaryJoin[]>();
  for (const row of rows) {
    const key = `${row.run} ${row.policy} ${row.version}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].map((group) => ofPolicy(group, now));
}

/** The same for whoever judges policies; those that are on their way are left out. */
export function canaryEvidence(rows: readonly CanaryJoin[], now: Date): CanaryEvidence[] {
  const evidence = policyCanaries(rows, now).flatMap((found): CanaryEvidence[] => {
    const { run, policy, version, verdict, expires, back } = found;
    const own = { run, policy, version };
    if (back.length === 0) {
      return verdict === 'lost' ? [{ ...own, collector: '', revision: '', verdict, at: expires }] : [];
    }
    return back.flatMap(({ collector, isLeaking, revision, at }): CanaryEvidence[] => {
      if (isLeaking) return [{ ...own, collector, revision, verdict: 'leaked', at }];
      if (found.missing === 0) return [{ ...own, collector, revision, verdict: 'clean', at }];
      return expires <= now ? [{ ...own, collector, revision, verdict: 'lost', at: expires }] : [];
    });
  });
  return evidence.sort((a, b) => b.at.getTime() - a.at.getTime() || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ run, policy, collector }: CanaryEvidence): string {
  return `${run} ${policy} ${collector}`;
}

function ofPolicy(group: readonly CanaryJoin[], now: Date): PolicyCanaries {
  const { run, policy, version, title, expires } = group[0]!;
  const items = new Set(group.map(({ item }) => item));
  const past = group.filter(({ tap }) => tap !== null && tap !== 'before');
  const missing = items.size - new Set(past.map(({ item }) => item)).size;
  const arrived = new Set(group.filter(({ tap }) => tap === 'before').map(({ item }) => item)).size;
  const isLeaking = past.some(({ leaking }) => leaking);
  const open = expires <= now ? 'lost' : 'pending';
  return {
    ...{ run, policy, version, title, canaries: items.size, missing, arrived, expires },
    verdict: isLeaking ? 'leaked' : missing === 0 ? 'clean' : open,
    back: [...new Set(past.map(({ collector }) => collector!))].sort().map((collector) => {
      const own = past.filter((row) => row.collector === collector);
      const shown = own.find(({ leaking }) => leaking) ?? own[0]!;
      const at = new Date(Math.max(...own.map(({ received }) => received!.getTime())));
      return {
        ...{ collector, tap: shown.tap ?? '', isLeaking: shown.leaking === true, revision: shown.revision ?? '', at },
      };
    }),
  };
}
