/** What a call is, what can happen to it and what must then be done: the words of the state machine in call.ts. */
import type { CallerBalance } from '../credit/ledger-operation';
import type { Refusal } from '../credit/refusal';
import type { Terms } from '../credit/rules/account';
import type { CallEnd, Evidence, HangupSource } from '../credit/rules/charge';
import type { Grant } from '../credit/rules/grant';
import type { StartRequest } from '../credit/rules/start';
import type { Route } from '../routes/route';

/** What is known of a call when it arrives. */
export interface ArrivedCall
  extends Omit<StartRequest, 'routable' | 'ringSeconds' | 'lastTry' | 'fixed' | 'waitedMs' | 'withinMs'> {
  /** In the order in which they are tried. None if the switch dials, and none before they were looked up. */
  routes: Route[];
  dialledBy: Dialler;
}

/**
 * What dials. `us`: this service, by our routes, with legs and a bridge that we make. `switch`: the switch by itself, after we told it the
 * limit, which we can change later. `dialplan`: likewise, but the dialplan gets the limit only once, with the call.
 */
export type Dialler = 'us' | 'switch' | 'dialplan';

export interface CallPolicy {
  ringSeconds: number;
  /** After so long without a sign a trunk is given up for the next route. */
  trunkSilenceMs: number;
  /** What a refused caller hears. */
  prompts: Partial<Record<Refusal, string>>;
  /** What a caller hears before the cut if the account names no sound. */
  warnSound: string;
  /** How long to wait for the cause when a leg has ended. */
  causeWaitMs: number;
  /** The second brake: how long after the limit our own timer ends a call that the switch should have ended. */
  brakeMs: number;
  /** The grant of an emergency call if the ledger cannot be asked. */
  emergencyGrant: Grant;
}

type Phase =
  /** We have asked the ledger. */
  | 'authorising'
  /** The caller hears the balance or the time, before a trunk is dialled. */
  | 'announcing'
  /** A trunk is being dialled, or rings. */
  | 'dialling'
  | 'talking'
  /** The first leg has ended; we wait for its cause, or for an answer that may still be reported. */
  | 'ending'
  /** The end of the call is known, and the ledger has not committed it yet. */
  | 'settling'
  /** Settled, and the caller goes on in the dialplan, but may not dial again. */
  | 'after'
  /** The refused caller hears why. */
  | 'refusing'
  /** Settled, or there was nothing to settle. */
  | 'over';

/** A called leg that was given up: for the next route, or with the call. */
export interface GivenUpLeg {
  channel: string;
  /** null while no answer of it was reported. */
  answeredAt: number | null;
}

export interface CallState extends ArrivedCall {
  phase: Phase;
  /** What the switch was told. While a call gives back, this is less than the ledger still holds. */
  grant: Grant | null;
  /** How many shrinkings are in progress: until the ledger has answered them, nothing else may raise the limit. */
  shrinking: number;
  /** The nearest warning before the cut that the caller has heard; seconds, Infinity for none. */
  warnedAt: number;
  /** Its grant before it was last raised, by which the switch may still cut it; seconds, null if it was never raised. */
  raisedFrom: number | null;
  /** Let through without the ledger: an emergency call while the database is away. */
  unwritten: boolean;
  routeIndex: number;
  /**
   * The called leg that counts: the one that was dialled last, also when it was given up with the call. If no leg has talked and one of an
   * earlier route is answered after all, that one. null if the switch has no leg beside the call's channel.
   */
  bLeg: string | null;
  rang: boolean;
  /**
   * Legs that we asked the switch to hang up, of earlier routes or of the last one. Each may still be answered, until its end is reported;
   * news of it may also have been lost.
   */
  givenUp: readonly GivenUpLeg[];
  /** The called leg's answer, which may not have reached the caller. */
  legAnsweredAt: number | null;
  /** The answer of the caller's own channel: by the dialplan before the call came, or through the bridge. */
  callerAnsweredAt: number | null;
  /** When talk began: the later of the two answers. null while one of them is missing, and then nothing is charged. */
  answerAt: number | null;
  /** Set if the caller's leg ended while the ledger was asked, or with the phase `ending` or `settling`. */
  endAt: number | null;
  hangupSource: HangupSource | null;
  /**
   * The cause of a dialled call that is being ended: an operator or the service ends it, no route takes it, or its caller is gone. null if nothing ends it. The end counts when the switch reports it, and this is its cause if no leg was answered. A leg may be
   * answered until then: the call talks until the hang-up that was requested, and keeps this cause, by which that hang-up is known as ours.
   */
  endCause: number | null;
  /** The cause with which its caller's leg is hung up then, the first time and each time after it. null if nothing ends the call. */
  callersCause: number | null;
  /** How the end is known. */
  evidence: Evidence;
  /** The leg that ended first, whose cause we wait for. null if we wait for an answer that may still be reported. */
  endedLeg: string | null;
  /** The end of the caller's leg was not reported yet. */
  callerIsUp: boolean;
  /** The first leg that left its bridge, and when; its end may follow. */
  apart: { channel: string; at: number } | null;
}

/** A call that has ended, but whose end the ledger has not committed. */
export type EndingCall = CallState & { phase: 'ending' | 'settling'; endAt: number };

export type TimerName = 'silence' | 'ring' | 'refresh' | 'relay' | 'brake' | 'cause' | 'extend' | 'warn' | 'apart';

export type CallEvent =
  | { type: 'granted'; grant: Grant; unwritten: boolean; callerBalance?: CallerBalance | null }
  | { type: 'refused'; refusal: Refusal }
  /** The trunks for its number were looked up. */
  | { type: 'routed'; routes: Route[] }
  /** The caller has heard the balance or the time, or could not hear it. */
  | { type: 'announced'; at: number }
  /** How much the call should hold now, so that all calls of its account can share; seconds. */
  | { type: 'share'; seconds: number; isShort: boolean; at: number }
  /** How the account wants its calls treated from now on. `isShort`: there is less money than they would ask for. */
  | { type: 'terms'; terms: Terms; isShort: boolean; at: number }
  /** What the ledger grants now. `afterShrink`: the answer to a `shrink`; null if the switch did not take that. */
  | { type: 'regranted'; grant: Grant | null; afterShrink: boolean; at: number }
  /** The leg was created, bridged and dialled. */
  | { type: 'dialled'; leg: string }
  /**
   * It could not be dialled. `switchAway`: the switch did not answer, so no other route would do better. `wasNotAsked`: it was not asked to
   * dial yet. `callerIsGone`: the switch says that it has no such caller.
   */
  | { type: 'dialFailed'; leg: string; at: number; switchAway: boolean; wasNotAsked?: boolean; callerIsGone?: boolean }
  /** The switch has the call back, and dials. */
  | { type: 'handedBack' }
  /** The switch could not be told; it is not known whether it dials. */
  | { type: 'notHandedBack'; at: number }
  /** The caller's channel has entered our application a second time. */
  | { type: 'askedAgain'; at: number; refusal: Refusal | null }
  /** A leg has left the call's bridge. */
  | { type: 'apart'; channel: string; at: number }
  /** Another channel has taken the place of a leg. */
  | { type: 'displaced'; channel: string; at: number }
  /** The switch, which dials by itself, has begun to dial. */
  | { type: 'dials'; channel: string; at: number }
  | { type: 'ringing'; channel: string }
  | { type: 'answered'; channel: string; at: number }
  /** `evidence` if it was not reported as it happened. */
  | {
      type: 'ended';
      channel: string;
      at: number;
      byRequest: boolean;
      byParty?: boolean;
      hasLeft?: boolean;
      by?: 'caller' | 'callee';
      evidence?: Evidence;
    }
  /** `techCause`: the SIP status, if the switch reports it. */
  | { type: 'destroyed'; channel: string; at: number; cause: number; techCause?: number | null }
  | { type: 'timer'; timer: TimerName; at: number }
  /** The ledger has committed the end of the call. */
  | { type: 'settled' }
  /** An operator, the service or a limit ends the call, and neither party. */
  | { type: 'hangUp'; by: 'operator' | 'service' | 'limit'; cause: number; at: number };

export type CallAction =
  /** Ask the ledger; comes back as `granted` or `refused`. */
  | { do: 'reserve' }
  /** Limit the caller's leg, create, limit, bridge and dial a called leg; comes back as `dialled` or `dialFailed`. */
  | { do: 'place'; leg: string; route: Route; limitSeconds: number }
  /** Tell the switch the grant, or why the call is refused, and let it go on; comes back as `handedBack` or `notHandedBack`. */
  | { do: 'handBack'; grant: Grant | null; refusal: Refusal | null; callerBalance: CallerBalance | null }
  /** Make the switch report the events of a leg that it made itself. */
  | { do: 'watch'; channel: string }
  /** Give every named leg this limit from now. */
  | { do: 'limit'; channels: string[]; seconds: number }
  /** Make the switch end every named leg at this instant of its clock. `isLonger`: later than a limit of this call that it was seen to take. */
  | { do: 'limitUntil'; channels: string[]; at: number; isLonger: boolean }
  /**
   * The same for less than before (`at` null: so many seconds from now, while it rings). When every leg was seen to have taken it, the
   * ledger gets the rest back. Comes back as `regranted`.
   */
  | { do: 'shrink'; channels: string[]; at: number | null; seconds: number }
  /** Ask the ledger for longer talk; comes back as `regranted`. `isLast`: the call asks for no more after it. */
  | { do: 'extend'; seconds: number; isLast: boolean }
  /** Let the caller, and not the callee, hear that the call is about to be cut. */
  | { do: 'warn'; channel: string; secondsLeft: number; sound: string }
  /** Let the caller hear the balance or the time; comes back as `announced`. */
  | { do: 'announce'; channel: string; callerBalance: CallerBalance | null; seconds: number | null }
  | { do: 'rememberAnswer'; at: number; trunk: string }
  /** `isEnding`: the switch is about to end that leg by itself, and is asked only if it has not done so in a moment. */
  | { do: 'hangup'; channel: string; cause: number; isEnding?: true }
  /** Let the caller hear a sound, then hang up. */
  | { do: 'playAndHangup'; channel: string; media: string; cause: number }
  /** Let the ledger commit the end; comes back as `settled`. */
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

/** A called leg as it was found. */
export interface FoundLeg {
  bLeg: string;
  /** The route of the call by which it was dialled. */
  routeIndex: number;
  /** The legs of other routes that were found too, and that are hung up. */
  others?: readonly string[];
  /** The legs of earlier routes that are gone, and that may have been answered unheard. */
  lost?: readonly string[];
  rang: boolean;
  /** null while it is not answered. */
  answerAt: number | null;
  /** When the caller's own channel was answered; null while it is not. */
  callerAnsweredAt: number | null;
}
