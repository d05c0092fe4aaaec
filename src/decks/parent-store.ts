/** Which deck a deck stands on, and what it adds to its prices. */
import type { Knex } from 'knex';
import { lockBooks } from '../database/books-id';
import { inTransaction } from '../database/connection';
import type { Row } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { formatAmount, type Micros, ZERO } from '../money/micros';
import type { Acting } from '../operator/acting';
import { changedFields, writeAudit } from '../operator/audit-store';
import { noDeck, Refused } from '../operator/operator-refusal';
import { type Markup, MOST_DECKS } from '../rating/markup';

/** A deck that stands on another one, or on none. */
export interface DeckParent {
  deck: string;
  currency: string;
  /** null for none. */
  parent: string | null;
  /** Added to each amount of a line of `parent`; millionths of a per cent. */
  markupPercent: Micros;
  /** Added to each of its prices per minute. */
  markupAmount: Micros;
}

/** What a deck without a parent adds. */
const NOTHING = { parent: null, markupPercent: ZERO, markupAmount: ZERO };

/**
 * Lets a deck stand on another one, with a markup, or on none: calls that start from then on are rated so, and calls in progress keep their
 * price. A deck that does not exist is made, without rates of its own, in the currency of the other one.
 *
 * One such change at a time (`lockBooks`): two operators that put each other's decks on their own at once would otherwise make a circle. The
 * rows of other decks are read and not locked, so no import waits.
 * @throws Refused deck_not_found, deck_in_circle, deck_chain_too_long, currency_mismatch; DatabaseFault
 */
export async function setParent(
  acting: Acting,
  deck: string,
  on: { parent: string; markupPercent: Micros; markupAmount: Micros } | null,
): Promise<DeckParent> {
  const change = async (transaction: Knex.Transaction) => {
    await lockBooks(transaction);
    if (on !== null) await makeOn(transaction, deck, on.parent);
    const decks = await readTree(transaction);
    const known = decks.get(deck);
    if (known === undefined) throw on === null ? noDeck('deck', deck) : noDeck('parent', on.parent);
    if (on !== null) refuseParent(decks, deck, on.parent);
    const { parent, markupPercent, markupAmount } = on ?? NOTHING;
    const changed = changedFields(factsOf(known), factsOf({ parent, markupPercent, markupAmount }));
    if (changed !== null) {
      const columns = { markup_percent: decimalOf(markupPercent), markup_amount: decimalOf(markupAmount) };
      await transaction('astratedeck')
        .where({ deck })
        .update({ parent, ...columns });
      await writeAudit(transaction, acting, { operation: 'deck parent', object: `deck ${deck}`, ...changed });
    }
    return { deck, currency: known.currency, parent, markupPercent, markupAmount };
  };
  return inTransaction(acting.database, change, { idempotent: true });
}

/** A deck with its current version; 0 if it was never imported. */
export interface DeckInTree extends DeckParent {
  version: number;
}

/** All decks by their names. */
export type Tree = ReadonlyMap<string, DeckInTree>;

/** The decks, as they stand on one another. Locks nothing. */
export async function readTree(database: Knex): Promise<Tree> {
  const rows: Row[] = await database('astratedeck');
  return new Map(
    rows.map(row => [
      row.deck,
      {
        deck: row.deck,
        currency: row.currency,
        version: Number(row.version),
        parent: row.parent,
        markupPercent: amountOf(row.markup_percent),
        markupAmount: amountOf(row.markup_amount),
      },
    ]),
  );
}

/** A deck of a chain, and what is added to its lines, in this order. */
export interface Level {
  deck: string;
  version: number;
  markups: readonly Markup[];
}

/** The deck and those that it stands on, the nearest first; none for a deck that is not there. */
export function chainOf(decks: Tree, deck: string): Level[] {
  const levels: Level[] = [];
  let markups: readonly Markup[] = [];
  for (let each = decks.get(deck); each !== undefined && levels.length < MOST_DECKS; ) {
    levels.push({ deck: each.deck, version: each.version, markups });
    markups = [{ percent: each.markupPercent, perMinute: each.markupAmount }, ...markups];
    each = each.parent === null ? undefined : decks.get(each.parent);
  }
  return levels;
}

/** The deck and those that stand on it, directly or not. */
export const standingOn = (decks: Tree, deck: string): string[] => [
  deck,
  ...[...decks.keys()].filter(name => name !== deck && chainOf(decks, name).some(level => level.deck === deck)),
];

/** Makes the deck if it is not there and its parent is. */
const makeOn = (transaction: Knex.Transaction, deck: string, parent: string): Promise<unknown> =>
  transaction.raw(
    `INSERT INTO astratedeck (deck, currency) SELECT ?, currency FROM astratedeck WHERE deck = ?
     ON DUPLICATE KEY UPDATE deck = VALUES(deck)`,
    [deck, parent],
  );

const factsOf = ({
  parent,
  markupPercent,
  markupAmount,
}: Pick<DeckParent, 'parent' | 'markupPercent' | 'markupAmount'>) => ({
  parent,
  markup_percent: formatAmount(markupPercent),
  markup_amount: formatAmount(markupAmount),
});

/** @throws Refused */
function refuseParent(decks: Tree, deck: string, parent: string): void {
  const [own, its] = [decks.get(deck), decks.get(parent)];
  if (its === undefined) throw noDeck('parent', parent);
  const above = namesAbove(decks, parent);
  if (above.includes(deck)) {
    const way = [...above.slice(0, above.indexOf(deck)), deck].join(' on ');
    throw new Refused(
      'deck_in_circle',
      `deck ${JSON.stringify(deck)} cannot stand on ${JSON.stringify(parent)}, which stands on it (${way}): take another parent`,
    ).about({ deck, parent });
  }
  if (own?.currency !== its.currency) {
    throw new Refused(
      'currency_mismatch',
      `deck ${JSON.stringify(deck)} is in ${own?.currency}, its parent ${JSON.stringify(parent)} in ${its.currency}: take a parent in ${own?.currency}`,
    ).about({ deck, currency: its.currency, known: own?.currency ?? '' });
  }
  const length = above.length + highest(decks, deck);
  if (length > MOST_DECKS) {
    throw new Refused(
      'deck_chain_too_long',
      `deck ${JSON.stringify(deck)} on ${JSON.stringify(parent)} makes a chain of ${length} decks: at most ${MOST_DECKS} stand on one another`,
    ).about({ deck, parent, length, most: MOST_DECKS });
  }
}

/** The deck and those that it stands on, the nearest first. */
const namesAbove = (decks: Tree, deck: string): string[] => chainOf(decks, deck).map(level => level.deck);

/** How many decks, itself included, the longest chain has that ends with this deck. */
const highest = (decks: Tree, deck: string): number =>
  Math.max(...[...decks.keys()].map(name => namesAbove(decks, name).indexOf(deck) + 1), 1);
