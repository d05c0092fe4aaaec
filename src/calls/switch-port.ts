/**
 * What the life of a call needs from a telephone switch, and what the switch reports. Nothing in here knows Asterisk, but the words are
 * Asterisk's: channel, bridge, Q.850 cause. A *switch* is the machine, its *node* is its name in our tables, its *port* is this interface
 * to it.
 *
 * Every instant is milliseconds since 1970 by the *switch's* clock, so that a duration is the difference of two stamps of one clock. Every
 * request has a deadline: a promise of this port always settles.
 */

import type { CallerBalance } from '../credit/ledger-operation';
import type { Refusal } from '../credit/refusal';
import type { Evidence } from '../credit/rules/charge';
import type { Grant } from '../credit/rules/grant';
import type { SoughtCall, WrittenCall } from './evidence';

/** A leg as the switch sees it. */
export interface SwitchChannel {
  /** The switch's id of the channel, which is its `uniqueid`. */
  channel: string;
  /** `PJSIP/alice-0000002a`. */
  name: string;
  accountcode: string;
  callerNumber: string;
  /** The dialled number, as it arrived: hostile. */
  dialledNumber: string;
  state: 'down' | 'ringing' | 'up';
  createdAt: number;
  /** The words after the application's name, while it is in our application. */
  args: string[];
  /** It is not in our application: a channel of no call of ours, or of a call that the dialplan dials. */
  isElsewhere?: boolean;
}

export type SwitchEvent =
  /** A call entered our application. */
  | { type: 'arrived'; at: number; leg: SwitchChannel }
  /** The called leg rings or sends early media. May come twice. */
  | { type: 'ringing'; at: number; channel: string }
  /**
   * A leg was answered. May come twice, by two topics, with stamps some milliseconds apart. `caller`: the channel whose dialplan had called
   * the leg, if the leg is not ours.
   */
  | { type: 'answered'; at: number; channel: string; caller?: string }
  /** The dialplan of a caller has begun to call a leg that is not ours. */
  | { type: 'dials'; at: number; channel: string; leg: string }
  /**
   * First evidence that a leg is over (its hang-up was requested, or it left). May come several times. `byRequest`: a request to the switch
   * hung it up, ours or an operator's, and neither party. `hasLeft`: it left our application, which is no end if it was handed back to the
   * dialplan. `byParty`: the party of that leg hung up; not reported for every leg. `by`: the party that hung up, if a call is one channel.
   * `evidence`: how the end is known, if it was not reported as it happened.
   */
  | {
      type: 'ended';
      at: number;
      channel: string;
      byRequest: boolean;
      hasLeft?: boolean;
      byParty?: boolean;
      by?: 'caller' | 'callee';
      evidence?: Evidence;
    }
  /**
   * The leg is gone. `cause` is Q.850 (0 unknown); `techCause` is the SIP status, if the switch reports it. Never comes for a caller
   * without a called leg.
   */
  | { type: 'destroyed'; at: number; channel: string; cause: number; techCause: number | null }
  /** A leg of ours has left its bridge: it ended, or an operator or script took it out. */
  | { type: 'apart'; at: number; channel: string }
  /** Another channel has taken the place of `of` in our application, and may be in its bridge. */
  | { type: 'tookPlace'; at: number; channel: string; of: string }
  /** The event stream is open (again): what happened before may have been missed. */
  | { type: 'connected'; startedAt: number }
  /** The event stream broke; it is being opened again. */
  | { type: 'disconnected' }
  /** This process stops, and the switch keeps its events for the next one: no event follows, though requests still work. */
  | { type: 'left' }
  /** Another process took our application over: stop acting for this switch. Final: no event follows. */
  | { type: 'replaced' };

/** Why a request to the switch failed. */
export class SwitchError extends Error {
  override name = 'SwitchError';
  constructor(
    /**
     * `gone`: the switch says that there is no such channel or bridge. `refused`: it understood and said no. `unanswered`: it could not be
     * reached, or did not answer in time, and may or may not have done it.
     */
    readonly kind: 'gone' | 'refused' | 'unanswered',
    message: string,
    options?: { cause?: unknown },
    /** Its own code for a refusal; null if it has none. */
    readonly status: number | null = null,
  ) {
    super(message, options);
  }
}

/** A bridge as the switch sees it. */
export interface SwitchBridge {
  bridge: string;
  /** The channels in it; none in a bridge that was left over. */
  channels: string[];
  /** The books to which its call belongs; null if that is not known. */
  books: string | null;
}

export interface OutgoingLeg {
  /** We choose it, and the switch refuses to create it twice. */
  channel: string;
  /** `PJSIP/4930123@carrier`, built from a checked number and a configured trunk. */
  endpoint: string;
  /** The caller's channel; the new leg takes its linkedid. */
  originator: string;
  accountcode: string;
  /** The hard limit with which the leg is made. */
  limitSeconds: number;
}

/** What a switch that dials by itself is told about a call for which it asked. */
export interface Authorisation {
  /** The caller's. */
  channel: string;
  /** null if it is let through. */
  refusal: Refusal | null;
  /** Its grant; null for a refused call. */
  grant: Grant | null;
  /** What the caller may hear about the account; null if nothing is known. */
  callerBalance: CallerBalance | null;
  /** The service's own warning, for an account that has none. */
  warnSound: string;
}

/** The notes that a switch makes of calls for us. */
export interface CallNotes {
  /**
   * Its notes of these calls, with all that it ever notes of those that are gone. A call without a note is missing. Rejects with
   * SwitchError.
   */
  of(calls: readonly SoughtCall[]): Promise<Map<string, WrittenCall>>;
  /** The end of a call is in the ledger, so its note may go. Nothing waits for that. */
  forget(uniqueid: string): void;
}

/** One switch. All methods reject with SwitchError. */
export interface SwitchPort {
  /** The switch's own name: Asterisk's `systemname`, or host:port if it has none and until it was first asked. */
  readonly node: string;
  /**
   * It dials every call by itself. It asks before it has the call, goes on with it when it was given back, and then has one channel of it,
   * whose answer is that of both parties. For another switch the dialplan says for each call what dials.
   */
  readonly dialsByItself: boolean;
  /** It can play sounds to a caller. */
  readonly playsSounds: boolean;
  /** What it notes of each call, if it makes notes. SwitchRecords is for a switch that writes files or tables. */
  readonly notes?: CallNotes;
  /** How long it can wait for a start, if that is less than the start deadline. Ms. */
  readonly startWithinMs?: number;

  /** The switch's clock now, in milliseconds since 1970, estimated from its last answers. */
  now(): number;

  /**
   * Makes the switch itself end the channel `seconds` from now (fractions allowed), even if this service dies. Reads the limit
   * back, if none that was told in the same way was for a second. Stops what plays on the channel. Rejects `refused` when the limit read back is absent or more
   * than half a second longer than asked.
   */
  setLimit(channel: string, seconds: number): Promise<void>;
  /**
   * Moves a limit that was set before further away. Never read back: one that does not take ends the channel early, never
   * late, and a switch that took the first takes the next. Half the requests of thousands of calls are saved by it.
   */
  prolongLimit(channel: string, seconds: number): Promise<void>;

  createBridge(bridge: string): Promise<void>;
  /**
   * Creates a leg, not dialled yet, and resolves when it can be bridged. A leg that fails later than the request itself is hung up. After
   * `unanswered` it may exist, and the limit with which it was made ends it.
   */
  createLeg(leg: OutgoingLeg): Promise<void>;
  /** Puts both legs in the bridge, so that the switch relays ringing, early media and answer without us. */
  join(bridge: string, channels: string[]): Promise<void>;
  dial(channel: string, caller: string, ringSeconds: number): Promise<void>;

  /**
   * Gives a call back to the switch, which dials by itself: with its limit, in force before the switch can dial, or with the reason of its
   * refusal. Its events are then reported like those of any call. The same again is a success while the call has not ended.
   */
  handBack(authorisation: Authorisation): Promise<void>;
  /** Makes the switch report the events of a leg that it made itself. */
  watch(channel: string): Promise<void>;

  /** Ends a channel with a Q.850 cause. A channel that is gone already is a success. */
  hangup(channel: string, cause: number): Promise<void>;
  /** Removes a bridge. One that is gone already is a success. */
  destroyBridge(bridge: string): Promise<void>;
  /**
   * Plays sounds (`sound:…`, `number:…`, `digits:…`) one after the other to one leg, which hears them instead of the other party; as early
   * media if it is not answered. Resolves when they were heard or stopped. A missing sound is left out. Rejects `refused` if it is the last
   * one, `gone` if the leg ends.
   *
   * Not between `dial` and the answer: the caller would be answered only when the sounds are over.
   */
  play(channel: string, media: string[]): Promise<void>;
  /** Stops what plays on a leg, and resolves when it is quiet: a sound at once, a number at its end. If nothing plays, that is a success. */
  stopPlaying(channel: string): Promise<void>;

  /** Every channel of the switch. */
  channels(): Promise<SwitchChannel[]>;
  /** Every bridge of the switch with our kind of id, which begins with `rf-`; also those of a service for another application. */
  bridges(): Promise<SwitchBridge[]>;
  /** Makes the switch remember that a service of these books saw it at `seenAt`, ms since 1970 by its clock. */
  leaveMark(seenAt: number): Promise<void>;
  /** When the channel was answered, by the switch; null if it was not. Rejects `gone` if there is no such channel. */
  answeredAt(channel: string): Promise<number | null>;
}
