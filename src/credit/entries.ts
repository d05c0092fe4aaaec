import type { Connection } from 'mysql2/promise';
import { commitUnknown } from '../database/connection';
import { asFault, DatabaseFault, isFault } from '../database/fault';
import { type Sql, select } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { canBeWritten, formatAmount, LARGEST, type Micros, micros, ZERO } from '../money/micros';
import type { EntryKind, LedgerEntry } from './books';
import { insertEntries, insertEvents, lockAccounts, touchAccounts, updateAccounts } from './call-store';
import type { ChangeEvent } from './change-event';
import { chained, endAt, NO_ENTRIES } from './entry-chain';
import { available } from './rules/account';
import { withLowBalance } from './rules/low-balance';

/** A movement of money that an operator asks for; `amount` is added to the balance. */
export interface Movement {
  accountcode: string;
  kind: Exclude<EntryKind, 'call_charge' | 'pool_closed'>;
  amount: Micros;
  /**
   * The operator's own reference, or of a correction the call's uniqueid: the same again moves nothing. A refund with the uniqueid of a call
   * is one of that call.
   */
  reference: string;
  /** Whether the reference has to be a call's. */
  ofCall?: boolean;
  reason: string;
  /** Whether an adjustment or a correction may take more than is available, and so leave calls that run with less behind them. */
  overdraw?: boolean;
}

export type MovementRefusal =
  | 'account_not_found'
  | 'account_is_pool'
  | 'amount_not_positive'
  | 'call_not_found'
  | 'call_in_progress'
  | 'more_than_charged'
  | 'reference_reused'
  | 'more_than_available'
  | 'balance_out_of_range';

export type MovementOutcome =
  | { moved: boolean; balance: Micros; available: Micros }
  | { refusal: MovementRefusal; detail: string };

/**
 * Moves money once per (account, kind, reference); `moved` is false when it had been moved before.
 *
 * A top-up and a refund are positive; an adjustment and a correction may be negative, and then take at most what is available
 * unless `overdraw` says otherwise. A refund of a call gives back at most what the call cost with its correction. The same reference with another amount is refused, and what no balance can be. In a pool only a correction moves money.
 * The services are told where calls are up. Runs in one transaction of its own.
 * Assumes a connection that no lane uses.
 * @throws DatabaseFault; its code is COMMIT_UNKNOWN when it may have moved: the same again on a new connection moves it once.
 */
export async function move(connection: Connection, movement: Movement): Promise<MovementOutcome> {
  const MOST_TRIES = 5;
  for (let attempt = 1; ; attempt++) {
    let committing = false;
    try {
      await connection.beginTransaction();
      const outcome = await moveLocked(connection, movement);
      committing = true;
      await connection.commit();
      return outcome;
    } catch (error) {
      const fault = asFault(error);
      if (isFault(fault, 'away')) throw committing ? commitUnknown(fault) : fault;
      await connection.rollback().catch(() => undefined);
      if (!(fault instanceof DatabaseFault) || fault.kind !== 'again' || attempt === MOST_TRIES) throw fault;
    }
  }
}

/** The same within a transaction of the caller's. */
export async function moveLocked(sql: Sql, movement: Movement): Promise<MovementOutcome> {
  const { accountcode, kind, amount, reference, reason } = movement;
  const mayTake = kind === 'adjustment' || kind === 'correction';
  if (mayTake ? amount === ZERO : amount <= ZERO) {
    const wanted = mayTake ? 'other than 0' : 'greater than 0';
    return { refusal: 'amount_not_positive', detail: `amount ${formatAmount(amount)} has to be ${wanted}` };
  }
  const account = (await lockAccounts(sql, [accountcode])).get(accountcode);
  if (!account) return { refusal: 'account_not_found', detail: `there is no account ${JSON.stringify(accountcode)}` };
  if (account.kind === 'pool' && kind !== 'correction') {
    const detail = `accountcode ${JSON.stringify(accountcode)} is a pool, which holds no money of its own: use "pool raise"`;
    return { refusal: 'account_is_pool', detail };
  }
  const [known] = await select(
    sql,
    'SELECT amount FROM astledger WHERE accountcode = ? AND kind = ? AND reference = ?',
    [accountcode, kind, reference],
  );
  if (known) {
    const before = amountOf(known.amount);
    if (before === amount) return { moved: false, balance: account.balance, available: available(account) };
    return {
      refusal: 'reference_reused',
      detail: `reference ${JSON.stringify(reference)} moved ${formatAmount(before)} before: use another reference`,
    };
  }
  const refused =
    kind === 'refund'
      ? await refundRefused(sql, movement)
      : kind === 'correction'
        ? await correctionRefused(sql, movement)
        : null;
  if (refused) return refused;
  const left = micros(available(account) + amount);
  if (amount < ZERO && left < ZERO && !movement.overdraw) {
    const there = `only ${formatAmount(available(account))} is available`;
    return {
      refusal: 'more_than_available',
      detail: `amount ${formatAmount(amount)} is too much, ${there}: take less, or add --overdraw to go below`,
    };
  }
  const changed = { ...account, balance: micros(account.balance + amount) };
  // What calls in progress hold will be charged, and has to fit as well.
  const isWritable = canBeWritten(amount) && canBeWritten(changed.balance);
  if (!isWritable || !canBeWritten(micros(changed.balance - account.reserved))) {
    const held = account.reserved === ZERO ? '' : `, of which calls hold ${formatAmount(account.reserved)}`;
    return {
      refusal: 'balance_out_of_range',
      detail: `amount ${formatAmount(amount)} is too large for the balance of ${formatAmount(account.balance)}${held}: at most ${formatAmount(LARGEST)} above or below zero can be kept`,
    };
  }
  const entry = chained(account, { accountcode, kind, reference, amount, balanceAfter: changed.balance, reason });
  await insertEntries(sql, [entry]);
  const { account: told, event } = withLowBalance({ ...changed, ...endAt(entry) });
  await updateAccounts(sql, [told]);
  await insertEvents(sql, [moneyMoved(movement, changed.balance), ...(event ? [event] : [])]);
  // Calls in progress may last longer now, or share less.
  if (changed.activeCalls > 0) await touchAccounts(sql, [accountcode]);
  return { moved: true, balance: changed.balance, available: left };
}

/**
 * Why this refund cannot be one of the call that it names; null where it can, or where it names none. Under the account's lock, under which
 * the call's end and its correction were written too.
 */
async function refundRefused(
  sql: Sql,
  { accountcode, amount, reference, ofCall }: Movement,
): Promise<{ refusal: MovementRefusal; detail: string } | null> {
  const [call] = await select(
    sql,
    `SELECT c.accountcode, c.end_at, c.cost, l.amount AS corrected FROM astcdr c
     LEFT JOIN astledger l ON l.accountcode = c.accountcode AND l.kind = 'correction' AND l.reference = c.uniqueid
     WHERE c.uniqueid = ?`,
    [reference],
  );
  const name = JSON.stringify(reference);
  if (!call && !ofCall) return null;
  if (call?.accountcode !== accountcode) {
    const detail = `account ${JSON.stringify(accountcode)} has no call ${name}: "call list --account" tells its calls`;
    return { refusal: 'call_not_found', detail };
  }
  if (call.end_at === null) {
    return {
      refusal: 'call_in_progress',
      detail: `call ${name} has not ended, and is not charged yet: refund it then`,
    };
  }
  const charged = micros(amountOf(call.cost) - (call.corrected === null ? ZERO : amountOf(call.corrected)));
  if (amount <= charged) return null;
  const detail = `amount ${formatAmount(amount)} is more than call ${name} was charged: refund ${formatAmount(charged)} at most`;
  return { refusal: 'more_than_charged', detail };
}

/** Why this correction of a call cannot be; null where it can: what was refunded, perhaps a moment ago, is not given back a second time. */
async function correctionRefused(
  sql: Sql,
  { accountcode, amount, reference }: Movement,
): Promise<{ refusal: MovementRefusal; detail: string } | null> {
  const [refund] = await select(
    sql,
    `SELECT l.amount, c.cost FROM astledger l JOIN astcdr c ON c.uniqueid = l.reference AND c.accountcode = l.accountcode
     WHERE l.accountcode = ? AND l.kind = 'refund' AND l.reference = ?`,
    [accountcode, reference],
  );
  if (!refund || amount <= amountOf(refund.cost) - amountOf(refund.amount)) return null;
  const name = JSON.stringify(reference);
  const detail = `call ${name} was refunded ${formatAmount(amountOf(refund.amount))}: amount ${formatAmount(amount)} is more than is left of it`;
  return { refusal: 'more_than_charged', detail };
}

/** What a new account opens with. */
export type Opening = Pick<Movement, 'accountcode' | 'amount' | 'reference'>;

/** The columns of a new account with its first balance, which `enterOpenings` enters in the same transaction. */
export function openingColumns(opening: Opening): { balance: string; entry_count: number; entry_hash: string } {
  const entry = openingEntry(opening);
  const { entryCount, entryHash } = entry ? endAt(entry) : NO_ENTRIES;
  return { balance: decimalOf(opening.amount), entry_count: entryCount, entry_hash: entryHash };
}

/** Enters the first top-ups of new accounts, and tells of them; nothing for those that open with 0. Assumes that the accounts are this transaction's own. */
export async function enterOpenings(sql: Sql, openings: readonly Opening[]): Promise<void> {
  const entries = openings.flatMap(opening => openingEntry(opening) ?? []);
  await insertEntries(sql, entries);
  await insertEvents(
    sql,
    entries.map(entry => moneyMoved({ ...entry, kind: 'top_up' }, entry.balanceAfter)),
  );
}

/** null where there is nothing to enter. */
function openingEntry({ accountcode, amount, reference }: Opening): LedgerEntry | null {
  if (amount <= ZERO) return null;
  return chained(NO_ENTRIES, { accountcode, kind: 'top_up', reference, amount, balanceAfter: amount, reason: '' });
}

/** What is told of money that an operator, or a comparison with the switch's records, moved. */
export const moneyMoved = (
  { accountcode, kind, amount, reference }: Omit<Movement, 'reason'>,
  balance: Micros,
): ChangeEvent => ({
  kind: 'money_moved',
  accountcode,
  // The reference of a correction is its call.
  uniqueid: kind === 'correction' ? reference : null,
  facts: { kind, amount: formatAmount(amount), balance: formatAmount(balance), reference },
});
