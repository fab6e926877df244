import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SimulatedCountsMerge } from '../../engine/aggregate/simulated-counts.js';
import type { PolicyVersion } from '../../engine/model/policy.js';
import type { SimulatedCounts } from '../../engine/model/simulation.js';
import { SamplingSimulation, TraceGathering } from '../../engine/policy/gather-traces.js';
import { isSampling } from '../../engine/policy/sampling-rules.js';
import { tracesCounts } from '../../flow/simulate.js';
import type { AnalysisPool } from '../analysis/pool.js';
import { type CollectedSimulation, SimulationLimits, type SimulationPlan } from '../analysis/simulation-plan.js';
import { simulationTools } from '../policy/simulation-tools.js';
import type { PostgresSimulationStore, RunningSimulation } from '../store/simulation-store.js';

const TURN_MS = 1_000;

/**
 * The part of one process in simulations on live spans: it hears of them, has its threads carry them out, and writes what
 * they counted every second, until they are over.
 */
export class LiveSimulations implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Simulations');
  private readonly joined = new Map<string, Joined>();
  private timer: NodeJS.Timeout | null = null;
  private turn: Promise<void> = Promise.resolve();
  private isClosing = false;
  private isFailing = false;

  /** @param idleMs after which a trace is over that nothing comes of any more */
  constructor(
    private readonly store: PostgresSimulationStore,
    private readonly pool: AnalysisPool,
    private readonly idleMs: number,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.poll(), TURN_MS);
  }

  /** Called while the threads are still there: all that comes later is not looked at. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.isClosing = true;
    await this.refresh().catch(() => {});
  }

  /** Looks what is to be simulated, and writes what was counted; called after a change, and every second. */
  refresh(): Promise<void> {
    const turn = this.turn.catch(() => {}).then(() => this.take());
    this.turn = turn;
    return turn;
  }

  private async poll(): Promise<void> {
    try {
      await this.refresh();
      this.isFailing = false;
    } catch {
      if (!this.isFailing) this.log.warn('simulations can be neither read nor written now');
      this.isFailing = true;
    }
  }

  private async take(): Promise<void> {
    const running = await this.store.running();
    if (running.length === 0 && this.joined.size === 0) return;
    for (const simulation of running) this.join(simulation);
    for (const joined of this.joined.values()) {
      joined.isOver ||= this.isClosing || !running.some(({ row }) => row.id === joined.plan.id);
    }
    // A limit that is used up, or time that is over, shows with the report, so the end takes a second one.
    await this.write();
    if ([...this.joined.values()].some(({ isOver }) => isOver)) await this.write();
    if (running.length > 0) await this.store.closeOverdue();
  }

  private join({ row, secondsLeft }: RunningSimulation): void {
    if (secondsLeft <= 0 || this.isClosing || this.joined.has(row.id)) return;
    const policy: PolicyVersion = { id: row.policyId, version: row.version, state: 'suggested', policy: row.body };
    this.joined.set(row.id, new Joined(row.tenantId, row.id, policy, row.maxSpans, row.halvings, this.idleMs));
    this.plan();
  }

  private plan(): void {
    const plans = [...this.joined.values()].filter(({ isOver }) => !isOver).map(({ plan }) => plan);
    this.pool.setSimulations(plans);
  }

  private async write(): Promise<void> {
    this.plan();
    const collected = await this.pool.collectSimulations();
    const now = Date.now();
    for (const part of collected) this.joined.get(part.id)?.add(part, now);
    for (const [id, joined] of this.joined) {
      const { isOver } = joined;
      const report = joined.report(now);
      const told = await this.store.report(joined.plan.tenant, id, report);
      if (isOver || told === null) this.joined.delete(id);
      else joined.told(report.used, told);
    }
    if (this.joined.size === 0) this.pool.setSimulations([]);
  }
}

/** A simulation that this process takes part in. */
class Joined {
  readonly plan: SimulationPlan;
  isOver = false;
  private readonly limits = new SimulationLimits();
  private readonly part = randomUUID();
  private readonly merge = new SimulatedCountsMerge();
  private readonly gathering: TraceGathering | null;
  /** Spans that threads were allowed to look at, in all. */
  private granted = 0;
  private requests = 0;
  private skipped = 0;

  constructor(
    tenant: string,
    id: string,
    policy: PolicyVersion,
    maxSpans: number,
    halvings: number,
    private readonly idleMs: number,
  ) {
    this.limits.halvings = halvings;
    this.plan = { id, tenant, policy, shared: this.limits.shared };
    const limits = { maxTraces: maxSpans, maxSpans };
    const sampling = isSampling(policy) ? new SamplingSimulation([policy], simulationTools()) : null;
    this.gathering = sampling === null ? null : new TraceGathering(sampling, limits);
  }

  add({ counts, spans, requests, skipped }: CollectedSimulation, now: number): void {
    this.merge.add(counts);
    this.requests += requests;
    this.skipped += skipped;
    this.gathering?.add(spans, now);
  }

  report(now: number) {
    const used = this.granted - this.limits.left;
    const { part, requests, skipped, isOver: isFinished } = this;
    return { part, used, requests, skipped, isFinished, counts: this.counts(now) };
  }

  /** Takes what the store allows; `used` is what it was told. */
  told(used: number, { held, secondsLeft }: { held: number; secondsLeft: number }): void {
    const more = used + held - this.granted;
    this.granted += more;
    this.limits.grant(more);
    this.isOver = secondsLeft <= 0;
  }

  private counts(now: number): SimulatedCounts {
    if (this.gathering === null) return this.merge.result();
    // What a thread had no time for is missing from then on, in all threads.
    this.gathering.forget((hash) => this.limits.looksAt(hash));
    this.gathering.end(now - this.idleMs);
    if (this.isOver) this.gathering.close();
    return tracesCounts(this.gathering.result());
  }
}
