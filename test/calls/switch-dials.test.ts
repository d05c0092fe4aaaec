/** Calls that the switch dials by itself, through the state machine. */
import fc from 'fast-check';
import { adopt, arrive, step } from '../../src/calls/call';
import type { CallAction, CallEvent, CallPolicy, CallState, Dialler } from '../../src/calls/call-state';
import { PLAIN_TERMS, type Terms } from '../../src/credit/rules/account';
import type { Grant } from '../../src/credit/rules/grant';
import { emergencyGrant } from '../../src/credit/rules/start';
import { parseAmount, ZERO } from '../../src/money/micros';

const START = Date.parse('2026-06-01T12:00:00Z');
const A = 'ast1-1.1';
const CALLEE = 'ast1-1.2';

const policy: CallPolicy = {
  ringSeconds: 30,
  trunkSilenceMs: 8_000,
  warnSound: 'sound:beep',
  prompts: { insufficient_balance: 'sound:not-enough-credit' },
  causeWaitMs: 1_000,
  brakeMs: 500,
  emergencyGrant: emergencyGrant({ maxCallSeconds: 3600, barredPrefixes: [] }),
};

const shared: Terms = { ...PLAIN_TERMS, mode: 'shared', sliceSeconds: 60, warnSeconds: [20] };

const grant = (grantedSeconds: number, terms = PLAIN_TERMS): Grant => ({
  grantedSeconds,
  maxCost: parseAmount('1'),
  capSeconds: 3600,
  limitedBy: terms.mode === 'shared' ? 'slice' : 'money',
  tariff: {
    pricePerMinute: parseAmount('1'),
    connectFee: ZERO,
    minimumCharge: ZERO,
    initialIncrementSeconds: 1,
    incrementSeconds: 1,
    graceSeconds: 0,
    freeSeconds: 0,
    steps: [],
  },
  rate: null,
  terms,
});

const arrived = (dialledBy: Dialler) => ({
  uniqueid: A,
  accountcode: 'alice',
  node: 'ast1',
  src: '100',
  dst: '4930123',
  startAt: START,
  emergency: false,
  routes: [],
  dialledBy,
});

/** Runs events through the machine; returns the actions with the last state. */
function live(events: CallEvent[], dialledBy: Dialler = 'dialplan') {
  let { state, actions } = arrive(arrived(dialledBy));
  let last = actions;
  for (const event of events) {
    const next = step(state, event, policy);
    state = next.state;
    last = next.actions;
    actions = [...actions, ...last];
  }
  return { state, actions, last };
}
const done = (actions: CallAction[], what: CallAction['do']) => actions.filter(action => action.do === what);

/** The ledger has committed the end. */
const settled: CallEvent = { type: 'settled' };
const granted: CallEvent = { type: 'granted', grant: grant(60), unwritten: false };
const back: CallEvent = { type: 'handedBack' };
const hangUpAt = (ms: number): CallEvent => ({ type: 'hangUp', by: 'operator', cause: 21, at: START + ms });
const dials = (ms: number): CallEvent => ({ type: 'dials', channel: A, at: START + ms });
const answeredAt = (ms: number, channel = CALLEE): CallEvent => ({ type: 'answered', channel, at: START + ms });
const endedAt = (ms: number, channel: string, byRequest = false): CallEvent => ({
  type: 'ended',
  channel,
  at: START + ms,
  byRequest,
});
const destroyedAt = (ms: number, cause: number, channel: string): CallEvent => ({
  type: 'destroyed',
  channel,
  at: START + ms,
  cause,
});
const TALK = [granted, back, dials(10), answeredAt(5_000), answeredAt(5_000, A)];

describe('a call that the dialplan dials', () => {
  test('is given back with its grant, and nothing of it is made, bridged, dialled or limited by us', () => {
    expect(live([granted]).last).toEqual([{ do: 'handBack', grant: grant(60), refusal: null, callerBalance: null }]);
    expect(live([granted, back, dials(10)]).last).toEqual([]);
    expect(done(live(TALK).actions, 'watch')).toEqual([{ do: 'watch', channel: CALLEE }]);
    expect(live(TALK).last).toEqual([
      { do: 'stopTimers' },
      { do: 'rememberAnswer', at: START + 5_000, trunk: '' },
      { do: 'timerAt', timer: 'brake', at: START + 65_500 },
    ]);
  });

  test('is refused by being given back with the reason, with no sound and no hang-up of ours', () => {
    const { state, last } = live([{ type: 'refused', refusal: 'insufficient_balance' }]);
    expect(last).toEqual([{ do: 'handBack', grant: null, refusal: 'insufficient_balance', callerBalance: null }]);
    expect(state.phase).toBe('refusing');
  });

  test.each([
    ['the caller, by whom the callee goes', A, 10_000, [endedAt(10_002, CALLEE)], 'caller', 'over'],
    ['the callee, and the dialplan with him', CALLEE, 10_000, [endedAt(10_002, A)], 'callee', 'over'],
    ['the callee, and the caller goes on', CALLEE, 10_000, [], 'callee', 'after'],
    ['the limit', CALLEE, 65_050, [endedAt(65_052, A)], 'limit', 'over'],
  ])(
    'is ended by %s: it is settled by the first end, and the caller is not hung up',
    (_, first, ms, more, source, phase) => {
      const { state, actions } = live([...TALK, endedAt(ms, first), ...more, destroyedAt(ms + 3, 16, first)]);
      // Another channel could have taken the caller's place beside the callee.
      const gone = first === A ? [{ do: 'hangup', channel: CALLEE, cause: 16, isEnding: true }] : [];
      expect(done(actions, 'hangup')).toEqual(gone);
      expect(done(actions, 'settle')).toEqual([
        {
          do: 'settle',
          trunk: '',
          end: {
            answerAt: START + 5_000,
            endAt: START + ms,
            disposition: 'ANSWERED',
            hangupCause: 16,
            hangupSource: source,
            evidence: 'event',
          },
        },
      ]);
      expect(state.phase).toBe('settling');
      expect(step(state, settled, policy).state.phase).toBe(phase);
    },
  );

  test('a caller who was answered by a prompt, before or while it rings, talks to nobody yet', () => {
    const { state, actions } = live([granted, back, answeredAt(100, A), dials(2_000), answeredAt(2_100, A)]);
    expect(state).toMatchObject({ phase: 'dialling', answerAt: null });
    expect(done(actions, 'rememberAnswer')).toEqual([]);
  });

  test.each([
    [17, 'BUSY', 'callee'],
    [16, 'NO ANSWER', 'caller'],
    [34, 'CONGESTION', 'callee'],
    [0, 'NO ANSWER', 'caller'],
  ])('that nobody answers and that ends with cause %d is free: %s, by the %s', (cause, disposition, source) => {
    const { state, actions } = live([granted, back, dials(10), endedAt(9_000, A), destroyedAt(9_001, cause, A)]);
    expect(done(actions, 'settle')).toMatchObject([
      {
        end: {
          answerAt: null,
          endAt: START + 9_000,
          disposition,
          hangupCause: cause || 16,
          hangupSource: source,
        },
      },
    ]);
    expect(done(actions, 'hangup')).toEqual([]);
    expect(step(state, settled, policy).state.phase).toBe('over');
  });

  test('whose cause never comes is settled all the same', () => {
    const { last } = live([granted, back, endedAt(9_000, A), { type: 'timer', timer: 'cause', at: START + 10_000 }]);
    expect(done(last, 'settle')).toMatchObject([{ end: { answerAt: null, endAt: START + 9_000 } }]);
  });

  test('may try a second trunk with the same authorisation', () => {
    const { state } = live([
      granted,
      back,
      dials(10),
      dials(3_000),
      answeredAt(8_000, 'ast1-1.3'),
      answeredAt(8_000, A),
    ]);
    expect(state).toMatchObject({ phase: 'talking', bLeg: 'ast1-1.3', answerAt: START + 8_000 });
  });

  test('whose callee is asked first whether he takes it talks from when the caller is answered, and not at all when he does not', () => {
    const asked = [granted, back, dials(10), answeredAt(5_000)];
    expect(live(asked).state).toMatchObject({ phase: 'dialling', answerAt: null });
    expect(live(asked).last).toEqual([{ do: 'watch', channel: CALLEE }]);
    const { state, actions } = live([...asked, answeredAt(9_000, A)]);
    expect(state).toMatchObject({ phase: 'talking', bLeg: CALLEE, answerAt: START + 9_000 });
    expect(done(actions, 'watch')).toEqual([{ do: 'watch', channel: CALLEE }]);
    // A mailbox answers the caller when the callee has gone.
    const declined = live([...asked, endedAt(8_000, CALLEE), answeredAt(9_000, A), endedAt(20_000, A)]);
    expect(
      done([...declined.actions, ...live([...asked, endedAt(9_000, A), destroyedAt(9_001, 16, A)]).actions], 'settle'),
    ).toMatchObject([{ end: { answerAt: null } }]);
    expect(declined.state).toMatchObject({ answerAt: null, bLeg: null });
  });

  test('whose caller a prompt has answered talks from the callee on', () => {
    const { state } = live([granted, back, answeredAt(100, A), dials(2_000), answeredAt(4_000)]);
    expect(state).toMatchObject({ phase: 'talking', bLeg: CALLEE, answerAt: START + 4_000 });
  });

  const ended = [...TALK, endedAt(10_000, CALLEE), destroyedAt(10_001, 16, CALLEE)];

  test.each([
    ['while that is being settled', ended],
    ['when that is settled', [...ended, settled]],
  ])('that dials again after its talk, %s, is hung up: nobody would pay for it', (_, after) => {
    expect(live([...after, dials(12_000)]).last).toEqual([{ do: 'hangup', channel: A, cause: 21 }]);
    expect(live([...after, dials(12_000), destroyedAt(12_002, 21, A), settled]).state.phase).toBe('over');
    expect(done(live([...after, dials(12_000), answeredAt(13_000, 'ast1-1.3')]).actions, 'settle')).toHaveLength(1);
    const hangUp: CallEvent = { type: 'hangUp', by: 'operator', cause: 16, at: START + 12_000 };
    expect(live([...after, hangUp]).last).toEqual([{ do: 'hangup', channel: A, cause: 16 }]);
  });

  test('that dials again before the end of its callee is told whole is hung up too, and charged to that end', () => {
    const ending = [...TALK, endedAt(10_000, CALLEE)];
    expect(live([...ending, dials(10_002)]).last).toEqual([{ do: 'hangup', channel: A, cause: 21 }]);
    const { state, actions } = live([
      ...ending,
      dials(10_002),
      destroyedAt(10_003, 16, CALLEE),
      endedAt(10_004, A, true),
    ]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { endAt: START + 10_000, hangupSource: 'callee' } }]);
    expect(state.phase).toBe('settling');
    const hangUp: CallEvent = { type: 'hangUp', by: 'operator', cause: 16, at: START + 10_002 };
    expect(live([...ending, hangUp]).last).toEqual([{ do: 'hangup', channel: A, cause: 16 }]);
  });

  test('that dials again in the midst of its talk has ended it unheard; another callee of the same Dial() has not', () => {
    expect(live([...TALK, dials(15_001)]).last).toEqual([{ do: 'hangup', channel: A, cause: 21 }]);
    const { actions } = live([...TALK, dials(20_000), endedAt(20_002, A, true), destroyedAt(20_003, 21, A)]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { endAt: START + 20_002, hangupSource: 'service' } }]);
    expect(live([...TALK, dials(14_999)]).last).toEqual([]);
  });

  test('whose caller leaves the dialplan while his talk is being settled is over with the settlement', () => {
    expect(live([...ended, destroyedAt(11_000, 16, A), settled]).state.phase).toBe('over');
  });

  test('whose channel asks again gets the same before its talk, and nothing after it', () => {
    const again: CallEvent = { type: 'askedAgain', at: START, refusal: null };
    const told = (events: CallEvent[]) => live([...events, again]).last;
    expect(told([granted, back, dials(10)])).toEqual([
      { do: 'handBack', grant: grant(60), refusal: null, callerBalance: null },
    ]);
    const refused = [{ do: 'handBack', grant: null, refusal: 'uniqueid_reused', callerBalance: null }];
    const other: CallEvent = { ...again, refusal: 'uniqueid_reused' };
    expect(live([granted, back, dials(10), other]).last).toEqual(refused);
    // Its callee's end may not be reported yet, or wait for its cause.
    const callee = [endedAt(9_000, CALLEE), destroyedAt(9_001, 16, CALLEE)];
    for (const events of [[], callee.slice(0, 1), callee, [...callee, settled]]) {
      expect(told([...TALK, ...events])).toEqual(refused);
    }
    expect(told([])).toEqual([]);
    // Its end was requested, and is not reported yet.
    expect(told([granted, back, dials(10), hangUpAt(3_000)])).toEqual(refused);
  });

  test.each(['dialplan', 'switch'] as const)(
    'of a %s that is answered though it was to be hung up is hung up again while it talks',
    dialledBy => {
      const late = dialledBy === 'switch' ? [answeredAt(6_000, A)] : [answeredAt(6_000), answeredAt(6_000, A)];
      const ring: CallEvent = { type: 'timer', timer: 'ring', at: START + 11_000 };
      const talking = [granted, back, hangUpAt(3_000), ...late];
      const { state, last } = live(talking, dialledBy);
      expect(state).toMatchObject({ phase: 'talking', answerAt: START + 6_000 });
      expect(last).toContainEqual({ do: 'startTimer', timer: 'ring', ms: 5_000 });
      const channels = dialledBy === 'switch' ? [A] : [A, CALLEE];
      const again = [
        ...channels.map(channel => ({ do: 'hangup', channel, cause: 21 })),
        { do: 'startTimer', timer: 'ring', ms: 5_000 },
      ];
      expect(live([...talking, ring], dialledBy).last).toEqual(again);
      expect(live([...talking, ring, ring], dialledBy).last).toEqual(again);
      // Not a call that is to go on.
      expect(live([granted, back, ...late, ring], dialledBy).last).toEqual([]);
    },
  );

  test('who gives up while it rings is the caller, whatever a CANCEL is to Asterisk', () => {
    const { actions } = live([
      granted,
      back,
      { type: 'ended', channel: A, at: START + 900, byRequest: false, byParty: true },
      destroyedAt(901, 127, A),
    ]);
    expect(done(actions, 'settle')).toMatchObject([{ end: { hangupCause: 16, hangupSource: 'caller' } }]);
  });

  test('hears its limit once: shares, terms and other grants change nothing', () => {
    const others: CallEvent[] = [
      { type: 'share', seconds: 10, isShort: true, at: START + 6_000 },
      { type: 'terms', terms: shared, isShort: false, at: START + 6_000 },
      { type: 'regranted', grant: grant(600), afterShrink: false, at: START + 6_000 },
    ];
    for (const talk of [[granted, back], TALK]) {
      const before = live(talk).state;
      for (const other of others) expect(step(before, other, policy)).toEqual({ state: before, actions: [] });
    }
  });

  test('that the switch did not end half a second after its limit is ended by us, on both legs', () => {
    expect(live([...TALK, { type: 'timer', timer: 'brake', at: START + 65_500 }]).last).toEqual([
      { do: 'hangup', channel: A, cause: 16 },
      { do: 'hangup', channel: CALLEE, cause: 16 },
    ]);
  });

  test.each([
    ['while it rings', [granted, back, dials(10)], [A], { answerAt: null, hangupSource: 'operator', hangupCause: 21 }],
    ['while it talks', TALK, [A, CALLEE], { answerAt: START + 5_000, hangupSource: 'operator' }],
  ])('is ended by an operator %s', (_, events, channels, end) => {
    const hung = live([...events, { type: 'hangUp', by: 'operator', cause: 21, at: START + 6_000 }]);
    expect(done(hung.last, 'hangup').map(action => 'channel' in action && action.channel)).toEqual(channels);
    const { actions } = live([
      ...events,
      { type: 'hangUp', by: 'operator', cause: 21, at: START + 6_000 },
      endedAt(6_010, A, true),
      destroyedAt(6_011, 21, A),
    ]);
    expect(done(actions, 'settle')).toMatchObject([{ end }]);
  });

  test('that could not be given back is ended, and costs nothing', () => {
    const { state, last } = live([granted, { type: 'notHandedBack', at: START + 6_000 }]);
    expect(done(last, 'hangup')).toEqual([{ do: 'hangup', channel: A, cause: 38 }]);
    expect(done(last, 'settle')).toMatchObject([{ end: { answerAt: null, hangupSource: 'service', hangupCause: 38 } }]);
    // The switch had taken it back after all.
    expect(step(state, answeredAt(7_000), policy).actions).toEqual([{ do: 'hangup', channel: CALLEE, cause: 16 }]);
  });

  test('whose caller left while the ledger was asked is settled at once', () => {
    const { state, actions } = live([endedAt(50, A), granted]);
    expect(done(actions, 'handBack')).toEqual([]);
    expect(done(actions, 'settle')).toHaveLength(1);
    expect(step(state, settled, policy).state.phase).toBe('over');
  });

  test('that talks is taken over with what is known of it', () => {
    const at = START + 5_000;
    const found = { bLeg: CALLEE, routeIndex: 0, rang: true, answerAt: at, callerAnsweredAt: at };
    const { state, actions } = adopt(arrived('dialplan'), grant(60), found, policy);
    expect(state).toMatchObject({ phase: 'talking', bLeg: CALLEE, answerAt: START + 5_000 });
    expect(done(actions, 'watch')).toEqual([
      { do: 'watch', channel: A },
      { do: 'watch', channel: CALLEE },
    ]);
    expect(done(actions, 'limitUntil')).toEqual([]);
    // Its callee is not known by name, but it talks.
    const nameless = adopt(arrived('dialplan'), grant(60), { ...found, bLeg: A }, policy);
    expect(nameless.state).toMatchObject({ phase: 'talking', bLeg: null, answerAt: START + 5_000 });
  });
});

describe('a call of a switch that can be told another limit', () => {
  const talk = [granted, back, answeredAt(5_000, A)];

  test('is answered by its own channel, limited from then, and extended like any other', () => {
    expect(live(talk, 'switch').last).toEqual([
      { do: 'stopTimers' },
      { do: 'limitUntil', channels: [A], at: START + 65_050, isLonger: false },
      { do: 'rememberAnswer', at: START + 5_000, trunk: '' },
      { do: 'timerAt', timer: 'brake', at: START + 65_500 },
      { do: 'stopTimer', timer: 'extend' },
      { do: 'stopTimer', timer: 'warn' },
    ]);
    const sliced: CallEvent = { ...granted, grant: grant(60, shared) } as CallEvent;
    const due: CallEvent = { type: 'timer', timer: 'extend', at: START + 40_000 };
    expect(live([sliced, back, answeredAt(5_000, A), due], 'switch').last).toEqual([
      { do: 'extend', seconds: 120, isLast: false },
    ]);
  });

  test('gives back what it has not spent, while it rings too', () => {
    const share: CallEvent = { type: 'share', seconds: 20, isShort: true, at: START + 6_000 };
    expect(done(live([...talk, share], 'switch').last, 'shrink')).toEqual([
      { do: 'shrink', channels: [A], at: START + 25_050, seconds: 20 },
    ]);
    expect(live([granted, back, share], 'switch').last).toEqual([
      { do: 'shrink', channels: [A], at: null, seconds: 20 },
    ]);
  });

  test('is over when it has ended, with one settlement and no hang-up', () => {
    const { state, actions } = live([...talk, endedAt(9_000, A), destroyedAt(9_000, 16, A)], 'switch');
    expect(done(actions, 'settle')).toMatchObject([{ end: { endAt: START + 9_000, hangupSource: 'caller' } }]);
    expect(done(actions, 'hangup')).toEqual([]);
    expect(step(state, settled, policy).state.phase).toBe('over');
  });
});

test('whatever is told, twice, late or out of order: one settlement at most, with no end before its answer', () => {
  const at = fc.integer({ min: 0, max: 90_000 });
  const channel = fc.constantFrom(A, CALLEE, 'ast1-1.3');
  const event: fc.Arbitrary<CallEvent> = fc.oneof(
    fc.constantFrom<CallEvent>(granted, back, settled, { type: 'refused', refusal: 'no_rate' }),
    at.map(ms => ({ type: 'notHandedBack', at: START + ms }) as const),
    at.map(dials),
    fc.tuple(at, channel).map(([ms, leg]) => answeredAt(ms, leg)),
    fc.tuple(at, channel, fc.boolean()).map(([ms, leg, byRequest]) => endedAt(ms, leg, byRequest)),
    fc.tuple(at, channel, fc.constantFrom(0, 16, 17)).map(([ms, leg, cause]) => destroyedAt(ms, cause, leg)),
    at.map(ms => ({ type: 'timer', timer: 'cause', at: START + ms }) as const),
    at.map(ms => ({ type: 'timer', timer: 'brake', at: START + ms }) as const),
    at.map(ms => ({ type: 'hangUp', by: 'operator', cause: 16, at: START + ms }) as const),
    at.map(ms => ({ type: 'share', seconds: 5, isShort: true, at: START + ms }) as const),
  );
  const told = fc.tuple(fc.constantFrom<Dialler>('dialplan', 'switch'), fc.array(event, { maxLength: 25 }));
  fc.assert(
    fc.property(told, ([dialledBy, events]) => {
      const { state, actions } = live(events, dialledBy);
      const ends = done(actions, 'settle').flatMap(action => (action.do === 'settle' ? [action.end] : []));
      expect(ends.length).toBeLessThanOrEqual(1);
      for (const { answerAt, endAt } of ends) expect(endAt).toBeGreaterThanOrEqual(answerAt ?? 0);
      const hasEnded = (['settling', 'over', 'after'] as CallState['phase'][]).includes(state.phase);
      expect(ends).toHaveLength(hasEnded && state.grant !== null ? 1 : 0);
      expect(done(actions, 'place')).toEqual([]);
    }),
    { numRuns: 20_000 },
  );
});
