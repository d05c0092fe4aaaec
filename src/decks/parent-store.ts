/** Which deck a deck stands on, and what it adds to its prices. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import type { Row } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { formatAmount, type Micros, ZERO } from '../money/micros';
import type { Acting } from '../operator/acting';
import { changedFields, writeAudit } from '../operator/audit-store';
import { noDeck, Refused } from '../operator/operator-refusal';
import { MOST_DECKS } from '../rating/markup';

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
 * All decks are locked until COMMIT: two operators that put each other's decks on their own at once would otherwise make a circle.
 * @throws Refused deck_not_found, deck_in_circle, deck_chain_too_long, currency_mismatch; DatabaseFault
 */
export async function setParent(
  acting: Acting,
  deck: string,
  on: { parent: string; markupPercent: Micros; markupAmount: Micros } | null,
): Promise<DeckParent> {
  const change = async (transaction: Knex.Transaction) => {
    if (on !== null) await makeOn(transaction, deck, on.parent);
    const rows: Row[] = await transaction('astratedeck').orderBy('deck').forUpdate();
    const decks = new Map(rows.map(row => [row.deck as string, row]));
    const row = decks.get(deck);
    if (row === undefined) throw on === null ? noDeck('deck', deck) : noDeck('parent', on.parent);
    if (on !== null) refuseParent(decks, deck, on.parent);
    const { parent, markupPercent, markupAmount } = on ?? NOTHING;
    const before = factsOf(row);
    const after = { parent, markup_percent: formatAmount(markupPercent), markup_amount: formatAmount(markupAmount) };
    const changed = changedFields(before, after);
    if (changed !== null) {
      const columns = { markup_percent: decimalOf(markupPercent), markup_amount: decimalOf(markupAmount) };
      await transaction('astratedeck')
        .where({ deck })
        .update({ parent, ...columns });
      await writeAudit(transaction, acting, { operation: 'deck parent', object: `deck ${deck}`, ...changed });
    }
    return { deck, currency: row.currency as string, parent, markupPercent, markupAmount };
  };
  return inTransaction(acting.database, change, { idempotent: true });
}

/** Makes the deck if it is not there and its parent is. */
const makeOn = (transaction: Knex.Transaction, deck: string, parent: string): Promise<unknown> =>
  transaction.raw(
    `INSERT INTO astratedeck (deck, currency) SELECT ?, currency FROM astratedeck WHERE deck = ?
     ON DUPLICATE KEY UPDATE deck = VALUES(deck)`,
    [deck, parent],
  );

const factsOf = (row: Row) => ({
  parent: row.parent as string | null,
  markup_percent: formatAmount(amountOf(row.markup_percent)),
  markup_amount: formatAmount(amountOf(row.markup_amount)),
});

/** @throws Refused */
function refuseParent(decks: ReadonlyMap<string, Row>, deck: string, parent: string): void {
  const [own, its] = [decks.get(deck), decks.get(parent)];
  if (its === undefined) throw noDeck('parent', parent);
  const above = withParents(decks, parent);
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
function withParents(decks: ReadonlyMap<string, Row>, deck: string): string[] {
  const names: string[] = [];
  for (let name: string | null = deck; name !== null && names.length <= MOST_DECKS; ) {
    names.push(name);
    name = (decks.get(name)?.parent ?? null) as string | null;
  }
  return names;
}

/** How many decks, itself included, the longest chain has that ends with this deck. */
function highest(decks: ReadonlyMap<string, Row>, deck: string): number {
  const chains = [...decks.keys()].map(name => withParents(decks, name).indexOf(deck) + 1);
  return Math.max(1, ...chains);
}
