/**
 * A call that the switch dials by itself, from when the switch has it back to the answer, and after the talk. Pure, as all of the state
 * machine.
 *
 * Its legs are the switch's. We make, bridge and take down none of them, but for a call that must end.
 */
import type { CallerBalance } from '../credit/ledger-operation';
import type { Refusal } from '../credit/refusal';
import type { HangupSource } from '../credit/rules/charge';
import type { Grant } from '../credit/rules/grant';
import { deadlines, END_AGAIN_MS, limitAt } from './call-deadlines';
import { whenUnanswered } from './call-grants';
import type { CallAction, CallEvent, CallPolicy, CallState, Step } from './call-state';
import { bothAnsweredAt, endsLater, isEnding, legsOf, settle, stay, withAnswer } from './call-steps';
import { CAUSE, dispositionOf } from './causes';

/** It was granted: the switch is told so and dials. */
export const handBack = (state: CallState, grant: Grant, callerBalance: CallerBalance | null): Step => ({
  state: { ...state, phase: 'dialling' },
  actions: [{ do: 'handBack', grant, refusal: null, callerBalance }],
});

/** Its channel has entered our application again. Before the talk it gets the same grant, unless it asks for something else or is being ended; after it none. */
export function whenAskedAgain(state: CallState, refusal: Refusal | null): Step {
  const { phase, grant, endCause } = state;
  if (state.dialledBy !== 'dialplan' || phase === 'authorising') return stay(state);
  const refused = phase === 'dialling' && endCause === null ? refusal : 'uniqueid_reused';
  const told: CallAction = {
    do: 'handBack',
    grant: refused === null ? grant : null,
    refusal: refused,
    callerBalance: null,
  };
  return { state, actions: [told] };
}

/** Whether an event would change the limit of a call, which a dialplan gets only once. */
export const isOfShares = ({ type }: CallEvent): boolean =>
  type === 'share' || type === 'terms' || type === 'regranted';

export function whenSwitchDials(state: CallState, grant: Grant, event: CallEvent, policy: CallPolicy): Step {
  const { uniqueid, bLeg, dialledBy, endAt } = state;
  switch (event.type) {
    case 'notHandedBack':
      return unanswered({ ...state, hangupSource: 'service' }, event.at, CAUSE.networkOutOfOrder, [
        { do: 'hangup', channel: uniqueid, cause: CAUSE.networkOutOfOrder },
      ]);
    case 'answered':
      return dialledBy === 'dialplan' ? whenAnswered(state, grant, event, policy) : talk(state, grant, event, policy);
    case 'ended': {
      if (event.channel === bLeg) return stay(withoutCallee(state));
      if (event.channel !== uniqueid || endAt !== null) return stay(state);
      const party: HangupSource | null = event.byRequest ? 'operator' : event.byParty ? 'caller' : null;
      // The cause comes with `destroyed`. After a caller's CANCEL it says nothing (127).
      const endCause = event.byParty ? CAUSE.normalClearing : state.endCause;
      return {
        state: { ...state, endAt: event.at, hangupSource: state.hangupSource ?? party, endCause },
        actions: [{ do: 'startTimer', timer: 'cause', ms: policy.causeWaitMs }],
      };
    }
    case 'destroyed':
      if (event.channel === bLeg) return stay(withoutCallee(state));
      if (event.channel !== uniqueid) return stay(state);
      return unanswered(
        state,
        endAt ?? event.at,
        state.hangupSource === 'caller' ? CAUSE.normalClearing : event.cause,
        [],
      );
    case 'timer':
      if (event.timer === 'cause') return unanswered(state, endAt ?? event.at, state.endCause ?? 0, []);
      // The switch did not do as we requested.
      return event.timer === 'ring' && state.endCause !== null && endAt === null
        ? endWhenReported(state, state.endCause)
        : stay(state);
    case 'hangUp':
      return endWhenReported({ ...state, hangupSource: event.by }, event.cause);
    case 'share':
    case 'terms':
    case 'regranted':
      return dialledBy === 'dialplan' ? stay(state) : whenUnanswered(state, event, [uniqueid]);
    default:
      return stay(state);
  }
}

/** The call goes on until its end is reported: the switch may not receive our request, and the callee may answer. */
const endWhenReported = (state: CallState, cause: number): Step => ({
  state: { ...state, endCause: cause },
  actions: [
    { do: 'hangup', channel: state.uniqueid, cause },
    { do: 'startTimer', timer: 'ring', ms: END_AGAIN_MS },
  ],
});

/**
 * The dialplan answers the caller when it joins the caller with the callee. Or it has answered the caller with a prompt long before it
 * dialled. A callee that is first asked whether it takes the call (Dial's U(), a queue) has answered, but does not talk to the caller yet.
 */
function whenAnswered(
  before: CallState,
  grant: Grant,
  { channel, at }: Extract<CallEvent, { type: 'answered' }>,
  policy: CallPolicy,
): Step {
  const isNews = channel !== before.uniqueid && channel !== before.bLeg;
  const callee = { ...withoutCallee(before), bLeg: channel };
  const state = isNews ? withAnswer(callee, channel, at) : before;
  const answerAt = bothAnsweredAt(state);
  if (answerAt !== null && state.bLeg !== null) {
    return talk({ ...state, bLeg: before.bLeg }, grant, { channel: state.bLeg, at: answerAt }, policy);
  }
  return { state, actions: isNews ? [{ do: 'watch', channel }] : [] };
}

/** A callee that had answered left before the caller was there: others may follow it. */
const withoutCallee = (state: CallState): CallState => ({ ...state, bLeg: null, legAnsweredAt: null });

/** It was answered. `channel`: by that leg, or by the caller's own channel if the switch does not distinguish it from the call. */
export function talk(
  state: CallState,
  grant: Grant,
  { channel, at }: { channel: string; at: number },
  policy: CallPolicy,
): Step {
  const bLeg = channel === state.uniqueid ? null : channel;
  const talking: CallState = { ...state, phase: 'talking', bLeg, answerAt: at };
  const isWatched = bLeg === null || bLeg === state.bLeg;
  const watch: CallAction[] = isWatched ? [] : [{ do: 'watch', channel: bLeg }];
  // In the dialplan the switch itself counts the limit from the answer.
  const limit: CallAction[] =
    state.dialledBy === 'dialplan'
      ? []
      : [
          {
            do: 'limitUntil',
            channels: legsOf(talking),
            at: limitAt(at, grant.grantedSeconds),
            isLonger: false,
          },
        ];
  const remember: CallAction = { do: 'rememberAnswer', at, trunk: '' };
  const { endAt, hangupSource } = state;
  // The end was reported before the answer.
  if (endAt !== null) {
    const endedLeg = state.uniqueid;
    return {
      state: {
        ...talking,
        phase: 'ending',
        endAt: Math.max(at, endAt),
        hangupSource: hangupSource ?? 'caller',
        endedLeg,
      },
      actions: [remember],
    };
  }
  return {
    state: talking,
    actions: [
      { do: 'stopTimers' },
      ...watch,
      ...limit,
      remember,
      ...deadlines(talking, grant, at, at, policy),
      ...endsLater(talking),
    ],
  };
}

/** No callee answered, and the caller has gone. */
function unanswered(state: CallState, at: number, cause: number, first: CallAction[]): Step {
  const hangupCause = cause || CAUSE.normalClearing;
  const party: HangupSource = hangupCause === CAUSE.normalClearing ? 'caller' : 'callee';
  const settled = settle(state, {
    answerAt: null,
    endAt: at,
    disposition: dispositionOf(hangupCause),
    hangupCause,
    hangupSource: state.hangupSource ?? party,
    evidence: state.evidence,
  });
  return { state: settled.state, actions: [...first, ...settled.actions] };
}

/** Whether the talk has ended and the caller's channel goes on in the dialplan. */
export const goesOnAfterTalk = ({ dialledBy, callerIsUp, answerAt }: CallState): boolean =>
  dialledBy === 'dialplan' && callerIsUp && answerAt !== null;

/** One Dial() begins with all its callees before it joins one with the caller; but a name to look up may take so long, and another callee answer meanwhile. Ms. */
const FORKS_WITHIN_MS = 10_000;

/** Whether a dial at `at` comes after the talk that was authorised: in the midst of it, its end has not been reported. */
export function isLateDial(state: CallState, at: number): boolean {
  if (!goesOnAfterTalk(state)) return false;
  const { phase, answerAt } = state;
  return isEnding(state) || phase === 'after' || (phase === 'talking' && at > (answerAt ?? at) + FORKS_WITHIN_MS);
}

/** The talk has ended, settled or not, and the caller's channel goes on in the dialplan. */
export function whenAfterTalk(state: CallState, event: CallEvent): Step {
  if (event.type !== 'dials' && event.type !== 'hangUp') return stay(state);
  // One authorisation is for one talk: no money is held for another one, and nothing limits it.
  const cause = event.type === 'hangUp' ? event.cause : CAUSE.callRejected;
  return { state, actions: [{ do: 'hangup', channel: state.uniqueid, cause }] };
}

/** Likewise for a call that is settled: it is over when its caller's channel ends. */
export function whenAfter(state: CallState, event: CallEvent): Step {
  const isEnd = event.type === 'ended' || event.type === 'destroyed';
  if (isEnd && event.channel === state.uniqueid) return stay({ ...state, phase: 'over' });
  return whenAfterTalk(state, event);
}
