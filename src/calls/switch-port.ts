/**
 * What the life of a call needs from a telephone switch, and what the switch tells it. Nothing in here knows Asterisk, but
 * the words are Asterisk's: channel, bridge, Q.850 cause. A *switch* is the machine, its *node* the name that our tables know it by, its *port*
 * this interface to it.
 *
 * Every instant is milliseconds since 1970 by the *switch's* clock, so that a duration is the difference of two stamps of
 * one clock. Every request has a deadline: a promise of this port always settles.
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
  /** What was dialled, as it arrived: hostile. */
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
   * the leg, where it is not ours.
   */
  | { type: 'answered'; at: number; channel: string; caller?: string }
  /** The dialplan of a caller has begun to call a leg that is not ours. */
  | { type: 'dials'; at: number; channel: string; leg: string }
  /**
   * First evidence that a leg is over (its hang-up was requested, or it left). May come several times. `byRequest`: neither party hung up; a
   * request to the switch did, ours or an operator's. `hasLeft`: it left our application, which is no end where it was handed back to the
   * dialplan. `byParty`: the party of that leg hung up; not told of every leg. `by`: the party that did, where a call is one channel.
   * `evidence`: how the end is known, where it was not told as it happened.
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
   * The leg is gone. `cause` is Q.850 (0 unknown); `techCause` the SIP status where the switch tells it. Never comes for a
   * caller for whom no called leg was created.
   */
  | { type: 'destroyed'; at: number; channel: string; cause: number; techCause: number | null }
  /** A leg of ours has left its bridge: it ended, or an operator or script took it out. */
  | { type: 'apart'; at: number; channel: string }
  /** Another channel has taken the place of `of` in our application, and may be in its bridge. */
  | { type: 'tookPlace'; at: number; channel: string; of: string }
  /** The event stream is up (again): what happened before may have been missed. */
  | { type: 'connected'; startedAt: number }
  /** The event stream broke; it is being opened again. */
  | { type: 'disconnected' }
  /** Another process took our application over: stop acting for this switch. Final: nothing is told after it. */
  | { type: 'replaced' };

/** Why a request to the switch did not do what it was asked. */
export class SwitchError extends Error {
  override name = 'SwitchError';
  constructor(
    /**
     * `gone`: the switch says there is no such channel or bridge. `refused`: it understood and said no. `unanswered`: it
     * could not be asked, or did not answer in time, and may or may not have done it.
     */
    readonly kind: 'gone' | 'refused' | 'unanswered',
    message: string,
    options?: { cause?: unknown },
    /** Its own code for a refusal; null where it has none. */
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
  /** The books that its call stands in; null where that is not known. */
  books: string | null;
}

export interface OutgoingLeg {
  /** Chosen by us: creating it twice is refused by the switch. */
  channel: string;
  /** `PJSIP/4930123@carrier`, built from a checked number and a configured trunk. */
  endpoint: string;
  /** The caller's channel, whose linkedid the new leg takes. */
  originator: string;
  accountcode: string;
  /** The hard limit that the leg is born with. */
  limitSeconds: number;
}

/** What a switch that dials by itself is told of a call that asked. */
export interface Authorisation {
  /** The caller's. */
  channel: string;
  /** null when it is let through. */
  refusal: Refusal | null;
  /** What it was granted; null for a refused one. */
  grant: Grant | null;
  /** What the caller may be told of the account; null where nothing is known. */
  purse: CallerBalance | null;
  /** The service's own warning, for an account that has none. */
  warnSound: string;
}

/** What a switch notes of calls for us. */
export interface CallNotes {
  /** What it noted of these calls, and ever will of those that are gone; a call that it has no note of is missing. Rejects with SwitchError. */
  of(calls: readonly SoughtCall[]): Promise<Map<string, WrittenCall>>;
  /** The end of a call is in the ledger: its note may go. Nothing waits for that. */
  forget(uniqueid: string): void;
}

/** One switch. All methods reject with SwitchError. */
export interface SwitchPort {
  /** The switch's own name: Asterisk's `systemname`, or host:port where it has none and until it was first asked. */
  readonly node: string;
  /**
   * It dials every call by itself. It asks before it has the call, goes on with it when it was given back, and then has one channel of it,
   * whose answer is that of both parties. Of a switch that does not, the dialplan says for each call who dials.
   */
  readonly dialsByItself: boolean;
  /** It can play sounds to a caller. */
  readonly playsSounds: boolean;
  /** What it notes of each call, where it can be asked for that; SwitchRecords is for a switch that writes files or tables. */
  readonly notes?: CallNotes;
  /** How long it can wait for a start, where that is less than the start deadline. Ms. */
  readonly startWithinMs?: number;

  /** The switch's clock now, in milliseconds since 1970, estimated from its last answers. */
  now(): number;

  /**
   * Makes the switch itself end the channel `seconds` from now (fractions allowed), even if this service dies, and reads the limit
   * back. Stops what plays on the channel. Rejects `refused` when the limit read back is absent or more than half a second
   * longer than asked.
   */
  setLimit(channel: string, seconds: number): Promise<void>;
  /**
   * Moves a limit that was set and read back before further away. Not read back: one that does not take ends the channel early, never
   * late, and a switch that took the first takes the next. Half the requests of thousands of calls are saved by it.
   */
  prolongLimit(channel: string, seconds: number): Promise<void>;
  /** Seconds until the switch itself ends the channel; null when it has no limit. */
  readLimit(channel: string): Promise<number | null>;

  createBridge(bridge: string): Promise<void>;
  /**
   * Creates a leg, not dialled yet, and resolves when it can be bridged. One that fails later than the request itself is hung
   * up; after `unanswered` it may exist, and its birth limit ends it.
   */
  createLeg(leg: OutgoingLeg): Promise<void>;
  /** Puts both legs in the bridge, so that ringing, early media and answer are relayed without us. */
  join(bridge: string, channels: string[]): Promise<void>;
  dial(channel: string, caller: string, ringSeconds: number): Promise<void>;

  /**
   * Gives a call back to the switch, which dials by itself: with its limit, in force before anybody can be dialled, or with the reason
   * why it may not. Its events are told afterwards as those of any call. The same again is a success while it has not ended.
   */
  handBack(authorisation: Authorisation): Promise<void>;
  /** Has the events of a leg that the switch made by itself told. */
  watch(channel: string): Promise<void>;

  /** Ends a channel with a Q.850 cause. A channel that is gone already is a success. */
  hangup(channel: string, cause: number): Promise<void>;
  /** Removes a bridge. One that is gone already is a success. */
  destroyBridge(bridge: string): Promise<void>;
  /**
   * Plays sounds (`sound:…`, `number:…`, `digits:…`) one after the other to one leg, which hears them instead of the other party;
   * early media if it is not answered. Resolves when they have been heard or stopped. One that is missing is left out; rejects
   * `refused` when it is the last one, `gone` when the leg ends.
   *
   * Not between `dial` and the answer: the caller would be answered only when the sounds are over.
   */
  play(channel: string, media: string[]): Promise<void>;
  /** Stops what plays on a leg, and resolves when it is quiet: a sound at once, a number at its end. Nothing there is a success. */
  stopPlaying(channel: string): Promise<void>;

  /** Every channel of the switch. */
  channels(): Promise<SwitchChannel[]>;
  /** Every bridge of the switch that is ours by its id, which begins with `rf-`; of another application's service too. */
  bridges(): Promise<SwitchBridge[]>;
  /** Has the switch remember that it was seen at `seenAt`, ms since 1970 by its clock, by a service of these books. */
  leaveMark(seenAt: number): Promise<void>;
  /** When the switch saw the channel answered; null if it was not. Rejects `gone` when there is no such channel. */
  answeredAt(channel: string): Promise<number | null>;
}
