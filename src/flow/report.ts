import { UNOWNED } from '../engine/cost/ownership.js';
import { costOf, savingOf } from '../engine/cost/price.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type {
  Audience,
  Edition,
  FindingCounts,
  Report,
  ReportAction,
  ReportAttribute,
  ReportFinding,
} from '../engine/model/report.js';
import { judgeRows } from '../engine/naming/levels.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { checkRows } from '../engine/naming/row-rules.js';
import { NAMING_RULES } from '../engine/naming/rules.js';
import { buildReport, byRiskAndMoney, type ReportInput, type ServiceInput } from '../engine/report/build.js';
import type { ServiceUse } from '../engine/report/explain.js';
import { pruneList } from '../engine/report/prune.js';
import type { Detector } from '../engine/rules/detector-document.js';
import { teamsByService } from './costs.js';
import type {
  AttributeOfService,
  BucketCount,
  EndingWaiver,
  FindingInWindow,
  NamingStore,
  PolicyStore,
  ReportFactStore,
  ServiceFindingCounts,
  ServiceUsage,
  SuggestedPolicy,
  UsageStore,
  WeekRow,
  Window,
} from './ports.js';

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
  readonly usage: UsageStore;
  readonly naming: NamingStore;
  readonly policies: PolicyStore;
  readonly facts: ReportFactStore;
  readonly registry: ConventionRegistry;
  readonly model: PriceModel;
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
  readonly usage: readonly ServiceUsage[];
  readonly usageBefore: readonly ServiceUsage[];
  readonly teams: ReadonlyMap<string, string>;
  readonly counts: readonly ServiceFindingCounts[];
  readonly findings: readonly FindingInWindow[];
  readonly rows: readonly WeekRow[];
  readonly newRows: ReadonlySet<WeekRow>;
  readonly twins: ReadonlySet<WeekRow>;
  readonly isCut: boolean;
  readonly violations: readonly {
    readonly rule: string;
    readonly service: string;
    readonly now: number;
    readonly before: number;
  }[];
  readonly suggested: readonly SuggestedPolicy[];
  readonly approved: number;
  readonly waivers: readonly EndingWaiver[];
  readonly buckets: readonly BucketCount[];
}

/** Reads what reports of a window need. */
export async function gatherFacts(tenant: string, times: ReportTimes, sources: ReportSources): Promise<ReportFacts> {
  const { usage, naming, policies, facts } = sources;
  const { window, before } = times;
  const soon = { from: window.to, to: new Date(window.to.getTime() + WAIVER_DAYS * DAY) };
  const [extent, now, then, teams, counts, findings, suggested, states, waivers, buckets] = await Promise.all([
    facts.extent(tenant),
    usage.usage(tenant, window),
    usage.usage(tenant, before),
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
  const names = await namesOf(tenant, times, teams, sources, naming);
  return {
    ...{ times, extent, usage: now, usageBefore: then, teams, counts, findings, suggested },
    ...{ approved: states.approved, waivers, buckets, ...names },
  };
}

type NameFacts = Pick<ReportFacts, 'rows' | 'newRows' | 'twins' | 'isCut' | 'violations'>;

async function namesOf(
  tenant: string,
  { window, before }: ReportTimes,
  teams: ReadonlyMap<string, string>,
  { registry }: ReportSources,
  naming: NamingStore,
): Promise<NameFacts> {
  const decisions = await naming.decisions(tenant);
  const counts = new Map<string, { rule: string; service: string; now: number; before: number }>();
  const twins = new Set<WeekRow>();
  const judge = (rows: readonly WeekRow[], at: number, which: 'now' | 'before'): void => {
    for (const { row, finding, waiver } of judgeRows(checkRows(rows, registry), teams, decisions, at)) {
      if (finding.id === 'both_sent' && which === 'now') twins.add(row);
      if (finding.level !== 'violation' || waiver !== null) continue;
      const key = `${finding.id}\0${row.service}`;
      const count = counts.get(key) ?? { rule: finding.id, service: row.service, now: 0, before: 0 };
      count[which]++;
      counts.set(key, count);
    }
  };
  const then = await naming.rows(tenant, before, false, MAX_ROWS + 1);
  judge(then.slice(0, MAX_ROWS), before.to.getTime(), 'before');
  const known = new Set(then.map(placeOf));
  const rows = await naming.rows(tenant, window, false, MAX_ROWS + 1);
  const looked = rows.slice(0, MAX_ROWS);
  judge(looked, window.to.getTime(), 'now');
  const isCut = rows.length > MAX_ROWS || then.length > MAX_ROWS;
  // Where rows were left out, one of them may be the same attribute in the period before.
  const newRows = new Set(
    then.length > MAX_ROWS || then.length === 0 ? [] : looked.filter((row) => !known.has(placeOf(row))),
  );
  return { rows: looked, newRows, twins, isCut, violations: [...counts.values()] };
}

function placeOf({ service, location, key }: AttributeOfService): string {
  return `${service}\0${location}\0${key}`;
}

/** Facts → one report of them. */
export async function makeReport(
  tenant: string,
  { edition, audience, team, link }: ReportChoice,
  facts: ReportFacts,
  sources: ReportSources,
): Promise<Report> {
  const { times, extent } = facts;
  const isOurs = (service: string): boolean => team === null || (facts.teams.get(service) ?? UNOWNED) === team;
  const services = servicesOf(facts, isOurs);
  const price = priceOf(facts, sources.model);
  const rows = mergeEnvironments(
    facts.rows.filter(({ service }) => isOurs(service)),
    facts,
  );
  const looked = rows.slice(0, edition === 'monthly' ? MAX_PRUNE_ROWS : TOP_ATTRIBUTES);
  const sketches = await sources.facts.distinct(tenant, times.window, looked);
  const bytes = services.reduce((sum, { now }) => sum + (now?.bytes ?? 0), 0);
  const attributes = looked.map((row, i): ReportAttribute => {
    const { service, location, key } = row;
    const estimate = sketches[i]!.estimate();
    const share = bytes === 0 ? 0 : row.bytes / bytes;
    return {
      service,
      location,
      key,
      bytes: row.bytes,
      share,
      ...estimate,
      cost: row.bytes * price.perByte,
      isNew: row.isNew,
    };
  });
  const prune = looked.map((row, i) => ({ ...row, ...sketches[i]!.estimate() }));
  const suggested = facts.suggested.filter(({ policy }) => policy.services.some(isOurs));
  return buildReport({
    ...{ edition, audience, team, timeZone: times.timeZone, days: times.days },
    period: periodOf(times.window),
    before: periodOf(times.before),
    dataFrom: extent?.from.toISOString() ?? null,
    dataTo: extent?.to.toISOString() ?? null,
    services,
    unowned: UNOWNED,
    price,
    findings: findingsOf(facts, isOurs, sources),
    actions: actionsOf(suggested, rows, isOurs, price.marginalPerByte, sources),
    waivers: waiversOf(facts, team, isOurs),
    naming: namingOf(facts, isOurs),
    attributes,
    newAttributes: rows.filter(({ isNew }) => isNew).length,
    prune: pruneList(prune, price.perByte, price.marginalPerByte),
    policies: { suggested: suggested.length, approved: facts.approved },
    buckets: bucketsOf(facts, isOurs),
    basis: { generator: sources.generator, rules: sources.rules, link },
    limits: facts.isCut ? [`Attributes: the ${MAX_ROWS} with the most bytes were looked at.`] : [],
  });
}

function periodOf({ from, to }: Window): { start: string; end: string } {
  return { start: from.toISOString(), end: to.toISOString() };
}

function servicesOf({ usage, usageBefore, teams }: ReportFacts, isOurs: (service: string) => boolean): ServiceInput[] {
  const now = uses(usage, teams);
  const before = uses(usageBefore, teams);
  const errors = new Map<string, number>();
  for (const { service, errorSpans } of usage) errors.set(service, (errors.get(service) ?? 0) + errorSpans);
  const names = new Set([...teams.keys(), ...now.keys(), ...before.keys()]);
  return [...names].filter(isOurs).map((service) => ({
    service,
    team: teams.get(service) ?? UNOWNED,
    now: now.get(service) ?? null,
    before: before.get(service) ?? null,
    errorSpans: errors.get(service) ?? 0,
  }));
}

function uses(usage: readonly ServiceUsage[], teams: ReadonlyMap<string, string>): Map<string, ServiceUse> {
  const sums = new Map<string, ServiceUse>();
  for (const { service, spans, bytes } of usage) {
    const sum = sums.get(service);
    const team = teams.get(service) ?? UNOWNED;
    sums.set(service, { team, spans: spans + (sum?.spans ?? 0), bytes: bytes + (sum?.bytes ?? 0) });
  }
  return sums;
}

/** Average prices: what all bytes of a window cost, by the byte. */
function priceOf({ usage, usageBefore }: ReportFacts, model: PriceModel): ReportInput['price'] {
  const perByte = (rows: readonly ServiceUsage[]): number => {
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0) || 1;
    return costOf(bytes, model) / bytes;
  };
  return {
    currency: model.currency,
    perByte: perByte(usage),
    perByteBefore: perByte(usageBefore),
    marginalPerByte: savingOf(1, model),
    name: `${model.name} (${model.asOf})`,
    isConfirmed: model.confirmed,
  };
}

interface AttributeRow extends AttributeOfService {
  readonly observations: number;
  readonly bytes: number;
  readonly isNew: boolean;
  readonly isTwin: boolean;
}

/** Rows of an attribute in several environments are one; the most bytes first. */
function mergeEnvironments(rows: readonly WeekRow[], { newRows, twins }: ReportFacts): AttributeRow[] {
  const merged = new Map<string, AttributeRow>();
  for (const row of rows) {
    const { service, location, key, observations, bytes } = row;
    const place = placeOf(row);
    const other = merged.get(place);
    merged.set(place, {
      ...{ service, location, key },
      observations: observations + (other?.observations ?? 0),
      bytes: bytes + (other?.bytes ?? 0),
      isNew: newRows.has(row),
      isTwin: twins.has(row) && (other?.isTwin ?? true),
    });
  }
  return [...merged].sort(([p, a], [q, b]) => b.bytes - a.bytes || (p < q ? -1 : 1)).map(([, row]) => row);
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
  rows: readonly AttributeRow[],
  isOurs: (service: string) => boolean,
  marginalPerByte: number,
  { render, link }: ReportSources,
): ReportAction[] {
  const candidates = [
    ...suggested.map((one) => ofPolicy(one, rows, isOurs, marginalPerByte, link)),
    ...rows.filter(({ isTwin }) => isTwin).map((row) => ofTwin(row, marginalPerByte, link)),
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
  rows: readonly AttributeRow[],
  isOurs: (service: string) => boolean,
  marginalPerByte: number,
  link: ReportSources['link'],
): Candidate {
  const services = policy.services.filter(isOurs);
  const ours = answers.filter(({ service }) => isOurs(service));
  const isGone = policy.action.kind === 'delete';
  const gone = isGone
    ? rows.filter((row) => row.key === policy.key && row.location === policy.location && services.includes(row.service))
    : [];
  const action: ReportAction = {
    title: policy.title,
    reason: policy.reason,
    risk: worst(ours.map(({ severity }) => severity)),
    occurrences: ours.reduce((sum, { occurrences }) => sum + occurrences, 0),
    saving: gone.reduce((sum, { bytes }) => sum + bytes, 0) * marginalPerByte,
    services,
    fix: '',
    link: link('/ui/policies'),
  };
  return { action, policy: { ...policy, services }, id };
}

function ofTwin(row: AttributeRow, marginalPerByte: number, link: ReportSources['link']): Candidate {
  const { service, location, key } = row;
  const title = `Delete ${key} of ${service}`;
  const reason = 'The name that replaced it is sent as well, so the same is stored twice.';
  const policy = { cause: `twin ${placeOf(row)}`, title, reason, location, key, services: [service], findings: [] };
  return {
    action: {
      ...{ title, reason, risk: null, occurrences: row.observations, saving: row.bytes * marginalPerByte },
      ...{ services: [service], fix: '', link: link(`/ui/attributes`) },
    },
    policy: { ...policy, action: { kind: 'delete' } },
    id: 'twin',
  };
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

function bucketsOf({ times, buckets }: ReportFacts, isOurs: (service: string) => boolean): ReportInput['buckets'] {
  const sums = times.parts.map(({ day }) => ({ day, spans: 0, bytes: 0, newFindings: 0 }));
  for (const { bucket, service, spans, bytes, newFindings } of buckets) {
    const sum = sums[bucket];
    if (sum === undefined || !isOurs(service)) continue;
    sum.spans += spans;
    sum.bytes += bytes;
    sum.newFindings += newFindings;
  }
  return sums;
}
