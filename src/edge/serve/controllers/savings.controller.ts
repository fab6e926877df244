import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Config } from '../../../config.js';
import type { PolicySaving } from '../../../engine/model/saving.js';
import { windowSavings } from '../../../flow/savings.js';
import type { RuleSet } from '../../files/rule-files.js';
import { priceModels } from '../../store/price-models.js';
import { PostgresSavingStore } from '../../store/saving-store.js';
import { PostgresSimulationStore } from '../../store/simulation-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import * as contract from '../contract.js';
import { type CsvColumns, sendCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { chosenModels } from '../price-choice.js';
import { read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { periodOf, windowOf } from '../window.js';

type Row = contract.PolicySavingRow & { readonly currency: string };

const CSV_COLUMNS: CsvColumns<Row> = [
  ['policy', (r) => r.policy],
  ['version', (r) => r.version],
  ['title', (r) => r.title],
  ['services', (r) => r.services.join(' ')],
  ['since', (r) => r.since],
  ['verdict', (r) => r.verdict],
  ['reason', (r) => r.reason],
  ['promised_by', (r) => r.promised.method],
  ['promised_share', (r) => r.promised.share],
  ['promised_bytes', (r) => r.promised.bytes],
  ['promised_money', (r) => r.promised.money],
  ['measured_share', (r) => r.measured?.share ?? null],
  ['measured_bytes', (r) => r.measured?.bytes ?? null],
  ['measured_money', (r) => r.measured?.money ?? null],
  ['measured_money_low', (r) => r.measured?.money_interval.low ?? null],
  ['measured_money_high', (r) => r.measured?.money_interval.high ?? null],
  ['currency', (r) => r.currency],
];

/** What policies save, beside what was promised of them. */
@Controller('api/v1/costs')
export class SavingsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly usage: PostgresUsageStore,
    private readonly savings: PostgresSavingStore,
    private readonly simulations: PostgresSimulationStore,
  ) {}

  @Get('savings')
  @Operation({
    summary: 'What approved policies were to save and what they save, those that save most first',
    query: contract.SavingQuery,
    answer: contract.SavingList,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.SavingList> {
    const { from, to, team = null, price_model } = read(contract.SavingQuery, query, 'query');
    const window = windowOf(from, to);
    const all = await priceModels(TENANT, this.rules.prices, this.usage);
    const models = chosenModels(price_model ?? this.config.priceModel, all);
    const rows = await windowSavings(TENANT, window, team, this.savings, this.simulations, this.usage, models);
    const judged = rows.filter(({ verdict }) => verdict === 'kept' || verdict === 'missed');
    return {
      window: periodOf(window),
      ...{ team, currency: models[0]!.currency, price_models: models.map(({ id }) => id) },
      total: {
        promised_money: judged.reduce((sum, { promised }) => sum + (promised.money ?? 0), 0),
        measured_money: judged.reduce((sum, { measured }) => sum + (measured?.money ?? 0), 0),
        insufficient_evidence: rows.filter(({ measured }) => measured === null).length,
      },
      data: rows.map(show),
    };
  }

  @Get('savings.csv')
  @Operation({
    summary: 'The same as CSV',
    query: contract.SavingQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { data, currency } = await this.list(query);
    await sendCsv(
      reply,
      'savings.csv',
      CSV_COLUMNS,
      data.map((row) => ({ ...row, currency })),
    );
  }
}

function show({ services, promised, measured, ...row }: PolicySaving): contract.PolicySavingRow {
  return {
    ...row,
    ...{ services: [...services], promised },
    measured: measured && {
      window: { start: measured.from, end: measured.to },
      ...{ share: measured.share, share_interval: measured.shareInterval },
      ...{ bytes: measured.bytes, bytes_interval: measured.bytesInterval },
      ...{ money: measured.money, money_interval: measured.moneyInterval },
    },
  };
}
