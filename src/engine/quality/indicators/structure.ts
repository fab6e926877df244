import { type Evidence, mostSpansIn, unseen } from '../evidence.js';
import {
  type Indicator,
  type Judgement,
  judgeQuantile,
  judgeShare,
  type Share,
  spanShare,
  withWholeTraces,
} from '../judgement.js';

const NO_TRACES = 'no traces';
const percent = (most: number): { most: number } => ({ most: most / 100 });

/** A share of traces, of which those that are not whole may or may not have the fault. */
function ofTraces(evidence: Evidence, x: number, n: number, unknown: number): Share {
  return { with: x, of: n, unknown, doubt: evidence.doubt, traces: n, none: NO_TRACES };
}

function spansPerTrace(q: number, id: string, limit: Indicator['limit']): Indicator {
  return {
    ...{ id, title: `Spans per trace, ${q * 100}th percentile`, unit: 'spans', limit, of: 'whole traces' },
    judge: (e, most): Judgement =>
      withWholeTraces(e, () => {
        const judged = judgeQuantile(e.whole.histograms.spansPerTrace, q, most, NO_TRACES);
        return { ...judged, value: judged.value && Math.round(judged.value) };
      }),
  };
}

/** How traces hang together. */
export const STRUCTURE: readonly Indicator[] = [
  {
    id: 'orphan_spans',
    title: 'Spans whose parent is missing in the same service',
    ...{ unit: 'ratio', limit: percent(1), of: 'spans of whole traces' },
    judge: (e, limit) =>
      withWholeTraces(e, () => {
        const { orphans, spans, wholeSpans } = e.whole.counts;
        const unclear = { unknown: spans - wholeSpans, doubt: mostSpansIn(e.doubt, e.whole) };
        return judgeShare({ ...spanShare(e.whole, orphans, spans, NO_TRACES), ...unclear }, limit);
      }),
  },
  {
    id: 'orphan_traces',
    title: 'Traces with a span whose parent is missing in the same service',
    ...{ unit: 'ratio', limit: percent(1), of: 'traces' },
    judge: (e, limit) =>
      withWholeTraces(e, () => {
        const { orphanTraces, traces, unknown } = e.whole.counts;
        return judgeShare(ofTraces(e, orphanTraces, traces, unknown), limit);
      }),
  },
  {
    id: 'rootless_traces',
    title: 'Traces without a root span',
    ...{ unit: 'ratio', limit: percent(1), of: 'traces that are entered here' },
    judge: (e, limit) =>
      withWholeTraces(e, () => {
        const { rootless, entered, enteredUnknown } = e.whole.counts;
        return judgeShare(ofTraces(e, rootless, entered, enteredUnknown), limit);
      }),
  },
  {
    id: 'client_roots',
    title: 'Traces that begin with a CLIENT span, browsers left out',
    ...{ unit: 'ratio', limit: percent(1), of: 'traces with a root span' },
    judge: (e, limit) => {
      const { clientRoots, browserRoots, roots } = e.all.counts;
      const none = 'no traces begin here';
      const n = roots - browserRoots;
      return judgeShare({ with: clientRoots - browserRoots, of: n, traces: n, none }, limit);
    },
  },
  {
    id: 'broken_propagation',
    title: 'Calls that arrive as a new trace: the context was lost on the way',
    ...{ unit: 'ratio', limit: percent(1), of: 'calls to services that send spans' },
    judge: (e, limit) =>
      withWholeTraces(e, () => {
        const { broken, calls, unanswered, unansweredUnknown } = e.whole.counts;
        const unknown = unanswered - broken + unansweredUnknown;
        const none = 'no calls to services that send spans';
        const doubt = mostSpansIn(e.doubt, e.whole);
        return judgeShare({ with: broken, of: calls, unknown, doubt, traces: calls, none }, limit);
      }),
  },
  spansPerTrace(0.5, 'spans_per_trace_p50', null),
  spansPerTrace(0.95, 'spans_per_trace_p95', null),
  spansPerTrace(0.99, 'spans_per_trace_p99', { most: 2_000 }),
  {
    id: 'many_short_spans',
    title: 'Traces with more than 20 spans under 5 ms',
    ...{ unit: 'ratio', limit: percent(1), of: 'traces that are entered here' },
    judge: (e, limit) => {
      const { shortTraces, entered } = e.all.counts;
      return judgeShare(ofTraces(e, shortTraces, entered, unseen.shortTraces(e)), limit);
    },
  },
  {
    id: 'many_internal_spans',
    title: 'Traces with more than 10 INTERNAL spans of one service',
    ...{ unit: 'ratio', limit: percent(1), of: 'traces' },
    judge: (e, limit) => {
      const { manyInternal, traces } = e.all.counts;
      return judgeShare(ofTraces(e, manyInternal, traces, unseen.manyInternal(e)), limit);
    },
  },
  {
    id: 'single_span_traces',
    title: 'Traces of a single span',
    ...{ unit: 'ratio', limit: null, of: 'whole traces that are entered here' },
    judge: (e, limit) =>
      withWholeTraces(e, () => {
        const { single, entered, enteredUnknown } = e.whole.counts;
        const n = entered - enteredUnknown;
        return judgeShare({ with: single, of: n, doubt: e.doubt, traces: n, none: NO_TRACES }, limit);
      }),
  },
];
