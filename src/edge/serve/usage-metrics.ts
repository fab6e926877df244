import { Inject, Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import type { Config } from '../../config.js';
import { FINDING_KINDS, SEVERITIES } from '../../engine/model/finding.js';
import { ownershipOf } from '../../flow/costs.js';
import { costsByTeam } from '../../flow/estimated-costs.js';
import type { RuleSet } from '../files/rule-files.js';
import { monthAt } from '../months.js';
import { PostgresFindingStore } from '../store/finding-store.js';
import { priceModels } from '../store/price-models.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { CONFIG, RULES } from '../tokens.js';
import { TENANT } from './tenant.js';

/** Teams that have rows of their own; the others are one row. */
const MAX_TEAMS = 500;
const OTHERS = '(others)';
/** What was read is served again for as long, however many ask. */
const FRESH_MS = 60_000;

/**
 * Cost and findings by team for Prometheus: gauges of the calendar month so far, which begin anew with each month. Labels are
 * teams, classes and severities, so their number is bounded.
 */
@Injectable()
export class UsageMetrics {
  readonly contentType = new Registry().contentType;
  private made: { readonly at: number; readonly text: Promise<string> } | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly usage: PostgresUsageStore,
    private readonly findings: PostgresFindingStore,
  ) {}

  text(now: Date): Promise<string> {
    if (this.made === null || now.getTime() - this.made.at >= FRESH_MS) {
      const text = this.make(now);
      this.made = { at: now.getTime(), text };
      text.catch(() => {
        this.made = null;
      });
    }
    return this.made.text;
  }

  private async make(now: Date): Promise<string> {
    const registry = new Registry();
    await Promise.all([this.costs(registry, now), this.openFindings(registry)]);
    return registry.metrics();
  }

  private async costs(registry: Registry, now: Date): Promise<void> {
    const { window } = monthAt(now, this.config.timeZone);
    const model = (await priceModels(TENANT, this.rules.prices, this.usage)).get(this.config.priceModel)!;
    const { costs } = await costsByTeam(TENANT, { from: window.from, to: now }, this.usage, [model]);
    const about = 'of the calendar month so far, estimated from what was sampled';
    const spans = gauge(registry, 'spanwarden_team_spans', `Spans of a team ${about}`, ['team']);
    const bytes = gauge(registry, 'spanwarden_team_bytes', `OTLP protobuf bytes of a team ${about}`, ['team']);
    const cost = gauge(registry, 'spanwarden_team_cost', `Cost of a team ${about}`, [
      'team',
      'currency',
      'price_model',
    ]);
    const bound = gauge(registry, 'spanwarden_team_cost_bound', 'Interval of 95 % around spanwarden_team_cost', [
      ...(['team', 'currency', 'price_model', 'bound'] as const),
    ]);
    for (const [i, row] of costs.rows.entries()) {
      const team = i < MAX_TEAMS ? row.group : OTHERS;
      const priced = { team, currency: model.currency, price_model: model.id };
      spans.inc({ team }, row.spans);
      bytes.inc({ team }, row.bytes);
      cost.inc(priced, row.cost);
      if (row.costInterval === null || team === OTHERS) continue;
      bound.inc({ ...priced, bound: 'low' }, row.costInterval.low);
      bound.inc({ ...priced, bound: 'high' }, row.costInterval.high);
    }
  }

  private async openFindings(registry: Registry): Promise<void> {
    const labels = ['team', 'kind', 'severity'] as const;
    const open = gauge(registry, 'spanwarden_team_findings', 'Findings of a team that are not resolved', labels);
    const [counts, ownership] = await Promise.all([
      this.findings.unresolvedByService(TENANT),
      ownershipOf(TENANT, this.usage),
    ]);
    const teams = ownership.teamsAt(new Date());
    const sums = new Map<string, number>();
    const known = new Set<string>();
    for (const { service, kind, severity, count } of counts) {
      const owner = teams.get(service) ?? '';
      const team = known.has(owner) || known.size < MAX_TEAMS ? owner : OTHERS;
      known.add(team);
      const key = [team, FINDING_KINDS.indexOf(kind), SEVERITIES.indexOf(severity)].join('\0');
      sums.set(key, (sums.get(key) ?? 0) + count);
    }
    for (const [key, count] of sums) {
      const [team, kind, severity] = key.split('\0') as [string, string, string];
      open.set({ team, kind: FINDING_KINDS[Number(kind)]!, severity: SEVERITIES[Number(severity)]! }, count);
    }
  }
}

function gauge<T extends string>(registry: Registry, name: string, help: string, labelNames: readonly T[]): Gauge<T> {
  return new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
}
