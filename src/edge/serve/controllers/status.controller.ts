import { Controller, Get, Inject } from '@nestjs/common';
import type { RuleSet } from '../../files/rule-files.js';
import { PostgresFindingStore } from '../../store/finding-store.js';
import { PostgresPolicyStore } from '../../store/policy-store.js';
import { PostgresUsageStore } from '../../store/usage-store.js';
import { PROCESS, type ProcessInfo, RULES } from '../../tokens.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { TENANT } from '../tenant.js';
import { windowOf } from '../window.js';

@Controller('api/v1/status')
export class StatusController {
  constructor(
    @Inject(RULES) private readonly rules: RuleSet,
    @Inject(PROCESS) private readonly info: ProcessInfo,
    private readonly usage: PostgresUsageStore,
    private readonly findings: PostgresFindingStore,
    private readonly policies: PostgresPolicyStore,
  ) {}

  @Get()
  @Operation({ summary: 'What has come in, and where to send spans to', answer: contract.Status })
  async status(): Promise<contract.Status> {
    const [rows, last, findings, policies] = await Promise.all([
      this.usage.usage(TENANT, windowOf(undefined, undefined)),
      this.usage.lastCommit(TENANT),
      this.findings.counts(TENANT),
      this.policies.counts(TENANT),
    ]);
    return {
      version: this.info.version,
      spans_7d: rows.reduce((sum, row) => sum + row.spans, 0),
      services: new Set(rows.map((row) => row.service)).size,
      last_span_at: last?.toISOString() ?? null,
      findings,
      suggested_policies: policies.suggested,
      detectors: this.rules.detectors.length,
      pattern_engine: this.info.patternEngine,
      otlp: this.info.otlp(),
      opamp: this.info.opamp(),
    };
  }
}
