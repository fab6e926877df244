/**
 * Counts positive numbers in buckets whose bounds grow by a constant factor, so that every quantile is known with the
 * same relative error: DDSketch (C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch
 * with relative-error guarantees", VLDB 2019, §2.2). Bucket i holds γ^(i−1) < x ≤ γ^i with γ = (1+α)/(1−α), and stands
 * for 2γ^i/(γ+1). Numbers are cut to [10^-6, 10^12], so there are at most about 2,100 buckets; what is 0 or less is
 * counted apart. Merging adds counts: associative and commutative.
 */
export class LogHistogram {
  /** α: a quantile is off by at most this share of itself. */
  static readonly ERROR = 0.01;

  private readonly buckets = new Map<number, number>();
  private zeros = 0;
  private total = 0;

  get count(): number {
    return this.total;
  }

  add(value: number, times = 1): void {
    this.total += times;
    if (value <= 0) this.zeros += times;
    else {
      const cut = value < LEAST ? LEAST : value > MOST ? MOST : value;
      const bucket = Math.ceil(Math.log(cut) * SCALE);
      this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + times);
    }
  }

  /** The value that a share `q` of all does not exceed; null where there are none. */
  quantile(q: number): number | null {
    if (this.total === 0) return null;
    let rank = Math.floor(q * (this.total - 1)) - this.zeros;
    if (rank < 0) return 0;
    for (const [bucket, times] of this.sorted()) {
      rank -= times;
      if (rank < 0) return (2 * GAMMA ** bucket) / (GAMMA + 1);
    }
    return null;
  }

  merge(other: LogHistogram): void {
    this.total += other.total;
    this.zeros += other.zeros;
    for (const [bucket, times] of other.buckets) this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + times);
  }

  /** Zeros, then bucket and count in turn, in the order of the buckets. */
  toList(): number[] {
    return [this.zeros, ...this.sorted().flat()];
  }

  static fromList(list: readonly number[]): LogHistogram {
    const histogram = new LogHistogram();
    histogram.zeros = histogram.total = list[0] ?? 0;
    for (let i = 1; i + 1 < list.length; i += 2) {
      histogram.buckets.set(list[i]!, list[i + 1]!);
      histogram.total += list[i + 1]!;
    }
    return histogram;
  }

  private sorted(): [number, number][] {
    return [...this.buckets].sort(([a], [b]) => a - b);
  }
}

const GAMMA = (1 + LogHistogram.ERROR) / (1 - LogHistogram.ERROR);
const SCALE = 1 / Math.log(GAMMA);
const LEAST = 1e-6;
const MOST = 1e12;
