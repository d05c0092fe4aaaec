/**
 * The life of one call as a state machine: what has happened, and what is to be done next.
 *
 * Pure: an event goes in, the next state and a list of actions come out. Whoever runs it hands it one event at a time, in
 * the order in which they happened, and carries the actions out; their results come back as events. Events may come twice,
 * late or out of order: what does not fit the phase changes nothing.
 */
import { CAUSE_OF_REFUSAL } from '../credit/refusal';
import type { CallEnd, Grant, HangupSource } from '../credit/rules';
import { wholeIncrements } from '../rating/price';
import { cutAt, deadlines, dialTimers, limitAt, nextWarning, refreshMs, warningsOf } from './call-deadlines';
import type {
  ArrivedCall,
  CallAction,
  CallEvent,
  CallPolicy,
  CallState,
  FoundLeg,
  Step,
  TimerName,
} from './call-state';
import { CAUSE, causeForCaller, dispositionOf, triesNextRoute } from './causes';
import { legOf } from './leg-names';

/** The call as it arrives, and the first thing to do: ask the ledger. */
export function arrive(call: ArrivedCall): Step {
  return {
    state: {
      ...call,
      phase: 'authorising',
      grant: null,
      shrinking: 0,
      warnedAt: Number.POSITIVE_INFINITY,
      unwritten: false,
      routeIndex: 0,
      bLeg: null,
      rang: false,
      answerAt: null,
      endAt: null,
      hangupSource: null,
      endCause: null,
      evidence: 'event',
      endedLeg: null,
    },
    actions: [{ do: 'reserve' }],
  };
}

/** A call that a service before us had let through, as it is found alive: its limits are set anew. */
export function adopt(call: ArrivedCall, grant: Grant, found: FoundLeg, policy: CallPolicy): Step {
  const { bLeg, routeIndex, rang, answerAt } = found;
  const state: CallState = { ...arrive(call).state, phase: 'dialling', grant, bLeg, routeIndex, rang };
  if (answerAt !== null) return step(state, { type: 'answered', channel: bLeg, at: answerAt }, policy);
  const limit: CallAction = { do: 'limit', channels: [call.uniqueid, bLeg], seconds: grant.grantedSeconds };
  return { state, actions: [limit, ...dialTimers(state, grant, policy)] };
}

/** What the call is and does after an event. */
export function step(before: CallState, event: CallEvent, policy: CallPolicy): Step {
  const isEnd = event.type === 'ended' && before.endAt === null;
  const state = isEnd ? { ...before, evidence: event.evidence ?? 'event' } : before;
  // A leg that was given up, and has not been hung up yet as it was asked to be.
  if (event.type === 'answered' && event.channel !== state.uniqueid && event.channel !== state.bLeg) {
    return dropLeg(event.channel, stay(state));
  }
  switch (state.phase) {
    case 'authorising':
      return whenAuthorising(state, event, policy);
    case 'announcing':
      return whenAnnouncing(state, event);
    case 'dialling':
      return whenDialling(state, event, policy);
    case 'talking':
      return whenTalking(state, event, policy);
    case 'ending':
      return whenEnding(state, event);
    case 'refusing':
    case 'over':
      return whenOver(state, event);
  }
}

const stay = (state: CallState): Step => ({ state, actions: [] });

function whenAuthorising(state: CallState, event: CallEvent, policy: CallPolicy): Step {
  switch (event.type) {
    case 'granted': {
      const granted = { ...state, grant: event.grant, unwritten: event.unwritten };
      if (state.endAt !== null) {
        return settleUnanswered(granted, state.endAt, CAUSE.normalClearing, state.hangupSource ?? 'caller');
      }
      const { announce } = event.grant.terms;
      if (announce.length === 0 || state.emergency) return place({ ...granted, phase: 'dialling' }, 0);
      const purse = announce.includes('balance') ? (event.purse ?? null) : null;
      const seconds = announce.includes('time') ? (event.purse?.seconds ?? event.grant.grantedSeconds) : null;
      return {
        state: { ...granted, phase: 'announcing' },
        actions: [{ do: 'announce', channel: state.uniqueid, purse, seconds }],
      };
    }
    case 'refused': {
      if (state.emergency) {
        return whenAuthorising(state, { type: 'granted', grant: policy.emergencyGrant, unwritten: true }, policy);
      }
      if (state.endAt !== null) return stay({ ...state, phase: 'over' });
      const cause = CAUSE_OF_REFUSAL[event.refusal];
      const media = policy.prompts[event.refusal];
      const channel = state.uniqueid;
      return {
        state: { ...state, phase: 'refusing' },
        actions: [media ? { do: 'playAndHangup', channel, media, cause } : { do: 'hangup', channel, cause }],
      };
    }
    case 'ended':
    case 'destroyed':
      if (event.channel !== state.uniqueid || state.endAt !== null) return stay(state);
      return stay({ ...state, endAt: event.at });
    case 'hangUp':
      return {
        state: { ...state, endAt: state.endAt ?? event.at, hangupSource: event.by },
        actions: [{ do: 'hangup', channel: state.uniqueid, cause: event.cause }],
      };
    default:
      return stay(state);
  }
}

function whenAnnouncing(state: CallState, event: CallEvent): Step {
  switch (event.type) {
    case 'announced':
      return place({ ...state, phase: 'dialling' }, 0);
    case 'ended':
    case 'destroyed':
      if (event.channel !== state.uniqueid) return stay(state);
      return callerLeft(state, event.at, event.type === 'ended' && event.byRequest ? 'operator' : 'caller');
    case 'hangUp':
      return settleUnanswered(state, event.at, event.cause, event.by);
    case 'share':
    case 'terms':
    case 'regranted':
      return whenUnanswered(state, event, []);
    default:
      return stay(state);
  }
}

function place(state: CallState, routeIndex: number): Step {
  const { grant, routes, uniqueid } = state;
  const route = routes[routeIndex];
  const leg = legOf(uniqueid, routeIndex);
  // An emergency number that no route carries: nothing else is let through without one.
  if (!grant || !route) return giveUp(state, state.startAt, CAUSE.noCircuit);
  return {
    state: { ...state, routeIndex, bLeg: leg, rang: false },
    actions: [{ do: 'place', leg, route, limitSeconds: grant.grantedSeconds, first: routeIndex === 0 }],
  };
}

function whenDialling(state: CallState, event: CallEvent, policy: CallPolicy): Step {
  const { grant, bLeg, uniqueid } = state;
  if (!grant || !bLeg) return stay(state);
  if (state.endCause !== null && event.type !== 'answered') return whenBeingEnded(state, event, state.endCause);
  switch (event.type) {
    case 'dialled': {
      if (event.leg !== bLeg)
        return { state, actions: [{ do: 'hangup', channel: event.leg, cause: CAUSE.normalClearing }] };
      return { state, actions: dialTimers(state, grant, policy) };
    }
    case 'dialFailed':
      // It may have been made all the same, after its route was given up.
      if (event.leg !== bLeg) return dropLeg(event.leg, stay(state));
      return dropLeg(
        bLeg,
        trunkFailed(state, event.at, event.switchAway ? CAUSE.networkOutOfOrder : CAUSE.noCircuit, !event.switchAway),
      );
    case 'ringing':
      return event.channel === bLeg ? stay({ ...state, rang: true }) : stay(state);
    case 'answered': {
      if (event.channel !== bLeg) return stay(state);
      const talking: CallState = { ...state, phase: 'talking', answerAt: event.at };
      return {
        state: talking,
        actions: [
          { do: 'stopTimers' },
          {
            do: 'limitUntil',
            channels: [uniqueid, bLeg],
            at: limitAt(event.at, grant.grantedSeconds),
            isLonger: false,
          },
          // Before anything that changes what it holds.
          { do: 'rememberAnswer', at: event.at, trunk: state.routes[state.routeIndex]?.trunk ?? '' },
          ...deadlines(talking, grant, event.at, event.at, policy),
        ],
      };
    }
    case 'ended':
      if (event.channel === uniqueid) return callerLeft(state, event.at, event.byRequest ? 'operator' : 'caller');
      // The carrier's cause comes with `destroyed`, some milliseconds later.
      if (event.channel === bLeg)
        return { state, actions: [{ do: 'startTimer', timer: 'cause', ms: policy.causeWaitMs }] };
      return stay(state);
    case 'destroyed':
      if (event.channel === uniqueid) return callerLeft(state, event.at, 'caller');
      if (event.channel === bLeg) return trunkFailed(state, event.at, event.cause, true);
      return stay(state);
    case 'timer':
      return whenDiallingTimer(state, grant, bLeg, event);
    case 'share':
    case 'terms':
    case 'regranted':
      return whenUnanswered(state, event, [uniqueid, bLeg]);
    case 'hangUp':
      // Not over before its end is told: the switch may not hear us, and the callee answer.
      return {
        state: { ...state, hangupSource: event.by, endCause: event.cause },
        actions: [
          { do: 'hangup', channel: uniqueid, cause: event.cause },
          { do: 'hangup', channel: bLeg, cause: CAUSE.normalClearing },
        ],
      };
    default:
      return stay(state);
  }
}

/** Somebody ends it: no other route is tried, and who rings no longer matters. */
function whenBeingEnded(state: CallState, event: CallEvent, cause: number): Step {
  const { uniqueid, bLeg, hangupSource } = state;
  const hasLeft = (event.type === 'ended' || event.type === 'destroyed') && event.channel === uniqueid;
  // Nobody is there any more who could answer.
  const isOver = hasLeft || (event.type === 'destroyed' && event.channel === bLeg);
  const isLate = event.type === 'timer' && event.timer === 'ring';
  if (isOver || isLate) {
    const settled = settleUnanswered(state, event.at, cause, hangupSource ?? 'service');
    return bLeg ? dropLeg(bLeg, settled) : settled;
  }
  // It may have been made after all.
  return event.type === 'dialled' || event.type === 'dialFailed' ? dropLeg(event.leg, stay(state)) : stay(state);
}

function whenDiallingTimer(
  state: CallState,
  grant: Grant,
  bLeg: string,
  { timer, at }: { timer: TimerName; at: number },
): Step {
  switch (timer) {
    case 'silence':
      return state.rang ? stay(state) : dropLeg(bLeg, trunkFailed(state, at, CAUSE.noCircuit, true));
    case 'ring':
      return dropLeg(bLeg, giveUp(state, at, CAUSE.noAnswer));
    case 'refresh':
      return {
        state,
        actions: [
          { do: 'limit', channels: [state.uniqueid, bLeg], seconds: grant.grantedSeconds },
          { do: 'startTimer', timer: 'refresh', ms: refreshMs(grant) },
        ],
      };
    case 'cause':
      return dropLeg(bLeg, trunkFailed(state, at, 0, true));
    case 'brake':
    case 'extend':
    case 'warn':
      return stay(state);
  }
}

function whenTalking(state: CallState, event: CallEvent, policy: CallPolicy): Step {
  const { grant, bLeg, uniqueid, answerAt } = state;
  if (!grant || !bLeg || answerAt === null) return stay(state);
  const both = (cause: number): CallAction[] => [
    { do: 'hangup', channel: uniqueid, cause },
    { do: 'hangup', channel: bLeg, cause },
  ];
  switch (event.type) {
    case 'answered':
      // The same news by another topic: the earliest is true.
      return event.channel === bLeg ? stay({ ...state, answerAt: Math.min(answerAt, event.at) }) : stay(state);
    case 'ended':
    case 'destroyed': {
      if (event.channel !== uniqueid && event.channel !== bLeg) return stay(state);
      const byCaller = event.channel === uniqueid;
      const source = sourceOf(state, grant, answerAt, event);
      const ending: CallState = {
        ...state,
        phase: 'ending',
        endAt: event.at,
        endedLeg: event.channel,
        hangupSource: state.hangupSource ?? source,
      };
      const hangUpOther: CallAction[] = [
        { do: 'stopTimers' },
        { do: 'hangup', channel: byCaller ? bLeg : uniqueid, cause: CAUSE.normalClearing },
      ];
      const next =
        event.type === 'destroyed'
          ? whenEnding(ending, event)
          : {
              state: ending,
              actions: [{ do: 'startTimer', timer: 'cause', ms: policy.causeWaitMs }] satisfies CallAction[],
            };
      return { state: next.state, actions: [...hangUpOther, ...next.actions] };
    }
    case 'timer':
      // The switch's own limit should have ended it half a second ago.
      if (event.timer === 'brake') {
        return { state: { ...state, hangupSource: 'limit' }, actions: both(CAUSE.normalClearing) };
      }
      if (event.timer === 'extend' && state.shrinking === 0) {
        const seconds = wholeIncrements(grant.tariff, grant.grantedSeconds + grant.terms.sliceSeconds);
        return { state, actions: [{ do: 'extend', seconds, isLast: false }] };
      }
      return event.timer === 'warn' ? warn(state, grant, answerAt, event.at) : stay(state);
    case 'share':
      if (event.seconds > grant.grantedSeconds) {
        const { seconds, isShort: isLast } = event;
        return { state, actions: state.shrinking === 0 ? [{ do: 'extend', seconds, isLast }] : [] };
      }
      // It is being told already.
      if (event.seconds === grant.grantedSeconds && state.shrinking > 0) return stay(state);
      // Shared out long ago: the call has talked beyond it, and no one can have that back.
      if (event.seconds < grant.grantedSeconds && answerAt + event.seconds * 1000 <= event.at) return stay(state);
      return shrink(state, grant, answerAt, event, policy);
    case 'terms':
      return regrant(state, onTerms(grant, event), answerAt, event.at, policy);
    case 'regranted':
      return regranted(state, grant, answerAt, event, policy);
    case 'hangUp':
      return { state: { ...state, hangupSource: event.by }, actions: both(event.cause) };
    default:
      return stay(state);
  }
}

function warn(state: CallState, grant: Grant, answerAt: number, at: number): Step {
  const cut = cutAt(answerAt, grant);
  const ON_TIME_MS = 100;
  const due = warningsOf(grant.terms).findLast(
    seconds => seconds < state.warnedAt && cut - seconds * 1000 <= at + ON_TIME_MS,
  );
  if (due === undefined || grant.limitedBy === 'slice') return stay(state);
  const warned: CallState = { ...state, warnedAt: due };
  const next = nextWarning(warned, grant, cut, at);
  const secondsLeft = Math.max(0, Math.round((cut - at) / 1000));
  return {
    state: warned,
    actions: [
      { do: 'warn', channel: state.uniqueid, secondsLeft, sound: grant.terms.warnSound },
      ...(next === null ? [] : [{ do: 'timerAt', timer: 'warn', at: cut - next * 1000 } satisfies CallAction]),
    ],
  };
}

/** The switch first, the ledger when the switch was seen to have taken it. */
function shrink(
  state: CallState,
  grant: Grant,
  answerAt: number,
  { seconds, at }: Extract<CallEvent, { type: 'share' }>,
  policy: CallPolicy,
): Step {
  const less: Grant = { ...grant, grantedSeconds: seconds, limitedBy: 'money' };
  const until = limitAt(answerAt, seconds);
  const lowered = regrant(state, less, answerAt, at, policy);
  const channels = [state.uniqueid, ...(state.bLeg ? [state.bLeg] : [])];
  // The end came so near that a warning is past that was never heard: better late than never.
  const [earliest = 0] = warningsOf(grant.terms);
  const isLate = lowered.state.warnedAt > earliest && cutAt(answerAt, less) - earliest * 1000 < at;
  return {
    state: { ...lowered.state, shrinking: state.shrinking + 1 },
    actions: [
      { do: 'shrink', channels, at: until, seconds },
      ...lowered.actions,
      ...(isLate ? [{ do: 'timerAt', timer: 'warn', at } satisfies CallAction] : []),
    ],
  };
}

function regranted(
  state: CallState,
  grant: Grant,
  answerAt: number,
  event: Extract<CallEvent, { type: 'regranted' }>,
  policy: CallPolicy,
): Step {
  const shrinking = state.shrinking - (event.afterShrink ? 1 : 0);
  const counted: CallState = { ...state, shrinking };
  // What a shrinking will take away again must not come back in between.
  if (event.grant === null || shrinking > 0) return stay(counted);
  const changed = regrant(counted, event.grant, answerAt, event.at, policy);
  if (event.grant.grantedSeconds === grant.grantedSeconds) return changed;
  const channels = [state.uniqueid, ...(state.bLeg ? [state.bLeg] : [])];
  const at = limitAt(answerAt, event.grant.grantedSeconds);
  const isLonger = event.grant.grantedSeconds > grant.grantedSeconds;
  return { state: changed.state, actions: [{ do: 'limitUntil', channels, at, isLonger }, ...changed.actions] };
}

function onTerms(grant: Grant, { terms, isShort }: Extract<CallEvent, { type: 'terms' }>): Grant {
  const isAtCap = grant.grantedSeconds >= grant.capSeconds;
  const limitedBy = isAtCap ? 'cap' : terms.mode === 'shared' && !isShort ? 'slice' : 'money';
  return { ...grant, terms, limitedBy };
}

/** A warning is heard again when the end has moved away from it by so much. */
const WARNED_AGAIN_SECONDS = 5;

/** The call with another grant: what has to happen before its end is reckoned anew; a later end makes warnings due again. */
function regrant(state: CallState, grant: Grant, answerAt: number, now: number, policy: CallPolicy): Step {
  const secondsLeft = (cutAt(answerAt, grant) - now) / 1000;
  const isAhead = secondsLeft > state.warnedAt + WARNED_AGAIN_SECONDS;
  const changed: CallState = { ...state, grant, warnedAt: isAhead ? Number.POSITIVE_INFINITY : state.warnedAt };
  return { state: changed, actions: deadlines(changed, grant, answerAt, now, policy) };
}

/** Before the answer a call holds its first slice and may have to give back of it. */
function whenUnanswered(
  state: CallState,
  event: Extract<CallEvent, { type: 'share' | 'terms' | 'regranted' }>,
  channels: string[],
): Step {
  const { grant } = state;
  if (!grant) return stay(state);
  switch (event.type) {
    case 'terms':
      return stay({ ...state, grant: onTerms(grant, event) });
    case 'regranted': {
      const shrinking = state.shrinking - (event.afterShrink ? 1 : 0);
      return stay({ ...state, shrinking, grant: shrinking === 0 && event.grant ? event.grant : grant });
    }
    case 'share': {
      const { seconds } = event;
      const isToldAlready = seconds === grant.grantedSeconds && state.shrinking > 0;
      if (seconds > grant.grantedSeconds || isToldAlready) return stay(state);
      return {
        state: {
          ...state,
          shrinking: state.shrinking + 1,
          grant: { ...grant, grantedSeconds: seconds, limitedBy: 'money' },
        },
        actions: [
          { do: 'shrink', channels, at: null, seconds },
          ...(state.phase === 'dialling'
            ? [
                {
                  do: 'startTimer',
                  timer: 'refresh',
                  ms: refreshMs({ ...grant, grantedSeconds: seconds }),
                } satisfies CallAction,
              ]
            : []),
        ],
      };
    }
  }
}

function sourceOf(
  { uniqueid }: CallState,
  grant: Grant,
  answerAt: number,
  event: Extract<CallEvent, { type: 'ended' | 'destroyed' }>,
): HangupSource {
  if (event.at >= answerAt + grant.grantedSeconds * 1000) return 'limit';
  // With the caller gone unseen, so may the other leg have been.
  if (event.type === 'ended' && event.evidence === 'sighting' && event.channel === uniqueid) return 'service';
  // What we ask for is asked after the call's end is known; so this was somebody else's request.
  if (event.type === 'ended' && event.byRequest) return 'operator';
  return event.channel === uniqueid ? 'caller' : 'callee';
}

function whenEnding(state: CallState, event: CallEvent): Step {
  const { endAt, endedLeg, hangupSource, answerAt } = state;
  if (endAt === null || hangupSource === null) return stay(state);
  // Out of order: evidence of an earlier end than the one we heard of first.
  if (event.type === 'ended') {
    const ours = event.channel === state.uniqueid || event.channel === state.bLeg;
    return stay(ours ? { ...state, endAt: Math.min(endAt, event.at) } : state);
  }
  if (event.type === 'answered' && event.channel === state.bLeg && answerAt !== null) {
    return stay({ ...state, answerAt: Math.min(answerAt, event.at) });
  }
  const causeCame = event.type === 'destroyed' && event.channel === endedLeg;
  if (!causeCame && !(event.type === 'timer' && event.timer === 'cause')) return stay(state);
  const hangupCause = causeCame && event.cause > 0 ? event.cause : CAUSE.normalClearing;
  return settle(state, {
    answerAt,
    endAt,
    disposition: 'ANSWERED',
    hangupCause,
    hangupSource,
    evidence: state.evidence,
  });
}

/** Refused or settled: only a leg that was still being made can turn up, and must not stay. */
function whenOver(state: CallState, event: CallEvent): Step {
  if (event.type === 'dialled' || event.type === 'dialFailed') {
    return dropLeg(event.leg, { state, actions: [{ do: 'destroyBridge' }] });
  }
  if (event.type === 'answered' && event.channel !== state.uniqueid) return dropLeg(event.channel, stay(state));
  return stay(state);
}

function callerLeft(state: CallState, at: number, source: 'caller' | 'operator'): Step {
  const settled = settleUnanswered(state, at, CAUSE.normalClearing, source);
  return state.bLeg ? dropLeg(state.bLeg, settled) : settled;
}

/** First of all, the leg goes. */
const dropLeg = (leg: string, { state, actions }: Step): Step => ({
  state,
  actions: [{ do: 'hangup', channel: leg, cause: CAUSE.normalClearing }, ...actions],
});

/** A trunk did not take the call: the next one is tried if that is worth it, else the caller is told the cause. */
function trunkFailed(state: CallState, at: number, cause: number, mayTryNext: boolean): Step {
  if (mayTryNext && triesNextRoute(cause) && state.routeIndex + 1 < state.routes.length) {
    const next = place(state, state.routeIndex + 1);
    return { state: next.state, actions: [{ do: 'stopTimers' }, ...next.actions] };
  }
  return giveUp(state, at, cause || CAUSE.networkOutOfOrder);
}

/** No trunk takes the call: the caller is told why and nothing is charged. */
function giveUp(state: CallState, at: number, cause: number): Step {
  const source = cause === CAUSE.networkOutOfOrder ? 'service' : 'callee';
  return settleUnanswered(state, at, cause, source);
}

function settleUnanswered(state: CallState, at: number, cause: number, hangupSource: HangupSource): Step {
  const legs: CallAction[] =
    hangupSource === 'caller' ? [] : [{ do: 'hangup', channel: state.uniqueid, cause: causeForCaller(cause) }];
  const end: CallEnd = {
    answerAt: null,
    endAt: at,
    disposition: dispositionOf(cause),
    hangupCause: cause,
    hangupSource,
    evidence: state.evidence,
  };
  const settled = settle(state, end);
  return { state: settled.state, actions: [...legs, ...settled.actions] };
}

function settle(state: CallState, end: CallEnd): Step {
  const trunk = state.bLeg ? (state.routes[state.routeIndex]?.trunk ?? '') : '';
  return {
    state: { ...state, phase: 'over', endAt: end.endAt, hangupSource: end.hangupSource },
    actions: [{ do: 'stopTimers' }, { do: 'settle', end, trunk }, { do: 'destroyBridge' }],
  };
}
