/** Asterisk's records of some calls, wherever it wrote them: in the database, or in its files. */
import type { Knex } from 'knex';
import { SAME_MS } from '../calls/evidence';
import type { CallRecord } from '../credit/rules/call';
import { isNoFileYet, rowsInFiles } from './record-file';
import { rowsInDatabase, type WrittenRows } from './record-store';
import {
  callsIn,
  channelsOf,
  type EvidenceFolders,
  firstRowAt,
  isOnSwitch,
  LONGEST_CHANNEL_MS,
} from './switch-records';

type Sought = Pick<CallRecord, 'uniqueid' | 'node' | 'startAt' | 'endAt' | 'answerAt' | 'isFixed'>;

/**
 * What the database has of these calls, and what the files have if the database lacks something. Asterisk drops rows that it cannot write,
 * so the database may lack the first end of a call and have a later one: if its end differs from the CDR's, the files are read too.
 */
export async function gatheredRecords(
  database: Knex,
  folders: EvidenceFolders,
  calls: readonly Sought[],
): Promise<WrittenRows[]> {
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
    const from = firstRowAt(sought);
    const to = sought.reduce((most, { startAt, endAt }) => Math.max(most, endAt ?? startAt + LONGEST_CHANNEL_MS), 0);
    const none: WrittenRows = { journal: [], records: [] };
    all.push(await inFolder(folder, rowsInFiles(folder, new Set(channelsOf(sought)), { from, to }), none));
  }
  return all;
}

/**
 * Throws an error about the file if one cannot be read, because that is no fault of the database. `none` if Asterisk has written no file
 * yet.
 */
export async function inFolder<Answer>(folder: string, reading: Promise<Answer>, none: Answer): Promise<Answer> {
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
