import { DateTime } from 'luxon';
import { formatAmount, type Micros } from '../money/micros';
import type { Fact, Facts } from '../operator/facts';
import { printable } from './terminal';

/** A fact for a person: `-` for nothing, instants in the user's own zone (TZ) with its offset, nothing harmful. */
export function factText(fact: Fact): string {
  if (fact === null || fact === '') return '-';
  if (typeof fact === 'bigint') return formatAmount(fact as Micros);
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no';
  if (fact instanceof Date) return DateTime.fromJSDate(fact).toFormat('yyyy-MM-dd HH:mm:ss ZZ');
  if (Array.isArray(fact)) return fact.length === 0 ? '-' : fact.map(factText).join(',');
  if (typeof fact === 'object') {
    return Object.entries(fact)
      .map(([name, inner]) => `${name} ${factText(inner)}`)
      .join(', ');
  }
  return printable(String(fact));
}

/** One fact per line, names on the left. */
export function recordText(facts: Facts): string {
  const names = Object.keys(facts).map(headingOf);
  const width = Math.max(...names.map(widthOf));
  return `${Object.values(facts)
    .map((fact, index) => `${padEnd(names[index] as string, width)}  ${factText(fact)}`)
    .join('\n')}\n`;
}

/** Columns under their names; amounts are aligned at their points. '' for no rows. */
export function tableText(rows: readonly Facts[]): string {
  const [first] = rows;
  if (!first) return '';
  const columns = Object.keys(first).map(name => columnText(name, rows));
  const lines =
    columns[0]?.map((_, line) =>
      columns
        .map(cells => cells[line])
        .join('  ')
        .trimEnd(),
    ) ?? [];
  return `${lines.join('\n')}\n`;
}

/** The heading and the cells of one column, all equally wide. */
function columnText(name: string, rows: readonly Facts[]): string[] {
  const facts = rows.map(row => row[name] ?? null);
  const amounts = facts.some(fact => typeof fact === 'bigint');
  const decimals = Math.max(0, ...facts.map(fact => (typeof fact === 'bigint' ? decimalsOf(fact) : 0)));
  const cells = facts.map(fact =>
    typeof fact === 'bigint' ? factText(fact) + ' '.repeat(decimals - decimalsOf(fact)) : factText(fact),
  );
  const all = [headingOf(name), ...cells];
  const width = Math.max(...all.map(widthOf));
  const right = amounts || facts.some(fact => typeof fact === 'number');
  return all.map(cell => (right ? padStart(cell, width) : padEnd(cell, width)));
}

const headingOf = (name: string): string => name.replaceAll('_', ' ');
const decimalsOf = (amount: bigint): number => formatAmount(amount as Micros).split('.')[1]?.length ?? 0;

const WIDE = /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Emoji_Presentation}/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The cells of a terminal that a text takes. */
function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

const padEnd = (text: string, width: number): string => text + ' '.repeat(width - widthOf(text));
const padStart = (text: string, width: number): string => ' '.repeat(width - widthOf(text)) + text;
