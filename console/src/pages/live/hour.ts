/** The last hour, minute by minute, of the rows of the report last-hour-per-minute. Pure. */
import type { ReportRow } from '../../api/operations';
import { sumOf } from '../../parts/amounts';
import { instantOf } from '../../parts/times';

export interface Money {
  revenue: string;
  /** null where no carrier's cost is known. */
  margin: string | null;
}

export interface Minute {
  /** When it begins; ms since 1970. */
  at: number;
  starts: number;
  /** Calls let through that were answered or have ended. */
  tried: number;
  answered: number;
  /** Calls that ended in it and had been answered. */
  ended: number;
  talkSeconds: number;
  refused: ReadonlyMap<string, number>;
  /** By currency. */
  money: ReadonlyMap<string, Money>;
}

export interface Hour {
  /** Whole minutes, the oldest first: 60, or those that are known. */
  minutes: readonly Minute[];
  /** When the first of them begins, if older ones are not known; ms since 1970. */
  knownFrom: number | null;
  /** All of them together. */
  whole: Omit<Minute, 'at'>;
}

export const MINUTE_MS = 60_000;
const MINUTES = 60;

/**
 * The 60 whole minutes before `now` (ms since 1970, by the database's clock). A minute without a row is one without a call.
 *
 * `isCut`: there are more rows than these, which are the newest. Then the oldest minute that has one may have others, and those before it are not
 * known: the hour begins behind it.
 */
export function hourOf(rows: readonly ReportRow[], now: number, isCut = false): Hour {
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const begin = end - MINUTES * MINUTE_MS;
  const byMinute = new Map<number, ReportRow[]>();
  for (const row of rows) {
    const at = instantOf(String(row.minute));
    byMinute.set(at, [...(byMinute.get(at) ?? []), row]);
  }
  const known = isCut ? Math.min(end, Math.min(...byMinute.keys()) + MINUTE_MS) : begin;
  const first = Math.max(begin, known);
  const minutes = Array.from({ length: (end - first) / MINUTE_MS }, (_, index) => {
    const at = first + index * MINUTE_MS;
    return { at, ...sums(byMinute.get(at) ?? []) };
  });
  const whole = sums(minutes.flatMap(({ at }) => byMinute.get(at) ?? []));
  return { minutes, whole, knownFrom: first > begin ? first : null };
}

function sums(rows: readonly ReportRow[]): Omit<Minute, 'at'> {
  const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const refused = new Map<string, number>();
  const money = new Map<string, Money>();
  for (const { refusal, currency, starts, revenue, margin, ended_calls } of rows) {
    if (refusal !== null && refusal !== undefined) {
      refused.set(String(refusal), (refused.get(String(refusal)) ?? 0) + Number(starts));
    } else if (Number(ended_calls) > 0 && currency) {
      const before = money.get(String(currency)) ?? { revenue: '0.00', margin: null };
      money.set(String(currency), {
        revenue: sumOf(before.revenue, String(revenue)),
        margin: margin === null ? before.margin : sumOf(before.margin ?? '0.00', String(margin)),
      });
    }
  }
  return {
    starts: sum('starts'),
    tried: sum('tried_calls'),
    answered: sum('answered_calls'),
    ended: sum('ended_calls'),
    talkSeconds: sum('talk_seconds'),
    refused,
    money,
  };
}

/** Of 100 calls that were let through, how many were answered; null if there was none. */
export const asrOf = ({ tried, answered }: Pick<Minute, 'tried' | 'answered'>): number | null =>
  tried === 0 ? null : (100 * answered) / tried;

/** The average talk, seconds; null if no call ended that had been answered. */
export const acdOf = ({ ended, talkSeconds }: Pick<Minute, 'ended' | 'talkSeconds'>): number | null =>
  ended === 0 ? null : talkSeconds / ended;

/** How many were refused, for whatever reason. */
export const refusedOf = ({ refused }: Pick<Minute, 'refused'>): number =>
  [...refused.values()].reduce((total, count) => total + count, 0);

/** The reasons, the most frequent first. */
export const reasonsOf = ({ refused }: Pick<Minute, 'refused'>): [string, number][] =>
  [...refused].sort(([, one], [, other]) => other - one);
