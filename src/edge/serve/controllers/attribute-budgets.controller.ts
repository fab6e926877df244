import { Body, Controller, Delete, Get, Param, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DEFAULT_BUDGETS } from '../../../engine/cardinality/budget.js';
import { problem } from '../../../engine/problem.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { TextGuard } from '../../rules/text-guard.js';
import { MAX_BUDGETS, PostgresAttributeStore, type StoredBudget } from '../../store/attribute-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { isUuid } from '../paging.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

@Controller('api/v1/attributes/budgets')
export class AttributeBudgetsController {
  constructor(
    private readonly attributes: PostgresAttributeStore,
    private readonly guard: TextGuard,
    private readonly queue: JobQueue,
  ) {}

  @Get()
  @Operation({
    summary: 'How many distinct values attributes may have within seven days, and the defaults',
    answer: contract.AttributeBudgetList,
  })
  async list(): Promise<contract.AttributeBudgetList> {
    return { data: (await this.attributes.budgets(TENANT)).map(show), defaults: { ...DEFAULT_BUDGETS } };
  }

  @Put()
  @Operation({
    summary: 'Sets the budget of attributes of a team, a service or a key, or of several of these at once',
    body: contract.AttributeBudgetBody,
    answer: contract.AttributeBudget,
    errors: { 400: 'a field of the body is not valid', 409: 'there are too many budgets' },
  })
  async set(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.AttributeBudget> {
    const { max_distinct: maxDistinct, ...scope } = read(contract.AttributeBudgetBody, body, 'body');
    const found = Object.entries(scope).filter(([, name]) => name !== null && this.guard.findsIn(TENANT, name));
    if (found.length > 0) {
      const allowed = 'a name as findings and attributes show it';
      throw invalid(
        found.map(([field]) => problem('invalid', `body.${field}`, 'a detector finds something in it', allowed)),
      );
    }
    const by = authorOf(request);
    const row = await this.attributes.setBudget(TENANT, { ...scope, maxDistinct }, by);
    if (row === null) throw new ApiError(409, 'too-many', `budgets: at most ${MAX_BUDGETS}; remove one`);
    // Without the queue attributes are judged by it later, by schedule.
    this.queue.add('cardinality', { tenant: TENANT }, 'cardinality default').catch(() => {});
    return show(row);
  }

  @Delete(':id')
  @Operation({ summary: 'Removes a budget', status: 204, errors: { 404: 'there is no such budget' } })
  async remove(@Param('id') id: string): Promise<void> {
    if (!isUuid(id) || !(await this.attributes.removeBudget(TENANT, id))) throw notFound('budget');
  }
}

function show({ id, team, service, key, maxDistinct, author, updatedAt }: StoredBudget): contract.AttributeBudget {
  return { id, team, service, key, max_distinct: maxDistinct, author, updated_at: updatedAt.toISOString() };
}
