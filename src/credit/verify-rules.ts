/**
 * What holds for accounts, calls and movements of money: the query that finds the rows for which it does not, and the words for such a row.
 * `which` limits a query to some of the rows: of an account `a`, a call `c` or an entry `l`.
 */
import type { Connection } from 'mysql2/promise';
import { type Row, select } from '../database/rows';
import { amountOf } from '../database/values';
import { formatAmount, micros } from '../money/micros';
import { type Difference, decimal, type Rule } from './difference';

/** An account is rated with a deck of its own currency; a pool has neither. */
export const accountsInAnotherCurrency = (which = 'TRUE'): string => `
SELECT a.accountcode, a.currency, a.deck, d.currency AS deck_currency
FROM astaccount a JOIN astratedeck d ON d.deck = a.deck WHERE ${which} AND a.currency <> d.currency ORDER BY a.accountcode`;

export function currencyDifference({ accountcode, currency, deck, deck_currency }: Row): Difference {
  const text = `the account's currency is ${currency}, that of its deck ${JSON.stringify(deck)} is ${deck_currency}`;
  return { rule: 'currency_is_that_of_its_deck', accountcode, uniqueid: null, text };
}

/** A number that stands for one amount of one call: 60 bits of its SHA-256. */
const print = (uniqueid: string, amount: string): string =>
  `CAST(CONV(LEFT(SHA2(CONCAT(accountcode, CHAR(0), ${uniqueid}, CHAR(0), ${amount}), 256), 15), 16, 10) AS UNSIGNED)`;

/**
 * Each account's own numbers beside the sums of the rows of the other tables, if any two differ.
 *
 * Sums of hashes show whether every single call has its charge, in one pass over each table. Joining the tables by their keys took 60 s and
 * more for a million calls and a buffer pool of 256 MB; this takes 8. Two different sets of calls have the same sum once in 2^60 times. The
 * query must not use the index that leads from account to account: through it a million rows were read in random order, 60 to 100 s on both
 * engines.
 */
export const ACCOUNTS = `
SELECT accountcode, SUM(known) AS known, SUM(balance) AS balance, SUM(reserved) AS reserved,
  SUM(time_reserved) AS time_reserved, SUM(granted) AS granted, SUM(active_calls) AS active_calls,
  SUM(entries) AS entries, SUM(moved) AS moved, SUM(charged) AS charged, SUM(charge_print) AS charge_print,
  SUM(reservations) AS reservations, SUM(held) AS held, SUM(cost) AS cost, SUM(cost_print) AS cost_print
FROM (
  SELECT accountcode, 1 AS known, balance, reserved, active_calls, 0 AS entries, 0 AS moved, 0 AS charged,
    0 AS charge_print, 0 AS reservations, 0 AS held, 0 AS cost, 0 AS cost_print, time_reserved, 0 AS granted
  FROM astaccount
  UNION ALL
  SELECT accountcode, 0, 0, 0, 0, COUNT(*), SUM(amount), SUM(CASE kind WHEN 'call_charge' THEN -amount ELSE 0 END),
    SUM(CASE kind WHEN 'call_charge' THEN ${print('reference', '-amount')} ELSE 0 END), 0, 0, 0, 0, 0, 0
  FROM astledger IGNORE INDEX (cause) GROUP BY accountcode
  UNION ALL
  SELECT r.accountcode, 0, 0, 0, 0, 0, 0, 0, 0, COUNT(*), SUM(r.max_cost), 0, 0, 0,
    SUM(CASE WHEN c.cap_seconds > 0 THEN r.granted_seconds ELSE 0 END)
  FROM astcreditres r LEFT JOIN astcdr c ON c.uniqueid = r.uniqueid GROUP BY r.accountcode
  UNION ALL
  SELECT accountcode, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SUM(cost),
    SUM(CASE cost WHEN 0 THEN 0 ELSE ${print('uniqueid', 'cost')} END), 0, 0
  FROM astcdr IGNORE INDEX (account_calls) GROUP BY accountcode
) AS books
GROUP BY accountcode
HAVING balance <> moved OR reserved <> held OR time_reserved <> granted OR cost <> charged OR cost_print <> charge_print
  OR (known = 0 AND entries > 0) OR (known > 0 AND active_calls <> reservations)
ORDER BY accountcode`;

/** The same for what only calls in progress hold. Every balance and cost counts as right here. */
export const accountsWithCalls = (which = 'TRUE'): string => `
SELECT a.accountcode, 1 AS known, a.balance, a.balance AS moved, 0 AS entries, '0' AS cost, '0' AS charged, a.reserved,
  COALESCE(SUM(r.max_cost), 0) AS held, a.time_reserved,
  COALESCE(SUM(CASE WHEN c.cap_seconds > 0 THEN r.granted_seconds ELSE 0 END), 0) AS granted, a.active_calls,
  COUNT(r.uniqueid) AS reservations
FROM astaccount a LEFT JOIN astcreditres r ON r.accountcode = a.accountcode LEFT JOIN astcdr c ON c.uniqueid = r.uniqueid
WHERE ${which}
GROUP BY a.accountcode
HAVING a.reserved <> held OR a.time_reserved <> granted OR a.active_calls <> reservations
ORDER BY a.accountcode`;

export function accountDifferences(row: Row): Difference[] {
  const { accountcode } = row;
  const known = Number(row.known) > 0;
  const differences: Difference[] = [];
  const say = (rule: Rule, text: string) => differences.push({ rule, accountcode, uniqueid: null, text });
  const compare = (rule: Rule, what: string, ours: string, theirsAre: string, theirs: string) => {
    const [one, other] = [amountOf(ours), amountOf(theirs)];
    if (one === other) return;
    const by = formatAmount(micros(one - other));
    say(rule, `${what} ${formatAmount(one)}, ${theirsAre} ${formatAmount(other)}: off by ${by}`);
  };
  if (!known && Number(row.entries) > 0) {
    say('entry_has_its_account', `${row.entries} entries of ${decimal(row.moved)}, but there is no such account`);
  } else {
    compare('balance_is_sum_of_entries', 'balance', row.balance, 'its entries add up to', row.moved);
  }
  compare('reserved_is_sum_of_reservations', 'reserved', row.reserved, 'its reservations add up to', row.held);
  if (Number(row.time_reserved) !== Number(row.granted)) {
    const text = `time_reserved ${row.time_reserved} s, the grants of its calls add up to ${row.granted} s`;
    say('time_reserved_is_sum_of_grants', text);
  }
  if (known && Number(row.active_calls) !== Number(row.reservations)) {
    const text = `active_calls ${row.active_calls}, but it has ${row.reservations} reservations`;
    say('active_calls_is_number_of_reservations', text);
  }
  compare('call_costs_are_sum_of_charges', 'its calls cost', row.cost, 'its call charges add up to', row.charged);
  return differences;
}

/** The rows for each of many accounts or calls, some hundred of them at a time. */
export async function selectEach(connection: Connection, text: string, codes: readonly string[]): Promise<Row[]> {
  const AT_ONCE = 500;
  const rows: Row[] = [];
  for (let first = 0; first < codes.length; first += AT_ONCE) {
    rows.push(...(await select(connection, text, [codes.slice(first, first + AT_ONCE)])));
  }
  return rows;
}

export const callsWithoutCharge = (which: string): string => `
SELECT c.uniqueid, c.accountcode, c.cost, l.amount
FROM astcdr c
LEFT JOIN astledger l ON l.accountcode = c.accountcode AND l.kind = 'call_charge' AND l.reference = c.uniqueid
WHERE ${which} AND c.cost <> -COALESCE(l.amount, 0)
ORDER BY c.accountcode, c.uniqueid`;

export function callDifference({ uniqueid, accountcode, cost, amount }: Row): Difference {
  const charge = amount === null ? 'there is no call charge' : `its call charge is ${decimal(amount, -1n)}`;
  return { rule: 'call_has_its_charge', accountcode, uniqueid, text: `the call cost ${decimal(cost)}, ${charge}` };
}

/** A charge of a call that is another account's is as wrong as a charge of no call. */
export const chargesWithoutCall = (which: string): string => `
SELECT l.accountcode, l.reference, l.amount, c.accountcode AS caller
FROM astledger l LEFT JOIN astcdr c ON c.uniqueid = l.reference
WHERE ${which} AND l.kind = 'call_charge' AND (c.uniqueid IS NULL OR c.accountcode <> l.accountcode)
ORDER BY l.accountcode, l.reference`;

export function chargeDifference({ accountcode, reference: uniqueid, amount, caller }: Row): Difference {
  const call = caller === null ? 'there is no such call' : `the call is of account ${JSON.stringify(caller)}`;
  const text = `a call charge of ${decimal(amount, -1n)}, but ${call}`;
  return { rule: 'charge_has_its_call', accountcode, uniqueid, text };
}

/** A correction gives back at most what its call cost, and charges at most what was ring-fenced for it. */
export const doubtfulCorrections = (which = 'TRUE'): string => `
SELECT l.accountcode, l.reference, l.amount, c.accountcode AS caller, c.end_at IS NULL AS is_open, c.cost, c.max_cost
FROM astledger l LEFT JOIN astcdr c ON c.uniqueid = l.reference
WHERE ${which} AND l.kind = 'correction' AND (c.uniqueid IS NULL OR c.accountcode <> l.accountcode OR c.end_at IS NULL
  OR c.cost - l.amount NOT BETWEEN 0 AND c.max_cost)
ORDER BY l.accountcode, l.reference`;

export function correctionDifference({
  accountcode,
  reference: uniqueid,
  amount,
  caller,
  is_open,
  cost,
  max_cost,
}: Row): Difference {
  if (caller === accountcode && Number(is_open) === 0) {
    const corrected = formatAmount(micros(amountOf(cost) - amountOf(amount)));
    const text = `the call cost ${decimal(cost)} and ${corrected} with its correction, max_cost is ${decimal(max_cost)}`;
    return { rule: 'corrected_cost_is_within_max_cost', accountcode, uniqueid, text };
  }
  const call =
    caller === null
      ? 'there is no such call'
      : caller === accountcode
        ? 'the call is in progress'
        : `the call is of account ${JSON.stringify(caller)}`;
  const text = `a correction of ${decimal(amount)}, but ${call}`;
  return { rule: 'correction_has_its_call', accountcode, uniqueid, text };
}

/** A refund that names a call gives back at most what it was charged. */
export const doubtfulRefunds = (which = 'TRUE'): string => `
SELECT l.accountcode, l.reference, l.amount, c.accountcode AS caller, c.cost - COALESCE(k.amount, 0) AS charged
FROM astledger l JOIN astcdr c ON c.uniqueid = l.reference
LEFT JOIN astledger k ON k.accountcode = c.accountcode AND k.kind = 'correction' AND k.reference = c.uniqueid
WHERE ${which} AND l.kind = 'refund' AND (c.accountcode <> l.accountcode OR l.amount > c.cost - COALESCE(k.amount, 0))
ORDER BY l.accountcode, l.reference`;

export function refundDifference({ accountcode, reference: uniqueid, amount, caller, charged }: Row): Difference {
  const call =
    caller === accountcode
      ? `the call was charged ${decimal(charged)} with its correction`
      : `the call is of account ${JSON.stringify(caller)}`;
  return { rule: 'refund_is_of_its_call', accountcode, uniqueid, text: `a refund of ${decimal(amount)}, but ${call}` };
}

export const callsAboveMaxCost = (which = 'TRUE'): string => `
SELECT c.uniqueid, c.accountcode, c.cost, c.max_cost FROM astcdr c WHERE ${which} AND c.cost > c.max_cost ORDER BY c.accountcode, c.uniqueid`;

export function dearDifference({ uniqueid, accountcode, cost, max_cost }: Row): Difference {
  const text = `the call cost ${decimal(cost)}, max_cost is ${decimal(max_cost)}`;
  return { rule: 'cost_is_within_max_cost', accountcode, uniqueid, text };
}

/**
 * A pool is emptied when its last call ends. After that only a correction of one of its calls can move it, and its next last call takes
 * that away with the rest.
 */
export const poolsNotEmptied = (which = 'TRUE'): string => `
SELECT a.accountcode, a.balance FROM astaccount a
WHERE ${which} AND a.kind = 'pool' AND a.active_calls = 0 AND a.balance <> 0 AND NOT EXISTS (
  SELECT 1 FROM astledger l WHERE l.accountcode = a.accountcode AND l.kind = 'correction' AND l.balance_after = a.balance)
ORDER BY a.accountcode`;

export function poolDifference({ accountcode, balance }: Row): Difference {
  const text = `the pool has no call, but a balance of ${decimal(balance)} that no correction left`;
  return { rule: 'pool_without_calls_is_empty', accountcode, uniqueid: null, text };
}

export const OPEN_CALLS = `
SELECT c.uniqueid, c.accountcode, c.max_cost, c.granted_seconds, r.accountcode AS holder, r.max_cost AS held,
  r.granted_seconds AS held_seconds
FROM astcdr c LEFT JOIN astcreditres r ON r.uniqueid = c.uniqueid
WHERE c.end_at IS NULL AND (r.uniqueid IS NULL OR r.accountcode <> c.accountcode OR r.max_cost <> c.max_cost
  OR r.granted_seconds <> c.granted_seconds)
ORDER BY c.accountcode, c.uniqueid`;

export function openDifference(row: Row): Difference {
  const { uniqueid, accountcode, max_cost, granted_seconds, holder, held, held_seconds } = row;
  const by = holder === null || holder === accountcode ? '' : ` for account ${JSON.stringify(holder)}`;
  const time =
    held === null || held_seconds === granted_seconds ? '' : `, for ${held_seconds} s and not ${granted_seconds}`;
  const reserved = held === null ? 'nothing is reserved' : `${decimal(held)} is reserved${by}${time}`;
  const text = `the call is in progress with max_cost ${decimal(max_cost)}, but ${reserved}`;
  return { rule: 'open_call_has_its_reservation', accountcode, uniqueid, text };
}

export const RESERVATIONS_WITHOUT_CALL = `
SELECT r.uniqueid, r.accountcode, r.max_cost, c.uniqueid IS NOT NULL AS has_ended
FROM astcreditres r LEFT JOIN astcdr c ON c.uniqueid = r.uniqueid
WHERE c.uniqueid IS NULL OR c.end_at IS NOT NULL
ORDER BY r.accountcode, r.uniqueid`;

export function reservationDifference({ uniqueid, accountcode, max_cost, has_ended }: Row): Difference {
  const call = Number(has_ended) === 1 ? 'the call has ended' : 'there is no such call';
  const text = `${decimal(max_cost)} is reserved, but ${call}`;
  return { rule: 'reservation_has_its_open_call', accountcode, uniqueid, text };
}
