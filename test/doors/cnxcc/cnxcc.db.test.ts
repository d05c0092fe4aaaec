/** cnxcc's commands, byte by byte, on real databases; the proxy is a stand-in. */
import { findFreePort } from '../../../lab/servers/ports';
import { openTcpProxy, type TcpProxy } from '../../../lab/servers/tcp-proxy';
import { startService } from '../../../src/serve';
import { accountRow } from '../../credit/ledger-fixture';
import { engines } from '../../database/test-database';
import { keptLog, until, Wire } from '../door-fixture';
import { type CnxccService, cnxccSettings, post, rpc, startCnxccService } from './cnxcc-fixture';

describe.each(engines)('cnxcc on %s', engine => {
  let cnxcc: CnxccService;

  beforeAll(async () => {
    cnxcc = await startCnxccService(engine, { RINGFENCE_CNXCC_PEERS: '127.0.0.1' });
  });
  afterAll(() => cnxcc?.stop());

  const ask = (method: string, params: unknown) => cnxcc.ask(method, params);
  const cdrs = (customer: string) =>
    cnxcc.test
      .database('astcdr')
      .where({ accountcode: `pool:${customer}` })
      .orderBy('start_at');
  const pool = (customer: string) => accountRow(cnxcc.test, `pool:${customer}`);
  const byCredit = (customer: string, callId: string, credit = '100') =>
    ask('set_max_credit', [customer, credit, '3.0', '0.5', '60', '1', callId, customer, '4930123']);
  const byTime = (customer: string, callId: string, seconds = '600') =>
    ask('set_max_time', [customer, seconds, callId, customer, '4930123']);
  const byChannels = (customer: string, callId: string, most = '2') =>
    ask('set_max_channels', [customer, most, callId, customer, '4930123']);
  /** The proxy has the call: it rings, or talks. */
  const rings = (callId: string) => cnxcc.proxy.dialogs.set(callId, { ID: `${callId}.1`, state: 2, timestart: 0 });
  const talks = async (callId: string) => {
    cnxcc.proxy.dialogs.set(callId, { ID: `${callId}.1`, state: 4, timestart: Math.floor(Date.now() / 1000) });
    expect(await ask('dialog_start', [callId])).toEqual({ status: 200, result: 1 });
  };
  const hangsUp = async (callId: string) => {
    // Told first: the service looks once a second, and must not see the end before it is told.
    expect(await ask('dialog_end', [callId])).toEqual({ status: 200, result: 1 });
    cnxcc.proxy.dialogs.delete(callId);
  };
  const refusals = () => cnxcc.lines.filter(({ event }) => event === 'door_refused').map(({ reason }) => reason);
  const settled = (customer: string) =>
    until(async () => expect((await cdrs(customer)).every(({ end_at }) => end_at !== null)).toBe(true));

  test('question and answer, byte by byte', async () => {
    const wire = await Wire.open(cnxcc.port);
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"set_max_credit","params":["bytes","100","3.0","0.5","60","1","b1@host","4930","0049301234"]}';
    const question = `POST / HTTP/1.1\r\nHost: 127.0.0.1:8020\r\nUser-Agent: kamailio (6.1.5 (x86_64/Linux))\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    wire.send(question);
    expect(await wire.answer()).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-length: 35\r\nConnection: keep-alive\r\n\r\n{"jsonrpc":"2.0","id":1,"result":1}',
    );
    // The connection is kept for the next one.
    wire.send(question);
    expect(await wire.answer()).toBe(
      'HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-length: 71\r\nConnection: keep-alive\r\n\r\n{"jsonrpc":"2.0","id":1,"error":{"message":"call_id_reused","code":-4}}',
    );
    const notice = '{"jsonrpc":"2.0","method":"dialog_end","params":["b1@host"]}';
    wire.send(question.replace(body, notice).replace(/Length: \d+/, `Length: ${notice.length}`));
    expect(await wire.answer()).toMatch(/^HTTP\/1\.1 202 Accepted\r\n.*\r\nContent-length: 0\r\n/s);
    wire.close();
    expect(await cdrs('bytes')).toMatchObject([
      { uniqueid: 'proxy:main:call:b1@host', src: '4930', dst: '49301234', granted_seconds: 60, max_cost: '33.000000' },
    ]);
  });

  test('a call that talks is charged, its customer told of, and his pool closed behind it', async () => {
    expect(await byCredit('john', 'j1')).toEqual({ status: 200, result: 1 });
    rings('j1');
    await talks('j1');
    await until(async () => expect((await cdrs('john'))[0]?.answer_at).not.toBeNull());
    expect(await ask('get_channel_count', ['john'])).toEqual({ status: 200, result: 1 });
    expect(await ask('cnxcc.active_clients', [])).toMatchObject({
      result: expect.stringContaining(
        'client_id:john,number_of_calls:1,concurrent_calls:1,type:1,max_amount:100.000000,consumed_amount:33.000000;',
      ),
    });
    expect(await ask('cnxcc.check_client', ['john'])).toMatchObject({
      result: expect.stringMatching(
        /^id:0,confirmed:yes,local_consumed_amount:33\.000000,global_consumed_amount:33\.000000,local_max_amount:63\.000000,global_max_amount:100\.000000,call_id:j1,start_timestamp:\d+,inip:60,finp:1,connect:3\.000000,cps:0\.500000;$/,
      ),
    });
    await hangsUp('j1');
    await settled('john');
    expect(await cdrs('john')).toMatchObject([{ cost: '33.000000', disposition: 'ANSWERED', evidence: 'event' }]);
    expect(await pool('john')).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
    expect(await ask('get_channel_count', ['john'])).toEqual({ status: 200, result: -1 });
  });

  test.each(['+0049301', '000049301', '+112'])('a number that is spelt with two prefixes is none: %s', async number => {
    const params = ['spelt', '100', '3.0', '0.5', '60', '1', `spelt-${number}`, 'spelt', number];
    expect(await ask('set_max_credit', params)).toMatchObject({ status: 404, message: 'number_invalid' });
  });

  test('of 20 calls at once that may be five, five are let through', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => byChannels('crowd', `c${at}`, '5')));
    const told = (code: number) => answers.filter(answer => answer.code === code);
    expect(answers.filter(({ result }) => result === 1)).toHaveLength(5);
    expect(told(-2)).toHaveLength(15);
    expect(told(-2)[0]).toEqual({ status: 429, code: -2, message: 'too_many_calls' });
  });

  test('of 20 questions for one Call-ID one is let through, the others are -4', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => byCredit('same', 's1')));
    expect(answers.filter(({ result }) => result === 1)).toHaveLength(1);
    expect(answers.filter(({ code, status }) => code === -4 && status === 409)).toHaveLength(19);
    // Whatever the request: in cnxcc too, a call is watched once.
    expect(await byChannels('same', 's1')).toMatchObject({ code: -4 });
    expect(await byTime('other', 's1')).toMatchObject({ code: -4 });
    expect((await pool('same')).active_calls).toBe(1);
  });

  test('limits that are to hold together are named in one request', async () => {
    const named = (callId: string, more: object) =>
      ask('set_max_credit', {
        customer: 'both',
        max_credit: '1000',
        connect: '0',
        cps: '0.01',
        ipulse: 1,
        fpulse: 1,
        call_id: callId,
        caller: '',
        number: '4930123',
        ...more,
      });
    expect(await named('n1', { max_channels: 2, max_time: 70 })).toEqual({ status: 200, result: 1 });
    expect(await named('n2', { max_channels: 2, max_time: 70 })).toEqual({ status: 200, result: 1 });
    expect(await named('n3', { max_channels: 2 })).toMatchObject({ code: -2 });
    // 60 seconds for the first, and what is left of 70 for the second.
    expect((await cdrs('both')).map(row => row.granted_seconds)).toEqual([60, 10, 0]);
    await talks('n1');
    expect(await named('n4', { max_channels: 1 })).toMatchObject({ code: -3, status: 429 });
    expect(await ask('update_max_time', ['both', '30'])).toEqual({ status: 200, result: 1 });
    const { time_used: used } = await cnxcc.test.database('astaccount').where({ accountcode: 'pool:both' }).first();
    expect(used).toBe(-30);
    const trail = cnxcc.test.database('astaudit').where({ operation: 'pool add-time', object: 'pool both' });
    expect(await trail.pluck('address')).toEqual(['127.0.0.1']);
  });

  test('what is told of dialogs that are none of ours is passed over', async () => {
    expect(await ask('dialog_start', ['nobody'])).toEqual({ status: 200, result: 0 });
    expect(await ask('dialog_end', ['x'.repeat(200)])).toEqual({ status: 200, result: 0 });
    expect(await ask('kill_call', ['nobody'])).toEqual({ status: 404, code: 404, message: 'CallID Not Found' });
    expect(await ask('check_client', ['nobody'])).toEqual({ status: 404, code: 404, message: 'Not Found' });
    expect(await ask('terminate_all', ['nobody'])).toEqual({ status: 404, code: -1, message: 'account_not_found' });
    expect(await ask('update_max_time', ['nobody', '5'])).toMatchObject({ status: 404, code: -1 });
    expect(await ask('update_max_time', ['john', '5'])).toMatchObject({ code: -1, message: 'time_not_limited' });
  });

  test('an end that is told while the proxy still has the call is none; one of a call that was never seen is looked for once more', async () => {
    await byCredit('ends', 'e1');
    await talks('e1');
    expect(await ask('dialog_end', ['e1'])).toMatchObject({ result: 1 });
    // Not yet in the list when it is reported: it may be on its way.
    await byCredit('ends', 'e2');
    expect(await ask('dialog_end', ['e2'])).toMatchObject({ result: 1 });
    rings('e2');
    await byCredit('ends', 'e3');
    const saidAt = Date.now();
    expect(await ask('dialog_end', ['e3'])).toMatchObject({ result: 1 });
    await until(async () => expect((await cdrs('ends')).filter(({ end_at }) => end_at !== null)).toHaveLength(1));
    const [, , third] = await cdrs('ends');
    expect(third).toMatchObject({ disposition: 'NO ANSWER', cost: '0.000000' });
    // At the time of the report, and not of the next look, a second later.
    expect(Math.abs(Number(third?.end_at) - saidAt)).toBeLessThan(1_000);
    // Those were the ends of others.
    await new Promise(resolve => setTimeout(resolve, 1_500));
    expect((await cdrs('ends')).map(({ end_at }) => end_at !== null)).toEqual([false, false, true]);
    await hangsUp('e1');
    await hangsUp('e2');
    await settled('ends');
  });

  test('terminate_all ends what talks and what rings; kill_call one call', async () => {
    for (const callId of ['k1', 'k2', 'k3']) {
      await byCredit('killed', callId, '1000');
      await talks(callId);
    }
    expect(await ask('kill_call', ['k2'])).toEqual({ status: 200, result: 1 });
    expect(cnxcc.proxy.ended).toContain('k2.1');
    // What it has now of that Call-ID may be the call that was meant.
    cnxcc.proxy.dialogs.set('k2', { ID: 'k2.2', state: 4, timestart: 1 });
    await until(() => expect(cnxcc.proxy.ended).toContain('k2.2'));
    await until(async () => expect(await ask('get_channel_count', ['killed'])).toMatchObject({ result: 2 }));
    expect(await ask('terminate_all', ['killed'])).toEqual({ status: 200, result: 1 });
    await settled('killed');
    expect((await cdrs('killed')).map(({ hangup_source }) => hangup_source)).toEqual([
      'operator',
      'operator',
      'operator',
    ]);
    const { result } = await ask('stats', []);
    expect(result).toMatchObject({ info: 'CNX Credit Control', dropped: 3 });
    expect(await ask('terminate_all', ['killed'])).toMatchObject({ code: -1, message: 'no_call_in_progress' });
  });

  test('a batch is answered in its order, but for notifications', async () => {
    const requests = [
      { jsonrpc: '2.0', id: 'a', method: 'set_max_channels', params: ['batch', '1', 'x1', '', '4930123'] },
      { jsonrpc: '2.0', method: 'dialog_start', params: ['x1'] },
      { jsonrpc: '2.0', id: 'b', method: 'set_max_channels', params: ['batch', '1', 'x2', '', '4930123'] },
      { jsonrpc: '2.0', id: 'c', method: 'nonsense' },
      7,
    ];
    const { status, text } = await post(cnxcc.port, JSON.stringify(requests));
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject([
      { id: 'a', result: 1 },
      { id: 'b', error: { message: 'too_many_calls' } },
      { id: 'c', error: { code: -32601 } },
      { id: null, error: { code: -32600 } },
    ]);
    const notices = JSON.stringify([requests[1], requests[1]]);
    expect(await post(cnxcc.port, notices)).toEqual({ status: 202, text: '' });
  });

  test('who dials for help is let through, whatever is said of him', async () => {
    expect(await ask('set_max_credit', ['b!d', 'lots', '', '', '', '', 'help-1', '', '112'])).toMatchObject({
      status: 200,
      result: 1,
    });
    expect(await ask('set_max_time', ['help', '0', 'help-2', '', '112'])).toMatchObject({ status: 200, result: 1 });
  });

  test.each([
    ['no JSON', 'x', {}, 400, -32700, 'message_invalid'],
    ['a name twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"stats"}', {}, 400, -32600, 'message_invalid'],
    ['no command', '{"jsonrpc":"2.0","id":1,"method":"x"}', {}, 404, -32601, 'command_unknown'],
    ['no parameter', '{"jsonrpc":"2.0","id":1,"method":"kill_call"}', {}, 400, -32602, 'message_invalid'],
    [
      'seconds below one',
      '{"jsonrpc":"2.0","id":1,"method":"update_max_time","params":["john",0]}',
      {},
      400,
      -32602,
      'message_invalid',
    ],
    ['a form', '{}', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415, -32600, 'content_type_wrong'],
    ['a page', '{}', { Origin: 'http://evil.example' }, 403, -32600, 'origin_not_allowed'],
    ['17 KB', 'x'.repeat(17_000), {}, 413, -32600, 'message_too_long'],
  ])('%s is refused, and counted', async (_what, body, headers, status, code, reason) => {
    const answer = await post(cnxcc.port, body, headers);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ jsonrpc: '2.0', error: { code } });
    expect(refusals()).toContain(reason);
  });

  test('another method, and a peer that is not listed, get nothing', async () => {
    expect((await fetch(`http://127.0.0.1:${cnxcc.port}/`)).status).toBe(405);
    const stranger = await Wire.open(cnxcc.port, '127.0.0.2');
    stranger.send('POST / HTTP/1.1\r\n\r\n');
    expect(await stranger.answer()).toBe('');
    expect(refusals()).toEqual(expect.arrayContaining(['method_not_allowed', 'peer_not_allowed']));
  });

  test('a customer whose row is locked for 600 ms is waited for, where the proxy waits longer than that', async () => {
    await byTime('held', 'h0');
    const trx = await cnxcc.test.database.transaction();
    await trx('astaccount').where({ accountcode: 'pool:held' }).forUpdate();
    const answers = Promise.all([byTime('held', 'h1'), ask('update_max_time', ['held', '5'])]);
    // A statement waits for a lock for a second at most.
    await new Promise(resolve => setTimeout(resolve, 600));
    await trx.rollback();
    expect(await answers).toEqual([
      { status: 200, result: 1 },
      { status: 200, result: 1 },
    ]);
  });

  test('while the proxy does not answer a call cannot be ended: 503', async () => {
    await byCredit('mute', 'm1');
    await talks('m1');
    cnxcc.proxy.isSilent = true;
    expect(await ask('kill_call', ['m1'])).toMatchObject({ status: 503, code: -1 });
    cnxcc.proxy.isSilent = false;
    await until(() => expect(cnxcc.proxy.ended).toContain('m1.1'));
    await settled('mute');
  });

  test('a service that does not act for the proxy says so: 503, upon which Kamailio asks the next', async () => {
    const port = await findFreePort();
    const { log } = keptLog();
    // It cannot ask the proxy, and so never comes to act for it.
    const nowhere = { port: await findFreePort() };
    const second = await startService(cnxccSettings(cnxcc.test.url, port, nowhere), log);
    expect(await rpc(port, 'set_max_time', ['anyone', '60', 'q1', '', '4930123'])).toEqual({
      status: 503,
      code: -1,
      message: 'not_acting',
    });
    const notice = '{"jsonrpc":"2.0","method":"dialog_start","params":["q1"]}';
    expect(await post(port, notice)).toEqual({ status: 503, text: '' });
    // Reading and writing customers is the same in every service.
    await byTime('anyone', 'q2');
    expect(await rpc(port, 'get_channel_count', ['anyone'])).toMatchObject({ result: 1 });
    expect(await rpc(port, 'update_max_time', ['anyone', '60'])).toMatchObject({ result: 1 });
    await second.stop();
  });
});

test('customers of several scripts are kept apart by their names', async () => {
  const cnxcc = await startCnxccService('MariaDB', { RINGFENCE_CNXCC_CUSTOMER: 'kam1-{customer}' });
  await cnxcc.ask('set_max_time', ['john', '60', 'a1', '', '4930123']);
  await cnxcc.test.database('astaccount').insert({
    accountcode: 'pool:kam2-john',
    kind: 'pool',
    mode: 'shared',
    currency: 'XXX',
    deck: '',
    max_time: 60,
  });
  expect(await accountRow(cnxcc.test, 'pool:kam1-john')).toMatchObject({ active_calls: 1 });
  expect(await cnxcc.ask('active_clients', [])).toMatchObject({
    result: 'client_id:john,number_of_calls:1,concurrent_calls:0,type:0,max_amount:60,consumed_amount:0;',
  });
  expect(await cnxcc.ask('get_channel_count', ['john'])).toMatchObject({ result: 1 });
  expect(await cnxcc.ask('get_channel_count', ['kam1-john'])).toMatchObject({ result: -1 });
  await cnxcc.stop();
});

/** No Kamailio waits longer than this, whatever other calls may take. */
const BRIEF = { RINGFENCE_PROXY_ANSWER_WITHIN_MS: '450', RINGFENCE_START_DEADLINE_MS: '5000' };

/** Lets a call of a customer through, so that the customer's pool exists; on a busy machine it requests several. */
async function letThrough({ ask }: CnxccService, customer: string): Promise<string> {
  let calls = 0;
  let callId = '';
  await until(async () => {
    callId = `${customer}-${++calls}`;
    const params = [customer, '60', callId, customer, '4930123'];
    expect(await ask('set_max_time', params)).toEqual({ status: 200, result: 1 });
  });
  return callId;
}

test.each(engines)('no answer in time is 503, and leaves nothing behind: %s', async engine => {
  const cnxcc = await startCnxccService(engine, BRIEF);
  const callId = await letThrough(cnxcc, 'locked');
  const trx = await cnxcc.test.database.transaction();
  await trx('astaccount').where({ accountcode: 'pool:locked' }).forUpdate();
  const askedAt = performance.now();
  const params = ['locked', '60', 'late', 'locked', '4930123'];
  const late = { status: 503, code: -1, message: 'ledger_unavailable' };
  expect(await cnxcc.ask('set_max_time', params)).toEqual(late);
  expect(await cnxcc.ask('terminate_all', ['locked'])).toEqual(late);
  // Twice 450, for a busy machine; for other calls the first alone may take 5000.
  expect(performance.now() - askedAt).toBeLessThan(4_000);
  await trx.rollback();
  await cnxcc.ask('dialog_end', [callId]);
  await until(async () => expect((await accountRow(cnxcc.test, 'pool:locked')).active_calls).toBe(0));
  const costs = await cnxcc.test.database('astcdr').where({ accountcode: 'pool:locked' }).pluck('cost');
  expect(costs.every(cost => cost === '0.000000')).toBe(true);
  await cnxcc.stop();
});

test('with the database away every command is 503 within the 450 ms that are set', async () => {
  const ways: TcpProxy[] = [];
  const cnxcc = await startCnxccService('MariaDB', BRIEF, async url => {
    const way = new URL(url);
    const proxy = await openTcpProxy({ host: way.hostname, port: Number(way.port) });
    ways.push(proxy);
    way.port = String(proxy.port);
    return way.toString();
  });
  await letThrough(cnxcc, 'john');
  await ways[0]?.cut();
  for (const [method, ...params] of [
    ['set_max_time', 'john', '60', 'a2', '', '4930123'],
    ['get_channel_count', 'john'],
    ['check_client', 'john'],
    ['active_clients'],
    ['stats'],
    ['terminate_all', 'john'],
    ['update_max_time', 'john', '5'],
  ] as [string, ...string[]][]) {
    const askedAt = performance.now();
    expect({ method, ...(await cnxcc.ask(method, params)) }).toMatchObject({ method, status: 503, code: -1 });
    // For a busy machine; the database is away until the end.
    expect(performance.now() - askedAt).toBeLessThan(3_000);
  }
  await ways[0]?.restore();
  await until(async () => expect(await cnxcc.ask('get_channel_count', ['john'])).toMatchObject({ status: 200 }));
  await cnxcc.stop();
  await ways[0]?.cut();
});
