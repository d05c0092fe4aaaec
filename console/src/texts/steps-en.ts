/** The steps of a price, in English. */
import type { PriceStep } from '../api/operations';

export type StepKind = PriceStep['kind'];
/** As they are shown, amounts with the reader's decimal mark. A fact that is none is left out. */
export type StepFacts = Readonly<Partial<Record<StepFact, string>>>;
export type StepFact =
  | 'amount'
  | 'at'
  | 'available'
  | 'currency'
  | 'day'
  | 'deck'
  | 'destination'
  | 'dialled'
  | 'digits'
  | 'fee'
  | 'from'
  | 'grace'
  | 'increment'
  | 'initial'
  | 'known'
  | 'markups'
  | 'minimum'
  | 'more'
  | 'others'
  | 'prefix'
  | 'price'
  | 'schedule'
  | 'seconds'
  | 'until'
  | 'version'
  | 'zone';

/** Its subject, and what comes of it. */
export type StepTexts = Record<StepKind, (facts: StepFacts) => readonly [subject: string, text: string]>;

const validity = ({ from, until }: StepFacts): string => {
  if (from === undefined) return until === undefined ? '' : `, valid until ${until}`;
  return until === undefined ? `, valid from ${from}` : `, valid from ${from} until ${until}`;
};
const anyNumber = ({ prefix }: StepFacts): string => prefix || 'any number';
const overdue = ({ others, day }: StepFacts): string =>
  others === undefined ? '' : `; not valid on ${day}: ${others}`;

export const stepsEn: StepTexts = {
  number_invalid: f => ['number', `“${f.dialled}” is not a number. Write digits, with + or 00 before them.`],
  number: f => ['number', f.digits ?? ''],
  number_stripped: f => ['number', `${f.dialled} without its international prefix is ${f.digits}`],
  emergency: () => ['emergency', 'an emergency number: free, and never refused'],
  deck: f => ['price list', `${f.deck}, version ${f.version}, in ${f.currency}`],
  day: f => ['day', `${f.day} in ${f.zone}, the account’s time zone`],
  rate: f => [
    'rate',
    `${f.deck === undefined ? '' : `${f.deck}, version ${f.version}, `}${f.destination === undefined ? '' : `${anyNumber(f)}, ${f.destination}, `}as it was when the call began`,
  ],
  prefix: f => ['prefix', `${anyNumber(f)}, ${f.destination}, the longest that fits${validity(f)}${overdue(f)}`],
  prefix_none: () => ['prefix', 'no price for this number: such a call is refused'],
  prefix_not_valid: f => ['prefix', `no price is valid on ${f.day} (${f.others}): such a call is refused`],
  prefix_of_other_currency: f => ['prefix', `the price is in ${f.known}, not in ${f.currency}`],
  blocked: () => ['blocked', 'calls to these numbers are refused, whatever a shorter prefix costs'],
  markup: f => [
    'markup',
    `${f.deck === undefined ? '' : `the line is of ${f.deck}, version ${f.version}; `}${f.markups || 'nothing'} is added to its amounts`,
  ],
  talk: f => ['talk', `${f.seconds} s, whole seconds truncated, as Asterisk counts`],
  grace_none: () => ['grace', 'none'],
  grace_passed: f => ['grace', `${f.seconds} s is not less than the grace of ${f.grace} s`],
  grace_within: f => ['grace', `${f.seconds} s is less than the grace of ${f.grace} s: the call costs nothing`],
  schedule: f => ['time of day', `${f.schedule}: its line counts when the call starts`],
  schedule_none: () => ['time of day', 'no schedule holds when the call starts: the line without one counts'],
  answered_within: f => [
    'answer',
    `it may be answered within ${f.seconds} s: the longest call and what is held are good for each of these seconds`,
  ],
  period: f => [`from ${f.from} s`, `other prices by the time of day, at ${f.at}`],
  free_seconds: f => ['free seconds', `the first ${f.seconds} s are not billed`],
  free_seconds_whole: f => ['free seconds', `the first ${f.seconds} s are not billed: the whole talk`],
  increments_from: f => [`increments from ${f.from} s`, `${f.initial}/${f.increment}: ${f.seconds} s`],
  increments_cut: f => [
    `increments from ${f.from} s`,
    `${f.initial}/${f.increment}: ${f.seconds} s, up to where the next step begins`,
  ],
  increments: f => [
    'increments',
    `${f.initial}/${f.increment}: the first of ${f.initial} s whole${f.more === '0' ? '' : ` and ${f.more} more of ${f.increment} s`}`,
  ],
  billed: f => ['billed', `${f.seconds} s`],
  talk_price: f => ['talk price', `${f.price} a minute × ${f.seconds} / 60 = ${f.amount}`],
  talk_price_from: f => [`talk price from ${f.from} s`, `${f.price} a minute × ${f.seconds} / 60 = ${f.amount}`],
  connect_fee: f => ['connect fee', `${f.fee}, together ${f.amount}`],
  rounding_even: f => ['rounding', `comes out even: ${f.amount}`],
  rounded_up: f => ['rounding', `up to the millionth, once: ${f.amount}`],
  minimum_none: () => ['minimum charge', 'none'],
  minimum_not_more: f => ['minimum charge', `${f.minimum} is not more`],
  minimum_charged: f => ['minimum charge', `${f.minimum} is more, and is charged`],
  cost: f => ['cost', `${f.amount} ${f.currency}`],
  charged_as_held: f => ['charged', `${f.amount} ${f.currency}: never more than was held for the call`],
  longest_of_service: f => ['longest call', `${f.seconds} s, the service’s limit`],
  longest_of_account: f => ['longest call', `${f.seconds} s, the account’s own limit`],
  longest_of_rate: f => ['longest call', `${f.seconds} s, the price’s own limit`],
  longest_of_max_time: f => ['longest call', `${f.seconds} s, what is left of the account’s max_time`],
  longest_of_money: f => ['longest call', `${f.seconds} s, what ${f.available} ${f.currency} available pays for`],
  longest_none_money: f => [
    'longest call',
    `none: ${f.available} ${f.currency} is available, and the first ${f.initial} s cost ${f.amount}`,
  ],
  longest_none_time: () => ['longest call', 'none: the calls in progress hold what the account’s max_time leaves'],
  held: f => ['held', `${f.amount} ${f.currency}, the cost of ${f.seconds} s with no grace`],
  held_slice: f => [
    'held',
    `${f.amount} ${f.currency}, the cost of ${f.seconds} s with no grace, a first slice; more follows before it runs out, as far as other calls leave it`,
  ],
};
