import { Body, Controller, Get, Headers, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../../../engine/problem.js';
import { PostgresPolicyLife } from '../../store/policy-life.js';
import { PostgresPolicySetStore } from '../../store/policy-set-store.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { PolicyDrafts } from '../policy-draft.js';
import { etagOf, hashIn, showPolicy, taken } from '../policy-view.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

interface PolicyCursor {
  readonly createdAt: string;
  readonly id: string;
}

/** Policies as they are read and written; what is decided on them is in `policy-life.controller.ts`. */
@Controller('api/v1')
export class PoliciesController {
  constructor(
    private readonly policies: PostgresPolicyStore,
    private readonly life: PostgresPolicyLife,
    private readonly sets: PostgresPolicySetStore,
    private readonly drafts: PolicyDrafts,
  ) {}

  @Get('policies')
  @Operation({
    summary: 'Policies, newest first; without a state those that are proposed or in force',
    query: contract.PolicyQuery,
    answer: contract.PolicyPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.PolicyPage> {
    const { limit, cursor, state } = read(contract.PolicyQuery, query, 'query');
    const after = decodeCursor<PolicyCursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.policies.list(TENANT, state, limit + 1, after);
    return pageOf(rows, limit, showPolicy, (last) => ({ createdAt: last.createdAt.toISOString(), id: last.id }));
  }

  @Post('policies')
  @Operation({
    summary: 'Writes a policy of your own, as a draft',
    body: contract.PolicyBody,
    status: 201,
    answer: contract.Policy,
    errors: { 400: 'a field of the body is not valid' },
  })
  async draft(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<contract.Policy> {
    const { policySet, policy } = this.drafts.read(body);
    if ((await this.sets.get(TENANT, policySet)) === null) {
      throw invalid([problem('unknown', 'body.policy_set', 'there is no such set', 'a set of /api/v1/policy-sets')]);
    }
    const row = await this.life.draft(TENANT, policySet, policy, authorOf(request));
    reply.header('etag', etagOf(row)).header('location', `/api/v1/policies/${row.id}`);
    return showPolicy(row);
  }

  @Get('policies/:id')
  @Operation({
    summary: 'The latest version of a policy',
    answer: contract.Policy,
    errors: { 404: 'there is no such policy' },
  })
  async get(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<contract.Policy> {
    const [row] = isUuid(id) ? await this.policies.versions(TENANT, id) : [];
    if (row === undefined) throw notFound('policy');
    reply.header('etag', etagOf(row));
    return showPolicy(row);
  }

  @Get('policies/:id/versions')
  @Operation({
    summary: 'All versions of a policy, latest first',
    answer: contract.PolicyVersions,
    errors: { 404: 'there is no such policy' },
  })
  async versions(@Param('id') id: string): Promise<contract.PolicyVersions> {
    const rows = isUuid(id) ? await this.policies.versions(TENANT, id) : [];
    if (rows.length === 0) throw notFound('policy');
    return { data: rows.map(showPolicy) };
  }

  @Put('policies/:id')
  @Operation({
    summary: 'Changes what is proposed, or proposes a new version of what is in force; its set stays',
    body: contract.PolicyBody,
    answer: contract.Policy,
    errors: {
      400: 'a field of the body is not valid',
      404: 'there is no such policy',
      412: 'the policy changed since the version that If-Match names',
      428: 'If-Match is missing',
    },
  })
  async revise(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.Policy> {
    if (!isUuid(id)) throw notFound('policy');
    const hash = hashIn(ifMatch);
    if (hash === null) throw new ApiError(428, 'if-match', 'If-Match: missing; the ETag of the version that you read');
    const { policy } = this.drafts.read(body);
    const row = taken(await this.life.revise(TENANT, id, hash, policy, authorOf(request)));
    reply.header('etag', etagOf(row));
    return showPolicy(row);
  }
}
