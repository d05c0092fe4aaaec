/** Calls in progress over HTTP: a snapshot, and a stream of what changes, of a service that serves nothing else. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { projectRoot } from '../../src/config/project-root';
import type { Ledger } from '../../src/credit/ledger';
import type { StartRequest } from '../../src/credit/rules/start';
import { openConnection } from '../../src/database/connection';
import { CallBoard } from '../../src/live/call-board';
import { actingAs } from '../../src/operator/acting';
import { OPERATOR_ROLES } from '../../src/operator/operation';
import { EVERYTHING } from '../../src/operator/visible';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { json } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, endOf, group, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { withDifference } from '../live/live-reader';
import { until } from '../switches/asterisk/log-lines';
import { listen, type StreamClient } from './stream-client';

let db: TestDatabase;
let port: number;
let service: Service;
let secret: string;
let ledger: Ledger;
const clients: StreamClient[] = [];

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [
    { destination: 'Germany', price_per_minute: '0.60', initial_increment_seconds: 600, increment_seconds: 600 },
  ]);
  await addAccount(db, 'alice', '100', { max_call_seconds: 600 });
  await addAccount(db, 'family', '100', { mode: 'shared', slice_seconds: 60 });
  ({ secret } = await createApiKey(actingAs('test', db.database), { apiKey: 'wall', roles: [...OPERATOR_ROLES] }));
  port = await findFreePort();
  const settings = readSettings({ RINGFENCE_DATABASE_URL: db.url, RINGFENCE_HTTP_LISTEN: `${port}` });
  service = await startService(settings, pino({ level: 'silent' }));
  ledger = openLedger(db);
});
afterAll(async () => {
  await ledger?.close();
  await service?.stop();
  await db.drop();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.close()));
  // What a test that failed left behind.
  await db.database('astcdr').whereNull('end_at').update({ end_at: new Date() });
  await db.database('astcreditres').delete();
  await db.database('astaccount').update({ reserved: 0, active_calls: 0, time_reserved: 0 });
});

type Rows = Parameters<typeof withDifference>[0];
type Row = Record<string, unknown>;

/** What a listener knows by now. */
function shown(client: StreamClient): Rows {
  let rows: Rows = new Map();
  for (const { event, data } of client.reader.messages) {
    const message = JSON.parse(data);
    if (event === 'snapshot') rows = new Map(message.items.map((row: Row) => [row.uniqueid, row]));
    if (event === 'difference') rows = withDifference(rows, message);
  }
  return rows;
}

const follow = async (query = '') => {
  const client = await listen(port, `/calls/live/stream${query}`, secret);
  clients.push(client);
  await client.next('snapshot');
  return client;
};
// biome-ignore lint/suspicious/noExplicitAny: JSON of a page
const snapshot = async (query = ''): Promise<any> => {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/calls/live${query}`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  return answer.json();
};
/** Without the seconds of talk, on which a listener counts by itself. */
const still = (rows: Iterable<Row>) =>
  [...rows].map(({ seconds: _, ...row }) => row).sort((a, b) => (String(a.uniqueid) < String(b.uniqueid) ? -1 : 1));

/** A call that is answered a moment ago, by the clock of this machine. */
const started = async (accountcode: string, more: Partial<StartRequest> = {}) => {
  const request = callOf(accountcode, { startAt: Date.now() - 2_000, ...more });
  const { refusal } = (await ledger.start(request)) as { refusal?: string };
  expect(refusal).toBeUndefined();
  return request;
};
const answered = (request: StartRequest) => {
  const { uniqueid, accountcode } = request;
  return ledger.answered({ uniqueid, accountcode, trunk: 'carrier', answerAt: Date.now() - 1_000 });
};
const ended = (request: StartRequest) =>
  ledger.end(endOf(request, talked(1, { answerAt: Date.now() - 1_000, endAt: Date.now() })));

test('one call is asked for by its uniqueid, among many', async () => {
  const [, call] = [await started('family'), await started('family')];
  expect(still((await snapshot(`?uniqueid=${call.uniqueid}`)).items)).toMatchObject([{ uniqueid: call.uniqueid }]);
  await ended(call);
  expect((await snapshot(`?uniqueid=${call.uniqueid}`)).items).toEqual([]);
});

test('a call is seen to start, be answered, get more talk and end', async () => {
  const client = await follow();
  const differences = () => client.data('difference');
  const call = await started('family');
  await until(() => differences().length === 1, 'its start');
  expect(differences()[0]).toMatchObject({
    added: [
      {
        uniqueid: call.uniqueid,
        accountcode: 'family',
        src: '100',
        dst: '4930123456',
        rate_destination: 'Germany',
        node: 'ast1',
        state: 'ringing',
        seconds: 0,
        limited_by: 'slice',
        is_fixed: false,
        rate_price_per_minute: '0.60',
        spent: '0.00',
        currency: 'EUR',
      },
    ],
    changed: [],
    ended: [],
    is_more: false,
  });
  const [row] = differences()[0].added;
  expect(row.held).toBe(row.max_cost);
  await answered(call);
  await until(() => differences().length === 2, 'its answer');
  // One increment of ten minutes is spent at once.
  const [talking] = differences()[1].changed;
  expect(talking).toMatchObject({ uniqueid: call.uniqueid, state: 'talking', trunk: 'carrier', spent: '6.00' });
  expect(talking).not.toHaveProperty('accountcode');
  await ledger.extend({ uniqueid: call.uniqueid, accountcode: 'family', node: 'ast1', seconds: 900 });
  await until(() => differences().length === 3, 'more talk');
  expect(differences()[2].changed).toMatchObject([{ granted_seconds: 900, max_cost: '12.00', held: '6.00' }]);
  await ended(call);
  await until(() => differences().at(-1).ended.length > 0, 'its end');
  expect(differences().at(-1)).toMatchObject({ added: [], changed: [], ended: [call.uniqueid] });
  expect(shown(client).size).toBe(0);
});

test('a listener that comes later sees the calls at once, and one of an account only its own', async () => {
  const calls = [await started('alice'), await started('family'), await started('alice')];
  const [all, alice, nobody] = await Promise.all([follow(), follow('?account=alice'), follow('?account=nobody')]);
  expect([...shown(all).keys()].sort()).toEqual(calls.map(({ uniqueid }) => uniqueid).sort());
  expect([...shown(alice).keys()]).toEqual([calls[0]?.uniqueid, calls[2]?.uniqueid]);
  expect(shown(nobody).size).toBe(0);
  const again = await follow();
  expect(still(shown(again).values())).toEqual(still(shown(all).values()));
  for (const call of calls) await ended(call);
  await until(() => [all, alice, again].every(client => shown(client).size === 0), 'all ends');
  expect(nobody.data('difference')).toEqual([]);
});

test('the list is the same by HTTP and on the command line, page by page', async () => {
  const calls = [await started('alice'), await started('family')];
  const both = await snapshot();
  expect(both).toMatchObject({ total: 2, is_more: false });
  expect(both.items.map(({ uniqueid }: Row) => uniqueid)).toEqual(calls.map(({ uniqueid }) => uniqueid));
  expect(await json(db.url, ['call', 'live'])).toEqual(both);
  expect(await snapshot('?limit=1')).toMatchObject({ total: 2, is_more: true, items: [{ accountcode: 'alice' }] });
  expect(await snapshot('?account=family')).toMatchObject({ total: 1, items: [{ accountcode: 'family' }] });
  expect(both.items[0]).toMatchObject({ granted_seconds: 600, limited_by: 'cap', state: 'ringing' });
  for (const call of calls) await ended(call);
});

test('it says why a call may not last longer: money, time, cap, slice; and what only its switch may change', async () => {
  await addAccount(db, 'poor', '6.50');
  await addAccount(db, 'timed', '100', { max_time: 300 });
  const calls = [
    await started('poor'),
    await started('timed'),
    await started('alice'),
    await started('family'),
    await started('', group('john', '10')),
  ];
  const { items } = await snapshot();
  expect(items.map(({ accountcode, limited_by }: Row) => `${accountcode} ${limited_by}`)).toEqual([
    'poor money',
    'timed time',
    'alice cap',
    'family slice',
    'pool:john slice',
  ]);
  for (const call of calls) await ended(call);
});

test('hostile names and numbers come as they are', async () => {
  const hostile = 'x\n\nevent: end\ndata: {}\r\u2028"';
  await addAccount(db, hostile, '100');
  const client = await follow();
  const call = await started(hostile);
  await db.database('astcdr').where({ uniqueid: call.uniqueid }).update({ src: hostile, rate_destination: hostile });
  await until(() => shown(client).get(call.uniqueid)?.src === hostile, 'the call');
  expect(shown(client).get(call.uniqueid)).toMatchObject({ accountcode: hostile, rate_destination: hostile });
  expect(client.data('end')).toEqual([]);
  await ended(call);
});

test('however calls start, are answered, get talk and end, what a listener knows is what the table has', async () => {
  const all = await follow();
  const family = await follow('?account=family');
  const live: { request: StartRequest; isAnswered: boolean }[] = [];
  let seed = 4_711;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const pick = () => live[random(live.length)] as (typeof live)[0];
  const steps = [
    async () => live.push({ request: await started(['alice', 'family'][random(2)] as string), isAnswered: false }),
    async () => {
      const call = pick();
      if (!call || call.isAnswered) return;
      call.isAnswered = true;
      await answered(call.request);
    },
    async () => {
      const call = pick();
      if (call) await ledger.extend({ ...call.request, seconds: 700 + random(3_000) });
    },
    async () => {
      const call = pick();
      if (call) await ledger.shrink({ ...call.request, seconds: 10 + random(1_500) });
    },
    async () => {
      const call = pick();
      if (!call) return;
      live.splice(live.indexOf(call), 1);
      await ended(call.request);
    },
    async () => {
      const call = pick();
      if (call)
        await db
          .database('astcdr')
          .where({ uniqueid: call.request.uniqueid })
          .update({ hangup_wanted: random(2) });
    },
  ];
  await db.database('astaccount').whereIn('accountcode', ['alice', 'family']).update({ balance: '5000' });
  for (let round = 0; round < 12; round++) {
    for (let n = 0; n < 15; n++) await steps[random(steps.length)]?.();
    const wanted = still((await snapshot('?limit=1000')).items);
    const ofFamily = wanted.filter(({ accountcode }) => accountcode === 'family');
    await until(
      () =>
        JSON.stringify(still(shown(all).values())) === JSON.stringify(wanted) &&
        JSON.stringify(still(shown(family).values())) === JSON.stringify(ofFamily),
      `the table after round ${round}`,
      5_000,
    ).catch(error => {
      expect(still(shown(all).values())).toEqual(wanted);
      throw error;
    });
  }
  expect(all.data('snapshot')).toHaveLength(1);
  expect(all.data('difference').length).toBeGreaterThan(5);
  for (const { request } of live) await ended(request);
});

test('where the calls cannot be read, listeners are told once since when; then they go on', async () => {
  const call = await started('alice');
  const followers = [await follow(), await follow('?account=alice')];
  await db.database.raw('RENAME TABLE astcdr TO astcdr_away');
  try {
    for (const each of followers) await each.next('stale');
    const late = await follow();
    await late.next('stale');
    followers.push(late);
    await new Promise(resolve => setTimeout(resolve, 2_500));
  } finally {
    await db.database.raw('RENAME TABLE astcdr_away TO astcdr');
  }
  for (const each of followers) {
    const { data } = await each.next('difference');
    expect(JSON.parse(data)).toMatchObject({ added: [], changed: [], ended: [] });
    const [stale, ...more] = each.data('stale');
    expect([Date.parse(stale.at) <= Date.parse(JSON.parse(data).at), more]).toEqual([true, []]);
    expect([...shown(each).keys()]).toEqual([call.uniqueid]);
  }
  await ended(call);
  await until(() => followers.every(each => shown(each).size === 0), 'its end');
});

test('the same where the database does not answer', async () => {
  const parts: string[] = [];
  const board = new CallBoard(db.database, pino({ level: 'silent' }), 200);
  board.follow({ visible: EVERYTHING, outlet: { send: part => parts.push(Buffer.from(part).toString()) } });
  await until(() => parts.length === 1, 'the snapshot');
  const locking = await openConnection(db.url);
  await locking.query('LOCK TABLES astcdr WRITE');
  await until(() => parts.at(-1)?.startsWith('event: stale') === true, 'the notice');
  await locking.query('UNLOCK TABLES');
  await until(() => parts.at(-1)?.startsWith('event: difference') === true, 'the next difference');
  expect(parts.map(part => part.split('\n')[0])).toEqual(['event: snapshot', 'event: stale', 'event: difference']);
  board.close();
  await locking.end();
});

test('no more calls are read than are shown', async () => {
  const call = await started('family');
  const limits: unknown[] = [];
  const note = ({ sql, bindings }: { sql: string; bindings: unknown[] }) => {
    if (/astcdr/.test(sql)) limits.push([/FORCE INDEX/.test(sql), bindings.at(-1)]);
  };
  db.database.on('query', note);
  const board = new CallBoard(db.database, pino({ level: 'silent' }));
  const parts: string[] = [];
  const outlet = { send: (part: Uint8Array) => parts.push(Buffer.from(part).toString()) };
  board.follow({ visible: EVERYTHING, accountcode: 'family', outlet });
  await until(() => parts.length === 1, 'the calls of one account');
  board.close();
  board.follow({ visible: EVERYTHING, outlet });
  await until(() => parts.length === 2, 'all calls');
  board.close();
  db.database.removeListener('query', note);
  expect([limits[0], limits.at(-1)]).toEqual([
    [true, 1_001],
    [false, 1_001],
  ]);
  for (const part of parts) expect(part).toContain(call.uniqueid);
  await ended(call);
});

/** The curl commands of docs/api.md that follow. */
const FOLLOWING = [...readFileSync(join(projectRoot, 'docs/api.md'), 'utf8').matchAll(/^curl -sN .+$/gm)].map(String);

test.each([
  ['events', FOLLOWING[0], /^retry: \d+\n:\nid: \d+\n\n/],
  ['calls', FOLLOWING[1], /^retry: \d+\n:\n\nevent: snapshot\ndata: \{.*"items":\[\],"is_more":false\}\n\n$/],
])('docs/api.md follows %s by curl', async (_what, command, wanted) => {
  const words = `${command} --max-time 3`.replaceAll('127.0.0.1:8090', `127.0.0.1:${port}`);
  const ran = promisify(execFile)('sh', ['-c', words], { env: { PATH: process.env.PATH, RINGFENCE_KEY: secret } });
  // 28: it ended by its own limit, not by us.
  const { code, stdout } = await ran.catch(error => error);
  expect([code, stdout]).toEqual([28, expect.stringMatching(wanted)]);
});

test('of more than 1,000 calls come the oldest, one more for each that ends, and it is said that there are more', async () => {
  const at = (n: number) => new Date(Date.now() - 100_000 + n * 10);
  const rows = Array.from({ length: 1_002 }, (_, n) => ({
    ...{ uniqueid: `many-${String(n).padStart(4, '0')}`, accountcode: 'alice', node: 'ast1', start_at: at(n) },
    ...{ granted_seconds: 60, max_cost: '1', cap_seconds: 60, currency: 'EUR' },
  }));
  await db.database.batchInsert('astcdr', rows);
  const client = await follow();
  expect(client.data('snapshot')[0]).toMatchObject({ is_more: true });
  expect([...shown(client).keys()]).toEqual(rows.slice(0, 1_000).map(({ uniqueid }) => uniqueid));
  const end = (...ids: string[]) => db.database('astcdr').whereIn('uniqueid', ids).update({ end_at: new Date() });
  await end('many-0500', 'many-0007');
  await until(() => client.data('difference').length === 1, 'the difference');
  const [difference] = client.data('difference');
  expect(difference).toMatchObject({ ended: ['many-0007', 'many-0500'], changed: [], is_more: false });
  expect(difference.added.map(({ uniqueid }: Row) => uniqueid)).toEqual(['many-1000', 'many-1001']);
  expect(await snapshot('?limit=1000')).toMatchObject({ total: 1_000, is_more: false });
  await db.database('astcdr').where('uniqueid', 'like', 'many-%').delete();
});
