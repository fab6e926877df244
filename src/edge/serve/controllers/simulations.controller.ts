import { Body, Controller, Delete, Get, Inject, Optional, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../../../config.js';
import type { PriceModel } from '../../../engine/model/price-model.js';
import { problem } from '../../../engine/problem.js';
import { simulatedSaving } from '../../../flow/simulated-saving.js';
import type { RuleSet } from '../../files/rule-files.js';
import { LiveSimulations } from '../../simulation/live-simulations.js';
import { type ShownSimulation, showDetail, showSimulation } from '../../simulation/show.js';
import type { SimulationRow } from '../../store/entities/simulations.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { priceModels, usableModels } from '../../store/price-models.js';
import { PostgresReportFactStore } from '../../store/report-fact-store.js';
import { MAX_RUNNING, type NotStarted, PostgresSimulationStore } from '../../store/simulation-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const REFUSALS: Readonly<Record<Exclude<NotStarted, 'unknown'>, string>> = {
  'not-proposed': 'policy: no version of it is suggested or approved',
  running: 'policy: it is being simulated; stop that simulation, or wait for its end',
  'too-many': `simulations: at most ${MAX_RUNNING} can run at once; stop one, or wait`,
};

/** Policies simulated on the spans that come in. */
@Controller('api/v1')
export class SimulationsController {
  constructor(
    private readonly simulations: PostgresSimulationStore,
    private readonly policies: PostgresPolicyStore,
    private readonly usage: PostgresUsageStore,
    private readonly facts: PostgresReportFactStore,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    /** Where this process receives spans, too. */
    @Optional() @Inject(LiveSimulations) private readonly live: LiveSimulations | null,
  ) {}

  @Post('policies/:id/simulations')
  @Operation({
    summary:
      'Simulates the suggested version of a policy, or else the approved one, on the spans that come in from now on',
    body: contract.SimulationBody,
    status: 201,
    answer: contract.Simulation,
    errors: {
      400: 'a field of the body is not valid',
      404: 'there is no such policy',
      409: 'no version is suggested or approved, the policy is being simulated, or too many are',
    },
  })
  async start(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<contract.Simulation> {
    if (!isUuid(id)) throw notFound('policy');
    const { duration_seconds, max_spans } = read(contract.SimulationBody, body, 'body');
    const bounds = { durationSeconds: duration_seconds, maxSpans: max_spans };
    const row = await this.simulations.start(TENANT, id, bounds, authorOf(request));
    if (row === 'unknown') throw notFound('policy');
    if (typeof row === 'string') throw new ApiError(409, row, REFUSALS[row]);
    await this.live?.refresh();
    return this.one(row, undefined, showSimulation);
  }

  @Get('policies/:id/simulations')
  @Operation({
    summary: 'Simulations of a policy, newest first',
    query: contract.SimulationPageQuery,
    answer: contract.SimulationPage,
    errors: { 400: 'a field of the query is not valid', 404: 'there is no such policy' },
  })
  async list(@Param('id') id: string, @Query() query: unknown): Promise<contract.SimulationPage> {
    const { limit, cursor, price_model } = read(contract.SimulationPageQuery, query, 'query');
    const after = decodeCursor<{ startedAt: string; id: string }>(cursor, { startedAt: isTime, id: isUuid });
    if (!isUuid(id) || (await this.policies.versions(TENANT, id)).length === 0) throw notFound('policy');
    const rows = await this.simulations.list(TENANT, id, limit + 1, after);
    const shown = await this.shown(rows, price_model);
    const now = new Date();
    return pageOf(
      shown,
      limit,
      (simulation) => showSimulation(simulation, now),
      ({ row }) => ({ startedAt: row.startedAt.toISOString(), id: row.id }),
    );
  }

  @Get('simulations/:id')
  @Operation({
    summary: 'A simulation with what it found, by service, attribute and finding',
    query: contract.SimulationQuery,
    answer: contract.SimulationDetail,
    errors: { 400: 'a field of the query is not valid', 404: 'there is no such simulation' },
  })
  async get(@Param('id') id: string, @Query() query: unknown): Promise<contract.SimulationDetail> {
    const { price_model } = read(contract.SimulationQuery, query, 'query');
    const row = isUuid(id) ? await this.simulations.get(TENANT, id) : null;
    if (row === null) throw notFound('simulation');
    return this.one(row, price_model, showDetail);
  }

  @Delete('simulations/:id')
  @Operation({
    summary: 'Ends a simulation early; what was counted stays',
    answer: contract.SimulationDetail,
    errors: { 404: 'there is no such simulation' },
  })
  async stop(@Param('id') id: string): Promise<contract.SimulationDetail> {
    if (!isUuid(id) || (await this.simulations.stop(TENANT, id)) === null) throw notFound('simulation');
    await this.live?.refresh();
    const row = await this.simulations.get(TENANT, id);
    if (row === null) throw notFound('simulation');
    return this.one(row, undefined, showDetail);
  }

  private async one<T>(
    row: SimulationRow,
    model: string | undefined,
    show: (simulation: ShownSimulation, now: Date) => T,
  ): Promise<T> {
    const [shown] = await this.shown([row], model);
    return show(shown!, new Date());
  }

  private async shown(rows: readonly SimulationRow[], model: string | undefined): Promise<ShownSimulation[]> {
    if (rows.length === 0) return [];
    const [progress, price, extent, versions] = await Promise.all([
      this.simulations.progress(
        TENANT,
        rows.map(({ id }) => id),
      ),
      this.price(model),
      this.facts.extent(TENANT),
      this.policies.versions(TENANT, rows[0]!.policyId),
    ]);
    const now = new Date();
    return Promise.all(
      rows.map(async (row) => {
        const own = progress.get(row.id)!;
        const isSampling = row.body.action.kind === 'sample';
        const since = extent?.from ?? null;
        const saving = await simulatedSaving(TENANT, own.counts, isSampling, now, since, this.usage, price);
        const isCurrent = versions.some(
          ({ version, contentHash }) => version === row.version && contentHash === row.contentHash,
        );
        return { row, progress: own, isCurrent, saving, price };
      }),
    );
  }

  /** Null where the configured model has no prices. */
  private async price(id: string | undefined): Promise<PriceModel | null> {
    const models = usableModels(await priceModels(TENANT, this.rules.prices, this.usage));
    const model = models.get(id ?? this.config.priceModel) ?? null;
    if (id === undefined || model !== null) return model;
    throw invalid([
      problem('invalid', 'query.price_model', 'no such price model, or no prices', [...models.keys()].join(', ')),
    ]);
  }
}
