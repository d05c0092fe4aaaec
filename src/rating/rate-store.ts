import { type Row, type Sql, select } from '../database/rows';
import { amountOf } from '../database/values';
import { type Markup, markedUp, markupsText } from './markup';
import { prefixesOf, type Rate } from './rate';
import { stepsOf } from './steps';

const MOST_REMEMBERED = 20_000;

/** The columns that `rateOf` reads, of a rate r, its version v and its deck d. */
export const RATE_COLUMNS = `r.version, r.prefix, r.destination, r.price_per_minute, r.connect_fee, r.minimum_charge,
  r.initial_increment_seconds, r.increment_seconds, r.grace_seconds, r.free_seconds, r.steps, r.schedule, r.max_seconds, r.is_blocked,
  DATE_FORMAT(r.valid_from, '%Y-%m-%d') AS valid_from, DATE_FORMAT(r.valid_until, '%Y-%m-%d') AS valid_until,
  v.deck, d.currency`;

/** One version of a deck. */
interface OneVersion {
  version: number;
  /** Digits of its longest prefix. */
  longestPrefix: number;
}

/** One version of a deck, and those of the decks that it stands on. */
export interface DeckVersion extends OneVersion {
  /** The nearest first; absent for a deck that stands on none. */
  parents?: readonly ParentVersion[];
}

/** The current version of a deck that another one stands on. */
export interface ParentVersion extends OneVersion {
  /** What is added to its lines, in this order. */
  markups: readonly Markup[];
}

/** A number to rate by one version of a deck. */
export interface RateQuestion extends DeckVersion {
  digits: string;
}

/**
 * The rates that could apply to a number: those of its prefixes in one version of a deck, on any day.
 *
 * Remembers what it read, at most 20,000 beginnings of numbers, each as long as the deck's longest prefix. A version never changes, so
 * nothing in here can be stale.
 */
export class RateStore {
  private readonly remembered = new Map<string, Rate[]>();

  /**
   * The candidates of each question, in the order of the questions; one SELECT for all that are not remembered. Those of the decks that a deck
   * stands on come behind its own, with its markup.
   */
  async candidates(sql: Sql, questions: RateQuestion[]): Promise<Rate[][]> {
    if (questions.every(({ parents }) => parents === undefined)) return this.lines(sql, questions);
    const chains = questions.map(({ parents = [], ...own }) => [
      own,
      ...parents.map(({ version, longestPrefix }) => ({ version, longestPrefix, digits: own.digits })),
    ]);
    const lines = await this.lines(sql, chains.flat());
    let at = 0;
    return questions.map(({ parents = [] }) => {
      const own = lines[at++] as Rate[];
      if (parents.length === 0) return own;
      return [...own, ...parents.flatMap(({ markups }) => inChain(lines[at++] as Rate[], markups))];
    });
  }

  /** The same of decks that stand on none: the lines as they are in their versions. */
  private async lines(sql: Sql, questions: RateQuestion[]): Promise<Rate[][]> {
    const missing = new Map<string, RateQuestion>();
    // Held apart: if another batch displaces it from memory meanwhile, that must not look like "no rate".
    const found = new Map<string, Rate[]>();
    for (const question of questions) {
      const known = this.remembered.get(keyOf(question));
      if (known) found.set(keyOf(question), known);
      else missing.set(keyOf(question), question);
    }
    if (missing.size > 0) {
      const byVersion = new Map<number, Set<string>>();
      for (const question of missing.values()) {
        const { version } = question;
        const prefixes = byVersion.get(version) ?? byVersion.set(version, new Set()).get(version)!;
        for (const prefix of prefixesOf(beginningOf(question))) prefixes.add(prefix);
      }
      const conditions = [...byVersion].map(() => '(r.version = ? AND r.prefix IN (?))').join(' OR ');
      const values = [...byVersion].flatMap(([version, prefixes]) => [version, [...prefixes]]);
      const rows = await select(
        sql,
        `SELECT ${RATE_COLUMNS} FROM astrate r JOIN astratedeckversion v ON v.version = r.version
         JOIN astratedeck d ON d.deck = v.deck WHERE ${conditions}`,
        values,
      );
      const rates = rows.map(rateOf);
      for (const [key, { version, digits }] of missing) {
        found.set(
          key,
          rates.filter(rate => rate.version === version && digits.startsWith(rate.prefix)),
        );
      }
    }
    for (const [key, rates] of found) this.remember(key, rates);
    return questions.map(question => found.get(keyOf(question)) as Rate[]);
  }

  private remember(key: string, rates: Rate[]): void {
    // Taken out and put in again, so that the first of the map is the one whose last use is longest ago.
    this.remembered.delete(key);
    this.remembered.set(key, rates);
    if (this.remembered.size > MOST_REMEMBERED) {
      this.remembered.delete(this.remembered.keys().next().value as string);
    }
  }
}

/** Lines of a deck as they are for one that stands on it. */
export function inChain(lines: readonly Rate[], markups: readonly Markup[]): Rate[] {
  const text = markupsText(markups);
  return lines.map(line => ({ ...markedUp(line, markups), markups: text }));
}

/** The part of the number with which any prefix can be compared. */
const beginningOf = ({ digits, longestPrefix }: RateQuestion): string => digits.slice(0, longestPrefix);

const keyOf = (question: RateQuestion): string => `${question.version}:${beginningOf(question)}`;

export function rateOf(row: Row): Rate {
  return {
    deck: row.deck,
    version: Number(row.version),
    currency: row.currency,
    prefix: row.prefix,
    destination: row.destination,
    isBlocked: row.is_blocked === 1,
    pricePerMinute: amountOf(row.price_per_minute),
    connectFee: amountOf(row.connect_fee),
    minimumCharge: amountOf(row.minimum_charge),
    initialIncrementSeconds: row.initial_increment_seconds,
    incrementSeconds: row.increment_seconds,
    graceSeconds: row.grace_seconds,
    freeSeconds: row.free_seconds,
    steps: stepsOf(row.steps),
    maxSeconds: row.max_seconds,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    ...(row.schedule !== '' && { schedule: row.schedule as string }),
  };
}
