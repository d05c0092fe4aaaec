/** Which account pays for a call, by the words after the application's name in the dialplan. docs/pools.md has them all, with examples. */
import { POOL_PREFIX, type PoolRequest } from '../credit/rules/pool';
import { AmountError, type Micros, micros, parseAmount, ZERO } from '../money/micros';
import { FREE_TARIFF, NO_STEPS, type Tariff } from '../rating/price';
import type { Dialler } from './call-state';
import type { SwitchChannel } from './switch-port';

export interface Payer {
  accountcode: string;
  /** What dials, and the number: hostile. */
  dialledBy: Extract<Dialler, 'us' | 'dialplan'>;
  dialledNumber: string;
  /** The limits that a customer without an account has for its calls together. */
  pool?: PoolRequest;
}

/** The first word of a call that the dialplan itself dials. */
const AUTHORIZE = 'authorize';

const KEYS = [
  'account',
  'number',
  'customer',
  'max_credit',
  'connect',
  'cps',
  'ipulse',
  'fpulse',
  'max_time',
  'max_channels',
  'max_calls_per_second',
] as const;

type Key = (typeof KEYS)[number];

const LIMIT_KEYS: readonly Key[] = ['max_credit', 'max_time', 'max_channels', 'max_calls_per_second'];

const CUSTOMER = /^[A-Za-z0-9._@+-]{1,64}$/;

/** A day of talk at the highest price still fits into DECIMAL(20,6). */
const MOST_AMOUNT = 1_000_000_000;
const MOST_PULSE_SECONDS = 86_400;
const MOST_TIME_SECONDS = 31_536_000;
const MOST_CALLS = 1_000_000;
const SECONDS_PER_MINUTE = 60n;

/** What counts of a channel if the words say nothing else. */
type Channel = Pick<SwitchChannel, 'accountcode' | 'dialledNumber'>;

type Dialled = Pick<Payer, 'dialledBy' | 'dialledNumber'>;

/**
 * Which account pays: the one that is named, the channel's if none is, or a customer's group of calls; and what dials.
 *
 * `Stasis(ringfence)`, `Stasis(ringfence,alice)`, `Stasis(ringfence,account=alice)` and
 * `Stasis(ringfence,customer=john-doe,max_credit=100,cps=0.5)`; each with `authorize` as its first word if the dialplan dials. Empty words,
 * which an unset variable leaves, count for nothing. `error` names the word, its value and what to do in one harmless line: a misspelt
 * limit is never left out.
 */
export function payerOf(words: readonly string[], channel: Channel): Payer | ({ error: string } & Dialled) {
  const isDialplan = words[0] === AUTHORIZE;
  const others = isDialplan ? words.slice(1) : words;
  const dialled: Dialled = { dialledBy: isDialplan ? 'dialplan' : 'us', dialledNumber: channel.dialledNumber };
  const said = others.filter(word => word !== '');
  if (said.length === 0) return { accountcode: channel.accountcode, ...dialled };
  const [first = ''] = others;
  if (said.length === 1 && said[0] === first && !first.includes('=')) return { accountcode: first, ...dialled };
  try {
    const values = valuesOf(said);
    const dialledNumber = values.get('number') ?? channel.dialledNumber;
    if (!isDialplan && values.has('number')) {
      throw new WrongArgument('number is for calls that the dialplan dials: write authorize first, or leave it out');
    }
    return { ...payerIn(values, channel.accountcode), ...dialled, dialledNumber };
  } catch (error) {
    if (error instanceof WrongArgument) return { error: error.message, ...dialled };
    throw error;
  }
}

class WrongArgument extends Error {
  override name = 'WrongArgument';
}

type Values = ReadonlyMap<Key, string>;

function valuesOf(words: readonly string[]): Values {
  const values = new Map<Key, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    const key = (at < 0 ? word : word.slice(0, at)).trim();
    if (at < 0 || !isKey(key)) {
      throw new WrongArgument(`${shown(key)} is no argument: write ${KEYS.join('=, ')}=, or the account alone`);
    }
    if (values.has(key)) throw new WrongArgument(`${key} is there twice: leave one out`);
    values.set(key, word.slice(at + 1));
  }
  return values;
}

const isKey = (word: string): word is Key => (KEYS as readonly string[]).includes(word);

function payerIn(all: Values, channelAccountcode: string): Pick<Payer, 'accountcode' | 'pool'> {
  const values = new Map(all);
  values.delete('number');
  if (values.size === 0) return { accountcode: channelAccountcode };
  const account = values.get('account');
  if (account !== undefined) {
    const other = [...values.keys()].find(key => key !== 'account');
    if (other) {
      throw new WrongArgument(`account ${shown(account)} has its own deck and limits: leave ${other} out, or account`);
    }
    return { accountcode: account || channelAccountcode };
  }
  const customer = values.get('customer');
  if (customer === undefined) throw new WrongArgument('customer is missing: write customer=, or account= alone');
  if (!CUSTOMER.test(customer)) {
    throw new WrongArgument(`customer ${shown(customer)} is no name: use 1 to 64 letters, digits, . _ @ + or -`);
  }
  return { accountcode: POOL_PREFIX + customer, pool: poolIn(values) };
}

function poolIn(values: Values): PoolRequest {
  const tariff = tariffIn(values);
  const isFree = tariff === FREE_TARIFF;
  if (!isFree && !values.has('max_credit')) {
    throw new WrongArgument('max_credit is missing: write what calls at this price may cost together, such as 100');
  }
  if (!LIMIT_KEYS.some(key => values.has(key))) {
    throw new WrongArgument(`customer has neither a price nor a limit: write one of ${LIMIT_KEYS.join(', ')}`);
  }
  return {
    tariff,
    // 0 or less, because a script's balance may be overdrawn. The reason of the refusal is then the balance, not the syntax.
    maxCredit: amountIn(values, 'max_credit'),
    maxTimeSeconds: values.has('max_time') ? wholeIn(values, 'max_time', 0, MOST_TIME_SECONDS) : null,
    maxChannels: values.has('max_channels') ? wholeIn(values, 'max_channels', 1, MOST_CALLS) : 0,
    maxCallsPerSecond: values.has('max_calls_per_second') ? wholeIn(values, 'max_calls_per_second', 1, MOST_CALLS) : 0,
  };
}

function tariffIn(values: Values): Tariff {
  const connectFee = priceIn(values, 'connect');
  const pricePerSecond = priceIn(values, 'cps');
  const initialIncrementSeconds = wholeIn(values, 'ipulse', 1, MOST_PULSE_SECONDS);
  const incrementSeconds = wholeIn(values, 'fpulse', 1, MOST_PULSE_SECONDS);
  if (connectFee === ZERO && pricePerSecond === ZERO) return FREE_TARIFF;
  return {
    pricePerMinute: micros(pricePerSecond * SECONDS_PER_MINUTE),
    connectFee,
    minimumCharge: ZERO,
    initialIncrementSeconds,
    incrementSeconds,
    graceSeconds: 0,
    freeSeconds: 0,
    steps: NO_STEPS,
  };
}

function priceIn(values: Values, key: Key): Micros {
  const price = amountIn(values, key);
  if (price < ZERO) throw new WrongArgument(`${key} ${shown(values.get(key))} is below zero: write 0 or more`);
  return price;
}

/** 0 if it is missing. */
function amountIn(values: Values, key: Key): Micros {
  let amount: Micros;
  try {
    amount = parseAmount(values.get(key) ?? '0');
  } catch (error) {
    if (error instanceof AmountError) throw new WrongArgument(`${key} ${error.message}`);
    throw error;
  }
  if (amount > parseAmount(String(MOST_AMOUNT))) {
    throw new WrongArgument(`${key} ${shown(values.get(key))} is too large: write at most ${MOST_AMOUNT}`);
  }
  return amount;
}

/** 1 if it is missing. */
function wholeIn(values: Values, key: Key, least: number, most: number): number {
  const text = values.get(key) ?? '1';
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new WrongArgument(`${key} ${shown(text)} is not a whole number from ${least} to ${most}`);
}

/** Cut and made harmless for one line. */
const shown = (text = ''): string => JSON.stringify(text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?'));
