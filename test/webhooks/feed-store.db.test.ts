/** The order in which listeners get events, however their transactions overlap. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { openDatabase } from '../../src/database/connection';
import { EVERYTHING, type Visible } from '../../src/operator/visible';
import { dispatchEvents } from '../../src/webhooks/dispatch-store';
import { endOfFeed, type FeedFilter, numberEvents, readFeed } from '../../src/webhooks/feed-store';
import { Pruner } from '../../src/webhooks/pruner';
import { usersOf } from '../database/service-user';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { tell } from './receiver-fixture';

const ALL = { visible: EVERYTHING };

describe.each(engines)('the feed of events, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    for (const table of ['astoutbox', 'astfeed']) await db.database(table).delete();
  });

  const event = (accountcode: string) => ({ kind: 'settled', accountcode, facts: '{}' });
  const fed = async (after = 0n) => (await readFeed(db.database, after, ALL)).events;
  const accounts = async (after?: bigint) => (await fed(after)).map(({ accountcode }) => accountcode);

  test('an event that commits after later ones gets a later place', async () => {
    const late = await db.database.transaction();
    await late('astoutbox').insert(event('late'));
    await db.database('astoutbox').insert(event('early'));
    await numberEvents(db.database);
    expect(await accounts()).toEqual(['early']);
    await late.commit();
    expect(await accounts()).toEqual(['early']);
    await numberEvents(db.database);
    expect(await accounts()).toEqual(['early', 'late']);
    expect((await fed()).map(({ feedNumber }) => feedNumber)).toEqual([1n, 2n]);
  });

  test('what was rolled back has no place, and leaves no gap', async () => {
    const undone = await db.database.transaction();
    await undone('astoutbox').insert(event('undone'));
    await tell(db, 1);
    await undone.rollback();
    await numberEvents(db.database);
    await tell(db, 1);
    await numberEvents(db.database);
    expect((await fed()).map(({ feedNumber, accountcode }) => [feedNumber, accountcode])).toEqual([
      [1n, 'alice'],
      [2n, 'alice'],
    ]);
  });

  test('what is handed out has its place before', async () => {
    await tell(db, 1);
    await dispatchEvents(db.database);
    expect(await accounts()).toEqual(['alice']);
    // Committed between the two steps.
    await db.database('astoutbox').insert(event('unnumbered'));
    await db.database.transaction(async transaction => {
      const [rows] = await transaction.raw(
        `SELECT o.event_id FROM astoutbox AS o STRAIGHT_JOIN astfeed AS f ON f.event_id = o.event_id
         WHERE o.dispatched = FALSE FOR UPDATE SKIP LOCKED`,
      );
      expect(rows).toEqual([]);
    });
  });

  test('a process that is frozen while it hands events out keeps nobody from numbering', async () => {
    await tell(db, 2);
    await numberEvents(db.database);
    const frozen = await db.database.transaction();
    await frozen.raw(
      `SELECT o.event_id FROM astoutbox AS o STRAIGHT_JOIN astfeed AS f ON f.event_id = o.event_id
       WHERE o.dispatched = FALSE ORDER BY o.event_id LIMIT 500 FOR UPDATE SKIP LOCKED`,
    );
    await db.database('astoutbox').insert(event('after'));
    await dispatchEvents(db.database);
    expect(await accounts()).toEqual(['alice', 'alice', 'after']);
    expect(await db.database('astoutbox').where({ dispatched: true }).pluck('accountcode')).toEqual(['after']);
    await frozen.rollback();
  });

  test('of writers that overlap at random and three processes that number at once, a reader that polls gets each event once, and those of one account in their order', async () => {
    const others = [openDatabase(db.url), openDatabase(db.url)];
    const WRITERS = 6;
    const EACH = 25;
    let isDone = false;
    const write = async (database: Knex, writer: number) => {
      for (let n = 0; n < EACH; n++) {
        const transaction = await database.transaction();
        await transaction('astoutbox').insert({ ...event(`writer-${writer}`), facts: JSON.stringify({ n }) });
        await sleep((writer * 7 + n * 13) % 40);
        if (n % 5 === 4) await transaction.rollback();
        else await transaction.commit();
      }
    };
    const number = async (database: Knex) => {
      while (!isDone) await numberEvents(database);
    };
    const seen: { accountcode: string; n: unknown }[] = [];
    let position = 0n;
    const look = async () => {
      const page = await readFeed(db.database, position, ALL);
      expect(page.pruned).toBe(0);
      seen.push(...page.events.map(({ accountcode, facts }) => ({ accountcode, n: facts.n })));
      position = page.last;
      return page.events.length;
    };
    const read = async () => {
      while (!isDone) await look();
    };
    const writersOf = openDatabase(db.url, { most: WRITERS });
    const working = [db.database, ...others].map(number);
    const reading = read();
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writersOf, writer)));
    await sleep(200);
    isDone = true;
    await Promise.all([...working, reading]);
    await numberEvents(db.database);
    while ((await look()) > 0);
    const committed = Array.from({ length: EACH }, (_, n) => n).filter(n => n % 5 !== 4);
    for (let writer = 0; writer < WRITERS; writer++) {
      const its = seen.filter(({ accountcode }) => accountcode === `writer-${writer}`).map(({ n }) => n);
      expect(its).toEqual(committed);
    }
    expect(seen).toHaveLength(WRITERS * committed.length);
    expect(await endOfFeed(db.database)).toBe(BigInt(seen.length));
    await Promise.all([...others, writersOf].map(each => each.destroy()));
  });

  test('a filter leaves places out, and a page ends at the last place that was looked at', async () => {
    await tell(db, 3);
    await db.database('astoutbox').insert(event('bob'));
    await tell(db, 2, { kind: 'blocked' });
    await numberEvents(db.database);
    const page = (filter: Partial<FeedFilter>, most?: number) => readFeed(db.database, 0n, { ...ALL, ...filter }, most);
    expect(await page({ accountcode: 'bob' })).toMatchObject({ events: [{ feedNumber: 4n }], last: 6n, isFull: false });
    expect(await page({ kinds: ['blocked', 'low_balance'] })).toMatchObject({
      events: [{ feedNumber: 5n }, { feedNumber: 6n }],
    });
    expect(await page({ accountcode: 'bob' }, 3)).toMatchObject({ events: [], last: 3n, isFull: true });
    expect(await readFeed(db.database, 6n, ALL)).toEqual({ events: [], last: 6n, pruned: 0, isFull: false });
  });

  const of = (accountcode: string): { visible: Visible } => ({ visible: { kind: 'account', accountcode } });

  test("a customer's page has the account's events, however many of others are between, and ends where the feed does", async () => {
    await tell(db, 1);
    await tell(db, 1_500, { accountcode: 'bob' });
    await tell(db, 1, { kind: 'blocked' });
    await tell(db, 20, { accountcode: 'bob' });
    for (let times = 0; times < 4; times++) await numberEvents(db.database);
    expect(await readFeed(db.database, 0n, of('alice'))).toMatchObject({
      events: [{ feedNumber: 1n }, { feedNumber: 1_502n }],
      last: 1_522n,
      pruned: 0,
      isFull: false,
    });
    expect(await readFeed(db.database, 1n, { ...of('alice'), kinds: ['settled'] })).toMatchObject({
      events: [],
      last: 1_522n,
      isFull: false,
    });
    expect(await readFeed(db.database, 1_522n, of('alice'))).toEqual({
      events: [],
      last: 1_522n,
      pruned: 0,
      isFull: false,
    });
    expect(await readFeed(db.database, 3n, of('carol'))).toMatchObject({ events: [], last: 1_522n });
    // One that has no place yet comes later.
    await tell(db, 1);
    expect((await readFeed(db.database, 2n, of('alice'))).events).toMatchObject([{ feedNumber: 1_502n }]);
  });

  test('page by page, from any place, a customer gets each later event of its account once, also where transactions overlapped', async () => {
    const EVENTS = 3_000;
    const random = (number: number) => ((number * 2_654_435_761) % 4_294_967_296) / 4_294_967_296;
    const told = await tell(db, EVENTS, { accountcode: 'bob' });
    const own = told.filter((_, index) => random(index) < 0.4 && index > 200);
    for (let from = 0; from < own.length; from += 500) {
      await db
        .database('astoutbox')
        .whereIn('event_id', own.slice(from, from + 500))
        .update({ accountcode: 'alice' });
    }
    // Places in the order of the numbers, but for those that were committed late.
    const places = told
      .map((id, index) => ({ id, at: index + (index % 7 === 0 ? random(index) * 60 : 0) }))
      .sort((one, other) => one.at - other.at)
      .map(({ id }, index) => ({ feed_number: index + 1, event_id: id }));
    await db.database.batchInsert('astfeed', places, 1_000);
    const owned = new Set(own);
    const all = places.filter(({ event_id }) => owned.has(event_id)).map(({ feed_number }) => BigInt(feed_number));
    for (const start of [0, 1, 150, 777, 1_499, 2_200, 2_950, EVENTS]) {
      const seen: bigint[] = [];
      let pages = 0;
      for (let after = BigInt(start), isFull = true; isFull; pages++) {
        const page = await readFeed(db.database, after, of('alice'), 70);
        seen.push(...page.events.map(({ feedNumber }) => feedNumber));
        if (page.isFull) expect(page.last).toBeGreaterThan(after);
        else expect(page.last).toBe(BigInt(EVENTS));
        ({ last: after, isFull } = page);
      }
      expect(seen).toEqual(all.filter(place => place > start));
      expect(pages).toBeLessThanOrEqual(1 + Math.ceil(all.length / 70));
    }
  });

  const numberAll = async () => {
    while (await db.database('astoutbox').where({ dispatched: false }).first()) await dispatchEvents(db.database);
  };

  test('a customer learns of pruned events also where more than a page before them were kept', async () => {
    await tell(db, 600, { accountcode: 'bob' });
    const pruned = await tell(db, 3);
    await tell(db, 600, { accountcode: 'bob' });
    await numberAll();
    // As the pruner leaves them where the first ones are still to be delivered.
    for (const table of ['astfeed', 'astoutbox']) await db.database(table).whereIn('event_id', pruned).delete();
    expect(await readFeed(db.database, 0n, of('carol'))).toEqual({
      events: [],
      last: 1_203n,
      pruned: 3,
      isFull: false,
    });
    expect(await readFeed(db.database, 603n, of('carol'))).toMatchObject({ last: 1_203n, pruned: 0 });
  });

  test('a customer learns that events were pruned since its place, by the next places of all', async () => {
    await tell(db, 3);
    await tell(db, 3, { accountcode: 'bob' });
    await dispatchEvents(db.database);
    await db.database('astoutbox').where({ accountcode: 'alice' }).update({ created_at: '2020-01-01' });
    await new Pruner(db.database, 30).prune();
    for (const most of [2, 500]) {
      expect(await readFeed(db.database, 1n, of('bob'), most)).toMatchObject({ events: [{}, {}, {}], pruned: 2 });
      expect(await readFeed(db.database, 3n, of('bob'), most)).toMatchObject({ events: [{}, {}, {}], pruned: 0 });
    }
  });

  test('events that were handed out before there were places are passed over: a customer resumes behind them', async () => {
    const old = await tell(db, 2_000);
    await db.database('astoutbox').update({ dispatched: true });
    await tell(db, 800);
    await tell(db, 600, { accountcode: 'bob' });
    await tell(db, 1);
    await numberAll();
    expect(await db.database('astfeed').whereIn('event_id', old)).toEqual([]);
    const { events, ...page } = await readFeed(db.database, 790n, of('alice'));
    // In one page, across more of others than a page has.
    expect(events.map(({ feedNumber }) => Number(feedNumber))).toEqual([
      ...Array.from({ length: 10 }, (_, index) => 791 + index),
      1_401,
    ]);
    expect(page).toEqual({ last: 1_401n, pruned: 0, isFull: false });
  });

  test('where a service of the version before handed out events without a place between others, a customer still gets each later one once', async () => {
    await tell(db, 10);
    await numberAll();
    await tell(db, 2_000);
    await db.database('astoutbox').update({ dispatched: true });
    await tell(db, 1_500);
    await numberAll();
    for (const start of [0, 5, 705, 805, 1_509]) {
      const seen: number[] = [];
      for (let after = BigInt(start), isFull = true; isFull; ) {
        const page = await readFeed(db.database, after, of('alice'));
        seen.push(...page.events.map(({ feedNumber }) => Number(feedNumber)));
        if (page.isFull) expect(page.last).toBeGreaterThan(after);
        ({ last: after, isFull } = page);
      }
      expect(seen).toEqual(Array.from({ length: 1_510 - start }, (_, index) => start + 1 + index));
    }
  });

  test('a customer that is few events behind costs two statements, however many there were before', async () => {
    await tell(db, 1_500);
    await numberAll();
    let statements = 0;
    const count = () => statements++;
    db.database.on('query', count);
    expect((await readFeed(db.database, 1_499n, of('alice'))).events).toHaveLength(1);
    db.database.removeListener('query', count);
    expect(statements).toBe(2);
  });

  test("the rights of the service's own user are enough", async () => {
    const { service } = await usersOf(db);
    const its = openDatabase(service);
    await tell(db, 2);
    expect(await dispatchEvents(its)).toMatchObject({ events: 2 });
    await db.database('astoutbox').update({ created_at: '2020-01-01' });
    expect(await new Pruner(its, 30).prune()).toMatchObject({ events: 1 });
    expect(await readFeed(its, 0n, ALL)).toMatchObject({ events: [{ accountcode: 'alice' }], pruned: 1 });
    await its.destroy();
  });

  test('pruning counts what it took, and keeps the last event, from which the numbers go on', async () => {
    await tell(db, 5);
    await dispatchEvents(db.database);
    await db.database('astoutbox').update({ created_at: '2020-01-01' });
    await new Pruner(db.database, 30).prune();
    expect(await fed()).toHaveLength(1);
    expect(await db.database('astfeed').pluck('feed_number')).toEqual(['5']);
    expect(await readFeed(db.database, 2n, ALL)).toMatchObject({ last: 5n, pruned: 2 });
    await tell(db, 1);
    await dispatchEvents(db.database);
    expect((await fed(5n)).map(({ feedNumber }) => feedNumber)).toEqual([6n]);
  });
});
