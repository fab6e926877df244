import { SEVERITIES } from '../../engine/model/finding.js';
import type { CostReport, Finding, OwnerList, Policy } from '../serve/contract.js';
import type { DemoApi } from './api.js';
import { type CheckedLeak, type CheckedPlace, checkLeaks, type Leak, type PlacedCard } from './leaks.js';
import { ENVIRONMENT, SERVICES, type TrafficCount } from './shop.js';
import type { TeamSaving } from './team-savings.js';

const MONTH_SECONDS = 30 * 24 * 3600;
const NAMES: ReadonlySet<string> = new Set(SERVICES.map(({ name }) => name));

/** What the shop costs by one of its services. */
export interface TeamCost {
  readonly team: string;
  readonly service: string;
  readonly spans: number;
  readonly bytes: number;
  readonly cost: number;
  /** Extrapolated: this rate of traffic for 30 days. */
  readonly cost_of_a_month_at_this_rate: number;
}

export interface DemoCosts {
  readonly currency: string;
  readonly price_model: CostReport['price_model'];
  readonly rows: readonly TeamCost[];
  readonly total: Omit<TeamCost, 'team' | 'service'>;
}

export interface DemoFinding extends Finding {
  readonly url: string;
  /** How often it was seen in this run; `occurrences` counts earlier ones as well. */
  readonly occurrences_of_run: number;
}

/** The result of a run, as `--json` prints it. */
export interface DemoResult {
  readonly spanwarden: { readonly http: string; readonly started_by_demo: boolean; readonly stays: boolean };
  readonly seconds: number;
  readonly traffic: TrafficCount;
  readonly spans: number;
  readonly complete: boolean;
  readonly leaks: readonly CheckedLeak[];
  /** Worst first. */
  readonly findings: readonly DemoFinding[];
  readonly costs: DemoCosts;
  readonly team_savings: readonly TeamSaving[];
  /** Those that answer findings of this run, for the worst findings first. */
  readonly policies: readonly (Policy & { readonly url: string })[];
}

/** What of the shop was received in this run. */
export interface Received {
  readonly findings: readonly Finding[];
  readonly policies: readonly Policy[];
  readonly leaks: readonly CheckedLeak[];
}

/** What was found in the shop, at or after `since`. */
export async function findingsOfShop(api: DemoApi, since: Date): Promise<Finding[]> {
  return (await api.findings(ENVIRONMENT, since)).filter((finding) => NAMES.has(finding.service));
}

/** Findings, their policies and what they say of the planted leaks, as of now. */
export async function received(api: DemoApi, leaks: readonly Leak[], since: Date): Promise<Received> {
  const findings = await findingsOfShop(api, since);
  const ids = new Set(findings.map((finding) => finding.id));
  const policies = (await api.policies()).filter((policy) => policy.findings.some((id) => ids.has(id)));
  const attributes = await unboundedAttributes(api, leaks, since);
  const from = startOfHour(since);
  const names = { spanNames: await api.spanNames(from), findings: await api.names(ENVIRONMENT, from) };
  const checked = checkLeaks(leaks, findings, attributes, policies, names, await api.quality(from));
  return { findings, policies, leaks: checked };
}

async function unboundedAttributes(api: DemoApi, leaks: readonly Leak[], since: Date): Promise<PlacedCard[]> {
  const places = leaks.flatMap((leak) => leak.places).filter((place) => place.distinct_at_least !== undefined);
  const rows = await Promise.all(
    places.map(async ({ service, location, key }) => {
      const card = await api.attribute(service, location, key, startOfHour(since));
      return card && { ...card, location };
    }),
  );
  return rows.filter((row) => row !== undefined);
}

/** Usage is kept by the hour, so a window must begin with one. */
export function startOfHour(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 3_600_000) * 3_600_000);
}

/** What the run cost: costs afterwards less those before it, for the services of the shop. */
export function costsOfRun(
  before: CostReport,
  after: CostReport,
  owners: OwnerList['data'],
  seconds: number,
): DemoCosts {
  const teams = new Map(owners.map(({ service, team }) => [service, team]));
  const earlier = new Map(before.rows.map((row) => [row.group, row]));
  const rows = after.rows
    .filter((row) => NAMES.has(row.group))
    .map(({ group, spans, bytes, cost }) => {
      const was = earlier.get(group) ?? { spans: 0, bytes: 0, cost: 0 };
      return {
        team: teams.get(group) ?? '',
        service: group,
        ...priced(spans - was.spans, bytes - was.bytes, cost - was.cost, seconds),
      };
    });
  const sum = (of: (row: TeamCost) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const total = priced(
    sum((row) => row.spans),
    sum((row) => row.bytes),
    sum((row) => row.cost),
    seconds,
  );
  return { currency: after.currency, price_model: after.price_model, rows, total };
}

function priced(spans: number, bytes: number, cost: number, seconds: number): DemoCosts['total'] {
  return { spans, bytes, cost, cost_of_a_month_at_this_rate: (cost / seconds) * MONTH_SECONDS };
}

/** Worst first, what was seen most before what was seen less. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      (a.detector.name < b.detector.name ? -1 : Number(a.detector.name > b.detector.name)) ||
      b.occurrences - a.occurrences ||
      (a.service + a.key < b.service + b.key ? -1 : 1),
  );
}

/** The policies in the order of the findings that they answer. */
export function inOrderOf(findings: readonly Finding[], policies: readonly Policy[]): Policy[] {
  const rank = (policy: Policy): number => findings.findIndex((finding) => policy.findings.includes(finding.id));
  return [...policies].sort((a, b) => rank(a) - rank(b) || (a.title < b.title ? -1 : 1));
}

/** Places where a planted leak was not found. */
export function notFound(leaks: readonly CheckedLeak[]): { leak: CheckedLeak; place: CheckedPlace }[] {
  return leaks.flatMap((leak) => leak.places.filter((place) => !place.found).map((place) => ({ leak, place })));
}

/** Places that a policy should answer and none does. */
export function notAnswered(leaks: readonly CheckedLeak[]): { leak: CheckedLeak; place: CheckedPlace }[] {
  return leaks.flatMap((leak) =>
    leak.places
      .filter((place) => place.policy !== undefined && place.policy_title === null)
      .map((place) => ({ leak, place })),
  );
}
