import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { ownerOf } from '../../../engine/cost/ownership.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

@Controller('api/v1')
export class OwnersController {
  constructor(private readonly usage: PostgresUsageStore) {}

  @Get('owners')
  @Operation({ summary: 'Services and the teams that own them', answer: contract.OwnerList })
  async owners(): Promise<contract.OwnerList> {
    const [services, mapping] = await Promise.all([this.usage.services(TENANT), this.usage.owners(TENANT)]);
    const known = new Map(services.map((row) => [row.service, ownerOf(row, mapping)]));
    for (const [service, team] of mapping) known.set(service, { team, source: 'mapping' });
    const data = [...known].map(([service, owner]) => ({ service, ...owner }));
    return { data: data.sort((a, b) => (a.service < b.service ? -1 : 1)) };
  }

  @Put('owners/:service')
  @Operation({
    summary: 'Says which team owns a service',
    body: contract.OwnerBody,
    answer: contract.Owner,
    errors: { 400: 'the team is not valid' },
  })
  async setOwner(@Param('service') service: string, @Body() body: unknown) {
    const { team } = read(contract.OwnerBody, body, 'body');
    await this.usage.setOwner(TENANT, service, team);
    return { service, team, source: 'mapping' as const };
  }

  @Delete('owners/:service')
  @Operation({
    summary: 'Forgets which team owns a service',
    status: 204,
    errors: { 404: 'nobody said who owns the service' },
  })
  async removeOwner(@Param('service') service: string): Promise<void> {
    if (!(await this.usage.removeOwner(TENANT, service))) throw notFound('owner');
  }
}
