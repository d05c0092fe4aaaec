import type { Connection } from 'mysql2/promise';
import { type Row, select } from '../database/rows';
import { type Difference, decimal } from './difference';
import { selectEach } from './verify-rules';

/** Cards, vouchers and known callers that do not match accounts and entries. Assumes a snapshot that the caller opened. */
export async function cardDifferences(connection: Connection): Promise<Difference[]> {
  return [
    ...(await select(connection, cardsWithoutAccount())).map(cardDifference),
    ...(await select(connection, notBlockedTogether())).map(blockDifference),
    ...(await select(connection, vouchersWithoutEntry())).map(voucherDifference),
    ...(await select(connection, entriesWithoutVoucher())).map(redemptionDifference),
    ...(await select(connection, callersWithoutAccount())).map(callerDifference),
  ];
}

/** The same of what was activated, redeemed or added at `since` or later, of these accounts, and of the entries from `firstEntry` on. */
export async function cardDifferencesSince(
  connection: Connection,
  since: Date,
  { accounts, firstEntry }: { accounts: readonly string[]; firstEntry: string },
): Promise<Difference[]> {
  const rows = (text: string, value: unknown) => select(connection, text, [value]);
  return [
    ...(await rows(cardsWithoutAccount('c.activated_at >= ?'), since)).map(cardDifference),
    ...(await selectEach(connection, notBlockedTogether('a.accountcode IN (?)'), accounts)).map(blockDifference),
    ...(await rows(vouchersWithoutEntry('v.redeemed_at >= ?'), since)).map(voucherDifference),
    ...(await rows(entriesWithoutVoucher('l.entry_id >= ?'), firstEntry)).map(redemptionDifference),
    ...(await rows(callersWithoutAccount('c.created_at >= ?'), since)).map(callerDifference),
  ];
}

/** An activated card has an account, and the account has the top-up with which it was opened. */
const cardsWithoutAccount = (which = 'TRUE'): string => `
SELECT c.serial, c.accountcode, c.value, a.accountcode IS NOT NULL AS known, l.amount
FROM astcard c LEFT JOIN astaccount a ON a.accountcode = c.accountcode
LEFT JOIN astledger l ON l.accountcode = c.accountcode AND l.kind = 'top_up' AND l.reference = c.accountcode
WHERE ${which} AND c.accountcode IS NOT NULL AND (a.accountcode IS NULL OR c.value <> COALESCE(l.amount, 0))
ORDER BY c.serial`;

function cardDifference({ serial, accountcode, value, known, amount }: Row): Difference {
  if (Number(known) === 0) {
    const text = `card ${serial} is activated, but there is no such account`;
    return { rule: 'card_has_its_account', accountcode, uniqueid: null, text };
  }
  const entry = amount === null ? 'there is no top-up of its serial' : `the top-up of its serial is ${decimal(amount)}`;
  const text = `card ${serial} is worth ${decimal(value)}, ${entry}`;
  return { rule: 'card_has_its_opening', accountcode, uniqueid: null, text };
}

/** An account that was blocked together with its card is blocked, and so is its card, until one of the two is unblocked. */
const notBlockedTogether = (which = 'TRUE'): string => `
SELECT a.accountcode, a.status, c.serial, c.status AS card
FROM astaccount a LEFT JOIN astcard c ON c.accountcode = a.accountcode
WHERE ${which} AND a.is_card_blocked = 1 AND (a.status <> 'blocked' OR c.status IS NULL OR c.status <> 'blocked')
ORDER BY a.accountcode`;

function blockDifference({ accountcode, status, serial, card }: Row): Difference {
  const its = serial === null ? 'it has no card' : `card ${serial} is ${card}`;
  const text = `is marked as blocked with its card, but it is ${status}, and ${its}`;
  return { rule: 'account_is_blocked_with_its_card', accountcode, uniqueid: null, text };
}

const vouchersWithoutEntry = (which = 'TRUE'): string => `
SELECT v.serial, v.accountcode, v.value, l.amount
FROM astvoucher v LEFT JOIN astledger l
  ON l.accountcode = v.accountcode AND l.kind = 'top_up' AND l.reference = CONCAT('voucher-', v.serial)
WHERE ${which} AND v.status = 'redeemed' AND v.value <> COALESCE(l.amount, 0)
ORDER BY v.serial`;

function voucherDifference({ serial, accountcode, value, amount }: Row): Difference {
  const entry = amount === null ? 'there is no top-up of its serial' : `the top-up of its serial is ${decimal(amount)}`;
  const text = `voucher ${serial} of ${decimal(value)} is redeemed, ${entry}`;
  return { rule: 'voucher_has_its_entry', accountcode, uniqueid: null, text };
}

/** Money that a voucher moved although it is not redeemed, or is redeemed for another account. */
const entriesWithoutVoucher = (which = 'TRUE'): string => `
SELECT l.accountcode, l.amount, v.serial, v.status, v.accountcode AS owner
FROM astledger l JOIN astvoucher v ON v.serial = CAST(SUBSTRING(l.reference, 9) AS UNSIGNED) AND l.reference = CONCAT('voucher-', v.serial)
WHERE ${which} AND l.kind = 'top_up' AND l.reference LIKE 'voucher-%' AND (v.status <> 'redeemed' OR v.accountcode <> l.accountcode)
ORDER BY v.serial, l.accountcode`;

function redemptionDifference({ accountcode, amount, serial, status, owner }: Row): Difference {
  const voucher = status === 'redeemed' ? `was redeemed for account ${JSON.stringify(owner)}` : `is ${status}`;
  const text = `a top-up of ${decimal(amount)} by voucher ${serial}, which ${voucher}`;
  return { rule: 'entry_has_its_voucher', accountcode, uniqueid: null, text };
}

const callersWithoutAccount = (which = 'TRUE'): string => `
SELECT c.number, c.accountcode FROM astcaller c LEFT JOIN astaccount a ON a.accountcode = c.accountcode
WHERE ${which} AND a.accountcode IS NULL ORDER BY c.number`;

function callerDifference({ number, accountcode }: Row): Difference {
  const text = `caller ${number} has that account, but there is no such account`;
  return { rule: 'caller_has_its_account', accountcode, uniqueid: null, text };
}
