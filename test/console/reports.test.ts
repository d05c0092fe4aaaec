/** The console's reports, without a browser: which there are, what their addresses say, sums, order and what is drawn. */

import { GROUPINGS, groupingOf, known, MEASURES, REPORTS, reportOf } from '../../console/src/pages/reports/catalogue';
import { figureText } from '../../console/src/pages/reports/figures';
import { boundsOf, daysIn, daysOf } from '../../console/src/pages/reports/period';
import { columnsOf, rankingsOf, seriesOf, sorted, sumsOf } from '../../console/src/pages/reports/rows';
import { reportsSearch } from '../../console/src/pages/reports/search';
import { reportsDe } from '../../console/src/texts/reports-de';
import { reportsEn } from '../../console/src/texts/reports-en';
import { hasPeriod, reports } from '../../src/admin/reports';

test('every report of the API can be chosen, with its period if it has one, and its columns have names in both languages', () => {
  expect(Object.keys(REPORTS).sort()).toEqual(reports().map(({ name }) => name));
  for (const report of reports()) {
    const { name, sql } = report;
    expect([name, known(name).hasPeriod]).toEqual([name, hasPeriod(report)]);
    expect(groupingOf(name) !== undefined || reportsEn.otherNames[name] !== undefined).toBe(true);
    const outer = sql.replace(/^--.*$/gm, '').split(/^FROM/m)[0] ?? '';
    const columns = [...outer.matchAll(/(?:AS |\.|^ {2})(\w+),?$/gm)].map(match => match[1] as string);
    expect(columns.length).toBeGreaterThan(3);
    for (const words of [reportsEn, reportsDe])
      expect(Object.keys(words.columns)).toEqual(expect.arrayContaining(columns));
    for (const measure of known(name).measures)
      expect([name, columns]).toEqual([name, expect.arrayContaining([measure])]);
  }
  const chosen = GROUPINGS.flatMap(grouping =>
    MEASURES.map(measure => known(reportOf(grouping, measure)).measures.includes(measure)),
  );
  expect(chosen).toEqual(Array(24).fill(true));
});

test.each([
  [{ report: 'top-destinations', show: 'minutes', period: 'week', sort: '-revenue' }, 'all of it'],
  [{ from: '2026-11-01', to: '2026-11-30' }, 'days'],
  [{ from: '2026-02-30', to: 'x', period: 'never', report: '../x', sort: '', show: {} }, 'nothing that can be', {}],
])('the address %j: %s', (search, _why, wanted: object = search) => {
  expect(reportsSearch(search)).toEqual(wanted);
});

test('periods are whole days of the reader; one that is not over is open', () => {
  const now = new Date(2026, 2, 1, 0, 30).getTime();
  expect(daysOf('today', now)).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  expect(daysOf('yesterday', now)).toEqual({ from: '2026-02-28', to: '2026-02-28' });
  expect(daysOf('week', now)).toEqual({ from: '2026-02-23', to: '2026-03-01' });
  expect(daysOf('days30', now)).toEqual({ from: '2026-01-31', to: '2026-03-01' });
  expect(daysOf('month', now)).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  expect(daysOf('lastMonth', now)).toEqual({ from: '2026-02-01', to: '2026-02-28' });
  expect(daysOf('lastMonth', new Date(2026, 2, 31, 23, 30).getTime())).toEqual({
    from: '2026-02-01',
    to: '2026-02-28',
  });
  expect(daysIn({ period: 'week', to: '2026-02-01' }, now)).toEqual({ to: '2026-02-01' });
  const midnight = (day: number) => new Date(2026, 1, day).toISOString();
  expect(boundsOf({ from: '2026-02-01', to: '2026-02-02' }, now)).toEqual({ $from: midnight(1), to: midnight(3) });
  expect(boundsOf({ from: '2026-02-01', to: '2026-03-01' }, now)).toEqual({ $from: midnight(1) });
});

const row = (more: Record<string, string | number | null>) => ({
  ...{ destination: 'Germany', currency: 'EUR', answered_calls: 1, minutes: '1.00', revenue: '0.10', margin: null },
  ...more,
});

test('sums are exact, of each currency; a margin that no row knows has no sum, and ratios have none either', () => {
  const rows = [
    row({ revenue: '1000000000000.000001', margin: '-0.000002' }),
    row({ revenue: '0.20', margin: '0.000001', answered_calls: 2, minutes: '0.33' }),
    row({ currency: 'USD', revenue: '5.00' }),
  ];
  expect(sumsOf(rows).map(({ currency, sums }) => [currency, Object.fromEntries(sums)])).toEqual([
    ['EUR', { answered_calls: '3.00', minutes: '1.33', revenue: '1000000000000.200001', margin: '-0.000001' }],
    ['USD', { answered_calls: '1.00', minutes: '1.00', revenue: '5.00' }],
  ]);
  const ratios = { trunk: 'main', calls: 3, answered_calls: 1, asr_percent: '33.3', acd_seconds: '9.0' };
  expect(Object.fromEntries(sumsOf([ratios, ratios])[0]!.sums)).toEqual({ calls: '6.00', answered_calls: '2.00' });
  // Nothing says which currencies these are.
  expect(sumsOf([{ accountcode: 'a', balance: '1.00', charges_sum: '2.00', cost: '1.00' }])).toEqual([]);
  expect([figureText('calls', '6.00', 'de'), figureText('acd_seconds', '71.3', 'de')]).toEqual(['6', '1:11']);
});

test('rows are sorted by exact amounts, names by their letters, and what is not known comes last either way', () => {
  const rows = ['9.00', null, '10.00', '-1.00', '90071992547409.000001', '90071992547409.000000'].map(margin =>
    row({ margin }),
  );
  const margins = (isDown: boolean) => sorted(rows, 'margin', isDown).map(({ margin }) => margin);
  expect(margins(false)).toEqual(['-1.00', '9.00', '10.00', '90071992547409.000000', '90071992547409.000001', null]);
  expect(margins(true)).toEqual(['90071992547409.000001', '90071992547409.000000', '10.00', '9.00', '-1.00', null]);
  const names = ['Zambia', 'Österreich', 'Alaska'].map(destination => row({ destination }));
  expect(sorted(names, 'destination', false).map(({ destination }) => destination)).toEqual([
    'Alaska',
    'Österreich',
    'Zambia',
  ]);
});

test('rankings are by currency, of the largest first and the largest losses last; what is between them has a sum', () => {
  const rows = ['1.00', '4.00', '-2.00', '0.50'].map((revenue, index) => row({ destination: `d${index}`, revenue }));
  const [euros, dollars] = rankingsOf([...rows, row({ currency: 'USD' })], 'revenue', 'destination', 2);
  expect(euros).toEqual({
    currency: 'EUR',
    bars: [
      { name: 'd1', value: '4.00', share: 1, isBelow: false },
      { name: 'd2', value: '-2.00', share: 0.5, isBelow: true },
    ],
    rest: { count: 2, sum: '1.50' },
  });
  expect(dollars).toMatchObject({ currency: 'USD', rest: { count: 0, sum: null } });
  const losses = ['-1.00', '-4.00'].map(margin => row({ margin }));
  expect(rankingsOf(losses, 'margin', 'destination', 2)[0]?.bars.map(({ share, isBelow }) => [share, isBelow])).toEqual(
    [
      [0.25, true],
      [1, true],
    ],
  );
  // A ratio of few calls is not first: those come in the order of the report, which is by calls.
  const ratios = ['40.0', '100.0'].map(asr_percent => ({ trunk: 'main', calls: 3, asr_percent }));
  expect(rankingsOf(ratios, 'asr_percent', 'trunk', 1)).toMatchObject([
    { bars: [{ share: 0.4 }], rest: { count: 1, sum: null } },
  ]);
});

test('minutes are summed as seconds and rounded once; seconds that stand there as minutes are no column, and all others no bar', () => {
  const rows = [1, 2, 3].map(n => ({
    destination: n === 3 ? '(others)' : `D${n}`,
    currency: 'EUR',
    talk_seconds: 10,
    minutes: '0.17',
    revenue: '1.00',
  }));
  expect(columnsOf(rows)).toEqual(['destination', 'currency', 'minutes', 'revenue']);
  const [sums] = sumsOf(rows);
  expect([...(sums?.sums ?? [])]).toEqual([
    ['minutes', '0.50'],
    ['revenue', '3.00'],
  ]);
  const [ranking] = rankingsOf(rows, 'minutes', 'destination', 1);
  expect(ranking).toMatchObject({ bars: [{ name: 'D1' }], rest: { count: 1, sum: '0.17' } });
  const hour = '2026-11-30 15:00:00';
  expect(
    seriesOf(
      rows.map(row => ({ ...row, hour })),
      { measure: 'minutes', over: 'hour', isCut: false },
    ),
  ).toMatchObject([{ points: [{ value: '0.50' }] }]);
});

test('where clocks change by half an hour, an hour of half an hour follows: each row has its point', () => {
  const rows = ['14:00:00', '15:00:00', '15:30:00', '17:30:00'].map(time => ({ hour: `2026-04-04 ${time}`, calls: 1 }));
  const [series] = seriesOf(rows, { measure: 'calls', over: 'hour', isCut: false });
  expect(series?.points.map(({ at, value }) => [new Date(at).toISOString().slice(11, 16), value])).toEqual([
    ['14:00', '1.00'],
    ['15:00', '1.00'],
    ['15:30', '1.00'],
    ['16:30', '0'],
    ['17:30', '1.00'],
  ]);
});

test('over time every hour has a point: 0 of what is counted, nothing of a ratio; of a cut answer the oldest hour is left out', () => {
  const at = (hour: string) => Date.parse(`2026-11-30T${hour}:00:00Z`);
  const rows = [
    { hour: '2026-11-30 15:00:00', currency: 'EUR', revenue: '2.00', calls: 3, asr_percent: '50.0' },
    { hour: '2026-11-30 15:00:00', currency: '', revenue: '0.00', calls: 1, asr_percent: '1.0' },
    { hour: '2026-11-30 13:00:00', currency: 'EUR', revenue: '1.00', calls: 1, asr_percent: null },
  ];
  const [revenue, ...none] = seriesOf(rows, {
    measure: 'revenue',
    over: 'hour',
    from: at('12') - 60_000,
    isCut: false,
  });
  expect(none).toEqual([]);
  expect(revenue).toEqual({
    currency: 'EUR',
    points: [
      { at: at('12'), value: '0' },
      { at: at('13'), value: '1.00' },
      { at: at('14'), value: '0' },
      { at: at('15'), value: '2.00' },
    ],
  });
  const values = (measure: string, isCut: boolean) =>
    seriesOf(rows, { measure, over: 'hour', isCut })[0]?.points.map(({ value }) => value);
  expect(values('calls', false)).toEqual(['1.00', '0', '4.00']);
  expect(values('calls', true)).toEqual(['0', '4.00']);
  expect(values('asr_percent', false)).toEqual([null, null, '50.0']);
});

test('days follow one another where clocks change at midnight: one of them has none', () => {
  const zone = process.env.TZ;
  process.env.TZ = 'America/Santiago';
  try {
    const days = ['2026-09-04', '2026-09-05', '2026-09-06', '2026-09-07', '2026-09-08'];
    const rows = days.map(day => ({ day, currency: 'EUR', cost: '2.00' }));
    const [spent] = seriesOf(rows, { measure: 'cost', over: 'day', isCut: false });
    expect(spent?.points.map(({ value }) => value)).toEqual(days.map(() => '2.00'));
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
