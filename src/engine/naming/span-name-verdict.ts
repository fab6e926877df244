import type { Distinct, Growth } from './growth.js';

export const SPAN_NAME_VERDICTS = ['pass', 'fail', 'insufficient evidence'] as const;
export type SpanNameVerdict = (typeof SPAN_NAME_VERDICTS)[number];

/** What was counted of a template. */
export interface CountedTemplate {
  readonly spans: number;
  readonly names: Distinct;
  readonly growth: Growth | null;
  /** Whether words of the names were replaced in it. */
  readonly isMined: boolean;
  /** Whether a rule is violated that does not depend on what was counted. */
  readonly isViolation: boolean;
}

/** From so many spans on, what was not seen is not there. */
const MIN_SPANS = 1000;
/** A few names that grow no more are values of an enumeration: `phase 1` to `phase 3`. */
const MAX_ENUM = 100;
const MAX_ENUM_GROWTH = 0.1;
/** Spans for a name, below which the names are many whatever comes. */
const MIN_REUSE = 10;
const MANY = 10;

/**
 * Whether a template stands for one operation whose names vary without bound. A number in a name that never changes,
 * or is one of a few, is no id; that is known from 1,000 spans on. Fewer spans fail only where names hardly repeat.
 */
export function spanNameVerdict({ spans, names, growth, isMined, isViolation }: CountedTemplate): SpanNameVerdict {
  if (isViolation) return 'fail';
  if (!isMined) return 'pass';
  if (spans < MIN_SPANS) {
    const isMany = names.estimate >= MANY && spans / names.estimate < MIN_REUSE;
    return isMany ? 'fail' : 'insufficient evidence';
  }
  if (names.estimate <= 1) return 'pass';
  if (names.estimate > MAX_ENUM) return 'fail';
  if (growth === null) return names.estimate <= MANY ? 'insufficient evidence' : 'fail';
  return growth.beta < MAX_ENUM_GROWTH ? 'pass' : 'fail';
}
