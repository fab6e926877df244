import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { type ConventionDocument, DEPRECATION_REASONS } from '../../../engine/model/convention.js';
import type { JudgedFinding } from '../../../engine/naming/levels.js';
import { ConventionRegistry } from '../../../engine/naming/registry.js';
import { NAMING_RULES } from '../../../engine/naming/rules.js';
import { problem } from '../../../engine/problem.js';
import { backendFit, type NamingSources, namingFindings, weeklyCompliance } from '../../../flow/conventions.js';
import type { Window } from '../../../flow/ports.js';
import type { RuleSet } from '../../files/rule-files.js';
import { PostgresNamingStore } from '../../store/naming-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { RULES } from '../../tokens.js';
import * as contract from '../contract.js';
import { type CsvColumns, listPage, listPlace, sendCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { invalid, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { periodOf, windowOf } from '../window.js';

type Filter = Omit<z.infer<typeof contract.ConventionExportQuery>, 'from' | 'to'>;

const DAY = 86_400_000;
const COMPLIANCE_DAYS = 28;
const MAX_COMPLIANCE_DAYS = 92;

/** Columns of the list as CSV, in their order. */
const CSV_COLUMNS: CsvColumns<contract.ConventionFinding> = [
  ['level', (f) => f.level],
  ['rule', (f) => f.id],
  ['key', (f) => f.key],
  ['suggestion', ({ context: c }) => c.renamed_to ?? c.split_into ?? c.canonical ?? c.did_you_mean ?? ''],
  ['message', (f) => f.message],
  ['service', (f) => f.service],
  ['environment', (f) => f.environment],
  ['team', (f) => f.team],
  ['location', (f) => f.location],
  ['observations', (f) => f.observations],
  ['bytes', (f) => f.bytes],
  ['state', (f) => f.state],
];

@Controller('api/v1/conventions')
export class ConventionsController {
  private readonly sources: NamingSources;

  constructor(
    @Inject(RULES) private readonly rules: RuleSet,
    usage: PostgresUsageStore,
    naming: PostgresNamingStore,
  ) {
    this.sources = { usage, naming, registry: new ConventionRegistry(rules.conventions) };
  }

  @Get()
  @Operation({
    summary: 'Registries of attributes, in the order in which they are asked',
    answer: contract.Conventions,
  })
  conventions(): contract.Conventions {
    return { registries: this.rules.conventions.map(counts), rules: NAMING_RULES.map((rule) => ({ ...rule })) };
  }

  @Get('findings')
  @Operation({
    audit: 'reads',
    summary: 'What is wrong with the names that were sent in a window, worst first',
    query: contract.ConventionFindingQuery,
    answer: contract.ConventionFindingPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async findings(@Query() query: unknown): Promise<contract.ConventionFindingPage> {
    const { limit, cursor, from, to, ...filter } = read(contract.ConventionFindingQuery, query, 'query');
    const place = listPlace({ cursor, from, to });
    const { findings, complete } = await this.find(place.window, filter);
    const { data, next_cursor } = listPage(findings, place, limit);
    return { data: data.map(show), next_cursor, complete };
  }

  @Get('findings.csv')
  @Operation({
    audit: 'reads',
    summary:
      'The same as CSV, all of them; text that a spreadsheet could take for a formula has an apostrophe before it',
    query: contract.ConventionExportQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { from, to, ...filter } = read(contract.ConventionExportQuery, query, 'query');
    const { findings } = await this.find(windowOf(from, to), filter);
    await sendCsv(reply, 'naming.csv', CSV_COLUMNS, findings.map(show));
  }

  @Get('compliance')
  @Operation({
    summary: 'Attributes without a violation, by week and team or service, the latest week first',
    query: contract.ConventionComplianceQuery,
    answer: contract.ConventionCompliance,
    errors: { 400: 'a field of the query is not valid' },
  })
  async compliance(@Query() query: unknown): Promise<contract.ConventionCompliance> {
    const { from, to, group_by, team, service } = read(contract.ConventionComplianceQuery, query, 'query');
    const window = weeksOf(from, to);
    const group = service === undefined ? group_by : 'service';
    const { rows, complete } = await weeklyCompliance(TENANT, window, Date.now(), group, this.sources);
    const shown = rows.filter(
      (row) => (team === undefined || row.team === team) && (service === undefined || row.service === service),
    );
    return { window: periodOf(window), group_by: group, rows: shown.map(showCompliance), complete };
  }

  @Get('backends')
  @Operation({
    summary: 'What was sent in a window, held against the limits of backends',
    query: contract.ConventionBackendQuery,
    answer: contract.ConventionBackends,
    errors: { 400: 'a field of the query is not valid' },
  })
  async backends(@Query() query: unknown): Promise<contract.ConventionBackends> {
    const { from, to } = read(contract.ConventionBackendQuery, query, 'query');
    const window = windowOf(from, to);
    const { backends, complete } = await backendFit(TENANT, window, this.rules.backends, this.sources);
    return {
      window: periodOf(window),
      data: backends.map(({ backend: { id, name, asOf, confirmed, source, notes }, checks }) => ({
        ...{ id, name, as_of: asOf, confirmed, source, notes },
        checks: checks.map((check) => ({ ...check, examples: check.examples.map((example) => ({ ...example })) })),
      })),
      complete,
    };
  }

  private async find(window: Window, filter: Filter): Promise<{ findings: JudgedFinding[]; complete: boolean }> {
    const { findings, complete } = await namingFindings(TENANT, window, Date.now(), this.sources);
    return { findings: findings.filter((finding) => holds(finding, filter)), complete };
  }
}

function holds({ row, team, finding, waiver }: JudgedFinding, filter: Filter): boolean {
  const is = (given: string | undefined, value: string): boolean => given === undefined || given === value;
  return (
    is(filter.level, finding.level) &&
    is(filter.rule, finding.id) &&
    is(filter.state, waiver === null ? 'active' : 'waived') &&
    is(filter.team, team) &&
    is(filter.service, row.service) &&
    is(filter.environment, row.environment) &&
    is(filter.location, row.location) &&
    is(filter.key, row.key)
  );
}

function show({ row, team, finding, waiver }: JudgedFinding): contract.ConventionFinding {
  const { service, environment, location, key, observations, bytes } = row;
  return {
    ...finding,
    context: { ...finding.context },
    signal_type: location === 'resource' ? 'resource' : 'span',
    ...{ service, environment, team, location, key, observations, bytes },
    state: waiver === null ? 'active' : 'waived',
    waiver,
  };
}

type ComplianceRow = contract.ConventionCompliance['rows'][number];

function showCompliance(row: Awaited<ReturnType<typeof weeklyCompliance>>['rows'][number]): ComplianceRow {
  return {
    week: row.week,
    team: row.team,
    service: row.service,
    observations: row.observations,
    violating_observations: row.violatingObservations,
    waived_observations: row.waivedObservations,
    observation_share: share(row.violatingObservations, row.observations),
    keys: row.keys,
    violating_keys: row.violatingKeys,
    waived_keys: row.waivedKeys,
    key_share: share(row.violatingKeys, row.keys),
  };
}

function share(violating: number, all: number): number {
  return all === 0 ? 1 : 1 - violating / all;
}

/** A window that begins with a week, of four weeks where nothing is asked for. */
function weeksOf(from: string | undefined, to: string | undefined): Window {
  const end = to === undefined ? new Date() : new Date(to);
  const given = windowOf(from ?? new Date(end.getTime() - COMPLIANCE_DAYS * DAY).toISOString(), end.toISOString());
  const midnight = Math.floor(given.from.getTime() / DAY) * DAY;
  const start = new Date(midnight - ((given.from.getUTCDay() + 6) % 7) * DAY);
  if (end.getTime() - start.getTime() <= MAX_COMPLIANCE_DAYS * DAY) return { from: start, to: end };
  throw invalid([
    problem('invalid', 'query.from', 'too far back', `at most ${MAX_COMPLIANCE_DAYS} days before \`to\``),
  ]);
}

function counts({ name, version, kind, attributes }: ConventionDocument): contract.Conventions['registries'][number] {
  const all = Object.values(attributes);
  const byReason = DEPRECATION_REASONS.map((reason) => [
    reason,
    all.filter(({ deprecated }) => deprecated?.reason === reason).length,
  ]);
  return {
    ...{ name, version, kind },
    attributes: all.length,
    templates: Object.keys(attributes).filter((key) => key.endsWith('.*')).length,
    enums: all.filter(({ values }) => values !== undefined).length,
    deprecated: Object.fromEntries(byReason) as contract.Conventions['registries'][number]['deprecated'],
  };
}
