import type { PolicyVersion, SampleAction } from '../model/policy.js';
import type { CriticalRoute, KeepRules, OperationRate } from '../model/sampling.js';

/*
 * Tail sampling as rules over whole traces, before they are written down: the target writes them, the simulator carries
 * them out, so that both mean the same. A trace is kept when any rule holds.
 */

/** A test of one span: all of it holds; lists are alternatives, and empty ones hold always. */
export interface SpanTest {
  readonly isRoot: boolean;
  readonly services: readonly string[];
  /** '' for all. */
  readonly environment: string;
  /** Templates of the name. */
  readonly names: readonly string[];
  /** A text of the span. */
  readonly attribute: { readonly key: string; readonly value: string } | null;
}

export type SimpleRule =
  | { readonly type: 'always' }
  /** Some span has the status Error. */
  | { readonly type: 'error' }
  /** From the first start to the last end, in whole milliseconds. */
  | { readonly type: 'longer'; readonly ms: number }
  /** Some span meets some test. */
  | { readonly type: 'some-span'; readonly tests: readonly SpanTest[] }
  /** By trace id. */
  | { readonly type: 'share'; readonly percentage: number };

export type NotRule = { readonly type: 'not'; readonly rule: SimpleRule };
export type SamplingRule =
  | SimpleRule
  | NotRule
  | { readonly type: 'all'; readonly rules: readonly (SimpleRule | NotRule)[] };

/** The name is unique; a collector counts by it. */
export interface NamedRule {
  readonly name: string;
  readonly rule: SamplingRule;
}

/** The rule that keeps traces which no policy speaks of. */
export const OTHERS = 'others';

/** A version whose action is to sample. */
export type SamplingVersion = PolicyVersion & { readonly policy: { readonly action: SampleAction } };

export function isSampling(version: PolicyVersion): version is SamplingVersion {
  return version.policy.action.kind === 'sample';
}

/**
 * The rules of tail sampling policies, in order. A trace that several policies speak of belongs to the first of them; one
 * that none speaks of is kept. Services are those of root spans, so a trace whose root is missing is spoken of only by a
 * policy for all services.
 */
export function tailRules(policies: readonly SamplingVersion[]): NamedRule[] {
  const tail = policies.filter(({ policy }) => policy.action.stage === 'tail');
  if (tail.length === 0) return [];
  const scopes = tail.map(scopeOf);
  const rules: NamedRule[] = [];
  for (const [i, version] of tail.entries()) {
    const before = scopes.slice(0, i);
    // A policy for everything takes all that is left.
    if (before.includes(null)) break;
    const own = scopes[i]!;
    const bounds: (SimpleRule | NotRule)[] = [
      ...(own === null ? [] : [someSpan([own])]),
      ...(before.length === 0 ? [] : [not(someSpan(before as SpanTest[]))]),
    ];
    for (const { name, rule } of rulesOf(version))
      rules.push({ name: `${version.id}/${name}`, rule: all(bounds, rule) });
  }
  if (!scopes.includes(null)) rules.push({ name: OTHERS, rule: not(someSpan(scopes as SpanTest[])) });
  return rules;
}

/** Root spans of operations that are listed, one test each; what they leave alone has the rate `otherwise`. */
function rulesOf({ policy: { services, action } }: SamplingVersion): NamedRule[] {
  const { keep, environment, operations, otherwise } = action;
  const rules: NamedRule[] = [];
  if (keep.errors) rules.push({ name: 'errors', rule: { type: 'error' } });
  if (keep.slowerThanMs !== null) rules.push({ name: 'slow', rule: { type: 'longer', ms: keep.slowerThanMs } });
  if (keep.critical.length > 0) rules.push({ name: 'critical', rule: someSpan(criticalTests(keep)) });
  const listed = operations.filter(({ service }) => services.length === 0 || services.includes(service));
  for (const [rate, group] of byRate(listed)) {
    rules.push({ name: `rate-${rate}`, rule: all([someSpan(rootTests(group, environment))], share(rate)) });
  }
  const known = listed.length === 0 ? [] : [not(someSpan(rootTests(listed, environment)))];
  rules.push({ name: 'other-operations', rule: all(known, share(otherwise)) });
  return rules;
}

/** Operations with the same probability are one rule. */
function byRate(operations: readonly OperationRate[]): [number, OperationRate[]][] {
  const groups = new Map<number, OperationRate[]>();
  for (const operation of operations) {
    const { probability } = operation;
    groups.set(probability, [...(groups.get(probability) ?? []), operation]);
  }
  return [...groups].sort(([a], [b]) => b - a);
}

function scopeOf({ policy: { services, action } }: SamplingVersion): SpanTest | null {
  if (services.length === 0 && action.environment === '') return null;
  return { ...ANY_SPAN, isRoot: true, services, environment: action.environment };
}

const ANY_SPAN: SpanTest = { isRoot: false, services: [], environment: '', names: [], attribute: null };

/** One test for each service. */
function rootTests(operations: readonly OperationRate[], environment: string): SpanTest[] {
  const names = new Map<string, string[]>();
  for (const { service, operation } of operations) names.set(service, [...(names.get(service) ?? []), operation]);
  return [...names].map(([service, own]) => ({
    ...ANY_SPAN,
    isRoot: true,
    services: [service],
    environment,
    names: own,
  }));
}

/** Spans of the routes that the business stands on. */
export function criticalTests({ critical }: Pick<KeepRules, 'critical'>): SpanTest[] {
  return critical.map(routeTest);
}

/** Root spans of the operations that policies list. */
export function listedTests({ policy: { services, action } }: SamplingVersion): SpanTest[] {
  const listed = action.operations.filter(({ service }) => services.length === 0 || services.includes(service));
  return rootTests(listed, action.environment);
}

function routeTest(route: CriticalRoute): SpanTest {
  if (route.kind === 'name') return { ...ANY_SPAN, names: [route.name] };
  return { ...ANY_SPAN, attribute: { key: route.key, value: route.value } };
}

const someSpan = (tests: readonly SpanTest[]): SimpleRule => ({ type: 'some-span', tests });
const not = (rule: SimpleRule): NotRule => ({ type: 'not', rule });

/** Of probability 1 nothing is asked. */
function share(probability: number): SimpleRule {
  return probability >= 1 ? { type: 'always' } : { type: 'share', percentage: percent(probability) };
}

function all(bounds: readonly (SimpleRule | NotRule)[], rule: SamplingRule): SamplingRule {
  const own = rule.type === 'all' ? rule.rules : [rule];
  const rules = [...bounds, ...own].filter(({ type }, _, { length }) => type !== 'always' || length === 1);
  if (rules.length === 0) return { type: 'always' };
  return rules.length === 1 ? rules[0]! : { type: 'all', rules };
}

/** A probability in percent, without the dust of floating point. */
export function percent(probability: number): number {
  return Number((probability * 100).toPrecision(12));
}
