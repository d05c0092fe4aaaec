/** A call as the ledger keeps it: its CDR, from its arrival to its end. Calls are values: what happens to a call makes a new one. */
import { type Micros, ZERO } from '../../money/micros';
import { FREE_TARIFF } from '../../rating/price';
import type { CallTariff } from '../../rating/timed';
import { CAUSE_OF_REFUSAL, type Refusal } from '../refusal';
import { type CallEnd, chargeFor, type Disposition, type Evidence, type HangupSource } from './charge';
import type { Grant } from './grant';
import type { StartRequest } from './start';

/** One row of astcdr. Instants in ms since 1970, by the switch's clock. */
export interface CallRecord {
  uniqueid: string;
  accountcode: string;
  node: string;
  src: string;
  dst: string;
  trunk: string;
  startAt: number;
  answerAt: number | null;
  /** null while the call is in progress. */
  endAt: number | null;
  duration: number;
  billsec: number;
  billedSeconds: number;
  overrunSeconds: number;
  cost: Micros;
  currency: string;
  disposition: Disposition | null;
  hangupCause: number | null;
  hangupSource: HangupSource | null;
  evidence: Evidence | null;
  refusal: Refusal | null;
  maxCost: Micros;
  /** 0 while the call waits for room in its pool. */
  grantedSeconds: number;
  /** Longest talk that service, account and rate allow, however much money there is. */
  capSeconds: number;
  /** Its limit was given once, at the start, and cannot be changed. */
  isFixed: boolean;
  /** An operator wants it ended: it is granted nothing more. The ledger only reads this. */
  hangupWanted: boolean;
  /** When its remaining legs were hung up because its end had been missed; null for most calls. `OpenCalls` writes this. */
  cutAt: number | null;
  rateDeck: string;
  rateVersion: number;
  ratePrefix: string;
  rateDestination: string;
  /** What was added to the line's amounts, because the account's deck stands on the line's (`markupsText`); '' for nothing. */
  rateMarkups: string;
  tariff: CallTariff;
  trunkCost: Micros | null;
  trunkCurrency: string | null;
  /** The INVITE by which it came, as a hash of 32 hexadecimal digits; null if none was given, and for a call that ended unanswered. */
  dialog: string | null;
}

/** The partial CDR of a call that has just arrived: neither granted nor refused yet. */
export const arrivedCall = (request: StartRequest, currency: string): CallRecord => ({
  uniqueid: request.uniqueid,
  accountcode: request.accountcode,
  node: request.node,
  src: request.src,
  dst: request.dst ?? '',
  trunk: '',
  startAt: request.startAt,
  answerAt: null,
  endAt: null,
  duration: 0,
  billsec: 0,
  billedSeconds: 0,
  overrunSeconds: 0,
  cost: ZERO,
  currency,
  disposition: null,
  hangupCause: null,
  hangupSource: null,
  evidence: null,
  refusal: null,
  maxCost: ZERO,
  grantedSeconds: 0,
  capSeconds: 0,
  isFixed: request.fixed !== undefined,
  hangupWanted: false,
  cutAt: null,
  rateDeck: '',
  rateVersion: 0,
  ratePrefix: '',
  rateDestination: '',
  rateMarkups: '',
  tariff: FREE_TARIFF,
  trunkCost: null,
  trunkCurrency: null,
  dialog: request.dialog ?? null,
});

/** The call with its grant. */
export const grantedCall = (call: CallRecord, grant: Grant): CallRecord => ({
  ...regrantedCall(call, grant),
  capSeconds: grant.capSeconds,
  tariff: grant.tariff,
  ...(grant.rate && {
    rateDeck: grant.rate.deck,
    rateVersion: grant.rate.version,
    ratePrefix: grant.rate.prefix,
    rateDestination: grant.rate.destination,
    rateMarkups: grant.rate.markups ?? '',
  }),
});

/** The call, holding what it is granted now. */
export const regrantedCall = (
  call: CallRecord,
  { grantedSeconds, maxCost }: Pick<Grant, 'grantedSeconds' | 'maxCost'>,
): CallRecord => ({ ...call, grantedSeconds, maxCost });

/** The call with its end, and what it costs. */
export function endedCall(call: CallRecord, end: CallEnd): CallRecord {
  const { endAt, answerAt, disposition, hangupCause, hangupSource, evidence } = end;
  const told = { endAt, answerAt, disposition, hangupCause, hangupSource, evidence };
  // An unanswered call's INVITE may come again, and is then no copy.
  const dialog = answerAt === null ? null : call.dialog;
  return { ...call, ...chargeFor(call, end), ...told, dialog };
}

/** The end of a call whose caller is refused, or was refused before its start was committed: it never rang, and ends when it began. */
export const refusedEnd = ({ startAt }: Pick<CallRecord, 'startAt'>, refusal: Refusal): CallEnd => ({
  answerAt: null,
  endAt: startAt,
  disposition: 'FAILED',
  hangupCause: CAUSE_OF_REFUSAL[refusal],
  hangupSource: 'service',
  evidence: 'event',
});

/** The call of a caller that is refused. */
export const refusedCall = (call: CallRecord, refusal: Refusal): CallRecord =>
  endedCall({ ...call, refusal }, refusedEnd(call, refusal));

/** An emergency call as it was let through without the ledger. It is written whole when it has ended. */
export const unwrittenCall = (request: StartRequest, grant: Grant): CallRecord =>
  grantedCall(arrivedCall(request, ''), grant);
