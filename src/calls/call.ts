/**
 * The life of one call as a state machine: what has happened, and what must be done next.
 *
 * Pure: an event goes in, and the next state and a list of actions come out. The switchboard gives it one event at a time, in the order in
 * which they happened, and carries the actions out. Their results come back as events. Events may come twice, late or out of order: an
 * event that does not fit the phase changes nothing.
 */
import { CAUSE_OF_REFUSAL } from '../credit/refusal';
import type { CallEnd, HangupSource } from '../credit/rules/charge';
import type { Grant } from '../credit/rules/grant';
import { tariffAt, wholeIncrements } from '../rating/timed';
import { DEFAULT_RULE, isCarriersOwn, triesNextRoute } from '../routes/refusal-rule';
import { breakUp, whenApart } from './broken-talk';
import { deadlines, dialTimers, END_AGAIN_MS, limitAt, RELAY_MS, refreshMs } from './call-deadlines';
import { onTerms, regrant, regranted, shrink, warn, whenUnanswered } from './call-grants';
import type {
  ArrivedCall,
  CallAction,
  CallEvent,
  CallPolicy,
  CallState,
  FoundLeg,
  GivenUpLeg,
  Step,
  TimerName,
} from './call-state';
import {
  bothAnsweredAt,
  dropLeg,
  endsLater,
  legsOf,
  settle,
  stay,
  withAnswer,
  withGivenUp,
  withoutGivenUp,
} from './call-steps';
import { CAUSE, causeForCaller, causeOfStatus, dispositionOf } from './causes';
import { legOf, routeIndexOf } from './leg-names';
import {
  goesOnAfterTalk,
  handBack,
  isLateDial,
  isOfShares,
  talk,
  whenAfter,
  whenAfterTalk,
  whenAskedAgain,
  whenSwitchDials,
} from './switch-dials';

/** The call as it arrives, and the first thing to do: ask the ledger. `callerAnsweredAt`: the dialplan has answered the caller already. */
export function arrive(call: ArrivedCall, callerAnsweredAt: number | null = null): Step {
  return {
    state: {
      ...call,
      phase: 'authorising',
      grant: null,
      shrinking: 0,
      warnedAt: Number.POSITIVE_INFINITY,
      raisedFrom: null,
      unwritten: false,
      routeIndex: 0,
      bLeg: null,
      rang: false,
      givenUp: [],
      legAnsweredAt: null,
      callerAnsweredAt,
      answerAt: null,
      endAt: null,
      hangupSource: null,
      endCause: null,
      callersCause: null,
      evidence: 'event',
      endedLeg: null,
      callerIsUp: true,
      apart: null,
    },
    actions: [{ do: 'reserve' }],
  };
}

/** A call that an earlier service let through and that is found in progress: its limits are set again. */
export function adopt(call: ArrivedCall, grant: Grant, found: FoundLeg, policy: CallPolicy): Step {
  const { bLeg, routeIndex, rang, answerAt, callerAnsweredAt, others = [], lost = [] } = found;
  const fresh = arrive(call, callerAnsweredAt).state;
  const givenUp = [...lost, ...others].map(channel => ({ channel, answeredAt: null }));
  const state: CallState = { ...fresh, phase: 'dialling', grant, bLeg, routeIndex, rang, givenUp };
  if (call.dialledBy !== 'us') return adoptSwitchDialled(state, grant, found, policy);
  if (answerAt !== null) return step(state, { type: 'answered', channel: bLeg, at: answerAt }, policy);
  const limit: CallAction = { do: 'limit', channels: [call.uniqueid, bLeg], seconds: grant.grantedSeconds };
  return { state, actions: [limit, ...dialTimers(state, grant, policy)] };
}

/** Likewise, for a call that the switch dials by itself: the switch must report its events. */
function adoptSwitchDialled(state: CallState, grant: Grant, { bLeg, answerAt }: FoundLeg, policy: CallPolicy): Step {
  const watch: CallAction = { do: 'watch', channel: state.uniqueid };
  if (answerAt === null) return { state: { ...state, bLeg: null }, actions: [watch] };
  const both = { legAnsweredAt: answerAt, callerAnsweredAt: answerAt, bLeg: null };
  const answered = talk({ ...state, ...both }, grant, { channel: bLeg, at: answerAt }, policy);
  return { state: answered.state, actions: [watch, ...answered.actions] };
}

/** What the call is and does after an event. */
export function step(before: CallState, event: CallEvent, policy: CallPolicy): Step {
  const state = noted(before, event);
  // A leg that was given up, whose hang-up was requested but has not happened yet.
  const isOurs = event.type === 'answered' && state.dialledBy === 'us';
  if (isOurs && event.channel !== state.uniqueid && event.channel !== state.bLeg) {
    const isDialling = state.phase === 'dialling';
    return dropLeg(event.channel, isDialling ? whenDialling(state, event, policy, false) : stay(state));
  }
  // Whether this is the first news of a leg's answer.
  const isNews = before.legAnsweredAt === null;
  switch (event.type) {
    case 'askedAgain':
      if (state.dialledBy !== 'us') return whenAskedAgain(state, event.refusal);
      return isUnderWay(state)
        ? whenDisplaced(state, state.uniqueid, event.at, policy)
        : dropLeg(state.uniqueid, stay(state));
    case 'displaced':
      return whenDisplaced(state, event.channel, event.at, policy);
    case 'apart':
      return whenApart(state, event);
    case 'ended': {
      const next = inPhase(state, event, policy, isNews);
      // An operator or a script sent it elsewhere, where it would talk without a charge.
      const isElsewhere = event.hasLeft === true && state.dialledBy === 'us' && isUnderWay(before);
      return isElsewhere ? dropLeg(event.channel, next) : next;
    }
    default:
      return inPhase(state, event, policy, isNews);
  }
}

/** Nothing is known of an end yet. */
const isUnderWay = ({ phase, endAt }: CallState): boolean =>
  endAt === null && ['authorising', 'announcing', 'dialling', 'talking'].includes(phase);

/** A party that was let through has lost its place in the call to another channel, or has left the call and come back. */
function whenDisplaced(state: CallState, channel: string, at: number, policy: CallPolicy): Step {
  if (state.phase === 'talking') return breakUp(state, channel, at, policy);
  return step(state, { type: 'hangUp', by: 'service', cause: CAUSE.callRejected, at }, policy);
}

function inPhase(state: CallState, event: CallEvent, policy: CallPolicy, isNews: boolean): Step {
  switch (state.phase) {
    case 'authorising':
      return whenAuthorising(state, event, policy);
    case 'announcing':
      return whenAnnouncing(state, event);
    case 'dialling':
      return whenDialling(state, event, policy, isNews);
    case 'talking':
      return whenTalking(state, event, policy);
    case 'ending':
      return whenEnding(state, event);
    case 'settling':
      return whenSettling(state, event);
    case 'after':
      return whenAfter(state, event);
    case 'refusing':
    case 'over':
      return whenOver(state, event);
  }
}

/** The call with what an event says in any phase: an answer, the evidence of its end, and that the caller has gone. */
function noted(state: CallState, event: CallEvent): CallState {
  if (event.type === 'answered') return withAnswer(state, event.channel, event.at);
  if (event.type !== 'ended' && event.type !== 'destroyed') return state;
  const evidence = event.type === 'ended' && state.endAt === null ? (event.evidence ?? 'event') : state.evidence;
  const callerIsUp = state.callerIsUp && event.channel !== state.uniqueid;
  return { ...(event.type === 'destroyed' ? withoutGivenUp(state, event.channel) : state), evidence, callerIsUp };
}

function whenAuthorising(state: CallState, event: CallEvent, policy: CallPolicy): Step {
  switch (event.type) {
    case 'routed':
      return stay({ ...state, routes: event.routes });
    case 'granted': {
      const granted = { ...state, grant: event.grant, unwritten: event.unwritten };
      if (state.endAt !== null) {
        return settleUnanswered(granted, state.endAt, CAUSE.normalClearing, state.hangupSource ?? 'caller');
      }
      if (state.dialledBy !== 'us') return handBack(granted, event.grant, event.callerBalance ?? null);
      const { announce } = event.grant.terms;
      if (announce.length === 0 || state.emergency) return place({ ...granted, phase: 'dialling' }, 0);
      const callerBalance = announce.includes('balance') ? (event.callerBalance ?? null) : null;
      const seconds = announce.includes('time') ? (event.callerBalance?.seconds ?? event.grant.grantedSeconds) : null;
      return {
        state: { ...granted, phase: 'announcing' },
        actions: [{ do: 'announce', channel: state.uniqueid, callerBalance, seconds }],
      };
    }
    case 'refused': {
      if (state.emergency) {
        return whenAuthorising(state, { type: 'granted', grant: policy.emergencyGrant, unwritten: true }, policy);
      }
      if (state.endAt !== null) return stay({ ...state, phase: 'over' });
      if (state.dialledBy !== 'us') {
        const told: CallAction = { do: 'handBack', grant: null, refusal: event.refusal, callerBalance: null };
        return { state: { ...state, phase: 'refusing' }, actions: [told] };
      }
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
  // No route carries this emergency number; nothing else is let through without a route.
  if (!grant || !route) return giveUp(state, state.startAt, CAUSE.noCircuit);
  return {
    state: { ...state, routeIndex, bLeg: leg, rang: false, legAnsweredAt: null },
    actions: [{ do: 'place', leg, route, limitSeconds: grant.grantedSeconds }],
  };
}

function whenDialling(state: CallState, event: CallEvent, policy: CallPolicy, isNews: boolean): Step {
  const { grant, bLeg, uniqueid } = state;
  if (grant && state.dialledBy !== 'us') return whenSwitchDials(state, grant, event, policy);
  if (!grant || !bLeg) return stay(state);
  if (state.endCause !== null && event.type !== 'answered') return whenBeingEnded(state, event, state.endCause);
  switch (event.type) {
    case 'dialled': {
      if (event.leg !== bLeg)
        return { state, actions: [{ do: 'hangup', channel: event.leg, cause: CAUSE.normalClearing }] };
      return { state, actions: dialTimers(state, grant, policy) };
    }
    case 'dialFailed':
      // The leg may exist all the same, made after its route was given up.
      if (event.leg !== bLeg) return dropLeg(event.leg, stay(state));
      // It was dialled, as its answer shows.
      if (state.legAnsweredAt !== null) return stay(state);
      if (event.callerIsGone) return callerIsGone(state, event.at);
      // It may have been dialled, and be answered.
      if (event.switchAway) {
        const left = event.wasNotAsked ? state : withGivenUp(state, bLeg);
        return dropLeg(bLeg, giveUp(left, event.at, CAUSE.networkOutOfOrder));
      }
      return dropLeg(bLeg, trunkFailed(state, event.at, CAUSE.noCircuit, true));
    case 'ringing':
      return event.channel === bLeg ? stay({ ...state, rang: true }) : stay(state);
    case 'answered':
      return whenAnswered(state, grant, bLeg, policy, isNews);
    case 'ended':
      if (event.channel === uniqueid) return callerLeft(state, event.at, event.byRequest ? 'operator' : 'caller');
      // The carrier's cause comes with `destroyed`, some milliseconds later.
      if (event.channel === bLeg)
        return { state, actions: [{ do: 'startTimer', timer: 'cause', ms: policy.causeWaitMs }] };
      return stay(state);
    case 'destroyed':
      if (event.channel === uniqueid) return callerLeft(state, event.at, 'caller');
      // Do not call a callee again elsewhere if it answered, and left before the caller was there.
      if (event.channel === bLeg) {
        const isUnanswered = state.legAnsweredAt === null;
        return trunkFailed(
          state,
          event.at,
          isUnanswered ? causeOfLeg(event) : event.cause,
          isUnanswered,
          event.techCause,
        );
      }
      return stay(state);
    case 'timer':
      return whenDiallingTimer(state, grant, bLeg, event);
    case 'share':
    case 'terms':
    case 'regranted':
      return whenUnanswered(state, event, [uniqueid, bLeg]);
    case 'hangUp':
      return hangUpDialled(state, event.by, event.cause);
    default:
      return stay(state);
  }
}

/**
 * The cause of a leg that ended without an answer.
 *
 * Normal clearing comes from the switch itself, when the leg has rung for long enough. To the caller it would be a 603, which says "nowhere
 * else". On a busy machine Asterisk may also hang the leg up before it has read the cause of the carrier's refusal; the SIP status says it.
 */
function causeOfLeg({ cause, techCause }: { cause: number; techCause?: number | null }): number {
  if (cause !== CAUSE.normalClearing && cause !== CAUSE.noAnswer) return cause;
  const said = techCause ? causeOfStatus(techCause) : cause;
  return said === CAUSE.normalClearing ? CAUSE.noAnswer : said;
}

/** No caller pays for talk in which the caller takes no part: talk begins when both legs are answered, and the callee waits for the caller. */
function whenAnswered(state: CallState, grant: Grant, bLeg: string, policy: CallPolicy, isNews: boolean): Step {
  const { uniqueid, legAnsweredAt } = state;
  const late = talksLate(state);
  if (late) return takeBack(state, late, grant, bLeg, policy);
  const answerAt = bothAnsweredAt(state);
  if (answerAt === null) {
    if (legAnsweredAt === null || !isNews) return stay(state);
    return { state, actions: [{ do: 'stopTimers' }, { do: 'startTimer', timer: 'relay', ms: RELAY_MS }] };
  }
  const talking: CallState = { ...state, phase: 'talking', answerAt };
  return {
    state: talking,
    actions: [
      { do: 'stopTimers' },
      { do: 'limitUntil', channels: [uniqueid, bLeg], at: limitAt(answerAt, grant.grantedSeconds), isLonger: false },
      // First: everything after it changes what the call holds.
      { do: 'rememberAnswer', at: answerAt, trunk: state.routes[state.routeIndex]?.trunk ?? '' },
      ...deadlines(talking, grant, answerAt, answerAt, policy),
      ...endsLater(talking),
    ],
  };
}

/** A leg that was given up and talks with the caller all the same: it was answered before our hang-up reached the switch. */
function talksLate({ legAnsweredAt, callerAnsweredAt, givenUp, emergency }: CallState): GivenUpLeg | undefined {
  // An emergency call costs nothing, and the leg that it is dialled by now must go on: the earlier one is being hung up.
  if (emergency || legAnsweredAt !== null || callerAnsweredAt === null) return undefined;
  return givenUp.find(({ answeredAt }) => answeredAt !== null);
}

/** The call's leg, if a leg that was given up is the callee after all. */
const calleeOf = ({ channel, answeredAt }: GivenUpLeg) => ({
  bLeg: channel,
  routeIndex: routeIndexOf(channel),
  rang: true,
  legAnsweredAt: answeredAt,
});

/**
 * The callee answered on a route that was given up. The call talks there until the hang-up that was requested, and ends with that leg: one
 * call is one talk. The leg that was dialled in its place goes.
 */
function takeBack(before: CallState, late: GivenUpLeg, grant: Grant, dialled: string, policy: CallPolicy): Step {
  const rest = withGivenUp(withoutGivenUp(before, late.channel), dialled);
  const state: CallState = { ...rest, ...calleeOf(late), endCause: rest.endCause ?? CAUSE.normalClearing };
  return dropLeg(dialled, whenAnswered(state, grant, late.channel, policy, true));
}

/** An operator, the service or the account's money ends it. The call goes on until its end is reported, as `endWhenReported` says. */
function hangUpDialled(state: CallState, by: HangupSource, cause: number): Step {
  const { bLeg } = state;
  const ended = endWhenReported({ ...state, hangupSource: by }, cause, cause);
  return bLeg === null ? ended : dropLeg(bLeg, ended);
}

/**
 * The call must end, but one of its legs may have been answered: the switch may not have told us yet, or may not receive our hang-up. So
 * nothing is settled before the switch reports the end. It reports an answer before it.
 */
function endWhenReported(state: CallState, cause: number, callersCause: number): Step {
  return {
    state: { ...state, endCause: cause, callersCause },
    actions: [
      { do: 'stopTimers' },
      { do: 'hangup', channel: state.uniqueid, cause: callersCause },
      { do: 'startTimer', timer: 'ring', ms: END_AGAIN_MS },
    ],
  };
}

/** A dialled call that is being ended: no other route is tried, and neither ringing nor a trunk's refusal changes anything. */
function whenBeingEnded(state: CallState, event: CallEvent, cause: number): Step {
  const { uniqueid, bLeg, hangupSource, callersCause } = state;
  const hasLeft = (event.type === 'ended' || event.type === 'destroyed') && event.channel === uniqueid;
  const isLegGone = event.type === 'destroyed' && event.channel === bLeg;
  // No leg is left that could answer.
  if (hasLeft || (isLegGone && state.givenUp.length === 0)) {
    const isByRequest = hangupSource !== null && hangupSource !== 'caller';
    const over = endUnanswered(state, event.at, cause, hangupSource ?? sourceOfGiveUp(cause), isByRequest);
    return bLeg && !isLegGone ? dropLeg(bLeg, over) : over;
  }
  // The switch does not have an answer, and did not do as we requested.
  const isLate = event.type === 'timer' && (event.timer === 'ring' || event.timer === 'relay');
  if (isLate) {
    // The caller gets the same cause each time: the first hang-up may still arrive.
    const ended = endWhenReported(state, cause, callersCause ?? causeForCaller(cause));
    return bLeg ? dropLeg(bLeg, ended) : ended;
  }
  // The leg may exist after all.
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
      // It was answered while the switch was asked: the caller's own answer is waited for.
      if (state.legAnsweredAt !== null) return stay(state);
      return state.rang ? stay(state) : dropLeg(bLeg, trunkFailed(withGivenUp(state, bLeg), at, CAUSE.noCircuit, true));
    case 'ring':
      if (state.legAnsweredAt !== null) return stay(state);
      return dropLeg(bLeg, giveUp(withGivenUp(state, bLeg), at, CAUSE.noAnswer));
    // The callee hears nothing: the caller was not answered, which the switch confirmed when it was asked.
    case 'relay':
      return dropLeg(bLeg, giveUp(withGivenUp(state, bLeg), at, CAUSE.networkOutOfOrder));
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
    case 'apart':
      return state.apart ? hangUpDialled(state, 'service', CAUSE.networkOutOfOrder) : stay(state);
    case 'brake':
    case 'extend':
    case 'warn':
      return stay(state);
  }
}

function whenTalking(state: CallState, event: CallEvent, policy: CallPolicy): Step {
  const { grant, bLeg, uniqueid, answerAt, dialledBy } = state;
  if (!grant || answerAt === null) return stay(state);
  if (dialledBy === 'dialplan' && isOfShares(event)) return stay(state);
  const both = (cause: number): CallAction[] =>
    legsOf(state).map(channel => ({ do: 'hangup', channel, cause }) satisfies CallAction);
  switch (event.type) {
    case 'answered':
      return stay({ ...state, answerAt: bothAnsweredAt(state) ?? answerAt });
    case 'ended':
    case 'destroyed': {
      if (event.channel !== uniqueid && event.channel !== bLeg) return stay(state);
      const byCaller = event.channel === uniqueid;
      const source = sourceOf(state, grant, answerAt, event, policy);
      const ending: CallState = {
        ...state,
        phase: 'ending',
        endAt: state.apart ? Math.max(Math.min(state.apart.at, event.at), answerAt) : event.at,
        endedLeg: event.channel,
        hangupSource: state.hangupSource ?? source,
      };
      const other = byCaller ? bLeg : uniqueid;
      // The caller of a call that the switch dials may go on. Its callee must not: another channel could have taken the caller's place. If
      // none has, the switch ends the callee with its caller.
      const isToGo = other !== null && (dialledBy === 'us' || byCaller);
      const cause = CAUSE.normalClearing;
      const hangUpOther: CallAction[] = isToGo
        ? [{ do: 'hangup', channel: other, cause, ...(dialledBy !== 'us' && { isEnding: true }) }]
        : [];
      const next =
        event.type === 'destroyed'
          ? whenEnding(ending, event)
          : {
              state: ending,
              actions: [{ do: 'startTimer', timer: 'cause', ms: policy.causeWaitMs }] satisfies CallAction[],
            };
      return { state: next.state, actions: [{ do: 'stopTimers' }, ...hangUpOther, ...next.actions] };
    }
    case 'timer':
      if (event.timer === 'apart') {
        return state.apart ? breakUp(state, state.apart.channel, state.apart.at, policy) : stay(state);
      }
      // The switch's own limit should have ended it half a second ago.
      if (event.timer === 'brake') {
        return { state: { ...state, hangupSource: 'limit' }, actions: both(CAUSE.normalClearing) };
      }
      // It was to end before it was answered, and the switch did not do as we requested.
      if (event.timer === 'ring' && state.endCause !== null) {
        return { state, actions: [...both(state.endCause), ...endsLater(state)] };
      }
      if (event.timer === 'extend' && state.shrinking === 0) {
        const seconds = wholeIncrements(
          tariffAt(grant.tariff, answerAt),
          grant.grantedSeconds + grant.terms.sliceSeconds,
        );
        return { state, actions: [{ do: 'extend', seconds, isLast: false }] };
      }
      return event.timer === 'warn' ? warn(state, grant, answerAt, event.at) : stay(state);
    case 'share':
      if (event.seconds > grant.grantedSeconds) {
        const { seconds, isShort: isLast } = event;
        return { state, actions: state.shrinking === 0 ? [{ do: 'extend', seconds, isLast }] : [] };
      }
      // The switch is being told this already.
      if (event.seconds === grant.grantedSeconds && state.shrinking > 0) return stay(state);
      // This share was decided long ago: the call has talked beyond it, and that cannot be given back.
      if (event.seconds < grant.grantedSeconds && answerAt + event.seconds * 1000 <= event.at) return stay(state);
      return shrink(state, grant, answerAt, event, policy);
    case 'terms':
      return regrant(state, onTerms(grant, event), answerAt, event.at, policy);
    case 'regranted':
      return regranted(state, grant, answerAt, event, policy);
    case 'dialled':
    case 'dialFailed':
      // Made on a route that was given up meanwhile.
      return event.leg === bLeg || dialledBy !== 'us' ? stay(state) : dropLeg(event.leg, stay(state));
    case 'dials':
      return isLateDial(state, event.at)
        ? whenAfterTalk({ ...state, hangupSource: state.hangupSource ?? 'service' }, event)
        : stay(state);
    case 'hangUp':
      return { state: { ...state, hangupSource: event.by }, actions: both(event.cause) };
    default:
      return stay(state);
  }
}

function sourceOf(
  { uniqueid, raisedFrom, endCause }: CallState,
  grant: Grant,
  answerAt: number,
  event: Extract<CallEvent, { type: 'ended' | 'destroyed' }>,
  { brakeMs }: CallPolicy,
): HangupSource {
  if (event.at >= answerAt + grant.grantedSeconds * 1000) return 'limit';
  // The switch took the leg out of the talk by its limit, before it received a longer one: it reports neither a party nor a request.
  const raisedCut = raisedFrom === null ? Number.POSITIVE_INFINITY : answerAt + raisedFrom * 1000;
  const isAtRaisedCut = event.at >= raisedCut && event.at < raisedCut + brakeMs;
  const isNoPartys = event.type === 'ended' && event.hasLeft === true && !event.byRequest && !event.byParty;
  if (isAtRaisedCut && isNoPartys) return 'limit';
  // If the caller left unseen, the other leg may have left unseen too.
  if (event.type === 'ended' && event.evidence === 'sighting' && event.channel === uniqueid) return 'service';
  // We request a hang-up only when the call's end is known, so this was an operator's request; or when we gave up what was answered then.
  if (event.type === 'ended' && event.byRequest) return endCause === null ? 'operator' : 'service';
  if (event.type === 'ended' && event.by) return event.by;
  return event.channel === uniqueid ? 'caller' : 'callee';
}

function whenEnding(state: CallState, event: CallEvent): Step {
  const { endAt, endedLeg, hangupSource, answerAt } = state;
  if (endAt === null || hangupSource === null) return stay(state);
  // Out of order: this end was earlier than the one that was reported first.
  if (event.type === 'ended') {
    const ours = event.channel === state.uniqueid || event.channel === state.bLeg;
    return stay(ours ? { ...state, endAt: Math.min(endAt, event.at) } : state);
  }
  if (event.type === 'answered') {
    return stay(answerAt === null ? state : { ...state, answerAt: bothAnsweredAt(state) ?? answerAt });
  }
  const isOfRoute = event.type === 'dialled' || event.type === 'dialFailed';
  if (isOfRoute && (event.leg !== state.bLeg || answerAt === null)) return dropLeg(event.leg, stay(state));
  // The end of the callee's channel may be reported after what the dialplan did next.
  if (goesOnAfterTalk(state) && (event.type === 'dials' || event.type === 'hangUp')) return whenAfterTalk(state, event);
  const causeCame = event.type === 'destroyed' && event.channel === endedLeg;
  if (!causeCame && !(event.type === 'timer' && event.timer === 'cause')) return stay(state);
  if (answerAt === null) return settleWaited(state, endAt, hangupSource);
  const hangupCause = causeCame && event.cause > 0 ? event.cause : CAUSE.normalClearing;
  return settle(state, {
    answerAt,
    endAt: Math.max(endAt, answerAt),
    disposition: 'ANSWERED',
    hangupCause,
    hangupSource,
    evidence: state.evidence,
  });
}

/** The ledger is committing the end, which may take as long as the database is away. */
function whenSettling(state: CallState, event: CallEvent): Step {
  const isAfter = goesOnAfterTalk(state);
  if (event.type === 'settled') return stay({ ...state, phase: isAfter ? 'after' : 'over' });
  return isAfter ? whenAfterTalk(state, event) : whenOver(state, event);
}

/** Refused or ended: only a leg that was still being made can appear, and must not stay. */
function whenOver(state: CallState, event: CallEvent): Step {
  if (event.type === 'dialled' || event.type === 'dialFailed') {
    return dropLeg(event.leg, { state, actions: [{ do: 'destroyBridge' }] });
  }
  if (event.type === 'answered' && event.channel !== state.uniqueid) return dropLeg(event.channel, stay(state));
  return stay(state);
}

function callerLeft(state: CallState, at: number, source: 'caller' | 'operator'): Step {
  const { bLeg } = state;
  const cause = CAUSE.normalClearing;
  if (bLeg === null) return settleUnanswered(state, at, cause, source);
  return dropLeg(bLeg, endUnanswered(state, at, cause, source, source === 'operator'));
}

/** How long an answer may be reported after the end of its call: each leg has events of its own, which may pass each other. Ms. */
const ANSWER_MAY_FOLLOW_MS = 250;

/**
 * The end of a dialled call. Its caller needs no hang-up any more, and no answer was reported.
 *
 * It is settled at once, because a caller who gives up may call again at once, with the same money. There are two exceptions, in which an
 * answer may still be reported. `isByRequest`: neither party ended the call, and the request may have crossed the answer. And if the caller's
 * channel was answered while the call was dialled, the called leg's answer is on its way.
 */
function endUnanswered(
  state: CallState,
  at: number,
  cause: number,
  hangupSource: HangupSource,
  isByRequest: boolean,
): Step {
  const { callerAnsweredAt, startAt } = state;
  const mayBeAnswered = isByRequest || (callerAnsweredAt !== null && callerAnsweredAt > startAt);
  if (!mayBeAnswered) return settleUnanswered(state, at, cause, hangupSource, null);
  return {
    state: { ...state, phase: 'ending', endAt: at, endedLeg: null, endCause: cause, hangupSource },
    actions: [{ do: 'stopTimers' }, { do: 'startTimer', timer: 'cause', ms: ANSWER_MAY_FOLLOW_MS }],
  };
}

/** No answer will be reported any more. A callee who answered after the end talked to no party. */
function settleWaited(state: CallState, endAt: number, hangupSource: HangupSource): Step {
  const late = talksLate(state);
  const talked: CallState = late ? { ...state, ...calleeOf(late) } : state;
  const answerAt = bothAnsweredAt(talked);
  if (answerAt === null || answerAt >= endAt) {
    return settleUnanswered(state, endAt, state.endCause ?? CAUSE.normalClearing, hangupSource, null);
  }
  return settle(
    { ...talked, answerAt },
    {
      answerAt,
      endAt,
      disposition: 'ANSWERED',
      hangupCause: CAUSE.normalClearing,
      hangupSource,
      evidence: state.evidence,
    },
  );
}

/** The switch says that it has no such caller. A leg that was given up may have talked with the caller: the switch reports their ends too. */
function callerIsGone(state: CallState, at: number): Step {
  if (state.givenUp.length === 0) return callerLeft(state, at, 'caller');
  const cause = CAUSE.normalClearing;
  const ending = stay({ ...state, hangupSource: 'caller', endCause: cause, callersCause: cause });
  return state.bLeg ? dropLeg(state.bLeg, ending) : ending;
}

/** A trunk did not take the call. The next one is tried if that is worth it; otherwise the caller gets the cause. */
function trunkFailed(
  state: CallState,
  at: number,
  cause: number,
  mayTryNext: boolean,
  sipStatus: number | null = null,
): Step {
  const { routes, routeIndex, rang } = state;
  const rule = routes[routeIndex]?.rule ?? DEFAULT_RULE;
  const refusal = { cause, sipStatus, rang };
  if (mayTryNext && triesNextRoute(rule, refusal) && routeIndex + 1 < routes.length) {
    const next = place(state, routeIndex + 1);
    return { state: next.state, actions: [{ do: 'stopTimers' }, ...next.actions] };
  }
  return giveUp(state, at, cause || CAUSE.networkOutOfOrder, isCarriersOwn(rule, refusal));
}

/** No trunk takes the call: the caller gets the reason, and nothing is charged. */
function giveUp(state: CallState, at: number, cause: number, isTrunks = false): Step {
  const callersCause = causeForCaller(cause, isTrunks);
  if (state.givenUp.length > 0) return endWhenReported(state, cause, callersCause);
  return settleUnanswered(state, at, cause, sourceOfGiveUp(cause), callersCause);
}

const sourceOfGiveUp = (cause: number): HangupSource => (cause === CAUSE.networkOutOfOrder ? 'service' : 'callee');

function settleUnanswered(
  state: CallState,
  at: number,
  cause: number,
  hangupSource: HangupSource,
  callersCause: number | null = causeForCaller(cause),
): Step {
  const isToGo = hangupSource !== 'caller' && callersCause !== null;
  const legs: CallAction[] = isToGo ? [{ do: 'hangup', channel: state.uniqueid, cause: callersCause }] : [];
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
