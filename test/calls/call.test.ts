import fc from 'fast-check';
import { adopt, arrive, step } from '../../src/calls/call';
import type {
  CallAction,
  CallEvent,
  CallPolicy,
  CallState,
  Dialler,
  Step,
  TimerName,
} from '../../src/calls/call-state';
import { legOf } from '../../src/calls/leg-names';
import { PLAIN_TERMS } from '../../src/credit/rules/account';
import type { Grant } from '../../src/credit/rules/grant';
import { emergencyGrant } from '../../src/credit/rules/start';
import { parseAmount, ZERO } from '../../src/money/micros';
import type { Route } from '../../src/routes/route';

const START = Date.parse('2026-06-01T12:00:00Z');
const A = 'ast1-1.1';
const B1 = legOf(A, 0);
const B2 = legOf(A, 1);

const route = (trunk: string): Route => ({
  trunk,
  endpoint: `PJSIP/{number}@${trunk}`,
  stripDigits: 0,
  addPrefix: '',
  prefix: '',
  priority: 1,
});
const grant = (grantedSeconds: number): Grant => ({
  grantedSeconds,
  maxCost: parseAmount('1'),
  capSeconds: 3600,
  limitedBy: 'money',
  tariff: {
    pricePerMinute: ZERO,
    connectFee: ZERO,
    minimumCharge: ZERO,
    initialIncrementSeconds: 1,
    incrementSeconds: 1,
    graceSeconds: 0,
    freeSeconds: 0,
    steps: [],
  },
  rate: null,
  terms: PLAIN_TERMS,
});
const policy: CallPolicy = {
  ringSeconds: 60,
  trunkSilenceMs: 8_000,
  warnSound: 'sound:beep',
  prompts: { insufficient_balance: 'sound:not-enough-credit' },
  causeWaitMs: 1_000,
  brakeMs: 500,
  emergencyGrant: emergencyGrant({ maxCallSeconds: 3600, barredPrefixes: [] }),
};
const arrived = (more: Partial<CallState> = {}) => ({
  uniqueid: A,
  accountcode: 'alice',
  node: 'ast1',
  src: '100',
  dst: '4930123',
  startAt: START,
  emergency: false,
  routes: [route('first'), route('second')],
  dialledBy: 'us' as const,
  ...more,
});

/** Runs events through the machine; returns the actions with the last state. */
function live(
  events: CallEvent[],
  first: Step = arrive(arrived()),
): { state: CallState; actions: CallAction[]; last: CallAction[] } {
  let { state, actions } = first;
  let last = actions;
  for (const event of events) {
    const next = step(state, event, policy);
    state = next.state;
    last = next.actions;
    actions = [...actions, ...last];
  }
  return { state, actions, last };
}
/** Every order of these. */
const permutations = <Item>(items: readonly Item[]): Item[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map(rest => [item, ...rest]));
const done = (actions: CallAction[], what: CallAction['do']) => actions.filter(action => action.do === what);

const granted: CallEvent = { type: 'granted', grant: grant(60), unwritten: false };
const dialled: CallEvent = { type: 'dialled', leg: B1 };
const ringing: CallEvent = { type: 'ringing', channel: B1 };
const answeredAt = (ms: number, channel = B1): CallEvent => ({ type: 'answered', channel, at: START + ms });
const endedAt = (ms: number, channel = A): CallEvent => ({ type: 'ended', channel, at: START + ms, byRequest: false });
const destroyedAt = (ms: number, cause: number, channel = A): CallEvent => ({
  type: 'destroyed',
  channel,
  at: START + ms,
  cause,
});
/** The ledger has committed the end. */
const settled: CallEvent = { type: 'settled' };
const timer = (name: TimerName, ms = 0): CallEvent => ({
  type: 'timer',
  timer: name,
  at: START + ms,
});

const TALK = [granted, dialled, ringing, answeredAt(5_000), answeredAt(5_000, A)];

describe('a call that goes well', () => {
  test('asks the ledger first, then dials with the granted limit, then sets it anew from the answer', () => {
    expect(live([]).actions).toEqual([{ do: 'reserve' }]);
    expect(live([granted]).last).toEqual([{ do: 'place', leg: B1, route: route('first'), limitSeconds: 60 }]);
    expect(live(TALK).last).toEqual([
      { do: 'stopTimers' },
      { do: 'limitUntil', channels: [A, B1], at: START + 65_050, isLonger: false },
      { do: 'rememberAnswer', at: START + 5_000, trunk: 'first' },
      { do: 'timerAt', timer: 'brake', at: START + 65_500 },
      { do: 'stopTimer', timer: 'extend' },
      { do: 'stopTimer', timer: 'warn' },
    ]);
  });

  test.each([
    ['the caller', A, 10_000, 'caller', B1],
    ['the callee', B1, 10_000, 'callee', A],
    ['the limit', A, 65_004, 'limit', B1],
    ['the limit, on the other leg first', B1, 65_000, 'limit', A],
  ])(
    'is ended by %s: the other leg goes at once, and it is settled with the cause',
    (_, channel, ms, hangupSource, other) => {
      const { actions, last } = live([...TALK, endedAt(ms, channel), destroyedAt(ms + 2, 16, channel)]);
      expect(done(actions, 'hangup')).toEqual([{ do: 'hangup', channel: other, cause: 16 }]);
      expect(done(last, 'settle')).toEqual([
        {
          do: 'settle',
          trunk: 'first',
          end: {
            answerAt: START + 5_000,
            endAt: START + ms,
            disposition: 'ANSWERED',
            hangupCause: 16,
            hangupSource,
            evidence: 'event',
          },
        },
      ]);
    },
  );

  test.each([
    ['its limit of before', { hasLeft: true }, 65_004, 'limit'],
    ['the caller, at the same moment', { byParty: true }, 65_004, 'caller'],
    ['an operator, at the same moment', { byRequest: true }, 65_004, 'operator'],
    ['the caller, a second later', { hasLeft: true }, 66_004, 'caller'],
  ])('which was granted more, and is ended by %s', (_, how, ms, hangupSource) => {
    const raised = [90, 120].map(
      (seconds): CallEvent => ({ type: 'regranted', grant: grant(seconds), afterShrink: false, at: START + 64_990 }),
    );
    const ended: CallEvent = { type: 'ended', channel: A, at: START + ms, byRequest: false, ...how };
    const { actions } = live([...TALK, ...raised, ended, destroyedAt(ms + 2, 16)]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { endAt: START + ms, hangupSource } }]);
  });

  test('is settled without the cause when that does not come within a second', () => {
    const { last } = live([...TALK, endedAt(10_000), timer('cause', 11_000)]);
    expect(done(last, 'settle')).toMatchObject([{ end: { endAt: START + 10_000, hangupCause: 16 } }]);
  });

  test('counts from the earliest word of the answer to the earliest word of the end', () => {
    const { actions } = live([
      ...TALK,
      answeredAt(4_990),
      answeredAt(4_985, A),
      endedAt(10_000),
      endedAt(9_998, B1),
      answeredAt(4_980),
      destroyedAt(10_010, 16),
    ]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { answerAt: START + 4_985, endAt: START + 9_998 } }]);
  });
});

describe('talk that the caller is not in', () => {
  const alone = [granted, dialled, ringing, answeredAt(5_000)];

  test('is no talk: when he was not answered within a second of the callee, both go, and nothing is charged', () => {
    expect(live(alone).state).toMatchObject({ phase: 'dialling', answerAt: null });
    expect(live(alone).last).toEqual([{ do: 'stopTimers' }, { do: 'startTimer', timer: 'relay', ms: 1_000 }]);
    const { last } = live([...alone, timer('relay', 6_000)]);
    expect(done(last, 'hangup')).toEqual([
      { do: 'hangup', channel: B1, cause: 16 },
      { do: 'hangup', channel: A, cause: 38 },
    ]);
    expect(done(last, 'settle')).toEqual([]);
    const { state, actions } = live([...alone, timer('relay', 6_000), endedAt(6_010)]);
    expect(state.phase).toBe('settling');
    expect(done(actions, 'settle')).toMatchObject([{ end: { answerAt: null, hangupSource: 'service' } }]);
    expect(done(actions, 'rememberAnswer')).toEqual([]);
  });

  test.each([
    ['is answered 300 ms after the callee', [answeredAt(5_000), answeredAt(5_300, A)], 5_300],
    ['is told of first', [answeredAt(5_001, A), answeredAt(5_000)], 5_001],
  ])('begins when he %s', (_, answers, since) => {
    const { state, actions } = live([granted, dialled, ...answers]);
    expect(state).toMatchObject({ phase: 'talking', answerAt: START + since });
    expect(done(actions, 'limitUntil')).toMatchObject([{ at: START + since + 60_050 }]);
  });

  test('begins with the callee where the dialplan had answered him long before', () => {
    const first = arrive(arrived(), START);
    expect(live([granted, dialled, answeredAt(5_000)], first).state).toMatchObject({ answerAt: START + 5_000 });
  });

  test.each([
    ['the caller leaves', endedAt(5_200), 'caller'],
    ['the callee leaves', destroyedAt(5_200, 34, B1), 'callee'],
  ])('was none when %s meanwhile, and nobody else is called', (_, event, hangupSource) => {
    const { actions } = live([...alone, event]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { answerAt: null, hangupSource } }]);
    expect(done(actions, 'place')).toHaveLength(1);
  });

  test('is found by who takes the call over, too', () => {
    const found = { bLeg: B1, routeIndex: 0, rang: true, answerAt: START + 5_000, callerAnsweredAt: null };
    const { state, actions } = adopt(arrived(), grant(60), found, policy);
    expect(state).toMatchObject({ phase: 'dialling', answerAt: null });
    expect(done(actions, 'startTimer')).toEqual([{ do: 'startTimer', timer: 'relay', ms: 1_000 }]);
  });
});

test('a callee that rang until the switch gave it up did not answer: the caller hears no 603', () => {
  const { actions } = live([granted, dialled, { type: 'ringing', channel: B1 }, destroyedAt(5_000, 16, B1)]);
  expect(done(actions, 'settle')).toMatchObject([{ end: { hangupCause: 19, disposition: 'NO ANSWER' } }]);
  expect(done(actions, 'hangup')).toEqual([{ do: 'hangup', channel: A, cause: 19 }]);
});

test.each([
  // A carrier answers 487 to a leg that the switch gives up.
  [487, 16, 19],
  [401, 16, 21],
  [401, 19, 21],
  [408, 16, 18],
  [480, 19, 19],
])('a carrier that said %d, where a busy Asterisk tells cause %d: the cause is %d', (techCause, cause, hangupCause) => {
  const refused: CallEvent = { type: 'destroyed', channel: B1, at: START + 1_000, cause, techCause };
  const { actions } = live(
    [granted, dialled, { type: 'ringing', channel: B1 }, refused],
    arrive(arrived({ routes: [route('first')] })),
  );
  expect(done(actions, 'settle')).toMatchObject([{ end: { hangupCause } }]);
});

describe('a caller who is gone', () => {
  test('before the ledger answered is settled as not answered, and nobody is dialled', () => {
    const { actions } = live([endedAt(100), granted]);
    expect(done(actions, 'place')).toEqual([]);
    expect(done(actions, 'settle')).toMatchObject([
      { end: { answerAt: null, endAt: START + 100, disposition: 'NO ANSWER', hangupSource: 'caller' } },
    ]);
  });

  test('before the ledger refused leaves nothing to do', () => {
    expect(live([endedAt(100), { type: 'refused', refusal: 'no_rate' }]).last).toEqual([]);
  });

  test('while it rings takes the called leg with him', () => {
    const { last } = live([granted, dialled, ringing, endedAt(3_000)]);
    expect(last[0]).toEqual({ do: 'hangup', channel: B1, cause: 16 });
    expect(done(last, 'settle')).toMatchObject([
      { end: { answerAt: null, disposition: 'NO ANSWER', hangupSource: 'caller' } },
    ]);
  });

  test('while it rings is settled at once, because he may call again with the same money', () => {
    expect(live([granted, dialled, ringing, endedAt(3_000)]).state.phase).toBe('settling');
    const prompted = arrive(arrived(), START);
    expect(live([granted, dialled, ringing, endedAt(3_000)], prompted).state.phase).toBe('settling');
  });

  test('a moment after he was answered pays for it, though the callee’s answer is reported only then', () => {
    const news = [answeredAt(3_000, A), endedAt(3_006), destroyedAt(3_007, 16), answeredAt(3_001), timer('cause')];
    const { actions } = live([granted, dialled, ringing, ...news]);
    const end = { answerAt: START + 3_001, endAt: START + 3_006, hangupSource: 'caller', hangupCause: 16 };
    expect(done(actions, 'settle')).toMatchObject([{ end }]);
    expect(done(actions, 'startTimer')).toContainEqual({ do: 'startTimer', timer: 'cause', ms: 250 });
  });

  test('while the leg is being made: what turns up afterwards is hung up', () => {
    const { last } = live([granted, endedAt(100), dialled]);
    expect(last).toEqual([{ do: 'hangup', channel: B1, cause: 16 }, { do: 'destroyBridge' }]);
  });

  test('while the leg is being made, which then fails: it may be there all the same, and is hung up', () => {
    const { last } = live([granted, endedAt(100), { type: 'dialFailed', leg: B1, at: START + 200, switchAway: false }]);
    expect(last).toEqual([{ do: 'hangup', channel: B1, cause: 16 }, { do: 'destroyBridge' }]);
  });
});

describe('a refused call', () => {
  test('hears its prompt where there is one', () => {
    expect(live([{ type: 'refused', refusal: 'insufficient_balance' }]).last).toEqual([
      { do: 'playAndHangup', channel: A, media: 'sound:not-enough-credit', cause: 21 },
    ]);
  });

  test('gets its cause where there is none', () => {
    expect(live([{ type: 'refused', refusal: 'too_many_calls' }]).last).toEqual([
      { do: 'hangup', channel: A, cause: 17 },
    ]);
  });

  test('to an emergency number is dialled all the same, and written whole at its end', () => {
    const first = arrive(arrived({ emergency: true, dst: '112' }));
    const { state, last } = live([{ type: 'refused', refusal: 'ledger_unavailable' }], first);
    expect(state).toMatchObject({ unwritten: true, phase: 'dialling' });
    expect(done(last, 'place')).toMatchObject([{ limitSeconds: 3600 }]);
  });
});

describe('a trunk', () => {
  test.each([
    [0, true],
    [3, true],
    [20, true],
    [27, true],
    [34, true],
    [38, true],
    [41, true],
    [42, true],
    [127, true],
    [21, true],
    [1, false],
    [16, false],
    [17, false],
    [18, false],
    [19, false],
  ])('that refuses with cause %d: the next one is tried: %s', (cause, next) => {
    const { last } = live([granted, dialled, destroyedAt(1_000, cause, B1)]);
    expect(done(last, 'place')).toEqual(
      next ? [{ do: 'place', leg: B2, route: route('second'), limitSeconds: 60 }] : [],
    );
    expect(done(last, 'settle')).toHaveLength(next ? 0 : 1);
  });

  test.each([
    [403, 21, true, 34],
    [603, 21, false, 21],
    [483, 19, true, 34],
    [480, 19, false, 19],
  ])(
    'that says %d with cause %d: the next one is tried: %s; without one the caller gets %d',
    (techCause, cause, next, told) => {
      const refuses: CallEvent = { type: 'destroyed', channel: B1, at: START + 1_000, cause, techCause };
      expect(done(live([granted, dialled, refuses]).last, 'place')).toHaveLength(next ? 1 : 0);
      const { last } = live([granted, dialled, refuses], arrive(arrived({ routes: [route('first')] })));
      expect(done(last, 'hangup')).toEqual([{ do: 'hangup', channel: A, cause: told }]);
      // The books keep the carrier's cause.
      expect(done(last, 'settle')).toMatchObject([{ end: { hangupCause: cause } }]);
    },
  );

  test('whose rule says so is followed by the next one when the callee is busy', () => {
    const rule = { calleeCodes: [486], calleeCauses: [17], nextOnBusy: true };
    const routes = [{ ...route('first'), rule }, route('second')];
    const { last } = live([granted, dialled, destroyedAt(1_000, 17, B1)], arrive(arrived({ routes })));
    expect(done(last, 'place')).toHaveLength(1);
  });

  test('that is silent for 8 s is dropped for the next one; one that rang is not', () => {
    expect(live([granted, dialled, timer('silence')]).last.map(action => action.do)).toEqual([
      'hangup',
      'stopTimers',
      'place',
    ]);
    expect(live([granted, dialled, ringing, timer('silence')]).last).toEqual([]);
  });

  test('the last one that fails gives its cause to the caller', () => {
    const { last } = live([
      granted,
      dialled,
      destroyedAt(1_000, 34, B1),
      { type: 'dialled', leg: B2 },
      destroyedAt(2_000, 42, B2),
    ]);
    expect(done(last, 'hangup')).toEqual([{ do: 'hangup', channel: A, cause: 42 }]);
    expect(done(last, 'settle')).toMatchObject([
      { trunk: 'second', end: { disposition: 'CONGESTION', hangupCause: 42 } },
    ]);
  });

  test('whose leg could not be made gives way to the next, unless the switch itself is away', () => {
    const failed = (switchAway: boolean): CallEvent => ({ type: 'dialFailed', leg: B1, at: START, switchAway });
    expect(done(live([granted, failed(false)]).last, 'place')).toHaveLength(1);
    const { last } = live([granted, failed(true)]);
    expect(done(last, 'place')).toEqual([]);
    expect(done(last, 'hangup')).toEqual([
      { do: 'hangup', channel: B1, cause: 16 },
      { do: 'hangup', channel: A, cause: 38 },
    ]);
    expect(done(last, 'settle')).toEqual([]);
    expect(done(live([granted, failed(true), endedAt(10)]).last, 'settle')).toMatchObject([
      { end: { hangupSource: 'service', hangupCause: 38, disposition: 'CONGESTION' } },
    ]);
  });

  test('whose switch was away before it was asked to dial is settled at once: nobody can have answered', () => {
    const failed: CallEvent = { type: 'dialFailed', leg: B1, at: START, switchAway: true, wasNotAsked: true };
    const { last } = live([granted, failed]);
    expect(done(last, 'hangup')).toEqual([
      { do: 'hangup', channel: B1, cause: 16 },
      { do: 'hangup', channel: A, cause: 38 },
    ]);
    expect(done(last, 'settle')).toMatchObject([{ end: { answerAt: null, hangupCause: 38 } }]);
  });

  test.each(['silence', 'ring'] as const)(
    'that was answered while the switch was asked is not given up by %s',
    name => {
      const answered = [granted, dialled, answeredAt(8_000, B1), timer(name, 8_001)];
      expect(live(answered).last).toEqual([]);
      expect(live([...answered, answeredAt(8_002, A)]).state).toMatchObject({ phase: 'talking', bLeg: B1 });
    },
  );

  test('of a route that was given up is hung up at once when it is answered: the hang-up that was asked for is still to come', () => {
    const { last } = live([granted, dialled, timer('silence'), answeredAt(9_000, B1)]);
    expect(last).toEqual([{ do: 'hangup', channel: B1, cause: 16 }]);
  });

  test('of a route that was given up does not end the call when it is gone before the caller heard it', () => {
    const { state } = live([granted, dialled, timer('silence'), answeredAt(9_000, B1), destroyedAt(9_001, 34, B1)]);
    expect(state).toMatchObject({ phase: 'dialling', answerAt: null, bLeg: B2 });
  });
});

describe('a call that was given up as unanswered', () => {
  const failed: CallEvent = { type: 'dialFailed', leg: B1, at: START + 9_000, switchAway: true };
  const unheard: [string, CallEvent[]][] = [
    ['a dial that got no answer', [granted, failed]],
    ['the ring timer', [granted, dialled, ringing, timer('ring', 9_000)]],
    ['the timer of a caller who is not joined', [granted, dialled, ringing, timer('relay', 9_000)]],
  ];

  test.each(unheard)('by %s is hung up on both legs, and settled only when the switch reports its end', (_, events) => {
    const given = live(events);
    expect(done(given.last, 'hangup').map(action => 'channel' in action && action.channel)).toEqual([B1, A]);
    expect(done(given.actions, 'settle')).toEqual([]);
    const { actions, state } = live([...events, endedAt(9_010)]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { answerAt: null, endAt: START + 9_010 } }]);
    expect(state.phase).toBe('settling');
    const legFirst = live([...events, destroyedAt(9_005, 16, B1)]);
    expect(done(legFirst.actions, 'settle')).toMatchObject([{ end: { answerAt: null, endAt: START + 9_005 } }]);
  });

  test.each(unheard)('by %s is charged from the answer that is reported after it', (_, events) => {
    const { actions, state } = live([
      ...events,
      answeredAt(2_000),
      answeredAt(2_000, A),
      endedAt(7_000),
      destroyedAt(7_001, 16),
    ]);
    expect(done(actions, 'rememberAnswer')).toEqual([{ do: 'rememberAnswer', at: START + 2_000, trunk: 'first' }]);
    const end = { answerAt: START + 2_000, endAt: START + 7_000, disposition: 'ANSWERED', hangupSource: 'caller' };
    expect(done(actions, 'settle')).toMatchObject([{ trunk: 'first', end }]);
    expect(state.phase).toBe('settling');
  });

  test.each(unheard)('by %s and answered after it is ended by our own hang-up, not by an operator', (_, events) => {
    const byRequest: CallEvent = { type: 'ended', channel: B1, at: START + 9_010, byRequest: true };
    const { actions } = live([
      ...events,
      answeredAt(2_000),
      answeredAt(2_000, A),
      byRequest,
      destroyedAt(9_011, 16, B1),
    ]);
    const end = { answerAt: START + 2_000, endAt: START + 9_010, hangupSource: 'service' };
    expect(done(actions, 'settle')).toMatchObject([{ end }]);
  });

  test('is charged nothing for an answer that the caller did not hear', () => {
    const { actions } = live([granted, failed, answeredAt(2_000), endedAt(9_010)]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { answerAt: null, disposition: 'CONGESTION' } }]);
  });

  test('is hung up again if its end is not reported, and still not settled', () => {
    const { last, actions } = live([granted, failed, timer('ring', 14_000)]);
    expect(last).toEqual([
      { do: 'hangup', channel: B1, cause: 16 },
      { do: 'stopTimers' },
      { do: 'hangup', channel: A, cause: 38 },
      { do: 'startTimer', timer: 'ring', ms: 5_000 },
    ]);
    expect(done(actions, 'settle')).toEqual([]);
  });

  test('gets the same cause each time that it is hung up, and not the one that is the carrier’s own', () => {
    const next = [granted, dialled, timer('silence', 8_000), { type: 'dialled', leg: B2 } as const];
    const refused: CallEvent = { type: 'destroyed', channel: B2, at: START + 8_500, cause: 21, techCause: 403 };
    const causes = (actions: CallAction[]) =>
      done(actions, 'hangup').flatMap(action => ('cause' in action && action.channel === A ? [action.cause] : []));
    const byCarrier = live([...next, refused, timer('ring', 13_500), timer('ring', 18_500)]);
    expect(causes(byCarrier.actions)).toEqual([34, 34, 34]);
    // The books keep the carrier's word.
    const { actions } = live([endedAt(18_510)], { state: byCarrier.state, actions: [] });
    expect(done(actions, 'settle')).toMatchObject([{ end: { hangupCause: 21 } }]);
    const byOperator: CallEvent = { type: 'hangUp', by: 'operator', cause: 21, at: START + 3_000 };
    expect(causes(live([granted, dialled, ringing, byOperator, timer('ring', 60_000)]).actions)).toEqual([21, 21]);
  });

  test('is hung up again, both legs, if it is answered all the same and goes on', () => {
    const hangUp: CallEvent = { type: 'hangUp', by: 'operator', cause: 21, at: START + 3_000 };
    const talking = live([granted, dialled, hangUp, answeredAt(6_000), answeredAt(6_000, A)]);
    expect(talking.state.phase).toBe('talking');
    expect(live([timer('ring', 11_000)], { state: talking.state, actions: [] }).actions).toEqual([
      { do: 'hangup', channel: A, cause: 21 },
      { do: 'hangup', channel: B1, cause: 21 },
      { do: 'startTimer', timer: 'ring', ms: 5_000 },
    ]);
  });

  test('is not given up if its answer was reported before the dial failed', () => {
    const { state, last } = live([granted, answeredAt(2_000), failed]);
    expect(last).toEqual([]);
    expect(live([answeredAt(2_100, A)], { state, actions: [] }).state).toMatchObject({
      phase: 'talking',
      answerAt: START + 2_100,
    });
  });
});

describe('an answer on a route that was given up for the next one', () => {
  const next = [granted, dialled, timer('silence', 8_000)];

  test('is the talk of the call, on the route that was answered; the other leg goes, made or not', () => {
    const { state, actions, last } = live([...next, answeredAt(2_000), answeredAt(2_000, A)]);
    expect(state).toMatchObject({ phase: 'talking', bLeg: B1, routeIndex: 0, answerAt: START + 2_000 });
    expect(done(actions, 'rememberAnswer')).toEqual([{ do: 'rememberAnswer', at: START + 2_000, trunk: 'first' }]);
    expect(done(last, 'hangup')).toEqual([{ do: 'hangup', channel: B2, cause: 16 }]);
    expect(done(last, 'limitUntil')).toMatchObject([{ channels: [A, B1], at: START + 62_050 }]);
    const made = live([{ type: 'dialled', leg: B2 }], { state, actions: [] });
    expect(made.last).toEqual([{ do: 'hangup', channel: B2, cause: 16 }]);
    const over = live([endedAt(8_010, B1), { type: 'dialled', leg: B2 }, destroyedAt(8_011, 16, B1)], {
      state,
      actions: [],
    });
    expect(done(over.actions, 'hangup')).toEqual([
      { do: 'hangup', channel: A, cause: 16 },
      { do: 'hangup', channel: B2, cause: 16 },
    ]);
    expect(done(over.actions, 'settle')).toMatchObject([
      { trunk: 'first', end: { answerAt: START + 2_000, endAt: START + 8_010 } },
    ]);
  });

  test('does not take an emergency call from the leg that it is dialled by now', () => {
    const first = arrive(arrived({ emergency: true }));
    const { state, actions } = live([...next, answeredAt(2_000), answeredAt(2_000, A)], first);
    expect(state).toMatchObject({ phase: 'dialling', bLeg: B2, endCause: null });
    expect(done(actions, 'hangup')).not.toContainEqual(expect.objectContaining({ channel: B2 }));
  });

  test('counts too when the dialplan had answered the caller before', () => {
    const { state } = live([...next, answeredAt(8_001)], arrive(arrived(), START));
    expect(state).toMatchObject({ phase: 'talking', bLeg: B1, answerAt: START + 8_001 });
  });

  test('is not the talk of a call that talks on the next route', () => {
    const { state, last } = live([
      ...next,
      { type: 'dialled', leg: B2 },
      answeredAt(8_500, B2),
      answeredAt(8_500, A),
      answeredAt(8_501),
    ]);
    expect(state).toMatchObject({ phase: 'talking', bLeg: B2, answerAt: START + 8_500 });
    expect(last).toEqual([{ do: 'hangup', channel: B1, cause: 16 }]);
  });

  test('is waited for when no other route is left, and when the switch says that the caller is gone', () => {
    const busy = live([...next, { type: 'dialled', leg: B2 }, destroyedAt(8_500, 17, B2)]);
    expect(done(busy.last, 'hangup')).toEqual([{ do: 'hangup', channel: A, cause: 17 }]);
    expect(done(busy.actions, 'settle')).toEqual([]);
    const gone = live([
      ...next,
      { type: 'dialFailed', leg: B2, at: START + 8_500, switchAway: false, callerIsGone: true },
    ]);
    expect(done(gone.actions, 'settle')).toEqual([]);
    for (const { state } of [busy, gone]) {
      const talked = live([answeredAt(2_000), answeredAt(2_000, A), endedAt(7_000), destroyedAt(7_001, 16)], {
        state,
        actions: [],
      });
      expect(done(talked.actions, 'settle')).toMatchObject([
        { trunk: 'first', end: { answerAt: START + 2_000, endAt: START + 7_000 } },
      ]);
      const silent = live([endedAt(8_600)], { state, actions: [] });
      expect(done(silent.actions, 'settle')).toMatchObject([{ end: { answerAt: null } }]);
    }
  });

  test('is waited for though the leg of the last route is gone', () => {
    const given = [...next, { type: 'dialled', leg: B2 } as const, timer('ring', 9_000), destroyedAt(9_001, 16, B2)];
    expect(done(live(given).actions, 'settle')).toEqual([]);
    const { state } = live([...given, answeredAt(2_000), answeredAt(2_000, A)]);
    expect(state).toMatchObject({ phase: 'talking', bLeg: B1, answerAt: START + 2_000 });
  });

  test('is waited for no longer than its leg is there', () => {
    const { actions } = live([
      ...next,
      destroyedAt(8_010, 16, B1),
      { type: 'dialled', leg: B2 },
      destroyedAt(8_500, 17, B2),
    ]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { answerAt: null, endAt: START + 8_500 } }]);
  });

  test('counts for the service that takes the call over', () => {
    const found = { bLeg: B2, others: [B1], routeIndex: 1, rang: true, answerAt: null, callerAnsweredAt: null };
    const adopted = adopt(arrived(), grant(60), found, policy);
    const { state } = live([answeredAt(9_000), answeredAt(9_000, A)], adopted);
    expect(state).toMatchObject({ phase: 'talking', bLeg: B1, routeIndex: 0, answerAt: START + 9_000 });
  });
});

describe('limits', () => {
  test('are refreshed while a short grant rings, and not when the grant outlasts the ringing', () => {
    const short = live([{ ...granted, grant: grant(6) } as CallEvent, dialled]);
    expect(done(short.last, 'startTimer')).toContainEqual({ do: 'startTimer', timer: 'refresh', ms: 2_000 });
    const refreshed = live([{ ...granted, grant: grant(6) } as CallEvent, dialled, timer('refresh')]);
    expect(refreshed.last).toContainEqual({ do: 'limit', channels: [A, B1], seconds: 6 });
    const long = live([{ ...granted, grant: grant(600) } as CallEvent, dialled]);
    expect(done(long.last, 'startTimer').map(action => 'timer' in action && action.timer)).toEqual(['silence', 'ring']);
  });

  test('our own brake hangs both legs up when the switch did not', () => {
    const { last } = live([...TALK, timer('brake', 65_500)]);
    expect(last).toEqual([
      { do: 'hangup', channel: A, cause: 16 },
      { do: 'hangup', channel: B1, cause: 16 },
    ]);
  });

  test('an adopted talk gets its limit from its own answer', () => {
    const adopted = adopt(
      arrived(),
      grant(60),
      { bLeg: B1, routeIndex: 0, rang: true, answerAt: START + 5_000, callerAnsweredAt: START + 5_000 },
      policy,
    );
    expect(adopted.state).toMatchObject({ phase: 'talking', answerAt: START + 5_000 });
    expect(adopted.actions).toContainEqual({
      do: 'limitUntil',
      channels: [A, B1],
      at: START + 65_050,
      isLonger: false,
    });
  });
});

test('an operator ends a talk, and the CDR says so', () => {
  const { actions } = live([
    ...TALK,
    { type: 'hangUp', by: 'operator', cause: 16, at: START + 8_000 },
    endedAt(8_010),
    destroyedAt(8_011, 16),
  ]);
  expect(done(actions, 'settle')).toMatchObject([{ end: { hangupSource: 'operator', endAt: START + 8_010 } }]);
});

test.each([
  ['a talk', TALK, 'ANSWERED'],
  ['a call that rings', [granted, dialled, ringing], 'NO ANSWER'],
])('%s that is ended by a request to the switch was ended by an operator', (_, events, disposition) => {
  const { actions } = live([
    ...events,
    { type: 'ended', channel: A, at: START + 8_000, byRequest: true },
    destroyedAt(8_001, 16),
    timer('cause'),
  ]);
  expect(done(actions, 'settle')).toMatchObject([{ end: { hangupSource: 'operator', disposition } }]);
});

test('whatever happens, in whatever order, however often: settled once, never dialled unlimited, never two talks', () => {
  const channel = fc.constantFrom(A, B1, B2, 'rf-other-1', 'other');
  const at = fc.integer({ min: 0, max: 200_000 }).map(ms => START + ms);
  const leg = fc.constantFrom(B1, B2);
  const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
    fc.constant(granted),
    fc.constant<CallEvent>({ type: 'refused', refusal: 'insufficient_balance' }),
    fc.constant(settled),
    fc.record({ type: fc.constant('dialled' as const), leg }),
    fc.record({ type: fc.constant('dialFailed' as const), leg, at, switchAway: fc.boolean() }),
    fc.record({ type: fc.constant('ringing' as const), channel }),
    fc.record({ type: fc.constant('answered' as const), channel, at }),
    fc.record({ type: fc.constant('ended' as const), channel, at, byRequest: fc.boolean() }),
    fc.record({ type: fc.constant('destroyed' as const), channel, at, cause: fc.constantFrom(0, 1, 16, 17, 19, 34) }),
    fc.record({
      type: fc.constant('timer' as const),
      timer: fc.constantFrom(
        'silence' as const,
        'ring' as const,
        'refresh' as const,
        'brake' as const,
        'cause' as const,
        'relay' as const,
      ),
      at,
    }),
    fc.record({
      type: fc.constant('hangUp' as const),
      by: fc.constant('operator' as const),
      cause: fc.constant(16),
      at,
    }),
  );
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), fc.boolean(), (events, emergency) => {
      const { state, actions } = live(events, arrive(arrived({ emergency })));
      const settles = done(actions, 'settle') as Extract<CallAction, { do: 'settle' }>[];
      expect(settles.length).toBeLessThanOrEqual(1);
      // A call that was granted something is in progress, is being settled, or was settled.
      expect(settles.length === 1).toBe(state.grant !== null && ['settling', 'over'].includes(state.phase));
      for (const place of done(actions, 'place'))
        expect('limitSeconds' in place && place.limitSeconds).toBeGreaterThan(0);
      expect(done(actions, 'rememberAnswer').length).toBeLessThanOrEqual(1);
      // Only talk with a caller who was answered is charged.
      const wereAnswered = events.flatMap(event => (event.type === 'answered' ? [event.channel] : []));
      const isTalk = settles.some(({ end }) => end.answerAt !== null);
      if (isTalk) expect(wereAnswered).toEqual(expect.arrayContaining([A, state.bLeg]));
      // Every answer was limited in the same step.
      expect(done(actions, 'limitUntil')).toHaveLength(done(actions, 'rememberAnswer').length);
      if (settles[0]) {
        const legs = done(actions, 'hangup').map(action => 'channel' in action && action.channel);
        const gone = new Set(
          events
            .filter(event => event.type === 'ended' || event.type === 'destroyed')
            .map(event => 'channel' in event && event.channel),
        );
        // No leg is left talking: a leg was hung up, or its own end was reported to us.
        expect(gone.has(A) || legs.includes(A)).toBe(true);
        if (state.bLeg) expect(gone.has(state.bLeg) || legs.includes(state.bLeg)).toBe(true);
      }
    }),
    { numRuns: 20_000 },
  );
});

describe('the end of a call', () => {
  const ended = [...TALK, endedAt(10_000), destroyedAt(10_002, 16)];

  test('is being settled until the ledger has committed it, and only then is the call over', () => {
    expect(live(ended).state).toMatchObject({ phase: 'settling', endAt: START + 10_000 });
    expect(live([...ended, settled]).state.phase).toBe('over');
    expect(live([...ended, settled]).last).toEqual([]);
  });

  test('stays as it is while it is being settled, whatever is told meanwhile', () => {
    const late = [endedAt(9_000, B1), answeredAt(20_000), timer('brake'), timer('cause'), granted];
    const { state, actions } = live([...ended, ...late]);
    expect(state).toMatchObject({ phase: 'settling', endAt: START + 10_000, answerAt: START + 5_000 });
    expect(done(actions, 'settle')).toHaveLength(1);
  });

  test('of a caller who comes back while it is being settled: he is hung up', () => {
    const again: CallEvent = { type: 'askedAgain', at: START + 11_000, refusal: null };
    expect(live([...ended, again]).last).toEqual([{ do: 'hangup', channel: A, cause: 16 }]);
  });
});

test('whatever happens, no call that was granted something is over before the ledger has committed its end', () => {
  const at = fc.integer({ min: 0, max: 60_000 });
  const happens: fc.Arbitrary<CallEvent> = fc.oneof(
    fc.constantFrom<CallEvent>(granted, dialled, ringing, settled, { type: 'refused', refusal: 'no_rate' }),
    fc.constantFrom<TimerName>('ring', 'relay', 'cause', 'brake', 'apart').chain(name => at.map(ms => timer(name, ms))),
    fc.tuple(at, fc.constantFrom(A, B1)).map(([ms, channel]) => answeredAt(ms, channel)),
    fc.tuple(at, fc.constantFrom(A, B1)).map(([ms, channel]) => endedAt(ms, channel)),
    fc
      .tuple(at, fc.constantFrom(A, B1), fc.constantFrom(0, 16, 17))
      .map(([ms, channel, cause]) => destroyedAt(ms, cause, channel)),
    fc.tuple(at, fc.constantFrom(A, B1)).map(([ms, channel]) => ({ type: 'apart', channel, at: START + ms }) as const),
    at.map(ms => ({ type: 'askedAgain', at: START + ms, refusal: null }) as const),
    at.map(ms => ({ type: 'hangUp', by: 'operator', cause: 16, at: START + ms }) as const),
  );
  const dialledBy = fc.constantFrom<Dialler>('us', 'dialplan', 'switch');
  fc.assert(
    fc.property(dialledBy, fc.array(happens, { maxLength: 30 }), (dialler, events) => {
      let { state } = arrive(arrived({ dialledBy: dialler }));
      let isSettling = false;
      let isSettled = false;
      for (const event of events) {
        isSettled ||= isSettling && event.type === 'settled';
        const next = step(state, event, policy);
        state = next.state;
        isSettling ||= done(next.actions, 'settle').length > 0;
        const isOver = state.phase === 'over' || state.phase === 'after';
        if (state.grant !== null && isOver !== isSettled) throw new Error(`${state.phase}, settled: ${isSettled}`);
      }
    }),
    { numRuns: 20_000 },
  );
});

describe('a call that shares', () => {
  const share = (seconds: number, ms: number): CallEvent => ({
    type: 'share',
    seconds,
    isShort: true,
    at: START + ms,
  });

  test('gives back what it has not talked, the switch first', () => {
    const { state, last } = live([...TALK, share(10, 14_000)]);
    expect(last[0]).toEqual({ do: 'shrink', channels: [A, B1], at: START + 15_050, seconds: 10 });
    expect(state).toMatchObject({ shrinking: 1, grant: { grantedSeconds: 10 } });
  });

  test('is extended by slices from when its account shares, though it got all that it asked for with mode strict', () => {
    const terms: CallEvent = {
      type: 'terms',
      terms: { ...PLAIN_TERMS, mode: 'shared', sliceSeconds: 20 },
      isShort: false,
      at: START + 6_000,
    };
    const all: CallEvent = {
      type: 'regranted',
      grant: { ...grant(100), limitedBy: 'cap' },
      afterShrink: false,
      at: START,
    };
    const { last } = live([...TALK, all, terms]);
    expect(done(last, 'timerAt')).toContainEqual({ do: 'timerAt', timer: 'extend', at: START + 105_000 - 15_000 });
  });

  const regranted = (seconds: number, limitedBy: Grant['limitedBy'], more: object = {}): CallEvent => ({
    type: 'regranted',
    grant: { ...grant(seconds), limitedBy, terms: { ...PLAIN_TERMS, mode: 'shared', warnSeconds: [30, 10], ...more } },
    afterShrink: false,
    at: START + 10_000,
  });

  test('that may talk longer has its limits, brake and next extension later', () => {
    expect(live([...TALK, regranted(180, 'slice')]).last).toEqual([
      { do: 'limitUntil', channels: [A, B1], at: START + 185_050, isLonger: true },
      { do: 'timerAt', timer: 'brake', at: START + 185_500 },
      { do: 'timerAt', timer: 'extend', at: START + 185_000 - 35_000 },
      { do: 'stopTimer', timer: 'warn' },
    ]);
  });

  test('is warned before the cut, by each warning that is ahead, once', () => {
    const final = live([...TALK, regranted(60, 'money')]);
    expect(final.last).toContainEqual({ do: 'timerAt', timer: 'warn', at: START + 35_000 });
    const warned = step(final.state, { type: 'timer', timer: 'warn', at: START + 35_000 }, policy);
    expect(warned.actions).toEqual([
      { do: 'warn', channel: A, secondsLeft: 30, sound: '' },
      { do: 'timerAt', timer: 'warn', at: START + 55_000 },
    ]);
    const again = step(warned.state, { type: 'timer', timer: 'warn', at: START + 55_003 }, policy);
    expect(again.actions).toEqual([{ do: 'warn', channel: A, secondsLeft: 10, sound: '' }]);
    expect(step(again.state, { type: 'timer', timer: 'warn', at: START + 55_100 }, policy).actions).toEqual([]);
  });

  test('is warned every so many seconds after the first, if it is to be', () => {
    const { last, state } = live([...TALK, regranted(60, 'money', { warnRepeatSeconds: 10 })]);
    expect(last).toContainEqual({ do: 'timerAt', timer: 'warn', at: START + 35_000 });
    const warned = step(state, { type: 'timer', timer: 'warn', at: START + 35_000 }, policy);
    expect(warned.actions).toContainEqual({ do: 'timerAt', timer: 'warn', at: START + 45_000 });
  });

  test('whose end comes nearer than a warning that it has not heard is warned at once', () => {
    const far = live([...TALK, regranted(60, 'money')]).state;
    const { actions } = step(far, share(20, 10_000), policy);
    expect(actions.at(-1)).toEqual({ do: 'timerAt', timer: 'warn', at: START + 10_000 });
  });

  test('is not given more by an answer that was on its way when it was told to give back', () => {
    const lowered = live([...TALK, share(20, 10_000)]).state;
    const early = step(lowered, regranted(120, 'slice'), policy);
    expect(early).toMatchObject({ actions: [], state: { shrinking: 1, grant: { grantedSeconds: 20 } } });
    const { state } = step(early.state, { ...regranted(20, 'money'), afterShrink: true } as CallEvent, policy);
    expect(state).toMatchObject({ shrinking: 0, grant: { grantedSeconds: 20 } });
  });

  test('gives back nothing of what it has talked, though it was shared out so, long ago', () => {
    const { state, last } = live([...TALK, share(10, 15_000)]);
    expect(last).toEqual([]);
    expect(state).toMatchObject({ shrinking: 0, grant: { grantedSeconds: 60 } });
  });
});

describe('a ringing call that an operator ends', () => {
  const hangUp: CallEvent = { type: 'hangUp', by: 'operator', cause: 21, at: START + 3_000 };

  test('is over when its end is told, and costs nothing', () => {
    const ended = live([granted, dialled, ringing, hangUp]);
    expect(ended.last).toEqual([
      { do: 'hangup', channel: B1, cause: 16 },
      { do: 'stopTimers' },
      { do: 'hangup', channel: A, cause: 21 },
      { do: 'startTimer', timer: 'ring', ms: 5_000 },
    ]);
    const { state, last } = live([endedAt(3_010), timer('cause')], { state: ended.state, actions: [] });
    expect(live([settled], { state, actions: [] }).state.phase).toBe('over');
    const end = { answerAt: null, disposition: 'FAILED', hangupCause: 21, hangupSource: 'operator' };
    expect(done(last, 'settle')).toMatchObject([{ end }]);
  });

  test('is over as well when the end of its leg is told, and not that of its caller', () => {
    const legIsGone = [endedAt(3_010, B1), destroyedAt(3_011, 16, B1)];
    const { state, last } = live([granted, dialled, ringing, hangUp, ...legIsGone, timer('cause')]);
    expect(live([settled], { state, actions: [] }).state.phase).toBe('over');
    expect(done(last, 'settle')).toMatchObject([
      { end: { answerAt: null, hangupCause: 21, hangupSource: 'operator' } },
    ]);
  });

  test('is charged if it is answered before the switch heard of it', () => {
    const { state, last } = live([
      granted,
      dialled,
      ringing,
      hangUp,
      answeredAt(4_000),
      answeredAt(4_000, A),
      endedAt(9_000),
      destroyedAt(9_001, 16),
    ]);
    expect(live([settled], { state, actions: [] }).state.phase).toBe('over');
    const end = { answerAt: START + 4_000, endAt: START + 9_000, disposition: 'ANSWERED', hangupSource: 'operator' };
    expect(done(last, 'settle')).toMatchObject([{ end }]);
  });

  test('is charged if it was answered just before, in whatever order the switch reports its legs', () => {
    const news = [
      ...[answeredAt(2_994), answeredAt(2_994, A)],
      ...[endedAt(3_000), destroyedAt(3_001, 16)],
      ...[endedAt(3_000, B1), destroyedAt(3_001, 16, B1)],
    ];
    const orders = permutations(news);
    expect(orders).toHaveLength(720);
    for (const order of orders) {
      const { actions } = live([granted, dialled, ringing, hangUp, ...order, timer('cause')]);
      const settles = done(actions, 'settle') as Extract<CallAction, { do: 'settle' }>[];
      const end = { answerAt: START + 2_994, disposition: 'ANSWERED', hangupSource: 'operator' };
      expect(settles).toMatchObject([{ trunk: 'first', end }]);
      expect([START + 3_000, START + 3_001]).toContain(settles[0]?.end.endAt);
    }
  });

  test.each([
    ['the callee answered after its end', [endedAt(3_010), answeredAt(3_010, B1), answeredAt(3_009, A)]],
    ['the callee answered and not the caller', [endedAt(3_010), answeredAt(3_000, B1)]],
  ])('is charged nothing if %s', (_, news) => {
    const { actions } = live([granted, dialled, ringing, hangUp, ...news, timer('cause')]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { answerAt: null, hangupCause: 21 } }]);
  });

  test('is charged on the route that had been given up, if the callee answered there just before', () => {
    const next = [granted, dialled, timer('silence', 2_000), { type: 'dialled', leg: B2 } as const];
    const { actions } = live([
      ...next,
      hangUp,
      endedAt(3_010),
      answeredAt(3_000, A),
      answeredAt(3_000),
      timer('cause'),
    ]);
    expect(done(actions, 'settle')).toMatchObject([
      { trunk: 'first', end: { answerAt: START + 3_000, endAt: START + 3_010 } },
    ]);
    expect(done(actions, 'hangup').map(action => 'channel' in action && action.channel)).toEqual(
      expect.arrayContaining([A, B1, B2]),
    );
  });

  test.each(['operator', 'limit'] as const)('is hung up again until its end is told, ended by %s', by => {
    const ended = live([granted, dialled, ringing, { ...hangUp, by } as CallEvent, hangUp]);
    expect(ended.state).toMatchObject({ phase: 'dialling', hangupSource: by });
    for (const ms of [8_000, 13_000]) {
      const { actions } = step(ended.state, timer('ring', ms), policy);
      expect(done(actions, 'hangup')).toEqual([
        { do: 'hangup', channel: B1, cause: 16 },
        { do: 'hangup', channel: A, cause: 21 },
      ]);
      expect(done(actions, 'startTimer')).toEqual([{ do: 'startTimer', timer: 'ring', ms: 5_000 }]);
    }
    const { actions } = live([endedAt(14_000), timer('ring', 18_000)], { state: ended.state, actions: [] });
    expect(done(actions, 'startTimer')).toEqual([{ do: 'startTimer', timer: 'cause', ms: 250 }]);
  });

  test('whose leg was still being made leaves no leg behind', () => {
    const { last } = live([granted, hangUp, endedAt(3_010), dialled]);
    expect(last).toEqual([{ do: 'hangup', channel: B1, cause: 16 }]);
  });

  test('is not tried by another route, and a leg that turns up goes', () => {
    const { state, last } = live([granted, hangUp, { type: 'dialFailed', leg: B1, at: START, switchAway: false }]);
    expect(last).toEqual([{ do: 'hangup', channel: B1, cause: 16 }]);
    expect(state).toMatchObject({ phase: 'dialling', bLeg: B1 });
  });
});
