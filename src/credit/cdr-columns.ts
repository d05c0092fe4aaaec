/** The columns of astcdr, and what is written into and read from each. */
import type { Row } from '../database/rows';
import { amountOf, dateOf, decimalOf, instantOf } from '../database/values';
import type { Tariff } from '../rating/price';
import { stepsOf, stepsText } from '../rating/steps';
import { type CallTariff, timesOf, timesText } from '../rating/timed';
import { oneOfEach } from './one-of-each';
import { isRefusal } from './refusal';
import type { CallRecord } from './rules/call';
import type { Sharer } from './rules/sharing';

/** Every column of astcdr with what is written into it; the key and the columns without a default come first. */
const WRITTEN = {
  uniqueid: call => call.uniqueid,
  accountcode: call => call.accountcode,
  node: call => call.node,
  start_at: call => dateOf(call.startAt),
  src: call => call.src,
  dst: call => call.dst,
  trunk: call => call.trunk,
  answer_at: call => dateOf(call.answerAt),
  end_at: call => dateOf(call.endAt),
  duration: call => call.duration,
  billsec: call => call.billsec,
  billed_seconds: call => call.billedSeconds,
  overrun_seconds: call => call.overrunSeconds,
  cost: call => decimalOf(call.cost),
  currency: call => call.currency,
  disposition: call => call.disposition,
  hangup_cause: call => call.hangupCause,
  hangup_source: call => call.hangupSource,
  evidence: call => call.evidence,
  refusal: call => call.refusal,
  max_cost: call => decimalOf(call.maxCost),
  granted_seconds: call => call.grantedSeconds,
  cap_seconds: call => call.capSeconds,
  is_fixed: call => call.isFixed,
  hangup_wanted: call => call.hangupWanted,
  cut_at: call => dateOf(call.cutAt),
  rate_deck: call => call.rateDeck,
  rate_version: call => call.rateVersion,
  rate_prefix: call => call.ratePrefix,
  rate_destination: call => call.rateDestination,
  rate_price_per_minute: call => decimalOf(call.tariff.pricePerMinute),
  rate_connect_fee: call => decimalOf(call.tariff.connectFee),
  rate_minimum_charge: call => decimalOf(call.tariff.minimumCharge),
  rate_initial_increment_seconds: call => call.tariff.initialIncrementSeconds,
  rate_increment_seconds: call => call.tariff.incrementSeconds,
  rate_grace_seconds: call => call.tariff.graceSeconds,
  rate_free_seconds: call => call.tariff.freeSeconds,
  rate_steps: call => stepsText(call.tariff.steps),
  rate_times: call => timesText(call.tariff),
  rate_markups: call => call.rateMarkups,
  trunk_cost: call => (call.trunkCost === null ? null : decimalOf(call.trunkCost)),
  trunk_currency: call => call.trunkCurrency,
  dialog: call => (call.dialog === null ? null : bytesOf(call.dialog)),
} satisfies Record<string, (call: CallRecord) => unknown>;

/** A dialog's hash as it is written. */
export const bytesOf = (dialog: string): Buffer => Buffer.from(dialog, 'hex');

type CdrColumn = keyof typeof WRITTEN;

export const CDR_COLUMNS = Object.keys(WRITTEN) as CdrColumn[];

/** The columns that change after a call was written: its grant while it lasts, and what its end adds. */
export const CDR_CHANGING_COLUMNS = [
  'max_cost',
  'granted_seconds',
  'trunk',
  'answer_at',
  'end_at',
  'duration',
  'billsec',
  'billed_seconds',
  'overrun_seconds',
  'cost',
  'disposition',
  'hangup_cause',
  'hangup_source',
  'evidence',
  'refusal',
  'trunk_cost',
  'trunk_currency',
  'dialog',
] as const satisfies CdrColumn[];

/** The columns of an update: the key, the columns without a default, and those that change. */
export const CDR_UPDATE_COLUMNS = ['uniqueid', 'accountcode', 'node', 'start_at', ...CDR_CHANGING_COLUMNS] as const;

export const cdrValues = (call: CallRecord, columns: readonly CdrColumn[]): unknown[] =>
  columns.map(column => WRITTEN[column](call));

const TARIFF_COLUMNS = [
  'rate_price_per_minute',
  'rate_connect_fee',
  'rate_minimum_charge',
  'rate_initial_increment_seconds',
  'rate_increment_seconds',
  'rate_grace_seconds',
  'rate_free_seconds',
  'rate_steps',
  'rate_times',
] as const satisfies CdrColumn[];

const PLAIN_COLUMNS = TARIFF_COLUMNS.filter(column => column !== 'rate_times');

const plainTariffOf = oneOfEach(
  PLAIN_COLUMNS,
  (row): Tariff => ({
    pricePerMinute: amountOf(row.rate_price_per_minute),
    connectFee: amountOf(row.rate_connect_fee),
    minimumCharge: amountOf(row.rate_minimum_charge),
    initialIncrementSeconds: row.rate_initial_increment_seconds,
    incrementSeconds: row.rate_increment_seconds,
    graceSeconds: row.rate_grace_seconds,
    freeSeconds: row.rate_free_seconds,
    steps: stepsOf(row.rate_steps),
  }),
);

// Apart: each such call begins in a second of its own, and would displace the tariffs that others share.
const timedTariffOf = oneOfEach(TARIFF_COLUMNS, (row): CallTariff => {
  const own = plainTariffOf(row);
  return { ...own, times: timesOf(row.rate_times, own) };
});

const tariffOf = (row: Row): CallTariff => (row.rate_times === '' ? plainTariffOf(row) : timedTariffOf(row));

export const callOf = (row: Row): CallRecord => ({
  uniqueid: row.uniqueid,
  accountcode: row.accountcode,
  node: row.node,
  src: row.src,
  dst: row.dst,
  trunk: row.trunk,
  startAt: row.start_at.getTime(),
  answerAt: instantOf(row.answer_at),
  endAt: instantOf(row.end_at),
  duration: row.duration,
  billsec: row.billsec,
  billedSeconds: row.billed_seconds,
  overrunSeconds: row.overrun_seconds,
  cost: amountOf(row.cost),
  currency: row.currency,
  disposition: row.disposition,
  hangupCause: row.hangup_cause,
  hangupSource: row.hangup_source,
  evidence: row.evidence,
  refusal: row.refusal !== null && isRefusal(row.refusal) ? row.refusal : null,
  maxCost: amountOf(row.max_cost),
  grantedSeconds: row.granted_seconds,
  capSeconds: row.cap_seconds,
  isFixed: row.is_fixed === 1,
  hangupWanted: row.hangup_wanted === 1,
  cutAt: instantOf(row.cut_at),
  rateDeck: row.rate_deck,
  rateVersion: Number(row.rate_version),
  ratePrefix: row.rate_prefix,
  rateDestination: row.rate_destination,
  rateMarkups: row.rate_markups,
  tariff: tariffOf(row),
  trunkCost: row.trunk_cost === null ? null : amountOf(row.trunk_cost),
  trunkCurrency: row.trunk_currency,
  dialog: row.dialog === null ? null : row.dialog.toString('hex'),
});

/** The columns of a CDR that show how its call shares an account: a call is one of thousands there. */
export const SHARER_COLUMNS = [
  'uniqueid',
  'accountcode',
  'node',
  'start_at',
  'answer_at',
  'max_cost',
  'granted_seconds',
  'cap_seconds',
  'hangup_wanted',
  ...TARIFF_COLUMNS,
] as const satisfies CdrColumn[];

export const sharerOf = (row: Row): Sharer => ({
  uniqueid: row.uniqueid,
  node: row.node,
  startAt: row.start_at.getTime(),
  answerAt: instantOf(row.answer_at),
  maxCost: amountOf(row.max_cost),
  grantedSeconds: row.granted_seconds,
  capSeconds: row.cap_seconds,
  hangupWanted: row.hangup_wanted === 1,
  tariff: tariffOf(row),
});
