import type { PolicyVersion, SampleAction } from '../../model/policy.js';
import type { KeepRules, OperationRate } from '../../model/sampling.js';
import { isSampling, type SamplingVersion } from '../sampling-rules.js';
import { hasPlaceholder } from '../span-name-pattern.js';
import type { Rendered } from './target.js';

interface Probabilistic {
  readonly type: 'probabilistic';
  readonly param: number;
}
export interface JaegerStrategy extends Probabilistic {
  readonly operation_strategies?: readonly ({ readonly operation: string } & Probabilistic)[];
}
/** The strategies file of Jaeger, which the collector's extension `jaegerremotesampling` reads too. */
export interface JaegerStrategies {
  readonly service_strategies: readonly ({ readonly service: string } & JaegerStrategy)[];
  readonly default_strategy: JaegerStrategy;
}

/**
 * Strategies of Jaeger remote sampling, by service and operation. Probabilities only: the sampler for JavaScript knows no
 * rate limits. A service without a strategy has the default one, which keeps everything unless a policy for all services
 * says otherwise. Where policies speak of the same service the first counts.
 */
export function renderJaegerRemoteSampling(policies: readonly PolicyVersion[]): Rendered & {
  readonly document: JaegerStrategies;
} {
  const unsupported: { id: string; reason: string }[] = [];
  const notes: { id: string; note: string }[] = [];
  const services = new Map<string, JaegerStrategy>();
  let everywhere: JaegerStrategy | null = null;
  for (const version of policies) {
    const { id } = version;
    const reason = reasonAgainst(version);
    if (reason !== null) {
      unsupported.push({ id, reason });
      continue;
    }
    const { policy } = version as SamplingVersion;
    if (namesOf(policy.action).some(hasPlaceholder)) notes.push({ id, note: EXACT });
    if (!isDecidable(policy.action)) notes.push({ id, note: UNKNOWN });
    for (const [service, strategy] of strategiesOf(version as SamplingVersion)) {
      if (service !== '' && !services.has(service)) services.set(service, strategy);
      else if (service === '' && everywhere === null) everywhere = strategy;
      else notes.push({ id, note: `another policy comes first for ${service === '' ? 'all services' : service}` });
    }
  }
  return {
    document: {
      service_strategies: [...services].map(([service, strategy]) => ({ service, ...strategy })),
      default_strategy: everywhere ?? probabilistic(1),
    },
    unsupported,
    notes,
  };
}

const EXACT =
  'names are compared as they are, so an operation with a placeholder is met only where the framework writes it so; all others have the rate of operations that are not listed';

const UNKNOWN =
  'nothing is known of errors, durations and attributes when a trace begins, so traces are not kept for them';

function isDecidable({ keep: { errors, slowerThanMs, critical } }: SampleAction): boolean {
  return !errors && slowerThanMs === null && critical.every(({ kind }) => kind === 'name');
}

/** Names that have a strategy of their own. */
function namesOf({ operations, keep }: SampleAction): string[] {
  return [...operations.map(({ operation }) => operation), ...criticalNames(keep)];
}

function criticalNames({ critical }: KeepRules): string[] {
  return critical.flatMap((route) => (route.kind === 'name' ? [route.name] : []));
}

function reasonAgainst(version: PolicyVersion): string | null {
  if (!isSampling(version)) return 'remote sampling decides on traces and changes no spans';
  const { stage, environment } = version.policy.action;
  if (stage !== 'sdk') return 'a collector carries it out';
  return environment === '' ? null : 'remote sampling does not know environments';
}

/** By service, '' for all. A service with an operation of its own has a strategy of its own. */
function strategiesOf({ policy: { services, action } }: SamplingVersion): Map<string, JaegerStrategy> {
  const strategies = new Map<string, JaegerStrategy>();
  const names = services.length > 0 ? services : ['', ...new Set(action.operations.map(({ service }) => service))];
  const kept = criticalNames(action.keep).map((operation) => ({ operation, ...probabilistic(1) }));
  for (const name of names) {
    const rates = action.operations.filter(({ service }) => service === name).map(operationStrategy);
    const own = [...kept, ...rates.filter(({ operation }) => kept.every((one) => one.operation !== operation))];
    strategies.set(name, {
      ...probabilistic(action.otherwise),
      ...(own.length > 0 && { operation_strategies: own }),
    });
  }
  return strategies;
}

function operationStrategy({ operation, probability }: OperationRate): { operation: string } & Probabilistic {
  return { operation, ...probabilistic(probability) };
}

function probabilistic(param: number): Probabilistic {
  return { type: 'probabilistic', param };
}
