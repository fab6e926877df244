import { readFileSync } from 'node:fs';

/** How many items the clock is read for once. */
const SLICE = 1_500;

/** One line of the output: what was measured, and the figure with its unit. */
export type Line = readonly [what: string, value: string];

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that at least the share `q` of all values do not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** Seconds that the work on all items takes. */
export function seconds<T>(items: readonly T[], work: (item: T) => void): number {
  const start = performance.now();
  for (const item of items) work(item);
  return (performance.now() - start) / 1000;
}

/**
 * Seconds that each way to work on all items takes when nobody else uses the processor: all is done so many times, in
 * slices by turns, and of each slice and way the fastest time counts. Who goes second finds the items in the cache, so the
 * ways take turns in that, too.
 *
 * @param ways to work on items[from, to)
 */
export function quietSeconds(
  items: number,
  rounds: number,
  ways: readonly ((from: number, to: number) => void)[],
): number[] {
  const slices = Math.ceil(items / SLICE);
  const fastest = ways.map(() => new Array<number>(slices).fill(Number.POSITIVE_INFINITY));
  for (let at = 0; at < rounds * slices; at++) {
    const slice = at % slices;
    for (let turn = 0; turn < ways.length; turn++) {
      const way = (turn + Math.floor(at / slices)) % ways.length;
      const work = ways[way]!;
      const from = slice * SLICE;
      const start = performance.now();
      work(from, Math.min(items, from + SLICE));
      fastest[way]![slice] = Math.min(fastest[way]![slice]!, performance.now() - start);
    }
  }
  return fastest.map((times) => times.reduce((sum, ms) => sum + ms, 0) / 1000);
}

/** Largest resident memory of a process so far, in MB (Linux only; elsewhere NaN). */
export function peakMemory(pid: number | 'self' = 'self'): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1000;
  } catch {
    return Number.NaN;
  }
}

/** Seconds of processor time that a process has had so far (Linux only; elsewhere NaN). */
export function cpuSeconds(pid: number): number {
  try {
    // Fields 14 and 15 of proc(5), in ticks of 10 ms; the name before them may hold anything but a bracket at its end.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function megabytes(value: number): string {
  return Number.isNaN(value) ? 'not known on this system' : `${count(value)} MB`;
}
