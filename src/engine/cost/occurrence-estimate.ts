import type { Interval } from '../model/interval.js';
import type { Location } from '../model/location.js';
import { intervalOf, times } from './estimate.js';
import { errorOfPart, estimateUsage, type SampledUsage } from './usage-estimate.js';

/** How often a finding was seen, day by day, and what its service sent on these days. */
export interface SeenUsage {
  readonly usage: SampledUsage;
  readonly occurrences: number;
  /** Σ over the days of occurrences × estimated spans ÷ spans, of the spans that say what they stand for. */
  readonly weighedOccurrences: number;
  /** Σ over the days of occurrences × the share of spans that do not say it. */
  readonly otherOccurrences: number;
}

export interface OccurrenceEstimate extends Interval {
  readonly value: number;
}

/**
 * How often a finding occurred in all spans, those included that the sampler dropped: each day's occurrences at what a span
 * of the service stood for on that day, with the error of the service's spans, wider the rarer the finding is
 * (`errorOfPart`). Matches are taken to be sampled like the other spans. Null where spans do not say how they were sampled
 * and nobody else did, and where the finding is no matter of single spans: resources and scopes come with every request.
 *
 * @param probability of a trace to be kept, for spans that do not say it; null where it is not known
 */
export function estimateOccurrences(
  seen: SeenUsage | undefined,
  location: Location,
  probability: number | null,
): OccurrenceEstimate | null {
  if (seen === undefined || location === 'resource' || location === 'scope') return null;
  const { usage, occurrences, weighedOccurrences, otherOccurrences } = seen;
  const estimated = estimateUsage(usage, probability);
  if (usage.spans === 0 || estimated.spans.sums === null) return null;
  const value = weighedOccurrences + otherOccurrences / (probability ?? 1);
  const { sums } = times(estimated.spans, errorOfPart(estimated, { group: '', observations: occurrences, bytes: 0 }));
  const interval = intervalOf({ value, sums }, occurrences);
  return interval === null ? null : { value, ...interval };
}
