import { OverdueCalls } from '../../src/calls/overdue-calls';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A call whose talk the test controls. */
function watched(overdue: OverdueCalls) {
  const call = { talking: true as boolean | 'unknown', alarms: 0 };
  overdue.watch({
    node: 'proxy:main',
    isTalking: () => call.talking,
    alarm: () => {
      call.alarms++;
    },
  });
  return call;
}

const ONE = [{ labels: { switch: 'proxy:main' }, value: 1 }];

test('a call that goes on after our brake is an alarm, once, and counted until it no longer talks', () => {
  const overdue = new OverdueCalls();
  const call = watched(overdue);
  jest.advanceTimersByTime(2_900);
  expect(call.alarms).toBe(0);
  jest.advanceTimersByTime(60_000);
  expect(call.alarms).toBe(1);
  expect(overdue.metric.samples).toEqual(ONE);
  // Its switch went away meanwhile: it may still talk.
  call.talking = 'unknown';
  expect(overdue.metric.samples).toEqual(ONE);
  call.talking = false;
  expect(overdue.metric.samples).toEqual([]);
  expect(call.alarms).toBe(1);
});

test('a call that ended in time is none', () => {
  const overdue = new OverdueCalls();
  const call = watched(overdue);
  call.talking = false;
  jest.advanceTimersByTime(60_000);
  expect(call.alarms).toBe(0);
  expect(overdue.metric.samples).toEqual([]);
});

test('of a switch that is away, and may have ended it by itself, it is told when the switch is back and has it still', () => {
  const overdue = new OverdueCalls();
  const call = watched(overdue);
  call.talking = 'unknown';
  jest.advanceTimersByTime(60_000);
  expect(call.alarms).toBe(0);
  call.talking = true;
  jest.advanceTimersByTime(3_000);
  expect(call.alarms).toBe(1);
});
