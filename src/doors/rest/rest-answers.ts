/** The answers that a switch gets: each field with its description in OpenAPI and its source. Pure. */
import { available } from '../../credit/rules/account';
import type { CallRecord } from '../../credit/rules/call';
import { formatAmount, type Micros } from '../../money/micros';
import type { Schema } from './rest-fields';

interface AnswerField<Source> {
  schema: Schema;
  of(source: Source): unknown;
}

type AnswerFields<Source> = Readonly<Record<string, AnswerField<Source>>>;

/** The shape of an answer with these fields. Later versions may add fields. */
export const schemaOf = <Source>(fields: AnswerFields<Source>): Schema => ({
  type: 'object',
  required: Object.keys(fields),
  properties: Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema])),
});

export const answerOf = <Source>(fields: AnswerFields<Source>, source: Source): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, { of }]) => [name, of(source)]));

const text = (description: string): Schema => ({ type: 'string', description });
const seconds = (description: string): Schema => ({ type: 'integer', minimum: 0, description });
const amount = (description: string): Schema => ({
  type: 'string',
  pattern: '^-?[0-9]+\\.[0-9]{2,6}$',
  description,
  examples: ['2.00'],
});
const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema.type, 'null'] });
const instant = (description: string): Schema => ({ type: 'string', format: 'date-time', description });
const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const CALL_ID = text("the switch's own name of the call");
const UNIQUEID = text('astcdr.uniqueid, as reports, events and the command line call it');
const ACCOUNTCODE = text('the account that pays');
const GRANTED = seconds('the longest talk that is granted, in all: the switch ends the call so long after its answer');
const MAX_COST = amount('what is ring-fenced: the cost of granted_seconds, and the most that the call can cost');
const CURRENCY = 'ISO 4217 code of every amount here';

/** Why a grant is not longer. */
const LIMITED_BY = ['request', 'account', 'cap'] as const;

/** A call's grant, and the `seconds` of the request. */
export interface Granted {
  callId: string;
  uniqueid: string;
  accountcode: string;
  grantedSeconds: number;
  capSeconds: number;
  maxCost: Micros;
  /** null for an emergency call, which costs nothing. */
  currency: string | null;
  /** undefined if the request named no seconds. */
  askedSeconds: number | undefined;
}

/** The answer to authorize or extend. */
export const GRANT: AnswerFields<Granted> = {
  call_id: { schema: CALL_ID, of: ({ callId }) => callId },
  uniqueid: { schema: UNIQUEID, of: ({ uniqueid }) => uniqueid },
  accountcode: { schema: ACCOUNTCODE, of: ({ accountcode }) => accountcode },
  granted_seconds: { schema: GRANTED, of: ({ grantedSeconds }) => grantedSeconds },
  max_cost: { schema: MAX_COST, of: ({ maxCost }) => formatAmount(maxCost) },
  currency: {
    schema: orNull(text(`${CURRENCY}; null for an emergency call, which costs nothing`)),
    of: ({ currency }) => currency,
  },
  limited_by: {
    schema: {
      type: 'string',
      enum: LIMITED_BY,
      description:
        'why it is no longer: request, no more was asked for; account, no more money or time is left there; cap, no call may be longer',
    },
    of: limitedBy,
  },
};

function limitedBy({ grantedSeconds, capSeconds, askedSeconds }: Granted): (typeof LIMITED_BY)[number] {
  if (grantedSeconds >= capSeconds) return 'cap';
  return askedSeconds !== undefined && grantedSeconds >= askedSeconds ? 'request' : 'account';
}

export interface NamedCall {
  callId: string;
  call: CallRecord;
}

/** The state of a call. */
const STATES = ['open', 'answered', 'settled', 'refused'] as const;

export const CALL: AnswerFields<NamedCall> = {
  call_id: { schema: CALL_ID, of: ({ callId }) => callId },
  uniqueid: { schema: UNIQUEID, of: ({ call }) => call.uniqueid },
  accountcode: { schema: ACCOUNTCODE, of: ({ call }) => call.accountcode },
  number: { schema: text('the digits that were dialled; empty for what was no number'), of: ({ call }) => call.dst },
  state: {
    schema: { type: 'string', enum: STATES, description: 'open until its answer is told; settled when it is charged' },
    of: ({ call }) => stateOf(call),
  },
  refusal: { schema: orNull(text('why it was not let through; null when it was')), of: ({ call }) => call.refusal },
  granted_seconds: { schema: GRANTED, of: ({ call }) => call.grantedSeconds },
  hangup_wanted: {
    schema: { type: 'boolean', description: 'an operator wants the call ended: end it, it is granted nothing more' },
    of: ({ call }) => call.hangupWanted,
  },
  max_cost: { schema: MAX_COST, of: ({ call }) => formatAmount(call.maxCost) },
  cost: { schema: amount('what was charged; 0.00 until then'), of: ({ call }) => formatAmount(call.cost) },
  currency: {
    schema: orNull(text(`${CURRENCY}; null for an emergency call without an account`)),
    of: ({ call }) => call.currency || null,
  },
  billsec: { schema: seconds('whole seconds of talk, truncated'), of: ({ call }) => call.billsec },
  billed_seconds: {
    schema: seconds('seconds that were charged: billsec in whole increments, within the grant'),
    of: ({ call }) => call.billedSeconds,
  },
  overrun_seconds: {
    schema: seconds('talk beyond granted_seconds, which is not charged'),
    of: ({ call }) => call.overrunSeconds,
  },
  start_at: { schema: instant('when it arrived'), of: ({ call }) => iso(call.startAt) },
  answered_at: { schema: orNull(instant('when it was answered')), of: ({ call }) => iso(call.answerAt) },
  ended_at: { schema: orNull(instant('when it ended')), of: ({ call }) => iso(call.endAt) },
  disposition: {
    schema: orNull(text('ANSWERED, NO ANSWER, BUSY, CONGESTION or FAILED; null while it goes on')),
    of: ({ call }) => call.disposition,
  },
  cause: {
    schema: orNull({ type: 'integer', description: 'Q.850; null while it goes on' }),
    of: ({ call }) => call.hangupCause,
  },
  hung_up_by: {
    schema: orNull(text('caller, callee, limit, operator or service; null while it goes on')),
    of: ({ call }) => call.hangupSource,
  },
  evidence: {
    schema: orNull(
      text(
        'event: the switch reported the end; none: the switch did not, and the reservation expired; null while it goes on',
      ),
    ),
    of: ({ call }) => call.evidence,
  },
};

function stateOf({ refusal, endAt, answerAt }: CallRecord): (typeof STATES)[number] {
  if (refusal !== null) return 'refused';
  if (endAt !== null) return 'settled';
  return answerAt === null ? 'open' : 'answered';
}

/** What a switch learns about an account. */
export interface AccountState {
  accountcode: string;
  currency: string;
  status: string;
  balance: Micros;
  creditLimit: Micros;
  reserved: Micros;
  activeCalls: number;
}

export const ACCOUNT: AnswerFields<AccountState> = {
  accountcode: { schema: ACCOUNTCODE, of: ({ accountcode }) => accountcode },
  currency: { schema: text(CURRENCY), of: ({ currency }) => currency },
  status: { schema: text('active, or blocked: it starts no call'), of: ({ status }) => status },
  balance: { schema: amount('what it has, calls in progress not counted'), of: ({ balance }) => formatAmount(balance) },
  credit_limit: {
    schema: amount('how far below zero calls may take the balance'),
    of: ({ creditLimit }) => formatAmount(creditLimit),
  },
  reserved: { schema: amount('what its calls in progress hold'), of: ({ reserved }) => formatAmount(reserved) },
  available: {
    schema: amount('what a new call may hold: balance + credit_limit − reserved'),
    of: account => formatAmount(available(account)),
  },
  active_calls: { schema: seconds('its calls in progress'), of: ({ activeCalls }) => activeCalls },
};
