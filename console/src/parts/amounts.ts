/** Amounts as the API tells them: decimal texts. They stay texts or bigints; no float sees them. Pure. */
import { formatAmount, type Micros, micros, parseAmount } from '../../../src/money/micros';

/**
 * `1234567.5` as a person of that language reads it: `1,234,567.50`, with a true minus sign. Two decimals at least, more where there are more.
 * A text that is no amount is returned as it is.
 */
export function readable(amount: string, language: string): string {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === '') return amount;
  const shown = decimals.replace(/0+$/, '').padEnd(2, '0');
  const isNothing = /^0*$/.test(whole + decimals);
  return `${sign && !isNothing ? '−' : ''}${BigInt(whole).toLocaleString(language)}${decimalMark(language)}${shown}`;
}

const decimalMark = (language: string): string =>
  new Intl.NumberFormat(language).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ?? '.';

/** The sum of amounts. */
export const sumOf = (...amounts: string[]): string =>
  formatAmount(amounts.reduce((sum, amount) => micros(sum + parseAmount(amount)), micros(0n)));

/** `amount` − `other`. */
export const lessBy = (amount: string, other: string): string =>
  formatAmount(micros(parseAmount(amount) - parseAmount(other)));

/** How large `part` is of `whole`, from 0 to 1, to the thousandth: for drawing alone. 0 where there is no whole. */
export function shareOf(part: string, whole: string): number {
  const [ofIt, all]: [Micros, Micros] = [parseAmount(part), parseAmount(whole)];
  if (all <= 0n || ofIt <= 0n) return 0;
  return ofIt >= all ? 1 : Number((ofIt * 1000n) / all) / 1000;
}
