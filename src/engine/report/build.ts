import { SEVERITIES, type Severity } from '../model/finding.js';
import type { Interval } from '../model/interval.js';
import type {
  Amount,
  Audience,
  Compared,
  CostChange,
  Edition,
  FindingCounts,
  Period,
  PruneCandidate,
  Report,
  ReportAction,
  ReportAttribute,
  ReportDuplicate,
  ReportFinding,
  ReportService,
  ReportTeam,
  ReportUsage,
  ReportWaiver,
  RuleChange,
} from '../model/report.js';
import type { PolicySaving } from '../model/saving.js';
import { costAt, explainChange, NO_CHANGE, type ServiceChange, type UnitPrices, type Used, useOf } from './explain.js';
import { count } from './numbers.js';
import { samplingReview } from './sampling.js';
import { reportSavings } from './savings.js';

/** A service in the period and the one before. */
export interface ServiceInput extends ServiceChange {
  /** Its owner at the end of the period. */
  readonly team: string;
  readonly errorSpans: number;
  /** Of what it costs those that the report is of. */
  readonly costInterval: Interval | null;
}

/** What a period cost those that the report is of. */
export interface PeriodInput {
  readonly prices: UnitPrices;
  readonly total: ReportUsage;
  readonly receivedSpans: number;
  /** Costliest first; they add up to the total. */
  readonly teams: readonly ({ readonly team: string } & ReportUsage)[];
  /** Charges that do not follow the spans. */
  readonly fixed: number;
}

/** What a report of some services is made of, for its period and the one before of the same length. */
export interface ReportInput {
  readonly edition: Edition;
  readonly audience: Audience;
  readonly team: string | null;
  readonly timeZone: string;
  readonly period: Period;
  readonly before: Period;
  /** The first and the last day of the period in the time zone, YYYY-MM-DD. */
  readonly days: { readonly first: string; readonly last: string };
  readonly dataFrom: string | null;
  readonly dataTo: string | null;
  /** All services that are known and not only those that sent something. */
  readonly services: readonly ServiceInput[];
  readonly unowned: string;
  readonly costs: { readonly now: PeriodInput; readonly before: PeriodInput; readonly basis: string };
  readonly price: {
    readonly currency: string;
    /** What a byte or a span less saves. */
    readonly marginal: UnitPrices;
    readonly name: string;
    readonly isConfirmed: boolean;
  };
  readonly findings: {
    readonly counts: readonly FindingCounts[];
    /** Open findings by team. */
    readonly openByTeam: ReadonlyMap<string, number>;
    readonly list: readonly ReportFinding[];
    readonly total: number;
  };
  readonly actions: readonly ReportAction[];
  readonly saving: Amount;
  /** Of policies in force, those that save most first. */
  readonly savings: readonly PolicySaving[];
  readonly ruleChange: RuleChange;
  readonly duplicates: { readonly cost: Amount; readonly saving: Amount; readonly rows: readonly ReportDuplicate[] };
  readonly waivers: readonly ReportWaiver[];
  readonly naming: readonly { readonly rule: string; readonly name: string; readonly count: Compared }[];
  readonly attributes: readonly ReportAttribute[];
  readonly newAttributes: number;
  readonly prune: readonly PruneCandidate[];
  readonly policies: Report['policies'];
  readonly buckets: readonly {
    readonly day: string;
    readonly spans: number;
    readonly bytes: number;
    readonly cost: number;
    readonly newFindings: number;
  }[];
  readonly basis: Report['basis'];
  readonly limits: readonly string[];
}

/** Rows of each table of a report at most. */
const TOP_FINDINGS = 50;
const TOP_ACTIONS = 5;
const TOP_SERVICES = 50;
const TOP_ATTRIBUTES = 25;
const TOP_PRUNE = 30;
const TOP_DUPLICATES = 25;
const TOP_WAIVERS = 50;
const TOP_TEAMS = 250;
const TOP_DRIVERS = 3;
const MAX_SILENT = 20;
/** A smaller change of spans or cost is none. */
const QUIET_CHANGE = 0.05;

/**
 * Puts a report together; the same input gives the same report, in whichever order its lists are, and whichever order the
 * sums of the store were added up in.
 */
export function buildReport(input: ReportInput): Report {
  const { price, costs } = input;
  const compared = (of: (total: ReportUsage) => number): Compared => {
    return { now: of(costs.now.total), before: of(costs.before.total) };
  };
  const content = {
    title: titleOf(input),
    edition: input.edition,
    audience: input.audience,
    team: input.team,
    timeZone: input.timeZone,
    period: input.period,
    before: input.before,
    dataFrom: input.dataFrom,
    dataTo: input.dataTo,
    usage: {
      spans: compared(({ spans }) => spans),
      bytes: compared(({ bytes }) => bytes),
      receivedSpans: costs.now.receivedSpans,
      services: { now: sending(input, 'now'), before: sending(input, 'before') },
      servicesKnown: input.services.length,
      silentServices: input.services
        .filter(({ now }) => now === null)
        .map(({ service }) => service)
        .sort()
        .slice(0, MAX_SILENT),
      unownedShare: unownedShare(input),
    },
    cost: {
      currency: price.currency,
      amount: compared(({ cost }) => cost),
      interval: costs.now.total.costInterval,
      basis: costs.basis,
      change: changeOf(input, input.services, input.team),
      drivers: driversOf(input),
      priceModel: price.name,
      pricesConfirmed: price.isConfirmed,
    },
    findings: {
      counts: [...input.findings.counts].sort(byKindAndSeverity),
      top: [...input.findings.list].sort(byUrgency).slice(0, TOP_FINDINGS),
      total: input.findings.total,
    },
    actions: [...input.actions].sort(byRiskAndMoney).slice(0, TOP_ACTIONS),
    saving: input.saving,
    savings: reportSavings(input.savings),
    ruleChange: input.ruleChange,
    duplicates: {
      ...input.duplicates,
      rows: [...input.duplicates.rows].sort(byBytes).slice(0, TOP_DUPLICATES),
      total: input.duplicates.rows.length,
    },
    waivers: [...input.waivers]
      .sort((a, b) => compare(a.expires, b.expires) || compare(a.what, b.what))
      .slice(0, TOP_WAIVERS),
    naming: {
      violations: {
        now: input.naming.reduce((sum, rule) => sum + rule.count.now, 0),
        before: input.naming.reduce((sum, rule) => sum + rule.count.before, 0),
      },
      rules: [...input.naming].sort((a, b) => b.count.now - a.count.now || compare(a.rule, b.rule)),
    },
    teams: teamsOf(input).slice(0, TOP_TEAMS),
    services: servicesOf(input).slice(0, TOP_SERVICES),
    attributes: [...input.attributes].sort(byBytes).slice(0, TOP_ATTRIBUTES),
    newAttributes: input.newAttributes,
    policies: input.policies,
    buckets: input.buckets,
    prune: input.edition === 'monthly' ? [...input.prune].sort(byBytes).slice(0, TOP_PRUNE) : [],
    sampling: input.edition === 'quarterly' ? samplingReview(sampled(input), costs.now.prices, price.marginal) : [],
    basis: input.basis,
  };
  return rounded({
    ...content,
    isQuiet: isQuiet(content),
    limits: [...limitsOf(input, content.usage.spans.now), ...input.limits],
  });
}

/** Digits of a fraction that are kept: the last of a double depend on the order in which sums were added up. */
const DIGITS = 9;

function rounded<T>(value: T): T {
  if (typeof value === 'number') return (Number.isSafeInteger(value) ? value : Number(value.toPrecision(DIGITS))) as T;
  if (Array.isArray(value)) return value.map(rounded) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)])) as T;
}

function isQuiet({
  usage,
  cost,
  findings,
  waivers,
  newAttributes,
  edition,
}: Omit<Report, 'isQuiet' | 'limits'>): boolean {
  const moved = findings.counts.some(({ fresh, fixed, reopened }) => fresh + fixed + reopened > 0);
  const small = ({ now, before }: Compared): boolean => Math.abs(now - before) <= QUIET_CHANGE * before;
  // The reviews of a month and a quarter are wanted although nothing changed.
  const isReview = edition === 'monthly' || edition === 'quarterly';
  if (usage.spans.now === 0 || moved || isReview || waivers.length > 0 || newAttributes > 0) return false;
  return usage.services.now === usage.services.before && small(usage.spans) && small(cost.amount);
}

/** Services that sent something of which a part is the report's. */
function sending({ services, team }: ReportInput, period: 'now' | 'before'): number {
  return services.filter((service) => useOf(service[period], team).spans > 0).length;
}

/** Services as far as they are the report's. */
function sampled({ services, team }: ReportInput): (Used & { service: string; team: string; errorShare: number })[] {
  return services.map(({ service, team: owner, now, errorSpans }) => {
    const errorShare = now === null || now.receivedSpans === 0 ? 0 : errorSpans / now.receivedSpans;
    return { service, team: owner, errorShare, ...used(useOf(now, team)) };
  });
}

function used({ spans, bytes }: Used): Used {
  return { spans, bytes };
}

/** Why the cost changed; charges that do not follow the spans are a matter of their price, and of all teams together. */
function changeOf({ costs }: ReportInput, services: readonly ServiceChange[], team: string | null): CostChange {
  const change = explainChange(services, team, costs.now.prices, costs.before.prices);
  return team === null ? { ...change, price: change.price + costs.now.fixed - costs.before.fixed } : change;
}

const EDITION_TITLES: Readonly<Record<Edition, string>> = {
  weekly: 'Weekly report',
  monthly: 'Monthly report',
  quarterly: 'Quarterly report',
  'on-demand': 'Report',
};
const READERS: Readonly<Record<Audience, string>> = {
  security: 'security',
  'team-lead': 'team leads',
  executive: 'executives',
};

function titleOf({ edition, audience, team, days }: ReportInput): string {
  const whose = team === null ? READERS[audience] : `${team}, ${READERS[audience]}`;
  return `${EDITION_TITLES[edition]} for ${whose}: ${days.first} to ${days.last}`;
}

function unownedShare({ costs: { now }, unowned }: ReportInput): number {
  const without = now.teams.find(({ team }) => team === unowned)?.bytes ?? 0;
  return now.total.bytes === 0 ? 0 : without / now.total.bytes;
}

function driversOf(input: ReportInput): { service: string; change: number }[] {
  const changes = input.services.map(({ service, ...of }) => {
    const { now, before } = costsOf(input, of);
    return { service, change: now - before };
  });
  const changed = changes.filter(({ change }) => change !== 0);
  changed.sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || compare(a.service, b.service));
  return changed.slice(0, TOP_DRIVERS);
}

/** Rows of all teams with usage now or before; in the report of a team its own. */
function teamsOf(input: ReportInput): ReportTeam[] {
  const { costs, findings, services } = input;
  const ofTeam = new Map<string, ServiceInput[]>();
  for (const service of services) {
    for (const team of new Set([...(service.now?.byTeam.keys() ?? []), ...(service.before?.byTeam.keys() ?? [])])) {
      const known = ofTeam.get(team);
      if (known === undefined) ofTeam.set(team, [service]);
      else known.push(service);
    }
  }
  const before = new Map(costs.before.teams.map((row) => [row.team, row.cost]));
  const gone = costs.before.teams.filter(({ team }) => costs.now.teams.every((row) => row.team !== team));
  const rows = [...costs.now.teams, ...gone.map(({ team }) => ({ team, ...NO_USAGE }))].map((row): ReportTeam => {
    const { team } = row;
    const costBefore = before.get(team) ?? 0;
    const own = ofTeam.get(team);
    // A row without services is that of the charges that do not follow the spans.
    const change = own === undefined ? { ...NO_CHANGE, price: row.cost - costBefore } : changeOf(input, own, team);
    return { ...row, costBefore, change, openFindings: findings.openByTeam.get(team) ?? 0 };
  });
  return rows.sort((a, b) => b.cost - a.cost || compare(a.team, b.team));
}

const NO_USAGE: ReportUsage = { spans: 0, bytes: 0, cost: 0, costInterval: null };

function costsOf({ costs, team }: ReportInput, { now, before }: Pick<ServiceInput, 'now' | 'before'>): Compared {
  return {
    now: costAt(useOf(now, team), costs.now.prices),
    before: costAt(useOf(before, team), costs.before.prices),
  };
}

function servicesOf(input: ReportInput): ReportService[] {
  const rows = input.services.flatMap(({ service, team, now, before, errorSpans, costInterval }) => {
    const is = useOf(now, input.team);
    if (is.spans === 0) return [];
    const cost = costsOf(input, { now, before });
    return [{ service, team, ...used(is), errorSpans, costInterval, cost: cost.now, costBefore: cost.before }];
  });
  return rows.sort((a, b) => b.bytes - a.bytes || compare(a.service, b.service));
}

const CHANGES: readonly ReportFinding['change'][] = ['new', 'reopened', '', 'fixed'];

/** What is fixed last, then the most severe, new and reopened before others, then the most frequent. */
export function byUrgency(a: ReportFinding, b: ReportFinding): number {
  return (
    Number(a.change === 'fixed') - Number(b.change === 'fixed') ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change) ||
    b.occurrences - a.occurrences ||
    compare(a.id, b.id)
  );
}

function byKindAndSeverity(a: FindingCounts, b: FindingCounts): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || compare(a.kind, b.kind);
}

/** The order of actions: by risk, then by money, then by how often the cause was seen. */
export function byRiskAndMoney(a: ReportAction, b: ReportAction): number {
  return (
    rank(a.risk) - rank(b.risk) ||
    b.saving.amount - a.saving.amount ||
    b.occurrences - a.occurrences ||
    compare(a.title, b.title) ||
    compare(a.link, b.link)
  );
}

function rank(risk: Severity | null): number {
  return risk === null ? SEVERITIES.length : SEVERITIES.indexOf(risk);
}

interface Sized {
  readonly service: string;
  readonly location: string;
  readonly key: string;
  readonly bytes: number;
}

function byBytes(a: Sized, b: Sized): number {
  return b.bytes - a.bytes || compare(a.service, b.service) || compare(a.location, b.location) || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function limitsOf({ price, costs, findings, period, dataFrom, dataTo }: ReportInput, spans: number): string[] {
  const limits: string[] = [];
  if (spans === 0) {
    const data = dataFrom === null ? 'None were received so far.' : `There are spans from ${dataFrom} to ${dataTo}.`;
    limits.push(`No spans were received from ${period.start} to ${period.end}. ${data}`);
  } else {
    limits.push(
      `Spans, bytes and costs are estimated: ${costs.basis}. Occurrences are counted in the spans that were received.`,
    );
    if (costs.now.total.costInterval === null) {
      limits.push('How far off the costs may be is not known: not all spans say how they were sampled.');
    }
  }
  if (findings.total > TOP_FINDINGS) {
    limits.push(`${count(TOP_FINDINGS)} of ${count(findings.total)} findings are listed; the counts are of all.`);
  }
  if (spans > 0 && price.marginal.perByte === 0) {
    limits.push(
      `Attributes that go save nothing by ${price.name}: it does not charge for them, or not at this volume.`,
    );
  }
  if (!price.isConfirmed) limits.push('The price model is not confirmed: check its figures against your contract.');
  limits.push('Whether anybody reads an attribute is not known here: ask before you delete one.');
  return limits;
}
