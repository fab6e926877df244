import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { SPAN_KINDS } from '../../../engine/model/span-kind.js';
import { ConventionRegistry } from '../../../engine/naming/registry.js';
import { servicesOf, teamsByService } from '../../../flow/costs.js';
import type { Window } from '../../../flow/ports.js';
import { type AuditedSpanName, auditSpanNames } from '../../../flow/span-names.js';
import type { RuleSet } from '../../files/rule-files.js';
import { PostgresSpanNameStore } from '../../store/span-name-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { RULES } from '../../tokens.js';
import * as contract from '../contract.js';
import { type CsvColumns, listPage, listPlace, sendCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { windowOf } from '../window.js';

type Filter = Omit<z.infer<typeof contract.SpanNameExportQuery>, 'from' | 'to'>;

/** Columns of the list as CSV, in their order. */
const CSV_COLUMNS: CsvColumns<contract.SpanName> = [
  ['service', (r) => r.service],
  ['environment', (r) => r.environment],
  ['team', (r) => r.team],
  ['kind', (r) => r.kind],
  ['template', (r) => r.template],
  ['verdict', (r) => r.verdict],
  ['findings', (r) => r.findings.map(({ id, level }) => `${level}: ${id}`).join('; ')],
  ['spans', (r) => r.spans],
  ['error_spans', (r) => r.error_spans],
  ['share', (r) => r.share],
  ['bytes', (r) => r.bytes],
  ['distinct', (r) => r.distinct.estimate],
  ['distinct_standard_error', (r) => r.distinct.standard_error],
  ['growth', (r) => r.growth?.beta ?? null],
  ['growth_standard_error', (r) => r.growth?.standard_error ?? null],
  ['shapes', (r) => r.shapes.join('; ')],
  ['attributes', (r) => r.attributes.map(({ key }) => key).join('; ')],
  ['suggested_name', (r) => r.suggested_name],
  ['convention', (r) => r.convention],
];

@Controller('api/v1')
export class SpanNamesController {
  private readonly conventions: ConventionRegistry;

  constructor(
    @Inject(RULES) rules: RuleSet,
    private readonly names: PostgresSpanNameStore,
    private readonly usage: PostgresUsageStore,
  ) {
    this.conventions = new ConventionRegistry(rules.conventions);
  }

  @Get('span-names')
  @Operation({
    summary: 'Span names by template, those first that need a hand the most',
    query: contract.SpanNameQuery,
    answer: contract.SpanNamePage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.SpanNamePage> {
    const { limit, cursor, from, to, ...filter } = read(contract.SpanNameQuery, query, 'query');
    const place = listPlace({ cursor, from, to });
    return listPage(await this.rows(place.window, filter), place, limit);
  }

  @Get('span-names.csv')
  @Operation({
    summary:
      'The same as CSV, all of them; text that a spreadsheet could take for a formula has an apostrophe before it',
    query: contract.SpanNameExportQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { from, to, ...filter } = read(contract.SpanNameExportQuery, query, 'query');
    await sendCsv(reply, 'span-names.csv', CSV_COLUMNS, await this.rows(windowOf(from, to), filter));
  }

  /** Kinds, levels and verdicts are chosen afterwards: a share is of all spans, and a template of all its names. */
  private async rows(window: Window, filter: Filter): Promise<contract.SpanName[]> {
    const { service, environment, team, kind, level, verdict } = filter;
    const teams = await teamsByService(TENANT, this.usage);
    const owned = servicesOf(team, teams);
    const services = service === undefined ? owned : (owned ?? [service]).filter((name) => name === service);
    const found = await auditSpanNames(
      TENANT,
      window,
      { services, environment },
      this.names,
      this.usage,
      this.conventions,
    );
    return found
      .map((row) => show(row, teams))
      .filter((row) => (kind ?? row.kind) === row.kind && (verdict ?? row.verdict) === row.verdict)
      .filter((row) => level === undefined || row.findings.some((finding) => finding.level === level));
  }
}

function show(row: AuditedSpanName, teams: ReadonlyMap<string, string>): contract.SpanName {
  const { service, environment, spanKind, template, spans, share, bytes, names, growth, verdict, convention } = row;
  return {
    ...{ service, environment, team: teams.get(service) ?? '', kind: SPAN_KINDS[spanKind] ?? 'unspecified' },
    ...{ template, spans, error_spans: row.errorSpans, share, bytes, verdict, convention },
    distinct: { estimate: names.estimate, standard_error: names.standardError },
    growth: growth && { beta: growth.beta, standard_error: growth.standardError },
    shapes: [...row.shapes],
    attributes: row.attributes.map((attribute) => ({ ...attribute })),
    suggested_name: row.suggestedName,
    findings: row.findings.map((finding) => ({ ...finding, context: { ...finding.context } })),
  };
}
