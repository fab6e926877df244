import { randomBytes } from 'node:crypto';
import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Config } from '../../../config.js';
import { type Problem, problem } from '../../../engine/problem.js';
import { addDetails } from '../../audit/request-note.js';
import { Callers } from '../../auth/callers.js';
import { isPerson, RESERVED_SUBJECTS } from '../../auth/roles.js';
import { TextGuard } from '../../rules/text-guard.js';
import { isGood, MAX_TOKENS, PostgresAccessTokenStore } from '../../store/access-token-store.js';
import type { AccessTokenRow } from '../../store/entities/access.js';
import { PostgresSessionStore } from '../../store/session-store.js';
import { CONFIG } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

interface Cursor {
  readonly createdAt: string;
  readonly id: string;
}

type Fields = z.infer<typeof contract.AccessTokenBody>;

const DAY_MS = 86_400_000;
/** Longest time that a token of a person lasts. */
const MAX_DAYS = 366;
const LINK_MS = 3_600_000;

/** Tokens of people and programs, each with a name and roles. */
@Controller('api/v1/tokens')
export class TokensController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly tokens: PostgresAccessTokenStore,
    private readonly sessions: PostgresSessionStore,
    private readonly callers: Callers,
    private readonly guard: TextGuard,
  ) {}

  @Get()
  @Operation({
    summary: 'Tokens, newest first, without their secrets',
    query: contract.AccessTokenQuery,
    answer: contract.AccessTokenPage,
    access: 'admin',
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.AccessTokenPage> {
    const { limit, cursor, state } = read(contract.AccessTokenQuery, query, 'query');
    const after = decodeCursor<Cursor>(cursor, { createdAt: isTime, id: isUuid });
    const isActive = state === undefined ? undefined : state === 'active';
    const rows = await this.tokens.list(TENANT, isActive, limit + 1, after);
    return pageOf(rows, limit, show, ({ createdAt, id }) => ({ createdAt: createdAt.toISOString(), id }));
  }

  @Post()
  @Operation({
    summary: 'Makes a token; it is in this answer and in no other',
    body: contract.AccessTokenBody,
    status: 201,
    answer: contract.NewAccessToken,
    access: 'admin',
    errors: { 400: 'a field of the body is not valid', 409: 'there are too many tokens' },
  })
  async add(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.NewAccessToken> {
    const fields = read(contract.AccessTokenBody, body, 'body');
    const problems = this.problemsOf(fields);
    if (problems.length > 0) throw invalid(problems);
    const { expires_at, ...rest } = fields;
    const expiresAt = expires_at === null ? null : new Date(expires_at);
    addDetails(request, { subject: rest.subject, roles: rest.roles, expires_at });
    const made = await this.tokens.add(TENANT, { ...rest, expiresAt }, authorOf(request));
    if (made === null) throw new ApiError(409, 'too-many', `tokens: at most ${MAX_TOKENS}; revoke some`);
    return { ...show(made.row), secret: made.secret };
  }

  @Get(':id')
  @Operation({
    summary: 'One token, without its secret',
    answer: contract.AccessToken,
    access: 'admin',
    errors: { 404: 'there is no such token' },
  })
  async get(@Param('id') id: string): Promise<contract.AccessToken> {
    return show(await this.row(id));
  }

  @Delete(':id')
  @Operation({
    summary: 'Revokes a token and ends its sessions; other processes follow within ten seconds',
    status: 204,
    access: 'admin',
    errors: { 404: 'there is no such token, or it is revoked' },
  })
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    const row = isUuid(id) ? await this.tokens.revoke(TENANT, id, authorOf(request)) : null;
    if (row === null) throw notFound('token');
    addDetails(request, { subject: row.subject });
    this.callers.forget(row);
  }

  @Post(':id/sign-in-link')
  @Operation({
    summary: 'Makes a link that opens the pages once, within the hour, as the person whose token it is',
    status: 201,
    answer: contract.SignInLink,
    access: 'admin',
    errors: { 404: 'there is no such token', 409: 'the token has ended, or is none of a person' },
  })
  async link(@Param('id') id: string, @Req() request: FastifyRequest): Promise<contract.SignInLink> {
    const row = await this.row(id);
    if (!isGood(row, Date.now())) throw new ApiError(409, 'ended', 'token: expired or revoked; make another');
    if (!isPerson(row.roles)) throw new ApiError(409, 'not-a-person', 'token: of a collector; one of a person');
    addDetails(request, { subject: row.subject });
    const secret = randomBytes(24).toString('base64url');
    const end = Math.min(Date.now() + LINK_MS, row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    await this.sessions.addLink(secret, new Date(end), row.id);
    const base = this.config.publicUrl ?? `${request.protocol}://${request.host}`;
    return { url: `${base}/ui/sign-in#${secret}`, expires_at: new Date(end).toISOString() };
  }

  private async row(id: string): Promise<AccessTokenRow> {
    const row = isUuid(id) ? await this.tokens.get(TENANT, id) : null;
    if (row === null) throw notFound('token');
    return row;
  }

  /** What the form of the fields does not say. */
  private problemsOf({ subject, roles, labels, expires_at }: Fields): Problem[] {
    const problems: Problem[] = [];
    const add = (field: string, what: string, allowed: string): void => {
      problems.push(problem('invalid', `body.${field}`, what, allowed));
    };
    if (RESERVED_SUBJECTS.has(subject)) add('subject', 'a name of spanwarden itself', 'another name');
    else if (this.guard.findsIn(TENANT, subject)) add('subject', 'holds what is a finding itself', 'a user name');
    const isCollector = roles.includes('collector');
    if (isCollector && roles.length > 1) add('roles', 'collector beside others', 'collector alone, or without it');
    const named = Object.entries(labels);
    if (named.length > 0 && !isCollector) add('labels', 'of no collector', 'none, or the role collector');
    for (const [i, [name, value]] of named.entries()) {
      const isFound = this.guard.findsIn(TENANT, name) || this.guard.findsIn(TENANT, value);
      if (isFound) add(`labels.${i}`, 'holds what is a finding itself', 'names without secrets and personal data');
    }
    const days = expires_at === null ? null : (Date.parse(expires_at) - Date.now()) / DAY_MS;
    const allowed = `a time to come, at most ${MAX_DAYS} days from now`;
    if (days === null && !isCollector) add('expires_at', 'missing', allowed);
    if (days !== null && (days <= 0 || (days > MAX_DAYS && !isCollector))) add('expires_at', 'not valid', allowed);
    return problems;
  }
}

function show(row: AccessTokenRow): contract.AccessToken {
  const { id, subject, roles, labels, author, createdAt, expiresAt, revokedAt, revokedBy, lastUsedAt } = row;
  const ended = revokedAt === null ? 'expired' : 'revoked';
  return {
    ...{ id, subject, roles, labels: { ...labels }, author },
    state: isGood(row, Date.now()) ? 'active' : ended,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
    revoked_at: revokedAt?.toISOString() ?? null,
    revoked_by: revokedBy,
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}
