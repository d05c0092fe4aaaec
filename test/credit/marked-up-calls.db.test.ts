/** Calls of an account whose deck stands on another one: held, charged, proven and explained by the marked up price. */
import { Readable } from 'node:stream';
import { importDeck } from '../../src/decks/import-deck';
import { deleteVersion, pruneVersions } from '../../src/decks/old-version-store';
import { setParent } from '../../src/decks/parent-store';
import { weigh } from '../../src/decks/weight-store';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { json } from '../cli/cli-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import {
  addAccount,
  addDeck,
  booksBalance,
  callOf,
  differencesIn,
  endOf,
  moneyOf,
  openLedger,
  talked,
} from './ledger-fixture';

describe.each(engines)('calls of an account whose deck stands on another one, %s', engine => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [
      { prefix: '49', price_per_minute: '1.00', connect_fee: '0.10' },
      { prefix: '44', price_per_minute: '1.00', minimum_charge: '0.50', increment_seconds: 1, free_seconds: 30 },
      { prefix: '33', is_blocked: 1 },
      { prefix: '', price_per_minute: '0.01' },
    ]);
    await addDeck(db, 'acme', [
      { prefix: '4915', price_per_minute: '0.50' },
      { prefix: '39', is_blocked: 1 },
      { prefix: '3906', price_per_minute: '0.30' },
    ]);
    await setParent(acting(), 'acme', on('12.5', '0.002'));
    await addAccount(db, 'alice', '10.00', { deck: 'acme', max_call_seconds: 240 });
    await addAccount(db, 'bob', '10.00', { deck: 'retail', max_call_seconds: 240 });
    await db.database('asttrunk').insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier', cost_deck: 'retail' });
  });
  afterEach(() => db.drop());

  const acting = () => actingAs('test', db.database);
  const on = (percent: string, amount = '0') => ({
    parent: 'retail',
    markupPercent: parseAmount(percent),
    markupAmount: parseAmount(amount),
  });
  const imported = async (deck: string, price: string): Promise<number> => {
    const header = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment';
    const input = Readable.from([Buffer.from(`${header}\n49,Germany,${price},0,60,60\n`)]);
    return (await importDeck(acting(), { deck, source: 'rates.csv', input, mayShrink: true })).version;
  };
  const versionOf = async (deck: string): Promise<number> =>
    Number((await db.database('astratedeck').where({ deck }).first('version')).version);
  const cdrOf = ({ uniqueid }: { uniqueid: string }) => db.database('astcdr').where({ uniqueid }).first();

  /** A call that talked; what it cost by its record. */
  async function calledBy(accountcode: string, dst: string, seconds: number, trunk = '') {
    const ledger = openLedger(db);
    const call = callOf(accountcode, { dst });
    const start = await ledger.start(call);
    if (!('refusal' in start)) {
      await ledger.end(endOf(call, talked(seconds), trunk));
      await ledger.end(endOf(call, talked(seconds), trunk));
    }
    await ledger.close();
    return { call, start, row: await cdrOf(call) };
  }

  // By hand: a minute is 1.00 × 1.125 + 0.002 = 1.127, the fee 0.10 × 1.125 = 0.1125. 240 s hold 4 × 1.127 + 0.1125 = 4.6205; 61 s by 60/60 are
  // two minutes, 2.254 + 0.1125 = 2.3665; 10 − 2.3665 = 7.6335.
  test('are held and charged by it, once', async () => {
    const ledger = openLedger(db);
    const call = callOf('alice');
    await ledger.start(call);
    expect(await moneyOf(db, 'alice')).toEqual(['10.00', '4.6205', 1]);
    await ledger.end(endOf(call, talked(61)));
    await ledger.end(endOf(call, talked(61)));
    await ledger.close();
    expect(await moneyOf(db, 'alice')).toEqual(['7.6335', '0.00', 0]);
    expect(await cdrOf(call)).toMatchObject({
      rate_deck: 'retail',
      rate_version: String(await versionOf('retail')),
      rate_markups: '12.50%+0.002',
      rate_price_per_minute: '1.127000',
      rate_connect_fee: '0.112500',
      cost: '2.366500',
    });
    expect(await db.database('astledger').where({ reference: call.uniqueid }).pluck('amount')).toEqual(['-2.366500']);
    await booksBalance(db);
  });

  test.each([
    // 31 s by 60/1 are 60 s behind 30 free ones: 1.127; the minimum is 0.50 × 1.125.
    ['a minimum charge that is marked up, and free seconds that are not', '44201', 30, '0.562500', 'retail'],
    ['free seconds', '44201', 31, '1.127000', 'retail'],
    ['a line of its own has no markup', '491511', 61, '1.000000', 'acme'],
    ['an empty prefix of the parent', '7', 60, '0.013250', 'retail'],
    ['a longer prefix behind one that is blocked', '390611', 60, '0.300000', 'acme'],
  ])('%s', async (_, dst, seconds, cost, deck) => {
    const { row } = await calledBy('alice', dst, seconds);
    expect([row.cost, row.rate_deck]).toEqual([cost, deck]);
    await booksBalance(db);
  });

  test.each([
    ['the parent blocks it', '33123'],
    ['the deck itself blocks it, and the parent would let it through', '39123'],
  ])('are refused where %s', async (_, dst) => {
    expect((await calledBy('alice', dst, 60)).start).toMatchObject({ refusal: 'destination_blocked' });
    expect(await moneyOf(db, 'alice')).toEqual(['10.00', '0.00', 0]);
  });

  test('cost the carrier what its own deck says, without the markup', async () => {
    const { row } = await calledBy('alice', '4930', 61, 'carrier');
    expect([row.cost, row.trunk_cost]).toEqual(['2.366500', '2.100000']);
    expect((await calledBy('bob', '4930', 61)).row).toMatchObject({ cost: '2.100000', rate_markups: '' });
    // A carrier whose own deck stands on another one costs what that says: two minutes at 1.127, and the fee.
    await db.database('asttrunk').insert({ trunk: 'dear', endpoint: 'PJSIP/{number}@dear', cost_deck: 'acme' });
    expect((await calledBy('bob', '4930', 61, 'dear')).row).toMatchObject({ cost: '2.100000', trunk_cost: '2.366500' });
    await booksBalance(db);
  });

  test('have the new price once a version of the parent, or another markup, is current; one in progress keeps its own', async () => {
    const ledger = openLedger(db);
    const open = callOf('alice');
    await ledger.start(open);
    await imported('retail', '2.00');
    // 2.00 × 1.125 + 0.002.
    expect((await calledBy('alice', '4930', 60)).row.cost).toBe('2.252000');
    await setParent(acting(), 'acme', on('-50'));
    expect((await calledBy('alice', '4930', 60)).row.cost).toBe('1.000000');
    await ledger.end(endOf(open, talked(60)));
    await ledger.close();
    expect((await cdrOf(open)).cost).toBe('1.239500');
    await setParent(acting(), 'acme', null);
    expect((await calledBy('alice', '4930', 60)).start).toMatchObject({ refusal: 'no_rate' });
    await booksBalance(db);
  });

  test('are explained alike a year later: neither another markup nor a prune changes it, as the version of the parent stays', async () => {
    const used = await versionOf('retail');
    const { call } = await calledBy('alice', '4930', 61);
    const before = await json(db.url, ['call', 'explain', call.uniqueid]);
    expect(before).toMatchObject({ verdict: 'same', computed_cost: '2.3665', rate_markups: '12.50%+0.002' });
    expect(before.steps[1]).toMatchObject({ kind: 'markup', facts: { markups: '12.50%+0.002' } });
    await imported('retail', '2.00');
    const unused = await versionOf('retail');
    await imported('retail', '3.00');
    await setParent(acting(), 'acme', on('99'));
    await db.database('astratedeckversion').update({ imported_at: '2026-06-01 00:00:00' });
    await db.database('astratedeckversion').where({ version: unused }).update({ imported_at: '2026-06-02 00:00:00' });
    await expect(deleteVersion(acting(), 'retail', used)).rejects.toMatchObject({ refusal: 'version_used' });
    expect((await pruneVersions(acting(), 'retail', 0)).map(({ version }) => version)).toEqual([unused]);
    expect(await json(db.url, ['call', 'explain', call.uniqueid])).toEqual(before);
    await booksBalance(db);
  });

  test('a price or a markup that was changed by hand is found', async () => {
    const { call } = await calledBy('alice', '4930', 61);
    const row = db.database('astcdr').where({ uniqueid: call.uniqueid });
    const rules = async () => (await differencesIn(db.url)).map(({ rule }) => rule);
    await row.clone().update({ rate_markups: '12.50%+0.003' });
    expect(await rules()).toEqual(['rate_is_that_of_its_deck']);
    await row.clone().update({ rate_markups: '' });
    expect(await rules()).toEqual(['rate_is_that_of_its_deck']);
    await row.clone().update({ rate_markups: '12.50%+0.002' });
    expect(await rules()).toEqual([]);
  });

  // A version at 2.00 in place of one at 1.00. bob's calls of one minute cost 1.00 more; alice's 1.125 more, by her markup.
  test('are weighed at the prices of their own deck, when the parent changes and when their own does', async () => {
    const first = await versionOf('retail');
    for (const [accountcode, dst] of [
      ['alice', '4930'],
      ['alice', '491511'],
      ['bob', '4930'],
      ['bob', '491511'],
    ] as const)
      await calledBy(accountcode, dst, 60);
    const second = await imported('retail', '2.00');
    const since = new Date('2026-06-01T00:00:00Z');
    const asked = { currency: 'EUR', day: '2026-06-01', since, mostMoves: 9 };
    const weighed = async (deck: string, before: number, version: number) => {
      const { calls, moves } = await weigh(db.database, { ...asked, deck, before, version });
      const told = moves.map(move => [
        move.deck,
        move.after?.prefix,
        move.calls,
        formatAmount(move.difference ?? (0n as never)),
      ]);
      return { calls, told };
    };
    // The fee goes too: bob pays 0.10 less a call for it, alice 0.1125.
    expect(await weighed('retail', first, second)).toEqual({
      calls: 4,
      told: [
        ['retail', '49', 2, '1.80'],
        ['acme', '49', 1, '1.0125'],
      ],
    });
    const own = await versionOf('acme');
    const later = await imported('acme', '0.40');
    // By the parent's second version a minute was 2.252; now both of alice's calls have the line of her own deck.
    expect(await weighed('acme', own, later)).toEqual({
      calls: 2,
      told: [
        ['acme', '49', 1, '-1.852'],
        ['acme', '49', 1, '-0.10'],
      ],
    });
    // Over the carrier, whose costs are those of the list itself: each call counts once.
    const overCarrier = db.database('astcdr').where({ dst: '4930' });
    await overCarrier.clone().update({ trunk: 'carrier' });
    expect(await weighed('retail', first, second)).toEqual({ calls: 4, told: [['retail', '49', 3, '2.70']] });
    await overCarrier.update({ trunk: '' });
    // She has left: what her calls cost by the deck of another customer changes for no account.
    await addDeck(db, 'elsewhere', [{ prefix: '' }]);
    await db.database('astaccount').where({ accountcode: 'alice' }).update({ deck: 'elsewhere' });
    expect(await weighed('retail', first, second)).toEqual({ calls: 2, told: [['retail', '49', 2, '1.80']] });
  });

  // From 12:00:00 on 60 s at 1.00 a minute by the second, then 0.10; twice as much for alice: 2.00 + 0.20. Answered after 2 s, 58 s and 62 s.
  test('have the schedules of the deck whose line counts, with the markup in every piece', async () => {
    await db.database('astschedule').insert({ schedule: 'peak', hours: 'Mo-Fr 08:00-12:01' });
    const bySecond = { prefix: '41', initial_increment_seconds: 1, increment_seconds: 1 };
    await addDeck(db, 'timed', [
      { ...bySecond, price_per_minute: '0.10' },
      { ...bySecond, price_per_minute: '1.00', schedule: 'peak' },
    ]);
    await addDeck(db, 'flat', [{ ...bySecond, price_per_minute: '0.40' }]);
    for (const deck of ['double', 'flat']) await setParent(acting(), deck, { ...on('100'), parent: 'timed' });
    for (const deck of ['double', 'flat']) await addAccount(db, `of-${deck}`, '10.00', { deck, max_call_seconds: 120 });
    const ledger = openLedger(db);
    const call = callOf('of-double', { dst: '4112', ringSeconds: 0 });
    await ledger.start(call);
    expect(await moneyOf(db, 'of-double')).toEqual(['10.00', '2.20', 1]);
    await ledger.end(endOf(call, talked(120)));
    await ledger.close();
    // 58 × 2.00 / 60 + 62 × 0.20 / 60 = 1.9333… + 0.20666… = 2.14.
    expect(await cdrOf(call)).toMatchObject({ rate_markups: '100.00%+0.00', cost: '2.140000' });
    expect(await json(db.url, ['call', 'explain', call.uniqueid])).toMatchObject({ verdict: 'same' });
    expect((await calledBy('of-flat', '4112', 60)).row).toMatchObject({ rate_times: '', cost: '0.400000' });
    await booksBalance(db);
  });
});
