import { LEAST_SPANS, LEAST_UNITS, type MonthlySaving, monthlySaving } from '../engine/cost/monthly-saving.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { SimulatedCounts } from '../engine/model/simulation.js';
import { estimatedUsage, type SampledUsageStore } from './estimated-costs.js';
import type { Window } from './ports.js';

/** At most so many days of usage are taken for a month. */
const USAGE_DAYS = 7;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Share of traces that came whole, below which nothing is said of traces. */
const LEAST_WHOLE = 0.9;

export type SimulatedSaving =
  | { readonly verdict: 'estimated'; readonly saving: MonthlySaving; readonly basis: string }
  | { readonly verdict: 'insufficient_evidence'; readonly reason: string };

/** Why traces of a simulation say nothing; null where they do. */
export function whyNoTraces({ whole, broken, open }: SimulatedCounts['traces']): string | null {
  if (whole + broken + open === 0) return 'no trace that the policy speaks of came in';
  if (whole < LEAST_UNITS) return `too few traces came whole: ${whole}, at least ${LEAST_UNITS} are needed`;
  const share = whole / (whole + broken);
  if (share >= LEAST_WHOLE) return null;
  return `${Math.round(100 * share)} % of the traces came whole, at least ${100 * LEAST_WHOLE} % are needed: spans were sampled before, or go to several processes`;
}

/**
 * What a simulated policy saves in a month, by the usage of the last days.
 *
 * @param since when usage began
 * @param model null for no money
 */
export async function simulatedSaving(
  tenant: string,
  counts: SimulatedCounts,
  isSampling: boolean,
  now: Date,
  since: Date | null,
  store: SampledUsageStore,
  model: PriceModel | null,
): Promise<SimulatedSaving> {
  const reason = (isSampling ? whyNoTraces(counts.traces) : null) ?? whyTooFew(counts) ?? whyOtherNames(counts);
  if (reason !== null) return { verdict: 'insufficient_evidence', reason };
  const window: Window = { from: new Date(Math.max(since?.getTime() ?? 0, now.getTime() - USAGE_DAYS * DAY)), to: now };
  const days = Math.max(HOUR, now.getTime() - window.from.getTime()) / DAY;
  const { estimates, basis } = await estimatedUsage(tenant, window, store);
  const saving = monthlySaving(counts.ratios, estimates, days, model);
  if (saving.unknownServices === counts.ratios.length) {
    return { verdict: 'insufficient_evidence', reason: 'nothing is known of the usage of its services' };
  }
  const [n, unit] = days >= 2 ? [Math.round(days), 'day'] : [Math.round(days * 24), 'hour'];
  return { verdict: 'estimated', saving, basis: `usage of ${n} ${unit}${n === 1 ? '' : 's'}: ${basis}` };
}

function whyTooFew({ ratios, before }: SimulatedCounts): string | null {
  const units = ratios.reduce((most, row) => Math.max(most, row.units), 0);
  if (before.spans >= LEAST_SPANS && units >= LEAST_UNITS) return null;
  return `too few spans and requests or traces were looked at: ${before.spans} and ${units}, at least ${LEAST_SPANS} and ${LEAST_UNITS} are needed`;
}

/** What is saved is told by service, so its name must stay. */
function whyOtherNames({ services }: SimulatedCounts): string | null {
  const isNew = services.some(({ before, after }) => before.spans === 0 && after.spans > 0);
  return isNew ? 'the policy changes names of services' : null;
}
