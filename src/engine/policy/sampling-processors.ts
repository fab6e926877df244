import type { CollectorAbilities } from './collector-version.js';
import { ENVIRONMENT_KEYS } from './environment-keys.js';
import { anyOf } from './ottl.js';
import { quote } from './ottl-text.js';
import { HASH_SALT, PRECISION } from './sample-traces.js';
import {
  type NamedRule,
  type NotRule,
  percent,
  type SamplingRule,
  type SamplingVersion,
  type SimpleRule,
  type SpanTest,
  tailRules,
} from './sampling-rules.js';
import { SHARE_SLOT, TAIL_SLOT } from './slots.js';
import { namedAs } from './span-name-test.js';

interface SamplingProcessors {
  readonly processors: Readonly<Record<string, unknown>>;
  readonly unsupported: readonly { readonly id: string; readonly reason: string }[];
  /** Slots that carry out a policy, by its id. */
  readonly carriers: ReadonlyMap<string, readonly string[]>;
}

/**
 * tail_sampling and probabilistic_sampler of the OpenTelemetry Collector (contrib v0.159): only those that there are
 * policies for, so that the user's own placeholder, which keeps everything, holds otherwise. No inverted matches, since
 * collectors from v0.142 on read them differently: what must not hold is the policy `not`.
 */
export function samplingProcessors(
  policies: readonly SamplingVersion[],
  abilities: CollectorAbilities,
): SamplingProcessors {
  const reasons = reasonsAgainst(policies);
  let able = policies.filter(({ id }) => !reasons.has(id));
  let rules = tailRules(able);
  if (!abilities.hasNotPolicy && rules.some(({ rule }) => usesNot(rule))) {
    for (const { id, policy } of able) if (policy.action.stage === 'tail') reasons.set(id, NO_NOT);
    able = able.filter(({ id }) => !reasons.has(id));
    rules = [];
  }
  const share = able.find(({ policy }) => policy.action.stage === 'collector')?.policy.action;
  const slot = { tail: TAIL_SLOT, collector: SHARE_SLOT, sdk: '' } as const;
  const hasPaths = abilities.hasContextPaths;
  return {
    processors: {
      ...(share && { [SHARE_SLOT]: shareProcessor(share.otherwise) }),
      ...(rules.length > 0 && { [TAIL_SLOT]: { policies: rules.map((rule) => writeNamed(rule, hasPaths)) } }),
    },
    unsupported: [...reasons].map(([id, reason]) => ({ id, reason })),
    carriers: new Map(able.map(({ id, policy }) => [id, [slot[policy.action.stage]]])),
  };
}

const NO_NOT = 'tail_sampling tells what must not hold from version 0.145.0 on';

function usesNot(rule: SamplingRule): boolean {
  return rule.type === 'not' || (rule.type === 'all' && rule.rules.some(({ type }) => type === 'not'));
}

function reasonsAgainst(policies: readonly SamplingVersion[]): Map<string, string> {
  const reasons = new Map<string, string>();
  let [first, everything]: [string | null, string | null] = [null, null];
  for (const { id, policy } of policies) {
    const { stage, operations, environment } = policy.action;
    if (stage === 'tail' && everything !== null) reasons.set(id, `policy ${everything} takes all traces before it`);
    else if (stage === 'tail' && policy.services.length === 0 && environment === '') everything = id;
    if (stage === 'sdk') reasons.set(id, 'SDKs carry it out, by Jaeger remote sampling or their own settings');
    if (stage !== 'collector') continue;
    if (operations.length > 0 || policy.services.length > 0 || environment !== '') {
      reasons.set(id, 'probabilistic_sampler has one percentage for all spans; use tail sampling, or SDKs');
    } else if (first !== null) reasons.set(id, `policy ${first} sets the percentage of probabilistic_sampler`);
    else first = id;
  }
  return reasons;
}

/** In the mode `proportional` it writes `ot=th`, so that totals stay known; it keeps what it cannot decide. */
function shareProcessor(probability: number): unknown {
  return {
    ...{ mode: 'proportional', sampling_percentage: percent(probability) },
    ...{ sampling_precision: PRECISION, fail_closed: false },
  };
}

function writeNamed({ name, rule }: NamedRule, hasPaths: boolean): unknown {
  return { name: plainName(name), ...writeRule(rule, hasPaths) };
}

/** YAML takes no control characters, and of two names that differ in one only both have to stay. */
function plainName(name: string): string {
  return name.replace(/[%\p{Cc}\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu, encodeURIComponent);
}

function writeRule(rule: SamplingRule, hasPaths: boolean): object {
  if (rule.type !== 'all') return writePart(rule, hasPaths);
  const parts = rule.rules.map((part, i) => ({ name: `part-${i + 1}`, ...writePart(part, hasPaths) }));
  return { type: 'and', and: { and_sub_policy: parts } };
}

function writePart(rule: SimpleRule | NotRule, hasPaths: boolean): object {
  if (rule.type !== 'not') return writeSimple(rule, hasPaths);
  return { type: 'not', not: { not_sub_policy: { name: 'not', ...writeSimple(rule.rule, hasPaths) } } };
}

function writeSimple(rule: SimpleRule, hasPaths: boolean): object {
  switch (rule.type) {
    case 'always':
      return { type: 'always_sample' };
    case 'error':
      return { type: 'status_code', status_code: { status_codes: ['ERROR'] } };
    case 'longer':
      return { type: 'latency', latency: { threshold_ms: rule.ms } };
    case 'some-span':
      return {
        type: 'ottl_condition',
        ottl_condition: { error_mode: 'ignore', span: rule.tests.map((test) => writeTest(test, hasPaths)) },
      };
    case 'share':
      return {
        type: 'probabilistic',
        probabilistic: { hash_salt: HASH_SALT, sampling_percentage: rule.percentage },
      };
  }
}

/** A condition of OTTL. */
function writeTest({ isRoot, services, environment, names, attribute }: SpanTest, hasPaths: boolean): string {
  const own = hasPaths ? 'span.' : '';
  const conditions = [
    ...(isRoot ? ['IsRootSpan()'] : []),
    ...(services.length === 0 ? [] : [anyOf(services.map((service) => equals('resource.', 'service.name', service)))]),
    ...(environment === '' ? [] : [anyOf(ENVIRONMENT_KEYS.map((key) => equals('resource.', key, environment)))]),
    ...(names.length === 0 ? [] : [anyOf(names.flatMap((name) => namedAs(`${own}name`, name)))]),
    ...(attribute === null ? [] : [equals(own, attribute.key, attribute.value)]),
  ];
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}

function equals(owner: string, key: string, value: string): string {
  return `${owner}attributes[${quote(key)}] == ${quote(value)}`;
}
