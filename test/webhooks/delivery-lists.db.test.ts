/** Lists of deliveries: by pages and by key they show the same, in the order in which deliveries are tried or have ended, and no count reads millions. */
import { OPERATIONS } from '../../src/admin/operations';
import { perform } from '../../src/operator/operation';
import type { Page } from '../../src/operator/page';
import type { DeadView } from '../../src/webhooks/dead-delivery-store';
import type { DeliveryView } from '../../src/webhooks/delivery-list-store';
import { listWebhooks, MOST_COUNTED, removeWebhook } from '../../src/webhooks/webhook-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';
import { tell } from './receiver-fixture';

const START = Date.parse('2026-11-01T00:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1_000);

describe.each(engines)('lists of deliveries, %s', engine => {
  let db: TestDatabase;
  const ids = new Map<string, number>();
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    for (const webhook of ['a', 'b', 'none']) {
      const row = { webhook, url: 'http://127.0.0.1:1/', secret: 'a-secret-of-32-characters-or-so!', status: 'paused' };
      const [id] = await db.database('astwebhook').insert(row);
      ids.set(webhook, id as number);
    }
    const events = await tell(db, 12);
    const ended = (webhook: string, number: number, seconds: number, state = 'dead') => ({
      webhook_id: ids.get(webhook),
      event_id: events[number],
      state,
      next_at: at(seconds),
      ended_at: at(seconds),
      last_error: `ended at ${seconds}`,
    });
    await db.database('astdelivery').insert([
      // An older event that was given up last, and several at one instant, of both webhooks.
      ended('a', 0, 900),
      ended('a', 1, 100),
      ended('a', 2, 500),
      ended('a', 3, 500),
      ended('b', 2, 500),
      ended('b', 4, 500),
      ended('b', 5, 700),
      ended('a', 6, 300, 'delivered'),
      ended('a', 7, 200, 'delivered'),
      { ...ended('a', 8, 800, 'waiting'), ended_at: null },
      { ...ended('a', 9, 400, 'waiting'), ended_at: null },
    ]);
  });
  afterAll(() => db.drop());

  const asked = <Item>(name: string, input: Record<string, unknown>): Promise<Page<Item>> => {
    const declared = OPERATIONS.find(each => each.name === name) as (typeof OPERATIONS)[0];
    return perform(declared, requestBy('test', db.database), input) as Promise<Page<Item>>;
  };
  /** All of it, two rows at once, by its cursors; and by its numbered pages. */
  async function readBoth<Item>(
    name: string,
    input: Record<string, unknown>,
  ): Promise<{ byKey: Item[]; byPage: Item[] }> {
    const byKey: Item[] = [];
    for (let cursor: string | undefined; ; ) {
      const next = cursor === undefined ? { count: false } : { cursor };
      const part: Page<Item> = await asked(name, { ...input, limit: 2, ...next });
      expect(part.total).toBeUndefined();
      byKey.push(...part.items);
      cursor = part.nextCursor;
      if (cursor === undefined) break;
    }
    const byPage: Item[] = [];
    for (let page = 1; ; page++) {
      const { items } = await asked<Item>(name, { ...input, limit: 2, page });
      if (items.length === 0) break;
      byPage.push(...items);
    }
    return { byKey, byPage };
  }

  test('what was given up: the last first, of one webhook and of all, by key and by pages', async () => {
    const line = ({ webhook, eventId, lastError }: DeadView) => `${webhook} ${eventId} ${lastError}`;
    const first = Number((await db.database('astoutbox').min({ id: 'event_id' }).first())?.id);
    const wanted = [
      `a ${first} ended at 900`,
      `b ${first + 5} ended at 700`,
      `b ${first + 4} ended at 500`,
      `a ${first + 3} ended at 500`,
      `b ${first + 2} ended at 500`,
      `a ${first + 2} ended at 500`,
      `a ${first + 1} ended at 100`,
    ];
    const all = await readBoth<DeadView>('webhook dead', {});
    expect(all.byKey.map(line)).toEqual(wanted);
    expect(all.byPage.map(line)).toEqual(wanted);
    const ofB = await readBoth<DeadView>('webhook dead', { webhook: 'b' });
    expect(ofB.byKey.map(line)).toEqual(wanted.filter(each => each.startsWith('b')));
    expect(ofB.byPage).toEqual(ofB.byKey);
    expect(await asked('webhook dead', { limit: 1, count: true })).toMatchObject({
      total: 7,
      items: [{ webhook: 'a' }],
    });
    expect(await asked('webhook dead', { webhook: 'none', count: true })).toEqual({ items: [], total: 0 });
  });

  test.each([
    ['waiting', ['ended at 400', 'ended at 800']],
    ['delivered', ['ended at 300', 'ended at 200']],
    ['dead', ['ended at 900', 'ended at 500', 'ended at 500', 'ended at 100']],
  ])('those that are %s: what is tried next, or ended last, comes first', async (state, errors) => {
    const { byKey, byPage } = await readBoth<DeliveryView>('webhook deliveries', { webhook: 'a', state });
    expect(byKey.map(({ lastError }) => lastError)).toEqual(errors);
    expect(byPage).toEqual(byKey);
  });

  test('all of a webhook: the newest event first; a cursor of another state is refused', async () => {
    const { byKey, byPage } = await readBoth<DeliveryView>('webhook deliveries', { webhook: 'a' });
    const events = byKey.map(({ eventId }) => Number(eventId));
    expect(events).toHaveLength(8);
    expect(events).toEqual(events.toSorted((one, other) => other - one));
    expect(byPage).toEqual(byKey);
    const { nextCursor: cursor } = await asked('webhook deliveries', {
      webhook: 'a',
      state: 'dead',
      limit: 1,
      count: false,
    });
    await expect(asked('webhook deliveries', { webhook: 'a', cursor })).rejects.toMatchObject({
      refusal: 'field_invalid',
    });
  });

  test('counts end at 10,000, an error of what waits is found behind as many, and a removal counts all', async () => {
    const more = MOST_COUNTED + 50;
    const webhook_id = ids.get('b') as number;
    for (let first = 1_000_000; first < 1_000_000 + more; first += 1_000) {
      const rows = Array.from({ length: Math.min(1_000, 1_000_000 + more - first) }, (_, index) => ({
        webhook_id,
        event_id: first + index,
        state: 'waiting',
        next_at: at(0),
      }));
      await db.database('astdelivery').insert(rows);
    }
    // One was tried, and waits longer than the others; then one that waits shorter than them.
    for (const [seconds, error] of [
      [60, 'HTTP 503'],
      [-60, 'HTTP 502'],
    ] as const) {
      await db
        .database('astdelivery')
        .where({ webhook_id, state: 'waiting' })
        .update({ last_error: '', next_at: at(0) });
      await db
        .database('astdelivery')
        .where({ webhook_id, event_id: 1_005_000 })
        .update({ last_error: error, next_at: at(seconds) });
      const { items } = await listWebhooks(db.database, { limit: 20, offset: 0 });
      expect(items.map(({ webhook, waiting, dead, lastError }) => [webhook, waiting, dead, lastError])).toEqual([
        ['a', 2, 4, 'ended at 800'],
        ['b', MOST_COUNTED, 3, error],
        ['none', 0, 0, null],
      ]);
    }
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }) => void (sql.includes('`astdelivery`') && statements.push(sql));
    db.database.on('query', note);
    const removed = removeWebhook(requestBy('test', db.database), 'b').finally(() => db.database.off('query', note));
    expect(await removed).toEqual({ waiting: more, dead: 3 });
    // Millions are neither counted nor deleted in one statement.
    expect(statements.filter(sql => !/ limit \?|^delete .* `event_id` in \(/.test(sql))).toEqual([]);
    expect(statements.filter(sql => sql.includes('count('))).toHaveLength(2);
  });
});
