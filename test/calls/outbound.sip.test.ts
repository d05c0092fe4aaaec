import { openWire } from '../../lab/servers/wire';
import { accountRow } from '../credit/ledger-fixture';
import { type Exchange, startExchange } from './exchange';

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange({ outbound: true });
});
afterAll(async () => {
  await exchange?.stop();
});

test('a call is charged as over a connection that Ringfence opens', async () => {
  await exchange.account('plain', '5.00');
  expect(await exchange.call('plain', '33123450', { talkMs: 2_200 })).toMatchObject({ sipStatus: 200 });
  const [cdr] = await exchange.settled('plain');
  expect(cdr).toMatchObject({ billsec: 2, cost: '0.200000', hangup_source: 'caller', node: 'ast1' });
  await exchange.nothingLeft();
});

test('a restart in the middle of a call: it is charged to its end, and a caller of the meantime is carried', async () => {
  await exchange.account('talking', '5.00');
  await exchange.account('meantime', '5.00');
  const talking = exchange.call('talking', '33123450', { talkMs: 7_000 });
  await exchange.answered('talking');
  await exchange.service.stop();
  const meantime = exchange.call('meantime', '33123450', { talkMs: 1_200 });
  await new Promise(done => setTimeout(done, 1_500));
  expect(await exchange.cdrs('meantime')).toEqual([]);
  await exchange.restartService();
  // With inbound events the dialplan refuses, because no service runs.
  expect(await meantime).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  expect(await talking).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  const [long] = await exchange.settled('talking');
  const [short] = await exchange.settled('meantime');
  expect(long).toMatchObject({ billsec: 7, cost: '0.700000', hangup_source: 'caller' });
  expect(short).toMatchObject({ billsec: 1, cost: '0.100000', hangup_source: 'caller' });
  for (const account of ['talking', 'meantime']) {
    expect(await accountRow(exchange.test, account)).toMatchObject({ reserved: '0.000000', active_calls: 0 });
  }
  await exchange.nothingLeft();
});

test('a call that ended while nobody served is settled, and its reservation is free', async () => {
  await exchange.account('gone', '5.00');
  const talking = exchange.call('gone', '33123450', { talkMs: 2_500 });
  await exchange.answered('gone');
  await exchange.service.stop();
  expect(await talking).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  await exchange.restartService();
  const [cdr] = await exchange.settled('gone');
  expect(cdr).toMatchObject({ billsec: 2, cost: '0.200000', evidence: 'event', hangup_source: 'caller' });
  expect(await accountRow(exchange.test, 'gone')).toMatchObject({ reserved: '0.000000', active_calls: 0 });
  await exchange.nothingLeft();
});

test('a caller who comes while a service is stopping waits for the next one, instead of being refused by the old', async () => {
  const wire = await openWire(exchange.test.url);
  await exchange.restartService({ RINGFENCE_DATABASE_URL: wire.url, RINGFENCE_DRAIN_SECONDS: '3' });
  await exchange.account('draining', '5.00');
  await exchange.account('patient', '5.00');
  const talking = exchange.call('draining', '33123450', { talkMs: 1_000 });
  await exchange.answered('draining');
  await wire.cut();
  await talking;
  // Its end cannot be written: the service stays for its three seconds.
  const stopping = exchange.service.stop();
  const patient = exchange.call('patient', '33123450', { talkMs: 1_200 });
  await stopping;
  await wire.restore();
  await exchange.restartService();
  expect(await patient).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  expect((await exchange.settled('patient'))[0]).toMatchObject({ billsec: 1, cost: '0.100000' });
  await exchange.settled('draining');
  await exchange.nothingLeft();
  await wire.close();
});
