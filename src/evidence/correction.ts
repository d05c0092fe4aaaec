import type { Connection } from 'mysql2/promise';
import { type MovementRefusal, move } from '../credit/entries';
import { ZERO } from '../money/micros';
import type { CallDifference } from './call-difference';

/** The outcome for one difference when corrections were requested. */
export type Correction = 'corrected' | 'nothing_to_correct' | 'corrected_before' | MovementRefusal;

/**
 * Writes the compensating entry of one difference: once for a call, under the account's lock, in a transaction of its own.
 *
 * Writes nothing if no money is known to differ, as for a call that only one side knows; the CDR keeps its cost. A correction that would
 * take more than is available is refused, unless `overdraw`. Assumes a connection that nothing else uses.
 * @throws DatabaseFault
 */
export async function correct(
  connection: Connection,
  difference: CallDifference,
  { actor, overdraw }: { actor: string; overdraw: boolean },
): Promise<Correction> {
  const { accountcode, uniqueid, amount, billsec, switchBillsec, wasCorrected } = difference;
  if (amount === ZERO) return 'nothing_to_correct';
  if (wasCorrected) return 'corrected_before';
  const reason =
    difference.reason === null
      ? `reconciliation: ${billsec} s in the CDR, ${switchBillsec} s in Asterisk's records`
      : `reconciliation: ${billsec} s in the CDR, to the limit, because its end was never told; ${switchBillsec} s are proven`;
  const outcome = await move(connection, {
    accountcode,
    kind: 'correction',
    amount,
    reference: uniqueid,
    reason,
    actor,
    overdraw,
  });
  return 'refusal' in outcome ? outcome.refusal : outcome.moved ? 'corrected' : 'corrected_before';
}
