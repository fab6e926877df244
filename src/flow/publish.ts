import type { PolicyVersion } from '../engine/model/policy.js';
import { type CollectorOptions, renderOtelCollector } from '../engine/policy/targets/otel-collector.js';
import type { Rendered } from '../engine/policy/targets/target.js';

/** Policies in the form of the OpenTelemetry Collector, as a collector is served them. Nothing marks spans where none are. */
export function publish(policies: readonly PolicyVersion[], options: CollectorOptions = {}): Rendered {
  const { version, revision } = options;
  return renderOtelCollector(policies, { version, revision: policies.length === 0 ? undefined : revision });
}

/** Policies that are served together, as `id@version`: what a revision is the hash of. */
export function membersOf(policies: readonly PolicyVersion[]): string[] {
  return policies.map(({ id, version }) => `${id}@${version}`).sort();
}
