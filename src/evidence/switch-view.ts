/** What the switch itself wrote down of one call, for a person who asks how it went. */
import type { Knex } from 'knex';
import { SAME_MS, type WrittenCall } from '../calls/evidence';
import { callerChannelOf, callerOf, isCalledLeg, routeIndexOf } from '../calls/leg-names';
import type { CallRecord } from '../credit/rules/call';
import { rowsInDatabase } from './record-store';
import { callsIn } from './switch-records';
import { hangupCauseIn, type JournalEvent } from './written-call';

/** One leg of a call, by the switch's journal. Instants in ms since 1970, by the switch's clock. */
export interface SwitchLeg {
  leg: string;
  /** Name of its channel: `PJSIP/carrier-0000002a`. */
  channel: string;
  isCaller: boolean;
  /** null if it was never answered, or if that row is lost. */
  answeredAt: number | null;
  /** null while it is alive, or if that row is lost. */
  endedAt: number | null;
  /** Q.850; null unknown. */
  hangupCause: number | null;
}

export interface SwitchView {
  /** null if the database has no row of the call. */
  written: WrittenCall | null;
  /** The caller's first, then the called ones in the order in which they were dialled. */
  legs: SwitchLeg[];
}

type Sought = Pick<CallRecord, 'uniqueid' | 'startAt' | 'endAt' | 'answerAt' | 'isFixed'>;

/** What the database has of the switch's own records of this call; its files are not searched. @throws DatabaseFault */
export async function switchViewOf(database: Knex, call: Sought): Promise<SwitchView> {
  const rows = await rowsInDatabase(database, [callerChannelOf(call.uniqueid)]);
  return { written: callsIn([rows], [call]).get(call.uniqueid) ?? null, legs: legsOf(call, rows.journal) };
}

/** How long after a call's end the rows of its legs may come. Ms. */
const GONE_WITHIN_MS = 10_000;

/**
 * The legs of a call. Ringfence names the legs that it dials after their call. Legs that the dialplan dialled have names of Asterisk's own: of
 * these, those that have a row while the call lasted.
 */
export function legsOf({ uniqueid, startAt, endAt, isFixed }: Sought, journal: readonly JournalEvent[]): SwitchLeg[] {
  const caller = callerChannelOf(uniqueid);
  const isDuring = ({ at }: JournalEvent) =>
    at >= startAt - SAME_MS && (endAt === null || at <= endAt + GONE_WITHIN_MS);
  const isMine = (row: JournalEvent) =>
    isFixed
      ? isDuring(row)
      : row.uniqueid === uniqueid || (isCalledLeg(row.uniqueid) && callerOf(row.uniqueid) === uniqueid);
  const mine = journal.filter(isMine).sort((one, other) => one.at - other.at);
  const legs = [...new Set(mine.map(row => row.uniqueid))];
  const placeOf = (leg: string) => (leg === caller ? -1 : isCalledLeg(leg) ? routeIndexOf(leg) : 0);
  return legs
    .sort((one, other) => placeOf(one) - placeOf(other))
    .map(leg => {
      const rows = mine.filter(row => row.uniqueid === leg);
      const first = (event: string) => rows.find(row => row.event === event);
      const gone = first('HANGUP') ?? first('CHAN_END');
      return {
        leg,
        channel: rows[0]?.channel ?? '',
        isCaller: leg === caller,
        answeredAt: wholeMs(first('ANSWER')),
        endedAt: wholeMs(gone),
        hangupCause: gone ? hangupCauseIn(gone) : null,
      };
    });
}

const wholeMs = (row: JournalEvent | undefined): number | null => (row ? Math.floor(row.at) : null);
