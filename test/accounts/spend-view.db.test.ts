/** What an account spent on each of the last days of a zone. */
import { spendByDay } from '../../src/accounts/spend-view';
import { formatAmount } from '../../src/money/micros';
import { Refused } from '../../src/operator/operator-refusal';
import { EVERYTHING, type Visible } from '../../src/operator/visible';
import { json, ringfence } from '../cli/cli-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

/** The day after Berlin's clocks went back. */
const NOW = Date.parse('2026-10-26T12:00:00Z');

describe.each(engines)('spend by day, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    const account = { currency: 'EUR', deck: 'retail' };
    await db.database('astaccount').insert([
      { ...account, accountcode: 'alice', time_zone: 'Europe/Berlin' },
      { ...account, accountcode: 'busy' },
      { ...account, accountcode: 'martian', time_zone: 'Mars/Olympus' },
    ]);
    const entries = [
      ['2026-10-24T21:59:59.999Z', '-1.000001'],
      ['2026-10-24T22:00:00.000Z', '-0.1'],
      ['2026-10-25T00:30:00.000Z', '-0.2'],
      ['2026-10-25T01:30:00.000Z', '-0.3'],
      ['2026-10-25T22:59:59.999Z', '-0.4'],
      ['2026-10-25T23:00:00.000Z', '-2'],
    ].map(([at, amount], n) => entry('alice', n + 1, at as string, { amount }));
    const others = { kind: 'refund', amount: '0.25' };
    await db.database('astledger').insert([...entries, entry('alice', 7, '2026-10-26T08:00:00.000Z', others)]);
    const minute = (n: number) => new Date(NOW - (5_000 - n) * 60_000 * 60).toISOString();
    await db.database.batchInsert(
      'astledger',
      Array.from({ length: 5_000 }, (_, n) => entry('busy', n + 1, minute(n), { amount: '-0.01' })),
    );
    await db.database.raw('ANALYZE TABLE astledger');
  });
  afterAll(() => db.drop());

  const entry = (accountcode: string, entry_number: number, at: string, more: object) => ({
    ...{ accountcode, entry_number, kind: 'call_charge', reference: `call-${entry_number}`, balance_after: 0 },
    ...{ created_at: new Date(at), entry_hash: '', ...more },
  });

  const spend = async (
    zone: string | undefined,
    days: number,
    accountcode = 'alice',
    visible: Visible = EVERYTHING,
  ) => {
    const told = await spendByDay(db.database, visible, accountcode, { zone, days, now: NOW });
    return { ...told, days: told.days.map(each => [each.day, each.calls, formatAmount(each.charged)]) };
  };

  test('by the days of its own zone: the one with 25 hours has four charges, and a day without one is told; a refund is not subtracted', async () => {
    expect(await spend(undefined, 4)).toEqual({
      ...{ accountcode: 'alice', currency: 'EUR', zone: 'Europe/Berlin' },
      days: [
        ['2026-10-23', 0, '0.00'],
        ['2026-10-24', 1, '1.000001'],
        ['2026-10-25', 4, '1.00'],
        ['2026-10-26', 1, '2.00'],
      ],
    });
  });

  test('by the days of UTC, if its own zone does not exist', async () => {
    expect(await spend(undefined, 1, 'martian')).toEqual({
      ...{ accountcode: 'martian', currency: 'EUR', zone: 'UTC' },
      days: [['2026-10-26', 0, '0.00']],
    });
  });

  test.each([
    [
      'UTC',
      [
        ['2026-10-25', 4, '2.90'],
        ['2026-10-26', 0, '0.00'],
      ],
    ],
    [
      'Asia/Kolkata',
      [
        ['2026-10-25', 4, '1.600001'],
        ['2026-10-26', 2, '2.40'],
      ],
    ],
  ])('by the days of %s', async (zone, days) => {
    expect((await spend(zone, 2)).days).toEqual(days);
  });

  test('of 5,000 charges only those of the days are read', async () => {
    const read = await db.database.transaction(async connection => {
      const readByNow = async () => {
        const [rows] = await connection.raw("SHOW SESSION STATUS LIKE 'Handler\\_read\\_%'");
        return (rows as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
      };
      const before = await readByNow();
      const { days } = await spendByDay(connection, EVERYTHING, 'busy', { zone: 'UTC', days: 7, now: NOW });
      expect(days.map(({ calls }) => calls)).toEqual([24, 24, 24, 24, 24, 24, 12]);
      return (await readByNow()) - before;
    });
    expect(read).toBeLessThan(600);
  });

  test('an account that does not exist, or is not visible, is refused', async () => {
    await expect(spend('UTC', 1, 'nobody')).rejects.toThrow(Refused);
    const ofAlice = { kind: 'account', accountcode: 'alice' } as const;
    await expect(spend('UTC', 1, 'busy', ofAlice)).rejects.toThrow(Refused);
    expect((await spend('UTC', 1, 'alice', ofAlice)).days).toHaveLength(1);
  });

  test('on the command line: 30 days up to today, as facts and as a table; a zone that is none is refused', async () => {
    const { days, zone } = await json(db.url, ['account', 'spend', 'alice']);
    expect([days.length, zone]).toEqual([30, 'Europe/Berlin']);
    const { out } = await ringfence(db.url, ['account', 'spend', 'alice', '--days', '2', '--zone', 'UTC']);
    expect(out).toMatch(/zone +UTC\n[\s\S]*day +calls +charged\n/);
    expect(await ringfence(db.url, ['account', 'spend', 'alice', '--zone', 'Mars'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('zone "Mars" is not a time zone'),
    });
  });
});
