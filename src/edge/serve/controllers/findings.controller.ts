import { Body, Controller, Get, Headers, Inject, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Config } from '../../../config.js';
import { estimateOccurrences, type OccurrenceEstimate } from '../../../engine/cost/occurrence-estimate.js';
import { ocsfEvent } from '../../../engine/export/ocsf.js';
import { sarifLog } from '../../../engine/export/sarif.js';
import { codePlaceOf } from '../../../engine/model/code-place.js';
import type { FindingChange } from '../../../engine/model/finding-state.js';
import type { Location } from '../../../engine/model/location.js';
import { problem } from '../../../engine/problem.js';
import { servicesOf, teamsByService } from '../../../flow/costs.js';
import { addDetails } from '../../audit/request-note.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { linkOf } from '../../links.js';
import type { FindingEvent } from '../../store/entities/index.js';
import { PostgresFindingHistory } from '../../store/finding-history.js';
import {
  type FindingCursor,
  type FindingFilter,
  type FindingNow,
  PostgresFindingStore,
} from '../../store/finding-store.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG, PROCESS, type ProcessInfo } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { FindingChangeReader } from '../finding-change.js';
import { FindingsShown } from '../findings-shown.js';
import { type CsvColumns, streamCsv, streamJsonLines } from '../list-page.js';
import { Operation } from '../operation.js';
import { decodeCursor, isCount, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

/** GitHub takes 25,000 and shows 5,000. */
const MAX_SARIF = 5_000;
const HOURS_SHOWN = 14 * 24;

const isNumber = (value: unknown): boolean => typeof value === 'string' && /^-?\d{1,15}$/.test(value);
const SORT_VALUES = { '-last_seen': isTime, severity: isNumber, '-occurrences': isNumber };

type FilterFields = Omit<z.infer<typeof contract.FindingExportQuery>, 'sort'>;

/** Columns of the list as CSV, in their order. */
const CSV_COLUMNS: CsvColumns<contract.Finding> = [
  ['id', (f) => f.id],
  ['state', (f) => f.state],
  ['substate', (f) => f.substate],
  ['resolution', (f) => f.resolution],
  ['severity', (f) => f.severity],
  ['detector_severity', (f) => f.detector_severity],
  ['confidence', (f) => f.confidence],
  ['kind', (f) => f.kind],
  ['family', (f) => f.detector.family],
  ['detector', (f) => f.detector.id],
  ['detector_name', (f) => f.detector.name],
  ['service', (f) => f.service],
  ['environment', (f) => f.environment],
  ['team', (f) => f.team],
  ['location', (f) => f.location],
  ['key', (f) => f.key],
  ['component', (f) => f.component],
  ['mask', (f) => f.mask],
  ['occurrences', (f) => f.occurrences],
  ['estimated', (f) => rounded(f.estimated?.value)],
  ['estimated_low', (f) => rounded(f.estimated?.low)],
  ['estimated_high', (f) => rounded(f.estimated?.high)],
  ['first_seen', (f) => f.first_seen],
  ['last_seen', (f) => f.last_seen],
  ['resolved_at', (f) => f.resolved_at],
  ['expires_at', (f) => f.expires_at],
];

@Controller('api/v1')
export class FindingsController {
  constructor(
    private readonly findings: PostgresFindingStore,
    private readonly history: PostgresFindingHistory,
    private readonly changes: FindingChangeReader,
    private readonly usage: PostgresUsageStore,
    private readonly policies: PostgresPolicyStore,
    private readonly queue: JobQueue,
    private readonly shown: FindingsShown,
    @Inject(PROCESS) private readonly process: ProcessInfo,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('findings')
  @Operation({
    audit: 'reads',
    summary: 'Findings',
    query: contract.FindingQuery,
    answer: contract.FindingPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.FindingPage> {
    const { limit, cursor, sort, ...fields } = read(contract.FindingQuery, query, 'query');
    const after = decodeCursor<FindingCursor>(cursor, { value: SORT_VALUES[sort], lastSeen: isTime, id: isUuid });
    const teams = await teamsByService(TENANT, this.usage);
    const rows = await this.findings.list(TENANT, this.filter(fields, teams), sort, limit + 1, after);
    const estimateOf = await this.estimates(rows);
    return pageOf(
      rows,
      limit,
      (row) => this.shown.show(row, teams, estimateOf(row)),
      (last) => ({ ...this.findings.cursorAfter(last, sort) }),
    );
  }

  @Get('findings.ocsf.jsonl')
  @Operation({
    audit: 'reads',
    summary: 'The same as OCSF events, one a line: Data Security Finding (2006), Compliance Finding (2003)',
    query: contract.FindingExportQuery,
    answer: 'application/jsonl',
    errors: { 400: 'a field of the query is not valid' },
  })
  async ocsf(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { sort, ...fields } = read(contract.FindingExportQuery, query, 'query');
    const teams = await teamsByService(TENANT, this.usage);
    const pages = this.findings.pages(TENANT, this.filter(fields, teams), sort);
    const event = (row: FindingNow) => ocsfEvent(this.shown.exported(row, teams), this.process.version);
    async function* events() {
      for await (const rows of pages) yield rows.map(event);
    }
    await streamJsonLines(reply, 'findings.ocsf.jsonl', events());
  }

  @Get('findings.sarif')
  @Operation({
    summary: 'Those whose spans say where in code they were made, as SARIF 2.1.0, at most 5,000',
    query: contract.FindingSarifQuery,
    answer: 'application/sarif+json',
    errors: { 400: 'a field of the query is not valid' },
  })
  async sarif(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { sort, source_root: root, ...fields } = read(contract.FindingSarifQuery, query, 'query');
    const teams = await teamsByService(TENANT, this.usage);
    const filter = { ...this.filter(fields, teams), isLocated: true };
    const rows = await this.findings.list(TENANT, filter, sort, MAX_SARIF, null);
    const located = rows.map((row) => {
      const link = linkOf(this.config, `/ui/findings/${row.id}`);
      return { ...this.shown.exported(row, teams), code: row.code.map(codePlaceOf), link };
    });
    const log = sarifLog(located, this.process.version, root === '' || root.endsWith('/') ? root : `${root}/`);
    reply
      .header('content-disposition', 'attachment; filename="findings.sarif"')
      .header('x-content-type-options', 'nosniff');
    await reply.type('application/sarif+json; charset=utf-8').send(JSON.stringify(log));
  }

  @Get('findings.csv')
  @Operation({
    audit: 'reads',
    summary:
      'The same as CSV, all of them; text that a spreadsheet could take for a formula has an apostrophe before it',
    query: contract.FindingExportQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { sort, ...fields } = read(contract.FindingExportQuery, query, 'query');
    const teams = await teamsByService(TENANT, this.usage);
    const pages = this.findings.pages(TENANT, this.filter(fields, teams), sort);
    const showAll = async (rows: readonly FindingNow[]): Promise<contract.Finding[]> => {
      const estimateOf = await this.estimates(rows);
      return rows.map((row) => this.shown.show(row, teams, estimateOf(row)));
    };
    async function* shown(): AsyncGenerator<contract.Finding[]> {
      for await (const rows of pages) yield await showAll(rows);
    }
    await streamCsv(reply, 'findings.csv', CSV_COLUMNS, shown());
  }

  @Post('findings/bulk')
  @Operation({
    summary: 'Changes the state of findings, of all that are named or of none',
    body: contract.FindingBulkBody,
    answer: contract.FindingBulkResult,
    errors: { 400: 'a field is not valid, or there is no finding of an id' },
  })
  async changeMany(@Body() body: unknown, @Req() request: FastifyRequest): Promise<contract.FindingBulkResult> {
    const { fields, change } = this.changes.read(contract.FindingBulkBody, body);
    const result = await this.history.change(TENANT, [...new Set(fields.ids)], change, actorOf(request), null);
    if (result === 'stale') throw stale();
    if ('unknown' in result) {
      const unknown = new Set(result.unknown);
      const at = fields.ids.flatMap((id, i) => (unknown.has(id) ? [i] : []));
      throw invalid(at.map((i) => problem('unknown', `body.ids.${i}`, 'no such finding', 'ids of findings')));
    }
    const changed = result.filter(({ isChanged }) => isChanged).length;
    addDetails(request, { ...decisionOf(change), ids: result.map(({ id }) => id), changed });
    this.suggestAnew(change);
    return { data: result.map(({ id, version, isChanged }) => ({ id, version, changed: isChanged })) };
  }

  @Get('findings/:id')
  @Operation({
    audit: 'reads',
    summary: 'One finding',
    answer: contract.FindingDetail,
    errors: { 404: 'there is no such finding' },
  })
  async get(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<contract.FindingDetail> {
    const row = await this.find(id);
    const [teams, estimateOf, hours, policies] = await Promise.all([
      teamsByService(TENANT, this.usage),
      this.estimates([row]),
      this.findings.hours(TENANT, id, HOURS_SHOWN),
      this.policies.list(TENANT, undefined, 200, null),
    ]);
    reply.header('etag', `"${row.version}"`);
    return {
      ...this.shown.show(row, teams, estimateOf(row)),
      references: [...(this.shown.text(row.detector)?.references ?? [])],
      fingerprints: row.fingerprints,
      hours: hours.map(({ hour, occurrences }) => ({ hour: hour.toISOString(), occurrences })),
      policies: policies
        .filter((policy) => policy.body.findings.includes(id))
        .map(({ id: policyId, version, state, body }) => ({ id: policyId, version, state, title: body.title })),
    };
  }

  @Patch('findings/:id')
  @Operation({
    summary: 'Changes the state of a finding, or comments on it; both are kept in its history',
    body: contract.FindingChangeBody,
    answer: contract.Finding,
    errors: {
      400: 'a field is not valid',
      404: 'there is no such finding',
      409: 'the finding changed since the version that If-Match or `version` names',
    },
  })
  async change(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.Finding> {
    if (!isUuid(id)) throw notFound('finding');
    const { fields, change } = this.changes.read(contract.FindingChangeBody, body);
    const version = ifMatch === undefined ? (fields.version ?? null) : versionOf(ifMatch);
    const result = await this.history.change(TENANT, [id], change, actorOf(request), version);
    if (result === 'stale') throw stale();
    if ('unknown' in result) throw notFound('finding');
    addDetails(request, { ...decisionOf(change), version: result[0]!.version });
    this.suggestAnew(change);
    const [row, teams] = await Promise.all([this.find(id), teamsByService(TENANT, this.usage)]);
    const estimateOf = await this.estimates([row]);
    reply.header('etag', `"${row.version}"`);
    return this.shown.show(row, teams, estimateOf(row));
  }

  @Get('findings/:id/events')
  @Operation({
    audit: 'reads',
    summary: 'The history of a finding, latest first',
    query: contract.FindingEventQuery,
    answer: contract.FindingEventPage,
    errors: { 400: 'a field of the query is not valid', 404: 'there is no such finding' },
  })
  async events(@Param('id') id: string, @Query() query: unknown): Promise<contract.FindingEventPage> {
    const { limit, cursor } = read(contract.FindingEventQuery, query, 'query');
    const after = decodeCursor<{ before: number }>(cursor, { before: isCount });
    await this.find(id);
    const rows = await this.history.events(TENANT, id, limit + 1, after?.before ?? null);
    return pageOf(rows, limit, showEvent, (last) => ({ before: last.version }));
  }

  private async find(id: string): Promise<FindingNow> {
    const row = isUuid(id) ? await this.findings.get(TENANT, id) : null;
    if (row === null) throw notFound('finding');
    return row;
  }

  /** Policies are suggested for what is not resolved. Without the queue they follow later, by schedule. */
  private suggestAnew({ state }: FindingChange): void {
    if (state !== undefined) this.queue.add('suggest', { tenant: TENANT }, 'suggest default').catch(() => {});
  }

  /** Teams and names of detectors are not in the table of findings: they are turned into what is. */
  private filter({ team, q, seen_after, ...rest }: FilterFields, teams: ReadonlyMap<string, string>): FindingFilter {
    const part = q?.toLowerCase() ?? '';
    const named = this.shown.all().filter(([id, { name }]) => `${id} ${name}`.toLowerCase().includes(part));
    return {
      ...rest,
      ...(team !== undefined && { services: servicesOf(team, teams) }),
      ...(q !== undefined && { text: { inKey: q, detectors: named.map(([id]) => id) } }),
      ...(seen_after !== undefined && { seenAfter: Date.parse(seen_after) }),
    };
  }

  /** How often findings occurred in all spans, those included that a sampler dropped. */
  private async estimates(rows: readonly FindingNow[]): Promise<(row: FindingNow) => OccurrenceEstimate | null> {
    const [seen, ratios] = await Promise.all([
      this.findings.usage(
        TENANT,
        rows.map(({ id }) => id),
      ),
      this.usage.samplingRatios(TENANT),
    ]);
    return ({ id, service, location }) =>
      estimateOccurrences(seen.get(id), location as Location, ratios.get(service) ?? ratios.get('') ?? null);
  }
}

function showEvent({ version, at, actor, action, state, resolution, expiresAt, comment }: FindingEvent) {
  const times = { at: at.toISOString(), expires_at: expiresAt?.toISOString() ?? null };
  return { version, actor, action, state, resolution, comment, ...times };
}

/** What was decided, for the audit log; the comment is in the history of the finding. */
function decisionOf({ state, resolution, comment }: FindingChange) {
  const isCommented = comment !== undefined && comment !== '';
  return { state: state ?? null, resolution: resolution ?? null, commented: isCommented };
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}

function actorOf(request: FastifyRequest): string {
  return authorOf(request);
}

/** Null for any version; what is none is the version of no finding. */
function versionOf(ifMatch: string): number | null {
  return ifMatch.trim() === '*' ? null : Number(/^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch.trim())?.[1] ?? 0);
}

function stale(): ApiError {
  return new ApiError(409, 'stale', 'finding: changed since you read it; read it again and decide on that');
}
