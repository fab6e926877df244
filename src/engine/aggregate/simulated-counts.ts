import type {
  AttributeChange,
  EffectRow,
  FindingChange,
  RatioRow,
  SampledVolume,
  ServiceChange,
  SimulatedCounts,
  SimulatedTraces,
} from '../model/simulation.js';
import { TRACE_CLASSES } from '../model/simulation.js';
import { BUCKETS } from '../model/trace-sums.js';
import { OVERFLOW } from './rollup-builder.js';

/** Rows of each list; what comes beyond is counted together. */
const MAX_ROWS = 2_000;

const MOMENTS = ['x', 'd', 'xx', 'xd', 'dd'] as const;

/** Adds up what simulations counted. The totals do not depend on the order; of full lists the rows that came first stay. */
export class SimulatedCountsMerge {
  private readonly before = emptyVolume();
  private readonly after = emptyVolume();
  private spansTouched = 0;
  private readonly effects = new Map<string, EffectRow>();
  private readonly services = new Map<string, ServiceChange>();
  private readonly attributes = new Map<string, AttributeChange>();
  private readonly findings = new Map<string, FindingChange>();
  private readonly otherFindings = { before: 0, after: 0 };
  private readonly traces = emptyTraces();
  private readonly ratios = new Map<string, RatioRow>();

  add(counts: SimulatedCounts): void {
    addVolume(this.before, counts.before);
    addVolume(this.after, counts.after);
    this.spansTouched += counts.spansTouched;
    for (const row of counts.effects) this.addEffect(row);
    for (const row of counts.services) this.addService(row);
    for (const row of counts.attributes) this.addAttribute(row);
    for (const row of counts.findings) this.addFinding(row);
    this.otherFindings.before += counts.otherFindings.before;
    this.otherFindings.after += counts.otherFindings.after;
    addTraces(this.traces, counts.traces);
    for (const row of counts.ratios) this.addRatio(row);
  }

  /** Lists in the order of their rows' names. */
  result(): SimulatedCounts {
    return {
      ...{ before: this.before, after: this.after, spansTouched: this.spansTouched },
      effects: inOrder(this.effects),
      services: inOrder(this.services),
      attributes: inOrder(this.attributes).filter(isChanged),
      findings: inOrder(this.findings),
      otherFindings: this.otherFindings,
      traces: this.traces,
      ratios: inOrder(this.ratios),
    };
  }

  private addEffect(row: EffectRow): void {
    const sum = slot(this.effects, [row.policy, row.service], row, (service) => ({
      ...{ policy: row.policy, service, masked: 0, removed: 0, renamed: 0, generalised: 0, dropped: 0, bytes: 0 },
    }));
    sum.masked += row.masked;
    sum.removed += row.removed;
    sum.renamed += row.renamed;
    sum.generalised += row.generalised;
    // Counted since spans can be dropped.
    sum.dropped += row.dropped ?? 0;
    sum.bytes += row.bytes;
  }

  private addService(row: ServiceChange): void {
    const none = { spans: 0, bytes: 0 };
    const sum = slot(this.services, [row.service], row, (service) => ({
      ...{ service, before: { ...none }, after: { ...none } },
    }));
    for (const side of ['before', 'after'] as const) {
      sum[side].spans += row[side].spans;
      sum[side].bytes += row[side].bytes;
    }
  }

  private addAttribute(row: AttributeChange): void {
    const { location, key } = row;
    const none = { observations: 0, bytes: 0 };
    const sum = slot(this.attributes, [row.service, location, key], row, (service) => ({
      ...{ service, location, key, before: { ...none }, after: { ...none } },
    }));
    for (const side of ['before', 'after'] as const) {
      sum[side].observations += row[side].observations;
      sum[side].bytes += row[side].bytes;
    }
  }

  private addRatio(row: RatioRow): void {
    const none = { x: 0, d: 0, xx: 0, xd: 0, dd: 0 };
    const sum = slot(this.ratios, [row.service], row, (service) => ({
      ...{ service, units: 0, bytes: { ...none }, spans: { ...none } },
    }));
    sum.units += row.units;
    for (const of of ['bytes', 'spans'] as const) {
      for (const moment of MOMENTS) sum[of][moment] += row[of][moment];
    }
  }

  private addFinding(row: FindingChange): void {
    const name = [row.service, row.kind, row.detector, row.location, row.key, row.component].join('\0');
    const known = this.findings.get(name);
    if (known === undefined && this.findings.size < MAX_ROWS) {
      this.findings.set(name, { ...row });
      return;
    }
    const sum = known ?? this.otherFindings;
    sum.before += row.before;
    sum.after += row.after;
  }
}

export function emptyVolume(): SampledVolume {
  return {
    ...{ spans: 0, bytes: 0, weighedSpans: 0, weighedBytes: 0, estimatedSpans: 0, estimatedBytes: 0 },
    knownSums: new Array<number>(2 * BUCKETS).fill(0),
    unknownSums: new Array<number>(2 * BUCKETS).fill(0),
  };
}

export function emptyTraces(): SimulatedTraces {
  const none = { keptTraces: 0, droppedTraces: 0, keptSpans: 0, droppedSpans: 0 };
  return { classes: TRACE_CLASSES.map((name) => ({ class: name, ...none })), whole: 0, broken: 0, open: 0 };
}

function addTraces(sum: SimulatedTraces, traces: SimulatedTraces): void {
  sum.whole += traces.whole;
  sum.broken += traces.broken;
  sum.open += traces.open;
  for (const row of traces.classes) {
    const own = sum.classes.find((other) => other.class === row.class)!;
    own.keptTraces += row.keptTraces;
    own.droppedTraces += row.droppedTraces;
    own.keptSpans += row.keptSpans;
    own.droppedSpans += row.droppedSpans;
  }
}

export function emptyCounts(): SimulatedCounts {
  return new SimulatedCountsMerge().result();
}

export function addVolume(sum: SampledVolume, volume: SampledVolume): void {
  sum.spans += volume.spans;
  sum.bytes += volume.bytes;
  sum.weighedSpans += volume.weighedSpans;
  sum.weighedBytes += volume.weighedBytes;
  sum.estimatedSpans += volume.estimatedSpans;
  sum.estimatedBytes += volume.estimatedBytes;
  for (let i = 0; i < 2 * BUCKETS; i++) {
    sum.knownSums[i]! += volume.knownSums[i]!;
    sum.unknownSums[i]! += volume.unknownSums[i]!;
  }
}

/** The row of a name; of a full list the row of its kind for all other services. */
function slot<T>(
  rows: Map<string, T>,
  name: readonly string[],
  { service }: { service: string },
  empty: (service: string) => T,
): T {
  const key = name.join('\0');
  const isFull = !rows.has(key) && rows.size >= MAX_ROWS;
  const place = isFull ? name.map((part) => (part === service ? OVERFLOW : part)).join('\0') : key;
  let row = rows.get(place);
  if (row === undefined) {
    row = empty(isFull ? OVERFLOW : service);
    rows.set(place, row);
  }
  return row;
}

function inOrder<T>(rows: ReadonlyMap<string, T>): T[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function isChanged({ before, after }: AttributeChange): boolean {
  return before.observations !== after.observations || before.bytes !== after.bytes;
}
