import { Body, Controller, Delete, Get, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseAllDocuments } from 'yaml';
import { readBackstage, type StatedOwners } from '../../../engine/cost/backstage.js';
import { readCodeowners } from '../../../engine/cost/codeowners.js';
import { type AssignedSource, EVER, type Owner, type Ownership } from '../../../engine/cost/ownership.js';
import { type Problem, problem } from '../../../engine/problem.js';
import { ownershipOf } from '../../../flow/costs.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { type CsvColumns, sendCsv } from '../list-page.js';
import { Operation } from '../operation.js';
import { decodeCursor, encodeCursor, isCount } from '../paging.js';
import { ApiError, invalid, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const HOUR = 3_600_000;
/** Services of one import. */
const MAX_OWNERS = 10_000;
const CSV_COLUMNS: CsvColumns<contract.Owner> = [
  ['service', (r) => r.service],
  ['team', (r) => r.team],
  ['source', (r) => r.source],
  ['confidence', (r) => r.confidence],
  ['valid_from', (r) => r.valid_from],
  ['valid_to', (r) => r.valid_to],
];
const IMPORT_ERRORS = {
  400: 'the body or a field of the query is not valid',
  422: 'the file cannot be taken, and nothing of it is; `errors` has every problem',
};

/** Which team owns which service, how that is known, and since when. */
@Controller('api/v1')
export class OwnersController {
  constructor(private readonly usage: PostgresUsageStore) {}

  @Get('owners')
  @Operation({
    summary: 'Services and the teams that own them, with the source and its dates',
    query: contract.OwnerQuery,
    answer: contract.OwnerList,
    errors: { 400: 'a field of the query is not valid' },
  })
  async owners(@Query() query: unknown): Promise<contract.OwnerList> {
    const { limit, cursor } = read(contract.OwnerQuery, query, 'query');
    const skip = decodeCursor<{ skip: number }>(cursor, { skip: isCount })?.skip ?? 0;
    const rows = await this.list(query);
    const next = rows.length > skip + limit ? encodeCursor({ skip: skip + limit }) : null;
    return { data: rows.slice(skip, skip + limit), next_cursor: next };
  }

  @Get('owners.csv')
  @Operation({
    summary: 'All of the same as CSV',
    query: contract.OwnerQuery,
    answer: 'text/csv',
    errors: { 400: 'a field of the query is not valid' },
  })
  async csv(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    await sendCsv(reply, 'owners.csv', CSV_COLUMNS, await this.list(query));
  }

  @Put('owners/:service')
  @Operation({
    summary: 'Says which team owns a service, from a time on',
    body: contract.OwnerBody,
    answer: contract.Owner,
    errors: { 400: 'a field of the body is not valid' },
  })
  async setOwner(@Param('service') service: string, @Body() body: unknown, @Req() request: FastifyRequest) {
    const { team, valid_from } = read(contract.OwnerBody, body, 'body');
    await this.assign('mapping', [{ service, team }], valid_from, authorOf(request));
    const at = new Date(Math.max(Date.now(), Date.parse(valid_from ?? '') || 0));
    return show(service, (await this.ownership()).ownerOf(service, at));
  }

  @Delete('owners/:service')
  @Operation({
    summary: 'From a time on, a source does not say any more which team owns a service; what was before stays',
    query: contract.OwnerRemoval,
    status: 204,
    errors: { 400: 'a field of the query is not valid', 404: 'the source does not say who owns the service' },
  })
  async removeOwner(@Param('service') service: string, @Query() query: unknown, @Req() request: FastifyRequest) {
    const { source, valid_from } = read(contract.OwnerRemoval, query, 'query');
    const validFrom = valid_from === undefined ? thisHour() : new Date(valid_from);
    const at = valid_from === undefined ? new Date() : validFrom;
    if ((await this.ownership()).teamBy(source, service, at) === null) throw notFound('owner');
    await this.usage.assign(TENANT, [{ service, source, team: null, validFrom }], authorOf(request));
  }

  @Post('owners/backstage')
  @Operation({
    summary: 'Takes owners from a Backstage catalogue: the text of catalog-info.yaml, in as many documents as you like',
    query: contract.OwnerImportQuery,
    body: contract.BackstageCatalog,
    answer: contract.OwnerImport,
    yaml: true,
    errors: IMPORT_ERRORS,
  })
  async backstage(@Body() body: unknown, @Query() query: unknown, @Req() request: FastifyRequest) {
    const { valid_from } = read(contract.OwnerImportQuery, query, 'query');
    return this.take('backstage', readCatalog(body), valid_from, authorOf(request));
  }

  @Post('owners/codeowners')
  @Operation({
    summary: 'Takes owners from CODEOWNERS, for services whose place in the repository is given',
    body: contract.CodeownersBody,
    answer: contract.OwnerImport,
    errors: IMPORT_ERRORS,
  })
  async codeowners(@Body() body: unknown, @Req() request: FastifyRequest) {
    const { codeowners, services, valid_from } = read(contract.CodeownersBody, body, 'body');
    return this.take('codeowners', readCodeowners(codeowners, services), valid_from, authorOf(request));
  }

  private ownership(): Promise<Ownership> {
    return ownershipOf(TENANT, this.usage);
  }

  private async list(query: unknown): Promise<contract.Owner[]> {
    const { at, team, source } = read(contract.OwnerQuery, query, 'query');
    const ownership = await this.ownership();
    const when = at === undefined ? new Date() : new Date(at);
    return ownership.services
      .map((service) => show(service, ownership.ownerOf(service, when)))
      .filter((row) => (team === undefined || row.team === team) && (source === undefined || row.source === source));
  }

  private async take(
    source: AssignedSource,
    { owners, problems, skipped }: StatedOwners,
    validFrom: string | undefined,
    author: string,
  ): Promise<contract.OwnerImport> {
    const all = [...problems];
    if (owners.length > MAX_OWNERS) all.push(problem('too-many', 'body', 'too many services', `at most ${MAX_OWNERS}`));
    if (all.length > 0) throw new ApiError(422, 'invalid-owners', 'the owners cannot be taken', all);
    const assigned = await this.assign(source, owners, validFrom, author);
    return {
      assigned: assigned.map((row) => ({ service: row.service, team: row.team!, valid_from: timeOf(row.validFrom) })),
      unchanged: owners.length - assigned.length,
      skipped,
    };
  }

  /** Stores what is new in what is said. */
  private async assign(
    source: AssignedSource,
    owners: StatedOwners['owners'],
    validFrom: string | undefined,
    author: string,
  ) {
    const ownership = await this.ownership();
    const [now, hour] = [new Date(), thisHour()];
    const rows = owners
      .filter(({ service, team }) => validFrom !== undefined || ownership.teamBy(source, service, now) !== team)
      .map(({ service, team }) => {
        const start = validFrom === undefined ? ownership.startOf(service, hour) : new Date(validFrom);
        return { service, source, team, validFrom: start };
      });
    await this.usage.assign(TENANT, rows, author);
    return rows;
  }
}

/** The documents of a catalogue. Nothing of the parser's own messages is told: they quote the text. */
function readCatalog(body: unknown): StatedOwners {
  if (typeof body !== 'string') {
    throw invalid([problem('invalid', 'body', 'not YAML', 'the text of catalog-info.yaml as application/yaml')]);
  }
  const problems: Problem[] = [];
  const documents = [...parseAllDocuments(body, { logLevel: 'silent', prettyErrors: true })].map((document, i) => {
    const error = document.errors[0];
    if (error === undefined) {
      try {
        return document.toJS({ maxAliasCount: 100 }) as unknown;
      } catch {
        problems.push(problem('yaml', `document ${i + 1}`, 'has too many aliases', 'at most 100'));
        return null;
      }
    }
    const line = error.linePos?.[0].line;
    problems.push(problem('yaml', `document ${i + 1}: line ${line ?? '?'}`, 'not YAML', 'YAML 1.2'));
    return null;
  });
  const stated = readBackstage(documents);
  return { ...stated, problems: [...problems, ...stated.problems] };
}

function thisHour(): Date {
  return new Date(Math.floor(Date.now() / HOUR) * HOUR);
}

function timeOf(time: Date): string | null {
  return time.getTime() === EVER.getTime() ? null : time.toISOString();
}

function show(service: string, { team, source, confidence, validFrom, validTo }: Owner): contract.Owner {
  const dates = { valid_from: timeOf(validFrom), valid_to: validTo?.toISOString() ?? null };
  return { service, team, source, confidence, ...dates };
}
