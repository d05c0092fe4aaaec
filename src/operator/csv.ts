/** Rows for a spreadsheet, or for another program. Pure. */
import { IANAZone } from 'luxon';
import { formatAmount, type Micros } from '../money/micros';
import { type Fact, plainJson } from './facts';

/** A number with decimals that is no amount, with as many as it has. */
export class Decimal {
  constructor(readonly text: string) {}
}

export type Cell = Fact | Decimal;

/** How the cells of a table are written. */
export interface CsvStyle {
  separator: ',' | ';' | '\t';
  decimalMark: '.' | ',';
  /** `iso`: with the zone's offset. `spreadsheet`: a date and a time of day of the zone, as spreadsheets read them. */
  dateFormat: 'iso' | 'spreadsheet';
  /** An IANA name. */
  timeZone: string;
}

/** As in JSON: with points, and times as ISO 8601 in UTC. */
export const PLAIN_CSV: CsvStyle = { separator: ',', decimalMark: '.', dateFormat: 'iso', timeZone: 'UTC' };

/** Writes rows in one style. */
export class CsvWriter {
  private readonly zone: IANAZone | null;
  private readonly special: RegExp;

  constructor(private readonly style: CsvStyle = PLAIN_CSV) {
    this.zone = style.timeZone === 'UTC' ? null : IANAZone.create(style.timeZone);
    this.special = new RegExp(`["\\r\\n${style.separator}]`);
  }

  /** One line: amounts and numbers with the decimal mark, empty for null, lists and nested facts as JSON. */
  line(cells: readonly Cell[]): string {
    return `${cells.map(cell => this.cellOf(cell)).join(this.style.separator)}\n`;
  }

  private cellOf(fact: Cell): string {
    if (fact === null) return '';
    if (fact instanceof Decimal) return this.number(fact.text);
    if (typeof fact === 'bigint') return this.number(formatAmount(fact as Micros));
    if (typeof fact === 'number') return this.number(String(fact));
    if (typeof fact === 'boolean') return String(fact);
    if (fact instanceof Date) return this.quoted(this.instant(fact));
    return this.quoted(typeof fact === 'string' ? harmless(fact) : harmlessJson(plainJson(fact, 0)));
  }

  /** What begins with - stays a number. */
  private number(text: string): string {
    return this.quoted(this.style.decimalMark === ',' ? text.replace('.', ',') : text);
  }

  private instant(at: Date): string {
    const { dateFormat } = this.style;
    const offset = this.zone ? Math.round(this.zone.offset(at.getTime())) : 0;
    const local = new Date(at.getTime() + offset * 60_000).toISOString();
    if (dateFormat === 'spreadsheet') return local.slice(0, 19).replace('T', ' ');
    return this.zone ? local.slice(0, -1) + offsetText(offset) : local;
  }

  private quoted(text: string): string {
    return this.special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
}

function offsetText(minutes: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** A spreadsheet reads a text with such a beginning as a formula. An apostrophe in front prevents it. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Behind these a cell begins for a spreadsheet that expects another separator: it reads `x,"paid;=1+1"` as two cells, and as two lines what has a
 * line end.
 */
const CELL_WITHIN = /([,;\t\r\n]"*)(?=[=+\-@])/g;

const harmless = (text: string): string => (FORMULA.test(text) ? `'${text}` : text).replace(CELL_WITHIN, "$1'");

/** The same in JSON: but for a number between commas, these characters are in a text there, which keeps its value when they are escaped. */
const CELL_WITHIN_JSON = /([,;]"*)([=+@]|-(?!\d[\d.eE+-]*[,\]}]))/g;

const harmlessJson = (json: string): string =>
  json.replace(CELL_WITHIN_JSON, (_, before, sign) => `${before}\\u00${sign.charCodeAt(0).toString(16)}`);
