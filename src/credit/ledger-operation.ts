import type { Micros } from '../money/micros';
import type { HeldLease } from './books';
import type { Refusal } from './refusal';
import type { CallRecord } from './rules/call';
import type { CallEnd } from './rules/charge';
import type { Grant } from './rules/grant';
import type { Clocks, Sharing } from './rules/sharing';
import type { StartRequest } from './rules/start';

/** Requests the money of a call. Done once per uniqueid; the same again gives the first answer, or tries again for a call that waits. */
export interface Start {
  kind: 'start';
  uniqueid: string;
  accountcode: string;
  request: StartRequest;
  /** The start is refused if another process has this lease by then. null where no lease is needed. */
  lease: HeldLease | null;
}

/** Reports that the called leg was answered, so that reports and a restarted service know. Moves no money. */
export interface Answer {
  kind: 'answer';
  uniqueid: string;
  accountcode: string;
  answerAt: number;
  trunk: string;
}

/** Requests longer talk: `seconds` in all. Granted as far as there is money and time; never less than before. */
export interface Extend {
  kind: 'extend';
  uniqueid: string;
  accountcode: string;
  seconds: number;
  lease: HeldLease | null;
}

/** Gives back what a call holds beyond `seconds` of talk. Assumes that the switch was told, and was seen to end the call by then. */
export interface Shrink {
  kind: 'shrink';
  uniqueid: string;
  accountcode: string;
  seconds: number;
  lease: HeldLease | null;
}

/** Asks how the calls of an account should share what there is. Moves no money. */
export interface Share {
  kind: 'share';
  /** Belongs to no call. */
  uniqueid: '';
  accountcode: string;
  clocks: Clocks;
  /** Uniqueids of calls that are being ended and whose end will not be known soon: the others neither get what these hold nor wait for it. */
  stuck?: readonly string[];
}

/** Reports that the caller was warned. Moves no money. */
export interface Warned {
  kind: 'warned';
  uniqueid: string;
  accountcode: string;
  secondsLeft: number;
}

/** Reports that its switch did not end the call at its limit. Moves no money. */
export interface LimitNotKept {
  kind: 'limit_not_kept';
  uniqueid: string;
  accountcode: string;
}

/**
 * Reports how a call ended: charges it, frees its reservation. Done once per uniqueid; the same again gives the first answer.
 *
 * `unwritten` is the call as it was let through without the ledger (an emergency call while the database was away): its CDR is written
 * whole if there is none.
 */
export interface End {
  kind: 'end';
  uniqueid: string;
  accountcode: string;
  trunk: string;
  end: CallEnd;
  unwritten?: CallRecord;
}

/**
 * Takes back a start whose caller was refused meanwhile. Nothing happens if the start was never committed, nor if another process has taken
 * the switch: that process has found the caller, and may have let the caller through by the same start.
 */
export interface Release {
  kind: 'release';
  uniqueid: string;
  accountcode: string;
  /** The refusal that its caller got. */
  refusal: Refusal;
  lease: HeldLease | null;
}

export type LedgerOperation = Start | Answer | Extend | Shrink | Share | Warned | LimitNotKept | End | Release;

/** What the caller may hear about the account. */
export interface CallerBalance {
  balance: Micros;
  /** Without what this call holds: what its grant can draw on. */
  available: Micros;
  currency: string;
  /** Talk that is possible now, with or without slices; seconds. */
  seconds: number;
}

/** `waiting`: it may be granted when other calls have given back what they have not spent. Ask again after `Share`. */
export type StartOutcome =
  /** `firstStartAt`: the call existed before, since then; ms since 1970 by its switch's clock. */
  { granted: Grant; callerBalance?: CallerBalance; firstStartAt?: number } | { refusal: Refusal } | { waiting: true };

/** The call as it stands after the operation; null when the ledger never heard of it. `isNews`: this operation settled it. */
export type EndOutcome = { call: CallRecord | null; isNews?: boolean };

/** What the call is granted now; null if it has ended, or if another process has its switch. */
export type RegrantOutcome = { grant: Grant | null };

export interface OutcomeOf {
  start: StartOutcome;
  answer: EndOutcome;
  extend: RegrantOutcome;
  shrink: RegrantOutcome;
  share: Sharing;
  warned: EndOutcome;
  limit_not_kept: EndOutcome;
  end: EndOutcome;
  release: EndOutcome;
}

export type Outcome = OutcomeOf[LedgerOperation['kind']];

/** Not decided: another transaction holds the account locked, and this batch did not wait for it. */
export const BUSY = Symbol('busy');
