import { randomBytes } from 'node:crypto';
import { Body, Controller, Delete, Get, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { NotifyTarget } from '../../deliver/notify-target.js';
import type { NotificationRuleRow } from '../../store/entities/index.js';
import { PostgresNotificationStore } from '../../store/notification-store.js';
import { PostgresSubscriptionStore } from '../../store/subscription-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { showDelivery } from './subscriptions.controller.js';

interface Cursor {
  readonly createdAt: string;
  readonly id: string;
}

const MAX_RULES = 200;
const position = ({ createdAt, id }: { createdAt: Date; id: string }) => ({ createdAt: createdAt.toISOString(), id });

@Controller('api/v1/notification-rules')
export class NotificationRulesController {
  constructor(
    private readonly rules: PostgresNotificationStore,
    private readonly subscriptions: PostgresSubscriptionStore,
  ) {}

  @Get()
  @Operation({
    summary: 'Who hears of what at once, newest first',
    query: contract.SubscriptionQuery,
    answer: contract.NotificationRulePage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.NotificationRulePage> {
    const { limit, cursor } = read(contract.SubscriptionQuery, query, 'query');
    const after = decodeCursor<Cursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.rules.list(TENANT, limit + 1, after);
    return pageOf(rows, limit, (row) => this.show(row, null), position);
  }

  @Post()
  @Operation({
    access: 'admin',
    summary: 'Makes a rule of notifications; a secret that is made here is in this answer and in no other',
    body: contract.NotificationRuleBody,
    status: 201,
    answer: contract.NotificationRule,
    errors: { 400: 'a field of the body is not valid', 409: 'there are too many rules' },
  })
  async add(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.NotificationRule> {
    const given = read(contract.NotificationRuleBody, body, 'body');
    if ((await this.rules.count(TENANT)) >= MAX_RULES) {
      throw new ApiError(409, 'too-many', `notification rules: at most ${MAX_RULES}; remove one`);
    }
    const { name, events, team, service, environment } = given;
    const fields = {
      ...{ name, events: [...new Set(events)] },
      ...{ team: team ?? '', service: service ?? '', environment: environment ?? '' },
      ...{ minSeverity: given.min_severity, pageFrom: given.page_from },
      ...{ groupMinutes: given.group_minutes, repeatHours: given.repeat_hours },
    };
    const { full, made } = completed(given.target);
    return this.show(await this.rules.add(TENANT, fields, full, authorOf(request)), made);
  }

  @Get(':id')
  @Operation({
    summary: 'One rule of notifications',
    answer: contract.NotificationRule,
    errors: { 404: 'there is no such rule' },
  })
  async get(@Param('id') id: string): Promise<contract.NotificationRule> {
    return this.show(await this.row(id), null);
  }

  @Delete(':id')
  @Operation({
    access: 'admin',
    summary: 'Ends a rule and forgets its messages',
    status: 204,
    errors: { 404: 'there is no such rule' },
  })
  async remove(@Param('id') id: string): Promise<void> {
    if (!isUuid(id) || !(await this.rules.remove(TENANT, id))) throw notFound('notification rule');
  }

  @Post(':id/quiet')
  @Operation({
    summary: 'Holds the messages of a rule back for some minutes, such as around a deployment; none is lost',
    body: contract.NotificationQuiet,
    status: 200,
    answer: contract.NotificationRule,
    errors: { 400: 'a field of the body is not valid', 404: 'there is no such rule' },
  })
  async quiet(@Param('id') id: string, @Body() body: unknown): Promise<contract.NotificationRule> {
    const { minutes } = read(contract.NotificationQuiet, body, 'body');
    await this.row(id);
    await this.rules.quiet(TENANT, id, minutes === 0 ? null : new Date(Date.now() + minutes * 60_000));
    return this.show(await this.row(id), null);
  }

  @Get(':id/deliveries')
  @Operation({
    summary: 'Deliveries of a rule, newest first, with what went wrong',
    query: contract.SubscriptionQuery,
    answer: contract.DeliveryPage,
    errors: { 400: 'a field of the query is not valid', 404: 'there is no such rule' },
  })
  async deliveries(@Param('id') id: string, @Query() query: unknown): Promise<contract.DeliveryPage> {
    const { limit, cursor } = read(contract.SubscriptionQuery, query, 'query');
    await this.row(id);
    const after = decodeCursor<Cursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.subscriptions.deliveriesOf(TENANT, id, limit + 1, after);
    return pageOf(rows, limit, showDelivery, position);
  }

  private async row(id: string): Promise<NotificationRuleRow> {
    const row = isUuid(id) ? await this.rules.get(TENANT, id) : null;
    if (row === null) throw notFound('notification rule');
    return row;
  }

  private show(row: NotificationRuleRow, secret: string | null): contract.NotificationRule {
    const target = this.rules.targetOf(row);
    const { id, name, channel, events, author } = row;
    return {
      ...{ id, name, channel, events, secret, author },
      ...{ team: row.team || null, service: row.service || null, environment: row.environment || null },
      ...{ min_severity: row.minSeverity, page_from: row.pageFrom },
      ...{ group_minutes: row.groupMinutes, repeat_hours: row.repeatHours },
      quiet_until: row.quietUntil?.toISOString() ?? null,
      to: target.channel === 'mail' ? target.to : [new URL(target.url).host],
      disabled: row.disabledReason,
      created_at: row.createdAt.toISOString(),
    };
  }
}

type GivenTarget = z.infer<typeof contract.NotificationRuleBody>['target'];

/** A webhook without a secret gets one. */
function completed(target: GivenTarget): { full: NotifyTarget; made: string | null } {
  if (target.channel !== 'webhook' && target.channel !== 'ocsf') return { full: target, made: null };
  const made = target.secret === undefined ? `whsec_${randomBytes(32).toString('base64')}` : null;
  return { full: { ...target, secret: target.secret ?? made! }, made };
}
