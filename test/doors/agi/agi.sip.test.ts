/** Dialplans that ask by AGI, on a real Asterisk: the one of docs/doors.md, and others. */
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { documentedContext } from '../../../lab/documented';
import { findFreePort } from '../../../lab/servers/ports';
import type { CallOptions } from '../../../lab/servers/sipp';
import { expectCutAt } from '../../calls/cut-at';
import { type Exchange, startExchange } from '../../calls/exchange';
import { eventually, LATE_MS } from '../../eventually';

/** The contexts that docs/doors.md shows. */
const documented = documentedContext('docs/doors.md', 'from-a2billing-like');

/** All callers ask with the user of their From header as the account. */
const entrance = `[agi]
exten => _[!-~].,1,Set(CHANNEL(accountcode)=\${CALLERID(num)})
 same => n,Goto(\${SUITE},\${EXTEN},1)
`;

const others = `[answered-first]
exten => _X.,1,Answer()
 same => n,Wait(2)
 same => n,Goto(from-a2billing-like,\${EXTEN},1)

[trunk-by-trunk]
exten => _X.,1,Set(CHANNEL(hangup_handler_push)=ringfence-settle,s,1)
 same => n,AGI(agi://127.0.0.1/authorize)
 same => n,Dial(PJSIP/\${EXTEN}@nowhere,60,\${RINGFENCE_DIAL_OPTIONS})
 same => n,Dial(PJSIP/\${EXTEN}@carrier,60,\${RINGFENCE_DIAL_OPTIONS})

[looks-at-nothing]
exten => _X.,1,AGI(agi://127.0.0.1/authorize)
 same => n,Dial(PJSIP/\${EXTEN}@carrier,60,\${RINGFENCE_DIAL_OPTIONS})

[twice]
exten => _X.,1,Answer()
 same => n,AGI(agi://127.0.0.1/authorize,\${CALLERID(num)},33123450)
 same => n,Dial(PJSIP/33123450@carrier,60,\${RINGFENCE_DIAL_OPTIONS}g)
 same => n,AGI(agi://127.0.0.1/settle)
 same => n,AGI(agi://127.0.0.1/authorize,\${CALLERID(num)},33123451)
 same => n,Dial(PJSIP/33123451@carrier,60,\${RINGFENCE_DIAL_OPTIONS}g)
 same => n,AGI(agi://127.0.0.1/settle)
 same => n,AGI(agi://127.0.0.1/settle)

[waits]
exten => _X.,1,AGI(agi://127.0.0.1/authorize)
 same => n,Wait(4)
 same => n,Dial(PJSIP/\${EXTEN}@carrier,60,\${RINGFENCE_DIAL_OPTIONS})
`;

let port: number;
let exchange: Exchange;
beforeAll(async () => {
  port = await findFreePort();
  exchange = await startExchange({
    trunks: [{ trunk: 'carrier' }],
    customers: [{ name: 'agi', address: '127.0.0.8', context: 'agi' }],
    extraDialplan: `${entrance}\n${documented}\n${others}`
      .replaceAll('agi://127.0.0.1/', `agi://127.0.0.1:${port}/`)
      .replaceAll('TIMEOUT(absolute)=20', 'TIMEOUT(absolute)=2'),
    settings: { RINGFENCE_AGI_LISTEN: String(port) },
  });
  await enter('from-a2billing-like');
});
afterAll(() => exchange?.stop());

/** The context of the next callers. */
const enter = (context: string) => exchange.asterisk.cli(`dialplan set global SUITE ${context}`);
const begin = (account: string, to: string, more: Partial<CallOptions> = {}) =>
  exchange.begin(account, to, { from: '127.0.0.8', timeoutMs: 25_000, ...more });
const call = async (account: string, to: string, more: Partial<CallOptions> = {}) =>
  (await begin(account, to, more)).finished;
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const account = (accountcode: string) =>
  exchange.test.database('astaccount').where({ accountcode }).first('balance', 'reserved', 'active_calls');
const refusals = () =>
  exchange.log.filter(({ event }) => event === 'door_refused').map(({ reason }) => reason as string);
/** How often the door gave a reason, by the last line of the log about it; one is written at most once a second. */
const total = (reason: string): number =>
  (exchange.log.findLast(line => line.event === 'door_refused' && line.reason === reason)?.total as number) ?? 0;
/** How many legs of the carrier were answered, by the journal. */
const answers = () => readFileSync(exchange.asterisk.celPath, 'utf8').match(/^"ANSWER".*carrier/gm)?.length ?? 0;

test('the documented dialplan: a call of 2 s is charged by the second from the journal, and all else is let go', async () => {
  await exchange.account('doc', '10.00');
  const seen = await call('doc', '33123450', { talkMs: 2_200 });
  expect(seen).toMatchObject({ sipStatus: 200, ringing: true, endedBy: 'caller' });
  const [cdr] = await exchange.settled('doc');
  expect(cdr).toMatchObject({
    node: 'agi:main',
    dst: '33123450',
    billsec: 2,
    cost: '0.200000',
    granted_seconds: 100,
    evidence: 'cel',
    hangup_source: 'caller',
    is_fixed: 1,
  });
  expect(await account('doc')).toEqual({ balance: '9.800000', reserved: '0.000000', active_calls: 0 });
});

test('copies of its INVITE, while it talks and after another service has the door, are no calls', async () => {
  await exchange.account('copied', '10.00');
  const before = total('invite_repeated');
  const calling = await begin('copied', '33123450', {
    scenario: 'repeats',
    keys: { late: 10_000 },
    timeoutMs: 40_000,
  });
  await exchange.settled('copied');
  expect(total('invite_repeated')).toBe(before + 1);
  await exchange.restartService();
  expect(await calling.finished).toMatchObject({ exitCode: 0, errors: '' });
  // The new service counts anew.
  expect(total('invite_repeated')).toBe(1);
  expect(await exchange.settled('copied')).toMatchObject([{ disposition: 'ANSWERED', cost: '0.100000' }]);
}, 60_000);

test('answered by a prompt 2 s before it asks: only the talk is charged, and the limit is the talk’s', async () => {
  await exchange.account('prompted', '0.40');
  await enter('answered-first');
  const seen = await call('prompted', '33123450');
  await enter('from-a2billing-like');
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  // 2 s of prompt, 1 s of ringing, 4 s of talk.
  expect(seen.talkMs).toBeGreaterThan(6_900);
  expect(seen.talkMs).toBeLessThan(8_000);
  const [cdr] = await exchange.settled('prompted');
  expect(cdr).toMatchObject({
    billsec: 4,
    cost: '0.400000',
    hangup_source: 'limit',
    evidence: 'cel',
    overrun_seconds: 0,
  });
});

test('a call whose service is stopped is cut by Asterisk at its limit of 6 s, and the next service settles it', async () => {
  await exchange.account('cut', '0.60');
  const calling = await begin('cut', '33123450');
  await pause(2_500);
  expect((await exchange.cdrs('cut'))[0]).toMatchObject({ end_at: null, granted_seconds: 6 });
  await exchange.service.stop();
  const seen = await calling.finished;
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expectCutAt(seen.talkMs, 6_000);
  expect((await exchange.cdrs('cut'))[0]).toMatchObject({ end_at: null, cost: '0.000000' });
  await exchange.restartService();
  const [cdr] = await exchange.settled('cut');
  expect(cdr).toMatchObject({ billsec: 6, cost: '0.600000', hangup_source: 'limit', evidence: 'cel' });
  expect(await account('cut')).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
}, 60_000);

test('a service that takes connections and never answers: the callee is cut at the limit, the caller is held by the handler', async () => {
  await exchange.account('deaf', '0.60');
  const calling = await begin('deaf', '33123450');
  await pause(2_500);
  await exchange.service.stop();
  const deaf = await deafSocket();
  await eventually(async () => (deaf.held() === 1 ? true : null), 'the hangup handler');
  await pause(1_500);
  await deaf.close();
  const seen = await calling.finished;
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expect(seen.talkMs).toBeGreaterThan(7_500);
  await exchange.restartService();
  const [cdr] = await exchange.settled('deaf');
  expect(cdr).toMatchObject({
    billsec: 6,
    cost: '0.600000',
    hangup_source: 'limit',
    evidence: 'cel',
    overrun_seconds: 0,
  });
}, 60_000);

test('a service that stands still keeps a caller whom it does not let through for as long as the dialplan says, here 2 s', async () => {
  await exchange.service.stop();
  const deaf = await deafSocket();
  const seen = await call('deaf', '33123450');
  expect(seen).toMatchObject({ sipStatus: 603, ringing: false });
  expect(seen.endedAt - seen.invitedAt).toBeGreaterThan(1_900);
  expect(seen.endedAt - seen.invitedAt).toBeLessThan(3_500);
  await deaf.close();
  await exchange.restartService();
}, 60_000);

/** Listens where the service did. */
async function deafSocket(): Promise<{ held(): number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => sockets.add(socket.on('error', () => undefined).unref())).unref();
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    held: () => sockets.size,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

test('while the service is away nothing is dialled: the caller gets 500', async () => {
  await exchange.account('away', '10.00');
  await exchange.service.stop();
  const before = answers();
  expect(await call('away', '33123450', { talkMs: 500 })).toMatchObject({ sipStatus: 500, ringing: false });
  await enter('looks-at-nothing');
  // This one dials without a limit, which shows why the shipped example is as it is.
  expect(await call('away', '33123456')).toMatchObject({ sipStatus: 486 });
  await enter('from-a2billing-like');
  expect(answers()).toBe(before);
  await exchange.restartService();
  expect(await exchange.cdrs('away')).toEqual([]);
}, 60_000);

test('two calls at once on 0.80, each of 5 s at most: the second has the 3 s that are left', async () => {
  await exchange.account('duo', '0.80', { max_call_seconds: 5 });
  const seen = await Promise.all([call('duo', '33123450'), call('duo', '33123451')]);
  expect(seen.map(({ sipStatus }) => sipStatus)).toEqual([200, 200]);
  expect(await call('duo', '33123450')).toMatchObject({ sipStatus: 403 });
  const cdrs = await exchange.settled('duo', 3);
  const talks = cdrs.filter(({ refusal }) => refusal === null);
  expect(talks.map(({ billsec }) => billsec).sort()).toEqual([3, 5]);
  expect(await account('duo')).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
}, 60_000);

test.each([
  ['without money', 'broke', '33123450', { balance: '0.00' }, 'insufficient_balance', 403],
  ['of nobody', 'nobody-at-all', '33123450', {}, 'account_not_found', 403],
  ['to what is no number', 'odd', '33123450&PJSIP/x', {}, 'number_invalid', 484],
  ['of a blocked account', 'shut', '33123450', { status: 'blocked' }, 'account_blocked', 403],
])(
  'a call %s is refused',
  async (_, name, to, { balance = '5.00', ...row }: { balance?: string; status?: string }, refusal, status) => {
    if (refusal !== 'account_not_found') await exchange.account(name, balance, row);
    expect(await call(name, to)).toMatchObject({ sipStatus: status, ringing: false });
    expect(refusals()).toContain(refusal);
    if (refusal !== 'account_not_found') expect(await exchange.settled(name)).toMatchObject([{ refusal }]);
  },
);

test('a refused call that a dialplan dials all the same is over in a moment', async () => {
  await exchange.account('bold', '0.00');
  await enter('looks-at-nothing');
  const seen = await call('bold', '33123450');
  await enter('from-a2billing-like');
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expect(seen.talkMs).toBeLessThan(LATE_MS);
});

test.each([
  ['the account', ['33', 'agi_accountcode: victim']],
  ['an argument', ['33', 'agi_arg_1: victim']],
  ['the end', ['33', 'agi_accountcode: victim', 'agi_threadid: 1', '']],
  ['the end and replies', ['3', 'agi_context: x', 'agi_accountcode: victim', 'agi_threadid: 1', '', '200 result=1']],
])('a caller who dials ends of lines, to forge %s, forges nothing', async (_, lines) => {
  if ((await exchange.test.database('astaccount').where({ accountcode: 'victim' })).length === 0) {
    await exchange.account('victim', '10.00');
  }
  await enter('from-a2billing-like');
  await pause(1_050);
  const before = total('message_invalid');
  const seen = await call('forger', lines.map(encodeURIComponent).join('%0a'));
  expect(seen).toMatchObject({ sipStatus: 500, ringing: false });
  expect(total('message_invalid')).toBeGreaterThan(before);
  expect(await exchange.cdrs('victim')).toEqual([]);
});

test('trunk by trunk after one authorize: the one that answers is charged', async () => {
  await exchange.account('trunks', '10.00');
  await enter('trunk-by-trunk');
  await call('trunks', '33123450', { talkMs: 1_200 });
  await enter('from-a2billing-like');
  expect(await exchange.settled('trunks')).toMatchObject([{ billsec: 1, cost: '0.100000', evidence: 'cel' }]);
});

test('two calls of one channel, settle told twice: each is charged its own talk, once', async () => {
  await exchange.account('serial', '0.50', { max_call_seconds: 3 });
  await enter('twice');
  const seen = await call('serial', '33999');
  await enter('from-a2billing-like');
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const cdrs = await exchange.settled('serial', 2);
  expect(cdrs).toMatchObject([
    { dst: '33123450', billsec: 3, granted_seconds: 3, cost: '0.300000', evidence: 'cel' },
    { dst: '33123451', billsec: 2, granted_seconds: 2, cost: '0.200000', evidence: 'cel' },
  ]);
  expect(cdrs[1]?.uniqueid).toBe(`${cdrs[0]?.uniqueid}+2`);
  expect(await account('serial')).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
});

test('a caller who hangs up while it is being asked, or before it is dialled, holds nothing', async () => {
  await exchange.account('hasty', '10.00');
  const { database } = exchange.test;
  // Another transaction keeps the account for a second.
  const lock = await database.transaction();
  await lock('astaccount').where({ accountcode: 'hasty' }).forUpdate();
  const cancelled = call('hasty', '33123450', { patienceMs: 400 });
  await pause(900);
  await lock.rollback();
  expect(await cancelled).toMatchObject({ sipStatus: 487 });
  await exchange.settled('hasty');
  await enter('waits');
  expect(await call('hasty', '33123450', { patienceMs: 1_500 })).toMatchObject({ sipStatus: 487 });
  await enter('from-a2billing-like');
  const cdrs = await exchange.settled('hasty', 2);
  expect(cdrs).toMatchObject([
    { disposition: 'NO ANSWER', cost: '0.000000' },
    { disposition: 'NO ANSWER', cost: '0.000000', granted_seconds: 100 },
  ]);
  expect(await account('hasty')).toEqual({ balance: '10.000000', reserved: '0.000000', active_calls: 0 });
}, 60_000);

test('a caller who is warned while Dial() lasts is cut at the same limit', async () => {
  await exchange.account('warned', '0.60', { warn_seconds: '3', warn_sound: 'sound:beep' });
  await exchange.restartService({ RINGFENCE_AGI_WARNINGS: 'yes' });
  const seen = await call('warned', '33123450');
  expect(seen).toMatchObject({ endedBy: 'called' });
  expectCutAt(seen.talkMs, 6_000);
  expect(await exchange.settled('warned')).toMatchObject([{ billsec: 6, cost: '0.600000' }]);
}, 60_000);
