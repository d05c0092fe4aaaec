import { arrive, step } from '../../src/calls/call';
import { CallRegistry } from '../../src/calls/call-registry';
import type { CallState, Dialler } from '../../src/calls/call-state';
import { CallTimers } from '../../src/calls/call-timers';
import { CallTrace } from '../../src/calls/call-trace';
import { type CarriedCall, Doubts } from '../../src/calls/carried-call';
import type { Legs } from '../../src/calls/legs';
import { FakeSwitch } from './fake-switch';

const port = new FakeSwitch();

/** One life of a call, which talks to `bLeg`. */
function callOf(uniqueid: string, dialledBy: Dialler, bLeg: string | null, more: Partial<CallState> = {}): CarriedCall {
  const arrived = { uniqueid, accountcode: 'alice', node: 'ast1', src: '1', dst: '49', startAt: 1, emergency: false };
  const { state } = arrive({ ...arrived, routes: [], dialledBy });
  const legs = { areUnheard: false } as Legs;
  const [timers, doubts] = [new CallTimers(() => undefined), new Doubts(legs)];
  const trace = new CallTrace(state);
  return { state: { ...state, bLeg, ...more }, port, legs, timers, doubts, trace, requests: 0, arrivedAt: 1, since: 0 };
}
const settling = { phase: 'settling', endAt: 5 } as const;

test('a leg that the switch made is found with its call, also when the call moves on to another one', () => {
  const calls = new CallRegistry();
  const call = callOf('a', 'dialplan', 'ast1-1.2');
  calls.add(call);
  expect([calls.ofChannel('ast1-1.2'), calls.ofChannel('a'), calls.ofChannel('rf-a-1')]).toEqual([call, call, call]);
  calls.moveTo(call, { ...call.state, bLeg: 'ast1-1.3' });
  expect([calls.ofChannel('ast1-1.2'), calls.ofChannel('ast1-1.3')]).toEqual([undefined, call]);
  calls.remove(call);
  expect([calls.ofChannel('ast1-1.3'), calls.ofAccount('alice'), calls.size]).toEqual([undefined, [], 0]);
});

test('what the first life of a call still does takes nothing from the second, which was taken over since', () => {
  const calls = new CallRegistry();
  const first = callOf('a', 'dialplan', 'ast1-1.2', settling);
  calls.add(first);
  calls.letGoOf(first);
  const second = callOf('a', 'dialplan', 'ast1-1.2');
  calls.add(second);
  calls.moveTo(first, { ...first.state, phase: 'over' });
  calls.remove(first);
  expect([calls.has(first), calls.has(second), calls.ofChannel('ast1-1.2')]).toEqual([false, true, second]);
  expect(calls.ofAccount('alice')).toEqual([second]);
});

const [isHeard, isUnheard] = [() => true, () => false];

test('a dialled call that is being ended is waited for, one that was answered all the same is not', () => {
  const calls = new CallRegistry();
  const call = callOf('a', 'us', 'rf-a-1', { phase: 'dialling' });
  calls.add(call);
  expect(calls.waiting(isHeard)).toBe(0);
  calls.moveTo(call, { ...call.state, endCause: 38 });
  expect(calls.waiting(isHeard)).toBe(1);
  calls.moveTo(call, { ...call.state, phase: 'talking' });
  expect(calls.waiting(isHeard)).toBe(0);
});

test('a dialled call that is being ended is not waited for if its switch is not heard, unless its end is known already', () => {
  const calls = new CallRegistry();
  const call = callOf('a', 'dialplan', null, { phase: 'dialling', endCause: 38 });
  calls.add(call);
  expect(calls.waiting(isUnheard)).toBe(0);
  // The wait for its cause has an end of its own.
  calls.moveTo(call, { ...call.state, endAt: 5 });
  expect(calls.waiting(isUnheard)).toBe(1);
  calls.moveTo(call, { ...call.state, ...settling });
  expect(calls.waiting(isUnheard)).toBe(1);
});

test('an end that is on its way counts for its switch until it is committed, also when the call was let go', () => {
  const calls = new CallRegistry();
  const [kept, letGo] = [callOf('a', 'us', 'rf-a-1', settling), callOf('b', 'us', 'rf-b-1', settling)];
  for (const call of [kept, letGo, callOf('c', 'us', 'rf-c-1', { phase: 'talking' })]) calls.add(call);
  calls.letGoOf(letGo);
  expect([calls.waiting(isHeard), calls.size]).toEqual([2, 2]);
  expect(calls.endingOn('ast1').map(({ uniqueid }) => uniqueid)).toEqual(['a', 'b']);
  expect(calls.endingOn('ast2')).toEqual([]);
  const policy = {} as Parameters<typeof step>[2];
  for (const call of [kept, letGo]) calls.moveTo(call, step(call.state, { type: 'settled' }, policy).state);
  expect([calls.waiting(isHeard), calls.endingOn('ast1')]).toEqual([0, []]);
});
