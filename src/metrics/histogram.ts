import type { Sample } from './exposition';

/** Counts how many measured values were within each bound, by label: a histogram of Prometheus. */
export class Histogram {
  private readonly series = new Map<string, { labels: Record<string, string>; counts: number[]; sum: number }>();

  /** `bounds`: the upper bounds, in ascending order, in the unit of the values. */
  constructor(private readonly bounds: readonly number[]) {}

  observe(labels: Record<string, string>, value: number): void {
    const key = JSON.stringify(labels);
    const series = this.series.get(key) ?? { labels, counts: this.bounds.map(() => 0).concat(0), sum: 0 };
    this.series.set(key, series);
    const index = this.bounds.findIndex(bound => value <= bound);
    const bucket = index < 0 ? this.bounds.length : index;
    series.counts[bucket] = (series.counts[bucket] as number) + 1;
    series.sum += value;
  }

  /** The samples in Prometheus' form: each bucket includes the smaller ones. */
  get samples(): Sample[] {
    return [...this.series.values()].flatMap(({ labels, counts, sum }) => {
      let count = 0;
      const buckets = counts.map((more, index) => {
        count += more;
        const le = index < this.bounds.length ? String(this.bounds[index]) : '+Inf';
        return { suffix: '_bucket', labels: { ...labels, le }, value: count };
      });
      return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }];
    });
  }
}
