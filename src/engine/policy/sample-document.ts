import type { SampleAction } from '../model/policy.js';
import {
  type CriticalRoute,
  MAX_CRITICAL,
  MAX_OPERATIONS,
  type OperationRate,
  SAMPLING_STAGES,
} from '../model/sampling.js';
import type { DocumentReader } from '../rules/document-reader.js';

/** Of a trace id of 56 random bits; what keeps less keeps nothing. */
const LEAST = 1e-9;
const LONGEST_MS = 86_400_000;

/**
 * Reads an action on sampling as the API shows it. The budget that its probabilities came from is left out: it changes
 * nothing about which traces are kept.
 */
export function readSampleAction(r: DocumentReader): SampleAction {
  const keep = r.nested('keep');
  const slow = keep.value('slowerThanMs') ?? null;
  const operations = r.list('operations', readOperation);
  const critical = keep.list('critical', readRoute);
  if (operations.length > MAX_OPERATIONS) r.report('operations', 'too many', `at most ${MAX_OPERATIONS}`);
  if (critical.length > MAX_CRITICAL) keep.report('critical', 'too many', `at most ${MAX_CRITICAL}`);
  const environment = r.value('environment') ?? '';
  if (typeof environment !== 'string') r.report('environment', 'wrong type', 'text');
  return {
    kind: 'sample',
    stage: r.oneOf('stage', SAMPLING_STAGES, 'tail', true),
    environment: typeof environment === 'string' ? environment : '',
    keep: {
      errors: keep.flag('errors', false),
      slowerThanMs: slow === null ? null : keep.number('slowerThanMs', 1, LONGEST_MS),
      critical,
    },
    operations,
    otherwise: r.number('otherwise', LEAST, 1),
    floor: r.has('floor') ? r.number('floor', LEAST, 1) : LEAST,
    budget: null,
    adaptive: r.flag('adaptive', false),
  };
}

function readOperation(r: DocumentReader): OperationRate {
  return { service: r.text('service'), operation: r.text('operation'), probability: r.number('probability', LEAST, 1) };
}

function readRoute(r: DocumentReader): CriticalRoute {
  const kind = r.oneOf('kind', ['name', 'attribute'] as const, 'name');
  return kind === 'name' ? { kind, name: r.text('name') } : { kind, key: r.text('key'), value: r.text('value') };
}
