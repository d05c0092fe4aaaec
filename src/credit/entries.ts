import { type Sql, select } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';
import type { LedgerEntry } from './books';
import { insertEntries, insertEvents, lockAccounts, touchAccounts, updateAccounts } from './call-store';
import type { ChangeEvent } from './change-event';
import { chained, endAt, NO_ENTRIES } from './entry-chain';
import { type Account, available } from './rules/account';
import { withLowBalance } from './rules/low-balance';
import {
  decideMovement,
  type Movement,
  type MovementContext,
  type MovementDecision,
  type MovementRefused,
  type NamedCall,
} from './rules/movement';
import { withSpent } from './rules/spend';

export type MovementOutcome =
  | { moved: boolean; balance: Micros; available: Micros; currency: string }
  | MovementRefused;

/**
 * Moves money once per (account, kind, reference), within a transaction of the caller's; `moved` is false when it had been moved before.
 *
 * A top-up and a refund are positive; an adjustment and a correction may be negative, and then take at most what is available
 * unless `overdraw` says otherwise. A refund of a call gives back at most what the call cost with its correction. The same reference with
 * another amount is refused, and so is a balance that no column holds. In a pool only a correction moves money (rules/movement.ts).
 * The services hear of it if calls are in progress.
 */
export async function moveLocked(sql: Sql, movement: Movement): Promise<MovementOutcome> {
  const { accountcode, kind, amount, reference, reason, actor } = movement;
  const decision = await judgeLocked(sql, movement);
  if ('refusal' in decision) return decision;
  const { moved, account: changed } = decision;
  if (!moved) return { moved, ...moneyOf(changed) };
  const entry = chained(changed, {
    accountcode,
    kind,
    reference,
    amount,
    balanceAfter: changed.balance,
    reason,
    actor,
  });
  await insertEntries(sql, [entry]);
  // A correction is what a call should have been charged. A refund is a gift, and the traffic was there.
  const spent = kind === 'correction' ? withSpent(changed, micros(-amount)) : changed;
  const { account: told, event } = withLowBalance({ ...spent, ...endAt(entry) });
  await updateAccounts(sql, [told]);
  await insertEvents(sql, [moneyMoved(movement, changed.balance), ...(event ? [event] : [])]);
  // Calls in progress may last longer now, or share less.
  if (changed.activeCalls > 0) await touchAccounts(sql, [accountcode]);
  return { moved, ...moneyOf(changed) };
}

/** What an account has. */
export const moneyOf = (account: Account): { balance: Micros; available: Micros; currency: string } => ({
  balance: account.balance,
  available: available(account),
  currency: account.currency,
});

/** Locks the account and decides as `moveLocked` does, but writes nothing. */
export async function judgeLocked(sql: Sql, movement: Movement): Promise<MovementDecision> {
  const { accountcode } = movement;
  const found = (await lockAccounts(sql, [accountcode])).get(accountcode) ?? null;
  return decideMovement(movement, found, found ? await contextOf(sql, movement) : NOTHING_KNOWN);
}

const NOTHING_KNOWN: MovementContext = { movedBefore: null, call: null };

async function contextOf(sql: Sql, { accountcode, kind, reference }: Movement): Promise<MovementContext> {
  const [known] = await select(
    sql,
    'SELECT amount FROM astledger WHERE accountcode = ? AND kind = ? AND reference = ?',
    [accountcode, kind, reference],
  );
  const namesCall = kind === 'refund' || kind === 'correction';
  return {
    movedBefore: known ? amountOf(known.amount) : null,
    call: namesCall ? await callNamed(sql, reference) : null,
  };
}

async function callNamed(sql: Sql, uniqueid: string): Promise<NamedCall | null> {
  const [row] = await select(
    sql,
    `SELECT c.accountcode, c.end_at, c.cost, correction.amount AS corrected, refund.amount AS refunded FROM astcdr c
     LEFT JOIN astledger correction ON correction.accountcode = c.accountcode AND correction.kind = 'correction'
       AND correction.reference = c.uniqueid
     LEFT JOIN astledger refund ON refund.accountcode = c.accountcode AND refund.kind = 'refund' AND refund.reference = c.uniqueid
     WHERE c.uniqueid = ?`,
    [uniqueid],
  );
  if (!row) return null;
  const amountOrNull = (column: string | null) => (column === null ? null : amountOf(column));
  return {
    accountcode: row.accountcode,
    hasEnded: row.end_at !== null,
    cost: amountOf(row.cost),
    corrected: amountOrNull(row.corrected),
    refunded: amountOrNull(row.refunded),
  };
}

/** What a new account opens with. */
export type Opening = Pick<Movement, 'accountcode' | 'amount' | 'reference' | 'actor'>;

/** The columns of a new account with its first balance, which `enterOpenings` enters in the same transaction. */
export function openingColumns(opening: Opening): { balance: string; entry_count: number; entry_hash: string } {
  const entry = openingEntry(opening);
  const { entryCount, entryHash } = entry ? endAt(entry) : NO_ENTRIES;
  return { balance: decimalOf(opening.amount), entry_count: entryCount, entry_hash: entryHash };
}

/**
 * Enters the first top-ups of new accounts, and writes their events; nothing for accounts that open with 0. Assumes that the accounts are
 * this transaction's own.
 */
export async function enterOpenings(sql: Sql, openings: readonly Opening[]): Promise<void> {
  const entries = openings.flatMap(opening => openingEntry(opening) ?? []);
  await insertEntries(sql, entries);
  await insertEvents(
    sql,
    entries.map(entry => moneyMoved({ ...entry, kind: 'top_up', actor: entry.actor ?? '' }, entry.balanceAfter)),
  );
}

/** null if there is nothing to enter. */
function openingEntry({ accountcode, amount, reference, actor }: Opening): LedgerEntry | null {
  if (amount <= ZERO) return null;
  return chained(NO_ENTRIES, {
    accountcode,
    kind: 'top_up',
    reference,
    amount,
    balanceAfter: amount,
    reason: '',
    actor,
  });
}

/** The event of money that an operator, or a comparison with the switch's records, moved. */
export const moneyMoved = (
  { accountcode, kind, amount, reference, actor }: Omit<Movement, 'reason'>,
  balance: Micros,
): ChangeEvent => ({
  kind: 'money_moved',
  accountcode,
  // The reference of a correction is its call.
  uniqueid: kind === 'correction' ? reference : null,
  facts: { kind, amount: formatAmount(amount), balance: formatAmount(balance), reference },
  actor,
});
