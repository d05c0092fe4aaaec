/** What an operator may do with accounts. */

import type { Knex } from 'knex';
import { type Static, type TObject, Type } from 'typebox';
import { ACCOUNT_SCHEMAS, SETTING_FACTS } from '../accounts/account-fields';
import {
  ACCOUNT_STATUSES,
  ACCOUNTS_ORDER,
  type AccountView,
  type EntryView,
  listAccounts,
  listEntries,
  type RunningCall,
  statusNow,
} from '../accounts/account-store';
import { addTime, hangUpCalls, type TimeAdded } from '../accounts/during-calls';
import { accountNamed, closeAccount, createAccount, setAccount, setAccountStatus } from '../accounts/manage-account';
import { type MoneyMoved, moveMoney } from '../accounts/move-money';
import { type Spend, spendByDay } from '../accounts/spend-view';
import { ENTRY_KINDS } from '../credit/books';
import type { SpendWindow } from '../credit/rules/spend';
import { formatAmount, type Micros } from '../money/micros';
import {
  amountFact,
  factsOf,
  flagFact,
  instantFact,
  listFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import { keyedBy } from '../operator/cursor';
import type { Facts } from '../operator/facts';
import { accountcodeField, currencyField, textField, timeZoneField } from '../operator/fields';
import { fields, keyedRowsOf, operation, optionalOf, PAGE, rowsOf } from '../operator/operation';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { amount, amountFromZero, flag, oneOf, textBy, whole } from '../operator/schema';

const ACCOUNTCODE = { description: 'the account', unit: 'accountcode', example: 'alice' };

/** An existing account. Its code may be longer than a new one's: the account must be found to be corrected. */
export const accountcode = textBy((field, text) => textField(field, text, 80, 1), ACCOUNTCODE);

/** The same, as a filter of a list of `things`. */
export const ofAccount = (things: string) =>
  textBy((field, text) => textField(field, text, 80, 1), {
    ...ACCOUNTCODE,
    description: `only ${things} of this account`,
  });

/** The account that a customer is bound to. */
export const customersAccount = textBy((field, text) => textField(field, text, 80, 1), {
  ...ACCOUNTCODE,
  description: 'the only account that a customer sees, for good; for the role customer alone',
});

export const BINDING_REFUSALS = ['account_not_found', 'account_is_pool', 'account_closed'] as const;

const newAccountcode = textBy((_, text) => accountcodeField(text), ACCOUNTCODE);

export const CURRENCY_FACT = textFact('ISO 4217 code');
export const AVAILABLE_FACT = amountFact('balance + credit limit − reserved');
const STATUS_FACT = wordFact(
  ACCOUNT_STATUSES,
  'what a call that starts now would meet; blocked also if it has expired',
);

export const ACCOUNT = factsOf('Account', {
  accountcode: textFact("the channel's accountcode"),
  kind: wordFact(['account', 'pool'], 'pool: made by the dialplan for a group of calls'),
  status: STATUS_FACT,
  currency: CURRENCY_FACT,
  balance: amountFact('sum of its ledger entries'),
  reserved: amountFact('what is ring-fenced for calls in progress'),
  available: AVAILABLE_FACT,
  active_calls: wholeFact('calls in progress'),
  time_used: wholeFact('talk that counts against max_time; seconds'),
  spent_hour: orNull(amountFact('what calls were charged in this hour, less corrections; null without max_spend_hour')),
  spent_day: orNull(amountFact('the same of this day; null without max_spend_day')),
  spent_month: orNull(amountFact('the same of this month; null without max_spend_month')),
  ...SETTING_FACTS,
  created_at: instantFact(),
});

export type AccountFacts = Static<typeof ACCOUNT>;

const spentIn = ({ spent }: AccountView, window: SpendWindow): Micros | null =>
  spent.find(each => each.window === window)?.amount ?? null;

export function accountFacts(view: AccountView): AccountFacts {
  return {
    accountcode: view.accountcode,
    kind: view.kind,
    status: statusNow(view),
    currency: view.currency,
    balance: view.balance,
    reserved: view.reserved,
    available: view.available,
    active_calls: view.activeCalls,
    time_used: view.timeUsedSeconds,
    spent_hour: spentIn(view, 'hour'),
    spent_day: spentIn(view, 'day'),
    spent_month: spentIn(view, 'month'),
    ...view.settings,
    created_at: view.createdAt,
  };
}

/** What one line shows of an account. */
const accountLine = (view: AccountView): Facts => ({
  accountcode: view.accountcode,
  status: statusNow(view),
  mode: view.terms.mode,
  currency: view.currency,
  balance: view.balance,
  credit_limit: view.creditLimit,
  reserved: view.reserved,
  available: view.available,
  active_calls: view.activeCalls,
  deck: view.deck,
});

const { deck, ...settable } = ACCOUNT_SCHEMAS;
const optional = optionalOf(settable);

const create = operation({
  name: 'account create',
  help: 'open an account; its first balance is a top-up with the reference "opening"',
  example: 'account create alice --deck retail --balance 1.00 --mode shared --max-channels 2',
  roles: ['support', 'admin'],
  fields: fields({
    accountcode: newAccountcode,
    deck,
    balance: Type.Optional(
      amountFromZero({ description: 'what it opens with; 0 if not given', unit: 'amount', example: '10.00' }),
    ),
    currency: Type.Optional(
      textBy((_, text) => currencyField(text), {
        description: "the deck's currency, to be sure of it",
        unit: 'code',
        example: 'EUR',
      }),
    ),
    ...optional,
  }),
  arguments: ['accountcode'],
  refusals: ['account_exists', 'deck_not_found', 'currency_mismatch', 'second_person_needed'],
  changes: 'at once',
  run: createAccount,
  edits: view => view.settings,
  answer: { kind: 'record', schema: ACCOUNT, facts: accountFacts },
});

const set = operation({
  name: 'account set',
  help: 'change what is given and nothing else; calls in progress keep their price, strict ones also what they were granted, and more money extends them',
  example: 'account set alice --mode shared --low-balance 2.00 --max-call-seconds none',
  roles: ['support', 'admin'],
  fields: fields({ accountcode, deck: Type.Optional(deck), ...optional }),
  arguments: ['accountcode'],
  refusals: ['account_not_found', 'account_is_pool', 'changed_meanwhile', 'deck_not_found', 'currency_mismatch'],
  changes: 'at once',
  run: (acting, { accountcode: code, ...settings }) => setAccount(acting, code, settings),
  edits: view => view.settings,
  answer: {
    kind: 'record',
    schema: factsOf('AccountSet', {
      ...ACCOUNT.properties,
      changed: listFact(textFact(), 'the fields that have another value now'),
    }),
    facts: view => ({ ...accountFacts(view), changed: view.changed }),
  },
});

const list = operation({
  name: 'account list',
  help: 'accounts in the order of their codes',
  example: 'account list --text ali --status blocked --limit 50',
  roles: ['read', 'support', 'cashier', 'prices', 'admin'],
  fields: fields({
    text: Type.Optional(
      textBy((field, text) => textField(field, text, 79, 1), {
        description: 'only accounts whose code contains this text',
        unit: 'text',
        example: 'ali',
      }),
    ),
    status: Type.Optional(
      oneOf(ACCOUNT_STATUSES, {
        description: 'only active, blocked, closed or expired accounts; closed ones are left out otherwise',
        unit: 'status',
        example: 'blocked',
      }),
    ),
    deck: Type.Optional(deck),
    ...PAGE,
    ...keyedBy(ACCOUNTS_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { text, status, deck: ofDeck, ...page }) =>
    listAccounts(database, visible, { kind: 'account', text, status, deck: ofDeck }, keyedRowsOf(ACCOUNTS_ORDER, page)),
  answer: {
    kind: 'list',
    schema: ACCOUNT,
    facts: accountFacts,
    line: accountLine,
    none: 'no account: see "account create --help"',
  },
});

/** An account, or a pool, and a page of its movements of money, newest first. */
export interface WithEntries {
  view: AccountView;
  entries: Page<EntryView> & { total: number };
}

export const withEntries = async (database: Knex, view: AccountView, page: PageRequest): Promise<WithEntries> => ({
  view,
  entries: await listEntries(database, view, page),
});

export const ENTRY = factsOf('LedgerEntry', {
  created_at: instantFact(),
  kind: wordFact(ENTRY_KINDS),
  amount: amountFact('added to the balance: negative for a charge'),
  balance_after: amountFact("the account's balance after this entry"),
  reference: textFact("its cause: the call's uniqueid, or the operator's own reference; moves money once"),
  reason: textFact("why, in the operator's words"),
});

export const entryFacts = (view: EntryView): Static<typeof ENTRY> => ({
  created_at: view.createdAt,
  kind: view.kind,
  amount: view.amount,
  balance_after: view.balanceAfter,
  reference: view.reference,
  reason: view.reason,
});

/** What they add to the facts of the account. */
export const ENTRIES_FACTS = {
  entries: listFact(ENTRY, 'its movements of money, the newest first'),
  entries_total: wholeFact('how many it has in all'),
};

export const entriesFacts = ({ entries }: WithEntries): Static<TObject<typeof ENTRIES_FACTS>> => ({
  entries: entries.items.map(entryFacts),
  entries_total: entries.total,
});

const show = operation({
  name: 'account show',
  help: 'an account and its movements of money, the newest first',
  example: 'account show alice --limit 5',
  roles: ['read', 'support', 'cashier', 'prices', 'admin'],
  fields: fields({ accountcode, ...PAGE }),
  arguments: ['accountcode'],
  refusals: ['account_not_found'],
  run: async ({ database, visible }, { accountcode: code, ...page }) =>
    withEntries(database, await accountNamed(database, visible, code), rowsOf(page)),
  edits: ({ view }) => view.settings,
  answer: {
    kind: 'record',
    schema: factsOf('AccountShown', { ...ACCOUNT.properties, ...ENTRIES_FACTS }),
    facts: shown => ({ ...accountFacts(shown.view), ...entriesFacts(shown) }),
  },
});

/** The fields of a movement of money. */
const movement = {
  accountcode,
  amount: amount({ description: 'how much', unit: 'amount', example: '20.00' }),
  reason: Type.Optional(
    textBy((field, text) => textField(field, text, 255), {
      description: 'why, for people',
      unit: 'text',
      example: 'paid in cash',
    }),
  ),
};

const reference = textBy((field, text) => textField(field, text, 150, 1), {
  description: 'your own name of the cause: the same again moves nothing',
  unit: 'reference',
  example: 'invoice-17',
});

const MOVED = factsOf('MoneyMoved', {
  accountcode: textFact(),
  kind: wordFact(['top_up', 'refund', 'adjustment']),
  reference: textFact('its cause; moves money once'),
  amount: amountFact('added to the balance'),
  moved: flagFact(
    'false if the same reference had moved it before, or if it waits for a second person: then nothing was done',
  ),
  balance: amountFact('as it is now'),
  available: AVAILABLE_FACT,
  approval: orNull(
    wholeFact('the number of the request that waits for a second person: nothing is moved yet; null if none does'),
  ),
});

const movedFacts = (moved: MoneyMoved): Static<typeof MOVED> => ({ ...moved });

function movedSentence({
  accountcode: code,
  kind,
  reference: named,
  amount: sum,
  moved,
  balance,
  available,
  approval,
}: MoneyMoved) {
  if (approval !== null) {
    return `${kind} of ${formatAmount(sum)} to ${code} waits for a second person, as approval ${approval}: nothing is moved yet`;
  }
  const what = moved
    ? `${kind} of ${formatAmount(sum)} to ${code}`
    : `${named} moved ${formatAmount(sum)} before, nothing done`;
  return `${what}: balance ${formatAmount(balance)}, available ${formatAmount(available)}`;
}

const MOVEMENT_REFUSALS = [
  'account_not_found',
  'account_is_pool',
  'account_closed',
  'amount_not_positive',
  'reference_reused',
  'balance_out_of_range',
  'too_many_approvals',
] as const;

const topUp = operation({
  name: 'account topup',
  help: 'add what was paid; once for each reference',
  example: 'account topup alice 20.00 --reference invoice-17 --reason "why"',
  roles: ['cashier', 'support', 'admin'],
  fields: fields({ ...movement, reference }),
  arguments: ['accountcode', 'amount'],
  refusals: [...MOVEMENT_REFUSALS, 'daily_limit_exceeded', 'more_than_at_once'],
  changes: 'at once',
  run: (acting, input) => moveMoney(acting, { ...input, kind: 'top_up' }),
  waits: ({ approval }) => approval !== null,
  answer: { kind: 'record', schema: MOVED, facts: movedFacts, says: movedSentence },
});

const refund = operation({
  name: 'account refund',
  help: 'give money back for a fault, or with --call for a call, at most what it cost; once for each reference',
  example: 'account refund alice 0.50 --call ast1-1767225600.42 --reason "why"',
  roles: ['support', 'admin'],
  fields: fields({
    ...movement,
    reference: Type.Optional(reference),
    call: Type.Optional(
      textBy((field, text) => textField(field, text, 150, 1), {
        description: 'the call that is refunded, in place of --reference: at most what it was charged',
        unit: 'uniqueid',
        example: 'ast1-1767225600.42',
      }),
    ),
  }),
  arguments: ['accountcode', 'amount'],
  refusals: [...MOVEMENT_REFUSALS, 'call_not_found', 'call_in_progress', 'more_than_charged'],
  changes: 'at once',
  run: async (acting, { call, reference: named, ...input }) => {
    const [cause, ...more] = [named, call].filter(given => given !== undefined);
    if (cause === undefined || more.length > 0) {
      throw new Refused('field_invalid', 'a refund has one cause: give either --reference or --call');
    }
    return moveMoney(acting, { ...input, kind: 'refund', reference: cause, ofCall: call !== undefined });
  },
  waits: ({ approval }) => approval !== null,
  answer: { kind: 'record', schema: MOVED, facts: movedFacts, says: movedSentence },
});

const adjust = operation({
  name: 'account adjust',
  help: 'correct a balance, up or down; once for each reference',
  example: 'account adjust alice -0.25 --reference fix-3 --reason "why"',
  roles: ['admin'],
  fields: fields({
    ...movement,
    reference,
    overdraw: Type.Optional(flag('take more than is available, though calls in progress count on it')),
  }),
  arguments: ['accountcode', 'amount'],
  refusals: [...MOVEMENT_REFUSALS, 'more_than_available'],
  changes: 'at once',
  run: (acting, input) => moveMoney(acting, { ...input, kind: 'adjustment' }),
  waits: ({ approval }) => approval !== null,
  answer: { kind: 'record', schema: MOVED, facts: movedFacts, says: movedSentence },
});

export const ENDED_CALLS = factsOf('EndedCalls', {
  calls: listFact(textFact(), 'the uniqueids of the calls that the services must end now'),
});

/** Those calls. The command line waits for them. */
export const endedCallsFacts = (calls: readonly RunningCall[]): Static<typeof ENDED_CALLS> => ({
  calls: calls.map(({ uniqueid }) => uniqueid),
});

const block = operation({
  name: 'account block',
  help: 'let an account start no call, and end those in progress, emergency calls apart; of a pool too, pool:<customer>',
  example: 'account block alice',
  roles: ['support', 'admin'],
  fields: fields({ accountcode }),
  arguments: ['accountcode'],
  refusals: ['account_not_found'],
  changes: 'at once',
  run: (acting, { accountcode: code }) => setAccountStatus(acting, code, 'blocked'),
  answer: { kind: 'record', schema: ENDED_CALLS, facts: endedCallsFacts },
});

const unblock = operation({
  name: 'account unblock',
  help: 'let a blocked account start calls again; opens a closed one again',
  example: 'account unblock alice',
  roles: ['support', 'admin'],
  fields: fields({ accountcode }),
  arguments: ['accountcode'],
  refusals: ['account_not_found'],
  changes: 'at once',
  run: async (acting, { accountcode: code }) => {
    await setAccountStatus(acting, code, 'active');
    return accountNamed(acting.database, acting.visible, code);
  },
  answer: {
    kind: 'record',
    schema: factsOf('AccountStatus', { accountcode: textFact(), status: STATUS_FACT }),
    facts: view => ({ accountcode: view.accountcode, status: statusNow(view) }),
    says: (view, instantText) =>
      statusNow(view) === 'expired'
        ? `${view.accountcode} is unblocked, but it has expired: since ${view.expiresAt && instantText(view.expiresAt)} it starts no call`
        : `${view.accountcode} is active`,
  },
});

const close = operation({
  name: 'account close',
  help: 'end an account for good: it starts no call, takes no money and is left out of lists; "account unblock" opens it again',
  example: 'account close alice',
  roles: ['admin'],
  fields: fields({ accountcode }),
  arguments: ['accountcode'],
  refusals: ['account_not_found', 'account_is_pool', 'call_in_progress', 'money_left'],
  changes: 'at once',
  run: async (acting, { accountcode: code }) => {
    await closeAccount(acting, code);
    return accountNamed(acting.database, acting.visible, code);
  },
  answer: { kind: 'record', schema: ACCOUNT, facts: accountFacts, says: view => `${view.accountcode} is closed` },
});

const hangUp = operation({
  name: 'account hangup',
  help: 'end all calls of an account, emergency calls apart; it may start others at once',
  example: 'account hangup alice',
  roles: ['support', 'admin'],
  fields: fields({ accountcode }),
  arguments: ['accountcode'],
  refusals: ['account_not_found'],
  changes: 'at once',
  run: (acting, { accountcode: code }) => hangUpCalls(acting, code),
  answer: { kind: 'record', schema: ENDED_CALLS, facts: endedCallsFacts },
});

/** Talk that an operator may add at once. */
export const addedSeconds = whole(1, 86_400, { description: 'how much talk', unit: 'seconds', example: 300 });

export const TIME_ADDED = factsOf('TimeAdded', {
  accountcode: textFact(),
  seconds: wholeFact('what was added'),
  max_time: wholeFact('most talk of all calls that overlap, together; seconds'),
  time_left: wholeFact('the part of it that no call holds yet; seconds'),
});

export const timeFacts = (added: TimeAdded): Static<typeof TIME_ADDED> => ({
  accountcode: added.accountcode,
  seconds: added.seconds,
  max_time: added.maxTimeSeconds,
  time_left: added.timeLeftSeconds,
});

export const timeSentence = ({ accountcode: code, seconds, timeLeftSeconds }: TimeAdded): string =>
  `${seconds} s added to ${code}: ${timeLeftSeconds} s are left beside what its calls hold`;

const giveTime = operation({
  name: 'account add-time',
  help: 'let the calls in progress talk longer together than max_time says; done twice it adds twice',
  example: 'account add-time alice 300',
  roles: ['support', 'admin'],
  fields: fields({ accountcode, seconds: addedSeconds }),
  arguments: ['accountcode', 'seconds'],
  refusals: ['account_not_found', 'time_not_limited', 'no_call_in_progress'],
  changes: 'at once',
  run: (acting, { accountcode: code, seconds }) => addTime(acting, code, seconds),
  answer: { kind: 'record', schema: TIME_ADDED, facts: timeFacts, says: timeSentence },
});

export const SPEND_FIELDS = {
  days: Type.Optional(
    whole(1, 366, { description: 'how many days, up to today; 30 if not given', unit: 'days', example: 7 }),
  ),
  zone: Type.Optional(
    textBy((_, text) => timeZoneField(text), {
      description: "the days are those of this zone; the account's own if not given",
      unit: 'zone',
      example: 'Europe/Berlin',
    }),
  ),
};

export const SPEND = factsOf('Spend', {
  currency: CURRENCY_FACT,
  zone: textFact('IANA name: whose days these are'),
  days: listFact(
    factsOf('SpendDay', {
      day: textFact('such as 2026-11-30'),
      calls: wholeFact('calls that were charged on it'),
      charged: amountFact('what they were charged; refunds and corrections are not subtracted'),
    }),
    'the oldest first, also those without a charge',
  ),
});

export const spendFacts = ({ currency, zone, days }: Spend): Static<typeof SPEND> => ({ currency, zone, days });

const spend = operation({
  name: 'account spend',
  help: 'what calls of an account were charged on each of the last days',
  example: 'account spend alice --days 7 --zone Europe/Berlin',
  roles: ['read', 'support', 'admin'],
  fields: fields({ accountcode, ...SPEND_FIELDS }),
  arguments: ['accountcode'],
  refusals: ['account_not_found'],
  run: ({ database, visible }, { accountcode: code, days = 30, zone }) =>
    spendByDay(database, visible, code, { zone, days, now: Date.now() }),
  answer: { kind: 'record', schema: SPEND, facts: spendFacts },
});

export const ACCOUNT_OPERATIONS = [
  create,
  set,
  show,
  list,
  spend,
  topUp,
  refund,
  adjust,
  block,
  unblock,
  close,
  hangUp,
  giveTime,
];
