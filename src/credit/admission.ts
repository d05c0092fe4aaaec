/**
 * Which starts a lane takes into its queue, by how long they would wait there.
 *
 * A start that is refused when it comes costs next to nothing. One that waits, is written, turns out to be late and is released costs more
 * than a call that is carried. So what cannot be in time is refused before any work is done for it.
 */

/** How many operations one batch has at most. */
export const MOST_IN_A_BATCH = 128;

/** The part of its deadline that a start may wait behind several batches: the estimate may be off, and ends that come later go first. */
const PART_OF_A_BURST = 1 / 2;

/** The work of a lane when a start comes, or when its turn comes. */
export interface LaneWork {
  /** Operations in the queue, without the batch at the database. */
  queued: number;
  /** How long a batch takes, by the last ones; ms. */
  batchMs: number;
  /** How long the batch at the database has taken; ms. null if there is none. */
  inFlightMs: number | null;
}

/**
 * Whether a start that comes now, and whose caller waits for `deadlineMs`, can be in time.
 *
 * A lane at rest takes every start: only a batch shows whether the database has become quicker. A batch that takes longer than the last ones
 * did counts as over: how long it still takes is unknown.
 */
export function isInTime({ queued, batchMs, inFlightMs }: LaneWork, deadlineMs: number): boolean {
  if (queued === 0 && inFlightMs === null) return true;
  const batches = Math.ceil((queued + 1) / MOST_IN_A_BATCH);
  const waitMs = Math.max(0, batchMs - (inFlightMs ?? batchMs)) + batches * batchMs;
  return waitMs <= deadlineMs * (batches === 1 ? 1 : PART_OF_A_BURST);
}

/**
 * Whether it is too late to begin with a start: its caller waits for `leftMs` more of `deadlineMs`. Never within the first half, so that a
 * start on a database that has been slow is tried, which shows whether it still is.
 */
export const isTooLate = (leftMs: number, deadlineMs: number, batchMs: number): boolean =>
  leftMs < Math.min(batchMs, deadlineMs / 2);
