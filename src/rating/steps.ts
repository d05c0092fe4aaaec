/** Steps of a tariff as a text: `180:0.05/6 600:0.02/1`, from second 180 on 0.05 a minute by 6 s. Price lists, the database and the API have it so. */
import { AmountError, formatAmount, parseAmount, ZERO } from '../money/micros';
import { NO_STEPS, type Step } from './price';

/** As many as their column holds, whatever their prices. */
export const MOST_STEPS = 5;

/** Longest step and increment: a day. */
const MOST_SECONDS = 86_400;

/** A text that names no steps; its message says what to do. */
export class StepError extends Error {
  override name = 'StepError';
  constructor(
    message: string,
    /** Why, as a name. */
    readonly rule: 'not_step' | 'step_too_early' | 'steps_too_many' | 'below_zero' | AmountError['rule'],
    /** What the message says, in parts: the `value` that is wrong, or such as `most`. */
    readonly facts: Readonly<Record<string, string | number>>,
  ) {
    super(message);
  }
}

/** What the text is, for those who read a rate. */
export const STEPS_HELP =
  'other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none';

export const stepsText = (steps: readonly Step[]): string =>
  steps
    .map(
      ({ fromSecond, pricePerMinute, incrementSeconds }) =>
        `${fromSecond}:${formatAmount(pricePerMinute)}/${incrementSeconds}`,
    )
    .join(' ');

const known = new Map<string, readonly Step[]>([['', NO_STEPS]]);

/**
 * The steps that `stepsText` wrote. Rates with the same text have the same object, which nothing may change: a deck has few of them.
 * @throws StepError
 */
export function stepsOf(text: string): readonly Step[] {
  const found = known.get(text);
  if (found !== undefined) return found;
  const steps = parseSteps(text, 0);
  if (known.size >= 1_000) known.clear();
  known.set(text, steps);
  return steps;
}

/**
 * The steps behind `freeSeconds` that a person wrote, separated by blanks. '' for none.
 * @throws StepError
 */
export function parseSteps(text: string, freeSeconds: number): readonly Step[] {
  if (text === '') return NO_STEPS;
  const steps = text.split(/\s+/).map(stepOf);
  if (steps.length > MOST_STEPS) {
    throw new StepError(`has ${steps.length} steps: use at most ${MOST_STEPS}`, 'steps_too_many', {
      length: steps.length,
      most: MOST_STEPS,
    });
  }
  let last = freeSeconds;
  for (const { fromSecond } of steps) {
    if (fromSecond <= last) {
      const before = last === freeSeconds && freeSeconds > 0 ? `the ${freeSeconds} free seconds` : `second ${last}`;
      throw new StepError(
        `has a step from second ${fromSecond} on, not behind ${before}: begin it later`,
        'step_too_early',
        { from: fromSecond, least: last + 1 },
      );
    }
    last = fromSecond;
  }
  return steps;
}

function stepOf(text: string): Step {
  const [, from, price = '', increment] = /^(\d{1,5}):([^/]*)\/(\d{1,5})$/.exec(text) ?? [];
  const [fromSecond, incrementSeconds] = [Number(from), Number(increment)];
  if (!isWithinDay(fromSecond) || !isWithinDay(incrementSeconds)) {
    throw new StepError(
      `has a step ${JSON.stringify(text.slice(0, 40))}: write 180:0.05/6 for 0.05 a minute by 6 s from second 180 on, from 1 to ${MOST_SECONDS}`,
      'not_step',
      { value: text.slice(0, 40), most: MOST_SECONDS },
    );
  }
  try {
    const pricePerMinute = parseAmount(price);
    if (pricePerMinute < ZERO || price.startsWith('-'))
      throw new StepError(`has a step at ${price}, which is negative: write 0 or more`, 'below_zero', { value: price });
    return { fromSecond, pricePerMinute, incrementSeconds };
  } catch (error) {
    if (error instanceof AmountError) {
      const value = price.slice(0, 40);
      throw new StepError(`has a step at a price that ${error.message}`, error.rule, { value });
    }
    throw error;
  }
}

const isWithinDay = (seconds: number): boolean => seconds >= 1 && seconds <= MOST_SECONDS;
