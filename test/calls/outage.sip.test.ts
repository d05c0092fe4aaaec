import { openWire, type Wire } from '../../lab/servers/wire';
import { accountRow } from '../credit/ledger-fixture';
import { eventually } from '../eventually';
import { type Exchange, startExchange } from './exchange';

let exchange: Exchange;
let wire: Wire;
beforeAll(async () => {
  exchange = await startExchange({});
  wire = await openWire(exchange.test.url);
  // Twice the default, for a busy machine.
  await exchange.restartService({ RINGFENCE_DATABASE_URL: wire.url, RINGFENCE_START_DEADLINE_MS: '4000' });
});
afterAll(async () => {
  await exchange?.stop();
  await wire?.close();
});

/** After a while without its database the service may start calls again. */
const leased = () =>
  eventually(async () => {
    const [{ good }] = (
      await exchange.test.database.raw(
        'SELECT COUNT(*) AS good FROM astlease WHERE expires_at > UTC_TIMESTAMP(3) + INTERVAL 5 SECOND',
      )
    )[0];
    return Number(good) === 1 ? true : null;
  }, 'a lease');

test('callers who call while the database stands still for 1.5 s are all connected, each once', async () => {
  await exchange.account('patient', '100', { max_call_seconds: 60 });
  wire.freeze();
  const calls = exchange.call('patient', '33123450', { calls: 5, talkMs: 500 });
  await new Promise(resolve => setTimeout(resolve, 1_500));
  wire.thaw();
  const seen = await calls;
  expect(seen.calls.map(({ sipStatus }) => sipStatus)).toEqual([200, 200, 200, 200, 200]);
  expect(await exchange.settled('patient', 5)).toHaveLength(5);
  expect(exchange.log.filter(({ event }) => event === 'start_not_in_time')).toEqual([]);
});

test('while the database is away calls are refused and running ones keep their grant; their ends are settled afterwards', async () => {
  await exchange.account('outage', '5.00');
  await leased();
  const talking = exchange.call('outage', '33123450', { talkMs: 4_000 });
  await exchange.answered('outage');
  await wire.cut();
  expect(await exchange.call('outage', '33123450')).toMatchObject({ sipStatus: 500 });
  expect(await talking).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  expect(exchange.log.filter(line => line.event === 'call_refused').at(-1)).toMatchObject({
    refusal: 'ledger_unavailable',
  });
  expect((await exchange.cdrs('outage'))[0]).toMatchObject({ end_at: null });
  await wire.restore();
  const [cdr] = await exchange.settled('outage');
  expect(cdr).toMatchObject({ billsec: 4, cost: '0.400000' });
  expect(await accountRow(exchange.test, 'outage')).toEqual({
    balance: '4.600000',
    reserved: '0.000000',
    active_calls: 0,
  });
});

test('an emergency call goes out while the database is away, and its CDR is written when it returns', async () => {
  await exchange.account('emergency', '0');
  await wire.cut();
  const seen = await exchange.call('emergency', '112', { talkMs: 1_500 });
  expect(seen).toMatchObject({ sipStatus: 200 });
  await wire.restore();
  const [cdr] = await exchange.settled('emergency');
  expect(cdr).toMatchObject({ dst: '112', billsec: 1, cost: '0.000000', disposition: 'ANSWERED' });
});

test('a service that stops leaves live calls to the next start, which adopts and settles them', async () => {
  await exchange.account('adopted', '5.00');
  await leased();
  const talking = exchange.call('adopted', '33123450', { talkMs: 6_000 });
  await exchange.answered('adopted');
  await exchange.restartService({ RINGFENCE_DATABASE_URL: wire.url });
  expect(await talking).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  const [cdr] = await exchange.settled('adopted');
  expect(cdr).toMatchObject({ billsec: 6, cost: '0.600000', hangup_source: 'caller', trunk: 'carrier' });
  await exchange.nothingLeft();
});

test('while nobody serves, a new call is refused by the dialplan, and a live one is cut at its limit and settled later', async () => {
  await exchange.account('orphan', '0.40');
  const talking = exchange.call('orphan', '33123450');
  await exchange.answered('orphan');
  await exchange.service.stop();
  expect(await exchange.call('orphan', '33123450')).toMatchObject({ sipStatus: 500, ringing: false });
  const seen = await talking;
  expect(seen).toMatchObject({ endedBy: 'called' });
  expect(seen.talkMs).toBeGreaterThan(3_900);
  expect(seen.talkMs).toBeLessThan(5_000);
  await exchange.restartService({ RINGFENCE_DATABASE_URL: wire.url });
  const [cdr] = await exchange.settled('orphan');
  // No service saw its end, but Asterisk wrote it down.
  const end = { disposition: 'ANSWERED', hangup_source: 'limit', evidence: 'cel', billsec: 4, overrun_seconds: 0 };
  expect(cdr).toMatchObject(end);
  expect(await accountRow(exchange.test, 'orphan')).toMatchObject({ reserved: '0.000000', active_calls: 0 });
  await exchange.nothingLeft();
});

test('a switch that is killed loses its calls: they are settled when it is back', async () => {
  await exchange.account('crash', '5.00');
  const caller = await exchange.begin('crash', '33123450');
  await exchange.answered('crash');
  await exchange.asterisk.kill('SIGKILL');
  caller.kill();
  await exchange.asterisk.restart();
  const [cdr] = await exchange.settled('crash');
  const end = { disposition: 'ANSWERED', overrun_seconds: 0, evidence: 'sighting', hangup_source: 'service' };
  expect(cdr).toMatchObject(end);
  expect(await accountRow(exchange.test, 'crash')).toMatchObject({ reserved: '0.000000', active_calls: 0 });
});
