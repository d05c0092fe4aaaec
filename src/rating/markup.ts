/** What a deck adds to the prices of the one that it stands on. */
import { divide, formatAmount, LARGEST, type Micros, micros, parseAmount, smaller, ZERO } from '../money/micros';
import type { Tariff } from './price';

/** A deck and those that it stands on, one after the other, are no more. */
export const MOST_DECKS = 4;

/** What one deck adds to the lines of its parent. */
export interface Markup {
  /** Added to each amount of a line; millionths of a per cent, at least -100 per cent. */
  percent: bigint;
  /** Added to prices per minute, and to no other amount; below zero for less. */
  perMinute: Micros;
}

const HUNDRED_PERCENT = 100_000_000n;

/** Whether it leaves every line as it is. */
const isNone = ({ percent, perMinute }: Markup): boolean => percent === 0n && perMinute === ZERO;

/**
 * The line's amounts with the markups of a chain, in turn from the line's deck to the customer's.
 *
 * Each markup adds its per cent to every amount and its amount to prices per minute, and rounds each result up to the millionth; at least 0, and
 * at most the largest amount. Increments, free seconds, grace and the seconds of steps stay. Source: docs/pricing.md §12.
 */
export function markedUp<Line extends Tariff>(line: Line, markups: readonly Markup[]): Line {
  return markups.reduce((tariff, markup) => (isNone(markup) ? tariff : markedUpOnce(tariff, markup)), line);
}

function markedUpOnce<Line extends Tariff>(line: Line, { percent, perMinute }: Markup): Line {
  const more = (amount: Micros, added: Micros) => withinRange(withPercent(amount, percent) + added);
  return {
    ...line,
    pricePerMinute: more(line.pricePerMinute, perMinute),
    connectFee: more(line.connectFee, ZERO),
    minimumCharge: more(line.minimumCharge, ZERO),
    steps: line.steps.map(step => ({ ...step, pricePerMinute: more(step.pricePerMinute, perMinute) })),
  };
}

const withPercent = (amount: Micros, percent: bigint): bigint =>
  divide(amount * (HUNDRED_PERCENT + percent), HUNDRED_PERCENT, 'up');

const withinRange = (amount: bigint): Micros => (amount < 0n ? ZERO : smaller(micros(amount), LARGEST));

/** The markups as a text, in the order in which they are added: `12.50%+0.002 -5.00%+0.00`; '' where they leave a line as it is. */
export const markupsText = (markups: readonly Markup[]): string =>
  markups
    .filter(markup => !isNone(markup))
    .map(({ percent, perMinute }) => {
      const sign = perMinute < 0n ? '' : '+';
      return `${formatAmount(micros(percent))}%${sign}${formatAmount(perMinute)}`;
    })
    .join(' ');

/** The markups that `markupsText` wrote. @throws AmountError, or an Error for another text: no service wrote it. */
export function markupsOf(text: string): Markup[] {
  if (text === '') return [];
  return text.split(' ').map(each => {
    const [, percent, perMinute] = /^([^%]+)%\+?(.+)$/.exec(each) ?? [];
    if (percent === undefined || perMinute === undefined) throw new Error(`${JSON.stringify(text)} is no markup`);
    return { percent: parseAmount(percent), perMinute: parseAmount(perMinute) };
  });
}
