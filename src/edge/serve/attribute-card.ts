import { isLowCardinality } from '../../engine/cardinality/low-cardinality.js';
import { CARDINALITY_RULES } from '../../engine/cardinality/rules.js';
import { costOf, savingOf } from '../../engine/cost/price.js';
import { SensitiveKeys } from '../../engine/detect/sensitive-keys.js';
import { FIELDS, VALUE_TYPES } from '../../engine/model/location.js';
import type { Policy } from '../../engine/model/policy.js';
import type { PriceModel } from '../../engine/model/price-model.js';
import { checkAttributeName } from '../../engine/naming/attribute-rules.js';
import type { ConventionRegistry } from '../../engine/naming/registry.js';
import { NAMING_RULES } from '../../engine/naming/rules.js';
import { POLICY_TARGETS } from '../../engine/policy/targets/index.js';
import { type AttributeCard, actionOf, type KeyFacts } from '../../flow/attribute-card.js';
import type { Window } from '../../flow/ports.js';
import type { RuleSet } from '../files/rule-files.js';
import type { PolicyRow } from '../store/entities/index.js';
import type { FindingNow } from '../store/finding-store.js';
import type * as contract from './contract.js';
import { toYaml } from './policy-sets.js';
import { periodOf } from './window.js';

const MONTH = 30 * 24 * 3_600_000;
const SENSITIVE_KINDS: ReadonlySet<string> = new Set(['secret', 'pii', 'sensitive-key']);
const FIELD_NAMES: ReadonlySet<string> = new Set(FIELDS);
const RULE_NAMES = new Map([...NAMING_RULES, ...CARDINALITY_RULES].map(({ id, name }) => [id, name]));

type Suggestion = AttributeCard['suggestions'][number];

/** Turns what is known of an attribute into the answer of the API. */
export class CardView {
  private readonly sensitiveKeys: SensitiveKeys;

  constructor(
    private readonly model: PriceModel,
    private readonly conventions: ConventionRegistry,
    rules: RuleSet,
  ) {
    this.sensitiveKeys = new SensitiveKeys(rules.sensitiveKeys);
  }

  factsOf(key: string, findings: readonly FindingNow[]): KeyFacts {
    return {
      isSensitive: this.sensitiveKeys.find(key) !== null || findings.some(({ kind }) => SENSITIVE_KINDS.has(kind)),
      isKnown: this.conventions.find(key) !== undefined,
    };
  }

  show(
    { service, key }: { readonly service: string; readonly key: string },
    window: Window,
    card: AttributeCard,
    findings: readonly FindingNow[],
    policies: readonly PolicyRow[],
  ): contract.AttributeCard {
    const { team, observations, distinct, standardError, growth, budget } = card;
    const naming = FIELD_NAMES.has(key) ? [] : checkAttributeName(key, this.conventions);
    const types = VALUE_TYPES.filter((_, type) => (card.types & (1 << type)) !== 0);
    return {
      ...{ service, key, team, window: periodOf(window) },
      meaning: this.meaning(key),
      sensitivity: {
        class: this.sensitiveClass(key),
        findings: findings.filter(({ kind }) => SENSITIVE_KINDS.has(kind)).map(sensitiveFinding),
      },
      observations,
      distinct: { estimate: distinct, standard_error: standardError },
      reuse: distinct === 0 ? null : observations / distinct,
      growth: { ...growth },
      days: card.days.map((day) => ({
        ...{ day: day.day, observations: day.observations, new_values: day.newValues },
        distinct: { estimate: day.distinct, standard_error: day.standardError },
      })),
      types,
      type_conflict: types.filter((type) => type !== 'empty').length > 1,
      shapes: [...card.shapes],
      share_of_spans: card.shareOfSpans,
      bytes: card.bytes,
      share_of_bytes: card.shareOfBytes,
      cost: this.money(costOf(card.bytes, this.model)),
      cost_per_month: this.money((costOf(card.bytes, this.model) * MONTH) / card.seenFor),
      emitters: card.emitters.map(({ key: _, ...emitter }) => emitter),
      naming: naming.map((finding) => ({ ...finding, context: { ...finding.context } })),
      findings: findings.filter(({ kind }) => !SENSITIVE_KINDS.has(kind)).map(nameFinding),
      budget: budget && { max_distinct: budget.maxDistinct, source: budget.source, crossed: card.isOverBudget },
      suggestions: card.suggestions.map((suggestion) => this.suggestion(service, key, suggestion, card.seenFor)),
      policies: policies
        .filter(({ body }) => body.key === key && body.services.includes(service))
        .map(({ id, version, state, body }) => ({ id, version, state, title: body.title })),
    };
  }

  private meaning(key: string): contract.AttributeCard['meaning'] {
    const known = this.conventions.find(key);
    if (known === undefined) return null;
    const { brief, stability, deprecated } = known.attribute;
    return {
      registry: known.registry,
      brief: brief ?? null,
      stability: stability ?? 'unknown',
      deprecated: deprecated ? { reason: deprecated.reason, renamed_to: deprecated.renamedTo ?? null } : null,
      low_cardinality: isLowCardinality(key),
    };
  }

  private sensitiveClass(key: string): contract.AttributeCard['sensitivity']['class'] {
    const found = this.sensitiveKeys.find(key);
    return found && { id: found.id, name: found.name, severity: found.severity };
  }

  private suggestion(
    service: string,
    key: string,
    suggestion: Suggestion,
    seenFor: number,
  ): contract.AttributeCard['suggestions'][number] {
    const { action, location, reason, savedBytes } = suggestion;
    const bytes = Math.round((savedBytes * MONTH) / seenFor);
    const saved = this.money(savingOf(bytes, this.model));
    return {
      action,
      location,
      reason,
      saves_per_month: { bytes, ...saved },
      collector: preview(service, key, suggestion),
    };
  }

  private money(amount: number): { amount: number; currency: string } {
    return { amount, currency: this.model.currency };
  }
}

/** The suggestion as collector configuration, for who wants to put it there by hand. */
function preview(service: string, key: string, suggestion: Suggestion): string | null {
  const action = actionOf(suggestion);
  const { location } = suggestion;
  // A key that was stored masked or cut cannot be named.
  if (action === null || /[{}\uFFFD…]/.test(key)) return null;
  const common = { cause: '', title: '', reason: '', findings: [], services: [service] };
  const policy: Policy = { ...common, location, key, action };
  const rendered = POLICY_TARGETS['otel-collector']([{ id: 'suggestion', version: 1, state: 'suggested', policy }]);
  return rendered.unsupported.length > 0 ? null : toYaml(rendered.document);
}

function sensitiveFinding(row: FindingNow): contract.AttributeCard['sensitivity']['findings'][number] {
  const { id, detector, environment, occurrences } = row;
  return { id, kind: row.kind as contract.Finding['kind'], detector, environment, occurrences, ...placeOf(row) };
}

function nameFinding(row: FindingNow): contract.AttributeCard['findings'][number] {
  return { id: row.id, detector: row.detector, name: RULE_NAMES.get(row.detector) ?? row.detector, ...placeOf(row) };
}

function placeOf({ severity, location }: FindingNow): Pick<contract.Finding, 'severity' | 'location'> {
  return { severity: severity as contract.Finding['severity'], location: location as contract.Finding['location'] };
}
