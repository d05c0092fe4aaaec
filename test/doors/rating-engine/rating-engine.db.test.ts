/** Call Control's own bytes, on real databases. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { hangUpCalls } from '../../../src/accounts/during-calls';
import { Expiry } from '../../../src/calls/expiry';
import { openCallStore } from '../../../src/calls/open-call-store';
import type { Switchboard } from '../../../src/calls/switchboard';
import { UnseenEnds } from '../../../src/calls/unseen-ends';
import { parseAmount } from '../../../src/money/micros';
import { actingAs } from '../../../src/operator/acting';
import { setLimits } from '../../../src/operator/cashier-store';
import { addAccount, addDeck, differencesIn, lockAccount, moneyOf, NOON } from '../../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../../database/test-database';
import { conversation, converse } from '../conversation';
import { until, Wire } from '../door-fixture';
import { ask, debitBalance, maxSessionTime, NODE, openDoor, secondsIn, type TestDoor } from './rating-fixture';

describe.each(engines)('the rating engine on %s', engine => {
  let db: TestDatabase;
  let rating: TestDoor;
  let now = NOON;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    // 1.00 a minute, 60/60; a free number; one by the second with a fee; nothing else.
    await addDeck(db, 'retail', [
      { prefix: '49', destination: 'Germany' },
      { prefix: '49199', destination: 'Germany, premium', is_blocked: 1 },
      {
        prefix: '47',
        destination: 'Norway',
        price_per_minute: '0.10',
        connect_fee: '0.01',
        free_seconds: 10,
        steps: '90:0.05/6',
      },
      { prefix: '4980', destination: 'Freephone', price_per_minute: '0' },
      {
        prefix: '43',
        destination: 'Austria, mobile',
        price_per_minute: '0.60',
        connect_fee: '0.05',
        minimum_charge: '0.10',
        initial_increment_seconds: 1,
        increment_seconds: 1,
      },
    ]);
    await setLimits(actingAs('test', db.database), NODE, { dailyLimit: parseAmount('1000') });
    rating = await openDoor(db, {}, () => now);
  });
  beforeEach(() => {
    now = NOON;
  });
  afterEach(async () => {
    expect(await differencesIn(db.url)).toEqual([]);
  });
  afterAll(async () => {
    await rating.close();
    await db.drop();
  });

  const account = (name: string, balance: string, more = {}) => addAccount(db, `${name}@example.com`, balance, more);
  const of = (name: string) => `${name}@example.com`;
  const cdr = (callId: string) =>
    db
      .database('astcdr')
      .where({ uniqueid: `${NODE}:call:${callId}` })
      .first();
  const holds = (name: string) => db.database('astcreditres').where({ accountcode: of(name) });
  const money = (name: string) => moneyOf(db, of(name));
  const seconds = async (line: string, port = rating.port) => secondsIn(await ask(port, line));
  const reasons = () => rating.door.figures.refusals;
  const lock = (name: string) => lockAccount(db, of(name));
  const expire = async () => {
    await db.database('astcreditres').update({ expires_at: '2020-01-01' });
    const log = pino({ level: 'silent' });
    const expiry = new Expiry({
      switchboard: { stateOf: () => undefined } as unknown as Switchboard,
      openCalls: openCallStore(db.database),
      records: { of: async () => new Map() },
      ends: new UnseenEnds(rating.ledger, log),
      log,
      everyMs: 50,
    });
    await until(async () => expect(await db.database('astcreditres')).toEqual([]));
    expiry.close();
  };

  test.each([
    ['call-control-4', 1800],
    ['call-control-3', 300],
  ])('a conversation, byte by byte: %s', async (name, capSeconds) => {
    for (const [who, balance] of [
      ['alice', '10'],
      ['poor', '0'],
      ['family', '10'],
      ['elder', '10'],
    ] as const) {
      if (
        !(await db
          .database('astaccount')
          .where({ accountcode: of(who) })
          .first())
      )
        await account(who, balance);
    }
    const door = await openDoor(db, { capSeconds }, () => now);
    const steps = conversation(join(__dirname, `${name}.fixture`));
    const pass = (ms: number) => {
      now += ms;
    };
    await converse(steps, { port: door.port, host: '127.0.0.1' }, pass).finally(() => door.close());
  });

  test.each([
    ['00900123', 'number_barred'],
    ['+900123;npdi', 'number_barred'],
    ['+00900123', 'number_invalid'],
    ['0000900123', 'number_invalid'],
    ['+112', 'number_invalid'],
    ['0049199123', 'destination_blocked'],
  ])('a bar holds for every spelling: %s is refused as %s', async (number, refusal) => {
    const name = `barred${number.length}${refusal.length}`;
    await account(name, '10');
    const before = reasons()[refusal] ?? 0;
    expect(await seconds(maxSessionTime(`bar-${number}`, of(name), { to: `sip:${number}@example.com` }))).toBe(0);
    expect(reasons()[refusal]).toBe(before + 1);
    expect(await holds(name)).toEqual([]);
    const line = `ShowPrice From=sip:${of(name)} To=sip:${number}@example.com Duration=60 Gateway=10.0.0.1`;
    expect(await ask(rating.port, line)).toContain('Error');
  });

  test('a whole call with its cost: the CDR, the entry, the price with fee and minimum', async () => {
    await account('whole', '10');
    const to = 'sip:+43660123456@gw.example.com:5061;transport=tls';
    expect(await seconds(maxSessionTime('w1', 'whole@EXAMPLE.com:5060;user=phone', { to }))).toBe(995);
    expect(await money('whole')).toEqual(['10.00', '10.00', 1]);
    now += 7_400;
    expect(await seconds(maxSessionTime('w1', of('whole'), { to, state: 'Connected' }))).toBe(995);
    now += 33_120;
    const reply = await ask(rating.port, debitBalance('w1', of('whole'), 33.099999, { to }));
    expect(reply.split('\n').slice(0, 3)).toEqual(['Ok', 'MaxSessionTime=0', '0.38']);
    expect(reply).toContain('\n   Min price: 0.10\n     Connect: 0.05\n');
    expect(reply).toMatch(/\n {7}Price: 0\.33$/);
    expect(await cdr('w1')).toMatchObject({
      accountcode: of('whole'),
      node: NODE,
      src: 'whole',
      dst: '43660123456',
      start_at: new Date(NOON),
      answer_at: new Date(NOON + 7_400),
      end_at: new Date(NOON + 7_400 + 33_099),
      billsec: 33,
      cost: '0.380000',
      disposition: 'ANSWERED',
      hangup_source: 'service',
      evidence: 'event',
      is_fixed: 1,
    });
    expect(await money('whole')).toEqual(['9.62', '0.00', 0]);
  });

  test('a debit is done once: at once, over other connections, by a service that was started anew', async () => {
    await account('repeat', '10');
    await ask(rating.port, maxSessionTime('r1', of('repeat')));
    const debit = debitBalance('r1', of('repeat'), '100.25');
    const replies = await Promise.all(Array.from({ length: 4 }, () => ask(rating.port, debit)));
    const next = await openDoor(db, {}, () => now);
    now += 3_600_000;
    replies.push(await ask(next.port, `${debit}\n\n`));
    await next.close();
    expect(replies.map(reply => reply.split('\n').slice(0, 3).join(' '))).toEqual(
      Array(5).fill('Ok MaxSessionTime=0 2.00'),
    );
    expect(await money('repeat')).toEqual(['8.00', '0.00', 0]);
    // Another time for the same call, or another account, is another call, or a lie.
    expect(await ask(rating.port, debitBalance('r1', of('repeat'), 500))).toBe('Failed');
    expect(await ask(rating.port, debitBalance('r1', of('repeat'), 0))).toBe('Failed');
    expect(await ask(rating.port, debitBalance('r1', of('alice'), '100.25'))).toBe('Failed');
    expect(reasons()).toMatchObject({ call_settled_already: 2 });
    expect(await money('repeat')).toEqual(['8.00', '0.00', 0]);
  });

  test('a caller who uses his Call-ID twice talks once, and one whose call was never answered may call again', async () => {
    await account('twice', '100');
    const before = reasons().call_id_reused ?? 0;
    expect(await seconds(maxSessionTime('t1', of('twice')))).toBe(1800);
    expect(await seconds(maxSessionTime('t1', of('twice')))).toBe(0);
    await ask(rating.port, debitBalance('t1', of('twice'), 0));
    const both = await Promise.all([1, 2].map(() => seconds(maxSessionTime('t1', of('twice')))));
    expect(both.toSorted()).toEqual([0, 1800]);
    expect(await holds('twice')).toHaveLength(1);
    await ask(rating.port, debitBalance('t1', of('twice'), 1));
    expect(await seconds(maxSessionTime('t1', of('twice')))).toBe(0);
    expect(reasons().call_id_reused).toBe(before + 3);
    expect(await money('twice')).toEqual(['99.00', '0.00', 0]);
    for (let count = 0; count < 10; count++) {
      expect(await seconds(maxSessionTime('t2', of('twice')))).toBe(1800);
      await ask(rating.port, debitBalance('t2', of('twice'), '0.0'));
    }
    expect(await seconds(maxSessionTime('t2', of('twice')))).toBe(0);
  });

  describe('calls that an operator wants ended', () => {
    const start = (id: string, name: string) => seconds(maxSessionTime(id, of(name)));
    const answer = (id: string, name: string) => seconds(maxSessionTime(id, of(name), { state: 'Connected' }));

    test('get no more; one that is answered then, and those left behind by a debit, are told a second', async () => {
      await account('hung', '100', { max_call_seconds: 3000 });
      expect([await start('hung-1', 'hung'), await answer('hung-1', 'hung')]).toEqual([1800, 1800]);
      expect([await start('hung-2', 'hung'), await answer('hung-2', 'hung')]).toEqual([1800, 1800]);
      await start('hung-3', 'hung');
      now += 600_000;
      await hangUpCalls(actingAs('test', db.database), of('hung'));
      expect(await answer('hung-3', 'hung')).toBe(1);
      expect(secondsIn(await ask(rating.port, debitBalance('hung-1', of('hung'), 600)))).toBe(1);
      expect(await holds('hung').orderBy('uniqueid')).toMatchObject([
        { granted_seconds: 1800 },
        { granted_seconds: 1800 },
      ]);
      // A call after it must go on, so the answer for all of them is not a second.
      expect(await start('hung-4', 'hung')).toBe(1200);
      expect(await answer('hung-4', 'hung')).toBe(1200);
      for (const id of ['hung-2', 'hung-3', 'hung-4']) await ask(rating.port, debitBalance(id, of('hung'), 0));
    });

    describe('at a Call Control whose socket is known', () => {
      const folder = mkdtempSync(join(tmpdir(), 'ringfence-callcontrol-'));
      const path = join(folder, 'socket');
      /** Requests as they came. */
      let asked: string[] = [];
      /** Call Control 4.1.0's answer to `terminate`; null if it closes. */
      let says: (callId: string) => string | null = () => 'Ok\r\n\r\n';
      const clients = new Set<Socket>();
      const server = createServer(socket => {
        clients.add(socket);
        let heard = '';
        socket.on('error', () => undefined);
        socket.on('data', chunk => {
          heard += chunk;
          const [, callId] = /^terminate\r\ncallid: (\S+)\r\n\r\n$/.exec(heard) ?? [];
          if (!heard.endsWith('\r\n\r\n')) return;
          asked.push(heard);
          const answered = callId === undefined ? 'Error\r\n' : says(callId);
          if (answered === null) socket.destroy();
          else socket.write(answered);
        });
      });
      let door: TestDoor;

      beforeAll(async () => {
        await new Promise<void>(resolve => server.listen(path, resolve));
        door = await openDoor(db, { controlSocket: path }, () => now);
      });
      beforeEach(() => {
        asked = [];
      });
      afterAll(async () => {
        await door.close();
        for (const client of clients) client.destroy();
        await new Promise(resolve => server.close(resolve));
        rmSync(folder, { recursive: true });
      });
      const told = (callId: string) => `terminate\r\ncallid: ${callId}\r\n\r\n`;
      const answers = () => door.lines.filter(({ event }) => event === 'call_control_terminate');

      test('those that talk are terminated, once each, and their debit charges them; one that rings waits for its answer', async () => {
        await account('ended', '100');
        await start('wanted-e1', 'ended');
        await answer('wanted-e1', 'ended');
        await start('wanted-e2', 'ended');
        await hangUpCalls(actingAs('test', db.database), of('ended'));
        await start('wanted-e3', 'ended');
        await answer('wanted-e3', 'ended');
        await until(() => expect(asked).toHaveLength(1));
        now += 90_000;
        expect(await ask(rating.port, debitBalance('wanted-e1', of('ended'), 90))).toContain('\n2.00\n');
        await new Promise(resolve => setTimeout(resolve, 1_200));
        expect(asked).toEqual([told('wanted-e1')]);
        await answer('wanted-e2', 'ended');
        await until(() => expect(asked).toHaveLength(2));
        expect(asked).toEqual([told('wanted-e1'), told('wanted-e2')]);
        for (const id of ['wanted-e2', 'wanted-e3']) await ask(rating.port, debitBalance(id, of('ended'), 0));
      });

      test('one that it does not know, or could not end, is asked once and logged; after no answer it is asked again', async () => {
        await account('odd', '100');
        let closed = 0;
        says = callId => {
          if (callId === 'wanted-o1') return `Call id ${callId} does not exist\r\n\r\n`;
          if (callId === 'wanted-o2') return 'Error\r\n';
          return closed++ === 0 ? null : 'Ok\r\n\r\n';
        };
        for (const id of ['wanted-o1', 'wanted-o2', 'wanted-o3']) {
          await start(id, 'odd');
          await answer(id, 'odd');
        }
        const before = answers().length;
        await hangUpCalls(actingAs('test', db.database), of('odd'));
        await until(() => expect(answers()).toHaveLength(before + 3));
        await new Promise(resolve => setTimeout(resolve, 1_200));
        const found = answers()
          .slice(before)
          .map(({ uniqueid, answer: word }) => [uniqueid.split(':').at(-1), word]);
        expect(found.sort()).toEqual([
          ['wanted-o1', 'unknown'],
          ['wanted-o2', 'failed'],
          ['wanted-o3', 'ended'],
        ]);
        expect(door.lines.filter(({ event }) => event === 'call_control_not_asked')).toHaveLength(1);
        expect(asked.toSorted()).toEqual(['wanted-o1', 'wanted-o2', 'wanted-o3', 'wanted-o3'].map(told));
        for (const id of ['wanted-o1', 'wanted-o2', 'wanted-o3'])
          await ask(rating.port, debitBalance(id, of('odd'), 0));
      });
    });
  });

  test('two calls of one balance end together, and never spend the same money', async () => {
    await account('pair', '10', { max_call_seconds: 3000 });
    const door = await openDoor(db, { capSeconds: 240 }, () => now);
    const started = (id: string) => seconds(maxSessionTime(id, of('pair')), door.port);
    const answered = (id: string) => seconds(maxSessionTime(id, of('pair'), { state: 'Connected' }), door.port);
    expect([await started('p1'), await answered('p1')]).toEqual([240, 240]);
    now += 235_000;
    // The first has 5 s left: it is granted as much more as the second can last with what remains.
    expect([await started('p2'), await answered('p2')]).toEqual([180, 180]);
    expect(await money('pair')).toEqual(['10.00', '10.00', 2]);
    expect(await holds('pair').orderBy('uniqueid')).toMatchObject([{ granted_seconds: 420 }, { granted_seconds: 180 }]);
    now += 60_000;
    // Its money is there for the first, but no call is left that would end later.
    expect(await seconds(debitBalance('p2', of('pair'), 60), door.port)).toBe(125);
    expect(await money('pair')).toEqual(['9.00', '7.00', 1]);
    expect([await started('p3'), await answered('p3')]).toEqual([120, 120]);
    expect(await money('pair')).toEqual(['9.00', '9.00', 2]);
    // What this gives back is for the third, which would have been granted 240 s alone.
    expect(await seconds(debitBalance('p1', of('pair'), 295), door.port)).toBe(240);
    // A question that comes again is no second answer: what it is told counts from the first.
    now += 10_000;
    expect(await answered('p3')).toBe(240);
    await ask(door.port, debitBalance('p3', of('pair'), 10));
    expect(await money('pair')).toEqual(['3.00', '0.00', 0]);
    await door.close();
  });

  test('a call is not cut short by one of another caller of the same account, nor by one that rings', async () => {
    await addAccount(db, 'shop.example.com', '20');
    const door = await openDoor(db, { account: '{domain}', capSeconds: 300 }, () => now);
    const at = (who: string) => `${who}@shop.example.com`;
    await ask(door.port, maxSessionTime('o1', at('till'), { state: undefined }));
    await ask(door.port, maxSessionTime('o1', at('till'), { state: 'Connected' }));
    now += 290_000;
    await ask(door.port, maxSessionTime('o2', at('office')));
    expect(await seconds(maxSessionTime('o2', at('office'), { state: 'Connected' }), door.port)).toBe(300);
    // A third one that rings with less than the second has left.
    await db.database('astaccount').where({ accountcode: 'shop.example.com' }).update({ max_call_seconds: 60 });
    expect(await seconds(maxSessionTime('o3', at('office')), door.port)).toBe(60);
    now += 1_000;
    expect(await seconds(maxSessionTime('o2', at('office'), { state: 'Connected' }), door.port)).toBe(300);
    for (const [id, who] of [
      ['o1', 'till'],
      ['o2', 'office'],
      ['o3', 'office'],
    ] as const)
      await ask(door.port, debitBalance(id, at(who), 0));
    await door.close();
  });

  test('a free call has a limit and a CDR', async () => {
    await account('free', '0');
    const to = 'tel:+49-80-1234';
    expect(await seconds(maxSessionTime('f1', of('free'), { to }))).toBe(1800);
    expect(await ask(rating.port, debitBalance('f1', of('free'), 1200, { to }))).toMatch(
      /^Ok\nMaxSessionTime=0\n0\.00\n/,
    );
    expect(await cdr('f1')).toMatchObject({ cost: '0.000000', billsec: 1200, dst: '49801234' });
  });

  test('20 calls at once against 10.00 hold no more than that', async () => {
    await account('rush', '10');
    const door = await openDoor(db, { capSeconds: 120 }, () => now);
    const ids = Array.from({ length: 20 }, (_, index) => `rush-${index}`);
    const told = await Promise.all(ids.map(id => seconds(maxSessionTime(id, of('rush')), door.port)));
    expect(told.reduce((sum, each) => sum + each, 0)).toBe(600);
    expect(await money('rush')).toEqual(['10.00', '10.00', 5]);
    await Promise.all(ids.map(id => ask(door.port, debitBalance(id, of('rush'), 5_000))));
    await door.close();
    expect(await money('rush')).toEqual(['0.00', '0.00', 0]);
  });

  test('a session whose debit never comes is settled at its limit when it was answered, and freed when it was not', async () => {
    await account('silent', '10');
    const door = await openDoor(db, { capSeconds: 240 }, () => now);
    await ask(door.port, maxSessionTime('s1', of('silent')));
    await ask(door.port, maxSessionTime('s2', of('silent')));
    await ask(door.port, maxSessionTime('s2', of('silent'), { state: 'Connected' }));
    const { aliveSeconds } = await holds('silent')
      .where({ uniqueid: `${NODE}:call:s1` })
      .first(db.database.raw('TIMESTAMPDIFF(SECOND, created_at, expires_at) AS aliveSeconds'));
    // Ring, talk, a minute.
    expect(Number(aliveSeconds)).toBeGreaterThanOrEqual(300 + 240 + 59);
    await expire();
    expect(await cdr('s1')).toMatchObject({ cost: '0.000000', disposition: 'NO ANSWER', evidence: 'none' });
    expect(await cdr('s2')).toMatchObject({ cost: '4.000000', billsec: 240, evidence: 'none' });
    expect(await money('silent')).toEqual(['6.00', '0.00', 0]);
    // What comes after that moves nothing, and is reported.
    const before = reasons().debit_after_expiry ?? 0;
    expect(await ask(rating.port, debitBalance('s1', of('silent'), '30.5'))).toBe('Failed');
    expect(await ask(rating.port, debitBalance('s2', of('silent'), 30))).toMatch(/^Ok\nMaxSessionTime=0\n4\.00\n/);
    expect(await ask(rating.port, debitBalance('s1', of('silent'), 0))).toBe('Ok\nMaxSessionTime=0\n0.00');
    expect(reasons().debit_after_expiry).toBe(before + 2);
    expect(rating.lines).toContainEqual(
      expect.objectContaining({ reason: 'debit_after_expiry', call_id: 's1', seconds: 30, settled_seconds: 0 }),
    );
    expect(await ask(rating.port, maxSessionTime('s2', of('silent'), { state: 'Connected' }))).toBe(
      'Error: no such call',
    );
    expect(await money('silent')).toEqual(['6.00', '0.00', 0]);
    await door.close();
  });

  test('who leaves before the answer leaves no hold', async () => {
    await account('left', '10');
    const before = reasons().answer_lost ?? 0;
    const unlock = await lock('left');
    const wire = await Wire.open(rating.port);
    wire.send(maxSessionTime('l1', of('left')));
    await new Promise(resolve => setTimeout(resolve, 100));
    wire.close();
    await unlock();
    await until(() => expect(reasons().answer_lost).toBe(before + 1));
    await until(async () => expect(await money('left')).toEqual(['10.00', '0.00', 0]));
    // The caller's next try may have the same Call-ID.
    expect(await seconds(maxSessionTime('l1', of('left')))).toBe(600);
    await ask(rating.port, debitBalance('l1', of('left'), 0));
  });

  test('a debit while the database stands still is not answered but asked for again, and done once', async () => {
    await account('locked', '10');
    await ask(rating.port, maxSessionTime('k1', of('locked')));
    const unlock = await lock('locked');
    const startedAt = performance.now();
    expect(await ask(rating.port, debitBalance('k1', of('locked'), 60))).toBe('');
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(rating.door.waiting).toBe(1);
    const again = ask(rating.port, debitBalance('k1', of('locked'), 60));
    await unlock();
    expect(await again).toMatch(/^Ok\nMaxSessionTime=0\n1\.00\n/);
    await until(() => expect(rating.door.waiting).toBe(0));
    expect(await money('locked')).toEqual(['9.00', '0.00', 0]);
  });

  test('a call whose money is not there in time is an error to Call Control, and leaves no hold', async () => {
    await account('late', '10');
    const before = reasons().answer_lost ?? 0;
    const unlock = await lock('late');
    const startedAt = performance.now();
    expect(await ask(rating.port, maxSessionTime('m1', of('late')))).toBe('Error: ledger_unavailable');
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(await ask(rating.port, maxSessionTime('m2', of('late'), { to: 'sip:112@x' }))).toBe('none\ntype=prepaid');
    await unlock();
    await until(() => expect(reasons().answer_lost).toBe(before + 1));
    await until(async () => expect(await money('late')).toEqual(['10.00', '0.00', 0]));
  });

  test('a blocked account starts no call, and its calls get nothing more', async () => {
    await account('blocked', '100');
    const door = await openDoor(db, { capSeconds: 240 }, () => now);
    const started = (id: string) => seconds(maxSessionTime(id, of('blocked')), door.port);
    expect(await started('b1')).toBe(240);
    await ask(door.port, maxSessionTime('b1', of('blocked'), { state: 'Connected' }));
    expect(await started('b2')).toBe(240);
    await db
      .database('astaccount')
      .where({ accountcode: of('blocked') })
      .update({ status: 'blocked' });
    now += 200_000;
    expect(await started('b3')).toBe(0);
    expect(await seconds(maxSessionTime('b2', of('blocked'), { state: 'Connected' }), door.port)).toBe(40);
    for (const id of ['b1', 'b2']) await ask(door.port, debitBalance(id, of('blocked'), 10));
    await door.close();
  });

  test('prices and balances are told as CDRTool tells them, and money is added by a manager alone', async () => {
    await account('told', '12.345678');
    const tell = (line: string, from?: string) => ask(rating.port, `${line}\n`, from);
    const price = `ShowPrice From=sip:${of('told')} To=sip:0043660123456@example.com Gateway=10.0.0.1`;
    expect(await tell(`${price} Duration=59.7 Timestamp=1767225600`)).toBe(
      [
        '0.64',
        'Duration: 59 s',
        '         App: audio',
        ' Destination: 43 Austria, mobile',
        '    Customer: account=told@example.com',
        '   Increment: 1/1 s',
        '   Min price: 0.10',
        '     Connect: 0.05',
        '   StartTime: 2026-01-01 00:00:00 UTC',
        '--',
        '        Span: 1',
        '    Duration: 59 s',
        '   ProfileId: retail',
        '      RateId: 1',
        '        Rate: 0.60 / 60 s',
        '       Price: 0.59',
      ].join('\n'),
    );
    // A span for each price: together they are the price without the fee.
    const spans = (await tell(`ShowPrice From=${of('told')} To=sip:0047123@x Duration=100`)).split('\n');
    expect(spans.filter(line => /Span|Duration|Rate:|Price|^[0-9]/.test(line))).toEqual([
      '0.153334',
      'Duration: 92 s',
      '        Span: 1',
      '    Duration: 80 s',
      '        Rate: 0.10 / 60 s',
      '       Price: 0.133333',
      '        Span: 2',
      '    Duration: 12 s',
      '        Rate: 0.05 / 60 s',
      '       Price: 0.010001',
    ]);
    // Within the free seconds the fee alone is due.
    expect(await tell(`ShowPrice From=${of('told')} To=sip:0047123@x Duration=7`)).toMatch(/^0\.01\nDuration: 0 s\n/);
    expect(await tell(`ShowPrice From=${of('told')} To=sip:0033123@x Duration=59`)).toBe('0\nError: no_rate');
    expect(await tell(`ShowPrice From=${of('told')} To=sip:0049199123@x Duration=59`)).toBe(
      '0\nError: destination_blocked',
    );
    expect(await tell(`ShowPrice From=${of('told')} To=sip:112@x Duration=59`)).toBe('0.00');
    expect(await tell(`GetBalance From=${of('told')}`)).toBe('12.3456');
    expect(await tell('GetBalance From=nobody@example.com')).toBe('0.0000');
    expect(await tell(`AddBalance From=${of('told')} Value=10.00`)).toBe('1');
    expect(await tell(`AddBalance From=${of('told')} Value=10.00`)).toBe('1');
    expect(await tell(`AddBalance From=${of('told')} Value=5 Reference=order-17`)).toBe('1');
    expect(await tell(`AddBalance From=${of('told')} Value=5 Reference=order-17`)).toBe('1');
    expect(await tell(`AddBalance From=${of('told')} Value=6 Reference=order-17`)).toBe('0');
    // Voucher 17 could not be entered any more, and verify would look for it.
    expect(await tell(`AddBalance From=${of('told')} Value=5 Reference=voucher-17`)).toBe('0');
    for (const value of ['-1', '0', '1e3', '0.0000001', '']) {
      expect(await tell(`AddBalance From=${of('told')} Value=${value}`)).toBe('0');
    }
    expect(await tell('AddBalance From=nobody@example.com Value=10.00')).toBe('0');
    expect(await tell(`AddBalance From=${of('told')} Value=10.00`, '127.0.0.2')).toBe('0');
    expect(reasons()).toMatchObject({ peer_may_not_manage: 1, amount_invalid: 5, reference_reused: 2 });
    expect(rating.lines).toContainEqual(
      expect.objectContaining({
        reason: 'account_not_found',
        todo: expect.stringContaining('ringfence account create'),
      }),
    );
    await ask(rating.port, maxSessionTime('h1', of('told')));
    expect(JSON.parse(await tell(`DumpPrepaidSessions Account=${of('told')}`))).toMatchObject([
      { uniqueid: `${NODE}:call:h1`, destination: '49301234***', answered: null, granted_seconds: 1800 },
    ]);
    await ask(rating.port, debitBalance('h1', of('told'), 60));
    const entry = (action: string, description: string, value: string, balance: string) => ({
      account: of('told'),
      action,
      description,
      value,
      balance,
    });
    const added = 'top_up: rating engine AddBalance from 127.0.0.1';
    expect(JSON.parse(await tell(`GetBalanceHistory From=${of('told')}`))).toEqual([
      entry('Debit balance', 'Session to Germany (49) for 60s', '-1.00', '36.345678'),
      entry('Set balance', added, '5.00', '37.345678'),
      entry('Set balance', added, '10.00', '32.345678'),
      entry('Set balance', added, '10.00', '22.345678'),
      entry('Set balance', 'top_up', '12.345678', '12.345678'),
    ]);
    expect(await tell('GetBalanceHistory From=nobody@example.com')).toBe('[]');
    expect(await tell(`DeleteBalance From=${of('told')}`)).toBe('0');
    expect(await tell(`DeleteBalanceHistory From=${of('told')}`)).toBe('0');
    expect(await tell('ReloadRatingTables')).toBe('1');
    expect(await tell('KeepAlive')).toBe('1');
    expect(await tell('Version')).toBe('Ringfence');
    expect(await tell('Help')).toContain('GetBalanceHistory     From=');
    expect(await tell('ShowClients')).toMatch(/^127\.0\.0\.1 connected since \S+, 1 requests$/);
    expect(await tell('Launch Value=1')).toBe('0');
    expect(await money('told')).toEqual(['36.345678', '0.00', 0]);
  });

  test('one connection: / repeats, exit ends it, half an end still gets its answer', async () => {
    await account('line', '1');
    const wire = await Wire.open(rating.port);
    wire.send('getbalance from=line@example.com\r\n/\r\n\r\nVersion\n');
    expect(await wire.upTo('\n\n')).toBe('1.0000\n\n');
    expect(await wire.upTo('\n\n')).toBe('1.0000\n\n');
    expect(await wire.upTo('\n\n')).toBe('Ringfence\n\n');
    wire.send('exit\n');
    expect(await wire.upTo('\n\n')).toBe('');
    const half = await Wire.open(rating.port);
    half.socket.end('GetBalance From=line@example.com\n');
    expect(await half.upTo('\n\n')).toBe('1.0000\n\n');
    await until(() => expect(half.ended).toBe(true));
    const long = await Wire.open(rating.port);
    const padding = 'x'.repeat(1_500);
    long.send(`GetBalance Gateway=${padding}`);
    await new Promise(resolve => setTimeout(resolve, 100));
    long.send(' From=line@example.com\n');
    expect(await long.upTo('\n\n')).toBe('1.0000\n\n');
    long.send(`GetBalance Gateway=${'x'.repeat(9_000)}`);
    expect(await long.upTo('\n\n')).toBe('Error: the request is too long\n\n');
    await until(() => expect(long.ended).toBe(true));
    expect(reasons().request_too_long).toBe(1);
  });

  test('a debit that pauses within its Duration is charged by all of it, and one that breaks off there not at all', async () => {
    await account('pause', '10');
    await ask(rating.port, maxSessionTime('paused1', of('pause')));
    await ask(rating.port, maxSessionTime('paused1', of('pause'), { state: 'Connected' }));
    const debit = debitBalance('paused1', of('pause'), 61.5);
    const at = debit.indexOf('61.5') + 1;
    expect(debit.slice(at)).toMatch(/^1\.5 Application=$/);
    const broken = await Wire.open(rating.port);
    broken.socket.end(debit.slice(0, at));
    expect(await broken.upTo('\n\n')).toBe('');
    const wire = await Wire.open(rating.port);
    wire.send(debit.slice(0, at));
    await new Promise(resolve => setTimeout(resolve, 700));
    expect((await money('pause'))[0]).toBe('10.00');
    wire.send(debit.slice(at));
    expect(await wire.upTo('\n\n')).toMatch(/^Ok\nMaxSessionTime=0\n2\.00\n/);
    expect(await money('pause')).toEqual(['8.00', '0.00', 0]);
    wire.close();
  });

  test('what a page has a browser post is no request: the connection is closed at its first line', async () => {
    await account('page', '10');
    const wire = await Wire.open(rating.port);
    const body = `${maxSessionTime('page1', of('page'))}\nAddBalance From=sip:${of('page')} Value=100\n`;
    wire.send(`POST / HTTP/1.1\r\nHost: 127.0.0.1:9024\r\nContent-Type: text/plain\r\n\r\n${body}`);
    expect(await wire.upTo('\n\n')).toBe('');
    await until(() => expect(wire.ended).toBe(true));
    expect(await money('page')).toEqual(['10.00', '0.00', 0]);
    expect(reasons().http_not_spoken).toBe(1);
  });

  test('what Call Control cannot have meant is an error, and moves nothing', async () => {
    await account('wrong', '10');
    const error = async (line: string) => expect(await ask(rating.port, line)).toMatch(/^Error: /);
    await error(`MaxSessionTime CallId=x1 From=sip:${of('wrong')} Duration=60`);
    await error(`MaxSessionTime From=sip:${of('wrong')} To=sip:4930@x Duration=60`);
    await error(maxSessionTime('x1', of('wrong'), { duration: '60s' }));
    await error(maxSessionTime('x1', 'a@b@c'));
    await error(`${maxSessionTime('x1', of('wrong'))}sms`);
    await error(maxSessionTime('x1', of('wrong'), { state: 'Connected' }));
    await error(`${maxSessionTime('x1', of('wrong'))} Duration=1`);
    await error(maxSessionTime('x1', `victim x" <sip:${of('wrong')}`));
    await error(maxSessionTime('x1', `victim lock=1"<sip:${of('wrong')}`));
    await error(debitBalance('x1', of('wrong'), '-1'));
    expect(await db.database('astcdr').where({ accountcode: of('wrong') })).toEqual([]);
  });

  test('only a listed address is spoken to', async () => {
    const door = await openDoor(db, { peers: { has: address => address === '127.0.0.3' } });
    expect(await ask(door.port, 'Version')).toBe('');
    expect(await ask(door.port, 'Version', '127.0.0.3')).toBe('Ringfence');
    expect(door.lines).toContainEqual(expect.objectContaining({ reason: 'peer_not_allowed', peer: '127.0.0.1' }));
    await door.close();
  });

  test('a service that stops answers what it was asked, and leaves connections that are silent', async () => {
    await account('stop', '10');
    const door = await openDoor(db, {}, () => now);
    const silent = await Wire.open(door.port);
    const busy = await Wire.open(door.port);
    await ask(door.port, maxSessionTime('z1', of('stop')));
    const unlock = await lock('stop');
    busy.send(debitBalance('z1', of('stop'), 60));
    await new Promise(resolve => setTimeout(resolve, 100));
    const left = door.door.leave(3_000);
    await until(() => expect(silent.ended).toBe(true));
    await unlock();
    expect(await busy.upTo('\n\n')).toMatch(/^Ok\nMaxSessionTime=0\n1\.00\n/);
    await left;
    await door.close();
  });
});
