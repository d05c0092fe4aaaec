/** The content of a column, and its value in code. */
import { type Micros, micros, parseAmount } from '../money/micros';

/** DECIMAL(20,6) as mysql2 returns it. Its six decimals are whole millionths without the point, which is read in a tenth of the time. */
export const amountOf = (column: string): Micros =>
  column.at(-7) === '.' ? micros(BigInt(column.slice(0, -7) + column.slice(-6))) : parseAmount(column);

/** DECIMAL(20,6) as it is written: `12.345678`. */
export function decimalOf(amount: Micros): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

/** DATETIME(3) as ms since 1970; null for NULL. */
export const instantOf = (column: Date | null): number | null => (column === null ? null : column.getTime());

/** ms since 1970 as DATETIME(3); null for NULL. */
export const dateOf = (instant: number | null): Date | null => (instant === null ? null : new Date(instant));
