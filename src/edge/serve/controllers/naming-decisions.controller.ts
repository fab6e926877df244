import { Body, Controller, Delete, Get, Param, Post, Put, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NAMING_RULE_IDS } from '../../../engine/naming/rules.js';
import { type Problem, problem } from '../../../engine/problem.js';
import { CustomerRules } from '../../rules/customer-rules.js';
import { TextGuard } from '../../rules/text-guard.js';
import type { ExclusionRow, NamingOverrideRow } from '../../store/entities/index.js';
import { PostgresExclusionStore } from '../../store/exclusion-store.js';
import { PostgresNamingStore } from '../../store/naming-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const DAY = 86_400_000;
const LONGEST_DAYS = 180;
const MAX_WAIVERS = 1_000;
const MAX_OVERRIDES = 1_000;

/**
 * What people decide on naming rules. A waiver is an exclusion of a naming rule with an end; where it holds for one team,
 * it counts where findings on names are shown, and otherwise in the analysis too.
 */
@Controller('api/v1/conventions')
export class NamingDecisionsController {
  constructor(
    private readonly exclusions: PostgresExclusionStore,
    private readonly naming: PostgresNamingStore,
    private readonly customers: CustomerRules,
    private readonly guard: TextGuard,
  ) {}

  @Get('waivers')
  @Operation({
    summary: 'Naming findings that are accepted for a while, newest first',
    query: contract.WaiverQuery,
    answer: contract.WaiverPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async waivers(@Query() query: unknown): Promise<contract.WaiverPage> {
    const { limit, cursor, state } = read(contract.WaiverQuery, query, 'query');
    const after = decodeCursor<{ createdAt: string; id: string }>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.exclusions.list(TENANT, state, limit + 1, after, NAMING_RULE_IDS);
    const now = Date.now();
    return pageOf(
      rows,
      limit,
      (row) => showWaiver(row, now),
      ({ createdAt, id }) => ({ createdAt: createdAt.toISOString(), id }),
    );
  }

  @Post('waivers')
  @Operation({
    summary: 'Accepts naming findings until a day; when it is over they count again',
    body: contract.WaiverBody,
    status: 201,
    answer: contract.Waiver,
    errors: {
      400: 'a field of the body is not valid',
      409: 'there are too many waivers and exclusions in force',
      422: 'the waiver cannot be taken; `errors` has every problem',
    },
  })
  async waive(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.Waiver> {
    const { rule, expires_at, ...rest } = read(contract.WaiverBody, body, 'body');
    const now = Date.now();
    const end = Date.parse(expires_at);
    const problems: Problem[] = [];
    if (rest.team === null && rest.service === null && rest.key === null) {
      problems.push(problem('invalid', 'body', 'covers everything', 'at least one of team, service and key'));
    }
    if (end <= now || end > now + LONGEST_DAYS * DAY) {
      const allowed = `a time to come, at most ${LONGEST_DAYS} days ahead`;
      problems.push(problem('invalid', 'body.expires_at', 'out of range', allowed));
    }
    this.mustBeClean({ team: rest.team, service: rest.service, key: rest.key, reason: rest.reason }, problems);
    if (problems.length > 0) throw new ApiError(422, 'invalid-waiver', 'the waiver cannot be taken', problems);
    if ((await this.exclusions.inForce(TENANT)).length >= MAX_WAIVERS) {
      throw new ApiError(
        409,
        'too-many',
        `waivers: at most ${MAX_WAIVERS} with exclusions can be in force; remove one`,
      );
    }
    const author = authorOf(request);
    const waiver = { ...rest, detector: rule, fingerprint: null, expiresAt: new Date(end), author };
    const row = await this.exclusions.add(TENANT, waiver);
    await this.customers.refresh();
    return showWaiver(row, now);
  }

  @Delete('waivers/:id')
  @Operation({
    summary: 'Removes a waiver: what it covered counts again',
    status: 204,
    errors: { 404: 'there is no such waiver' },
  })
  async removeWaiver(@Param('id') id: string): Promise<void> {
    if (!isUuid(id) || !(await this.exclusions.remove(TENANT, id, NAMING_RULE_IDS))) throw notFound('waiver');
    await this.customers.refresh();
  }

  @Get('overrides')
  @Operation({ summary: 'Levels that naming rules have for teams', answer: contract.NamingOverrideList })
  async overrides(): Promise<contract.NamingOverrideList> {
    return { data: (await this.naming.overrides(TENANT)).map(showOverride) };
  }

  @Put('overrides')
  @Operation({
    summary: 'Gives a naming rule a level for a team, or for all; it takes the place of the one before',
    body: contract.NamingOverrideBody,
    answer: contract.NamingOverride,
    errors: {
      400: 'a field of the body is not valid',
      409: 'there are too many overrides',
      422: 'the override cannot be taken; `errors` has every problem',
    },
  })
  async override(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.NamingOverride> {
    const override = read(contract.NamingOverrideBody, body, 'body');
    const problems: Problem[] = [];
    this.mustBeClean({ team: override.team, reason: override.reason }, problems);
    if (problems.length > 0) throw new ApiError(422, 'invalid-override', 'the override cannot be taken', problems);
    if ((await this.naming.overrides(TENANT)).length >= MAX_OVERRIDES) {
      throw new ApiError(409, 'too-many', `overrides: at most ${MAX_OVERRIDES}; remove one`);
    }
    const author = authorOf(request);
    return showOverride(await this.naming.override(TENANT, { ...override, author }));
  }

  @Delete('overrides/:id')
  @Operation({
    summary: 'Takes back the level of a rule',
    status: 204,
    errors: { 404: 'there is no such override' },
  })
  async removeOverride(@Param('id') id: string): Promise<void> {
    if (!isUuid(id) || !(await this.naming.removeOverride(TENANT, id))) throw notFound('override');
  }

  /** Texts of people must not hold what they are about. */
  private mustBeClean(texts: Readonly<Record<string, string | null>>, problems: Problem[]): void {
    for (const [field, text] of Object.entries(texts)) {
      if (!this.guard.findsIn(TENANT, text ?? '')) continue;
      problems.push(problem('invalid', `body.${field}`, 'holds what a detector finds', 'a text without it'));
    }
  }
}

function showWaiver(row: ExclusionRow, now: number): contract.Waiver {
  const { id, detector, team, service, key, reason, author, createdAt, expiresAt, removedAt } = row;
  const isExpired = expiresAt !== null && expiresAt.getTime() <= now;
  return {
    ...{ id, rule: detector ?? '', team, service, key, reason, author },
    created_at: createdAt.toISOString(),
    expires_at: (expiresAt ?? createdAt).toISOString(),
    state: removedAt !== null ? 'removed' : isExpired ? 'expired' : 'in-force',
  };
}

function showOverride(row: NamingOverrideRow): contract.NamingOverride {
  const { id, team, rule, level, reason, author, updatedAt } = row;
  return {
    ...{ id, rule, level, reason, author },
    team: team === '' ? null : team,
    updated_at: updatedAt.toISOString(),
  };
}
