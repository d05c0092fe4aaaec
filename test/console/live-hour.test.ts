import { acdOf, asrOf, hourOf, reasonsOf, refusedOf } from '../../console/src/pages/live/hour';
import { validateSearch } from '../../console/src/pages/live/search';

/** In the midst of a minute: the hour is that of the whole minutes before it. */
const NOW = Date.parse('2026-11-30T18:30:40Z');

const row = (minute: string, more: Record<string, string | number | null>) => ({
  ...{ minute, refusal: null, currency: 'EUR', starts: 0, tried_calls: 0, answered_calls: 0, ended_calls: 0 },
  ...{ talk_seconds: 0, revenue: '0.00', calls_with_known_cost: 0, margin: null },
  ...more,
});

test('an hour has 60 minutes, from 17:30 to 18:29; what is older or not over does not count', () => {
  const { minutes, whole } = hourOf(
    [
      row('2026-11-30 17:29', { starts: 100 }),
      row('2026-11-30 17:30', { starts: 1 }),
      row('2026-11-30 18:29', { starts: 2 }),
      row('2026-11-30 18:30', { starts: 100 }),
    ],
    NOW,
  );
  expect(minutes).toHaveLength(60);
  expect(minutes.map(({ starts }) => starts).filter(starts => starts > 0)).toEqual([1, 2]);
  expect(new Date(minutes[0]!.at).toISOString()).toBe('2026-11-30T17:30:00.000Z');
  expect(new Date(minutes[59]!.at).toISOString()).toBe('2026-11-30T18:29:00.000Z');
  expect(whole.starts).toBe(3);
});

test.each([
  // The oldest row of a cut answer is of a minute that may have others.
  ['2026-11-30 18:10', 19, '18:11', 2],
  ['2026-11-30 18:30', 0, '18:30', 0],
  ['2026-11-30 17:00', 60, null, 2],
])('of a cut answer whose oldest row is of %s, %i minutes are known, from %s on', (oldest, length, from, starts) => {
  const rows = ['2026-11-30 18:29', '2026-11-30 18:30', oldest].map(minute => row(minute, { starts: 2 }));
  const { minutes, whole, knownFrom } = hourOf(oldest > '2026-11-30 18:29' ? rows.slice(1) : rows, NOW, true);
  expect([minutes.length, whole.starts]).toEqual([length, starts]);
  expect(knownFrom && new Date(knownFrom).toISOString().slice(11, 16)).toBe(from);
});

test('ASR is of all tries of the hour, ACD of all ended calls, and none of either where there was no call', () => {
  const { minutes, whole } = hourOf(
    [
      row('2026-11-30 18:00', { tried_calls: 3, answered_calls: 1, ended_calls: 1, talk_seconds: 10 }),
      row('2026-11-30 18:01', { tried_calls: 1, answered_calls: 1, ended_calls: 3, talk_seconds: 90 }),
    ],
    NOW,
  );
  expect([asrOf(whole), acdOf(whole)]).toEqual([50, 25]);
  expect([asrOf(minutes[0]!), acdOf(minutes[0]!)]).toEqual([null, null]);
});

test('refusals are summed by reason over all currencies, the most frequent first', () => {
  const { whole } = hourOf(
    [
      row('2026-11-30 18:00', { refusal: 'no_route', starts: 1, currency: '' }),
      row('2026-11-30 18:00', { refusal: 'insufficient_balance', starts: 2 }),
      row('2026-11-30 18:05', { refusal: 'insufficient_balance', starts: 3, currency: 'USD' }),
    ],
    NOW,
  );
  expect(refusedOf(whole)).toBe(6);
  expect(reasonsOf(whole)).toEqual([
    ['insufficient_balance', 5],
    ['no_route', 1],
  ]);
});

test('money is exact and by currency; a margin that is not known is none, and adds nothing', () => {
  const { whole } = hourOf(
    [
      row('2026-11-30 18:00', { ended_calls: 1, revenue: '0.10', margin: '0.000001' }),
      row('2026-11-30 18:01', { ended_calls: 1, revenue: '0.20', margin: '-0.000003' }),
      row('2026-11-30 18:02', { ended_calls: 1, revenue: '1000000000000.000001' }),
      row('2026-11-30 18:02', { ended_calls: 1, revenue: '5.00', currency: 'USD' }),
    ],
    NOW,
  );
  expect([...whole.money]).toEqual([
    ['EUR', { revenue: '1000000000000.300001', margin: '-0.000002' }],
    ['USD', { revenue: '5.00', margin: null }],
  ]);
});

test.each([
  [{ text: 'ali', account: 'alice', trunk: 'main', state: 'ringing', row: 'ast1-1.1', hour: false }, 'all of it'],
  [{ text: 49 }, 'a number of digits, as the router reads it', { text: '49' }],
  [{ state: 'flying' }, 'no such state', {}],
  [{ text: '', account: '', hour: 'yes', other: 1 }, 'nothing', {}],
  [{ text: ['a'], trunk: {}, row: null }, 'no text', {}],
])('the address %j: %s', (search, _why, wanted: object = search) => {
  expect(validateSearch(search)).toEqual(wanted);
});
