import { moveLocked } from '../credit/entries';
import type { MovementRefusal } from '../credit/rules/movement';
import { inTransaction } from '../database/connection';
import { sqlOf } from '../database/rows';
import { micros, ZERO } from '../money/micros';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import type { CallDifference } from './call-difference';

/** The outcome for one difference when corrections were requested. */
export type Correction = 'corrected' | 'nothing_to_correct' | 'corrected_before' | MovementRefusal;

/**
 * Writes the compensating entry of one difference: once for a call, under the account's lock, in a transaction of its own that also writes
 * the call's row of the audit trail.
 *
 * Writes nothing if no money is known to differ, as for a call that only one side knows; the CDR keeps its cost. A correction that would
 * take more than is available is refused, unless `overdraw`. Runs again after a lost COMMIT: that run finds the correction, if it was written.
 * @throws DatabaseFault
 */
export async function correct(
  acting: Acting,
  difference: CallDifference,
  { overdraw }: { overdraw: boolean },
): Promise<Correction> {
  const { accountcode, uniqueid, amount, billsec, switchBillsec, wasCorrected } = difference;
  if (amount === ZERO) return 'nothing_to_correct';
  if (wasCorrected) return 'corrected_before';
  const reason =
    difference.reason === null
      ? `reconciliation: ${billsec} s in the CDR, ${switchBillsec} s in Asterisk's records`
      : `reconciliation: ${billsec} s in the CDR, to the limit, because its end was never told; ${switchBillsec} s are proven`;
  const { actor } = acting;
  const movement = { accountcode, kind: 'correction', amount, reference: uniqueid, reason, actor, overdraw } as const;
  return inTransaction(
    acting.database,
    async (transaction, { commitWasLost }): Promise<Correction> => {
      const found = await moveLocked(sqlOf(transaction), movement);
      if ('refusal' in found) return found.refusal;
      // What is there now was not before the lost COMMIT.
      if (!found.moved) return commitWasLost ? 'corrected' : 'corrected_before';
      await writeAudit(transaction, acting, {
        operation: 'reconcile',
        // A request corrects many calls of one account: each has its row.
        object: `call ${uniqueid}`,
        before: { accountcode, balance: micros(found.balance - amount) },
        after: { accountcode, balance: found.balance, amount, reason },
      });
      return 'corrected';
    },
    { idempotent: true },
  );
}
