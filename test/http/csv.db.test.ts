/** Lists over HTTP as CSV and by cursors: whole, each row once, and read no faster than they are taken. */
import { connect } from 'node:net';
import { parse } from 'csv-parse/sync';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { OPERATIONS } from '../../src/admin/operations';
import type { ApiParts } from '../../src/http/api-parts';
import { ApiServer } from '../../src/http/api-server';
import { parsePeers } from '../../src/listeners/peers';
import { Readiness } from '../../src/metrics/readiness';
import { actingAs } from '../../src/operator/acting';
import type { Operation } from '../../src/operator/operation';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { requestBy } from '../operator/operator-fixture';
import { verdictOnAnswer } from './answer-verdict';

const EVENTS = 60_000;
const NAMES = ['plain', '=1+1', 'a,b', 'a;b', 'say "x"', '-1', 'Müller'];

let db: TestDatabase;
let service: Service;
let port: number;
let secret: string;
beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'alice', '10');
  const ledger = openLedger(db);
  const call = callOf('alice');
  await ledger.start(call);
  await ledger.end(endOf(call, talked(61)));
  await ledger.close();
  await db.database.batchInsert(
    'astaccount',
    Array.from({ length: 2_345 }, (_, n) => ({
      ...{ accountcode: `customer-${n}`, currency: 'EUR', deck: 'retail', name: NAMES[n % NAMES.length] },
      ...{ balance: '-1.5', entry_hash: '', created_at: '2026-07-01 12:00:00.000' },
    })),
  );
  const digits =
    '(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)';
  await db.database.raw(
    `INSERT INTO astoutbox (kind, accountcode, facts, dispatched) SELECT 'settled', 'alice', JSON_OBJECT('text', REPEAT('x', 900)), 1
     FROM ${['a', 'b', 'c', 'd', 'e'].map(name => `${digits} AS ${name}`).join(' CROSS JOIN ')} LIMIT ${EVENTS}`,
  );
  ({ secret } = await createApiKey(actingAs('test', db.database), { apiKey: 'crm', roles: ['admin'] }));
  port = await findFreePort();
  const settings = readSettings({ RINGFENCE_DATABASE_URL: db.url, RINGFENCE_HTTP_LISTEN: `${port}` });
  service = await startService(settings, pino({ level: 'silent' }));
});
afterAll(async () => {
  await service?.stop();
  await db.drop();
});

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${port}/api/v1${path}`, { headers: { authorization: `Bearer ${secret}`, ...headers } });

// biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
type Answer = Record<string, any>;

async function told(path: string) {
  const answer = await ask(path);
  return { status: answer.status, body: (await answer.json()) as Answer };
}

async function csv(path: string, delimiter = ',', headers = {}): Promise<string[][]> {
  const answer = await ask(path, headers);
  expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
    path,
    200,
    expect.stringContaining('text/csv'),
  ]);
  return parse(Buffer.from(await answer.arrayBuffer()), { delimiter, record_delimiter: '\n' });
}

/** All items of a list, by its cursors. */
async function read(name: string, path: string, limit: number): Promise<Record<string, unknown>[]> {
  const items = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await told(`${path}limit=${limit}${cursor && `&cursor=${cursor}`}`);
    expect([status, verdictOnAnswer(name, body), 'total' in body]).toEqual([200, '', false]);
    items.push(...body.items);
    expect(body.is_more).toBe(body.next_cursor !== undefined);
    if (!body.is_more) return items;
    cursor = body.next_cursor;
  }
}

test('a list is read by its cursors, each row once; what comes meanwhile moves nothing', async () => {
  const [first] = (await told('/accounts?limit=1')).body.items;
  const begun = (await told('/accounts?limit=1')).body.next_cursor;
  await addAccount(db, '0 comes before the others', '1');
  const { body } = await told(`/accounts?limit=1&cursor=${begun}`);
  expect(body.items[0].accountcode > first.accountcode).toBe(true);
  await db.database('astaccount').where({ accountcode: '0 comes before the others' }).delete();
  const codes = (await read('account list', '/accounts?', 1_000)).map(({ accountcode }) => accountcode);
  expect(codes).toEqual((await db.database('astaccount').orderBy('accountcode')).map(row => row.accountcode));
  expect(await read('call list', '/calls?', 1)).toHaveLength(1);
  expect(await read('event list', '/events?kind=blocked&', 100)).toEqual([]);
});

test('how long a list is, is told if it is asked', async () => {
  expect((await told('/accounts?limit=2&count=true')).body).toMatchObject({ total: 2_346, is_more: true, limit: 2 });
  expect((await told('/accounts?limit=2&page=2')).body).toMatchObject({ total: 2_346, page: 2 });
  expect((await told('/decks')).body).toMatchObject({ total: 1, page: 1 });
});

test.each([
  ['/accounts?cursor=x', 'cursor "x" is no cursor of this list'],
  [`/calls?cursor=${Buffer.from('["events","1"]').toString('base64url')}`, 'is no cursor of this list'],
  ['/accounts?page=2&count=true', 'page 2 goes with neither cursor nor count'],
  ['/decks?cursor=x', 'cursor is not a field of this operation'],
  ['/accounts?format=xml', 'format "xml" is not known: write json or csv'],
  ['/accounts?format=csv&page=2', 'page 2 is of JSON'],
  ['/accounts?separator=tab', 'separator "tab" is of CSV'],
  ['/accounts?format=csv&time_zone=Mars', 'time_zone "Mars" is not a time zone'],
  ['/accounts/alice?format=csv', 'format is not a field of this operation'],
  ['/card-export?format=csv&batch=none', 'batch "none" has nothing'],
])('%s is refused', async (path, detail) => {
  const { status, body } = await told(path);
  expect([status < 500, body.detail]).toEqual([true, expect.stringContaining(detail)]);
});

test('CSV has every row and every fact of JSON, in the style that is asked for', async () => {
  const items = await read('account list', '/accounts?', 1_000);
  const [names, ...rows] = await csv('/accounts?format=csv');
  const schema = (OPERATIONS.find(({ name }) => name === 'account list') as Operation).answer.schema;
  expect(names).toEqual(Object.keys((schema as unknown as { properties: object }).properties));
  const cellOf = (fact: unknown) => {
    const text = fact === null ? '' : typeof fact === 'object' ? JSON.stringify(fact) : String(fact);
    return /^[=+@\t\r]|^-(?!1\.50$)/.test(text) ? `'${text}` : text;
  };
  expect(rows).toEqual(items.map(item => (names as string[]).map(name => cellOf(item[name]))));
  const german = await csv(
    '/accounts?text=customer-1&limit=3&format=csv&separator=semicolon&decimal_mark=comma&time_zone=Europe/Berlin&date_format=spreadsheet',
    ';',
  );
  expect(german[0]?.[0]).toBe('\ufeffaccountcode');
  const column = (name: string) => german.slice(1).map(row => row[german[0]?.indexOf(name) as number]);
  expect(german).toHaveLength(4);
  expect(column('balance')).toEqual(['-1,50', '-1,50', '-1,50']);
  expect(column('created_at')).toEqual(Array(3).fill('2026-07-01 14:00:00'));
});

/** An API of its own, whose log is kept. */
async function opened() {
  const lines: string[] = [];
  const api = new ApiServer({
    listen: { host: '127.0.0.1', port: await findFreePort() },
    peers: parsePeers(['127.0.0.1']),
    proxies: parsePeers([]),
    databaseUrl: db.url,
    service: requestBy('test', db.database).service,
    readiness: new Readiness(db.database),
    log: pino({}, { write: line => lines.push(line) }),
  });
  await api.open();
  const told = (event: string) => lines.map(line => JSON.parse(line)).filter(line => line.event === event);
  return { api, told };
}

/** A client that has read the beginning of an answer, and stopped. */
async function stopped(api: ApiServer, path: string, by = secret) {
  const socket = connect(api.port, '127.0.0.1', () =>
    socket.write(`GET /api/v1${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${by}\r\n\r\n`),
  );
  const first = await new Promise<Buffer>(resolve => socket.once('data', resolve));
  socket.pause();
  return { socket, first: String(first) };
}

describe('a report', () => {
  const OPEN_CALLS = 60_000;
  beforeAll(async () => {
    // Some 500 bytes a row: 30 MB do not fit into the buffers of the sockets.
    await db.database.raw(
      `INSERT INTO astcdr (uniqueid, accountcode, node, src, dst, trunk, rate_destination, start_at, currency)
       SELECT CONCAT('open-', REPEAT('x', 130), feed.event_id), REPEAT('x', 80), 'ast1', REPEAT('x', 80), REPEAT('4', 32),
         REPEAT('x', 40), REPEAT('x', 100), '2026-07-01 12:00:00', 'EUR'
       FROM astoutbox AS feed LIMIT ${OPEN_CALLS}`,
    );
    const at = new Date(Date.now() - 3_600_000);
    await db.database('astcdr').insert({
      ...{ uniqueid: 'open-no-more', accountcode: 'alice', node: 'ast1', currency: 'EUR', cost: '1.5', billsec: 61 },
      ...{ start_at: at, answer_at: at, end_at: at, disposition: 'ANSWERED' },
    });
  });
  afterAll(() => db.database('astcdr').where('uniqueid', 'like', 'open-%').delete());

  const queries = async (): Promise<{ Id: number }[]> => {
    const [rows] = await db.database.raw('SHOW FULL PROCESSLIST');
    const ours = new URL(db.url).pathname.slice(1);
    return rows.filter(
      (row: { Info: string | null; db: string }) => row.db === ours && row.Info?.includes('-- Calls in progress'),
    );
  };
  const noneIsLeft = () =>
    eventually(async () => ((await queries()).length === 0 ? true : null), 'the end of the query');

  test('has all rows, with times and numbers in the style that is asked for, and its heading where there are none', async () => {
    const rows = await csv('/reports/calls-in-progress?format=csv&time_zone=Europe/Berlin&separator=tab', '\t');
    expect(rows).toHaveLength(OPEN_CALLS + 1);
    expect([rows[0]?.[0], rows[1]?.[0]]).toEqual(['start_at', '2026-07-01T14:00:00.000+02:00']);
    expect(await csv('/reports/calls-in-progress?format=csv&limit=2')).toHaveLength(3);
    const [minutes, ...lines] = await csv('/reports/spend-per-account-and-day?format=csv&decimal_mark=comma');
    const cell = (name: string) => lines[0]?.[minutes?.indexOf(name) as number];
    expect([lines.length, cell('minutes'), cell('cost')]).toEqual([1, '1,02', '1,50']);
    expect(await csv('/reports/unbalanced-accounts?format=csv&limit=1')).not.toHaveLength(0);
    expect(await csv('/reports/asr-and-acd-per-trunk?format=csv')).toEqual([
      ['trunk', 'calls', 'answered_calls', 'asr_percent', 'acd_seconds', 'answer_delay_seconds'],
    ]);
    const hour = new Date(Math.floor((Date.now() - 3_600_000) / 3_600_000) * 3_600_000);
    const hours = '/reports/asr-and-acd-per-hour?format=csv&time_zone=UTC';
    expect((await csv(`${hours}&from=${hour.toISOString()}`))[1]?.[0]).toBe(hour.toISOString());
    expect(await csv(`${hours}&to=2026-01-01T00:00:00Z`)).toHaveLength(1);
  });

  test('is read no faster than its reader takes it; a reader that goes away ends its query, and is no fault', async () => {
    const { api, told: lines } = await opened();
    const { socket } = await stopped(api, '/reports/calls-in-progress?format=csv');
    await eventually(async () => ((await queries()).length === 1 ? true : null), 'the query');
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(await queries()).toHaveLength(1);
    socket.destroy();
    await noneIsLeft();
    await api.close(1_000);
    expect([...lines('answer_broken_off'), ...lines('request_failed')]).toEqual([]);
  });

  test('that fails midway breaks off, and the log says where', async () => {
    const { api, told: lines } = await opened();
    const { socket, first } = await stopped(api, '/reports/calls-in-progress?format=csv');
    const [query] = await eventually(async () => {
      const found = await queries();
      return found.length === 1 ? found : null;
    }, 'the query');
    await db.database.raw(`KILL ${query?.Id}`);
    let last = '';
    socket.on('data', part => {
      last = `${last}${part}`.slice(-100);
    });
    const closed = new Promise(resolve => socket.once('close', resolve));
    socket.resume();
    await closed;
    // No last chunk: a client takes no part for the whole.
    expect(last.endsWith('0\r\n\r\n')).toBe(false);
    const [id] = /(?<=x-request-id: )\S+/i.exec(first) ?? [];
    const [line] = await eventually(async () => {
      const found = lines('answer_broken_off');
      return found.length > 0 ? found : null;
    }, 'a line of log');
    expect(line).toMatchObject({ request_id: id, operation: 'report', code: expect.any(String) });
    expect(line.rows % 1_000).toBe(0);
    expect(line.rows).toBeGreaterThan(0);
    expect(line.rows).toBeLessThan(OPEN_CALLS);
    await api.close(1_000);
  });

  test('is read by four at once, two of them for one client; the fifth is told to wait', async () => {
    const { api } = await opened();
    const read = (secret?: string) => stopped(api, '/reports/calls-in-progress?format=csv', secret);
    const refused = /^HTTP\/1.1 503[\s\S]*retry-after: 5[\s\S]*too_many_tables/i;
    const others = await Promise.all(
      ['other', 'third'].map(apiKey => createApiKey(actingAs('test', db.database), { apiKey, roles: ['read'] })),
    );
    const [other, third] = others.map(({ secret }) => secret);
    const readers = [await read(), await read()];
    const more = await read();
    expect(more.first).toMatch(refused);
    expect(more.first).toContain('you read 2');
    readers.push(await read(other), await read(other));
    const fifth = await read(third);
    expect(fifth.first).toMatch(refused);
    more.socket.destroy();
    for (const { socket } of [...readers, fifth]) socket.destroy();
    await noneIsLeft();
    const again = await stopped(api, '/reports/calls-in-progress?format=csv&limit=1');
    expect(again.first).toMatch(/^HTTP\/1.1 200/);
    again.socket.destroy();
    await api.close(1_000);
  });
});

test('every list, report and export is had as CSV, by Accept too', async () => {
  expect(await csv('/decks', ',', { accept: 'text/csv' })).toHaveLength(2);
  expect(await csv('/trunks?format=csv')).toHaveLength(1);
  expect(await csv('/calls?format=csv')).toHaveLength(2);
  expect(await csv('/reports/unbalanced-accounts?format=csv')).not.toHaveLength(0);
  expect(await csv(`/events?format=csv`)).toHaveLength((await db.database('astoutbox')).length + 1);
});

test('a client that stops reading stops the reading of the database, and one that goes ends it', async () => {
  const { api } = await opened();
  let pages = 0;
  (api as unknown as { parts: ApiParts }).parts.books.database.on('query', ({ sql }: { sql: string }) => {
    if (/from `astoutbox`/.test(sql)) pages += 1;
  });
  const still = async () => {
    for (let last = -1; last < pages; ) {
      last = pages;
      await new Promise(resolve => setTimeout(resolve, 500));
    }
    return pages;
  };
  const { socket } = await stopped(api, '/events?format=csv');
  // Some megabytes fit into the buffers of the two sockets, but not the 60 MB of all events.
  const read = await still();
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(EVENTS / 1_000 / 2);
  socket.destroy();
  expect((await still()) - read).toBeLessThanOrEqual(2);
  await api.close(1_000);
});
