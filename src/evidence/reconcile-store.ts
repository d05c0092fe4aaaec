/** What a reconciliation reads from the database: CDRs and entries, and the spans in which Asterisk wrote. */
import type { Knex } from 'knex';
import { CDR_COLUMNS, callOf } from '../credit/cdr-columns';
import type { CallRecord } from '../credit/rules/call';
import { amountOf } from '../database/values';
import type { Micros } from '../money/micros';

/** How many calls are read at once. */
export const PAGE = 1_000;

/** The next page of calls in the order of the index of their start. */
export async function callsFrom(
  database: Knex,
  from: number,
  to: number,
  last: CallRecord | null,
): Promise<CallRecord[]> {
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

/** What the correction or the refund of each of these calls has added to the balance; a call without one is missing. */
export async function movementsOf(
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

/** The switches that were ever seen. */
export const sightedNodes = async (database: Knex): Promise<Set<string>> =>
  new Set<string>(await database('astnode').pluck('node'));

/**
 * The rows of a switch's own calls: `node-1764400000.42`. Another switch may be called `node-2`, and the node's name may contain what LIKE
 * reads as a pattern.
 */
export const ofNode = (node: string): [sql: string, bindings: string[]] => {
  const prefix = `${node}-`;
  const isOwn =
    "LEFT(linkedid, CHAR_LENGTH(?)) = ? AND SUBSTRING(linkedid, CHAR_LENGTH(?) + 1) REGEXP '^[0-9]+[.][0-9]+$'";
  return [isOwn, [prefix, prefix, prefix]];
};

/** Whether a switch wrote any row of its journal into the database in this span. */
export async function wroteJournal(database: Knex, node: string, span: Span): Promise<boolean> {
  const row = await database('astcel')
    .whereBetween('eventtime', [new Date(span.from), new Date(span.to)])
    .whereRaw(...ofNode(node))
    .first('cel_id');
  return row !== undefined;
}

/** The first and the last row of a switch's journal in each minute of this span in which it wrote one; in no order. */
export async function minutesInDatabase(database: Knex, node: string, { from, to }: Span): Promise<Span[]> {
  const rows = await database('astcel')
    .where('eventtime', '>=', new Date(from))
    .where('eventtime', '<', new Date(to))
    .whereRaw(...ofNode(node))
    .groupByRaw("TIMESTAMPDIFF(MINUTE, '1970-01-01', eventtime)")
    .min({ first: 'eventtime' })
    .max({ last: 'eventtime' });
  return rows.map(({ first, last }) => ({ from: first.getTime(), to: last.getTime() }));
}

/** ms since 1970, by the switch's clock. */
export interface Span {
  from: number;
  to: number;
}

/** The part of the range in which the tables have rows: a range of years must not be queried hour by hour in vain. */
export async function writtenSpan(database: Knex, { from, to }: Span): Promise<Span> {
  const [cel] = await database('astcel').min({ first: 'eventtime' }).max({ last: 'eventtime' });
  const [cdr] = await database('astswitchcdr').min({ first: 'start' }).max({ last: 'start' });
  const times = [cel, cdr].flatMap(row => (row?.first ? [row.first.getTime(), row.last.getTime()] : []));
  if (times.length === 0) return { from: to, to };
  return { from: Math.max(from, Math.min(...times)), to: Math.min(to, Math.max(...times) + 1) };
}

/** A call that was answered on a switch, at `at`, and has no CDR. */
export interface UnknownCall {
  uniqueid: string;
  accountcode: string;
  at: number;
}

export async function answeredWithoutCdr(database: Knex, span: Span): Promise<UnknownCall[]> {
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

/** Which of these calls have a CDR. */
export async function withCdr(database: Knex, uniqueids: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (let index = 0; index < uniqueids.length; index += PAGE) {
    const rows = await database('astcdr')
      .whereIn('uniqueid', uniqueids.slice(index, index + PAGE))
      .select('uniqueid');
    for (const { uniqueid } of rows) known.add(uniqueid);
  }
  return known;
}
