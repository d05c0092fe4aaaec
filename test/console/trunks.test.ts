/** What the pages of trunks compute: figures of a day, prefixes without a trunk, orders. */
import type { RouteListed } from '../../console/src/api/operations';
import { acdOf, asrOf, byCause, causesOf, daysOf, delayOf, HOUR_MS } from '../../console/src/pages/trunks/figures';
import {
  fallbackOf,
  gapsByWay,
  gapsIn,
  isAbout,
  lastPriority,
  merged,
  moved,
  waysOf,
  withoutTrunk,
} from '../../console/src/pages/trunks/routing';
import { trunkSearch, trunksSearch } from '../../console/src/pages/trunks/search';

const NOW = Date.parse('2026-06-01T12:34:00Z');

const route = (prefix: string, trunk: string, priority = 10, enabled = true): RouteListed => ({
  prefix,
  trunk,
  priority,
  enabled,
  endpoint: `PJSIP/{number}@${trunk}`,
});

describe('the day of a trunk', () => {
  const row = (hour: string, trunk: string, calls: number, answered_calls: number, talk: number, wait: string) => ({
    ...{ hour, trunk, calls, answered_calls },
    ...{ talk_seconds: talk, seconds_to_answer: wait },
  });

  test('24 hours up to the one in progress, those without a row empty: 3 of 4 answered, 50 s of talk and 4.5 s of delay each', () => {
    const days = daysOf(
      [
        row('2026-06-01 12:00:00', 'main', 3, 2, 120, '9.500'),
        row('2026-05-31 13:00:00', 'main', 1, 1, 30, '4.000'),
        row('2026-06-01 12:00:00', 'idle', 1, 0, 0, '0.000'),
      ],
      NOW,
    );
    const main = days.get('main')!;
    expect(main).toMatchObject({ calls: 4, answered: 3, talkSeconds: 150 });
    expect([asrOf(main), acdOf(main), delayOf(main)]).toEqual([75, 50, 4.5]);
    expect(main.hours).toHaveLength(24);
    expect(main.hours[0]).toMatchObject({ at: Date.parse('2026-05-31T13:00:00Z'), calls: 1 });
    expect(main.hours[23]).toMatchObject({ at: Date.parse('2026-06-01T12:00:00Z'), calls: 3 });
    expect(main.hours.filter(({ calls }) => calls === 0)).toHaveLength(22);
    const idle = days.get('idle')!;
    expect([asrOf(idle), acdOf(idle), delayOf(idle)]).toEqual([0, null, null]);
  });

  test("the reader's clock may be an hour behind: what the service told is there all the same", () => {
    const days = daysOf([row('2026-06-01 12:00:00', 'main', 3, 2, 120, '9.500')], NOW - HOUR_MS);
    expect(days.get('main')).toMatchObject({ calls: 3 });
  });

  test('causes come by trunk, the most frequent first, and together whoever ended the call', () => {
    const causes = causesOf([
      { trunk: 'main', hangup_cause: 34, hangup_source: 'callee', calls: 2 },
      { trunk: 'main', hangup_cause: 16, hangup_source: 'caller', calls: 3 },
      { trunk: 'main', hangup_cause: 34, hangup_source: 'service', calls: 4 },
      { trunk: 'other', hangup_cause: null, hangup_source: null, calls: 1 },
    ]);
    expect(causes.get('main')?.map(({ calls }) => calls)).toEqual([4, 3, 2]);
    expect(byCause(causes.get('main')!)).toEqual([
      { cause: 34, calls: 6 },
      { cause: 16, calls: 3 },
    ]);
    expect(causes.get('other')).toEqual([{ cause: null, source: null, calls: 1 }]);
  });
});

describe('routes', () => {
  const ways = waysOf([
    route('49', 'spare', 20, false),
    route('49', 'main', 10),
    route('4930', 'main', 10),
    route('44', 'spare', 10, false),
    route('', 'world', 10),
    route('49', 'alpha', 10),
  ]);

  test('stand by prefix in the order in which they are tried, those of one priority by name', () => {
    expect(ways.map(({ prefix, routes }) => [prefix, routes.map(({ trunk }) => trunk)])).toEqual([
      ['', ['world']],
      ['44', ['spare']],
      ['49', ['alpha', 'main', 'spare']],
      ['4930', ['main']],
    ]);
  });

  test('a prefix whose trunks are all off falls back on the next shorter one that has one', () => {
    expect(gapsIn(ways)).toMatchObject([{ prefix: '44', instead: { prefix: '', routes: [{ trunk: 'world' }] } }]);
    expect(fallbackOf(ways, '4930')).toMatchObject({ prefix: '49', routes: [{ trunk: 'alpha' }, { trunk: 'main' }] });
    expect(gapsIn(waysOf([route('44', 'spare', 10, false)]))).toEqual([{ prefix: '44', instead: null }]);
  });

  test('gaps that go the same way stand together', () => {
    const two = gapsIn(waysOf([route('44', 'x', 1, false), route('45', 'x', 1, false), route('', 'world')]));
    expect(gapsByWay(two)).toMatchObject([{ prefixes: ['44', '45'], instead: { prefix: '' } }]);
    expect(gapsByWay(gapsIn(waysOf([route('44', 'x', 1, false)])))).toEqual([{ prefixes: ['44'], instead: null }]);
  });

  test('without main, 49 goes on with alpha, and 4930 has none of its own; what was off before is not its doing', () => {
    const { kept, gaps } = withoutTrunk(ways, 'main');
    expect(kept).toBe(1);
    expect(gaps).toMatchObject([{ prefix: '4930', instead: { prefix: '49', routes: [{ trunk: 'alpha' }] } }]);
    expect(withoutTrunk(ways, 'world')).toEqual({ kept: 0, gaps: [{ prefix: '', instead: null }] });
  });

  test.each([
    [0, 2, 'bca', 'down to the end'],
    [2, 0, 'cab', 'up to the beginning'],
    [1, 2, 'acb', 'one down'],
    [1, 1, 'abc', 'where it was'],
  ])('what stands at %i goes to %i: %s', (from, to, wanted) => {
    expect(moved(['a', 'b', 'c'], from, to).join('')).toBe(wanted);
  });

  test('my order of what there is by now: added trunks come last, removed ones are gone', () => {
    expect(merged(['c', 'gone', 'a'], ['a', 'new', 'c'])).toEqual(['c', 'a', 'new']);
  });

  test('a new route is tried after those that there are', () => {
    expect(lastPriority([])).toBe(10);
    expect(lastPriority([{ priority: 30 }, { priority: 7 }])).toBe(40);
  });

  test('a typed number finds the prefixes that begin it, and those that it begins', () => {
    const found = (typed: string) => ['', '4', '49', '4930', '44'].filter(prefix => isAbout(prefix, typed));
    expect(found('49')).toEqual(['', '4', '49', '4930']);
    expect(found('49301')).toEqual(['', '4', '49', '4930']);
  });
});

test('an address says what is open; what means nothing is left out', () => {
  expect(
    trunksSearch({ tab: 'routes', prefix: 49, new: 'route', number: 4930, seconds: '61', account: 'alice' }),
  ).toEqual({
    ...{ tab: 'routes', prefix: '49', new: 'route', number: '4930', seconds: 61, account: 'alice' },
  });
  expect(trunksSearch({ prefix: 'any', filter: 'x' })).toEqual({ prefix: 'any', filter: 'x' });
  expect(trunksSearch({ tab: 'nope', prefix: '+49', new: 'what', seconds: -1, number: '' })).toEqual({});
  expect(trunkSearch({ do: 'off' })).toEqual({ do: 'off' });
  expect(trunkSearch({ do: 'explode' })).toEqual({});
});
