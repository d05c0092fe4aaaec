import { type CallView, type ClientView, callRows, clientRows } from '../../../src/doors/cnxcc/cnxcc-rows';
import { parseAmount, ZERO } from '../../../src/money/micros';
import { FREE_TARIFF } from '../../../src/rating/price';

const NOW = 1_800_000_065_900;
/** Connect 3.0 and 0.5 a second by 60/1. */
const TARIFF = {
  ...FREE_TARIFF,
  pricePerMinute: parseAmount('30'),
  connectFee: parseAmount('3'),
  initialIncrementSeconds: 60,
};
const call = (callId: string, talkedMs: number | null, more: Partial<CallView> = {}): CallView => ({
  callId,
  answerAt: talkedMs === null ? null : NOW - talkedMs,
  tariff: TARIFF,
  grantedSeconds: 120,
  maxCost: parseAmount('63'),
  ...more,
});
const client = (more: Partial<ClientView> = {}): ClientView => ({
  client: 'john-doe',
  charged: ZERO,
  maxCredit: parseAmount('100'),
  timeUsedSeconds: 0,
  maxTimeSeconds: null,
  maxChannels: 0,
  calls: [call('c1@a', 61_900), call('c2@b', null)],
  ...more,
});

test('a customer by money is one of type 1, with what his calls have cost until now', () => {
  expect(clientRows([client({ charged: parseAmount('1.25') })], NOW)).toBe(
    'client_id:john-doe,number_of_calls:2,concurrent_calls:1,type:1,max_amount:100.000000,consumed_amount:34.750000;',
  );
});

test('one by time is of type 0, before those by money; one by both is there twice; one by channels is not there', () => {
  const rows = clientRows(
    [
      client(),
      client({ client: 'both', maxTimeSeconds: 600, timeUsedSeconds: 30 }),
      client({ client: 'n', maxCredit: ZERO }),
    ],
    NOW,
  );
  expect(rows.split(';').map(row => row.replace(/,.*type/, ',type'))).toEqual([
    'client_id:both,type:0,max_amount:600,consumed_amount:91',
    'client_id:john-doe,type:1,max_amount:100.000000,consumed_amount:33.500000',
    'client_id:both,type:1,max_amount:100.000000,consumed_amount:33.500000',
    '',
  ]);
  expect(clientRows([], NOW)).toBe('');
});

test('calls by money have their price, in the order and with the names of cnxcc', () => {
  expect(callRows(client(), NOW)).toBe(
    'id:0,confirmed:yes,local_consumed_amount:33.500000,global_consumed_amount:33.500000,local_max_amount:63.000000,global_max_amount:100.000000,call_id:c1@a,start_timestamp:1800000004,inip:60,finp:1,connect:3.000000,cps:0.500000;' +
      'id:1,confirmed:no,local_consumed_amount:0.000000,global_consumed_amount:33.500000,local_max_amount:63.000000,global_max_amount:100.000000,call_id:c2@b,start_timestamp:0,inip:60,finp:1,connect:3.000000,cps:0.500000;',
  );
});

test('calls by time are in whole seconds, calls by channels in channels', () => {
  const calls = [call('c1@a', 61_900, { tariff: FREE_TARIFF, maxCost: ZERO })];
  expect(callRows(client({ maxCredit: ZERO, maxTimeSeconds: 600, timeUsedSeconds: -5, calls }), NOW)).toBe(
    'id:0,confirmed:yes,local_consumed_amount:61,global_consumed_amount:56,local_max_amount:120,global_max_amount:600,call_id:c1@a,start_timestamp:1800000004;',
  );
  expect(callRows(client({ maxCredit: ZERO, maxChannels: 2, calls }), NOW)).toBe(
    'id:0,confirmed:yes,local_consumed_amount:0,global_consumed_amount:0,local_max_amount:2,global_max_amount:2,call_id:c1@a,start_timestamp:1800000004;',
  );
});

test('a call costs no more than what is ring-fenced for it, and nothing while the clock is behind its answer', () => {
  expect(callRows(client({ calls: [call('late', 3_600_000)] }), NOW)).toContain('local_consumed_amount:63.000000,');
  const ahead = call('ahead', -5_000, { tariff: FREE_TARIFF, maxCost: ZERO });
  expect(callRows(client({ calls: [ahead], maxCredit: ZERO, maxTimeSeconds: 10 }), NOW)).toContain(
    'local_consumed_amount:0,',
  );
});

test('a Call-ID cannot begin another field or row', () => {
  const rows = callRows(client({ calls: [call('x;id:9,confirmed:yes', null)] }), NOW);
  expect(rows).toContain('call_id:x%3Bid:9%2Cconfirmed:yes,start_timestamp:0');
  expect(rows.split(';')).toHaveLength(2);
});
