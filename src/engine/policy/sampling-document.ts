import type { SampleAction } from '../model/policy.js';
import {
  type CriticalRoute,
  MAX_CRITICAL,
  MAX_OPERATIONS,
  type OperationRate,
  SAMPLING_STAGES,
  type SamplingBudget,
} from '../model/sampling.js';
import type { DocumentReader } from '../rules/document-reader.js';

const MOST_MS = 86_400_000;
const MOST = 1e15;
/** The least probability that a policy can give. */
const LEAST = 1e-9;
const BUDGETS = ['spans_per_second', 'gigabytes_per_day', 'money_per_month'] as const;

/** Reads the action of a policy on sampling, as the API shows it; what is not given keeps more rather than less. */
export function readSampleAction(r: DocumentReader): SampleAction {
  const keep = r.nested('keep');
  const slow = keep.value('slowerThanMs') ?? null;
  const critical = keep.list('critical', readRoute);
  const operations = r.list('operations', readRate);
  if (critical.length > MAX_CRITICAL) keep.report('critical', `${critical.length} routes`, `at most ${MAX_CRITICAL}`);
  if (operations.length > MAX_OPERATIONS) {
    r.report('operations', `${operations.length} operations`, `at most ${MAX_OPERATIONS}`);
  }
  const budget = (r.value('budget') ?? null) === null ? null : readBudget(r.nested('budget'));
  const adaptive = r.flag('adaptive', false);
  if (adaptive && budget === null) r.report('budget', 'missing', 'a budget that the probabilities follow');
  return {
    ...{ kind: 'sample', stage: r.oneOf('stage', SAMPLING_STAGES, 'tail'), operations, budget, adaptive },
    environment: r.has('environment') && r.value('environment') !== '' ? r.text('environment') : '',
    keep: {
      errors: keep.flag('errors', false),
      slowerThanMs: slow === null ? null : Math.trunc(keep.number('slowerThanMs', 1, MOST_MS)),
      critical,
    },
    otherwise: r.has('otherwise') ? r.number('otherwise', LEAST, 1) : 1,
    floor: r.has('floor') ? r.number('floor', LEAST, 1) : LEAST,
  };
}

function readRate(r: DocumentReader): OperationRate {
  const probability = r.has('probability') ? r.number('probability', LEAST, 1) : missing(r, 'probability');
  return { service: exact(r, 'service'), operation: exact(r, 'operation'), probability };
}

function readRoute(r: DocumentReader): CriticalRoute {
  const kind = r.oneOf('kind', ['name', 'attribute'] as const, 'name');
  if (kind === 'name') return { kind, name: exact(r, 'name') };
  return { kind, key: exact(r, 'key'), value: exact(r, 'value') };
}

function readBudget(r: DocumentReader): SamplingBudget {
  const kind = r.oneOf('kind', BUDGETS, 'spans_per_second');
  const amount = r.has('amount') ? r.number('amount', LEAST, MOST) : missing(r, 'amount');
  return kind === 'money_per_month' ? { kind, amount, priceModel: exact(r, 'priceModel') } : { kind, amount };
}

function missing(r: DocumentReader, field: string): number {
  r.report(field, 'missing', 'a number');
  return 1;
}

/** Names may begin with a space: what is written is taken as it is. */
function exact(r: DocumentReader, field: string): string {
  const value = r.value(field);
  if (typeof value === 'string') return value;
  r.report(field, value === undefined ? 'missing' : 'wrong type', 'text');
  return '';
}
