/**
 * What a customer may do: see its own account, and no other. The answers have schemas of their own, which name what a customer sees: a fact
 * that is added for operators is not in them. No field names an account: whose it is follows from who asks (src/operator/visible.ts).
 */
import { type Static, Type } from 'typebox';
import type { AccountView } from '../accounts/account-store';
import { CALLS_ORDER, callNamed, listCalls, revenueOf } from '../accounts/call-view';
import { ACCOUNT_LEDGER_ORDER, type LedgerEntryView, listLedger } from '../accounts/ledger-view';
import { accountNamed } from '../accounts/manage-account';
import type { Priced } from '../accounts/price-inquiry';
import { spendByDay } from '../accounts/spend-view';
import { statementOf } from '../accounts/statement-view';
import type { CallRecord } from '../credit/rules/call';
import { DISPOSITIONS } from '../credit/rules/charge';
import { LIVE_CALL, type LiveCall, liveFacts } from '../live/live-call';
import { listLiveCalls } from '../live/live-call-store';
import { anyFacts, factsOf, instantFact, orNull, textFact, wordFact } from '../operator/answer-schema';
import { keyedBy } from '../operator/cursor';
import { between, betweenOf, fields, keyedRowsOf, operation, PAGE, rowsOf } from '../operator/operation';
import { MOST_ROWS } from '../operator/page';
import { flag, oneOf } from '../operator/schema';
import { ownAccount } from '../operator/visible';
import type { Step } from '../rating/explain';
import { EVENTS_ORDER, listEvents } from '../webhooks/event-store';
import { OWN_KINDS, ownEvent } from '../webhooks/own-event';
import { ACCOUNT, type AccountFacts, accountFacts, SPEND, SPEND_FIELDS, spendFacts } from './account-operations';
import {
  CALL,
  type CallShown,
  callFacts,
  destination,
  destinationText,
  STEPS_FACT,
  shownFacts,
  stepFacts,
  stepsOf,
  uniqueid,
  WITH_REVENUE,
} from './call-operations';
import { CALL_EXPLAINED, type CallExplained, explainCall, explainedCallFacts } from './explain-operations';
import { ENTRY_FILTERS, LEDGER_ENTRY, ledgerFacts } from './ledger-operations';
import { PRICE, PRICE_FIELDS, priced, priceFacts } from './rate-operations';
import { STATEMENT, STATEMENT_FIELDS, statementFacts } from './statement-operations';

const ROLES = ['customer'] as const;

/** Those of some named things that have one of these names: of facts, or of their schemas. */
const only = <Named extends object, Name extends keyof Named>(
  named: Named,
  names: readonly Name[],
): Pick<Named, Name> => Object.fromEntries(names.map(name => [name, named[name]])) as Pick<Named, Name>;

const ACCOUNT_NAMES = [
  'accountcode',
  'status',
  'currency',
  'balance',
  'credit_limit',
  'reserved',
  'available',
  'active_calls',
  'expires_at',
  'time_zone',
] as const satisfies readonly (keyof AccountFacts)[];

const account = operation({
  name: 'own account',
  help: 'what the account has, what its calls hold, and whether it may start calls',
  example: '',
  roles: ROLES,
  fields: fields({}),
  arguments: [],
  refusals: ['account_not_found'],
  run: ({ database, visible }) => accountNamed(database, visible, ownAccount(visible)),
  answer: {
    kind: 'record',
    schema: factsOf('OwnAccount', only(ACCOUNT.properties, ACCOUNT_NAMES)),
    facts: (view: AccountView) => only(accountFacts(view), ACCOUNT_NAMES),
  },
});

const CALL_NAMES = [
  'uniqueid',
  'src',
  'dst',
  'start_at',
  'answer_at',
  'end_at',
  'duration',
  'billsec',
  'billed_seconds',
  'cost',
  'currency',
  'disposition',
  'refusal',
  'max_cost',
  'granted_seconds',
  'rate_prefix',
  'rate_destination',
  'rate_price_per_minute',
  'rate_connect_fee',
  'rate_minimum_charge',
  'rate_initial_increment_seconds',
  'rate_increment_seconds',
  'rate_grace_seconds',
  'rate_free_seconds',
  'rate_steps',
  'rate_times',
] as const satisfies readonly (keyof Static<typeof CALL>)[];

const calls = operation({
  name: 'own calls',
  help: `the account's calls, the newest first; the filters are joined by "and", and choose among the newest ${MOST_ROWS} calls that open, from and to leave`,
  example: '',
  roles: ROLES,
  fields: fields({
    open: Type.Optional(flag('only calls in progress')),
    ...between('calls that started'),
    destination: Type.Optional(destination),
    disposition: Type.Optional(
      oneOf(DISPOSITIONS, { description: 'only calls that ended so', unit: 'disposition', example: 'BUSY' }),
    ),
    ...PAGE,
    ...keyedBy(CALLS_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { from, to, limit, page, cursor, count, ...filter }) =>
    listCalls(
      database,
      visible,
      { ...filter, ...betweenOf({ from, to }) },
      keyedRowsOf(CALLS_ORDER, { limit, page, cursor, count }),
    ),
  answer: {
    kind: 'list',
    schema: factsOf('OwnCall', only(CALL.properties, CALL_NAMES)),
    facts: (call: CallRecord) => only(callFacts(call), CALL_NAMES),
    none: 'no call',
  },
});

const SHOWN_NAMES = [...CALL_NAMES, 'corrected', 'refunded', 'revenue'] as const;

/** The deck is the operator's own name for its prices, and what it adds to them is its own too; emergency calls have none. */
function ownStepsOf(call: CallRecord): Step[] {
  const found = { ...call, rateMarkups: '' };
  return found.rateDeck === ''
    ? stepsOf(found, 'free', {})
    : stepsOf(found, destinationText(found), { prefix: found.ratePrefix, destination: found.rateDestination });
}

const call = operation({
  name: 'own call',
  help: "one of the account's calls, and its price step by step at its own rate",
  example: '',
  roles: ROLES,
  fields: fields({ uniqueid }),
  arguments: [],
  refusals: ['call_not_found'],
  run: async ({ database, visible }, input): Promise<CallShown> => {
    const found = await callNamed(database, visible, input.uniqueid);
    return { call: found, revenue: await revenueOf(database, found), steps: ownStepsOf(found) };
  },
  answer: {
    kind: 'record',
    schema: factsOf('OwnCallShown', { ...only(WITH_REVENUE.properties, SHOWN_NAMES), steps: STEPS_FACT }),
    facts: (shown: CallShown) => ({ ...only(shownFacts(shown), SHOWN_NAMES), steps: stepFacts(shown.steps) }),
  },
});

const EXPLAINED_NAMES = [
  ...SHOWN_NAMES,
  'verdict',
  'computed_cost',
  'charged',
  'returned',
  'holds',
  'movements',
  'steps',
] as const;

const explanation = operation({
  name: 'own explanation',
  help: "why one of the account's calls cost what it did: its price computed anew, compared with what was charged; what was held, and the balance before and after",
  example: '',
  roles: ROLES,
  fields: fields({ uniqueid }),
  arguments: [],
  refusals: ['call_not_found'],
  run: ({ database, visible }, input) => explainCall(database, visible, input.uniqueid, ownStepsOf),
  answer: {
    kind: 'record',
    schema: factsOf('OwnCallExplained', only(CALL_EXPLAINED.properties, EXPLAINED_NAMES)),
    facts: (explained: CallExplained) => only(explainedCallFacts(explained), EXPLAINED_NAMES),
  },
});

export const OWN_LIVE_NAMES = [
  'uniqueid',
  'src',
  'dst',
  'rate_destination',
  'state',
  'start_at',
  'answer_at',
  'seconds',
  'granted_seconds',
  'limited_by',
  'rate_price_per_minute',
  'rate_connect_fee',
  'rate_initial_increment_seconds',
  'rate_increment_seconds',
  'max_cost',
  'spent',
  'held',
  'currency',
] as const satisfies readonly (keyof Static<typeof LIVE_CALL>)[];

const live = operation({
  name: 'own live',
  help: "the account's calls in progress, the oldest first: what each has cost by now, what is held for it beyond that, and why it may not last longer",
  example: '',
  roles: ROLES,
  fields: fields(PAGE),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, page) => listLiveCalls(database, visible, {}, rowsOf(page)),
  answer: {
    kind: 'list',
    schema: factsOf('OwnLiveCall', only(LIVE_CALL.properties, OWN_LIVE_NAMES)),
    facts: (each: LiveCall) => only(liveFacts(each), OWN_LIVE_NAMES),
    none: 'no call is in progress',
  },
});

/** Without its reason and its actor: those are an operator's notes, and names. */
const ENTRY_NAMES = [
  'entry_number',
  'created_at',
  'kind',
  'amount',
  'balance_after',
  'currency',
  'reference',
] as const satisfies readonly (keyof Static<typeof LEDGER_ENTRY>)[];

const ledger = operation({
  name: 'own ledger',
  help: `the account's movements of money with the balance after each, the newest first; kind chooses among the newest ${MOST_ROWS} entries that from and to leave`,
  example: '',
  roles: ROLES,
  fields: fields({ ...ENTRY_FILTERS, ...PAGE, ...keyedBy(ACCOUNT_LEDGER_ORDER) }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { kind, from, to, ...page }) =>
    listLedger(database, visible, { kind, ...betweenOf({ from, to }) }, keyedRowsOf(ACCOUNT_LEDGER_ORDER, page)),
  answer: {
    kind: 'list',
    schema: factsOf('OwnEntry', only(LEDGER_ENTRY.properties, ENTRY_NAMES)),
    facts: (entry: LedgerEntryView) => only(ledgerFacts(entry), ENTRY_NAMES),
    none: 'no entry',
  },
});

const spend = operation({
  name: 'own spend',
  help: 'what calls of the account were charged on each of the last days',
  example: '',
  roles: ROLES,
  fields: fields(SPEND_FIELDS),
  arguments: [],
  refusals: ['account_not_found'],
  run: ({ database, visible }, { days = 30, zone }) =>
    spendByDay(database, visible, ownAccount(visible), { zone, days, now: Date.now() }),
  answer: { kind: 'record', schema: SPEND, facts: spendFacts },
});

const statement = operation({
  name: 'own statement',
  help: 'a month of the account: what it had, what came, what its calls cost by destination, and what is left',
  example: '',
  roles: ROLES,
  fields: fields(STATEMENT_FIELDS),
  arguments: [],
  refusals: ['account_not_found'],
  run: ({ database, visible }, asked) =>
    statementOf(database, visible, ownAccount(visible), { month: asked.month, zone: asked.zone }),
  answer: { kind: 'record', schema: STATEMENT, facts: statementFacts },
});

/** A kind of event that a customer sees. */
export const ownKind = oneOf(OWN_KINDS, { description: 'only events of this kind', unit: 'kind', example: 'settled' });

const events = operation({
  name: 'own events',
  help: `what happened to the account and its calls, the newest first, among the newest ${MOST_ROWS} events that from and to leave`,
  example: '',
  roles: ROLES,
  fields: fields({
    kind: Type.Optional(ownKind),
    ...between('events that were written'),
    ...PAGE,
    ...keyedBy(EVENTS_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { kind, from, to, ...page }) =>
    listEvents(
      database,
      visible,
      { kinds: kind === undefined ? OWN_KINDS : [kind], ...betweenOf({ from, to }) },
      keyedRowsOf(EVENTS_ORDER, page),
    ),
  answer: {
    kind: 'list',
    schema: factsOf('OwnEvent', {
      created_at: instantFact(),
      kind: wordFact(OWN_KINDS, 'docs/events.md'),
      uniqueid: orNull(textFact('the call; null if it is about the whole account')),
      facts: anyFacts('what changed, by its kind: amounts as decimal texts, times as ISO 8601 in UTC'),
    }),
    facts: ownEvent,
    none: 'no event',
  },
});

const PRICE_NAMES = [
  'at',
  'refusal',
  'waits',
  'rate_prefix',
  'rate_destination',
  'rate_price_per_minute',
  'rate_connect_fee',
  'rate_minimum_charge',
  'rate_initial_increment_seconds',
  'rate_increment_seconds',
  'rate_grace_seconds',
  'rate_free_seconds',
  'rate_steps',
  'billed_seconds',
  'cost',
  'longest_seconds',
  'granted_seconds',
  'max_cost',
] as const satisfies readonly (keyof Static<typeof PRICE>)[];

/** Prices of other days are the operator's plans. */
const { at: _another, ring_seconds: _longer, ...NOW } = PRICE_FIELDS;

/** The steps for a customer: without the deck, which is the operator's own name for its prices, and without prices of other days. */
function ownSteps({ steps, rate }: Priced['explanation']): Step[] {
  const own: Step = rate
    ? {
        step: 'prefix',
        kind: 'prefix',
        text: `${rate.prefix || 'any number'}, ${rate.destination}`,
        facts: { prefix: rate.prefix, destination: rate.destination },
      }
    : { step: 'prefix', kind: 'prefix_none', text: 'no price for this number', facts: {} };
  // The names of decks and schedules are the operator's, and what it adds to the prices of another deck.
  return steps
    .filter(({ step, kind }) => step !== 'deck' && kind !== 'schedule' && kind !== 'markup')
    .map(each => (each.step === 'prefix' ? own : each));
}

const price = operation({
  name: 'own price',
  help: 'the price of a call step by step, and the longest call that the account could make now',
  example: '',
  roles: ROLES,
  fields: fields(NOW),
  arguments: [],
  refusals: ['account_not_found'],
  run: (request, asked) => priced(request, ownAccount(request.visible), asked),
  answer: {
    kind: 'record',
    schema: factsOf('OwnPrice', { ...only(PRICE.properties, PRICE_NAMES), steps: STEPS_FACT }),
    facts: (told: Priced) => ({
      ...only(priceFacts(told), PRICE_NAMES),
      steps: stepFacts(ownSteps(told.explanation)),
    }),
  },
});

export const OWN_OPERATIONS = [account, calls, call, explanation, live, ledger, spend, statement, events, price];
