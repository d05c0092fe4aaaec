/** Steps that several phases of a call take. Pure, as all of the state machine. */
import type { CallEnd } from '../credit/rules/charge';
import { END_AGAIN_MS } from './call-deadlines';
import type { CallAction, CallState, EndingCall, Step } from './call-state';
import { CAUSE } from './causes';

export const stay = (state: CallState): Step => ({ state, actions: [] });

/** Whether a call has ended, but the ledger has not committed that. */
export const isEnding = (state: CallState): state is EndingCall =>
  state.phase === 'ending' || state.phase === 'settling';

/** The legs that talk to each other, as far as the switch tells them apart. */
export const legsOf = ({ uniqueid, bLeg }: CallState): string[] => (bLeg === null ? [uniqueid] : [uniqueid, bLeg]);

/**
 * The call with one leg's answer. The earliest report counts, because the same news comes by several topics. If a call is one channel, its
 * answer is that of both parties. A leg that was given up may answer too.
 */
export function withAnswer(state: CallState, channel: string, at: number): CallState {
  const { uniqueid, bLeg, dialledBy, legAnsweredAt, callerAnsweredAt, givenUp } = state;
  const isBoth = dialledBy === 'switch' && channel === uniqueid;
  return {
    ...state,
    legAnsweredAt: channel === bLeg || isBoth ? Math.min(legAnsweredAt ?? at, at) : legAnsweredAt,
    callerAnsweredAt: channel === uniqueid ? Math.min(callerAnsweredAt ?? at, at) : callerAnsweredAt,
    givenUp: givenUp.map(leg =>
      leg.channel === channel ? { channel, answeredAt: Math.min(leg.answeredAt ?? at, at) } : leg,
    ),
  };
}

/** The call with a leg that we have asked the switch to hang up, and that may still be answered. */
export const withGivenUp = (state: CallState, channel: string): CallState => ({
  ...state,
  givenUp: [...state.givenUp, { channel, answeredAt: null }],
});

/** The call without a leg that was given up: it is gone, or it is the callee after all. */
export const withoutGivenUp = (state: CallState, channel: string): CallState => ({
  ...state,
  givenUp: state.givenUp.filter(leg => leg.channel !== channel),
});

/** When both legs were answered; null while one is not. */
export const bothAnsweredAt = ({ legAnsweredAt, callerAnsweredAt }: CallState): number | null =>
  legAnsweredAt === null || callerAnsweredAt === null ? null : Math.max(legAnsweredAt, callerAnsweredAt);

/** The step, after the hang-up of a leg. */
export const dropLeg = (leg: string, { state, actions }: Step): Step => ({
  state,
  actions: [{ do: 'hangup', channel: leg, cause: CAUSE.normalClearing }, ...actions],
});

/** Looks later whether a call that must end is still there; nothing for any other call. It may be answered though the switch was asked to hang it up. */
export const endsLater = ({ endCause }: CallState): CallAction[] =>
  endCause === null ? [] : [{ do: 'startTimer', timer: 'ring', ms: END_AGAIN_MS }];

/** The call has ended: the ledger is told so, once. The call is over when the ledger has committed that. */
export function settle(state: CallState, end: CallEnd): Step {
  const trunk = state.bLeg ? (state.routes[state.routeIndex]?.trunk ?? '') : '';
  return {
    state: { ...state, phase: 'settling', endAt: end.endAt, hangupSource: end.hangupSource },
    actions: [{ do: 'stopTimers' }, { do: 'settle', end, trunk }, { do: 'destroyBridge' }],
  };
}
