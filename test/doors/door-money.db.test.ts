/** Money that programs move by doors, besides calls: within limits that are closed at first, each change with a row in the audit trail. */

import { OPERATIONS } from '../../src/admin/operations';
import { openDatabase } from '../../src/database/connection';
import { parseAmount } from '../../src/money/micros';
import { perform } from '../../src/operator/operation';
import { ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck, differencesIn, moneyOf } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';
import { openDoor as openRating, NODE as RATING, ask as tell } from './rating-engine/rating-fixture';
import { ask, callOf, openDoor as openSems, NODE as SEMS } from './sems/sems-fixture';

describe.each(engines)('money by doors, %s', engine => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    // 0.01 a second.
    await addDeck(db, 'retail', [
      {},
      { prefix: '999', price_per_minute: '0.60', initial_increment_seconds: 1, increment_seconds: 1 },
    ]);
    for (const code of ['joe', 'ann']) await addAccount(db, code, '1.00');
    open.length = 0;
  });
  afterEach(async () => {
    for (const each of open) await each.close();
    expect(await differencesIn(db.url)).toEqual([]);
    await db.drop();
  });

  const open: { close(): Promise<void> }[] = [];
  async function rating(more: Parameters<typeof openRating>[1] = {}, of: TestDatabase = db) {
    const door = await openRating(of, { account: '{user}', ...more });
    open.push(door);
    const add = (value: string, { to = 'joe', reference = '', from = '127.0.0.1' } = {}) =>
      tell(
        door.port,
        `AddBalance From=${to}@example.com Value=${value}${reference && ` Reference=${reference}`}`,
        from,
      );
    return { ...door, add };
  }
  async function sems(more: Parameters<typeof openSems>[1] = {}, of: TestDatabase = db) {
    const door = await openSems(of, more);
    open.push(door);
    /** The seconds left, or the text of the fault. */
    const manage = async (method: string, seconds: number, uuid = 'joe') => {
      const answer = await ask(
        door.port,
        callOf(`cc_prepaid.${method}`, uuid, ...(method === 'getCredit' ? [] : [seconds])),
      );
      return /<fault>/.test(answer)
        ? (/faultString<\/name><value>(?:<string>)?([^<]*)/.exec(answer)?.[1] ?? answer)
        : Number(/<int>(-?\d+)</.exec(answer)?.[1]);
    };
    return { ...door, manage };
  }
  /** As an administrator does it. */
  const limit = (actor: string, daily: string, ...more: string[]) =>
    ringfence(db.url, ['cashier', 'limit', actor, daily, ...more]);
  const trail = async () =>
    (await db.database('astaudit').whereNot({ operation: 'cashier limit' }).orderBy('audit_id')).map(row => ({
      actor: row.actor,
      address: row.address,
      operation: row.operation,
      object: row.object,
      before: JSON.parse(row.state_before),
      after: JSON.parse(row.state_after),
    }));
  const balance = async (code = 'joe') => (await moneyOf(db, code))[0];
  const entries = async (actor: string) =>
    db.database('astledger').where({ actor }).orderBy('entry_id').pluck('amount');

  test('until an administrator sets the limit of that door it moves nothing, and the answer says what to do', async () => {
    const [one, other] = [await rating(), await sems()];
    const closed = (door: string) =>
      `${door} has no limit of the day yet, and so moves no money: an admin sets one, "cashier limit ${door} 500.00"`;
    expect(await one.add('0.01')).toBe(`0\nError: ${closed(RATING)}`);
    expect(await other.manage('addCredit', 1)).toContain('sems:main has no limit of the day yet');
    for (const [method, seconds] of [
      ['setCredit', 50],
      ['setCredit', 500],
      ['subtractCredit', 1],
    ] as const) {
      expect(await other.manage(method, seconds)).toContain('has no limit of the day yet');
    }
    expect(one.door.figures.refusals).toEqual({ daily_limit_exceeded: 1 });
    expect(other.door.figures.refusals).toEqual({ daily_limit_exceeded: 4 });
    expect(one.lines).toContainEqual(
      expect.objectContaining({ event: 'door_refused', accountcode: 'joe', peer: '127.0.0.1', todo: closed(RATING) }),
    );
    expect([await balance(), await trail()]).toEqual(['1.00', []]);
    // What moves nothing is not limited.
    expect([await other.manage('getCredit', 0), await other.manage('setCredit', 100)]).toEqual([100, 100]);
    expect((await limit(RATING, '5.00')).exitCode).toBe(0);
    expect(await one.add('5.00')).toBe('1');
    // The limit of one door is none of the other's.
    expect(await other.manage('addCredit', 1)).toContain('sems:main has no limit');
  });

  test('AddBalance leaves a row with the door, the address, the account, the amount and the balance before and after; a repeat none', async () => {
    await limit(RATING, '100');
    const { add } = await rating({ managers: { has: () => true } });
    for (let times = 0; times < 2; times++) {
      expect(await add('10.00', { reference: 'order-17', from: '127.0.0.2' })).toBe('1');
    }
    expect(await trail()).toEqual([
      {
        actor: RATING,
        address: '127.0.0.2',
        operation: 'account topup',
        object: 'account joe',
        before: { balance: '1.00' },
        after: {
          balance: '11.00',
          amount: '10.00',
          reference: 'order-17',
          reason: 'rating engine AddBalance from 127.0.0.2',
        },
      },
    ]);
    expect(await db.database('astcashierday').where({ actor: RATING }).pluck('amount')).toEqual(['10.000000']);
    // The same reference with another amount, and what is refused for another reason.
    expect(await add('11.00', { reference: 'order-17' })).toBe('0');
    expect(await add('1.00', { to: 'nobody' })).toBe('0');
    expect(await trail()).toHaveLength(1);
  });

  test("SEMS's changes leave one each, up and down", async () => {
    await limit(SEMS, '100');
    const { manage } = await sems();
    expect(await manage('setCredit', 500)).toBe(500);
    expect(await manage('addCredit', 60)).toBe(560);
    expect(await manage('subtractCredit', 10)).toBe(550);
    expect(await manage('setCredit', 550)).toBe(550);
    const rows = await trail();
    expect(rows.map(({ actor, address, object }) => [actor, address, object])).toEqual(
      Array(3).fill([SEMS, '127.0.0.1', 'account joe']),
    );
    expect(
      rows.map(({ operation, before, after }) => [operation, before.balance, after.balance, after.amount]),
    ).toEqual([
      ['account adjust', '1.00', '5.00', '4.00'],
      ['account topup', '5.00', '5.60', '0.60'],
      ['account adjust', '5.60', '5.50', '-0.10'],
    ]);
    expect(rows[2]?.after.reason).toBe('SEMS subtractCredit 10 from 127.0.0.1');
    // What it takes counts like what it gives.
    expect(await db.database('astcashierday').where({ actor: SEMS }).pluck('amount')).toEqual(['4.700000']);
  });

  test('beyond the limit of the day, and of one change, it is refused by the words of the protocol, which name the limit', async () => {
    await limit(RATING, '25.00', '--at-once', '10');
    await limit(SEMS, '25.00', '--at-once', '10');
    const [one, other] = [await rating(), await sems()];
    const large = (door: string) => `10.01 EUR is more than ${door} may move at once: 10.00 EUR`;
    expect(await one.add('10.01')).toBe(`0\nError: ${large(RATING)}`);
    expect(await other.manage('addCredit', 1_001)).toBe(`1001 s: ${large(SEMS)}`);
    const left = (door: string) => `10.00 EUR is more than ${door} has left today (UTC): 5.00 of 25.00 EUR a day`;
    expect([await one.add('10'), await one.add('10'), await one.add('10')]).toEqual([
      '1',
      '1',
      `0\nError: ${left(RATING)}`,
    ]);
    expect([await other.manage('addCredit', 1_000), await other.manage('subtractCredit', 1_000)]).toEqual([
      3_100, 2_100,
    ]);
    expect(await other.manage('addCredit', 1_000)).toBe(`1000 s: ${left(SEMS)}`);
    expect(await other.manage('setCredit', 0)).toContain('may move at once');
    expect([await one.add('5'), await one.add('0.000001')]).toEqual(['1', expect.stringMatching(/^0\nError: /)]);
    expect(await entries(RATING)).toEqual(['10.000000', '10.000000', '5.000000']);
    expect(one.door.figures.refusals).toEqual({ daily_limit_exceeded: 2, more_than_at_once: 1 });
    await db.database('astcashierday').update({ day: db.database.raw('UTC_DATE() - INTERVAL 1 DAY') });
    expect(await one.add('10')).toBe('1');
  });

  test('what would need a second person is refused, and waits for none', async () => {
    await Promise.all([RATING, SEMS].map(door => limit(door, '1000')));
    const above = { secondPersonAbove: parseAmount('100') };
    const [one, other] = [await rating(above), await sems(above)];
    expect(await one.add('100', { reference: 'fits' })).toBe('1');
    expect(await one.add('100.01')).toMatch(
      /^0\nError: 100\.01 EUR needs a second person, as all above 100\.00 does, and rating:main is none/,
    );
    expect(await other.manage('setCredit', 0)).toContain('-101.00 EUR needs a second person');
    expect(await db.database('astapproval')).toEqual([]);
    expect([await balance(), await entries(RATING)]).toEqual(['101.00', ['100.000000']]);
    // A repeat of what was done before gets its first answer, though the setting is lower now.
    const lower = await rating({ secondPersonAbove: parseAmount('1'), name: 'main' });
    expect(await lower.add('100', { reference: 'fits' })).toBe('1');
  });

  test('20 changes at once by two services stay within the limit of the day together: nine of 10.00 in 95.00', async () => {
    await limit(RATING, '95.00');
    await limit(SEMS, '95.00');
    const pools = [0, 1].map(() => ({ ...db, database: openDatabase(db.url, { most: 10 }) }));
    const ratings = await Promise.all(pools.map(of => rating({}, of)));
    const semses = await Promise.all(pools.map(of => sems({}, of)));
    const to = (number: number) => (number % 3 ? 'joe' : 'ann');
    const added = await Promise.all(
      Array.from({ length: 20 }, (_, number) => ratings[number % 2]?.add('10.00', { to: to(number) })),
    );
    expect(added.filter(reply => reply === '1')).toHaveLength(9);
    expect(added.filter(reply => reply?.includes('of 95.00 EUR a day'))).toHaveLength(11);
    const credited = await Promise.all(
      Array.from({ length: 20 }, (_, number) => semses[number % 2]?.manage('addCredit', 1_000, to(number))),
    );
    expect(credited.filter(reply => typeof reply === 'number')).toHaveLength(9);
    expect(await trail()).toHaveLength(18);
    for (const door of [RATING, SEMS]) expect(await entries(door)).toEqual(Array(9).fill('10.000000'));
    for (const each of open.splice(0)) await each.close();
    await Promise.all(pools.map(({ database }) => database.destroy()));
  });

  test('an administrator sees the limits of doors beside those of cashiers, and what is left', async () => {
    await limit(RATING, '25.00', '--at-once', '10');
    const { add } = await rating();
    await add('10');
    const list = OPERATIONS.find(({ name }) => name === 'cashier list') as (typeof OPERATIONS)[0];
    const { items } = (await perform(list, requestBy('test', db.database), {})) as { items: unknown[] };
    expect(items).toEqual([
      {
        actor: RATING,
        dailyLimit: parseAmount('25'),
        atOnceLimit: parseAmount('10'),
        currency: 'EUR',
        toppedUp: parseAmount('10'),
        left: parseAmount('15'),
      },
    ]);
    expect(await limit('rest:main', '5')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('rating:, sems:'),
    });
  });
});
