import type { PolicyVersion } from '../../model/policy.js';
import type { CriticalRoute, OperationRate } from '../../model/sampling.js';
import { isSampling, type SamplingVersion } from '../sampling-rules.js';
import { hasPlaceholder, spanNamePattern } from '../span-name-pattern.js';
import type { Rendered } from './target.js';

interface Condition {
  readonly Field: string;
  readonly Operator: string;
  readonly Value: string | number | boolean;
  readonly Datatype?: 'string' | 'int' | 'float' | 'bool';
}
interface Rule {
  readonly Name: string;
  readonly SampleRate: number;
  readonly Conditions?: readonly Condition[];
}

/**
 * Rules of Honeycomb's Refinery (rules file of version 2): the first rule that holds decides, so what is always kept
 * stands first. Its samplers are chosen by the environment of an API key.
 */
export function renderRefinery(policies: readonly PolicyVersion[]): Rendered {
  const unsupported: { id: string; reason: string }[] = [];
  const notes: { id: string; note: string }[] = [];
  const samplers = new Map<string, Rule[]>([['__default__', []]]);
  const tail: SamplingVersion[] = [];
  for (const version of policies) {
    const { id } = version;
    if (!isSampling(version)) unsupported.push({ id, reason: 'Refinery decides on traces and changes no spans' });
    else if (version.policy.action.stage !== 'tail') {
      unsupported.push({ id, reason: 'it is for SDKs or collectors, before Refinery' });
    } else tail.push(version);
  }
  for (const version of tail) {
    const { environment, operations, otherwise, keep } = version.policy.action;
    const rates = [...operations.map(({ probability }) => probability), otherwise];
    if (rates.some((rate) => !Number.isInteger(1 / rate))) notes.push({ id: version.id, note: WHOLE });
    if (keep.slowerThanMs !== null) notes.push({ id: version.id, note: SLOW });
    const target = environment === '' ? '__default__' : environment;
    // A target has its rules alone, so what holds everywhere is in each of them.
    samplers.set(target, samplers.get(target) ?? []);
  }
  for (const [target, rules] of samplers) {
    for (const version of tail) {
      const { environment } = version.policy.action;
      if (environment === '' || environment === target) rules.push(...rulesOf(version));
    }
    rules.push({ Name: 'others', SampleRate: 1 });
  }
  const sampler = (rules: readonly Rule[]) => ({ RulesBasedSampler: { Rules: rules } });
  return {
    document: {
      RulesVersion: 2,
      Samplers: Object.fromEntries([...samplers].map(([target, rules]) => [target, sampler(rules)])),
    },
    unsupported,
    notes,
  };
}

const WHOLE = 'Refinery keeps one in so many traces, a whole number: shares are rounded up to the next of them';
const SLOW = 'Refinery compares the duration of the root span, not the time from the first start to the last end';

function rulesOf({ id, policy: { services, action } }: SamplingVersion): Rule[] {
  const { keep, operations, otherwise } = action;
  const scopes: Condition[][] = services.length === 0 ? [[]] : services.map((service) => [ofRoot(service)]);
  const kept: [string, Condition[]][] = [
    ...(keep.errors ? [['errors', [ERROR]] as [string, Condition[]]] : []),
    ...(keep.slowerThanMs === null ? [] : [['slow', [slower(keep.slowerThanMs)]] as [string, Condition[]]]),
    ...keep.critical.map((route, i): [string, Condition[]] => [`critical ${i + 1}`, [critical(route)]]),
  ];
  const listed = operations.filter(({ service }) => services.length === 0 || services.includes(service));
  return [
    ...scopes.flatMap((scope, s) =>
      kept.map(([name, own]) => rule(`${id} ${name}${scopes.length > 1 ? ` of ${s + 1}` : ''}`, 1, [...scope, ...own])),
    ),
    ...listed.map((operation, i) => rule(`${id} operation ${i + 1}`, operation.probability, operationTest(operation))),
    ...scopes.map((scope, s) => rule(`${id} others${scopes.length > 1 ? ` of ${s + 1}` : ''}`, otherwise, scope)),
  ];
}

function rule(name: string, probability: number, conditions: readonly Condition[]): Rule {
  return {
    ...{ Name: name, SampleRate: Math.max(1, Math.floor(1 / probability)) },
    ...(conditions.length > 0 && { Conditions: conditions }),
  };
}

/** StatusCode of OTLP, as Honeycomb's translation of it has it. */
const ERROR: Condition = { Field: 'status_code', Operator: '=', Value: 2, Datatype: 'int' };

function slower(ms: number): Condition {
  return { Field: 'root.duration_ms', Operator: '>', Value: ms, Datatype: 'float' };
}

function ofRoot(service: string): Condition {
  return { Field: 'root.service.name', Operator: '=', Value: service, Datatype: 'string' };
}

function operationTest({ service, operation }: OperationRate): Condition[] {
  return [ofRoot(service), named('root.name', operation)];
}

function critical(route: CriticalRoute): Condition {
  if (route.kind === 'name') return named('name', route.name);
  return { Field: route.key, Operator: '=', Value: route.value, Datatype: 'string' };
}

function named(field: string, template: string): Condition {
  if (!hasPlaceholder(template)) return { Field: field, Operator: '=', Value: template, Datatype: 'string' };
  const literal = template.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return { Field: field, Operator: 'matches', Value: `${spanNamePattern(template)}|^${literal}$` };
}
