/** Whether a figure that should stay as it is grew during a soak. Pure. */

/** How much more a figure may be at the end than at the beginning: a part of what it was then, and so much besides. */
export interface Allowance {
  share: number;
  more: number;
}

export interface Trend {
  /** Medians of the first and of the last third of the windows. */
  first: number;
  last: number;
  allowed: number;
  grew: boolean;
}

/** Windows at the beginning that do not count: code is compiled, caches fill. */
export const warmUpWindows = (windows: number): number => Math.ceil(windows / 6);

/** Compares medians, so that one slow window decides nothing. Assumes at least three windows behind the warm-up. */
export function trendOf(values: readonly number[], { share, more }: Allowance): Trend {
  const counted = values.slice(warmUpWindows(values.length));
  const third = Math.max(1, Math.floor(counted.length / 3));
  const [first, last] = [median(counted.slice(0, third)), median(counted.slice(-third))];
  const allowed = first * (1 + share) + more;
  return { first, last, allowed, grew: last > allowed };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
