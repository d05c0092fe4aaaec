import { UnreadableLog } from '../../src/calls/unreadable-log';

const lines = () => {
  const warned: Record<string, unknown>[] = [];
  return { warned, log: new UnreadableLog(line => warned.push(line)) };
};

test('a schedule and a zone are told once in ten minutes each, and every call is counted', () => {
  const { warned, log } = lines();
  for (const now of [0, 1_000, 599_999]) log.note({ kind: 'hours', name: 'peak' }, now);
  log.note({ kind: 'zone', name: 'Mars/Olympus' }, 2_000);
  log.note({ kind: 'hours', name: 'night' }, 3_000);
  expect(warned.map(({ event, schedule, time_zone }) => [event, schedule ?? time_zone])).toEqual([
    ['hours_unreadable', 'peak'],
    ['time_zone_unknown', 'Mars/Olympus'],
    ['hours_unreadable', 'night'],
  ]);
  log.note({ kind: 'hours', name: 'peak' }, 600_000);
  expect(warned).toHaveLength(4);
  expect(log.metrics[0]?.samples).toEqual([
    { labels: { what: 'hours' }, value: 5 },
    { labels: { what: 'zone' }, value: 1 },
  ]);
});

test('after a thousand schedules the others are counted alone, and those that were told are told again', () => {
  const { warned, log } = lines();
  for (let at = 0; at < 1_500; at++) log.note({ kind: 'hours', name: `s${at}` }, 0);
  expect(warned).toHaveLength(1_000);
  for (const name of ['s0', 's1400']) log.note({ kind: 'hours', name }, 600_000);
  expect(warned.slice(1_000)).toMatchObject([{ schedule: 's0' }]);
  expect(log.metrics[0]?.samples[0]?.value).toBe(1_502);
});
