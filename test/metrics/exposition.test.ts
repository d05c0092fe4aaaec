import { exposition } from '../../src/metrics/exposition';

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
