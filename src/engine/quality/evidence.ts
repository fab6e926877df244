import { emptyBody, mergeBody, type QualityBody, type QualityRow, type WindowCounts } from '../model/quality.js';
import type { Hour } from '../model/rollup.js';

/** What the person who runs this says of the traces that come: see `docs/quality.md`. */
export const TRACE_MODES = ['auto', 'whole', 'partial'] as const;
export type TraceMode = (typeof TRACE_MODES)[number];

type ServiceBody = QualityBody<'service'>;

/** A row as a process wrote it. */
export interface PartRow<Body extends QualityRow['body'] = ServiceBody> extends QualityRow<Body> {
  /** The process, and since when spans came to it, milliseconds since the epoch. */
  readonly process: string;
  readonly processStarted: number;
}

/** What there is to judge a service, a team or everything by. */
export interface Evidence {
  /** Everything that was counted. */
  readonly all: ServiceBody;
  /** What was counted in hours in which traces came whole to one process. */
  readonly whole: ServiceBody;
  /** Why there is nothing in `whole`; empty where there is, or where there were no traces. */
  readonly notWhole: string;
  /** Of how many traces in `whole` what was counted may be wrong. */
  readonly doubt: number;
  readonly window: WindowCounts;
  /** Requests of which something else counted how many there were, and how many of them left a span; or null. */
  readonly requests: { readonly total: number; readonly traced: number } | null;
  /** Cost of all spans divided by their number, and its currency; or null. */
  readonly costPerSpan: number | null;
  /** Services that sent spans for most of a day and then for an hour none, of how many. */
  readonly silent: { readonly services: number; readonly of: number } | null;
}

const SPLIT = 'traces may be split between processes';
const PARTIAL = 'the configuration says that traces do not come whole';

/** At most so many spans are in `traces` traces: √(t·Σm²) for traces of m spans (Cauchy-Schwarz inequality). */
export function mostSpansIn(traces: number, { counts }: ServiceBody): number {
  return Math.ceil(Math.sqrt(traces * counts.spansSquared));
}

/**
 * Traces that may have too many spans of a kind although no more were seen: those that did not come whole, or in hours in
 * which they may have been split. Those that were seen to have too many have them, whole or not.
 */
export const unseen = {
  shortTraces: ({ all: { counts: all }, whole: { counts: whole } }: Evidence): number =>
    all.entered -
    all.shortTraces -
    (whole.entered - whole.enteredUnknown - whole.shortTraces + whole.shortTracesUnknown),
  manyInternal: ({ all: { counts: all }, whole: { counts: whole } }: Evidence): number =>
    all.traces - all.manyInternal - (whole.traces - whole.unknown - whole.manyInternal + whole.manyInternalUnknown),
  manyShort: ({ all: { counts: all }, whole: { counts: whole } }: Evidence): number =>
    all.traces - all.manyShort - (whole.traces - whole.unknown - whole.manyShort + whole.manyShortUnknown),
};

/** Puts rows together; which of them belong together (a service, a team, all) is up to the caller. */
export class EvidenceBuilder {
  private readonly split: ReadonlySet<Hour>;
  private readonly window = emptyBody('window');
  private readonly wholeWindow = emptyBody('window');

  /** @param everything all rows of services and windows of the time in question, of whichever group */
  constructor(
    everything: readonly PartRow<QualityRow['body']>[],
    private readonly mode: TraceMode,
  ) {
    this.split = mode === 'auto' ? splitHours(everything) : new Set();
    for (const row of everything) {
      if (row.subject !== 'window') continue;
      mergeBody(this.window, row.body);
      if (!this.split.has(row.hour)) mergeBody(this.wholeWindow, row.body);
    }
  }

  /** @param rows of services of the group */
  build(
    rows: readonly PartRow[],
    known: Partial<Pick<Evidence, 'requests' | 'costPerSpan' | 'silent'>> = {},
  ): Evidence {
    const all = emptyBody('service');
    const whole = emptyBody('service');
    for (const row of rows) {
      mergeBody(all, row.body);
      if (this.mode !== 'partial' && !this.split.has(row.hour)) mergeBody(whole, row.body);
    }
    const isLost = whole.counts.traces === 0 && all.counts.traces > 0;
    return {
      ...{ requests: null, costPerSpan: null, silent: null, ...known },
      all,
      whole,
      notWhole: isLost ? (this.mode === 'partial' ? PARTIAL : SPLIT) : '',
      doubt:
        whole.counts.doubt +
        this.wholeWindow.counts.doubt +
        (this.mode === 'whole' ? 0 : this.wholeWindow.counts.mixed),
      window: this.window.counts,
    };
  }
}

/**
 * Hours in which more than one process may have had parts of the same trace: one was there before the other had received
 * the last of its spans. A process that began after the last span of the other has only taken over from it.
 */
function splitHours(rows: readonly PartRow<QualityRow['body']>[]): Set<Hour> {
  const byHour = new Map<Hour, Map<string, { started: number; last: number }>>();
  for (const { hour, process, processStarted: started, lastReceived } of rows) {
    const processes = byHour.get(hour) ?? new Map<string, { started: number; last: number }>();
    byHour.set(hour, processes);
    const last = Math.max(processes.get(process)?.last ?? 0, lastReceived);
    processes.set(process, { started, last });
  }
  const split = new Set<Hour>();
  for (const [hour, processes] of byHour) {
    for (const near of [hour, hour + 1]) {
      if (!areApart([...processes], [...(byHour.get(near) ?? [])])) split.add(hour).add(near);
    }
  }
  return split;
}

type Processes = readonly (readonly [string, { readonly started: number; readonly last: number }])[];

function areApart(some: Processes, others: Processes): boolean {
  return some.every(([a, one]) =>
    others.every(([b, other]) => a === b || one.started >= other.last || other.started >= one.last),
  );
}
