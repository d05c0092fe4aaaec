/** Lists of tables that only grow. */

import { listAccounts, listEntries } from '../../src/accounts/account-store';
import { CALLS_ORDER, listCalls } from '../../src/accounts/call-view';
import { listLedger } from '../../src/accounts/ledger-view';
import { micros } from '../../src/money/micros';
import { CHANGES_ORDER, listAudit } from '../../src/operator/audit-store';
import { type Key, keyIn, type ListOrder } from '../../src/operator/cursor';
import { MOST_ROWS, type Page, type PageRequest } from '../../src/operator/page';
import { counted, oldestLookedAt } from '../../src/operator/page-store';
import { EVERYTHING } from '../../src/operator/visible';
import { EVENTS_ORDER, listEvents } from '../../src/webhooks/event-store';
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
    const numbers = `(SELECT ${a}.d + 10 * ${b}.d + 100 * ${c}.d + 1000 * ${d}.d + 10000 * ${e}.d AS n
      FROM ${[a, b, c, d, e].map(name => `${digits} AS ${name}`).join(' CROSS JOIN ')}) AS numbers`;
    await db.database.raw(
      `INSERT INTO astcdr (uniqueid, accountcode, node, trunk, end_at, start_at)
       SELECT CONCAT('s-', n), IF(n < 50000, 'alice', 'bob'), 's', IF(n MOD 25000 = 0, 'rare', 'main'), '2026-03-01', TIMESTAMP '2026-01-01 00:00:03' + INTERVAL n SECOND
       FROM ${numbers}`,
    );
    // Three changes and three events that are older than 100,000 others, one each second. Of the last older ones, one is of the same instant.
    const second = (n: number) => new Date(START + n * 1_000);
    for (const n of [1, 2, 3]) {
      const rare = { actor: 'rare', operation: 'trunk set', object: `trunk ${n}`, request_id: `older-${n}` };
      await db.database('astaudit').insert({ ...rare, created_at: second(n) });
      const event = { kind: 'blocked', accountcode: 'bob', uniqueid: 's-99999', facts: '{}' };
      await db.database('astoutbox').insert({ ...event, created_at: second(n) });
    }
    const at = "TIMESTAMP '2026-01-01 00:00:03' + INTERVAL n SECOND";
    await db.database.raw(
      `INSERT INTO astaudit (request_id, actor, operation, object, created_at)
       SELECT CONCAT('r-', n), 'main', 'account set', 'account alice', ${at} FROM ${numbers} ORDER BY n`,
    );
    await db.database.raw(
      `INSERT INTO astoutbox (kind, accountcode, facts, created_at) SELECT 'settled', 'bob', '{}', ${at} FROM ${numbers} ORDER BY n`,
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

  test('up to 100,000 calls are all counted, and up to 20,000 all looked at', async () => {
    expect(await listCalls(db.database, EVERYTHING, {}, PAGE)).toMatchObject({ total: MOST_ROWS });
    const soon = { trunk: 'rare', to: new Date(START + 20_003_000) };
    const page = await listCalls(db.database, EVERYTHING, soon, PAGE);
    expect(page).toMatchObject({ total: 1, items: [{ uniqueid: 's-0' }] });
    expect(page).not.toHaveProperty('since');
  });

  test('of more than 20,000 the newest are looked at, and since when is told; an end of the time reaches further back', async () => {
    await db.database('astcdr').insert([older(1), older(2)]);
    const found = async (filter: object) => {
      const { items, total, since } = await listCalls(db.database, EVERYTHING, { trunk: 'rare', ...filter }, PAGE);
      expect(total).toBe(items.length);
      return { calls: items.map(({ uniqueid }) => uniqueid), since };
    };
    const at = (second: number) => new Date(START + second * 1_000);
    expect(await found({})).toEqual({ calls: [], since: at(80_003) });
    expect(await found({ to: at(80_003) })).toEqual({ calls: ['s-75000'], since: at(60_003) });
    expect(await found({ accountcode: 'alice' })).toEqual({ calls: [], since: at(30_003) });
    expect(await found({ to: at(10) })).toEqual({ calls: ['s-0', 'older-2', 'older-1'], since: undefined });
    // All are counted: no filter looks at each.
    expect(await listCalls(db.database, EVERYTHING, {}, PAGE)).toMatchObject({ total: MOST_ROWS, since: at(3) });
  });

  test('by key a list is whole, though a filter without an index looks at 20,000 calls, or 100,000 other rows, at a time', async () => {
    const wholeBy = async <Item>(order: ListOrder, list: (request: PageRequest) => Promise<Page<Item>>) => {
      const pages: Item[][] = [];
      const lookedAt: number[] = [];
      for (let after: Key | null = null; ; ) {
        const { items, nextCursor, since, ...count }: Page<Item> = await list({
          limit: 3,
          offset: 0,
          byKey: { after, isCounted: false },
        });
        expect(count).toEqual({});
        pages.push(items);
        if (since) lookedAt.push((since.getTime() - START) / 1_000);
        if (nextCursor === undefined) return { pages, lookedAt };
        after = keyIn(order, nextCursor);
      }
    };
    const calls = await wholeBy(CALLS_ORDER, request => listCalls(db.database, EVERYTHING, { trunk: 'rare' }, request));
    expect(calls.pages.map(page => page.map(({ uniqueid }) => uniqueid))).toEqual([
      [],
      ['s-75000'],
      ['s-50000'],
      ['s-25000'],
      ['s-0'],
      ['older-2', 'older-1'],
    ]);
    // The first call is of second 3.
    expect(calls.lookedAt).toEqual([80_003, 60_003, 40_003, 20_003, 3]);
    const events = await wholeBy(EVENTS_ORDER, request =>
      listEvents(db.database, EVERYTHING, { kinds: ['blocked'] }, request),
    );
    expect(events.pages.map(page => page.map(({ createdAt }) => createdAt.getTime() - START))).toEqual([
      [],
      [3_000, 2_000, 1_000],
    ]);
    const changes = await wholeBy(CHANGES_ORDER, request => listAudit(db.database, { actor: 'rare' }, request));
    expect(changes.pages.map(page => page.map(({ object }) => object))).toEqual([
      [],
      ['trunk 3', 'trunk 2', 'trunk 1'],
    ]);
    const counted = await listCalls(
      db.database,
      EVERYTHING,
      { trunk: 'rare' },
      { limit: 3, offset: 0, byKey: { after: null, isCounted: true } },
    );
    expect(counted).toMatchObject({ total: 0, since: new Date(START + 80_003_000), nextCursor: expect.any(String) });
  });

  test.each([
    { destination: '99' },
    { trunk: 'unused' },
    { disposition: 'CONGESTION' },
    { refusal: 'no_rate' },
    { cause: 127 },
    { costFrom: micros(10n ** 12n) },
    { text: 'nowhere' },
    { text: 'nowhere', accountcode: 'alice' },
  ])(
    'a filter that no call matches reads 20,000 calls twice for the first part, and three times for a page that is counted: %p',
    async filter => {
      const readFor = (request: PageRequest) =>
        db.database.transaction(async connection => {
          const readByNow = async () => {
            const [rows] = await connection.raw("SHOW SESSION STATUS LIKE 'Handler\\_read\\_%'");
            return (rows as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
          };
          const before = await readByNow();
          expect((await listCalls(connection, EVERYTHING, filter, request)).items).toEqual([]);
          return (await readByNow()) - before;
        });
      const byKey = await readFor({ limit: 50, offset: 0, byKey: { after: null, isCounted: false } });
      expect(byKey).toBeGreaterThan(20_000);
      expect(byKey).toBeLessThan(41_000);
      // The rows are looked for, and counted.
      expect(await readFor({ limit: 50, offset: 0 })).toBeLessThan(62_000);
    },
  );

  test('a list counts as far as it is told, and says when there are more', async () => {
    const alice = () => db.database('astcdr').where({ accountcode: 'alice' });
    expect(await counted(db.database, alice(), PAGE, 50_002)).toEqual({ total: 50_002 });
    expect(await counted(db.database, alice(), PAGE, 50_001)).toEqual({ total: 50_001, isMore: true });
    expect(await oldestLookedAt(alice(), 'start_at', 'start_at', 50_002)).toBeUndefined();
    const oldest = await oldestLookedAt(alice(), 'start_at', 'uniqueid', 50_001);
    expect(oldest?.uniqueid).toBe('older-2');
  });

  test('beyond what a list counts, a page knows whether others follow, and the last one that none does', async () => {
    const alice = (offset: number) =>
      counted(db.database, db.database('astcdr').where({ accountcode: 'alice' }), { limit: 20, offset }, 100);
    expect(await alice(40)).toEqual({ total: 100, isMore: true });
    expect(await alice(49_980)).toEqual({ total: 50_000, isMore: true });
    expect(await alice(50_000)).toEqual({ total: 50_002 });
    expect(await alice(60_000)).toEqual({ total: 50_002 });
  });

  test('changes by one actor are looked for in the newest 100,000; before since, with an object or a time they are found', async () => {
    const seconds = async (filter: object) => {
      const { items, since } = await listAudit(db.database, { actor: 'rare', ...filter }, PAGE);
      return { found: items.map(({ createdAt }) => (createdAt.getTime() - START) / 1_000), since };
    };
    const at = (n: number) => new Date(START + n * 1_000);
    // The one of the instant since when all were looked at is among them.
    expect(await seconds({})).toEqual({ found: [3], since: at(3) });
    expect(await seconds({ to: at(3) })).toEqual({ found: [2, 1], since: undefined });
    expect(await seconds({ from: at(2), to: at(600) })).toEqual({ found: [3, 2], since: undefined });
    expect(await seconds({ from: at(50_000) })).toEqual({ found: [], since: undefined });
    expect(await seconds({ object: 'trunk 1' })).toEqual({ found: [1], since: undefined });
  });

  test('events of one kind are looked for in the newest 100,000 or within a time, and those of a call in all of its account', async () => {
    const { database } = db;
    const at = (n: number) => new Date(START + n * 1_000);
    const ofKind = await listEvents(database, EVERYTHING, { kinds: ['blocked'], accountcode: 'bob' }, PAGE);
    expect(ofKind).toMatchObject({ total: 1, since: at(3) });
    expect(await listEvents(database, EVERYTHING, { kinds: ['blocked'], to: at(3) }, PAGE)).toMatchObject({ total: 2 });
    expect(await listEvents(database, EVERYTHING, { from: at(99_993) }, PAGE)).toMatchObject({ total: 10 });
    const ofCall = await listEvents(database, EVERYTHING, { uniqueid: 's-99999' }, PAGE);
    expect(ofCall).toMatchObject({ total: 3 });
    expect(ofCall).not.toHaveProperty('since');
  });

  test('the entries of an account are as many as its row says, also beyond 100,000', async () => {
    const many = { accountcode: 'many', currency: 'EUR', deck: 'retail', entry_count: 250_000 };
    await db.database('astaccount').insert(many);
    const { items } = await listAccounts(db.database, EVERYTHING, { kind: 'account', text: 'many' }, PAGE);
    const [view] = items;
    if (!view) throw new Error('no account');
    expect(await listEntries(db.database, view, PAGE)).toEqual({ items: [], total: 250_000 });
  });

  describe('of the entries of one account', () => {
    const ENTRIES = 100_010;
    const visible = { kind: 'account', accountcode: 'rich' } as const;
    beforeAll(async () => {
      await db.database('astaccount').insert({ accountcode: 'rich', currency: 'EUR', deck: 'retail' });
      const digits = Array.from({ length: 10 }, (_, d) => `SELECT ${d} AS d`).join(' UNION ALL ');
      for (const [count, from] of [
        [100_000, 0],
        [10, 100_000],
      ]) {
        await db.database.raw(
          `INSERT INTO astledger (accountcode, entry_number, kind, reference, amount, balance_after, entry_hash, created_at)
           SELECT 'rich', 1 + ${from} + n, 'top_up', CONCAT('t-', ${from} + n), 1, 1 + ${from} + n, REPEAT('0', 64),
             TIMESTAMP '2026-01-01 00:00:00' + INTERVAL (1 + ${from} + n) SECOND
           FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n FROM (${digits}) a CROSS JOIN (${digits}) b
             CROSS JOIN (${digits}) c CROSS JOIN (${digits}) e CROSS JOIN (${digits}) f) AS numbers WHERE n < ${count} ORDER BY n`,
        );
      }
      await db.database.raw('ANALYZE TABLE astledger');
    }, 120_000);

    test('any page has the entries that belong there, and says since when they were looked at', async () => {
      const numbers = async (offset: number, limit = 20) => {
        const { items, ...part } = await listLedger(db.database, visible, {}, { limit, offset });
        return { numbers: items.map(({ entryNumber }) => entryNumber), ...part };
      };
      const down = (from: number, count: number) => Array.from({ length: count }, (_, index) => from - index);
      const told = { total: MOST_ROWS, since: new Date(START + 11_000) };
      expect(await numbers(0)).toEqual({ numbers: down(ENTRIES, 20), ...told });
      expect(await numbers(20)).toEqual({ numbers: down(ENTRIES - 20, 20), ...told });
      expect(await numbers(99_980)).toEqual({ numbers: down(30, 20), ...told });
      expect(await numbers(99_990)).toEqual({ numbers: down(20, 10), ...told });
      expect(await numbers(100_000)).toEqual({ numbers: [], ...told });
      const { items } = await listLedger(db.database, visible, {}, { limit: 2, offset: 50_000 });
      expect(items).toMatchObject([
        { entryNumber: 50_010, reference: 't-50009', currency: 'EUR', balanceAfter: 50_010_000_000n },
        { entryNumber: 50_009 },
      ]);
    });

    test('a page far behind reads of the entries before it only what the index has', async () => {
      const asked: { sql: string; bindings: unknown[] }[] = [];
      const note = (query: { sql: string; bindings: unknown[] }) => asked.push(query);
      db.database.on('query', note);
      await listLedger(db.database, visible, {}, { limit: 20, offset: 99_980 });
      db.database.removeListener('query', note);
      const skipping = asked.filter(({ sql }) => /offset/i.test(sql));
      // The oldest that is looked at, and the first of the page.
      expect(skipping).toHaveLength(2);
      for (const { sql, bindings } of skipping) {
        const format = engine === 'MySQL' ? 'FORMAT=TRADITIONAL' : '';
        const [plan] = await db.database.raw(`EXPLAIN ${format} ${sql}`, bindings as never[]);
        expect(plan).toMatchObject([
          { table: 'astledger', key: 'chain', Extra: expect.stringContaining('Using index') },
        ]);
        expect(plan[0].Extra).not.toMatch(/filesort|index condition/);
      }
    });
  });
});
