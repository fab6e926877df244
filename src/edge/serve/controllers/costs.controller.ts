import { Body, Controller, Delete, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../../config.js';
import type { EstimatedRow } from '../../../engine/cost/allocate.js';
import type { Prices } from '../../../engine/cost/price.js';
import { focusColumns } from '../../../engine/export/focus.js';
import type { PriceModel } from '../../../engine/model/price-model.js';
import { problem } from '../../../engine/problem.js';
import { readPriceModel } from '../../../engine/rules/price-document.js';
import { estimatedCosts } from '../../../flow/estimated-costs.js';
import { focusCharges } from '../../../flow/focus-charges.js';
import type { RuleSet } from '../../files/rule-files.js';
import { priceModels } from '../../store/price-models.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { type CsvColumns, sendCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { chosenModels, isUsable } from '../price-choice.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { periodOf, windowOf } from '../window.js';

const MAX_PRICES = 50;
/** Of a FOCUS file, which has a row by service, environment and day. */
const MAX_FOCUS_DAYS = 31;
const DAY = 86_400_000;
/** Columns of the list as CSV, in their order. */
const CSV_COLUMNS: CsvColumns<contract.CostReport['rows'][number] & { currency: string }> = [
  ['group', (r) => r.group],
  ['spans', (r) => r.spans],
  ['bytes', (r) => r.bytes],
  ['cost', (r) => r.cost],
  ['cost_low', (r) => r.cost_interval?.low ?? null],
  ['cost_high', (r) => r.cost_interval?.high ?? null],
  ['saving', (r) => r.saving],
  ['share', (r) => r.share],
  ['received_spans', (r) => r.received_spans],
  ['received_bytes', (r) => r.received_bytes],
  ['currency', (r) => r.currency],
];

/** What spans cost, and what people say of it: prices of their own, sampling ratios, exact counters. */
@Controller('api/v1')
export class CostsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly usage: PostgresUsageStore,
  ) {}

  @Get('costs')
  @Operation({
    summary: 'What the spans of a window cost, with intervals; rows add up to the total',
    query: contract.CostQuery,
    answer: contract.CostReport,
    errors: { 400: 'a field of the query is not valid' },
  })
  async costs(@Query() query: unknown): Promise<contract.CostReport> {
    const { group_by, from, to, price_model } = read(contract.CostQuery, query, 'query');
    const window = windowOf(from, to);
    const models = await this.models(price_model ?? this.config.priceModel);
    const costs = await estimatedCosts(TENANT, window, group_by, this.usage, models);
    const show = ({ id, name, asOf, confirmed }: PriceModel) => ({ id, name, as_of: asOf, confirmed });
    return {
      window: periodOf(window),
      group_by,
      currency: models[0]!.currency,
      price_model: show(models[0]!),
      price_models: costs.models.map(({ model, cost }) => ({ ...show(model), cost })),
      total: figures(costs.total),
      rows: costs.rows.map((row) => ({ group: row.group, ...figures(row), share: row.share })),
      basis: costs.basis,
      saving_basis: savingBasis(costs.prices, models),
    };
  }

  @Get('costs.csv')
  @Operation({
    summary: 'The same as CSV',
    query: contract.CostQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { rows, currency } = await this.costs(query);
    await sendCsv(
      reply,
      'costs.csv',
      CSV_COLUMNS,
      rows.map((row) => ({ ...row, currency })),
    );
  }

  @Get('costs.focus.csv')
  @Operation({
    summary: 'Costs by service, environment and day in the form of FOCUS; showback, not an invoice',
    query: contract.FocusQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid, or the window is longer than 31 days' },
  })
  async focus(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { from, to, price_model, profile } = read(contract.FocusQuery, query, 'query');
    const window = windowOf(from, to);
    if (window.to.getTime() - window.from.getTime() > MAX_FOCUS_DAYS * DAY) {
      throw invalid([problem('invalid', 'query.from', 'too long a window', `at most ${MAX_FOCUS_DAYS} days`)]);
    }
    const models = await this.models(price_model ?? this.config.priceModel);
    const charges = await focusCharges(TENANT, window, this.usage, models);
    await sendCsv(reply, `showback-focus-${profile}.csv`, focusColumns(profile), charges);
  }

  @Put('usage/sampling')
  @Operation({
    access: 'admin',
    summary: 'Says which share of its traces a service sends, where spans do not say it',
    body: contract.SamplingRatioBody,
    answer: contract.SamplingRatioBody,
    errors: { 400: 'a field of the body is not valid' },
  })
  async setSampling(@Body() body: unknown, @Req() request: FastifyRequest) {
    const ratio = read(contract.SamplingRatioBody, body, 'body');
    await this.usage.setSamplingRatio(TENANT, ratio.service ?? '', ratio.probability, authorOf(request));
    return ratio;
  }

  @Put('usage/counters')
  @Operation({
    access: 'admin',
    summary: 'Says what was counted exactly elsewhere; windows that hold its period are calibrated to it',
    body: contract.UsageCounterBody,
    answer: contract.UsageCounterBody,
    errors: { 400: 'a field of the body is not valid' },
  })
  async setCounter(@Body() body: unknown, @Req() request: FastifyRequest) {
    const counter = read(contract.UsageCounterBody, body, 'body');
    const { service, spans, bytes } = counter;
    const window = windowOf(counter.from, counter.to);
    if (spans === null && bytes === null) {
      throw invalid([problem('invalid', 'body', 'counts nothing', 'at least one of spans and bytes')]);
    }
    const isHour = (time: Date): boolean => time.getTime() % 3_600_000 === 0;
    if (!isHour(window.from) || !isHour(window.to)) {
      throw invalid([problem('invalid', 'body.from', 'not a full hour', 'times that begin an hour')]);
    }
    await this.usage.setCounter(TENANT, { service: service ?? '', spans, bytes, window }, authorOf(request));
    return counter;
  }

  @Get('prices')
  @Operation({ summary: 'Price models, those that ship and your own', answer: contract.PriceList })
  async prices(): Promise<contract.PriceList> {
    const own = await this.usage.prices(TENANT);
    const all = await this.all();
    return {
      data: [...all.values()].map((model) => {
        const { id, name, vendor, currency, source, notes, asOf: as_of, confirmed } = model;
        const origin = own.has(id) ? ('own' as const) : ('shipped' as const);
        return { id, name, vendor, currency, source, notes, as_of, confirmed, origin, usable: isUsable(model) };
      }),
    };
  }

  @Put('prices/:id')
  @Operation({
    access: 'admin',
    summary:
      'Puts a price model of your own in the place of one that ships, or beside them; docs/costs.md says its form',
    body: contract.PriceDocument,
    answer: contract.PriceDocument,
    errors: {
      400: 'the body is not valid',
      409: 'there are too many',
      422: 'the model cannot be taken; `errors` has every problem',
    },
  })
  async setPrice(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest) {
    const document = read(contract.PriceDocument, body, 'body');
    const { model, problems } = readPriceModel('body', document);
    if (model.id !== id) problems.push(problem('rule', 'body: id', 'not the id of the path', 'the same id'));
    if (problems.length > 0) throw new ApiError(422, 'invalid-price', 'the price model cannot be taken', problems);
    const own = await this.usage.prices(TENANT);
    if (own.size >= MAX_PRICES && !own.has(id)) throw new ApiError(409, 'too-many', `prices: at most ${MAX_PRICES}`);
    await this.usage.setPrice(TENANT, id, document, authorOf(request));
    return document;
  }

  @Delete('prices/:id')
  @Operation({
    access: 'admin',
    summary: 'Takes back a price model of your own',
    status: 204,
    errors: { 404: 'there is no such model of your own' },
  })
  async removePrice(@Param('id') id: string): Promise<void> {
    if (!(await this.usage.removePrice(TENANT, id))) throw notFound('price model');
  }

  private all(): Promise<Map<string, PriceModel>> {
    return priceModels(TENANT, this.rules.prices, this.usage);
  }

  private async models(ids: string): Promise<PriceModel[]> {
    return chosenModels(ids, await this.all());
  }
}

/** Per-host and per-event plans save nothing when an attribute goes. */
function savingBasis({ marginalPerByte, marginalPerSpan }: Prices, models: readonly PriceModel[]): string {
  const names = models.map(({ name }) => name).join(' and ');
  if (marginalPerByte > 0) return 'Savings are at marginal prices';
  const rest = marginalPerSpan > 0 ? 'only fewer spans save' : 'nothing is saved by sending less';
  return `By ${names} an attribute that goes saves nothing, since bytes are not charged for, or not at this volume; ${rest}`;
}

function figures(row: EstimatedRow) {
  return {
    spans: row.spans,
    bytes: row.bytes,
    cost: row.cost,
    saving: row.saving,
    received_spans: row.receivedSpans,
    received_bytes: row.receivedBytes,
    spans_interval: row.spansInterval,
    bytes_interval: row.bytesInterval,
    cost_interval: row.costInterval,
  };
}
