import type { PolicyVersion } from '../engine/model/policy.js';
import { POLICY_TARGETS } from '../engine/policy/targets/index.js';
import type { Rendered } from '../engine/policy/targets/target.js';
import type { PolicyStore } from './ports.js';

export interface PublishedSet {
  readonly policies: readonly PolicyVersion[];
  readonly rendered: Rendered;
}

/** The approved policies of a set, in the form of the OpenTelemetry Collector. */
export async function publish(tenant: string, policySet: string, policies: PolicyStore): Promise<PublishedSet> {
  const approved = await policies.approved(tenant, policySet);
  return { policies: approved, rendered: POLICY_TARGETS['otel-collector'](approved) };
}
