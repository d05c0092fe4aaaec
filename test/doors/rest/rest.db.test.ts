/** Any other switch, over REST, on real databases. */

import { createHash } from 'node:crypto';
import pino from 'pino';
import { openTcpProxy } from '../../../lab/servers/tcp-proxy';
import { hangUpCalls } from '../../../src/accounts/during-calls';
import { setAccountStatus } from '../../../src/accounts/manage-account';
import { Expiry } from '../../../src/calls/expiry';
import { openCallStore } from '../../../src/calls/open-call-store';
import type { Switchboard } from '../../../src/calls/switchboard';
import { UnseenEnds } from '../../../src/calls/unseen-ends';
import { openConnection, openDatabase } from '../../../src/database/connection';
import { parseKeys } from '../../../src/doors/rest/rest-keys';
import { actingAs } from '../../../src/operator/acting';
import { addAccount, addDeck, differencesIn, lockAccount, moneyOf } from '../../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../../database/test-database';
import { until, Wire } from '../door-fixture';
import { ask, closeDoors, NODE, openDoor, settleAgain, type TestDoor } from './rest-fixture';

const CALL = { account: 'alice', number: '+49301234567' };

describe.each(engines)('REST on %s', engine => {
  let db: TestDatabase;
  let rest: TestDoor;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    // 1.00 a minute, 60/60; by the second; a flat one.
    await addDeck(db, 'retail', [
      {},
      { prefix: '49199', is_blocked: 1 },
      { prefix: '44', price_per_minute: '0.60', initial_increment_seconds: 1, increment_seconds: 1 },
    ]);
    rest = await openDoor(db);
  });
  afterEach(async () => {
    expect(await differencesIn(db.url)).toEqual([]);
  });
  afterAll(async () => {
    for (const unlock of locks) await unlock();
    await closeDoors();
    await db.drop();
  });

  const cdr = (callId: string) =>
    db
      .database('astcdr')
      .where({ uniqueid: `${NODE}:call:${callId}` })
      .first();
  const holds = (accountcode: string) => db.database('astcreditres').where({ accountcode });
  const money = (accountcode: string) => moneyOf(db, accountcode);
  const reasons = () => rest.door.figures.refusals;
  const lock = async (accountcode: string) => {
    const rollback = await lockAccount(db, accountcode);
    const unlock = async () => {
      locks.delete(unlock);
      await rollback();
    };
    locks.add(unlock);
    return unlock;
  };
  const locks = new Set<() => Promise<void>>();
  const expiry = (everyMs = 50) => {
    const log = pino({ level: 'silent' });
    return new Expiry({
      switchboard: { stateOf: () => undefined } as unknown as Switchboard,
      openCalls: openCallStore(db.database),
      records: { of: async () => new Map() },
      ends: new UnseenEnds(rest.ledger, log),
      log,
      everyMs,
    });
  };

  test('a call from its authorization to its bill', async () => {
    await addAccount(db, 'alice', '10');
    const granted = await rest.post('/v1/calls', { ...CALL, call_id: 'c1', caller: '4940=1', seconds: 120 });
    expect(granted.status).toBe(201);
    expect(granted.body).toEqual({
      call_id: 'c1',
      uniqueid: `${NODE}:call:c1`,
      accountcode: 'alice',
      granted_seconds: 120,
      max_cost: '2.00',
      currency: 'EUR',
      limited_by: 'request',
    });
    expect(await money('alice')).toEqual(['10.00', '2.00', 1]);
    expect((await rest.get('/v1/calls/c1')).body).toMatchObject({ state: 'open', number: '49301234567', cost: '0.00' });

    const at = new Date(Date.now() - 2_000).toISOString();
    expect((await rest.post('/v1/calls/c1/answered', { answered_at: at })).body).toMatchObject({
      state: 'answered',
      answered_at: at,
    });
    expect((await rest.post('/v1/calls/c1/extend', { seconds: 240 })).body).toMatchObject({
      granted_seconds: 240,
      max_cost: '4.00',
      limited_by: 'request',
    });
    expect((await rest.post('/v1/calls/c1/extend', { seconds: 7_200 })).body).toMatchObject({
      granted_seconds: 600,
      max_cost: '10.00',
      limited_by: 'account',
    });
    const settled = await settleAgain(rest, 'c1', { talk_seconds: 61.25, cause: 16, hung_up_by: 'caller' });
    expect(settled.status).toBe(200);
    expect(settled.body).toMatchObject({
      state: 'settled',
      cost: '2.00',
      currency: 'EUR',
      billsec: 61,
      billed_seconds: 120,
      overrun_seconds: 0,
      disposition: 'ANSWERED',
      answered_at: at,
      ended_at: new Date(Date.parse(at) + 61_250).toISOString(),
      hung_up_by: 'caller',
      evidence: 'event',
    });
    expect(await cdr('c1')).toMatchObject({ node: NODE, src: '49401', dst: '49301234567', is_fixed: 1, refusal: null });
    expect((await rest.get('/v1/accounts/alice')).body).toEqual({
      accountcode: 'alice',
      currency: 'EUR',
      status: 'active',
      balance: '8.00',
      credit_limit: '0.00',
      reserved: '0.00',
      available: '8.00',
      active_calls: 0,
    });
  });

  test('without seconds a call is granted all that the account pays for, up to the cap', async () => {
    await addAccount(db, 'whole', '10');
    await addAccount(db, 'rich', '1000');
    const whole = await rest.post('/v1/calls', { ...CALL, account: 'whole', call_id: 'w1' });
    expect(whole.body).toMatchObject({ granted_seconds: 600, max_cost: '10.00', limited_by: 'account' });
    const rich = await rest.post('/v1/calls', { ...CALL, account: 'rich', call_id: 'w2' });
    expect(rich.body).toMatchObject({ granted_seconds: 1800, limited_by: 'cap' });
    expect((await rest.post('/v1/calls/w2/extend', { seconds: 3_000 })).body).toMatchObject({
      granted_seconds: 1800,
      limited_by: 'cap',
    });
  });

  test.each([
    ['an unknown account', { account: 'nobody' }, 404, 'account_not_found', 21],
    ['no number', { number: 'alice@example' }, 422, 'number_invalid', 28],
    ['a barred number', { number: '900123' }, 403, 'number_barred', 21],
    ['a number behind two prefixes', { number: '0000900123' }, 422, 'number_invalid', 28],
    ['a number behind + and 00', { number: '+00900123' }, 422, 'number_invalid', 28],
    ['a barred number behind its prefix', { number: '00900123;npdi' }, 403, 'number_barred', 21],
    ['no money', {}, 402, 'insufficient_balance', 21],
    ['a blocked account', { account: 'shut' }, 403, 'account_blocked', 21],
    ['an expired account', { account: 'over' }, 403, 'account_expired', 21],
    ['an account without a rate', { account: 'rateless' }, 422, 'no_rate', 3],
    ['a number that is blocked in the deck', { number: '49199123' }, 403, 'destination_blocked', 21],
    ['an account with all its calls', { account: 'full' }, 429, 'too_many_calls', 17],
    ['an account that may start none in this second', { account: 'fast' }, 429, 'too_many_calls_per_second', 42],
    ['an account without time', { account: 'timeless' }, 403, 'time_used_up', 21],
  ])('%s is refused by its word, its status and its cause', async (what, more, status, word, cause) => {
    const make = async (accountcode: string, fields: Record<string, unknown>) => {
      if (await db.database('astaccount').where({ accountcode }).first()) return;
      await addAccount(db, accountcode, accountcode === 'poor' ? '0' : '10', fields);
    };
    await make('poor', {});
    await make('shut', { status: 'blocked' });
    await make('over', { expires_at: '2020-01-01' });
    await make('rateless', { deck: 'none' });
    await make('full', { max_channels: 1 });
    await make('fast', { max_calls_per_second: 1 });
    await make('timeless', { max_time: 60 });
    const account = 'account' in more ? more.account : 'poor';
    const start_at = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    if (account === 'full' || account === 'fast' || account === 'timeless') {
      await rest.post('/v1/calls', { ...CALL, account, call_id: `${account}-first`, seconds: 60, start_at });
    }
    const before = reasons()[word] ?? 0;
    const body = { ...CALL, account: 'poor', call_id: `refused-${what}`.replaceAll(' ', '-'), start_at, ...more };
    const refused = await rest.post('/v1/calls', body);
    expect(refused).toMatchObject({ status, body: { error: word, cause } });
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(reasons()[word]).toBe(before + 1);
    // Once more: refused for good.
    expect((await rest.post('/v1/calls', body)).body.error).toBe(word);
    expect(await db.database('astcreditres').where({ uniqueid: `${NODE}:call:${body.call_id}` })).toEqual([]);
    // A hook that settles every ended call learns that this one cost nothing.
    if (word === 'account_not_found') return;
    expect(await settleAgain(rest, body.call_id, { talk_seconds: null })).toMatchObject({
      status: 200,
      body: { state: 'refused', refusal: word, cost: '0.00' },
    });
    expect(await settleAgain(rest, body.call_id, { talk_seconds: 5 })).toMatchObject({
      status: 409,
      body: { error: 'call_refused', call: { refusal: word } },
    });
  });

  test('an emergency number is let through without an account, and without the database', async () => {
    const granted = await rest.post('/v1/calls', { account: 'nobody', number: '112', call_id: 'help' });
    expect(granted).toMatchObject({
      status: 201,
      body: { granted_seconds: 3600, max_cost: '0.00', currency: null, limited_by: 'cap' },
    });
    expect((await rest.post('/v1/calls/help/extend', { seconds: 60 })).body).toMatchObject({ granted_seconds: 3600 });
    expect((await rest.post('/v1/calls/help/answered', {})).body).toMatchObject({ state: 'answered' });
    expect((await settleAgain(rest, 'help', { talk_seconds: 30 })).body).toMatchObject({
      cost: '0.00',
      billsec: 30,
      currency: null,
    });
    const away = await openDoor(db, {}, { databaseUrl: db.url.replace(/:\d+\//, ':1/'), startDeadlineMs: 100 });
    expect(await away.post('/v1/calls', { account: 'x', number: '112', call_id: 'help2' })).toMatchObject({
      status: 201,
      body: { granted_seconds: 3600, max_cost: '0.00' },
    });
    expect(await away.post('/v1/calls', { ...CALL, call_id: 'away' })).toMatchObject({
      status: 503,
      body: { error: 'ledger_unavailable', cause: 38 },
    });
    await away.close();
  });

  test('an authorization that is repeated makes one hold; of another account or number, or after its end, it is refused', async () => {
    await addAccount(db, 'again', '10');
    const body = { ...CALL, account: 'again', call_id: 'a1', seconds: 120 };
    const answers = await Promise.all(Array.from({ length: 5 }, () => rest.post('/v1/calls', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body);
    const next = await openDoor(db);
    expect(await next.post('/v1/calls', body)).toEqual({ ...answers[0], status: 200, headers: expect.anything() });
    await next.close();
    expect(await money('again')).toEqual(['10.00', '2.00', 1]);
    // What it is granted by now.
    await rest.post('/v1/calls/a1/extend', { seconds: 180 });
    expect((await rest.post('/v1/calls', body)).body).toMatchObject({ granted_seconds: 180, max_cost: '3.00' });
    await addAccount(db, 'other', '10');
    for (const more of [{ account: 'other' }, { number: '4940' }]) {
      expect(await rest.post('/v1/calls', { ...body, ...more })).toMatchObject({
        status: 409,
        body: { error: 'uniqueid_reused', cause: 38 },
      });
    }
    await settleAgain(rest, 'a1', { talk_seconds: 5 });
    expect(await rest.post('/v1/calls', body)).toMatchObject({ status: 409, body: { error: 'uniqueid_reused' } });
    expect(await money('again')).toEqual(['9.00', '0.00', 0]);
  });

  test('20 at once against money for 10: 10 are let through, and no money is spent twice', async () => {
    await addAccount(db, 'rush', '10');
    const ids = Array.from({ length: 20 }, (_, index) => `rush-${index}`);
    const answers = await Promise.all(
      ids.map(call_id => rest.post('/v1/calls', { ...CALL, account: 'rush', call_id, seconds: 60 })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter(status => status === 201)).toHaveLength(10);
    expect(statuses.filter(status => status === 402)).toHaveLength(10);
    expect(await money('rush')).toEqual(['10.00', '10.00', 10]);
    const settled = await Promise.all(ids.map(id => settleAgain(rest, id, { talk_seconds: '59.999' })));
    expect(settled.filter(({ status }) => status === 200).map(({ body }) => body.cost)).toEqual(Array(10).fill('1.00'));
    expect(await money('rush')).toEqual(['0.00', '0.00', 0]);
  });

  test('a settlement that is repeated, at once, later or by another service, charges once; another one is told what was charged', async () => {
    await addAccount(db, 'once', '10');
    await rest.post('/v1/calls', { ...CALL, account: 'once', call_id: 'o1' });
    const body = { talk_seconds: '61.000', cause: 31 };
    const answers = await Promise.all(Array.from({ length: 5 }, () => settleAgain(rest, 'o1', body)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { cost: '2.00', cause: 31 } });
    const next = await openDoor(db);
    expect((await next.post('/v1/calls/o1/settle', body)).body).toEqual(answers[0]?.body);
    await next.close();
    // The same talk, otherwise written, and nothing that would differ.
    expect((await settleAgain(rest, 'o1', { talk_seconds: 61 })).body).toEqual(answers[0]?.body);
    for (const other of [{ talk_seconds: 60 }, { talk_seconds: 61, cause: 16 }, { talk_seconds: null }]) {
      expect(await settleAgain(rest, 'o1', other)).toMatchObject({
        status: 409,
        body: { error: 'call_settled_already', call: { cost: '2.00', billsec: 61 } },
      });
    }
    expect(await rest.post('/v1/calls/o1/extend', { seconds: 600 })).toMatchObject({
      status: 409,
      body: { error: 'call_settled_already', call: { cost: '2.00' } },
    });
    expect(await rest.post('/v1/calls/o1/answered', {})).toMatchObject({ status: 409 });
    expect(await money('once')).toEqual(['8.00', '0.00', 0]);
    const entries = await db.database('astledger').where({ accountcode: 'once', kind: 'call_charge' });
    expect(entries).toHaveLength(1);
  });

  test.each([
    ['talk in seconds as a text', { talk_seconds: '61.250' }, 61, '2.00'],
    ['talk as a number', { talk_seconds: 60.9 }, 60, '1.00'],
    ['nobody answered', { talk_seconds: null }, 0, '0.00'],
    ['no talk, and no answer was told', { talk_seconds: 0 }, 0, '0.00'],
    ['nothing at all, and no answer was told', {}, 0, '0.00'],
    ['both instants', { answered_at: 'T-70', ended_at: 'T-9' }, 61, '2.00'],
    ['the answer alone: until now', { answered_at: 'T-61.1' }, 61, '2.00'],
    ['talk and its end', { talk_seconds: 10, ended_at: 'T-100' }, 10, '1.00'],
  ])('%s is charged as said', async (what, message, billsec, cost) => {
    if (!(await db.database('astaccount').where({ accountcode: 'forms' }).first())) await addAccount(db, 'forms', '99');
    const call_id = `forms-${what}`.replaceAll(/\W/g, '-');
    await rest.post('/v1/calls', { ...CALL, account: 'forms', call_id, seconds: 120 });
    const body = Object.fromEntries(Object.entries(message).map(([name, value]) => [name, atT(value)]));
    const settled = await settleAgain(rest, call_id, body);
    expect(settled).toMatchObject({ status: 200, body: { billsec, cost } });
    expect(settled.body.disposition).toBe(cost === '0.00' ? 'NO ANSWER' : 'ANSWERED');
    expect((await settleAgain(rest, call_id, body)).body).toEqual(settled.body);
  });

  test('talk from an answer that was told, and an answered call of no whole second', async () => {
    await addAccount(db, 'told', '10');
    const answered_at = new Date(Date.now() - 61_500).toISOString();
    for (const [call_id, body, billsec] of [
      ['t1', {}, 61],
      ['t2', { talk_seconds: 0 }, 0],
      ['t3', { talk_seconds: 0.5 }, 0],
    ] as const) {
      await rest.post('/v1/calls', { ...CALL, account: 'told', call_id, seconds: 120 });
      await rest.post(`/v1/calls/${call_id}/answered`, { answered_at });
      const settled = await settleAgain(rest, call_id, body);
      expect(settled.body).toMatchObject({ billsec, disposition: 'ANSWERED', answered_at });
      expect((await settleAgain(rest, call_id, body)).body).toEqual(settled.body);
    }
    expect(await money('told')).toEqual(['6.00', '0.00', 0]);
    // Reported by mistake: the switch says that there was no talk.
    await rest.post('/v1/calls', { ...CALL, account: 'told', call_id: 't4', seconds: 60 });
    await rest.post('/v1/calls/t4/answered', {});
    const settled = await settleAgain(rest, 't4', { talk_seconds: null, cause: 17 });
    expect(settled.body).toMatchObject({ cost: '0.00', disposition: 'BUSY', answered_at: null });
    expect(await money('told')).toEqual(['6.00', '0.00', 0]);
  });

  test('an answer is told once: the first counts, another is refused', async () => {
    await addAccount(db, 'answers', '10');
    await rest.post('/v1/calls', { ...CALL, account: 'answers', call_id: 'n1' });
    const answers = await Promise.all(Array.from({ length: 4 }, () => rest.post('/v1/calls/n1/answered', {})));
    const { answered_at } = answers[0]?.body ?? {};
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { answered_at } });
    expect(await rest.post('/v1/calls/n1/answered', { answered_at })).toMatchObject({ status: 200 });
    const other = new Date(Date.parse(answered_at) + 1).toISOString();
    expect(await rest.post('/v1/calls/n1/answered', { answered_at: other })).toMatchObject({
      status: 409,
      body: { error: 'answered_already', call: { answered_at } },
    });
  });

  test('talk beyond the grant is told, not charged', async () => {
    await addAccount(db, 'overrun', '1');
    await rest.post('/v1/calls', { ...CALL, account: 'overrun', call_id: 'v1' });
    expect((await settleAgain(rest, 'v1', { talk_seconds: 75 })).body).toMatchObject({
      cost: '1.00',
      billsec: 75,
      billed_seconds: 60,
      overrun_seconds: 15,
    });
  });

  test('a call of which nobody tells the end: answered, it is charged up to its limit; not answered, it is freed', async () => {
    await addAccount(db, 'lost', '10');
    for (const call_id of ['l1', 'l2']) {
      await rest.post('/v1/calls', { ...CALL, account: 'lost', call_id, seconds: 120 });
    }
    const aliveSeconds = async (callId: string) =>
      Number(
        (
          await db
            .database('astcreditres')
            .where({ uniqueid: `${NODE}:call:${callId}` })
            .first(db.database.raw('TIMESTAMPDIFF(SECOND, created_at, expires_at) AS alive'))
        ).alive,
      );
    // Ring, talk, a minute.
    expect(await aliveSeconds('l1')).toBeGreaterThanOrEqual(300 + 120 + 59);
    await rest.post('/v1/calls/l1/answered', {});
    await holds('lost').update({ expires_at: '2020-01-01' });
    const sweep = expiry();
    await until(async () => expect(await holds('lost')).toEqual([]));
    sweep.close();
    expect((await rest.get('/v1/calls/l1')).body).toMatchObject({
      cost: '2.00',
      billsec: 120,
      hung_up_by: 'limit',
      evidence: 'none',
    });
    expect((await rest.get('/v1/calls/l2')).body).toMatchObject({ cost: '0.00', disposition: 'NO ANSWER' });
    expect(await money('lost')).toEqual(['8.00', '0.00', 0]);
    // What comes after that gets what was charged.
    for (const [call_id, cost] of [
      ['l1', '2.00'],
      ['l2', '0.00'],
    ] as const) {
      expect(await settleAgain(rest, call_id, { talk_seconds: 50 })).toMatchObject({
        status: 409,
        body: { error: 'call_settled_already', call: { cost, evidence: 'none' } },
      });
    }
    expect(await money('lost')).toEqual(['8.00', '0.00', 0]);
  });

  test('a connection that drops before the answer, and the same again: one hold, one charge', async () => {
    await addAccount(db, 'dropped', '10');
    const drop = async (path: string, body: unknown, during: () => Promise<void>) => {
      const wire = await Wire.open(rest.port);
      wire.socket.pause();
      const text = JSON.stringify(body);
      wire.send(
        `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-length: ${text.length}\r\n\r\n${text}`,
      );
      await during();
      wire.socket.resetAndDestroy();
    };
    const call = { ...CALL, account: 'dropped', call_id: 'd1', seconds: 120 };
    await drop('/v1/calls', call, () => until(async () => expect(await holds('dropped')).toHaveLength(1)));
    expect((await rest.post('/v1/calls', call)).status).toBe(200);
    const settle = { talk_seconds: 61 };
    await drop('/v1/calls/d1/settle', settle, () => until(async () => expect(await holds('dropped')).toEqual([])));
    expect((await settleAgain(rest, 'd1', settle)).body.cost).toBe('2.00');
    expect(await money('dropped')).toEqual(['8.00', '0.00', 0]);
  });

  test('a settlement while the database stands still is answered within seconds, and done when it goes on', async () => {
    await addAccount(db, 'locked', '10');
    await rest.post('/v1/calls', { ...CALL, account: 'locked', call_id: 'k1' });
    const unlock = await lock('locked');
    const startedAt = performance.now();
    const late = await rest.post('/v1/calls/k1/settle', { talk_seconds: 61 });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(late).toMatchObject({ status: 503, body: { error: 'ledger_unavailable' } });
    expect(late.headers.get('retry-after')).toBe('1');
    expect(rest.door.waiting).toBe(1);
    // The same again waits for the same.
    const again = rest.post('/v1/calls/k1/settle', { talk_seconds: 61 });
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(rest.door.waiting).toBe(1);
    await unlock();
    expect(await again).toMatchObject({ status: 200, body: { cost: '2.00' } });
    await until(() => expect(rest.door.waiting).toBe(0));
    expect(await money('locked')).toEqual(['8.00', '0.00', 0]);
  });

  test('while the database is away nothing is let through and nothing is lost; when it is back a repeat hears what became of it', async () => {
    await addAccount(db, 'away', '10');
    const url = new URL(db.url);
    const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const database = openDatabase(url.toString());
    const behind = await openDoor({ url: url.toString(), database }, {}, { startDeadlineMs: 300 });
    for (const call_id of ['y1', 'y2'])
      await behind.post('/v1/calls', { ...CALL, account: 'away', call_id, seconds: 60 });
    await proxy.cut();
    const unavailable = { status: 503, body: { error: 'ledger_unavailable' } };
    expect(await behind.post('/v1/calls', { ...CALL, account: 'away', call_id: 'y3' })).toMatchObject(unavailable);
    expect(await behind.get('/v1/calls/y1')).toMatchObject(unavailable);
    expect(await behind.get('/v1/accounts/away')).toMatchObject(unavailable);
    const told = await Promise.all(
      ['y1', 'y2'].map(id => behind.post(`/v1/calls/${id}/settle`, { answered_at: atT('T-30') })),
    );
    for (const answer of told) expect(answer).toMatchObject(unavailable);
    expect(behind.door.waiting).toBe(2);
    await proxy.restore();
    await until(async () => expect(await money('away')).toEqual(['8.00', '0.00', 0]));
    // Until it was reported, not until it could be written.
    expect((await behind.get('/v1/calls/y1')).body).toMatchObject({ billsec: 30, cost: '1.00' });
    expect((await behind.post('/v1/calls/y2/settle', {})).body).toMatchObject({ billsec: 30, cost: '1.00' });
    // It is asked for all that wait, and said once.
    expect(behind.lines.filter(({ event }) => event === 'rest_calls_not_read')).toHaveLength(1);
    await behind.close();
    await database.destroy();
    await proxy.cut();
  });

  test.each(['strict', 'shared'])('an account of mode %s grants what is asked for, and more when it is', async mode => {
    const account = `mode-${mode}`;
    await addAccount(db, account, '10', { mode, slice_seconds: 60, max_call_seconds: 300 });
    const call = (call_id: string, seconds?: number) => rest.post('/v1/calls', { ...CALL, account, call_id, seconds });
    expect((await call(`${mode}-1`)).body).toMatchObject({ granted_seconds: 300, limited_by: 'cap' });
    expect((await call(`${mode}-2`, 120)).body).toMatchObject({ granted_seconds: 120, limited_by: 'request' });
    expect((await call(`${mode}-3`)).body).toMatchObject({ granted_seconds: 180, limited_by: 'account' });
    expect((await rest.post(`/v1/calls/${mode}-2/extend`, { seconds: 180 })).body).toMatchObject({
      granted_seconds: 120,
      limited_by: 'account',
    });
    await settleAgain(rest, `${mode}-1`, { talk_seconds: null });
    expect((await rest.post(`/v1/calls/${mode}-2/extend`, { seconds: 180 })).body).toMatchObject({
      granted_seconds: 180,
      limited_by: 'request',
    });
    expect(await money(account)).toEqual(['10.00', '6.00', 2]);
    // A blocked account's call talks on, and gets nothing more.
    await db.database('astaccount').where({ accountcode: account }).update({ status: 'blocked' });
    expect((await rest.post(`/v1/calls/${mode}-2/extend`, { seconds: 240 })).body).toMatchObject({
      granted_seconds: 180,
      limited_by: 'account',
    });
  });

  describe('a call that an operator wants ended', () => {
    const call = (account: string, call_id: string, seconds?: number) =>
      rest.post('/v1/calls', { ...CALL, account, call_id, seconds });
    const extend = (call_id: string) => rest.post(`/v1/calls/${call_id}/extend`, { seconds: 180 });
    const wanted = (accountcode: string) =>
      db.database('astoutbox').where({ accountcode, kind: 'hangup_wanted' }).orderBy('event_id').pluck('uniqueid');
    const refusedToGrow = {
      status: 409,
      body: {
        error: 'hangup_wanted',
        cause: 21,
        message: expect.stringContaining('end it now'),
        call: { state: 'open', granted_seconds: 120, hangup_wanted: true },
      },
    };

    test('is refused more, and the same again, keeps what it holds, and is told by an event; the next call is free', async () => {
      await addAccount(db, 'hung', '10');
      await call('hung', 'hung-1', 120);
      await hangUpCalls(actingAs('test', db.database), 'hung');
      await hangUpCalls(actingAs('test', db.database), 'hung');
      await call('hung', 'hung-2', 120);
      expect(await wanted('hung')).toEqual([`${NODE}:call:hung-1`]);
      expect(await extend('hung-1')).toMatchObject(refusedToGrow);
      expect(await call('hung', 'hung-1', 120)).toMatchObject(refusedToGrow);
      expect(await money('hung')).toEqual(['10.00', '4.00', 2]);
      expect(await extend('hung-2')).toMatchObject({ status: 200, body: { granted_seconds: 180 } });
      expect((await rest.get('/v1/calls/hung-2')).body).toMatchObject({ hangup_wanted: false });
      const settled = { talk_seconds: 30, hung_up_by: 'operator' };
      expect((await settleAgain(rest, 'hung-1', settled)).body).toMatchObject({
        cost: '1.00',
        state: 'settled',
      });
      expect(await extend('hung-1')).toMatchObject({ status: 409, body: { error: 'call_settled_already' } });
    });

    test('because its account was blocked may go on when that is taken back', async () => {
      await addAccount(db, 'taken', '10');
      await call('taken', 'taken-1', 120);
      await setAccountStatus(actingAs('test', db.database), 'taken', 'blocked');
      await setAccountStatus(actingAs('test', db.database), 'taken', 'blocked');
      expect(await wanted('taken')).toEqual([`${NODE}:call:taken-1`]);
      expect(await extend('taken-1')).toMatchObject(refusedToGrow);
      await setAccountStatus(actingAs('test', db.database), 'taken', 'active');
      expect(await extend('taken-1')).toMatchObject({ status: 200, body: { granted_seconds: 180 } });
    });

    test('is still wanted ended when its account was blocked and unblocked since: only the blocking is taken back', async () => {
      await addAccount(db, 'both', '10');
      await call('both', 'both-1', 120);
      await hangUpCalls(actingAs('test', db.database), 'both');
      await call('both', 'both-2', 120);
      await setAccountStatus(actingAs('test', db.database), 'both', 'blocked');
      await setAccountStatus(actingAs('test', db.database), 'both', 'active');
      expect(await extend('both-1')).toMatchObject(refusedToGrow);
      expect(await extend('both-2')).toMatchObject({ status: 200, body: { granted_seconds: 180 } });
    });

    test('grows in no order of hang-up and extension that come at once', async () => {
      await addAccount(db, 'torrent', '1000');
      const ids = Array.from({ length: 20 }, (_, index) => `torrent-${index}`);
      for (const id of ids) await call('torrent', id, 120);
      const [answers] = await Promise.all([
        Promise.all(ids.map(extend)),
        hangUpCalls(actingAs('test', db.database), 'torrent'),
      ]);
      for (const [index, id] of ids.entries()) {
        const { granted_seconds } = await cdr(id);
        const { status, body } = answers[index] as { status: number; body: { granted_seconds: number } };
        // One that was granted before the operator's word has it; one after that has what it had, said in one way or the other.
        expect(status === 200 ? body.granted_seconds : 120).toBe(granted_seconds);
        expect(await extend(id)).toMatchObject({
          status: 409,
          body: { error: 'hangup_wanted', call: { granted_seconds } },
        });
      }
    });
  });

  test('a settlement in time for an answer that is still on its way charges it', async () => {
    await addAccount(db, 'behind', '10');
    await rest.post('/v1/calls', { ...CALL, account: 'behind', call_id: 'b1' });
    const unlock = await lock('behind');
    const answered = rest.post('/v1/calls/b1/answered', {
      answered_at: new Date(Date.now() - 30_000).toISOString(),
    });
    await new Promise(resolve => setTimeout(resolve, 100));
    const settled = settleAgain(rest, 'b1', {});
    await new Promise(resolve => setTimeout(resolve, 100));
    await unlock();
    await answered;
    expect((await settled).body).toMatchObject({ cost: '1.00', billsec: 30 });
  });

  test('an authorization that came too late is kept for whoever asks again, at any service, and goes away when it is settled', async () => {
    await addAccount(db, 'late', '10');
    const hasty = await openDoor(db, {}, { startDeadlineMs: 50 });
    const unlock = await lock('late');
    const call = { ...CALL, account: 'late', call_id: 'h1', seconds: 60 };
    const late = await hasty.post('/v1/calls', call);
    expect(late).toMatchObject({ status: 503, body: { error: 'ledger_unavailable' } });
    expect(late.headers.get('retry-after')).toBe('1');
    await unlock();
    await until(async () => expect(await holds('late')).toHaveLength(1));
    await hasty.close();
    expect(await rest.post('/v1/calls', call)).toMatchObject({ status: 200, body: { granted_seconds: 60 } });
    expect((await settleAgain(rest, 'h1', { talk_seconds: 5 })).body).toMatchObject({ cost: '1.00' });
    expect(await money('late')).toEqual(['9.00', '0.00', 0]);
  });

  describe('a call that nobody knows yet whether it was let through', () => {
    const NULL = { talk_seconds: null };
    const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
    const unavailable = { status: 503, body: { error: 'ledger_unavailable' } };
    let hasty: TestDoor;
    // One each: a ledger with waiting work takes no more starts than it can do in time.
    beforeEach(async () => {
      hasty = await openDoor(db, {}, { startDeadlineMs: 250 });
    });
    afterEach(() => hasty.close());

    test('is settled as soon as its authorization is committed: nothing stays held', async () => {
      await addAccount(db, 'doubt', '10');
      const unlock = await lock('doubt');
      expect(await hasty.post('/v1/calls', { ...CALL, account: 'doubt', call_id: 'q1' })).toMatchObject(unavailable);
      const settled = hasty.post('/v1/calls/q1/settle', NULL);
      await pause(100);
      expect(hasty.door.waiting).toBe(1);
      await unlock();
      expect(await settled).toMatchObject({ status: 200, body: { state: 'settled', cost: '0.00' } });
      expect(await hasty.post('/v1/calls/q1/settle', NULL)).toMatchObject({ status: 200, body: { cost: '0.00' } });
      expect(await money('doubt')).toEqual(['10.00', '0.00', 0]);
      expect(await hasty.post('/v1/calls', { ...CALL, account: 'doubt', call_id: 'q2' })).toMatchObject({
        status: 201,
      });
      await hasty.post('/v1/calls/q2/settle', NULL);
    });

    test('ten of them, over a database in which nothing can be written for a while', async () => {
      const names = Array.from({ length: 10 }, (_, index) => `still-${index}`);
      for (const name of names) await addAccount(db, name, '10');
      const connection = await openConnection(db.url);
      // Of this database alone: calls can be read, and not written.
      await connection.query('LOCK TABLES astcdr READ');
      const told = await Promise.all(
        names.map(async name => {
          const asked = await hasty.post('/v1/calls', { ...CALL, account: name, call_id: name });
          return [asked.status, (await hasty.post(`/v1/calls/${name}/settle`, NULL)).status];
        }),
      );
      await connection.query('UNLOCK TABLES');
      await connection.end();
      expect(told).toEqual(names.map(() => [503, 503]));
      await until(() => expect(hasty.door.waiting).toBe(0));
      // Settled, or never there: that depends on what the database had already received.
      for (const name of names)
        expect(await hasty.post(`/v1/calls/${name}/settle`, NULL)).not.toMatchObject(unavailable);
      for (const name of names) expect(await money(name)).toEqual(['10.00', '0.00', 0]);
    });

    test('is settled after its authorization, where the switch did not wait for that', async () => {
      await addAccount(db, 'gone', '10');
      const unlock = await lock('gone');
      const asked = rest.post('/v1/calls', { ...CALL, account: 'gone', call_id: 'q3' });
      await pause(100);
      const settled = settleAgain(rest, 'q3', { talk_seconds: 5 });
      await pause(100);
      await unlock();
      expect(await asked).toMatchObject({ status: 201 });
      expect(await settled).toMatchObject({ status: 200, body: { cost: '1.00' } });
      expect(await money('gone')).toEqual(['9.00', '0.00', 0]);
    });

    test('was never there, when the database had not heard of it in time: 404, and the same call_id may be used', async () => {
      await addAccount(db, 'queued', '10');
      const unlock = await lock('queued');
      const call = (call_id: string) => ({ ...CALL, account: 'queued', call_id, seconds: 60 });
      const first = hasty.post('/v1/calls', call('q4'));
      await pause(50);
      expect(await hasty.post('/v1/calls', call('q5'))).toMatchObject(unavailable);
      expect(await first).toMatchObject(unavailable);
      const settled = hasty.post('/v1/calls/q5/settle', NULL);
      await pause(50);
      await unlock();
      expect(await settled).toMatchObject({ status: 404, body: { error: 'call_not_found' } });
      expect(await hasty.post('/v1/calls/q5/settle', NULL)).toMatchObject({ status: 404 });
      expect(await hasty.post('/v1/calls', call('q5'))).toMatchObject({ status: 201 });
      for (const id of ['q4', 'q5']) expect((await hasty.post(`/v1/calls/${id}/settle`, NULL)).status).toBe(200);
      expect(await money('queued')).toEqual(['10.00', '0.00', 0]);
    });

    test('was refused too late to be told: its settlement hears so', async () => {
      await addAccount(db, 'pauper', '0');
      const unlock = await lock('pauper');
      expect(await hasty.post('/v1/calls', { ...CALL, account: 'pauper', call_id: 'q6' })).toMatchObject(unavailable);
      const settled = hasty.post('/v1/calls/q6/settle', NULL);
      await pause(50);
      await unlock();
      expect(await settled).toMatchObject({ status: 200, body: { refusal: 'insufficient_balance', cost: '0.00' } });
      expect(hasty.lines.filter(({ event, uniqueid }) => event === 'rest_settled' && uniqueid?.endsWith('q6'))).toEqual(
        [],
      );
    });

    test('is an emergency call, let through before it could be written: it ends when it is', async () => {
      await addAccount(db, 'helped', '10');
      const unlock = await lock('helped');
      const call = { account: 'helped', number: '112', call_id: 'q7' };
      expect(await hasty.post('/v1/calls', call)).toMatchObject({ status: 201 });
      expect(await hasty.post('/v1/calls/q7/settle', { talk_seconds: 30 })).toMatchObject(unavailable);
      await unlock();
      await until(() => expect(hasty.door.waiting).toBe(0));
      expect(await cdr('q7')).toMatchObject({ billsec: 30, cost: '0.000000' });
      expect(await money('helped')).toEqual(['10.00', '0.00', 0]);
    });
  });

  test('a key of its own for each switch: no other is let in, and none touches the calls of another', async () => {
    await addAccount(db, 'one.carol', '10');
    const hash = (key: string) => createHash('sha256').update(key).digest('hex');
    const keyed = await openDoor(db, {
      keys: parseKeys([`one=${hash('secret-1')}`, `one=${hash('secret-2')}`, `two=${hash('secret-3')}`]),
      account: '{key}.{account}',
    });
    const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
    const call = { account: 'carol', number: '49301', call_id: 'same', seconds: 60 };
    for (const headers of [{}, bearer('secret-4'), { Authorization: 'Basic c2VjcmV0LTE=' }, bearer('')]) {
      const refused = await keyed.post('/v1/calls', call, headers);
      expect(refused).toMatchObject({ status: 401, body: { error: 'unauthorized' } });
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(await keyed.post('/v1/calls', call, bearer('secret-1'))).toMatchObject({
      status: 201,
      body: { accountcode: 'one.carol', uniqueid: `${NODE}:call:one/same` },
    });
    expect(await keyed.post('/v1/calls', call, bearer('secret-2'))).toMatchObject({ status: 200 });
    expect(await keyed.post('/v1/calls', call, bearer('secret-3'))).toMatchObject({
      status: 404,
      body: { error: 'account_not_found' },
    });
    for (const path of ['settle', 'answered']) {
      expect(await keyed.post(`/v1/calls/same/${path}`, {}, bearer('secret-3'))).toMatchObject({
        status: 404,
        body: { error: 'call_not_found' },
      });
    }
    expect(await keyed.get('/v1/accounts/carol', bearer('secret-3'))).toMatchObject({ status: 404 });
    expect((await keyed.get('/v1/accounts/carol', bearer('secret-1'))).body).toMatchObject({ reserved: '1.00' });
    await keyed.post('/v1/calls/same/settle', { talk_seconds: 1 }, bearer('secret-2'));
    // What every peer may read needs none.
    expect((await fetch(`http://127.0.0.1:${keyed.port}/`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${keyed.port}/openapi.json`)).status).toBe(200);
    await keyed.close();
    expect(JSON.stringify(keyed.lines)).not.toContain('secret-');
    expect(await money('one.carol')).toEqual(['9.00', '0.00', 0]);
  });

  test('without keys it listens on loopback only, to hosts that are addresses, and to listed peers', async () => {
    const listen = { host: '0.0.0.0', port: 0 };
    await expect(openDoor(db, { listen } as object)).rejects.toThrow(
      'RINGFENCE_REST_LISTEN: 0.0.0.0 is not loopback, and RINGFENCE_REST_KEYS has no key',
    );
    await expect(openDoor(db, { account: '{key}.{account}' })).rejects.toThrow('RINGFENCE_REST_KEYS names none');
    for (const [host, status] of [
      ['evil.example:8080', 403],
      ['127.0.0.1:1', 404],
      ['localhost', 404],
      ['[::1]:8010', 404],
    ] as const) {
      const wire = await Wire.open(rest.port);
      wire.send(`GET /v1/calls/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(await wire.answer()).toContain(`HTTP/1.1 ${status} `);
      wire.close();
    }
    const closed = await openDoor(db, { peers: { has: address => address === '127.0.0.3' } });
    const wire = await Wire.open(closed.port);
    wire.send('GET /v1/calls/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    expect(await wire.answer()).toBe('');
    expect(closed.lines).toContainEqual(expect.objectContaining({ reason: 'peer_not_allowed', peer: '127.0.0.1' }));
    await closed.close();
  });

  test.each([
    ['no JSON', '{', {}, 400, 'json_invalid', null],
    ['no object', '[]', {}, 400, 'json_invalid', null],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'json_invalid', null],
    ['a field twice', '{"call_id":"x","account":"a","number":"1","account":"b"}', {}, 400, 'json_invalid', null],
    ['a field missing', '{"account":"alice","number":"1"}', {}, 400, 'field_missing', 'call_id'],
    ['a field too much', '{"call_id":"x","account":"a","number":"1","admin":true}', {}, 400, 'field_unknown', 'admin'],
    ['a prototype', '{"call_id":"x","account":"a","number":"1","__proto__":{}}', {}, 400, 'field_unknown', '__proto__'],
    ['a number for a text', '{"call_id":"x","account":"a","number":1}', {}, 400, 'field_invalid', 'number'],
    [
      'seconds as a text',
      '{"call_id":"x","account":"a","number":"1","seconds":"9"}',
      {},
      400,
      'field_invalid',
      'seconds',
    ],
    [
      'a part of a second',
      '{"call_id":"x","account":"a","number":"1","seconds":1.5}',
      {},
      400,
      'field_invalid',
      'seconds',
    ],
    ['depth', `{"call_id":${'['.repeat(5000)}${']'.repeat(5000)}}`, {}, 400, 'field_invalid', 'call_id'],
    ['a blank in call_id', '{"call_id":"a b","account":"a","number":"1"}', {}, 400, 'field_invalid', 'call_id'],
    ['half a letter', '{"call_id":"x","account":"\\ud800","number":"1"}', {}, 400, 'field_invalid', 'account'],
    [
      'a start of last year',
      '{"call_id":"x","account":"a","number":"1","start_at":"2020-01-01T00:00:00Z"}',
      {},
      400,
      'field_invalid',
      'start_at',
    ],
    [
      '30 February',
      '{"call_id":"x","account":"a","number":"1","start_at":"2026-02-30T00:00:00Z"}',
      {},
      400,
      'field_invalid',
      'start_at',
    ],
    [
      'a form',
      'call_id=x',
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      415,
      'content_type_wrong',
      undefined,
    ],
    ['a key of no letters', '{}', { 'Idempotency-Key': '""' }, 400, 'field_missing', 'call_id'],
    ['a body too long', `{"call_id":"${'x'.repeat(17_000)}"}`, {}, 413, 'message_too_long', undefined],
  ])('%s is refused by name', async (_, body, headers, status, word, field) => {
    const before = await db.database('astcdr').count({ calls: '*' });
    const answer = await ask(rest.port, 'POST', '/v1/calls', body as string, headers);
    expect(answer).toMatchObject({ status, body: { error: word, ...(field !== undefined && { field }) } });
    expect(answer.body.message).not.toMatch(/[\r\n]/);
    expect(answer.body.message.length).toBeLessThan(300);
    expect(await db.database('astcdr').count({ calls: '*' })).toEqual(before);
  });

  test('settlements that contradict themselves, and paths that are none, are refused by name', async () => {
    const at = new Date().toISOString();
    const earlier = new Date(Date.now() - 1000).toISOString();
    for (const body of [
      { talk_seconds: 1, answered_at: at },
      { answered_at: at, ended_at: earlier },
    ]) {
      expect(await settleAgain(rest, 'x', body)).toMatchObject({
        status: 400,
        body: { field: 'answered_at' },
      });
    }
    for (const talk_seconds of [-1, 1e21, 0.0001, '1e3', ' 1', '1,5', true, Number.MAX_SAFE_INTEGER]) {
      expect(await settleAgain(rest, 'x', { talk_seconds })).toMatchObject({
        status: 400,
        body: { field: 'talk_seconds' },
      });
    }
    expect(await settleAgain(rest, 'unheard-of', {})).toMatchObject({
      status: 404,
      body: { error: 'call_not_found' },
    });
    expect(await rest.get('/v1/calls/%ff')).toMatchObject({ status: 400, body: { error: 'path_invalid' } });
    expect(await rest.get('/v1/calls/a%20b')).toMatchObject({ status: 400, body: { error: 'path_invalid' } });
    expect(await rest.get('/v1/nothing')).toMatchObject({ status: 404, body: { error: 'path_unknown' } });
    const wrong = await rest.get('/v1/calls/x/settle');
    expect(wrong).toMatchObject({ status: 405, body: { error: 'method_not_allowed' } });
    expect(wrong.headers.get('allow')).toBe('POST');
  });

  test('an Idempotency-Key is taken again for the same content, and refused for another', async () => {
    await addAccount(db, 'keyed', '10');
    const call = { ...CALL, account: 'keyed', call_id: 'i1', seconds: 60 };
    const key = { 'Idempotency-Key': '"8e03978e"' };
    expect((await rest.post('/v1/calls', call, key)).status).toBe(201);
    // The fields in another order are the same content.
    const turned = Object.fromEntries(Object.entries(call).reverse());
    expect((await rest.post('/v1/calls', turned, key)).status).toBe(200);
    expect(await rest.post('/v1/calls', { ...call, call_id: 'i2' }, key)).toMatchObject({
      status: 422,
      body: { error: 'idempotency_key_reused' },
    });
    // One key for all that is asked of a call would be another operation's.
    expect((await settleAgain(rest, 'i1', { talk_seconds: 1 }, key)).status).toBe(200);
    expect(await rest.post('/v1/calls', call, { 'Idempotency-Key': 'ä' })).toMatchObject({
      status: 400,
      body: { error: 'idempotency_key_invalid' },
    });
    expect(await money('keyed')).toEqual(['9.00', '0.00', 0]);
  });

  test('a call_id of any printable characters, and one that is too long for the column', async () => {
    await addAccount(db, 'ids', '10');
    for (const call_id of ['a/b?c#d%e@host:5060;x="y"', 'y'.repeat(200)]) {
      expect((await rest.post('/v1/calls', { ...CALL, account: 'ids', call_id, seconds: 60 })).status).toBe(201);
      const path = `/v1/calls/${encodeURIComponent(call_id)}`;
      expect((await rest.get(path)).body.call_id).toBe(call_id);
      expect((await rest.post(`${path}/settle`, { talk_seconds: 1 })).body.cost).toBe('1.00');
    }
    expect((await rest.get('/v1/accounts/nobody%20here')).status).toBe(404);
  });

  test('numbers are masked in the log, and what is logged of a refusal is not what was sent', async () => {
    await rest.post('/v1/calls', { account: 'alice', number: '90098765', call_id: 'm1' });
    await rest.post('/v1/calls', { account: 'alice', number: '491511112222', call_id: 'm2', seconds: 60 });
    const text = JSON.stringify(rest.lines);
    expect(text).not.toContain('98765');
    expect(text).not.toContain('1112222');
    expect(rest.lines).toContainEqual(expect.objectContaining({ event: 'rest_granted', dst: '491511112***' }));
  });
});

/** `T-61.1`: so many seconds before now, as an instant. */
const atT = (value: unknown): unknown =>
  typeof value === 'string' && value.startsWith('T')
    ? new Date(Date.now() + Number(value.slice(1)) * 1000).toISOString()
    : value;
