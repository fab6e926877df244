import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Config } from '../../../config.js';
import type { PriceModel } from '../../../engine/model/price-model.js';
import { ConventionRegistry } from '../../../engine/naming/registry.js';
import type { Window } from '../../../flow/ports.js';
import { type ScoreQuestion, type ServiceScores, scores } from '../../../flow/scores.js';
import type { RuleSet } from '../../files/rule-files.js';
import { PostgresQualityStore } from '../../store/quality-store.js';
import { PostgresSpanNameStore } from '../../store/span-name-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import * as contract from '../contract.js';
import { type CsvColumns, listPlace, nextCursor, sendCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { windowOf } from '../window.js';

const DAYS = 30;
const MAX_SERVICES = 10_000;
const DAY = 24 * 3_600_000;

/** A line per rule and per part, with the score that it belongs to. */
interface ScoreLine {
  readonly service: string;
  readonly team: string;
  readonly score: 'instrumentation' | 'governance';
  readonly total: number | null;
  readonly item: string;
  readonly impact: string;
  readonly verdict: string;
  readonly value: number | null;
  readonly reason: string;
}

const COLUMNS: CsvColumns<ScoreLine> = [
  ['service', (l) => l.service],
  ['team', (l) => l.team],
  ['score', (l) => l.score],
  ['total', (l) => l.total],
  ['item', (l) => l.item],
  ['impact_or_weight', (l) => l.impact],
  ['verdict', (l) => l.verdict],
  ['value', (l) => l.value],
  ['reason', (l) => l.reason],
];

@Controller('api/v1')
export class ScoresController {
  private readonly model: PriceModel;
  private readonly conventions: ConventionRegistry;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) rules: RuleSet,
    private readonly quality: PostgresQualityStore,
    private readonly usage: PostgresUsageStore,
    private readonly spanNames: PostgresSpanNameStore,
  ) {
    this.model = rules.prices.get(config.priceModel)!;
    this.conventions = new ConventionRegistry(rules.conventions);
  }

  @Get('scores')
  @Operation({
    summary: 'Instrumentation Score and governance score of services, with the rules and parts they are made of',
    query: contract.ScoreQuery,
    answer: contract.ScorePage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async scores(@Query() query: unknown): Promise<contract.ScorePage> {
    const { limit, cursor, from, to, ...filter } = read(contract.ScoreQuery, query, 'query');
    const place = listPlace({ cursor, from, to }, scoreWindow);
    const found = await this.scored({ ...filter, window: place.window }, place.skip, limit + 1);
    return { data: found.slice(0, limit).map(shown), next_cursor: nextCursor(place.skip + found.length, place, limit) };
  }

  @Get('scores.csv')
  @Operation({
    summary: 'The same as CSV, a line for each rule and each part',
    query: contract.ScoreExportQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { from, to, ...filter } = read(contract.ScoreExportQuery, query, 'query');
    const found = await this.scored({ ...filter, window: scoreWindow(from, to) }, 0, MAX_SERVICES);
    await sendCsv(reply, 'scores.csv', COLUMNS, found.flatMap(linesOf));
  }

  private scored(question: ScoreQuestion, skip: number, limit: number): Promise<ServiceScores[]> {
    const { quality, usage, model, conventions } = this;
    const sources = { quality, usage, model, conventions, scores: quality, mode: this.config.traces, now: new Date() };
    return scores(TENANT, question, { skip, limit }, { ...sources, spanNames: this.spanNames });
  }
}

function scoreWindow(from: string | undefined, to: string | undefined): Window {
  const end = to === undefined ? new Date() : new Date(to);
  return windowOf(from ?? new Date(end.getTime() - DAYS * DAY).toISOString(), end.toISOString());
}

function shown({ service, team, instrumentation, governance }: ServiceScores): contract.ServiceScore {
  const { score, category, rules, missing } = instrumentation;
  return {
    ...{ service, team },
    instrumentation: { score, category, complete: missing.length === 0, rules: [...rules], missing: [...missing] },
    governance: { ...governance, parts: [...governance.parts] },
  };
}

function linesOf({ service, team, instrumentation, governance }: ServiceScores): ScoreLine[] {
  const whose = { service, team };
  const rules = { ...whose, score: 'instrumentation', total: instrumentation.score, value: null } as const;
  const parts = { ...whose, score: 'governance', total: governance.score, verdict: '' } as const;
  return [
    ...instrumentation.rules.map((r) => ({
      ...rules,
      item: r.id,
      impact: r.impact,
      verdict: r.verdict,
      reason: r.reason,
    })),
    ...instrumentation.missing.map((r) => ({ ...rules, item: r.id, impact: '', verdict: 'missing', reason: r.reason })),
    ...governance.parts.map((p) => ({
      ...parts,
      item: p.name,
      impact: String(p.weight),
      value: p.score,
      reason: p.formula,
    })),
  ];
}
