import fc from 'fast-check';
import { dayNumber, HoursError, parseHours, type Schedule, spellsOf } from '../../src/rating/schedule';
import { anySchedules, anySecond, anyZone, covers, scheduleOf, wallAt } from './day-times';

const second = (instant: string): number => Date.parse(instant) / 1_000;

const schedule = (name: string, hours: string, more: { priority?: number; holidays?: string[] } = {}): Schedule => ({
  schedule: name,
  priority: more.priority ?? 0,
  hours: parseHours(hours),
  holidays: new Set((more.holidays ?? []).map(dayNumber)),
});

/** The spells in words: `2026-03-29T01:00Z night`. */
const told = (schedules: Schedule[], zone: string, from: string, until: string): string[] =>
  spellsOf(schedules, zone, second(from), second(until)).map(
    ({ from: at, schedule: holds }) =>
      `${new Date(at * 1_000).toISOString().replace(':00.000Z', 'Z')} ${holds?.schedule ?? '–'}`,
  );

describe('hours that a person writes', () => {
  test.each([
    ['Mo-Fr 08:00-20:00', [[[0, 1, 2, 3, 4], 480, 1200]]],
    ['Sa-Mo 00:00-24:00', [[[0, 5, 6], 0, 1440]]],
    ['Sa,Su,PH 20:00-06:00', [[[5, 6, 7], 1200, 1800]]],
    [
      ' Mo 08:00-12:00,14:00-18:00 ; PH 00:00-00:01;',
      [
        [[0], 480, 720],
        [[0], 840, 1080],
        [[7], 0, 1],
      ],
    ],
    ['Mo-Mo 23:59-24:00', [[[0], 1439, 1440]]],
  ])('%j', (text, hours) => {
    expect(parseHours(text).map(each => [each.days, each.fromMinute, each.untilMinute])).toEqual(hours);
  });

  test.each([
    ['', 'has "": write days, a blank and hours'],
    ['Mo', 'has "Mo": write days, a blank and hours'],
    ['08:00-20:00', 'has "08:00-20:00": write days'],
    ['Mo 08:00-20:00 Tu', 'has "Mo 08:00-20:00 Tu"'],
    ['Mo;;Tu 08:00-20:00', 'has "Mo"'],
    ['mo 08:00-20:00', 'has days "mo": write Mo, Tu, We, Th, Fr, Sa, Su, PH or a range such as Mo-Fr'],
    ['Mo-PH 08:00-20:00', 'has days "Mo-PH"'],
    ['Mo-Tu-We 08:00-20:00', 'has days "Mo-Tu-We"'],
    ['Mo, 08:00-20:00', 'has days ""'],
    ['Mo 8:00-20:00', 'has hours "8:00-20:00": write them as 08:00-20:00, the last until 24:00'],
    ['Mo 08:60-20:00', 'has hours "08:60-20:00"'],
    ['Mo 24:00-06:00', 'has hours "24:00-06:00"'],
    ['Mo 08:00-24:01', 'has hours "08:00-24:01"'],
    ['Mo 08:00-00:00', 'has hours "08:00-00:00"'],
    ['Mo 08:00-08:00', 'has hours "08:00-08:00" without length: write 00:00-24:00 for a whole day'],
    [`Mo ${'08:00-09:00,'.repeat(20)}`, 'use at most 200'],
    ['Mo\u00a008:00-20:00', 'has a character that is no letter, digit or blank'],
    ['Mo\t08:00-20:00', 'has a character that is no letter, digit or blank'],
  ])('%j %s', (text, problem) => {
    expect(() => parseHours(text)).toThrow(HoursError);
    expect(() => parseHours(text)).toThrow(problem);
  });
});

describe('which schedule holds', () => {
  test('hours of weekdays, in the zone of the account', () => {
    const peak = schedule('peak', 'Mo-Fr 08:00-20:00');
    // A Friday and a Saturday.
    expect(told([peak], 'Europe/Berlin', '2026-06-05T00:00:00Z', '2026-06-07T00:00:00Z')).toEqual([
      '2026-06-05T00:00Z –',
      '2026-06-05T06:00Z peak',
      '2026-06-05T18:00Z –',
    ]);
    expect(told([peak], 'America/New_York', '2026-06-05T00:00:00Z', '2026-06-07T00:00:00Z')).toEqual([
      '2026-06-05T00:00Z –',
      '2026-06-05T12:00Z peak',
      '2026-06-06T00:00Z –',
    ]);
  });

  test('a holiday is no weekday, and what began the evening before goes on', () => {
    const all = [
      schedule('night', 'Mo-Su 22:00-06:00', { holidays: ['2026-12-25'], priority: 1 }),
      schedule('day', 'Mo-Fr 06:00-22:00', { holidays: ['2026-12-25'] }),
      schedule('feast', 'PH 00:00-24:00', { holidays: ['2026-12-25'] }),
    ];
    expect(told(all, 'UTC', '2026-12-24T20:00:00Z', '2026-12-26T12:00:00Z')).toEqual([
      '2026-12-24T20:00Z day',
      '2026-12-24T22:00Z night',
      '2026-12-25T06:00Z feast',
      '2026-12-26T00:00Z –',
    ]);
  });

  test('the higher priority counts where two hold, and of equal ones the first by name', () => {
    const all = [
      schedule('b', 'Mo-Su 10:00-14:00'),
      schedule('a', 'Mo-Su 12:00-16:00'),
      schedule('c', 'Mo-Su 13:00-13:30', { priority: 1 }),
    ];
    expect(told(all, 'UTC', '2026-06-01T09:00:00Z', '2026-06-01T20:00:00Z')).toEqual([
      '2026-06-01T09:00Z –',
      '2026-06-01T10:00Z b',
      '2026-06-01T12:00Z a',
      '2026-06-01T13:00Z c',
      '2026-06-01T13:30Z a',
      '2026-06-01T16:00Z –',
    ]);
  });

  test('an hour that is there twice holds twice, and one that is not there not at all', () => {
    const half = schedule('half', 'Su 02:00-02:30');
    // October 25, Berlin: 02:00 to 03:00 comes twice, first at 00:00 UTC.
    expect(told([half], 'Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T03:00:00Z')).toEqual([
      '2026-10-24T22:00Z –',
      '2026-10-25T00:00Z half',
      '2026-10-25T00:30Z –',
      '2026-10-25T01:00Z half',
      '2026-10-25T01:30Z –',
    ]);
    // March 29: after 01:59:59 comes 03:00.
    expect(told([half], 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T03:00:00Z')).toEqual([
      '2026-03-28T23:00Z –',
    ]);
    const from = schedule('from', 'Su 02:30-04:00');
    expect(told([from], 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T03:00:00Z')).toEqual([
      '2026-03-28T23:00Z –',
      '2026-03-29T01:00Z from',
      '2026-03-29T02:00Z –',
    ]);
    // Clocks that go back from 01:59 to 01:30, in Lord Howe.
    expect(
      told([schedule('late', 'Su 01:45-02:15')], 'Australia/Lord_Howe', '2026-04-04T13:00:00Z', '2026-04-04T17:00:00Z'),
    ).toEqual([
      '2026-04-04T13:00Z –',
      '2026-04-04T14:45Z late',
      '2026-04-04T15:00Z –',
      '2026-04-04T15:15Z late',
      '2026-04-04T15:45Z –',
    ]);
  });

  test('is what the wall shows, minute by minute, for any schedules of a year in any zone', () => {
    fc.assert(
      fc.property(anyZone, anySchedules, anySecond, (zone, drawn, start) => {
        const schedules = drawn.map(scheduleOf);
        const spells = spellsOf(schedules, zone, start, start + 26 * 3_600);
        expect(spells[0]?.from).toBe(start);
        const first = Math.ceil(start / 60) * 60;
        const wrong: string[] = [];
        let at = 0;
        for (let minute = first; minute < start + 26 * 3_600; minute += 60) {
          while ((spells[at + 1]?.from ?? Number.POSITIVE_INFINITY) <= minute) {
            at++;
            if (spells[at]?.schedule === spells[at - 1]?.schedule) wrong.push(`${minute}: no change`);
          }
          const wall = wallAt(zone, minute);
          const [best] = drawn
            .filter(each => covers(each, wall))
            .sort((one, other) => other.priority - one.priority || (one.name < other.name ? -1 : 1));
          if (spells[at]?.schedule?.schedule !== best?.name) wrong.push(`${minute}: ${best?.name}`);
        }
        expect(wrong).toEqual([]);
        expect(at).toBe(spells.length - 1);
      }),
      { numRuns: 60 },
    );
  });
});
