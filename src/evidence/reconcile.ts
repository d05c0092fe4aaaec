import type { Knex } from 'knex';
import { cutOf, withoutOurCut } from '../calls/heard';
import type { CallRecord } from '../credit/rules/call';
import { chargeFor } from '../credit/rules/charge';
import { asFault } from '../database/fault';
import { type Micros, micros, ZERO } from '../money/micros';
import { type CallDifference, differenceOf, unlessRefunded, unwrittenOf } from './call-difference';
import { compare } from './comparison';
import { gatheredRecords } from './gathered-records';
import { provenUntil } from './proof';
import { callsFrom, movementsOf, PAGE, sightedNodes } from './reconcile-store';
import { callsIn, type EvidenceFolders } from './switch-records';
import { switchesThatWrote } from './switches-that-wrote';
import { unknownCalls } from './unknown-calls';

/** How much was compared. Counted while the differences are read. */
export interface Looked {
  /** Calls that both had ended. */
  compared: number;
  /** Still in progress by their CDR: not compared. */
  open: number;
  /** Asterisk wrote no end: not compared. */
  withoutEnd: number;
  /** Asterisk wrote nothing of the call, and nothing of any other call of that switch at that time: not compared. */
  withoutRecords: number;
}

export interface ReconcileRequest {
  /** Calls that started from here … */
  from: number;
  /** … to before here; ms since 1970, by the switch's clock. */
  to: number;
  /** Seconds of talk that may differ. */
  toleranceSeconds: number;
  /** Called now and then with the progress: first with the calls, then with what has no CDR. */
  onProgress?: (step: 'calls' | 'without_cdr', reachedAt: number) => void;
}

/**
 * The calls on which Ringfence and Asterisk do not agree, in the order of their start; then those that only Asterisk knows.
 *
 * Reads by pages and by hours, so that a long range takes time and not memory. Changes nothing.
 * @throws DatabaseFault
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
  const wrote = switchesThatWrote(database, folders);
  const sighted = await sightedNodes(database);
  for (let last: CallRecord | null = null; ; ) {
    const page = await callsFrom(database, from, to, last);
    const ended = page.filter(({ endAt }) => endAt !== null);
    looked.open += page.length - ended.length;
    const [rows, corrections, refunds] = await Promise.all([
      gatheredRecords(database, folders, ended),
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
      else if (await wrote.around(call)) looked.compared++;
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
        const isStarted = comparison.result === 'without_end';
        const leg = written.get(call.uniqueid)?.answeredLeg ?? null;
        const provenEnd = () =>
          provenUntil(
            call,
            leg,
            rows.flatMap(({ journal }) => journal),
          );
        const found = await unwrittenOf(call, difference, sighted, isStarted, {
          isThere: () => wrote.around(call),
          isWhole: () => wrote.throughout(call, { from: provenEnd(), to: call.endAt as number }),
        });
        if (found === null) continue;
        if (found.reason !== 'end_not_told') {
          yield found;
          continue;
        }
        const proven = chargeFor(call, { answerAt: call.answerAt, endAt: provenEnd() });
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
