import { randomBytes, randomUUID } from 'node:crypto';
import { Body, Controller, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { PolicyVersion } from '../../../engine/model/policy.js';
import type { CanaryMaterial } from '../../../engine/policy/canary-span.js';
import { type Canary, planCanaries } from '../../../flow/canaries.js';
import { Keyring } from '../../auth/keyring.js';
import type { Secrets } from '../../auth/secrets.js';
import type { RuleSet } from '../../files/rule-files.js';
import { simulationTools } from '../../policy/simulation-tools.js';
import { CustomerRules } from '../../rules/customer-rules.js';
import { PostgresCanaryStore } from '../../store/canary-store.js';
import { canaryEvidence, type PolicyCanaries, policyCanaries } from '../../store/canary-verdicts.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { RULES, SECRETS } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { isUuid } from '../paging.js';
import { notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const WEEK = 7 * 24 * 3_600_000;

/** Spans with made-up data in them that prove that policies work, or that they do not. */
@Controller('api/v1')
export class CanariesController {
  constructor(
    @Inject(RULES) private readonly rules: RuleSet,
    @Inject(SECRETS) private readonly secrets: Secrets,
    private readonly customers: CustomerRules,
    private readonly policies: PostgresPolicyStore,
    private readonly canaries: PostgresCanaryStore,
  ) {}

  @Post('canaries')
  @Operation({
    summary:
      'Makes canaries for policies in force: spans to be sent through a collector that is to send them back here',
    body: contract.CanaryBody,
    status: 201,
    answer: contract.CanaryPlan,
    errors: { 400: 'a field of the body is not valid' },
  })
  async plan(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.CanaryPlan> {
    const { policies: wanted, timeout_seconds: timeout } = read(contract.CanaryBody, body ?? {}, 'body');
    const inForce = await this.policies.newestRolledOut(TENANT);
    const chosen = inForce.filter(({ id }) => wanted === null || wanted.includes(id));
    const createdAt = new Date();
    const run = {
      id: randomUUID(),
      now: createdAt.getTime(),
      randomHex: (n: number) => randomBytes(n).toString('hex'),
    };
    const watch = new Keyring(this.secrets.masterKey).canaries(TENANT);
    const { canaries, unprovable } = planCanaries(chosen, run, this.material(), watch);
    const expiresAt = new Date(createdAt.getTime() + timeout * 1000);
    const items = canaries.map(({ policy, item, service }) => ({
      ...{ item, service, policy: policy.id, version: policy.version },
    }));
    if (items.length > 0) {
      await this.canaries.start(TENANT, { id: run.id, author: authorOf(request), createdAt, expiresAt }, items);
    }
    return {
      id: run.id,
      created_at: createdAt.toISOString(),
      expires_at: expiresAt.toISOString(),
      canaries: canaries.map(showCanary),
      unprovable: unprovable.map(({ policy, reason }) => ({ ...nameOf(policy), reason })),
      not_in_force: (wanted ?? []).filter((id) => !chosen.some((policy) => policy.id === id)),
    };
  }

  @Get('canaries')
  @Operation({
    summary: 'What came of canaries last, by policy and collector, latest first',
    query: contract.CanaryQuery,
    answer: contract.LatestCanaries,
    errors: { 400: 'a field of the query is not valid' },
  })
  async latest(@Query() query: unknown): Promise<contract.LatestCanaries> {
    const { since, policy } = read(contract.CanaryQuery, query, 'query');
    const now = new Date();
    const all = await this.canaries.since(
      TENANT,
      since === undefined ? new Date(now.getTime() - WEEK) : new Date(since),
    );
    const rows = policy === undefined ? all : all.filter((row) => row.policy === policy);
    const titles = new Map(rows.map((row) => [`${row.policy} ${row.version}`, row.title]));
    const latest = new Map<string, contract.LatestCanary>();
    const known = new Set<string>();
    for (const { at, ...found } of canaryEvidence(rows, now)) {
      const key = `${found.policy} ${found.collector}`;
      // One that came through no collector says nothing any more when a later one of its policy did.
      const isOld = found.collector === '' && known.has(found.policy);
      known.add(found.policy);
      if (isOld || latest.has(key)) continue;
      const title = titles.get(`${found.policy} ${found.version}`) ?? null;
      latest.set(key, { ...found, title, at: at.toISOString() });
    }
    return { data: [...latest.values()] };
  }

  @Get('canaries/:run')
  @Operation({
    summary: 'What came of the canaries of a run so far',
    answer: contract.CanaryRun,
    errors: { 404: 'there is no such run, or it had no canaries' },
  })
  async run(@Param('run') id: string): Promise<contract.CanaryRun> {
    const rows = isUuid(id) ? await this.canaries.ofRun(TENANT, id) : [];
    const [first] = rows;
    if (first === undefined) throw notFound('run of canaries');
    const results = policyCanaries(rows, new Date()).map(showResult);
    return {
      id,
      created_at: first.created.toISOString(),
      expires_at: first.expires.toISOString(),
      is_over: results.every(({ verdict }) => verdict !== 'pending'),
      results,
    };
  }

  private material(): CanaryMaterial {
    const detectors = new Map(
      [...this.rules.detectors, ...this.customers.of(TENANT).detectors].map((detector) => [detector.id, detector]),
    );
    return {
      examples: (id) => detectors.get(id)?.examples.map(({ value }) => value) ?? [],
      unique: () => `canary${randomBytes(8).toString('hex')}`,
      tools: simulationTools(),
    };
  }
}

function nameOf({ id, version, policy }: PolicyVersion) {
  return { policy: id, version, title: policy.title };
}

function showCanary({ policy, service, request }: Canary): contract.Canary {
  const { action, location, key } = policy.policy;
  return { ...nameOf(policy), action: action.kind, service, location, key, request: { ...request } };
}

function showResult({ policy, version, title, verdict, canaries, missing, arrived, back }: PolicyCanaries) {
  const collectors = back.map(({ collector, tap, isLeaking, revision, at }) => ({
    ...{
      collector,
      tap: tap === 'after' ? tap : ('unknown' as const),
      is_leaking: isLeaking,
      revision,
      at: at.toISOString(),
    },
  }));
  return { policy, version, title, verdict, canaries, missing, arrived, collectors };
}
