/** cnxcc's commands from a real Kamailio with the configuration of docs/doors.md, driven by SIPp. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedBlocks } from '../../../lab/documented';
import { findFreePort } from '../../../lab/servers/ports';
import { projectRoot } from '../../../src/config/project-root';
import { parseAmount } from '../../../src/money/micros';
import { expectCutAt } from '../../calls/cut-at';
import { accountRow } from '../../credit/ledger-fixture';
import { eventually, LATE_MS } from '../../eventually';
import { PATIENT_CNXCC, type ProxyExchange, startProxyExchange } from '../../switches/proxy/proxy-fixture';
import { until } from '../door-fixture';
import { type RpcAnswer, rpc } from './cnxcc-fixture';

const HEADING = "Kamailio, cnxcc's commands";

let exchange: ProxyExchange;
let port: number;

/**
 * The documented script with three changes: a call costs 0.20 and 0.10 a second by 1/1; credit, seconds and channels of each
 * customer are in a table; and the name of a customer says which of the three documented requests the script makes.
 */
beforeAll(async () => {
  port = await findFreePort();
  const [main, byTime, byChannels] = documentedBlocks(
    HEADING,
    'loadmodule',
    '    http_connect',
    '    http_connect',
  ) as [string, string, string];
  const [byCredit = ''] = /^ {4}http_connect\([^;]*;/m.exec(main) ?? [];
  const limited = (request: string, limit: string) => request.replace(`"${limit}"`, '"$(var(credit){val.json})"');
  const dear = (request: string) => request.replace('"3.0","0.5","60","1"', '"0.2","0.1","1","1"');
  exchange = await startProxyExchange({
    heading: HEADING,
    instead: () => ({
      ...PATIENT_CNXCC,
      'http://127.0.0.1:8020/': `http://127.0.0.1:${port}/`,
      'modparam("htable", "timer_interval", 1)':
        'modparam("htable", "timer_interval", 1)\nmodparam("htable", "htable", "limit=>size=6")',
      '$var(credit) = "100";': '$var(credit) = $sht(limit=>$fU);',
      [byCredit]: `
    if ($fU =~ "^time-") {\n${limited(byTime, '120')}}
    else if ($fU =~ "^channels-") {\n${limited(byChannels, '2')}}
    else {\n${dear(byCredit)}\n}
    $var(status) = $rc;
    ${documentedCode()}
    xlog("L_ERR", "asked $ci $var(code)\\n");`,
      'switch ($rc)': 'switch ($var(status))',
      // Some report nothing: they show what the door sees without a report.
      'event_route[dialog:start] {': 'event_route[dialog:start] {\n    if ($fU =~ "^quiet-") return;',
      'event_route[dialog:end] {': 'event_route[dialog:end] {\n    if ($fU =~ "^quiet-") return;',
    }),
    settings: ({ rpcPort }) => ({
      RINGFENCE_CNXCC_LISTEN: String(port),
      RINGFENCE_PROXY_RPC: `kamailio+udp://127.0.0.1:${rpcPort}`,
      RINGFENCE_PROXY_LIMIT_TABLE: 'ringfence',
    }),
  });
});
afterAll(() => exchange?.stop());

/** The line of docs/doors/cnxcc.md with which a script takes out cnxcc's own code. */
function documentedCode(): string {
  const [line = ''] =
    /^\$var\(code\) = .*$/m.exec(readFileSync(join(projectRoot, 'docs/doors/cnxcc.md'), 'utf8')) ?? [];
  return line;
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const ask = (method: string, params: unknown): Promise<RpcAnswer> => rpc(port, method, params);
const poolOf = (customer: string) => `pool:${customer}`;

/** What the script says about a customer: the credit, or how many seconds or channels the customer may have. */
const limit = (customer: string, value: string) =>
  exchange.kamailio.rpc('htable.sets', ['limit', customer, value]).then(() => customer);

/** cnxcc's codes, as the script saw them, of a call's requests. */
const codesOf = (callId: string): string[] =>
  readFileSync(exchange.kamailio.logPath, 'utf8')
    .split('\n')
    .flatMap(line => (line.includes(`asked ${callId} `) ? [line.split(' ').at(-1) as string] : []));
const lastCode = (): string | undefined =>
  readFileSync(exchange.kamailio.logPath, 'utf8')
    .split('\n')
    .findLast(line => line.includes(' asked '))
    ?.split(' ')
    .at(-1);

const callIdOf = ({ uniqueid }: Record<string, unknown>): string => String(uniqueid).replace('proxy:main:call:', '');
const talking = (customer: string) => exchange.answered(poolOf(customer));
const settled = (customer: string, calls = 1) => exchange.settled(poolOf(customer), calls);

test('a call of 3 s is charged by its talk, told by Kamailio to the millisecond; without its events it is seen to the second', async () => {
  await limit('alice', '100');
  await limit('quiet-1', '100');
  const [seen, unheard] = await Promise.all([
    exchange.call('alice', '33123450', { talkMs: 3_100 }),
    exchange.call('quiet-1', '33123450', { talkMs: 3_100 }),
  ]);
  expect(seen).toMatchObject({ sipStatus: 200, ringing: true, endedBy: 'caller' });
  const [cdr] = await settled('alice');
  expect(cdr).toMatchObject({
    node: 'proxy:main',
    src: 'alice',
    dst: '33123450',
    billsec: 3,
    cost: '0.500000',
    disposition: 'ANSWERED',
    evidence: 'event',
    hangup_source: 'caller',
  });
  expect(Math.abs(Number(cdr?.answer_at) - (seen.answeredAt ?? 0))).toBeLessThan(600);
  expect(Math.abs(Number(cdr?.end_at) - seen.endedAt)).toBeLessThan(600);
  const [untold] = await settled('quiet-1');
  expect(Math.abs(Number(untold?.answer_at) - (unheard.answeredAt ?? 0))).toBeLessThan(1_200);
  expect(Number(untold?.end_at) - unheard.endedAt).toBeLessThan(1_300);
  expect([3, 4, 5]).toContain(untold?.billsec);
  expect(lastCode()).toBe('1');
  expect(await accountRow(exchange.test, poolOf('alice'))).toEqual({
    balance: '0.000000',
    reserved: '0.000000',
    active_calls: 0,
  });
  await until(async () => expect(await exchange.kamailio.rpc('htable.dump', ['ringfence'])).toEqual([]));
});

test('a call is cut when the credit of its customer is over, by BYE to both sides', async () => {
  await limit('cut', '0.60');
  const seen = await exchange.call('cut', '33123450');
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expectCutAt(seen.talkMs, 4_050);
  expect(await settled('cut')).toMatchObject([{ billsec: 4, cost: '0.600000', hangup_source: 'limit' }]);
  expect(await exchange.kamailio.rpc('dlg.list')).toEqual([]);
});

test('a Kamailio that stood still when the credit was over ends the call more than once, and it is charged once', async () => {
  await limit('still', '0.60');
  const call = await exchange.begin('still', '33123450');
  await talking('still');
  await pause(3_000);
  exchange.kamailio.process.freeze();
  await pause(3_000);
  exchange.kamailio.process.thaw();
  const seen = await call.finished;
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called', errors: '', exitCode: 0 });
  expect(await settled('still')).toMatchObject([{ cost: '0.600000', hangup_source: 'limit' }]);
});

test.each([
  ['credit that does not pay for a second', 'broke', '0.29', '33123450', 402, 'insufficient_balance', '-1'],
  ['no credit', 'poor', '0', '33123450', 402, 'insufficient_balance', '-1'],
  ['no number', 'lost', '100', 'abc', 404, 'number_invalid', '-1'],
  ['credit that is no amount', 'odd', 'lots', '33123450', 503, 'message_invalid', '-32602'],
  ['a customer who is none', 'b!d', '100', '33123450', 503, 'message_invalid', '-32602'],
])('%s is refused before anybody is dialled', async (_why, customer, credit, number, status, reason, code) => {
  await limit(customer, credit);
  expect(await exchange.call(customer, number)).toMatchObject({ sipStatus: status, ringing: false });
  const line = exchange.lines.filter(({ event }) => event === 'door_refused').at(-1);
  expect(line).toMatchObject({ door: 'cnxcc', reason, command: 'set_max_credit', peer: '127.0.0.1' });
  expect(JSON.stringify(line)).not.toContain('33123450');
  expect(lastCode()).toBe(code);
});

test('a customer whom an operator has blocked is refused with 403', async () => {
  await limit('barred', '100');
  await exchange.call('barred', '33123456');
  await exchange.test
    .database('astaccount')
    .where({ accountcode: poolOf('barred') })
    .update({ status: 'blocked' });
  expect(await exchange.call('barred', '33123450')).toMatchObject({ sipStatus: 403, ringing: false });
});

test('two calls of one customer drain his credit and end together, and neither could have used what is left', async () => {
  await limit('duo', '2.40');
  const first = await exchange.begin('duo', '33123450');
  await pause(1_500);
  const seen = await Promise.all([first.finished, exchange.call('duo', '33123451')]);
  expect(seen.map(({ sipStatus, endedBy, errors }) => ({ sipStatus, endedBy, errors }))).toEqual(
    Array(2).fill({ sipStatus: 200, endedBy: 'called', errors: '' }),
  );
  const ends = seen.map(({ endedAt }) => endedAt);
  // Two looks at Kamailio's list and a BYE, on a busy machine.
  expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(3_500 + LATE_MS);
  const cdrs = await settled('duo', 2);
  expect(cdrs.map(({ hangup_source }) => hangup_source)).toEqual(['limit', 'limit']);
  const total = cdrs.reduce((sum, { cost }) => sum + parseAmount(String(cost)), 0n);
  expect(total).toBeGreaterThan(parseAmount('2.30'));
  expect(total).toBeLessThanOrEqual(parseAmount('2.40'));
});

test('seconds are shared likewise, and update_max_time adds to them while a call is up', async () => {
  await limit('time-1', '3');
  const call = await exchange.begin('time-1', '33123450');
  await talking('time-1');
  expect(await ask('update_max_time', ['time-1', 2])).toEqual({ status: 200, result: 1 });
  expect(await ask('active_clients', [])).toEqual({
    status: 200,
    result: expect.stringMatching(
      /client_id:time-1,number_of_calls:1,concurrent_calls:1,type:0,max_amount:3,consumed_amount:-[12];/,
    ),
  });
  const seen = await call.finished;
  expectCutAt(seen.talkMs, 5_050);
  expect(await settled('time-1')).toMatchObject([{ billsec: 5, cost: '0.000000', hangup_source: 'limit' }]);
  expect(await ask('update_max_time', ['time-1', 3])).toMatchObject({ status: 404, code: -1 });
});

test('a call too many is -2 while the others ring, and -3 when they talk', async () => {
  await limit('channels-1', '1');
  const ringing = await exchange.begin('channels-1', '33123459', { patienceMs: 1_500 });
  await eventually(async () => (await exchange.cdrs(poolOf('channels-1')))[0] ?? null, 'the first call');
  expect(await exchange.call('channels-1', '33123450')).toMatchObject({ sipStatus: 486, ringing: false });
  expect(lastCode()).toBe('-2');
  await ringing.finished;
  // It was never answered: its channel is free as soon as Kamailio has reported that and was asked once more.
  await until(async () => expect(await ask('get_channel_count', ['channels-1'])).toMatchObject({ result: -1 }));
  const call = await exchange.begin('channels-1', '33123450', { talkMs: 1_500 });
  await talking('channels-1');
  expect(await ask('get_channel_count', ['channels-1'])).toMatchObject({ result: 1 });
  expect(await exchange.call('channels-1', '33123450')).toMatchObject({ sipStatus: 486, ringing: false });
  expect(lastCode()).toBe('-3');
  await call.finished;
  await settled('channels-1', 4);
});

test('a Call-ID that is up is -4, and what ends with that Call-ID elsewhere is not taken for its end', async () => {
  await limit('twice', '100');
  const call = await exchange.begin('twice', '33123450', { talkMs: 3_100 });
  const callId = callIdOf(await talking('twice'));
  expect(await exchange.invite(callId, 'twice', '33123450')).toBe(482);
  expect(codesOf(callId)).toEqual(['1', '-4']);
  expect(await ask('dialog_end', [callId])).toMatchObject({ result: 1 });
  await call.finished;
  expect(await settled('twice')).toMatchObject([{ billsec: 3, cost: '0.500000' }]);
});

test('a Call-ID cannot say more than which call it is', async () => {
  await limit('mallory', '100');
  await limit('victim', '100');
  const escaped = 'x","a","1"],"params":["victim","9999","0","0.000001","1","1","y';
  expect(await exchange.invite(escaped, 'mallory', '33123456')).toBe(486);
  expect(await settled('mallory')).toMatchObject([{ uniqueid: `proxy:main:call:${escaped}`, disposition: 'BUSY' }]);
  expect(await exchange.cdrs(poolOf('victim'))).toEqual([]);
});

test('terminate_all ends calls that talk and calls that ring', async () => {
  await limit('all', '100');
  const calls = [await exchange.begin('all', '33123450'), await exchange.begin('all', '33123459')];
  await talking('all');
  await until(async () => expect(await exchange.kamailio.rpc('dlg.list')).toHaveLength(2));
  expect(await ask('terminate_all', ['all'])).toEqual({ status: 200, result: 1 });
  const seen = await Promise.all(calls.map(({ finished }) => finished));
  expect(seen.map(({ sipStatus }) => sipStatus)).toEqual([200, 487]);
  expect((await settled('all', 2)).map(({ hangup_source }) => hangup_source)).toEqual(['operator', 'operator']);
  expect(await ask('terminate_all', ['all'])).toMatchObject({ status: 404, code: -1 });
});

test('kill_call ends one call; check_client and stats tell of it', async () => {
  await limit('seen', '100');
  const before = (await ask('stats', [])).result as Record<string, number>;
  const call = await exchange.begin('seen', '33123450');
  const callId = callIdOf(await talking('seen'));
  await pause(1_000);
  expect(await ask('cnxcc.check_client', ['seen'])).toEqual({
    status: 200,
    result: expect.stringMatching(
      new RegExp(
        `^id:0,confirmed:yes,local_consumed_amount:0\\.[345]00000,global_consumed_amount:0\\.[345]00000,local_max_amount:\\d+\\.\\d{6},global_max_amount:100\\.000000,call_id:${callId},start_timestamp:\\d{10},inip:1,finp:1,connect:0\\.200000,cps:0\\.100000;$`,
      ),
    ),
  });
  expect(await ask('cnxcc.stats', [])).toMatchObject({ result: { info: 'CNX Credit Control', active: 1 } });
  expect(await ask('cnxcc.kill_call', [callId])).toMatchObject({ status: 200 });
  expect(await call.finished).toMatchObject({ errors: '', sipStatus: 200, endedBy: 'called' });
  expect(await settled('seen')).toMatchObject([{ hangup_source: 'operator' }]);
  const after = (await ask('stats', [])).result as Record<string, number>;
  expect([after.total! - before.total!, after.dropped! - before.dropped!, after.active]).toEqual([1, 1, 0]);
  expect(await ask('kill_call', [callId])).toEqual({ status: 404, code: 404, message: 'CallID Not Found' });
  expect(await ask('check_client', ['seen'])).toEqual({ status: 404, code: 404, message: 'Not Found' });
});

test('a service that is started again takes calls over, and cuts them when their credit is over', async () => {
  await limit('adopted', '0.70');
  const call = await exchange.begin('adopted', '33123450');
  await talking('adopted');
  await exchange.restartService();
  const seen = await call.finished;
  expect(seen).toMatchObject({ endedBy: 'called' });
  expectCutAt(seen.talkMs, 5_050);
  expect(await settled('adopted')).toMatchObject([{ billsec: 5, cost: '0.700000', hangup_source: 'limit' }]);
});

test('a call that is answered while there is no service is ended by Kamailio itself at what it was granted, which it costs', async () => {
  await limit('rings', '0.50');
  const ringing = await exchange.begin('rings', '33123450');
  // A service that stops between the grant's COMMIT and its answer refuses the call. The callee rings for a second.
  await exchange.rings(poolOf('rings'));
  await exchange.restartService(async () => {
    const seen = await ringing.finished;
    expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
    expect(seen.talkMs).toBeGreaterThan(4_000);
    expect(seen.talkMs).toBeLessThan(9_500);
  });
  const cdrs = () => exchange.test.database('astcdr').where({ accountcode: poolOf('rings') });
  const isOver = async () => ((await cdrs().whereNotNull('end_at')).length === 1 ? true : null);
  await eventually(isOver, 'the end', 40_000);
  expect(await cdrs()).toMatchObject([{ evidence: 'proxy', cost: '0.500000', hangup_source: 'limit' }]);
}, 90_000);

test('with no service calls are refused, and Kamailio itself ends those that are up by its table of limits', async () => {
  await limit('orphan', '0.50');
  const call = await exchange.begin('orphan', '33123450');
  await talking('orphan');
  await exchange.restartService(async () => {
    expect(await exchange.call('orphan', '33123450')).toMatchObject({ sipStatus: 503, ringing: false });
    const seen = await call.finished;
    expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
    expect(seen.talkMs).toBeLessThan(8_000);
  });
  const [cdr] = await settled('orphan');
  expect(cdr).toMatchObject({ evidence: 'proxy', disposition: 'ANSWERED', cost: '0.500000', hangup_source: 'limit' });
});
