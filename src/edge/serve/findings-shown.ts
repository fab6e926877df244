import { Inject, Injectable } from '@nestjs/common';
import { CARDINALITY_RULES } from '../../engine/cardinality/rules.js';
import type { OccurrenceEstimate } from '../../engine/cost/occurrence-estimate.js';
import type { ExportedFinding } from '../../engine/export/ocsf.js';
import { codePlaceOf } from '../../engine/model/code-place.js';
import { NAMING_RULES } from '../../engine/naming/rules.js';
import { severityReason } from '../../engine/triage/severity.js';
import type { RuleSet } from '../files/rule-files.js';
import { CustomerRules } from '../rules/customer-rules.js';
import type { FindingNow } from '../store/finding-store.js';
import { RULES } from '../tokens.js';
import type * as contract from './contract.js';
import { TENANT } from './tenant.js';

/** What people read of a detector or naming rule. */
interface RuleText {
  readonly name: string;
  readonly remedy: string;
  readonly references: readonly string[];
}

/** Findings as the API and exports show them, with the texts of their rules. */
@Injectable()
export class FindingsShown {
  private readonly texts: ReadonlyMap<string, RuleText>;

  constructor(
    @Inject(RULES) rules: RuleSet,
    private readonly customers: CustomerRules,
  ) {
    this.texts = new Map<string, RuleText>([
      ...[...NAMING_RULES, ...CARDINALITY_RULES, ...rules.sensitiveKeys.classes].map(
        (rule) => [rule.id, { ...rule, references: [rule.reference] }] as const,
      ),
      ...rules.detectors.map((detector) => [detector.id, detector] as const),
    ]);
  }

  /** Texts of the rules that ship, by their ids. */
  all(): (readonly [string, RuleText])[] {
    return [...this.texts];
  }

  text(detector: string): RuleText | undefined {
    return this.texts.get(detector) ?? this.customers.detector(TENANT, detector);
  }

  /** As exports have it. */
  exported(row: FindingNow, teams: ReadonlyMap<string, string>): ExportedFinding {
    const { detector, first_seen, last_seen, resolved_at, example, ...rest } = this.show(row, teams);
    return {
      ...rest,
      ...{ detector: detector.id, detectorName: detector.name, family: detector.family },
      ...{ firstSeen: Date.parse(first_seen), lastSeen: Date.parse(last_seen) },
      resolvedAt: resolved_at === null ? null : Date.parse(resolved_at),
      references: this.text(detector.id)?.references ?? [],
      ...{ traceId: example.trace_id, spanId: example.span_id },
    };
  }

  /** @param estimated how often it occurred in all spans; null where nothing says or nobody asks */
  show(
    row: FindingNow,
    teams: ReadonlyMap<string, string>,
    estimated: OccurrenceEstimate | null = null,
  ): contract.Finding {
    const text = this.text(row.detector);
    const kind = row.kind as contract.Finding['kind'];
    const severity = row.detectorSeverity as contract.Finding['severity'];
    const resolution = row.state === 'resolved' ? row.resolution : null;
    return {
      id: row.id,
      kind,
      detector: { id: row.detector, name: text?.name ?? row.detector, family: row.family },
      severity: row.severity as contract.Finding['severity'],
      detector_severity: severity,
      severity_reason: severityReason({ kind, severity, environment: row.environment }, resolution),
      confidence: row.confidence as contract.Finding['confidence'],
      state: row.state,
      substate: row.substate,
      resolution,
      resolved_at: resolution === null ? null : (row.resolvedAt?.toISOString() ?? null),
      expires_at: resolution === null ? null : (row.expiresAt?.toISOString() ?? null),
      version: row.version,
      service: row.service,
      environment: row.environment,
      team: teams.get(row.service) ?? '',
      location: row.location as contract.Finding['location'],
      key: row.key,
      component: row.component,
      mask: row.mask,
      occurrences: row.occurrences,
      estimated,
      first_seen: row.firstSeen.toISOString(),
      last_seen: row.lastSeen.toISOString(),
      remedy: text?.remedy ?? '',
      example: { trace_id: row.traceId, span_id: row.spanId },
      code: row.code.map(codePlaceOf),
    };
  }
}
