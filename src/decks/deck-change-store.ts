import type { Knex } from 'knex';

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
export function isShrunk(changes: DeckChanges): boolean {
  return changes.gone.count * 5 > prefixesBefore(changes);
}

/** How many prefixes the version before has. */
export const prefixesBefore = ({ changed, gone, unchanged }: DeckChanges): number =>
  changed.count + gone.count + unchanged.count;

/** What `version` changes against `before`. Both are complete; each is read once, in short statements. */
export async function changesBetween(database: Knex, before: number, version: number): Promise<DeckChanges> {
  const changes = Object.fromEntries(FATES.map(fate => [fate, { count: 0, examples: [] }])) as unknown as DeckChanges;
  const add = (fate: keyof DeckChanges, prefix: string) => {
    const { examples } = changes[fate];
    changes[fate].count += 1;
    if (examples.length < 3) examples.push(prefix);
  };
  const [olds, news] = [pricesInOrder(database, before), pricesInOrder(database, version)];
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

/** A prefix, with all that a version has for it except the lines. */
interface Priced {
  prefix: string;
  prices: string;
}

const next = async (prices: AsyncGenerator<Priced>): Promise<Priced | null> => (await prices.next()).value ?? null;

const ROWS_AT_ONCE = 5_000;

/** A version's prefixes in the order of the table's key. For digits that is the order of JavaScript's texts. */
async function* pricesInOrder(database: Knex, version: number): AsyncGenerator<Priced> {
  let last = { prefix: '', line: 0 };
  let prefix: string | null = null;
  let prices: string[] = [];
  // The order of the days, not of the lines.
  const whole = (): Priced => ({ prefix: prefix as string, prices: prices.sort().join() });
  for (;;) {
    const [rows] = await database.raw(
      `SELECT * FROM astrate WHERE version = ? AND prefix >= ? AND NOT (prefix = ? AND line <= ?)
       ORDER BY prefix, line LIMIT ?`,
      [version, last.prefix, last.prefix, last.line, ROWS_AT_ONCE],
    );
    for (const { version: _, prefix: its, line, ...price } of rows) {
      if (prefix !== null && its !== prefix) {
        yield whole();
        prices = [];
      }
      prefix = its;
      prices.push(JSON.stringify(price));
      last = { prefix: its, line };
    }
    if (rows.length < ROWS_AT_ONCE) break;
  }
  if (prefix !== null) yield whole();
}
