import { openDatabase } from '../../src/database/connection';
import { endQuery, streamRows } from '../../src/database/row-stream';
import { eventually } from '../eventually';
import { createEmptyDatabase, engines, type TestDatabase } from './test-database';

const DIGITS =
  '(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)';
const product = (names: string) => [...names].map(name => `${DIGITS} AS ${name}`).join(' CROSS JOIN ');
/** A million rows of 500 bytes, made as they are read. */
const MANY = `SELECT /* many */ REPEAT('x', 500) AS text FROM ${product('abcdef')}`;
/** A minute of a processor. A SLEEP would not do: it looks whether its connection is still there. */
const SLOW = `SELECT /* slow */ SUM(a.d + i.d) AS sum FROM ${product('abcdefghi')}`;

describe.each(engines)('rows that are read one after another, %s', engine => {
  let db: TestDatabase;
  let cells = 0;
  const reading = (sql: string, more: { limit?: number; signal?: AbortSignal } = {}) =>
    streamRows(db.database, sql, {
      signal: new AbortController().signal,
      cellOf: field => {
        cells++;
        return field.string();
      },
      ...more,
    });
  beforeAll(async () => {
    db = await createEmptyDatabase(engine);
  });
  afterAll(() => db.drop());
  beforeEach(() => {
    cells = 0;
  });

  /** The queries of this test that the server is running. */
  async function running(text: string): Promise<number> {
    return (await queriesWith(text)).length;
  }
  async function queriesWith(text: string): Promise<{ Id: number }[]> {
    const [rows] = await db.database.raw('SHOW FULL PROCESSLIST');
    const ours = new URL(db.url).pathname.slice(1);
    return rows.filter(
      (row: { Info: string | null; db: string | null }) => row.db === ours && row.Info?.includes(text),
    );
  }
  const ended = (text: string) =>
    eventually(async () => ((await running(text)) === 0 ? true : null), 'the end of the query');

  test('come whole and in order, at most as many as are wanted, with columns also where there are none', async () => {
    const sql = `SELECT d AS digit, NULL AS none FROM ${DIGITS} AS x ORDER BY d DESC`;
    const read = async (text: string, limit?: number) => {
      const { columns, rows } = await reading(text, limit === undefined ? {} : { limit });
      const all = [];
      for await (const row of rows) all.push(row);
      return { columns, all };
    };
    const whole = await read(sql);
    expect(whole.columns).toEqual(['digit', 'none']);
    expect(whole.all.map(([digit, none]) => [digit, none])).toEqual(
      [...'9876543210'].map(digit => [digit, null] as unknown[]),
    );
    expect((await read(sql, 2)).all).toHaveLength(2);
    expect((await read(`${sql} LIMIT 5`, 2)).all.map(([digit]) => digit)).toEqual(['9', '8']);
    expect((await read(`${sql} LIMIT 2`, 5)).all).toHaveLength(2);
    expect(await read(`SELECT d AS digit FROM ${DIGITS} AS x WHERE d > 10`)).toEqual({ columns: ['digit'], all: [] });
    await expect(read('SELECT nothing')).rejects.toMatchObject({ kind: 'refused', code: 'ER_BAD_FIELD_ERROR' });
  });

  test('of a million only a few are in memory; a reader that goes away ends the query', async () => {
    const gone = new AbortController();
    const { rows } = await reading(MANY, { signal: gone.signal });
    const iterator = rows[Symbol.asyncIterator]();
    await iterator.next();
    for (let last = -1; last < cells; ) {
      last = cells;
      await new Promise(resolve => setTimeout(resolve, 300));
    }
    expect(cells).toBeLessThan(2_000);
    expect(await running('/* many */')).toBe(1);
    gone.abort(new Error('gone'));
    await ended('/* many */');
    await expect(
      (async () => {
        for (;;) if ((await iterator.next()).done) return;
      })(),
    ).rejects.toThrow('gone');
  });

  test('a question that has no answer yet is ended in the server too', async () => {
    const gone = new AbortController();
    const asked = (async () => {
      const { rows } = await reading(SLOW, { signal: gone.signal });
      for await (const _ of rows) throw new Error('it was answered');
    })();
    await eventually(async () => ((await running('/* slow */')) === 1 ? true : null), 'the question');
    gone.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    await ended('/* slow */');
  });

  test('a connection that is lost is a fault, and no end', async () => {
    const { rows } = await reading(MANY);
    const iterator = rows[Symbol.asyncIterator]();
    await iterator.next();
    const [query] = await queriesWith('/* many */');
    await db.database.raw(`KILL ${query?.Id}`);
    await expect(
      (async () => {
        for (;;) if ((await iterator.next()).done) return;
      })(),
    ).rejects.toMatchObject({ name: 'DatabaseFault' });
  });

  test('no other connection is ended in place of that of a query', async () => {
    const one = openDatabase(db.url, { most: 1 });
    const numberOf = async () => {
      const [[row]] = await one.raw('SELECT CONNECTION_ID() AS number');
      return row.number as number;
    };
    const number = await numberOf();
    await endQuery(db.database, number, MANY);
    expect(await numberOf()).toBe(number);
    const slow = 'SELECT /* its own */ SLEEP(100) AS slept';
    const asked = one.raw(slow).then(
      () => 'answered',
      () => 'ended',
    );
    await eventually(async () => ((await running('/* its own */')) === 1 ? true : null), 'the question');
    await endQuery(db.database, number, MANY);
    expect(await running('/* its own */')).toBe(1);
    await endQuery(db.database, number, slow);
    expect(await asked).toBe('ended');
    await one.destroy();
  });

  test('a slow reader takes no connection of the pool', async () => {
    const one = openDatabase(db.url, { most: 1 });
    const gone = new AbortController();
    const { rows } = await streamRows(one, MANY, { cellOf: field => field.string(), signal: gone.signal });
    await rows[Symbol.asyncIterator]().next();
    expect(await one.raw('SELECT 1')).toBeDefined();
    gone.abort(new Error('gone'));
    await ended('/* many */');
    await one.destroy();
  });
});
