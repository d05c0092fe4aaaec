/** AGI's authorize and settle on both engines. Asterisk's side of the wire is a stand-in; its records are rows of its journal. */

import { Expiry } from '../../../src/calls/expiry';
import { openCallStore } from '../../../src/calls/open-call-store';
import type { Switchboard } from '../../../src/calls/switchboard';
import { UnseenEnds } from '../../../src/calls/unseen-ends';
import { addCaller } from '../../../src/cards/callers';
import { openConnection } from '../../../src/database/connection';
import { switchRecords } from '../../../src/evidence/switch-records';
import { actingAs } from '../../../src/operator/acting';
import {
  accountRow,
  addAccount,
  addDeck,
  differencesIn,
  lockAccount,
  NOON,
  openLedger,
} from '../../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../../database/test-database';
import { keptLog, until, Wire } from '../door-fixture';
import { Channel, environment, NODE, openDoor, repeated, type TestDoor, wrote } from './agi-fixture';

const REFUSED = { LIMIT_MS: '0', DIAL_OPTIONS: 'L(1)', SECONDS: '0', BALANCE: '', CURRENCY: '', UNIQUEID: '' };

describe.each(engines)('AGI, %s', engine => {
  let db: TestDatabase;
  let agi: TestDoor;
  let account: string;
  let accounts = 0;
  let before: Record<string, number>;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [
      {},
      { prefix: '49199', is_blocked: 1 },
      { prefix: '33', initial_increment_seconds: 1, increment_seconds: 1 },
    ]);
    agi = await openDoor(db);
  });
  beforeEach(async () => {
    account = `account-${++accounts}`;
    await addAccount(db, account, '10');
    before = agi.door.figures.refusals;
  });
  afterAll(async () => {
    await agi.close();
    expect(await differencesIn(db.url)).toEqual([]);
    await db.drop();
  });

  const channel = (more: Record<string, string> = {}) =>
    new Channel(agi.port, { agi_accountcode: account, agi_extension: '4930123450', ...more });
  const cdrs = () => db.database('astcdr').where({ accountcode: account }).orderBy(['start_at', 'uniqueid']);
  const cdr = async (uniqueid: string) => db.database('astcdr').where({ uniqueid }).first();
  const settled = async (uniqueid: string) => {
    await until(async () => expect((await cdr(uniqueid))?.end_at).not.toBeNull());
    return cdr(uniqueid);
  };
  /** How often the reason was given in this test; a line of the log is written at most once a second. */
  const refusals = (reason: string) => (agi.door.figures.refusals[reason] ?? 0) - (before[reason] ?? 0);
  const lastRefusal = (reason: string) =>
    agi.lines.findLast(line => line.event === 'door_refused' && line.reason === reason);

  test('a call is granted byte for byte, with the word that lets it be dialled last', async () => {
    const wire = await Wire.open(agi.port);
    const uniqueid = `ast1-${NOON / 1000}.b-${engine}`;
    wire.send(environment('authorize', { agi_accountcode: account, agi_uniqueid: uniqueid }));
    const challenge = await wire.upTo('\n');
    expect(challenge).toMatch(/^GET FULL VARIABLE "[0-9a-f]{16}"\n$/);
    wire.send(repeated(challenge));
    const told =
      'STRFTIME(,UTC,%s.%3q) DIALSTATUS HANGUPCAUSE ANSWEREDTIME_MS ANSWEREDTIME CHANNEL(state) CHANNEL(linkedid) RINGFENCE_OWN_ANSWER RINGFENCE_DIALOG'
        .split(' ')
        .map(name => `\${${name}}`)
        .join('|');
    for (const [command, answer] of [
      ['SET VARIABLE "RINGFENCE_REFUSAL" "ledger_unavailable"', '200 result=1'],
      ['SET VARIABLE "RINGFENCE_LIMIT_MS" "0"', '200 result=1'],
      ['SET VARIABLE "RINGFENCE_DIAL_OPTIONS" "L(1)"', '200 result=1'],
      [`GET FULL VARIABLE "${told}"`, `200 result=1 (${NOON / 1000}.000|||||Ring|${uniqueid}||)`],
      ['SET VARIABLE "RINGFENCE_OWN_ANSWER" "no"', '200 result=1'],
      ['SET VARIABLE "TIMEOUT(absolute)" "900.050"', '200 result=1'],
      ['SET VARIABLE "RINGFENCE_CAUSE" ""', '200 result=1'],
      ['SET VARIABLE "RINGFENCE_SECONDS" "600"', '200 result=1'],
      ['SET VARIABLE "RINGFENCE_BALANCE" "10.00"', '200 result=1'],
      ['SET VARIABLE "RINGFENCE_CURRENCY" "EUR"', '200 result=1'],
      [`SET VARIABLE "RINGFENCE_UNIQUEID" "${uniqueid}"`, '200 result=1'],
      ['SET VARIABLE "RINGFENCE_LIMIT_MS" "600050"', '200 result=1'],
      ['SET VARIABLE "RINGFENCE_DIAL_OPTIONS" "L(600050)"', '200 result=1'],
      ['SET VARIABLE "RINGFENCE_REFUSAL" ""', '200 result=1'],
    ]) {
      expect(await wire.upTo('\n')).toBe(`${command}\n`);
      wire.send(`${answer}\n`);
    }
    expect(await wire.upTo('never')).toBe('');
    expect(await cdr(uniqueid)).toMatchObject({
      accountcode: account,
      node: NODE,
      src: 'caller',
      dst: '4930123450',
      granted_seconds: 600,
      is_fixed: 1,
      end_at: null,
    });
    expect(await accountRow(db, account)).toMatchObject({ reserved: '10.000000', active_calls: 1 });
  });

  test('the first argument pays and the second is dialled, instead of what the channel says', async () => {
    const told = await channel({ agi_accountcode: 'nobody', agi_extension: 's' }).agi('authorize', account, '+33 1');
    expect(told).toMatchObject({ REFUSAL: 'number_invalid' });
    expect(await channel({ agi_accountcode: 'nobody' }).agi('authorize', account, '+33123')).toMatchObject({
      REFUSAL: '',
      SECONDS: '600',
    });
    expect(await cdrs()).toMatchObject([
      { dst: '', refusal: 'number_invalid' },
      { dst: '33123', refusal: null },
    ]);
  });

  test('a copy of the INVITE that the dialplan has named is refused; the caller’s own next call is not', async () => {
    await db.database('astaccount').where({ accountcode: account }).update({ max_call_seconds: 60 });
    const named = () => {
      const caller = channel();
      caller.variables.set('RINGFENCE_DIALOG', 'd1'.repeat(16));
      return caller;
    };
    const caller = named();
    expect(await caller.agi('authorize')).toMatchObject({ REFUSAL: '' });
    expect(await named().agi('authorize')).toMatchObject({ REFUSAL: 'invite_repeated', CAUSE: '25', LIMIT_MS: '0' });
    expect(refusals('invite_repeated')).toBe(1);
    await wrote(db, caller.uniqueid, { answerAt: NOON + 2_000, endAt: NOON + 12_000 });
    caller.now = NOON + 20_000;
    caller.dialled('ANSWER', 10_000);
    expect(await caller.agi('authorize')).toMatchObject({ REFUSAL: '', UNIQUEID: `${caller.uniqueid}+2` });
    expect(await named().agi('authorize')).toMatchObject({ REFUSAL: 'invite_repeated' });
    // A dialplan that names none goes on as before.
    expect(await channel().agi('authorize')).toMatchObject({ REFUSAL: '' });
    expect(await cdrs()).toHaveLength(3);
  });

  test.each([
    ['nobody', {}, { agi_accountcode: 'nobody' }, 'account_not_found', '21'],
    ['no name', {}, { agi_accountcode: '' }, 'account_not_found', '21'],
    ['a pool', {}, { agi_accountcode: 'pool:x' }, 'account_not_found', '21'],
    ['a blocked account', { status: 'blocked' }, {}, 'account_blocked', '21'],
    ['an expired account', { expires_at: new Date(NOON) }, {}, 'account_expired', '21'],
    ['a number that is none', {}, { agi_extension: '500&PJSIP/x' }, 'number_invalid', '28'],
    ['a number that is barred', {}, { agi_extension: '90012345' }, 'number_barred', '21'],
    ['a number that is barred behind its prefix', {}, { agi_extension: '+90012345;npdi' }, 'number_barred', '21'],
    ['a number behind two prefixes', {}, { agi_extension: '000090012345' }, 'number_invalid', '28'],
    ['a number behind + and 00', {}, { agi_extension: '+0090012345' }, 'number_invalid', '28'],
    ['a number that is blocked in the deck', {}, { agi_extension: '49199123' }, 'destination_blocked', '21'],
    ['no money', { credit_limit: '0', balance: '0' }, {}, 'insufficient_balance', '21'],
    ['a channel that another one made', {}, { agi_uniqueid: 'linked' }, 'arguments_invalid', '29'],
    ['a uniqueid like a later call of ours', {}, { agi_uniqueid: `ast1-${NOON}.1+2` }, 'arguments_invalid', '29'],
  ])('%s is refused, and may not talk', async (why, row, more, refusal, cause) => {
    if ('balance' in row) {
      account = `${account}-poor`;
      await addAccount(db, account, '0');
    } else if (Object.keys(row).length > 0) await db.database('astaccount').where({ accountcode: account }).update(row);
    const caller = channel(more);
    if (why.startsWith('a channel that')) caller.linkedid = 'ast1-1.1';
    expect(await caller.agi('authorize')).toEqual({ ...REFUSED, REFUSAL: refusal, CAUSE: cause });
    expect(refusals(refusal)).toBe(1);
    expect(await accountRow(db, account)).toMatchObject({ reserved: '0.000000', active_calls: 0 });
  });

  test('the journal settles it: the talk of the callee alone, though a prompt answered the caller before', async () => {
    const caller = channel();
    caller.state = 'Up';
    await caller.agi('authorize');
    expect(caller.told().OWN_ANSWER).toBe('yes');
    // 5 s of prompt, 2 s of ringing, 61 s of talk: one increment more than a minute.
    await wrote(db, caller.uniqueid, { answerAt: NOON + 7_000, endAt: NOON + 68_000, callerGoneAt: NOON + 68_010 });
    caller.dialled('ANSWER', 68_000);
    caller.now = NOON + 68_005;
    await caller.agi('settle');
    expect(await settled(caller.uniqueid)).toMatchObject({
      billsec: 61,
      cost: '2.000000',
      evidence: 'cel',
      hangup_source: 'caller',
      disposition: 'ANSWERED',
    });
    await until(async () =>
      expect(await accountRow(db, account)).toMatchObject({ balance: '8.000000', active_calls: 0 }),
    );
    // Reported twice, charged once.
    await caller.agi('settle');
    await until(() => expect(agi.door.waiting).toBe(0));
    expect(await db.database('astledger').where({ accountcode: account, kind: 'call_charge' })).toHaveLength(1);
  });

  test('the journal comes late, after settle was told', async () => {
    const caller = channel();
    await caller.agi('authorize');
    caller.dialled('ANSWER', 90_000);
    caller.now = NOON + 100_000;
    await caller.agi('settle');
    await new Promise(resolve => setTimeout(resolve, 80));
    await wrote(db, caller.uniqueid, { answerAt: NOON + 2_000, endAt: NOON + 32_000 });
    expect(await settled(caller.uniqueid)).toMatchObject({ billsec: 30, evidence: 'cel' });
  });

  test('an answer without an end, of a journal that lost a row, ends when the channel says that it is over', async () => {
    const caller = channel();
    await caller.agi('authorize');
    await wrote(db, caller.uniqueid, { answerAt: NOON + 2_000 });
    caller.dialled('ANSWER', 20_000);
    caller.now = NOON + 22_000;
    await caller.agi('settle');
    expect(await settled(caller.uniqueid)).toMatchObject({ billsec: 20, evidence: 'event' });
  });

  describe('without a journal', () => {
    test.each([
      ['', '0', 'NO ANSWER', 16],
      ['BUSY', '17', 'BUSY', 17],
      ['NOANSWER', '19', 'NO ANSWER', 19],
      ['CANCEL', '127', 'NO ANSWER', 16],
      ['CONGESTION', '34', 'CONGESTION', 34],
      ['CHANUNAVAIL', '3', 'FAILED', 3],
    ])('DIALSTATUS %j is no talk, and frees the money', async (status, cause, disposition, hangupCause) => {
      const caller = channel();
      caller.state = 'Up';
      await caller.agi('authorize');
      caller.dialled(status, null, cause);
      caller.now += 5_000;
      await caller.agi('settle');
      expect(await settled(caller.uniqueid)).toMatchObject({
        disposition,
        hangup_cause: hangupCause,
        cost: '0.000000',
        evidence: 'event',
        duration: 5,
      });
      expect(await accountRow(db, account)).toMatchObject({ reserved: '0.000000', active_calls: 0 });
    });

    test("the channel's own time counts where nobody had answered it before", async () => {
      const caller = channel();
      await caller.agi('authorize');
      expect(caller.told().OWN_ANSWER).toBe('no');
      caller.dialled('ANSWER', 61_500);
      caller.now += 70_000;
      await caller.agi('settle');
      expect(await settled(caller.uniqueid)).toMatchObject({ billsec: 61, cost: '2.000000', evidence: 'event' });
    });

    test('and where the switch tells whole seconds only', async () => {
      const caller = channel();
      await caller.agi('authorize');
      caller.dialled('ANSWER', 61_500);
      caller.variables.delete('ANSWEREDTIME_MS');
      caller.now += 70_000;
      await caller.agi('settle');
      expect(await settled(caller.uniqueid)).toMatchObject({ billsec: 61, cost: '2.000000' });
    });

    test.each([
      ['the caller was answered first', (caller: Channel) => void caller.variables.set('RINGFENCE_OWN_ANSWER', 'yes')],
      ['nobody knows whether he was', (caller: Channel) => void caller.variables.delete('RINGFENCE_OWN_ANSWER')],
      ['no time is told', (caller: Channel) => void caller.dialled('ANSWER', null)],
    ])('%s: nothing is charged by guess, the money stays held, and the log says what to correct', async (_, change) => {
      const caller = channel();
      await caller.agi('authorize');
      caller.dialled('ANSWER', 61_500);
      change(caller);
      await caller.agi('settle');
      await until(() => expect(refusals('talk_not_proven')).toBe(1));
      expect(lastRefusal('talk_not_proven')).toMatchObject({
        uniqueid: expect.stringMatching(/^ast1-/),
        accountcode: expect.stringMatching(/^account-/),
        todo: 'set up the journal of the switch (CEL): dialplan/README.md',
      });
      expect(await cdr(caller.uniqueid)).toMatchObject({ end_at: null, cost: '0.000000' });
      expect(await accountRow(db, account)).toMatchObject({ balance: '10.000000', reserved: '10.000000' });
      // When the journal comes after all, it counts.
      await wrote(db, caller.uniqueid, { answerAt: NOON + 2_000, endAt: NOON + 12_000 });
      expect(await settled(caller.uniqueid)).toMatchObject({ billsec: 10, evidence: 'cel' });
    });
  });

  test('a service that was dead remembers answers and settles ends from the journal when it is back, settle or not', async () => {
    const other = await openDoor(db);
    const [talking, ended, missed] = [1, 2, 3].map(() => new Channel(other.port, { agi_accountcode: account }));
    await db.database('astaccount').where({ accountcode: account }).update({ max_call_seconds: 120 });
    for (const caller of [talking, ended, missed]) expect((await caller!.agi('authorize')).REFUSAL).toBe('');
    await other.close();
    await wrote(db, talking!.uniqueid, { answerAt: NOON + 1_000 });
    await wrote(db, ended!.uniqueid, { answerAt: NOON + 1_000, endAt: NOON + 121_050, callerGoneAt: NOON + 121_060 });
    await wrote(db, missed!.uniqueid, { callerGoneAt: NOON + 9_000 });
    const next = await openDoor(db);
    expect(await settled(ended!.uniqueid)).toMatchObject({ billsec: 120, hangup_source: 'limit', cost: '2.000000' });
    expect(await settled(missed!.uniqueid)).toMatchObject({ disposition: 'NO ANSWER', cost: '0.000000', duration: 9 });
    await until(async () => expect((await cdr(talking!.uniqueid)).answer_at).toEqual(new Date(NOON + 1_000)));
    await wrote(db, talking!.uniqueid, { endAt: NOON + 31_000 });
    expect(await settled(talking!.uniqueid)).toMatchObject({ billsec: 30 });
    await next.close();
  });

  test('what the journal never tells the end of is let go with its reservation: uncharged without an answer, up to its limit with one', async () => {
    await db.database('astaccount').where({ accountcode: account }).update({ max_call_seconds: 120 });
    const [silent, killed] = [channel(), channel()];
    for (const caller of [silent, killed]) await caller.agi('authorize');
    await wrote(db, killed.uniqueid, { answerAt: NOON + 1_000 });
    await until(async () => expect((await cdr(killed.uniqueid)).answer_at).not.toBeNull());
    const ours = [silent.uniqueid, killed.uniqueid];
    await db.database('astcreditres').whereIn('uniqueid', ours).update({ expires_at: '2020-01-01' });
    const ledger = openLedger(db);
    const { log } = keptLog();
    const expiry = new Expiry({
      switchboard: { stateOf: () => undefined } as unknown as Switchboard,
      openCalls: openCallStore(db.database),
      records: switchRecords(db.database, new Map()),
      ends: new UnseenEnds(ledger, log),
      log,
      everyMs: 50,
    });
    expect(await settled(silent.uniqueid)).toMatchObject({
      disposition: 'NO ANSWER',
      cost: '0.000000',
      evidence: 'none',
    });
    expect(await settled(killed.uniqueid)).toMatchObject({ billsec: 120, cost: '2.000000', evidence: 'none' });
    expiry.close();
    await ledger.close();
  });

  test('two calls at once on 10.00, of which each may talk for 7 minutes: the second has the 3.00 that are left', async () => {
    await db.database('astaccount').where({ accountcode: account }).update({ max_call_seconds: 420 });
    const callers = [channel(), channel(), channel()];
    const told = await Promise.all(callers.map(caller => caller.agi('authorize')));
    expect(told.map(({ REFUSAL }) => REFUSAL).sort()).toEqual(['', '', 'insufficient_balance']);
    expect(told.map(({ SECONDS }) => Number(SECONDS)).sort((one, other) => one - other)).toEqual([0, 180, 420]);
    expect(await accountRow(db, account)).toMatchObject({ reserved: '10.000000', active_calls: 2 });
  });

  describe('a second call from one channel', () => {
    test('is let through when the first was answered by nobody, at once and without settle', async () => {
      const caller = channel();
      await caller.agi('authorize');
      caller.dialled('BUSY', null, '17');
      caller.now += 3_000;
      expect(await caller.agi('authorize', '', '33123')).toMatchObject({
        REFUSAL: '',
        UNIQUEID: `${caller.uniqueid}+2`,
        SECONDS: '600',
      });
      expect(await cdrs()).toMatchObject([
        { uniqueid: caller.uniqueid, disposition: 'BUSY', cost: '0.000000' },
        { uniqueid: `${caller.uniqueid}+2`, dst: '33123', end_at: null },
      ]);
    });

    test('waits for the journal of the first, and each is charged its own talk', async () => {
      const caller = channel();
      caller.state = 'Up';
      await caller.agi('authorize');
      caller.dialled('ANSWER', 40_000);
      caller.now = NOON + 40_000;
      const second = caller.agi('authorize', '', '33123');
      await new Promise(resolve => setTimeout(resolve, 50));
      await wrote(db, caller.uniqueid, { answerAt: NOON + 5_000, endAt: NOON + 35_000 });
      expect(await second).toMatchObject({ REFUSAL: '', UNIQUEID: `${caller.uniqueid}+2`, BALANCE: '9.00' });
      await wrote(db, caller.uniqueid, {
        leg: 2,
        answerAt: NOON + 50_000,
        endAt: NOON + 53_000,
        callerGoneAt: NOON + 60_000,
      });
      caller.now = NOON + 60_000;
      await caller.agi('settle');
      await settled(`${caller.uniqueid}+2`);
      expect(await cdrs()).toMatchObject([
        { billsec: 30, cost: '1.000000' },
        { billsec: 3, cost: '0.050000' },
      ]);
    });

    test('is refused for the time being when nobody can tell what the first talked', async () => {
      const caller = channel();
      caller.state = 'Up';
      await caller.agi('authorize');
      caller.dialled('ANSWER', 40_000);
      expect(await caller.agi('authorize')).toEqual({
        ...REFUSED,
        OWN_ANSWER: 'yes',
        REFUSAL: 'ledger_unavailable',
        CAUSE: '38',
      });
      expect(refusals('earlier_call_unsettled')).toBe(1);
      expect(await cdrs()).toHaveLength(1);
    });

    test('asks the channel where there is no journal and nobody had answered it before', async () => {
      const caller = channel();
      await caller.agi('authorize');
      caller.dialled('ANSWER', 30_000);
      caller.now += 31_000;
      caller.state = 'Up';
      expect(await caller.agi('authorize')).toMatchObject({ REFUSAL: '', BALANCE: '9.00', OWN_ANSWER: 'yes' });
      expect(await cdr(caller.uniqueid)).toMatchObject({ billsec: 30, evidence: 'event' });
    });

    test('does not end a call that the channel made by another way', async () => {
      const caller = channel();
      await caller.agi('authorize');
      await db.database('astcdr').where({ uniqueid: caller.uniqueid }).update({ node: 'ast1' });
      caller.dialled('BUSY');
      expect(await caller.agi('authorize')).toMatchObject({ REFUSAL: 'ledger_unavailable' });
      await caller.agi('settle');
      expect(await cdr(caller.uniqueid)).toMatchObject({ end_at: null });
      await db.database('astcdr').where({ uniqueid: caller.uniqueid }).update({ node: NODE });
    });
  });

  test('authorize-caller takes the account of the number, and of nobody else; authorize never does', async () => {
    await addCaller(actingAs('test', db.database), `4930${accounts}`, account);
    const known = channel({ agi_callerid: `+4930${accounts}`, agi_accountcode: 'nobody' });
    expect(await known.agi('authorize')).toMatchObject({ REFUSAL: 'account_not_found' });
    expect(await known.agi('authorize-caller')).toMatchObject({ REFUSAL: '', SECONDS: '600' });
    const stranger = channel({ agi_callerid: '4930999' });
    expect(await stranger.agi('authorize-caller', account)).toMatchObject({ REFUSAL: 'account_not_found' });
    const without = channel({ agi_callerid: 'unknown' });
    expect(await without.agi('authorize-caller', '', '33123')).toMatchObject({ REFUSAL: 'account_not_found' });
    expect(await cdrs()).toMatchObject([{ dst: '4930123450' }]);
  });

  test('a caller who hangs up while it is asked holds nothing', async () => {
    const caller = channel();
    caller.before = (number, wire) => {
      if (number === 7) wire.send('HANGUP\n');
    };
    await caller.agi('authorize');
    expect(await settled(caller.uniqueid)).toMatchObject({ disposition: 'NO ANSWER', hangup_source: 'caller' });
    expect(await accountRow(db, account)).toMatchObject({ reserved: '0.000000', active_calls: 0 });
  });

  test('a connection that breaks before the channel may dial holds nothing; one that breaks later is left to the journal', async () => {
    const [early, late] = [channel(), channel()];
    await db.database('astaccount').where({ accountcode: account }).update({ max_call_seconds: 60 });
    early.before = (number, wire) => void (number === 8 && wire.socket.destroy());
    late.before = (number, wire) => void (number === 14 && wire.socket.destroy());
    await early.agi('authorize');
    await late.agi('authorize');
    expect(early.told()).toMatchObject({ REFUSAL: 'ledger_unavailable', DIAL_OPTIONS: 'L(1)' });
    expect(late.told()).toMatchObject({ REFUSAL: 'ledger_unavailable', LIMIT_MS: '60050' });
    expect(await settled(early.uniqueid)).toMatchObject({ disposition: 'NO ANSWER' });
    await until(() => expect(refusals('connection_lost')).toBe(2));
    expect(await cdr(late.uniqueid)).toMatchObject({ end_at: null });
    await wrote(db, late.uniqueid, { callerGoneAt: NOON + 100 });
    expect(await settled(late.uniqueid)).toMatchObject({ disposition: 'NO ANSWER' });
  });

  test('an emergency call is let through without an account, and is free', async () => {
    const caller = channel({ agi_accountcode: '', agi_extension: '112' });
    expect(await caller.agi('authorize')).toMatchObject({ REFUSAL: '', SECONDS: '3600', BALANCE: '' });
    expect(agi.lines.some(({ event }) => event === 'agi_emergency_unwritten')).toBe(true);
    const known = channel({ agi_extension: '112' });
    expect(await known.agi('authorize')).toMatchObject({ REFUSAL: '', SECONDS: '3600' });
    expect(await cdr(known.uniqueid)).toMatchObject({ dst: '112', max_cost: '0.000000' });
  });

  describe('an emergency call after one whose end is not known yet', () => {
    /** Keeps the database from doing something, until the returned function is called. */
    const keep = async (...statements: string[]) => {
      const connection = await openConnection(db.url);
      for (const statement of statements) await connection.query(statement);
      return () => connection.end();
    };
    let slow: TestDoor;
    beforeEach(async () => {
      slow = await openDoor(db, { startDeadlineMs: 1_000 });
    });
    afterEach(() => slow.close());
    const talked = async () => {
      const caller = new Channel(slow.port, { agi_accountcode: account, agi_extension: '4930123450' });
      await caller.agi('authorize');
      caller.dialled('ANSWER', null);
      caller.state = 'Up';
      caller.now += 300_000;
      return caller;
    };

    test.each([
      [
        'the account is locked',
        () => [`BEGIN`, `SELECT * FROM astaccount WHERE accountcode = '${account}' FOR UPDATE`],
        '+2',
      ],
      ['its calls cannot be read', () => ['LOCK TABLES astcdr WRITE'], `+${NOON + 300_000}`],
    ])(
      'that is given up while %s leaves the first to its journal, and is in the books itself',
      async (_, statements, name) => {
        const caller = await talked();
        const letGo = await keep(...statements());
        caller.before = (number, wire) => {
          if (number === 14) wire.send('HANGUP\n');
        };
        const told = caller.agi('authorize', '', '112');
        await until(() => expect(slow.lines.some(({ event }) => event === 'agi_emergency_unwritten')).toBe(true));
        await letGo();
        expect(await told).toMatchObject({ REFUSAL: '', SECONDS: '3600', UNIQUEID: `${caller.uniqueid}${name}` });
        expect(await settled(`${caller.uniqueid}${name}`)).toMatchObject({
          dst: '112',
          disposition: 'NO ANSWER',
          cost: '0.000000',
        });
        expect(await cdr(caller.uniqueid)).toMatchObject({ end_at: null });
        await wrote(db, caller.uniqueid, {
          answerAt: NOON + 10_000,
          endAt: NOON + 130_000,
          callerGoneAt: NOON + 300_100,
        });
        expect(await settled(caller.uniqueid)).toMatchObject({ billsec: 120, cost: '2.000000', evidence: 'cel' });
        expect(await accountRow(db, account)).toMatchObject({
          balance: '8.000000',
          reserved: '0.000000',
          active_calls: 0,
        });
      },
    );

    test('whose end the channel tells: that says nothing of the first, which is left to its journal', async () => {
      const caller = await talked();
      expect(await caller.agi('authorize', '', '112')).toMatchObject({ REFUSAL: '', UNIQUEID: `${caller.uniqueid}+2` });
      await until(() => expect(slow.door.waiting).toBe(0));
      caller.dialled('BUSY', null, '17');
      caller.now += 5_000;
      await caller.agi('settle');
      expect(await settled(`${caller.uniqueid}+2`)).toMatchObject({ disposition: 'BUSY', cost: '0.000000' });
      await until(() => expect(slow.door.waiting).toBe(0));
      expect(await cdr(caller.uniqueid)).toMatchObject({ end_at: null });
      await wrote(db, caller.uniqueid, { answerAt: NOON + 10_000, endAt: NOON + 70_000, callerGoneAt: NOON + 305_000 });
      expect(await settled(caller.uniqueid)).toMatchObject({ billsec: 60, cost: '1.000000', evidence: 'cel' });
    });

    test('that the ledger is not asked for ends nothing when it is given up', async () => {
      const caller = await talked();
      caller.linkedid = 'ast1-1.1';
      caller.before = (number, wire) => {
        if (number === 14) wire.send('HANGUP\n');
      };
      expect(await caller.agi('authorize', '', '112')).toMatchObject({ REFUSAL: '', SECONDS: '3600', UNIQUEID: '' });
      await wrote(db, caller.uniqueid, { answerAt: NOON + 10_000, endAt: NOON + 70_000, callerGoneAt: NOON + 300_100 });
      expect(await settled(caller.uniqueid)).toMatchObject({ billsec: 60, cost: '1.000000', evidence: 'cel' });
    });
  });

  test("the account is the template's, and warnings are Dial's where they are asked for", async () => {
    await addAccount(db, `pbx-${account}`, '2', { warn_seconds: '60,20', warn_sound: 'say' });
    const other = await openDoor(db, { settings: { account: 'pbx-{accountcode}', warnings: true } });
    const caller = new Channel(other.port, { agi_accountcode: account });
    expect(await caller.agi('authorize')).toMatchObject({ DIAL_OPTIONS: 'L(120050:60000:40000)', LIMIT_MS: '120050' });
    expect(caller.variables.get('LIMIT_WARNING_FILE')).toBe('timeleft');
    await other.close();
  });

  test('two services serve one group of switches: what both settle is charged once', async () => {
    const other = await openDoor(db);
    const caller = channel();
    await caller.agi('authorize');
    await wrote(db, caller.uniqueid, { answerAt: NOON + 1_000, endAt: NOON + 61_000, callerGoneAt: NOON + 61_010 });
    const again = new Channel(other.port, { agi_uniqueid: caller.uniqueid, agi_accountcode: account });
    await Promise.all([caller.agi('settle'), again.agi('settle')]);
    await settled(caller.uniqueid);
    await until(() => expect(agi.door.waiting + other.door.waiting).toBe(0));
    expect(await accountRow(db, account)).toMatchObject({ balance: '9.000000', reserved: '0.000000' });
    await other.close();
  });

  test('two that ask for the same call at once: one has it', async () => {
    const other = await openDoor(db);
    const one = channel();
    const two = new Channel(other.port, { agi_uniqueid: one.uniqueid, agi_accountcode: account });
    two.now += 1;
    // Both have looked for calls of the channel, and found none, before either is written: otherwise the second would be its next call.
    const unlock = await lockAccount(db, account);
    const asked = Promise.all([one.agi('authorize'), two.agi('authorize')]);
    await until(async () => {
      const [statements] = await db.database.raw('SHOW FULL PROCESSLIST');
      const isWaiting = ({ Info }: { Info: string | null }) => Info?.includes(account) && Info.endsWith('FOR UPDATE');
      expect(statements.filter(isWaiting)).toHaveLength(2);
    });
    await unlock();
    const told = await asked;
    expect(told.filter(({ REFUSAL }) => REFUSAL === '')).toHaveLength(1);
    expect(await cdrs()).toHaveLength(1);
    await other.close();
  });

  test('what is no script of ours, no AGI, or no peer is refused and told', async () => {
    await channel().agi('authorise');
    await until(() => expect(refusals('script_unknown')).toBe(1));
    const wire = await Wire.open(agi.port);
    wire.send('GET / HTTP/1.1\r\n\r\n');
    expect(await wire.upTo('never')).toBe('');
    await until(() => expect(refusals('message_invalid')).toBe(1));
    expect(lastRefusal('message_invalid')).toMatchObject({
      peer: '127.0.0.1',
      detail: expect.stringContaining('agi_name'),
    });
    const stranger = await Wire.open(agi.port, '127.0.0.9');
    stranger.send(environment('authorize'));
    expect(await stranger.upTo('never')).toBe('');
    expect(lastRefusal('peer_not_allowed')).toMatchObject({ peer: '127.0.0.9' });
    // The log contains no dialled number whole.
    expect(JSON.stringify(agi.lines)).not.toContain('4930123450');
  });
});
