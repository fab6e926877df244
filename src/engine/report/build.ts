import { SEVERITIES, type Severity } from '../model/finding.js';
import type { PriceModel } from '../model/price-model.js';
import type { Period, Report, ReportAttribute, ReportFinding } from '../model/report.js';

/** What a report is made of, for its period and the one before of the same length. */
export interface ReportInput {
  readonly edition: Report['edition'];
  readonly period: Period;
  readonly before: Period;
  readonly spans: number;
  readonly spansBefore: number;
  readonly bytes: number;
  readonly services: number;
  readonly cost: number;
  readonly costBefore: number;
  readonly model: PriceModel;
  readonly teams: readonly {
    readonly team: string;
    readonly spans: number;
    readonly bytes: number;
    readonly cost: number;
  }[];
  readonly teamCostBefore: ReadonlyMap<string, number>;
  /** All open findings that were seen in the period. */
  readonly findings: readonly ReportFinding[];
  readonly attributes: readonly ReportAttribute[];
  readonly policies: Report['policies'];
  readonly detectors: number;
}

const TOP_FINDINGS = 20;
const TOP_ATTRIBUTES = 15;

/** Puts a report together; the same input gives the same report. */
export function buildReport(input: ReportInput): Report {
  const open = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
  for (const finding of input.findings) open[finding.severity]++;
  const findings = [...input.findings].sort(byUrgency);
  const kind = input.edition === 'weekly' ? 'Weekly report' : 'Report';
  return {
    title: `${kind}, ${input.period.start.slice(0, 10)} to ${lastDay(input.period)}`,
    edition: input.edition,
    period: input.period,
    before: input.before,
    usage: { spans: input.spans, bytes: input.bytes, services: input.services, spansBefore: input.spansBefore },
    cost: {
      currency: input.model.currency,
      amount: input.cost,
      amountBefore: input.costBefore,
      priceModel: `${input.model.name} (${input.model.asOf})`,
      pricesConfirmed: input.model.confirmed,
    },
    findings: { open, fresh: findings.filter((f) => f.isNew).length, top: findings.slice(0, TOP_FINDINGS) },
    teams: input.teams.map((team) => ({
      ...team,
      costBefore: input.teamCostBefore.get(team.team) ?? 0,
      openFindings: findings.filter((f) => f.team === team.team).length,
    })),
    attributes: input.attributes.slice(0, TOP_ATTRIBUTES),
    policies: input.policies,
    limits: limitsOf(input),
  };
}

function byUrgency(a: ReportFinding, b: ReportFinding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    Number(b.isNew) - Number(a.isNew) ||
    b.occurrences - a.occurrences ||
    (a.id < b.id ? -1 : 1)
  );
}

/** The day of the last millisecond that belongs to the period. */
function lastDay({ end }: Period): string {
  return new Date(Date.parse(end) - 1).toISOString().slice(0, 10);
}

function limitsOf({ spans, detectors, model }: ReportInput): string[] {
  const limits = ['Counts are of the spans that were received; what a sampler dropped before is not in them.'];
  limits.push(`${detectors} detectors were on.`);
  if (spans === 0) limits.push('No spans were received in the period.');
  if (!model.confirmed) limits.push('The price model is not confirmed: check its figures against your contract.');
  return limits;
}
