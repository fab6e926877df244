import { priceUsage } from '../engine/cost/costs.js';
import { UNOWNED } from '../engine/cost/ownership.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { QualityBody, QualitySubject } from '../engine/model/quality.js';
import { type Evidence, EvidenceBuilder, type PartRow, type TraceMode } from '../engine/quality/evidence.js';
import { INDICATORS } from '../engine/quality/indicators/index.js';
import type { Indicator, Judgement } from '../engine/quality/judgement.js';
import { teamsByService } from './costs.js';
import type { UsageStore, Window } from './ports.js';

export interface QualityFilter {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
}

/** Requests of an hour, as something else than spans counted them. */
export interface RequestTotal {
  readonly service: string;
  /** '' for all environments. */
  readonly environment: string;
  readonly hour: Date;
  readonly requests: number;
}

export interface TracedRequests {
  readonly service: string;
  readonly environment: string;
  readonly requests: number;
  /** SERVER spans of the same hours. */
  readonly traced: number;
}

export interface QualityStore {
  /** Rows of a subject by process, as they were written. */
  rows<S extends QualitySubject>(
    tenant: string,
    subject: S,
    window: Window,
    filter: QualityFilter,
  ): Promise<PartRow<QualityBody<S>>[]>;
  tracedRequests(tenant: string, window: Window): Promise<TracedRequests[]>;
  silentServices(tenant: string, now: Date): Promise<{ silent: Set<string>; all: Set<string> }>;
}

export interface QualitySources {
  readonly quality: QualityStore;
  readonly usage: UsageStore;
  readonly model: PriceModel;
  readonly mode: TraceMode;
  /** Now, as far as silence is concerned. */
  readonly now: Date;
}

export const QUALITY_GROUPS = ['total', 'service', 'team', 'environment'] as const;
export type QualityGroup = (typeof QUALITY_GROUPS)[number];

/** What is asked for: some services, in groups. */
export interface QualityQuestion extends QualityFilter {
  readonly window: Window;
  readonly groupBy: QualityGroup;
  readonly team?: string | undefined;
}

export interface JudgedIndicator {
  /** '' for the total. */
  readonly group: string;
  readonly indicator: Indicator;
  readonly judgement: Judgement;
}

/** Every indicator of every group, groups in the order of their names. */
export async function judgeQuality(
  tenant: string,
  question: QualityQuestion,
  sources: QualitySources,
): Promise<JudgedIndicator[]> {
  const groups = await evidenceByGroup(tenant, question, sources);
  return [...groups].flatMap(([group, evidence]) =>
    INDICATORS.map((indicator) => ({ group, indicator, judgement: indicator.judge(evidence, indicator.limit) })),
  );
}

/** What there is to judge each group by. */
export async function evidenceByGroup(
  tenant: string,
  { window, groupBy, team, ...filter }: QualityQuestion,
  sources: QualitySources,
): Promise<Map<string, Evidence>> {
  const { quality, usage, mode, now } = sources;
  const [everything, windows, requests, silence, teams, prices] = await Promise.all([
    quality.rows(tenant, 'service', window, {}),
    quality.rows(tenant, 'window', window, {}),
    quality.tracedRequests(tenant, window),
    quality.silentServices(tenant, now),
    teamsByService(tenant, usage),
    pricesOf(tenant, window, sources),
  ]);
  const teamOf = (service: string): string => teams.get(service) ?? UNOWNED;
  const isWanted = (row: { service: string; environment: string }): boolean =>
    (filter.service === undefined || row.service === filter.service) &&
    (filter.environment === undefined || row.environment === filter.environment) &&
    (team === undefined || teamOf(row.service) === team);
  const groupOf = {
    total: () => '',
    service: (row: { service: string }) => row.service,
    team: (row: { service: string }) => teamOf(row.service),
    environment: (row: { environment: string }) => row.environment,
  }[groupBy];
  const builder = new EvidenceBuilder([...everything, ...windows], mode);
  const found = new Map<string, Evidence>();
  for (const [group, rows] of grouped(everything.filter(isWanted), groupOf)) {
    const services = new Set(rows.map((row) => row.service));
    const known = requests.filter((row) => isWanted(row) && groupOf(row) === group);
    const isWhole = groupBy !== 'environment' && filter.environment === undefined;
    found.set(
      group,
      builder.build(rows, {
        requests:
          known.length === 0 ? null : { total: sum(known, (r) => r.requests), traced: sum(known, (r) => r.traced) },
        costPerSpan: costPerSpan(rows, prices),
        silent: isWhole ? silent(services, silence) : null,
      }),
    );
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function grouped(rows: readonly PartRow[], groupOf: (row: PartRow) => string): Map<string, PartRow[]> {
  const groups = new Map<string, PartRow[]>();
  for (const row of rows) {
    const group = groupOf(row);
    const list = groups.get(group);
    if (list === undefined) groups.set(group, [row]);
    else list.push(row);
  }
  return groups;
}

/** Cost of a span of each service, on average. */
async function pricesOf(
  tenant: string,
  window: Window,
  { usage, model }: QualitySources,
): Promise<Map<string, number>> {
  const used = await usage.usage(tenant, window);
  const { rows } = priceUsage(
    used.map(({ service, spans, bytes }) => ({ group: service, spans, bytes })),
    model,
  );
  return new Map(rows.filter((row) => row.spans > 0).map((row) => [row.group, row.cost / row.spans]));
}

/** The average of the services' costs, by the spans that were looked at. */
function costPerSpan(rows: readonly PartRow[], prices: ReadonlyMap<string, number>): number | null {
  const spans = sum(rows, (row) => row.body.counts.spans);
  return spans === 0 ? null : sum(rows, (row) => row.body.counts.spans * (prices.get(row.service) ?? 0)) / spans;
}

function silent(services: ReadonlySet<string>, silence: { silent: Set<string>; all: Set<string> }): Evidence['silent'] {
  const of = [...services].filter((service) => silence.all.has(service));
  return of.length === 0
    ? null
    : { services: of.filter((service) => silence.silent.has(service)).length, of: of.length };
}

function sum<T>(list: readonly T[], value: (item: T) => number): number {
  return list.reduce((total, item) => total + value(item), 0);
}
