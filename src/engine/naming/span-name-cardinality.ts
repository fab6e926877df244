import type { SpanNameRow } from '../model/rollup.js';
import { Sketch } from '../model/sketch.js';
import { drain } from './drain.js';
import { type Distinct, distinctOf, type Growth, growthOf } from './growth.js';
import { spanNameTemplate } from './span-name.js';

/** What of a row the rule reads. */
export type CardinalityRow = Pick<SpanNameRow, 'template' | 'spanKind' | 'hour' | 'spans' | 'names'>;

export interface SpanNameCardinality {
  readonly verdict: 'pass' | 'fail' | 'insufficient evidence';
  /** One sentence with the figures that decided. */
  readonly reason: string;
  readonly spans: number;
  readonly names: Distinct;
  readonly templates: number;
  /** Null where the spans do not spread over hours enough to tell. */
  readonly growth: Growth | null;
}

/** Limits of the rule, and the hours and spans that it wants to have seen. */
export const SPAN_NAME_CARDINALITY = {
  hours: 24,
  minSpans: 1000,
  maxRatio: 10,
  maxNames: 500,
  maxGrowth: 0.5,
} as const;

/** Standard errors on either side of an estimate that may hold the truth. */
const Z = 1.96;

/**
 * Whether the cardinality of a service's span names is bounded: our concrete form of the Instrumentation Score's rule
 * SPA-003, whose criteria the specification leaves open (instrumentation-score/spec, rules/SPA-003.md: "TODO").
 *
 * Over 24 hours with 1,000 spans at least, it fails where there are more than 10 distinct names for one template, or
 * more than 500 distinct names that still grow with β ≥ 0.5. Where an interval of 95 % holds a limit, or growth cannot
 * be told and would decide, the evidence is insufficient.
 *
 * @param rows of one service, in any order and any environment; those before `to` − 24 or from `to` on do not count
 * @param to hour of the epoch at which the 24 hours end
 */
export function spanNameCardinality(rows: readonly CardinalityRow[], to: number): SpanNameCardinality {
  const { hours, minSpans } = SPAN_NAME_CARDINALITY;
  const seen = rows.filter(({ hour }) => hour >= to - hours && hour < to);
  const spans = seen.reduce((sum, row) => sum + row.spans, 0);
  const names = distinctOf(union(seen));
  const templates = templateCount(seen);
  const facts = { spans, names, templates, growth: growth(seen, spans, names) };
  if (spans < minSpans) return { ...facts, verdict: 'insufficient evidence', reason: `${spans} spans of ${minSpans}` };
  return { ...facts, ...decide(facts) };
}

type Facts = Omit<SpanNameCardinality, 'verdict' | 'reason'>;

function decide({ names, templates, growth }: Facts): Pick<SpanNameCardinality, 'verdict' | 'reason'> {
  const { maxRatio, maxNames, maxGrowth } = SPAN_NAME_CARDINALITY;
  const ratio = compare(names.estimate / templates, (names.estimate / templates) * names.standardError, maxRatio);
  const count = compare(names.estimate, names.estimate * names.standardError, maxNames);
  // β at its limit fails, a ratio or count at its limit does not.
  const pace = growth === null ? 'unclear' : compare(growth.beta, growth.standardError, maxGrowth, true);
  const many = `${names.estimate} names, ${templates} templates`;
  if (ratio === 'above') return { verdict: 'fail', reason: `${many}: more than ${maxRatio} names for a template` };
  if (count === 'above' && pace === 'above') {
    return { verdict: 'fail', reason: `${many}: more than ${maxNames} names, growing with β = ${show(growth!.beta)}` };
  }
  const isClear = ratio === 'within' && (count === 'within' || pace === 'within');
  if (isClear) return { verdict: 'pass', reason: many };
  const why = growth === null && ratio === 'within' ? 'growth cannot be told' : 'too close to a limit to tell';
  return { verdict: 'insufficient evidence', reason: `${many}: ${why}` };
}

type Side = 'above' | 'within' | 'unclear';

function compare(value: number, standardError: number, limit: number, limitIsAbove = false): Side {
  const isAbove = (x: number): boolean => (limitIsAbove ? x >= limit : x > limit);
  const [low, high] = [isAbove(value - Z * standardError), isAbove(value + Z * standardError)];
  if (low !== high) return 'unclear';
  return low ? 'above' : 'within';
}

/** Growth between the first hours that hold half of the spans, and all of them. */
function growth(rows: readonly CardinalityRow[], spans: number, names: Distinct): Growth | null {
  const spansByHour = new Map<number, number>();
  for (const { hour, spans: n } of rows) spansByHour.set(hour, (spansByHour.get(hour) ?? 0) + n);
  let before = 0;
  for (const hour of [...spansByHour.keys()].sort((a, b) => a - b)) {
    before += spansByHour.get(hour)!;
    if (before < spans / 2) continue;
    const early = rows.filter((row) => row.hour <= hour);
    return growthOf({ spans: before, distinct: distinctOf(union(early)) }, { spans, distinct: names });
  }
  return null;
}

function templateCount(rows: readonly CardinalityRow[]): number {
  const templates = new Set<string>();
  for (const kind of new Set(rows.map(({ spanKind }) => spanKind))) {
    const ofKind = rows
      .filter(({ spanKind }) => spanKind === kind)
      .map(({ template, spans }) => ({ template: spanNameTemplate(template), spans }));
    const mined = drain(ofKind);
    for (const { template } of ofKind) templates.add(mined.get(template) ?? template);
  }
  return templates.size;
}

function union(rows: readonly CardinalityRow[]): Sketch {
  const sketch = new Sketch();
  for (const { names } of rows) sketch.merge(names);
  return sketch;
}

function show(value: number): string {
  return value.toFixed(2);
}
