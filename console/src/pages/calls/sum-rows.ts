/** The sum of a price in the reader's words and way of writing. Pure. */
import { readable } from '../../parts/amounts';
import type { SumLine } from './price-sum';
import type { CallPageTexts } from './reading';

export interface SumRow {
  label: string;
  /** Seconds or an amount, as it is read. */
  value: string;
  /** `sub`: a line is drawn above it. */
  kind: 'part' | 'sub';
}

/** The most decimals of some amounts, as the API tells them; 2 at least. */
export const decimalsOf = (amounts: readonly string[]): number =>
  amounts.reduce((most, amount) => Math.max(most, amount.replace('…', '').split('.')[1]?.length ?? 0), 2);

/** An amount with that many decimals, so that points stand below one another. */
export function aligned(amount: string, decimals: number, language: string): string {
  const [exact = '', more] = amount.split('…');
  const text = readable(exact, language);
  const shown = Math.max(2, (exact.split('.')[1] ?? '').replace(/0+$/, '').length);
  return `${text}${'0'.repeat(Math.max(0, decimals - shown))}${more === undefined ? '' : '…'}`;
}

/** The rows of a sum; `amounts`: those that stand below them, in the same column and with as many decimals. */
export function sumRows(
  lines: readonly SumLine[],
  amounts: readonly string[],
  { calls: { sum } }: CallPageTexts,
  language: string,
): { rows: SumRow[]; shown: string[] } {
  const decimals = decimalsOf([...lines.flatMap(line => ('amount' in line ? [line.amount] : [])), ...amounts]);
  const shown = (amount: string) => aligned(amount, decimals, language);
  const part = (label: string, value: string): SumRow => ({ label, value, kind: 'part' });
  const rowOf = (line: SumLine): SumRow => {
    switch (line.line) {
      case 'talk':
        return part(sum.talk, sum.seconds(line.seconds));
      case 'grace':
        return part(sum.grace(line.seconds, line.grace), shown('0.00'));
      case 'unbilled':
        return part(sum.unbilled, `− ${sum.seconds(line.seconds)}`);
      case 'step':
        return part(sum.step(line.from), '');
      case 'first':
        return part(sum.first, sum.seconds(line.seconds));
      case 'more':
        return part(sum.more(line.blocks, line.each), `+ ${sum.seconds(line.seconds)}`);
      case 'billed':
        return { ...part(sum.billed, `= ${sum.seconds(line.seconds)}`), kind: 'sub' };
      case 'price':
        return part(sum.price(line.seconds, readable(line.perMinute, language)), shown(line.amount));
      case 'fee':
        return part(sum.fee, `+ ${shown(line.amount)}`);
      case 'exact':
        return { ...part(sum.exact, `= ${shown(line.amount)}`), kind: 'sub' };
      case 'rounded':
        return part(sum.rounded, shown(line.amount));
      case 'minimum':
        return part(sum.minimum, shown(line.amount));
      case 'overrun':
        return part(sum.overrun, `− ${sum.seconds(line.seconds)}`);
    }
  };
  return { rows: lines.map(rowOf), shown: amounts.map(shown) };
}
