/** How trunks carried their calls in the last day, of the rows of the reports last-day-per-trunk and last-day-causes-per-trunk. Pure but for the reader's zone. */
import type { ReportRow } from '../../api/operations';
import { instantOf } from '../../parts/times';

export interface Figures {
  calls: number;
  answered: number;
  talkSeconds: number;
  /** From the arrival to the answer, of all answered calls together. */
  secondsToAnswer: number;
}

export interface Day extends Figures {
  /** One hour each, the oldest first, the last one in progress. */
  hours: readonly (Figures & { at: number })[];
}

export interface Cause {
  /** Q.850; null where the switch told none. */
  cause: number | null;
  /** Who ended the call. */
  source: string | null;
  calls: number;
}

export const HOUR_MS = 3_600_000;
const HOURS = 24;

const NOTHING: Figures = { calls: 0, answered: 0, talkSeconds: 0, secondsToAnswer: 0 };

/** The last day of each trunk that has calls in it, at `now` (ms since 1970). An hour without a row is one without a call. */
export function daysOf(rows: readonly ReportRow[], now: number): ReadonlyMap<string, Day> {
  const byTrunk = new Map<string, ReportRow[]>();
  for (const row of rows) byTrunk.set(String(row.trunk), [...(byTrunk.get(String(row.trunk)) ?? []), row]);
  return new Map([...byTrunk].map(([trunk, own]) => [trunk, dayOf(own, now)]));
}

function dayOf(rows: readonly ReportRow[], now: number): Day {
  const byHour = new Map(rows.map(row => [instantOf(String(row.hour)), row]));
  // Hours begin where the reader's clocks show them.
  const last = Math.max(new Date(now).setMinutes(0, 0, 0), ...byHour.keys());
  const hours = Array.from({ length: HOURS }, (_, place) => {
    const at = last - (HOURS - 1 - place) * HOUR_MS;
    const row = byHour.get(at);
    return { at, ...(row ? figuresOf(row) : NOTHING) };
  });
  return { ...hours.reduce(together, NOTHING), hours };
}

const figuresOf = (row: ReportRow): Figures => ({
  calls: Number(row.calls),
  answered: Number(row.answered_calls),
  talkSeconds: Number(row.talk_seconds),
  secondsToAnswer: Number(row.seconds_to_answer),
});

/** The figures of both. */
export const together = (one: Figures, other: Figures): Figures => ({
  calls: one.calls + other.calls,
  answered: one.answered + other.answered,
  talkSeconds: one.talkSeconds + other.talkSeconds,
  secondsToAnswer: one.secondsToAnswer + other.secondsToAnswer,
});

/** Of 100 calls, how many were answered; null without a call. */
export const asrOf = ({ calls, answered }: Figures): number | null => (calls === 0 ? null : (100 * answered) / calls);

/** The average talk, seconds; null without an answer. */
export const acdOf = ({ answered, talkSeconds }: Figures): number | null =>
  answered === 0 ? null : talkSeconds / answered;

/** The average time until the answer, seconds; null without an answer. */
export const delayOf = ({ answered, secondsToAnswer }: Figures): number | null =>
  answered === 0 ? null : secondsToAnswer / answered;

/** Why calls of each trunk were not answered, the most frequent first. */
export function causesOf(rows: readonly ReportRow[]): ReadonlyMap<string, readonly Cause[]> {
  const byTrunk = new Map<string, Cause[]>();
  for (const { trunk, hangup_cause: cause, hangup_source: source, calls } of rows) {
    const own = byTrunk.get(String(trunk)) ?? [];
    own.push({
      cause: cause == null ? null : Number(cause),
      source: source == null ? null : String(source),
      calls: Number(calls),
    });
    byTrunk.set(String(trunk), own);
  }
  for (const own of byTrunk.values()) own.sort((one, other) => other.calls - one.calls);
  return byTrunk;
}

/** The same with one row for each cause, whoever ended the call. */
export function byCause(causes: readonly Cause[]): readonly Pick<Cause, 'cause' | 'calls'>[] {
  const counts = new Map<number | null, number>();
  for (const { cause, calls } of causes) counts.set(cause, (counts.get(cause) ?? 0) + calls);
  return [...counts].map(([cause, calls]) => ({ cause, calls })).sort((one, other) => other.calls - one.calls);
}
