import type { Knex } from 'knex';
import { COMPARISON_DEADLINE_MS } from '../database/deadline';
import { asFault } from '../database/fault';
import { instantOf } from '../database/values';
import type { JournalEvent, LegRecord } from './written-call';

/** The rows of some calls, as Asterisk wrote them. */
export interface WrittenRows {
  journal: JournalEvent[];
  records: LegRecord[];
}

const AT_ONCE = 500;

/** Asterisk's rows of these calls in astcel, and of `recorded` also in astswitchcdr. @throws DatabaseFault */
export async function rowsInDatabase(
  database: Knex,
  uniqueids: readonly string[],
  recorded: readonly string[] = uniqueids,
): Promise<WrittenRows> {
  const rows: WrittenRows = { journal: [], records: [] };
  const isRecorded = new Set(recorded);
  try {
    for (let first = 0; first < uniqueids.length; first += AT_ONCE) {
      const some = uniqueids.slice(first, first + AT_ONCE);
      const ofRecords = some.filter(uniqueid => isRecorded.has(uniqueid));
      const [journal, records] = await Promise.all([
        database('astcel')
          .select('eventtype', 'uniqueid', 'linkedid', 'accountcode', 'channame', 'extra')
          // A Date of the driver ends at the millisecond, and a caller's CANCEL and an answer may both fall into one.
          .select(database.raw("TIMESTAMPDIFF(MICROSECOND, '1970-01-01', eventtime) AS at_microseconds"))
          .whereIn('linkedid', some)
          .timeout(COMPARISON_DEADLINE_MS),
        ofRecords.length === 0
          ? []
          : database('astswitchcdr').whereIn('linkedid', ofRecords).timeout(COMPARISON_DEADLINE_MS),
      ]);
      rows.journal.push(...journal.map(eventOf));
      rows.records.push(...records.map(recordOf));
    }
    return rows;
  } catch (error) {
    throw asFault(error);
  }
}

const eventOf = (row: Record<string, unknown>): JournalEvent => ({
  event: row.eventtype as string,
  at: Number(row.at_microseconds) / 1000,
  uniqueid: row.uniqueid as string,
  linkedid: row.linkedid as string,
  accountcode: row.accountcode as string,
  channel: row.channame as string,
  extra: row.extra as string,
});

/** cdr_adaptive_odbc truncates the times to whole seconds and leaves billsec exact, so the talk keeps its length. */
function recordOf(row: Record<string, unknown>): LegRecord {
  const answer = instantOf(row.answer as Date | null);
  // It writes the start of 1970 for "never".
  const answerAt = answer === null || answer === 0 ? null : answer;
  return {
    uniqueid: row.uniqueid as string,
    linkedid: row.linkedid as string,
    startAt: (row.start as Date).getTime(),
    answerAt,
    endAt: answerAt === null ? (row.end as Date).getTime() : answerAt + Math.floor(Number(row.billsec) * 1000),
  };
}
