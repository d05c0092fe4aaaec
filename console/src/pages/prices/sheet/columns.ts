/** What the columns of a carrier's sheet mean, as far as their names and first values say. Pure. */
import { sheetKeepFields } from '../../../api/fields';
import { OPTIONAL_COLUMNS, REQUIRED_COLUMNS } from '../../../api/rate-columns';
import type { SheetRow } from './rows';

type Kept = (typeof sheetKeepFields.meanings.eachOf)[number];

/** What a column can stand for; null is left out. */
export type Meaning = Exclude<Kept, 'out'>;

export const MEANINGS: readonly Meaning[] = sheetKeepFields.meanings.eachOf.filter(word => word !== 'out');

/** Several columns may have these: names are put together, and a line is blocked or removed if one of them says so. */
export const MAY_REPEAT: readonly Meaning[] = ['name', 'blocked', 'removed'];

const OUR_COLUMNS: readonly string[] = [...REQUIRED_COLUMNS, ...OPTIONAL_COLUMNS];

/** Whether a header is that of our own files: such a file is sent as it is. */
export const isOurHeader = (cells: readonly string[]): boolean =>
  REQUIRED_COLUMNS.every(name => cells.includes(name)) && cells.every(name => OUR_COLUMNS.includes(name));

/** Names of columns, without capitals, accents, brackets and punctuation. The first meaning that fits counts. */
const NAMES: readonly [Meaning, RegExp][] = [
  ['countryCode', /^(cc|country code|country prefix|e164)$/],
  [
    'code',
    /^(complete code|destination code|dial codes?|dialcode|dial ?prefix|dialled prefix|prefix(es)?|prefijo|prefixo|prefisso|prefix[eo]s?|indicatif|vorwahl(en)?|codes?|breakouts?|numero|npanxx|area codes?)$/,
  ],
  ['price', /^(new rate|new price)$/],
  ['secondPrice', /^(price n|next rate|off ?peak.*|tariffa off ?peak|weekend per minute|intrarate|ijrate)$/],
  [
    'fee',
    /^(connect(ion)? ?(fee|charge|cost)|set ?up( fee| charge)?|(peak )?call set ?up charge|surcharge|rate surcharge|scatto alla risposta)$/,
  ],
  ['minimum', /^(minimum charge|minimal cost)$/],
  ['initial', /^(interval 1|initial (interval|increment|block)|initblock|rate minimum|duration|min step)$/],
  ['next', /^(interval n|next interval|recurring increment|billing ?block|rate increment)$/],
  ['increments', /^(increments?|billing( increment)?s?|pulse|rounding|takt|charge period)$/],
  ['longest', /^max seconds$/],
  ['grace', /^grace (seconds|period|time)$/],
  ['free', /^((first )?free (seconds|secs|sec|time)|(first )?seconds free|frei(e )?sekunden)$/],
  ['steps', /^steps$/],
  ['from', /^(effective( date| from)?|valid from|valid(ity|ita)|activation|from|start ?date|gultig ab)$/],
  ['until', /^(valid (until|till)|end date|expiry|stop ?date|gultig bis)$/],
  ['blocked', /^(forbidden|blocked|rejects?|reject calls|closed|discontinued)$/],
  ['removed', /^(deleted|removed)$/],
  ['change', /^(change|status|rate change|comments?|action|type|tipo|nota|anderung)$/],
  [
    'price',
    /^(rate|price|cost|tariff|tariffa|tarif|preis|sell(ing)? (price|rate)|buy ?(price|rate)|price 1|initial rate|rate ?initial|rate cost|interrate|peak per minute|per minute( charge)?|((rate|price|cost|tariffa|usd|eur|gbp)( per)? min(ute)?))$/,
  ],
  [
    'name',
    /^(destination|destinazione|destino|description|target pattern name|rate name|location|localita|zone|ziel|name|network|operator|country)$/,
  ],
];

/** Names that say all; `country` and `network` together say the same. */
const WHOLE_NAME = /^(destination|destinazione|destino|description|target pattern name|ziel|name)$/;

export const normal = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/\([^)]*\)/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

const meaningOf = (name: string): Meaning | null => NAMES.find(([, fits]) => fits.test(normal(name)))?.[0] ?? null;

/** A header stands in one of the first rows. */
const LOOKED_AT = 40;

/** The place of the row that names the columns; -1 if none does. */
export function headerAt(rows: readonly SheetRow[]): number {
  return rows.slice(0, LOOKED_AT).findIndex(({ cells }) => {
    const meanings = new Set(cells.map(meaningOf).filter(meaning => meaning !== null));
    return meanings.size >= 2 && (meanings.has('code') || meanings.has('price'));
  });
}

/** What each column means, by the header, or by the values where there is none. */
export function meaningsIn(rows: readonly SheetRow[], header: number): (Meaning | null)[] {
  const width = Math.max(0, ...rows.slice(0, 200).map(({ cells }) => cells.length));
  const names = rows[header]?.cells ?? [];
  const all = Array.from({ length: width }, (_, index) => meaningOf(names[index] ?? ''));
  if (header < 0) return byValues(rows, width);
  const normalNames = names.map(normal);
  // A code that is whole needs no country before it, and an area code does.
  const whole = normalNames.indexOf('complete code');
  const hasWholeName = normalNames.some((name, at) => all[at] === 'name' && WHOLE_NAME.test(name));
  for (const [at, meaning] of all.entries()) {
    const isPart = whole >= 0 && at !== whole && (meaning === 'code' || meaning === 'countryCode');
    const isPartOfName = hasWholeName && meaning === 'name' && !WHOLE_NAME.test(normalNames[at] ?? '');
    if (isPart || isPartOfName) all[at] = null;
  }
  if (!all.includes('code')) {
    const at = all.indexOf('countryCode');
    if (at >= 0) all[at] = 'code';
  }
  const [hasNew, hasInitial] = [normalNames.some(name => /^new (rate|price)$/.test(name)), all.includes('initial')];
  const seen = new Set<Meaning>();
  return all.map((meaning, at) => {
    if (meaning === null) return null;
    // "New rate" counts, not "current rate"; "increment" beside an initial one is what follows.
    if (meaning === 'price' && hasNew && !/^new /.test(normalNames[at] ?? '')) return null;
    const means = meaning === 'increments' && hasInitial && !all.includes('next') ? 'next' : meaning;
    if (seen.has(means) && !MAY_REPEAT.includes(means)) return null;
    seen.add(means);
    return means;
  });
}

/** Without a header: the longest digits are the code, the longest words the name, and the first numbers with decimals the price. */
function byValues(rows: readonly SheetRow[], width: number): (Meaning | null)[] {
  const columns = Array.from({ length: width }, (_, at) => rows.slice(0, 50).map(({ cells }) => cells[at] ?? ''));
  const longest = (fits: RegExp) => {
    const lengths = columns.map(cells => (cells.every(cell => fits.test(cell)) ? cells.join('').length : 0));
    const most = Math.max(0, ...lengths);
    return most === 0 ? -1 : lengths.indexOf(most);
  };
  const code = longest(/^\+?\d[\d ,;|-]*$/);
  const name = longest(/^(?=.*\p{L}).{2,}$/u);
  const price = columns.findIndex(
    (cells, at) =>
      at !== code && cells.some(cell => /\d[.,]\d/.test(cell)) && cells.every(cell => /^\d*([.,]\d+)?$/.test(cell)),
  );
  return columns.map((_, at) => (at === code ? 'code' : at === name ? 'name' : at === price ? 'price' : null));
}
