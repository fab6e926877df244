import { SimulatedCountsMerge } from '../../engine/aggregate/simulated-counts.js';
import type { WireFormatName } from '../../engine/decode/formats.js';
import { DEFAULT_DECODE_LIMITS } from '../../engine/decode/limits.js';
import { decodeTraceDocument, traceIdIn } from '../../engine/decode/trace-document.js';
import type { UsageRow } from '../../engine/model/rollup.js';
import { traceHash } from '../../engine/model/trace-sums.js';
import { type GatheredSpan, SamplingSimulation } from '../../engine/policy/gather-traces.js';
import { isSampling } from '../../engine/policy/sampling-rules.js';
import { Simulator } from '../../engine/policy/simulate.js';
import type { Analyser } from '../../flow/analyse.js';
import { gatheredSpans } from '../../flow/gathered-spans.js';
import { PolicySimulation } from '../../flow/simulate.js';
import { simulationTools } from '../policy/simulation-tools.js';
import { type CollectedSimulation, SimulationLimits, type SimulationPlan } from './simulation-plan.js';
import type { TimeShare } from './time-share.js';

/** A request as plain data takes many times its bytes. */
const MAX_BYTES = 8 << 20;
/** Of one request; more of it says little that is new. */
const MAX_SPANS = 1_000;
/** Whole traces need every request; a thread that owes more than this passes over one all the same. */
const MAX_DEBT_MS = 500;
const HALVE_EVERY_MS = 250;

/** A request that was analysed, while it is still in memory. */
export interface LookedRequest {
  readonly tenant: string;
  /** After decompression. */
  readonly bytes: Uint8Array;
  readonly format: WireFormatName;
  readonly receivedAt: number;
}

/** Simulations in one thread, on requests that it has analysed and answered; they take a share of its time and no more. */
export class Shadow {
  private readonly watched = new Map<string, Watched>();
  private readonly analysers = new Map<string, Analyser>();

  /** @param analyserFor makes an analyser of a tenant's rules as they are now */
  constructor(
    private readonly analyserFor: (tenant: string) => Analyser,
    private readonly time: TimeShare,
  ) {}

  get isIdle(): boolean {
    return this.watched.size === 0;
  }

  /** Puts other simulations in the place of those there are; what ended ones counted is given with the next answer. */
  set(plans: readonly SimulationPlan[]): void {
    const ids = new Set(plans.map(({ id }) => id));
    for (const [id, watched] of this.watched) if (!ids.has(id)) watched.isOver = true;
    for (const plan of plans) if (!this.watched.has(plan.id)) this.watched.set(plan.id, new Watched(plan, this.time));
  }

  /** The tenant's rules changed: what is found from now on follows the new ones. */
  rulesChanged(tenant: string): void {
    this.analysers.delete(tenant);
    for (const watched of this.watched.values()) if (watched.plan.tenant === tenant) watched.renew();
  }

  /** @param usage what the analysis counted in the request */
  look(request: LookedRequest, usage: readonly UsageRow[]): void {
    for (const watched of this.watched.values()) {
      if (watched.isOver || watched.plan.tenant !== request.tenant) continue;
      watched.look(request, usage, () => this.analyser(request.tenant));
    }
    this.rotate();
  }

  /** What was done since the last time. */
  collect(): CollectedSimulation[] {
    const collected = [...this.watched.values()].map((watched) => watched.take());
    for (const [id, { isOver }] of this.watched) if (isOver) this.watched.delete(id);
    if (this.isIdle) this.analysers.clear();
    return collected;
  }

  /** Where there is not time for all, another one goes first the next time. */
  private rotate(): void {
    const [first] = this.watched;
    if (first === undefined) return;
    this.watched.delete(first[0]);
    this.watched.set(...first);
  }

  private analyser(tenant: string): Analyser {
    const analyser = this.analysers.get(tenant) ?? this.analyserFor(tenant);
    this.analysers.set(tenant, analyser);
    return analyser;
  }
}

class Watched {
  isOver = false;
  private readonly limits: SimulationLimits;
  private readonly services: ReadonlySet<string>;
  private readonly sampling: SamplingSimulation | null;
  private simulation: PolicySimulation | null = null;
  private merge = new SimulatedCountsMerge();
  private spans: GatheredSpan[] = [];
  private requests = 0;
  private skipped = 0;
  private halvedAt = 0;

  constructor(
    readonly plan: SimulationPlan,
    private readonly time: TimeShare,
  ) {
    this.limits = new SimulationLimits(plan.shared);
    this.services = new Set(plan.policy.policy.services);
    this.sampling = isSampling(plan.policy) ? new SamplingSimulation([plan.policy], simulationTools()) : null;
  }

  /** Forgets the analyser. */
  renew(): void {
    if (this.simulation !== null) this.merge.add(this.simulation.take());
    this.simulation = null;
  }

  look(request: LookedRequest, usage: readonly UsageRow[], analyser: () => Analyser): void {
    this.requests++;
    const isWanted = this.sampling !== null || usage.some(({ service }) => this.services.has(service));
    if (!isWanted || this.limits.left <= 0) return;
    const least = this.sampling === null ? 0 : -MAX_DEBT_MS;
    if (request.bytes.length > MAX_BYTES || this.time.credit <= least) {
      this.skipped++;
      return;
    }
    try {
      this.time.spend(() => {
        if (this.sampling === null) this.lookAtSpans(request, usage, analyser);
        else this.lookAtTraces(request, this.sampling, analyser());
      });
    } catch {
      // Whatever it is, it must not end the thread; its message could hold what was looked at.
      this.skipped++;
    }
  }

  take(): CollectedSimulation {
    if (this.simulation !== null) this.merge.add(this.simulation.take());
    const { merge, spans, requests, skipped } = this;
    this.merge = new SimulatedCountsMerge();
    this.spans = [];
    this.requests = this.skipped = 0;
    return { id: this.plan.id, counts: merge.result(), spans, requests, skipped };
  }

  private lookAtSpans(
    { bytes, format, receivedAt }: LookedRequest,
    usage: readonly UsageRow[],
    analyser: () => Analyser,
  ): void {
    const own = usage.filter(({ service }) => this.services.has(service));
    const there = own.reduce((sum, { spans }) => sum + spans, 0);
    const limit = this.limits.claim(Math.min(there, MAX_SPANS));
    if (limit === 0) return;
    let looked = 0;
    try {
      this.simulation ??= this.makeSimulation(analyser());
      looked = this.simulation.add(bytes, format, receivedAt, { services: this.services, limit }).spans;
    } finally {
      this.limits.grant(limit - looked);
    }
  }

  private lookAtTraces(
    { bytes, format, receivedAt }: LookedRequest,
    sampling: SamplingSimulation,
    analyser: Analyser,
  ): void {
    const { limits } = this;
    const { halvings } = limits;
    const decoded = decodeTraceDocument(bytes, format, DEFAULT_DECODE_LIMITS, (buffer, start, end) => {
      const traceId = traceIdIn(buffer, start, end);
      return traceId >= 0 && limits.looksAt(traceHash(buffer, traceId));
    });
    if ('code' in decoded) return;
    const spans = gatheredSpans(decoded.request, analyser, sampling, receivedAt);
    const claimed = limits.claim(spans.length);
    for (const span of spans.slice(0, claimed)) this.spans.push(span);
    const now = performance.now();
    if (this.time.credit > 0 || now - this.halvedAt < HALVE_EVERY_MS) return;
    this.halvedAt = now;
    limits.halve(halvings);
  }

  private makeSimulation(analyser: Analyser): PolicySimulation {
    const { policy } = this.plan;
    const simulator = Simulator.of([policy], simulationTools());
    if ('problems' in simulator) throw new Error('a pattern of the policy does not compile');
    return new PolicySimulation(analyser, simulator, [policy]);
  }
}
