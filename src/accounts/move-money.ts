import type { Knex } from 'knex';
import { judgeLocked, type MovementOutcome, moneyOf, moveLocked } from '../credit/entries';
import type { MovementRefused } from '../credit/rules/movement';
import { inTransaction } from '../database/connection';
import { sqlOf } from '../database/rows';
import { type Micros, micros } from '../money/micros';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { countMoved } from '../operator/cashier-store';
import { amountField, textField } from '../operator/fields';
import { needsSecondPerson } from '../operator/limits';
import { noAccount, Refused } from '../operator/operator-refusal';
import { MOVING, type Moving, type RequestedMovement, requestApproval } from './approvals';
import { objectOf } from './manage-account';

/** A movement of money that an operator requests. */
export interface MoneyRequest {
  accountcode: string;
  kind: Moving;
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
  /** The number of the request that waits for a second person: nothing is moved yet. null if none is needed. */
  approval: number | null;
}

/**
 * Moves money once per (account, kind, reference), in one transaction under the account's lock.
 *
 * What needs a second person is written down as a request instead (approvals.ts). What a cashier moves counts against its limit of the day.
 * Run again after a lost COMMIT, it looks the reference up: `moved` is then true if the money was moved at all.
 * @throws Refused account_not_found, amount_not_positive, call_not_found, call_in_progress, more_than_charged, reference_reused,
 *   more_than_available, balance_out_of_range, daily_limit_exceeded, more_than_at_once, too_many_approvals, field_invalid; DatabaseFault.
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
    async (transaction, { commitWasLost }): Promise<Outcome> => {
      if (needsSecondPerson(acting.limits, amount)) return requested(transaction, acting, movement);
      const found = await moveAudited(transaction, acting, movement);
      // What exists now did not exist before the lost COMMIT: that COMMIT moved the money.
      return 'moved' in found ? { ...found, moved: found.moved || commitWasLost, approval: null } : found;
    },
    { idempotent: true },
  );
  if ('refusal' in outcome) {
    if (outcome.refusal === 'account_not_found') throw noAccount(accountcode);
    throw new Refused(outcome.refusal, outcome.detail).about(outcome.facts);
  }
  const { moved, balance, available, approval } = outcome;
  return { accountcode, kind, reference, amount, moved, balance, available, approval };
}

/**
 * Moves money as `moveLocked` does, within a transaction, and counts and audits it in there: against the limit of a cashier or a door, and with the
 * balance before and after. Does neither if nothing is moved, as with a reference that moved the same before.
 * @throws Refused daily_limit_exceeded, more_than_at_once: nothing of the transaction may stay then; DatabaseFault
 */
export async function moveAudited(
  transaction: Knex.Transaction,
  acting: Acting,
  movement: RequestedMovement,
): Promise<MovementOutcome> {
  const found = await moveLocked(sqlOf(transaction), movement);
  if (!('moved' in found && found.moved)) return found;
  const { accountcode, kind, amount, reference, reason } = movement;
  await countMoved(transaction, acting, found.currency, amount);
  await writeAudit(transaction, acting, {
    operation: MOVING[kind],
    object: objectOf(accountcode),
    before: { balance: micros(found.balance - amount) },
    after: { balance: found.balance, amount, reference, reason },
  });
  return found;
}

type Outcome = (Extract<MovementOutcome, { moved: boolean }> & Pick<MoneyMoved, 'approval'>) | MovementRefused;

/** Writes the movement down for a second person, unless it is refused or was done before. */
async function requested(transaction: Knex.Transaction, acting: Acting, movement: RequestedMovement): Promise<Outcome> {
  const decision = await judgeLocked(sqlOf(transaction), movement);
  if ('refusal' in decision) return decision;
  const { moved: wouldMove, account } = decision;
  if (!wouldMove) return { moved: false, ...moneyOf(account), approval: null };
  const { currency } = account;
  const approval = await requestApproval(transaction, acting, { movement, currency });
  const now = { ...account, balance: micros(account.balance - movement.amount) };
  return { moved: false, ...moneyOf(now), approval };
}
