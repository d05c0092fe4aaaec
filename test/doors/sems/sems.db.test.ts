/** SEMS's own bytes, on real databases. */
import { join } from 'node:path';
import pino from 'pino';
import { Expiry } from '../../../src/calls/expiry';
import { openCallStore } from '../../../src/calls/open-call-store';
import type { Switchboard } from '../../../src/calls/switchboard';
import { UnseenEnds } from '../../../src/calls/unseen-ends';
import { parseAmount } from '../../../src/money/micros';
import { actingAs } from '../../../src/operator/acting';
import { setLimits } from '../../../src/operator/cashier-store';
import {
  addAccount,
  addDeck,
  callOf as callAt,
  differencesIn,
  lockAccount,
  moneyOf,
  openLedger,
} from '../../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../../database/test-database';
import { conversation, converse } from '../conversation';
import { until, Wire } from '../door-fixture';
import {
  ask,
  askInt,
  callOf,
  getCredit,
  intIn,
  NODE,
  openDoor,
  posted,
  subtractCredit,
  type TestDoor,
} from './sems-fixture';

const answerOf = (int: number, connection = 'keep-alive'): string => {
  const body = `<?xml version="1.0"?>\r\n<methodResponse><params><param><value><int>${int}</int></value></param></params></methodResponse>\r\n`;
  return `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-length: ${body.length}\r\nConnection: ${connection}\r\n\r\n${body}`;
};

const stepsOf = (name: string) => conversation(join(__dirname, `${name}.fixture`));

test.each([
  ['sems-server', 'joe', true],
  ['sipwise-sems', 'jane', false],
])('what the other tests send as SEMS is what %s sends, byte by byte', (name, pin, typed) => {
  const sent = stepsOf(name).flatMap(step => (typeof step === 'object' && 'send' in step ? [step.send] : []));
  const withCallId = (call: number) => `${pin}|0049301234|${pin}-${call}@h`;
  expect(sent).toEqual(
    [
      getCredit(pin, typed),
      subtractCredit(pin, 125, typed),
      getCredit(withCallId(1), typed),
      subtractCredit(withCallId(1), 61, typed),
      subtractCredit(withCallId(1), 61, typed),
      subtractCredit(withCallId(2), 61, typed),
      getCredit(`nobody|0049301234|${pin}-3@h`, typed),
    ].map(body => posted(body)),
  );
});

describe.each(engines)('SEMS on %s', engine => {
  let db: TestDatabase;
  let sems: TestDoor;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    // 1.00 a minute, 60/60; a number for the price of a second: 0.01.
    await addDeck(db, 'retail', [
      {},
      { prefix: '49199', is_blocked: 1 },
      { prefix: '999', price_per_minute: '0.60', initial_increment_seconds: 1, increment_seconds: 1 },
    ]);
    await setLimits(actingAs('test', db.database), NODE, { dailyLimit: parseAmount('1000') });
    sems = await openDoor(db);
  });
  afterEach(async () => {
    expect(await differencesIn(db.url)).toEqual([]);
  });
  afterAll(async () => {
    await sems.close();
    await db.drop();
  });

  const cdr = (callId: string) =>
    db
      .database('astcdr')
      .where({ uniqueid: `${NODE}:call:${callId}` })
      .first();
  const holds = (accountcode: string) => db.database('astcreditres').where({ accountcode });
  const money = (accountcode: string) => moneyOf(db, accountcode);
  const lock = (accountcode: string) => lockAccount(db, accountcode);
  /** Sends a message over a connection that breaks when `leave` is called, before anything was read. */
  const drop = async (body: string, during: (leave: () => Promise<void>) => Promise<void>) => {
    const wire = await Wire.open(sems.port);
    wire.socket.pause();
    wire.send(posted(body));
    // What is not read yet when a connection is reset was never sent.
    await new Promise(resolve => setTimeout(resolve, 50));
    await during(async () => {
      wire.socket.resetAndDestroy();
      await new Promise(resolve => setTimeout(resolve, 50));
    });
  };
  const reasons = () => sems.door.figures.refusals;

  test.each([
    ['sems-server', 'joe'],
    ['sipwise-sems', 'jane'],
    ['xmlrpc-client', 'manager'],
  ])('a conversation, byte by byte: %s', async (name, accountcode) => {
    await addAccount(db, accountcode, '10');
    await converse(stepsOf(name), { port: sems.port, host: '127.0.0.1' });
    expect(await holds(accountcode)).toEqual([]);
  });

  test('both clients: typed and bare strings, kept and closed connections', async () => {
    await addAccount(db, 'bytes', '10');
    for (const typed of [true, false]) {
      const wire = await Wire.open(sems.port);
      const pin = `bytes|0049301234|call-${typed}@h`;
      wire.send(posted(getCredit(pin, typed)));
      expect(await wire.answer()).toBe(answerOf(typed ? 600 : 480));
      wire.send(posted(subtractCredit(pin, 61, typed), 'Connection: close\r\n'));
      // 61 s at 60/60 are 2.00.
      expect(await wire.answer()).toBe(answerOf(typed ? 480 : 360, 'close'));
      await until(() => expect(wire.ended).toBe(true));
    }
    expect(await cdr('call-true@h')).toMatchObject({
      accountcode: 'bytes',
      node: NODE,
      dst: '49301234',
      billsec: 61,
      billed_seconds: 120,
      cost: '2.000000',
      disposition: 'ANSWERED',
      is_fixed: 1,
    });
    expect(await money('bytes')).toEqual(['6.00', '0.00', 0]);
  });

  test.each([
    ['text as a page may post it', 'Content-Type: text/plain', 415],
    ['a form', 'Content-Type: application/x-www-form-urlencoded', 415],
    ['XML that a page posts', 'Content-Type: text/xml\r\nOrigin: http://evil.example', 403],
    ['XML that a page posts without an Origin', 'Content-Type: text/xml\r\nSec-Fetch-Site: cross-site', 403],
  ])('%s is not carried out', async (_, headers, status) => {
    const account = `page-${status}-${headers.length}`;
    await addAccount(db, account, '10');
    const wire = await Wire.open(sems.port);
    wire.send(posted(getCredit(`${account}|49301|p-${account}`)).replace('Content-Type: text/xml', headers));
    expect(await wire.upTo('\r\n\r\n')).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    wire.close();
    expect(await holds(account)).toEqual([]);
  });

  test('i8 and an HTTP/1.0 client are understood too', async () => {
    await addAccount(db, 'plain', '10');
    const wire = await Wire.open(sems.port);
    wire.send(posted(getCredit('plain|49301|p1')).replace('HTTP/1.1', 'HTTP/1.0'));
    expect(await wire.answer()).toBe(answerOf(600, 'close'));
    expect(await askInt(sems.port, subtractCredit('plain|49301|p1', 30).replaceAll('i4>', 'i8>'))).toBe(540);
    expect(await money('plain')).toEqual(['9.00', '0.00', 0]);
  });

  test.each([
    ['an unknown account', 'nobody|49301|u1', -1, 'account_not_found'],
    ['no number', 'poor|alice|u2', 0, 'number_invalid'],
    ['a barred number', 'poor|900123|u3', 0, 'number_barred'],
    ['a barred number behind its prefix', 'poor|+900123;npdi|u7', 0, 'number_barred'],
    ['a number behind two prefixes', 'poor|0000900123|u8', 0, 'number_invalid'],
    ['a number behind + and 00', 'poor|+00900123|u9', 0, 'number_invalid'],
    ['an emergency number that is spelt as another', 'poor|+112|u10', 0, 'number_invalid'],
    ['a number that is blocked in the deck', 'poor|49199123|u11', 0, 'destination_blocked'],
    ['no money', 'poor|49301|u4', 0, 'insufficient_balance'],
    ['a bar in the number', 'poor|49301|x|u5', -1, 'uuid_invalid'],
    ['no Call-ID', 'poor|49301|', -1, 'uuid_invalid'],
    ['no uuid', '|49301|u6', -1, 'uuid_invalid'],
  ])('%s is answered by an int of 0 or less, and by its reason in the log', async (_, pin, int, reason) => {
    if (!(await db.database('astaccount').where({ accountcode: 'poor' }).first())) await addAccount(db, 'poor', '0');
    const before = reasons()[reason] ?? 0;
    expect(await askInt(sems.port, getCredit(pin))).toBe(int);
    expect(reasons()[reason]).toBe(before + 1);
    expect(await holds('poor')).toEqual([]);
  });

  test('an emergency number is let through without an account', async () => {
    expect(await askInt(sems.port, getCredit('nobody|112|help'))).toBe(3600);
    await askInt(sems.port, subtractCredit('nobody|112|help', 30));
    expect(await cdr('help')).toMatchObject({ cost: '0.000000', billsec: 30 });
  });

  test('a debit that is repeated, at once or after the service was started anew, debits once', async () => {
    await addAccount(db, 'repeat', '10');
    const pin = 'repeat|49301|r1';
    await ask(sems.port, getCredit(pin));
    const answers = await Promise.all(Array.from({ length: 4 }, () => askInt(sems.port, subtractCredit(pin, 100))));
    expect(answers).toEqual([480, 480, 480, 480]);
    const next = await openDoor(db);
    expect(await askInt(next.port, subtractCredit(pin, 100))).toBe(480);
    await next.close();
    expect(await money('repeat')).toEqual(['8.00', '0.00', 0]);
    // Another amount for the same Call-ID is another call, or a lie.
    expect(await askInt(sems.port, subtractCredit(pin, 500))).toBe(-1);
    expect(await money('repeat')).toEqual(['8.00', '0.00', 0]);
  });

  test('a connection that drops before the answer, and the same again: one hold, one debit', async () => {
    await addAccount(db, 'dropped', '10');
    const pin = 'dropped|49301|d1';
    // Before it is answered, and when the answer is on its way.
    await drop(getCredit(pin), async leave => {
      const unlock = await lock('dropped');
      await leave();
      await unlock();
    });
    await until(async () => expect(await holds('dropped')).toHaveLength(1));
    expect(await askInt(sems.port, getCredit(pin))).toBe(600);
    expect(await holds('dropped')).toHaveLength(1);
    expect(reasons().call_id_reused).toBeUndefined();
    await drop(subtractCredit(pin, 100), async leave => {
      await until(async () => expect(await holds('dropped')).toHaveLength(0));
      await leave();
    });
    expect(await askInt(sems.port, subtractCredit(pin, 100))).toBe(480);
    expect(await money('dropped')).toEqual(['8.00', '0.00', 0]);
  });

  test('a Call-ID that another service let through is not let through a second time', async () => {
    await addAccount(db, 'two', '10');
    const pin = 'two|49301|k1';
    const other = await openDoor(db);
    expect(await askInt(other.port, getCredit(pin))).toBe(600);
    const before = reasons().call_id_reused ?? 0;
    expect(await askInt(sems.port, getCredit(pin))).toBe(0);
    expect(reasons().call_id_reused).toBe(before + 1);
    expect(await holds('two')).toHaveLength(1);
    expect(await askInt(other.port, subtractCredit(pin, 600))).toBe(0);
    await other.close();
  });

  test('a caller who uses his Call-ID twice talks once', async () => {
    await addAccount(db, 'twice', '1000');
    const pin = 'twice|49301|t1';
    const before = reasons().call_id_reused ?? 0;
    expect(await askInt(sems.port, getCredit(pin))).toBe(1800);
    expect(await askInt(sems.port, getCredit(pin))).toBe(0);
    expect(reasons().call_id_reused).toBe(before + 1);
    // Nor at the same moment.
    const atOnce = await Promise.all(
      Array.from({ length: 8 }, (_, index) => askInt(sems.port, getCredit(`twice|4930${index}|t2`))),
    );
    expect(atOnce.filter(seconds => seconds > 0)).toEqual([1800]);
    // Nor half an hour later, by a service that knows nothing of it.
    await db
      .database('astcdr')
      .where({ uniqueid: `${NODE}:call:t1` })
      .update({ start_at: new Date(Date.now() - 60_000) });
    const next = await openDoor(db);
    expect(await askInt(next.port, getCredit(pin))).toBe(0);
    await next.close();
    await addAccount(db, 'thief', '1000');
    expect(await askInt(sems.port, getCredit('thief|49301|t1'))).toBe(0);
  });

  test('two calls of one account never spend the same money: 20 at once against 10.00', async () => {
    await addAccount(db, 'rush', '10');
    const pins = Array.from({ length: 20 }, (_, index) => `rush|49301|rush-${index}`);
    const door = await openDoor(db, { capSeconds: 120 });
    const granted = await Promise.all(pins.map(pin => askInt(door.port, getCredit(pin))));
    expect(granted.reduce((sum, seconds) => sum + seconds, 0)).toBe(600);
    expect(await money('rush')).toEqual(['10.00', '10.00', 5]);
    await Promise.all(pins.map((pin, index) => ask(door.port, subtractCredit(pin, granted[index] ? 120 : 5_000))));
    await door.close();
    expect(await money('rush')).toEqual(['0.00', '0.00', 0]);
  });

  test('a call longer than its grant is charged what was held, and its overrun is told', async () => {
    await addAccount(db, 'overrun', '1');
    await ask(sems.port, getCredit('overrun|49301|o1'));
    expect(await askInt(sems.port, subtractCredit('overrun|49301|o1', 75))).toBe(0);
    expect(await cdr('o1')).toMatchObject({ cost: '1.000000', overrun_seconds: 15 });
    expect(await money('overrun')).toEqual(['0.00', '0.00', 0]);
  });

  test.each(['strict', 'shared'])('an account of mode %s grants SEMS at once all that it ever can', async mode => {
    const accountcode = `mode-${mode}`;
    await addAccount(db, accountcode, '10', { mode, slice_seconds: 60, max_call_seconds: 300 });
    expect(await askInt(sems.port, getCredit(`${accountcode}|49301|${mode}1`))).toBe(300);
    expect(await askInt(sems.port, getCredit(`${accountcode}|49301|${mode}2`))).toBe(300);
    expect(await askInt(sems.port, getCredit(`${accountcode}|49301|${mode}3`))).toBe(0);
    expect(await money(accountcode)).toEqual(['10.00', '10.00', 2]);
    await ask(sems.port, subtractCredit(`${accountcode}|49301|${mode}1`, 60));
    expect(await askInt(sems.port, getCredit(`${accountcode}|49301|${mode}4`))).toBe(240);
  });

  test("calls of a switch share what SEMS's leave them, and take nothing from those", async () => {
    await addAccount(db, 'mixed', '4', { mode: 'shared', slice_seconds: 60, max_time: 1000 });
    const ledger = openLedger(db);
    const call = callAt('mixed', { startAt: Date.now() - 60_000 });
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 60 } });
    const touched = async () => (await db.database('astaccount').where({ accountcode: 'mixed' }).first()).touched_at;
    const before = await touched();
    const clocks = { of: { ast1: Date.now() }, elsewhere: Date.now() };
    // It has talked for 55 of its 60 s, and there would be something to take from SEMS's call: in the batch that starts that, and after.
    await ledger.answered({ ...call, trunk: '', answerAt: Date.now() - 55_000 });
    const bySems = callAt('mixed', {
      uniqueid: `${NODE}:call:m1`,
      node: NODE,
      startAt: Date.now(),
      fixed: { mostSeconds: 1800 },
    });
    const [started, shared] = await Promise.all([ledger.start(bySems), ledger.share({ accountcode: 'mixed', clocks })]);
    expect(started).toMatchObject({ granted: { grantedSeconds: 180 } });
    expect(shared).toMatchObject({ shares: [], cancel: [], isShort: true });
    expect(await ledger.share({ accountcode: 'mixed', clocks })).toMatchObject({
      shares: [],
      cancel: [],
      isShort: true,
    });
    // Else every service would look at the account again and again.
    expect(await touched()).toEqual(before);
    const fixed = { uniqueid: `${NODE}:call:m1`, accountcode: 'mixed', node: NODE };
    expect(await ledger.shrink({ ...fixed, seconds: 10 })).toEqual({ grant: null });
    expect(await ledger.extend({ ...fixed, seconds: 1000 })).toMatchObject({ grant: { grantedSeconds: 180 } });
    expect(await money('mixed')).toEqual(['4.00', '4.00', 2]);
    expect((await db.database('astaccount').where({ accountcode: 'mixed' }).first()).time_reserved).toBe(240);
    await ask(sems.port, subtractCredit('mixed|49301|m1', 60));
    expect(await ledger.extend({ ...call, seconds: 120 })).toMatchObject({ grant: { grantedSeconds: 120 } });
    await ledger.close();
  });

  test('a call that nobody answered is freed when its time is over, and costs nothing; a debit that comes after is told', async () => {
    await addAccount(db, 'silent', '10');
    expect(await askInt(sems.port, getCredit('silent|49301|s1'))).toBe(600);
    const [hold] = await holds('silent');
    // Ring, talk, a minute.
    const { aliveSeconds } = await db
      .database('astcreditres')
      .where({ uniqueid: hold.uniqueid })
      .first(db.database.raw('TIMESTAMPDIFF(SECOND, created_at, expires_at) AS aliveSeconds'));
    expect(Number(aliveSeconds)).toBeGreaterThanOrEqual(300 + 600 + 59);
    await holds('silent').update({ expires_at: '2020-01-01' });
    const log = pino({ level: 'silent' });
    const expiry = new Expiry({
      switchboard: { stateOf: () => undefined } as unknown as Switchboard,
      openCalls: openCallStore(db.database),
      records: { of: async () => new Map() },
      ends: new UnseenEnds(sems.ledger, log),
      log,
      everyMs: 50,
    });
    await until(async () => expect(await holds('silent')).toEqual([]));
    expiry.close();
    expect(await cdr('s1')).toMatchObject({ cost: '0.000000', disposition: 'NO ANSWER', evidence: 'none' });
    expect(await money('silent')).toEqual(['10.00', '0.00', 0]);
    expect(await askInt(sems.port, subtractCredit('silent|49301|s1', 50))).toBe(-1);
    expect(reasons().debit_after_expiry).toBe(1);
  });

  test('without a Call-ID: capped grants out of one pool, debits in any order come to what was talked', async () => {
    const door = await openDoor(db, { capSeconds: 300 });
    await addAccount(db, 'seconds', '7');
    // 700 s at 0.01.
    const granted = [];
    for (let call = 0; call < 4; call++) granted.push(await askInt(door.port, getCredit('seconds')));
    expect(granted).toEqual([300, 300, 100, 0]);
    expect(await money('seconds')).toEqual(['7.00', '7.00', 3]);
    // The shortest first: it must not use up the hold of the longest.
    await ask(door.port, subtractCredit('seconds', 100));
    await Promise.all([300, 299].map(amount => ask(door.port, subtractCredit('seconds', amount))));
    expect(await money('seconds')).toEqual(['0.01', '0.00', 0]);
    await door.close();
  });

  test('without a Call-ID debits that come at the same moment are charged to a hold each', async () => {
    const door = await openDoor(db, { capSeconds: 60 });
    for (let round = 0; round < 10; round++) {
      const accountcode = `moment-${round}`;
      await addAccount(db, accountcode, '10');
      for (let call = 0; call < 4; call++) expect(await askInt(door.port, getCredit(accountcode))).toBe(60);
      await Promise.all(Array.from({ length: 4 }, () => ask(door.port, subtractCredit(accountcode, 60))));
      expect(await money(accountcode)).toEqual(['7.60', '0.00', 0]);
    }
    await door.close();
  });

  test('without a Call-ID a debit without a hold is no hold for the debit of another service', async () => {
    await addAccount(db, 'between', '10');
    const [first, second] = [await openDoor(db), await openDoor(db)];
    const start = first.ledger.start.bind(first.ledger);
    let startsAt: (value: unknown) => void = () => undefined;
    const started = new Promise(resolve => {
      startsAt = resolve;
    });
    first.ledger.start = async request => {
      const outcome = await start(request);
      startsAt(null);
      await new Promise(resolve => setTimeout(resolve, 300));
      return outcome;
    };
    const one = askInt(first.port, subtractCredit('between', 120));
    await started;
    await ask(second.port, subtractCredit('between', 60));
    await one;
    expect(await money('between')).toEqual(['8.20', '0.00', 0]);
    await first.close();
    await second.close();
  });

  test('without a Call-ID a debit without a hold is charged to what is available', async () => {
    await addAccount(db, 'unheld', '1');
    expect(await askInt(sems.port, subtractCredit('unheld', 60))).toBe(40);
    expect(await askInt(sems.port, subtractCredit('unheld', 60))).toBe(0);
    expect(await money('unheld')).toEqual(['0.00', '0.00', 0]);
    expect(await askInt(sems.port, subtractCredit('unheld', 60))).toBe(-1);
    expect(reasons().debit_without_hold).toBe(1);
  });

  test('without a Call-ID a debit whose connection drops is done once too, as long as this service lives', async () => {
    await addAccount(db, 'lost', '10');
    for (const balance of ['9.00', '8.00']) {
      await drop(subtractCredit('lost', 100), async leave => {
        if (balance === '8.00') await until(async () => expect((await money('lost'))[0]).toBe(balance));
        await leave();
      });
      await until(async () => expect((await money('lost'))[0]).toBe(balance));
      expect(await askInt(sems.port, subtractCredit('lost', 100))).toBe(Number(balance) * 100);
      expect((await money('lost'))[0]).toBe(balance);
    }
    // Those were repetitions; the next is a call of its own.
    expect(await askInt(sems.port, subtractCredit('lost', 100))).toBe(700);
  });

  test('credit is managed in seconds, plain, dotted and through di, each change an entry', async () => {
    await addAccount(db, 'kept', '0');
    const values = async (body: string) =>
      [...(await ask(sems.port, body)).matchAll(/<(int|boolean)>(-?\d+)</g)].map(([, , digits]) => Number(digits));
    expect(await values(callOf('setCredit', 'kept', 3600))).toEqual([3600]);
    expect(await values(callOf('addCredit', 'kept', 60))).toEqual([3660]);
    expect(await ask(sems.port, callOf('cc_prepaid.getCredit', 'kept'))).toBe(
      '<?xml version="1.0"?>\r\n<methodResponse><params><param><value><array><data><value><int>3660</int></value><value><boolean>1</boolean></value></data></array></value></param></params></methodResponse>\r\n',
    );
    expect(await values(callOf('di', 'cc_prepaid', 'subtractCredit', 'kept', 10))).toEqual([3650, 1]);
    expect(await values(callOf('subtractCredit', 'kept', 0))).toEqual([3650, 1]);
    expect(await values(callOf('di', 'cc_prepaid', 'getCredit', 'nobody'))).toEqual([0, 0]);
    expect(await values(callOf('cc_prepaid.subtractCredit', 'nobody', 10))).toEqual([0, 0]);
    expect(await values(callOf('cc_prepaid.addCredit', 'kept', -50))).toEqual([3600]);
    expect(await values(callOf('cc_prepaid.setCredit', 'kept', 3600))).toEqual([3600]);
    const entries = await db.database('astledger').where({ accountcode: 'kept' }).orderBy('entry_id');
    expect(entries.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['adjustment', '36.000000'],
      ['top_up', '0.600000'],
      ['adjustment', '-0.100000'],
      ['adjustment', '-0.500000'],
    ]);
    // What a call holds is not taken from it.
    expect(await askInt(sems.port, getCredit('kept'))).toBe(1800);
    expect(await ask(sems.port, callOf('setCredit', 'kept', 0))).toContain('<int>500</int>');
    expect(reasons().more_than_available).toBe(1);
    expect(await ask(sems.port, callOf('di', 'cc_prepaid', 'setCredit', 'nobody', 5))).toContain('<int>500</int>');
    expect(await ask(sems.port, callOf('di', 'cc_prepaid', 'setCredit', 'kept'))).toContain('<int>300</int>');
    expect(await ask(sems.port, callOf('di', 'cc_prepaid'))).toContain('<int>400</int>');
    expect(await ask(sems.port, callOf('cc_prepaid.start', 'kept'))).toContain('<int>504</int>');
  });

  test('seconds that are not exactly money are refused', async () => {
    const door = await openDoor(db, { secondsNumber: '4930' });
    await addAccount(db, 'rough', '10');
    expect(await ask(door.port, callOf('addCredit', 'rough', 60))).toContain('<int>500</int>');
    expect(door.door.figures.refusals).toEqual({ seconds_have_no_price: 1 });
    await door.close();
  });

  test('only a listed address is spoken to, and only a manager changes credit', async () => {
    const before = await db.database('astledger').count({ entries: '*' });
    expect(await ask(sems.port, callOf('addCredit', 'kept', 60), '127.0.0.2')).toContain('<int>500</int>');
    expect(reasons().peer_may_not_manage).toBe(1);
    const door = await openDoor(db, { peers: { has: address => address === '127.0.0.3' }, secondsNumber: null });
    const wire = await Wire.open(door.port);
    wire.send(posted(getCredit('kept|49301|x1')));
    expect(await wire.answer()).toBe('');
    expect(door.lines).toContainEqual(expect.objectContaining({ reason: 'peer_not_allowed', peer: '127.0.0.1' }));
    expect(intIn(await ask(door.port, getCredit('kept'), '127.0.0.3'))).toBe(-1);
    expect(door.door.figures.refusals).toMatchObject({ call_id_missing: 1 });
    await door.close();
    expect(await db.database('astledger').count({ entries: '*' })).toEqual(before);
  });

  test('a long Call-ID is a call like any other, and the account of a uuid is told by the settings', async () => {
    await addAccount(db, 'sems-anna', '10');
    const door = await openDoor(db, { account: 'sems-{uuid}' });
    const pin = `anna|49301|${'x'.repeat(200)}`;
    expect(await askInt(door.port, getCredit(pin))).toBe(600);
    expect(await askInt(door.port, subtractCredit(pin, 60))).toBe(540);
    await door.close();
    expect(await money('sems-anna')).toEqual(['9.00', '0.00', 0]);
  });

  test('a debit while the database stands still is answered within seconds, and done when it goes on', async () => {
    await addAccount(db, 'locked', '10');
    await ask(sems.port, getCredit('locked|49301|l1'));
    const unlock = await lock('locked');
    const startedAt = performance.now();
    expect(await askInt(sems.port, subtractCredit('locked|49301|l1', 60))).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(sems.door.waiting).toBe(1);
    await unlock();
    await until(async () => expect(await money('locked')).toEqual(['9.00', '0.00', 0]));
  });
});
