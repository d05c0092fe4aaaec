/** Decks that stand on one another: the price of a call, its record, and what is refused. */
import fc from 'fast-check';
import type { Knex } from 'knex';
import { readDeckVersions } from '../../src/credit/call-store';
import { lockBooks } from '../../src/database/books-id';
import { sqlOf } from '../../src/database/rows';
import { listDecks } from '../../src/decks/deck-store';
import { setParent } from '../../src/decks/parent-store';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { rateOn } from '../../src/rating/rate';
import { RateStore } from '../../src/rating/rate-store';
import { addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const on = (parent: string, percent = '0', amount = '0') => ({
  parent,
  markupPercent: parseAmount(percent),
  markupAmount: parseAmount(amount),
});

describe.each(engines)('a deck stands on another one, %s', engine => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
  });
  afterEach(() => db.drop());

  const acting = () => actingAs('test', db.database);
  const line = (prefix: string, price: string, more: Record<string, unknown> = {}) => ({
    prefix,
    price_per_minute: price,
    ...more,
  });
  /** What a number costs a minute by a deck: `price deck prefix`, `blocked`, or `none`. */
  const priceOf = async (deck: string, digits: string, day = '2026-06-01', rates = new RateStore()) => {
    const sql = sqlOf(db.database as unknown as Knex.Transaction);
    const version = (await readDeckVersions(sql, new Set([deck]))).get(deck);
    const [candidates = []] = version ? await rates.candidates(sql, [{ ...version, digits }]) : [];
    const rate = rateOn(day, candidates);
    if (rate === null) return 'none';
    return rate.isBlocked ? 'blocked' : `${formatAmount(rate.pricePerMinute)} ${rate.deck} ${rate.prefix}`;
  };

  test('and one price for one customer is one line', async () => {
    await addDeck(db, 'retail', [line('49', '0.10'), line('4930', '0.08'), line('44', '0.20', { is_blocked: 1 })]);
    await addDeck(db, 'acme', [line('49', '0.01'), line('44', '0.30')]);
    await setParent(acting(), 'acme', on('retail', '12.5', '0.002'));
    // The longest prefix over both; where they are equal, the nearer.
    expect(await priceOf('acme', '4930123')).toBe('0.092 retail 4930');
    expect(await priceOf('acme', '4940123')).toBe('0.01 acme 49');
    expect(await priceOf('acme', '44123')).toBe('0.30 acme 44');
    expect(await priceOf('acme', '33123')).toBe('none');
    expect(await priceOf('retail', '4930123')).toBe('0.08 retail 4930');
    expect((await listDecks(db.database, { limit: 9, offset: 0 })).items).toMatchObject([
      { deck: 'acme', parent: 'retail', markupPercent: 12_500_000n, markupAmount: 2_000n },
      { deck: 'retail', parent: null },
    ]);
  });

  test('a deck without a rate of its own is made, in the currency of its parent', async () => {
    await addDeck(db, 'retail', [line('49', '0.10')], 'USD');
    const made = await setParent(acting(), 'less', on('retail', '-5'));
    expect(made).toMatchObject({ deck: 'less', currency: 'USD', parent: 'retail' });
    expect(await priceOf('less', '4930')).toBe('0.095 retail 49');
    await setParent(acting(), 'less', null);
    expect(await priceOf('less', '4930')).toBe('none');
    const trail = await db.database('astaudit').where({ object: 'deck less' }).pluck('operation');
    expect(trail).toEqual(['deck parent', 'deck parent']);
  });

  test('four at most, in no circle, in one currency', async () => {
    for (const deck of ['a', 'b', 'c', 'd', 'e']) await addDeck(db, deck, [line('49', '1.00')]);
    await addDeck(db, 'dollars', [line('1', '1.00')], 'USD');
    await setParent(acting(), 'd', on('e'));
    await setParent(acting(), 'a', on('b'));
    await setParent(acting(), 'b', on('c'));
    await expect(setParent(acting(), 'c', on('d'))).rejects.toMatchObject({ refusal: 'deck_chain_too_long' });
    await expect(setParent(acting(), 'c', on('a'))).rejects.toMatchObject({ refusal: 'deck_in_circle' });
    await expect(setParent(acting(), 'a', on('a'))).rejects.toMatchObject({ refusal: 'deck_in_circle' });
    await expect(setParent(acting(), 'a', on('dollars'))).rejects.toMatchObject({ refusal: 'currency_mismatch' });
    await expect(setParent(acting(), 'a', on('none'))).rejects.toMatchObject({ refusal: 'deck_not_found' });
    await expect(setParent(acting(), 'new', on('none'))).rejects.toMatchObject({ refusal: 'deck_not_found' });
    expect(await db.database('astratedeck').where({ deck: 'new' })).toEqual([]);
    await setParent(acting(), 'c', on('e'));
  });

  test('two that are put on each other at once make no circle', async () => {
    for (const deck of ['a', 'b']) await addDeck(db, deck, [line('49', '1.00')]);
    for (let round = 0; round < 10; round++) {
      const both = await Promise.allSettled([setParent(acting(), 'a', on('b')), setParent(acting(), 'b', on('a'))]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const parents = await db.database('astratedeck').whereNotNull('parent').pluck('deck');
      expect(parents).toHaveLength(1);
      await setParent(acting(), parents[0], null);
    }
  });

  test('a change waits for the other one that is not committed, and then sees it; other decks, imports and calls wait for none', async () => {
    for (const deck of ['a', 'b', 'other']) await addDeck(db, deck, [line('49', '1.00')]);
    const holder = await db.database.transaction();
    await lockBooks(holder);
    await holder('astratedeck').where({ deck: 'b' }).update({ parent: 'a' });
    const late = setParent(acting(), 'a', on('b'));
    late.catch(() => undefined);
    const waits = async () => {
      const [rows] = await db.database.raw(
        "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%astbooks%'",
      );
      return rows.length > 0;
    };
    // The server looks anew only every tenth of a second, counted from the last look.
    while (!(await waits())) await new Promise(later => setTimeout(later, 200));
    expect(await priceOf('b', '49')).toBe('1.00 b 49');
    // An import of another deck, and of the one that waits for its parent, moves these rows.
    await db.database('astratedeck').where({ deck: 'other' }).update({ version: 0 });
    await db.database('astratedeck').where({ deck: 'a' }).update({ version: 0 });
    await holder.commit();
    await expect(late).rejects.toMatchObject({ refusal: 'deck_in_circle' });
    expect(await db.database('astratedeck').whereNotNull('parent').pluck('deck')).toEqual(['b']);
  });

  test('chains of four give the price that the test computes itself', async () => {
    const decks = ['d0', 'd1', 'd2', 'd3'];
    const prefixes = ['', '4', '49', '493', '4930'];
    const links = [
      ['12.5', '0.002'],
      ['-33.333333', '0'],
      ['0.000001', '-0.01'],
    ] as const;
    const any = fc.sample(
      fc.array(
        fc.record({
          deck: fc.constantFrom(...decks),
          prefix: fc.constantFrom(...prefixes),
          price: fc.integer({ min: 0, max: 200_000 }),
          blocked: fc.integer({ min: 0, max: 4 }).map(drawn => drawn === 0),
          late: fc.boolean(),
        }),
        { minLength: 4, maxLength: 12 },
      ),
      { numRuns: 25, seed: 17 },
    );
    for (const [round, drawn] of any.entries()) {
      const lines = drawn.filter(
        (one, at) => drawn.findIndex(each => each.deck === one.deck && each.prefix === one.prefix) === at,
      );
      const named = (deck: string) => `${deck}-${round}`;
      for (const deck of decks) {
        const own = lines.filter(one => one.deck === deck);
        if (own.length === 0) {
          await db.database('astratedeck').insert({ deck: named(deck), currency: 'EUR' });
          continue;
        }
        const rows = own.map(({ prefix, price, blocked, late }) =>
          line(prefix, (price / 1e6).toFixed(6), { is_blocked: blocked, valid_from: late ? '2026-07-01' : null }),
        );
        await addDeck(db, named(deck), rows);
      }
      for (const [at, [percent, amount]] of links.entries()) {
        await setParent(acting(), named(`d${at}`), on(named(`d${at + 1}`), percent, amount));
      }
      const rates = new RateStore();
      for (const [day, digits] of [
        ['2026-06-30', '4930'],
        ['2026-07-01', '4930'],
        ['2026-06-30', '4935'],
        ['2026-07-01', '5'],
      ] as const) {
        // Walked from the longest beginning, and for each from the nearest deck.
        let expected = 'none';
        search: for (let length = digits.length; length >= 0; length--) {
          for (const [height, deck] of decks.entries()) {
            const found = lines.find(
              one => one.deck === deck && one.prefix === digits.slice(0, length) && !(one.late && day === '2026-06-30'),
            );
            if (!found) continue;
            let price = BigInt(found.price);
            for (let below = height - 1; below >= 0; below--) {
              const [percent, amount] = links[below] as readonly [string, string];
              const exact = price * (100_000_000n + BigInt(Math.round(Number(percent) * 1e6)));
              price = exact / 100_000_000n + (exact % 100_000_000n > 0n ? 1n : 0n);
              price += BigInt(Math.round(Number(amount) * 1e6));
              if (price < 0n) price = 0n;
            }
            expected = found.blocked ? 'blocked' : `${Number(price)} ${named(deck)} ${found.prefix}`;
            break search;
          }
        }
        const told = await priceOf(named('d0'), digits, day, rates);
        const millionths = /^[\d.]+/.test(told) ? told.replace(/^[\d.]+/, text => String(parseAmount(text))) : told;
        expect([round, day, digits, millionths]).toEqual([round, day, digits, expected]);
      }
    }
  });
});
