import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { REPORT_FORMATS, type ReportFormatName } from '../../../engine/report/formats/index.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { ReportRow } from '../../store/entities/index.js';
import { PostgresReportStore } from '../../store/report-store.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { ApiError, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';
import { periodOf, windowOf } from '../window.js';

interface ReportCursor {
  readonly createdAt: string;
  readonly id: string;
}

const FORMAT_NAMES = Object.keys(REPORT_FORMATS) as ReportFormatName[];

@Controller('api/v1/reports')
export class ReportsController {
  constructor(
    private readonly reports: PostgresReportStore,
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
    const { limit, cursor } = read(contract.ReportQuery, query, 'query');
    const after = decodeCursor<ReportCursor>(cursor, { createdAt: isTime, id: isUuid });
    const rows = await this.reports.list(TENANT, limit + 1, after);
    return pageOf(rows, limit, show, (last) => ({ createdAt: last.createdAt.toISOString(), id: last.id }));
  }

  @Post()
  @Operation({
    summary: 'Asks for a report of a window; it is ready when its state says so',
    body: contract.ReportBody,
    status: 202,
    answer: contract.ReportSummary,
    errors: { 400: 'the window is not valid' },
  })
  async create(
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<contract.ReportSummary> {
    const { from, to } = read(contract.ReportBody, body, 'body');
    const id = randomUUID();
    await this.reports.begin(TENANT, id, 'on-demand', windowOf(from, to));
    await this.queue.add('report', { tenant: TENANT, id });
    reply.header('location', `/api/v1/reports/${id}`);
    return show((await this.reports.get(TENANT, id))!);
  }

  @Get(':id')
  @Operation({
    summary: 'One report: its state, or with an ending (`.md`, `.html`, `.json`) the report itself',
    answer: contract.ReportSummary,
    errors: { 404: 'there is no such report, or no such format', 409: 'the report is not ready' },
  })
  async get(@Param('id') name: string, @Res() reply: FastifyReply): Promise<void> {
    const [id, ending] = name.split('.', 2) as [string, string | undefined];
    const row = isUuid(id) ? await this.reports.get(TENANT, id) : null;
    if (row === null) throw notFound('report');
    if (ending === undefined) await reply.type('application/json').send(JSON.stringify(show(row)));
    else await this.send(row, ending, reply);
  }

  private async send(row: ReportRow, ending: string, reply: FastifyReply): Promise<void> {
    const name = FORMAT_NAMES.find((format) => format === ending);
    if (name === undefined) throw notFound(`report format (there are ${FORMAT_NAMES.join(', ')})`);
    if (row.content === null) {
      const again = { 'retry-after': '2' };
      throw new ApiError(409, 'not-ready', `report: ${row.state}; ask again when its state is ready`, [], again);
    }
    const { mediaType, render } = REPORT_FORMATS[name];
    reply
      .header('etag', `"${row.contentHash}-${name}"`)
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    await reply.type(mediaType).send(render(row.content));
  }
}

function show(row: ReportRow): contract.ReportSummary {
  return {
    id: row.id,
    edition: row.edition as contract.ReportSummary['edition'],
    period: periodOf({ from: row.periodStart, to: row.periodEnd }),
    state: row.state,
    created_at: row.createdAt.toISOString(),
    content_hash: row.contentHash ?? null,
    error: row.error ?? null,
    formats: Object.fromEntries(FORMAT_NAMES.map((format) => [format, `/api/v1/reports/${row.id}.${format}`])),
  };
}
