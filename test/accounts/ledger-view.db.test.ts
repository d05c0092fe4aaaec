/** The list of ledger entries: of all accounts and of one, by its filters, by pages and by key. */
import { ACCOUNT_LEDGER_ORDER, type EntryFilter, LEDGER_ORDER, listLedger } from '../../src/accounts/ledger-view';
import { OPERATIONS } from '../../src/admin/operations';
import { parseAmount } from '../../src/money/micros';
import { type Key, keyIn, type ListOrder } from '../../src/operator/cursor';
import { type Operation, perform } from '../../src/operator/operation';
import type { Page, PageRequest } from '../../src/operator/page';
import { EVERYTHING, type Visible, visibleTo } from '../../src/operator/visible';
import { addAccount, addDeck, move } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';

const PAGE = { limit: 20, offset: 0 };
const START = Date.parse('2026-06-01T00:00:00Z');
const HOURS = 40;

describe.each(engines)('the list of entries, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    for (const code of ['alice', 'bob']) await addAccount(db, code, '0');
    // In turns, one each hour: 0.01, 0.02 and so on for alice at even hours.
    for (let hour = 0; hour < HOURS; hour++) {
      const accountcode = hour % 2 === 0 ? 'alice' : 'bob';
      const kind = hour % 10 === 0 ? 'refund' : 'top_up';
      const moved = { reason: 'why', actor: 'cli:test', reference: `hour-${hour}`, kind } as const;
      await move(db, { ...moved, accountcode, amount: parseAmount(`0.${String(hour + 1).padStart(2, '0')}`) });
    }
    for (let hour = 0; hour < HOURS; hour++) {
      await db
        .database('astledger')
        .where({ reference: `hour-${hour}` })
        .update({ created_at: at(hour) });
    }
  });
  afterAll(() => db.drop());

  const at = (hour: number) => new Date(START + hour * 3_600_000);
  const hoursOf = ({ items }: Page<{ reference: string }>) => items.map(({ reference }) => Number(reference.slice(5)));
  const list = (filter: EntryFilter, visible: Visible = EVERYTHING, request: PageRequest = PAGE) =>
    listLedger(db.database, visible, filter, request);
  const down = (from: number, to: number, step: number) =>
    Array.from({ length: Math.floor((from - to) / step) + 1 }, (_, index) => from - index * step);

  test('begins with the newest, of all accounts or of one, with the balance after each', async () => {
    const all = await list({});
    expect(hoursOf(all)).toEqual(down(39, 20, 1));
    expect(all).toMatchObject({ total: HOURS });
    const alice = await list({ accountcode: 'alice' });
    expect(hoursOf(alice)).toEqual(down(38, 0, 2));
    expect(alice.items.map(({ entryNumber }) => entryNumber)).toEqual(down(20, 1, 1));
    const oldestFirst = alice.items.toReversed();
    oldestFirst.reduce((balance, { amount, balanceAfter }) => {
      expect(balanceAfter).toBe(balance + amount);
      return balanceAfter;
    }, 0n);
    expect(alice.items[0]).toMatchObject({ accountcode: 'alice', currency: 'EUR', actor: 'cli:test', reason: 'why' });
  });

  test.each<[string, EntryFilter, number[]]>([
    ['a kind', { kind: 'refund' }, [30, 20, 10, 0]],
    ['a kind of an account without any', { kind: 'refund', accountcode: 'bob' }, []],
    ['a time', { from: at(5), to: at(8) }, [7, 6, 5]],
    ['a time of an account', { accountcode: 'alice', from: at(5), to: at(13) }, [12, 10, 8, 6]],
    ['a beginning of an account', { accountcode: 'bob', from: at(36) }, [39, 37]],
    ['an end of an account', { accountcode: 'bob', to: at(4) }, [3, 1]],
    [
      'a kind and a time of an account',
      { accountcode: 'alice', kind: 'refund', from: at(10), to: at(31) },
      [30, 20, 10],
    ],
    ['a time before all', { to: at(0) }, []],
    ['a time after all, of an account', { accountcode: 'alice', from: at(99) }, []],
    ['an unknown account', { accountcode: 'not-there', from: at(1) }, []],
  ])('%s leaves what it says', async (_, filter, hours) => {
    const page = await list(filter);
    expect([hoursOf(page), page.total]).toEqual([hours, hours.length]);
  });

  test('whose rows are not visible leaves none, whatever the filter', async () => {
    const alice = visibleTo({ roles: ['customer'], accountcode: 'alice' });
    expect(hoursOf(await list({}, alice))).toEqual(down(38, 0, 2));
    expect(hoursOf(await list({ from: at(5), to: at(9) }, alice))).toEqual([8, 6]);
    for (const filter of [{}, { from: at(1) }, { to: at(30) }, { kind: 'top_up' } as const]) {
      expect(await list({ ...filter, accountcode: 'bob' }, alice)).toMatchObject({ items: [], total: 0 });
    }
  });

  test('is read whole by key in either order, and a cursor of the other one is refused', async () => {
    const wholeBy = async (order: ListOrder, filter: EntryFilter) => {
      const hours: number[][] = [];
      for (let after: Key | null = null; ; ) {
        const page: Page<{ reference: string }> = await list(filter, EVERYTHING, {
          limit: 8,
          offset: 0,
          byKey: { after, isCounted: false },
        });
        hours.push(hoursOf(page));
        if (page.nextCursor === undefined) return hours;
        after = keyIn(order, page.nextCursor);
        expect(after).not.toBeNull();
      }
    };
    expect((await wholeBy(LEDGER_ORDER, {})).flat()).toEqual(down(39, 0, 1));
    expect(await wholeBy(ACCOUNT_LEDGER_ORDER, { accountcode: 'bob' })).toEqual([
      down(39, 25, 2),
      down(23, 9, 2),
      down(7, 1, 2),
    ]);
    const ask = (input: Record<string, unknown>) =>
      perform(
        OPERATIONS.find(({ name }) => name === 'ledger list') as Operation,
        requestBy('test', db.database),
        input,
      ) as Promise<Page<unknown>>;
    const { nextCursor } = await ask({ limit: 1, count: false });
    expect((await ask({ limit: 1, cursor: nextCursor })).items).toMatchObject([{ reference: 'hour-38' }]);
    await expect(ask({ limit: 1, cursor: nextCursor, account: 'alice' })).rejects.toThrow(
      'is of this list with another filter',
    );
  });
});
