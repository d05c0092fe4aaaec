import type { Knex } from 'knex';
import { ZERO } from '../money/micros';
import type { CallDifference } from './call-difference';
import { gatheredRecords, inFolder } from './gathered-records';
import { answeredWithoutCdr, PAGE, withCdr, writtenSpan } from './reconcile-store';
import { answersInFile } from './record-file';
import { callsIn, type EvidenceFolders, systemnameOf } from './switch-records';

const HOUR_MS = 3_600_000;

/** The span; instants in ms since 1970, by the switch's clock. */
export interface UnknownRequest {
  from: number;
  to: number;
  onProgress?: (step: 'without_cdr', reachedAt: number) => void;
}

/**
 * Calls that were answered on a switch and have no CDR: by the journal, those with a leg that Ringfence had called; by the call records,
 * those that name an account.
 */
export async function* unknownCalls(
  database: Knex,
  folders: EvidenceFolders,
  { from, to, onProgress }: UnknownRequest,
): AsyncGenerator<CallDifference> {
  const written = await writtenSpan(database, { from, to });
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
      const known = await withCdr(
        database,
        answers.map(({ linkedid }) => linkedid),
      );
      for (const { linkedid, accountcode, at } of answers) {
        if (!known.has(linkedid)) found.set(linkedid, { accountcode, at });
      }
    }
    const unknown = [...found].filter(([uniqueid]) => !before.has(uniqueid));
    before = new Set(found.keys());
    for (let index = 0; index < unknown.length; index += PAGE) {
      yield* await unknownOf(database, folders, unknown.slice(index, index + PAGE));
    }
    onProgress?.('without_cdr', span.to);
  }
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
  const written = callsIn(await gatheredRecords(database, folders, sought), sought);
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
