/** What a version of the OpenTelemetry Collector (contrib) can be told. */
export interface CollectorAbilities {
  /**
   * Paths of OTTL with their context in front (`span.name`) and `trace_conditions` of the processor filter: from v0.146.0 on
   * (opentelemetry.io/blog/2026/ottl-context-inference-come-to-filterprocessor). Older ones have `name` in the context `span`
   * and `traces.span`.
   */
  readonly hasContextPaths: boolean;
  /** The policy `not` of tail_sampling: from v0.145.0 on (its config.go). */
  readonly hasNotPolicy: boolean;
  /** `hash_function: hmac-sha256` of redaction: from v0.147.0 on (its config.go, contrib pull request 45715). */
  readonly hasKeyedHash: boolean;
}

/**
 * By the version as a collector says it, such as `0.159.0` or `v0.140.1`. Versions of distributions that count otherwise
 * (1.9.0) and none at all are taken for the newest.
 */
export function abilitiesOf(version = ''): CollectorAbilities {
  const minor = /^v?0\.(\d{1,4})(?:\.|$)/.exec(version.trim())?.[1];
  const known = minor === undefined ? Number.POSITIVE_INFINITY : Number(minor);
  return { hasContextPaths: known >= 146, hasNotPolicy: known >= 145, hasKeyedHash: known >= 147 };
}
