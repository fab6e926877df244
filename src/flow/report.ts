import { UNOWNED } from '../engine/cost/ownership.js';
import type { NamingFinding } from '../engine/model/naming-finding.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type {
  Amount,
  Audience,
  Edition,
  FindingCounts,
  Report,
  ReportAction,
  ReportAttribute,
  ReportDuplicate,
  ReportFinding,
} from '../engine/model/report.js';
import { judgeEach } from '../engine/naming/levels.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { checkEach } from '../engine/naming/row-rules.js';
import { NAMING_RULES } from '../engine/naming/rules.js';
import { buildReport, byRiskAndMoney, type ReportInput, type ServiceInput } from '../engine/report/build.js';
import { pruneList } from '../engine/report/prune.js';
import { ruleChange } from '../engine/report/rule-change.js';
import type { Detector } from '../engine/rules/detector-document.js';
import { teamsByService } from './costs.js';
import type { SampledUsageStore } from './estimated-costs.js';
import type {
  BucketCount,
  EndingWaiver,
  FindingInWindow,
  NamingStore,
  PolicyStore,
  ReportFactStore,
  RuleChanges,
  ServiceFindingCounts,
  ServiceUsage,
  Simulations,
  SuggestedPolicy,
  WeekRow,
  Window,
} from './ports.js';
import { type AttributeRow, placeOf, ReportAttributes } from './report-attributes.js';
import {
  AttributeBytes,
  comparedCosts,
  type PeriodCosts,
  periodInput,
  serviceIntervals,
  shareOf,
} from './report-costs.js';
import {
  type PolicyEffect,
  policyEffects,
  savingsOf as realisedSavings,
  type SavingStore,
  scaleOf,
} from './savings.js';

/** Attributes, by service, environment, location and key, that a report looks at: those with the most bytes. */
const MAX_ROWS = 50_000;
const MAX_POLICIES = 500;
const TOP_ATTRIBUTES = 25;
const TOP_ACTIONS = 5;
/** Attributes with the most bytes are looked at for the prune list. */
const MAX_PRUNE_ROWS = 300;
const DAY = 86_400_000;
const WAIVER_DAYS = 14;

/** When a report is of: a window, the one before, and the parts that it shows over time. */
export interface ReportTimes {
  readonly timeZone: string;
  readonly window: Window;
  readonly before: Window;
  /** First and last day, and the first day of each part, YYYY-MM-DD in the time zone. */
  readonly days: { readonly first: string; readonly last: string };
  readonly parts: readonly { readonly start: Date; readonly day: string }[];
}

/** Which report is wanted of a window. */
export interface ReportChoice {
  readonly edition: Edition;
  readonly audience: Audience;
  /** Null for all. */
  readonly team: string | null;
  /** Address of the report itself. */
  readonly link: string;
}

export interface ReportSources {
  readonly usage: SampledUsageStore;
  readonly naming: NamingStore;
  readonly policies: PolicyStore;
  readonly facts: ReportFactStore;
  readonly savings: SavingStore;
  /** Null where policies are not simulated. */
  readonly simulations: Simulations | null;
  readonly registry: ConventionRegistry;
  /** Of one currency; a report names them all. */
  readonly models: readonly PriceModel[];
  readonly detectors: readonly Detector[];
  /** Configuration to paste that does what a policy says. */
  readonly render: (policy: SuggestedPolicy['policy'], id: string) => string;
  /** Address of a page. */
  readonly link: (path: string) => string;
  readonly generator: string;
  readonly rules: string;
}

/** All that reports of one window are made of, read once however many reports there are of it. Memory is in proportion to
 * services, to 2 × 50,000 attributes and to 50 findings a service. */
export interface ReportFacts {
  readonly times: ReportTimes;
  readonly extent: Window | null;
  readonly costs: { readonly now: PeriodCosts; readonly before: PeriodCosts };
  /** Received in the window. */
  readonly usage: readonly ServiceUsage[];
  readonly teams: ReadonlyMap<string, string>;
  readonly counts: readonly ServiceFindingCounts[];
  readonly findings: readonly FindingInWindow[];
  readonly attributes: ReportAttributes;
  readonly isCut: boolean;
  readonly violations: readonly {
    readonly rule: string;
    readonly service: string;
    readonly now: number;
    readonly before: number;
  }[];
  readonly suggested: readonly SuggestedPolicy[];
  readonly approved: number;
  readonly effects: readonly PolicyEffect[];
  readonly ruleChanges: RuleChanges;
  readonly waivers: readonly EndingWaiver[];
  readonly buckets: readonly BucketCount[];
}

/** Reads what reports of a window need. */
export async function gatherFacts(tenant: string, times: ReportTimes, sources: ReportSources): Promise<ReportFacts> {
  const { usage, naming, policies, facts, savings, simulations } = sources;
  const { window, before } = times;
  const soon = { from: window.to, to: new Date(window.to.getTime() + WAIVER_DAYS * DAY) };
  const [extent, costs, received, teams, counts, findings, suggested, states, waivers, buckets] = await Promise.all([
    facts.extent(tenant),
    comparedCosts(tenant, window, before, usage, sources.models),
    usage.usage(tenant, window),
    teamsByService(tenant, usage, new Date(window.to.getTime() - 1)),
    facts.findingCounts(tenant, window),
    facts.findings(tenant, window),
    facts.suggested(tenant, MAX_POLICIES),
    policies.counts(tenant),
    facts.endingWaivers(tenant, soon),
    facts.buckets(
      tenant,
      window,
      times.parts.map(({ start }) => start),
    ),
  ]);
  const effects = await policyEffects(tenant, window, savings, simulations);
  const ruleChanges = await facts.ruleChanges(tenant, window);
  const names = await namesOf(tenant, times, teams, sources, naming);
  return {
    ...{ times, extent, costs, usage: received, teams, counts, findings, suggested },
    ...{ approved: states.approved, effects, ruleChanges, waivers, buckets, ...names },
  };
}

type NameFacts = Pick<ReportFacts, 'attributes' | 'isCut' | 'violations'>;

async function namesOf(
  tenant: string,
  { window, before }: ReportTimes,
  teams: ReadonlyMap<string, string>,
  { registry }: ReportSources,
  naming: NamingStore,
): Promise<NameFacts> {
  const decisions = await naming.decisions(tenant);
  const counts = new Map<string, { rule: string; service: string; now: number; before: number }>();
  const twins = new Map<WeekRow, string>();
  const judge = (rows: readonly WeekRow[], at: number, which: 'now' | 'before'): void => {
    for (const { row, finding, waiver } of judgeEach(checkEach(rows, registry), teams, decisions, at)) {
      if (finding.id === 'both_sent' && which === 'now') twins.set(row, successorOf(finding));
      if (finding.level !== 'violation' || waiver !== null) continue;
      const key = `${finding.id}\0${row.service}`;
      const count = counts.get(key) ?? { rule: finding.id, service: row.service, now: 0, before: 0 };
      count[which]++;
      counts.set(key, count);
    }
  };
  /** Rows of a period as far as they are looked at; of one of the two at a time, since there are many. */
  const read = async (period: Window, which: 'now' | 'before'): Promise<{ rows: WeekRow[]; isCut: boolean }> => {
    const rows = await naming.rows(tenant, period, false, MAX_ROWS + 1);
    const isCut = rows.length > MAX_ROWS;
    rows.length = Math.min(rows.length, MAX_ROWS);
    judge(rows, period.to.getTime(), which);
    return { rows, isCut };
  };
  const then = await read(before, 'before').then(({ rows, isCut }) => ({ isCut, places: new Set(rows.map(placeOf)) }));
  const { rows, isCut } = await read(window, 'now');
  // Where rows were left out, one of them may be the same attribute in the period before.
  const known = then.isCut || then.places.size === 0 ? null : then.places;
  const attributes = new ReportAttributes(rows, twins, known);
  return { attributes, isCut: isCut || then.isCut, violations: [...counts.values()] };
}

/** Facts → one report of them. */
export async function makeReport(
  tenant: string,
  { edition, audience, team, link }: ReportChoice,
  facts: ReportFacts,
  sources: ReportSources,
): Promise<Report> {
  const { times, extent, costs } = facts;
  const isOurs = (service: string): boolean => team === null || (facts.teams.get(service) ?? UNOWNED) === team;
  const { prices } = costs.now;
  const ours = facts.attributes.of(isOurs);
  const { rows } = ours;
  const looked = rows.slice(0, edition === 'monthly' ? MAX_PRUNE_ROWS : TOP_ATTRIBUTES);
  const sketches = await sources.facts.distinct(tenant, times.window, looked);
  const now = periodInput(costs.now, team);
  const sized = looked.map((row, i) => {
    const estimate = sketches[i]!.estimate();
    return { ...row, bytes: attributeBytes([row], facts).sum.value, ...estimate };
  });
  const attributes = sized.map(
    ({ service, location, key, bytes, distinct, standardError, isNew }): ReportAttribute => ({
      ...{ service, location, key, bytes, distinct, standardError, isNew },
      share: now.total.bytes === 0 ? 0 : bytes / now.total.bytes,
      cost: bytes * prices.perByte,
    }),
  );
  const suggested = facts.suggested.filter(({ policy }) => policy.services.some(isOurs));
  return buildReport({
    ...{ edition, audience, team, timeZone: times.timeZone, days: times.days },
    period: periodOf(times.window),
    before: periodOf(times.before),
    dataFrom: extent?.from.toISOString() ?? null,
    dataTo: extent?.to.toISOString() ?? null,
    services: servicesOf(facts, team),
    unowned: UNOWNED,
    costs: { now, before: periodInput(costs.before, team), basis: costs.now.costs.basis },
    price: priceOf(facts, sources.models),
    findings: findingsOf(facts, isOurs, sources),
    actions: actionsOf(suggested, ours, isOurs, facts, sources),
    saving: savingOf(suggested, ours, facts),
    savings: realisedSavings(facts.effects, { isOurs, scaleOf: scaleOf(costs.now.estimates), prices }),
    ruleChange: ruleChange(
      facts.ruleChanges.rules,
      facts.ruleChanges.fresh.filter(({ service }) => isOurs(service)).reduce((sum, row) => sum + row.count, 0),
    ),
    duplicates: duplicatesOf(rows, facts),
    waivers: waiversOf(facts, team, isOurs),
    naming: namingOf(facts, isOurs),
    attributes,
    newAttributes: rows.filter(({ isNew }) => isNew).length,
    prune: pruneList(sized, prices.perByte, prices.marginalPerByte),
    policies: { suggested: suggested.length, approved: facts.approved },
    buckets: bucketsOf(facts, team, isOurs),
    basis: { generator: sources.generator, rules: sources.rules, link },
    limits: facts.isCut ? [`Attributes: the ${MAX_ROWS} with the most bytes were looked at.`] : [],
  });
}

function periodOf({ from, to }: Window): { start: string; end: string } {
  return { start: from.toISOString(), end: to.toISOString() };
}

/** Services that the readers own at the end of the period, or have a part of in either. */
function servicesOf({ costs: { now, before }, usage, teams }: ReportFacts, team: string | null): ServiceInput[] {
  const errors = new Map<string, number>();
  for (const { service, errorSpans } of usage) errors.set(service, (errors.get(service) ?? 0) + errorSpans);
  const intervals = serviceIntervals(now, team);
  const isOurs = (service: string): boolean =>
    team === null ||
    teams.get(service) === team ||
    [now, before].some(({ services }) => services.get(service)?.byTeam.has(team) ?? false);
  const names = new Set([...teams.keys(), ...now.services.keys(), ...before.services.keys()]);
  return [...names].filter(isOurs).map((service) => ({
    service,
    team: teams.get(service) ?? UNOWNED,
    now: now.services.get(service) ?? null,
    before: before.services.get(service) ?? null,
    errorSpans: errors.get(service) ?? 0,
    costInterval: intervals.get(service) ?? null,
  }));
}

function priceOf({ costs }: ReportFacts, models: readonly PriceModel[]): ReportInput['price'] {
  const { marginalPerByte, marginalPerSpan } = costs.now.prices;
  return {
    currency: models[0]!.currency,
    marginal: { perByte: marginalPerByte, perSpan: marginalPerSpan },
    name: models.map(({ name, asOf }) => `${name} (${asOf})`).join(' and '),
    isConfirmed: models.every(({ confirmed }) => confirmed),
  };
}

function findingsOf(
  { counts, findings, teams }: ReportFacts,
  isOurs: (service: string) => boolean,
  { detectors, link }: ReportSources,
): ReportInput['findings'] {
  const names = new Map([
    ...NAMING_RULES.map(({ id, name }) => [id, name] as const),
    ...detectors.map(({ id, name }) => [id, name] as const),
  ]);
  const sums = new Map<string, { -readonly [K in keyof FindingCounts]: FindingCounts[K] }>();
  const openByTeam = new Map<string, number>();
  let total = 0;
  for (const { service, kind, severity, open, fresh, fixed, reopened, listed } of counts) {
    if (!isOurs(service)) continue;
    const sum = sums.get(`${kind} ${severity}`) ?? { kind, severity, open: 0, fresh: 0, fixed: 0, reopened: 0 };
    sum.open += open;
    sum.fresh += fresh;
    sum.fixed += fixed;
    sum.reopened += reopened;
    sums.set(`${kind} ${severity}`, sum);
    const team = teams.get(service) ?? UNOWNED;
    openByTeam.set(team, (openByTeam.get(team) ?? 0) + open);
    total += listed;
  }
  const list = findings
    .filter(({ service }) => isOurs(service))
    .map((f): ReportFinding => {
      const { id, kind, severity, service, mask, occurrences, change } = f;
      return {
        ...{ id, kind, severity, service, mask, occurrences, change },
        title: names.get(f.detector) ?? f.detector,
        team: teams.get(service) ?? UNOWNED,
        place: f.location === 'span_name' ? `span name ${f.key}` : `${f.location} ${f.key}`,
        firstSeen: f.firstSeen.toISOString(),
        lastSeen: f.lastSeen.toISOString(),
        link: link(`/ui/findings/${id}`),
      };
    });
  return { counts: [...sums.values()], openByTeam, list, total };
}

/** The next actions: suggested policies, and attributes that are sent under an old and a new name. */
function actionsOf(
  suggested: readonly SuggestedPolicy[],
  ours: ReportAttributes,
  isOurs: (service: string) => boolean,
  facts: ReportFacts,
  { render, link }: ReportSources,
): ReportAction[] {
  const answered = new Set(suggested.flatMap(({ policy }) => ours.goneBy(policy)));
  const candidates = [
    ...suggested.map((one) => ofPolicy(one, ours, isOurs, facts, link)),
    ...ours.rows.filter((row) => row.isTwin && !answered.has(row)).map((row) => ofTwin(row, facts, link)),
  ];
  candidates.sort((a, b) => byRiskAndMoney(a.action, b.action));
  return candidates.slice(0, TOP_ACTIONS).map(({ action, policy, id }) => ({ ...action, fix: render(policy, id) }));
}

interface Candidate {
  readonly action: ReportAction;
  readonly policy: SuggestedPolicy['policy'];
  readonly id: string;
}

function ofPolicy(
  { id, policy, answers }: SuggestedPolicy,
  ours: ReportAttributes,
  isOurs: (service: string) => boolean,
  facts: ReportFacts,
  link: ReportSources['link'],
): Candidate {
  const services = policy.services.filter(isOurs);
  const answered = answers.filter(({ service }) => isOurs(service));
  const action: ReportAction = {
    title: policy.title,
    reason: policy.reason,
    risk: worst(answered.map(({ severity }) => severity)),
    occurrences: answered.reduce((sum, { occurrences }) => sum + occurrences, 0),
    saving: savedBy(ours.goneBy(policy), facts),
    services,
    fix: '',
    link: link('/ui/policies'),
  };
  return { action, policy: { ...policy, services }, id };
}

function ofTwin(row: AttributeRow, facts: ReportFacts, link: ReportSources['link']): Candidate {
  const { service, location, key } = row;
  const title = `Delete ${key} of ${service}`;
  const reason = `${row.successor}, which replaced it, is sent as well, so the same is stored twice.`;
  const policy = { cause: `twin ${placeOf(row)}`, title, reason, location, key, services: [service], findings: [] };
  return {
    action: {
      ...{ title, reason, risk: null, occurrences: row.observations, saving: savedBy([row], facts) },
      ...{ services: [service], fix: '', link: link(`/ui/attributes`) },
    },
    policy: { ...policy, action: { kind: 'delete' } },
    id: 'twin',
  };
}

/** What all suggestions together save: policies, and the end of what is sent twice. */
function savingOf(suggested: readonly SuggestedPolicy[], ours: ReportAttributes, facts: ReportFacts): Amount {
  const gone = suggested.flatMap(({ policy }) => ours.goneBy(policy));
  return savedBy([...new Set([...gone, ...ours.rows.filter(({ isTwin }) => isTwin)])], facts);
}

function duplicatesOf(rows: readonly AttributeRow[], facts: ReportFacts): ReportInput['duplicates'] {
  const twins = rows.filter(({ isTwin }) => isTwin);
  const { perByte } = facts.costs.now.prices;
  const costOf = (some: readonly AttributeRow[]): Amount => attributeBytes(some, facts).at(perByte);
  const listed = twins.map((row): ReportDuplicate => {
    const { service, location, key, successor } = row;
    const bytes = attributeBytes([row], facts).sum.value;
    return { service, location, key, successor, bytes, cost: costOf([row]), saving: savedBy([row], facts) };
  });
  return { cost: costOf(twins), saving: savedBy(twins, facts), rows: listed };
}

function savedBy(rows: readonly AttributeRow[], facts: ReportFacts): Amount {
  return attributeBytes(rows, facts).at(facts.costs.now.prices.marginalPerByte);
}

function attributeBytes(rows: readonly AttributeRow[], { costs }: ReportFacts): AttributeBytes {
  const sum = new AttributeBytes(costs.now);
  for (const row of rows.flatMap((merged) => merged.rows)) sum.add(row);
  return sum;
}

const ORDER = ['critical', 'high', 'medium', 'low', 'info'] as const;

function worst(severities: readonly (typeof ORDER)[number][]): (typeof ORDER)[number] | null {
  return ORDER.find((severity) => severities.includes(severity)) ?? null;
}

function waiversOf(
  { waivers }: ReportFacts,
  team: string | null,
  isOurs: (service: string) => boolean,
): ReportInput['waivers'] {
  return waivers
    .filter(
      (waiver) =>
        (waiver.service === null || isOurs(waiver.service)) && (team === null || (waiver.team ?? team) === team),
    )
    .map(({ what, team: whose, service, key, reason, expires }) => ({
      what,
      where: [whose, service, key].filter((part) => part !== null).join(' ') || 'everywhere',
      reason,
      expires: expires.toISOString(),
    }));
}

function namingOf({ violations }: ReportFacts, isOurs: (service: string) => boolean): ReportInput['naming'] {
  const names = new Map(NAMING_RULES.map(({ id, name }) => [id, name]));
  const sums = new Map<string, { now: number; before: number }>();
  for (const { rule, service, now, before } of violations) {
    if (!isOurs(service)) continue;
    const sum = sums.get(rule) ?? { now: 0, before: 0 };
    sums.set(rule, { now: sum.now + now, before: sum.before + before });
  }
  return [...sums].map(([rule, count]) => ({ rule, name: names.get(rule) ?? rule, count }));
}

/** Parts of the period: what was received in each stands for its share of what its services are estimated to have sent. */
function bucketsOf(
  { times, buckets, costs: { now } }: ReportFacts,
  team: string | null,
  isOurs: (service: string) => boolean,
): ReportInput['buckets'] {
  const { prices, services } = now;
  const fixed = periodInput(now, team).fixed / Math.max(1, times.parts.length);
  const sums = times.parts.map(({ day }) => ({ day, spans: 0, bytes: 0, cost: fixed, newFindings: 0 }));
  for (const { bucket, service, spans, bytes, newFindings } of buckets) {
    const sum = sums[bucket];
    if (sum === undefined) continue;
    if (isOurs(service)) sum.newFindings += newFindings;
    const use = services.get(service);
    if (use === undefined || use.receivedSpans === 0) continue;
    const share = shareOf(now, service, team);
    const ofSpans = (spans / use.receivedSpans) * use.spans * share.spans;
    const ofBytes = (bytes / Math.max(1, use.receivedBytes)) * use.bytes * share.bytes;
    sum.spans += ofSpans;
    sum.bytes += ofBytes;
    sum.cost += ofBytes * prices.perByte + ofSpans * prices.perSpan;
  }
  return sums;
}

/** The name, or names, that replaced a deprecated one. */
function successorOf({ context }: NamingFinding): string {
  return context.renamed_to ?? context.split_into ?? '';
}
