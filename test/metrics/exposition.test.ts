import { exposition } from '../../src/metrics/exposition';
import { Histogram } from '../../src/metrics/histogram';

test('a metric is its help, its type and a line for each sample; what would end a label is escaped', () => {
  const text = exposition([
    {
      name: 'ringfence_door_refusals_total',
      help: 'What a door refused, by reason',
      type: 'counter',
      samples: [
        { labels: { door: 'sems:main', reason: 'no_rate' }, value: 3 },
        { labels: { door: 'a"b\\c\nd', reason: '' }, value: 0 },
      ],
    },
    { name: 'ringfence_calls', help: 'Calls now', type: 'gauge', samples: [{ labels: {}, value: 7 }] },
  ]);
  expect(text).toBe(
    [
      '# HELP ringfence_door_refusals_total What a door refused, by reason',
      '# TYPE ringfence_door_refusals_total counter',
      'ringfence_door_refusals_total{door="sems:main",reason="no_rate"} 3',
      'ringfence_door_refusals_total{door="a\\"b\\\\c\\nd",reason=""} 0',
      '# HELP ringfence_calls Calls now',
      '# TYPE ringfence_calls gauge',
      'ringfence_calls 7',
      '',
    ].join('\n'),
  );
});

test('a histogram counts in each bucket what the smaller ones hold too, with sum and count behind them', () => {
  const seconds = new Histogram([0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 4]) seconds.observe({ stage: 'commit' }, value);
  seconds.observe({ stage: 'queue' }, 0.01);
  const text = exposition([{ name: 'start', help: 'Waits', type: 'histogram', samples: seconds.samples }]);
  expect(text.split('\n')).toEqual([
    '# HELP start Waits',
    '# TYPE start histogram',
    'start_bucket{stage="commit",le="0.1"} 2',
    'start_bucket{stage="commit",le="1"} 3',
    'start_bucket{stage="commit",le="+Inf"} 4',
    'start_sum{stage="commit"} 4.65',
    'start_count{stage="commit"} 4',
    'start_bucket{stage="queue",le="0.1"} 1',
    'start_bucket{stage="queue",le="1"} 1',
    'start_bucket{stage="queue",le="+Inf"} 1',
    'start_sum{stage="queue"} 0.01',
    'start_count{stage="queue"} 1',
    '',
  ]);
});
