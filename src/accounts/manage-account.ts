/** What an operator sets on an account, which moves no money: create, change, block. */
import type { Knex } from 'knex';
import { insertEvents, lockAccounts, touchAccounts, updateAccounts } from '../credit/call-store';
import { enterOpenings, openingColumns } from '../credit/entries';
import type { Account } from '../credit/rules/account';
import { withLowBalance } from '../credit/rules/low-balance';
import { POOL_PREFIX } from '../credit/rules/pool';
import { type Attempt, inTransaction } from '../database/connection';
import { asFault, isFault } from '../database/fault';
import { type Sql, sqlOf } from '../database/rows';
import { decimalOf } from '../database/values';
import type { Micros } from '../money/micros';
import {
  accountcodeField,
  amountField,
  amountNotBelowZero,
  announceField,
  barredPrefixesField,
  currencyField,
  instantField,
  invalid,
  limitField,
  timeZoneField,
  type Whole,
  warnSecondsField,
  warnSoundField,
  wholeField,
  wordField,
} from '../operator/fields';
import { noDeck, Refused } from '../operator/operator-refusal';
import { type AccountView, findAccount, type RunningCall, runningCalls } from './account-store';
import { letGoOn, wantEnds } from './wanted-ends';

/** The reference of the top-up that an account is opened with. */
export const OPENING = 'opening';

const MOST_CHANNELS = 1_000_000;
const MOST_CALL_SECONDS = 86_400;
const MOST_CALLS_PER_SECOND = 10_000;
/** A year. */
const MOST_TIME_SECONDS = 31_536_000;
/** A slice is extended before it runs out: shorter ones would keep the service busy with nothing else. */
const SHORTEST_SLICE_SECONDS = 10;
const LONGEST_SLICE_SECONDS = 3_600;

/** What may be set on an account; a field that is not given is left as it is. Amounts are decimal texts. */
export interface AccountSettings {
  deck?: string;
  creditLimit?: string;
  /** null for no limit. */
  maxChannels?: Whole | null;
  /** null for the service's own limit. */
  maxCallSeconds?: Whole | null;
  /** null for none. */
  barredPrefixes?: string[] | null;
  /** ms since 1970; null for never. */
  expiresAt?: number | null;
  timeZone?: string;
  /** strict: a call reserves its longest talk. shared: a slice, which is extended. */
  mode?: string;
  sliceSeconds?: Whole;
  /** Most talk of all calls that overlap, together; null for no limit. */
  maxTime?: Whole | null;
  /** null for no limit. */
  maxCallsPerSecond?: Whole | null;
  /** How long before the cut the caller is warned; null for never. */
  warnSeconds?: Whole[] | null;
  /** null for none. */
  warnRepeatSeconds?: Whole | null;
  /** `say`, or a sound of Asterisk's; empty or `default` for the service's own. */
  warnSound?: string;
  /** Of `balance` and `time`; null for nothing. */
  announce?: string[] | null;
  /** A decimal text of any sign; null for never. */
  lowBalance?: string | null;
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
  if (accountcode.startsWith(POOL_PREFIX)) {
    const todo = `begins with ${JSON.stringify(POOL_PREFIX)}, which the dialplan's groups of calls do: choose another`;
    throw invalid('accountcode', accountcode, todo);
  }
  const balance = amountNotBelowZero('balance', account.balance ?? '0');
  const currency = account.currency === undefined ? null : currencyField(account.currency);
  const { deck, ...columns } = columnsOf(account);
  const opening = { accountcode, reference: OPENING, amount: balance };
  const create = async (transaction: Knex.Transaction, { commitWasLost }: Attempt) => {
    const deckCurrency = await currencyOfDeck(transaction, account.deck);
    if (currency !== null && currency !== deckCurrency)
      throw mismatch('currency', currency, account.deck, deckCurrency);
    const row = { accountcode, currency: deckCurrency, deck, ...openingColumns(opening), ...columns };
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
    await enterOpenings(sqlOf(transaction), [opening]);
  };
  await inTransaction(database, create, { idempotent: true });
  return accountNamed(database, accountcode);
}

/**
 * Changes what is given and nothing else; the services are told where calls are up.
 *
 * With mode strict a call in progress keeps what it was granted, and what is more than before extends it; with mode shared
 * all calls share what there is now. A lowered credit limit may leave less than nothing available: then no call starts until
 * it is paid for. Calls in progress keep their price and their longest talk.
 * @throws Refused account_not_found, account_is_pool, deck_not_found, currency_mismatch, field_invalid; DatabaseFault.
 */
export async function setAccount(database: Knex, accountcode: string, settings: AccountSettings): Promise<AccountView> {
  const columns = columnsOf(settings);
  const lowBalance = lowBalanceOf(settings);
  if (Object.keys(columns).length === 0) throw new Refused('field_invalid', 'nothing to set: name at least one field');
  const change = async (transaction: Knex.Transaction) => {
    // Locked before the deck is looked at: a start that is being decided has read both already, or will read both anew.
    const sql = sqlOf(transaction);
    const account = await lockedAccount(sql, accountcode);
    if (account.kind === 'pool') throw isPool(accountcode);
    if (settings.deck !== undefined) {
      const deckCurrency = await currencyOfDeck(transaction, settings.deck);
      if (deckCurrency !== account.currency) {
        throw mismatch("the account's currency", account.currency, settings.deck, deckCurrency);
      }
    }
    await transaction('astaccount').where({ accountcode }).update(columns);
    if (lowBalance !== undefined) await tellLowBalance(sql, { ...account, lowBalance });
    if (account.activeCalls > 0) await touchAccounts(sql, [accountcode]);
  };
  await inTransaction(database, change, { idempotent: true });
  return accountNamed(database, accountcode);
}

/**
 * Blocks an account or a pool, so that it starts no call and the services end those in progress, or lets it start calls again.
 *
 * Returns the calls that are to be ended. Done again it tells the services again and writes no second event.
 * @throws Refused account_not_found; DatabaseFault.
 */
export async function setAccountStatus(
  database: Knex,
  accountcode: string,
  status: 'active' | 'blocked',
): Promise<RunningCall[]> {
  const block = status === 'blocked';
  const change = async (transaction: Knex.Transaction): Promise<RunningCall[]> => {
    const sql = sqlOf(transaction);
    const account = await lockedAccount(sql, accountcode);
    const calls = block ? await runningCalls(sql, accountcode) : [];
    // Also when it is let start calls again: one that could not be ended meanwhile was not extended either.
    if (account.activeCalls > 0) await touchAccounts(sql, [accountcode]);
    if (block) await wantEnds(sql, [accountcode]);
    else if (account.blocked) await letGoOn(sql, [accountcode]);
    // By hand from now on, though it was blocked with its card: who unblocks that does not open it.
    await transaction('astaccount').where({ accountcode }).update({ status, is_card_blocked: 0 });
    if (account.blocked === block) return calls;
    const facts = { active_calls: account.activeCalls };
    await insertEvents(sql, [{ kind: block ? 'blocked' : 'unblocked', accountcode, uniqueid: null, facts }]);
    return calls;
  };
  return inTransaction(database, change, { idempotent: true });
}

/** The account, locked until COMMIT. @throws Refused account_not_found */
export async function lockedAccount(sql: Sql, accountcode: string): Promise<Account> {
  const account = (await lockAccounts(sql, [accountcode])).get(accountcode);
  if (!account) throw noAccount(accountcode);
  return account;
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

const isPool = (accountcode: string): Refused =>
  new Refused(
    'account_is_pool',
    `accountcode ${JSON.stringify(accountcode)} is a pool, whose limits the dialplan sets: see "pool raise" and "pool add-time"`,
  );

/** A limit that the balance is below already is told at once, as nothing else may move the balance for long. */
async function tellLowBalance(sql: Sql, account: Account): Promise<void> {
  const { account: told, event } = withLowBalance(account);
  if (!event) return;
  await updateAccounts(sql, [told]);
  await insertEvents(sql, [event]);
}

const lowBalanceOf = ({ lowBalance }: AccountSettings): Micros | null | undefined =>
  typeof lowBalance === 'string' ? amountField('low_balance', lowBalance) : lowBalance;

type Columns = Record<string, string | number | Date | null>;

function columnsOf(settings: AccountSettings): Columns {
  const { deck, creditLimit, maxChannels, maxCallSeconds, barredPrefixes, expiresAt, timeZone } = settings;
  const columns: Columns = duringCallColumns(settings);
  if (deck !== undefined) columns.deck = deck;
  if (creditLimit !== undefined) columns.credit_limit = decimalOf(amountNotBelowZero('credit_limit', creditLimit));
  if (maxChannels !== undefined) columns.max_channels = limitField('max_channels', maxChannels, MOST_CHANNELS) ?? 0;
  if (maxCallSeconds !== undefined) {
    columns.max_call_seconds = limitField('max_call_seconds', maxCallSeconds, MOST_CALL_SECONDS);
  }
  if (barredPrefixes !== undefined) columns.barred_prefixes = barredPrefixesField(barredPrefixes ?? []);
  if (expiresAt !== undefined) columns.expires_at = expiresAt === null ? null : instantField('expires_at', expiresAt);
  if (timeZone !== undefined) columns.time_zone = timeZoneField(timeZone);
  return columns;
}

/** What is set for the time that calls last, and for how many of them there may be. */
function duringCallColumns(settings: AccountSettings): Columns {
  const { mode, sliceSeconds, maxTime, maxCallsPerSecond, warnSeconds, warnRepeatSeconds, warnSound, announce } =
    settings;
  const columns: Columns = {};
  if (mode !== undefined) columns.mode = wordField('mode', mode, ['strict', 'shared']);
  if (sliceSeconds !== undefined) {
    columns.slice_seconds = wholeField('slice_seconds', sliceSeconds, SHORTEST_SLICE_SECONDS, LONGEST_SLICE_SECONDS);
  }
  if (maxTime !== undefined) {
    columns.max_time = limitField('max_time', maxTime, MOST_TIME_SECONDS);
  }
  if (maxCallsPerSecond !== undefined) {
    const calls = limitField('max_calls_per_second', maxCallsPerSecond, MOST_CALLS_PER_SECOND);
    columns.max_calls_per_second = calls ?? 0;
  }
  if (warnSeconds !== undefined) columns.warn_seconds = warnSecondsField(warnSeconds ?? []);
  if (warnRepeatSeconds !== undefined) {
    columns.warn_repeat_seconds = limitField('warn_repeat_seconds', warnRepeatSeconds, 3_600, 5) ?? 0;
  }
  if (warnSound !== undefined) columns.warn_sound = warnSoundField(warnSound);
  if (announce !== undefined) columns.announce = announceField(announce ?? []);
  const lowBalance = lowBalanceOf(settings);
  if (lowBalance !== undefined) columns.low_balance = lowBalance === null ? null : decimalOf(lowBalance);
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
