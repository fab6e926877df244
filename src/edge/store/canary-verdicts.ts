import type { CanaryEvidence } from '../../flow/evidence-ports.js';

/** A canary with one of the times that it came back, if it did: copies that were taken before the policies do not count. */
export interface CanaryJoin {
  readonly run: string;
  readonly policy: string;
  readonly version: number;
  readonly item: number;
  readonly expires: Date;
  readonly collector: string | null;
  readonly revision: string | null;
  readonly leaking: boolean | null;
  readonly received: Date | null;
}

/** Joins canaries of one policy and run together; what may still come back is left out, but not what leaks already. */
export function canaryEvidence(rows: readonly CanaryJoin[], now: Date): CanaryEvidence[] {
  const groups = new Map<string, CanaryJoin[]>();
  for (const row of rows) {
    const key = `${row.run} ${row.policy} ${row.version}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const evidence = [...groups.values()].flatMap((group) => ofPolicy(group, now));
  return evidence.sort((a, b) => b.at.getTime() - a.at.getTime() || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ run, policy, collector }: CanaryEvidence): string {
  return `${run} ${policy} ${collector}`;
}

function ofPolicy(group: readonly CanaryJoin[], now: Date): CanaryEvidence[] {
  const { run, policy, version, expires } = group[0]!;
  const isMissing = group.some(({ collector }) => collector === null);
  const isOver = expires <= now;
  const collectors = new Map<string, CanaryJoin[]>();
  for (const row of group) {
    if (row.collector === null) continue;
    collectors.set(row.collector, [...(collectors.get(row.collector) ?? []), row]);
  }
  if (collectors.size === 0) {
    return isOver ? [{ run, policy, version, collector: '', revision: '', verdict: 'lost', at: expires }] : [];
  }
  return [...collectors].flatMap(([collector, back]): CanaryEvidence[] => {
    const shown = back.find(({ leaking }) => leaking) ?? back[0]!;
    const found = { run, policy, version, collector, revision: shown.revision ?? '' };
    const at = new Date(Math.max(...back.map(({ received }) => received!.getTime())));
    if (shown.leaking) return [{ ...found, verdict: 'leaked', at }];
    if (!isMissing) return [{ ...found, verdict: 'clean', at }];
    return isOver ? [{ ...found, verdict: 'lost', at: expires }] : [];
  });
}
