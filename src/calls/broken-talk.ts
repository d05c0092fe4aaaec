/**
 * A talk that was broken up from outside: a leg lost its bridge, or its place to another channel, so the two parties that were let through
 * no longer hear each other. The call ends there, whichever legs are still joined. Pure, as all of the state machine.
 */
import type { CallAction, CallEvent, CallPolicy, CallState, Step } from './call-state';
import { legsOf, stay } from './call-steps';
import { CAUSE } from './causes';

/** How long to wait for the end of a leg that left its bridge: a leg that hangs up leaves it too, and its end comes within milliseconds. */
const APART_MS = 500;

/** A leg of ours has left its bridge. If its end does not follow, the call has lost it. */
export function whenApart(state: CallState, { channel, at }: Extract<CallEvent, { type: 'apart' }>): Step {
  const { phase, uniqueid, apart } = state;
  const isLost = phase === 'talking' ? legsOf(state).includes(channel) : phase === 'dialling' && channel === uniqueid;
  if (!isLost || state.dialledBy !== 'us' || (apart !== null && apart.at <= at)) return stay(state);
  return {
    state: { ...state, apart: { channel, at } },
    actions: [{ do: 'startTimer', timer: 'apart', ms: APART_MS }],
  };
}

/** From `at` on, other parties talk than those that were let through: the call ends, charged to that moment. */
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
