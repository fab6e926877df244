import type { Policy, PolicyVersion } from '../../model/policy.js';
import { isSampling } from '../sampling-rules.js';
import { fieldPath } from '../statements.js';
import type { Rendered } from './target.js';

/** Environment variables of OpenTelemetry SDKs (specification, "SDK environment variables"). */
type Variables = Readonly<Record<string, string>>;

/**
 * What the settings of OpenTelemetry SDKs can do, as advice: variables by service, `*` for every one. SDKs have limits for
 * all attributes of a service together, so the loosest policy of a service sets them.
 */
export function renderOtelSdk(policies: readonly PolicyVersion[]): Rendered {
  const lengths = new Map<string, number>();
  const samplers = new Map<string, Variables>();
  const unsupported: { id: string; reason: string }[] = [];
  const notes: { id: string; note: string }[] = [];
  for (const version of policies) {
    const { id, policy } = version;
    const reason = reasonAgainst(policy);
    if (reason !== null) unsupported.push({ id, reason });
    else if (isSampling(version)) {
      for (const service of servicesOf(policy)) if (!samplers.has(service)) samplers.set(service, sampler(policy));
      if (version.policy.action.operations.length > 0) notes.push({ id, note: REMOTE });
    } else if (policy.action.kind === 'truncate') {
      for (const service of policy.services) {
        lengths.set(service, Math.max(policy.action.length, lengths.get(service) ?? 0));
      }
      notes.push({ id, note: ALL });
    }
  }
  const services = [...new Set([...lengths.keys(), ...samplers.keys()])].sort();
  const variables = services.map((service): [string, Variables] => {
    const length = lengths.get(service);
    return [service, { ...(length !== undefined && { [LENGTH]: String(length) }), ...samplers.get(service) }];
  });
  return { document: { environment: Object.fromEntries(variables) }, unsupported, notes };
}

const LENGTH = 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT';
const ALL = 'the limit is on all attributes of the service, so other values are cut as well';
const REMOTE =
  'the rates of operations come by Jaeger remote sampling: put the address of the collector that serves it in place of localhost';

function reasonAgainst({ action, location, key, services }: Policy): string | null {
  if (action.kind === 'truncate') {
    const isAttribute = (location === 'span' || location === 'event') && fieldPath(location, key) === undefined;
    if (!isAttribute) return 'SDKs cut attributes only';
    return services.length === 0 ? 'it names no services' : null;
  }
  if (action.kind !== 'sample') return 'SDKs have limits on the length and number of all attributes only';
  if (action.stage !== 'sdk') return 'a collector carries it out';
  return action.environment === '' ? null : 'set the variables in that environment only';
}

function servicesOf({ services }: Policy): readonly string[] {
  return services.length === 0 ? ['*'] : services;
}

/** Remote sampling where operations differ, and one ratio otherwise; both leave the decision to a parent. */
function sampler({ action }: Policy): Variables {
  if (action.kind !== 'sample') return {};
  if (action.operations.length === 0) {
    return { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: String(action.otherwise) };
  }
  const argument = `endpoint=http://localhost:14250,pollingIntervalMs=60000,initialSamplingRate=${action.otherwise}`;
  return { OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote', OTEL_TRACES_SAMPLER_ARG: argument };
}
