import type { Window } from './ports.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Parts of a window that are told apart by the hour; where there are more, changes count from the beginning of their day. */
const MAX_HOURLY_PARTS = 48;

/** A window, cut at those of some times that lie in it. */
export function partsOf({ from, to }: Window, times: readonly Date[]): Window[] {
  const cutsBy = (unit: number): number[] => {
    const cuts = times.map((time) => Math.floor(time.getTime() / unit) * unit);
    return [...new Set(cuts)].filter((cut) => cut > from.getTime() && cut < to.getTime()).sort((a, b) => a - b);
  };
  const hourly = cutsBy(HOUR);
  const starts = [from.getTime(), ...(hourly.length < MAX_HOURLY_PARTS ? hourly : cutsBy(DAY))];
  return starts.map((start, i) => ({ from: new Date(start), to: new Date(starts[i + 1] ?? to) }));
}
