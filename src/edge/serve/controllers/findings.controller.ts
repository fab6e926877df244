import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { NAMING_RULES } from '../../../engine/naming/rules.js';
import { teamsByService } from '../../../flow/costs.js';
import type { RuleSet } from '../../files/rule-files.js';
import { CustomerRules } from '../../rules/customer-rules.js';
import type { FindingRow } from '../../store/entities/index.js';
import { type FindingCursor, PostgresFindingStore } from '../../store/finding-store.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { RULES } from '../../tokens.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { decodeCursor, isTime, isUuid, pageOf } from '../paging.js';
import { notFound, read } from '../problems.js';
import { TENANT } from '../tenant.js';

const HOURS_SHOWN = 14 * 24;

const isNumber = (value: unknown): boolean => typeof value === 'string' && /^-?\d{1,15}$/.test(value);
const SORT_VALUES = { '-last_seen': isTime, severity: isNumber, '-occurrences': isNumber };

/** What people read of a detector or naming rule. */
interface RuleText {
  readonly name: string;
  readonly remedy: string;
  readonly references: readonly string[];
}

@Controller('api/v1/findings')
export class FindingsController {
  private readonly texts: ReadonlyMap<string, RuleText>;

  constructor(
    @Inject(RULES) rules: RuleSet,
    private readonly findings: PostgresFindingStore,
    private readonly usage: PostgresUsageStore,
    private readonly policies: PostgresPolicyStore,
    private readonly customers: CustomerRules,
  ) {
    this.texts = new Map<string, RuleText>([
      ...[...NAMING_RULES, ...rules.sensitiveKeys.classes].map(
        (rule) => [rule.id, { ...rule, references: [rule.reference] }] as const,
      ),
      ...rules.detectors.map((detector) => [detector.id, detector] as const),
    ]);
  }

  @Get()
  @Operation({
    summary: 'Findings',
    query: contract.FindingQuery,
    answer: contract.FindingPage,
    errors: { 400: 'a field of the query is not valid' },
  })
  async list(@Query() query: unknown): Promise<contract.FindingPage> {
    const { limit, cursor, sort, ...filter } = read(contract.FindingQuery, query, 'query');
    const after = decodeCursor<FindingCursor>(cursor, { value: SORT_VALUES[sort], lastSeen: isTime, id: isUuid });
    const [rows, teams] = await Promise.all([
      this.findings.list(TENANT, filter, sort, limit + 1, after),
      teamsByService(TENANT, this.usage),
    ]);
    return pageOf(
      rows,
      limit,
      (row) => this.show(row, teams),
      (last) => ({ ...this.findings.cursorAfter(last, sort) }),
    );
  }

  @Get(':id')
  @Operation({ summary: 'One finding', answer: contract.FindingDetail, errors: { 404: 'there is no such finding' } })
  async get(@Param('id') id: string): Promise<contract.FindingDetail> {
    const row = isUuid(id) ? await this.findings.get(TENANT, id) : null;
    if (row === null) throw notFound('finding');
    const [teams, hours, policies] = await Promise.all([
      teamsByService(TENANT, this.usage),
      this.findings.hours(TENANT, id, HOURS_SHOWN),
      this.policies.list(TENANT, undefined, 200, null),
    ]);
    return {
      ...this.show(row, teams),
      references: [...(this.text(row.detector)?.references ?? [])],
      fingerprints: row.fingerprints,
      hours: hours.map(({ hour, occurrences }) => ({ hour: hour.toISOString(), occurrences })),
      policies: policies
        .filter((policy) => policy.body.findings.includes(id))
        .map(({ id: policyId, version, state, body }) => ({ id: policyId, version, state, title: body.title })),
    };
  }

  private text(detector: string): RuleText | undefined {
    return this.texts.get(detector) ?? this.customers.detector(TENANT, detector);
  }

  private show(row: FindingRow, teams: ReadonlyMap<string, string>): contract.Finding {
    const text = this.text(row.detector);
    return {
      id: row.id,
      kind: row.kind as contract.Finding['kind'],
      detector: { id: row.detector, name: text?.name ?? row.detector, family: row.family },
      severity: row.severity as contract.Finding['severity'],
      confidence: row.confidence as contract.Finding['confidence'],
      state: row.state as contract.Finding['state'],
      service: row.service,
      environment: row.environment,
      team: teams.get(row.service) ?? '',
      location: row.location as contract.Finding['location'],
      key: row.key,
      component: row.component,
      mask: row.mask,
      occurrences: row.occurrences,
      first_seen: row.firstSeen.toISOString(),
      last_seen: row.lastSeen.toISOString(),
      remedy: text?.remedy ?? '',
      example: { trace_id: row.traceId, span_id: row.spanId },
    };
  }
}
