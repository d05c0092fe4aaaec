import type { Knex } from 'knex';
import type { SwitchRecords, WrittenCall } from '../calls/evidence';
import { rowsInFiles } from './record-file';
import { rowsInDatabase, type WrittenRows } from './record-store';
import { writtenCall } from './written-call';

/** Names of switches on this machine → their log folders. */
export type EvidenceFolders = ReadonlyMap<string, string>;

/**
 * Asterisk's own records: what is in the database and, for a switch with a log folder on this machine, what is in its files,
 * taken together. `onUnread` is told what could not be read while the other could.
 */
export function switchRecords(
  database: Knex,
  folders: EvidenceFolders,
  onUnread: (error: unknown) => void = () => {},
): SwitchRecords {
  return {
    async of(node, calls) {
      if (calls.length === 0) return new Map();
      const uniqueids = calls.map(({ uniqueid }) => uniqueid);
      const since = calls.reduce((least, { startAt }) => Math.min(least, startAt), Number.POSITIVE_INFINITY);
      const folder = folders.get(node);
      const asked = await Promise.allSettled([
        rowsInDatabase(database, uniqueids),
        ...(folder === undefined
          ? []
          : [rowsInFiles(folder, new Set(uniqueids), { from: since, to: Number.POSITIVE_INFINITY })]),
      ]);
      const answers = asked.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []));
      const [failure, ...failures] = asked.flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []));
      if (answers.length === 0) throw failure;
      if (failure !== undefined) for (const error of [failure, ...failures]) onUnread(error);
      return callsIn(answers, uniqueids);
    },
  };
}

/** What the rows, all taken together, say of each call; one that no row is of is missing. */
export function callsIn(rows: readonly WrittenRows[], uniqueids: readonly string[]): Map<string, WrittenCall> {
  // Of records that are in both, the file's has the finer times and comes first.
  const journal = byCall([...rows].reverse().flatMap(each => each.journal));
  const records = byCall([...rows].reverse().flatMap(each => each.records));
  const calls = new Map<string, WrittenCall>();
  for (const uniqueid of uniqueids) {
    const written = writtenCall(uniqueid, journal.get(uniqueid) ?? [], records.get(uniqueid) ?? []);
    if (written) calls.set(uniqueid, written);
  }
  return calls;
}

function byCall<Row extends { linkedid: string }>(rows: Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.linkedid);
    if (group) group.push(row);
    else groups.set(row.linkedid, [row]);
  }
  return groups;
}
