/** The bytes of call_control, on real databases. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../../../src/settings';
import { ringfence } from '../../cli/cli-fixture';
import { accountRow, addAccount } from '../../credit/ledger-fixture';
import { engines } from '../../database/test-database';
import { eventually } from '../../eventually';
import { conversation, converse } from '../conversation';
import { until, Wire } from '../door-fixture';
import { type ControlService, init, startControlService, told } from './control-fixture';

test('the module, which waits 500 ms where nothing else is set, is answered before that', () => {
  const { doors } = readSettings({ RINGFENCE_DATABASE_URL: 'mysql://ringfence:secret@db1/ringfence' });
  expect(doors.proxy.answerWithinMs).toBeLessThan(500);
});

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describe.each(engines)('call_control on %s', engine => {
  let control: ControlService;

  beforeAll(async () => {
    control = await startControlService(engine);
    await addAccount(control.test, 'alice@example.com', '10.00');
    await addAccount(control.test, 'poor@example.com', '0.50');
    await addAccount(control.test, 'blocked@example.com', '10.00', { status: 'blocked' });
  });
  afterAll(() => control?.stop());

  const account = (user: string, balance: string, more = {}) =>
    addAccount(control.test, `${user}@example.com`, balance, more);
  const cdrs = (user: string) =>
    control.test
      .database('astcdr')
      .where({ accountcode: `${user}@example.com` })
      .orderBy('start_at');
  const settled = (user: string) =>
    eventually(async () => {
      const rows = await cdrs(user);
      return rows.length > 0 && rows.every(({ end_at }) => end_at !== null) ? rows : null;
    }, `the end of ${user}'s calls`);
  const refusals = () => control.lines.filter(({ event }) => event === 'door_refused').map(({ reason }) => reason);
  const askOnce = async (message: string, end: string): Promise<string> => {
    const wire = await Wire.open(control.socket);
    wire.send(message);
    const answer = await wire.upTo(end);
    wire.close();
    return answer;
  };
  /** Asks again if the connection was closed before the question arrived, as a worker does: a connection without a byte in 50 ms is closed. */
  const ask = async (message: string, end = '\r\n'): Promise<string> =>
    (await askOnce(message, end)) || askOnce(message, end);

  test.each(['opensips', 'kamailio'])('a conversation, byte by byte: %s', async name => {
    // Seconds lie between two calls of a caller: an end is looked for at the proxy before it is booked, and frees what the next needs.
    const booked = () =>
      until(async () => expect((await accountRow(control.test, 'alice@example.com')).reserved).toBe('0.000000'));
    await converse(conversation(join(__dirname, `${name}.fixture`)), { path: control.socket }, booked);
    // Of each conversation one call was answered, at a whole minute.
    const costs = (await settled('alice')).map(({ cost }) => Number(cost));
    expect(name === 'opensips' ? costs : costs.slice(4)).toEqual(name === 'opensips' ? [1, 0, 0, 0] : [1, 0]);
    expect((await accountRow(control.test, 'alice@example.com')).reserved).toBe('0.000000');
  });

  test('the file may be opened by its owner and his group, and by nobody else', () => {
    expect(statSync(control.socket).mode & 0o777).toBe(0o660);
  });

  test('a call past its limit is ended by the ID of its dialog, not by a Call-ID that looks like the ID of another', async () => {
    await account('clever', '0.10');
    control.opensips.dialogs.set('bystander', { ID: '8bb.5322', state: 4, timestart: 1 });
    control.opensips.dialogs.set('8bb.5322', { ID: '1f.77', state: 4, timestart: Math.floor(Date.now() / 1000) });
    expect(await ask(init('8bb.5322', 'clever', '0033123'))).toBe('Limited\r\n');
    expect(await ask(told('start', '8bb.5322'))).toBe('Ok\r\n');
    const [row] = await settled('clever');
    // A busy machine ends it some seconds later. That costs the caller nothing more.
    expect(row).toMatchObject({ billsec: expect.any(Number), cost: '0.100000', hangup_source: 'limit' });
    expect(row?.billsec).toBeGreaterThanOrEqual(1);
    expect(control.opensips.ended).toEqual(['1f.77']);
    expect([...control.opensips.dialogs.keys()]).toEqual(['bystander']);
  });

  test('a call that its proxy does not end at its limit is an alarm, once, which is over when the call is', async () => {
    await account('endless', '0.10');
    control.opensips.endsNothing = true;
    control.opensips.dialogs.set('endless-1', { ID: '7.7', state: 4, timestart: Math.floor(Date.now() / 1000) });
    expect(await ask(init('endless-1', 'endless', '0033123'))).toBe('Limited\r\n');
    expect(await ask(told('start', 'endless-1'))).toBe('Ok\r\n');
    const alarms = () => control.lines.filter(({ event }) => event === 'limit_not_kept');
    await until(() => expect(alarms()).toMatchObject([{ level: 50, uniqueid: 'proxy:main:call:endless-1' }]));
    // It is logged first, and written when the lane comes to it.
    const events = await eventually(async () => {
      const rows = await control.test.database('astoutbox').where({ kind: 'limit_not_kept' });
      return rows.length > 0 ? rows : null;
    }, 'the event of the alarm');
    expect(events).toMatchObject([{ accountcode: 'endless@example.com', uniqueid: 'proxy:main:call:endless-1' }]);
    expect(JSON.parse(events[0].facts)).toEqual({ node: 'proxy:main', granted_seconds: 1 });
    const gauge = async () =>
      (await (await fetch(`http://127.0.0.1:${control.metricsPort}/metrics`)).text())
        .split('\n')
        .filter(line => line.startsWith('ringfence_calls_past_limit'));
    expect(await gauge()).toEqual(['ringfence_calls_past_limit{switch="proxy:main"} 1']);
    const pastLimit = async () => {
      const { items } = JSON.parse((await ringfence(control.test.url, ['status', '--json'])).out);
      return items.find(({ node }: { node: string }) => node === 'proxy:main').past_limit;
    };
    await eventually(async () => ((await pastLimit()) === 1 ? true : null), 'the line of status', 25_000);
    // It was asked for again all the while.
    expect(control.opensips.ended.filter(id => id === '7.7').length).toBeGreaterThan(2);
    expect(alarms()).toHaveLength(1);
    control.opensips.endsNothing = false;
    expect(await settled('endless')).toMatchObject([{ hangup_source: 'limit', cost: '0.100000' }]);
    expect(await gauge()).toEqual([]);
    expect(await pastLimit()).toBe(0);
  }, 60_000);

  describe('with what OpenSIPS keeps for us', () => {
    const cache = () => control.opensips.cache;
    const talkingNow = () => Math.floor(Date.now() / 1000);

    test('what a call is granted is there before it is let through, and its dialog hears of what is granted later', async () => {
      await account('sharer', '0.60', { mode: 'shared', slice_seconds: 3 });
      expect(await ask(init('sharer-1', 'sharer', '0033123'))).toBe('Limited\r\n');
      // Two seconds later than ours.
      const granted = Number((await cdrs('sharer'))[0]?.granted_seconds);
      expect(cache().get('granted sharer-1')).toBe(String(granted + 2));
      control.opensips.dialogs.set('sharer-1', { ID: '5.5', state: 4, timestart: talkingNow() });
      expect(await ask(told('start', 'sharer-1'))).toBe('Ok\r\n');
      expect(await settled('sharer')).toMatchObject([{ billsec: 6, cost: '0.600000', hangup_source: 'limit' }]);
      const limits = control.opensips.limits.filter(([did]) => did === '5.5').map(([, seconds]) => seconds);
      // Not at the answer, as its dialog counts from there by itself.
      expect(limits.length).toBeGreaterThan(0);
      for (const seconds of limits) expect(seconds).toBeGreaterThan(2);
      await until(() => expect(cache().has('granted sharer-1')).toBe(false));
    }, 30_000);

    test('calls that end while there is no service cost what they talked, by what OpenSIPS noted, which is then removed', async () => {
      for (const user of ['noted', 'unheard', 'rang', 'forgotten']) {
        await account(user, '10.00');
        expect(await ask(init(`${user}-1`, user, '0033123'))).toBe('Limited\r\n');
        control.opensips.dialogs.set(`${user}-1`, { ID: `${user}.1`, state: 2, timestart: 0 });
        cache().set(`call ${user}-1`, `${user}.1`);
      }
      expect(await ask(told('start', 'noted-1'))).toBe('Ok\r\n');
      await until(async () => expect((await cdrs('noted'))[0]?.answer_at).not.toBeNull());
      const second = talkingNow();
      await control.restartService(() => {
        control.opensips.dialogs.clear();
        // An hour ahead: how long they talked counts.
        cache().set('call noted-1', `noted.1/${second + 3600}:250000/${second + 3609}:7000/Upstream BYE`);
        cache().set('call unheard-1', `unheard.1/${second}:900000/${second + 4}:1000/Downstream BYE`);
        cache().set('call rang-1', `rang.1//${second}:500000/Cancelled`);
        // Of a call that is none of ours.
        cache().set('call stranger-1', `noted.1/${second}:0/${second + 100}:0/Upstream BYE`);
      });
      expect(await settled('noted')).toMatchObject([
        { evidence: 'proxy', billsec: 8, cost: '0.800000', hangup_source: 'callee' },
      ]);
      expect(await settled('unheard')).toMatchObject([
        { evidence: 'proxy', billsec: 3, cost: '0.300000', hangup_source: 'caller' },
      ]);
      expect(await settled('rang')).toMatchObject([{ evidence: 'proxy', cost: '0.000000', disposition: 'NO ANSWER' }]);
      await until(() => expect([...cache().keys()].filter(key => / (noted|unheard|rang)-1$/.test(key))).toEqual([]));
      expect(cache().has('call stranger-1')).toBe(true);
      const forgotten = await eventually(
        async () => (await cdrs('forgotten')).find(({ end_at }) => end_at !== null) ?? null,
        'the end of a call of which nothing was noted',
        40_000,
      );
      expect(forgotten).toMatchObject({ evidence: 'sighting', cost: '0.000000' });
    }, 90_000);

    test('a call that was ended by a command of OpenSIPS, and not by us, was ended by an operator', async () => {
      await account('ended', '10.00');
      expect(await ask(init('ended-1', 'ended', '0033123'))).toBe('Limited\r\n');
      expect(await ask(told('start', 'ended-1'))).toBe('Ok\r\n');
      const second = talkingNow();
      cache().set('call ended-1', `ended.1/${second}:0/${second + 1}:0/MI Termination`);
      expect(await ask(told('stop', 'ended-1'))).toBe('Ok\r\n');
      expect(await settled('ended')).toMatchObject([{ evidence: 'event', hangup_source: 'operator' }]);
    });
  });

  test('an emergency number is let through whoever calls, and however many of his calls are up', async () => {
    await account('full', '10.00');
    const limit = ['prepaid: true', 'call_limit: 1'];
    expect(await ask(init('full-1', 'full', '0049301', limit))).toBe('Limited\r\n');
    expect(await ask(init('full-2', 'full', '0049301', limit))).toBe('Call limit reached\r\n');
    expect(await ask(init('full-3', 'full', '112', limit))).toBe('Limited\r\n');
    expect(await ask(init('full-4', 'full', '112;rn=0049900', limit))).toBe('Call limit reached\r\n');
    const anonymous = init('full-5', 'x', '112').replace('<sip:x@example.com>', '<sip:anonymous.invalid>');
    expect(await ask(anonymous)).toBe('Limited\r\n');
    for (const callId of ['full-1', 'full-3', 'full-5']) await ask(told('stop', callId));
    await settled('full');
  });

  test.each([
    ['00441', 'Locked', 'number_barred'],
    ['+441;npdi', 'Locked', 'number_barred'],
    ['+00441', 'Error', 'number_invalid'],
    ['0000441', 'Error', 'number_invalid'],
    ['+112', 'Error', 'number_invalid'],
    ['0049199123', 'Locked', 'destination_blocked'],
  ])('a bar holds for every spelling: %s is answered %s', async (number, reply, refusal) => {
    const user = `barred-${number.replaceAll('+', 'plus').replace(';', '')}`;
    await account(user, '10.00', { barred_prefixes: '44' });
    expect(await ask(init(`${user}-1`, user, number))).toBe(`${reply}\r\n`);
    expect(refusals().at(-1)).toBe(refusal);
    expect(await cdrs(user)).toMatchObject([{ refusal }]);
  });

  test('an answer and an end that nobody told are seen in the list of dialogs', async () => {
    await account('untold', '10.00');
    expect(await ask(init('untold-1', 'untold', '0033123'))).toBe('Limited\r\n');
    control.opensips.dialogs.set('untold-1', { ID: '1.1', state: 2, timestart: 0 });
    await pause(1_200);
    control.opensips.dialogs.set('untold-1', { ID: '1.1', state: 4, timestart: Math.floor(Date.now() / 1000) });
    await until(async () => expect((await cdrs('untold'))[0]?.answer_at).not.toBeNull());
    control.opensips.dialogs.delete('untold-1');
    expect(await settled('untold')).toMatchObject([{ disposition: 'ANSWERED' }]);
  });

  test('a call that never became a dialog is over after 10 s, and its money is free', async () => {
    await account('stillborn', '10.00');
    expect(await ask(init('stillborn-1', 'stillborn', '0049301'))).toBe('Limited\r\n');
    await pause(8_000);
    expect(await cdrs('stillborn')).toMatchObject([{ end_at: null }]);
    await until(async () => expect((await cdrs('stillborn'))[0]?.end_at).not.toBeNull());
    expect(await settled('stillborn')).toMatchObject([{ cost: '0.000000', disposition: 'NO ANSWER' }]);
    expect(await accountRow(control.test, 'stillborn@example.com')).toMatchObject({ reserved: '0.000000' });
  }, 30_000);

  test('a connection on which nothing comes at once is closed: Kamailio would share it among its workers', async () => {
    const wire = await Wire.open(control.socket);
    await until(() => expect(wire.ended).toBe(true));
    expect(control.lines.filter(({ event }) => event === 'door_failed')).toEqual([]);
  });

  test('of two that ask on one connection nobody gets the answer of the other, and nothing is held', async () => {
    await account('shared', '10.00');
    const wire = await Wire.open(control.socket);
    wire.send(init('shared-1', 'shared', '0049301'));
    wire.send(init('shared-2', 'shared', '0049301'));
    expect(await wire.upTo('\r\n')).toBe('');
    expect(refusals()).toContain('messages_overlap');
    await until(async () =>
      expect(await accountRow(control.test, 'shared@example.com')).toMatchObject({
        reserved: '0.000000',
        active_calls: 0,
      }),
    );
  });

  test('who gives up before he is answered holds nothing', async () => {
    await account('hasty', '10.00');
    const wire = await Wire.open(control.socket);
    wire.send(init('hasty-1', 'hasty', '0049301'));
    wire.socket.destroy();
    expect(await settled('hasty')).toMatchObject([{ cost: '0.000000', disposition: 'NO ANSWER' }]);
  });

  test('a database that stands still for 600 ms is waited for, where the proxy waits longer than that', async () => {
    await account('held', '10.00');
    /** Asks while the database stands still, and says for how long it did: on a busy machine longer than a statement may wait, now and then. */
    const heldFor = async (call: string): Promise<{ answer: string; ms: number }> => {
      const blocker = await control.test.database.transaction();
      await blocker('astaccount').where({ accountcode: 'held@example.com' }).forUpdate().first();
      const heldAt = performance.now();
      const answer = ask(init(call, 'held', '0049301'));
      await pause(600);
      await blocker.commit();
      return { answer: await answer, ms: performance.now() - heldAt };
    };
    let held = await heldFor('held-1');
    for (let tries = 2; held.ms > 900 && tries <= 5; tries++) {
      await ask(told('stop', `held-${tries - 1}`));
      held = await heldFor(`held-${tries}`);
    }
    expect(held.answer).toBe('Limited\r\n');
    for (const tries of [1, 2, 3, 4, 5]) await ask(told('stop', `held-${tries}`));
    await settled('held');
  });

  test.each([
    ['message_too_long', `init\r\nruri: ${'x'.repeat(9_000)}\r\n\r\n`],
    ['message_too_long', 'a: b\r\n'.repeat(60)],
    ['message_unfinished', 'init\r\nruri: x\r\n'],
  ])('%s closes the connection, and is told', async (reason, bytes) => {
    const wire = await Wire.open(control.socket);
    wire.send(bytes);
    wire.socket.end();
    expect(await wire.upTo('\r\n')).toBe('');
    expect(refusals()).toContain(reason);
  });

  test('while the proxy is not to be reached its calls are decided all the same, and it hears an error when one is to be ended', async () => {
    await account('away', '10.00');
    expect(await ask(init('away-1', 'away', '0049301'))).toBe('Limited\r\n');
    control.opensips.isSilent = true;
    expect(await ask(told('terminate', 'away-1'), '\r\n\r\n')).toBe('Error\r\n\r\n');
    control.opensips.isSilent = false;
    expect(await ask(told('stop', 'away-1'))).toBe('Ok\r\n');
    await settled('away');
  });

  test('an operator ends a call of a proxy by the command line, and is told when nobody can', async () => {
    await account('operated', '10.00');
    expect(await ask(init('op-1', 'operated', '0049301'))).toBe('Limited\r\n');
    control.opensips.dialogs.set('op-1', { ID: '2.2', state: 4, timestart: Math.floor(Date.now() / 1000) });
    await until(async () => expect((await cdrs('operated'))[0]?.answer_at).not.toBeNull());
    const rpc = `opensips+udp://127.0.0.1:${control.opensips.port}`;
    const hangup = (environment: Record<string, string>) =>
      ringfence(control.test.url, ['call', 'hangup', 'proxy:main:call:op-1'], environment);
    expect(await hangup({})).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('RINGFENCE_PROXY_RPC is missing: set it to where proxy:main is asked'),
    });
    expect(await hangup({ RINGFENCE_PROXY_RPC: rpc, RINGFENCE_PROXY_NAME: 'other' })).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('proxy:main is not proxy:other: set RINGFENCE_PROXY_NAME and RINGFENCE_PROXY_RPC'),
    });
    expect(await hangup({ RINGFENCE_PROXY_RPC: rpc })).toMatchObject({
      exitCode: 0,
      out: 'proxy:main:call:op-1 is hung up\n',
    });
    expect(control.opensips.ended.at(-1)).toBe('2.2');
    await settled('operated');
  });
});

test.each(engines)(
  'a database that stands still is an error within the 450 ms that are set, and nothing stays held: %s',
  async engine => {
    // The deadline of other calls does not count.
    const more = { RINGFENCE_PROXY_ANSWER_WITHIN_MS: '450', RINGFENCE_START_DEADLINE_MS: '5000' };
    const control = await startControlService(engine, more);
    await addAccount(control.test, 'slow@example.com', '10.00');
    const blocker = await control.test.database.transaction();
    await blocker('astaccount').where({ accountcode: 'slow@example.com' }).forUpdate().first();
    const wire = await Wire.open(control.socket);
    const startedAt = performance.now();
    wire.send(init('slow-1', 'slow', '0049301'));
    expect(await wire.upTo('\r\n')).toBe('Error\r\n');
    // For a busy machine; for other calls 5000.
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    wire.close();
    await blocker.commit();
    await until(async () =>
      expect(await accountRow(control.test, 'slow@example.com')).toMatchObject({ reserved: '0.000000' }),
    );
    expect(control.lines.filter(({ event }) => event === 'door_refused')).toMatchObject([
      { reason: 'ledger_unavailable' },
    ]);
    await control.stop();
  },
);
