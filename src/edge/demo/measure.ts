import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoApi } from './api.js';
import type { Leak } from './leaks.js';
import { Progress } from './progress.js';
import {
  costsOfRun,
  type DemoResult,
  findingsOfShop,
  inOrderOf,
  notAnswered,
  notFound,
  type Received,
  received,
  startOfHour,
  worstFirst,
} from './result.js';
import type { Shop } from './shop.js';
import type { Spanwarden } from './spanwarden.js';
import type { Stage } from './stage.js';
import { teamSavings } from './team-savings.js';

/** Policies are suggested within seconds; traces have ended half a minute after their last span. */
const SETTLE_MS = 60_000;
const EVER = new Date(0);

/** Lets customers in for the time that was asked for, and collects what spanwarden says afterwards. */
export async function measure(
  api: DemoApi,
  shop: Shop,
  leaks: readonly Leak[],
  { http, child }: Spanwarden,
  stage: Stage,
): Promise<DemoResult> {
  const since = new Date();
  const { seconds, keep } = stage.options;
  const costsBefore = await api.costsByService(startOfHour(since));
  const seenBefore = new Map((await findingsOfShop(api, EVER)).map((f) => [f.id, f.occurrences]));
  await driveTraffic(api, shop, since, stage);
  await shop.close();
  const { findings, policies, leaks: checked } = await settled(api, leaks, since, stage);
  const costsAfter = await api.costsByService(startOfHour(since));
  const costs = costsOfRun(costsBefore, costsAfter, await api.owners(), seconds);
  const sorted = worstFirst(findings);
  const teams = [...new Set(costs.rows.map(({ team }) => team).filter((team) => team !== ''))].sort();
  return {
    spanwarden: { http, started_by_demo: child !== null, stays: child === null || keep },
    seconds,
    traffic: shop.count(),
    spans: costs.total.spans,
    complete: notFound(checked).length === 0,
    leaks: checked,
    findings: sorted.map((finding) => ({
      ...finding,
      url: `${http}/ui/findings/${finding.id}`,
      occurrences_of_run: finding.occurrences - (seenBefore.get(finding.id) ?? 0),
    })),
    costs,
    team_savings: await teamSavings(api, teams, startOfHour(since), http, stage.signal),
    policies: inOrderOf(sorted, policies).map((policy) => ({ ...policy, url: `${http}/ui/policies` })),
  };
}

async function driveTraffic(api: DemoApi, shop: Shop, since: Date, { options, signal, tell }: Stage): Promise<void> {
  const stream = options.json ? process.stderr : process.stdout;
  const progress = new Progress(stream.isTTY ? stream : null, tell);
  tell(`customers: ${options.seconds} s of visits …`);
  const { spans_7d: before } = await api.status();
  const start = Date.now();
  shop.openDoors();
  try {
    for (let left = options.seconds; left > 0; left = options.seconds - (Date.now() - start) / 1000) {
      await sleep(Math.min(1, left) * 1000, undefined, { signal });
      const seconds = Math.min(options.seconds, (Date.now() - start) / 1000);
      const spans = (await api.status()).spans_7d - before;
      const findings = (await findingsOfShop(api, since)).length;
      progress.update({ ...shop.count(), seconds, spans, findings });
    }
  } finally {
    progress.end();
  }
}

/** Waits until all is there that is expected: findings, and the policies for them, which a job suggests. */
async function settled(api: DemoApi, leaks: readonly Leak[], since: Date, { signal, tell }: Stage): Promise<Received> {
  tell('waiting until traces have ended and policies are suggested …');
  for (const deadline = Date.now() + SETTLE_MS; ; ) {
    const now = await received(api, leaks, since);
    const missing = notFound(now.leaks).length + notAnswered(now.leaks).length;
    if (missing === 0 || Date.now() > deadline) return now;
    await sleep(250, undefined, { signal });
  }
}
