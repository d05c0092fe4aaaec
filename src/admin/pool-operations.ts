/** What an operator may do with pools: groups of calls that the dialplan made. */
import { type Static, type TObject, Type } from 'typebox';
import { type AccountView, listAccounts } from '../accounts/account-store';
import { addTime, hangUpCalls } from '../accounts/during-calls';
import { customerOf, poolOf, raisePool } from '../accounts/pools';
import { formatAmount, micros } from '../money/micros';
import { amountFact, factsOf, instantFact, orNull, textFact, wholeFact, wordFact } from '../operator/answer-schema';
import { textField } from '../operator/fields';
import { fields, operation, PAGE, rowsOf } from '../operator/operation';
import { amount, flag, textBy } from '../operator/schema';
import {
  AVAILABLE_FACT,
  addedSeconds,
  ENDED_CALLS,
  ENTRIES_FACTS,
  endedCallsFacts,
  entriesFacts,
  TIME_ADDED,
  timeFacts,
  timeSentence,
  withEntries,
} from './account-operations';

const customer = textBy((field, text) => textField(field, text, 79, 1), {
  description: 'the customer that the dialplan names',
  unit: 'customer',
  example: 'john-doe',
});

const LINE_FACTS = {
  customer: textFact('the name that the dialplan gave'),
  status: wordFact(['active', 'blocked']),
  max_credit: amountFact('what its calls share'),
  consumed: amountFact('the cost of the calls that ended since it last had no call'),
  reserved: amountFact('what is ring-fenced for calls in progress'),
  available: AVAILABLE_FACT,
  active_calls: wholeFact('calls in progress'),
  max_time: orNull(wholeFact('most talk of all calls that overlap, together; seconds, null for no limit')),
  time_used: wholeFact('talk that counts against max_time; seconds'),
};

const POOL = factsOf('Pool', {
  ...LINE_FACTS,
  accountcode: textFact('pool: and the customer'),
  max_channels: orNull(wholeFact('most calls at once; null for no limit')),
  max_calls_per_second: orNull(wholeFact('most calls that start in one second; null for no limit')),
  created_at: instantFact(),
});

/** What one line shows of a pool. */
const poolLine = (view: AccountView): Static<TObject<typeof LINE_FACTS>> => ({
  customer: customerOf(view),
  status: view.status,
  max_credit: view.creditLimit,
  consumed: micros(-view.balance),
  reserved: view.reserved,
  available: view.available,
  active_calls: view.activeCalls,
  max_time: view.maxTimeSeconds,
  time_used: view.timeUsedSeconds,
});

export const poolFacts = (view: AccountView): Static<typeof POOL> => ({
  ...poolLine(view),
  accountcode: view.accountcode,
  max_channels: view.maxChannels || null,
  max_calls_per_second: view.maxCallsPerSecond || null,
  created_at: view.createdAt,
});

const list = operation({
  name: 'pool list',
  help: 'pools that have calls, by customer',
  example: 'pool list --all',
  roles: ['read', 'support', 'admin'],
  fields: fields({ all: Type.Optional(flag('those without calls too, behind the others')), ...PAGE }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { all, ...page }) =>
    listAccounts(database, visible, { kind: 'pool', live: !all }, rowsOf(page)),
  answer: {
    kind: 'list',
    schema: POOL,
    facts: poolFacts,
    line: poolLine,
    none: ({ all }) =>
      all ? 'no pool yet: the dialplan makes them, Stasis(…,customer=…)' : 'no pool has a call: see "pool list --all"',
  },
});

const show = operation({
  name: 'pool show',
  help: 'a pool and its ledger entries, the newest first',
  example: 'pool show john-doe',
  roles: ['read', 'support', 'admin'],
  fields: fields({ customer, ...PAGE }),
  arguments: ['customer'],
  refusals: ['pool_not_found'],
  run: async ({ database }, { customer: name, ...page }) =>
    withEntries(database, await poolOf(database, name), rowsOf(page)),
  answer: {
    kind: 'record',
    schema: factsOf('PoolShown', { ...POOL.properties, ...ENTRIES_FACTS }),
    facts: shown => ({ ...poolFacts(shown.view), ...entriesFacts(shown) }),
  },
});

const hangUp = operation({
  name: 'pool hangup',
  help: 'end all calls of a pool; it may start others at once',
  example: 'pool hangup john-doe',
  roles: ['support', 'admin'],
  fields: fields({ customer }),
  arguments: ['customer'],
  refusals: ['pool_not_found', 'account_not_found'],
  changes: 'at once',
  run: async (acting, { customer: name }) => hangUpCalls(acting, (await poolOf(acting.database, name)).accountcode),
  answer: { kind: 'record', schema: ENDED_CALLS, facts: endedCallsFacts },
});

const raise = operation({
  name: 'pool raise',
  help: 'let the calls in progress use more money together; done twice it adds twice',
  example: 'pool raise john-doe 5.00',
  roles: ['support', 'admin'],
  fields: fields({ customer, amount: amount({ description: 'how much more', unit: 'amount', example: '5.00' }) }),
  arguments: ['customer', 'amount'],
  refusals: ['pool_not_found', 'account_not_found', 'no_call_in_progress'],
  changes: 'at once',
  run: async (acting, { customer: name, amount: more }) => ({ more, pool: await raisePool(acting, name, more) }),
  answer: {
    kind: 'record',
    schema: POOL,
    facts: ({ pool }) => poolFacts(pool),
    says: ({ more, pool }) =>
      `${customerOf(pool)} was raised by ${more}: max credit ${formatAmount(pool.creditLimit)}, available ${formatAmount(pool.available)}`,
  },
});

const giveTime = operation({
  name: 'pool add-time',
  help: 'let the calls in progress talk longer together than max_time says; done twice it adds twice',
  example: 'pool add-time john-doe 300',
  roles: ['support', 'admin'],
  fields: fields({ customer, seconds: addedSeconds }),
  arguments: ['customer', 'seconds'],
  refusals: ['pool_not_found', 'account_not_found', 'time_not_limited', 'no_call_in_progress'],
  changes: 'at once',
  run: async (acting, { customer: name, seconds }) =>
    addTime(acting, (await poolOf(acting.database, name)).accountcode, seconds),
  answer: { kind: 'record', schema: TIME_ADDED, facts: timeFacts, says: timeSentence },
});

export const POOL_OPERATIONS = [show, list, hangUp, raise, giveTime];
