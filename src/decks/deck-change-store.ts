import type { Knex } from 'knex';
import { Refused } from '../operator/operator-refusal';

/** The number of prefixes with the same change, and the first of them. */
export type Prefixes = {
  count: number;
  /** At most three, in their order. Empty: any number. */
  examples: string[];
};

const FATES = ['new', 'changed', 'gone', 'unchanged', 'lapsed', 'blocked'] as const;

/**
 * What one version of a deck changes against the one before. A prefix counts once, however many days it has prices for. It counts as
 * changed if anything but its line has changed. `lapsed` is a part of `changed`: the prefixes that had a price today (UTC), and now have
 * prices of other days only. `blocked` is another part of it: the prefixes that had a price today, and are blocked today.
 */
export type DeckChanges = Record<(typeof FATES)[number], Prefixes>;

/**
 * Whether more than a fifth of the earlier prefixes are gone, or have no price today any more, or are blocked: such a file is a part of a deck,
 * or of another one, or begins later, or was misread.
 */
export const isShrunk = ({ changed, gone, unchanged, lapsed, blocked }: DeckChanges): boolean =>
  (gone.count + lapsed.count + blocked.count) * 5 > changed.count + gone.count + unchanged.count;

/** The refusal of such a file or version, `what`. `todo`: how the sentence ends. */
export function prefixesGone(what: string, deck: string, changes: DeckChanges, todo: string): Refused {
  const { changed, gone, unchanged, lapsed, blocked } = changes;
  const before = changed.count + gone.count + unchanged.count;
  const of = `of the ${before} prefixes of deck ${JSON.stringify(deck)}`;
  const parts = [
    ['lacks', gone],
    ['has no price today for', lapsed],
    ['blocks', blocked],
  ] as const;
  const why = parts
    .filter(([, { count }]) => count > 0)
    .map(([verb, those], at) => `${verb} ${those.count} ${at === 0 ? of : 'more'} (${namesOf(those)})`)
    .join(' and ');
  return new Refused('prefixes_gone', `${what} ${why}, more than a fifth, ${todo}`).about({
    deck,
    before,
    gone: gone.count,
    lapsed: lapsed.count,
    blocked: blocked.count,
  });
}

/** `30, 31, 32, …` */
function namesOf({ count, examples }: Prefixes): string {
  const such = examples.map(prefix => prefix || 'any number').join(', ');
  return count > examples.length ? `${such}, …` : such;
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
      const wasPriced = Number(old.isPriced) > Number(old.isBlocked);
      if (wasPriced && Number(young.isPriced) === 0) add('lapsed', old.prefix);
      if (wasPriced && Number(young.isBlocked) === 1) add('blocked', old.prefix);
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
  /** 1 if it has a line of today (UTC), else 0; MySQL tells it as a text. */
  isPriced: number | string;
  /** 1 if that line is blocked, else 0. */
  isBlocked: number | string;
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
  'is_blocked',
  'free_seconds',
  'steps',
  'schedule',
];

/** 60 bits that stand for a line. Their sum stands for the lines of a prefix, in whatever order: two others have the same once in 2^60 times. */
const PRINT = `CAST(CONV(LEFT(SHA2(CONCAT_WS('|', ${PRICED.map(column => `COALESCE(${column}, '')`).join(', ')}), 256), 15), 16, 10) AS UNSIGNED)`;

const IS_OF_TODAY =
  '(valid_from IS NULL OR valid_from <= UTC_DATE()) AND (valid_until IS NULL OR valid_until >= UTC_DATE())';

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
    `SELECT prefix, SUM(${PRINT}) AS prices, MAX(${IS_OF_TODAY}) AS isPriced, MAX(is_blocked AND ${IS_OF_TODAY}) AS isBlocked FROM astrate WHERE version = ? ${rest} GROUP BY prefix ORDER BY prefix LIMIT ?`,
    [version, ...(last === null ? [] : [last]), PREFIXES_AT_ONCE],
  );
  return rows;
}
