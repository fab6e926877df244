import { Body, Controller, Delete, Get, Headers, Param, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DEFAULT_SET, DEFAULT_SETTINGS, type PolicySetSettings } from '../../../engine/model/rollout.js';
import { findConflicts } from '../../../engine/policy/conflicts.js';
import { problem } from '../../../engine/problem.js';
import { Metrics } from '../../metrics.js';
import { askingIn, Pulls } from '../../opamp/pulls.js';
import { TextGuard } from '../../rules/text-guard.js';
import { type PolicySet, PostgresPolicySetStore } from '../../store/policy-set-store.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { PolicySets } from '../policy-sets.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MAX_PROPOSED = 500;

/** Policies of groups of collectors, and what is served of them. */
@Controller('api/v1/policy-sets')
export class PolicySetsController {
  constructor(
    private readonly sets: PostgresPolicySetStore,
    private readonly policies: PostgresPolicyStore,
    private readonly served: PolicySets,
    private readonly guard: TextGuard,
    private readonly metrics: Metrics,
    private readonly pulls: Pulls,
  ) {}

  @Get()
  @Operation({ summary: 'Policy sets, the default one first', answer: contract.PolicySetList })
  async list(): Promise<contract.PolicySetList> {
    const sets = await this.sets.list(TENANT);
    return { data: await Promise.all(sets.map((set) => this.show(set))) };
  }

  @Get(':name')
  @Operation({
    summary: 'A policy set: which collectors get it, how it is rolled out, and what gets in the way of what',
    answer: contract.PolicySet,
    errors: { 404: 'there is no such policy set' },
  })
  async get(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<contract.PolicySet> {
    const set = await this.sets.get(TENANT, name);
    if (set === null) throw notFound('policy set');
    reply.header('etag', etagOf(set));
    return this.show(set);
  }

  @Put(':name')
  @Operation({
    access: 'admin',
    summary: 'Sets up a policy set; fields that are left out stay as they are. Roll-outs under way keep their stages',
    body: contract.PolicySetBody,
    answer: contract.PolicySet,
    errors: {
      400: 'the name or a field of the body is not valid',
      412: 'the set changed since the version that If-Match names, or is there already',
    },
  })
  async put(
    @Param('name') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.PolicySet> {
    const known = await this.sets.get(TENANT, name);
    const settings = this.settings(name, read(contract.PolicySetBody, body, 'body'), known);
    if (ifMatch !== undefined && known !== null && ifMatch !== '*' && ifMatch !== etagOf(known)) throw changed();
    const set = await this.sets.put(TENANT, settings, known?.version ?? 0, authorOf(request));
    if (set === 'changed') throw changed();
    this.served.changed();
    reply.header('etag', etagOf(set));
    return this.show(set);
  }

  @Delete(':name')
  @Operation({
    access: 'admin',
    summary: 'Removes a policy set that never had a policy',
    status: 204,
    errors: { 404: 'there is no such policy set', 409: 'it has policies, or is the default one' },
  })
  async remove(@Param('name') name: string, @Req() request: FastifyRequest): Promise<void> {
    if (name === DEFAULT_SET) throw new ApiError(409, 'in-use', 'policy set: the default one stays');
    const result = await this.sets.remove(TENANT, name, authorOf(request));
    if (result === 'unknown') throw notFound('policy set');
    if (result === 'in-use') throw new ApiError(409, 'in-use', 'policy set: it has policies; their history is kept');
    this.served.changed();
  }

  @Get(':name/collector.yaml')
  @Operation({
    summary: 'The policies in force as a `processors:` map for the OpenTelemetry Collector',
    query: contract.PullQuery,
    answer: 'application/yaml',
    access: 'collector',
    errors: {
      304: 'it is still what If-None-Match names',
      404: 'there is no such policy set',
    },
  })
  async collector(
    @Param('name') name: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Headers('if-none-match') ifNoneMatch?: string,
  ): Promise<void> {
    const asking = askingIn(query);
    // What an administrator wrote into the token counts more than what the collector says.
    const labels = { ...Object.fromEntries(asking?.labels ?? []), ...request.caller?.labels };
    const set = await this.served.get(TENANT, name, labels);
    if (set === null) throw notFound('policy set');
    // That somebody asked is worth taking down, but not an answer that fails or waits.
    if (asking !== null) this.pulls.asked(asking, name, set.hash).catch(() => {});
    const known = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    const unchanged = known.includes(set.etag) || known.includes('*');
    this.metrics.policyFetches.inc({ code: unchanged ? '304' : '200' });
    reply.header('etag', set.etag).header('cache-control', 'no-cache');
    if (unchanged) await reply.code(304).send();
    else await reply.code(200).type('application/yaml').send(set.yaml);
  }

  private settings(name: string, body: ReturnType<typeof contract.PolicySetBody.parse>, known: PolicySet | null) {
    const problems = NAME.test(name)
      ? []
      : [problem('invalid', 'name', 'not a name of a set', 'lower-case letters, digits and dashes, at most 63')];
    const texts = JSON.stringify([name, body.description ?? '', body.labels ?? {}, body.stages ?? []]);
    if (this.guard.findsIn(TENANT, texts)) {
      problems.push(problem('secret', 'body', 'holds what a detector finds', 'texts without it'));
    }
    if (problems.length > 0) throw invalid(problems);
    const before = known?.settings ?? { ...DEFAULT_SETTINGS, name };
    const settings: PolicySetSettings = {
      name,
      description: body.description ?? before.description,
      labels: body.labels ?? before.labels,
      stages: body.stages ?? before.stages,
      twoPersons: body.two_persons ?? before.twoPersons,
      simulateFirst: body.simulate_first ?? before.simulateFirst,
      advance: body.advance ?? before.advance,
      soakSeconds: body.soak_seconds ?? before.soakSeconds,
      markRevision: body.mark_revision ?? before.markRevision,
    };
    return settings;
  }

  private async show(set: PolicySet): Promise<contract.PolicySet> {
    const { settings, author, updatedAt } = set;
    const served = (await this.served.get(TENANT, settings.name))!;
    const rows = await this.policies.list(TENANT, undefined, MAX_PROPOSED, null);
    const latest = new Map(rows.filter(({ policySet }) => policySet === settings.name).map((row) => [row.id, row]));
    const versions = [...latest.values()].map(({ id, version, state, body }) => ({ id, version, state, policy: body }));
    return {
      ...{ name: settings.name, description: settings.description, labels: { ...settings.labels } },
      stages: settings.stages.map(({ name, labels }) => ({ name, labels: { ...labels } })),
      ...{ two_persons: settings.twoPersons, simulate_first: settings.simulateFirst, advance: settings.advance },
      ...{ soak_seconds: settings.soakSeconds, mark_revision: settings.markRevision },
      ...{ revision: served.revision, policies: [...served.policies] },
      conflicts: findConflicts(versions).map((one) => ({
        ...one,
        policies: [...one.policies],
        services: [...one.services],
      })),
      ...{ author, updated_at: updatedAt?.toISOString() ?? null, etag: etagOf(set) },
    };
  }
}

function etagOf({ version }: PolicySet): string {
  return `"${version}"`;
}

function changed(): ApiError {
  return new ApiError(412, 'changed', 'policy set: changed since you read it; read it again and change that');
}
