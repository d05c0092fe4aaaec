/** What a job may be asked to do, and what it tells. Pure. */
import { refuseEmptyRange } from '../evidence/compared-range';
import type { Facts } from '../operator/facts';
import { invalid } from '../operator/fields';

/** `since`: only what changed since then; null for all. */
export interface VerifyParameters {
  since: string | null;
}

/** Calls that started from `from` until before `to`. `tolerance`: seconds of talk that may differ. */
export interface ReconcileParameters {
  from: string;
  to: string;
  tolerance: number;
}

/** What is asked. Times are ISO 8601 in UTC. */
export type Asked =
  | { kind: 'verify'; parameters: VerifyParameters }
  | { kind: 'reconcile'; parameters: ReconcileParameters };

export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'stopped'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How far a job is: `done` of `total`, which is null if it is not known. */
export interface JobProgress {
  step: string;
  done: number;
  total: number | null;
}

export interface JobResult {
  /** How much was looked at, and sums. */
  outcome: Facts;
  /** All that there are. */
  differenceCount: number;
  /** The first of them. */
  differences: Facts[];
}

/** How many differences are kept of a job. The process that shows them carries calls: 1,000 are some 300 kB. */
export const MOST_KEPT = 1_000;

const TOLERANCE_SECONDS = 1;

/** @throws Refused field_invalid if `since` is still to come */
export function verification({ since }: { since?: string }, now: number): Asked {
  if (since === undefined) return { kind: 'verify', parameters: { since: null } };
  const at = Date.parse(since);
  refuseFuture(at, now);
  return { kind: 'verify', parameters: { since: new Date(at).toISOString() } };
}

/** @throws Refused field_invalid */
export function refuseFuture(since: number, now: number): void {
  if (since <= now) return;
  throw invalid('since', new Date(since).toISOString(), 'is still to come: give a time that is past', 'is_in_future');
}

/** A comparison with the switches' records; until now if `to` is not given. @throws Refused field_invalid if no call can start in that time */
export function reconciliation(given: { from: string; to?: string; tolerance?: number }, now: number): Asked {
  const { from: first, to: end, tolerance = TOLERANCE_SECONDS } = given;
  const [from, to] = [Date.parse(first), end === undefined ? now : Date.parse(end)];
  refuseEmptyRange({ from, to }, given);
  const parameters = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), tolerance };
  return { kind: 'reconcile', parameters };
}
