import type { HeldLease } from './books';
import type { CallRecord } from './call-record';
import type { Refusal } from './refusal';
import type { CallEnd, Grant, StartRequest } from './rules';

/** Asks for the money of a call. Done once per uniqueid; the same again gives the first answer. */
export interface Start {
  kind: 'start';
  uniqueid: string;
  accountcode: string;
  request: StartRequest;
  /** On whose behalf: refused when that lease is another's by then. null where no lease is needed. */
  lease: HeldLease | null;
}

/** Tells that the called leg was answered, so that reports and a restarted service know. Moves no money. */
export interface Answer {
  kind: 'answer';
  uniqueid: string;
  accountcode: string;
  answerAt: number;
  trunk: string;
}

/**
 * Tells how a call ended: charges it, frees its reservation. Done once per uniqueid; the same again gives the first answer.
 *
 * `unwritten` is the call as it was let through without the ledger (an emergency call while the database was away): its
 * CDR is written whole if there is none.
 */
export interface End {
  kind: 'end';
  uniqueid: string;
  accountcode: string;
  trunk: string;
  end: CallEnd;
  unwritten?: CallRecord;
}

/** Takes back a start whose caller was refused meanwhile. Nothing happens if it was never committed. */
export interface Release {
  kind: 'release';
  uniqueid: string;
  accountcode: string;
}

export type Operation = Start | Answer | End | Release;

export type StartOutcome = { granted: Grant } | { refusal: Refusal };

/** The call as it stands when it is settled, whoever settled it; null when the ledger never heard of it. */
export type EndOutcome = { call: CallRecord | null };

export interface OutcomeOf {
  start: StartOutcome;
  answer: EndOutcome;
  end: EndOutcome;
  release: EndOutcome;
}

export type Outcome = OutcomeOf[Operation['kind']];

/** Not decided: somebody else holds the account locked, and this batch did not wait for him. */
export const BUSY = Symbol('busy');
