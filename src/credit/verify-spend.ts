import type { Connection } from 'mysql2/promise';
import { type Row, select } from '../database/rows';
import { amountOf } from '../database/values';
import { formatAmount, micros, ZERO } from '../money/micros';
import { ENTRY_KINDS, type EntryKind } from './books';
import { SPEND_COLUMNS } from './call-store';
import type { Difference } from './difference';
import { SPEND_WINDOWS, SPENDING_KINDS, type SpendWindow, windowAt } from './rules/spend';

/** How many accounts are read at a time. */
const PAGE_ROWS = 1_000;

/**
 * How far the time of an entry may be from the window in which it counts. A batch decides about the window before it waits for the account's lock, and
 * its entries get their times after that; servers of a cluster have clocks of their own.
 */
const DISORDER_MS = 60_000;

/**
 * What accounts with limits of spend say that they spent in their windows, where their entries say something else. And the windows that began behind
 * another entry than their times say.
 *
 * Of each account it reads the entries where its windows began, and those that are no charge and no correction: what was spent is what the balance
 * lost since then and nothing else explains. Assumes that the running sums of the entries are right, which the chain proves. `accounts`: null for all.
 */
export async function spentDifferences(
  connection: Connection,
  accounts: readonly string[] | null = null,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  const look = (rows: Row[]) => {
    for (const row of rows) differences.push(...differencesOf(row));
  };
  if (accounts) {
    for (let first = 0; first < accounts.length; first += PAGE_ROWS) {
      const some = accounts.slice(first, first + PAGE_ROWS);
      look(await select(connection, `${SPENT} AND a.accountcode IN (?) ORDER BY a.accountcode`, [some]));
    }
    return differences;
  }
  for (let after = ''; ; ) {
    const text = `${SPENT} AND a.accountcode > ? ORDER BY a.accountcode LIMIT ${PAGE_ROWS}`;
    const rows = await select(connection, text, [after]);
    look(rows);
    if (rows.length < PAGE_ROWS) return differences;
    after = (rows.at(-1) as Row).accountcode;
  }
}

const listOf = (kinds: readonly EntryKind[]): string => kinds.map(kind => `'${kind}'`).join(', ');
const SPENDING = listOf(SPENDING_KINDS);
const OTHERS = listOf(ENTRY_KINDS.filter(kind => !SPENDING_KINDS.includes(kind)));

/** Of a window: the balance before it, what else moved it since then, and when the nearest charges before and behind its start were written. */
const factsOf = (window: SpendWindow): string => {
  const after = `a.spent_${window}_after`;
  const at = 'l.accountcode = a.accountcode AND l.entry_number';
  const nearest = (side: string, order: string) =>
    `(SELECT l.created_at FROM astledger l FORCE INDEX (chain)
      WHERE ${at} ${side} ${after} AND l.kind IN (${SPENDING}) ORDER BY l.entry_number ${order} LIMIT 1)`;
  return `(SELECT l.balance_after FROM astledger l WHERE ${at} = ${after}) AS balance_${window},
    (SELECT SUM(l.amount) FROM astledger l FORCE INDEX (cause)
      WHERE ${at} > ${after} AND l.kind IN (${OTHERS})) AS moved_${window},
    ${nearest('<=', 'DESC')} AS last_before_${window}, ${nearest('>', 'ASC')} AS first_in_${window}`;
};

const SPENT = `
SELECT a.accountcode, a.time_zone, a.balance, ${SPEND_COLUMNS.map(column => `a.${column}`).join(', ')},
  ${SPEND_WINDOWS.map(factsOf).join(', ')}
FROM astaccount a
WHERE a.spent_at IS NOT NULL AND (${SPEND_WINDOWS.map(window => `a.max_spend_${window} IS NOT NULL`).join(' OR ')})`;

const differencesOf = (row: Row): Difference[] =>
  SPEND_WINDOWS.filter(window => row[`max_spend_${window}`] !== null).flatMap(window => {
    const { accountcode } = row;
    const after = row[`spent_${window}_after`] as number;
    const say = (text: string): Difference => ({ rule: 'spent_is_sum_of_charges', accountcode, uniqueid: null, text });
    const found: Difference[] = [];
    const counted = amountOf(row[`spent_${window}`]);
    const sumOf = (column: string | null) => (column === null ? ZERO : amountOf(column));
    const sum = micros(sumOf(row[`balance_${window}`]) + sumOf(row[`moved_${window}`]) - amountOf(row.balance));
    if (counted !== sum) {
      const text = `spent_${window} ${formatAmount(counted)}, its charges and corrections behind entry ${after} add up to ${formatAmount(sum)}`;
      found.push(say(text));
    }
    const { startsAt } = windowAt(window, row.time_zone, row.spent_at.getTime());
    const began = `the ${window} of spent_at began at ${new Date(startsAt).toISOString()}`;
    const [before, first] = [row[`last_before_${window}`], row[`first_in_${window}`]] as (Date | null)[];
    if (before && before.getTime() >= startsAt + DISORDER_MS) {
      found.push(
        say(
          `${began}, but a charge or correction of ${before.toISOString()} is not behind entry ${after}, from which on it counts`,
        ),
      );
    }
    if (first && first.getTime() < startsAt - DISORDER_MS) {
      found.push(
        say(
          `${began}, but a charge or correction of ${first.toISOString()} is behind entry ${after}, from which on it counts`,
        ),
      );
    }
    return found;
  });
