import type { Logger } from 'pino';
import { uniqueidOf } from '../../calls/call-id';
import type { CallLedger } from '../../credit/ledger';
import type { Refusal } from '../../credit/refusal';
import { moneyLeft } from '../../credit/rules/account';
import type { CallRecord } from '../../credit/rules/call';
import type { CallEnd } from '../../credit/rules/charge';
import type { RefusalLog } from '../../listeners/refusal-log';
import { ZERO } from '../../money/micros';
import { harmless, isEmergency, masked, readDialled } from '../../rating/dialled-number';
import { billedPieces } from '../../rating/price';
import { tariffAt } from '../../rating/timed';
import { endAfterTalk, endUnanswered } from '../door-call';
import type { DoorNode } from '../door-kind';
import { fixedOutcome, fixedStart } from '../fixed-call';
import { commonSeconds, paidSecondsFor, secondsFor, secondsLeft } from './common-end';
import { debitReply, errorReply, FAILED, limitReply, type Priced, UNLIMITED } from './rating-reply';
import type { NamedCall, NamedNumber, Talk } from './rating-request';
import type { RatingStore, Talking } from './rating-store';

export interface RatingCallsOptions {
  /** What astcdr.node says of these calls. */
  node: DoorNode;
  ledger: CallLedger;
  store: RatingStore;
  emergencyNumbers: readonly string[];
  /** How long a call may talk after each answer to Call Control. */
  capSeconds: number;
  /** The longest talk of any call. */
  maxCallSeconds: number;
  refusals: RefusalLog;
  log: Logger;
  /** Ms since 1970. */
  now: () => number;
}

/** A call whose account is known. */
export interface AskedCall extends NamedCall {
  accountcode: string;
}

/**
 * How many calls one Call-ID may have. Call Control asks again about a Call-ID, as a new call, when the dialled number changes before the
 * answer.
 */
const MOST_ATTEMPTS = 10;

/** When a call starts, Call Control sets all other calls of its caller to the number it gets, until its next question is answered. */
const SHORTEST_TOLD_SECONDS = 5;

/** Refusals that say nothing about the caller's credit. Call Control must report an error to its proxy instead. */
const FAULTS: ReadonlySet<Refusal> = new Set<Refusal>([
  'overloaded',
  'ledger_unavailable',
  'service_stalled',
  'lease_lost',
  'shutting_down',
]);

/**
 * Call Control's calls on the ledger: MaxSessionTime starts a call and reports its answer, DebitBalance ends it. Every method rejects
 * with DatabaseFault.
 */
export class RatingCalls {
  /** The uniqueids of calls whose start is in progress. */
  private readonly starting = new Set<string>();

  constructor(private readonly options: RatingCallsOptions) {}

  /** The reply to MaxSessionTime for an emergency number, for any caller and also without the database; null for other numbers. */
  emergency({ dialled, caller }: NamedNumber): string | null {
    if (!isEmergency(dialled, this.options.emergencyNumbers)) return null;
    this.options.log.info({ event: 'rating_emergency', src: harmless(caller.user) });
    return UNLIMITED;
  }

  /**
   * The reply to MaxSessionTime for a call that is about to ring. `mostSeconds`: the Duration in the request, null for none. `isGone`:
   * whether the client has left meanwhile; it would never debit the call then.
   */
  async start(call: AskedCall, mostSeconds: number | null, isGone: () => boolean): Promise<string> {
    const { accountcode, callId } = call;
    const uniqueid = this.nextName(callId, await this.callsOf(callId));
    if (uniqueid === null || this.starting.has(uniqueid)) {
      return this.refuse('call_id_reused', { accountcode, call_id: callId });
    }
    this.starting.add(uniqueid);
    try {
      return await this.startAs(uniqueid, call, mostSeconds, isGone);
    } finally {
      this.starting.delete(uniqueid);
    }
  }

  private async startAs(
    uniqueid: string,
    call: AskedCall,
    mostSeconds: number | null,
    isGone: () => boolean,
  ): Promise<string> {
    const { ledger, node, maxCallSeconds, refusals, log, now } = this.options;
    const { accountcode } = call;
    const dst = this.digitsOf(call);
    const src = harmless(call.caller.user);
    const startAt = now();
    const firstSeconds = await this.firstSeconds(call, src, startAt);
    const request = fixedStart({
      uniqueid,
      accountcode,
      node,
      src,
      dst,
      startAt,
      emergency: false,
      firstSeconds,
      mostSeconds: Math.max(1, Math.min(mostSeconds ?? maxCallSeconds, maxCallSeconds)),
    });
    const outcome = fixedOutcome(request, await ledger.start(request));
    const facts = { accountcode, uniqueid, dst: dst === null ? null : masked(dst) };
    if ('refusal' in outcome) {
      const { refusal } = outcome;
      const reply = this.refuse(refusal, facts);
      return FAULTS.has(refusal) ? errorReply(refusal) : reply;
    }
    // Another service has started it at the same time, and its answer counts.
    if (outcome.startedBy === 'other') return this.refuse('call_id_reused', facts);
    const { grantedSeconds } = outcome.grant;
    const talking = await this.extended(accountcode, src, startAt + grantedSeconds * 1000);
    if (isGone()) {
      // Call Control does not repeat this question. Without the answer it refuses the call, and never debits it.
      await ledger.release({ uniqueid, accountcode, node, refusal: 'ledger_unavailable' });
      refusals.note('answer_lost', facts);
      return errorReply('the connection ended before the answer');
    }
    // The reply includes what others have left. Call Control asks again when the call is answered, and must not have ended the call
    // before.
    const left = talking.length === 0 ? grantedSeconds : Math.max(SHORTEST_TOLD_SECONDS, secondsLeft(talking, now()));
    const seconds = Math.min(grantedSeconds, left);
    log.info({ event: 'rating_granted', ...facts, granted_seconds: grantedSeconds, told_seconds: seconds });
    return limitReply(seconds);
  }

  /** The reply to MaxSessionTime for an answered call: when all calls of its caller must end. */
  async connected({ callId, accountcode }: AskedCall): Promise<string> {
    const { ledger, refusals, log, now } = this.options;
    const call = await this.lastOf(callId, accountcode);
    if (!call || (call.endAt !== null && call.answerAt !== null)) {
      refusals.note(call ? 'call_settled_already' : 'call_unknown', { accountcode, call_id: callId });
      return errorReply('no such call');
    }
    const { uniqueid, src } = call;
    const facts = { accountcode, uniqueid };
    if (call.endAt !== null) return this.refuse('call_settled_already', facts);
    // A repeat of the question is no second answer.
    const isFirst = call.answerAt === null;
    const answerAt = call.answerAt ?? now();
    if (isFirst) await ledger.answered({ uniqueid, accountcode, trunk: '', answerAt });
    const talking = await this.extended(accountcode, src);
    // Call Control counts from the answer, however late the reply is.
    const seconds = this.secondsToTell(talking, answerAt);
    if (seconds === 0 && isFirst) {
      // Another call must end in this very second. Call Control then ends them all, and does not debit this one, which has not talked.
      await ledger.end({ uniqueid, accountcode, trunk: '', end: endUnanswered(now(), 'service') });
      return this.refuse('no_time_left', facts);
    }
    // With 0, Call Control would not debit the call, although it may have talked.
    const told = Math.max(1, seconds);
    log.info({ event: 'rating_connected', ...facts, told_seconds: told, calls: talking.length });
    return limitReply(told);
  }

  /** The reply to DebitBalance: charges the call, once. */
  async debit({ callId, accountcode }: AskedCall, talk: Talk): Promise<string> {
    const { ledger, store, refusals, log, now } = this.options;
    const known = await this.lastOf(callId, accountcode);
    const facts = { accountcode, call_id: callId, seconds: Math.floor(talk.ms / 1000) };
    const end = known && endOf(known, talk, now());
    const call =
      end && known.endAt === null ? await ledger.end({ uniqueid: known.uniqueid, accountcode, trunk: '', end }) : known;
    if (!known || !call || call.refusal !== null) {
      refusals.note('call_unknown', facts);
      return FAILED;
    }
    const { uniqueid, src, answerAt, endAt, evidence, billsec } = call;
    const isSame = talk.isNone ? answerAt === null : answerAt !== null && endAt === answerAt + talk.ms;
    if (!isSame) {
      // Either the debit came later than the call could last, or two debits differ.
      const isLate = evidence !== 'event';
      refusals.note(isLate ? 'debit_after_expiry' : 'call_settled_already', { ...facts, settled_seconds: billsec });
      if (!isLate || answerAt === null) return FAILED;
    }
    // A repeat moves no more money.
    const isDone = known.endAt === null && isSame;
    const talking = isDone ? await this.extended(accountcode, src) : await store.talking(accountcode, src, now());
    const seconds = this.secondsToTell(talking, now());
    if (isDone) log.info({ event: 'rating_debited', uniqueid, accountcode, billsec, told_seconds: seconds });
    return debitReply(seconds, pricedCall(call));
  }

  /** When all calls of a caller must end: one second from now if an operator wants all of them ended. 0 if there are none. */
  private secondsToTell(talking: readonly Talking[], at: number): number {
    if (talking.length === 0) return 0;
    return talking.every(({ hangupWanted }) => hangupWanted) ? 1 : secondsLeft(talking, at);
  }

  /** The first grant that a call asks for: as much as leaves the caller's other calls enough to last equally long. */
  private async firstSeconds(call: AskedCall, src: string, startAt: number): Promise<number> {
    const { store, capSeconds } = this.options;
    const { accountcode } = call;
    const dst = this.digitsOf(call);
    const talking = await store.talking(accountcode, src, startAt);
    if (talking.length === 0 || dst === null) return capSeconds;
    const account = await store.account(accountcode);
    const rate = account && (await store.rate(account, dst, startAt));
    if (!account || !rate) return capSeconds;
    const held = { tariff: rate, grantedSeconds: 0, maxCost: ZERO, capSeconds, answerAt: startAt };
    const seconds = commonSeconds([...talking, held], moneyLeft(account), capSeconds, startAt);
    return Math.max(1, paidSecondsFor(held, seconds, startAt));
  }

  /**
   * The talking calls of a caller, with as much more granted as there is money for, so that none must end before the others. All last
   * until `endAt`, or until the latest end that one of them has by its grant or would have alone.
   */
  private async extended(accountcode: string, src: string, endAt = 0): Promise<Talking[]> {
    const { ledger, store, node, capSeconds, now } = this.options;
    const talking = await store.talking(accountcode, src, now());
    const account = talking.length > 0 && (await store.account(accountcode));
    if (!account) return talking;
    const at = now();
    const ends = talking.map(call => call.answerAt + Math.max(call.grantedSeconds, capSeconds) * 1000);
    const wanted = Math.max(0, Math.floor((Math.max(endAt, ...ends) - at) / 1000));
    const common = commonSeconds(talking, moneyLeft(account), wanted, at);
    const asked = talking.map(async call => {
      if (secondsFor(call, common, at) === call.grantedSeconds) return call;
      const seconds = paidSecondsFor(call, common, at);
      const { grant } = await ledger.extend({ uniqueid: call.uniqueid, accountcode, node, seconds });
      return grant ? { ...call, ...grant } : null;
    });
    // A call that cannot be changed any more has ended.
    return (await Promise.all(asked)).filter(call => call !== null);
  }

  private digitsOf({ dialled }: NamedNumber): string | null {
    return readDialled(dialled, this.options.emergencyNumbers).digits;
  }

  private refuse(reason: string, facts: Record<string, unknown>): string {
    this.options.refusals.note(reason, facts);
    return limitReply(0);
  }

  /** The uniqueids that the calls of a Call-ID may have, in order. */
  private names(callId: string): string[] {
    // A Call-ID never contains a blank.
    return Array.from({ length: MOST_ATTEMPTS }, (_, before) =>
      uniqueidOf(this.options.node, before === 0 ? callId : `${callId} ${before + 1}`),
    );
  }

  /** The calls of a Call-ID, in order. */
  private callsOf(callId: string): Promise<CallRecord[]> {
    return this.options.store.callsOf(this.names(callId));
  }

  /** The last call of a Call-ID; undefined if there is none, or if it belongs to another account. */
  private async lastOf(callId: string, accountcode: string): Promise<CallRecord | undefined> {
    const last = (await this.callsOf(callId)).at(-1);
    return last?.accountcode === accountcode ? last : undefined;
  }

  /** The uniqueid for one more call of a Call-ID; null while a call is open, after one was answered, and after too many. */
  private nextName(callId: string, calls: readonly CallRecord[]): string | null {
    if (calls.some(({ endAt, answerAt }) => endAt === null || answerAt !== null)) return null;
    return this.names(callId)[calls.length] ?? null;
  }
}

/**
 * The end that a debit reports: 0 means no answer, less than a second means a short talk. A debit that comes late, because it was sent
 * again, reports an earlier end.
 */
export const endOf = ({ answerAt }: Pick<CallRecord, 'answerAt'>, { ms, isNone }: Talk, now: number): CallEnd =>
  isNone ? endUnanswered(now, 'service') : endAfterTalk(ms, answerAt === null ? now : Math.min(now, answerAt + ms));

function pricedCall(call: CallRecord): Priced {
  const tariff = tariffAt(call.tariff, call.answerAt ?? call.startAt);
  // Within the grant: what a call talks beyond it is not charged.
  const talk = Math.min(call.billsec, call.grantedSeconds);
  return {
    ...call,
    tariff,
    pieces: call.billedSeconds === 0 ? [] : billedPieces({ ...tariff, graceSeconds: 0 }, talk),
    deck: call.rateDeck,
    version: call.rateVersion,
    prefix: call.ratePrefix,
    destination: call.rateDestination,
  };
}
