import type { Backend } from '../engine/model/backend-limits.js';
import { NAMING_LEVELS } from '../engine/model/naming-finding.js';
import { checkBackend, type LimitCheck } from '../engine/naming/backend-fit.js';
import { type Compliance, type ComplianceGroup, compliance } from '../engine/naming/compliance.js';
import { type JudgedFinding, judgeRows } from '../engine/naming/levels.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { checkRows } from '../engine/naming/row-rules.js';
import { teamsByService } from './costs.js';
import type { NamingStore, UsageStore, WeekRow, Window } from './ports.js';

/** Most attributes, by service, environment, location and key (and week), that one question looks at. */
const MAX_ROWS = 50_000;
const MAX_SPAN_NAMES = 10_000;

/** Answers from stored rows, where the most bytes are when there are too many of them. */
interface Bounded {
  /** False where there were more rows than are looked at; those with the fewest bytes are left out then. */
  readonly complete: boolean;
}

export interface NamingFindings extends Bounded {
  readonly findings: readonly JudgedFinding[];
}

export interface WeeklyCompliance extends Bounded {
  readonly rows: readonly (Compliance & { readonly week: string })[];
}

export interface BackendFit extends Bounded {
  readonly backends: readonly { readonly backend: Backend; readonly checks: readonly LimitCheck[] }[];
}

/** Stores and rules that questions about names are answered from. */
export interface NamingSources {
  readonly usage: UsageStore;
  readonly naming: NamingStore;
  readonly registry: ConventionRegistry;
}

/**
 * What is wrong with the names that were sent in a window, at the levels that count for their teams: worst first, then
 * the most bytes.
 *
 * @param now milliseconds since the epoch
 */
export async function namingFindings(
  tenant: string,
  window: Window,
  now: number,
  { usage, naming, registry }: NamingSources,
): Promise<NamingFindings> {
  const [rows, teams, decisions] = await Promise.all([
    naming.rows(tenant, window, false, MAX_ROWS + 1),
    teamsByService(tenant, usage),
    naming.decisions(tenant),
  ]);
  const findings = judgeRows(checkRows(rows.slice(0, MAX_ROWS), registry), teams, decisions, now);
  return { findings: findings.sort(worstFirst), complete: rows.length <= MAX_ROWS };
}

/** How far names kept to the conventions, week by week (ISO 8601, UTC), the latest first. */
export async function weeklyCompliance(
  tenant: string,
  window: Window,
  now: number,
  group: ComplianceGroup,
  { usage, naming, registry }: NamingSources,
): Promise<WeeklyCompliance> {
  const [rows, teams, decisions] = await Promise.all([
    naming.rows(tenant, window, true, MAX_ROWS + 1),
    teamsByService(tenant, usage),
    naming.decisions(tenant),
  ]);
  const weeks = new Map<string, WeekRow[]>();
  for (const row of rows.slice(0, MAX_ROWS)) {
    const others = weeks.get(row.week);
    if (others === undefined) weeks.set(row.week, [row]);
    else others.push(row);
  }
  const answer = [...weeks]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .flatMap(([week, ofWeek]) => {
      const named = checkRows(ofWeek, registry);
      const attributes = named.map(({ row }) => row);
      const sums = compliance(attributes, judgeRows(named, teams, decisions, now), teams, group);
      return sums.map((sum) => ({ week, ...sum }));
    });
  return { rows: answer, complete: rows.length <= MAX_ROWS };
}

/** What was sent in a window, held against the limits of backends. */
export async function backendFit(
  tenant: string,
  window: Window,
  backends: readonly Backend[],
  { usage, naming }: NamingSources,
): Promise<BackendFit> {
  const [rows, names, counts] = await Promise.all([
    naming.rows(tenant, window, false, MAX_ROWS + 1),
    naming.spanNames(tenant, window, MAX_SPAN_NAMES),
    usage.usage(tenant, window),
  ]);
  const spans = new Map<string, number>();
  for (const row of counts) spans.set(row.service, (spans.get(row.service) ?? 0) + row.spans);
  const sent = { rows: rows.slice(0, MAX_ROWS), spanNames: names, spans };
  return {
    backends: backends.map((backend) => ({ backend, checks: checkBackend(backend, sent) })),
    complete: rows.length <= MAX_ROWS,
  };
}

function worstFirst(a: JudgedFinding, b: JudgedFinding): number {
  return (
    NAMING_LEVELS.indexOf(a.finding.level) - NAMING_LEVELS.indexOf(b.finding.level) ||
    b.row.bytes - a.row.bytes ||
    compare(a.row.service, b.row.service) ||
    compare(a.row.environment, b.row.environment) ||
    compare(a.row.location, b.row.location) ||
    compare(a.row.key, b.row.key) ||
    compare(a.finding.id, b.finding.id)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
