/** Whether a figure that should stay as it is grew during a soak. Pure. */
import { quantile } from './quantile';

/**
 * How much more a figure may be at the end than at the beginning: a part of what it was then, and so much besides. Or `most`: what it may
 * be in each window, also in the first. A median would not see a call that is lost in one of them.
 */
export type Allowance = { share: number; more: number } | { most: number };

export interface Trend {
  /** Medians of the first and of the last third of the windows. With `most`: null, and the highest of all windows. */
  first: number | null;
  last: number;
  allowed: number;
  grew: boolean;
}

/** Windows at the beginning that do not count: code is compiled, caches fill. */
export const warmUpWindows = (windows: number): number => Math.ceil(windows / 6);

/** Compares medians, so that one slow window decides nothing. Assumes at least three windows behind the warm-up. */
export function trendOf(values: readonly number[], allowance: Allowance): Trend {
  if ('most' in allowance) {
    const highest = Math.max(...values);
    return { first: null, last: highest, allowed: allowance.most, grew: highest > allowance.most };
  }
  const counted = values.slice(warmUpWindows(values.length));
  const third = Math.max(1, Math.floor(counted.length / 3));
  const [first, last] = [quantile(counted.slice(0, third), 0.5), quantile(counted.slice(-third), 0.5)];
  const allowed = first * (1 + allowance.share) + allowance.more;
  return { first, last, allowed, grew: last > allowed };
}
