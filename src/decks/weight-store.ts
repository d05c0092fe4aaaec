/** Reads the calls that a deck rated, or that were carried at its prices, to weigh a version by them. */
import type { Knex } from 'knex';
import { urlOf } from '../database/connection';
import type { Row } from '../database/rows';
import { prefixesOf, type Rate } from '../rating/rate';
import { inChain, RATE_COLUMNS, rateOf } from '../rating/rate-store';
import { comparisonsByDatabase } from './comparisons';
import { heldSql, schedulesIn } from './held-schedule-store';
import { chainOf, type Level, readTree, standingOn, type Tree } from './parent-store';
import { type DeckTalk, type Lines, type Move, type Talk, type Weight, weighed } from './weights';

/** The calls of so many days are looked at. */
export const WEIGHED_DAYS = 30;

/** The newest so many of them: those of a busy month would be read for minutes. */
const MOST_CALLS = 1_000_000;

/** Beginnings of numbers, those with most talk: what lies behind is told apart. */
const MOST_NUMBERS = 50_000;

const PREFIXES_AT_ONCE = 2_000;

const MS_A_DAY = 86_400_000;

export interface DeckWeight {
  deck: string;
  version: number;
  /** 0 for none. */
  before: number;
  currency: string;
  /** Calls from then on were looked at. */
  since: Date;
  /** Of the calls that this deck rated or cost. */
  calls: number;
  seconds: number;
  /** Part of `seconds`: what the rest talked with was too scattered to be looked up. */
  weighedSeconds: number;
  weights: Weight[];
  /** The first of them. */
  moves: Move[];
}

export interface WeightRequest {
  deck: string;
  version: number;
  before: number;
  currency: string;
  /** `2026-12-31`: on which day the prices of both are looked up. */
  day: string;
  /** Calls that started then or later. */
  since: Date;
  mostMoves: number;
}

/** Calls go on, so none is kept. One at a time: it reads a month of calls, on a connection that uploads need too. */
const weighings = comparisonsByDatabase<DeckWeight>({ mostKept: 0, mostAtOnce: 1 });

/**
 * As `weigh`, in its turn: who asks for the same while it is in progress gets the same result.
 * @throws the reason of `signal`
 */
export function weighOnce(database: Knex, request: WeightRequest, signal?: AbortSignal): Promise<DeckWeight> {
  const { deck, before, version, day, mostMoves } = request;
  const name = JSON.stringify([deck, before, version, day, mostMoves]);
  return weighings(urlOf(database)).result(name, stop => weigh(database, request, stop), signal);
}

/**
 * What a version changes for the talk of calls that were made: those that the deck rated for accounts, and those over trunks whose cost deck it
 * is. Calls of decks that stand on it are weighed at the prices of those decks, with their lines and markups, and each call once: at the
 * deck's own price where it has one. The decks stand on one another as they do now.
 * @throws the reason of `signal`
 */
export async function weigh(database: Knex, request: WeightRequest, signal?: AbortSignal): Promise<DeckWeight> {
  const { deck, version, before, currency, day, since: wanted, mostMoves } = request;
  const since = await firstOfNewest(database, wanted);
  const tree = await readTree(database);
  const chains = new Map(standingOn(tree, deck).map(name => [name, chainWith(tree, name, deck)]));
  const versions = [...chains.values()].flatMap(levels => levels.map(level => level.version));
  const longest = await longestPrefixOf(database, [...versions, before, version]);
  signal?.throwIfAborted();
  const decks = [...chains.keys()];
  const raters = [...new Set([...chains.values()].flatMap(levels => levels.map(level => level.deck)))];
  const span = { from: since.getTime(), until: wanted.getTime() + (WEIGHED_DAYS + 1) * MS_A_DAY };
  const schedules = await schedulesIn(database, [...versions, before, version], span);
  const query = database('astcdr as c')
    .leftJoin('astaccount as a', on => on.on('a.accountcode', 'c.accountcode').andOnIn('a.deck', decks))
    .leftJoin('asttrunk as t', on =>
      on.on('t.trunk', 'c.trunk').andOnNull('t.removed_at').andOnIn('t.cost_deck', decks),
    )
    .where('c.start_at', '>=', since)
    .where('c.billsec', '>', 0)
    .where(of => {
      of.where({ 'c.rate_deck': deck, 'c.rate_markups': '' })
        .orWhere(by => by.whereNotNull('a.deck').whereIn('c.rate_deck', raters))
        .orWhereNotNull('t.cost_deck');
    })
    .select(
      database.raw(
        `CASE WHEN t.cost_deck = ? THEN t.cost_deck
           WHEN a.deck IS NOT NULL AND c.rate_deck IN (?) THEN a.deck
           WHEN c.rate_deck = ? AND c.rate_markups = '' THEN c.rate_deck ELSE t.cost_deck END AS of_deck`,
        [deck, raters, deck] as never,
      ),
      database.raw('LEFT(c.dst, ?) AS digits, COUNT(*) AS calls, SUM(c.billsec) AS seconds', [longest]),
      // Of all groups, also of those behind the limit.
      database.raw('SUM(COUNT(*)) OVER () AS all_calls, SUM(SUM(c.billsec)) OVER () AS all_seconds'),
    )
    .groupBy('of_deck', 'digits')
    .orderBy('seconds', 'desc')
    .limit(MOST_NUMBERS);
  if (schedules.length > 0) {
    const isCarriers = {
      sql: `t.cost_deck <=> ?
        OR NOT COALESCE(a.deck IS NOT NULL AND c.rate_deck IN (?) OR c.rate_deck = ? AND c.rate_markups = '', FALSE)`,
      values: [deck, raters, deck],
    };
    const { sql, values } = await heldSql(database, isCarriers, schedules, span);
    query.leftJoin('astaccount as payer', 'payer.accountcode', 'c.accountcode').groupBy('held');
    query.select(database.raw(`${sql} AS held`, values as never));
  }
  const rows: Row[] = await query;
  const heldIn = (held: string) => schedules.filter((_, at) => held[at] === '1').map(({ schedule }) => schedule);
  const talksOf = new Map<string, Talk[]>();
  for (const { of_deck: name, digits, calls, seconds, held = '' } of rows) {
    const talks = talksOf.get(name) ?? talksOf.set(name, []).get(name)!;
    talks.push({ digits, calls: Number(calls), seconds: Number(seconds), held: heldIn(held) });
  }
  const weighing: DeckTalk[] = [];
  for (const [name, talks] of talksOf) {
    const prefixes = [...new Set(talks.flatMap(({ digits }) => prefixesOf(digits)))];
    const levels = chains.get(name) as Level[];
    const linesWith = (its: number) =>
      linesOfChain(
        database,
        levels.map(level => (level.deck === deck ? { ...level, version: its } : level)),
        prefixes,
        signal,
      );
    weighing.push({ deck: name, talks, before: await linesWith(before), after: await linesWith(version) });
  }
  const { weights, moves } = weighed(weighing, day);
  return {
    deck,
    version,
    before,
    currency,
    since,
    calls: Number(rows[0]?.all_calls ?? 0),
    seconds: Number(rows[0]?.all_seconds ?? 0),
    weighedSeconds: [...talksOf.values()].flat().reduce((sum, { seconds }) => sum + seconds, 0),
    weights,
    moves: moves.slice(0, mostMoves),
  };
}

/** The chain of a deck that is, or stands on, the weighed one; that one may have no current version yet, and not be there. */
function chainWith(tree: Tree, name: string, weighedDeck: string): Level[] {
  const levels = chainOf(tree, name);
  return levels.length === 0 ? [{ deck: weighedDeck, version: 0, markups: [] }] : levels;
}

/** The start from which on there are a million calls; `wanted` if there are fewer since then. Reads the index alone. */
async function firstOfNewest(database: Knex, wanted: Date): Promise<Date> {
  const [oldest] = await database('astcdr')
    .where('start_at', '>=', wanted)
    .orderBy('start_at', 'desc')
    .offset(MOST_CALLS - 1)
    .limit(1)
    .select('start_at');
  return oldest?.start_at ?? wanted;
}

async function longestPrefixOf(database: Knex, versions: readonly number[]): Promise<number> {
  const [row] = await database('astratedeckversion').whereIn('version', versions).max({ longest: 'longest_prefix' });
  return Number(row?.longest ?? 0);
}

/** The lines of a chain that have one of these prefixes, with their markups; of each prefix those of the nearest deck first. */
async function linesOfChain(
  database: Knex,
  levels: readonly Level[],
  prefixes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Lines> {
  const lines = new Map<string, Rate[]>();
  for (const { version, markups } of levels) {
    for (let at = 0; at < prefixes.length; at += PREFIXES_AT_ONCE) {
      signal?.throwIfAborted();
      const rows: Row[] = await database('astrate as r')
        .join('astratedeckversion as v', 'v.version', 'r.version')
        .leftJoin('astratedeck as d', 'd.deck', 'v.deck')
        .where('r.version', version)
        .whereIn('r.prefix', prefixes.slice(at, at + PREFIXES_AT_ONCE))
        .select(database.raw(RATE_COLUMNS));
      for (const rate of inChain(rows.map(rateOf), markups)) {
        const those = lines.get(rate.prefix);
        if (those) those.push(rate);
        else lines.set(rate.prefix, [rate]);
      }
    }
  }
  return lines;
}
