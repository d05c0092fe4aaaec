import type { CallState } from '../../src/calls/call-state';
import { Legs } from '../../src/calls/legs';
import { SwitchError } from '../../src/calls/switch-port';
import { FakeSwitch, sleep } from './fake-switch';

const A = 'ast1-1.1';
const B = 'rf-ast1-1.1-1';

function legsOn(port: FakeSwitch): Legs {
  const state = { uniqueid: A, accountcode: 'alice', dst: '4930123', phase: 'dialling', bLeg: B, grant: null };
  return new Legs({
    port,
    bridged: false,
    joined: false,
    ringSeconds: 30,
    state: () => state as unknown as CallState,
    warn: () => undefined,
  });
}

const route = {
  trunk: 'main',
  endpoint: 'PJSIP/{number}@main',
  stripDigits: 0,
  addPrefix: '',
  prefix: '',
  priority: 1,
};
const place = { do: 'place', leg: B, route, limitSeconds: 27, first: true } as const;

test('a nearer limit waits for the leg that is being made, so that the limits which that one is born with do not undo it', async () => {
  const port = new FakeSwitch();
  const setLimit = port.setLimit;
  const told: [string, number][] = [];
  port.setLimit = async (channel, seconds) => {
    // The first request was sent long ago.
    if (told.length === 0) await sleep(30);
    told.push([channel, seconds]);
    await setLimit(channel, seconds);
  };
  port.createLeg = async ({ channel }) => {
    await sleep(30);
    told.push([channel, place.limitSeconds]);
  };
  const legs = legsOn(port);
  const placed = legs.place(place);
  const took = legs.lower([A, B], () => 17);
  expect(await placed).toEqual({ type: 'dialled', leg: B });
  expect(await took).toBe(true);
  expect(told).toEqual([
    [A, 27],
    [B, 27],
    [A, 17],
    [B, 17],
  ]);
});

test.each([
  ['gone', 'when it went, only its end tells'],
  ['refused', 'it may go on to the old one'],
  ['unanswered', 'nobody knows'],
] as const)('a leg whose switch answers %s has not taken a nearer limit: %s', async (kind, _why) => {
  const port = new FakeSwitch();
  const setLimit = port.setLimit;
  port.setLimit = async (channel, seconds) => {
    if (channel === B) throw new SwitchError(kind, 'simulated');
    await setLimit(channel, seconds);
  };
  expect(await legsOn(port).lower([A, B], () => 17)).toBe(false);
  expect(await legsOn(port).lower([A], () => 17)).toBe(true);
});

test('a leg that the switch is about to end is hung up only if it is still there a moment later', async () => {
  const port = new FakeSwitch();
  const legs = legsOn(port);
  const hungUp: string[] = [];
  port.hangup = async channel => {
    hungUp.push(channel);
  };
  const [ending, staying] = [legs.hangupUnlessGone('callee-1', 16), legs.hangupUnlessGone('callee-2', 16)];
  await sleep(20);
  legs.gone('callee-1');
  legs.gone('another');
  await ending;
  await sleep(200);
  expect(hungUp).toEqual([]);
  await sleep(100);
  await staying;
  expect(hungUp).toEqual(['callee-2']);
});

test('a service that stops asks at once for the end of what is about to end by itself', async () => {
  const port = new FakeSwitch();
  const legs = legsOn(port);
  const hungUp: string[] = [];
  port.hangup = async channel => {
    hungUp.push(channel);
  };
  const ending = legs.hangupUnlessGone('callee-1', 16);
  expect(hungUp).toEqual([]);
  legs.hurry();
  await ending;
  await legs.hangupUnlessGone('callee-2', 16);
  expect(hungUp).toEqual(['callee-1', 'callee-2']);
});

describe('a dial that got no answer', () => {
  /** What place says of it, if the switch says that the legs were answered then. */
  async function placed(answers: Record<string, number | null | SwitchError>) {
    const port = new FakeSwitch();
    port.createLeg = async () => undefined;
    port.dial = async () => {
      throw new SwitchError('unanswered', 'no answer');
    };
    port.answeredAt = async channel => {
      const answer = answers[channel] ?? null;
      if (answer instanceof SwitchError) throw answer;
      return answer;
    };
    return legsOn(port).place(place);
  }

  test('is no failure if the switch says that the leg was answered: a talk goes on', async () => {
    expect(await placed({ [A]: 1_002, [B]: 1_001 })).toEqual([
      { type: 'answered', channel: A, at: 1_002 },
      { type: 'answered', channel: B, at: 1_001 },
    ]);
    expect(await placed({ [B]: 1_001 })).toEqual([{ type: 'answered', channel: B, at: 1_001 }]);
  });

  test.each([
    ['is not answered', null],
    ['is gone', new SwitchError('gone', 'simulated')],
    ['is unknown, because it does not answer again', new SwitchError('unanswered', 'simulated')],
  ])('has failed if the switch says that the leg %s', async (_, answer) => {
    expect(await placed({ [B]: answer })).toMatchObject({ type: 'dialFailed', leg: B, switchAway: true });
  });
});

test('a dial that the switch was never asked for says so', async () => {
  const port = new FakeSwitch();
  port.setLimit = async () => {
    throw new SwitchError('unanswered', 'simulated');
  };
  const failed = { type: 'dialFailed', leg: B, switchAway: true, wasNotAsked: true };
  expect(await legsOn(port).place(place)).toMatchObject(failed);
});

test('a caller whom the switch does not have is told as such: a leg that was given up may have talked with the caller', async () => {
  const port = new FakeSwitch();
  port.setLimit = async () => {
    throw new SwitchError('gone', 'simulated');
  };
  const failed = { type: 'dialFailed', leg: B, switchAway: false, callerIsGone: true };
  expect(await legsOn(port).place(place)).toMatchObject(failed);
});
