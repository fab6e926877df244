import { Body, Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../../config.js';
import type { SampleAction } from '../../../engine/model/policy.js';
import type { PriceModel } from '../../../engine/model/price-model.js';
import { DEFAULT_SET } from '../../../engine/model/rollout.js';
import { type Problem, problem } from '../../../engine/problem.js';
import { proposeSampling, samplingPolicy } from '../../../flow/sampling-proposal.js';
import type { RuleSet } from '../../files/rule-files.js';
import { Metrics } from '../../metrics.js';
import { TextGuard } from '../../rules/text-guard.js';
import type { PolicyRow } from '../../store/entities/index.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { priceModels, usableModels } from '../../store/price-models.js';
import { PostgresQualityStore } from '../../store/quality-store.js';
import { SamplingStore } from '../../store/sampling-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { isKnown } from '../etag.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { invalid, notFound, read } from '../problems.js';
import { keepProblems, shownProposal, targetsOf, wishOf } from '../sampling-proposal.js';
import { SamplingStrategies } from '../sampling-strategies.js';
import { TENANT } from '../tenant.js';
import { windowOf } from '../window.js';

const DAY = 86_400_000;
const NO_POLICY = { 404: 'there is no such policy, or it is none on sampling' };

/** Sampling policies from traffic, and what carries them out asks for. */
@Controller('api/v1')
export class SamplingController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly policies: PostgresPolicyStore,
    private readonly sampling: SamplingStore,
    private readonly quality: PostgresQualityStore,
    private readonly usage: PostgresUsageStore,
    private readonly strategies: SamplingStrategies,
    private readonly guard: TextGuard,
    private readonly metrics: Metrics,
  ) {}

  @Post('sampling/proposals')
  @Operation({
    summary: 'The sampling policy that keeps a budget with the smallest loss, and what it would keep and drop',
    body: contract.SamplingProposalBody,
    answer: contract.SamplingProposal,
    errors: { 400: 'a field of the body is not valid' },
  })
  async propose(@Body() body: unknown): Promise<contract.SamplingProposal> {
    const given = read(contract.SamplingProposalBody, body, 'body');
    const { from = new Date(Date.now() - DAY).toISOString(), to, services, environment, stage } = given;
    const wish = wishOf(given);
    const models = await this.models();
    const problems = [
      ...keepProblems(stage, services, environment, { ...wish, operations: [] }, 'body'),
      ...this.budgetProblems(given.budget, models, 'body.budget'),
    ];
    if (problems.length > 0) throw invalid(problems);
    const model = models.get(wish.budget.kind === 'money_per_month' ? wish.budget.priceModel : this.config.priceModel);
    const { quality, usage } = this;
    const proposal = await proposeSampling(TENANT, wish, windowOf(from, to), {
      ...{ quality, usage, tap: this.config.tap, model: model ?? null },
      approved: await this.policies.approved(TENANT, DEFAULT_SET),
    });
    return shownProposal(services, proposal);
  }

  @Post('sampling/policies')
  @Operation({
    summary:
      'Makes a sampling policy that waits for approval, or another version of the one of the same stage and name',
    body: contract.SamplingPolicyBody,
    status: 201,
    answer: contract.SamplingPolicy,
    errors: { 400: 'a field of the body is not valid' },
  })
  async create(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<contract.SamplingPolicy> {
    const { name, title, reason, services, action } = read(contract.SamplingPolicyBody, body, 'body');
    const problems = [
      ...keepProblems(action.stage, services, action.environment, shapeOf(action), 'body.action'),
      ...this.rateProblems(action),
      ...(action.budget === null ? [] : this.budgetProblems(action.budget, await this.models(), 'body.action.budget')),
      ...this.nameProblems({ title, reason, services, action }),
    ];
    if (problems.length > 0) throw invalid(problems);
    const policy = samplingPolicy(name, services, action, { title, reason });
    const { row, isNew } = await this.sampling.offer(TENANT, policy, authorOf(request));
    reply
      .code(isNew ? 201 : 200)
      .header('etag', `"${row.contentHash}"`)
      .header('location', `/api/v1/policies/${row.id}`);
    return shownPolicy(row);
  }

  @Get('sampling/policies/:id')
  @Operation({
    summary: 'The probabilities of a sampling policy that are in force now, and how the last look at the traffic went',
    answer: contract.SamplingRates,
    errors: NO_POLICY,
  })
  async rates(@Param('id') id: string): Promise<contract.SamplingRates> {
    const { version, action } = await this.samplingVersion(id);
    const state = await this.sampling.state(TENANT, id);
    const own = state?.version === version ? state : null;
    const { operations, otherwise } = own?.rates ?? action;
    return {
      ...{
        policy: id,
        version,
        adaptive: action.adaptive,
        operations: [...operations],
        otherwise,
        floor: action.floor,
      },
      since: own?.ratesAt?.toISOString() ?? null,
      checked_at: own?.checkedAt.toISOString() ?? null,
      ...{ outcome: own?.outcome ?? null, reason: own?.reason ?? '' },
    };
  }

  @Get('sampling/policies/:id/changes')
  @Operation({
    summary: 'How the probabilities of a sampling policy changed, latest first; kept for 90 days',
    query: contract.SamplingChangeQuery,
    answer: contract.SamplingChangePage,
    errors: { ...NO_POLICY, 400: 'a field of the query is not valid' },
  })
  async changes(@Param('id') id: string, @Query() query: unknown): Promise<contract.SamplingChangePage> {
    const { limit, cursor } = read(contract.SamplingChangeQuery, query, 'query');
    await this.samplingVersion(id);
    const after = decodeCursor<{ changedAt: string }>(cursor, { changedAt: isTime });
    const rows = await this.sampling.changes(TENANT, id, limit + 1, after);
    return pageOf(
      rows,
      limit,
      ({ changedAt, version, reason, changes }) => ({
        ...{ changed_at: changedAt.toISOString(), version, reason },
        changes: changes.map((change) => ({ ...change })),
      }),
      ({ changedAt }) => ({ changedAt: changedAt.toISOString() }),
    );
  }

  @Get('policy-sets/:name/sampling-strategies.json')
  @Operation({
    summary: 'The approved sampling policies for SDKs as a strategies file of Jaeger remote sampling',
    answer: contract.SamplingStrategies,
    access: 'collector',
    errors: { 304: 'it is still what If-None-Match names', 404: 'there is no such policy set' },
  })
  async strategiesFile(
    @Param('name') name: string,
    @Res() reply: FastifyReply,
    @Headers('if-none-match') ifNoneMatch?: string,
  ): Promise<void> {
    if (name !== DEFAULT_SET) throw notFound('policy set');
    const { json, etag } = await this.strategies.get(TENANT, name);
    const unchanged = isKnown(etag, ifNoneMatch);
    this.metrics.samplingFetches.inc({ protocol: 'file', code: unchanged ? '304' : '200' });
    reply.header('etag', etag).header('cache-control', 'no-cache');
    if (unchanged) await reply.code(304).send();
    else await reply.code(200).type('application/json').send(json);
  }

  /** The version that is approved, or else the latest. */
  private async samplingVersion(id: string) {
    const rows = isUuid(id) ? await this.policies.versions(TENANT, id) : [];
    const row = rows.find(({ state }) => IN_FORCE.includes(state)) ?? rows[0];
    if (row?.body.action.kind !== 'sample') throw notFound('sampling policy');
    return { version: row.version, action: row.body.action };
  }

  private async models(): Promise<ReadonlyMap<string, PriceModel>> {
    return usableModels(await priceModels(TENANT, this.rules.prices, this.usage));
  }

  private budgetProblems(
    budget: contract.SamplingBudget,
    models: ReadonlyMap<string, PriceModel>,
    where: string,
  ): Problem[] {
    if (budget.kind !== 'money_per_month' || models.has(budget.priceModel)) return [];
    const allowed = [...models.keys()].join(', ');
    return [problem('invalid', `${where}.priceModel`, 'not known, or without prices', allowed)];
  }

  private rateProblems({ operations, otherwise, floor, adaptive, budget }: contract.SampleActionBody): Problem[] {
    const low = operations.flatMap(({ probability }, i) =>
      probability < floor ? [`operations.${i}.probability`] : [],
    );
    if (otherwise < floor) low.push('otherwise');
    const keys = operations.map(({ service, operation }) => `${service}\0${operation}`);
    const twice = keys.flatMap((key, i) => (keys.indexOf(key) === i ? [] : [`operations.${i}`]));
    return [
      ...low.map((field) => problem('invalid', `body.action.${field}`, 'below the floor', 'at least the floor')),
      ...twice.map((field) => problem('invalid', `body.action.${field}`, 'given twice', 'each operation once')),
      ...(adaptive && budget === null
        ? [problem('invalid', 'body.action.budget', 'missing', 'a budget that the probabilities follow')]
        : []),
    ];
  }

  /** Names may hold what nobody should store. */
  private nameProblems({ title = '', reason, services, action }: Named): Problem[] {
    const routes = action.keep.critical.map((route) =>
      route.kind === 'name' ? route.name : `${route.key} ${route.value}`,
    );
    const names: [string, string][] = [
      ...([
        ['title', title],
        ['reason', reason],
        ['action.environment', action.environment],
      ] as [string, string][]),
      ...services.map((service, i): [string, string] => [`services.${i}`, service]),
      ...routes.map((route, i): [string, string] => [`action.keep.critical.${i}`, route]),
      ...action.operations.map((one, i): [string, string] => [
        `action.operations.${i}`,
        `${one.service} ${one.operation}`,
      ]),
    ];
    return names
      .filter(([, value]) => value !== '' && this.guard.findsIn(TENANT, value))
      .map(([field]) =>
        problem('sensitive', `body.${field}`, 'a detector finds something in it', 'text without values'),
      );
  }
}

const IN_FORCE: readonly string[] = ['approved', 'active'];

interface Named {
  readonly title?: string | undefined;
  readonly reason: string;
  readonly services: readonly string[];
  readonly action: contract.SampleActionBody;
}

function shapeOf({ keep, operations }: contract.SampleActionBody) {
  const { errors: keepErrors, slowerThanMs, critical } = keep;
  return { keepErrors, slowerThanMs, slowPercentile: null, critical, operations };
}

function shownPolicy({ id, version, state, body, contentHash }: PolicyRow): contract.SamplingPolicy {
  const { title, reason, services, action } = body;
  return {
    ...{ id, version, state, title, reason, services: [...services], etag: `"${contentHash}"` },
    action: action as contract.SamplingPolicy['action'],
    targets: targetsOf(services, action as SampleAction),
  };
}
