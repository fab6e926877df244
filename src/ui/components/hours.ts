import type { FindingDetail } from '../../edge/serve/contract.js';

export type Hour = FindingDetail['hours'][number];

const HOUR_MS = 3_600_000;
const FEWEST = 24;
const MOST = 14 * 24;

/** Hours without a gap, up to the latest one or now: from the first that has something, but one day at least. */
export function fillHours(hours: readonly Hour[], now: number): Hour[] {
  const counts = new Map(hours.map(({ hour, occurrences }) => [Math.floor(Date.parse(hour) / HOUR_MS), occurrences]));
  const last = Math.max(Math.floor(now / HOUR_MS), ...counts.keys());
  const first = Math.max(Math.min(last - FEWEST + 1, ...counts.keys()), last - MOST + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    hour: new Date((first + i) * HOUR_MS).toISOString(),
    occurrences: counts.get(first + i) ?? 0,
  }));
}
