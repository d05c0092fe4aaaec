/** Lists of tables that only grow. */
import { listCalls } from '../../src/accounts/call-view';
import { counted, MOST_ROWS, oldestLookedAt } from '../../src/operator/page-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const PAGE = { limit: 20, offset: 0 };
const START = Date.parse('2026-01-01T00:00:00Z');

describe.each(engines)('lists, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    const digits =
      '(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)';
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'];
    // 100,000 calls, one each second, the first at second 3.
    await db.database.raw(
      `INSERT INTO astcdr (uniqueid, accountcode, node, trunk, end_at, start_at)
       SELECT CONCAT('s-', n), IF(n < 50000, 'alice', 'bob'), 's', IF(n MOD 25000 = 0, 'rare', 'main'), '2026-03-01', TIMESTAMP '2026-01-01 00:00:03' + INTERVAL n SECOND
       FROM (SELECT ${a}.d + 10 * ${b}.d + 100 * ${c}.d + 1000 * ${d}.d + 10000 * ${e}.d AS n
         FROM ${[a, b, c, d, e].map(name => `${digits} AS ${name}`).join(' CROSS JOIN ')}) AS numbers`,
    );
  });
  afterAll(() => db.drop());

  const older = (second: number) => ({
    uniqueid: `older-${second}`,
    accountcode: 'alice',
    node: 's',
    trunk: 'rare',
    end_at: new Date(START + 60_000),
    start_at: new Date(START + second * 1_000),
  });

  test('up to 100,000 calls are all looked at and counted', async () => {
    const page = await listCalls(db.database, { trunk: 'rare' }, PAGE);
    expect(page).toMatchObject({ total: 4 });
    expect(page).not.toHaveProperty('since');
    expect(await listCalls(db.database, {}, PAGE)).toMatchObject({ total: MOST_ROWS });
  });

  test('of more than 100,000 the newest are looked at, and since when is told; an account or an end of the time reaches further back', async () => {
    await db.database('astcdr').insert([older(1), older(2)]);
    const page = await listCalls(db.database, { trunk: 'rare' }, PAGE);
    expect(page).toMatchObject({ total: 4, since: new Date(START + 3_000) });
    const ofAlice = await listCalls(db.database, { trunk: 'rare', accountcode: 'alice' }, PAGE);
    expect(ofAlice.total).toBe(4);
    expect(ofAlice).not.toHaveProperty('since');
    const early = await listCalls(db.database, { trunk: 'rare', to: new Date(START + 10_000) }, PAGE);
    expect(early.items.map(({ uniqueid }) => uniqueid)).toEqual(['s-0', 'older-2', 'older-1']);
  });

  test('a list counts as far as it is told, and says when there are more', async () => {
    const alice = () => db.database('astcdr').where({ accountcode: 'alice' });
    expect(await counted(db.database, alice(), 50_002)).toEqual({ total: 50_002 });
    expect(await counted(db.database, alice(), 50_001)).toEqual({ total: 50_001, isMore: true });
    expect(await oldestLookedAt(alice(), 'start_at', 'start_at', 50_002)).toBeUndefined();
    const oldest = await oldestLookedAt(alice(), 'start_at', 'uniqueid', 50_001);
    expect(oldest?.uniqueid).toBe('older-2');
  });
});
