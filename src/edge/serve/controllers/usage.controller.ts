import { Body, Controller, Delete, Get, Inject, Param, Put, Query } from '@nestjs/common';
import type { Config } from '../../../config.js';
import { ownerOf } from '../../../engine/cost/ownership.js';
import { costOf } from '../../../engine/cost/price.js';
import { FIELDS, VALUE_TYPES } from '../../../engine/model/location.js';
import type { PriceModel } from '../../../engine/model/price-model.js';
import { checkAttributeName } from '../../../engine/naming/attribute-rules.js';
import { ConventionRegistry } from '../../../engine/naming/registry.js';
import { teamsByService } from '../../../flow/costs.js';
import type { AttributeUsage } from '../../../flow/ports.js';
import type { RuleSet } from '../../files/rule-files.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, encodeCursor, isCount, isTime } from '../paging.js';
import { notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { windowOf } from '../window.js';

/** A list that is sorted by what keeps changing is paged by position, within one window. */
interface AttributeCursor {
  readonly skip: number;
  readonly from: string;
  readonly to: string;
}

const FIELD_NAMES: ReadonlySet<string> = new Set(FIELDS);

@Controller('api/v1')
export class UsageController {
  private readonly model: PriceModel;
  private readonly conventions: ConventionRegistry;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(RULES) rules: RuleSet,
    private readonly usage: PostgresUsageStore,
  ) {
    this.model = rules.prices.get(config.priceModel)!;
    this.conventions = new ConventionRegistry(rules.conventions);
  }

  @Get('attributes')
  @Operation({
    summary: 'Attributes with their size, distinct values, cost and naming problems, most bytes first',
    query: contract.AttributeQuery,
    answer: contract.AttributePage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async attributes(@Query() query: unknown): Promise<contract.AttributePage> {
    const { limit, cursor, from, to, ...filter } = read(contract.AttributeQuery, query, 'query');
    const after = decodeCursor<AttributeCursor>(cursor, { skip: isCount, from: isTime, to: isTime });
    const window = windowOf(after?.from ?? from, after?.to ?? to);
    const skip = after?.skip ?? 0;
    const [rows, teams] = await Promise.all([
      this.usage.attributes(TENANT, window, filter, limit + 1, skip),
      teamsByService(TENANT, this.usage),
    ]);
    const next = { skip: skip + limit, from: window.from.toISOString(), to: window.to.toISOString() };
    return {
      data: rows.slice(0, limit).map((row) => this.show(row, teams)),
      next_cursor: rows.length > limit ? encodeCursor(next) : null,
    };
  }

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

  private show(row: AttributeUsage, teams: ReadonlyMap<string, string>): contract.Attribute {
    const { distinct, standardError } = row.values.estimate();
    const naming = FIELD_NAMES.has(row.key) ? [] : checkAttributeName(row.key, this.conventions);
    return {
      service: row.service,
      environment: row.environment,
      team: teams.get(row.service) ?? '',
      location: row.location,
      key: row.key,
      types: VALUE_TYPES.filter((_, type) => (row.types & (1 << type)) !== 0),
      observations: row.observations,
      distinct: { estimate: distinct, standard_error: standardError },
      bytes: row.bytes,
      cost: { amount: costOf(row.bytes, this.model), currency: this.model.currency },
      naming: naming
        .filter(({ level }) => level !== 'information')
        .map((finding) => ({ ...finding, context: { ...finding.context } })),
    };
  }
}
