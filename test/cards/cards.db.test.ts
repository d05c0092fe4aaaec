import { setAccountStatus } from '../../src/accounts/manage-account';
import { moveMoney } from '../../src/accounts/move-money';
import { listCardBatches, listVoucherBatches } from '../../src/cards/batches';
import { accountOfCaller, addCaller, removeCaller } from '../../src/cards/callers';
import { accountOfPin, cardUsed } from '../../src/cards/card-login';
import { activateCards, blockCards, cardNumbered, cardsOf, generateCards, listCards } from '../../src/cards/cards';
import { ACTORS, PinGuard } from '../../src/cards/pin-guard';
import {
  generateVouchers,
  listVouchers,
  redeemVoucher,
  switchVouchers,
  voucherNumbered,
  vouchersOf,
} from '../../src/cards/vouchers';
import { decideBatch } from '../../src/credit/call-batch';
import type { Start } from '../../src/credit/ledger-operation';
import type { StartRequest } from '../../src/credit/rules/start';
import { written } from '../../src/credit/sql-books';
import { openConnection } from '../../src/database/connection';
import { actingAs } from '../../src/operator/acting';
import {
  accountRow,
  addAccount,
  addDeck,
  booksInHand,
  callOf,
  differencesIn,
  endOf,
  LIMITS,
  openLedger,
  talked,
} from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const KEY = 'a-secret-of-thirty-two-characters-0';
const OTHER = 'another-secret-of-thirty-two-chars-1';
const keys = [KEY];

describe.each(engines)('cards and vouchers, %s', engine => {
  let db: TestDatabase;
  let batches = 0;
  let batch: string;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addDeck(db, 'dollars', [{}], 'USD');
  });
  beforeEach(() => {
    batch = `batch-${++batches}`;
  });
  afterAll(async () => {
    expect(await differencesIn(db.url)).toEqual([]);
    await db.drop();
  });

  const cards = (more: object = {}) =>
    generateCards(
      actingAs('test', db.database),
      { batch, count: 3, value: '10.00', deck: 'retail', ...more },
      { keys },
    );
  const activated = async (more: object = {}) => {
    const issued = await cards(more);
    await activateCards(actingAs('test', db.database), { batch });
    return issued.map(({ serial, code }) => ({ pin: code, serial, accountcode: `card-${serial}` }));
  };
  const entries = (accountcode: string) =>
    db.database('astledger').where({ accountcode }).select('kind', 'reference', 'amount', 'balance_after');
  const events = (accountcode: string) =>
    db.database('astoutbox').where({ accountcode }).orderBy('event_id').pluck('kind');
  const vouchers = async (more: object = {}) => {
    const request = { batch, count: 2, value: '5.00', currency: 'EUR', ...more };
    const issued = await generateVouchers(actingAs('test', db.database), request, { keys });
    await switchVouchers(actingAs('test', db.database), { batch }, 'activate');
    return issued;
  };
  const redeem = (code: string, accountcode: string) =>
    redeemVoucher(actingAs('test', db.database), { code, accountcode, keys });

  describe('cards', () => {
    test('are generated with serials in a row and PINs of 12 digits, which are nowhere in the database', async () => {
      const issued = await cards();
      const [first] = issued;
      expect(issued.map(({ serial }) => serial)).toEqual([0, 1, 2].map(index => first!.serial + index));
      for (const { code } of issued) expect(code).toMatch(/^[0-9]{12}$/);
      const rows = await db.database('astcard').where({ batch });
      const everything = JSON.stringify(rows) + rows.map(row => row.code_hash.toString('latin1')).join();
      for (const { code } of issued) expect(everything).not.toContain(code);
      expect(rows).toMatchObject([
        { status: 'generated', value: '10.000000', currency: 'EUR', accountcode: null },
        {},
        {},
      ]);
    });

    test('can do nothing before they are activated', async () => {
      const [card] = await cards();
      expect(await accountOfPin(db.database, keys, card!.code)).toBeNull();
      expect(await db.database('astaccount').where({ accountcode: `card-${card?.serial}` })).toEqual([]);
    });

    test('have an account with their value when they are activated, once however often that is done', async () => {
      const [first, second, third] = await cards({ expiresAt: Date.parse('2030-01-01T00:00:00Z') });
      const span = { batch, from: first!.serial, to: second!.serial };
      expect(await activateCards(actingAs('test', db.database), span)).toEqual({ ...span, changed: 2, unchanged: 0 });
      expect(await activateCards(actingAs('test', db.database), { batch })).toMatchObject({ changed: 1, unchanged: 2 });
      expect(await activateCards(actingAs('test', db.database), { batch })).toMatchObject({ changed: 0, unchanged: 3 });
      for (const { serial, code } of [first!, second!, third!]) {
        const accountcode = `card-${serial}`;
        expect(await accountOfPin(db.database, keys, code)).toBe(accountcode);
        expect(await entries(accountcode)).toEqual([
          { kind: 'top_up', reference: accountcode, amount: '10.000000', balance_after: '10.000000' },
        ]);
        expect(await events(accountcode)).toEqual(['money_moved']);
      }
      expect(await cardNumbered(db.database, first!.serial)).toMatchObject({
        status: 'active',
        balance: 10_000_000n,
        expiresAt: new Date('2030-01-01T00:00:00Z'),
        firstUsedAt: null,
      });
    });

    test('that four activate at the same time are opened once each', async () => {
      await cards({ count: 40 });
      const done = await Promise.all([1, 2, 3, 4].map(() => activateCards(actingAs('test', db.database), { batch })));
      expect(done.reduce((sum, { changed }) => sum + changed, 0)).toBe(40);
      const codes = (await listCards(db.database, { batch }, { limit: 100, offset: 0 })).items.map(
        view => view.accountcode,
      );
      const [sums] = await db
        .database('astledger')
        .whereIn('accountcode', codes as string[])
        .sum({ sum: 'amount' })
        .count({ count: '*' });
      expect(sums).toMatchObject({ sum: '400.000000', count: '40' });
    });

    test('of no value have no entry; an account in the way is told, and nothing of its chunk is done', async () => {
      const [free] = await activated({ count: 1, value: '0' });
      expect(await entries(free!.accountcode)).toEqual([]);
      batch = `${batch}-b`;
      const [first, second] = await cards({ count: 2 });
      await addAccount(db, `card-${second?.serial}`, '1.00');
      await expect(activateCards(actingAs('test', db.database), { batch })).rejects.toMatchObject({
        refusal: 'account_exists',
        detail: `accountcode "card-${second?.serial}" is there already: give it another name by hand, or block its card`,
      });
      expect(await cardNumbered(db.database, first!.serial)).toMatchObject({ status: 'generated', accountcode: null });
      expect(await activateCards(actingAs('test', db.database), { batch, to: first!.serial })).toMatchObject({
        changed: 1,
      });
    });

    test('that are blocked open nothing, start no call, and are as they were when they are unblocked', async () => {
      const [card, other] = await activated();
      batch = `${batch}-b`;
      const [generated] = await cards({ count: 1 });
      expect(await blockCards(actingAs('test', db.database), { batch }, true)).toMatchObject({ changed: 1 });
      expect(await activateCards(actingAs('test', db.database), { batch })).toMatchObject({ changed: 0 });
      batch = batch.slice(0, -2);
      const span = { batch, from: card!.serial, to: card!.serial };
      expect(await blockCards(actingAs('test', db.database), span, true)).toMatchObject({ changed: 1, unchanged: 0 });
      expect(await blockCards(actingAs('test', db.database), span, true)).toMatchObject({ changed: 0, unchanged: 1 });
      expect(await accountOfPin(db.database, keys, card!.pin)).toBeNull();
      expect(await accountOfPin(db.database, keys, other!.pin)).toBe(other!.accountcode);
      const ledger = openLedger(db);
      expect(await ledger.start(callOf(card!.accountcode))).toEqual({ refusal: 'account_blocked' });
      await blockCards(actingAs('test', db.database), span, false);
      expect(await accountOfPin(db.database, keys, card!.pin)).toBe(card!.accountcode);
      expect(await ledger.start(callOf(card!.accountcode))).toMatchObject({ granted: { grantedSeconds: 600 } });
      // With a call up the services are told.
      const touched = () =>
        db.database('astaccount').where({ accountcode: card!.accountcode }).first('touched_at', 'status');
      const before = await touched();
      await blockCards(actingAs('test', db.database), span, true);
      expect((await touched()).touched_at).not.toEqual(before.touched_at);
      await ledger.close();
      expect(await events(card!.accountcode)).toEqual(
        expect.arrayContaining(['money_moved', 'blocked', 'unblocked', 'authorised', 'hangup_wanted', 'blocked']),
      );
      await blockCards(actingAs('test', db.database), { batch: `${batch}-b` }, false);
      expect(await cardNumbered(db.database, generated!.serial)).toMatchObject({ status: 'generated' });
    });

    test('that are unblocked open the accounts that were blocked with them, and none that was blocked by hand', async () => {
      const [first, second, third] = await activated();
      const serial = third!.serial;
      await setAccountStatus(actingAs('test', db.database), second!.accountcode, 'blocked');
      await blockCards(actingAs('test', db.database), { batch, from: serial, to: serial }, true);
      expect(await blockCards(actingAs('test', db.database), { batch }, false)).toMatchObject({
        changed: 1,
        unchanged: 2,
      });
      const codes = [first!, second!, third!].map(({ accountcode }) => accountcode);
      const statuses = () =>
        db
          .database('astaccount')
          .whereIn('accountcode', codes)
          .orderByRaw('LENGTH(accountcode), accountcode')
          .pluck('status');
      expect(await statuses()).toEqual(['active', 'blocked', 'active']);
      expect(await events(second!.accountcode)).toEqual(['money_moved', 'blocked']);
      expect(await events(third!.accountcode)).toEqual(['money_moved', 'blocked', 'unblocked']);
      // Once more: no account is blocked with its card, so nothing is opened.
      expect(await blockCards(actingAs('test', db.database), { batch }, false)).toMatchObject({
        changed: 0,
        unchanged: 3,
      });
      expect(await statuses()).toEqual(['active', 'blocked', 'active']);
    });

    test('an account that was blocked by hand, before its card or after, stays blocked when the card is unblocked', async () => {
      const [before, after, card] = await activated();
      await setAccountStatus(actingAs('test', db.database), before!.accountcode, 'blocked');
      await blockCards(actingAs('test', db.database), { batch }, true);
      await setAccountStatus(actingAs('test', db.database), after!.accountcode, 'blocked');
      const codes = [before!, after!, card!].map(({ accountcode }) => accountcode);
      const statuses = async () => {
        const rows = await db.database('astaccount').whereIn('accountcode', codes).select('accountcode', 'status');
        return codes.map(code => rows.find(({ accountcode }) => accountcode === code)?.status);
      };
      expect(await blockCards(actingAs('test', db.database), { batch }, false)).toMatchObject({ changed: 3 });
      expect(await statuses()).toEqual(['blocked', 'blocked', 'active']);
      // Their PINs are taken again, and open an account that starts no call.
      expect(await accountOfPin(db.database, keys, before!.pin)).toBe(before!.accountcode);
      // Opened by hand while its card is blocked, and blocked by hand: not opened with the card.
      await blockCards(actingAs('test', db.database), { batch }, true);
      await setAccountStatus(actingAs('test', db.database), card!.accountcode, 'active');
      expect(await statuses()).toEqual(['blocked', 'blocked', 'active']);
      await setAccountStatus(actingAs('test', db.database), card!.accountcode, 'blocked');
      await blockCards(actingAs('test', db.database), { batch }, false);
      expect(await statuses()).toEqual(['blocked', 'blocked', 'blocked']);
      for (const code of codes) await setAccountStatus(actingAs('test', db.database), code, 'active');
      expect(await statuses()).toEqual(['active', 'active', 'active']);
    });

    test('a card that is blocked already, and whose account was opened by hand, is left as it is', async () => {
      const [card] = await activated();
      await blockCards(actingAs('test', db.database), { batch }, true);
      await setAccountStatus(actingAs('test', db.database), card!.accountcode, 'active');
      expect(await blockCards(actingAs('test', db.database), { batch }, true)).toMatchObject({ changed: 0 });
      const { status } = await db.database('astaccount').where({ accountcode: card!.accountcode }).first('status');
      expect(status).toBe('active');
      expect(await events(card!.accountcode)).toEqual(['money_moved', 'blocked', 'unblocked']);
    });

    test('that are activated while they are being blocked are blocked with their accounts', async () => {
      const [{ serial }] = (await cards({ count: 1, value: '0' })) as unknown as [{ serial: number }];
      const activation = await db.database.transaction();
      await activation('astcard').where({ serial }).forUpdate();
      const blocking = blockCards(actingAs('test', db.database), { batch, from: serial, to: serial }, true);
      await new Promise(resolve => setTimeout(resolve, 300));
      const accountcode = `card-${serial}`;
      await activation('astaccount').insert({ accountcode, currency: 'EUR', deck: 'retail' });
      await activation('astcard').where({ serial }).update({ accountcode, status: 'active', activated_at: new Date() });
      await activation.commit();
      expect(await blocking).toMatchObject({ changed: 1 });
      expect(await db.database('astaccount').where({ accountcode }).first('status')).toEqual({ status: 'blocked' });
    });

    test('expire so many days after their first use, or earlier where they would anyway', async () => {
      const DAY = 86_400_000;
      const [card] = await activated({ expiresDays: 30 });
      await cardUsed(db.database, card!.accountcode);
      const first = await cardNumbered(db.database, card!.serial);
      expect(first.expiresAt!.getTime()).toBeCloseTo(first.firstUsedAt!.getTime() + 30 * DAY, -3);
      await new Promise(resolve => setTimeout(resolve, 20));
      await cardUsed(db.database, card!.accountcode);
      const second = await cardNumbered(db.database, card!.serial);
      expect(second).toMatchObject({ firstUsedAt: first.firstUsedAt, expiresAt: first.expiresAt });
      expect(second.lastUsedAt!.getTime()).toBeGreaterThan(first.lastUsedAt!.getTime());
      batch = `${batch}-b`;
      const [soon] = await activated({ expiresDays: 30, expiresAt: Date.now() + DAY });
      await cardUsed(db.database, soon!.accountcode);
      const { expiresAt } = await cardNumbered(db.database, soon!.serial);
      expect(expiresAt!.getTime()).toBeLessThan(Date.now() + 2 * DAY);
      // Of an account that is no card nothing is remembered.
      await addAccount(db, `plain-${batch}`, '1.00');
      await cardUsed(db.database, `plain-${batch}`);
      await cardUsed(db.database, 'nobody');
    });

    test('expire so many days after the first call that they pay for, whichever door let it start', async () => {
      const DAY = 86_400_000;
      const [card, unused] = await activated({ expiresDays: 30 });
      const ledger = openLedger(db);
      const start = (more: Partial<StartRequest> = {}) => ledger.start(callOf(card!.accountcode, more));
      // What spends nothing does not begin them: a barred number, an emergency call.
      expect(await start({ dst: '90012345' })).toEqual({ refusal: 'number_barred' });
      expect(await start({ emergency: true, dst: '112' })).toMatchObject({ granted: {} });
      expect(await cardNumbered(db.database, card!.serial)).toMatchObject({ firstUsedAt: null, expiresAt: null });
      const call = callOf(card!.accountcode);
      expect(await ledger.start(call)).toMatchObject({ granted: {} });
      await ledger.end(endOf(call, talked(30)));
      const first = await cardNumbered(db.database, card!.serial);
      expect(first.expiresAt!.getTime()).toBeCloseTo(first.firstUsedAt!.getTime() + 30 * DAY, -3);
      await new Promise(resolve => setTimeout(resolve, 20));
      expect(await start()).toMatchObject({ granted: {} });
      const second = await cardNumbered(db.database, card!.serial);
      expect(second).toMatchObject({ firstUsedAt: first.firstUsedAt, expiresAt: first.expiresAt });
      expect(second.lastUsedAt!.getTime()).toBeGreaterThan(first.lastUsedAt!.getTime());
      await ledger.close();
      expect(await cardNumbered(db.database, unused!.serial)).toMatchObject({ firstUsedAt: null, expiresAt: null });
    });

    test('are not used by a start that is not committed', async () => {
      const [card] = await activated({ expiresDays: 30 });
      const { books, connection } = await booksInHand(db.url);
      const request = callOf(card!.accountcode);
      const { uniqueid, accountcode } = request;
      const start: Start = { kind: 'start', uniqueid, accountcode, request, lease: null };
      const { outcomes, changes } = await decideBatch(books, [start], { limits: LIMITS });
      expect(outcomes).toMatchObject([{ granted: {} }]);
      await Promise.all(written(connection, changes));
      await books.rollback();
      expect(await cardNumbered(db.database, card!.serial)).toMatchObject({ firstUsedAt: null, expiresAt: null });
      books.destroy();
    });

    test('are found by an older key as long as it is told, and hashed anew with the newest when they are used', async () => {
      const [card, other] = await activated();
      expect(await accountOfPin(db.database, [OTHER], card!.pin)).toBeNull();
      expect(await accountOfPin(db.database, [OTHER, KEY], card!.pin)).toBe(card!.accountcode);
      // Hashed anew: the old key is not needed for it any more, and does not find it.
      expect(await accountOfPin(db.database, [OTHER], card!.pin)).toBe(card!.accountcode);
      expect(await accountOfPin(db.database, [KEY], card!.pin)).toBeNull();
      expect(await accountOfPin(db.database, [OTHER], other!.pin)).toBeNull();
      const [used, unused] = [
        await cardNumbered(db.database, card!.serial),
        await cardNumbered(db.database, other!.serial),
      ];
      expect(used.pinKey).not.toBe(unused.pinKey);
    });

    test('two batches at the same time have serials of their own, and a name is used once', async () => {
      const names = [1, 2, 3].map(number => `${batch}-${number}`);
      const issued = await Promise.all(names.map(name => cards({ batch: name, count: 20 })));
      const serials = issued.flat().map(({ serial }) => serial);
      expect(new Set(serials).size).toBe(60);
      await expect(cards({ batch: names[0] })).rejects.toMatchObject({ refusal: 'batch_exists' });
    });

    test('are not there when whoever is to have their PINs could not take them', async () => {
      const full = () => {
        throw new Error('disk is full');
      };
      const request = { batch, count: 3, value: '1', deck: 'retail' };
      await expect(generateCards(actingAs('test', db.database), request, { keys, onIssue: full })).rejects.toThrow(
        'disk is full',
      );
      expect(await db.database('astcard').where({ batch })).toEqual([]);
    });

    test.each([
      [{ deck: 'nope' }, 'deck_not_found'],
      [{ value: '-1' }, 'field_invalid'],
      [{ count: 0 }, 'field_invalid'],
      [{ digits: 9 }, 'field_invalid'],
      [{ digits: 17 }, 'field_invalid'],
      [{ batch: '=cmd' }, 'field_invalid'],
      [{ expiresDays: 0 }, 'field_invalid'],
    ])('of %j are refused: %s', async (more, refusal) => {
      await expect(cards(more)).rejects.toMatchObject({ refusal });
      expect(await db.database('astcard').where({ batch })).toEqual([]);
    });

    test('with short PINs are refused where one of so many could be guessed: those of other batches count', async () => {
      await expect(cards({ count: 20_000, digits: 11 })).rejects.toMatchObject({ refusal: 'field_invalid' });
      await cards({ count: 1, digits: 10 });
      const known = Number((await db.database('astcard').count({ cards: '*' }))[0]?.cards);
      const tries = Math.floor(10 ** 10 / (10_000 + known));
      await expect(cards({ batch: `${batch}-2`, count: 10_000, digits: 10 })).rejects.toMatchObject({
        refusal: 'field_invalid',
        detail:
          `digits 10 are too few: of ${10_000 + known} cards in all one guess in ${tries} finds one, which 60 tries a minute do in ` +
          '11 days: use 12 digits or more, or no more than 10000 cards',
      });
      expect(await db.database('astcard').where({ batch: `${batch}-2` })).toEqual([]);
    });

    test('are refused without a key, and so is a batch that is not there', async () => {
      const request = { batch, count: 1, value: '1', deck: 'retail' };
      await expect(generateCards(actingAs('test', db.database), request, { keys: [] })).rejects.toMatchObject({
        refusal: 'pin_key_missing',
        detail: expect.stringContaining('RINGFENCE_PIN_KEY is missing'),
      });
      await expect(activateCards(actingAs('test', db.database), { batch })).rejects.toMatchObject({
        refusal: 'batch_not_found',
      });
      await cards();
      await expect(activateCards(actingAs('test', db.database), { batch, from: 999_999_999 })).rejects.toMatchObject({
        refusal: 'batch_not_found',
      });
    });

    test('are listed by pages, and all of a batch one after the other', async () => {
      await cards({ count: 5 });
      const page = await listCards(db.database, { batch, status: 'generated' }, { limit: 2, offset: 2 });
      expect(page.total).toBe(5);
      expect(page.items).toHaveLength(2);
      const all: number[] = [];
      for await (const { serial } of await cardsOf(db.database, batch)) all.push(serial);
      expect(all).toHaveLength(5);
      expect(all).toEqual(all.toSorted((one, other) => one - other));
      await expect(listCards(db.database, { status: 'lost' }, { limit: 1, offset: 0 })).rejects.toMatchObject({
        refusal: 'field_invalid',
      });
    });
  });

  test('batches are listed, the newest first, with how many of each are in which state', async () => {
    const expiresAt = Date.parse('2030-01-01T00:00:00Z');
    const [first] = await cards({ deck: 'dollars', expiresAt, expiresDays: 90 });
    const serial = first?.serial as number;
    const acting = actingAs('test', db.database);
    await activateCards(acting, { batch, from: serial, to: serial + 1 });
    await blockCards(acting, { batch, from: serial, to: serial }, true);
    const page = { limit: 1, offset: 0 };
    const { items, total } = await listCardBatches(db.database, {}, page);
    expect(items).toEqual([
      {
        ...{ batch, from: serial, to: serial + 2, count: 3, counts: { generated: 1, active: 1, blocked: 1 } },
        ...{ value: 10_000_000n, currency: 'USD', deck: 'dollars', expiresDays: 90, expiresAt: new Date(expiresAt) },
        createdAt: expect.any(Date),
      },
    ]);
    const [known] = await db.database('astcard').countDistinct({ batches: 'batch' });
    expect(total).toBe(Number(known?.batches));
    const older = await listCardBatches(db.database, {}, { limit: 1, offset: 1 });
    expect(older.items[0]?.to).toBeLessThan(serial);
    expect((await listCardBatches(db.database, { batch }, page)).items).toEqual(items);
    expect(await listCardBatches(db.database, { batch: 'no-such-batch' }, page)).toEqual({ items: [], total: 0 });
    const { items: found } = await listCards(db.database, { account: `card-${serial}` }, { limit: 10, offset: 0 });
    expect(found.map(view => view.serial)).toEqual([serial]);

    batch = `${batch}-vouchers`;
    const [voucher] = await vouchers();
    expect((await listVoucherBatches(db.database, { batch }, page)).items).toMatchObject([
      { batch, count: 2, counts: { active: 2 }, value: 5_000_000n, currency: 'EUR' },
    ]);
    expect(await voucherNumbered(db.database, voucher?.serial as number)).toMatchObject({ batch, status: 'active' });
    await expect(voucherNumbered(db.database, 999_999_999)).rejects.toMatchObject({ refusal: 'voucher_not_found' });
  });

  describe('vouchers', () => {
    test('add their value once, and say what is there then', async () => {
      await addAccount(db, `alice-${batch}`, '1.00');
      const [voucher] = await vouchers();
      expect(await redeem(voucher!.code, `alice-${batch}`)).toEqual({
        serial: voucher!.serial,
        accountcode: `alice-${batch}`,
        amount: 5_000_000n,
        currency: 'EUR',
        balance: 6_000_000n,
        available: 6_000_000n,
      });
      expect(await entries(`alice-${batch}`)).toContainEqual({
        kind: 'top_up',
        reference: `voucher-${voucher!.serial}`,
        amount: '5.000000',
        balance_after: '6.000000',
      });
      await expect(redeem(voucher!.code, `alice-${batch}`)).rejects.toMatchObject({ refusal: 'voucher_redeemed' });
      expect(await accountRow(db, `alice-${batch}`)).toMatchObject({ balance: '6.000000' });
    });

    test('that ten redeem at the same time, for two accounts, are redeemed by one', async () => {
      for (const name of ['one', 'two']) await addAccount(db, `${name}-${batch}`, '0');
      const [voucher] = await vouchers();
      const tries = Array.from({ length: 10 }, (_, index) =>
        redeem(voucher!.code, `${index % 2 === 0 ? 'one' : 'two'}-${batch}`).then(
          () => 'redeemed',
          error => error.refusal,
        ),
      );
      const done = await Promise.all(tries);
      expect(done.filter(word => word === 'redeemed')).toHaveLength(1);
      expect(done.filter(word => word === 'voucher_redeemed')).toHaveLength(9);
      const sums = [await accountRow(db, `one-${batch}`), await accountRow(db, `two-${batch}`)];
      expect(sums.map(({ balance }) => balance).sort()).toEqual(['0.000000', '5.000000']);
    });

    test('are not redeemed before they are activated, after they expired, blocked, in another currency, or for nobody', async () => {
      await addAccount(db, `bob-${batch}`, '0');
      await addAccount(db, `dora-${batch}`, '0', { currency: 'USD', deck: 'dollars' });
      const request = { batch, count: 2, value: '5.00', currency: 'EUR' };
      const [idle, good] = await generateVouchers(actingAs('test', db.database), request, { keys });
      await expect(redeem(idle!.code, `bob-${batch}`)).rejects.toMatchObject({
        refusal: 'voucher_not_active',
        detail: `voucher ${idle!.serial} is generated: see "voucher activate"`,
      });
      await switchVouchers(actingAs('test', db.database), { batch }, 'activate');
      await switchVouchers(actingAs('test', db.database), { batch, to: idle!.serial }, 'block');
      await expect(redeem(idle!.code, `bob-${batch}`)).rejects.toMatchObject({ refusal: 'voucher_not_active' });
      await switchVouchers(actingAs('test', db.database), { batch }, 'unblock');
      await expect(redeem(good!.code, `dora-${batch}`)).rejects.toMatchObject({ refusal: 'currency_mismatch' });
      await expect(redeem(good!.code, 'nobody')).rejects.toMatchObject({ refusal: 'account_not_found' });
      await expect(redeem('000000000000', `bob-${batch}`)).rejects.toMatchObject({ refusal: 'voucher_not_found' });
      await expect(redeem('no code', `bob-${batch}`)).rejects.toMatchObject({ refusal: 'voucher_not_found' });
      await db
        .database('astvoucher')
        .where({ serial: good!.serial })
        .update({ expires_at: new Date(Date.now() - 1_000) });
      await expect(redeem(good!.code, `bob-${batch}`)).rejects.toMatchObject({ refusal: 'voucher_expired' });
      expect(await redeem(idle!.code, `bob-${batch}`)).toMatchObject({ balance: 5_000_000n });
      // One that is redeemed stays so.
      expect(await switchVouchers(actingAs('test', db.database), { batch, to: idle!.serial }, 'block')).toMatchObject({
        changed: 0,
      });
      expect(
        (await listVouchers(db.database, { batch, status: 'redeemed' }, { limit: 9, offset: 0 })).items,
      ).toMatchObject([{ serial: idle!.serial, accountcode: `bob-${batch}` }]);
    });

    test('have references that an operator cannot top up by: verify would look for their vouchers', async () => {
      const accountcode = `dora-${batch}`;
      await addAccount(db, accountcode, '0');
      const [voucher] = await vouchers();
      const move = (kind: 'top_up' | 'refund', reference: string) =>
        moveMoney(actingAs('test', db.database), { accountcode, kind, amount: '1', reference });
      for (const serial of [voucher!.serial, 999_999_999]) {
        await expect(move('top_up', `voucher-${serial}`)).rejects.toMatchObject({ refusal: 'reference_reused' });
      }
      expect(await move('refund', `voucher-${voucher!.serial}`)).toMatchObject({ moved: true });
      expect(await move('top_up', 'voucher-fund')).toMatchObject({ moved: true });
    });

    test("are not gone for nothing when somebody used their reference by hand, and a card's PIN is no voucher", async () => {
      await addAccount(db, `carl-${batch}`, '0');
      const [voucher] = await vouchers();
      const connection = await openConnection(db.url);
      const reference = `voucher-${voucher!.serial}`;
      await connection.query(
        `INSERT INTO astledger (accountcode, kind, reference, amount, balance_after, entry_number, entry_hash)
         VALUES (?, 'top_up', ?, 5, 5, 1, '')`,
        [`carl-${batch}`, reference],
      );
      await connection.query('UPDATE astaccount SET balance = 5 WHERE accountcode = ?', [`carl-${batch}`]);
      await expect(redeem(voucher!.code, `carl-${batch}`)).rejects.toMatchObject({ refusal: 'reference_reused' });
      expect(await db.database('astvoucher').where({ serial: voucher!.serial }).first('status')).toEqual({
        status: 'active',
      });
      await connection.query('DELETE FROM astledger WHERE accountcode = ? AND reference = ?', [
        `carl-${batch}`,
        reference,
      ]);
      await connection.query('UPDATE astaccount SET balance = 0 WHERE accountcode = ?', [`carl-${batch}`]);
      await connection.end();
      batch = `${batch}-b`;
      const [card] = await activated();
      await expect(redeem(card!.pin, card!.accountcode)).rejects.toMatchObject({ refusal: 'voucher_not_found' });
      expect(await accountOfPin(db.database, keys, voucher!.code)).toBeNull();
    });

    test.each([
      [{ value: '0' }, 'value "0" is not above zero'],
      [{ currency: 'euro' }, 'currency "euro" is not a currency'],
    ])('of %j are refused', async (more, detail) => {
      await expect(vouchers(more)).rejects.toMatchObject({ detail: expect.stringContaining(detail) });
    });

    test('all of a batch come one after the other', async () => {
      await vouchers({ count: 4 });
      const all: number[] = [];
      for await (const { serial } of await vouchersOf(db.database, batch)) all.push(serial);
      expect(all).toHaveLength(4);
    });
  });

  test('callers are known by their number, however it is written, as long as they are there', async () => {
    await addAccount(db, 'caller-account', '0');
    expect(await addCaller(actingAs('test', db.database), '+4930123456', 'caller-account')).toMatchObject({
      number: '4930123456',
    });
    for (const written of ['4930123456', '004930123456', '+4930123456']) {
      expect(await accountOfCaller(db.database, written)).toBe('caller-account');
    }
    for (const other of ['4930123457', '', 'unknown', "4930123456' OR ''='"]) {
      expect(await accountOfCaller(db.database, other)).toBeNull();
    }
    await expect(addCaller(actingAs('test', db.database), '004930123456', 'caller-account')).rejects.toMatchObject({
      refusal: 'caller_exists',
    });
    await expect(addCaller(actingAs('test', db.database), '49301', 'nobody')).rejects.toMatchObject({
      refusal: 'account_not_found',
    });
    await expect(addCaller(actingAs('test', db.database), 'alice', 'caller-account')).rejects.toMatchObject({
      refusal: 'field_invalid',
    });
    await removeCaller(actingAs('test', db.database), '+4930123456');
    await expect(removeCaller(actingAs('test', db.database), '+4930123456')).rejects.toMatchObject({
      refusal: 'caller_not_found',
    });
    expect(await accountOfCaller(db.database, '4930123456')).toBeNull();
  });

  describe('whoever tries PINs', () => {
    const limits = { tries: 3, lockSeconds: 600, triesPerMinute: 10 };
    const passed = (who: string, seconds: number) =>
      db
        .database('astpintry')
        .where({ who })
        .update({ since_at: db.database.raw(`UTC_TIMESTAMP(3) - INTERVAL ${seconds} SECOND`) });
    beforeEach(() => db.database('astpintry').delete());

    test('is locked out after three wrong ones, by every service, until the time is over', async () => {
      const [one, other] = [new PinGuard(db.database, limits), new PinGuard(db.database, limits)];
      expect([await one.begin('100'), await other.begin('100'), await one.begin('100')]).toEqual(
        Array(3).fill('admitted'),
      );
      expect([await one.begin('100'), await other.begin('100')]).toEqual(['locked_out', 'locked_out']);
      // Others are not.
      expect(await one.begin('101')).toBe('admitted');
      await passed('caller:100', 599);
      expect(await one.begin('100')).toBe('locked_out');
      await passed('caller:100', 601);
      expect(await one.begin('100')).toBe('admitted');
      // Counted anew.
      expect([await one.begin('100'), await one.begin('100'), await one.begin('100')]).toEqual([
        'admitted',
        'admitted',
        'locked_out',
      ]);
    });

    test('takes back a right one, and nothing of the wrong ones before it', async () => {
      const guard = new PinGuard(db.database, limits);
      for (let times = 0; times < 20; times++) {
        expect(await guard.begin('100')).toBe('admitted');
        await guard.wasRight('100');
      }
      await guard.begin('100');
      await guard.begin('100');
      await guard.begin('100');
      await guard.wasRight('100');
      expect([await guard.begin('100'), await guard.begin('100')]).toEqual(['admitted', 'locked_out']);
    });

    test('that a fault of ours cut short is none, and one whose end is never told is one', async () => {
      const [one, other] = [new PinGuard(db.database, limits), new PinGuard(db.database, limits)];
      for (let times = 0; times < 20; times++) {
        expect(await one.begin('100')).toBe('admitted');
        await one.wasCutShort('100');
      }
      expect([await one.begin('100'), await one.begin('100'), await one.begin('100')]).toEqual(
        Array(3).fill('admitted'),
      );
      // Only that of the fault is taken back: the callers of the other two may have hung up.
      await one.wasCutShort('100');
      expect([await other.begin('100'), await other.begin('100')]).toEqual(['admitted', 'locked_out']);
    });

    test('that could not be taken back is taken back later, once', async () => {
      const guard = new PinGuard(db.database, limits);
      const triesOf = (who: string) => db.database('astpintry').where({ who }).pluck('tries');
      for (const caller of ['100', '100', '100', '101']) await guard.begin(caller);
      await db.database.raw('RENAME TABLE astpintry TO astpintry_away');
      await expect(guard.wasRight('100')).rejects.toMatchObject({ kind: 'refused' });
      await guard.wasCutShort('101');
      await expect(guard.takeBackOwed()).rejects.toMatchObject({ kind: 'refused' });
      await db.database.raw('RENAME TABLE astpintry_away TO astpintry');
      // An honest caller is not kept waiting for it, nor is it taken back twice.
      expect([await guard.begin('100'), await guard.begin('100')]).toEqual(['admitted', 'locked_out']);
      await Promise.all([guard.takeBackOwed(), guard.takeBackOwed()]);
      expect([await triesOf('caller:100'), await triesOf('caller:101')]).toEqual([[3], [0]]);
    });

    test('with a number of its own for every try is stopped by the limit over all, for a minute', async () => {
      const guard = new PinGuard(db.database, limits);
      const tries: string[] = [];
      for (let number = 0; number < 12; number++) tries.push(await guard.begin(String(number)));
      expect(tries).toEqual([...Array(10).fill('admitted'), 'too_many_tries', 'too_many_tries']);
      await passed('all', 61);
      expect(await guard.begin('99')).toBe('admitted');
    });

    test('by the API is counted apart from callers, with all others that do', async () => {
      const [actors, callers] = [new PinGuard(db.database, limits, ACTORS), new PinGuard(db.database, limits)];
      for (let number = 0; number < 10; number++) await actors.begin(`key:${number}`);
      expect([await actors.begin('key:other'), await callers.begin('key:other')]).toEqual([
        'too_many_tries',
        'admitted',
      ]);
      await actors.wasRight('key:1');
      expect([await actors.begin('key:other'), await callers.begin('key:1')]).toEqual(['admitted', 'admitted']);
    });

    test('all at once gets no more tries than one after the other', async () => {
      const guard = new PinGuard(db.database, limits);
      const tries = await Promise.all(Array.from({ length: 20 }, () => guard.begin('100')));
      expect(tries.filter(word => word === 'admitted')).toHaveLength(3);
      await guard.prune();
      expect(await db.database('astpintry').count({ count: '*' })).toEqual([{ count: '2' }]);
      await passed('caller:100', 3 * 86_400);
      await guard.prune();
      expect(await db.database('astpintry').pluck('who')).toEqual(['all']);
    });
  });
});
