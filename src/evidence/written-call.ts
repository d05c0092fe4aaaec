/** What Asterisk's rows of a call mean. No clock, no file, no SQL. */
import { SAME_MS, type SoughtCall, type WrittenCall } from '../calls/evidence';
import { callerChannelOf, legOf } from '../calls/leg-names';

/** One event of the journal (CEL) of one leg. */
export interface JournalEvent {
  event: string;
  /** ms since 1970, with Asterisk's microseconds as decimals, so that two events of one millisecond have an order. */
  at: number;
  uniqueid: string;
  linkedid: string;
  accountcode: string;
  /** Name of the channel: by it the journal names the side that hung up. */
  channel: string;
  /** JSON, or ''. */
  extra: string;
}

/** One call record (CDR): of a leg and the leg that it talked to. Instants in ms since 1970. */
export interface LegRecord {
  uniqueid: string;
  linkedid: string;
  startAt: number;
  /** null if it was never answered. */
  answerAt: number | null;
  endAt: number;
}

/**
 * What the rows say about a call; null if none is of this call.
 *
 * The journal counts. The call records count if the journal lacks the answer or the end and they have both: rows of the journal may be
 * lost, one by one, while a database is away. Rows may come twice and in any order. For a call that the dialplan dialled only the journal
 * counts: a call record's talk begins when the caller's own channel is answered, and a prompt may have done that before the callee was
 * dialled.
 */
export function writtenCall(
  { uniqueid, startAt, answerAt: reportedAt = null, isFixed }: SoughtCall,
  journal: readonly JournalEvent[],
  records: readonly LegRecord[],
): WrittenCall | null {
  if (isFixed) return fromDialplan(callerChannelOf(uniqueid), startAt, journal);
  const told = fromJournal(uniqueid, journal, reportedAt);
  if (told?.answerAt != null && told.endAt !== null) return told;
  const recorded = fromRecords(uniqueid, records);
  if (recorded === null) return told;
  return told === null || recorded.answerAt !== null || told.endAt === null ? recorded : told;
}

/** Whether this is the answer of a leg that Ringfence had called: the leg's name says so. */
export const isAnswerOfOurs = ({ event, uniqueid, linkedid }: JournalEvent): boolean =>
  event === 'ANSWER' && legNumber(linkedid)(uniqueid) > 0;

const ENDS = new Set(['BRIDGE_EXIT', 'HANGUP', 'CHAN_END', 'LINKEDID_END']);

/**
 * By the journal.
 *
 * A called leg is dialled only when the one before it was given up, so the last one counts. If that was never answered, a leg before it may have
 * talked until it got its hang-up: one call is one talk, and that is it. Talk begins when both legs were
 * answered, in one bridge; a caller without a written answer was not answered. The call ends with the first end of the caller's leg or of
 * the answered leg; leaving the bridge for good is the earliest sign of an end. An unanswered call ends with the caller's leg.
 */
function fromJournal(
  uniqueid: string,
  journal: readonly JournalEvent[],
  reportedAt: number | null,
): WrittenCall | null {
  const numberOf = legNumber(uniqueid);
  const mine = journal.filter(row => row.uniqueid === uniqueid || numberOf(row.uniqueid) > 0);
  if (mine.length === 0) return null;
  const lastNumber = Math.max(...mine.map(row => numberOf(row.uniqueid)));
  const lastCalled = mine.find(row => numberOf(row.uniqueid) === lastNumber && lastNumber > 0)?.uniqueid ?? null;
  const last = talkedGivenUp(mine, uniqueid, lastCalled, reportedAt) ?? lastCalled;

  const ofCaller = mine.filter(row => row.uniqueid === uniqueid);
  const callerEndAt = earliest(ofCaller.filter(row => isGone(row) || isLastExit(row, ofCaller)));
  const pickedUpAt = isApart(mine, uniqueid, last) ? null : answerOf(mine, uniqueid, last);
  const answerAt = unlessLeft(pickedUpAt, callerEndAt);
  const inCall = mine.filter(
    row => row.uniqueid === uniqueid || row.uniqueid === last || (row.event === 'LINKEDID_END' && answerAt === null),
  );
  const ends = inCall.filter(row => isEnd(row, inCall) && (answerAt === null || row.at >= answerAt));
  const decides = (row: JournalEvent) => answerAt !== null || row.uniqueid === uniqueid || row.event === 'LINKEDID_END';
  const endAt = earliest(ends.filter(decides));
  return {
    source: 'cel',
    answeredLeg: answerAt === null ? null : last,
    answerAt: wholeMs(answerAt),
    endAt: wholeMs(endAt),
    ...(isTie(pickedUpAt, callerEndAt) && { isUnclear: true }),
    ...(endAt === null ? { hangupCause: null, hangupSource: null } : whoEnded(uniqueid, last, answerAt, inCall, ends)),
  };
}

/**
 * By the journal, for a call whose legs the dialplan made: Asterisk names them, and they have the caller's linkedid.
 *
 * The first leg that was answered since the call was authorised is the callee's. The talk ends with the first end of that leg or of
 * the caller's. The caller may leave the bridge, go on in the dialplan and enter another one, so that is no end. An unanswered call ends with
 * the caller's leg.
 */
function fromDialplan(caller: string, startAt: number, journal: readonly JournalEvent[]): WrittenCall | null {
  const isCalled = ({ uniqueid }: JournalEvent) => uniqueid !== caller;
  const mine = journal.filter(row => row.at >= startAt - SAME_MS || (isGone(row) && !isCalled(row)));
  if (mine.length === 0) return null;
  // A prompt may have answered the caller before the call was authorised.
  const callerAnsweredAt = earliest(journal.filter(row => row.event === 'ANSWER' && !isCalled(row)));
  const legEndAt = (leg: string) => earliest(mine.filter(row => row.uniqueid === leg && isGone(row)));
  // A callee that left before the caller was answered was asked whether to take the call, and declined.
  const talks = mine.flatMap(row => {
    if (row.event !== 'ANSWER' || !isCalled(row) || callerAnsweredAt === null) return [];
    const at = Math.max(row.at, callerAnsweredAt);
    const hasLeft = (legEndAt(row.uniqueid) ?? Number.POSITIVE_INFINITY) < at;
    return hasLeft ? [] : [{ callee: row.uniqueid, at }];
  });
  const first = talks.reduce<(typeof talks)[number] | null>(
    (one, other) => (one === null || other.at < one.at ? other : one),
    null,
  );
  const callerEndAt = earliest(mine.filter(row => !isCalled(row) && isGone(row)));
  const answerAt = unlessLeft(first?.at ?? null, callerEndAt);
  const callee = answerAt === null ? null : (first?.callee ?? null);
  const inCall = mine.filter(row => row.uniqueid === caller || row.uniqueid === callee);
  const isEnding = (row: JournalEvent) => (isCalled(row) ? isEnd(row, inCall) : isGone(row));
  const ends = inCall.filter(row => isEnding(row) && (answerAt === null || row.at >= answerAt));
  const endAt = earliest(ends);
  return {
    source: 'cel',
    answeredLeg: callee,
    answerAt: wholeMs(answerAt),
    endAt: wholeMs(endAt),
    ...(isTie(first?.at ?? null, callerEndAt) && { isUnclear: true }),
    ...(endAt === null ? { hangupCause: null, hangupSource: null } : whoEnded(caller, callee, answerAt, inCall, ends)),
  };
}

const isGone = ({ event }: JournalEvent): boolean => event === 'HANGUP' || event === 'CHAN_END';

/** A callee that answers after the caller has left talks to no party. Nor is there talk if the order of the two is unknown. */
const unlessLeft = (answerAt: number | null, callerEndAt: number | null): number | null =>
  answerAt !== null && callerEndAt !== null && callerEndAt <= answerAt ? null : answerAt;

/** The answer and the caller's end in the same microsecond: which came first is unknown. */
const isTie = (answerAt: number | null, callerEndAt: number | null): boolean =>
  answerAt !== null && answerAt === callerEndAt;

/** Truncated, like the stamps of live events. */
const wholeMs = (at: number | null): number | null => (at === null ? null : Math.floor(at));

/**
 * A leg of an earlier route that talked although it was given up: it was answered before it got its hang-up, or that hang-up was lost. null for
 * none, and if the last leg was answered.
 *
 * The caller's answer must be this leg's. One that comes later may be the last leg's, whose own row is lost, unless the last leg had gone.
 * `reportedAt`: when the call's answer was reported. A leg that had gone by then is not the one that answered.
 */
function talkedGivenUp(
  rows: readonly JournalEvent[],
  caller: string,
  last: string | null,
  reportedAt: number | null,
): string | null {
  const answers = rows.filter(row => row.event === 'ANSWER');
  const pickedUpAt = earliest(answers.filter(row => row.uniqueid === caller));
  if (pickedUpAt === null || answers.some(row => row.uniqueid === last)) return null;
  const leftAt = (leg: string | null) =>
    earliest(rows.filter(row => row.uniqueid === leg && (isGone(row) || row.event === 'BRIDGE_EXIT'))) ??
    Number.POSITIVE_INFINITY;
  const reported = reportedAt === null ? Number.NEGATIVE_INFINITY : reportedAt - SAME_MS;
  const talks = answers.filter(({ uniqueid, at }) => {
    const isItsOwn = pickedUpAt <= at + SAME_MS || pickedUpAt > leftAt(last);
    return uniqueid !== caller && isItsOwn && leftAt(uniqueid) > Math.max(at, pickedUpAt, reported);
  });
  return talks.sort((one, other) => one.at - other.at)[0]?.uniqueid ?? null;
}

/** Whether the called leg was in a bridge in which the caller never was. */
function isApart(rows: readonly JournalEvent[], caller: string, last: string | null): boolean {
  const wasIn = (leg: string | null) =>
    rows.some(row => row.uniqueid === leg && (row.event === 'BRIDGE_ENTER' || row.event === 'BRIDGE_EXIT'));
  return wasIn(last) && !wasIn(caller);
}

/**
 * When both legs were answered: the later of the two answers. If the row of the called leg's answer is missing, the caller's alone, which
 * comes within the same millisecond.
 */
function answerOf(rows: readonly JournalEvent[], caller: string, last: string | null): number | null {
  const answers = rows.filter(row => row.event === 'ANSWER');
  const called = earliest(answers.filter(row => row.uniqueid === last));
  const callers = earliest(answers.filter(row => row.uniqueid === caller));
  if (callers === null) return null;
  if (called !== null) return Math.max(called, callers);
  // If the caller was answered before the last leg was made, that answer belongs to a leg that was given up just then.
  const others = rows.some(row => row.uniqueid !== caller && row.uniqueid !== last);
  const since = others ? (earliest(rows.filter(row => row.uniqueid === last)) ?? 0) : 0;
  // An answer at the same time as another leg's belongs to that leg, even if the last one existed by then.
  const isOthers = ({ at }: JournalEvent) =>
    answers.some(row => row.uniqueid !== caller && Math.abs(row.at - at) <= SAME_MS);
  return earliest(answers.filter(row => row.uniqueid === caller && row.at >= since && !isOthers(row)));
}

/** Leaving the bridge is no end for a leg that comes back to it. */
function isEnd(row: JournalEvent, rows: readonly JournalEvent[]): boolean {
  if (!ENDS.has(row.event)) return false;
  const isBack = (other: JournalEvent) =>
    other.event === 'BRIDGE_ENTER' && other.uniqueid === row.uniqueid && other.at > row.at;
  return row.event !== 'BRIDGE_EXIT' || !rows.some(isBack);
}

/** Whether a leg left the bridge for good: a later answer or exit shows that it came back, even if that row is lost. */
function isLastExit(row: JournalEvent, ofLeg: readonly JournalEvent[]): boolean {
  const isLater = ({ event, at }: JournalEvent) =>
    at > row.at && (event === 'BRIDGE_ENTER' || event === 'BRIDGE_EXIT' || event === 'ANSWER');
  return row.event === 'BRIDGE_EXIT' && !ofLeg.some(isLater);
}

const NORMAL_CLEARING = 16;

/** A party that hangs up leaves the bridge within this time, however busy the machine is. Ms. */
const LEAVES_WITHIN_MS = 1_000;

/**
 * The cause and the party that the first end names. If it names neither of the two parties: the party that hung up just then by its own
 * row. Asterisk reports a hang-up before that party has left the bridge. On a busy machine Ringfence has ended the other leg by then, with
 * no source, or with the source of a leg that was given up long before.
 */
function whoEnded(
  caller: string,
  last: string | null,
  answerAt: number | null,
  rows: readonly JournalEvent[],
  ends: readonly JournalEvent[],
): Pick<WrittenCall, 'hangupCause' | 'hangupSource'> {
  const first = ends.reduce((one, other) => (other.at < one.at ? other : one));
  const hangups = rows
    .filter(row => row.event === 'HANGUP')
    .map(row => {
      const { hangupcause: cause, hangupsource } = extraOf(row.extra);
      const names = (leg: string | null) =>
        rows.some(other => other.uniqueid === leg && other.channel === hangupsource);
      const source = !hangupsource ? null : names(caller) ? 'caller' : names(last) ? 'callee' : null;
      return { leg: row.uniqueid, at: row.at, cause, source } as const;
    });
  const ofFirst = hangups.find(({ leg }) => leg === first.uniqueid);
  const byItself = hangups.find(
    ({ leg, at, source }) =>
      source !== null && leg === (source === 'caller' ? caller : last) && at <= first.at + LEAVES_WITHIN_MS,
  );
  const hangup = ofFirst?.source == null ? (byItself ?? ofFirst) : ofFirst;
  // Asterisk writes a caller's CANCEL as 127 (interworking); it is a normal end of a call.
  const cancelled = answerAt === null && hangup?.leg === caller && hangup.source === 'caller';
  return { hangupCause: cancelled ? NORMAL_CLEARING : (hangup?.cause ?? null), hangupSource: hangup?.source ?? null };
}

/** The Q.850 cause that a row of a hang-up names; null if it names none. */
export const hangupCauseIn = ({ extra }: Pick<JournalEvent, 'extra'>): number | null => extraOf(extra).hangupcause;

function extraOf(extra: string): { hangupcause: number | null; hangupsource: string } {
  try {
    const { hangupcause, hangupsource } = JSON.parse(extra) ?? {};
    return {
      hangupcause: Number.isInteger(hangupcause) && hangupcause > 0 ? hangupcause : null,
      hangupsource: typeof hangupsource === 'string' ? hangupsource : '',
    };
  } catch {
    return { hangupcause: null, hangupsource: '' };
  }
}

/**
 * By the call records. The caller's leg has one for each called leg; the last answered one is the call. Asterisk writes all of them when
 * the call is over, so a call that has one has ended.
 */
function fromRecords(uniqueid: string, records: readonly LegRecord[]): WrittenCall | null {
  const mine = records.filter(record => record.uniqueid === uniqueid);
  const later = (one: LegRecord, other: LegRecord) => (other.startAt > one.startAt ? other : one);
  const answered = mine.filter(record => record.answerAt !== null);
  const last = (answered.length > 0 ? answered : mine).reduce<LegRecord | null>(
    (one, other) => (one === null ? other : later(one, other)),
    null,
  );
  if (last === null) return null;
  const { answerAt, endAt } = last;
  return { source: 'cdr', answeredLeg: null, answerAt, endAt, hangupCause: null, hangupSource: null };
}

/** The number of a called leg of this call, from 1; 0 for any other channel. */
const legNumber = (uniqueid: string) => {
  const prefix = legOf(uniqueid, 0).slice(0, -1);
  return (channel: string): number => {
    if (!channel.startsWith(prefix)) return 0;
    const number = channel.slice(prefix.length);
    return /^[1-9]\d{0,5}$/.test(number) ? Number(number) : 0;
  };
};

const earliest = (rows: readonly JournalEvent[]): number | null =>
  rows.reduce<number | null>((least, { at }) => (least === null || at < least ? at : least), null);
