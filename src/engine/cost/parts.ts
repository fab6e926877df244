import type { GroupUsage } from './allocate.js';
import { EstimateSum } from './estimate.js';
import { errorOfPart, type UsageEstimate, type UsagePart } from './usage-estimate.js';

/** A service with its attributes, or with its span names. */
export interface UsageWithParts {
  readonly usage: UsageEstimate;
  readonly parts: readonly UsagePart[];
}

interface Sum extends GroupUsage {
  receivedSpans: number;
  receivedBytes: number;
  readonly spans: EstimateSum;
  readonly bytes: EstimateSum;
}

/**
 * Usage by part, over all services, and one row for what is left. A part stands for the service's estimate by its share of
 * what was received. Memory is in proportion to the groups.
 *
 * @param rest name of the row for what is left
 * @param countsSpans span names count spans; attributes do not, they are parts of the bytes of spans
 */
export function usageByPart(rows: readonly UsageWithParts[], rest: string, countsSpans: boolean): GroupUsage[] {
  const left = sumOf(rest);
  const groups = new Map<string, Sum>([[rest, left]]);
  for (const { usage, parts } of rows) {
    left.receivedSpans += usage.receivedSpans;
    left.receivedBytes += usage.receivedBytes;
    left.spans.add(usage.spans);
    left.bytes.add(usage.bytes);
    for (const part of parts) {
      let sum = groups.get(part.group);
      if (sum === undefined) {
        sum = sumOf(part.group);
        groups.set(part.group, sum);
      }
      move(usage, part, left, sum, countsSpans);
    }
  }
  return [...groups.values()];
}

/** The groups with the most bytes, and one row for all others, so that they are at most `limit`. */
export function mostBytes(usage: readonly GroupUsage[], limit: number, others: string): GroupUsage[] {
  const groups = new Map<string, Sum>();
  for (const row of usage) addTo(groups, row.group, row);
  if (groups.size <= limit) return [...groups.values()];
  const sorted = [...groups.values()].sort((a, b) => b.bytes.value - a.bytes.value || (a.group < b.group ? -1 : 1));
  const kept = new Map(sorted.slice(0, limit - 1).map((row) => [row.group, row]));
  for (const row of sorted.slice(limit - 1)) addTo(kept, others, row);
  return [...kept.values()];
}

function addTo(groups: Map<string, Sum>, group: string, row: GroupUsage): void {
  const sum = groups.get(group) ?? sumOf(group);
  groups.set(group, sum);
  sum.receivedSpans += row.receivedSpans;
  sum.receivedBytes += row.receivedBytes;
  sum.spans.add(row.spans);
  sum.bytes.add(row.bytes);
}

function sumOf(group: string): Sum {
  return { group, receivedSpans: 0, receivedBytes: 0, spans: new EstimateSum(), bytes: new EstimateSum() };
}

/** Adds `factor` times the estimated bytes of a part of a service to a sum. */
export function addBytesOfPart(usage: UsageEstimate, part: UsagePart, sum: EstimateSum, factor: number): void {
  const bytes = usage.receivedBytes === 0 ? 0 : (part.bytes / usage.receivedBytes) * usage.bytes.value;
  const size = part.observations === 0 ? 1 : part.bytes / part.observations;
  sum.addScaled(factor * bytes, usage.spans.sums, factor * size * errorOfPart(usage, part));
}

/** Takes a part out of what is left. */
function move(usage: UsageEstimate, part: UsagePart, from: Sum, to: Sum, countsSpans: boolean): void {
  const { sums } = usage.spans;
  const error = errorOfPart(usage, part);
  from.receivedBytes -= part.bytes;
  to.receivedBytes += part.bytes;
  addBytesOfPart(usage, part, from.bytes, -1);
  addBytesOfPart(usage, part, to.bytes, 1);
  if (!countsSpans) return;
  const spans = usage.receivedSpans === 0 ? 0 : (part.observations / usage.receivedSpans) * usage.spans.value;
  from.receivedSpans -= part.observations;
  to.receivedSpans += part.observations;
  from.spans.addScaled(-spans, sums, -error);
  to.spans.addScaled(spans, sums, error);
}
