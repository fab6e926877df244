import { Body, Controller, Delete, Get, Param, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { AGENT_CAN } from '../../../engine/opamp/messages.js';
import { problem } from '../../../engine/problem.js';
import { Inventory } from '../../opamp/inventory.js';
import { labelsIn, Pulls } from '../../opamp/pulls.js';
import { type CollectorFilter, PostgresCollectorStore } from '../../store/collector-store.js';
import type { CollectorRow } from '../../store/entities/collectors.js';
import * as contract from '../contract.js';
import { type CsvColumns, streamCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { decodeCursor, pageOf } from '../paging.js';
import { invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const CSV_ROWS = 1_000;
const CSV_COLUMNS: CsvColumns<contract.Collector> = [
  ['id', (r) => r.id],
  ['kind', (r) => r.kind],
  ['service', (r) => r.labels['service.name'] ?? ''],
  ['host', (r) => r.labels['host.name'] ?? ''],
  ['version', (r) => r.version],
  ['online', (r) => String(r.online)],
  ['status', (r) => r.status],
  ['up_to_date', (r) => String(r.up_to_date)],
  ['healthy', (r) => (r.health === null ? '' : String(r.health.healthy))],
  ['drift', (r) => (r.drift ?? []).map(({ slot, drift }) => `${slot} ${drift}`).join('; ')],
  ['error', (r) => r.error || (r.health?.error ?? '')],
  ['wanted_hash', (r) => r.wanted_hash],
  ['reported_hash', (r) => r.reported_hash],
  ['first_seen', (r) => r.first_seen],
  ['last_seen', (r) => r.last_seen],
];
const isId = (value: unknown): boolean => typeof value === 'string' && value.length <= 200;

/** Collectors that get policies, and what they say of them. */
@Controller('api/v1')
export class CollectorsController {
  constructor(
    private readonly collectors: PostgresCollectorStore,
    private readonly inventory: Inventory,
    private readonly pulls: Pulls,
  ) {}

  @Get('collectors')
  @Operation({
    summary: 'Collectors that get policies, by id',
    query: contract.CollectorQuery,
    answer: contract.CollectorPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.CollectorPage> {
    const { limit, cursor, ...filter } = read(contract.CollectorQuery, query, 'query');
    const after = decodeCursor<{ id: string }>(cursor, { id: isId });
    await this.inventory.flush();
    const rows = await this.collectors.list(TENANT, filterOf(filter), limit + 1, after?.id ?? null);
    return pageOf(rows, limit, show, ({ id }) => ({ id }));
  }

  @Get('collectors.csv')
  @Operation({
    summary: 'All of the same as CSV',
    query: contract.CollectorQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { limit, cursor, ...filter } = read(contract.CollectorQuery, query, 'query');
    await this.inventory.flush();
    await streamCsv(reply, 'collectors.csv', CSV_COLUMNS, this.pages(filterOf(filter)));
  }

  @Get('collectors/:id')
  @Operation({
    summary: 'A collector, with what it said before',
    answer: contract.CollectorDetail,
    errors: { 404: 'there is no such collector' },
  })
  async get(@Param('id') id: string): Promise<contract.CollectorDetail> {
    await this.inventory.flush();
    const row = isId(id) ? await this.collectors.get(TENANT, id) : null;
    if (row === null) throw notFound('collector');
    return {
      ...show(row),
      history: row.history.map(({ at, ...rest }) => ({ ...rest, at: new Date(at).toISOString() })).reverse(),
      failed_hashes: [...row.failedHashes],
      components: row.components === null ? null : [...row.components],
    };
  }

  @Delete('collectors/:id')
  @Operation({
    summary: 'Forgets a collector, and what it could not take; one that is there comes back when it speaks',
    status: 204,
    errors: { 404: 'there is no such collector' },
  })
  async remove(@Param('id') id: string): Promise<void> {
    await this.inventory.flush();
    this.inventory.forget(id);
    if (!isId(id) || !(await this.collectors.remove(TENANT, id))) throw notFound('collector');
  }

  @Put('collectors/:id/status')
  @Operation({
    summary: 'Says what became of policies that a collector pulled',
    body: contract.CollectorStatusBody,
    status: 204,
    access: 'collector',
    errors: { 400: 'the id or a field of the body is not valid' },
  })
  async report(@Param('id') id: string, @Body() body: unknown): Promise<void> {
    const { labels, interval_seconds, ...report } = read(contract.CollectorStatusBody, body, 'body');
    if (!this.pulls.isStorable(id)) {
      const allowed = 'at most 200 letters, digits and ._:-, which no detector finds anything in';
      throw invalid([problem('invalid', 'path.id', 'not valid', allowed)]);
    }
    await this.pulls.reported({ id, ...report, labels: Object.entries(labels), intervalSeconds: interval_seconds });
  }

  private async *pages(filter: CollectorFilter): AsyncGenerator<contract.Collector[]> {
    let after: string | null = null;
    for (;;) {
      const rows: CollectorRow[] = await this.collectors.list(TENANT, filter, CSV_ROWS, after);
      if (rows.length === 0) return;
      yield rows.map(show);
      after = rows.at(-1)!.id;
    }
  }
}

function filterOf({
  label,
  status,
  kind,
  online,
  drifted,
  healthy,
}: Omit<z.infer<typeof contract.CollectorQuery>, 'limit' | 'cursor'>): CollectorFilter {
  return { labels: Object.fromEntries(labelsIn(label)), status, kind, online, drifted, healthy };
}

/** By its own word, or where it gives none by the configuration that it shows. */
function isUpToDate({ wantedHash, reportedHash, configStatus, drift }: CollectorRow): boolean {
  if (wantedHash === '') return true;
  if (configStatus === 'unset') return drift?.length === 0;
  return configStatus === 'applied' && wantedHash === reportedHash;
}

function show(row: CollectorRow): contract.Collector {
  const { id, kind, labels, policySet, version, health, wantedHash, reportedHash } = row;
  return {
    ...{ id, kind, labels: { ...labels }, policy_set: policySet, version },
    transport: row.transport as contract.Collector['transport'],
    online: row.offlineSince === null,
    status: row.configStatus,
    up_to_date: isUpToDate(row),
    wanted_hash: wantedHash,
    reported_hash: reportedHash,
    error: row.configError,
    status_at: row.configStatusAt?.toISOString() ?? null,
    health: health === null ? null : { ...health, at: new Date(health.at).toISOString() },
    drift: row.drift === null ? null : [...row.drift],
    takes_configuration: (row.capabilities & AGENT_CAN.acceptRemoteConfig) !== 0,
    first_seen: row.firstSeen.toISOString(),
    last_seen: row.lastSeen.toISOString(),
    offline_since: row.offlineSince?.toISOString() ?? null,
  };
}
