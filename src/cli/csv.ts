/** Rows for a spreadsheet. */
import { formatAmount, type Micros } from '../money/micros';
import type { Fact, Facts } from '../operator/facts';

/** The names of the columns, as the first line. */
export const csvHeading = (facts: Facts): string => `${Object.keys(facts).join(',')}\n`;

/** One row: amounts and instants as in JSON, nothing for null. */
export const csvLine = (facts: Facts): string => `${Object.values(facts).map(cellOf).join(',')}\n`;

function cellOf(fact: Fact): string {
  if (fact === null) return '';
  if (typeof fact === 'bigint') return formatAmount(fact as Micros);
  if (typeof fact === 'number' || typeof fact === 'boolean') return String(fact);
  if (fact instanceof Date) return fact.toISOString();
  return textCell(typeof fact === 'string' ? fact : JSON.stringify(fact));
}

/** A spreadsheet takes a text that begins so for a formula; behind an apostrophe it does not. */
const FORMULA = /^[=+\-@\t\r]/;

function textCell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
