import { quote } from './ottl-text.js';
import { ENVIRONMENT_KEYS, HASH_SALT, PRECISION } from './sample-traces.js';
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
import { hasPlaceholder, spanNamePattern } from './span-name-pattern.js';

/** Slots of the user's own configuration. */
export const TAIL_SLOT = 'tail_sampling/spanwarden';
export const SHARE_SLOT = 'probabilistic_sampler/spanwarden';

interface SamplingProcessors {
  readonly processors: Readonly<Record<string, unknown>>;
  readonly unsupported: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * tail_sampling and probabilistic_sampler of the OpenTelemetry Collector (contrib v0.159): only those that there are
 * policies for, so that the user's own placeholder, which keeps everything, holds otherwise. No inverted matches, since
 * collectors from v0.142 on read them differently: what must not hold is the policy `not`.
 */
export function samplingProcessors(policies: readonly SamplingVersion[]): SamplingProcessors {
  const unsupported = [...reasonsAgainst(policies)].map(([id, reason]) => ({ id, reason }));
  const able = policies.filter(({ id }) => unsupported.every((one) => one.id !== id));
  const share = able.find(({ policy }) => policy.action.stage === 'collector')?.policy.action;
  const rules = tailRules(able);
  return {
    processors: {
      ...(share && { [SHARE_SLOT]: shareProcessor(share.otherwise) }),
      ...(rules.length > 0 && { [TAIL_SLOT]: { policies: rules.map(writeNamed) } }),
    },
    unsupported,
  };
}

function reasonsAgainst(policies: readonly SamplingVersion[]): Map<string, string> {
  const reasons = new Map<string, string>();
  let first: string | null = null;
  for (const { id, policy } of policies) {
    const { stage, operations, environment } = policy.action;
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

function writeNamed({ name, rule }: NamedRule): unknown {
  return { name, ...writeRule(rule) };
}

function writeRule(rule: SamplingRule): object {
  if (rule.type !== 'all') return writePart(rule);
  const parts = rule.rules.map((part, i) => ({ name: `part-${i + 1}`, ...writePart(part) }));
  return { type: 'and', and: { and_sub_policy: parts } };
}

function writePart(rule: SimpleRule | NotRule): object {
  if (rule.type !== 'not') return writeSimple(rule);
  return { type: 'not', not: { not_sub_policy: { name: 'not', ...writeSimple(rule.rule) } } };
}

function writeSimple(rule: SimpleRule): object {
  switch (rule.type) {
    case 'always':
      return { type: 'always_sample' };
    case 'error':
      return { type: 'status_code', status_code: { status_codes: ['ERROR'] } };
    case 'longer':
      return { type: 'latency', latency: { threshold_ms: rule.ms } };
    case 'some-span':
      return { type: 'ottl_condition', ottl_condition: { error_mode: 'ignore', span: rule.tests.map(writeTest) } };
    case 'share':
      return {
        type: 'probabilistic',
        probabilistic: { hash_salt: HASH_SALT, sampling_percentage: rule.percentage },
      };
  }
}

/** A condition of OTTL. */
function writeTest({ isRoot, services, environment, names, attribute }: SpanTest): string {
  const conditions = [
    ...(isRoot ? ['IsRootSpan()'] : []),
    ...(services.length === 0 ? [] : [anyOf(services.map((service) => equals('resource', 'service.name', service)))]),
    ...(environment === '' ? [] : [anyOf(ENVIRONMENT_KEYS.map((key) => equals('resource', key, environment)))]),
    ...(names.length === 0 ? [] : [anyOf(names.flatMap(namedAs))]),
    ...(attribute === null ? [] : [equals('span', attribute.key, attribute.value)]),
  ];
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}

function equals(of: 'resource' | 'span', key: string, value: string): string {
  return `${of}.attributes[${quote(key)}] == ${quote(value)}`;
}

/** Names are often templates already, from the framework or from a policy of the processor before. */
function namedAs(template: string): string[] {
  const pattern = hasPlaceholder(template) ? [`IsMatch(span.name, ${quote(spanNamePattern(template))})`] : [];
  return [`span.name == ${quote(template)}`, ...pattern];
}

function anyOf(conditions: readonly string[]): string {
  return conditions.length === 1 ? conditions[0]! : `(${conditions.join(' or ')})`;
}
