import { Body, Controller, Delete, Get, Headers, Inject, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../../config.js';
import { type Problem, problem } from '../../../engine/problem.js';
import { type BudgetState, budgetStates } from '../../../flow/budgets.js';
import type { RuleSet } from '../../files/rule-files.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { monthAt } from '../../months.js';
import { TextGuard } from '../../rules/text-guard.js';
import { type BudgetFields, MAX_TEAM_BUDGETS, PostgresBudgetStore } from '../../store/budget-store.js';
import type { BudgetRow } from '../../store/entities/budgets.js';
import { priceModels, usableModels } from '../../store/price-models.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { type CsvColumns, sendCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { periodOf } from '../window.js';

interface Cursor {
  readonly createdAt: string;
  readonly id: string;
}

/** Columns of the list as CSV, in their order. */
const CSV_COLUMNS: CsvColumns<contract.Budget> = [
  ['id', (b) => b.id],
  ['team', (b) => b.team],
  ['environment', (b) => b.environment],
  ['unit', (b) => b.unit],
  ['amount', (b) => b.amount],
  ['currency', (b) => b.currency],
  ['price_model', (b) => b.price_model],
  ['month', (b) => b.state?.month ?? null],
  ['spent', (b) => b.state?.spent.value ?? null],
  ['spent_low', (b) => b.state?.spent.interval?.low ?? null],
  ['spent_high', (b) => b.state?.spent.interval?.high ?? null],
  ['spent_percent', (b) => b.state?.spent.percent ?? null],
  ['forecast', (b) => b.state?.forecast.value ?? null],
  ['forecast_low', (b) => b.state?.forecast.interval?.low ?? null],
  ['forecast_high', (b) => b.state?.forecast.interval?.high ?? null],
  ['forecast_verdict', (b) => b.state?.forecast.verdict ?? null],
  ['reached_actual', (b) => b.state?.reached.actual.join(' ') ?? null],
  ['reached_forecast', (b) => b.state?.reached.forecast.join(' ') ?? null],
];
const CHANGE_ERRORS = {
  404: 'there is no such budget',
  412: 'the budget changed since the version that If-Match names',
  428: 'If-Match is missing',
};

/** What teams may use in a calendar month, and how they stand. */
@Controller('api/v1')
export class BudgetsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly budgets: PostgresBudgetStore,
    private readonly usage: PostgresUsageStore,
    private readonly guard: TextGuard,
    private readonly queue: JobQueue,
  ) {}

  @Get('budgets')
  @Operation({
    summary: 'Budgets of teams with what is spent of them and what the month is expected to come to, newest first',
    query: contract.BudgetQuery,
    answer: contract.BudgetPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.BudgetPage> {
    const { limit, cursor, team } = read(contract.BudgetQuery, query, 'query');
    const after = decodeCursor<Cursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.budgets.list(TENANT, team, limit + 1, after);
    const page = pageOf(
      rows,
      limit,
      (row) => row,
      ({ createdAt, id }) => ({ createdAt: createdAt.toISOString(), id }),
    );
    return { ...page, data: await this.show(page.data) };
  }

  @Get('budgets.csv')
  @Operation({
    summary: 'The same as CSV, all of them',
    query: contract.BudgetFilter,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { team } = read(contract.BudgetFilter, query, 'query');
    const rows = await this.budgets.list(TENANT, team, MAX_TEAM_BUDGETS, null);
    await sendCsv(reply, 'budgets.csv', CSV_COLUMNS, await this.show(rows));
  }

  @Post('budgets')
  @Operation({
    summary: 'Makes a budget of a team by calendar month, in money of a price model or in bytes',
    body: contract.BudgetBody,
    status: 201,
    answer: contract.Budget,
    errors: {
      400: 'a field of the body is not valid',
      409: 'there is one of the same team, environment, unit and price model, or there are too many',
    },
  })
  async add(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const fields = await this.fields(body);
    const row = await this.budgets.add(TENANT, fields, authorOf(request));
    if (row === 'too-many') throw new ApiError(409, 'too-many', `budgets: at most ${MAX_TEAM_BUDGETS}; remove one`);
    return this.written(row, reply);
  }

  @Get('budgets/:id')
  @Operation({
    summary: 'One budget with its state',
    answer: contract.Budget,
    errors: { 404: 'there is no such budget' },
  })
  async get(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<contract.Budget> {
    const row = isUuid(id) ? await this.budgets.get(TENANT, id) : null;
    if (row === null) throw notFound('budget');
    reply.header('etag', etagOf(row));
    return (await this.show([row]))[0]!;
  }

  @Put('budgets/:id')
  @Operation({
    summary: 'Changes a budget; its alerts begin anew',
    body: contract.BudgetBody,
    answer: contract.Budget,
    errors: {
      ...CHANGE_ERRORS,
      400: 'a field of the body is not valid',
      409: 'there is another one of the same team, environment, unit and price model',
    },
  })
  async change(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.Budget> {
    const fields = await this.fields(body);
    const version = versionOf(ifMatch);
    const row = isUuid(id) ? await this.budgets.change(TENANT, id, version, fields, authorOf(request)) : 'unknown';
    return this.written(row, reply);
  }

  @Delete('budgets/:id')
  @Operation({ summary: 'Removes a budget and its alerts', status: 204, errors: CHANGE_ERRORS })
  async remove(@Param('id') id: string, @Headers('if-match') ifMatch?: string): Promise<void> {
    const version = versionOf(ifMatch);
    const refused = isUuid(id) ? await this.budgets.remove(TENANT, id, version) : 'unknown';
    if (refused !== null) throw refusal(refused);
  }

  private async written(row: BudgetRow | Parameters<typeof refusal>[0], reply: FastifyReply) {
    if (typeof row === 'string') throw refusal(row);
    reply.header('etag', etagOf(row));
    // Without the queue alerts come later, by schedule.
    this.queue.add('budgets', { tenant: TENANT }, 'budgets default').catch(() => {});
    return (await this.show([row]))[0]!;
  }

  /** All problems at once: of the fields, and of what must hold between them. */
  private async fields(body: unknown): Promise<BudgetFields> {
    const given = read(contract.BudgetBody, body, 'body');
    const problems: Problem[] = [];
    for (const field of ['team', 'environment'] as const) {
      if (given[field] === null || !this.guard.findsIn(TENANT, given[field])) continue;
      const allowed = 'a name as costs show it';
      problems.push(problem('invalid', `body.${field}`, 'a detector finds something in it', allowed));
    }
    const priceModel = given.unit === 'bytes' ? '' : (given.price_model ?? this.config.priceModel);
    if (given.unit === 'bytes' && given.price_model !== null) {
      problems.push(
        problem('invalid', 'body.price_model', 'a price of bytes that are counted', 'null, or the unit money'),
      );
    }
    const usable = given.unit === 'bytes' ? null : await this.models();
    if (usable !== null && !usable.has(priceModel)) {
      const allowed = [...usable.keys()].join(', ');
      problems.push(problem('invalid', 'body.price_model', 'not known, or without prices', allowed));
    }
    if (problems.length > 0) throw invalid(problems);
    const { team, environment, unit, amount } = given;
    const thresholds = { actualThresholds: given.actual_thresholds, forecastThresholds: given.forecast_thresholds };
    return { team, environment: environment ?? '', unit, amount, priceModel, ...thresholds };
  }

  private async models() {
    return usableModels(await priceModels(TENANT, this.rules.prices, this.usage));
  }

  private async show(rows: readonly BudgetRow[]): Promise<contract.Budget[]> {
    const models = await this.models();
    const month = monthAt(new Date(), this.config.timeZone);
    const states = await budgetStates(TENANT, rows, month, this.usage, models);
    return rows.map((row, i) => {
      const { id, team, unit, amount, priceModel, author } = row;
      return {
        ...{ id, team, unit, amount, author },
        environment: row.environment || null,
        price_model: priceModel || null,
        currency: models.get(priceModel)?.currency ?? null,
        actual_thresholds: row.actualThresholds,
        forecast_thresholds: row.forecastThresholds,
        state: showState(states[i], amount),
        created_at: row.createdAt.toISOString(),
        updated_at: row.updatedAt.toISOString(),
        etag: etagOf(row),
      };
    });
  }
}

function showState(state: BudgetState | undefined, amount: number): contract.Budget['state'] {
  if (state === undefined) return null;
  const { month, spent, forecast, reached, basis } = state;
  const isEstimated = forecast.verdict === 'estimated';
  return {
    month: month.name,
    window: periodOf({ from: month.window.from, to: month.now }),
    spent: { ...spent, percent: (100 * spent.value) / amount },
    forecast: {
      verdict: forecast.verdict,
      value: isEstimated ? forecast.value : null,
      interval: isEstimated ? forecast.interval : null,
      days: isEstimated ? forecast.days : null,
      reason: isEstimated ? '' : forecast.reason,
    },
    reached: { actual: [...reached.actual], forecast: [...reached.forecast] },
    has_usage: state.hasUsage,
    basis,
  };
}

function etagOf({ version }: BudgetRow): string {
  return `"${version}"`;
}

/** The version that If-Match names; what is none is the version of no budget. */
function versionOf(ifMatch: string | undefined): number {
  if (ifMatch === undefined) {
    throw new ApiError(428, 'if-match-missing', 'If-Match: missing; the ETag of the budget that you read');
  }
  return Number(/^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch.trim())?.[1] ?? 0);
}

function refusal(why: 'unknown' | 'stale' | 'duplicate'): ApiError {
  if (why === 'unknown') return notFound('budget');
  if (why === 'stale') return new ApiError(412, 'stale', 'budget: changed since you read it; read it again');
  const allowed = 'one of the same team, environment, unit and price model; change that one';
  return new ApiError(409, 'duplicate', `budget: there is one already; ${allowed}`);
}
