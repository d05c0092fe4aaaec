import { parseAsteriskStamp, SwitchClock } from '../../../src/switches/asterisk/asterisk-clock';

test.each([
  ['2026-11-21T08:50:51.948+0000', '2026-11-21T08:50:51.948Z', 'as Asterisk writes it'],
  ['2026-11-21T14:20:51.948+0530', '2026-11-21T08:50:51.948Z', 'a zone with half an hour'],
  ['2026-11-20T23:50:51.948-0900', '2026-11-21T08:50:51.948Z', 'west of Greenwich, the day before'],
  ['2028-02-29T00:00:00.000+0000', '2028-02-29T00:00:00.000Z', 'a leap day'],
  ['2026-11-21T08:50:51+00:00', '2026-11-21T08:50:51.000Z', 'with a colon and without milliseconds'],
])('%s is %s: %s', (stamp, instant) => {
  expect(parseAsteriskStamp(stamp)).toBe(Date.parse(instant));
});

test.each(['', 'yesterday', '2026-11-21T08:50:51.948', '2026-11-21 08:50:51.948+0000'])('"%s" is no instant', stamp => {
  expect(parseAsteriskStamp(stamp)).toBeNaN();
});

describe('the clock of a switch', () => {
  let monotonicMs = 0;
  const clockOf = () => {
    monotonicMs = 1_000;
    return new SwitchClock(
      () => monotonicMs,
      () => 500_000,
    );
  };

  test("before any answer it is this machine's clock", () => {
    const clock = clockOf();
    monotonicMs += 250;
    expect(clock.now()).toBe(500_250);
  });

  test('a ping of 10 ms, stamped 900,000, is 900,005 when its answer is here', () => {
    const clock = clockOf();
    monotonicMs += 10;
    clock.pinged(1_000, 900_000);
    expect(clock.now()).toBe(900_005);
  });

  test('a slower ping does not spoil a quicker one until a minute has passed', () => {
    const clock = clockOf();
    monotonicMs += 10;
    clock.pinged(1_000, 900_000);
    monotonicMs += 400;
    clock.pinged(1_010, 900_390);
    expect(clock.now()).toBe(900_405);
    monotonicMs += 60_000;
    clock.pinged(monotonicMs - 100, 960_400);
    expect(clock.now()).toBe(960_450);
  });

  test('an event stamped later than the estimate moves it forward, an earlier one does not', () => {
    const clock = clockOf();
    clock.pinged(1_000, 900_000);
    clock.sawEvent(899_000);
    expect(clock.now()).toBe(900_000);
    clock.sawEvent(900_003);
    expect(clock.now()).toBe(900_003);
  });

  test('a stamp that cannot be read changes nothing', () => {
    const clock = clockOf();
    clock.pinged(1_000, Number.NaN);
    clock.sawEvent(Number.NaN);
    expect(clock.now()).toBe(500_000);
  });
});
