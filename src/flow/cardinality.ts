import { type Budget, budgetOf } from '../engine/cardinality/budget.js';
import { growthOf } from '../engine/cardinality/growth.js';
import { type CardinalityVerdict, judgeCardinality } from '../engine/cardinality/rules.js';
import { sha256 } from '../engine/detect/sha256.js';
import { hex } from '../engine/encoding.js';
import type { Finding } from '../engine/model/finding.js';
import type { Growth, GrowthPoint } from '../engine/model/growth.js';
import { isOwnKey } from '../engine/model/own-keys.js';
import { Sketch } from '../engine/model/sketch.js';
import { teamsByService } from './costs.js';
import type {
  AttributePlace,
  AttributeSeries,
  AttributeStep,
  AttributeStore,
  FindingStore,
  PlaceFindings,
  RollupStore,
  UsageStore,
  Window,
} from './ports.js';

const HOUR = 3_600_000;
/** Attributes are judged by what was counted in so many hours: a week. */
export const JUDGED_HOURS = 7 * 24;
/** Attributes whose series are in memory at once: an hour of one can have 16 KiB. */
const AT_ONCE = 25;
/** Late spans change hours that were judged. */
const LATE_HOURS = 2;

export interface CardinalityPorts {
  readonly attributes: AttributeStore;
  readonly usage: UsageStore;
  readonly findings: FindingStore;
  readonly rollups: RollupStore;
}

/** What a series says of an attribute in its window. */
export interface JudgedSeries {
  readonly growth: Growth;
  readonly observations: number;
  readonly bytes: number;
  readonly values: Sketch;
  /** Beginning of the window up to the end of each step. */
  readonly points: readonly (GrowthPoint & { readonly start: Date })[];
}

/**
 * Judges all attributes that were counted since the last time: growth class, and what is wrong with the number of
 * values, as findings. What was found is counted once a day, however often it is judged. Gives how many were judged.
 */
export async function judgeAttributes(tenant: string, now: Date, ports: CardinalityPorts): Promise<number> {
  const { attributes, usage, findings } = ports;
  const window = { from: new Date((hourOf(now) - JUDGED_HOURS) * HOUR), to: new Date((hourOf(now) + 1) * HOUR) };
  const last = await attributes.lastJudged(tenant);
  const since = last === null ? window.from : new Date((hourOf(last) - LATE_HOURS) * HOUR);
  const [budgets, teams, bytes] = await Promise.all([
    attributes.budgets(tenant),
    teamsByService(tenant, usage),
    bytesByService(tenant, window, usage),
  ]);
  let judged = 0;
  for (const service of await attributes.servicesSince(tenant, since)) {
    const known = await findings.ofPlaces(tenant, service);
    const facts = { team: teams.get(service) ?? '', bytes: bytes.get(service) ?? 0, known, budgets };
    const places = await attributes.placesSince(tenant, service, since);
    for (let i = 0; i < places.length; i += AT_ONCE) {
      const series = await attributes.series(tenant, window, places.slice(i, i + AT_ONCE));
      await judgeSome(tenant, now, series, facts, ports);
      judged += series.length;
    }
  }
  return judged;
}

interface ServiceFacts {
  readonly team: string;
  /** Of all its spans in the window. */
  readonly bytes: number;
  readonly known: PlaceFindings;
  readonly budgets: readonly Budget[];
}

async function judgeSome(
  tenant: string,
  now: Date,
  series: readonly AttributeSeries[],
  facts: ServiceFacts,
  { attributes, rollups }: CardinalityPorts,
): Promise<void> {
  const rows = series.map(({ steps, ...place }) => ({ place, judged: judgeSteps(steps) }));
  await attributes.saveGrowth(
    tenant,
    rows.map(({ place, judged }) => ({ ...place, class: judged.growth.class })),
    now,
  );
  const found: Finding[] = [];
  for (const [i, { place, judged }] of rows.entries()) {
    if (isOwnKey(place.key)) continue;
    // What a finding was resolved for does not open it again; only what came after it does.
    const until = facts.known.resolvedUntil.get(placeName(place));
    const steps = until === undefined ? null : series[i]!.steps.filter(({ start }) => start > until);
    const counted = steps === null ? judged : judgeSteps(steps);
    if (counted.points.length > 0) found.push(...verdictsOf(place, counted, facts).map(findingOf(place, counted, now)));
  }
  await fileFindings(tenant, now, found, rollups);
}

/** Growth over steps in the order of time. */
export function judgeSteps(steps: readonly AttributeStep[]): JudgedSeries {
  const values = new Sketch();
  let observations = 0;
  let bytes = 0;
  const points = steps.map(({ start, ...step }) => {
    values.merge(step.values);
    observations += step.observations;
    bytes += step.bytes;
    return { start, observations, ...values.estimate() };
  });
  return { growth: growthOf(points), observations, bytes, values, points };
}

function verdictsOf(place: AttributePlace, judged: JudgedSeries, facts: ServiceFacts): CardinalityVerdict[] {
  const { growth, bytes, points } = judged;
  const { distinct, standardError } = points.at(-1)!;
  return judgeCardinality({
    ...{ key: place.key, location: place.location, growth, distinct, standardError },
    budget: budgetOf({ ...place, team: facts.team, class: growth.class }, facts.budgets),
    shareOfBytes: facts.bytes === 0 ? 0 : bytes / facts.bytes,
    isSensitive: facts.known.sensitive.has(placeName(place)),
  });
}

function findingOf(place: AttributePlace, judged: JudgedSeries, now: Date): (verdict: CardinalityVerdict) => Finding {
  const first = judged.points[0]!.start.getTime();
  const last = Math.min(judged.points.at(-1)!.start.getTime() + HOUR - 1, now.getTime());
  return ({ rule, severity }) => ({
    ...place,
    ...{ kind: 'cardinality', detector: rule, family: 'cardinality', severity, confidence: 'high' },
    ...{ component: '', mask: '', fingerprints: [], traceId: '', spanId: '', code: [] },
    ...{ occurrences: 1, hours: [{ hour: Math.floor(last / HOUR), occurrences: 1 }], firstSeen: first, lastSeen: last },
  });
}

/** Adds findings to the store: each at most once a day, by the ledger that requests are counted once by. */
async function fileFindings(tenant: string, now: Date, found: readonly Finding[], store: RollupStore): Promise<void> {
  if (found.length === 0) return;
  const day = now.toISOString().slice(0, 10);
  await store.transaction(async (transaction) => {
    const parts = found.map((finding) => ({ tenant, service: finding.service, day, batchId: batchId(finding) }));
    const isFresh = await transaction.claim(parts);
    const findings = found.filter((_, i) => isFresh[i]);
    const nothing = { usage: [], attributes: [], spanNames: [], services: [] };
    if (findings.length > 0) await transaction.add(tenant, { ...nothing, findings });
  });
}

/** In the form of the ids of requests. */
function batchId({ detector, service, environment, location, key }: Finding): string {
  const name = ['cardinality', detector, service, environment, location, key].join('\0');
  return hex(sha256(new TextEncoder().encode(name)), 0, 32);
}

export function placeName({ environment, location, key }: AttributePlace): string {
  return `${environment} ${location} ${key}`;
}

async function bytesByService(tenant: string, window: Window, usage: UsageStore): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  for (const row of await usage.usage(tenant, window)) {
    bytes.set(row.service, (bytes.get(row.service) ?? 0) + row.bytes);
  }
  return bytes;
}

function hourOf(time: Date): number {
  return Math.floor(time.getTime() / HOUR);
}
