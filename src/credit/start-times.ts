import type { Refusal } from './refusal';

/**
 * Where the time of one start went. Ms each.
 *
 * `routesMs`, `queueMs`, `statementsMs` and `commitMs` follow one another and add up to `totalMs`. `eventLoopMs` is how long this process
 * stood still meanwhile, whatever it waited for: it is part of the others.
 */
export interface StartTimes {
  /** Until its routes were known. */
  routesMs: number;
  /** In the lane's queue, behind other batches. */
  queueMs: number;
  /** Round trips to the database until all is read and decided; connecting to it too. */
  statementsMs: number;
  /** The writes, and the COMMIT after them, which waits for the disk. */
  commitMs: number;
  eventLoopMs: number;
  totalMs: number;
}

/** The outcome of a start, with where its time went. */
export interface StartReport {
  uniqueid: string;
  accountcode: string;
  /** `waiting`: it is requested again when other calls have given back what they do not need. */
  outcome: 'granted' | 'waiting' | Refusal;
  times: StartTimes;
}
