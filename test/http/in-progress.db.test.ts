/** How many requests are worked on at once, and how much of their answers waits in memory for clients that do not read. */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Knex } from 'knex';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { generateCards } from '../../src/cards/cards';
import { openConnection } from '../../src/database/connection';
import type { ApiParts } from '../../src/http/api-parts';
import { ApiServer, type ApiServerOptions } from '../../src/http/api-server';
import { parsePeers } from '../../src/listeners/peers';
import { Readiness } from '../../src/metrics/readiness';
import { actingAs } from '../../src/operator/acting';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { requestBy } from '../operator/operator-fixture';

let db: TestDatabase;
let api: ApiServer;
const secrets: Record<string, string> = {};
const sockets: Socket[] = [];

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'alice', '10');
  // A list of them is an answer of 1 MB.
  await db.database.batchInsert(
    'astoutbox',
    Array.from({ length: 1_000 }, () => ({
      ...{ kind: 'settled', accountcode: 'alice', dispatched: true },
      facts: JSON.stringify({ text: 'x'.repeat(900) }),
    })),
  );
  for (const accountcode of ['bob', 'carol']) await addAccount(db, accountcode, '10');
  for (const accountcode of ['alice', 'bob', 'carol']) {
    const bound = { apiKey: accountcode, roles: ['customer'], accountcode };
    secrets[accountcode] = (await createApiKey(actingAs('test', db.database), bound)).secret;
  }
  const supports = ['crm', 'portal', 'other'].map(apiKey => ({ apiKey, roles: ['read', 'support'] }));
  const readers = [1, 2, 3].map(number => ({ apiKey: `reader-${number}`, roles: ['read'] }));
  for (const bound of [...supports, ...readers])
    secrets[bound.apiKey] = (await createApiKey(actingAs('test', db.database), bound)).secret;
});
afterAll(() => db.drop());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await api.close(1_000);
});

async function opened(options: Partial<ApiServerOptions> = {}): Promise<void> {
  api = await anApi(options);
}

async function anApi(options: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  const made = new ApiServer({
    listen: { host: '127.0.0.1', port: await findFreePort() },
    peers: parsePeers(['127.0.0.1']),
    proxies: parsePeers([]),
    databaseUrl: db.url,
    service: requestBy('test', db.database).service,
    readiness: new Readiness(db.database),
    log: pino({ level: 'silent' }),
    ...options,
  });
  await made.open();
  return made;
}

const EVENTS = '/events?limit=1000';

const requestOf = (path: string, key = 'crm') =>
  `GET /api/v1${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secrets[key]}\r\n\r\n`;

/** A client that has sent these bytes, and reads nothing. */
function deaf(bytes: string): Socket {
  const socket = connect(api.port, '127.0.0.1', () => socket.write(bytes)).pause();
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

async function ask(path: string, key = 'crm') {
  const answer = await fetch(`http://127.0.0.1:${api.port}/api/v1${path}`, {
    headers: { authorization: `Bearer ${secrets[key]}` },
  });
  const { type } = (await answer.json()) as { type?: string };
  return { status: answer.status, refusal: type?.split(':').at(-1), retryAfter: answer.headers.get('retry-after') };
}

/** Makes a change with a key that supports customers; returns its status. */
async function change(path: string, body: object): Promise<number> {
  const { status } = await fetch(`http://127.0.0.1:${api.port}/api/v1${path}`, {
    method: 'PATCH',
    headers: {
      ...{ authorization: `Bearer ${secrets.portal}`, 'content-type': 'application/json' },
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
  return status;
}

/** Counts the lists of events that the service reads from now on, until it has read none for half a second. */
function lists(): () => Promise<number> {
  let count = 0;
  (api as unknown as { parts: ApiParts }).parts.books.database.on('query', ({ sql }: { sql: string }) => {
    if (/from `astoutbox`/.test(sql)) count += 1;
  });
  return async () => {
    for (let last = -1; last < count; ) {
      last = count;
      await new Promise(resolve => setTimeout(resolve, 500));
    }
    return count;
  };
}

test('of 60 requests that one connection sends at once each begins when the answer before is read', async () => {
  await opened();
  const listed = lists();
  const socket = deaf(requestOf(EVENTS).repeat(60));
  // Some megabytes fit into the buffers of the two sockets.
  await eventually(async () => ((await listed()) > 0 ? true : null), 'the first one');
  expect(await listed()).toBeLessThan(20);
  let answers = 0;
  let last = '';
  socket.on('data', data => {
    const text = last + data.toString('latin1');
    answers += text.split('HTTP/1.1 200 OK').length - 1;
    last = text.slice(-14);
  });
  socket.resume();
  await eventually(async () => (answers === 60 ? true : null), 'all answers');
  expect(await listed()).toBe(60);
});

test('a connection that goes while its requests wait leaves nothing behind', async () => {
  await opened();
  const listed = lists();
  const socket = deaf(requestOf(EVENTS).repeat(60));
  await eventually(async () => ((await listed()) > 0 ? true : null), 'the first one');
  const begun = await listed();
  socket.destroy();
  expect((await listed()) - begun).toBeLessThanOrEqual(1);
  // Each of its four turns is free.
  expect(await Promise.all([1, 2, 3, 4].map(() => ask('/decks')))).toMatchObject(Array(4).fill({ status: 200 }));
});

describe('while the database answers no question about calls', () => {
  let locking: Awaited<ReturnType<typeof openConnection>>;
  beforeEach(async () => {
    locking = await openConnection(db.url);
    await locking.query('LOCK TABLES astcdr WRITE');
  });
  afterEach(() => locking.destroy());

  test('a key that asks ten times has four in progress; the others are refused after a while, and other keys are answered', async () => {
    await opened({ turnLimits: { waitMs: 500 } });
    const asked = Promise.all(Array.from({ length: 10 }, () => ask('/calls')));
    const refused = { status: 503, refusal: 'too_many_in_progress', retryAfter: '5' };
    expect(await ask('/calls')).toEqual(refused);
    await locking.query('UNLOCK TABLES');
    const answers = await asked;
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
    expect(answers.filter(({ status }) => status !== 200)).toEqual(Array(6).fill(refused));
  });

  /** How many questions about calls wait in the database. */
  const waiting = async (): Promise<number> => {
    const [rows] = await db.database.raw('SHOW FULL PROCESSLIST');
    const ours = new URL(db.url).pathname.slice(1);
    return rows.filter((row: { db: string; State: string }) => row.db === ours && /lock/i.test(row.State)).length;
  };

  test('one key and all customers leave others the way in, and questions to ask; of customers four are asked at once', async () => {
    await opened();
    const customers = ['alice', 'bob', 'carol'];
    const asked = [
      ...Array.from({ length: 10 }, () => ask('/calls')),
      ...customers.flatMap(key => [1, 2, 3].map(() => ask('/own/calls', key))),
    ];
    await eventually(async () => ((await waiting()) === 8 ? true : null), 'four questions of the key and of customers');
    for (let times = 0; times < 5; times++) expect(await ask('/decks', 'portal')).toMatchObject({ status: 200 });
    expect(await waiting()).toBe(8);
    await locking.query('UNLOCK TABLES');
    expect(await Promise.all(asked)).toMatchObject(Array(19).fill({ status: 200 }));
  });

  test('many keys of one role leave each other role a question to ask and a change to make; what waits is asked in fair shares', async () => {
    await opened();
    const readers = ['reader-1', 'reader-2', 'reader-3'];
    const asked = readers.flatMap(key => [1, 2, 3, 4].map(() => ask('/calls', key)));
    // Five of the fourteen are left to the other roles.
    await eventually(async () => ((await waiting()) === 9 ? true : null), 'nine questions');
    for (let times = 0; times < 5; times++) expect(await ask('/decks', 'portal')).toMatchObject({ status: 200 });
    expect(await change('/accounts/alice', { max_channels: 5 })).toBe(200);
    expect(await ask('/own/account', 'alice')).toMatchObject({ status: 200 });
    expect(await waiting()).toBe(9);
    await locking.query('UNLOCK TABLES');
    expect(await Promise.all(asked)).toMatchObject(Array(12).fill({ status: 200 }));
  });

  test('a customer that waits too long for the questions of others is refused', async () => {
    await opened({ turnLimits: { waitMs: 500 } });
    const asked = ['alice', 'bob'].flatMap(key => [1, 2].map(() => ask('/own/calls', key)));
    await eventually(async () => ((await waiting()) === 4 ? true : null), 'four questions');
    const refused = { status: 503, refusal: 'too_many_in_progress', retryAfter: '5' };
    expect(await ask('/own/account', 'carol')).toEqual(refused);
    expect(await ask('/decks', 'portal')).toMatchObject({ status: 200 });
    await locking.query('UNLOCK TABLES');
    expect(await Promise.all(asked)).toMatchObject(Array(4).fill({ status: 200 }));
    expect(await ask('/own/account', 'carol')).toMatchObject({ status: 200 });
  });

  test('a connection that sends more than 64 requests behind one in progress is closed, and so are those for which no room is left', async () => {
    await opened();
    const gone = deaf(requestOf('/calls').repeat(66)).resume();
    await eventually(async () => (gone.closed ? true : null), 'its end');
    const all = Array.from({ length: 40 }, () => deaf(requestOf('/calls').repeat(60)).resume());
    await eventually(async () => (all.some(({ closed }) => closed) ? true : null), 'the end of some');
    await locking.query('UNLOCK TABLES');
    expect(all.filter(({ closed }) => !closed).length).toBeGreaterThanOrEqual(30);
    expect((await fetch(`http://127.0.0.1:${api.port}/healthz`)).status).toBe(200);
  });
});

test('while too much waits to be read, questions are refused by name; when it is read, they are answered', async () => {
  await opened({ turnLimits: { unsentBytes: 1_500_000 } });
  const listed = lists();
  const readers = [1, 2, 3].map(() => deaf(requestOf(EVENTS).repeat(30)));
  await eventually(async () => ((await listed()) > 3 ? true : null), 'their answers');
  expect(await ask('/decks', 'portal')).toEqual({ status: 503, refusal: 'answers_unread', retryAfter: '5' });
  for (const socket of readers) socket.destroy();
  await eventually(async () => ((await ask('/decks', 'portal')).status === 200 ? true : null), 'room');
});

describe('a change in steps', () => {
  const service = () => requestBy('test', db.database, { pinKeys: ['a-secret-of-thirty-two-characters-0'] }).service;
  let batches = 0;
  let batch: string;
  /** Of 600 cards the second 200 wait until these are let go. */
  let held: Knex.Transaction;

  beforeEach(async () => {
    batch = `batch-${++batches}`;
    const made = { batch, count: 600, value: '5', deck: 'retail' };
    await generateCards(actingAs('test', db.database), made, { keys: service().pinKeys });
    const [first] = await db.database('astcard').where({ batch }).min({ serial: 'serial' });
    held = await db.database.transaction();
    await held('astcard')
      .where({ serial: Number(first?.serial) + 300 })
      .forUpdate();
  });
  afterEach(() => held.rollback());

  const active = async () => (await db.database('astcard').where({ batch, status: 'active' })).length;
  const firstStep = () => eventually(async () => ((await active()) >= 200 ? true : null), 'the first 200 cards');

  async function activate(signal?: AbortSignal, { port } = api) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/cards/activate`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${secrets.crm}`, 'content-type': 'application/json' },
        'idempotency-key': batch,
      },
      body: JSON.stringify({ batch }),
      ...(signal && { signal }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
    const body: any = await answer.json();
    return { status: answer.status, refusal: body.type?.split(':').at(-1), changed: body.changed };
  }

  test('may take longer than its connection may stand still; the same request is refused meanwhile, and gets its answer later', async () => {
    await opened({ service: service(), stillMs: 500 });
    const asked = activate();
    await firstStep();
    expect(await activate()).toMatchObject({ status: 409, refusal: 'change_in_progress' });
    await new Promise(resolve => setTimeout(resolve, 2_000));
    await held.rollback();
    expect(await asked).toMatchObject({ status: 200, changed: 600 });
    expect(await activate()).toMatchObject({ status: 200, changed: 600 });
  });

  test('is refused by another service meanwhile, which has its answer later', async () => {
    await opened({ service: service() });
    const other = await anApi({ service: service() });
    const asked = activate();
    await firstStep();
    expect(await activate(undefined, other)).toMatchObject({ status: 409, refusal: 'change_in_progress' });
    await held.rollback();
    expect(await asked).toMatchObject({ status: 200, changed: 600 });
    expect(await activate(undefined, other)).toMatchObject({ status: 200, changed: 600 });
    await other.close(1_000);
  });

  test('ends after the step in progress when its client leaves; the same request does the rest', async () => {
    await opened({ service: service() });
    const leaving = new AbortController();
    const asked = activate(leaving.signal).catch(() => 'left');
    await firstStep();
    leaving.abort();
    expect(await asked).toBe('left');
    await new Promise(resolve => setTimeout(resolve, 300));
    await held.rollback();
    const rest = await eventually(async () => {
      const told = await activate();
      return told.status === 409 ? null : told;
    }, 'the end of the first');
    // A machine that is slow may notice the client's end one step later.
    expect([rest.status, [200, 400]]).toEqual([200, expect.arrayContaining([rest.changed])]);
    expect(await active()).toBe(600);
  });

  test('ends after the step in progress when the service stops, and says so', async () => {
    await opened({ service: service() });
    const asked = activate();
    await firstStep();
    const stopped = api.close(10_000);
    await held.rollback();
    expect(await asked).toMatchObject({ status: 503, refusal: 'stopping' });
    await stopped;
    expect(await active()).toBe(400);
  });
});
