import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CARDINALITY_RULES } from '../../../engine/cardinality/rules.js';
import { NAMING_RULES } from '../../../engine/naming/rules.js';
import { type Problem, problem } from '../../../engine/problem.js';
import type { RuleSet } from '../../files/rule-files.js';
import { CustomerRules } from '../../rules/customer-rules.js';
import { TextGuard } from '../../rules/text-guard.js';
import type { ExclusionRow } from '../../store/entities/index.js';
import { PostgresExclusionStore } from '../../store/exclusion-store.js';
import { RULES } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

type NewExclusion = z.infer<typeof contract.ExclusionBody>;

const DAY = 86_400_000;
const LONGEST_DAYS = 366;
const MAX_IN_FORCE = 1_000;
/** Texts of people, which must not hold what they are about. */
const TEXTS = ['detector', 'service', 'key', 'reason'] as const;

@Controller('api/v1/exclusions')
export class ExclusionsController {
  private readonly known: ReadonlySet<string>;

  constructor(
    @Inject(RULES) rules: RuleSet,
    private readonly exclusions: PostgresExclusionStore,
    private readonly customers: CustomerRules,
    private readonly guard: TextGuard,
  ) {
    this.known = new Set(
      [...NAMING_RULES, ...CARDINALITY_RULES, ...rules.sensitiveKeys.classes, ...rules.detectors].map(({ id }) => id),
    );
  }

  @Get()
  @Operation({
    summary: 'Matches that are said to be no findings, newest first',
    query: contract.ExclusionQuery,
    answer: contract.ExclusionPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.ExclusionPage> {
    const { limit, cursor, state } = read(contract.ExclusionQuery, query, 'query');
    const after = decodeCursor<{ createdAt: string; id: string }>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.exclusions.list(TENANT, state, limit + 1, after);
    const now = Date.now();
    return pageOf(
      rows,
      limit,
      (row) => show(row, now),
      ({ createdAt, id }) => ({ createdAt: createdAt.toISOString(), id }),
    );
  }

  @Post()
  @Operation({
    summary: 'Says that matches are no findings; it is in force at once',
    body: contract.ExclusionBody,
    status: 201,
    answer: contract.Exclusion,
    errors: {
      400: 'a field of the body is not valid',
      409: 'there are too many exclusions in force',
      422: 'the exclusion cannot be taken; `errors` has every problem',
    },
  })
  async add(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.Exclusion> {
    const exclusion = read(contract.ExclusionBody, body, 'body');
    const now = Date.now();
    const problems = this.problemsOf(exclusion, now);
    if (problems.length > 0) {
      throw new ApiError(422, 'invalid-exclusion', 'the exclusion cannot be taken', problems);
    }
    await this.customers.refresh();
    if (this.customers.of(TENANT).exclusions.length >= MAX_IN_FORCE) {
      throw new ApiError(409, 'too-many', `exclusions: at most ${MAX_IN_FORCE} can be in force; remove one`);
    }
    const { expires_at, ...rest } = exclusion;
    const expiresAt = expires_at === null ? null : new Date(expires_at);
    const row = await this.exclusions.add(TENANT, { ...rest, expiresAt, author: authorOf(request) });
    await this.customers.refresh();
    return show(row, now);
  }

  @Delete(':id')
  @Operation({
    summary: 'Removes an exclusion: what it covered is a finding again when it comes',
    status: 204,
    errors: { 404: 'there is no such exclusion' },
  })
  async remove(@Param('id') id: string): Promise<void> {
    if (!isUuid(id) || !(await this.exclusions.remove(TENANT, id))) throw notFound('exclusion');
    await this.customers.refresh();
  }

  private problemsOf(exclusion: NewExclusion, now: number): Problem[] {
    const { detector, service, key, fingerprint, expires_at } = exclusion;
    const problems: Problem[] = [];
    const tell = (field: string, what: string, allowed: string): void => {
      problems.push(problem('invalid', field, what, allowed));
    };
    if ([detector, service, key, fingerprint].every((field) => field === null)) {
      tell('body', 'covers everything', 'at least one of detector, service, key and fingerprint');
    }
    if (detector !== null && !this.known.has(detector) && !this.customers.detector(TENANT, detector)) {
      tell('body.detector', 'not known', 'an id as findings show it');
    }
    if (expires_at === null) {
      if (fingerprint === null) tell('body.expires_at', 'missing', 'a time, or a fingerprint, which needs none');
    } else if (!(Date.parse(expires_at) > now && Date.parse(expires_at) <= now + LONGEST_DAYS * DAY)) {
      tell('body.expires_at', 'out of range', 'a time to come, at most a year ahead');
    }
    for (const field of TEXTS) {
      if (this.guard.findsIn(TENANT, exclusion[field] ?? '')) {
        tell(`body.${field}`, 'holds what a detector finds', 'a text without it');
      }
    }
    return problems;
  }
}

function show(row: ExclusionRow, now: number): contract.Exclusion {
  const { id, detector, service, key, fingerprint, team, reason, author, createdAt, expiresAt, removedAt } = row;
  const isExpired = expiresAt !== null && expiresAt.getTime() <= now;
  return {
    ...{ id, detector, service, key, fingerprint, team, reason, author },
    created_at: createdAt.toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
    state: removedAt !== null ? 'removed' : isExpired ? 'expired' : 'in-force',
  };
}
