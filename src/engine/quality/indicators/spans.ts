import type { ServiceCounts } from '../../model/quality.js';
import type { Evidence } from '../evidence.js';
import { type Indicator, type Judgement, judgeQuantile, judgeShare, spanShare, withWholeTraces } from '../judgement.js';

const NO_SPANS = 'no spans';

interface SpanRule {
  readonly id: string;
  readonly title: string;
  readonly limit: Indicator['limit'];
  readonly of?: string;
  readonly with: (counts: ServiceCounts) => number;
  readonly all?: (counts: ServiceCounts) => number;
  readonly none?: string;
  /** Spans of a trace at two processes are not seen to be the same. */
  readonly isWhole?: boolean;
}

/** Shares of spans that need no more than the spans themselves. */
const RULES: readonly SpanRule[] = [
  {
    ...{ id: 'retried_spans', title: 'Spans that came more than once', limit: { most: 0.01 } },
    isWhole: true,
    with: (c) => c.retries,
    all: (c) => c.spans + c.retries,
    of: 'deliveries',
  },
  {
    ...{ id: 'shared_span_ids', title: 'Both sides of a call under one span id, as Zipkin has it', limit: null },
    isWhole: true,
    with: (c) => c.shared,
  },
  {
    ...{ id: 'span_id_collisions', title: 'Different spans under one span id', limit: { most: 0.001 } },
    isWhole: true,
    with: (c) => c.collisions,
  },
  {
    ...{ id: 'spans_without_ids', title: 'Spans without a valid trace id or span id', limit: { most: 0 } },
    with: (c) => c.badIds,
    all: (c) => c.spans + c.badIds,
  },
  {
    ...{ id: 'negative_durations', title: 'Spans that end before they begin', limit: { most: 0.001 } },
    with: (c) => c.negative,
  },
  {
    ...{ id: 'zero_durations', title: 'Spans that take no time', limit: { most: 0.05 } },
    with: (c) => c.zero,
  },
  {
    ...{
      id: 'future_spans',
      title: 'Spans that begin more than 5 minutes after they were received',
      limit: { most: 0.001 },
    },
    with: (c) => c.future,
  },
  {
    ...{ id: 'late_spans', title: 'Spans that came more than 6 hours after they ended', limit: { most: 0.001 } },
    with: (c) => c.late,
  },
  {
    ...{ id: 'dropped_data', title: 'Attributes, events and links that SDKs dropped', limit: { most: 0.001 } },
    with: (c) => c.dropped,
    all: (c) => c.kept + c.dropped,
    of: 'attributes, events and links',
    none: 'no attributes, events or links',
  },
  {
    ...{ id: 'error_spans', title: 'Spans with the status ERROR', limit: null },
    with: (c) => c.errors,
  },
  {
    ...{
      id: 'http_errors_without_status',
      title: 'SERVER spans of HTTP 5xx whose status is not ERROR',
      limit: { most: 0.01 },
    },
    with: (c) => c.server5xxWithoutError,
    all: (c) => c.server5xx,
    of: 'SERVER spans of HTTP 5xx',
    none: 'no SERVER spans of HTTP 5xx',
  },
  {
    ...{ id: 'errors_without_type', title: 'ERROR spans without error.type or an exception', limit: { most: 0.01 } },
    with: (c) => c.errorsWithoutType,
    all: (c) => c.errors,
    of: 'ERROR spans',
    none: 'no ERROR spans',
  },
  {
    ...{ id: 'baggage_in_spans', title: 'Spans that baggage was copied into', limit: { most: 0.01 } },
    with: (c) => c.baggage,
  },
  {
    ...{ id: 'cold_starts', title: 'Invocations of functions that were cold starts', limit: null },
    with: (c) => c.cold,
    all: (c) => c.cold + c.warm,
    of: 'spans with faas.coldstart',
    none: 'no spans with faas.coldstart',
  },
];

function asIndicator(rule: SpanRule): Indicator {
  const { id, title, limit, of = 'spans', with: x, all = (c) => c.spans, none = NO_SPANS, isWhole = false } = rule;
  const judge = (body: Evidence['all'], most: Indicator['limit']): Judgement =>
    judgeShare(spanShare(body, x(body.counts), all(body.counts), none), most);
  return {
    ...{ id, title, unit: 'ratio', limit, of },
    judge: (e, most) => (isWhole ? withWholeTraces(e, () => judge(e.whole, most)) : judge(e.all, most)),
  };
}

export const SPANS: readonly Indicator[] = [
  ...RULES.map(asIndicator),
  {
    id: 'missing_profile_links',
    title: 'SERVER and CONSUMER spans without a link to a profile, where others have one',
    ...{ unit: 'ratio', limit: { most: 0.1 }, of: 'SERVER and CONSUMER spans' },
    judge: (e, limit) => {
      const { entries, profiled } = e.all.counts;
      const n = profiled === 0 ? 0 : entries;
      return judgeShare(spanShare(e.all, entries - profiled, n, 'no span links to a profile'), limit);
    },
  },
  {
    id: 'clock_skew_p95',
    title: 'Clock skew between hosts, 95th percentile',
    ...{ unit: 'ms', limit: { most: 100 }, of: 'pairs of parent and child on two hosts' },
    judge: (e, limit) => judgeQuantile(e.all.histograms.skew, 0.95, limit, 'no parent and child on two hosts'),
  },
  {
    id: 'ingest_lag_p95',
    title: 'From the end of a span to its receipt, 95th percentile',
    ...{ unit: 'ms', limit: { most: 30_000 }, of: 'spans' },
    judge: (e, limit) => judgeQuantile(e.all.histograms.lag, 0.95, limit, NO_SPANS),
  },
];
