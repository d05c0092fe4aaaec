import type { Knex } from 'knex';
import type { SoughtCall, SwitchRecords, WrittenCall } from '../calls/evidence';
import { callerChannelOf } from '../calls/leg-names';
import { isNoFileYet, rowsInFiles } from './record-file';
import { rowsInDatabase, type WrittenRows } from './record-store';
import { writtenCall } from './written-call';

/** Names of switches on this machine → their log folders. */
export type EvidenceFolders = ReadonlyMap<string, string>;

/**
 * Asterisk's own records: those in the database and, for a switch with a log folder on this machine, those in its files, taken together.
 * `onUnread` is called with what could not be read while the other could, but not for files that do not exist yet. Such files alone are no
 * answer either: what a database that is away holds is unknown.
 */
export function switchRecords(
  database: Knex,
  folders: EvidenceFolders,
  onUnread: (error: unknown) => void = () => {},
): SwitchRecords {
  return {
    async of(node, calls) {
      if (calls.length === 0) return new Map();
      const since = calls.reduce((least, { startAt }) => Math.min(least, startAt), Number.POSITIVE_INFINITY);
      const asked = await Promise.allSettled([
        rowsInDatabase(database, channelsOf(calls)),
        ...[...folders].flatMap(([name, folder]) => {
          const channels = channelsOf(calls.filter(({ uniqueid }) => isOnSwitch(name, { node, uniqueid })));
          const span = { from: since, to: Number.POSITIVE_INFINITY };
          return channels.length === 0 ? [] : [rowsInFiles(folder, new Set(channels), span)];
        }),
      ]);
      const answers = asked.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []));
      const [failure, ...failures] = asked.flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []));
      if (answers.length === 0) throw failure;
      if (failure !== undefined) for (const error of [failure, ...failures]) if (!isNoFileYet(error)) onUnread(error);
      return callsIn(answers, calls);
    },
  };
}

/** `switch1-1732195261.42` is a channel of the switch whose systemname is switch1. */
export const systemnameOf = (uniqueid: string): string => uniqueid.slice(0, Math.max(0, uniqueid.lastIndexOf('-')));

/** Whether a call's channels are that switch's: its node says so, or its channel's name if the node is a door's. */
export const isOnSwitch = (name: string, { node, uniqueid }: { node: string; uniqueid: string }): boolean =>
  node === name || systemnameOf(uniqueid) === name;

/** What the rows, all taken together, say about each call; a call without a row is missing. */
export function callsIn(rows: readonly WrittenRows[], sought: readonly SoughtCall[]): Map<string, WrittenCall> {
  // If both have a record, the file's has the finer times and comes first.
  const journal = byCall([...rows].reverse().flatMap(each => each.journal));
  const records = byCall([...rows].reverse().flatMap(each => each.records));
  const calls = new Map<string, WrittenCall>();
  for (const call of sought) {
    const channel = callerChannelOf(call.uniqueid);
    const written = writtenCall(call, journal.get(channel) ?? [], records.get(channel) ?? []);
    if (written) calls.set(call.uniqueid, written);
  }
  return calls;
}

/** The callers' channels, to which all rows of a call are linked. */
export const channelsOf = (calls: readonly { uniqueid: string }[]): string[] => [
  ...new Set(calls.map(({ uniqueid }) => callerChannelOf(uniqueid))),
];

function byCall<Row extends { linkedid: string }>(rows: Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.linkedid);
    if (group) group.push(row);
    else groups.set(row.linkedid, [row]);
  }
  return groups;
}
