/** What an operator asks about prices. */
import { type Static, Type } from 'typebox';
import { MOST_RING_SECONDS, type Priced, priceCall } from '../accounts/price-inquiry';
import { REFUSALS } from '../credit/refusal';
import type { OperatorRequest } from '../operator/acting';
import {
  amountFact,
  factsOf,
  flagFact,
  instantFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import { textField } from '../operator/fields';
import { fields, operation } from '../operator/operation';
import { instant, textBy, whole } from '../operator/schema';
import { STEPS_HELP, stepsText } from '../rating/steps';
import { tariffAt } from '../rating/timed';
import { accountcode } from './account-operations';
import { STEPS_FACT, stepFacts } from './call-operations';

/** How a call would start, in words: refused, waiting, or let through. */
export function startSentence({ refusal, waits }: Priced): string {
  if (refusal !== null) return `would be refused: ${refusal}`;
  return waits ? 'would wait for what other calls hold and have not spent' : 'would be let through';
}

/** The price for an account. @throws Refused account_not_found; DatabaseFault. */
export const priced = (
  { database, visible, service }: OperatorRequest,
  accountcode: string,
  { to, seconds, at, ring_seconds }: { to: string; seconds: number; at?: string; ring_seconds?: number },
): Promise<Priced> =>
  priceCall(
    database,
    visible,
    { accountcode, to, seconds, at: at === undefined ? Date.now() : Date.parse(at), ringSeconds: ring_seconds },
    service,
    service.emergencyNumbers,
  );

/** What is asked about a price, besides the account. */
export const PRICE_FIELDS = {
  to: textBy((field, text) => textField(field, text, 200), {
    description: 'the number, as it would be dialled',
    unit: 'number',
    example: '004930123456',
  }),
  seconds: whole(0, 31_536_000, { description: 'how long it would talk', unit: 'seconds', example: 61 }),
  at: Type.Optional(
    instant({
      description: 'when it would start, in your zone (TZ) if it names none; now when not given',
      unit: 'time',
      example: '2026-12-31T18:00:00Z',
    }),
  ),
  ring_seconds: Type.Optional(
    whole(0, MOST_RING_SECONDS, {
      description:
        'how long it may ring, where the price depends on the time of day; if not given as long as its trunks may, and what the caller hears before (a dialplan that dials itself, and the doors, may let it ring 300 s)',
      unit: 'seconds',
      example: 300,
    }),
  ),
};

export const PRICE = factsOf('PriceExplained', {
  accountcode: textFact(),
  at: instantFact('when it would start'),
  refusal: orNull(wordFact(REFUSALS, 'why it would not be let through; null if it would')),
  waits: flagFact('whether it would wait until other calls give back what they hold and have not spent'),
  rate_deck: orNull(textFact('null if no rate matches')),
  rate_version: orNull(wholeFact()),
  rate_prefix: orNull(textFact('empty for any number')),
  rate_destination: orNull(textFact()),
  rate_price_per_minute: orNull(
    amountFact('the price of 60 billed seconds; null if no rate matches, and if it is blocked'),
  ),
  rate_connect_fee: orNull(amountFact('charged once if it is answered')),
  rate_minimum_charge: orNull(amountFact('the least cost if it is answered, outside its grace')),
  rate_initial_increment_seconds: orNull(wholeFact('the first block of talk, billed whole')),
  rate_increment_seconds: orNull(wholeFact('the blocks after the first, billed whole')),
  rate_grace_seconds: orNull(wholeFact('shorter talk costs nothing; 0 for none')),
  rate_free_seconds: orNull(wholeFact('the first seconds of the talk, which are not billed; 0 for none')),
  rate_steps: orNull(textFact(STEPS_HELP)),
  billed_seconds: orNull(wholeFact('the talk, rounded up to whole increments')),
  cost: orNull(amountFact("in the account's currency; null if no rate matches, and if it is blocked")),
  longest_seconds: orNull(wholeFact('the longest talk as the account stands; 0 for none')),
  granted_seconds: orNull(wholeFact('the first grant: that, or its first slice')),
  max_cost: orNull(amountFact('what would be ring-fenced for granted_seconds')),
  steps: STEPS_FACT,
});

/** All that is told of a price. */
export function priceFacts({ accountcode: code, at, refusal, waits, explanation }: Priced): Static<typeof PRICE> {
  const { rate } = explanation;
  // By the time of day, as if it were answered when it starts.
  const tariff = rate === null || rate.isBlocked ? null : tariffAt(rate, at.getTime());
  return {
    accountcode: code,
    at,
    refusal,
    waits,
    rate_deck: explanation.rate?.deck ?? null,
    rate_version: explanation.rate?.version ?? null,
    rate_prefix: explanation.rate?.prefix ?? null,
    rate_destination: explanation.rate?.destination ?? null,
    rate_price_per_minute: tariff?.pricePerMinute ?? null,
    rate_connect_fee: tariff?.connectFee ?? null,
    rate_minimum_charge: tariff?.minimumCharge ?? null,
    rate_initial_increment_seconds: tariff?.initialIncrementSeconds ?? null,
    rate_increment_seconds: tariff?.incrementSeconds ?? null,
    rate_grace_seconds: tariff?.graceSeconds ?? null,
    rate_free_seconds: tariff?.freeSeconds ?? null,
    rate_steps: tariff ? stepsText(tariff.steps) : null,
    billed_seconds: explanation.billedSeconds,
    cost: explanation.cost,
    longest_seconds: explanation.longestSeconds,
    granted_seconds: explanation.grantedSeconds,
    max_cost: explanation.maxCost,
    steps: stepFacts(explanation.steps),
  };
}

const explain = operation({
  name: 'rate explain',
  help: 'the price of a call step by step, and the longest call that the account could make now',
  example: 'rate explain --account alice --to 004930123456 --seconds 61',
  roles: ['read', 'support', 'cashier', 'prices', 'admin'],
  fields: fields({ account: accountcode, ...PRICE_FIELDS }),
  arguments: [],
  refusals: ['account_not_found'],
  run: (request, { account, ...asked }) => priced(request, account, asked),
  answer: {
    kind: 'record',
    schema: PRICE,
    facts: priceFacts,
  },
});

export const RATE_OPERATIONS = [explain];
