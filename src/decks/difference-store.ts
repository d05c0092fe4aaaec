/** Reads two versions of a deck side by side. */
import type { Knex } from 'knex';
import { urlOf } from '../database/connection';
import type { Row } from '../database/rows';
import { cursorOf, type ListOrder } from '../operator/cursor';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { prefixesOf, type Rate, rateOn } from '../rating/rate';
import { RATE_COLUMNS, rateOf } from '../rating/rate-store';
import { comparisonsByDatabase } from './comparisons';
import { PREFIXES_AT_ONCE, type Priced, pricesBehind } from './deck-change-store';
import { deckNamed, noVersionOf } from './deck-store';
import { type Difference, type DifferenceKind, differenceOf, isOfKind, type Side } from './differences';

/** A cursor names both versions: a comparison that is read on stays the one that was begun. */
export const DIFFERENCES_ORDER: ListOrder = {
  name: 'differences',
  columns: [
    { column: 'before', kind: 'number' },
    { column: 'version', kind: 'number' },
    { column: 'prefix', kind: 'text' },
  ],
};

/** Two versions of a deck, the day on which their prices are compared, and what of it is wanted. */
export interface Comparison {
  /** 0 for none: then all is new. */
  before: number;
  version: number;
  /** `2026-12-31`. */
  day: string;
  kind?: DifferenceKind | undefined;
}

/** Prefixes of each version that one part of the list looks at, at most: two versions that are nearly the same have long stretches without a difference. */
const MOST_PREFIXES_A_PART = 100_000;

/** Differing prefixes whose rates are read at once, with those of their shorter prefixes. */
const READ_AT_ONCE = 200;

/** @throws Refused deck_not_found, version_not_found, version_incomplete */
export async function refuseIncomplete(database: Knex, deck: string, version: number): Promise<void> {
  const row = await database('astratedeckversion').where({ deck, version }).first('imported_at', 'loaded_at');
  if (!row) throw await noVersionOf(database, deck, version);
  if (row.imported_at === null && row.loaded_at === null) {
    const name = `version ${version} of deck ${JSON.stringify(deck)}`;
    throw new Refused('version_incomplete', `${name} is being loaded or deleted: wait, or take another one`);
  }
}

/** The currency of a version: its own, or that of its deck if it is from before a version had one. Assumes that it is there. */
export async function currencyOf(database: Knex, deck: string, version: number): Promise<string> {
  const row = await database('astratedeckversion').where({ deck, version }).first('currency');
  return row?.currency ?? (await deckNamed(database, deck)).currency;
}

/** One at a time: each keeps a connection busy that uploads need too. Parts do not wait for whole lists, which may take minutes. */
const turns = { mostKept: 0, mostAtOnce: 1 };
const wholes = comparisonsByDatabase<Page<Difference>>(turns);
const parts = comparisonsByDatabase<Page<Difference>>(turns);

/** As `listDifferences`, in its turn: who asks for the same while it is in progress gets the same result. */
export function listDifferencesOnce(
  database: Knex,
  comparison: Comparison,
  rows: PageRequest,
  signal?: AbortSignal,
): Promise<Page<Difference>> {
  const { before, version, day, kind = null } = comparison;
  const { limit, offset, byKey = null } = rows;
  const name = JSON.stringify([before, version, day, kind, limit, offset, byKey]);
  const those = isWhole(rows) ? wholes : parts;
  return those(urlOf(database)).result(name, stop => listDifferences(database, comparison, rows, stop), signal);
}

const isWhole = ({ byKey }: PageRequest): boolean => byKey === undefined || byKey.isCounted;

/**
 * The differences of two complete versions, in the order of their prefixes. By pages the whole is compared, and counted; by key a part is, which
 * may have few differences, or none, and then says where to read on.
 * @throws the reason of `signal`
 */
export async function listDifferences(
  database: Knex,
  comparison: Comparison,
  rows: PageRequest,
  signal?: AbortSignal,
): Promise<Page<Difference>> {
  const { before, version, kind } = comparison;
  const { limit, offset, byKey } = rows;
  const isCounted = isWhole(rows);
  const [, , begun] = byKey?.after ?? [];
  const after = begun === undefined ? null : String(begun);
  const items: Difference[] = [];
  let total = 0;
  let cutAt: string | null = null;
  // What is counted is the whole, wherever it is read on.
  let last = isCounted ? null : after;
  for (let looked = 0; ; looked += PREFIXES_AT_ONCE) {
    signal?.throwIfAborted();
    if (!isCounted && looked >= MOST_PREFIXES_A_PART) {
      cutAt = last;
      break;
    }
    const { differing, end } = await prefixesBehind(database, comparison, last);
    for (let at = 0; at < differing.length && (isCounted || cutAt === null); at += READ_AT_ONCE) {
      signal?.throwIfAborted();
      for (const difference of await differencesOf(database, comparison, differing.slice(at, at + READ_AT_ONCE))) {
        if (kind !== undefined && !isOfKind(difference, kind)) continue;
        total++;
        if (total <= offset || (after !== null && difference.prefix <= after)) continue;
        if (items.length < limit) items.push(difference);
        else cutAt ??= items.at(-1)?.prefix ?? null;
      }
    }
    if (end === null || (cutAt !== null && !isCounted)) break;
    last = end;
  }
  const isPart = byKey !== undefined && cutAt !== null;
  const next = isPart ? cursorOf(DIFFERENCES_ORDER, [String(before), String(version), cutAt as string]) : null;
  return { items, ...(isCounted && { total }), ...(next !== null && { nextCursor: next }) };
}

interface Stretch {
  /** Those whose lines differ, in their order. */
  differing: string[];
  /** The last prefix that was looked at; null at the end of both versions. */
  end: string | null;
}

/** The next prefixes behind `last`. The database compares them: to read all their rates took 50 µs each. */
async function prefixesBehind(database: Knex, { before, version }: Comparison, last: string | null): Promise<Stretch> {
  const [olds, news] = [await pricesBehind(database, before, last), await pricesBehind(database, version, last)];
  const ends = [olds, news].flatMap(rows => (rows.length === PREFIXES_AT_ONCE ? [(rows.at(-1) as Priced).prefix] : []));
  const end = ends.sort().at(0) ?? null;
  const isWithin = ({ prefix }: Priced) => end === null || prefix <= end;
  const rest = new Map(olds.filter(isWithin).map(({ prefix, prices }) => [prefix, String(prices)]));
  const differing: string[] = [];
  for (const { prefix, prices } of news.filter(isWithin)) {
    if (rest.get(prefix) !== String(prices)) differing.push(prefix);
    rest.delete(prefix);
  }
  return { differing: [...differing, ...rest.keys()].sort(), end };
}

/** What differs for each of these prefixes. */
async function differencesOf(
  database: Knex,
  { before, version, day }: Comparison,
  prefixes: readonly string[],
): Promise<Difference[]> {
  const wanted = [...new Set(prefixes.flatMap(prefixesOf))];
  const [olds, news] = [await linesOf(database, before, wanted), await linesOf(database, version, wanted)];
  const sideOf = (lines: Map<string, Rate[]>, prefix: string): Side => {
    const shorter = prefixesOf(prefix).slice(1);
    return {
      own: lines.get(prefix) ?? [],
      inherited: rateOn(
        day,
        shorter.flatMap(each => lines.get(each) ?? []),
      ),
    };
  };
  return prefixes.flatMap(prefix => differenceOf(prefix, day, sideOf(olds, prefix), sideOf(news, prefix)) ?? []);
}

/** The lines of a version that have one of these prefixes, by their prefixes. */
async function linesOf(database: Knex, version: number, prefixes: readonly string[]): Promise<Map<string, Rate[]>> {
  const rows: Row[] = await database('astrate as r')
    .join('astratedeckversion as v', 'v.version', 'r.version')
    .leftJoin('astratedeck as d', 'd.deck', 'v.deck')
    .where('r.version', version)
    .whereIn('r.prefix', prefixes)
    .orderBy(['r.prefix', 'r.line'])
    .select(database.raw(RATE_COLUMNS));
  const lines = new Map<string, Rate[]>();
  for (const rate of rows.map(rateOf)) {
    const own = lines.get(rate.prefix);
    if (own) own.push(rate);
    else lines.set(rate.prefix, [rate]);
  }
  return lines;
}
