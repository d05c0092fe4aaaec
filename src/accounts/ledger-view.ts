/** The movements of money as an operator, or a customer, sees them. This file moves none. */
import type { Knex } from 'knex';
import type { EntryKind } from '../credit/books';
import type { CallRecord } from '../credit/rules/call';
import type { Row } from '../database/rows';
import type { ListOrder } from '../operator/cursor';
import type { Page, PageRequest } from '../operator/page';
import { createdBetween, type Listed, partOf } from '../operator/page-store';
import { onlyAccount, type Visible } from '../operator/visible';
import { onlyVisible } from '../operator/visible-store';
import { type EntryView, entryOf } from './account-store';

/** An entry with its account. */
export interface LedgerEntryView extends EntryView {
  accountcode: string;
  /** Which entry of its account it is: 1, 2, 3 without a gap. */
  entryNumber: number;
  currency: string;
  /** The actor that moved the money; empty for what a call itself caused. */
  actor: string;
}

export interface EntryFilter {
  accountcode?: string;
  kind?: EntryKind;
  /** Only entries created at this instant or later. */
  from?: Date;
  /** Only entries created before this instant. */
  to?: Date;
}

/** Of all accounts: the order of writing. Servers of a cluster number in steps of their own, so this is near the order of time, no more. */
export const LEDGER_ORDER: ListOrder = {
  name: 'ledger',
  columns: [{ column: 'entry_id', kind: 'number' }],
  isDescending: true,
};

/** Of one account: its own numbers, by which its balances follow one another. An index has them behind the account. */
export const ACCOUNT_LEDGER_ORDER: ListOrder = {
  name: 'ledger of an account',
  columns: [{ column: 'entry_number', kind: 'number' }],
  isDescending: true,
};

/** The order of such a list. */
export const ledgerOrder = (visible: Visible, { accountcode }: Pick<EntryFilter, 'accountcode'>): ListOrder =>
  onlyAccount(visible, accountcode) === undefined ? LEDGER_ORDER : ACCOUNT_LEDGER_ORDER;

/**
 * Entries, the newest first, in `ledgerOrder`. Looks at the newest 100,000 that `accountcode`, `from` and `to` leave, and the page says so if
 * there are more: `kind` has no index.
 * @throws DatabaseFault
 */
export async function listLedger(
  database: Knex,
  visible: Visible,
  { accountcode, kind, from, to }: EntryFilter,
  request: PageRequest,
): Promise<Page<LedgerEntryView>> {
  const one = onlyAccount(visible, accountcode);
  const order = ledgerOrder(visible, { accountcode });
  const id = order === LEDGER_ORDER ? 'entry_id' : 'entry_number';
  const entries = onlyVisible(database('astledger'), visible);
  if (accountcode !== undefined) entries.where({ accountcode });
  const growing = { table: 'astledger', id, ...(one !== undefined && { accountcode: one }) } as const;
  await createdBetween(database, entries, growing, { from, to });
  const list = {
    rows: entries,
    order,
    narrow: kind === undefined ? null : query => void query.where({ kind }),
    newest: { shown: 'created_at', leave: (query, oldest) => void query.where(id, '>=', oldest[id]) },
    show: query =>
      void query.select(
        'astledger.*',
        database.raw(
          '(SELECT a.currency FROM astaccount AS a WHERE a.accountcode = astledger.accountcode) AS currency',
        ),
      ),
  } satisfies Listed;
  const { rows, ...part } = await partOf(database, list, request);
  return { items: rows.map(viewOf), ...part };
}

const viewOf = (row: Row): LedgerEntryView => ({
  ...entryOf(row),
  accountcode: row.accountcode,
  entryNumber: row.entry_number,
  currency: row.currency,
  actor: row.actor,
});

/** The kinds of entries whose reference is a call. */
const OF_CALLS: readonly EntryKind[] = ['call_charge', 'correction', 'refund', 'pool_closed'];

/** The entries that a call caused, and refunds that name it, the oldest first. @throws DatabaseFault */
export async function entriesOfCall(
  database: Knex,
  { accountcode, uniqueid, currency }: Pick<CallRecord, 'accountcode' | 'uniqueid' | 'currency'>,
): Promise<LedgerEntryView[]> {
  const rows = await database('astledger')
    .where({ accountcode, reference: uniqueid })
    .whereIn('kind', OF_CALLS)
    .orderBy('entry_number');
  return rows.map(row => viewOf({ ...row, currency }));
}
