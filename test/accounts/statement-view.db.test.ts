/** A month of an account: sums of the ledger, whatever moved. */
import { statementOf } from '../../src/accounts/statement-view';
import { formatAmount, type Micros } from '../../src/money/micros';
import { Refused } from '../../src/operator/operator-refusal';
import { EVERYTHING, type Visible } from '../../src/operator/visible';
import { json, ringfence } from '../cli/cli-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

type Kind = 'top_up' | 'call_charge' | 'refund' | 'adjustment' | 'correction';

describe.each(engines)('a statement, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    for (const table of ['astledger', 'astcdr', 'astaccount']) await db.database(table).delete();
    const account = { currency: 'EUR', deck: 'retail' };
    await db.database('astaccount').insert([
      { ...account, accountcode: 'alice', time_zone: 'Europe/Berlin' },
      { ...account, accountcode: 'bob' },
    ]);
  });

  /** Entries of alice that follow one another, in millionths, with when and by which call; the first has the number 1. */
  async function moved(movements: readonly [at: string, kind: Kind, amount: bigint, reference?: string][]) {
    let balance = 0n;
    const rows = movements.map(([at, kind, amount, reference], index) => {
      balance += amount;
      return {
        ...{ accountcode: 'alice', entry_number: index + 1, kind, reference: reference ?? `ref-${index}` },
        ...{ amount: formatAmount(amount as Micros), balance_after: formatAmount(balance as Micros) },
        ...{ created_at: new Date(at), entry_hash: '' },
      };
    });
    await db.database.batchInsert('astledger', rows);
  }

  const called = (uniqueid: string, end: string | null, more: object = {}) =>
    db.database('astcdr').insert({
      ...{ uniqueid, accountcode: 'alice', node: 's', rate_destination: 'Germany', billed_seconds: 60, cost: 1 },
      ...{ start_at: new Date(Date.parse(end ?? '2026-11-05T12:00:00Z') - 90_000) },
      ...{
        answer_at: new Date(Date.parse(end ?? '2026-11-05T12:00:00Z') - 60_000),
        end_at: end && new Date(end),
        ...more,
      },
    });

  async function november(visible: Visible = EVERYTHING, zone?: string) {
    const told = await statementOf(db.database, visible, 'alice', { month: '2026-11', zone });
    const movements = ({ entries, count, sum }: typeof told.topUps) => ({
      numbers: entries.map(({ entryNumber }) => entryNumber),
      count,
      sum: formatAmount(sum),
    });
    return {
      opening: formatAmount(told.opening),
      closing: formatAmount(told.closing),
      topUps: movements(told.topUps),
      others: movements(told.others),
      calls: told.calls.map(each => [each.destination, each.calls, each.billedSeconds, formatAmount(each.cost)]),
      addsUp: told.addsUp,
    };
  }

  const nothing = { numbers: [], count: 0, sum: '0.00' };

  test('the month is that of UTC, if the zone of the account does not exist', async () => {
    await db
      .database('astaccount')
      .insert({ accountcode: 'martian', currency: 'EUR', deck: 'retail', time_zone: 'Mars/Olympus' });
    const told = await statementOf(db.database, EVERYTHING, 'martian', { month: '2026-11', zone: undefined });
    expect(told).toMatchObject({ zone: 'UTC', from: new Date('2026-11-01'), to: new Date('2026-12-01') });
  });

  test('opening 10.00, a top-up of 5.00, a refund and calls of 2.00 and 0.000001: by destination, and it adds up', async () => {
    await moved([
      ['2026-10-05T12:00:00Z', 'top_up', 10_000_000n],
      ['2026-11-05T12:00:00Z', 'call_charge', -2_000_000n, 'c-1'],
      ['2026-11-06T12:00:00Z', 'top_up', 5_000_000n],
      ['2026-11-07T12:00:00Z', 'call_charge', -1n, 'c-2'],
      ['2026-11-08T12:00:00Z', 'refund', 400_000n],
      ['2026-12-05T12:00:00Z', 'call_charge', -3_000_000n, 'c-3'],
    ]);
    await called('c-1', '2026-11-05T12:00:00Z', { billed_seconds: 120 });
    await called('c-2', '2026-11-07T12:00:00Z', { rate_destination: 'UK', billed_seconds: 1 });
    await called('c-3', '2026-12-05T12:00:00Z');
    expect(await november()).toEqual({
      ...{ opening: '10.00', closing: '13.399999', addsUp: true },
      topUps: { numbers: [3], count: 1, sum: '5.00' },
      others: { numbers: [5], count: 1, sum: '0.40' },
      calls: [
        ['Germany', 1, 120, '2.00'],
        ['UK', 1, 1, '0.000001'],
      ],
    });
    const told = await json(db.url, ['account', 'statement', 'alice', '2026-11']);
    expect(told).toMatchObject({
      ...{ zone: 'Europe/Berlin', from_at: '2026-10-31T23:00:00.000Z', to_at: '2026-11-30T23:00:00.000Z' },
      ...{ call_count: 2, billed_seconds: 121, call_cost: '2.000001', closing: '13.399999', adds_up: true },
    });
    const { out } = await ringfence(db.url, ['account', 'statement', 'alice', '2026-11']);
    expect(out).toMatch(/closing +13\.399999[\s\S]*destination +calls +billed seconds +cost\nGermany/);
    const wrong = await ringfence(db.url, ['account', 'statement', 'alice', '2026-13']);
    expect([wrong.exitCode, wrong.err]).toEqual([2, expect.stringContaining('month "2026-13" is not a month')]);
  });

  test("the month is one of the account's zone, or of another; a call counts where its charge is", async () => {
    await moved([
      ['2026-10-31T22:59:59.999Z', 'top_up', 10_000_000n],
      ['2026-10-31T23:00:00.000Z', 'call_charge', -1_000_000n, 'over-midnight'],
      ['2026-11-30T22:59:59.999Z', 'top_up', 2_000_000n],
      ['2026-11-30T23:00:00.000Z', 'top_up', 4_000_000n],
    ]);
    await called('over-midnight', '2026-10-31T22:59:00Z');
    expect(await november()).toMatchObject({
      ...{ opening: '10.00', closing: '11.00', addsUp: true, topUps: { numbers: [3] } },
      calls: [['Germany', 1, 60, '1.00']],
    });
    const inUtc = {
      opening: '9.00',
      closing: '15.00',
      addsUp: true,
      topUps: { numbers: [3, 4], count: 2, sum: '6.00' },
    };
    expect(await november(EVERYTHING, 'UTC')).toMatchObject({ ...inUtc, calls: [] });
  });

  test('a call that cost nothing counts where it ended; a charge without its call has no destination', async () => {
    await moved([['2026-11-05T12:00:00Z', 'call_charge', -3_000_000n, 'unknown']]);
    const free = { rate_destination: 'Own numbers', cost: 0 };
    await called('free', '2026-11-05T12:00:00Z', free);
    await called('before', '2026-10-31T22:59:59.999Z', free);
    await called('after', '2026-11-30T23:00:00Z', free);
    await called('open', null, free);
    await called('unanswered', '2026-11-05T12:00:00Z', { ...free, answer_at: null });
    await called('of-bob', '2026-11-05T12:00:00Z', { ...free, accountcode: 'bob' });
    expect(await november()).toMatchObject({
      ...{ opening: '0.00', closing: '-3.00', addsUp: true },
      calls: [
        ['', 1, 0, '3.00'],
        ['Own numbers', 1, 60, '0.00'],
      ],
    });
  });

  test('a month without an entry keeps the balance of before; an account without one has nothing', async () => {
    const empty = { topUps: nothing, others: nothing, calls: [], addsUp: true };
    expect(await november()).toEqual({ ...empty, opening: '0.00', closing: '0.00' });
    await moved([['2026-10-05T12:00:00Z', 'top_up', 10_000_000n]]);
    expect(await november()).toEqual({ ...empty, opening: '10.00', closing: '10.00' });
    await moved([]);
    await db.database('astledger').update({ created_at: new Date('2026-12-05T12:00:00Z') });
    expect(await november()).toEqual({ ...empty, opening: '0.00', closing: '0.00' });
  });

  test.each([
    [
      'an entry is missing',
      (database: TestDatabase['database']) => database('astledger').where({ entry_number: 2 }).delete(),
    ],
    [
      'the last balance is another',
      (database: TestDatabase['database']) =>
        database('astledger').where({ entry_number: 3 }).update({ balance_after: '1.00' }),
    ],
  ])('sums that do not agree with the ledger are found: %s', async (_, spoil) => {
    await moved([
      ['2026-11-05T12:00:00Z', 'top_up', 5_000_000n],
      ['2026-11-06T12:00:00Z', 'call_charge', -1_000_000n],
      ['2026-11-07T12:00:00Z', 'refund', 500_000n],
    ]);
    expect((await november()).addsUp).toBe(true);
    await spoil(db.database);
    expect((await november()).addsUp).toBe(false);
  });

  test('of 1,002 payments and 60,000 charges the first 1,000 payments are told, and every sum is of all', async () => {
    const at = '2026-11-05T12:00:00Z';
    await moved(Array.from({ length: 1_002 }, () => [at, 'top_up', 1_000_000n] as const));
    const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ');
    await db.database.raw(
      `INSERT INTO astledger (accountcode, entry_number, kind, reference, amount, balance_after, created_at, entry_hash)
       SELECT 'alice', 1003 + n, 'call_charge', CONCAT('c-', n), -0.01, 1002 - 0.01 * (n + 1), '2026-11-06 12:00:00', ''
       FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n FROM (${digits}) a CROSS JOIN (${digits}) b
         CROSS JOIN (${digits}) c CROSS JOIN (${digits}) e CROSS JOIN (${digits}) f) AS numbers WHERE n < 60000`,
    );
    const { topUps, ...told } = await november();
    expect(topUps.numbers).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect({ ...topUps, numbers: [] }).toEqual({ numbers: [], count: 1_002, sum: '1002.00' });
    expect(told).toMatchObject({
      opening: '0.00',
      closing: '402.00',
      calls: [['', 60_000, 0, '600.00']],
      addsUp: true,
    });
  });

  test('an account that does not exist, or is not visible, is refused', async () => {
    await expect(november({ kind: 'account', accountcode: 'bob' })).rejects.toThrow(Refused);
    expect((await november({ kind: 'account', accountcode: 'alice' })).addsUp).toBe(true);
  });
});
