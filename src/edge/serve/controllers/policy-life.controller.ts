import { Body, Controller, Headers, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { PolicyState } from '../../../engine/model/policy.js';
import { DEFAULT_SETTINGS, type Rollout } from '../../../engine/model/rollout.js';
import { addDetails } from '../../audit/request-note.js';
import { PostgresPolicyLife } from '../../store/policy-life.js';
import { PostgresPolicySetStore } from '../../store/policy-set-store.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { PostgresSimulationStore } from '../../store/simulation-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { isUuid } from '../paging.js';
import { PolicySets } from '../policy-sets.js';
import { hashIn, showPolicy, taken } from '../policy-view.js';
import { notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const ERRORS = {
  404: 'there is no such policy',
  409: 'the policy is in no state for that, or its set does not allow it',
  412: 'another version is there than the one that If-Match names',
};

/** What people decide on policies. Each decision is in the audit log. */
@Controller('api/v1/policies/:id')
export class PolicyLifeController {
  constructor(
    private readonly policies: PostgresPolicyStore,
    private readonly life: PostgresPolicyLife,
    private readonly sets: PostgresPolicySetStore,
    private readonly served: PolicySets,
    private readonly simulations: PostgresSimulationStore,
  ) {}

  @Post('approve')
  @Operation({
    access: 'approver',
    summary: 'Approves the proposed version of a policy: from now on it is rolled out to collectors, stage by stage',
    body: contract.ApproveBody,
    answer: contract.Policy,
    errors: { ...ERRORS, 400: 'a field of the body is not valid' },
  })
  async approve(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.Policy> {
    const { waive_simulation: waiver = null } = read(contract.ApproveBody, body, 'body');
    const [latest] = isUuid(id) ? await this.policies.versions(TENANT, id) : [];
    if (latest === undefined) throw notFound('policy');
    const settings = (await this.sets.get(TENANT, latest.policySet))?.settings ?? DEFAULT_SETTINGS;
    const simulation = await this.simulations.newest(TENANT, id, latest.version);
    const row = await this.life.approve(TENANT, id, {
      ...{ by: authorOf(request), contentHash: hashIn(ifMatch), now: Date.now() },
      ...{ settings, waiver, simulated: simulation?.version ?? null },
    });
    return this.done(request, row);
  }

  @Post('reject')
  @Operation({
    summary: 'Turns down the proposed version of a policy; the same is not suggested again',
    body: contract.ReasonBody,
    answer: contract.Policy,
    errors: { ...ERRORS, 400: 'a field of the body is not valid' },
  })
  async reject(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.Policy> {
    const { reason } = read(contract.ReasonBody, body, 'body');
    if (!isUuid(id)) throw notFound('policy');
    return this.done(request, await this.life.reject(TENANT, id, authorOf(request), hashIn(ifMatch), reason));
  }

  @Post('pause')
  @Operation({
    access: 'approver',
    summary: 'Stops a roll-out where it is: collectors that have the policy keep it',
    body: contract.ReasonBody,
    answer: contract.Policy,
    errors: { ...ERRORS, 400: 'a field of the body is not valid' },
  })
  pause(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.Policy> {
    const { reason } = read(contract.ReasonBody, body, 'body');
    return this.roll(id, request, 'policy.pause', (rollout, state) =>
      state === 'approved' && rollout.status === 'running' ? { ...rollout, status: 'paused', reason } : null,
    );
  }

  @Post('resume')
  @Operation({
    access: 'approver',
    summary: 'Goes on with a roll-out that was paused or halted; data from before count no more',
    answer: contract.Policy,
    errors: ERRORS,
  })
  resume(@Param('id') id: string, @Req() request: FastifyRequest): Promise<contract.Policy> {
    return this.roll(id, request, 'policy.resume', (rollout, state) => {
      if (rollout.status !== 'paused' && rollout.status !== 'halted') return null;
      const now = Date.now();
      const status = state === 'active' ? 'done' : 'running';
      return { ...rollout, status, isWithdrawn: false, reason: '', stageSince: now, evidenceFrom: now };
    });
  }

  @Post('continue')
  @Operation({
    access: 'approver',
    summary: 'Goes on to the next stage of a roll-out now, or from the last one to active, without waiting for proof',
    answer: contract.Policy,
    errors: ERRORS,
  })
  async continue(@Param('id') id: string, @Req() request: FastifyRequest): Promise<contract.Policy> {
    if (!isUuid(id)) throw notFound('policy');
    return this.done(request, await this.life.goOn(TENANT, id, authorOf(request), Date.now()));
  }

  @Post('roll-back')
  @Operation({
    access: 'approver',
    summary: 'Takes the version in force back: collectors get the one that was in force before it, or none',
    answer: contract.Policy,
    errors: ERRORS,
  })
  async rollBack(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.Policy> {
    if (!isUuid(id)) throw notFound('policy');
    return this.done(request, await this.life.rollBack(TENANT, id, authorOf(request), hashIn(ifMatch)));
  }

  private async roll(
    id: string,
    request: FastifyRequest,
    action: string,
    change: (rollout: Rollout, state: PolicyState) => Rollout | null,
  ): Promise<contract.Policy> {
    if (!isUuid(id)) throw notFound('policy');
    return this.done(request, await this.life.roll(TENANT, id, authorOf(request), action, change));
  }

  private done(request: FastifyRequest, result: Parameters<typeof taken>[0]): contract.Policy {
    const row = taken(result);
    addDetails(request, { version: row.version, state: row.state });
    this.served.changed();
    return showPolicy(row);
  }
}
