import type { Connection } from 'mysql2/promise';
import { amountOf, type Row, select } from '../database/rows';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';
import type { Difference } from './difference';

/** So many rows are read at a time. */
const PAGE_ROWS = 5_000;

/**
 * The first entry of each account whose balance_after is not that of the entry before it plus its own amount: it was changed, or
 * something before it was changed, added or deleted.
 *
 * Reads the ledger once, in the order of writing, and keeps one balance an account. Assumes a snapshot that the caller opened.
 * `onRows` hears how many entries each page held.
 */
export async function entryDifferences(
  connection: Connection,
  onRows: (rows: number) => void = () => undefined,
): Promise<Difference[]> {
  const balances = new Map<string, Micros>();
  const broken = new Map<string, Difference>();
  for (let after = '0'; ; ) {
    const rows = await select(connection, PAGE, [after]);
    for (const row of rows) {
      const { accountcode } = row;
      const before = balances.get(accountcode) ?? ZERO;
      const written = amountOf(row.balance_after);
      const sum = micros(before + amountOf(row.amount));
      balances.set(accountcode, written);
      if (written !== sum && !broken.has(accountcode)) broken.set(accountcode, brokenAt(row, before, sum));
    }
    onRows(rows.length);
    if (rows.length < PAGE_ROWS) return [...broken.values()];
    after = (rows.at(-1) as Row).entry_id;
  }
}

const PAGE = `
SELECT entry_id, accountcode, kind, reference, amount, balance_after FROM astledger
WHERE entry_id > ? ORDER BY entry_id LIMIT ${PAGE_ROWS}`;

function brokenAt({ entry_id, accountcode, kind, reference, amount, balance_after }: Row, before: Micros, sum: Micros) {
  const entry = `entry ${entry_id} (${kind} ${JSON.stringify(reference)})`;
  const [moved, after] = [formatAmount(amountOf(amount)), formatAmount(amountOf(balance_after))];
  const text = `${entry} has balance_after ${after}, and ${formatAmount(before)} before it with its amount ${moved} make ${formatAmount(sum)}`;
  return { rule: 'balance_after_is_running_sum', accountcode, uniqueid: null, text } as const;
}
