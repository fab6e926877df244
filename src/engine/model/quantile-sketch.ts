import { DDSketch } from '@datadog/sketches-js';

/**
 * Quantiles of positive numbers, each with the same relative error: DDSketch (C. Masson, J. E. Rim, H. K. Lee, "DDSketch:
 * a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019). Numbers are cut to
 * [10^-6, 10^12], so there are at most about 2,100 bins; what is 0 or less counts as 0. Merging adds counts: associative
 * and commutative.
 */
export class QuantileSketch {
  /** A quantile is off by at most this share of itself. */
  static readonly ERROR = 0.01;

  private readonly sketch = new DDSketch({ relativeAccuracy: QuantileSketch.ERROR });

  get count(): number {
    return this.sketch.count;
  }

  add(value: number, times = 1): void {
    this.sketch.accept(value <= 0 ? 0 : Math.min(Math.max(value, LEAST), MOST), times);
  }

  /** The value that a share `q` of all does not exceed; null where there are none. */
  quantile(q: number): number | null {
    return this.count === 0 ? null : this.sketch.getValueAtQuantile(q);
  }

  /** How many values lie above one, as far as the sketch can tell. */
  countAbove(value: number): number {
    const { store, mapping } = this.sketch;
    return store.bins.reduce((sum, times, i) => (mapping.value(i + store.offset) > value ? sum + times : sum), 0);
  }

  /** Adds what `other` has, each of its values so many times as `weight` says. */
  mergeWeighted(other: QuantileSketch, weight: (value: number) => number): void {
    const [zeros = 0, ...bins] = other.toList();
    const scaled = [zeros * weight(0)];
    for (let i = 0; i + 1 < bins.length; i += 2) {
      scaled.push(bins[i]!, bins[i + 1]! * weight(this.sketch.mapping.value(bins[i]!)));
    }
    this.addBins(scaled);
  }

  merge(other: QuantileSketch): void {
    if (other.count > 0) this.addBins(other.toList());
  }

  /** How many zeros, then bin and count in turn, in the order of the bins; the library's own format keeps empty bins. */
  toList(): number[] {
    const { store, zeroCount } = this.sketch;
    return [zeroCount, ...store.bins.flatMap((times, i) => (times === 0 ? [] : [i + store.offset, times]))];
  }

  static fromList(list: readonly number[]): QuantileSketch {
    const sketch = new QuantileSketch();
    sketch.addBins(list);
    return sketch;
  }

  private addBins(list: readonly number[]): void {
    const { sketch } = this;
    const zeros = list[0] ?? 0;
    sketch.zeroCount += zeros;
    sketch.count += zeros;
    for (let i = 1; i + 1 < list.length; i += 2) {
      sketch.store.add(list[i]!, list[i + 1]!);
      sketch.count += list[i + 1]!;
    }
  }
}

const LEAST = 1e-6;
const MOST = 1e12;
