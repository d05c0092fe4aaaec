/** Events as they happen, over HTTP, of a service that serves nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey, revokeApiKey } from '../../src/access/api-key-store';
import { beginSession, type Candidate, candidateNamed } from '../../src/access/session-store';
import { type BoundedDatabase, openConnection, openDatabase } from '../../src/database/connection';
import { ApiServer } from '../../src/http/api-server';
import { sessionCookieOf } from '../../src/http/session-cookie';
import { parsePeers } from '../../src/listeners/peers';
import { Readiness } from '../../src/metrics/readiness';
import { actingAs } from '../../src/operator/acting';
import type { Role } from '../../src/operator/operation';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { dispatchEvents } from '../../src/webhooks/dispatch-store';
import { Pruner } from '../../src/webhooks/pruner';
import { addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';
import { until } from '../switches/asterisk/log-lines';
import { tell } from '../webhooks/receiver-fixture';
import { listen, type StreamClient } from './stream-client';

let db: TestDatabase;
let port: number;
let service: Service;
let secret: string;
const lines: Record<string, unknown>[] = [];
const log = pino({ level: 'info' }, { write: line => void lines.push(JSON.parse(line)) });
const clients: StreamClient[] = [];

const acting = () => actingAs('test', db.database);
const key = async (name: string, roles: Role[] = ['read']) =>
  (await createApiKey(acting(), { apiKey: name, roles })).secret;
const serving = (at: number) =>
  startService(readSettings({ RINGFENCE_DATABASE_URL: db.url, RINGFENCE_HTTP_LISTEN: `${at}` }), log);

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  secret = await key('listener');
  port = await findFreePort();
  service = await serving(port);
});
afterAll(async () => {
  await service?.stop();
  await db.drop();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.close()));
});

const follow = async (query = '', headers: Record<string, string> = {}, at = port, by: string | null = secret) => {
  const client = await listen(at, `/events/stream${query}`, by, headers);
  clients.push(client);
  return client;
};
const ids = (client: StreamClient) => client.data().map(({ event_id }) => event_id);
const uniqueid = () => `it-${Math.random()}`;

test('what calls and operators change comes as it happens, in the words of the list', async () => {
  const client = await follow();
  expect([client.status, client.headers['content-type'], client.headers['cache-control']]).toEqual([
    200,
    'text/event-stream',
    'no-store',
  ]);
  await addAccount(db, 'alice', '10');
  const ledger = openLedger(db);
  const call = callOf('alice');
  await ledger.start(call);
  await ledger.end(endOf(call, talked(61)));
  await ledger.close();
  await client.next('message', ({ kind }) => kind === 'settled');
  const told = client.data();
  expect(told.map(({ kind }) => kind)).toEqual(['money_moved', 'authorised', 'settled']);
  const [settled] = await db.database('astoutbox').where({ uniqueid: call.uniqueid, kind: 'settled' });
  expect(told[2]).toEqual({
    created_at: settled.created_at.toISOString(),
    event_id: settled.event_id,
    kind: 'settled',
    accountcode: 'alice',
    uniqueid: call.uniqueid,
    facts: JSON.parse(settled.facts),
    actor: '',
  });
  const numbers = client.reader.messages.map(({ id }) => Number(id));
  expect(numbers).toEqual([numbers[0], (numbers[0] as number) + 1, (numbers[0] as number) + 2]);
});

test('a listener that leaves and comes back again and again gets each event once, while transactions commit in any order', async () => {
  const WRITERS = 5;
  const EACH = 30;
  const writing = openDatabase(db.url, { most: WRITERS });
  const wanted = new Set<string>();
  const write = async (writer: number) => {
    for (let n = 0; n < EACH; n++) {
      const transaction = await writing.transaction();
      const [id] = await transaction('astoutbox').insert({ kind: 'blocked', accountcode: `w${writer}`, facts: '{}' });
      // The first one holds the lowest number for seconds.
      await sleep(writer === 0 && n === 0 ? 3_000 : (writer * 17 + n * 29) % 120);
      if (n % 7 === 6) await transaction.rollback();
      else {
        await transaction.commit();
        wanted.add(String(id));
      }
    }
  };
  let isWritten = false;
  const written = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer))).then(() => {
    isWritten = true;
  });
  const got: string[] = [];
  let last = (await follow()).reader.lastId;
  let rounds = 0;
  while (!isWritten || got.length < wanted.size) {
    const client = await follow('', { 'last-event-id': last });
    await sleep(150 + (rounds++ % 5) * 100);
    await client.close();
    got.push(...ids(client));
    last = client.reader.lastId;
    if (rounds > 200) break;
  }
  await written;
  await writing.destroy();
  expect(rounds).toBeGreaterThan(5);
  expect(got).toHaveLength(wanted.size);
  expect(new Set(got)).toEqual(wanted);
});

test('a database that has lost the last places ends the listeners: others would get those numbers', async () => {
  const client = await follow();
  await tell(db, 2);
  await client.next('message', () => client.data().length === 2);
  const [{ last } = {}] = await db.database('astfeed').max({ last: 'feed_number' });
  await db.database('astfeed').where({ feed_number: last }).delete();
  await db.database('astoutbox').update({ dispatched: true });
  await client.next('end', ({ reason }) => reason === 'fault');
  expect(lines).toContainEqual(expect.objectContaining({ event: 'feed_went_back' }));
  // Its place does not exist any more: it must begin anew.
  expect((await follow('', { 'last-event-id': String(last) })).status).toBe(400);
  const again = await follow();
  await tell(db, 1);
  await again.next('message', ({ kind }) => kind !== undefined);
  expect(again.reader.messages.at(-1)?.id).toBe(String(last));
});

test('listeners that stay, and one that resumes beside them, get the same', async () => {
  const [all, ofBob, blocked, both] = await Promise.all([
    follow(),
    follow('?account=bob'),
    follow('?kinds=blocked,unblocked'),
    follow('?kinds=blocked&account=bob'),
  ]);
  const place = all.reader.lastId;
  await tell(db, 2);
  await tell(db, 1, { accountcode: 'bob' });
  await tell(db, 1, { accountcode: 'bob', kind: 'blocked' });
  await tell(db, 1, { kind: 'unblocked' });
  const late = await follow(`?after=${place}`);
  await Promise.all([all, late].map(client => until(() => client.data().length === 5, 'five events')));
  await until(() => ofBob.data().length === 2 && blocked.data().length === 2 && both.data().length === 1, 'theirs');
  await tell(db, 1, { accountcode: 'bob', kind: 'blocked' });
  await Promise.all([all, late].map(client => until(() => client.data().length === 6, 'the sixth')));
  await until(() => both.data().length === 2, 'the second');
  expect(late.reader.messages).toEqual(all.reader.messages);
  const kinds = (client: StreamClient) => client.data().map(({ accountcode, kind }) => `${accountcode} ${kind}`);
  expect(kinds(ofBob)).toEqual(['bob settled', 'bob blocked', 'bob blocked']);
  expect(kinds(blocked)).toEqual(['bob blocked', 'alice unblocked', 'bob blocked']);
  expect(kinds(both)).toEqual(['bob blocked', 'bob blocked']);
});

test('the header that a browser sends when it comes back goes before the query that it began with', async () => {
  const start = (await follow()).reader.lastId;
  await tell(db, 2);
  const first = await follow(`?after=${start}`);
  await until(() => first.data().length === 2, 'both');
  const again = await follow(`?after=${start}`, { 'last-event-id': first.reader.messages[0]?.id as string });
  await until(() => again.data().length === 1, 'the second');
  expect(ids(again)).toEqual(ids(first).slice(1));
});

test('names that hold line ends and fields of the protocol come as they are', async () => {
  const client = await follow();
  const hostile = 'x\n\nid: 999999\nevent: end\ndata: {}\r\r\u2028';
  await tell(db, 1, { accountcode: hostile, uniqueid: hostile, facts: JSON.stringify({ dst: hostile }) });
  const { id } = await client.next('message');
  expect(client.data()).toMatchObject([{ accountcode: hostile, uniqueid: hostile, facts: { dst: hostile } }]);
  expect([client.data('end'), client.reader.lastId]).toEqual([[], id]);
});

test('what is no place, or none yet, is refused, and so is what no list has', async () => {
  const refused = async (query: string, headers: Record<string, string> = {}) => {
    const { status, text } = await follow(query, headers);
    return [status, JSON.parse(text).detail];
  };
  expect(await refused('?after=x')).toEqual([400, 'after "x" is no id of a message: write digits, or leave it out']);
  expect(await refused('', { 'last-event-id': '1\u00e4' })).toEqual([
    400,
    expect.stringMatching(/^Last-Event-ID .* is no id/),
  ]);
  expect(await refused('?after=999999999')).toEqual([
    400,
    expect.stringMatching(/^after "999999999" is behind the last event: leave it out$/),
  ]);
  expect(await refused('?kinds=settled,nonsense')).toEqual([
    400,
    expect.stringContaining('kinds "nonsense" is not a kind of event'),
  ]);
  expect(await refused('?limit=3')).toEqual([400, 'limit is not a field of this operation: leave it out']);
});

test('only roles that may list events may follow them', async () => {
  for (const [role, status] of [
    ['support', 200],
    ['admin', 200],
    ['cashier', 403],
    ['prices', 403],
  ] as const) {
    expect([role, (await follow('', {}, port, await key(role, [role]))).status]).toEqual([role, status]);
  }
  expect((await follow('', {}, port, 'rf_nothing')).status).toBe(401);
});

test('how many events were pruned between is told', async () => {
  await tell(db, 3);
  await until(
    async () => (await db.database('astoutbox').where({ dispatched: false })).length === 0,
    'all are handed out',
  );
  await db.database('astoutbox').update({ created_at: '2020-01-01' });
  const pruner = new Pruner(db.database, 30);
  while ((await pruner.prune()).more);
  const client = await follow('?after=0');
  await client.next('message');
  const end = Number(client.reader.lastId);
  expect(client.data('pruned')).toEqual([{ events: end - 1 }]);
  expect(client.data()).toHaveLength(1);
});

describe('of a server of its own', () => {
  const opened = async (limits = { all: 3, ofOne: 2, heartbeatSeconds: 1, askAgainSeconds: 2 }) => {
    const api = new ApiServer({
      listen: { host: '127.0.0.1', port: await findFreePort() },
      peers: parsePeers(['127.0.0.1']),
      proxies: parsePeers([]),
      databaseUrl: db.url,
      listenerLimits: limits,
      readiness: new Readiness(db.database),
      service: requestBy('test', db.database).service,
      log,
    });
    await api.open();
    return api;
  };

  test('listeners are limited, of one key and in all, and room is made when one leaves', async () => {
    const api = await opened();
    const other = await key('other');
    const third = await key('third');
    const [first] = [await follow('', {}, api.port), await follow('', {}, api.port)];
    const refused = await follow('', {}, api.port);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '10']);
    expect(JSON.parse(refused.text)).toMatchObject({
      type: 'urn:ringfence:problem:too_many_listeners',
      detail: '2 listeners of key:listener are connected: let some of them share a stream',
    });
    expect((await follow('', {}, api.port, other)).status).toBe(200);
    const full = await follow('', {}, api.port, third);
    expect(full.status).toBe(503);
    await first?.close();
    await until(async () => (await follow('', {}, api.port, third)).status === 200, 'room');
    await api.close(1_000);
  });

  test('a listener that left before its turn to resume reads nothing, and keeps no other waiting', async () => {
    const api = await opened({ all: 50, ofOne: 50, heartbeatSeconds: 15, askAgainSeconds: 40 });
    await tell(db, 3);
    await until(
      async () => (await db.database('astoutbox').where({ dispatched: false })).length === 0,
      'all are handed out',
    );
    let reads = 0;
    const { books } = (api as unknown as { live: { books: BoundedDatabase } }).live;
    books.database.on('query', ({ sql }: { sql: string }) => {
      if (sql.includes('JOIN astoutbox')) reads += 1;
    });
    const locking = await openConnection(db.url);
    await locking.query('LOCK TABLES astoutbox WRITE');
    const leaving: StreamClient[] = [];
    for (let count = 0; count < 20; count++) leaving.push(await follow('?after=0', {}, api.port));
    const stays = await follow('?after=0', {}, api.port);
    await Promise.all(leaving.map(client => client.close()));
    // Their ends are told to the service in other turns of its loop.
    await sleep(500);
    expect(reads).toBe(1);
    await locking.query('UNLOCK TABLES');
    locking.destroy();
    await stays.next('message');
    expect(reads).toBeLessThan(10);
    await api.close(1_000);
  });

  test('a key that is revoked hears no more', async () => {
    const api = await opened();
    const gone = await follow('', {}, api.port, await key('gone'));
    const stays = await follow('', {}, api.port);
    await revokeApiKey(acting(), 'gone');
    await until(() => gone.isClosed, 'the end of its stream');
    expect(gone.data('end')).toMatchObject([{ reason: 'not_allowed' }]);
    await tell(db, 1);
    await stays.next('message');
    expect([stays.isClosed, gone.data()]).toEqual([false, []]);
    await api.close(1_000);
  });

  test('a listener that wants few events gets signs of life, which move its place past those of others', async () => {
    const api = await opened();
    const [quiet, all] = [await follow('?account=quiet', {}, api.port), await follow('', {}, api.port)];
    await tell(db, 3);
    await until(() => all.data().length === 3, 'the events');
    const place = all.reader.messages.at(-1)?.id;
    await until(() => quiet.reader.lastId === place, 'the place');
    await until(() => quiet.reader.comments.length > 3, 'more signs');
    expect(quiet.reader.messages).toEqual([]);
    await tell(db, 1, { accountcode: 'quiet' });
    await quiet.close();
    const resumed = await follow('?account=quiet', { 'last-event-id': quiet.reader.lastId }, api.port);
    await until(() => quiet.data().length + resumed.data().length === 1, 'its own');
    await api.close(1_000);
  });

  test('a person hears events by a session, and no more when it ends', async () => {
    const api = await opened();
    await db
      .database('astoperator')
      .insert({ operator: 'eve', roles: 'support', password_hash: 'unused', password_at: new Date() });
    const whence = { from: '127.0.0.1', browser: null };
    const eve = (await candidateNamed(db.database, 'eve', whence)) as Candidate;
    const begun = await beginSession({ ...acting(), ...whence }, eve, { proof: null, former: null });
    const { name } = sessionCookieOf({ host: '127.0.0.1', port: api.port }, parsePeers([]));
    const client = await follow('', { cookie: `${name}=${begun?.token}` }, api.port, null);
    expect(client.status).toBe(200);
    await tell(db, 1);
    await client.next('message');
    await db.database('astsession').delete();
    await until(() => client.isClosed, 'the end of its stream');
    expect(client.data('end')).toMatchObject([{ reason: 'not_allowed' }]);
    await api.close(1_000);
  });

  test('a database that is away ends no stream, and what happened meanwhile comes when it is back', async () => {
    const api = await opened();
    const client = await follow('', {}, api.port);
    await tell(db, 1);
    await client.next('message');
    await db.database.raw('RENAME TABLE astapikey TO astapikey_away, astfeed TO astfeed_away');
    await sleep(4_000);
    await db.database.raw('RENAME TABLE astapikey_away TO astapikey, astfeed_away TO astfeed');
    await tell(db, 1);
    await until(() => client.data().length === 2, 'what happened since');
    expect(client.isClosed).toBe(false);
    await api.close(1_000);
  });

  test('a service that stops ends all streams at once, also those that nobody reads', async () => {
    const api = await opened();
    const [reading, standing] = [await follow('', {}, api.port), await follow('', {}, api.port)];
    standing.pause();
    await flood(20);
    await until(() => reading.data().length >= 20 * 500, 'all events');
    const startedAt = performance.now();
    await api.close(30_000);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    await until(() => reading.isClosed, 'its end');
    expect(reading.data('end')).toMatchObject([{ reason: 'stopping' }]);
  });
});

/** Events that are too many for what a kernel keeps for a slow reader. */
async function flood(batches: number): Promise<void> {
  for (let n = 0; n < batches; n++) await tell(db, 500, { facts: JSON.stringify({ text: 'x'.repeat(1_500) }) });
  while ((await dispatchEvents(db.database)).events > 0);
}

test('a slow reader is told so and left, holds up no other, and resumes without a loss', async () => {
  const slow = await follow();
  const quick = await follow();
  slow.pause();
  await flood(30);
  await until(() => quick.data().length === 15_000, 'all events at the quick one', 60_000);
  await until(() => lines.some(({ event, reason }) => event === 'listener_ended' && reason === 'too_slow'), 'its end');
  slow.resume();
  await until(() => slow.isClosed, 'the end of its stream');
  expect(slow.data('end')).toMatchObject([{ reason: 'too_slow' }]);
  expect(slow.data().length).toBeLessThan(15_000);
  const resumed = await follow('', { 'last-event-id': slow.reader.lastId });
  await until(() => slow.data().length + resumed.data().length >= 15_000, 'the rest', 60_000);
  expect([...ids(slow), ...ids(resumed)]).toEqual(ids(quick));
});

test('a call is told of by one service while another one made it', async () => {
  const at = await findFreePort();
  const second = await serving(at);
  const [here, there] = [await follow(), await follow('', {}, at)];
  const call = uniqueid();
  await tell(db, 1, { uniqueid: call });
  await Promise.all(
    [here, there].map(client => client.next('message', data => (data as { uniqueid: string }).uniqueid === call)),
  );
  expect(there.reader.lastId).toBe(here.reader.lastId);
  await second.stop();
  await until(() => there.isClosed, 'its end');
  expect(there.data('end')).toMatchObject([{ reason: 'stopping' }]);
});
