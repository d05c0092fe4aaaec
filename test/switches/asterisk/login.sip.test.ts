/** A real switch whose password is not the service's: no caller waits for a service that can do nothing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changeSetting, enableSection } from '../../../lab/servers/asterisk-config';
import { type Exchange, registered, startExchange } from '../../calls/exchange';
import { json } from '../../cli/cli-fixture';
import { accountRow } from '../../credit/ledger-fixture';
import { eventually } from '../../eventually';

/** Far below the dialplan's patience of 20 s, after which a caller would see 603. */
const SOON_MS = 8_000;

const RIGHT = 'fence-lab';

describe.each([
  { way: 'Ringfence connects to Asterisk', outbound: false },
  { way: 'Asterisk connects to Ringfence', outbound: true },
])('$way', ({ outbound }) => {
  let exchange: Exchange;
  beforeAll(async () => {
    exchange = await startExchange({ outbound });
  });
  afterAll(() => exchange?.stop());

  const setPassword = async (password: string, user = 'ringfence'): Promise<void> => {
    const path = join(exchange.asterisk.dir, 'etc/ari.conf');
    const before = readFileSync(path, 'utf8');
    const text = before.includes(`;[${user}]`) ? enableSection(before, user) : before;
    writeFileSync(path, changeSetting(text, user, 'password', password));
    await exchange.asterisk.cli('module reload res_ari.so');
  };
  const alarms = async () => (await json(exchange.test.url, ['status'])).alarms;
  const isConnected = () => {
    const changes = exchange.log.filter(({ event }) => /^switch_(dis)?connected$/.test(String(event)));
    return changes.at(-1)?.event === 'switch_connected';
  };

  test('its password is changed: callers are refused with 500 at once, the call in progress goes on, and all is well when it is right again', async () => {
    await exchange.account('alice', '10.00');
    await exchange.account('bob', '10.00');
    const talking = await exchange.begin('alice', '33123450', { from: '127.0.0.2' });
    await exchange.answered('alice');
    await setPassword('another');

    await eventually(async () => (isConnected() ? null : true), 'the end of the connection');
    // If Asterisk keeps the application open, a caller waits for as long as the dialplan allows; that is not tried here.
    for (let caller = 0; caller < (outbound ? 0 : 3); caller += 1) {
      const seen = await exchange.call('bob', '33123450', { from: '127.0.0.4' });
      expect(seen.sipStatus).toBe(500);
      expect(seen.endedAt - seen.invitedAt).toBeLessThan(SOON_MS);
    }

    const { host } = new URL(exchange.asterisk.ariUrl);
    const [alarm, ...others] = await alarms();
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({ alarm: 'switch_login_refused', subject: host });
    expect(alarm.details).toMatch(/^wrong user or password: http:.* answers 401/);
    expect(JSON.stringify([alarm, exchange.log])).not.toContain(RIGHT);
    expect(exchange.log.filter(({ event }) => event === 'switch_login_refused')).toHaveLength(1);

    await setPassword(RIGHT);
    await eventually(async () => (isConnected() ? true : null), 'the connection');
    await registered(exchange.asterisk);
    await eventually(async () => ((await alarms()).length === 0 ? true : null), 'the end of the alarm');
    expect(await exchange.call('bob', '33123450', { from: '127.0.0.4', talkMs: 1_200 })).toMatchObject({
      sipStatus: 200,
    });
    await exchange.asterisk.cli('channel request hangup all');
    expect(await talking.finished).toMatchObject({ sipStatus: 200 });
    expect((await exchange.settled('alice'))[0]).toMatchObject({ disposition: 'ANSWERED' });
    await eventually(async () => {
      const rows = await Promise.all(['alice', 'bob'].map(account => accountRow(exchange.test, account)));
      return rows.every(row => row.reserved === '0.000000' && row.active_calls === 0) ? true : null;
    }, 'the end of all calls');
    const answered = (await exchange.test.database('astcdr').where({ accountcode: 'bob' })).filter(
      ({ disposition }) => disposition === 'ANSWERED',
    );
    expect(answered).toHaveLength(1);
    await exchange.nothingLeft();
  });

  test('a service that is started with a wrong password says so, and begins by itself when it is right', async () => {
    await setPassword('another');
    await exchange.service.stop();
    const restarted = exchange.restartService();
    await eventually(async () => ((await alarms())[0]?.alarm === 'switch_login_refused' ? true : null), 'the alarm');
    if (!outbound) {
      expect(await exchange.call('bob', '33123450', { from: '127.0.0.4' })).toMatchObject({ sipStatus: 500 });
    }
    await setPassword(RIGHT);
    await restarted;
    await eventually(async () => ((await alarms()).length === 0 ? true : null), 'the end of the alarm');
    await eventually(async () => (isConnected() ? true : null), 'the connection');
    expect(await exchange.call('bob', '33123450', { from: '127.0.0.4', talkMs: 1_200 })).toMatchObject({
      sipStatus: 200,
    });
  });

  test('two users in turn: the password changes under a call in progress, which is charged to its end, and nobody is told 401', async () => {
    await exchange.account('carol', '10.00');
    const loggedBefore = exchange.log.length;
    const talking = await exchange.begin('carol', '33123450', { from: '127.0.0.5' });
    await exchange.answered('carol');
    await setPassword('second', 'ringfence-second');
    const url = new URL(exchange.asterisk.ariUrl);
    Object.assign(url, { username: 'ringfence-second', password: 'second' });
    await exchange.restartService({ RINGFENCE_ARI_URL: url.href.replace(/\/$/, '') });
    await setPassword('nobody-knows');
    await eventually(async () => (isConnected() ? true : null), 'the connection');
    // More than one of the service's own requests later.
    await new Promise(done => setTimeout(done, 2_500));
    expect(await exchange.call('bob', '33123450', { from: '127.0.0.4', talkMs: 1_200 })).toMatchObject({
      sipStatus: 200,
    });
    await exchange.asterisk.cli('channel request hangup all');
    await talking.finished;
    expect(await exchange.settled('carol')).toMatchObject([{ disposition: 'ANSWERED', evidence: 'event' }]);
    expect(exchange.log.slice(loggedBefore).filter(line => /\b401\b/.test(JSON.stringify(line)))).toEqual([]);
    await exchange.nothingLeft();
  });
});
