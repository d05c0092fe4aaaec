/** What a sheet says about the currency and the unit of its prices. Pure. */
import type { Meaning } from './columns';
import type { SheetRow } from './rows';

/** Codes that carriers also write in small letters: `usd per min`. */
const COMMON = new Set('USD EUR GBP CHF AUD CAD JPY CNY INR RUB BRL ZAR AED SEK NOK DKK PLN CZK'.split(' '));
const CODES = new Set(Intl.supportedValuesOf('currency'));
/** Codes that are words too: they count alone in a cell or in brackets, or in a text about the currency. */
const ALSO_WORDS = new Set('ALL BAD COP CUP GEL LIT MAD PEN RON SIT STD TOP TRY'.split(' '));

const SIGNS: Record<string, string> = {
  $: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  '₽': 'RUB',
  '₺': 'TRY',
};
const WORDS: readonly [RegExp, string][] = [
  [/\bdoll?ars?\b/i, 'USD'],
  [/\beuros?\b/i, 'EUR'],
  [/\b(pounds?|sterling)\b/i, 'GBP'],
];

const CURRENCY_COLUMN =
  /^(rate |price )?(currency|currencies|curr|ccy|wahrung|valuta|moneda|moeda|devise|monnaie)( code)?$/;
const UNIT_COLUMN = /^((rate|price) )?(units?|uom|einheit|unita|unidad|unite)$/;
const ABOUT_CURRENCY = /currenc|w.hrung|valuta|moneda|moeda|devise/i;
const ABOUT_PRICE = /\b(rates?|prices?|tarif\w*|preise?|prezzi|precios?|cost)\b/i;

const CENTS =
  /(?<!\bper )\b(us|euro?|eur|usd)?(cents?|ct|cts|cpm|pence|penny|pennies|centesimi|centimes?|centimos?|centavos?|rappen|mils|mills|paise)\b|[¢]|\b[cp] ?\/ ?min/i;
const PER_SECOND =
  /(\b(per|pro|je|al|por|par|a)\b|\/|\() *1? *(s|secs?|seconds?|sek|sekunden?|segundos?|secondi|secondo|secondes?|hours?|hr|stunden?|ora|hora|heure)\b/i;

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('_', ' ').trim();

/** The currencies that a text names, as codes; a sign that belongs to no code we know stands for itself. */
export function currenciesIn(text: string): string[] {
  const isAbout = ABOUT_CURRENCY.test(text);
  const codes = [...text.matchAll(/(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])/g)].flatMap(([word], at, all) => {
    const code = word.toUpperCase();
    if (COMMON.has(code)) return [code];
    if (!CODES.has(code) || word !== code) return [];
    const isAlone = text.trim() === word || text.includes(`(${word})`) || text.includes(`[${word}]`);
    return !ALSO_WORDS.has(code) || isAlone || (isAbout && at === all.length - 1) ? [code] : [];
  });
  const signs = [...text.matchAll(/\p{Sc}/gu)].flatMap(([sign]) => (sign === '¢' ? [] : [SIGNS[sign] ?? sign]));
  const words = WORDS.flatMap(([fits, code]) => (fits.test(text) ? [code] : []));
  // "Canadian dollars (CAD)" is CAD: a code says more than a word or a sign.
  return [...new Set(codes.length > 0 ? codes : [...signs, ...words])];
}

const PER_MINUTE: readonly (Meaning | null)[] = ['price', 'secondPrice', 'steps'];
const MONEY: readonly (Meaning | null)[] = [...PER_MINUTE, 'fee', 'minimum'];

export interface SheetTexts {
  /** Of the header; [] if there is none. */
  names: readonly string[];
  meanings: readonly (Meaning | null)[];
  /** Rows that are no prices: above the header, or without a prefix. */
  notices: readonly SheetRow[];
  /** Rows with prices. */
  rows: readonly SheetRow[];
}

/**
 * The texts of a sheet by which its prices may be in another currency than `currency`, or not in whole units a minute: names of columns with
 * money, values of columns for currency and unit, and notices. Each once, as it stands in the sheet. [] for a sheet that says nothing else.
 */
export function otherUnitsIn({ names, meanings, notices, rows }: SheetTexts, currency: string) {
  const isOther = (text: string) => currenciesIn(text).some(each => each !== currency);
  const [currencies, units] = [new Set<string>(), new Set<string>()];
  for (const [at, meaning] of meanings.entries()) {
    const name = names[at] ?? '';
    const values = () => [...new Set(rows.map(({ cells }) => cells[at] ?? '').filter(cell => cell !== ''))];
    const named = plain(name).toLowerCase();
    if (MONEY.includes(meaning)) {
      if (isOther(name)) currencies.add(name);
      if (CENTS.test(plain(name)) || (PER_MINUTE.includes(meaning) && PER_SECOND.test(plain(name)))) units.add(name);
    } else if (CURRENCY_COLUMN.test(named.replace(/[^a-z]+/g, ' ').trim()) || isOnlyCodes(rows, at)) {
      // A value that names no currency we know is not the deck's either.
      for (const value of values()) {
        if (isOther(value) || currenciesIn(value).length === 0) currencies.add(value);
        if (CENTS.test(value)) units.add(value);
      }
    } else if (UNIT_COLUMN.test(named)) {
      for (const value of values()) {
        if (isOther(value)) currencies.add(value);
        if (CENTS.test(value) || PER_SECOND.test(` per ${value}`)) units.add(value);
      }
    }
  }
  for (const { cells } of notices) {
    const text = cells.filter(cell => cell !== '').join(' ');
    // `Currency: TRY` in two cells: each cell alone, and the row.
    if ([...cells, text].some(isOther)) currencies.add(text);
    const isOfPrices = ABOUT_PRICE.test(text) || currenciesIn(text).length > 0;
    if (isOfPrices && (CENTS.test(plain(text)) || PER_SECOND.test(plain(text)))) units.add(text);
  }
  return { currencies: [...currencies], units: [...units] };
}

/** Whatever such a column is called, or without a header. */
const isOnlyCodes = (rows: readonly SheetRow[], at: number): boolean =>
  rows.every(({ cells }) => cells[at] === undefined || cells[at] === '' || CODES.has(cells[at])) &&
  rows.some(({ cells }) => CODES.has(cells[at] ?? ''));
