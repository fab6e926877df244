import { renderJaegerRemoteSampling } from './jaeger-remote-sampling.js';
import { renderOtelCollector } from './otel-collector.js';
import { renderOtelCollectorConfig } from './otel-collector-config.js';
import { renderOtelSdk } from './otel-sdk.js';
import { renderRefinery } from './refinery.js';
import type { PolicyTarget } from './target.js';

/** The table of policy targets: one file, one line here and one golden folder each. */
export const POLICY_TARGETS = {
  'otel-collector': renderOtelCollector,
  'otel-collector-config': renderOtelCollectorConfig,
  'jaeger-remote-sampling': renderJaegerRemoteSampling,
  refinery: renderRefinery,
  'otel-sdk': renderOtelSdk,
} as const satisfies Record<string, PolicyTarget>;
