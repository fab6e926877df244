import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../../config.js';
import { problem } from '../../../engine/problem.js';
import { type ReportTable, renderCsv } from '../../../engine/report/formats/csv.js';
import { teamsByService } from '../../../flow/costs.js';
import type { Window } from '../../../flow/ports.js';
import { addDetails, recordRead } from '../../audit/request-note.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { lastPeriod } from '../../jobs/periods.js';
import { FORMATS, fileNameOf } from '../../report/render.js';
import type { ReportRow } from '../../store/entities/index.js';
import { PostgresReportStore } from '../../store/report-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { CONFIG } from '../../tokens.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { periodOf, windowOf } from '../window.js';

interface ReportCursor {
  readonly createdAt: string;
  readonly id: string;
}

const FORMAT_NAMES = Object.keys(FORMATS);

@Controller('api/v1/reports')
export class ReportsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly reports: PostgresReportStore,
    private readonly usage: PostgresUsageStore,
    private readonly queue: JobQueue,
  ) {}

  @Get()
  @Operation({
    summary: 'Reports, newest first',
    query: contract.ReportQuery,
    answer: contract.ReportPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.ReportPage> {
    const { limit, cursor, ...filter } = read(contract.ReportQuery, query, 'query');
    const after = decodeCursor<ReportCursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.reports.list(TENANT, filter, limit + 1, after);
    return pageOf(rows, limit, show, (last) => ({ createdAt: last.createdAt.toISOString(), id: last.id }));
  }

  @Post()
  @Operation({
    summary: 'Asks for a report of a window; it is ready when its state says so',
    body: contract.ReportBody,
    status: 202,
    answer: contract.ReportSummary,
    errors: { 400: 'the window is not valid, or the team owns no service' },
  })
  async create(
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<contract.ReportSummary> {
    const { edition, audience, team, time_zone, from, to } = read(contract.ReportBody, body, 'body');
    const timeZone = time_zone ?? this.config.timeZone;
    const isLast = edition !== 'on-demand' && from === undefined && to === undefined;
    const window: Window = isLast ? lastPeriod(edition, new Date(), timeZone) : windowOf(from, to);
    if (team !== null && ![...(await teamsByService(TENANT, this.usage)).values()].includes(team)) {
      throw invalid([problem('invalid', 'body.team', 'owns no service', 'a team of /api/v1/owners, or null')]);
    }
    const id = randomUUID();
    await this.reports.begin(TENANT, id, { edition, audience, team: team ?? '', timeZone, window });
    await this.queue.add('report', { tenant: TENANT, id });
    reply.header('location', `/api/v1/reports/${id}`);
    return show((await this.reports.get(TENANT, id))!);
  }

  @Get(':id')
  @Operation({
    audit: 'handler',
    summary:
      'One report: its state, or by an ending (`.md`, `.html`, `.pdf`, `.csv`, `.json`), `format` or Accept the report itself',
    query: contract.ReportFormatQuery,
    answer: contract.ReportSummary,
    errors: {
      400: 'a field of the query is not valid',
      404: 'there is no such report, or no such format',
      409: 'the report is not ready',
    },
  })
  async get(
    @Param('id') name: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Headers('accept') accept?: string,
  ): Promise<void> {
    const { format, table } = read(contract.ReportFormatQuery, query, 'query');
    const [id, ending] = name.split('.', 2) as [string, string | undefined];
    const row = isUuid(id) ? await this.reports.get(TENANT, id) : null;
    if (row === null) throw notFound('report');
    const wanted = ending ?? format ?? accepted(accept);
    if (wanted === undefined) {
      await reply.type('application/json').send(JSON.stringify(show(row)));
      return;
    }
    // All editions have findings in them, of a team or of all.
    addDetails(request, { audience: row.audience, format: wanted });
    recordRead(request);
    await this.send(row, wanted, table, reply);
  }

  private async send(row: ReportRow, name: string, table: ReportTable | undefined, reply: FastifyReply): Promise<void> {
    const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
    if (format === undefined) throw notFound(`report format (there are ${FORMAT_NAMES.join(', ')})`);
    if (row.content === null) {
      const again = { 'retry-after': '2' };
      throw new ApiError(409, 'not-ready', `report: ${row.state}; ask again when its state is ready`, [], again);
    }
    const hash = row.contentHash!;
    const body = name === 'csv' ? renderCsv(row.content, hash, table) : await format.render(row.content, hash);
    reply
      .header('vary', 'accept')
      .header('etag', `"${hash}-${name}${table === undefined ? '' : `-${table}`}"`)
      .header('content-disposition', `inline; filename="${fileNameOf(row.content, hash, name)}"`)
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    await reply.type(format.mediaType).send(body);
  }
}

/** The first format that an Accept header names; JSON, which is the state of the report, is none of them. */
function accepted(accept: string | undefined): string | undefined {
  const types = (accept ?? '').split(',').map((part) => part.split(';')[0]!.trim().toLowerCase());
  const named = types.find((type) => type !== '*/*' && type !== '');
  return FORMAT_NAMES.find((name) => name !== 'json' && FORMATS[name]!.mediaType.split(';')[0] === named);
}

function show(row: ReportRow): contract.ReportSummary {
  const isEmpty = row.content !== null && row.content !== undefined && row.content.usage.spans.now === 0;
  return {
    id: row.id,
    edition: row.edition,
    audience: row.audience,
    team: row.team === '' ? null : row.team,
    time_zone: row.timeZone,
    period: periodOf({ from: row.periodStart, to: row.periodEnd }),
    state: row.state,
    note: isEmpty ? row.content!.limits[0]! : null,
    created_at: row.createdAt.toISOString(),
    content_hash: row.contentHash ?? null,
    error: row.error ?? null,
    formats: Object.fromEntries(FORMAT_NAMES.map((format) => [format, `/api/v1/reports/${row.id}.${format}`])),
  };
}
