import type { Connection } from 'mysql2/promise';
import { asFault } from '../database/fault';
import { amountOf, type Row, select } from '../database/rows';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';

/** What can be wrong with the books. */
export type Rule =
  | 'balance_is_sum_of_entries'
  | 'reserved_is_sum_of_reservations'
  | 'active_calls_is_number_of_reservations'
  | 'call_costs_are_sum_of_charges'
  | 'call_has_its_charge'
  | 'charge_has_its_call'
  | 'cost_is_within_max_cost'
  | 'open_call_has_its_reservation'
  | 'reservation_has_its_open_call'
  | 'entry_has_its_account';

/** One thing that does not fit. */
export interface Difference {
  rule: Rule;
  accountcode: string;
  /** null where it is a matter of the whole account. */
  uniqueid: string | null;
  /** What the books say in one place and in the other: a sentence with the numbers. */
  text: string;
}

/** What was looked at, and every difference that was found. */
export interface Proof {
  accounts: number;
  entries: number;
  calls: number;
  reservations: number;
  elapsedMs: number;
  differences: Difference[];
}

/**
 * Proves the books: that every rule above holds for every account and every call, in one snapshot of the database.
 *
 * Right under load, as a snapshot never holds half a transaction; it takes no lock, so that calls start and end meanwhile.
 * Accounts that do not exist count too: an emergency call of an unknown account reserves and costs nothing, and anything
 * more than that is a difference. Assumes a connection that nobody else uses; its isolation level is used for this one
 * transaction only. @throws DatabaseFault
 */
export async function verify(connection: Connection): Promise<Proof> {
  const startedAt = performance.now();
  try {
    await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const accounts = await select(connection, ACCOUNTS);
    const calls = await select(connection, CALLS);
    const charges = await select(connection, CHARGES_WITHOUT_CALL);
    const reservations = await select(connection, RESERVATIONS_WITHOUT_CALL);
    const counts = (await select(connection, COUNTS))[0] as Row;
    await connection.query('COMMIT');
    return {
      accounts: Number(counts.accounts),
      entries: Number(counts.entries),
      calls: Number(counts.calls),
      reservations: Number(counts.reservations),
      elapsedMs: Math.round(performance.now() - startedAt),
      differences: [
        ...accounts.flatMap(accountDifferences),
        ...calls.flatMap(callDifferences),
        ...charges.map(chargeDifference),
        ...reservations.map(reservationDifference),
      ],
    };
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw asFault(error);
  }
}

const COUNTS = `SELECT (SELECT COUNT(*) FROM astaccount) AS accounts, (SELECT COUNT(*) FROM astledger) AS entries,
  (SELECT COUNT(*) FROM astcdr) AS calls, (SELECT COUNT(*) FROM astcreditres) AS reservations`;

/** Each account's own numbers beside what the rows of the other tables add up to, where any two differ. */
const ACCOUNTS = `
SELECT accountcode, SUM(known) AS known, SUM(balance) AS balance, SUM(reserved) AS reserved,
  SUM(active_calls) AS active_calls, SUM(entries) AS entries, SUM(moved) AS moved, SUM(charged) AS charged,
  SUM(reservations) AS reservations, SUM(held) AS held, SUM(cost) AS cost
FROM (
  SELECT accountcode, 1 AS known, balance, reserved, active_calls,
    0 AS entries, 0 AS moved, 0 AS charged, 0 AS reservations, 0 AS held, 0 AS cost
  FROM astaccount
  UNION ALL
  SELECT accountcode, 0, 0, 0, 0, COUNT(*), SUM(amount), -SUM(CASE kind WHEN 'call_charge' THEN amount ELSE 0 END), 0, 0, 0
  FROM astledger GROUP BY accountcode
  UNION ALL
  SELECT accountcode, 0, 0, 0, 0, 0, 0, 0, COUNT(*), SUM(max_cost), 0
  FROM astcreditres GROUP BY accountcode
  UNION ALL
  SELECT accountcode, 0, 0, 0, 0, 0, 0, 0, 0, 0, SUM(cost)
  FROM astcdr GROUP BY accountcode
) AS books
GROUP BY accountcode
HAVING balance <> moved OR reserved <> held OR cost <> charged OR (known = 0 AND entries > 0)
  OR (known > 0 AND active_calls <> reservations)
ORDER BY accountcode`;

function accountDifferences(row: Row): Difference[] {
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
  if (known && Number(row.active_calls) !== Number(row.reservations)) {
    const text = `active_calls ${row.active_calls}, but it has ${row.reservations} reservations`;
    say('active_calls_is_number_of_reservations', text);
  }
  compare('call_costs_are_sum_of_charges', 'its calls cost', row.cost, 'its call charges add up to', row.charged);
  return differences;
}

/** One pass over all calls, each beside its charge and its reservation by their keys. */
const CALLS = `
SELECT c.uniqueid, c.accountcode, c.cost, c.max_cost, c.end_at IS NULL AS is_open,
  l.amount, r.uniqueid IS NOT NULL AS has_reservation, r.accountcode AS holder, r.max_cost AS held
FROM astcdr c
LEFT JOIN astledger l ON l.accountcode = c.accountcode AND l.kind = 'call_charge' AND l.reference = c.uniqueid
LEFT JOIN astcreditres r ON r.uniqueid = c.uniqueid
WHERE c.cost <> -COALESCE(l.amount, 0) OR c.cost > c.max_cost OR (c.end_at IS NULL) <> (r.uniqueid IS NOT NULL)
  OR r.accountcode <> c.accountcode OR r.max_cost <> c.max_cost
ORDER BY c.accountcode, c.uniqueid`;

function callDifferences(row: Row): Difference[] {
  const { uniqueid, accountcode } = row;
  const differences: Difference[] = [];
  const say = (rule: Rule, text: string) => differences.push({ rule, accountcode, uniqueid, text });
  const cost = amountOf(row.cost);
  const maxCost = amountOf(row.max_cost);
  const charged: Micros | null = row.amount === null ? null : micros(-amountOf(row.amount));
  if (cost !== (charged ?? ZERO)) {
    const charge = charged === null ? 'there is no call charge' : `its call charge is ${formatAmount(charged)}`;
    say('call_has_its_charge', `the call cost ${formatAmount(cost)}, ${charge}`);
  }
  if (cost > maxCost) {
    say('cost_is_within_max_cost', `the call cost ${formatAmount(cost)}, max_cost is ${formatAmount(maxCost)}`);
  }
  const open = Number(row.is_open) === 1;
  const reserved = Number(row.has_reservation) === 1;
  if (open && !reserved) {
    say(
      'open_call_has_its_reservation',
      `the call is in progress, max_cost ${formatAmount(maxCost)}, but nothing is reserved`,
    );
  } else if (!open && reserved) {
    say('reservation_has_its_open_call', `${decimal(row.held)} is reserved, but the call has ended`);
  } else if (reserved && (row.holder !== accountcode || amountOf(row.held) !== maxCost)) {
    const holder = row.holder === accountcode ? '' : ` for account ${JSON.stringify(row.holder)}`;
    const text = `the call has max_cost ${formatAmount(maxCost)}, ${decimal(row.held)} is reserved${holder}`;
    say('open_call_has_its_reservation', text);
  }
  return differences;
}

/** A charge of a call that is another account's is as wrong as one of no call. */
const CHARGES_WITHOUT_CALL = `
SELECT l.accountcode, l.reference, l.amount, c.accountcode AS caller
FROM astledger l LEFT JOIN astcdr c ON c.uniqueid = l.reference
WHERE l.kind = 'call_charge' AND (c.uniqueid IS NULL OR c.accountcode <> l.accountcode)
ORDER BY l.entry_id`;

function chargeDifference(row: Row): Difference {
  const call = row.caller === null ? 'there is no such call' : `the call is of account ${JSON.stringify(row.caller)}`;
  const text = `a call charge of ${formatAmount(micros(-amountOf(row.amount)))}, but ${call}`;
  return { rule: 'charge_has_its_call', accountcode: row.accountcode, uniqueid: row.reference, text };
}

const RESERVATIONS_WITHOUT_CALL = `
SELECT r.uniqueid, r.accountcode, r.max_cost
FROM astcreditres r LEFT JOIN astcdr c ON c.uniqueid = r.uniqueid
WHERE c.uniqueid IS NULL
ORDER BY r.accountcode, r.uniqueid`;

function reservationDifference(row: Row): Difference {
  const text = `${decimal(row.max_cost)} is reserved, but there is no such call`;
  return { rule: 'reservation_has_its_open_call', accountcode: row.accountcode, uniqueid: row.uniqueid, text };
}

const decimal = (column: string): string => formatAmount(amountOf(column));
