/**
 * The life of one call as a state machine: what has happened, and what is to be done next.
 *
 * Pure: an event goes in, the next state and a list of actions come out. Whoever runs it hands it one event at a time, in
 * the order in which they happened, and carries the actions out; their results come back as events. Events may come twice,
 * late or out of order: what does not fit the phase changes nothing.
 */
import type { Purse } from '../credit/operation';
import { CAUSE_OF_REFUSAL, type Refusal } from '../credit/refusal';
import type { CallEnd, Evidence, Grant, HangupSource, StartRequest, Terms } from '../credit/rules';
import { extendAtSeconds } from '../credit/sharing';
import { wholeIncrements } from '../rating/price';
import type { Route } from '../routes/route';
import { CAUSE, causeForCaller, dispositionOf, triesNextRoute } from './causes';
import { legOf } from './leg-names';

/** What is known of a call when it arrives. */
export interface ArrivedCall extends Omit<StartRequest, 'routable' | 'ringSeconds' | 'lastTry'> {
  /** In the order in which they are tried. */
  routes: Route[];
}

export interface CallPolicy {
  ringSeconds: number;
  /** A trunk that gives no sign by then is given up for the next route. */
  trunkSilenceMs: number;
  /** What a refused caller hears. */
  prompts: Partial<Record<Refusal, string>>;
  /** What a caller hears before the cut, where his account does not say. */
  warnSound: string;
  /** How long the cause is waited for when a leg has ended. */
  causeWaitMs: number;
  /** How long after the limit our own timer ends a call that the switch should have ended: the second brake. */
  brakeMs: number;
  /** What an emergency call is let through with when the ledger cannot be asked. */
  emergencyGrant: Grant;
}

/**
 * The switch ends a call this much after its last granted second, since its clock is known to some milliseconds only: cut
 * a hair early, the last second would not be whole, and talk that was paid for would be refused. Fractions of a second
 * are never charged.
 */
const LIMIT_SLACK_MS = 50;

type Phase =
  /** The ledger is asked. */
  | 'authorising'
  /** The caller hears what he has, before anybody is dialled. */
  | 'announcing'
  /** A trunk is being dialled, or rings. */
  | 'dialling'
  | 'talking'
  /** The first leg has ended; its cause is waited for. */
  | 'ending'
  /** The refused caller hears why. */
  | 'refusing'
  /** Settled, or there was nothing to settle. */
  | 'over';

export interface CallState extends ArrivedCall {
  phase: Phase;
  /** What the switch is told; while a call is being shrunk, less than the ledger still holds. */
  grant: Grant | null;
  /** Shrinkings on their way: until the ledger has answered them, nothing else may raise the limit. */
  shrinking: number;
  /** The nearest warning before the cut that the caller has heard; seconds, Infinity for none. */
  warnedAt: number;
  /** Let through without the ledger: an emergency call while the database is away. */
  unwritten: boolean;
  routeIndex: number;
  /** The called leg that counts; legs of routes given up are not. */
  bLeg: string | null;
  rang: boolean;
  answerAt: number | null;
  /** Set when the caller's leg ended while the ledger was asked, or with the phase `ending`. */
  endAt: number | null;
  hangupSource: HangupSource | null;
  /** While it is dialled: somebody ends it, with this cause, and its end is not told yet; else null. */
  endCause: number | null;
  /** How the end is known. */
  evidence: Evidence;
  /** The leg that ended first, whose cause is waited for. */
  endedLeg: string | null;
}

export type TimerName = 'silence' | 'ring' | 'refresh' | 'brake' | 'cause' | 'extend' | 'warn';

export type CallEvent =
  | { type: 'granted'; grant: Grant; unwritten: boolean; purse?: Purse | null }
  | { type: 'refused'; refusal: Refusal }
  /** The caller has heard what he has, or could not be told. */
  | { type: 'announced'; at: number }
  /** What the call is to be granted by now, so that all calls of its account can share; seconds. */
  | { type: 'share'; seconds: number; isShort: boolean; at: number }
  /** How the account wants its calls treated from now on, and whether there is less than they would ask for. */
  | { type: 'terms'; terms: Terms; isShort: boolean; at: number }
  /** What the ledger grants now. `afterShrink`: asked for by a `shrink`; null when that did not take. */
  | { type: 'regranted'; grant: Grant | null; afterShrink: boolean; at: number }
  /** The leg was created, bridged and dialled. */
  | { type: 'dialled'; leg: string }
  /** It could not be; `switchAway` when the switch did not answer, so that no other route would fare better. */
  | { type: 'dialFailed'; leg: string; at: number; switchAway: boolean }
  | { type: 'ringing'; channel: string }
  | { type: 'answered'; channel: string; at: number }
  /** `evidence` when it was not told as it happened. */
  | { type: 'ended'; channel: string; at: number; byRequest: boolean; evidence?: Evidence }
  | { type: 'destroyed'; channel: string; at: number; cause: number }
  | { type: 'timer'; timer: TimerName; at: number }
  /** Somebody other than the legs ends the call. */
  | { type: 'hangUp'; by: 'operator' | 'service' | 'limit'; cause: number; at: number };

export type CallAction =
  /** Ask the ledger; comes back as `granted` or `refused`. */
  | { do: 'reserve' }
  /** Limit the caller's leg, create, limit, bridge and dial a called leg; comes back as `dialled` or `dialFailed`. */
  | { do: 'place'; leg: string; route: Route; limitSeconds: number; first: boolean }
  /** Give every named leg this limit from now. */
  | { do: 'limit'; channels: string[]; seconds: number }
  /** Make the switch end every named leg at this instant of its clock. */
  | { do: 'limitUntil'; channels: string[]; at: number }
  /**
   * The same for less than before (`at` null: so many seconds from now, while it rings); when it is seen to have taken on every
   * leg, the ledger gets back what is beyond. Comes back as `regranted`.
   */
  | { do: 'shrink'; channels: string[]; at: number | null; seconds: number }
  /** Ask the ledger for longer talk; comes back as `regranted`. `isLast`: more is not to be asked for after it. */
  | { do: 'extend'; seconds: number; isLast: boolean }
  /** Let the caller, and nobody else, hear that the call is about to be cut. */
  | { do: 'warn'; channel: string; secondsLeft: number; sound: string }
  /** Let the caller hear what he has; comes back as `announced`. */
  | { do: 'announce'; channel: string; purse: Purse | null; seconds: number | null }
  | { do: 'rememberAnswer'; at: number; trunk: string }
  | { do: 'hangup'; channel: string; cause: number }
  /** Let the caller hear a sound, then hang up. */
  | { do: 'playAndHangup'; channel: string; media: string; cause: number }
  | { do: 'settle'; end: CallEnd; trunk: string }
  | { do: 'startTimer'; timer: TimerName; ms: number }
  /** Start the timer so that it fires at this instant of the switch's clock. */
  | { do: 'timerAt'; timer: TimerName; at: number }
  | { do: 'stopTimer'; timer: TimerName }
  | { do: 'stopTimers' }
  | { do: 'destroyBridge' };

export interface Step {
  state: CallState;
  actions: CallAction[];
}

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

/** A called leg as it is found. */
export interface FoundLeg {
  bLeg: string;
  /** Which of the call's routes it was dialled by. */
  routeIndex: number;
  rang: boolean;
  /** null while it is not answered. */
  answerAt: number | null;
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
          { do: 'limitUntil', channels: [uniqueid, bLeg], at: limitAt(event.at, grant.grantedSeconds) },
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

/** When the switch is to end a call that is granted so much; by its clock. */
export const limitAt = (answerAt: number, grantedSeconds: number): number =>
  answerAt + grantedSeconds * 1000 + LIMIT_SLACK_MS;

/** When the call is cut, by the switch's clock. */
const cutAt = (answerAt: number, { grantedSeconds }: Grant): number => answerAt + grantedSeconds * 1000;

/** What has to happen before the cut, and at it: `now` and `answerAt` by the switch's clock. */
function deadlines(state: CallState, grant: Grant, answerAt: number, now: number, policy: CallPolicy): CallAction[] {
  const cut = cutAt(answerAt, grant);
  const brake: CallAction = { do: 'timerAt', timer: 'brake', at: cut + policy.brakeMs };
  const stop = (timer: TimerName): CallAction => ({ do: 'stopTimer', timer });
  if (grant.limitedBy === 'slice') {
    const extend: CallAction = { do: 'timerAt', timer: 'extend', at: cut - extendAtSeconds(grant.terms) * 1000 };
    return [brake, extend, stop('warn')];
  }
  const next = nextWarning(state, grant, cut, now);
  const warnAt: CallAction = next === null ? stop('warn') : { do: 'timerAt', timer: 'warn', at: cut - next * 1000 };
  return [brake, stop('extend'), warnAt];
}

/** The next warning that is still ahead; seconds before the cut, null for none. */
function nextWarning({ warnedAt }: CallState, { terms }: Grant, cut: number, now: number): number | null {
  const ahead = warningsOf(terms).filter(seconds => seconds < warnedAt && cut - seconds * 1000 >= now);
  return ahead[0] ?? null;
}

/** How long before the cut the caller is warned, the repetitions too, the longest first; seconds. */
function warningsOf({ warnSeconds, warnRepeatSeconds }: Terms): number[] {
  const [first = 0] = warnSeconds;
  const repeated: number[] = [];
  if (warnRepeatSeconds > 0) {
    for (let seconds = first - warnRepeatSeconds; seconds > 0; seconds -= warnRepeatSeconds) repeated.push(seconds);
  }
  return [...new Set([...warnSeconds, ...repeated])].sort((one, other) => other - one);
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
  return { state: changed.state, actions: [{ do: 'limitUntil', channels, at }, ...changed.actions] };
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
      if (seconds > grant.grantedSeconds) return stay(state);
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

/** What limits a leg that was dialled and is not answered. */
const dialTimers = ({ rang }: CallState, grant: Grant, policy: CallPolicy): CallAction[] => [
  ...(rang ? [] : [{ do: 'startTimer', timer: 'silence', ms: policy.trunkSilenceMs } satisfies CallAction]),
  ...ringTimers(grant, policy),
];

/**
 * While it rings: the switch's own ring timeout, ours two seconds behind it, and a limit that is set anew before the first
 * one, of only the granted seconds, could cut a call that merely rings.
 */
function ringTimers(grant: Grant, policy: CallPolicy): CallAction[] {
  const OURS_LATER_MS = 2_000;
  const ring: CallAction = { do: 'startTimer', timer: 'ring', ms: policy.ringSeconds * 1000 + OURS_LATER_MS };
  if (grant.grantedSeconds > policy.ringSeconds + OURS_LATER_MS / 1000) return [ring];
  return [ring, { do: 'startTimer', timer: 'refresh', ms: refreshMs(grant) }];
}

const refreshMs = (grant: Grant): number => Math.max(300, Math.floor((grant.grantedSeconds * 1000) / 3));
