import { Controller, Get, Headers, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { POLICY_TARGETS } from '../../../engine/policy/targets/index.js';
import { Metrics } from '../../metrics.js';
import { askingIn, Pulls } from '../../opamp/pulls.js';
import type { PolicyRow } from '../../store/entities/index.js';
import { DEFAULT_SET, PostgresPolicyStore } from '../../store/policy-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { PolicySets, toYaml } from '../policy-sets.js';
import { ApiError, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

interface PolicyCursor {
  readonly createdAt: string;
  readonly id: string;
}

@Controller('api/v1')
export class PoliciesController {
  constructor(
    private readonly policies: PostgresPolicyStore,
    private readonly sets: PolicySets,
    private readonly metrics: Metrics,
    private readonly pulls: Pulls,
  ) {}

  @Get('policies')
  @Operation({
    summary: 'Policies, newest first; without a state those that are suggested or approved',
    query: contract.PolicyQuery,
    answer: contract.PolicyPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.PolicyPage> {
    const { limit, cursor, state } = read(contract.PolicyQuery, query, 'query');
    const after = decodeCursor<PolicyCursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.policies.list(TENANT, state, limit + 1, after);
    return pageOf(rows, limit, show, (last) => ({ createdAt: last.createdAt.toISOString(), id: last.id }));
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
    return show(row);
  }

  @Post('policies/:id/approve')
  @Operation({
    summary: 'Approves the suggested version of a policy: from now on collectors get it',
    answer: contract.Policy,
    errors: {
      404: 'there is no such policy',
      409: 'no version of the policy is suggested',
      412: 'the policy changed since the version that If-Match names',
    },
  })
  async approve(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.Policy> {
    if (!isUuid(id)) throw notFound('policy');
    const result = await this.policies.approve(TENANT, id, authorOf(request), hashIn(ifMatch));
    if (result === 'unknown') throw notFound('policy');
    if (result === 'not-suggested') throw new ApiError(409, 'not-suggested', 'policy: no version of it is suggested');
    if (result === 'changed') {
      throw new ApiError(412, 'changed', 'policy: changed since you read it; read it again and approve that');
    }
    this.sets.changed();
    return show(result);
  }

  @Post('policies/:id/roll-back')
  @Operation({
    summary: 'Takes the approved version of a policy back: collectors get the one that was approved before it, or none',
    answer: contract.Policy,
    errors: {
      404: 'there is no such policy',
      409: 'no version of the policy is approved',
      412: 'the approved version is not the one that If-Match names',
    },
  })
  async rollBack(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.Policy> {
    if (!isUuid(id)) throw notFound('policy');
    const result = await this.policies.rollBack(TENANT, id, authorOf(request), hashIn(ifMatch));
    if (result === 'unknown') throw notFound('policy');
    if (result === 'not-approved') throw new ApiError(409, 'not-approved', 'policy: no version of it is approved');
    if (result === 'changed') {
      throw new ApiError(412, 'changed', 'policy: another version is approved than the one you read; read it again');
    }
    this.sets.changed();
    return show(result);
  }

  @Get('policy-sets/:name/collector.yaml')
  @Operation({
    summary: 'The approved policies as a `processors:` map for the OpenTelemetry Collector',
    query: contract.PullQuery,
    answer: 'application/yaml',
    access: 'collector',
    errors: { 304: 'it is still what If-None-Match names', 404: 'there is no such policy set' },
  })
  async collector(
    @Param('name') name: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
    @Headers('if-none-match') ifNoneMatch?: string,
  ): Promise<void> {
    if (name !== DEFAULT_SET) throw notFound('policy set');
    const asking = askingIn(query);
    const { yaml, etag, hash } = await this.sets.get(TENANT, name);
    // That somebody asked is worth taking down, but not an answer that fails or waits.
    if (asking !== null) this.pulls.asked(asking, hash).catch(() => {});
    const known = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    const unchanged = known.includes(etag) || known.includes('*');
    this.metrics.policyFetches.inc({ code: unchanged ? '304' : '200' });
    reply.header('etag', etag).header('cache-control', 'no-cache');
    if (unchanged) await reply.code(304).send();
    else await reply.code(200).type('application/yaml').send(yaml);
  }
}

/** The version that If-Match names; null for any. */
function hashIn(ifMatch: string | undefined): string | null {
  return ifMatch === undefined || ifMatch === '*' ? null : ifMatch.replace(/^"|"$/g, '');
}

function etagOf(row: PolicyRow): string {
  return `"${row.contentHash}"`;
}

function show(row: PolicyRow): contract.Policy {
  const { id, version, state, body } = row;
  const { document, unsupported } = POLICY_TARGETS['otel-collector']([{ id, version, state, policy: body }]);
  return {
    id,
    version,
    policy_set: row.policySet,
    state,
    title: body.title,
    reason: body.reason,
    location: body.location,
    key: body.key,
    services: [...body.services],
    action: body.action as contract.Policy['action'],
    findings: [...body.findings],
    created_at: row.createdAt.toISOString(),
    decided_at: row.decidedAt?.toISOString() ?? null,
    decided_by: row.decidedBy,
    etag: etagOf(row),
    preview: toYaml(document),
    unsupported: unsupported.map(({ reason }) => reason),
  };
}
