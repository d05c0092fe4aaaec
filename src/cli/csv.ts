/** Rows for a spreadsheet. */
import { formatAmount, type Micros } from '../money/micros';
import type { Fact, Facts } from '../operator/facts';

/** The first line: the names of the columns. */
export const csvHeading = (facts: Facts): string => `${Object.keys(facts).join(',')}\n`;

/** One row: amounts and instants as in JSON, empty for null. */
export const csvLine = (facts: Facts): string => `${Object.values(facts).map(cellOf).join(',')}\n`;

function cellOf(fact: Fact): string {
  if (fact === null) return '';
  if (typeof fact === 'bigint') return formatAmount(fact as Micros);
  if (typeof fact === 'number' || typeof fact === 'boolean') return String(fact);
  if (fact instanceof Date) return fact.toISOString();
  return textCell(typeof fact === 'string' ? fact : JSON.stringify(fact));
}

/** A spreadsheet reads a text with such a beginning as a formula. An apostrophe in front prevents it. */
const FORMULA = /^[=+\-@\t\r]/;

function textCell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
