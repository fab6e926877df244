import type { PolicyVersion } from '../../model/policy.js';
import { FILTER_SLOT, REDACTION_SLOT, SLOTS, type Slot, TRANSFORM_SLOT } from '../slots.js';
import { type CollectorOptions, renderOtelCollector } from './otel-collector.js';
import type { Rendered } from './target.js';

/**
 * A complete configuration of the OpenTelemetry Collector (contrib v0.159): takes OTLP, gives spanwarden a copy of the spans
 * as they came, and sends them on with the policies applied, and to spanwarden once more, which sees by them that they are. Without policies it is `deploy/collector.yaml`, the base that
 * served policies go on top of. Samplers are in it where a policy needs them only, since `tail_sampling` holds traces back
 * and `probabilistic_sampler` writes to their state.
 */
export function renderOtelCollectorConfig(
  policies: readonly PolicyVersion[],
  options: CollectorOptions = {},
): Rendered {
  const { document, ...said } = renderOtelCollector(policies, options);
  const { processors } = document as { processors: Readonly<Partial<Record<Slot, unknown>>> };
  const slots = SLOTS.filter((slot) => slot in PLACEHOLDERS || slot in processors);
  const filled = slots.map((slot) => [slot, { ...PLACEHOLDERS[slot], ...withoutLists(processors[slot]) }]);
  return {
    ...said,
    document: {
      receivers: RECEIVERS,
      processors: { memory_limiter: MEMORY_LIMITER, ...Object.fromEntries(filled), batch: {} },
      exporters: EXPORTERS,
      service: {
        pipelines: {
          'traces/spanwarden': {
            ...{ receivers: ['otlp'], processors: ['memory_limiter', 'batch'] },
            exporters: ['otlp_http/spanwarden'],
          },
          traces: {
            ...{ receivers: ['otlp'], processors: ['memory_limiter', ...slots, 'batch'] },
            exporters: ['debug', 'otlp_http/spanwarden-after'],
          },
        },
      },
    },
  };
}

/** What slots are without policies: nothing happens in them. */
const PLACEHOLDERS: Readonly<Partial<Record<Slot, object>>> = {
  [FILTER_SLOT]: { error_mode: 'ignore' },
  [TRANSFORM_SLOT]: { error_mode: 'ignore' },
  [REDACTION_SLOT]: { allow_all_keys: true },
};

/** Without the lists that are empty, which say nothing. */
function withoutLists(processor: unknown = {}): object {
  const fields = Object.entries(processor as object);
  return Object.fromEntries(fields.filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

const RECEIVERS = {
  otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' }, http: { endpoint: '0.0.0.0:4318' } } },
};
const MEMORY_LIMITER = { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 25 };
/** A copy for spanwarden, taken before or after the policies. */
function copy(tap: 'before' | 'after'): object {
  return {
    endpoint: '${env:SPANWARDEN_OTLP_ENDPOINT:-http://spanwarden:4318}',
    headers: {
      Authorization: 'Bearer ${env:SPANWARDEN_COLLECTOR_TOKEN}',
      'spanwarden-tap': tap,
      'spanwarden-collector': '${env:HOSTNAME:-collector}',
    },
    sending_queue: { queue_size: 500 },
    retry_on_failure: { max_elapsed_time: '120s' },
  };
}
const EXPORTERS = {
  'otlp_http/spanwarden': copy('before'),
  'otlp_http/spanwarden-after': copy('after'),
  debug: { verbosity: 'basic' },
};
