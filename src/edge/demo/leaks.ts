import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  AttributeCard,
  ConventionFinding,
  Finding,
  Policy,
  QualityIndicator,
  SpanName,
} from '../serve/contract.js';

/** The folder of the shop, seen from `dist/src/edge/demo`. */
export const SHOP_DIR = join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'shop');

/**
 * One place where a planted leak shows: as a finding of a detector, as one on a name beside other names, or as an attribute
 * with ever new values.
 */
export interface LeakPlace {
  readonly service: string;
  readonly location: string;
  readonly key: string;
  /** The detector or naming rule that finds it. */
  readonly detector?: string;
  /** The naming rule that finds it where services are looked at together. */
  readonly naming?: string;
  /** The kind of the policy that answers it. */
  readonly policy?: string;
  /** From so many distinct values on the attribute counts as unbounded; a run of a few seconds must reach it. */
  readonly distinct_at_least?: number;
  /** The verdict on the span names of a template. */
  readonly verdict?: SpanName['verdict'];
  /** `key` is an indicator of trace quality, which must fail. */
  readonly indicator?: true;
}

/** What the shop does wrong on purpose; see `examples/shop/leaks.json`. */
export interface Leak {
  readonly id: string;
  readonly title: string;
  /** Where the cause is: the file in the shop and the line in it, word for word. */
  readonly file: string;
  readonly line: string;
  /** What is wrong with it, and what to write instead; for the README. */
  readonly why: string;
  readonly fix: string;
  readonly places: readonly LeakPlace[];
}

/** The card of an attribute at one location. */
export type PlacedCard = AttributeCard & { readonly location: string };

/** A place and what came of it. */
export interface CheckedPlace extends LeakPlace {
  readonly found: boolean;
  readonly finding: string | null;
  readonly distinct: number | null;
  /** What a naming rule says of it. */
  readonly naming_message: string | null;
  /** Of the indicator. */
  readonly value: number | null;
  /** Class of growth of an attribute with ever new values; a short run can be too little to tell. */
  readonly growth: AttributeCard['growth']['class'] | null;
  /** Title of the policy that answers it. */
  readonly policy_title: string | null;
}

export interface CheckedLeak {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly places: readonly CheckedPlace[];
}

export function readLeaks(): Leak[] {
  return (JSON.parse(readFileSync(join(SHOP_DIR, 'leaks.json'), 'utf8')) as { leaks: Leak[] }).leaks;
}

/** Holds the planted leaks against what the API says. */
export function checkLeaks(
  leaks: readonly Leak[],
  findings: readonly Finding[],
  attributes: readonly PlacedCard[],
  policies: readonly Policy[],
  names: { spanNames: readonly SpanName[]; findings: readonly ConventionFinding[] },
  indicators: readonly QualityIndicator[],
): CheckedLeak[] {
  return leaks.map(({ id, title, file, places }) => ({
    ...{ id, title, file },
    places: places.map((place) => checkPlace(place, findings, attributes, policies, names, indicators)),
  }));
}

/** Classes that an attribute with ever new values cannot have. */
const BOUNDED: ReadonlySet<string> = new Set(['constant', 'enum', 'bounded']);

function checkPlace(
  place: LeakPlace,
  findings: readonly Finding[],
  attributes: readonly PlacedCard[],
  policies: readonly Policy[],
  names: { spanNames: readonly SpanName[]; findings: readonly ConventionFinding[] },
  indicators: readonly QualityIndicator[],
): CheckedPlace {
  const finding = findings.find((f) => f.detector.id === place.detector && isAt(f, place));
  const attribute = attributes.find((a) => isAt(a, place));
  const isJudged = place.verdict === undefined || names.spanNames.some((row) => isNamed(row, place));
  const policy = policies.find((p) => finding !== undefined && p.findings.includes(finding.id));
  const named = names.findings.find((f) => f.id === place.naming && isAt(f, place));
  const indicator = indicators.find((i) => place.indicator && i.group === place.service && i.indicator === place.key);
  const isFound = place.indicator ? indicator?.verdict === 'fail' : (finding ?? named) !== undefined && isJudged;
  const distinct = place.distinct_at_least === undefined ? null : (attribute?.distinct.estimate ?? 0);
  const growth = distinct === null ? null : (attribute?.growth.class ?? null);
  return {
    ...place,
    found: distinct === null ? isFound : distinct >= place.distinct_at_least! && !BOUNDED.has(growth ?? ''),
    finding: finding?.id ?? null,
    distinct,
    growth,
    naming_message: named?.message ?? null,
    value: indicator?.value ?? null,
    policy_title: policy !== undefined && policy.action.kind === place.policy ? policy.title : null,
  };
}

function isNamed({ service, template, verdict }: SpanName, place: LeakPlace): boolean {
  return service === place.service && template === place.key && verdict === place.verdict;
}

function isAt(row: { service: string; location: string; key: string }, place: LeakPlace): boolean {
  return row.service === place.service && row.location === place.location && row.key === place.key;
}
