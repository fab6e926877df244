import { Body, Controller, Get, Inject, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Config } from '../../../config.js';
import type { PriceModel } from '../../../engine/model/price-model.js';
import { problem } from '../../../engine/problem.js';
import { FIELD_GUIDE, guideIds } from '../../../engine/quality/field-guide.js';
import { REMEDIES } from '../../../engine/quality/remedies.js';
import type { Window } from '../../../flow/ports.js';
import { type JudgedIndicator, judgeQuality } from '../../../flow/quality.js';
import { callEdges, hostPairs, operations, type Quantile } from '../../../flow/quality-lists.js';
import type { RuleSet } from '../../files/rule-files.js';
import { TextGuard } from '../../rules/text-guard.js';
import { PostgresQualityStore } from '../../store/quality-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import * as contract from '../contract.js';
import { type CsvColumns, listPage, listPlace, sendCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { invalid, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { windowOf } from '../window.js';

const BAD_QUERY = { 400: 'a field of the query is not valid' };
const CSV = 'The same as CSV, all of it; text that a spreadsheet could take for a formula has an apostrophe before it';
const HOUR = 3_600_000;

const INDICATOR_COLUMNS: CsvColumns<contract.QualityIndicator> = [
  ['group', (i) => i.group],
  ['indicator', (i) => i.indicator],
  ['title', (i) => i.title],
  ['field_guide', (i) => i.field_guide.join(' ')],
  ['verdict', (i) => i.verdict],
  ['value', (i) => i.value],
  ['unit', (i) => i.unit],
  ['low', (i) => i.interval?.low ?? null],
  ['high', (i) => i.interval?.high ?? null],
  ['n', (i) => i.n],
  ['of', (i) => i.of],
  ['at_most', (i) => (i.threshold !== null && 'most' in i.threshold ? i.threshold.most : null)],
  ['at_least', (i) => (i.threshold !== null && 'least' in i.threshold ? i.threshold.least : null)],
  ['reason', (i) => i.reason],
  ['remedy', (i) => i.remedy],
];

const quantile = (name: 'p50' | 'p95' | 'p99') =>
  (['value', 'low', 'high'] as const).map(
    (part) => [`${name}_${part}`, (o: contract.OperationRow) => (o[name] as Quantile | null)?.[part] ?? null] as const,
  );

const OPERATION_COLUMNS: CsvColumns<contract.OperationRow> = [
  ['service', (o) => o.service],
  ['environment', (o) => o.environment],
  ['operation', (o) => o.operation],
  ['kind', (o) => o.kind],
  ['spans', (o) => o.spans],
  ['errors', (o) => o.errors],
  ['roots', (o) => o.roots],
  ...quantile('p50'),
  ...quantile('p95'),
  ...quantile('p99'),
];

const PROPAGATION_COLUMNS: CsvColumns<contract.Propagation> = [
  ['service', (p) => p.service],
  ['environment', (p) => p.environment],
  ['peer', (p) => p.peer],
  ['library', (p) => p.library],
  ['version', (p) => p.version],
  ['calls', (p) => p.calls],
  ['broken', (p) => p.broken],
  ['unanswered', (p) => p.unanswered],
  ['unknown', (p) => p.unknown],
];

@Controller('api/v1/quality')
export class QualityController {
  private readonly model: PriceModel;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) rules: RuleSet,
    private readonly quality: PostgresQualityStore,
    private readonly usage: PostgresUsageStore,
    private readonly guard: TextGuard,
  ) {
    this.model = rules.prices.get(config.priceModel)!;
  }

  @Get()
  @Operation({
    summary: 'Indicators of trace quality with their verdicts, by service, team, environment or in total',
    query: contract.QualityQuery,
    answer: contract.QualityPage,
    errors: BAD_QUERY,
  })
  async indicators(@Query() query: unknown): Promise<contract.QualityPage> {
    const { limit, cursor, from, to, ...filter } = read(contract.QualityQuery, query, 'query');
    const place = listPlace({ cursor, from, to });
    return listPage(await this.judged(place.window, filter), place, limit);
  }

  @Get('indicators.csv')
  @Operation({ summary: CSV, query: contract.QualityExportQuery, answer: 'text/csv', errors: BAD_QUERY })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { from, to, ...filter } = read(contract.QualityExportQuery, query, 'query');
    await sendCsv(reply, 'quality.csv', INDICATOR_COLUMNS, await this.judged(windowOf(from, to), filter));
  }

  @Get('field-guide')
  @Operation({
    summary: 'Indicators M1 to M9 and failure modes F1 to F7 of the field guide, and what answers each',
    answer: contract.FieldGuide,
  })
  fieldGuide(): contract.FieldGuide {
    return { data: FIELD_GUIDE.map((entry) => ({ ...entry, indicators: [...entry.indicators] })) };
  }

  @Get('operations')
  @Operation({
    summary: 'How long operations take, those with the most spans first',
    query: contract.QualityListQuery,
    answer: contract.OperationPage,
    errors: BAD_QUERY,
  })
  async operations(@Query() query: unknown): Promise<contract.OperationPage> {
    const { limit, cursor, from, to, ...filter } = read(contract.QualityListQuery, query, 'query');
    const place = listPlace({ cursor, from, to });
    return listPage(await operations(TENANT, place.window, filter, this.quality), place, limit);
  }

  @Get('operations.csv')
  @Operation({ summary: CSV, query: contract.QualityListExportQuery, answer: 'text/csv', errors: BAD_QUERY })
  async operationsCsv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { from, to, ...filter } = read(contract.QualityListExportQuery, query, 'query');
    const rows = await operations(TENANT, windowOf(from, to), filter, this.quality);
    await sendCsv(reply, 'operations.csv', OPERATION_COLUMNS, rows);
  }

  @Get('propagation')
  @Operation({
    summary: 'Calls between services and the libraries that make them, those that lost their context first',
    query: contract.QualityListQuery,
    answer: contract.PropagationPage,
    errors: BAD_QUERY,
  })
  async propagation(@Query() query: unknown): Promise<contract.PropagationPage> {
    const { limit, cursor, from, to, ...filter } = read(contract.QualityListQuery, query, 'query');
    const place = listPlace({ cursor, from, to });
    return listPage(await callEdges(TENANT, place.window, filter, this.quality), place, limit);
  }

  @Get('propagation.csv')
  @Operation({ summary: CSV, query: contract.QualityListExportQuery, answer: 'text/csv', errors: BAD_QUERY })
  async propagationCsv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { from, to, ...filter } = read(contract.QualityListExportQuery, query, 'query');
    const rows = await callEdges(TENANT, windowOf(from, to), filter, this.quality);
    await sendCsv(reply, 'propagation.csv', PROPAGATION_COLUMNS, rows);
  }

  @Get('hosts')
  @Operation({
    summary: 'Pairs of hosts and how far their clocks are apart, the furthest first',
    query: contract.HostPairQuery,
    answer: contract.HostPairPage,
    errors: BAD_QUERY,
  })
  async hosts(@Query() query: unknown): Promise<contract.HostPairPage> {
    const { limit, cursor, from, to } = read(contract.HostPairQuery, query, 'query');
    const place = listPlace({ cursor, from, to });
    const { data, next_cursor } = listPage(await hostPairs(TENANT, place.window, this.quality), place, limit);
    return { data: data.map((pair) => ({ ...pair, hosts: [...pair.hosts] })), next_cursor };
  }

  @Get('request-totals')
  @Operation({
    summary: 'How many requests there were, as something else than spans counted them, latest hours first',
    query: contract.HostPairQuery,
    answer: contract.RequestTotals,
    errors: BAD_QUERY,
  })
  async requestTotals(@Query() query: unknown): Promise<contract.RequestTotals> {
    const { limit, cursor, from, to } = read(contract.HostPairQuery, query, 'query');
    const place = listPlace({ cursor, from, to });
    const rows = (await this.quality.requestTotals(TENANT, place.window)).map((row) => ({
      ...row,
      hour: row.hour.toISOString(),
      source: row.source === 'prometheus' ? ('prometheus' as const) : ('api' as const),
    }));
    return listPage(rows, place, limit);
  }

  @Put('request-totals')
  @Operation({
    summary: 'Says how many requests services had, by the hour; what was said before of the same hours is replaced',
    body: contract.RequestTotalsBody,
    status: 204,
    errors: { 400: 'a field of the body is not valid' },
  })
  async putRequestTotals(@Body() body: unknown): Promise<void> {
    const { data } = read(contract.RequestTotalsBody, body, 'body');
    const totals = data.map((total) => ({ ...total, hour: new Date(total.hour) }));
    const problems = totals.flatMap(({ service, environment, hour }, i) => {
      const at = `body.data.${i}`;
      const wrong = hour.getTime() % HOUR !== 0;
      const found = this.guard.findsIn(TENANT, `${service} ${environment}`);
      return [
        ...(wrong ? [problem('invalid', `${at}.hour`, 'not the beginning of an hour', 'a full hour, UTC')] : []),
        ...(found ? [problem('sensitive', at, 'a detector finds something in a name', 'names without values')] : []),
      ];
    });
    if (problems.length > 0) throw invalid(problems);
    await this.quality.putRequestTotals(TENANT, totals, 'api');
  }

  private async judged(
    window: Window,
    filter: Omit<Zod<typeof contract.QualityExportQuery>, 'from' | 'to'>,
  ): Promise<contract.QualityIndicator[]> {
    const { group_by: groupBy, verdict, indicator, service, environment, team } = filter;
    const { quality, usage, model } = this;
    const sources = { quality, usage, model, mode: this.config.traces, now: new Date() };
    const judged = await judgeQuality(TENANT, { window, groupBy, service, environment, team }, sources);
    return judged
      .filter(({ judgement }) => verdict === undefined || judgement.verdict === verdict)
      .filter((row) => indicator === undefined || row.indicator.id === indicator)
      .map(shown);
  }
}

type Zod<T extends { readonly _zod: { readonly output: unknown } }> = T['_zod']['output'];

function shown({ group, indicator, judgement }: JudgedIndicator): contract.QualityIndicator {
  const { id, title, unit, of, limit } = indicator;
  const { verdict, value, interval, n, reason } = judgement;
  const about = { group, indicator: id, title, field_guide: guideIds(id) };
  return {
    ...about,
    verdict,
    value,
    unit,
    interval,
    n: Math.round(n),
    of,
    threshold: limit,
    reason,
    remedy: REMEDIES[id]!,
  };
}
