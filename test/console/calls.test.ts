/** What the pages of calls calculate: the sum of a price, the time line, the filters of the address. */
import fc from 'fast-check';
import type { CallEvidence, CallShown } from '../../console/src/api/operations';
import { gapsOf, gapText, momentsOf } from '../../console/src/pages/calls/moments';
import { priceSum } from '../../console/src/pages/calls/price-sum';
import { callsSearch, questionOf, soughtText, tableAddress } from '../../console/src/pages/calls/search';
import { chargeFor } from '../../src/credit/rules/charge';
import { formatAmount, type Micros } from '../../src/money/micros';
import { costWithoutGrace, type Tariff } from '../../src/rating/price';
import { stepsText } from '../../src/rating/steps';
import { withSteps } from '../rating/tariffs';

const NOON = Date.parse('2026-06-01T12:00:00Z');

/** A call of so much talk at a rate, as the API tells it. */
function charged(tariff: Tariff, billsec: number, grantedSeconds: number): CallShown {
  const maxCost = costWithoutGrace(tariff, grantedSeconds);
  const { cost, billedSeconds, overrunSeconds } = chargeFor(
    { startAt: NOON, grantedSeconds, maxCost, tariff },
    { answerAt: NOON, endAt: NOON + billsec * 1000 },
  );
  return {
    billsec,
    billed_seconds: billedSeconds,
    overrun_seconds: overrunSeconds,
    cost: formatAmount(cost),
    rate_price_per_minute: formatAmount(tariff.pricePerMinute),
    rate_connect_fee: formatAmount(tariff.connectFee),
    rate_minimum_charge: formatAmount(tariff.minimumCharge),
    rate_initial_increment_seconds: tariff.initialIncrementSeconds,
    rate_increment_seconds: tariff.incrementSeconds,
    rate_grace_seconds: tariff.graceSeconds,
    rate_free_seconds: tariff.freeSeconds,
    rate_steps: stepsText(tariff.steps),
  } as CallShown;
}

const micros = (most: number) => fc.integer({ min: 0, max: most }).map(number => BigInt(number) as Micros);
const tariffs = withSteps(
  fc.record({
    pricePerMinute: micros(3_000_000),
    connectFee: micros(500_000),
    minimumCharge: micros(300_000),
    initialIncrementSeconds: fc.integer({ min: 1, max: 90 }),
    incrementSeconds: fc.integer({ min: 1, max: 90 }),
    graceSeconds: fc.integer({ min: 0, max: 10 }),
  }),
);

describe('the sum of a price', () => {
  test('comes out at what the service charged, whatever the rate, the talk and the limit', () => {
    fc.assert(
      fc.property(
        tariffs,
        fc.integer({ min: 0, max: 7200 }),
        fc.integer({ min: 1, max: 7200 }),
        (tariff, talk, limit) => {
          expect(priceSum(charged(tariff, talk, limit)).comesOut).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('does not come out where the charge is another', () => {
    const call = charged(TARIFF, 61, 600);
    expect(priceSum({ ...call, cost: '0.050001' }).comesOut).toBe(false);
  });

  const TARIFF: Tariff = {
    pricePerMinute: 20_000n as Micros,
    connectFee: 10_000n as Micros,
    minimumCharge: 0n as Micros,
    initialIncrementSeconds: 60,
    incrementSeconds: 60,
    graceSeconds: 0,
    freeSeconds: 0,
    steps: [],
  };

  test('61 s at 0.02 a minute, 60/60, with a fee of 0.01: 60 + 60 = 120 s, 0.04 + 0.01 = 0.05', () => {
    expect(priceSum(charged(TARIFF, 61, 600)).lines).toEqual([
      { line: 'talk', seconds: 61 },
      { line: 'first', seconds: 60 },
      { line: 'more', blocks: 1, each: 60, seconds: 60 },
      { line: 'billed', seconds: 120 },
      { line: 'price', seconds: 120, perMinute: '0.02', amount: '0.04' },
      { line: 'fee', amount: '0.01' },
      { line: 'exact', amount: '0.05' },
    ]);
  });

  test('a talk over two steps, with free seconds, has a line for each price', () => {
    const steps = [{ fromSecond: 90, pricePerMinute: 10_000n as Micros, incrementSeconds: 6 }];
    expect(priceSum(charged({ ...TARIFF, freeSeconds: 10, steps }, 100, 600)).lines).toEqual([
      { line: 'talk', seconds: 100 },
      { line: 'unbilled', seconds: 10 },
      { line: 'step', from: 10 },
      { line: 'first', seconds: 60 },
      { line: 'more', blocks: 1, each: 60, seconds: 20 },
      { line: 'step', from: 90 },
      { line: 'first', seconds: 6 },
      { line: 'more', blocks: 1, each: 6, seconds: 6 },
      { line: 'billed', seconds: 92 },
      { line: 'price', seconds: 80, perMinute: '0.02', amount: '0.026666666…' },
      { line: 'price', seconds: 12, perMinute: '0.01', amount: '0.002' },
      { line: 'fee', amount: '0.01' },
      { line: 'exact', amount: '0.038666666…' },
      { line: 'rounded', amount: '0.038667' },
    ]);
  });

  test('thirds of a millionth are shown, and rounded up once', () => {
    const tariff = { ...TARIFF, pricePerMinute: 20_001n as Micros, connectFee: 0n as Micros };
    const call = charged({ ...tariff, initialIncrementSeconds: 1, incrementSeconds: 1 }, 7, 600);
    expect(priceSum(call).lines.slice(-2)).toEqual([
      { line: 'price', seconds: 7, perMinute: '0.020001', amount: '0.002333450' },
      { line: 'rounded', amount: '0.002334' },
    ]);
  });

  test('grace, minimum charge and the limit each have a line', () => {
    const last = (tariff: Partial<Tariff>, talk: number, limit: number) =>
      priceSum(charged({ ...TARIFF, ...tariff }, talk, limit)).lines.at(-1);
    expect(last({ graceSeconds: 5 }, 4, 600)).toEqual({ line: 'grace', seconds: 4, grace: 5 });
    expect(priceSum(charged(TARIFF, 700, 600)).lines.slice(0, 4)).toEqual([
      { line: 'talk', seconds: 700 },
      { line: 'overrun', seconds: 100 },
      { line: 'first', seconds: 60 },
      { line: 'more', blocks: 9, each: 60, seconds: 540 },
    ]);
    expect(last({ minimumCharge: 90_000n as Micros }, 61, 600)).toEqual({ line: 'minimum', amount: '0.09' });
  });
});

describe('the time line', () => {
  const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
  const call = {
    start_at: at(0),
    answer_at: at(5),
    end_at: at(65),
    refusal: null,
    trunk: 'cheap',
    hangup_source: 'caller',
  } as CallShown;
  const event = (seconds: number, kind: string, facts: object = {}) =>
    ({ created_at: at(seconds), kind, facts }) as CallEvidence['events'][number];
  const leg = (channel: string, ended: number, cause: number, answered: string | null = null) =>
    ({
      channel,
      is_caller: false,
      answered_at: answered,
      ended_at: at(ended),
      hangup_cause: cause,
    }) as CallEvidence['legs'][0];
  const evidence = (events: CallEvidence['events'], legs: CallEvidence['legs'] = []): CallEvidence => ({
    uniqueid: 'x',
    events,
    entries: [],
    legs,
    switch_record: null,
  });
  const whatOf = (moments: readonly { what: string }[]) => moments.map(({ what }) => what);

  test('the record alone tells of arrival, answer and end', () => {
    expect(whatOf(momentsOf(call, null))).toEqual(['arrived', 'answered', 'ended']);
    expect(whatOf(momentsOf({ ...call, answer_at: null, end_at: at(0), refusal: 'no_rate' }, null))).toEqual([
      'arrived',
      'refused',
    ]);
  });

  test('a trunk that did not take it, extensions as one, the warning and the charge stand between', () => {
    const found = evidence(
      [
        // The database's clock is behind the switch's.
        event(-0.2, 'authorised', { max_cost: '0.35', granted_seconds: 60, limited_by: 'slice' }),
        event(20, 'extended', { max_cost: '0.50', granted_seconds: 120 }),
        event(40, 'extended', { max_cost: '0.70', granted_seconds: 180 }),
        event(50, 'warned', { seconds_left: 30 }),
        event(65.1, 'settled', { cost: '0.40' }),
      ],
      [leg('PJSIP/main-0000002a', 0.4, 34), leg('PJSIP/cheap-0000002b', 65, 16, at(5))],
    );
    const moments = momentsOf(call, found);
    expect(whatOf(moments)).toEqual([
      'arrived',
      'authorised',
      'failed',
      'answered',
      'extended',
      'warned',
      'ended',
      'charged',
    ]);
    expect(moments[1]).toMatchObject({ at: NOON, held: '0.35' });
    expect(moments[2]).toMatchObject({ trunk: 'PJSIP/main', cause: 34 });
    expect(moments[4]).toMatchObject({ times: 2, held: '0.70', at: NOON + 20_000, untilAt: NOON + 40_000 });
  });

  test('a leg that ends with the call did not refuse it', () => {
    const unanswered = { ...call, answer_at: null, end_at: at(10) };
    expect(whatOf(momentsOf(unanswered, evidence([], [leg('PJSIP/main-0000002a', 10, 16)])))).toEqual([
      'arrived',
      'ended',
    ]);
  });

  test('gaps are to scale: a minute is twelve times as high as five seconds', () => {
    const [none, ring = 0, talk = 0] = gapsOf(momentsOf(call, null), 260);
    expect([none, ring, talk]).toEqual([0, 20, 240]);
    expect(gapText(200, 'en')).toBe('0.2 s');
    expect(gapText(200, 'de')).toBe('0,2 s');
    expect(gapText(62_000, 'en')).toBe('1:02');
  });
});

describe('the filters of the address', () => {
  test('what is no filter is ignored', () => {
    const search = {
      text: 4930,
      refusal: 'made_up',
      cause: '17',
      range: 'year',
      from: 'soon',
      state: 'open',
      other: 1,
    };
    expect(callsSearch(search)).toEqual({ text: '4930', cause: 17, state: 'open' });
    expect(callsSearch({ cause: 'x', account: '  ' })).toEqual({});
  });

  test.each([
    ['+49 30 / 123-456', '4930123456'],
    ['0049 (30) 123', '4930123'],
    ['ast1-1700000000.42', 'ast1-1700000000.42'],
    ['1700000000.42', '1700000000.42'],
    ['Germany', 'Germany'],
    ['30123', '30123'],
  ])('%s is looked for as %s', (typed, sought) => {
    expect(soughtText(typed)).toBe(sought);
  });

  test('a range ends now; a time of its own counts instead; a comma in an amount is a point', () => {
    expect(questionOf({ range: 'hour', costFrom: '0.5' }, NOON)).toEqual({
      $from: '2026-06-01T11:00:00.000Z',
      costFrom: '0.5',
    });
    expect(questionOf({ range: 'hour', to: '2026-06-01T00:00:00.000Z' }, NOON)).toEqual({
      to: '2026-06-01T00:00:00.000Z',
    });
  });

  test("the table has the page's filters, the reader's zone and the reader's separators", () => {
    const address = tableAddress({ text: 'a&b=c', range: 'hour', state: 'ended' }, NOON, 'Europe/Berlin', true);
    expect(Object.fromEntries(new URL(address, 'http://x').searchParams)).toEqual({
      text: 'a&b=c',
      from: '2026-06-01T11:00:00.000Z',
      ended: 'true',
      format: 'csv',
      time_zone: 'Europe/Berlin',
      date_format: 'spreadsheet',
      separator: 'semicolon',
      decimal_mark: 'comma',
    });
  });
});
