import type { Knex } from 'knex';
import type { SoughtCall, SwitchRecords, WrittenCall } from '../calls/evidence';
import { callerChannelOf } from '../calls/leg-names';
import { JournalTail } from './journal-tail';
import { celPathOf, isNoFileYet, journalInFiles, rowsInFiles } from './record-file';
import { bornAt } from './record-lines';
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
  const tails = new Map([...folders.values()].map(folder => [folder, new JournalTail(celPathOf(folder))]));
  return {
    async of(node, calls) {
      if (calls.length === 0) return new Map();
      const asked = await Promise.allSettled([
        rowsInDatabase(database, channelsOf(calls), channelsOf(calls.filter(({ isFixed }) => !isFixed))),
        ...[...folders].flatMap(([name, folder]) => {
          const here = calls.filter(({ uniqueid }) => isOnSwitch(name, { node, uniqueid }));
          return here.length === 0 ? [] : [rowsInFolder(folder, tails.get(folder) as JournalTail, here)];
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

/**
 * The rows of these calls. The calls that the dialplan dialled end all the time, and for them only the journal counts: the rows that the tail
 * has are not searched for.
 */
async function rowsInFolder(folder: string, tail: JournalTail, calls: readonly SoughtCall[]): Promise<WrittenRows> {
  const fixed = calls.filter(({ isFixed }) => isFixed);
  const known = fixed.length === 0 ? new Map() : await tail.of(fixed);
  const sought = calls.filter(({ uniqueid }) => !known.has(uniqueid));
  const found = await searched(folder, sought);
  return { ...found, journal: [...[...known.values()].flat(), ...found.journal] };
}

async function searched(folder: string, calls: readonly SoughtCall[]): Promise<WrittenRows> {
  if (calls.length === 0) return { journal: [], records: [] };
  const channels = new Set(channelsOf(calls));
  const span = { from: firstRowAt(calls), to: Number.POSITIVE_INFINITY };
  if (calls.some(({ isFixed }) => !isFixed)) return rowsInFiles(folder, channels, span);
  return { journal: await journalInFiles(folder, channels, span), records: [] };
}

/** No channel, and so no call, lives longer. */
export const LONGEST_CHANNEL_MS = 24 * 3_600_000;

/**
 * From when on there may be rows of these calls; ms since 1970. A call may be a channel's second one, or begin behind a prompt: then its
 * caller's answer was written long before the call began. An earlier time than any living channel's is no channel's: another program chose
 * the name (`crm-7.1`), and the search would read a whole day.
 */
export const firstRowAt = (calls: readonly { uniqueid: string; startAt: number }[]): number =>
  calls.reduce((least, { uniqueid, startAt }) => {
    const born = bornAt(callerChannelOf(uniqueid)) ?? startAt;
    return Math.min(least, startAt, born < startAt - LONGEST_CHANNEL_MS ? startAt : born);
  }, Number.POSITIVE_INFINITY);

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
