/**
 * Exact money: a whole number of millionths of the account's currency.
 *
 * A `bigint`, so nothing in Ringfence ever holds an amount in a float. DECIMAL(20,6) in MySQL, a decimal string at every
 * edge (JSON, CLI, CSV).
 */
export type Micros = bigint & { readonly __unit: 'millionths' };

export const ZERO = 0n as Micros;

const MICROS_PER_UNIT = 1_000_000n;
/** The range of DECIMAL(20,6): fourteen digits before the point. */
const MAX_WHOLE_DIGITS = 14;
const AMOUNT = /^(-?)(\d+)(?:\.(\d+))?$/;

/** The largest amount of DECIMAL(20,6); the smallest is as far below zero. */
export const LARGEST = (10n ** BigInt(MAX_WHOLE_DIGITS) * MICROS_PER_UNIT - 1n) as Micros;

/** Whether a computed amount can be written. */
export const canBeWritten = (amount: Micros): boolean => amount <= LARGEST && amount >= -LARGEST;

/** Says which text was refused as an amount, and why, in words for the end of a command line's error. */
export class AmountError extends Error {
  override name = 'AmountError';
  constructor(
    message: string,
    /** Why, as a name. */
    readonly rule: 'not_amount' | 'too_many_decimals' | 'amount_too_large' = 'not_amount',
  ) {
    super(message);
  }
}

/** Brands a computed number of millionths. */
export const micros = (millionths: bigint): Micros => millionths as Micros;

/**
 * The exact amount in a decimal text such as `12.5`, `-0.000042` or `7`.
 *
 * Nothing is rounded: more than six decimals is refused, unless those beyond the sixth are zeros. So are exponents, signs other than a
 * leading `-`, thousands separators, blanks, and more than fourteen digits before the point.
 * @throws AmountError that names the text and what to do.
 */
export function parseAmount(text: string): Micros {
  const match = AMOUNT.exec(text);
  if (!match) throw new AmountError(`"${printable(text)}" is not an amount: write digits with a point, such as 12.50`);
  const [, sign, whole = '', fraction = ''] = match;
  const decimals = fraction.replace(/0+$/, '');
  if (decimals.length > 6)
    throw new AmountError(`"${printable(text)}" has more than six decimals: round it yourself`, 'too_many_decimals');
  if (whole.replace(/^0+/, '').length > MAX_WHOLE_DIGITS) {
    throw new AmountError(
      `"${printable(text)}" is too large: at most ${MAX_WHOLE_DIGITS} digits before the point`,
      'amount_too_large',
    );
  }
  const value = BigInt(whole) * MICROS_PER_UNIT + BigInt(decimals.padEnd(6, '0'));
  return micros(sign ? -value : value);
}

/**
 * The decimal text of an amount: at least two decimals, at most six, nothing rounded. `1.00`, `0.000042`, `-3.125`.
 *
 * `parseAmount(formatAmount(a)) === a` for every amount.
 */
export function formatAmount(amount: Micros): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0');
  const decimals = digits.slice(-6).replace(/0{1,4}$/, '');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -6)}.${decimals}`;
}

/** Which way a division rounds if there is a remainder. */
export type Rounding = 'up' | 'down';

/**
 * `numerator / denominator` as a whole number; the only division of money in Ringfence.
 *
 * `up` rounds towards plus infinity (a price: the last millionth is the operator's), `down` towards minus infinity (talk time: the last
 * second is granted only if it is paid for). Assumes denominator > 0.
 */
export function divide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return quotient;
  if (rounding === 'up') return remainder > 0n ? quotient + 1n : quotient;
  return remainder < 0n ? quotient - 1n : quotient;
}

export const larger = <Amount extends bigint>(a: Amount, b: Amount): Amount => (a > b ? a : b);
export const smaller = <Amount extends bigint>(a: Amount, b: Amount): Amount => (a < b ? a : b);

/** Hostile text, cut and made harmless for one line of an error. */
function printable(text: string): string {
  return text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?');
}
