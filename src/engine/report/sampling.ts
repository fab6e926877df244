import type { SamplingRow } from '../model/report.js';

const KEPT = 0.1;
const TOP_SERVICES = 30;

interface Sampled {
  readonly service: string;
  readonly team: string;
  readonly errorSpans: number;
  readonly now: { readonly spans: number; readonly bytes: number } | null;
}

/**
 * What it would save to keep all spans with errors and one in ten of the others: bytes that go are taken for the mean
 * size of the service's spans. Services that would save most come first.
 *
 * @param perByte average price
 * @param marginalPerByte what a byte less saves
 */
export function samplingReview(services: readonly Sampled[], perByte: number, marginalPerByte: number): SamplingRow[] {
  const rows = services.flatMap(({ service, team, errorSpans, now }) => {
    if (now === null || now.spans === 0) return [];
    const { spans, bytes } = now;
    const errorShare = errorSpans / spans;
    const saving = bytes * (1 - errorShare) * (1 - KEPT) * marginalPerByte;
    return [{ service, team, spans, errorShare, bytesPerSpan: bytes / spans, cost: bytes * perByte, saving }];
  });
  rows.sort((a, b) => b.saving - a.saving || b.spans - a.spans || (a.service < b.service ? -1 : 1));
  return rows.slice(0, TOP_SERVICES);
}
