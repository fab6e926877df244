import { randomBytes } from 'node:crypto';
import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Config } from '../../../config.js';
import type { Target } from '../../deliver/target.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { ReportSchedules } from '../../jobs/report-schedules.js';
import type { DeliveryRow, SubscriptionRow } from '../../store/entities/index.js';
import { PostgresSubscriptionStore, type SubscriptionFields } from '../../store/subscription-store.js';
import { CONFIG } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

interface Cursor {
  readonly createdAt: string;
  readonly id: string;
}

const MAX_SUBSCRIPTIONS = 1_000;
const position = ({ createdAt, id }: { createdAt: Date; id: string }) => ({ createdAt: createdAt.toISOString(), id });

@Controller('api/v1/subscriptions')
export class SubscriptionsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly subscriptions: PostgresSubscriptionStore,
    private readonly schedules: ReportSchedules,
    private readonly queue: JobQueue,
  ) {}

  @Get()
  @Operation({
    summary: 'Who gets which reports, newest first',
    query: contract.SubscriptionQuery,
    answer: contract.SubscriptionPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.SubscriptionPage> {
    const { limit, cursor } = read(contract.SubscriptionQuery, query, 'query');
    const after = decodeCursor<Cursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.subscriptions.list(TENANT, limit + 1, after);
    return pageOf(rows, limit, (row) => this.show(row, null), position);
  }

  @Post()
  @Operation({
    access: 'admin',
    summary: 'Subscribes somebody to reports; a secret that is made here is in this answer and in no other',
    body: contract.SubscriptionBody,
    status: 201,
    answer: contract.Subscription,
    errors: { 400: 'a field of the body is not valid', 409: 'there are too many subscriptions' },
  })
  async add(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.Subscription> {
    const { target, time_zone, team, ...rest } = read(contract.SubscriptionBody, body, 'body');
    if ((await this.subscriptions.count(TENANT)) >= MAX_SUBSCRIPTIONS) {
      throw new ApiError(409, 'too-many', `subscriptions: at most ${MAX_SUBSCRIPTIONS}; remove one`);
    }
    const fields = { ...rest, team: team ?? '', timeZone: time_zone ?? this.config.timeZone };
    const { full, made } = completed(target);
    const row = await this.subscriptions.add(TENANT, fields, full, authorOf(request));
    await this.schedules.add(TENANT, row.timeZone);
    return this.show(row, made);
  }

  @Get(':id')
  @Operation({
    summary: 'One subscription',
    answer: contract.Subscription,
    errors: { 404: 'there is no such subscription' },
  })
  async get(@Param('id') id: string): Promise<contract.Subscription> {
    return this.show(await this.row(id), null);
  }

  @Patch(':id')
  @Operation({
    access: 'admin',
    summary: 'Changes what is given of a subscription, and enables it',
    body: contract.SubscriptionPatch,
    answer: contract.Subscription,
    errors: { 400: 'a field of the body is not valid', 404: 'there is no such subscription' },
  })
  async change(@Param('id') id: string, @Body() body: unknown): Promise<contract.Subscription> {
    const { target, time_zone, team, ...rest } = read(contract.SubscriptionPatch, body, 'body');
    await this.row(id);
    const given = {
      ...rest,
      ...(team !== undefined && { team: team ?? '' }),
      ...(time_zone && { timeZone: time_zone }),
    };
    const { full, made } = target === undefined ? { full: null, made: null } : completed(target);
    const row = await this.subscriptions.change(TENANT, id, given as Partial<SubscriptionFields>, full);
    if (row === null) throw notFound('subscription');
    await this.schedules.add(TENANT, row.timeZone);
    return this.show(row, made);
  }

  @Delete(':id')
  @Operation({
    access: 'admin',
    summary: 'Ends a subscription and forgets its deliveries',
    status: 204,
    errors: { 404: 'there is no such subscription' },
  })
  async remove(@Param('id') id: string): Promise<void> {
    if (!isUuid(id) || !(await this.subscriptions.remove(TENANT, id))) throw notFound('subscription');
  }

  @Post(':id/test')
  @Operation({
    access: 'admin',
    summary: 'Delivers a test; the delivery says what became of it',
    status: 202,
    answer: contract.Delivery,
    errors: { 404: 'there is no such subscription' },
  })
  async test(@Param('id') id: string): Promise<contract.Delivery> {
    await this.row(id);
    const delivery = await this.subscriptions.enqueue(TENANT, id, null);
    await this.queue.add('deliver', { tenant: TENANT, id: delivery }, `deliver ${delivery}`);
    return showDelivery((await this.subscriptions.delivery(TENANT, delivery))!);
  }

  @Get(':id/deliveries')
  @Operation({
    summary: 'Deliveries of a subscription, newest first, with what went wrong',
    query: contract.SubscriptionQuery,
    answer: contract.DeliveryPage,
    errors: { 400: 'a field of the query is not valid', 404: 'there is no such subscription' },
  })
  async deliveries(@Param('id') id: string, @Query() query: unknown): Promise<contract.DeliveryPage> {
    const { limit, cursor } = read(contract.SubscriptionQuery, query, 'query');
    await this.row(id);
    const after = decodeCursor<Cursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.subscriptions.deliveriesOf(TENANT, id, limit + 1, after);
    return pageOf(rows, limit, showDelivery, position);
  }

  private async row(id: string): Promise<SubscriptionRow> {
    const row = isUuid(id) ? await this.subscriptions.get(TENANT, id) : null;
    if (row === null) throw notFound('subscription');
    return row;
  }

  private show(row: SubscriptionRow, secret: string | null): contract.Subscription {
    const target = this.subscriptions.targetOf(row);
    const { id, name, channel, audience, team, editions, timeZone, disabledReason, author, createdAt, updatedAt } = row;
    return {
      ...{ id, name, channel, audience, editions, secret, author },
      team: team === '' ? null : team,
      time_zone: timeZone,
      to: target.channel === 'mail' ? target.to : [new URL(target.url).host],
      disabled: disabledReason,
      created_at: createdAt.toISOString(),
      updated_at: updatedAt.toISOString(),
    };
  }
}

type GivenTarget = z.infer<typeof contract.SubscriptionBody>['target'];

/** A webhook without a secret gets one. */
function completed(target: GivenTarget): { full: Target; made: string | null } {
  if (target.channel !== 'webhook') return { full: target, made: null };
  const made = target.secret === undefined ? `whsec_${randomBytes(32).toString('base64')}` : null;
  return { full: { ...target, secret: target.secret ?? made! }, made };
}

export function showDelivery(row: DeliveryRow): contract.Delivery {
  return {
    id: row.id,
    subscription_id: row.subscriptionId,
    report_id: row.reportId,
    state: row.state,
    attempts: row.attempts,
    error: row.error,
    created_at: row.createdAt.toISOString(),
    attempted_at: row.attemptedAt?.toISOString() ?? null,
    sent_at: row.sentAt?.toISOString() ?? null,
  };
}
