import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { uniqueidOf } from '../../calls/call-id';
import type { CallLedger } from '../../credit/ledger';
import { TIME_REFUSALS } from '../../credit/refusal';
import type { CallRecord } from '../../credit/rules/call';
import type { CallEnd } from '../../credit/rules/charge';
import type { RefusalLog } from '../../listeners/refusal-log';
import { digitsOf, masked, readDialled } from '../../rating/dialled-number';
import { longestSeconds } from '../../rating/timed';
import { endAfterTalk, within } from '../door-call';
import type { DoorNode } from '../door-kind';
import { fixedOutcome, fixedStart } from '../fixed-call';
import { callerOf, MOST_SECONDS, type SemsCaller } from './sems-request';
import type { SemsStore } from './sems-store';

/** SEMS waits forever for an answer, and blocks the call's own thread. A debit that is not durable by then is answered before it is. Ms. */
const ANSWER_WITHIN_MS = 2_000;

const AGAIN_AFTER_MS = 500;

/** No account to charge, or nothing that can be done. SEMS refuses the call with 402, as for 0. */
export const NOT_DONE = -1;

export interface SemsCallsOptions {
  /** What astcdr.node says of these calls. */
  node: DoorNode;
  ledger: CallLedger;
  store: SemsStore;
  /** The account of a uuid; null if no account can have that name. */
  accountcodeOf: (uuid: string) => string | null;
  emergencyNumbers: readonly string[];
  /** The longest talk that one call is granted, however much money there is. */
  capSeconds: number;
  /** The longest talk of an emergency call. */
  emergencySeconds: number;
  /** The number whose rate prices a uuid without a Call-ID; null if such calls are refused. */
  secondsNumber: string | null;
  refusals: RefusalLog;
  log: Logger;
}

/** The beginning of the uniqueid of a hold that was made without a Call-ID. */
export const holdPrefix = (node: string): string => `${node}:hold:`;

/** SEMS's calls on the ledger: `getCredit` starts a call, `subtractCredit` ends it. No method rejects. */
export class SemsCalls {
  /** Holds to which a debit is being charged. */
  private readonly taken = new Set<string>();
  private atWork = 0;
  private lastInstant = 0;
  private closed = false;

  constructor(private readonly options: SemsCallsOptions) {}

  /** Debits that are not durable yet. */
  get waiting(): number {
    return this.atWork;
  }

  /** Gives up what still waits for the database. */
  close(): void {
    this.closed = true;
  }

  /** How long the call may talk, in seconds; 0 for no credit, NOT_DONE for an unknown caller. */
  async getCredit(pin: string): Promise<number> {
    const caller = this.callerIn(pin);
    if (!caller) return NOT_DONE;
    const { call, accountcode } = caller;
    const { digits, emergency } = call
      ? readDialled(call.dialled, this.options.emergencyNumbers)
      : { digits: this.secondsDigits(), emergency: false };
    const seconds = await this.start(call, accountcode, digits, emergency);
    return emergency ? Math.max(seconds, this.options.emergencySeconds) : seconds;
  }

  /**
   * Charges `seconds` of talk. Resolves with the seconds that the account could still talk at that price, or NOT_DONE if nothing was
   * charged.
   */
  async subtractCredit(pin: string, seconds: number): Promise<number> {
    const caller = this.callerIn(pin);
    if (!caller) return NOT_DONE;
    const { call, accountcode } = caller;
    const debit = call ? this.end(call.callId, accountcode, seconds) : this.endAny(accountcode, seconds);
    this.atWork++;
    const done = debit.finally(() => this.atWork--);
    const answered = await within(ANSWER_WITHIN_MS, done);
    if (answered === 'late') {
      this.options.log.warn({ event: 'sems_debit_waits', accountcode, seconds });
      return 0;
    }
    if (answered === null) return NOT_DONE;
    const left = await within(ANSWER_WITHIN_MS, this.options.store.availableOf(accountcode)).catch(
      () => 'late' as const,
    );
    if (left === 'late') return 0;
    return Math.max(0, Math.min(MOST_SECONDS, longestSeconds(answered.tariff, left) ?? MOST_SECONDS));
  }

  private callerIn(pin: string): (SemsCaller & { accountcode: string }) | null {
    const { accountcodeOf, secondsNumber, refusals } = this.options;
    const caller = callerOf(pin);
    const accountcode = caller ? accountcodeOf(caller.uuid) : null;
    if (!caller || accountcode === null) {
      refusals.note('uuid_invalid', { todo: 'set prepaid_uuid=$H(P-Caller-Uuid)|$rU|$ci' });
      return null;
    }
    if (!caller.call && secondsNumber === null) {
      const todo = 'set prepaid_uuid=$H(P-Caller-Uuid)|$rU|$ci, or RINGFENCE_SEMS_SECONDS_NUMBER';
      refusals.note('call_id_missing', { accountcode, todo });
      return null;
    }
    return { ...caller, accountcode };
  }

  private async start(
    call: SemsCaller['call'],
    accountcode: string,
    dst: string | null,
    emergency: boolean,
  ): Promise<number> {
    const { node, ledger, capSeconds, refusals, log } = this.options;
    const uniqueid = call ? uniqueidOf(node, call.callId) : `${holdPrefix(node)}${randomUUID()}`;
    const startAt = this.instant();
    const request = fixedStart({
      uniqueid,
      accountcode,
      node,
      src: '',
      dst,
      startAt,
      emergency,
      mostSeconds: capSeconds,
    });
    const outcome = fixedOutcome(request, await ledger.start(request));
    const facts = { accountcode, uniqueid, dst: dst === null ? null : masked(dst) };
    if ('refusal' in outcome) {
      refusals.note(outcome.refusal, facts);
      return outcome.refusal === 'account_not_found' ? NOT_DONE : 0;
    }
    // The caller chooses the Call-ID, and could talk twice for the price of one call. An answer of this service that was lost comes
    // from LostAnswers; whether an answer of another service was lost cannot be known.
    if (outcome.startedBy === 'other') {
      refusals.note('call_id_reused', facts);
      return 0;
    }
    const { grantedSeconds } = outcome.grant;
    log.info({ event: 'sems_granted', uniqueid, accountcode, dst: masked(dst ?? ''), granted_seconds: grantedSeconds });
    return grantedSeconds;
  }

  private secondsDigits(): string | null {
    const { secondsNumber } = this.options;
    return secondsNumber === null ? null : digitsOf(secondsNumber);
  }

  /** Ends a call; null if neither this debit nor the same one before charged anything. */
  private async end(callId: string, accountcode: string, seconds: number): Promise<CallRecord | null> {
    const { node, refusals } = this.options;
    const uniqueid = uniqueidOf(node, callId);
    // SEMS reports only how long both talked, after the call. It does not say who hung up, or why.
    const end = endAfterTalk(seconds * 1000);
    const call = await this.settle(uniqueid, accountcode, end);
    const facts = { accountcode, uniqueid, seconds };
    if (!call) {
      refusals.note('call_unknown', facts);
      return null;
    }
    if (isBy(call, end) || (call.refusal === null && call.answerAt !== null && call.billsec === seconds)) return call;
    // This talk is charged to no call: the log must show it.
    const isExpired = call.refusal === null && call.answerAt === null;
    refusals.note(isExpired ? 'debit_after_expiry' : 'call_settled_already', {
      ...facts,
      settled_seconds: call.billsec,
    });
    return null;
  }

  /** Charges talk whose call is not named: to one of the account's holds, or to the account if it has none. */
  private async endAny(accountcode: string, seconds: number): Promise<CallRecord | null> {
    const { store, log } = this.options;
    for (;;) {
      try {
        const hold = await store.holdFor(accountcode, seconds, [...this.taken]);
        if (!hold) return await this.endWithoutHold(accountcode, seconds);
        // Another debit may have taken the hold while the database was asked.
        if (this.taken.has(hold.uniqueid)) continue;
        this.taken.add(hold.uniqueid);
        const end = endAfterTalk(seconds * 1000, this.instant());
        const call = await this.settle(hold.uniqueid, accountcode, end).finally(() => this.taken.delete(hold.uniqueid));
        // Another process took the hold, or it expired meanwhile.
        if (call && isBy(call, end)) return call;
      } catch (error) {
        log.warn({ event: 'sems_holds_not_read', accountcode, seconds, error: String(error) });
        if (this.closed) return null;
        await new Promise(resolve => setTimeout(resolve, AGAIN_AFTER_MS));
      }
    }
  }

  private async endWithoutHold(accountcode: string, seconds: number): Promise<CallRecord | null> {
    const { ledger, node, refusals, log } = this.options;
    // Its name is not that of a hold, or another service would charge a debit to it.
    const uniqueid = `${node}:debit:${randomUUID()}`;
    const startAt = Date.now() - seconds * 1000;
    const request = fixedStart({
      uniqueid,
      accountcode,
      node,
      src: '',
      dst: this.secondsDigits(),
      startAt,
      emergency: false,
      mostSeconds: Math.max(1, seconds),
    });
    const outcome = fixedOutcome(request, await ledger.start(request));
    if ('refusal' in outcome) {
      const { refusal } = outcome;
      if (TIME_REFUSALS.has(refusal)) throw new Error(refusal);
      refusals.note('debit_without_hold', { accountcode, seconds, refusal });
      return null;
    }
    log.warn({ event: 'sems_debit_without_hold', uniqueid, accountcode, seconds });
    return await this.settle(uniqueid, accountcode, endAfterTalk(seconds * 1000));
  }

  /** The present instant, given out only once in this process. The instants of its start and end identify a call as this process's own. */
  private instant(): number {
    this.lastInstant = Math.max(Date.now(), this.lastInstant + 1);
    return this.lastInstant;
  }

  private settle(uniqueid: string, accountcode: string, end: CallEnd): Promise<CallRecord | null> {
    return this.options.ledger.end({ uniqueid, accountcode, trunk: '', end });
  }
}

const isBy = (call: CallRecord, end: CallEnd): boolean => call.endAt === end.endAt && call.answerAt === end.answerAt;
