import { setTimeout as sleep } from 'node:timers/promises';
import { PolicyAgent, versionOf } from '../agent/agent.js';
import { askingAs, Reporter } from '../agent/reporter.js';
import type { Finding, Policy, PolicySet, Simulation } from '../serve/contract.js';
import { DemoApi } from './api.js';
import { COLLECTOR, type DemoCollector, startDemoCollector } from './collector.js';
import { findingsOfShop } from './result.js';
import { type Shop, startShop } from './shop.js';
import type { Spanwarden } from './spanwarden.js';
import type { Stage } from './stage.js';

/** What the loop shows, one after the other. */
export const LOOP_STEPS = [
  'leaked',
  'suggested',
  'simulated',
  'approved',
  'applied',
  'proved',
  'resolved',
  'broken',
  'reopened',
] as const;
export type LoopStep = (typeof LOOP_STEPS)[number];

/** A step that was seen, with what it showed. */
export interface LoopEvent {
  readonly step: LoopStep;
  /** Since the customers came, in seconds. */
  readonly seconds: number;
  readonly what: string;
}

export interface LoopResult {
  readonly spanwarden: { readonly http: string };
  readonly policy: { readonly id: string; readonly title: string } | null;
  readonly events: readonly LoopEvent[];
  /** The step that did not come in time; null where all did. */
  readonly missing: LoopStep | null;
}

const PATIENCE_MS = 180_000;
/** Traffic before the policy, which says how often it leaked. */
const BEFORE_MS = 15_000;
const SOAK_SECONDS = 5;
const SIMULATION = { duration_seconds: 15, max_spans: 2_000 };

/**
 * From a leak to its proved end, with a real collector: leaks, a suggestion, a simulation, an approval, a roll-out, proof on
 * the data, a finding that resolves itself, and one that comes back when the policy is broken on purpose.
 */
export async function runLoop(api: DemoApi, spanwarden: Spanwarden, stage: Stage): Promise<LoopResult> {
  const collector = await startDemoCollector(spanwarden.otlpHttp, stage);
  await shortenSoak(spanwarden, stage);
  const agent = startAgent(collector, spanwarden, stage);
  stage.tell('shop: starting PostgreSQL, accounts, checkout and storefront …');
  const shop = await startShop(collector.endpoint, stage);
  const loop = new Loop(api, stage, shop);
  const result = { spanwarden: { http: spanwarden.http } };
  let policy: Policy | null = null;
  try {
    policy = await loop.untilSuggested();
    await loop.simulate(policy);
    await loop.approve(policy);
    await loop.untilProved(policy);
    await loop.untilResolved(policy);
    await agent.stop();
    collector.forgetPolicies();
    loop.note('broken', 'the file of policies is emptied, and the collector reads it');
    await loop.untilReopened(policy);
  } catch (error) {
    if (!(error instanceof NotSeen)) throw error;
    return { ...result, policy: titled(policy), events: loop.events, missing: error.step };
  } finally {
    await agent.stop();
    await shop.close();
  }
  return { ...result, policy: titled(policy), events: loop.events, missing: null };
}

function titled(policy: Policy | null): LoopResult['policy'] {
  return policy && { id: policy.id, title: policy.title };
}

/** A step that did not come in time. */
class NotSeen extends Error {
  constructor(readonly step: LoopStep) {
    super(`not seen: ${step}`);
  }
}

class Loop {
  readonly events: LoopEvent[] = [];
  private readonly start = new Date();

  constructor(
    private readonly api: DemoApi,
    private readonly stage: Stage,
    shop: Shop,
  ) {
    shop.openDoors();
    stage.tell('customers: they visit the shop …');
  }

  note(step: LoopStep, what: string): void {
    const seconds = Math.round((Date.now() - this.start.getTime()) / 1000);
    this.events.push({ step, seconds, what });
    this.stage.tell(`${String(seconds).padStart(4)} s  ${step.padEnd(10)}${what}`);
  }

  /** The policy that masks the worst leak. */
  async untilSuggested(): Promise<Policy> {
    const found = await this.until(
      'leaked',
      () => this.leaks(),
      (leaks) => leaks.length > 0,
    );
    this.note('leaked', `${found[0]!.detector.name} in ${found[0]!.key} of ${found[0]!.service}, and more`);
    const policy = await this.until(
      'suggested',
      () => this.suggestion(),
      (suggested) => suggested !== undefined,
    );
    this.note('suggested', policy!.title);
    await sleep(Math.max(0, this.start.getTime() + BEFORE_MS - Date.now()), undefined, { signal: this.stage.signal });
    return (await this.suggestion()) ?? policy!;
  }

  async simulate(policy: Policy): Promise<void> {
    const started = await this.api.simulate(policy.id, SIMULATION);
    const done = await this.until(
      'simulated',
      () => this.api.simulation(started.id),
      ({ state }: Simulation) => state === 'done',
    );
    const { values_masked: masked, findings_before: before, findings_after: after, spans } = done.total;
    this.note('simulated', `on ${spans} spans: ${masked} values masked, findings ${before} → ${after}`);
  }

  async approve(policy: Policy): Promise<void> {
    const latest = (await this.suggestion()) ?? policy;
    await this.api.approve(latest);
    this.note('approved', `by the admin; stages: ${(await this.api.policy(policy.id)).rollout!.stages.length}`);
  }

  async untilProved(policy: Policy): Promise<void> {
    const has = async (): Promise<Policy> => this.api.policy(policy.id);
    const applied = await this.until('applied', has, ({ proof }) => (proof?.after.length ?? 0) > 0);
    this.note('applied', `spans come through collector ${applied.proof!.after[0]!.collector || COLLECTOR} under it`);
    const active = await this.until('proved', has, ({ state }) => state === 'active');
    this.note('proved', active.proof!.why);
  }

  async untilResolved(policy: Policy): Promise<void> {
    const rows = await this.until(
      'resolved',
      () => this.findings(policy),
      (findings) => findings.every(({ resolution }) => resolution === 'redacted_by_policy'),
    );
    this.note('resolved', `${rows.length} findings, redacted by policy`);
  }

  async untilReopened(policy: Policy): Promise<void> {
    const rows = await this.until(
      'reopened',
      () => this.findings(policy),
      (findings) => findings.some(({ substate }) => substate === 'regressed'),
    );
    this.note('reopened', `${rows.filter(({ substate }) => substate === 'regressed').length} findings, regressed`);
  }

  private async leaks(): Promise<Finding[]> {
    return (await findingsOfShop(this.api, this.start)).filter(({ severity }) => severity === 'critical');
  }

  private async suggestion(): Promise<Policy | undefined> {
    const worst = new Set((await this.leaks()).map(({ id }) => id));
    const masks = (await this.api.policies()).filter(
      ({ state, action, location, findings }) =>
        state === 'suggested' &&
        action.kind === 'mask' &&
        location !== 'status' &&
        findings.some((id) => worst.has(id)),
    );
    return masks.sort((a, b) => (a.title < b.title ? -1 : 1))[0];
  }

  private async findings(policy: Policy): Promise<Finding[]> {
    return Promise.all(policy.findings.map((id) => this.api.finding(id)));
  }

  private async until<T>(step: LoopStep, ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      const answer = await ask();
      if (holds(answer)) return answer;
      if (Date.now() > deadline) throw new NotSeen(step);
      await sleep(500, undefined, { signal: this.stage.signal });
    }
  }
}

/** Stages of the demo do not last minutes; what was set is put back. */
async function shortenSoak({ http, token }: Spanwarden, { undo }: Stage): Promise<void> {
  // Also after the demo was interrupted.
  const api = new DemoApi(http, token, new AbortController().signal);
  const before: PolicySet = await api.policySet('default');
  if (before.soak_seconds <= SOAK_SECONDS) return;
  await api.setSoak('default', SOAK_SECONDS);
  undo(() => api.setSoak('default', before.soak_seconds));
}

/** The agent beside the collector, as `spanwarden agent` runs it. */
function startAgent(
  { program, base, policies, pid }: DemoCollector,
  { http, token }: Spanwarden,
  { tell, undo }: Stage,
): { stop(): Promise<void> } {
  const identity = { id: COLLECTOR, labels: {} };
  const agent = new PolicyAgent(
    {
      url: askingAs(`${http}/api/v1/policy-sets/default/collector.yaml`, identity),
      ...{ token, file: policies, collector: program, configs: [base], process: { pid } },
      ...{ intervalSeconds: 1, settleSeconds: 2 },
      reporter: new Reporter(`${http}/`, token, identity, 1, () => versionOf(program)),
    },
    (line) => tell(`        agent: ${line}`),
  );
  const stopping = new AbortController();
  const running = agent.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  undo(stop);
  return { stop };
}
