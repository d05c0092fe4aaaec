/**
 * A talk that was broken up by somebody else: a leg lost its bridge, or its place to another channel, and the two who were let through
 * do not hear each other any more. It ends there, whatever still hangs together. Pure, as all of the state machine.
 */
import type { CallAction, CallEvent, CallPolicy, CallState, Step } from './call-state';
import { legsOf, stay } from './call-steps';
import { CAUSE } from './causes';

/** A leg that hangs up leaves its bridge too, and is told to have ended within milliseconds: so long its end is waited for. */
const APART_MS = 500;

/** A leg of ours has left its bridge: unless its end follows, the call has lost it. */
export function whenApart(state: CallState, { channel, at }: Extract<CallEvent, { type: 'apart' }>): Step {
  const { phase, uniqueid, apart } = state;
  const isLost = phase === 'talking' ? legsOf(state).includes(channel) : phase === 'dialling' && channel === uniqueid;
  if (!isLost || state.dialledBy !== 'us' || (apart !== null && apart.at <= at)) return stay(state);
  return {
    state: { ...state, apart: { channel, at } },
    actions: [{ do: 'startTimer', timer: 'apart', ms: APART_MS }],
  };
}

/** Who was let through is not who talks from `at` on: the call ends, charged to that moment. */
export function breakUp(state: CallState, channel: string, at: number, policy: CallPolicy): Step {
  const { uniqueid, answerAt } = state;
  const hangUps = legsOf(state).map(
    leg => ({ do: 'hangup', channel: leg, cause: CAUSE.normalClearing }) satisfies CallAction,
  );
  return {
    state: {
      ...state,
      phase: 'ending',
      endAt: Math.max(at, answerAt ?? at),
      endedLeg: legsOf(state).includes(channel) ? channel : uniqueid,
      hangupSource: 'service',
    },
    actions: [{ do: 'stopTimers' }, ...hangUps, { do: 'startTimer', timer: 'cause', ms: policy.causeWaitMs }],
  };
}
