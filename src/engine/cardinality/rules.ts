import type { Severity } from '../model/finding.js';
import type { Growth } from '../model/growth.js';
import type { Location } from '../model/location.js';
import type { BudgetSource } from './budget.js';
import { isLowCardinality } from './low-cardinality.js';

/** A rule on the number of distinct values, as people read of it. */
export interface CardinalityRule {
  readonly id: string;
  readonly name: string;
  readonly remedy: string;
  readonly reference: string;
}

const DOCS = 'https://opentelemetry.io/docs/specs/semconv/general/naming/';

export const CARDINALITY_RULES: readonly CardinalityRule[] = [
  {
    id: 'unbounded_growth',
    name: 'Attribute whose values are without end',
    remedy: 'Drop it, hash it, or put a template in its place; keep it where somebody looks single values up.',
    reference: DOCS,
  },
  {
    id: 'low_cardinality_violated',
    name: 'Attribute of low cardinality that keeps growing',
    remedy: 'Put ids into attributes of their own and a placeholder in this one.',
    reference: 'https://opentelemetry.io/docs/specs/semconv/registry/attributes/',
  },
  {
    id: 'budget_exceeded',
    name: 'Attribute with more distinct values than its budget',
    remedy: 'Find out which values are new, and bound them; or set a budget that says how many there should be.',
    reference: DOCS,
  },
  {
    id: 'key_space',
    name: 'Service with attribute keys without end',
    remedy: 'Put what makes the keys differ into a value: one key, many values.',
    reference: DOCS,
  },
];

/** Of all bytes of its service an attribute with more is costly. */
export const COSTLY_SHARE = 0.05;

export interface JudgedAttribute {
  readonly key: string;
  readonly location: Location;
  readonly growth: Growth;
  readonly distinct: number;
  readonly standardError: number;
  readonly budget: { readonly maxDistinct: number; readonly source: BudgetSource } | null;
  /** Of the bytes of its service, 0 to 1. */
  readonly shareOfBytes: number;
  /** Its key is sensitive, or personal data or a secret was found in it. */
  readonly isSensitive: boolean;
}

export interface CardinalityVerdict {
  readonly rule: string;
  readonly severity: Severity;
}

/**
 * What is wrong with the number of an attribute's values. In traces many values are no fault in themselves: it is worse
 * than a note only where the attribute is a span name, costs much, or holds what is sensitive. A budget counts as
 * crossed when the number is above it by more than its error.
 */
export function judgeCardinality(attribute: JudgedAttribute): CardinalityVerdict[] {
  const { key, growth, distinct, standardError, budget } = attribute;
  const severity = severityOf(attribute);
  const found: CardinalityVerdict[] = [];
  const isGrowing = growth.class === 'growing' || growth.class === 'unbounded';
  if (isLowCardinality(key) && isGrowing) found.push({ rule: 'low_cardinality_violated', severity: 'medium' });
  else if (growth.class === 'unbounded') found.push({ rule: 'unbounded_growth', severity });
  if (budget !== null && distinct * (1 - 1.96 * standardError) > budget.maxDistinct) {
    found.push({ rule: 'budget_exceeded', severity: budget.source === 'class' ? severity : 'medium' });
  }
  return found;
}

function severityOf({ location, shareOfBytes, isSensitive }: JudgedAttribute): Severity {
  const reasons = [location === 'span_name', shareOfBytes > COSTLY_SHARE, isSensitive].filter(Boolean).length;
  return reasons === 0 ? 'info' : reasons === 1 ? 'low' : 'medium';
}
