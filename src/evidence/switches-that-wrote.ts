import type { Knex } from 'knex';
import { callerChannelOf } from '../calls/leg-names';
import type { CallRecord } from '../credit/rules/call';
import { inFolder } from './gathered-records';
import { minutesInDatabase, type Span, wroteJournal } from './reconcile-store';
import { hasLines, minutesInFile } from './record-file';
import { type EvidenceFolders, systemnameOf } from './switch-records';
import { HOUR_MS, isWithoutGap } from './written-time';

/** The switch whose records may have a call. A channel is named after its switch, and a door's call after the door. */
const switchOf = ({ node, uniqueid }: CallRecord): string =>
  uniqueid.startsWith(`${node}:`) ? node : systemnameOf(callerChannelOf(uniqueid)) || node;

/** How long before and after a call another record still shows that its switch was writing at about that time. */
const AROUND_MS = 600_000;

/** What is remembered of each question. */
const MOST_KNOWN = 1_000;

/** When switches wrote their journals, into the database or into their files. */
export interface SwitchesThatWrote {
  /**
   * Whether a call's switch wrote anything at all around its start: in the same ten minutes by the clock, or in those beside them. It proves
   * nothing about this call.
   */
  around(call: CallRecord): Promise<boolean>;
  /**
   * Whether a call's switch wrote all the time in this span (isWithoutGap): then what its records lack did not happen. For instants of the
   * call itself, by the clock of its switch or of its door.
   */
  throughout(call: CallRecord, span: Span): Promise<boolean>;
}

/**
 * Asks the database, and the files of a switch that has a folder. Reads each ten minutes and each hour of a switch once.
 * @throws DatabaseFault, or an error about the folder.
 */
export function switchesThatWrote(database: Knex, folders: EvidenceFolders): SwitchesThatWrote {
  const hasRows = remembered(async (node: string, bucket: number): Promise<boolean> => {
    const span = { from: (bucket - 1) * AROUND_MS, to: (bucket + 2) * AROUND_MS };
    const folder = folders.get(node);
    if (folder !== undefined && (await inFolder(folder, hasLines(folder, span), false))) return true;
    return wroteJournal(database, node, span);
  });
  // A row that one of them lost is in the other one, so either may show that the switch wrote then.
  const minutesIn = remembered(async (node: string, hour: number): Promise<Span[]> => {
    const span = { from: hour * HOUR_MS, to: (hour + 1) * HOUR_MS };
    const folder = folders.get(node);
    const inFiles = folder === undefined ? [] : await inFolder(folder, minutesInFile(folder, span), []);
    return [...(await minutesInDatabase(database, node, span)), ...inFiles].sort((one, other) => one.from - other.from);
  });
  return {
    around: call => hasRows(switchOf(call), Math.floor(call.startAt / AROUND_MS)),
    throughout: (call, span) => isWithoutGap(hour => minutesIn(switchOf(call), hour), span),
  };
}

function remembered<Answer>(
  ask: (node: string, index: number) => Promise<Answer>,
): (node: string, index: number) => Promise<Answer> {
  const known = new Map<string, Promise<Answer>>();
  return (node, index) => {
    const key = `${node} ${index}`;
    const answer = known.get(key) ?? ask(node, index);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, answer);
    return answer;
  };
}
