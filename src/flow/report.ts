import { costOf } from '../engine/cost/price.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { Report, ReportAttribute, ReportFinding } from '../engine/model/report.js';
import { buildReport } from '../engine/report/build.js';
import type { Detector } from '../engine/rules/detector-document.js';
import { costs, teamsByService } from './costs.js';
import type { AttributeUsage, FindingStore, PolicyStore, UsageStore, Window } from './ports.js';

const MAX_FINDINGS = 20_000;
const MAX_ATTRIBUTES = 15;

export interface ReportSources {
  readonly usage: UsageStore;
  readonly findings: FindingStore;
  readonly policies: PolicyStore;
  readonly model: PriceModel;
  readonly detectors: readonly Detector[];
}

/** Store → report: what came in, what it cost and whose it was, what was found, and the same for the window before. */
export async function makeReport(
  tenant: string,
  edition: Report['edition'],
  window: Window,
  { usage, findings, policies, model, detectors }: ReportSources,
): Promise<Report> {
  const length = window.to.getTime() - window.from.getTime();
  const before: Window = { from: new Date(window.from.getTime() - length), to: window.from };
  const [now, then, teams, open, attributes, counts] = await Promise.all([
    costs(tenant, window, 'team', usage, model),
    costs(tenant, before, 'team', usage, model),
    teamsByService(tenant, usage),
    findings.open(tenant, MAX_FINDINGS),
    usage.attributes(tenant, window, {}, MAX_ATTRIBUTES, 0),
    policies.counts(tenant),
  ]);
  const seen = open.filter((f) => f.lastSeen >= window.from.getTime() && f.firstSeen < window.to.getTime());
  const names = new Map(detectors.map((detector) => [detector.id, detector.name]));
  return buildReport({
    edition,
    period: { start: window.from.toISOString(), end: window.to.toISOString() },
    before: { start: before.from.toISOString(), end: before.to.toISOString() },
    spans: now.total.spans,
    spansBefore: then.total.spans,
    bytes: now.total.bytes,
    services: new Set((await usage.usage(tenant, window)).map((row) => row.service)).size,
    cost: now.total.cost,
    costBefore: then.total.cost,
    model,
    teams: now.rows.map(({ group, spans, bytes, cost }) => ({ team: group, spans, bytes, cost })),
    teamCostBefore: new Map(then.rows.map((row) => [row.group, row.cost])),
    findings: seen.map(
      (f): ReportFinding => ({
        id: f.id,
        kind: f.kind,
        title: names.get(f.detector) ?? f.detector,
        severity: f.severity,
        service: f.service,
        team: teams.get(f.service) ?? '',
        place: f.location === 'span_name' ? `span name ${f.key}` : `${f.location} ${f.key}`,
        mask: f.mask,
        occurrences: f.occurrences,
        firstSeen: new Date(f.firstSeen).toISOString(),
        isNew: f.firstSeen >= window.from.getTime(),
      }),
    ),
    attributes: attributes.map((a) => reportAttribute(a, now.total.bytes, model)),
    policies: { suggested: counts.suggested, approved: counts.approved },
    detectors: detectors.length,
  });
}

function reportAttribute(a: AttributeUsage, totalBytes: number, model: PriceModel): ReportAttribute {
  const { service, location, key, bytes } = a;
  const share = totalBytes === 0 ? 0 : bytes / totalBytes;
  return { service, location, key, bytes, share, distinct: a.values.estimate().distinct, cost: costOf(bytes, model) };
}
