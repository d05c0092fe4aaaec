/** call_control of a real Kamailio with the configuration of docs/doors.md, driven by SIPp. */
import { hangUpAtProxy } from '../../../src/switches/proxy/hang-up';
import { expectCutAt } from '../../calls/cut-at';
import { accountRow } from '../../credit/ledger-fixture';
import { eventually, LATE_MS } from '../../eventually';
import { CALL_CONTROL_EXCHANGE, type ProxyExchange, startProxyExchange } from '../../switches/proxy/proxy-fixture';
import { until, Wire } from '../door-fixture';
import { init } from './control-fixture';

let exchange: ProxyExchange;
beforeAll(async () => {
  exchange = await startProxyExchange(CALL_CONTROL_EXCHANGE);
});
afterAll(() => exchange?.stop());

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
/** Kamailio reports nothing, and lets no call through, for 10 s after it could not connect. */
const heardAgain = () => pause(10_500);

test('a call of 3 s is limited, told to Ringfence and charged by its talk', async () => {
  await exchange.account('alice', '5.00');
  expect(await exchange.call('alice', '33123450', { talkMs: 3_200 })).toMatchObject({
    sipStatus: 200,
    ringing: true,
    endedBy: 'caller',
  });
  expect(await exchange.settled('alice')).toMatchObject([
    {
      node: 'proxy:main',
      dst: '33123450',
      billsec: 3,
      cost: '0.300000',
      granted_seconds: 50,
      disposition: 'ANSWERED',
      evidence: 'event',
      is_fixed: 0,
    },
  ]);
  expect(await accountRow(exchange.test, 'alice')).toEqual({
    balance: '4.700000',
    reserved: '0.000000',
    active_calls: 0,
  });
  expect(await exchange.kamailio.rpc('htable.dump', ['ringfence'])).toEqual([]);
});

test('a call is cut when its money is over, by BYE to both sides', async () => {
  await exchange.account('cut', '0.40');
  const seen = await exchange.call('cut', '33123450');
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expectCutAt(seen.talkMs, 4_050);
  expect(await exchange.settled('cut')).toMatchObject([
    { billsec: 4, cost: '0.400000', hangup_source: 'limit', overrun_seconds: 0 },
  ]);
  expect(await exchange.dialogs()).toEqual([]);
});

test.each([
  ['broke', 402, 'insufficient_balance'],
  ['nobody', 402, 'account_not_found'],
  ['barred', 403, 'account_blocked'],
])('%s is refused with %d before anybody is dialled: %s', async (account, status, refusal) => {
  if (account === 'broke') await exchange.account('broke', '0.05');
  if (account === 'barred') await exchange.account('barred', '5.00', { status: 'blocked' });
  expect(await exchange.call(account, '33123450')).toMatchObject({ sipStatus: status, ringing: false });
  expect(exchange.lines.filter(({ event }) => event === 'door_refused').at(-1)).toMatchObject({
    door: 'call-control',
    reason: refusal,
  });
});

test('a number that no rate has, and one that is none, are 503', async () => {
  await exchange.account('strange', '5.00', { barred_prefixes: '99' });
  expect(await exchange.call('strange', 'abc')).toMatchObject({ sipStatus: 503, ringing: false });
  expect(await exchange.call('strange', '99123')).toMatchObject({ sipStatus: 403, ringing: false });
});

test('a call that nobody answers, and one that is refused, cost nothing, and their records say why', async () => {
  await exchange.account('free', '1.00');
  expect(await exchange.call('free', '33123459', { patienceMs: 1_500 })).toMatchObject({ sipStatus: 487 });
  expect(await exchange.call('free', '33123456')).toMatchObject({ sipStatus: 486 });
  expect(await exchange.call('free', '33123457')).toMatchObject({ sipStatus: 404 });
  // Kamailio passes no 503 on.
  expect(await exchange.call('free', '33123458')).toMatchObject({ sipStatus: 500 });
  expect(await exchange.settled('free', 4)).toMatchObject([
    { disposition: 'NO ANSWER', hangup_cause: 16, hangup_source: 'caller', cost: '0.000000' },
    { disposition: 'BUSY', hangup_cause: 17, hangup_source: 'callee', cost: '0.000000' },
    { disposition: 'FAILED', hangup_cause: 1, hangup_source: 'callee', cost: '0.000000' },
    { disposition: 'CONGESTION', hangup_cause: 34, hangup_source: 'callee', cost: '0.000000' },
  ]);
  expect(await accountRow(exchange.test, 'free')).toMatchObject({ reserved: '0.000000', active_calls: 0 });
});

test('two calls on one balance of mode strict: the second is refused', async () => {
  await exchange.account('pair', '0.30');
  const seen = await exchange.call('pair', '33123450', { calls: 2 });
  expect(seen.calls.map(({ sipStatus }) => sipStatus).sort()).toEqual([200, 402]);
  expect((await exchange.settled('pair', 2)).map(({ cost }) => cost).sort()).toEqual(['0.000000', '0.300000']);
});

test('two calls that share a balance end together when it is over, and nothing is left', async () => {
  await exchange.account('duo', '1.20', { mode: 'shared', slice_seconds: 5 });
  const first = await exchange.begin('duo', '33123450');
  await pause(2_000);
  const seen = await Promise.all([first.finished, exchange.call('duo', '33123451')]);
  expect(seen.map(({ sipStatus, endedBy, errors }) => ({ sipStatus, endedBy, errors }))).toEqual(
    Array(2).fill({ sipStatus: 200, endedBy: 'called', errors: '' }),
  );
  const ends = seen.map(({ endedAt }) => endedAt);
  expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(3_000 + LATE_MS);
  const cdrs = await exchange.settled('duo', 2);
  expect(cdrs.map(({ hangup_source }) => hangup_source)).toEqual(['limit', 'limit']);
  expect(Number((await accountRow(exchange.test, 'duo')).balance)).toBeLessThan(0.1);
}, 60_000);

test('money that comes during a call lets it go on', async () => {
  await exchange.account('topped', '0.40', { mode: 'shared', slice_seconds: 5 });
  const talking = await exchange.begin('topped', '33123450');
  await exchange.answered('topped');
  await pause(1_500);
  await exchange.test.database('astaccount').where({ accountcode: 'topped' }).update({ credit_limit: '0.30' });
  await exchange.test.database.raw("UPDATE astaccount SET touched_at = UTC_TIMESTAMP(3) WHERE accountcode = 'topped'");
  const seen = await talking.finished;
  expectCutAt(seen.talkMs, 7_050);
  expect(await exchange.settled('topped')).toMatchObject([{ billsec: 7, cost: '0.700000' }]);
});

test('a ringing call is cancelled when an operator blocks its account', async () => {
  await exchange.account('blocked-late', '5.00');
  const ringing = await exchange.begin('blocked-late', '33123459');
  await exchange.rings('blocked-late');
  await exchange.test.database.raw(
    "UPDATE astaccount SET status = 'blocked', touched_at = UTC_TIMESTAMP(3) WHERE accountcode = 'blocked-late'",
  );
  const seen = await ringing.finished;
  expect(seen.sipStatus).toBe(487);
  expect(seen.endedAt - seen.invitedAt).toBeLessThan(5_000);
  expect(await exchange.settled('blocked-late')).toMatchObject([{ cost: '0.000000', hangup_source: 'operator' }]);
});

test('an operator ends a call that rings, and one that talks, and both say that it was he', async () => {
  await exchange.account('watched', '5.00');
  const hangUp = async () => {
    const open = await eventually(
      async () => (await exchange.cdrs('watched')).find(({ end_at }) => !end_at) ?? null,
      'an open call',
    );
    return hangUpAtProxy(exchange.settings.doors.proxy, 'proxy:main', String(open.uniqueid));
  };
  const ringing = await exchange.begin('watched', '33123459');
  await exchange.rings('watched');
  expect(await hangUp()).toBe(true);
  expect(await ringing.finished).toMatchObject({ sipStatus: 487 });
  await exchange.settled('watched');
  const talking = await exchange.begin('watched', '33123450');
  await exchange.answered('watched');
  expect(await hangUp()).toBe(true);
  expect(await talking.finished).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const [rang, talked] = await exchange.settled('watched', 2);
  expect([rang?.disposition, talked?.disposition]).toEqual(['NO ANSWER', 'ANSWERED']);
  expect([rang?.hangup_source, talked?.hangup_source]).toEqual(['operator', 'operator']);
  const cuts = await exchange.test.database('astoutbox').where({ accountcode: 'watched', kind: 'cut' });
  expect(cuts.map(({ uniqueid }) => uniqueid)).toEqual([rang?.uniqueid, talked?.uniqueid]);
  expect(await hangUpAtProxy(exchange.settings.doors.proxy, 'proxy:main', String(talked?.uniqueid))).toBe(false);
});

test('a Call-ID that is up is refused a second time, by 503 as docs/doors.md has it, and does not end the first', async () => {
  await exchange.account('dup', '5.00');
  const talking = await exchange.begin('dup', '33123450', { talkMs: 3_100 });
  const { uniqueid } = await exchange.answered('dup');
  const callId = String(uniqueid).replace('proxy:main:call:', '');
  expect(await exchange.invite(callId, 'dup', '33123451')).toBe(503);
  expect(exchange.lines.filter(({ event }) => event === 'door_refused').at(-1)).toMatchObject({
    door: 'call-control',
    reason: 'call_id_reused',
    reply: 'Duplicated callid',
  });
  await talking.finished;
  expect(await exchange.settled('dup')).toMatchObject([{ billsec: 3, cost: '0.300000' }]);
});

test('debug shows a call in progress, and terminate ends it', async () => {
  await exchange.account('seen', '5.00');
  const talking = await exchange.begin('seen', '33123450');
  const { uniqueid } = await exchange.answered('seen');
  const callId = String(uniqueid).replace('proxy:main:call:', '');
  const wire = await Wire.open(exchange.socket);
  const ask = async (...lines: string[]) => {
    wire.send(`${lines.join('\r\n')}\r\n\r\n`);
    return wire.upTo('\r\n\r\n');
  };
  expect(await ask('debug', 'show: sessions', 'user: seen')).toBe(
    `Call id ${callId} of seen to 33123450: in-progress\r\n\r\n`,
  );
  expect(await ask('debug', 'show: session', `callid: ${callId}`)).toMatch(
    /^callid: .*\r\nuser: seen\r\nruri: 33123450\r\nprepaid: True\r\nstarttime: \d+\r\ntimelimit: (4\d|50)\r\nduration: [0-9]\r\n\r\n$/,
  );
  expect(await ask('debug', 'show: session', 'callid: nope')).toBe('Call id nope does not exist\r\n\r\n');
  expect(await ask('terminate', `callid: ${callId}`)).toBe('Ok\r\n\r\n');
  wire.close();
  expect(await talking.finished).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  await exchange.settled('seen');
});

test('a service that is started again takes calls over that talk, and cuts them at their limit', async () => {
  await exchange.account('adopted', '0.80');
  const talking = await exchange.begin('adopted', '33123450');
  await exchange.answered('adopted');
  await exchange.restartService();
  await eventually(
    async () => (exchange.lines.some(({ event }) => event === 'call_adopted') ? true : null),
    'the adoption',
  );
  // The account of the call was taken over with it.
  const wire = await Wire.open(exchange.socket);
  wire.send(init('another@lab', 'adopted', '0033123451', ['prepaid: true', 'call_limit: 1']));
  expect(await wire.upTo('\r\n')).toBe('Call limit reached\r\n');
  wire.close();
  const seen = await talking.finished;
  expect(seen).toMatchObject({ endedBy: 'called' });
  expectCutAt(seen.talkMs, 8_050);
  expect(await exchange.settled('adopted')).toMatchObject([{ billsec: 8, cost: '0.800000', hangup_source: 'limit' }]);
});

test('with no service Kamailio itself ends a call by its table of limits, and the next service settles it within its grant', async () => {
  await exchange.account('orphan', '0.50');
  const talking = await exchange.begin('orphan', '33123450');
  await exchange.answered('orphan');
  await exchange.restartService(async () => {
    // 2 s later than the grant, and the table is looked at once a second.
    const seen = await talking.finished;
    expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
    expect(seen.talkMs).toBeGreaterThan(6_000);
    expect(seen.talkMs).toBeLessThan(10_500);
  });
  const [cdr] = await exchange.settled('orphan');
  expect(cdr).toMatchObject({ evidence: 'proxy', disposition: 'ANSWERED', cost: '0.500000', hangup_source: 'limit' });
});

/** Kamailio's notes of calls. */
const notes = async () =>
  ((await exchange.kamailio.rpc('htable.dump', ['ringfence_calls'])) as { slot: { name: string }[] }[])
    .flatMap(({ slot }) => slot.map(({ name }) => name))
    .filter(name => !name.startsWith('ended '));

test('a call that ends while there is no service costs what it talked, to the second', async () => {
  await heardAgain();
  await exchange.account('missed', '50.00');
  const talking = await exchange.begin('missed', '33123450', { talkMs: 6_300 });
  await exchange.answered('missed');
  await exchange.restartService(async () => {
    await talking.finished;
    expect(await notes()).toHaveLength(1);
    // It is not the moment of the restart that counts.
    await pause(2_000);
  });
  const seen = await talking.finished;
  const [cdr] = await exchange.settled('missed');
  expect(cdr).toMatchObject({ evidence: 'proxy', billsec: 6, cost: '0.600000', hangup_source: 'caller' });
  expect(Math.abs(Number(cdr?.end_at) - seen.endedAt)).toBeLessThan(600);
  await until(async () => expect(await notes()).toEqual([]));
}, 60_000);

test('a call that is answered and ends while there is no service costs what it talked; one that nobody answered is free', async () => {
  await heardAgain();
  await exchange.account('unseen', '50.00');
  await exchange.account('unanswered', '50.00');
  const answered = await exchange.begin('unseen', '33123450', { talkMs: 3_300 });
  const rings = await exchange.begin('unanswered', '33123459', { patienceMs: 3_000 });
  await until(async () => expect(await notes()).toHaveLength(2));
  await exchange.restartService(() => Promise.all([answered.finished, rings.finished]));
  const seen = await answered.finished;
  const [cdr] = await exchange.settled('unseen');
  expect(cdr).toMatchObject({ evidence: 'proxy', billsec: 3, cost: '0.300000', disposition: 'ANSWERED' });
  expect(Math.abs(Number(cdr?.answer_at) - (seen.answeredAt ?? 0))).toBeLessThan(600);
  expect(await exchange.settled('unanswered')).toMatchObject([
    { evidence: 'proxy', billsec: 0, cost: '0.000000', disposition: 'NO ANSWER' },
  ]);
  await until(async () => expect(await notes()).toEqual([]));
}, 60_000);

test('a dialog that Ringfence did not let through leaves no note, whatever its Call-ID', async () => {
  await heardAgain();
  await exchange.account('noted', '50.00');
  const talking = await exchange.begin('noted', '33123450', { talkMs: 3_300 });
  const { uniqueid } = await exchange.answered('noted');
  const callId = String(uniqueid).replace('proxy:main:call:', '');
  expect(await exchange.invite(callId, 'nobody', '33123456')).toBe(503);
  expect(await exchange.invite('another@lab', 'nobody', '33123456')).toBe(402);
  expect(await notes()).toEqual([callId]);
  await talking.finished;
  expect(await exchange.settled('noted')).toMatchObject([{ billsec: 3, cost: '0.300000' }]);
}, 60_000);

test('a call that is answered while there is no service is ended by Kamailio itself at what it was granted, which it costs', async () => {
  await heardAgain();
  await exchange.account('rings', '0.50');
  const ringing = await exchange.begin('rings', '33123450');
  await exchange.rings('rings');
  // The callee rings for a second.
  await exchange.restartService(async () => {
    const seen = await ringing.finished;
    expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
    expect(seen.talkMs).toBeGreaterThan(6_000);
    expect(seen.talkMs).toBeLessThan(10_500);
  });
  const cdr = await eventually(
    async () => (await exchange.cdrs('rings')).find(({ end_at }) => end_at !== null) ?? null,
    'the end',
    40_000,
  );
  expect(cdr).toMatchObject({ evidence: 'proxy', cost: '0.500000', hangup_source: 'limit' });
}, 90_000);

test('an answer that nobody heard is taken from Kamailio, to the millisecond, and a call that is gone is settled', async () => {
  await heardAgain();
  await exchange.account('unheard', '5.00');
  const talking = await exchange.begin('unheard', '33123450', { talkMs: 6_300 });
  await exchange.rings('unheard');
  // The callee, who rings for a second, is answered meanwhile.
  await exchange.restartService(() => pause(1_500));
  await exchange.answered('unheard');
  const seen = await talking.finished;
  const [cdr] = await exchange.settled('unheard');
  expect(cdr).toMatchObject({ billsec: 6, cost: '0.600000' });
  expect(Math.abs(Number(cdr?.answer_at) - (seen.answeredAt ?? 0))).toBeLessThan(600);
  expect(Math.abs(Number(cdr?.end_at) - seen.endedAt)).toBeLessThan(600);
}, 60_000);
