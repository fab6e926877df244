import { Controller, Get, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AuditVerifier, type Verification } from '../../audit/audit-verifier.js';
import { breakText } from '../../audit/break-text.js';
import type { HashedEvent } from '../../audit/chain-check.js';
import { type AuditFilter, PostgresAuditStore } from '../../store/audit-store.js';
import * as contract from '../contract.js';
import { type CsvColumns, streamCsv, streamJsonLines } from '../list-page.js';
import { Operation } from '../operation.js';
import { decodeCursor, isCount, pageOf } from '../paging.js';
import { notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const CSV_COLUMNS: CsvColumns<contract.AuditEvent> = [
  ['seq', (e) => e.seq],
  ['at', (e) => e.at],
  ['actor', (e) => e.actor],
  ['action', (e) => e.action],
  ['object', (e) => e.object],
  ['outcome', (e) => e.outcome],
  ['details', (e) => JSON.stringify(e.details)],
  ['prev_hash', (e) => e.prev_hash],
  ['hash', (e) => e.hash],
];
const BAD_QUERY = { 400: 'a field of the query is not valid' };

@Controller('api/v1')
export class AuditController {
  constructor(
    private readonly events: PostgresAuditStore,
    private readonly verifier: AuditVerifier,
  ) {}

  @Get('audit')
  @Operation({
    summary: 'Who did what, latest first',
    query: contract.AuditQuery,
    answer: contract.AuditPage,
    access: 'admin',
    errors: BAD_QUERY,
  })
  async list(@Query() query: unknown): Promise<contract.AuditPage> {
    const { limit, cursor, ...filter } = read(contract.AuditQuery, query, 'query');
    const after = decodeCursor<{ before: number }>(cursor, { before: isCount });
    const rows = await this.events.list(TENANT, filter, limit + 1, after?.before ?? null);
    return pageOf(rows, limit, show, ({ seq }) => ({ before: seq }));
  }

  @Get('audit.csv')
  @Operation({
    summary: 'The same as CSV, all of it, oldest first',
    query: contract.AuditExportQuery,
    answer: 'text/csv',
    access: 'admin',
    audit: 'reads',
    errors: BAD_QUERY,
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    await streamCsv(reply, 'audit.csv', CSV_COLUMNS, this.pages(read(contract.AuditExportQuery, query, 'query')));
  }

  @Get('audit.jsonl')
  @Operation({
    summary: 'The same as JSON lines, oldest first; without filters `spanwarden audit verify --file` can verify it',
    query: contract.AuditExportQuery,
    answer: 'application/jsonl',
    access: 'admin',
    audit: 'reads',
    errors: BAD_QUERY,
  })
  async jsonLines(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    await streamJsonLines(reply, 'audit.jsonl', this.pages(read(contract.AuditExportQuery, query, 'query')));
  }

  @Get('audit/verify')
  @Operation({
    summary: 'Verifies the whole log, and says where it is broken first',
    query: contract.AuditVerifyQuery,
    answer: contract.AuditVerification,
    access: 'admin',
    audit: 'reads',
    errors: BAD_QUERY,
  })
  async verify(@Query() query: unknown): Promise<contract.AuditVerification> {
    const { seq, hash } = read(contract.AuditVerifyQuery, query, 'query');
    const marks = seq === undefined || hash === undefined ? [] : [[seq, hash] as const];
    return showVerification(await this.verifier.verify(TENANT, marks));
  }

  @Get('audit/checkpoint')
  @Operation({
    summary: 'The last event of the log, signed; kept elsewhere, it shows later that nothing was cut off',
    answer: contract.AuditCheckpoint,
    errors: { 404: 'nothing is recorded yet' },
  })
  async checkpoint(): Promise<contract.AuditCheckpoint> {
    const checkpoint = await this.verifier.checkpoint(TENANT);
    if (checkpoint === null) throw notFound('checkpoint');
    return { ...checkpoint, verified_at: await this.verifier.verifiedAt(TENANT) };
  }

  private async *pages(filter: AuditFilter): AsyncGenerator<contract.AuditEvent[]> {
    for await (const events of this.events.pages(TENANT, filter)) yield events.map(show);
  }
}

function show({ tenant, prevHash, details, ...event }: HashedEvent): contract.AuditEvent {
  void tenant;
  const copied = Object.entries(details).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]);
  return { ...event, details: Object.fromEntries(copied), prev_hash: prevHash };
}

function showVerification({ events, checkpoints, head, break: broken, checkedAt }: Verification) {
  return {
    intact: broken === null,
    ...{ events, checkpoints, head },
    checked_at: checkedAt.toISOString(),
    break: broken === null ? null : { ...broken, what: breakText(broken) },
  };
}
