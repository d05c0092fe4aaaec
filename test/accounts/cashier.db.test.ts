/** A cashier tops up at most so much in a day, whatever it does at once. */
import type { Knex } from 'knex';
import { moveMoney } from '../../src/accounts/move-money';
import { activateCards, generateCards } from '../../src/cards/cards';
import { generateVouchers, redeemVoucher, switchVouchers } from '../../src/cards/vouchers';
import { accountOfCard } from '../../src/credit/rules/card';
import { openDatabase } from '../../src/database/connection';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { type Acting, actingAs } from '../../src/operator/acting';
import { listCashiers, setLimits } from '../../src/operator/cashier-store';
import { limitsOf } from '../../src/operator/limits';
import { ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const KEYS = ['a-secret-of-thirty-two-characters-0'];

describe.each(engines)("a cashier's limit of the day, %s", engine => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    for (const code of ['alice', 'bob']) await addAccount(db, code, '1.00');
  });
  afterEach(async () => {
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    await db.drop();
  });

  const NO_SETTING = { secondPersonAbove: null };
  const cashier = (database: Knex = db.database, actor = 'key:till'): Acting => ({
    ...actingAs(actor, database),
    limits: limitsOf(['cashier'], NO_SETTING),
  });
  const admin = () => actingAs('cli:root', db.database);
  const limit = (amount: string, actor = 'key:till', atOnce?: string | null) =>
    setLimits(admin(), actor, {
      dailyLimit: parseAmount(amount),
      atOnceLimit: atOnce == null ? atOnce : parseAmount(atOnce),
    });
  const topUp = (acting: Acting, amount: string, reference: string, accountcode = 'alice') =>
    moveMoney(acting, { accountcode, kind: 'top_up', amount, reference });
  const left = async () =>
    (await listCashiers(db.database, { limit: 20, offset: 0 })).items.map(
      ({ actor, currency, toppedUp, left: rest }) =>
        `${actor} ${currency} ${formatAmount(toppedUp)} ${formatAmount(rest)}`,
    );
  const refused = { refusal: 'daily_limit_exceeded' };

  test('adds up its top-ups of the day; one that is more than what is left is refused, and moves nothing', async () => {
    await limit('50.00');
    await topUp(cashier(), '30.00', 'one');
    await expect(topUp(cashier(), '20.01', 'two', 'bob')).rejects.toMatchObject({
      ...refused,
      detail: '20.01 EUR is more than key:till has left today (UTC): 20.00 of 50.00 EUR a day',
    });
    await topUp(cashier(), '20.00', 'three', 'bob');
    expect(await left()).toEqual(['key:till EUR 50.00 0.00']);
    const entries = await db.database('astledger').where({ actor: 'key:till' }).orderBy('entry_id').pluck('reference');
    expect(entries).toEqual(['one', 'three']);
  });

  test('a reference that moved the same before counts once, also beyond the limit', async () => {
    await limit('10.00');
    for (const moved of [true, false]) expect(await topUp(cashier(), '10.00', 'one')).toMatchObject({ moved });
    expect(await left()).toEqual(['key:till EUR 10.00 0.00']);
  });

  test('is of each currency and of each actor, and of the UTC day alone', async () => {
    await db.database('astratedeck').insert({ deck: 'dollars', currency: 'USD', version: 1 });
    await db.database('astaccount').insert({ accountcode: 'usd', currency: 'USD', deck: 'dollars' });
    await limit('10.00');
    await limit('5.00', 'key:other');
    await topUp(cashier(), '10.00', 'euros');
    await topUp(cashier(), '10.00', 'dollars', 'usd');
    await topUp(cashier(db.database, 'key:other'), '5.00', 'other');
    await expect(topUp(cashier(), '0.01', 'more', 'usd')).rejects.toMatchObject(refused);
    await db.database('astcashierday').update({ day: db.database.raw('UTC_DATE() - INTERVAL 1 DAY') });
    await topUp(cashier(), '10.00', 'next day');
    expect(await left()).toEqual(['key:other null 0.00 5.00', 'key:till EUR 10.00 0.00']);
  });

  test('a cashier without one tops up nothing; support, admin and the command line have none', async () => {
    await expect(topUp(cashier(), '0.01', 'none')).rejects.toMatchObject(refused);
    await limit('0');
    await expect(topUp(cashier(), '0.01', 'none')).rejects.toMatchObject(refused);
    const support = { ...actingAs('key:till', db.database), limits: limitsOf(['cashier', 'support'], NO_SETTING) };
    for (const acting of [support, admin()]) {
      expect(await topUp(acting, '999.00', acting.requestId)).toMatchObject({ moved: true });
    }
    expect(await left()).toEqual(['key:till null 0.00 0.00']);
  });

  test('20 top-ups of 10.00 at once, of 95.00: nine are done, on whichever accounts, and eleven are refused', async () => {
    await limit('95.00');
    const pools = Array.from({ length: 20 }, () => openDatabase(db.url, { most: 1 }));
    const done = await Promise.allSettled(
      pools.map((pool, number) => topUp(cashier(pool), '10.00', `at once ${number}`, number % 2 ? 'alice' : 'bob')),
    );
    await Promise.all(pools.map(pool => pool.destroy()));
    const reasons = done.flatMap(each => (each.status === 'rejected' ? [each.reason.refusal ?? each.reason] : []));
    expect(reasons).toEqual(Array(11).fill('daily_limit_exceeded'));
    expect(await left()).toEqual(['key:till EUR 90.00 5.00']);
    const [row] = await db.database('astledger').where({ actor: 'key:till' }).sum({ sum: 'amount' });
    expect(row).toEqual({ sum: '90.000000' });
  });

  test('the first two top-ups of a day at once are both counted', async () => {
    await limit('100.00');
    const pools = [0, 1].map(() => openDatabase(db.url, { most: 1 }));
    await Promise.all(
      pools.map((pool, number) => topUp(cashier(pool), '10.00', `first ${number}`, number ? 'alice' : 'bob')),
    );
    await Promise.all(pools.map(pool => pool.destroy()));
    expect(await left()).toEqual(['key:till EUR 20.00 80.00']);
  });

  test('cards and vouchers that it activates count by their value; what a voucher adds later does not count again', async () => {
    const batch = { count: 3, digits: 12 };
    const codes: string[] = [];
    const options = {
      keys: KEYS,
      onIssue: (issued: readonly { code: string }[]) => codes.push(...issued.map(({ code }) => code)),
    };
    await generateCards(admin(), { ...batch, batch: 'cards', value: '5.00', deck: 'retail' }, options as never);
    codes.length = 0;
    await generateVouchers(admin(), { ...batch, batch: 'vouchers', value: '4.00', currency: 'EUR' }, options as never);
    await limit('20.00');
    await activateCards(cashier(), { batch: 'cards', from: 1, to: 2 });
    expect(await left()).toEqual(['key:till EUR 10.00 10.00']);
    await expect(switchVouchers(cashier(), { batch: 'vouchers' }, 'activate')).rejects.toMatchObject(refused);
    await switchVouchers(cashier(), { batch: 'vouchers', from: 1, to: 2 }, 'activate');
    // What is active already counts no second time.
    await switchVouchers(cashier(), { batch: 'vouchers', from: 1, to: 2 }, 'activate');
    expect(await left()).toEqual(['key:till EUR 18.00 2.00']);
    await expect(activateCards(cashier(), { batch: 'cards' })).rejects.toMatchObject(refused);
    expect(await db.database('astaccount').where({ accountcode: accountOfCard(3) })).toEqual([]);
    for (const code of codes.slice(0, 2)) {
      expect(await redeemVoucher(cashier(), { code, accountcode: 'alice', keys: KEYS })).toBeDefined();
    }
    expect(await left()).toEqual(['key:till EUR 18.00 2.00']);
  });

  test('counts no less than it activates: vouchers that are unblocked meanwhile stay as they are', async () => {
    const options = { keys: KEYS, onIssue: () => undefined };
    const vouchers = { batch: 'many', count: 3, digits: 12, value: '4.00', currency: 'EUR' };
    await generateVouchers(admin(), vouchers, options as never);
    await switchVouchers(admin(), { batch: 'many', from: 2, to: 3 }, 'block');
    await limit('5.00');
    const other = await db.database.transaction();
    await other('astcashier').where({ actor: 'key:till' }).forUpdate();
    const activated = switchVouchers(cashier(), { batch: 'many' }, 'activate');
    // It has its vouchers when it waits for the limit. The server looks anew only every tenth of a second, counted from the last look.
    const waits = async () => {
      const [rows] = await db.database.raw(
        "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%astcashier%'",
      );
      return rows.length > 0;
    };
    while (!(await waits())) await new Promise(later => setTimeout(later, 200));
    await switchVouchers(admin(), { batch: 'many', from: 2, to: 3 }, 'unblock');
    await other.rollback();
    expect(await activated).toMatchObject({ changed: 1 });
    expect(await db.database('astvoucher').orderBy('serial').pluck('status')).toEqual([
      'active',
      'generated',
      'generated',
    ]);
    expect(await left()).toEqual(['key:till EUR 4.00 1.00']);
  });

  test('is set on the command line, with a row in the trail where it changed, and two first limits at once leave one', async () => {
    const cli = (...words: string[]) => ringfence(db.url, ['cashier', ...words]);
    expect((await cli('limit', 'till', '5')).exitCode).toBe(2);
    expect((await cli('limit', 'key:till', '-1')).exitCode).toBe(2);
    const pools = [0, 1].map(() => openDatabase(db.url, { most: 1 }));
    const five = { dailyLimit: parseAmount('5') };
    await Promise.all(pools.map(pool => setLimits(actingAs('cli:root', pool), 'key:till', five)));
    await Promise.all(pools.map(pool => pool.destroy()));
    expect((await cli('limit', 'key:till', '8.00')).exitCode).toBe(0);
    expect((await cli('list')).out).toContain('key:till');
    const trail = await db.database('astaudit').where({ object: 'cashier key:till' }).orderBy('audit_id');
    expect(trail.map(row => [row.state_before, row.state_after])).toEqual([
      [null, '{"daily_limit":"5.00","at_once_limit":null}'],
      ['{"daily_limit":"5.00"}', '{"daily_limit":"8.00"}'],
    ]);
  });

  test('is of one movement too, and of one card or voucher, where that is set; it stays until it is taken away', async () => {
    await limit('100.00', 'key:till', '10.00');
    await topUp(cashier(), '10.00', 'fits');
    await expect(topUp(cashier(), '10.000001', 'large')).rejects.toMatchObject({
      refusal: 'more_than_at_once',
      detail: '10.000001 EUR is more than key:till may move at once: 10.00 EUR',
      facts: { actor: 'key:till', currency: 'EUR', amount: '10.000001', limit: '10.00' },
    });
    const options = { keys: KEYS, onIssue: () => undefined };
    for (const value of ['4.00', '10.01']) {
      const vouchers = { batch: `of ${value}`.replace(' ', '-'), count: 3, digits: 12, value, currency: 'EUR' };
      await generateVouchers(admin(), vouchers, options as never);
    }
    // Three at once are more than 10.00 together.
    await switchVouchers(cashier(), { batch: 'of-4.00' }, 'activate');
    await expect(switchVouchers(cashier(), { batch: 'of-10.01' }, 'activate')).rejects.toMatchObject({
      refusal: 'more_than_at_once',
    });
    expect(await left()).toEqual(['key:till EUR 22.00 78.00']);
    expect(await limit('50.00')).toEqual({ dailyLimit: parseAmount('50'), atOnceLimit: parseAmount('10') });
    await expect(topUp(cashier(), '10.01', 'large')).rejects.toMatchObject({ refusal: 'more_than_at_once' });
    expect(await limit('50.00', 'key:till', null)).toEqual({ dailyLimit: parseAmount('50'), atOnceLimit: null });
    await topUp(cashier(), '10.01', 'large');
  });
});
