import { moveLocked } from '../credit/entries';
import { inTransaction } from '../database/connection';
import { sqlOf } from '../database/rows';
import { type Micros, micros } from '../money/micros';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { amountField, textField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { noAccount, objectOf } from './manage-account';

const OPERATIONS = { top_up: 'account topup', refund: 'account refund', adjustment: 'account adjust' } as const;

/** A movement of money that an operator requests. */
export interface MoneyRequest {
  accountcode: string;
  kind: 'top_up' | 'refund' | 'adjustment';
  /** A decimal text. Positive, except for an adjustment, which may take money. */
  amount: string;
  /** The operator's own reference. The same reference again moves nothing. */
  reference: string;
  /** Whether the reference is the uniqueid of the call to refund. */
  ofCall?: boolean;
  reason?: string;
  /** Whether an adjustment may take more than is available. */
  overdraw?: boolean;
}

export interface MoneyMoved {
  accountcode: string;
  kind: MoneyRequest['kind'];
  reference: string;
  amount: Micros;
  /** false if the same reference had moved the same amount before: then nothing was done. */
  moved: boolean;
  /** As they are now. */
  balance: Micros;
  available: Micros;
}

/**
 * Moves money once per (account, kind, reference), in one transaction under the account's lock.
 *
 * Run again after a lost COMMIT, it looks the reference up: `moved` is then true if the money was moved at all.
 * @throws Refused account_not_found, amount_not_positive, call_not_found, call_in_progress, more_than_charged, reference_reused,
 *   more_than_available, balance_out_of_range, field_invalid; DatabaseFault.
 */
export async function moveMoney(acting: Acting, request: MoneyRequest): Promise<MoneyMoved> {
  const { database, actor } = acting;
  const { accountcode, kind, overdraw } = request;
  const amount = amountField('amount', request.amount);
  const reference = textField('reference', request.reference, 150, 1);
  const reason = textField('reason', request.reason ?? '', 255);
  const movement = {
    accountcode,
    kind,
    amount,
    reference,
    ofCall: request.ofCall ?? false,
    reason,
    actor,
    overdraw: overdraw ?? false,
  };
  const outcome = await inTransaction(
    database,
    async (transaction, { commitWasLost }) => {
      const found = await moveLocked(sqlOf(transaction), movement);
      if ('moved' in found && found.moved) {
        const before = { balance: micros(found.balance - amount) };
        const after = { balance: found.balance, amount, reference, reason };
        await writeAudit(transaction, acting, {
          operation: OPERATIONS[kind],
          object: objectOf(accountcode),
          before,
          after,
        });
      }
      // What exists now did not exist before the lost COMMIT: that COMMIT moved the money.
      return 'moved' in found ? { ...found, moved: found.moved || commitWasLost } : found;
    },
    { idempotent: true },
  );
  if ('refusal' in outcome) {
    if (outcome.refusal === 'account_not_found') throw noAccount(accountcode);
    throw new Refused(outcome.refusal, outcome.detail);
  }
  return { accountcode, kind, reference, amount, ...outcome };
}
