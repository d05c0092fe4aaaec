import type { Row } from './rows';

/** A table that only grows, by its number. Its `created_at` has no index, which every call would have to write. */
export interface GrowingTable {
  table: 'astaudit' | 'astledger' | 'astoutbox';
  id: string;
  /** Only the rows of this account, by a number that an index has behind the account. */
  accountcode?: string;
}

/**
 * The first number of the table's rows that were created at `from` or later; one more than the last if there is none, '0' for an empty table.
 *
 * Numbers grow with time, so half of them can be left out with each look: 24 looks for ten million rows. Transactions overlap, and servers of
 * a cluster have clocks of their own, so the caller begins somewhat earlier than asked.
 * @throws what `ask` throws
 */
export async function firstSince(
  ask: (text: string, values: unknown[]) => Promise<Row[]>,
  { table, id, accountcode }: GrowingTable,
  from: Date,
): Promise<string> {
  const own =
    accountcode === undefined ? { text: 'TRUE', values: [] } : { text: 'accountcode = ?', values: [accountcode] };
  const [ends] = await ask(
    `SELECT MIN(${id}) AS first, MAX(${id}) AS last FROM ${table} WHERE ${own.text}`,
    own.values,
  );
  if (ends?.last == null) return '0';
  let [low, high] = [BigInt(ends.first), BigInt(ends.last) + 1n];
  while (low < high) {
    const middle = (low + high) / 2n;
    // Numbers have gaps. The last number is at or after the middle.
    const text = `SELECT ${id} AS number, created_at FROM ${table} WHERE ${own.text} AND ${id} >= ? ORDER BY ${id} LIMIT 1`;
    const [row] = (await ask(text, [...own.values, String(middle)])) as [Row];
    if (row.created_at >= from) high = middle;
    else low = BigInt(row.number) + 1n;
  }
  return String(low);
}
