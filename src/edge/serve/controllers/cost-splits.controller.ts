import { Body, Controller, Delete, Get, Param, Put, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type DatedSplit, splitAt } from '../../../engine/cost/shared.js';
import { type Problem, problem } from '../../../engine/problem.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const HOUR = 3_600_000;
/** Services whose costs are shared, with all their dates. */
const MAX_SPLITS = 1_000;

/** How teams share what a platform service costs. */
@Controller('api/v1/cost-splits')
export class CostSplitsController {
  constructor(private readonly usage: PostgresUsageStore) {}

  @Get()
  @Operation({ summary: 'Services whose costs teams share, with their dates', answer: contract.CostSplitList })
  async list(): Promise<contract.CostSplitList> {
    const splits = await this.usage.splits(TENANT);
    return { data: splits.map(show) };
  }

  @Put(':service')
  @Operation({
    summary: 'Says how teams share what a service costs, from a time on; without teams, all that have usage share it',
    body: contract.CostSplitBody,
    answer: contract.CostSplit,
    errors: { 400: 'a field of the body is not valid', 409: 'there are too many' },
  })
  async set(@Param('service') service: string, @Body() body: unknown, @Req() request: FastifyRequest) {
    const { mode, teams, valid_from } = read(contract.CostSplitBody, body, 'body');
    const problems = problemsOf(mode, teams);
    if (problems.length > 0) throw invalid(problems);
    const split = { mode, teams: teams.map(({ team, weight = 1 }) => ({ team, weight })) };
    const dated = { service, validFrom: hourOf(valid_from), split };
    if ((await this.usage.splits(TENANT)).length >= MAX_SPLITS) {
      throw new ApiError(409, 'too-many', `cost splits: at most ${MAX_SPLITS}`);
    }
    await this.usage.setSplit(TENANT, dated, authorOf(request));
    return show(dated);
  }

  @Delete(':service')
  @Operation({
    summary: 'From a time on the owner of a service pays for it again',
    query: contract.CostSplitRemoval,
    status: 204,
    errors: { 400: 'a field of the query is not valid', 404: 'the costs of the service are not shared' },
  })
  async remove(@Param('service') service: string, @Query() query: unknown, @Req() request: FastifyRequest) {
    const validFrom = hourOf(read(contract.CostSplitRemoval, query, 'query').valid_from);
    if (splitAt(await this.usage.splits(TENANT), service, validFrom) === null) throw notFound('cost split');
    await this.usage.setSplit(TENANT, { service, validFrom, split: null }, authorOf(request));
  }
}

function problemsOf(mode: string, teams: contract.CostSplitBody['teams']): Problem[] {
  const problems: Problem[] = [];
  if (mode === 'none' && teams.length > 0)
    problems.push(problem('invalid', 'body.teams', 'not to be shared', 'no teams'));
  teams.forEach(({ team, weight }, i) => {
    const place = `body.teams.${i}`;
    if (teams.findIndex((other) => other.team === team) < i) {
      problems.push(problem('overlap', `${place}.team`, 'in the list already', 'each team once'));
    }
    if (mode === 'weighted' && weight === undefined) {
      problems.push(problem('invalid', `${place}.weight`, 'missing', 'a number above 0 for each team'));
    }
  });
  return problems;
}

function hourOf(validFrom: string | undefined): Date {
  return validFrom === undefined ? new Date(Math.floor(Date.now() / HOUR) * HOUR) : new Date(validFrom);
}

function show({ service, validFrom, split }: DatedSplit): contract.CostSplit {
  const { mode, teams } = split ?? { mode: 'owner' as const, teams: [] };
  return { service, mode, teams: [...teams], valid_from: validFrom.toISOString() };
}
