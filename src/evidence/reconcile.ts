import type { Knex } from 'knex';
import type { Connection } from 'mysql2/promise';
import { SAME_MS } from '../calls/evidence';
import { cutOf, withoutOurCut } from '../calls/heard';
import { callerChannelOf } from '../calls/leg-names';
import { CDR_COLUMNS, callOf } from '../credit/cdr-columns';
import { type MovementRefusal, move } from '../credit/entries';
import type { CallRecord } from '../credit/rules/call';
import { chargeFor } from '../credit/rules/charge';
import { asFault } from '../database/fault';
import { amountOf } from '../database/values';
import { type Micros, micros, ZERO } from '../money/micros';
import { compare, type Finding } from './comparison';
import { provenUntil, REASON_OF, type Reason } from './proof';
import { answersInFile, hasLines, isNoFileYet, rowsInFiles } from './record-file';
import { rowsInDatabase, type WrittenRows } from './record-store';
import { callsIn, channelsOf, type EvidenceFolders, isOnSwitch, systemnameOf } from './switch-records';
import type { JournalEvent } from './written-call';

/** One call on which Ringfence's CDR and Asterisk's own records do not agree. Amounts in the account's currency. */
export interface CallDifference {
  finding: Finding;
  /** Of a call whose end Asterisk's records do not tell: why it is charged as it is; null of all others. */
  reason: Reason | null;
  uniqueid: string;
  accountcode: string;
  node: string;
  /** ms since 1970; of a call that only Asterisk knows, its answer. */
  startAt: number;
  /** By the CDR; null when there is none. */
  billsec: number | null;
  /** By Asterisk's records, of a call charged to its limit as far as they prove it; null when they do not tell. */
  switchBillsec: number | null;
  /** cost − corrections; null without a CDR. */
  charged: Micros | null;
  /** What it should have cost; null where Asterisk's records do not tell, or there is no CDR to price it by. */
  switchCost: Micros | null;
  /** What a correction adds to the balance: charged − switchCost; 0 where one is not known. */
  amount: Micros;
  currency: string;
  /** It has its correction already, and a call can have one only. */
  wasCorrected: boolean;
}

/** How much was looked at. Counted while the differences are read. */
export interface Looked {
  /** Calls that both had ended. */
  compared: number;
  /** Still in progress by their CDR: not compared. */
  open: number;
  /** Of which Asterisk wrote no end: not compared. */
  withoutEnd: number;
  /** Of which Asterisk wrote nothing, and nothing of any other call of that switch then either: not compared. */
  withoutRecords: number;
}

export interface ReconcileRequest {
  /** Calls that started from here … */
  from: number;
  /** … to before here; ms since 1970, by the switch's clock. */
  to: number;
  /** Seconds of talk that may differ. */
  toleranceSeconds: number;
  /** Told now and then how far it is: first with the calls, then with what has no CDR. */
  onProgress?: (step: 'calls' | 'without_cdr', reachedAt: number) => void;
}

const PAGE = 1_000;
const HOUR_MS = 3_600_000;
const LONGEST_CALL_MS = 24 * HOUR_MS;

/**
 * The calls on which Ringfence and Asterisk do not agree, in order of their start; then those that only Asterisk knows.
 *
 * Reads by pages and by hours, so that a long range takes time and not memory. Changes nothing. @throws DatabaseFault
 */
export async function* reconcile(
  database: Knex,
  folders: EvidenceFolders,
  request: ReconcileRequest,
  looked: Looked,
): AsyncGenerator<CallDifference> {
  try {
    yield* differingCalls(database, folders, request, looked);
    yield* unknownCalls(database, folders, request);
  } catch (error) {
    throw asFault(error);
  }
}

async function* differingCalls(
  database: Knex,
  folders: EvidenceFolders,
  request: ReconcileRequest,
  looked: Looked,
): AsyncGenerator<CallDifference> {
  const { from, to, toleranceSeconds, onProgress } = request;
  const wroteAround = switchesThatWrote(database, folders);
  const sighted = new Set<string>(await database('astnode').pluck('node'));
  for (let last: CallRecord | null = null; ; ) {
    const page = await callsFrom(database, from, to, last);
    const ended = page.filter(({ endAt }) => endAt !== null);
    looked.open += page.length - ended.length;
    const [rows, corrections, refunds] = await Promise.all([
      evidenceOf(database, folders, ended),
      movementsOf(database, 'correction', ended),
      movementsOf(database, 'refund', ended),
    ]);
    const written = callsIn(rows, ended);
    const recorded = callsIn(
      rows.map(({ records }) => ({ journal: [], records })),
      ended,
    );
    for (const call of ended) {
      const correction = corrections.get(call.uniqueid) ?? null;
      const records = recorded.get(call.uniqueid);
      const recordedSilent = records !== undefined && records.answerAt === null;
      const evidence = withoutOurCut(written.get(call.uniqueid) ?? null, call.answerAt, cutOf(call));
      const comparison = compare(call, correction, evidence, recordedSilent, toleranceSeconds);
      const difference = differenceOf(call, correction);
      if (comparison.result === 'without_end') looked.withoutEnd++;
      else if (comparison.result !== 'not_written') looked.compared++;
      else if (await wroteAround(call, call.startAt)) looked.compared++;
      else looked.withoutRecords++;

      if (comparison.result === 'differs') {
        const { switchBillsec, switchCost } = comparison;
        const owed = micros((difference.charged as Micros) - switchCost);
        const amount = unlessRefunded(owed, difference, refunds.get(call.uniqueid));
        if (owed > ZERO && amount === ZERO) continue;
        yield { ...difference, switchBillsec, switchCost, amount };
      } else if (comparison.result === 'unclear') {
        yield { ...difference, finding: 'unclear' };
      } else if (comparison.result === 'not_written' || comparison.result === 'without_end') {
        const isCovered = async (at: number) => wroteAround(call, at);
        const found = await unwrittenOf(call, difference, sighted, comparison.result === 'without_end', isCovered);
        if (found === null) continue;
        if (found.reason !== 'end_not_told') {
          yield found;
          continue;
        }
        const leg = written.get(call.uniqueid)?.answeredLeg ?? null;
        const until = provenUntil(
          call,
          leg,
          rows.flatMap(({ journal }) => journal),
        );
        const proven = chargeFor(call, { answerAt: call.answerAt, endAt: until });
        const owed = micros((difference.charged as Micros) - proven.cost);
        const amount = unlessRefunded(owed, difference, refunds.get(call.uniqueid));
        if (amount > ZERO) yield { ...found, switchBillsec: proven.billsec, switchCost: proven.cost, amount };
      }
    }
    last = page.at(-1) ?? null;
    if (last === null || page.length < PAGE) return;
    onProgress?.('calls', last.startAt);
  }
}

/**
 * What is told of an answered call whose end its switch's records do not tell; null where there is nothing to tell. `isStarted`: they tell of
 * the call. Only of `end_not_told` a correction may be proposed: the records are of its whole time, so that what they lack was not there.
 */
async function unwrittenOf(
  call: CallRecord,
  difference: CallDifference,
  sighted: ReadonlySet<string>,
  isStarted: boolean,
  isCovered: (at: number) => Promise<boolean>,
): Promise<CallDifference | null> {
  const isThere = isStarted || (await isCovered(call.startAt));
  const finding = isThere && !isStarted ? 'not_in_switch_records' : 'end_not_told';
  // Earlier versions called it a sighting where the switch was never seen.
  const isUnseen = call.evidence === 'sighting' && call.hangupSource === 'limit' && !sighted.has(call.node);
  const reason = isUnseen ? null : REASON_OF[call.evidence ?? 'event'];
  if (reason !== null) return finding === 'not_in_switch_records' ? { ...difference, finding, reason } : null;
  if (difference.charged === ZERO) return null;
  if (!isThere) return { ...difference, finding, reason: 'no_records' };
  const isWhole = await isCovered(call.endAt as number);
  return { ...difference, finding, reason: isWhole ? 'end_not_told' : 'records_have_gaps' };
}

const differenceOf = (call: CallRecord, correction: Micros | null): CallDifference => ({
  finding: 'talk_differs',
  reason: null,
  uniqueid: call.uniqueid,
  accountcode: call.accountcode,
  node: call.node,
  startAt: call.startAt,
  billsec: call.billsec,
  switchBillsec: null,
  charged: micros(call.cost - (correction ?? ZERO)),
  switchCost: null,
  amount: ZERO,
  currency: call.currency,
  wasCorrected: correction !== null,
});

/** The next page of calls in the order of the index of their start. */
async function callsFrom(database: Knex, from: number, to: number, last: CallRecord | null): Promise<CallRecord[]> {
  const calls = database('astcdr')
    .select(CDR_COLUMNS)
    .where('start_at', '>=', new Date(last?.startAt ?? from))
    .where('start_at', '<', new Date(to))
    .orderBy(['start_at', 'uniqueid'])
    .limit(PAGE);
  if (last) {
    const { startAt, uniqueid } = last;
    calls.where(after => after.where('start_at', '>', new Date(startAt)).orWhere('uniqueid', '>', uniqueid));
  }
  return (await calls).map(callOf);
}

/** What was refunded is not given back a second time. */
const unlessRefunded = (owed: Micros, { charged }: CallDifference, refunded: Micros = ZERO): Micros =>
  leastOf(owed, micros((charged as Micros) - refunded));

const leastOf = (one: Micros, other: Micros): Micros => (other < one ? other : one);

/** What the correction or the refund of each of these calls has added to the balance; one without is missing. */
async function movementsOf(
  database: Knex,
  kind: 'correction' | 'refund',
  calls: readonly CallRecord[],
): Promise<Map<string, Micros>> {
  if (calls.length === 0) return new Map();
  const accounts = new Map(calls.map(({ uniqueid, accountcode }) => [uniqueid, accountcode]));
  const rows = await database('astledger')
    .select('accountcode', 'reference', 'amount')
    .where({ kind })
    .whereIn('accountcode', [...new Set(accounts.values())])
    .whereIn('reference', [...accounts.keys()]);
  return new Map(
    rows
      .filter(row => accounts.get(row.reference) === row.accountcode)
      .map(row => [row.reference as string, amountOf(row.amount)]),
  );
}

type Sought = Pick<CallRecord, 'uniqueid' | 'node' | 'startAt' | 'endAt' | 'answerAt' | 'isFixed'>;

/**
 * What is in the database of these calls, and in the files what the database lacks. Rows of the first end may be missing there and those of
 * a later one not, as Asterisk drops what it cannot write: where the end is another than the CDR's, the files are asked too.
 */
async function evidenceOf(database: Knex, folders: EvidenceFolders, calls: readonly Sought[]): Promise<WrittenRows[]> {
  const inDatabase = await rowsInDatabase(database, channelsOf(calls));
  const known = callsIn([inDatabase], calls);
  const isWhole = ({ uniqueid, answerAt, endAt }: Sought): boolean => {
    const written = known.get(uniqueid);
    if (written == null || written.endAt === null || (answerAt !== null && written.answerAt === null)) return false;
    return endAt === null || Math.abs(written.endAt - endAt) <= SAME_MS;
  };
  const all = [inDatabase];
  for (const [node, folder] of folders) {
    const sought = calls.filter(call => isOnSwitch(node, call) && !isWhole(call));
    if (sought.length === 0) continue;
    const from = sought.reduce((least, { startAt }) => Math.min(least, startAt), Number.POSITIVE_INFINITY);
    const to = sought.reduce((most, { startAt, endAt }) => Math.max(most, endAt ?? startAt + LONGEST_CALL_MS), 0);
    const none: WrittenRows = { journal: [], records: [] };
    all.push(await inFolder(folder, rowsInFiles(folder, new Set(channelsOf(sought)), { from, to }), none));
  }
  return all;
}

/** A file that cannot be read is told as such: it is no fault of the database. `none` where Asterisk has written no file yet. */
async function inFolder<Answer>(folder: string, reading: Promise<Answer>, none: Answer): Promise<Answer> {
  try {
    return await reading;
  } catch (error) {
    const { code, message, path } = error as NodeJS.ErrnoException;
    if (isNoFileYet(error as NodeJS.ErrnoException)) return none;
    throw new Error(
      `RINGFENCE_EVIDENCE_FILES: ${
        code === 'ENOENT'
          ? `there is no folder ${path}: correct the folder, or make it, as Asterisk does not`
          : `Asterisk's files in ${folder} cannot be read (${code ?? message}): correct the folder or its rights`
      }`,
    );
  }
}

/** The switch whose records may tell of a call. Its channel is named after it, but for a door's call, which is named after the door. */
const switchOf = ({ node, uniqueid }: CallRecord): string =>
  uniqueid.startsWith(`${node}:`) ? node : systemnameOf(callerChannelOf(uniqueid)) || node;

/** Around a call: how long before and after it another record shows that its switch was writing. */
const AROUND_MS = 600_000;

/** Tells whether a call's switch wrote anything at all around an instant; asked once for ten minutes of a switch. */
function switchesThatWrote(
  database: Knex,
  folders: EvidenceFolders,
): (call: CallRecord, at: number) => Promise<boolean> {
  const MOST_KNOWN = 1_000;
  const known = new Map<string, Promise<boolean>>();
  const ask = async (node: string, span: { from: number; to: number }): Promise<boolean> => {
    const folder = folders.get(node);
    if (folder !== undefined && (await inFolder(folder, hasLines(folder, span), false))) return true;
    const prefix = `${node}-`;
    const row = await database('astcel')
      .whereBetween('eventtime', [new Date(span.from), new Date(span.to)])
      // The node's name may hold what LIKE would read as a pattern. A called leg has rf- in front of it.
      .whereRaw('LEFT(linkedid, CHAR_LENGTH(?)) = ?', [prefix, prefix])
      .first('cel_id');
    return row !== undefined;
  };
  return (call, at) => {
    const node = switchOf(call);
    const bucket = Math.floor(at / AROUND_MS);
    const key = `${node} ${bucket}`;
    const answer = known.get(key) ?? ask(node, { from: (bucket - 1) * AROUND_MS, to: (bucket + 2) * AROUND_MS });
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, answer);
    return answer;
  };
}

/**
 * Calls that were answered on a switch and have no CDR: by the journal those with a leg that Ringfence had called, by the
 * call records those that name an account.
 */
async function* unknownCalls(
  database: Knex,
  folders: EvidenceFolders,
  { from, to, onProgress }: ReconcileRequest,
): AsyncGenerator<CallDifference> {
  const written = await writtenSpan(database, from, to);
  const first = folders.size > 0 ? from : written.from;
  const end = folders.size > 0 ? to : written.to;
  // A call may stand on both sides of an hour's end: by its record's start and by its answer.
  let before = new Set<string>();
  for (let hour = first; hour < end; hour += HOUR_MS) {
    const span = { from: hour, to: Math.min(end, hour + HOUR_MS) };
    const found = new Map<string, { accountcode: string; at: number }>();
    for (const call of await answeredWithoutCdr(database, span)) found.set(call.uniqueid, call);
    for (const folder of folders.values()) {
      const answers = await inFolder(folder, answersInFile(folder, span), []);
      for (const call of await withoutCdr(database, answers)) found.set(call.uniqueid, call);
    }
    const unknown = [...found].filter(([uniqueid]) => !before.has(uniqueid));
    before = new Set(found.keys());
    for (let index = 0; index < unknown.length; index += PAGE) {
      yield* await unknownOf(database, folders, unknown.slice(index, index + PAGE));
    }
    onProgress?.('without_cdr', span.to);
  }
}

/** The part of the range in which the tables have rows: a range of years must not be asked hour by hour for nothing. */
async function writtenSpan(database: Knex, from: number, to: number): Promise<{ from: number; to: number }> {
  const [cel] = await database('astcel').min({ first: 'eventtime' }).max({ last: 'eventtime' });
  const [cdr] = await database('astswitchcdr').min({ first: 'start' }).max({ last: 'start' });
  const times = [cel, cdr].flatMap(row => (row?.first ? [row.first.getTime(), row.last.getTime()] : []));
  if (times.length === 0) return { from: to, to };
  return { from: Math.max(from, Math.min(...times)), to: Math.min(to, Math.max(...times) + 1) };
}

interface Unknown {
  uniqueid: string;
  accountcode: string;
  at: number;
}

async function answeredWithoutCdr(database: Knex, span: { from: number; to: number }): Promise<Unknown[]> {
  const within = [new Date(span.from), new Date(span.to)];
  const [legs] = await database.raw(
    `SELECT e.linkedid AS uniqueid, e.accountcode, e.eventtime AS at FROM astcel e
     LEFT JOIN astcdr c ON c.uniqueid = e.linkedid
     WHERE e.eventtype = 'ANSWER' AND e.eventtime >= ? AND e.eventtime < ? AND e.uniqueid LIKE 'rf-%' AND c.uniqueid IS NULL
     ORDER BY e.eventtime, e.cel_id`,
    within,
  );
  const [records] = await database.raw(
    `SELECT r.linkedid AS uniqueid, r.accountcode, r.answer AS at FROM astswitchcdr r
     LEFT JOIN astcdr c ON c.uniqueid = r.linkedid
     WHERE r.start >= ? AND r.start < ? AND r.answer > '1970-01-01 00:00:00' AND r.uniqueid = r.linkedid
       AND r.accountcode <> '' AND c.uniqueid IS NULL
     ORDER BY r.start, r.switchcdr_id`,
    within,
  );
  return [...records, ...legs].map(row => ({ ...row, at: row.at.getTime() }));
}

async function withoutCdr(database: Knex, answers: readonly JournalEvent[]): Promise<Unknown[]> {
  const unknown: Unknown[] = [];
  for (let index = 0; index < answers.length; index += PAGE) {
    const some = answers.slice(index, index + PAGE);
    const rows = await database('astcdr').whereIn(
      'uniqueid',
      some.map(({ linkedid }) => linkedid),
    );
    const known = new Set(rows.map(({ uniqueid }) => uniqueid));
    for (const { linkedid, accountcode, at } of some) {
      if (!known.has(linkedid)) unknown.push({ uniqueid: linkedid, accountcode, at });
    }
  }
  return unknown;
}

async function unknownOf(
  database: Knex,
  folders: EvidenceFolders,
  calls: [uniqueid: string, { accountcode: string; at: number }][],
): Promise<CallDifference[]> {
  const sought = calls.map(([uniqueid, { at }]) => ({
    uniqueid,
    node: systemnameOf(uniqueid),
    startAt: at,
    endAt: null,
    answerAt: at,
    isFixed: false,
  }));
  const written = callsIn(await evidenceOf(database, folders, sought), sought);
  return calls.map(([uniqueid, { accountcode, at }]) => {
    const { answerAt = null, endAt = null } = written.get(uniqueid) ?? {};
    return {
      finding: 'not_in_cdrs',
      reason: null,
      uniqueid,
      accountcode,
      node: systemnameOf(uniqueid),
      startAt: at,
      billsec: null,
      switchBillsec: answerAt === null || endAt === null ? null : Math.floor((endAt - answerAt) / 1000),
      charged: null,
      switchCost: null,
      amount: ZERO,
      currency: '',
      wasCorrected: false,
    };
  });
}

/** What became of one difference when corrections were asked for. */
export type Correction = 'corrected' | 'nothing_to_correct' | 'corrected_before' | MovementRefusal;

/**
 * Writes the compensating entry of one difference: once for a call, under the account's lock, in a transaction of its own.
 *
 * Nothing where no money is known to differ, as of a call that only one of both knows; the CDR keeps its cost. One that
 * would take more than is available is refused, unless `overdraw`. Assumes a connection that nobody else uses.
 * @throws DatabaseFault
 */
export async function correct(
  connection: Connection,
  difference: CallDifference,
  overdraw: boolean,
): Promise<Correction> {
  const { accountcode, uniqueid, amount, billsec, switchBillsec, wasCorrected } = difference;
  if (amount === ZERO) return 'nothing_to_correct';
  if (wasCorrected) return 'corrected_before';
  const reason =
    difference.reason === null
      ? `reconciliation: ${billsec} s in the CDR, ${switchBillsec} s in Asterisk's records`
      : `reconciliation: ${billsec} s in the CDR, to the limit, as nobody told the end; ${switchBillsec} s are proven`;
  const outcome = await move(connection, {
    accountcode,
    kind: 'correction',
    amount,
    reference: uniqueid,
    reason,
    overdraw,
  });
  return 'refusal' in outcome ? outcome.refusal : outcome.moved ? 'corrected' : 'corrected_before';
}
