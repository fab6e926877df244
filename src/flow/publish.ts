import type { PolicyVersion } from '../engine/model/policy.js';
import { POLICY_TARGETS } from '../engine/policy/targets/index.js';
import type { Rendered } from '../engine/policy/targets/target.js';

/** Policies in the form of the OpenTelemetry Collector, as a collector is served them. */
export function publish(policies: readonly PolicyVersion[]): Rendered {
  return POLICY_TARGETS['otel-collector'](policies);
}

/** Policies that are served together, as `id@version`: what a revision is the hash of. */
export function membersOf(policies: readonly PolicyVersion[]): string[] {
  return policies.map(({ id, version }) => `${id}@${version}`).sort();
}
