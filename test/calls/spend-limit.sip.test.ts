/** A stolen password on a real switch: what an account loses that a limit of spend blocks. */
import { eventually } from '../eventually';
import { type Exchange, startExchange } from './exchange';

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange();
}, 60_000);
afterAll(() => exchange?.stop());

test('the first call over the limit of an hour is refused, and the calls in progress of its account end and are charged', async () => {
  // 0.10 a second: one call holds the whole hour.
  const limits = { max_call_seconds: 60, max_spend_hour: '6.00', spend_limit_action: 'block' };
  await exchange.account('stolen', '50.00', limits);
  const talk = await exchange.begin('stolen', '33123450');
  await eventually(async () => ((await exchange.cdrs('stolen'))[0]?.answer_at ? true : null), 'a talk');
  expect(await exchange.call('stolen', '33123450')).toMatchObject({ sipStatus: 403 });
  // By itself it would talk for a minute.
  expect(await talk.finished).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const [cut, over] = await exchange.settled('stolen', 2);
  expect(cut).toMatchObject({
    hangup_source: 'operator',
    cost: `${(Math.max(1, Number(cut?.billsec)) / 10).toFixed(6)}`,
  });
  expect(Number(cut?.billsec)).toBeLessThan(30);
  expect(over).toMatchObject({ refusal: 'spend_limit_hour', cost: '0.000000' });
  expect(await exchange.call('stolen', '33123450')).toMatchObject({ sipStatus: 403 });
  expect((await exchange.settled('stolen', 3))[2]).toMatchObject({ refusal: 'account_blocked' });
  await exchange.nothingLeft();
}, 120_000);
