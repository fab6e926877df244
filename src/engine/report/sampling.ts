import type { SamplingRow } from '../model/report.js';
import { costAt, type UnitPrices, type Used } from './explain.js';

const KEPT = 0.1;
const TOP_SERVICES = 30;

interface Sampled extends Used {
  readonly service: string;
  readonly team: string;
  readonly errorShare: number;
}

/**
 * What it would save to keep all spans with errors and one in ten of the others: bytes that go are taken for the mean
 * size of the service's spans. Services that would save most come first.
 *
 * @param prices average prices
 * @param marginal what a byte or a span less saves
 */
export function samplingReview(services: readonly Sampled[], prices: UnitPrices, marginal: UnitPrices): SamplingRow[] {
  const rows = services.flatMap((row) => {
    const { service, team, spans, bytes, errorShare } = row;
    if (spans === 0) return [];
    const saving = (1 - errorShare) * (1 - KEPT) * costAt(row, marginal);
    return [{ service, team, spans, errorShare, bytesPerSpan: bytes / spans, cost: costAt(row, prices), saving }];
  });
  rows.sort((a, b) => b.saving - a.saving || b.spans - a.spans || (a.service < b.service ? -1 : 1));
  return rows.slice(0, TOP_SERVICES);
}
