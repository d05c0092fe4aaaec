/** What an operator sees of calls and reservations, and how an operator ends one call. */
import { type Static, Type } from 'typebox';
import { hangUpCall } from '../accounts/call-hangup';
import {
  CALLS_LOOKED_AT,
  CALLS_ORDER,
  callNamed,
  listCalls,
  listReservations,
  type ReservationView,
  type Revenue,
  revenueOf,
} from '../accounts/call-view';
import { REFUSALS } from '../credit/refusal';
import type { CallRecord } from '../credit/rules/call';
import { DISPOSITIONS, EVIDENCE, HANGUP_SOURCES } from '../credit/rules/charge';
import { LIVE_CALL, type LiveCall, liveFacts, stateInProgress } from '../live/live-call';
import { listLiveCalls } from '../live/live-call-store';
import { parseAmount } from '../money/micros';
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
import { invalid, nameField, textField } from '../operator/fields';
import { between, betweenOf, fields, keyedRowsOf, operation, PAGE, rowsOf } from '../operator/operation';
import { amountFromZero, flag, oneOf, textBy, whole } from '../operator/schema';
import { explainCharge, STEP_KINDS, type Step, type StepFacts } from '../rating/explain';
import { STEPS_HELP, stepsText } from '../rating/steps';
import { tariffAt, tariffBy, timesText } from '../rating/timed';
import { ofAccount } from './account-operations';

const callLine = (call: CallRecord): Facts => ({
  start_at: new Date(call.startAt),
  accountcode: call.accountcode,
  dst: call.dst,
  state: stateOf(call),
  granted_seconds: call.grantedSeconds,
  billsec: call.billsec,
  max_cost: call.maxCost,
  cost: call.cost,
  currency: call.currency,
  cause: call.hangupCause,
  uniqueid: call.uniqueid,
});

/**
 * The state of a call in one word. In progress: how far it is. Ended: its refusal, or its disposition.
 */
function stateOf({ endAt, answerAt, grantedSeconds, refusal, disposition }: CallRecord): string {
  if (endAt === null) return stateInProgress({ answerAt, grantedSeconds });
  return refusal ?? disposition ?? '';
}

export const CALL = factsOf('Call', {
  uniqueid: textFact("uniqueid of the caller's channel"),
  accountcode: textFact('the account that pays'),
  node: textFact('the switch that carried it'),
  src: textFact("the caller's number, only harmless characters kept"),
  dst: textFact('the dialled number, without + or 00; empty if it was refused as invalid'),
  trunk: textFact('the trunk that was dialled last; empty if none was'),
  start_at: instantFact("by the switch's clock"),
  answer_at: orNull(instantFact('null if it was never answered')),
  end_at: orNull(instantFact('null while it is in progress')),
  duration: wholeFact('whole seconds from start_at to end_at'),
  billsec: wholeFact('whole seconds from answer_at to end_at'),
  billed_seconds: wholeFact('what was charged: billsec rounded up to whole increments'),
  overrun_seconds: wholeFact('talk beyond granted_seconds, which is not charged'),
  cost: amountFact('what it cost, never more than max_cost'),
  currency: textFact('ISO 4217 code of cost, max_cost and the rate'),
  disposition: orNull(wordFact(DISPOSITIONS, "as in Asterisk's CDR; null while it is in progress")),
  hangup_cause: orNull(wholeFact('Q.850 cause; null while it is in progress')),
  hangup_source: orNull(wordFact(HANGUP_SOURCES, 'who ended it; null while it is in progress')),
  evidence: orNull(wordFact(EVIDENCE, 'how its end is known; null while it is in progress')),
  refusal: orNull(wordFact(REFUSALS, 'why it was not let through; null if it was')),
  max_cost: amountFact('what is ring-fenced for it; what last was, if it has ended'),
  granted_seconds: wholeFact('the longest talk that max_cost pays for'),
  cap_seconds: wholeFact('the longest talk that service, account and rate allow, however much money there is'),
  is_fixed: flagFact('its limit was given at the start and cannot change'),
  hangup_wanted: flagFact('an operator wants it ended'),
  cut_at: orNull(instantFact('when its remaining legs were hung up, as its end had been missed')),
  rate_deck: textFact('empty if no deck rated it'),
  rate_version: wholeFact(),
  rate_prefix: textFact('empty for any number'),
  rate_destination: textFact(),
  rate_price_per_minute: amountFact('the price of 60 billed seconds'),
  rate_connect_fee: amountFact('charged once if it was answered'),
  rate_minimum_charge: amountFact('the least cost if it was answered, outside its grace'),
  rate_initial_increment_seconds: wholeFact('the first block of talk, billed whole'),
  rate_increment_seconds: wholeFact('the blocks after the first, billed whole'),
  rate_grace_seconds: wholeFact('shorter talk costs nothing; 0 for none'),
  rate_free_seconds: wholeFact('the first seconds of the talk, which are not billed; 0 for none'),
  rate_steps: textFact(STEPS_HELP),
  rate_times: textFact('other prices that it could meet by the time of day, and from when on; empty for none'),
  rate_markups: textFact(
    "what was added to the line's amounts, because the account's deck stands on the line's: 12.50%+0.002; empty for nothing",
  ),
  trunk_cost: orNull(amountFact('what the carrier charges us; null if it is not known')),
  trunk_currency: orNull(textFact('ISO 4217 code of trunk_cost')),
});

/** Every column of astcdr. The rate is that by the time of day of the answer, once that is known: other prices that the talk met are steps of it. */
export function callFacts(call: CallRecord): Static<typeof CALL> {
  const tariff = tariffBy(call.tariff, call.answerAt);
  return {
    uniqueid: call.uniqueid,
    accountcode: call.accountcode,
    node: call.node,
    src: call.src,
    dst: call.dst,
    trunk: call.trunk,
    start_at: new Date(call.startAt),
    answer_at: call.answerAt === null ? null : new Date(call.answerAt),
    end_at: call.endAt === null ? null : new Date(call.endAt),
    duration: call.duration,
    billsec: call.billsec,
    billed_seconds: call.billedSeconds,
    overrun_seconds: call.overrunSeconds,
    cost: call.cost,
    currency: call.currency,
    disposition: call.disposition,
    hangup_cause: call.hangupCause,
    hangup_source: call.hangupSource,
    evidence: call.evidence,
    refusal: call.refusal,
    max_cost: call.maxCost,
    granted_seconds: call.grantedSeconds,
    cap_seconds: call.capSeconds,
    is_fixed: call.isFixed,
    hangup_wanted: call.hangupWanted,
    cut_at: call.cutAt === null ? null : new Date(call.cutAt),
    rate_deck: call.rateDeck,
    rate_version: call.rateVersion,
    rate_prefix: call.ratePrefix,
    rate_destination: call.rateDestination,
    rate_price_per_minute: tariff.pricePerMinute,
    rate_connect_fee: tariff.connectFee,
    rate_minimum_charge: tariff.minimumCharge,
    rate_initial_increment_seconds: tariff.initialIncrementSeconds,
    rate_increment_seconds: tariff.incrementSeconds,
    rate_grace_seconds: tariff.graceSeconds,
    rate_free_seconds: tariff.freeSeconds,
    rate_steps: stepsText(tariff.steps),
    rate_times: timesText(call.tariff),
    rate_markups: call.rateMarkups,
    trunk_cost: call.trunkCost,
    trunk_currency: call.trunkCurrency,
  };
}

export const destination = textBy(digitsField, {
  description: 'only calls to numbers that begin so',
  unit: 'digits',
  example: '4930',
});

const callList = operation({
  name: 'call list',
  help: `calls, the newest first; the filters are joined by "and", and choose among the newest ${CALLS_LOOKED_AT} calls that --account, --open, --from and --to leave`,
  example: 'call list --account alice --from 2026-11-01 --destination 49 --disposition BUSY',
  roles: ['read', 'support', 'cashier', 'prices', 'admin'],
  fields: fields({
    account: Type.Optional(ofAccount('calls')),
    open: Type.Optional(flag('only calls in progress')),
    ended: Type.Optional(flag('only calls that have ended')),
    ...between('calls that started'),
    destination: Type.Optional(destination),
    trunk: Type.Optional(
      textBy(nameField, { description: 'only calls that were dialled on it last', unit: 'trunk', example: 'carrier' }),
    ),
    disposition: Type.Optional(
      oneOf(DISPOSITIONS, { description: 'only calls that ended so', unit: 'disposition', example: 'BUSY' }),
    ),
    refusal: Type.Optional(
      oneOf(REFUSALS, {
        description: 'only calls that were refused for this reason',
        unit: 'refusal',
        example: 'insufficient_balance',
      }),
    ),
    cause: Type.Optional(
      whole(1, 127, { description: 'only calls that ended with this Q.850 cause', unit: 'number', example: 17 }),
    ),
    cost_from: Type.Optional(
      amountFromZero({ description: 'only calls that cost this or more', unit: 'amount', example: '0.50' }),
    ),
    cost_to: Type.Optional(
      amountFromZero({ description: 'only calls that cost this or less', unit: 'amount', example: '0.50' }),
    ),
    text: Type.Optional(
      textBy((field, text) => textField(field, text, 150, 1), {
        description: 'only calls whose uniqueid, caller, number or destination contains this',
        unit: 'text',
        example: '30123',
      }),
    ),
    ...PAGE,
    ...keyedBy(CALLS_ORDER),
  }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { account, from, to, cost_from, cost_to, limit, page, cursor, count, ...filter }) => {
    const costs = {
      ...(cost_from !== undefined && { costFrom: parseAmount(cost_from) }),
      ...(cost_to !== undefined && { costTo: parseAmount(cost_to) }),
    };
    return listCalls(
      database,
      visible,
      { ...filter, ...costs, ...betweenOf({ from, to }), accountcode: account },
      keyedRowsOf(CALLS_ORDER, { limit, page, cursor, count }),
    );
  },
  answer: { kind: 'list', schema: CALL, facts: callFacts, line: callLine, none: 'no call' },
});

/** What a person reads of a call in progress. */
function liveLine(live: LiveCall): Facts {
  const { uniqueid: id, accountcode, dst, rate_destination, state, seconds, ...more } = liveFacts(live);
  const { granted_seconds, limited_by, spent, held, currency } = more;
  return {
    ...{ accountcode, dst, rate_destination, state, seconds, granted_seconds, limited_by, spent, held, currency },
    uniqueid: id,
  } as Facts;
}

const callLive = operation({
  name: 'call live',
  help: 'calls in progress on all switches, the oldest first: what each has cost by now, what is held for it beyond that, and why it may not last longer',
  example: 'call live --account alice',
  roles: callList.roles,
  fields: fields({
    account: Type.Optional(ofAccount('calls')),
    uniqueid: Type.Optional(
      textBy((field, text) => textField(field, text, 150, 1), {
        description: 'only this call, which may be one of thousands',
        unit: 'uniqueid',
        example: 'ast1-1767225600.42',
      }),
    ),
    ...PAGE,
  }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { account, uniqueid: id, ...page }) =>
    listLiveCalls(database, visible, { accountcode: account, uniqueid: id }, rowsOf(page)),
  answer: { kind: 'list', schema: LIVE_CALL, facts: liveFacts, line: liveLine, none: 'no call is in progress' },
});

function digitsField(field: string, text: string): string {
  if (!/^[0-9]{1,32}$/.test(text)) {
    throw invalid(field, text, 'is no beginning of a number: write 1 to 32 digits', 'not_beginning_of_number');
  }
  return text;
}

const RESERVATION = factsOf('Reservation', {
  created_at: instantFact(),
  accountcode: textFact('the account whose money is ring-fenced'),
  max_cost: amountFact('the most that the call may cost'),
  granted_seconds: wholeFact('the longest talk that max_cost pays for'),
  expires_at: instantFact('the call cannot be alive after this'),
  node: textFact('the switch that carries the call'),
  uniqueid: textFact('the call'),
});

const reservationFacts = (view: ReservationView): Static<typeof RESERVATION> => ({
  created_at: view.createdAt,
  accountcode: view.accountcode,
  max_cost: view.maxCost,
  granted_seconds: view.grantedSeconds,
  expires_at: view.expiresAt,
  node: view.node,
  uniqueid: view.uniqueid,
});

const reservationList = operation({
  name: 'reservation list',
  help: 'reservations, the oldest first',
  example: 'reservation list --account alice',
  roles: ['read', 'support', 'admin'],
  fields: fields({ account: Type.Optional(ofAccount('reservations')), ...PAGE }),
  arguments: [],
  refusals: [],
  run: ({ database, visible }, { account, ...page }) => listReservations(database, visible, account, rowsOf(page)),
  answer: { kind: 'list', schema: RESERVATION, facts: reservationFacts, none: 'nothing is reserved' },
});

export const uniqueid = textBy((field, text) => textField(field, text, 150, 1), {
  description: 'the call',
  unit: 'uniqueid',
  example: 'ast1-1767225600.42',
});

/** A call, what remains of its cost, and how the cost came about. */
export interface CallShown {
  call: CallRecord;
  revenue: Revenue;
  /** Empty for a call that was never answered, or is in progress. */
  steps: Step[];
}

export const WITH_REVENUE = Type.Object({
  ...CALL.properties,
  corrected: amountFact('what its correction added to the balance; below 0 if it had been charged too little'),
  refunded: amountFact('what was given back'),
  revenue: amountFact('cost − corrected − refunded'),
});

/** All facts of a call but the steps of its price. */
export const shownFacts = ({
  call,
  revenue: { corrected, refunded, revenue },
}: CallShown): Static<typeof WITH_REVENUE> => ({
  ...callFacts(call),
  corrected,
  refunded,
  revenue,
});

export const STEPS_FACT = listFact(
  factsOf('PriceStep', {
    step: textFact('what it is about'),
    kind: wordFact(STEP_KINDS, 'what text says, by name'),
    text: textFact('what comes of it'),
    facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
      description: 'the names, amounts, days and seconds that text says, for words of your own',
    }),
  }),
  'how the price comes about',
);

/** The steps of a price, for a machine. */
export const stepFacts = (steps: readonly Step[]): Static<typeof STEPS_FACT> =>
  steps.map(({ step, kind, text, facts }) => ({ step, kind, text, facts }));

/**
 * How a call's price comes about, with its rate as `rate` says it, in words and in parts; empty for a call that was never answered, or is in
 * progress.
 */
export function stepsOf(call: CallRecord, rate: string, rateFacts: StepFacts): Step[] {
  if (call.endAt === null || call.answerAt === null) return [];
  const { tariff, answerAt, rateMarkups: markups } = call;
  const { times } = tariff;
  return explainCharge({ ...call, tariff: tariffAt(tariff, answerAt), times, answerAt, rate, rateFacts, markups });
}

/** The prefix and the destination of a call's rate. */
export const destinationText = ({ ratePrefix, rateDestination }: CallRecord): string =>
  `${ratePrefix === '' ? 'any number' : ratePrefix}, ${rateDestination}`;

/** The dialplan sets the price of a pool's calls; emergency calls have no price. */
export const rateText = (call: CallRecord): string =>
  call.rateDeck === '' ? 'of no deck' : `${call.rateDeck}, version ${call.rateVersion}, ${destinationText(call)}`;

/** The same in parts. */
export const rateFacts = ({ rateDeck, rateVersion, ratePrefix, rateDestination }: CallRecord): StepFacts =>
  rateDeck === '' ? {} : { deck: rateDeck, version: rateVersion, prefix: ratePrefix, destination: rateDestination };

const callShow = operation({
  name: 'call show',
  help: 'all that is known of a call, and its price step by step at its own rate',
  example: 'call show ast1-1767225600.42',
  roles: ['read', 'support', 'cashier', 'prices', 'admin'],
  fields: fields({ uniqueid }),
  arguments: ['uniqueid'],
  refusals: ['call_not_found'],
  run: async ({ database, visible }, input): Promise<CallShown> => {
    const call = await callNamed(database, visible, input.uniqueid);
    return { call, revenue: await revenueOf(database, call), steps: stepsOf(call, rateText(call), rateFacts(call)) };
  },
  answer: {
    kind: 'record',
    schema: factsOf('CallShown', { ...WITH_REVENUE.properties, steps: STEPS_FACT }),
    facts: shown => ({ ...shownFacts(shown), steps: stepFacts(shown.steps) }),
  },
});

const callHangUp = operation({
  name: 'call hangup',
  help: 'end a call on its switch; the service charges what was talked (needs RINGFENCE_ARI_URL, or RINGFENCE_PROXY_RPC)',
  example: 'call hangup ast1-1767225600.42',
  roles: ['support', 'admin'],
  fields: fields({ uniqueid }),
  arguments: ['uniqueid'],
  refusals: ['call_not_found', 'hangup_not_confirmed'],
  changes: 'in steps',
  run: (acting, input) => hangUpCall(acting, input.uniqueid),
  answer: {
    kind: 'record',
    schema: factsOf('CallHungUp', {
      uniqueid: textFact(),
      node: textFact('the switch that carried it'),
      hung_up: flagFact('false if there was nothing left to hang up'),
      end_at: orNull(instantFact('when it ended, if the books have its end already')),
    }),
    facts: ({ uniqueid: id, node, hungUp, endAt }) => ({ uniqueid: id, node, hung_up: hungUp, end_at: endAt }),
    says: ({ uniqueid: id, hungUp, endAt }) => {
      if (endAt !== null) return `${id} had ended already`;
      return `${id} ${hungUp ? 'is hung up' : 'is gone from its switch already; the service settles it'}`;
    },
  },
});

export const CALL_OPERATIONS = [callList, callLive, callShow, callHangUp, reservationList];
