/** What the rows that Asterisk wrote of a call mean. No clock, no file, no SQL. */
import { SAME_MS, type SoughtCall, type WrittenCall } from '../calls/evidence';
import { callerChannelOf, legOf } from '../calls/leg-names';

/** One event of the journal (CEL) of one leg. */
export interface JournalEvent {
  event: string;
  /** ms since 1970, with the microseconds that Asterisk writes as decimals: two events of one millisecond have an order. */
  at: number;
  uniqueid: string;
  linkedid: string;
  accountcode: string;
  /** Name of the channel, by which the journal says who hung up. */
  channel: string;
  /** JSON, or ''. */
  extra: string;
}

/** One call record (CDR): of a leg, and of whom it talked to. Instants in ms since 1970. */
export interface LegRecord {
  uniqueid: string;
  linkedid: string;
  startAt: number;
  /** null when it was never answered. */
  answerAt: number | null;
  endAt: number;
}

/**
 * What the rows say of a call; null when none is of this call.
 *
 * The journal's word counts. The call records' does where the journal lacks the answer or the end and they have both: its
 * rows may be lost, one by one, while a database is away. Rows may come twice and in any order. Of a call that the dialplan dialled
 * only the journal is asked: a call record begins to count when the caller's own channel is answered, which a prompt may have done
 * before anybody was dialled.
 */
export function writtenCall(
  { uniqueid, startAt, isFixed }: SoughtCall,
  journal: readonly JournalEvent[],
  records: readonly LegRecord[],
): WrittenCall | null {
  if (isFixed) return fromDialplan(callerChannelOf(uniqueid), startAt, journal);
  const told = fromJournal(uniqueid, journal);
  if (told?.answerAt != null && told.endAt !== null) return told;
  const recorded = fromRecords(uniqueid, records);
  if (recorded === null) return told;
  return told === null || recorded.answerAt !== null || told.endAt === null ? recorded : told;
}

/** Whether a leg was answered that Ringfence had called: what the leg is named says so. */
export const isAnswerOfOurs = ({ event, uniqueid, linkedid }: JournalEvent): boolean =>
  event === 'ANSWER' && legNumber(linkedid)(uniqueid) > 0;

const ENDS = new Set(['BRIDGE_EXIT', 'HANGUP', 'CHAN_END', 'LINKEDID_END']);

/**
 * By the journal.
 *
 * A called leg is dialled only when the one before it was given up, so the last one is the one that counts: a leg that was
 * answered while it was being given up is none, unless it was answered when the last one had gone. Talk begins when both were answered, in
 * one bridge; a caller of whose answer nothing is written was not. The call ends with the first end of the caller's leg or of the answered
 * one, of which leaving the bridge for good is the earliest sign; while nobody has answered, with the caller's.
 */
function fromJournal(uniqueid: string, journal: readonly JournalEvent[]): WrittenCall | null {
  const numberOf = legNumber(uniqueid);
  const mine = journal.filter(row => row.uniqueid === uniqueid || numberOf(row.uniqueid) > 0);
  if (mine.length === 0) return null;
  const lastNumber = Math.max(...mine.map(row => numberOf(row.uniqueid)));
  const lastCalled = mine.find(row => numberOf(row.uniqueid) === lastNumber && lastNumber > 0)?.uniqueid ?? null;
  const last = answeredAfter(mine, uniqueid, lastCalled) ?? lastCalled;

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
 * By the journal, of a call whose legs the dialplan made: they have names of Asterisk's own, and the caller's linkedid.
 *
 * The first of them that was answered since the call was authorised is the callee. The talk ends with the first end of his leg, or
 * with the caller's; the caller's leaving of their bridge is none, as he may go on in the dialplan and be in another one later. While
 * nobody has answered, the call ends with the caller.
 */
function fromDialplan(caller: string, startAt: number, journal: readonly JournalEvent[]): WrittenCall | null {
  const isCalled = ({ uniqueid }: JournalEvent) => uniqueid !== caller;
  const mine = journal.filter(row => row.at >= startAt - SAME_MS || (isGone(row) && !isCalled(row)));
  if (mine.length === 0) return null;
  // Before the call was authorised, too: by a prompt.
  const callerAnsweredAt = earliest(journal.filter(row => row.event === 'ANSWER' && !isCalled(row)));
  const legEndAt = (leg: string) => earliest(mine.filter(row => row.uniqueid === leg && isGone(row)));
  // Whoever had left before the caller was answered was asked whether he takes the call, and did not.
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

/** A callee who answers a call that its caller has left talks to nobody; nor is there talk where the two cannot be told apart. */
const unlessLeft = (answerAt: number | null, callerEndAt: number | null): number | null =>
  answerAt !== null && callerEndAt !== null && callerEndAt <= answerAt ? null : answerAt;

/** The answer and the caller's end in the same microsecond: which of them came first cannot be told. */
const isTie = (answerAt: number | null, callerEndAt: number | null): boolean =>
  answerAt !== null && answerAt === callerEndAt;

/** Truncated, as the live events' stamps are. */
const wholeMs = (at: number | null): number | null => (at === null ? null : Math.floor(at));

/**
 * A leg that was answered when the last one had gone without an answer, and that stayed: it was given up, but its hang-up was lost with the
 * process that asked for it, and nobody else can be who talked. null for none, and where the caller's answer may be the last leg's.
 */
function answeredAfter(rows: readonly JournalEvent[], caller: string, last: string | null): string | null {
  const ofLast = rows.filter(row => row.uniqueid === last);
  const goneAt = earliest(ofLast.filter(isGone));
  const answers = rows.filter(row => row.event === 'ANSWER');
  const pickedUpAt = earliest(answers.filter(row => row.uniqueid === caller));
  if (goneAt === null || pickedUpAt === null || pickedUpAt <= goneAt) return null;
  if (answers.some(row => row.uniqueid === last)) return null;
  const hasStayed = ({ uniqueid, at }: JournalEvent) =>
    !rows.some(row => row.uniqueid === uniqueid && isGone(row) && row.at <= Math.max(at, pickedUpAt));
  const late = answers
    .filter(row => row.uniqueid !== caller && row.at > goneAt && hasStayed(row))
    .sort((one, other) => one.at - other.at);
  return late[0]?.uniqueid ?? null;
}

/** Whether the called leg was in a bridge in which the caller never was. */
function isApart(rows: readonly JournalEvent[], caller: string, last: string | null): boolean {
  const wasIn = (leg: string | null) =>
    rows.some(row => row.uniqueid === leg && (row.event === 'BRIDGE_ENTER' || row.event === 'BRIDGE_EXIT'));
  return wasIn(last) && !wasIn(caller);
}

/**
 * When both were answered. The called leg's answer counts with the caller's, by whom it may be later only; where its row is missing,
 * the caller's alone, which comes within the same millisecond.
 */
function answerOf(rows: readonly JournalEvent[], caller: string, last: string | null): number | null {
  const answers = rows.filter(row => row.event === 'ANSWER');
  const called = earliest(answers.filter(row => row.uniqueid === last));
  const callers = earliest(answers.filter(row => row.uniqueid === caller));
  if (callers === null) return null;
  if (called !== null) return Math.max(called, callers);
  // An answer of the caller's before the last leg was made is that of a leg that was given up just then.
  const others = rows.some(row => row.uniqueid !== caller && row.uniqueid !== last);
  const since = others ? (earliest(rows.filter(row => row.uniqueid === last)) ?? 0) : 0;
  // One at the same time as another leg's is that leg's, though the last one was made by then.
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

/** Whether a leg left the bridge for good: an answer or another leaving later shows that it came back, though that row is lost. */
function isLastExit(row: JournalEvent, ofLeg: readonly JournalEvent[]): boolean {
  const isLater = ({ event, at }: JournalEvent) =>
    at > row.at && (event === 'BRIDGE_ENTER' || event === 'BRIDGE_EXIT' || event === 'ANSWER');
  return row.event === 'BRIDGE_EXIT' && !ofLeg.some(isLater);
}

const NORMAL_CLEARING = 16;

/** A party who hung up leaves the bridge within this time, however busy the machine. Ms. */
const LEAVES_WITHIN_MS = 1_000;

/**
 * The cause, and the party, that the first end tells; where it names none of both, the one who hung up just then by his own row.
 * Asterisk tells of a hang-up before that party has left the bridge: on a busy machine Ringfence has ended the other one's leg by then,
 * with no source, or with that of a leg which was given up long before.
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
  // A caller's CANCEL is 127 (interworking) to Asterisk; it is a call that was ended in the ordinary way.
  const cancelled = answerAt === null && hangup?.leg === caller && hangup.source === 'caller';
  return { hangupCause: cancelled ? NORMAL_CLEARING : (hangup?.cause ?? null), hangupSource: hangup?.source ?? null };
}

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
 * By the call records. The caller's leg has one for each called leg; the last of them that was answered is the call. They
 * are all written when the call is over: a call of which there is one has ended.
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
