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
  return `${sign && !isNothing ? '−' : ''}${figuresOf(language).whole.format(BigInt(whole))}${decimalMark(language)}${shown}`;
}

/**
 * What a person of that language typed, as the API takes it: `20,5` in German is `20.5`. null for what is no amount, or could be two: where
 * the point parts thousands, `1.000` is refused.
 */
export function typedAmount(text: string, language: string): string | null {
  const mark = decimalMark(language);
  const [, sign = '', whole, point, decimals] = /^([-−+]?)(\d+)(?:([.,])(\d{1,6}))?$/.exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  const isOther = point !== undefined && point !== mark;
  if (isOther && (point === ',' || decimals?.length === 3)) return null;
  return `${sign === '' || sign === '+' ? '' : '-'}${whole}${decimals === undefined ? '' : `.${decimals}`}`;
}

/** An amount of the API as that person would type it. */
export const asTyped = (amount: string, language: string): string => amount.replace('.', decimalMark(language));

/** How whole numbers and the decimal mark are written in a language: made once, as a list has hundreds of amounts. */
const figures = new Map<string, { whole: Intl.NumberFormat; mark: string }>();

function figuresOf(language: string) {
  const known = figures.get(language);
  if (known) return known;
  const whole = new Intl.NumberFormat(language);
  const mark = whole.formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ?? '.';
  figures.set(language, { whole, mark });
  return { whole, mark };
}

const decimalMark = (language: string): string => figuresOf(language).mark;

/** How many decimals `readable` shows of the longest of these amounts: two at least. */
export const placesOf = (amounts: readonly string[]): number =>
  Math.max(2, ...amounts.map(amount => (/\.(\d*[1-9])0*$/.exec(amount)?.[1] ?? '').length));

/** The sum of amounts. */
export const sumOf = (...amounts: string[]): string =>
  formatAmount(amounts.reduce((sum, amount) => micros(sum + parseAmount(amount)), micros(0n)));

/** `amount` − `other`. */
export const lessBy = (amount: string, other: string): string =>
  formatAmount(micros(parseAmount(amount) - parseAmount(other)));

/** `amount`, so many times. */
export const timesOf = (amount: string, count: number): string =>
  formatAmount(micros(parseAmount(amount) * BigInt(count)));

/** The same amount with its sign turned: what is taken of a sum is shown as what is added to it. */
export const turned = (amount: string): string => (amount.startsWith('-') ? amount.slice(1) : `-${amount}`);

/** How large `part` is of `whole`, from 0 to 1, to the thousandth: for drawing alone. 0 where there is no whole. */
export function shareOf(part: string, whole: string): number {
  const [ofIt, all]: [Micros, Micros] = [parseAmount(part), parseAmount(whole)];
  if (all <= 0n || ofIt <= 0n) return 0;
  return ofIt >= all ? 1 : Number((ofIt * 1000n) / all) / 1000;
}
