import { type Indicator, insufficient, judgeQuantile, judgeShare, judgeValue, notApplicable } from '../judgement.js';

const NO_ROOTS = 'no traces begin here';

/** What the field guide asks of traces as a whole: coverage, errors, times, sampling, cost, silence. */
export const SERVICE_LEVEL: readonly Indicator[] = [
  {
    id: 'trace_coverage',
    title: 'Requests that left a SERVER span',
    ...{ unit: 'ratio', limit: { least: 0.9 }, of: 'requests, as counted elsewhere' },
    judge: ({ requests }, limit) => {
      if (requests === null)
        return insufficient('nobody said how many requests there were (PUT /api/v1/quality/request-totals)');
      const { total, traced } = requests;
      // More spans than requests: what was counted elsewhere does not have all of them.
      if (traced > total * 1.05) return insufficient('more requests left a span than were counted elsewhere', total);
      return judgeShare({ with: Math.min(traced, total), of: total, traces: null, none: 'no requests' }, limit);
    },
  },
  {
    id: 'error_traces',
    title: 'Traces with an error',
    ...{ unit: 'ratio', limit: { most: 0.01 }, of: 'traces that are entered here' },
    judge: (e, limit) => {
      const { errorTraces, entered } = e.all.counts;
      return judgeShare({ with: errorTraces, of: entered, traces: entered, none: NO_ROOTS }, limit);
    },
  },
  ...[0.95, 0.99].map(
    (q): Indicator => ({
      id: `root_duration_p${q * 100}`,
      title: `Duration of root spans, ${q * 100}th percentile`,
      ...{ unit: 'ms', limit: null, of: 'root spans' },
      judge: (e, limit) => judgeQuantile(e.all.histograms.duration, q, limit, NO_ROOTS),
    }),
  ),
  {
    id: 'sampling_rate',
    title: 'Spans that were kept by samplers, as far as they say so',
    ...{ unit: 'ratio', limit: null, of: 'spans that were recorded' },
    judge: (e, limit) => {
      const { withThreshold, weight, spans } = e.all.counts;
      if (withThreshold === 0) return notApplicable('no span says how it was sampled (tracestate ot=th)');
      return judgeValue(
        withThreshold / weight,
        withThreshold,
        limit,
        `${withThreshold} of ${spans} spans say how they were sampled`,
      );
    },
  },
  {
    id: 'cost_per_trace',
    title: 'Cost of a trace',
    ...{ unit: 'currency', limit: null, of: 'traces' },
    judge: (e, limit) => {
      const { spans, entered } = e.all.counts;
      if (e.costPerSpan === null || entered === 0) return notApplicable('no traces begin here');
      return judgeValue((e.costPerSpan * spans) / entered, entered, limit);
    },
  },
  {
    id: 'silent_services',
    title: 'Services that sent spans for most of the day before the last hour, and none since',
    ...{ unit: 'services', limit: { most: 0 }, of: 'services' },
    judge: ({ silent }, limit) =>
      silent === null ? notApplicable('no services') : judgeValue(silent.services, silent.of, limit),
  },
];
