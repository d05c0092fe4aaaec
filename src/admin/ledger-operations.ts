/** What an operator sees of the ledger: every movement of money, with the balance after it. */
import { type Static, Type } from 'typebox';
import {
  ACCOUNT_LEDGER_ORDER,
  LEDGER_ORDER,
  type LedgerEntryView,
  ledgerOrder,
  listLedger,
} from '../accounts/ledger-view';
import { ENTRY_KINDS } from '../credit/books';
import { factsOf, textFact, wholeFact } from '../operator/answer-schema';
import { keyedBy } from '../operator/cursor';
import type { Facts } from '../operator/facts';
import { between, betweenOf, fields, keyedRowsOf, operation, PAGE } from '../operator/operation';
import { MOST_ROWS } from '../operator/page';
import { oneOf } from '../operator/schema';
import { CURRENCY_FACT, ENTRY, entryFacts, ofAccount } from './account-operations';

export const LEDGER_ENTRY = factsOf('LedgerRow', {
  accountcode: textFact('the account whose balance it moved'),
  entry_number: wholeFact('which entry of its account it is: 1, 2, 3 without a gap'),
  ...ENTRY.properties,
  currency: CURRENCY_FACT,
  actor: textFact('who moved the money; empty for what a call itself caused'),
});

export const ledgerFacts = (view: LedgerEntryView): Static<typeof LEDGER_ENTRY> => ({
  accountcode: view.accountcode,
  entry_number: view.entryNumber,
  ...entryFacts(view),
  currency: view.currency,
  actor: view.actor,
});

const ledgerLine = (view: LedgerEntryView): Facts => {
  const { reason: _, ...line } = ledgerFacts(view);
  return line;
};

/** The filters of a list of entries, besides the account. */
export const ENTRY_FILTERS = {
  kind: Type.Optional(
    oneOf(ENTRY_KINDS, { description: 'only entries of this kind', unit: 'kind', example: 'top_up' }),
  ),
  ...between('entries that were written'),
};

const list = operation({
  name: 'ledger list',
  help: `movements of money with the balance after each, the newest first; --kind chooses among the newest ${MOST_ROWS} entries that --account, --from and --to leave`,
  example: 'ledger list --account alice --from 2026-11-01 --kind top_up',
  roles: ['read', 'support', 'admin'],
  fields: fields({
    account: Type.Optional(ofAccount('entries')),
    ...ENTRY_FILTERS,
    ...PAGE,
    ...keyedBy(LEDGER_ORDER, ACCOUNT_LEDGER_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { account: accountcode, kind, from, to, ...page }) => {
    const order = ledgerOrder(visible, { accountcode });
    return listLedger(database, visible, { accountcode, kind, ...betweenOf({ from, to }) }, keyedRowsOf(order, page));
  },
  answer: { kind: 'list', schema: LEDGER_ENTRY, facts: ledgerFacts, line: ledgerLine, none: 'no entry' },
});

export const LEDGER_OPERATIONS = [list];
