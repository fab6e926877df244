import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Config } from '../../../config.js';
import { costOf } from '../../../engine/cost/price.js';
import { FIELDS, VALUE_TYPES } from '../../../engine/model/location.js';
import type { PriceModel } from '../../../engine/model/price-model.js';
import { checkAttributeName } from '../../../engine/naming/attribute-rules.js';
import { ConventionRegistry } from '../../../engine/naming/registry.js';
import { attributeCard } from '../../../flow/attribute-card.js';
import { servicesOf, teamsByService } from '../../../flow/costs.js';
import type { AttributeFilter, AttributeUsage, Window } from '../../../flow/ports.js';
import type { RuleSet } from '../../files/rule-files.js';
import { PostgresAttributeStore } from '../../store/attribute-store.js';
import { PostgresFindingStore } from '../../store/finding-store.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, RULES } from '../../tokens.js';
import { CardView } from '../attribute-card.js';
import * as contract from '../contract.js';
import { type CsvColumns, listPlace, nextCursor, streamCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { windowOf } from '../window.js';

type FilterFields = Omit<z.infer<typeof contract.AttributeExportQuery>, 'from' | 'to'>;

/** An export ends after so many attributes; those with the most bytes come first. */
const MAX_EXPORTED = 10_000;
const EXPORTED_AT_ONCE = 200;
const FINDINGS_SHOWN = 100;
const POLICIES_LOOKED_AT = 200;
const FIELD_NAMES: ReadonlySet<string> = new Set(FIELDS);

/** Columns of the list as CSV, in their order. */
const CSV_COLUMNS: CsvColumns<contract.Attribute> = [
  ['service', (a) => a.service],
  ['environment', (a) => a.environment],
  ['team', (a) => a.team],
  ['location', (a) => a.location],
  ['key', (a) => a.key],
  ['types', (a) => a.types.join(' ')],
  ['shapes', (a) => a.shapes.join(' | ')],
  ['observations', (a) => a.observations],
  ['distinct', (a) => a.distinct.estimate],
  ['distinct_standard_error', (a) => a.distinct.standard_error],
  ['growth', (a) => a.growth],
  ['bytes', (a) => a.bytes],
  ['cost', (a) => a.cost.amount],
  ['currency', (a) => a.cost.currency],
  ['naming', (a) => a.naming.map(({ id }) => id).join(' ')],
];

@Controller('api/v1')
export class AttributesController {
  private readonly model: PriceModel;
  private readonly conventions: ConventionRegistry;
  private readonly cards: CardView;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(RULES) rules: RuleSet,
    private readonly usage: PostgresUsageStore,
    private readonly attributes: PostgresAttributeStore,
    private readonly findings: PostgresFindingStore,
    private readonly policies: PostgresPolicyStore,
  ) {
    this.model = rules.prices.get(config.priceModel)!;
    this.conventions = new ConventionRegistry(rules.conventions);
    this.cards = new CardView(this.model, this.conventions, rules);
  }

  @Get('attributes')
  @Operation({
    summary: 'Attributes with their size, distinct values, growth, cost and naming problems, most bytes first',
    query: contract.AttributeQuery,
    answer: contract.AttributePage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.AttributePage> {
    const { limit, cursor, from, to, ...fields } = read(contract.AttributeQuery, query, 'query');
    const place = listPlace({ cursor, from, to });
    const teams = await teamsByService(TENANT, this.usage);
    const rows = await this.usage.attributes(TENANT, place.window, filterOf(fields, teams), limit + 1, place.skip);
    return {
      data: rows.slice(0, limit).map((row) => this.show(row, teams)),
      next_cursor: nextCursor(place.skip + rows.length, place, limit),
    };
  }

  @Get('attributes.csv')
  @Operation({
    summary:
      'The same as CSV, the first 10,000; text that a spreadsheet could take for a formula has an apostrophe before it',
    query: contract.AttributeExportQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    await streamCsv(reply, 'attributes.csv', CSV_COLUMNS, await this.exported(query));
  }

  @Get('attributes.json')
  @Operation({
    summary: 'The same as JSON, the first 10,000',
    query: contract.AttributeExportQuery,
    answer: contract.AttributeExport,
    errors: { 400: 'a field of the query is not valid' },
  })
  async json(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const pages = await this.exported(query);
    async function* parts(): AsyncGenerator<string> {
      let separator = '';
      yield '{"data":[';
      for await (const rows of pages) {
        yield rows.map((row, i) => (i === 0 ? separator : ',') + JSON.stringify(row)).join('');
        separator = ',';
      }
      yield ']}';
    }
    reply.header('content-disposition', 'attachment; filename="attributes.json"');
    await reply.type('application/json; charset=utf-8').send(Readable.from(parts()));
  }

  @Get('attributes/:service/:key')
  @Operation({
    summary:
      'One attribute of a service: meaning, sensitivity, values and their growth, cost, owner, name, budget, fixes',
    query: contract.AttributeCardQuery,
    answer: contract.AttributeCard,
    errors: { 400: 'a field of the query is not valid', 404: 'the service has no such attribute in the window' },
  })
  async card(
    @Param('service') service: string,
    @Param('key') key: string,
    @Query() query: unknown,
  ): Promise<contract.AttributeCard> {
    const { from, to, ...place } = read(contract.AttributeCardQuery, query, 'query');
    // PostgreSQL has no text with NUL in it.
    if (`${service}${key}`.includes('\0')) throw notFound('attribute');
    const window = windowOf(from, to);
    const filter = { service, key, state: 'unresolved' as const, ...place };
    const [findings, policies] = await Promise.all([
      this.findings.list(TENANT, filter, 'severity', FINDINGS_SHOWN, null),
      this.policies.list(TENANT, undefined, POLICIES_LOOKED_AT, null),
    ]);
    const facts = this.cards.factsOf(key, findings);
    const ports = { attributes: this.attributes, usage: this.usage };
    const card = await attributeCard(TENANT, { service, key, ...place }, window, facts, ports);
    if (card === null) throw notFound('attribute');
    return this.cards.show({ service, key }, window, card, findings, policies);
  }

  private async exported(query: unknown): Promise<AsyncGenerator<contract.Attribute[]>> {
    const { from, to, ...fields } = read(contract.AttributeExportQuery, query, 'query');
    const window = windowOf(from, to);
    const teams = await teamsByService(TENANT, this.usage);
    return this.pages(window, filterOf(fields, teams), teams);
  }

  private async *pages(
    window: Window,
    filter: AttributeFilter,
    teams: ReadonlyMap<string, string>,
  ): AsyncGenerator<contract.Attribute[]> {
    for (let skip = 0; skip < MAX_EXPORTED; skip += EXPORTED_AT_ONCE) {
      const rows = await this.usage.attributes(TENANT, window, filter, EXPORTED_AT_ONCE, skip);
      if (rows.length > 0) yield rows.map((row) => this.show(row, teams));
      if (rows.length < EXPORTED_AT_ONCE) return;
    }
  }

  private show(row: AttributeUsage, teams: ReadonlyMap<string, string>): contract.Attribute {
    const { distinct, standardError } = row.values.estimate();
    const naming = FIELD_NAMES.has(row.key) ? [] : checkAttributeName(row.key, this.conventions);
    const types = VALUE_TYPES.filter((_, type) => (row.types & (1 << type)) !== 0);
    return {
      service: row.service,
      environment: row.environment,
      team: teams.get(row.service) ?? '',
      location: row.location,
      key: row.key,
      types,
      type_conflict: types.filter((type) => type !== 'empty').length > 1,
      shapes: [...row.shapes],
      observations: row.observations,
      distinct: { estimate: distinct, standard_error: standardError },
      growth: row.growthClass,
      bytes: row.bytes,
      cost: { amount: costOf(row.bytes, this.model), currency: this.model.currency },
      naming: naming
        .filter(({ level }) => level !== 'information')
        .map((finding) => ({ ...finding, context: { ...finding.context } })),
    };
  }
}

/** Teams are not in the table of attributes: they are turned into their services. */
function filterOf({ team, growth, ...rest }: FilterFields, teams: ReadonlyMap<string, string>): AttributeFilter {
  return { ...rest, services: servicesOf(team, teams), growthClass: growth };
}
