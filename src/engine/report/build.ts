import { SEVERITIES, type Severity } from '../model/finding.js';
import type {
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
  ReportFinding,
  ReportTeam,
  ReportWaiver,
} from '../model/report.js';
import { explainChange, type ServiceChange } from './explain.js';
import { count } from './numbers.js';
import { samplingReview } from './sampling.js';

/** A service in the period and the one before. */
export interface ServiceInput extends ServiceChange {
  readonly team: string;
  readonly errorSpans: number;
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
  readonly price: {
    readonly currency: string;
    readonly perByte: number;
    readonly perByteBefore: number;
    /** What a byte less saves. */
    readonly marginalPerByte: number;
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
const TOP_WAIVERS = 50;
const TOP_TEAMS = 250;
const TOP_DRIVERS = 3;
const MAX_SILENT = 20;
/** A smaller change of spans or cost is none. */
const QUIET_CHANGE = 0.05;

/** Puts a report together; the same input gives the same report, in whichever order its lists are. */
export function buildReport(input: ReportInput): Report {
  const { price } = input;
  const sending = input.services.filter(({ now }) => now !== null);
  const bytes = compared(input.services, (use) => use.bytes);
  const amount = { now: bytes.now * price.perByte, before: bytes.before * price.perByteBefore };
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
      spans: compared(input.services, (use) => use.spans),
      bytes,
      services: { now: sending.length, before: input.services.filter(({ before }) => before !== null).length },
      servicesKnown: input.services.length,
      silentServices: input.services
        .filter(({ now }) => now === null)
        .map(({ service }) => service)
        .sort()
        .slice(0, MAX_SILENT),
      unownedShare: unownedShare(input, bytes.now),
    },
    cost: {
      currency: price.currency,
      amount,
      change: explainChange(input.services, input.team, price.perByte, price.perByteBefore),
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
    buckets: input.buckets.map((bucket) => ({ ...bucket, cost: bucket.bytes * price.perByte })),
    prune: input.edition === 'monthly' ? [...input.prune].sort(byBytes).slice(0, TOP_PRUNE) : [],
    sampling: input.edition === 'quarterly' ? samplingReview(input.services, price.perByte, price.marginalPerByte) : [],
    basis: input.basis,
  };
  return {
    ...content,
    isQuiet: isQuiet(content),
    limits: [...limitsOf(input, content.usage.spans.now), ...input.limits],
  };
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

function compared(
  services: readonly ServiceInput[],
  value: (use: { spans: number; bytes: number }) => number,
): { now: number; before: number } {
  const sum = { now: 0, before: 0 };
  for (const { now, before } of services) {
    if (now !== null) sum.now += value(now);
    if (before !== null) sum.before += value(before);
  }
  return sum;
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

function unownedShare({ services, unowned }: ReportInput, bytes: number): number {
  const without = services.filter(({ team }) => team === unowned).reduce((sum, { now }) => sum + (now?.bytes ?? 0), 0);
  return bytes === 0 ? 0 : without / bytes;
}

function driversOf({ services, price }: ReportInput): { service: string; change: number }[] {
  const costs = services.map(({ service, now, before }) => {
    return { service, change: (now?.bytes ?? 0) * price.perByte - (before?.bytes ?? 0) * price.perByteBefore };
  });
  const changed = costs.filter(({ change }) => change !== 0);
  changed.sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || compare(a.service, b.service));
  return changed.slice(0, TOP_DRIVERS);
}

function teamsOf(input: ReportInput): ReportTeam[] {
  const { price } = input;
  const ofTeam = new Map<string, ServiceInput[]>();
  const add = (team: string, service: ServiceInput): void => {
    const services = ofTeam.get(team);
    if (services === undefined) ofTeam.set(team, [service]);
    else services.push(service);
  };
  for (const service of input.services) {
    add(service.team, service);
    if (service.before !== null && service.before.team !== service.team) add(service.before.team, service);
  }
  const teams = [...ofTeam].map(([team, services]) => {
    const now = services.filter((service) => service.team === team);
    const before = services.filter((service) => service.before?.team === team);
    const bytes = now.reduce((sum, service) => sum + (service.now?.bytes ?? 0), 0);
    const change: CostChange = explainChange(services, team, price.perByte, price.perByteBefore);
    return {
      team,
      spans: now.reduce((sum, service) => sum + (service.now?.spans ?? 0), 0),
      bytes,
      cost: bytes * price.perByte,
      costBefore: before.reduce((sum, service) => sum + service.before!.bytes, 0) * price.perByteBefore,
      change,
      openFindings: input.findings.openByTeam.get(team) ?? 0,
    };
  });
  return teams.sort((a, b) => b.cost - a.cost || compare(a.team, b.team));
}

function servicesOf({ services, price }: ReportInput): Report['services'][number][] {
  const rows = services.flatMap(({ service, team, now, before, errorSpans }) => {
    if (now === null) return [];
    const costBefore = (before?.bytes ?? 0) * price.perByteBefore;
    return [
      {
        service,
        team,
        ...{ spans: now.spans, bytes: now.bytes },
        errorSpans,
        cost: now.bytes * price.perByte,
        costBefore,
      },
    ];
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
    b.saving - a.saving ||
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

function limitsOf({ price, findings, period, dataFrom, dataTo }: ReportInput, spans: number): string[] {
  const limits = ['Counts are of the spans that were received; what a sampler dropped before is not in them.'];
  if (spans === 0) {
    const data = dataFrom === null ? 'None were received so far.' : `There are spans from ${dataFrom} to ${dataTo}.`;
    limits.unshift(`No spans were received from ${period.start} to ${period.end}. ${data}`);
  }
  if (findings.total > TOP_FINDINGS) {
    limits.push(`${count(TOP_FINDINGS)} of ${count(findings.total)} findings are listed; the counts are of all.`);
  }
  if (!price.isConfirmed) limits.push('The price model is not confirmed: check its figures against your contract.');
  limits.push('Whether anybody reads an attribute is not known here: ask before you delete one.');
  return limits;
}
