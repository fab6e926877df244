import { renderOtelCollector } from './otel-collector.js';
import type { PolicyTarget } from './target.js';

/** The table of policy targets: one file, one line here and one golden folder each. */
export const POLICY_TARGETS = {
  'otel-collector': renderOtelCollector,
} as const satisfies Record<string, PolicyTarget>;
