import { accountRow } from '../credit/ledger-fixture';
import { LATE_MS } from '../eventually';
import { type Exchange, startExchange } from './exchange';

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(() => exchange?.stop());

test('30 calls at once on 1.00 at 1.00 a minute, 60/60: one is granted, cut at 60 s, and the balance ends at 0.00', async () => {
  await exchange.account('thirty', '1.00');
  const seen = await exchange.call('thirty', '4412340', { calls: 30 });
  const talked = seen.calls.filter(call => call.sipStatus === 200);
  expect(seen.calls.map(call => call.sipStatus).sort()).toEqual([200, ...Array(29).fill(403)]);
  expect(talked[0]).toMatchObject({ endedBy: 'called' });
  expect(talked[0]?.talkMs).toBeGreaterThan(59_900);
  expect(talked[0]?.talkMs).toBeLessThan(60_000 + LATE_MS);
  const cdrs = await exchange.settled('thirty', 30);
  expect(cdrs.filter(cdr => cdr.refusal === 'insufficient_balance')).toHaveLength(29);
  expect(cdrs.filter(cdr => cdr.refusal === null)).toMatchObject([
    {
      billsec: 60,
      billed_seconds: 60,
      cost: '1.000000',
      granted_seconds: 60,
      hangup_source: 'limit',
      overrun_seconds: 0,
    },
  ]);
  expect(await accountRow(exchange.test, 'thirty')).toEqual({
    balance: '0.000000',
    reserved: '0.000000',
    active_calls: 0,
  });
}, 150_000);
