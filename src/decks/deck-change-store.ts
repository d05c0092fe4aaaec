import type { Knex } from 'knex';
import { Refused } from '../operator/operator-refusal';

/** The number of prefixes with the same change, and the first of them. */
export type Prefixes = {
  count: number;
  /** At most three, in their order. Empty: any number. */
  examples: string[];
};

const FATES = ['new', 'changed', 'gone', 'unchanged'] as const;

/**
 * What one version of a deck changes against the one before. A prefix counts once, however many days it has prices for. It counts as
 * changed if anything but its line has changed.
 */
export type DeckChanges = Record<(typeof FATES)[number], Prefixes>;

/** Whether more than a fifth of the earlier prefixes are gone: such a file is a part of a deck, or of another one. */
export const isShrunk = ({ changed, gone, unchanged }: DeckChanges): boolean =>
  gone.count * 5 > changed.count + gone.count + unchanged.count;

/** The refusal of such a file or version, `what`. `todo`: how the sentence ends. */
export function prefixesGone(what: string, deck: string, changes: DeckChanges, todo: string): Refused {
  const { changed, gone, unchanged } = changes;
  const before = changed.count + gone.count + unchanged.count;
  const such = gone.examples.map(prefix => prefix || 'any number').join(', ');
  const more = gone.count > gone.examples.length ? ', …' : '';
  return new Refused(
    'prefixes_gone',
    `${what} lacks ${gone.count} of the ${before} prefixes of deck ${JSON.stringify(deck)} (${such}${more}), more than a fifth, ${todo}`,
  );
}

/**
 * What `version` changes against `before`. Both are complete; each is read once, in short statements. Ends between two of them when `signal` is
 * aborted.
 * @throws the reason of `signal`
 */
export async function changesBetween(
  database: Knex,
  before: number,
  version: number,
  signal?: AbortSignal,
): Promise<DeckChanges> {
  const changes = Object.fromEntries(FATES.map(fate => [fate, { count: 0, examples: [] }])) as unknown as DeckChanges;
  const add = (fate: keyof DeckChanges, prefix: string) => {
    const { examples } = changes[fate];
    changes[fate].count += 1;
    if (examples.length < 3) examples.push(prefix);
  };
  const [olds, news] = [pricesInOrder(database, before, signal), pricesInOrder(database, version, signal)];
  let [old, young] = [await next(olds), await next(news)];
  while (old || young) {
    if (old && young && old.prefix === young.prefix) {
      add(old.prices === young.prices ? 'unchanged' : 'changed', old.prefix);
      [old, young] = [await next(olds), await next(news)];
    } else if (old && (!young || old.prefix < young.prefix)) {
      add('gone', old.prefix);
      old = await next(olds);
    } else if (young) {
      add('new', young.prefix);
      young = await next(news);
    }
  }
  return changes;
}

/** A prefix, with what stands for all that a version has for it except the lines. */
export interface Priced {
  prefix: string;
  prices: string;
}

const next = async (prices: AsyncGenerator<Priced>): Promise<Priced | null> => (await prices.next()).value ?? null;

export const PREFIXES_AT_ONCE = 5_000;

/** All that a line has besides its prefix and its number. */
const PRICED = [
  'destination',
  'price_per_minute',
  'connect_fee',
  'minimum_charge',
  'initial_increment_seconds',
  'increment_seconds',
  'grace_seconds',
  'max_seconds',
  'valid_from',
  'valid_until',
];

/** 60 bits that stand for a line. Their sum stands for the lines of a prefix, in whatever order: two others have the same once in 2^60 times. */
const PRINT = `CAST(CONV(LEFT(SHA2(CONCAT_WS('|', ${PRICED.map(column => `COALESCE(${column}, '')`).join(', ')}), 256), 15), 16, 10) AS UNSIGNED)`;

/** A version's prefixes in the order of the table's key. For digits that is the order of JavaScript's texts. */
async function* pricesInOrder(
  database: Knex,
  version: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Priced> {
  for (let last: string | null = null; ; ) {
    signal?.throwIfAborted();
    const rows = await pricesBehind(database, version, last);
    yield* rows;
    if (rows.length < PREFIXES_AT_ONCE) return;
    last = (rows.at(-1) as Priced).prefix;
  }
}

/** The next 5,000 of them behind a prefix; null for the first. */
export async function pricesBehind(database: Knex, version: number, last: string | null): Promise<Priced[]> {
  const rest = last === null ? '' : 'AND prefix > ?';
  const [rows] = await database.raw(
    `SELECT prefix, SUM(${PRINT}) AS prices FROM astrate WHERE version = ? ${rest} GROUP BY prefix ORDER BY prefix LIMIT ?`,
    [version, ...(last === null ? [] : [last]), PREFIXES_AT_ONCE],
  );
  return rows;
}
