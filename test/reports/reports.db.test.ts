import { DateTime } from 'luxon';
import { hasPeriod, hasZone, reportNamed, reports, within } from '../../src/admin/reports';
import { json, ringfence } from '../cli/cli-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const DAY_MS = 86_400_000;
/** Yesterday at noon, UTC: within the 30 days of the reports, and whole calls on one day. */
const YESTERDAY = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS / 2;
const dayOf = (instant: number) => new Date(instant).toISOString().slice(0, 10);

let calls = 0;

/** A row of astcdr: answered and ended, of alice, to Germany, over carrier, unless given otherwise. */
function cdr(more: Record<string, unknown> = {}) {
  const {
    startAt = YESTERDAY,
    billsec = 60,
    answered = true,
    ...columns
  } = more as {
    startAt?: number;
    billsec?: number;
    answered?: boolean;
  };
  return {
    uniqueid: `ast1-${++calls}`,
    accountcode: 'alice',
    node: 'ast1',
    dst: '4930123',
    trunk: 'carrier',
    start_at: new Date(startAt),
    answer_at: answered ? new Date(startAt + 2_000) : null,
    end_at: new Date(startAt + 2_000 + (answered ? billsec : 0) * 1000),
    billsec: answered ? billsec : 0,
    billed_seconds: answered ? billsec : 0,
    disposition: answered ? 'ANSWERED' : 'NO ANSWER',
    currency: 'EUR',
    rate_destination: 'Germany',
    ...columns,
  };
}

describe.each(engines)('reports, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    const refused = { answered: false, refusal: 'insufficient_balance', trunk: '', disposition: 'FAILED' };
    const open = { end_at: null, disposition: null, max_cost: '3.000000', granted_seconds: 180 };
    await db.database('astcdr').insert([
      cdr({ cost: '1.000000', trunk_cost: '0.400000', trunk_currency: 'EUR' }),
      cdr({ cost: '2.000042', billsec: 90, billed_seconds: 120, trunk_cost: '9.000000', trunk_currency: 'USD' }),
      cdr({ cost: '0.500000', billsec: 30, trunk_cost: '0.600000', trunk_currency: 'EUR', trunk: 'backup' }),
      cdr({ answered: false }),
      cdr({ answered: false, disposition: 'BUSY', trunk: 'backup' }),
      // Refused seven times: neither destination nor trunk is to blame.
      ...Array.from({ length: 7 }, () => cdr(refused)),
      cdr({ answered: false, trunk: '' }),
      cdr({
        accountcode: 'bob',
        rate_destination: 'Poland',
        cost: '4.000000',
        startAt: YESTERDAY - DAY_MS,
        billsec: 120,
      }),
      cdr({ accountcode: 'carla', rate_destination: 'Chile', currency: 'USD', cost: '0.250000', billsec: 15 }),
      cdr({ accountcode: 'stranger', rate_destination: '', dst: '112', currency: '', trunk: 'backup' }),
      // Too long ago to count.
      cdr({ cost: '99.000000', startAt: YESTERDAY - 40 * DAY_MS }),
      cdr({ ...open, startAt: Date.now() - 30_000 }),
      cdr({ ...open, startAt: Date.now() - 10_000, answered: false, accountcode: 'bob' }),
    ]);
  });
  afterAll(() => db.drop());

  const report = (name: string) => json(db.url, ['report', name]);

  test('spend per account and day: alice 3.500042 for 3 minutes yesterday, billed 3.5', async () => {
    const [today, before] = [dayOf(YESTERDAY), dayOf(YESTERDAY - DAY_MS)];
    expect(await report('spend-per-account-and-day')).toEqual([
      {
        ...spend(today, 'alice', 3),
        ...talk(180, '3.00'),
        billed_seconds: 210,
        billed_minutes: '3.50',
        cost: '3.500042',
      },
      {
        ...spend(today, 'carla', 1, 'USD'),
        ...talk(15, '0.25'),
        billed_seconds: 15,
        billed_minutes: '0.25',
        cost: '0.25',
      },
      {
        ...spend(today, 'stranger', 1, ''),
        ...talk(60, '1.00'),
        billed_seconds: 60,
        billed_minutes: '1.00',
        cost: '0.00',
      },
      { ...spend(before, 'bob', 1), ...talk(120, '2.00'), billed_seconds: 120, billed_minutes: '2.00', cost: '4.00' },
    ]);
  });

  const talk = (talk_seconds: number, minutes: string) => ({ talk_seconds, minutes });

  const spend = (day: string, accountcode: string, answered_calls: number, currency = 'EUR') => ({
    day,
    accountcode,
    currency,
    answered_calls,
  });

  test("margin counts only carriers' costs in the currency of the sale: 1.50 - 1.00 for Germany, the dollars left out", async () => {
    const rows = await report('minutes-and-margin-per-destination');
    expect(rows.find((row: { destination: string }) => row.destination === 'Germany')).toEqual({
      destination: 'Germany',
      currency: 'EUR',
      answered_calls: 3,
      ...talk(180, '3.00'),
      revenue: '3.500042',
      calls_with_known_cost: 2,
      trunk_cost: '1.00',
      margin: '0.50',
    });
    expect(rows.find((row: { destination: string }) => row.destination === 'Poland')).toMatchObject({
      revenue: '4.00',
      calls_with_known_cost: 0,
      trunk_cost: null,
      margin: null,
    });
    expect(rows.map((row: { destination: string }) => row.destination)).toContain('(no rate)');
  });

  test('ASR and ACD of Germany: 3 of 6 calls answered are 50.0 %, 180 s over 3 calls are 60.0 s; 7 refused calls do not count', async () => {
    const rows = await report('asr-and-acd-per-destination');
    const germany = { destination: 'Germany', calls: 6, answered_calls: 3, asr_percent: '50.0', acd_seconds: '60.0' };
    expect(rows[0]).toEqual(germany);
    expect(rows.map((row: { calls: number }) => row.calls)).toEqual([6, 1, 1, 1]);
  });

  test('ASR and ACD per trunk: backup answered 2 of 3, 45.0 s each; what no trunk was dialled for does not count', async () => {
    const delay = { answer_delay_seconds: '2.0' };
    expect(await report('asr-and-acd-per-trunk')).toEqual([
      { trunk: 'carrier', calls: 5, answered_calls: 4, asr_percent: '80.0', acd_seconds: '71.3', ...delay },
      { trunk: 'backup', calls: 3, answered_calls: 2, asr_percent: '66.7', acd_seconds: '45.0', ...delay },
    ]);
  });

  test('sales of accounts and trunks: alice 3.500042, margin 0.50 of the 1.50 with known costs; a call without a trunk has a line', async () => {
    const accounts = await report('minutes-and-margin-per-account');
    expect(accounts.map(({ accountcode, revenue }: Record<string, string>) => [accountcode, revenue])).toEqual([
      ['bob', '4.00'],
      ['alice', '3.500042'],
      ['carla', '0.25'],
      ['stranger', '0.00'],
    ]);
    expect(accounts[1]).toEqual({
      ...{ accountcode: 'alice', currency: 'EUR', answered_calls: 3, ...talk(180, '3.00'), revenue: '3.500042' },
      ...{ calls_with_known_cost: 2, trunk_cost: '1.00', margin: '0.50' },
    });
    await db.database('astcdr').insert(cdr({ uniqueid: 'no-trunk', trunk: '', cost: '0.125000', accountcode: 'door' }));
    const trunks = await report('minutes-and-margin-per-trunk');
    await db.database('astcdr').where({ uniqueid: 'no-trunk' }).delete();
    expect(
      trunks.map(({ trunk, currency, revenue, margin }: Record<string, string>) => [trunk, currency, revenue, margin]),
    ).toEqual([
      ['carrier', 'EUR', '7.000042', '0.60'],
      ['backup', 'EUR', '0.50', '-0.10'],
      ['carrier', 'USD', '0.25', null],
      ['(no trunk)', 'EUR', '0.125', null],
      ['backup', '', '0.00', null],
    ]);
  });

  test('ASR and ACD of accounts: alice answered 3 of 6, 60.0 s each', async () => {
    expect((await report('asr-and-acd-per-account'))[0]).toEqual({
      ...{ accountcode: 'alice', calls: 6, answered_calls: 3, asr_percent: '50.0', acd_seconds: '60.0' },
    });
  });

  test('by hour: a call counts in the hour when it started, the newest hour first', async () => {
    const hourOf = (instant: number) => `${new Date(instant).toISOString().slice(0, 13).replace('T', ' ')}:00:00`;
    const [noon, before] = [hourOf(YESTERDAY), hourOf(YESTERDAY - DAY_MS)];
    expect(await report('asr-and-acd-per-hour')).toEqual([
      { hour: noon, calls: 8, answered_calls: 5, asr_percent: '62.5', acd_seconds: '51.0' },
      { hour: before, calls: 1, answered_calls: 1, asr_percent: '100.0', acd_seconds: '120.0' },
    ]);
    const sales = await report('minutes-and-margin-per-hour');
    expect(sales.map(({ hour, currency, revenue }: Record<string, string>) => [hour, currency, revenue])).toEqual([
      [noon, '', '0.00'],
      [noon, 'EUR', '3.500042'],
      [noon, 'USD', '0.25'],
      [before, 'EUR', '4.00'],
    ]);
  });

  test('each report of calls can be of another period: from an instant on, and before another', async () => {
    const of = async (name: string, ...period: string[]) =>
      (await json(db.url, ['report', name, ...period])).map(
        (row: Record<string, unknown>) => row.accountcode ?? row.destination,
      );
    const [first, last] = [YESTERDAY - DAY_MS, YESTERDAY].map(at => new Date(at).toISOString()) as [string, string];
    const spend = 'spend-per-account-and-day';
    expect(await of(spend, '--from', last)).toEqual(['alice', 'carla', 'stranger']);
    expect(await of(spend, '--from', first, '--to', last)).toEqual(['bob']);
    // Also what is older than 30 days.
    expect(await of(spend, '--to', first)).toEqual(['alice']);
    for (const known of reports().filter(hasPeriod)) {
      const [all, one, none] = [
        await of(known.name),
        await of(known.name, '--from', first, '--to', last),
        await of(known.name, '--from', '2020-01-01T00:00:00Z', '--to', '2020-02-01T00:00:00Z'),
      ];
      expect([known.name, all.length > one.length, one.length, none.length]).toEqual([known.name, true, 1, 0]);
    }
    // All times that a DATETIME holds, and one that none does.
    expect((await of(spend, '--from', '1000-01-01T00:00:00Z', '--to', '9999-12-31T23:59:59Z')).length).toBe(5);
    await expect(of(spend, '--from', '0000-01-01T00:00:00Z')).rejects.toThrow('between the years 1000 and 9999');
  });

  describe('in a zone', () => {
    let other: TestDatabase;
    beforeAll(async () => {
      other = await createTestDatabase(engine);
      const at = (text: string, more: object = {}) => cdr({ startAt: Date.parse(text), cost: '1.000000', ...more });
      await other.database('astcdr').insert([
        // Berlin's clocks go back at 01:00 UTC: 2 o'clock comes twice.
        at('2026-10-24T21:59:59.999Z'),
        at('2026-10-24T22:00:00Z'),
        at('2026-10-25T00:10:00Z'),
        at('2026-10-25T00:59:00Z'),
        at('2026-10-25T01:10:00Z'),
        at('2026-10-25T22:59:59Z'),
        at('2026-10-25T23:00:00Z'),
      ]);
    });
    afterAll(() => other.drop());

    const of = async (name: string, columns: string[], ...options: string[]) => {
      const rows = await json(other.url, ['report', name, '--from', '2026-10-01T00:00:00Z', ...options]);
      return rows.map((row: Record<string, unknown>) => columns.map(column => row[column]));
    };

    test("the day when Berlin's clocks go back has 25 hours and five calls; in UTC two calls of the evening before are on the day before, in Kathmandu on the day after", async () => {
      const days = (...options: string[]) =>
        of('spend-per-account-and-day', ['day', 'answered_calls', 'cost'], ...options);
      expect(await days('--zone', 'Europe/Berlin')).toEqual([
        ['2026-10-26', 1, '1.00'],
        ['2026-10-25', 5, '5.00'],
        ['2026-10-24', 1, '1.00'],
      ]);
      const inUtc = [
        ['2026-10-25', 5, '5.00'],
        ['2026-10-24', 2, '2.00'],
      ];
      expect(await days()).toEqual(inUtc);
      expect(await days('--zone', 'UTC')).toEqual(inUtc);
      // 5:45 before UTC.
      expect(await days('--zone', 'Asia/Kathmandu')).toEqual([
        ['2026-10-26', 2, '2.00'],
        ['2026-10-25', 5, '5.00'],
      ]);
    });

    test('an hour that comes twice has two lines; hours of Kathmandu begin at a quarter past', async () => {
      const hours = (...options: string[]) => of('asr-and-acd-per-hour', ['hour', 'calls'], ...options);
      expect(await hours('--zone', 'Europe/Berlin', '--to', '2026-10-25T02:00:00Z')).toEqual([
        ['2026-10-25 01:00:00', 1],
        ['2026-10-25 00:00:00', 2],
        ['2026-10-24 22:00:00', 1],
        ['2026-10-24 21:00:00', 1],
      ]);
      expect(await hours('--zone', 'Asia/Kathmandu', '--to', '2026-10-25T02:00:00Z')).toEqual([
        ['2026-10-25 00:15:00', 2],
        ['2026-10-24 23:15:00', 1],
        ['2026-10-24 21:15:00', 2],
      ]);
    });

    test('without a period the last 30 days begin with a day of the zone, and the last 24 hours with an hour of it', async () => {
      const zone = 'Asia/Kathmandu';
      const today = DateTime.now().setZone(zone).startOf('day');
      const first = today.minus({ days: 30 }).toMillis();
      // The hour in progress and 23 before it.
      const hour = DateTime.now().setZone(zone).startOf('hour').minus({ hours: 23 }).toMillis();
      const since = async (name: string, begins: number, kept: number) => {
        await other.database('astcdr').delete();
        const ids = [-1, 0].map(ms => cdr({ startAt: begins + ms, answered: false }));
        const rows = ids.map(row => ({ ...row, end_at: row.start_at }));
        await other
          .database('astcdr')
          .insert(name.includes('spend') ? [cdr({ startAt: begins - 1 }), cdr({ startAt: begins })] : rows);
        const told = await json(other.url, ['report', name, '--zone', zone]);
        const counted = told.map((row: Record<string, number>) => row.answered_calls || row.calls);
        expect([name, counted]).toEqual([name, [kept]]);
      };
      await since('spend-per-account-and-day', first, 1);
      await since('asr-and-acd-per-trunk', first, 1);
      await since('last-day-per-trunk', hour, 1);
      await since('last-day-causes-per-trunk', hour, 1);
    });

    test('of all times the clocks of calls alone are looked up: those since 2000, up to now', () => {
      const [from, to] = [new Date('1000-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59Z')];
      const now = Date.parse('2026-11-30T00:00:00Z');
      const { sql } = within(reportNamed('spend-per-account-and-day'), { from, to, zone: 'Europe/Berlin' }, now);
      // Twice a year for 27 years, in SELECT and in GROUP BY; and the bounds.
      expect(sql.match(/WHEN/g)).toHaveLength(2 * 2 * 27);
    });

    test('every report takes a zone, or says that it has neither hours nor days; a zone that is none is refused', async () => {
      for (const known of reports()) {
        const { exitCode, err } = await ringfence(other.url, ['report', known.name, '--zone', 'Europe/Berlin']);
        if (hasZone(known)) expect([known.name, exitCode]).toEqual([known.name, 0]);
        else {
          const why = `zone "Europe/Berlin" is no field of report ${known.name}, which has neither hours nor days: leave it out`;
          expect([exitCode, err]).toEqual([2, expect.stringContaining(why)]);
        }
      }
      expect(
        reports()
          .filter(known => !hasZone(known))
          .map(({ name }) => name),
      ).toEqual(['calls-in-progress', 'last-hour-per-minute', 'unbalanced-accounts']);
      expect(await ringfence(other.url, ['report', 'asr-and-acd-per-hour', '--zone', 'Mars'])).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('zone "Mars" is not a time zone: write an IANA name such as Europe/Berlin'),
      });
    });
  });

  test('what is there now has no period, and a list of reports has none either', async () => {
    const at = '2026-11-01T00:00:00.000Z';
    for (const [name, field] of [
      ['calls-in-progress', 'from'],
      ['last-hour-per-minute', 'to'],
      ['unbalanced-accounts', 'to'],
    ] as const) {
      const { exitCode, err } = await ringfence(db.url, ['report', name, `--${field}`, at]);
      expect([exitCode, err]).toEqual([
        2,
        expect.stringContaining(`${field} "${at}" is no field of report ${name}, which has no period: leave it out`),
      ]);
    }
    expect(await ringfence(db.url, ['report', '--from', at])).toMatchObject({
      err: expect.stringContaining('is of a report: name one'),
    });
  });

  test('top destinations: Poland 4.00, Germany 3.500042, Chile in its own currency', async () => {
    const rows = await report('top-destinations');
    expect(rows).toEqual([
      { ...top('EUR', 'Poland', 1, 120, '4.00'), price_per_minute: '2.00' },
      { ...top('EUR', 'Germany', 3, 180, '3.500042'), price_per_minute: '1.166681' },
      { ...top('USD', 'Chile', 1, 15, '0.25'), price_per_minute: '1.00' },
    ]);
  });

  const top = (currency: string, destination: string, answered_calls: number, seconds: number, revenue: string) => ({
    currency,
    destination,
    answered_calls,
    accounts: 1,
    ...talk(seconds, (seconds / 60).toFixed(2)),
    revenue,
  });

  test('top destinations: what is behind the first 20 is one line for each currency, and the sums are those of all calls', async () => {
    const other = await createTestDatabase(engine);
    try {
      const sold = (n: number, currency: string) =>
        cdr({ rate_destination: `D${n}`, cost: `${n}.000000`, billsec: 10, currency, accountcode: `a${n}` });
      await other
        .database('astcdr')
        .insert([...Array.from({ length: 23 }, (_, n) => sold(n + 1, 'EUR')), sold(1, 'EUR'), sold(1, 'USD')]);
      const rows = await json(other.url, ['report', 'top-destinations']);
      expect(rows.slice(0, 20).map(({ destination }: { destination: string }) => destination)).toEqual(
        Array.from({ length: 20 }, (_, n) => `D${23 - n}`),
      );
      // D3 with 3.00, D1 with two calls of 1.00, D2 with 2.00; and of another currency D1.
      const others = { destination: '(others)', accounts: null, talk_seconds: 40 };
      expect(rows.slice(20)).toEqual([
        { ...others, currency: 'EUR', answered_calls: 4, minutes: '0.67', revenue: '7.00', price_per_minute: '10.50' },
        {
          ...{ ...others, currency: 'USD', answered_calls: 1, talk_seconds: 10, minutes: '0.17', revenue: '1.00' },
          price_per_minute: '6.00',
        },
      ]);
    } finally {
      await other.drop();
    }
  });

  test('calls in progress: the older first, with its talk and its 3.00; one that rings has no talk', async () => {
    const rows = await report('calls-in-progress');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ accountcode: 'alice', max_cost: '3.00', granted_seconds: 180, currency: 'EUR' });
    expect(rows[0].talk_seconds).toBeGreaterThanOrEqual(28);
    expect(rows[1]).toMatchObject({ accountcode: 'bob', answer_at: null, talk_seconds: null });
  });

  test('the last hour by minute: a call starts in one minute and ends in another, refusals have lines of their own, older calls none', async () => {
    const other = await createTestDatabase(engine);
    try {
      const minuteOf = (instant: number) => new Date(instant).toISOString().slice(0, 16).replace('T', ' ');
      // In the midst of a minute ten minutes ago.
      const then = Math.floor(Date.now() / 60_000) * 60_000 - 600_000 + 30_000;
      const refused = { startAt: then, answered: false, trunk: '', disposition: 'FAILED', end_at: new Date(then) };
      await other.database('astcdr').insert([
        cdr({ startAt: then, billsec: 90, cost: '2.000042', trunk_cost: '0.500000', trunk_currency: 'EUR' }),
        cdr({ startAt: then, billsec: 95, cost: '1.000000', trunk_cost: '9.000000', trunk_currency: 'USD' }),
        cdr({ startAt: then, answered: false, end_at: new Date(then + 9_000) }),
        // It talks: answered, and not ended.
        cdr({ startAt: then, end_at: null, disposition: null }),
        // It rings: neither tried nor answered yet.
        cdr({ startAt: then, end_at: null, disposition: null, answered: false }),
        ...[1, 2].map(() => cdr({ ...refused, refusal: 'insufficient_balance' })),
        cdr({ ...refused, refusal: 'no_route', currency: '' }),
        // It started before the hour, and ended in it.
        cdr({ startAt: then - 3_600_000, billsec: 3_658, cost: '5.000000', currency: 'USD' }),
        cdr({ startAt: then - 7_200_000 }),
      ]);
      const none = { starts: 0, tried_calls: 0, answered_calls: 0 };
      const unended = { ended_calls: 0, talk_seconds: 0, revenue: '0.00', calls_with_known_cost: 0, margin: null };
      const [first, second, last] = [minuteOf(then), minuteOf(then + 60_000), minuteOf(then + 120_000)];
      expect(await json(other.url, ['report', 'last-hour-per-minute'])).toEqual([
        {
          ...{ minute: last, refusal: null, currency: 'EUR', ...none },
          ...{ ended_calls: 2, talk_seconds: 185, revenue: '3.000042', calls_with_known_cost: 1, margin: '1.500042' },
        },
        {
          ...{ minute: second, refusal: null, currency: 'USD', ...none },
          ...{ ended_calls: 1, talk_seconds: 3_658, revenue: '5.00', calls_with_known_cost: 0, margin: null },
        },
        { minute: first, refusal: null, currency: 'EUR', starts: 5, tried_calls: 4, answered_calls: 3, ...unended },
        {
          ...{ minute: first, refusal: 'insufficient_balance', currency: 'EUR' },
          ...{ ...none, starts: 2, ...unended },
        },
        { minute: first, refusal: 'no_route', currency: '', ...none, starts: 1, ...unended },
      ]);
    } finally {
      await other.drop();
    }
  });

  test('the last day by trunk: hours of their own, 5.5 s until two answers; causes by who ended the call; an older call, a refused one and one in progress count for nothing', async () => {
    const other = await createTestDatabase(engine);
    try {
      const HOUR_MS = 3_600_000;
      const hourOf = (instant: number) => `${new Date(instant).toISOString().slice(0, 13).replace('T', ' ')}:00:00`;
      // In the midst of the hour before the one in progress.
      const then = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOUR_MS / 2;
      const oldest = then - 22 * HOUR_MS;
      const unanswered = { answered: false, disposition: 'CONGESTION', hangup_cause: 34, hangup_source: 'callee' };
      await other.database('astcdr').insert([
        cdr({ startAt: then, billsec: 90 }),
        cdr({ startAt: then, billsec: 31, answer_at: new Date(then + 3_500) }),
        cdr({ startAt: then, ...unanswered }),
        cdr({ startAt: oldest, ...unanswered }),
        cdr({ startAt: then, ...unanswered, hangup_cause: 16, hangup_source: 'caller', disposition: 'NO ANSWER' }),
        cdr({ startAt: then, billsec: 10, trunk: 'backup' }),
        // A day and half an hour ago.
        cdr({ startAt: oldest - HOUR_MS }),
        cdr({ startAt: then, ...unanswered, refusal: 'no_route' }),
        cdr({ startAt: then, ...unanswered, trunk: '' }),
        cdr({ startAt: then, end_at: null, disposition: null }),
      ]);
      expect(await json(other.url, ['report', 'last-day-per-trunk'])).toEqual([
        { ...day(then, 'backup', 1, 1), talk_seconds: 10, seconds_to_answer: '2.000' },
        { ...day(then, 'carrier', 4, 2), talk_seconds: 121, seconds_to_answer: '5.500' },
        { ...day(oldest, 'carrier', 1, 0), talk_seconds: 0, seconds_to_answer: '0.000' },
      ]);
      function day(at: number, trunk: string, calls: number, answered_calls: number) {
        return { hour: hourOf(at), trunk, calls, answered_calls };
      }
      expect(await json(other.url, ['report', 'last-day-causes-per-trunk'])).toEqual([
        { trunk: 'carrier', hangup_cause: 34, hangup_source: 'callee', calls: 2 },
        { trunk: 'carrier', hangup_cause: 16, hangup_source: 'caller', calls: 1 },
      ]);
    } finally {
      await other.drop();
    }
  });

  test('unbalanced accounts: one whose balance is 1.00 too high and one without an account, and no other', async () => {
    const money = (reference: string) => ({
      kind: 'top_up',
      reference,
      amount: '5.000000',
      balance_after: '5.000000',
      entry_number: 1,
      entry_hash: '',
    });
    const account = (accountcode: string, balance: string) => ({
      accountcode,
      currency: 'EUR',
      deck: 'retail',
      balance,
    });
    await db.database('astaccount').insert([account('sound', '5'), account('rich', '6')]);
    await db
      .database('astledger')
      .insert(['sound', 'rich', 'ghost'].map(accountcode => ({ accountcode, ...money('x') })));
    const rows = await report('unbalanced-accounts');
    const found = rows.filter(({ accountcode }: { accountcode: string }) =>
      ['sound', 'rich', 'ghost'].includes(accountcode),
    );
    expect(found).toEqual([
      expect.objectContaining({ accountcode: 'ghost', accountcode_exists: 0, balance: '0.00', entries_sum: '5.00' }),
      expect.objectContaining({ accountcode: 'rich', accountcode_exists: 1, balance: '6.00', entries_sum: '5.00' }),
    ]);
  });

  test('each report says in its first sentence what it tells, and runs for people too', async () => {
    const list = await ringfence(db.url, ['report']);
    expect(reports().map(({ name }) => name)).toEqual([
      'asr-and-acd-per-account',
      'asr-and-acd-per-destination',
      'asr-and-acd-per-hour',
      'asr-and-acd-per-trunk',
      'calls-in-progress',
      'last-day-causes-per-trunk',
      'last-day-per-trunk',
      'last-hour-per-minute',
      'minutes-and-margin-per-account',
      'minutes-and-margin-per-destination',
      'minutes-and-margin-per-hour',
      'minutes-and-margin-per-trunk',
      'spend-per-account-and-day',
      'top-destinations',
      'unbalanced-accounts',
    ]);
    for (const { name, meaning, sql } of reports()) {
      expect(sql).toMatch(/^-- /);
      expect(list.out).toContain(meaning);
      expect((await ringfence(db.url, ['report', name])).exitCode).toBe(0);
    }
  });

  test('a report that is not there is refused with the names of those that are', async () => {
    const { exitCode, err } = await ringfence(db.url, ['report', '../migrations/0001-astratedeck']);
    expect({ exitCode, err }).toEqual({
      exitCode: 3,
      err: expect.stringContaining('the reports are asr-and-acd-per-'),
    });
  });
});
