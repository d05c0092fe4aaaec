/** What an operator does with an account that moves no money: create, change, block. */
import type { Knex } from 'knex';
import { insertEntries, insertEvents, lockAccounts } from '../credit/call-store';
import { moneyMoved } from '../credit/entries';
import { type Attempt, inTransaction } from '../database/connection';
import { asFault, isFault } from '../database/fault';
import { decimalOf } from '../database/rows';
import { ZERO } from '../money/micros';
import {
  accountcodeField,
  amountNotBelowZero,
  barredPrefixesField,
  currencyField,
  instantField,
  timeZoneField,
  type Whole,
  wholeField,
} from '../operator/fields';
import { noDeck, Refused } from '../operator/operator-refusal';
import { type AccountView, findAccount, sqlOf } from './account-store';

/** The reference of the top-up that an account is opened with. */
export const OPENING = 'opening';

const MOST_CHANNELS = 1_000_000;
const MOST_CALL_SECONDS = 86_400;

/** What may be set on an account; a field that is not given is left as it is. Amounts are decimal texts. */
export interface AccountSettings {
  deck?: string;
  creditLimit?: string;
  /** 0 or null for no limit. */
  maxChannels?: Whole | null;
  /** null for the service's own limit. */
  maxCallSeconds?: Whole | null;
  /** null for none. */
  barredPrefixes?: string[] | null;
  /** ms since 1970; null for never. */
  expiresAt?: number | null;
  timeZone?: string;
}

export interface NewAccount extends AccountSettings {
  accountcode: string;
  deck: string;
  /** What it opens with: a decimal text, 0 or more. */
  balance?: string;
  /** The deck's when not given; no other is accepted. */
  currency?: string;
}

/**
 * Opens an account, with a top-up of its first balance in the same transaction, so that its balance is the sum of its
 * entries from the first moment on.
 * @throws Refused account_exists, deck_not_found, currency_mismatch, field_invalid; DatabaseFault.
 */
export async function createAccount(database: Knex, account: NewAccount): Promise<AccountView> {
  const accountcode = accountcodeField(account.accountcode);
  const balance = amountNotBelowZero('balance', account.balance ?? '0');
  const currency = account.currency === undefined ? null : currencyField(account.currency);
  const { deck, ...columns } = columnsOf(account);
  const create = async (transaction: Knex.Transaction, { commitWasLost }: Attempt) => {
    const deckCurrency = await currencyOfDeck(transaction, account.deck);
    if (currency !== null && currency !== deckCurrency)
      throw mismatch('currency', currency, account.deck, deckCurrency);
    const row = { accountcode, currency: deckCurrency, deck, balance: decimalOf(balance), ...columns };
    try {
      await transaction('astaccount').insert(row);
    } catch (error) {
      if (isFault(asFault(error), 'duplicate')) {
        // It was not there before the COMMIT that was lost: that one did it.
        if (commitWasLost) return;
        throw new Refused(
          'account_exists',
          `accountcode ${JSON.stringify(accountcode)} is there already: choose another`,
        );
      }
      throw error;
    }
    if (balance > ZERO) {
      const opening = { accountcode, kind: 'top_up', reference: OPENING, amount: balance } as const;
      await insertEntries(sqlOf(transaction), [{ ...opening, balanceAfter: balance, reason: '' }]);
      await insertEvents(sqlOf(transaction), [moneyMoved(opening, balance)]);
    }
  };
  await inTransaction(database, create, { idempotent: true });
  return accountNamed(database, accountcode);
}

/**
 * Changes what is given and nothing else; calls in progress keep what they were granted.
 *
 * A lowered credit limit may leave less than nothing available: then no call starts until it is paid for.
 * @throws Refused account_not_found, deck_not_found, currency_mismatch, field_invalid; DatabaseFault.
 */
export async function setAccount(database: Knex, accountcode: string, settings: AccountSettings): Promise<AccountView> {
  const columns = columnsOf(settings);
  if (Object.keys(columns).length === 0) throw new Refused('field_invalid', 'nothing to set: name at least one field');
  const change = async (transaction: Knex.Transaction) => {
    // Locked before the deck is looked at: a start that is being decided has read both already, or will read both anew.
    const account = (await lockAccounts(sqlOf(transaction), [accountcode])).get(accountcode);
    if (!account) throw noAccount(accountcode);
    if (settings.deck !== undefined) {
      const deckCurrency = await currencyOfDeck(transaction, settings.deck);
      if (deckCurrency !== account.currency) {
        throw mismatch("the account's currency", account.currency, settings.deck, deckCurrency);
      }
    }
    await transaction('astaccount').where({ accountcode }).update(columns);
  };
  await inTransaction(database, change, { idempotent: true });
  return accountNamed(database, accountcode);
}

/** Blocks an account, so that it starts no call, or lets it start calls again. @throws Refused account_not_found */
export async function setAccountStatus(
  database: Knex,
  accountcode: string,
  status: 'active' | 'blocked',
): Promise<AccountView> {
  const change = async (transaction: Knex.Transaction) => {
    const account = (await lockAccounts(sqlOf(transaction), [accountcode])).get(accountcode);
    if (!account || account.blocked === (status === 'blocked')) return;
    await transaction('astaccount').where({ accountcode }).update({ status });
    const kind = status === 'blocked' ? 'blocked' : 'unblocked';
    await insertEvents(sqlOf(transaction), [{ kind, accountcode, uniqueid: null, facts: {} }]);
  };
  await inTransaction(database, change, { idempotent: true });
  return accountNamed(database, accountcode);
}

/** The account. @throws Refused account_not_found; DatabaseFault. */
export async function accountNamed(database: Knex, accountcode: string): Promise<AccountView> {
  let account: AccountView | null;
  try {
    account = await findAccount(database, accountcode);
  } catch (error) {
    throw asFault(error);
  }
  if (!account) throw noAccount(accountcode);
  return account;
}

export const noAccount = (accountcode: string): Refused =>
  new Refused('account_not_found', `accountcode ${JSON.stringify(accountcode)} does not exist: see "account list"`);

function columnsOf(settings: AccountSettings): Record<string, string | number | Date | null> {
  const { deck, creditLimit, maxChannels, maxCallSeconds, barredPrefixes, expiresAt, timeZone } = settings;
  const columns: Record<string, string | number | Date | null> = {};
  if (deck !== undefined) columns.deck = deck;
  if (creditLimit !== undefined) columns.credit_limit = decimalOf(amountNotBelowZero('credit_limit', creditLimit));
  if (maxChannels !== undefined) columns.max_channels = wholeField('max_channels', maxChannels ?? 0, 0, MOST_CHANNELS);
  if (maxCallSeconds !== undefined) {
    columns.max_call_seconds =
      maxCallSeconds === null ? null : wholeField('max_call_seconds', maxCallSeconds, 1, MOST_CALL_SECONDS);
  }
  if (barredPrefixes !== undefined) columns.barred_prefixes = barredPrefixesField(barredPrefixes ?? []);
  if (expiresAt !== undefined) columns.expires_at = expiresAt === null ? null : instantField('expires_at', expiresAt);
  if (timeZone !== undefined) columns.time_zone = timeZoneField(timeZone);
  return columns;
}

async function currencyOfDeck(database: Knex, deck: string): Promise<string> {
  const row = await database('astratedeck').where({ deck }).first('currency');
  if (!row) throw noDeck('deck', deck);
  return row.currency;
}

const mismatch = (field: string, currency: string, deck: string, deckCurrency: string): Refused =>
  new Refused(
    'currency_mismatch',
    `${field} ${currency} is not that of deck ${JSON.stringify(deck)}, ${deckCurrency}: use a deck in ${currency}`,
  );
