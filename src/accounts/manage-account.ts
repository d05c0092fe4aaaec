/** What an operator sets on an account: create, change, block, close. Only the first balance of a new account moves money. */
import type { Knex } from 'knex';
import { insertEvents, lockAccounts, touchAccounts, updateAccounts } from '../credit/call-store';
import { enterOpenings, openingColumns } from '../credit/entries';
import type { Account } from '../credit/rules/account';
import { withLowBalance } from '../credit/rules/low-balance';
import { POOL_PREFIX } from '../credit/rules/pool';
import { SPEND_WINDOWS } from '../credit/rules/spend';
import { letGoOn, wantEnds } from '../credit/wanted-end-store';
import { type Attempt, inTransaction } from '../database/connection';
import { asFault, isFault } from '../database/fault';
import { type Sql, sqlOf } from '../database/rows';
import { formatAmount, ZERO } from '../money/micros';
import type { Acting, Lent } from '../operator/acting';
import { changedFields, writeAudit } from '../operator/audit-store';
import { accountcodeField, amountField, amountNotBelowZero, currencyField, invalid } from '../operator/fields';
import { needsSecondPerson } from '../operator/limits';
import { noAccount, noDeck, Refused } from '../operator/operator-refusal';
import { refuseOtherVersion } from '../operator/version';
import { EVERYTHING, type Visible } from '../operator/visible';
import { type AccountSettings, columnsOf } from './account-fields';
import { type AccountView, findAccount, type RunningCall, runningCalls } from './account-store';
import { type CountedBefore, countBefore, countSpent } from './spent-store';

/** The reference of an account's opening top-up. */
export const OPENING = 'opening';

export interface NewAccount extends AccountSettings {
  accountcode: string;
  deck: string;
  /** The opening balance: a decimal text, 0 or more. */
  balance?: string;
  /** The deck's if not given; another currency is refused. */
  currency?: string;
}

/**
 * Opens an account, and tops up its first balance in the same transaction: so its balance is the sum of its entries from the first moment
 * on.
 * @throws Refused account_exists, deck_not_found, currency_mismatch, second_person_needed, field_invalid; DatabaseFault.
 */
export async function createAccount(acting: Acting, account: NewAccount): Promise<AccountView> {
  const { database, actor } = acting;
  const accountcode = accountcodeField(account.accountcode);
  if (accountcode.startsWith(POOL_PREFIX)) {
    const todo = `begins with ${JSON.stringify(POOL_PREFIX)}, which the dialplan's groups of calls do: choose another`;
    throw invalid('accountcode', accountcode, todo);
  }
  const balance = amountNotBelowZero('balance', account.balance ?? '0');
  if (needsSecondPerson(acting.limits, balance)) {
    const detail = `balance ${formatAmount(balance)} needs a second person: open the account without it, and ask for a top-up`;
    throw new Refused('second_person_needed', detail);
  }
  const currency = account.currency === undefined ? null : currencyField(account.currency);
  const { deck, ...columns } = columnsOf(account);
  const opening = { accountcode, reference: OPENING, amount: balance, actor };
  const create = async (transaction: Knex.Transaction, { commitWasLost }: Attempt) => {
    const deckCurrency = await currencyOfDeck(transaction, account.deck);
    if (currency !== null && currency !== deckCurrency)
      throw mismatch('currency', currency, account.deck, deckCurrency);
    const row = { accountcode, currency: deckCurrency, deck, ...openingColumns(opening), ...columns };
    try {
      await transaction('astaccount').insert(row);
    } catch (error) {
      if (isFault(asFault(error), 'duplicate')) {
        // The account did not exist before the lost COMMIT: that COMMIT created it.
        if (commitWasLost) return;
        throw new Refused(
          'account_exists',
          `accountcode ${JSON.stringify(accountcode)} is there already: choose another`,
        ).about({ accountcode });
      }
      throw error;
    }
    await enterOpenings(sqlOf(transaction), [opening]);
    const after = { ...columns, currency: deckCurrency, deck: account.deck, balance };
    await writeAudit(transaction, acting, {
      operation: 'account create',
      object: objectOf(accountcode),
      before: null,
      after,
    });
  };
  await inTransaction(database, create, { idempotent: true });
  return accountNamed(database, EVERYTHING, accountcode);
}

/** Settings that say what counts against a limit of spend. */
const COUNTED_BY: readonly string[] = ['time_zone', ...SPEND_WINDOWS.map(window => `max_spend_${window}`)];

const isCountedBy = (name: string): boolean => COUNTED_BY.includes(name);

const NOTHING_COUNTED: CountedBefore = new Map();

/** An account after a change, and the names of the fields that changed. */
export interface AccountSet extends AccountView {
  changed: string[];
}

/**
 * Changes the given fields and nothing else, and tells the services if calls are in progress. A field that has the given value already
 * stays as it is.
 *
 * In mode strict a call in progress keeps what it was granted, and a raised limit extends it. In mode shared all calls share what there is
 * now. A lowered credit limit may leave less than nothing available: then no call starts until the customer has paid. Calls in progress
 * keep their price and their longest talk.
 * @throws Refused account_not_found, account_is_pool, changed_meanwhile, deck_not_found, currency_mismatch, field_invalid; DatabaseFault.
 */
export async function setAccount(
  acting: Acting & Pick<Lent, 'ifMatch'>,
  accountcode: string,
  settings: AccountSettings,
): Promise<AccountSet> {
  const { database } = acting;
  const columns = columnsOf(settings);
  const lowBalance =
    typeof settings.low_balance === 'string' ? amountField('low_balance', settings.low_balance) : settings.low_balance;
  if (Object.keys(columns).length === 0) throw new Refused('field_invalid', 'nothing to set: name at least one field');
  // Before the lock: a month may have a million entries, and no call of the account starts while it is locked.
  const counted = Object.keys(columns).some(isCountedBy)
    ? await countBefore(database, accountcode, columns)
    : NOTHING_COUNTED;
  const change = async (transaction: Knex.Transaction, { commitWasLost }: Attempt): Promise<string[]> => {
    // Locked before the deck is read: a start that is being decided has read both already, or will read both anew.
    const sql = sqlOf(transaction);
    const account = await lockedAccount(sql, accountcode);
    if (account.kind === 'pool') throw isPool(accountcode);
    refuseOtherVersion(
      acting,
      objectOf(accountcode),
      (await accountNamed(transaction, EVERYTHING, accountcode)).settings,
    );
    if (settings.deck !== undefined) {
      const deckCurrency = await currencyOfDeck(transaction, settings.deck);
      if (deckCurrency !== account.currency) {
        throw mismatch("the account's currency", account.currency, settings.deck, deckCurrency);
      }
    }
    const row = () => transaction('astaccount').where({ accountcode });
    const stored = () => row().first(Object.keys(columns));
    const before = await stored();
    await row().update(columns);
    const changed = changedFields(before, await stored());
    // After a lost COMMIT nothing differs, because that COMMIT made the change.
    if (!changed) return commitWasLost ? Object.keys(columns) : [];
    await writeAudit(transaction, acting, { operation: 'account set', object: objectOf(accountcode), ...changed });
    if (lowBalance !== undefined) await tellLowBalance(sql, { ...account, lowBalance });
    if (Object.keys(changed.after).some(isCountedBy)) await countSpent(transaction, accountcode, counted);
    if (account.activeCalls > 0) await touchAccounts(sql, [accountcode]);
    return Object.keys(changed.after);
  };
  const changed = await inTransaction(database, change, { idempotent: true });
  return { ...(await accountNamed(database, EVERYTHING, accountcode)), changed };
}

/**
 * Blocks an account or a pool, so that it starts no call and the services end its calls in progress; or lets it start calls again.
 *
 * Returns the calls that the services must end. Run again, it tells the services again and writes no second event.
 * @throws Refused account_not_found; DatabaseFault.
 */
export async function setAccountStatus(
  acting: Acting,
  accountcode: string,
  status: 'active' | 'blocked',
): Promise<RunningCall[]> {
  const { database, actor } = acting;
  const block = status === 'blocked';
  const change = async (transaction: Knex.Transaction): Promise<RunningCall[]> => {
    const sql = sqlOf(transaction);
    const account = await lockedAccount(sql, accountcode);
    const calls = block ? await runningCalls(sql, accountcode) : [];
    // Also when the account may start calls again: a call that could not be ended in between was not extended either.
    if (account.activeCalls > 0) await touchAccounts(sql, [accountcode]);
    if (block) await wantEnds(sql, [accountcode], actor);
    else if (account.blocked) await letGoOn(sql, [accountcode]);
    // Blocked by an operator from now on, even if it was blocked with its card first. Unblocking the card does not open it.
    const row = () => transaction('astaccount').where({ accountcode });
    const before = await row().first('status', 'closed_at', 'is_card_blocked');
    const after = { status, is_card_blocked: 0, closed_at: block ? before.closed_at : null };
    await row().update(after);
    const isSame = account.blocked === block && before.is_card_blocked === 0;
    if (!isSame) {
      const operation = block ? 'account block' : 'account unblock';
      await writeAudit(transaction, acting, { operation, object: objectOf(accountcode), before, after });
    }
    if (account.blocked === block) return calls;
    const facts = { active_calls: account.activeCalls };
    await insertEvents(sql, [{ kind: block ? 'blocked' : 'unblocked', accountcode, uniqueid: null, facts, actor }]);
    return calls;
  };
  return inTransaction(database, change, { idempotent: true });
}

/**
 * Closes an account: it is blocked, accepts no money and is left out of lists. A closed account stays as it is.
 * @throws Refused account_not_found, account_is_pool, call_in_progress, money_left; DatabaseFault.
 */
export async function closeAccount(acting: Acting, accountcode: string): Promise<void> {
  const change = async (transaction: Knex.Transaction) => {
    const sql = sqlOf(transaction);
    const account = await lockedAccount(sql, accountcode);
    const code = JSON.stringify(accountcode);
    if (account.kind === 'pool') throw isPool(accountcode);
    if (account.activeCalls > 0) {
      throw new Refused(
        'call_in_progress',
        `accountcode ${code} has a call in progress: end it with "account block" first`,
      ).about({ accountcode });
    }
    if (account.balance !== ZERO) {
      const todo = 'move its balance to 0 with "account adjust" first';
      throw new Refused(
        'money_left',
        `accountcode ${code} has a balance of ${formatAmount(account.balance)}: ${todo}`,
      ).about({
        accountcode,
        balance: formatAmount(account.balance),
        currency: account.currency,
      });
    }
    if (account.closed) return;
    const after = { status: 'blocked', is_card_blocked: 0, closed_at: transaction.raw('UTC_TIMESTAMP(3)') };
    await transaction('astaccount').where({ accountcode }).update(after);
    if (!account.blocked) {
      const facts = { active_calls: 0 };
      await insertEvents(sql, [{ kind: 'blocked', accountcode, uniqueid: null, facts, actor: acting.actor }]);
    }
    await writeAudit(transaction, acting, {
      operation: 'account close',
      object: objectOf(accountcode),
      before: { status: account.blocked ? 'blocked' : 'active' },
      after: { status: 'closed' },
    });
  };
  await inTransaction(acting.database, change, { idempotent: true });
}

/** The account, or pool, as the audit trail names it. */
export const objectOf = (accountcode: string): string =>
  accountcode.startsWith(POOL_PREFIX) ? `pool ${accountcode.slice(POOL_PREFIX.length)}` : `account ${accountcode}`;

/** The account, locked until COMMIT. @throws Refused account_not_found */
export async function lockedAccount(sql: Sql, accountcode: string): Promise<Account> {
  const account = (await lockAccounts(sql, [accountcode])).get(accountcode);
  if (!account) throw noAccount(accountcode);
  return account;
}

/** The account. @throws Refused account_not_found, also for one that is not visible; DatabaseFault. */
export async function accountNamed(database: Knex, visible: Visible, accountcode: string): Promise<AccountView> {
  let account: AccountView | null;
  try {
    account = await findAccount(database, visible, accountcode);
  } catch (error) {
    throw asFault(error);
  }
  if (!account) throw noAccount(accountcode);
  return account;
}

const isPool = (accountcode: string): Refused =>
  new Refused(
    'account_is_pool',
    `accountcode ${JSON.stringify(accountcode)} is a pool, whose limits the dialplan sets: see "pool raise" and "pool add-time"`,
  ).about({ accountcode });

/** A balance that is below the limit already is reported at once: it may be a long time until anything else moves it. */
async function tellLowBalance(sql: Sql, account: Account): Promise<void> {
  const { account: told, event } = withLowBalance(account);
  if (!event) return;
  await updateAccounts(sql, [told]);
  await insertEvents(sql, [event]);
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
  ).about({ currency, deck, known: deckCurrency });
