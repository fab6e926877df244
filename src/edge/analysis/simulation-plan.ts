import type { PolicyVersion } from '../../engine/model/policy.js';
import type { SimulatedCounts } from '../../engine/model/simulation.js';
import type { GatheredSpan } from '../../engine/policy/gather-traces.js';

/** A simulation as threads are told of it. */
export interface SimulationPlan {
  readonly id: string;
  readonly tenant: string;
  readonly policy: PolicyVersion;
  /** Memory of the process that all threads share; see SimulationLimits. */
  readonly shared: SharedArrayBuffer;
}

/** What a thread did for a simulation since it was asked last: counts and numbers, no values. */
export interface CollectedSimulation {
  readonly id: string;
  readonly counts: SimulatedCounts;
  /** Of traces that are put together in the process. */
  readonly spans: readonly GatheredSpan[];
  /** Requests that came in. */
  readonly requests: number;
  /** Those of them that there was no time for, or that were too large. */
  readonly skipped: number;
}

const LEFT = 0;
const HALVINGS = 1;
/** Fewer than one trace in 65,536 is no sample. */
const MOST_HALVINGS = 16;
/** An odd number, so that which traces are looked at does not follow from the buckets of their sums. */
const MIX = 0x2545f491;

/** How many spans a process may still look at, and which traces, for all of its threads. */
export class SimulationLimits {
  private readonly numbers: Int32Array;

  constructor(readonly shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.numbers = new Int32Array(shared);
  }

  get left(): number {
    return Atomics.load(this.numbers, LEFT);
  }

  /** Adds spans, or takes some away where the number is below 0. */
  grant(spans: number): void {
    Atomics.add(this.numbers, LEFT, spans);
  }

  /** Takes up to so many spans; says how many. */
  claim(spans: number): number {
    for (;;) {
      const left = this.left;
      const claimed = Math.max(0, Math.min(spans, left));
      if (Atomics.compareExchange(this.numbers, LEFT, left, left - claimed) === left) return claimed;
    }
  }

  /** One trace in 2^n is looked at. */
  get halvings(): number {
    return Atomics.load(this.numbers, HALVINGS);
  }

  set halvings(n: number) {
    Atomics.store(this.numbers, HALVINGS, Math.min(MOST_HALVINGS, n));
  }

  /** Looks at half as many traces from now on, unless another thread did so since `seen` was read. */
  halve(seen: number): void {
    if (seen < MOST_HALVINGS) Atomics.compareExchange(this.numbers, HALVINGS, seen, seen + 1);
  }

  /** Whether the trace of this hash is looked at: those that are under more halvings are so under fewer. */
  looksAt(hash: number): boolean {
    return Math.imul(hash, MIX) >>> 0 < 2 ** (32 - this.halvings);
  }
}
