import { Body, Controller, Delete, Get, Headers, Inject, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../../../engine/problem.js';
import type { Detector } from '../../../engine/rules/detector-document.js';
import type { RuleSet } from '../../files/rule-files.js';
import { MAX_DOCUMENT_BYTES } from '../../rules/check-custom.js';
import { NO_DOCUMENT, parseDocument } from '../../rules/custom-detectors.js';
import { type CurrentRules, CustomerRules } from '../../rules/customer-rules.js';
import { RuleChecker } from '../../rules/rule-checker.js';
import { TextGuard } from '../../rules/text-guard.js';
import type { RuleSetRow } from '../../store/entities/index.js';
import { PostgresRuleStore } from '../../store/rule-store.js';
import { RULES } from '../../tokens.js';
import { authorOf } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isCount, pageOf } from '../paging.js';
import { ApiError, notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const CHANGE_ERRORS = { 412: 'the document changed since the version that If-Match names' };
const CHECK_ERRORS = {
  413: 'the document is too large',
  415: 'neither YAML nor JSON',
  422: 'the document cannot be taken; `errors` has every problem',
};

@Controller('api/v1/rules')
export class RulesController {
  constructor(
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly store: PostgresRuleStore,
    private readonly customers: CustomerRules,
    private readonly checker: RuleChecker,
    private readonly guard: TextGuard,
  ) {}

  @Get()
  @Operation({ summary: 'All detectors, those that ship and your own', answer: contract.RuleList })
  async list(): Promise<contract.RuleList> {
    await this.customers.refresh();
    const current = this.customers.of(TENANT);
    const why = reasons(current, Date.now());
    const shipped = this.rules.detectors.map((detector) => show(detector, 'shipped', why));
    const custom = current.detectors.map((detector) => show(detector, 'custom', why));
    return { data: [...custom, ...shipped] };
  }

  @Get('custom')
  @Operation({
    summary: 'Your own detectors: the document as it was given, or as JSON; its ETag is its version',
    query: contract.RuleDocumentQuery,
    answer: contract.RuleDocument,
    yaml: true,
    errors: { 400: 'a field of the query is not valid', 404: 'there is no such version' },
  })
  async document(
    @Query() query: unknown,
    @Res() reply: FastifyReply,
    @Headers('accept') accept?: string,
  ): Promise<void> {
    const { version } = read(contract.RuleDocumentQuery, query, 'query');
    const row = version === 0 ? null : await this.store.get(TENANT, version);
    if (row === null && version !== undefined && version > 0) throw notFound('version of the rules');
    const text = row?.document ?? NO_DOCUMENT;
    reply
      .header('etag', `"${row?.version ?? 0}"`)
      .header('cache-control', 'no-cache')
      .header('vary', 'accept');
    if (wantsJson(accept)) await reply.type('application/json').send(JSON.stringify(parseDocument(text)));
    else await reply.type('application/yaml').send(text);
  }

  @Post('custom/check')
  @Operation({
    audit: 'none',
    summary: 'Checks a document as it would be before it is taken, and takes nothing',
    body: contract.RuleDocument,
    answer: contract.RuleCheck,
    yaml: true,
    errors: CHECK_ERRORS,
  })
  async check(@Body() body: unknown): Promise<contract.RuleCheck> {
    return { detectors: await this.checked(documentOf(body)) };
  }

  @Put('custom')
  @Operation({
    access: 'admin',
    summary: 'Takes a document with detectors of your own, as a new version; it is in force at once',
    query: contract.RuleChangeQuery,
    body: contract.RuleDocument,
    answer: contract.RuleVersion,
    yaml: true,
    errors: { 400: 'the comment is not valid', ...CHANGE_ERRORS, ...CHECK_ERRORS },
  })
  async put(
    @Body() body: unknown,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.RuleVersion> {
    const comment = this.comment(query);
    const document = documentOf(body);
    const expected = expectedVersion(ifMatch);
    await this.expect(expected);
    await this.checked(document);
    return this.add(document, comment, expected, request, reply);
  }

  @Delete('custom')
  @Operation({
    access: 'admin',
    summary: 'Takes all detectors of your own out of force, by a new version without any',
    query: contract.RuleChangeQuery,
    answer: contract.RuleVersion,
    errors: { 400: 'the comment is not valid', ...CHANGE_ERRORS },
  })
  async remove(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
  ): Promise<contract.RuleVersion> {
    return this.add(NO_DOCUMENT, this.comment(query), expectedVersion(ifMatch), request, reply);
  }

  @Get('custom/versions')
  @Operation({
    summary: 'Versions of the document, latest first',
    query: contract.RuleVersionQuery,
    answer: contract.RuleVersionPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async versions(@Query() query: unknown): Promise<contract.RuleVersionPage> {
    const { limit, cursor } = read(contract.RuleVersionQuery, query, 'query');
    const after = decodeCursor<{ version: number }>(cursor, { version: isCount });
    const rows = await this.store.versions(TENANT, limit + 1, after?.version ?? null);
    return pageOf(rows, limit, showVersion, ({ version }) => ({ version }));
  }

  private comment(query: unknown): string {
    const { comment } = read(contract.RuleChangeQuery, query, 'query');
    if (!this.guard.findsIn(TENANT, comment)) return comment;
    const problems = [problem('secret', 'query.comment', 'holds what a detector finds', 'a comment without it')];
    throw new ApiError(400, 'invalid-request', 'the request has fields that are not valid', problems);
  }

  /** The number of its detectors; throws where it cannot be taken. */
  private async checked(document: string): Promise<number> {
    const { detectors, problems } = await this.checker.check(document);
    if (problems.length === 0) return detectors;
    throw new ApiError(422, 'invalid-rules', 'the rules cannot be taken', problems);
  }

  /** Asked before the check, which takes its time, and once more when the version is added. */
  private async expect(expected: number | null): Promise<void> {
    if (expected === null) return;
    const latest = await this.store.get(TENANT);
    if ((latest?.version ?? 0) !== expected) throw changed();
  }

  private async add(
    document: string,
    comment: string,
    expected: number | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<contract.RuleVersion> {
    const author = authorOf(request);
    const row = await this.store.add(TENANT, { document, author, comment }, expected);
    if (row === null) throw changed();
    await this.customers.refresh();
    reply.header('etag', `"${row.version}"`);
    return showVersion(row);
  }
}

function changed(): ApiError {
  return new ApiError(412, 'changed', 'rules: changed since you read them; read them again and change those');
}

/** Null where any version may be replaced; a version that cannot be where the header is none of ours. */
function expectedVersion(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  const version = /^\s*(?:W\/)?"(\d{1,9})"\s*$/.exec(ifMatch)?.[1];
  return version === undefined ? -1 : Number(version);
}

function wantsJson(accept = ''): boolean {
  const types = accept.split(',').map((type) => type.split(';')[0]!.trim());
  const json = types.indexOf('application/json');
  const yaml = types.findIndex((type) => type.endsWith('yaml'));
  return json >= 0 && (yaml < 0 || json < yaml);
}

/** JSON is YAML as well, so there is one form behind this. */
function documentOf(body: unknown): string {
  const document = typeof body === 'string' ? body : JSON.stringify(body ?? null, null, 2);
  if (Buffer.byteLength(document) <= MAX_DOCUMENT_BYTES) return document;
  const problems = [problem('too-large', 'body', 'too large', `at most ${MAX_DOCUMENT_BYTES} bytes`)];
  throw new ApiError(413, 'too-large', 'the document is too large', problems);
}

/** Why detectors are off, by id. */
function reasons({ off, exclusions }: CurrentRules, now: number): Map<string, string> {
  const everywhere = exclusions.filter(
    ({ detector, service, key, fingerprint, expiresAt }) =>
      detector !== null && service === null && key === null && fingerprint === null && now < (expiresAt ?? Infinity),
  );
  return new Map([
    ...everywhere.map(({ detector }) => [detector!, 'excluded everywhere'] as const),
    ...off.map(({ detector, reason }) => [detector, reason] as const),
  ]);
}

function show(detector: Detector, source: contract.Rule['source'], why: ReadonlyMap<string, string>): contract.Rule {
  const { id, name, family, kind, severity, confidence } = detector;
  const reason = why.get(id) ?? null;
  return { id, name, family, kind, severity, confidence, source, state: reason === null ? 'on' : 'off', reason };
}

function showVersion(row: Omit<RuleSetRow, 'document'>): contract.RuleVersion {
  return {
    version: row.version,
    author: row.author,
    comment: row.comment,
    created_at: row.createdAt.toISOString(),
  };
}
