import type { Logger } from 'pino';
import { uniqueidOf } from '../../calls/call-id';
import type { CallLedger } from '../../credit/ledger';
import { type CallRecord, unwrittenCall } from '../../credit/rules/call';
import type { Grant } from '../../credit/rules/grant';
import { emergencyGrant } from '../../credit/rules/start';
import { harmless, masked, readDialled } from '../../rating/dialled-number';
import { within } from '../door-call';
import type { DoorNode } from '../door-kind';
import { fixedOutcome, fixedStart } from '../fixed-call';
import { ACCOUNT, answerOf, CALL, GRANT } from './rest-answers';
import type { Answered, Authorize, Extend, Settle } from './rest-messages';
import {
  MESSAGE_NOT_IN_TIME,
  MESSAGE_NOT_WRITTEN,
  MESSAGE_OF_REFUSAL,
  type Problem,
  RestProblem,
} from './rest-problems';
import { endOf, isEndedSo } from './rest-settlement';
import type { RestStore } from './rest-store';
import { UndecidedStarts } from './undecided-starts';

/** If an operation is not durable by then, the answer says so. The operation goes on, and a repeat of the request gets its result. Ms. */
const ANSWER_WITHIN_MS = 2_000;

/** When a settlement cannot read the database, it tries again after this time. Ms. */
const AGAIN_AFTER_MS = 500;

/** Operations that go on while the database is away; each settlement takes some hundred bytes. */
const MOST_GOING_ON = 20_000;

export interface RestCallsOptions {
  /** What astcdr.node says of these calls. */
  node: DoorNode;
  ledger: CallLedger;
  store: RestStore;
  emergencyNumbers: readonly string[];
  /** The longest talk that one call is granted, however much money there is. */
  capSeconds: number;
  /** The longest talk of an emergency call. */
  emergencySeconds: number;
  log: Logger;
}

/** A call, and the key that it belongs to. */
export interface Caller {
  /** The switch's own name for the call. */
  callId: string;
  /** The name of the switch's key; null in a service without keys. */
  key: string | null;
}

/** An answer without a problem. */
export interface Done {
  status: 200 | 201;
  body: Record<string, unknown>;
}

/**
 * The calls of switches that speak REST, on the ledger. Every method rejects with RestProblem, or with DatabaseFault if the database
 * cannot be read.
 */
export class RestCalls {
  /** Operations that are not durable yet, by their content. A repeat waits for the first instead of doing it twice. */
  private readonly goingOn = new Map<string, Promise<unknown>>();
  private readonly undecided = new UndecidedStarts();
  /** Resolves when calls can be read again; null while they can. */
  private readable: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly options: RestCallsOptions) {}

  /** Operations that are not durable yet. */
  get waiting(): number {
    return this.goingOn.size;
  }

  /** Gives up what still waits for the database. */
  close(): void {
    this.closed = true;
  }

  /** Ring-fences what the call may cost: 201. For a call in progress, returns its present grant: 200. */
  async authorize(message: Authorize, caller: Caller, accountcode: string): Promise<Done> {
    const { node, ledger, emergencyNumbers, capSeconds, log } = this.options;
    const { number, seconds: askedSeconds } = message;
    const uniqueid = this.uniqueidOf(caller);
    const { digits: dst, emergency } = readDialled(number, emergencyNumbers);
    const request = fixedStart({
      uniqueid,
      accountcode,
      node,
      src: harmless(message.caller ?? ''),
      dst,
      startAt: message.start_at ?? Date.now(),
      emergency,
      firstSeconds: askedSeconds,
      mostSeconds: capSeconds,
      asksAgain: true,
    });
    const started = await this.undecided.of({ request, outcome: ledger.start(request) });
    const outcome = fixedOutcome(request, started);
    if ('refusal' in outcome && !emergency) {
      const { refusal } = outcome;
      throw new RestProblem(refusal, MESSAGE_OF_REFUSAL[refusal]({ accountcode, number }), {
        facts: { accountcode, uniqueid, dst: masked(request.dst ?? '') },
      });
    }
    // An emergency call is let through even if the ledger refuses it.
    const { grant, callerBalance, startedBy } =
      'grant' in outcome
        ? outcome
        : { grant: this.emergencyGrant, callerBalance: undefined, startedBy: 'new' as const };
    const isRepeated = startedBy !== 'new';
    const known = isRepeated ? await inTime(this.options.store.call(uniqueid)) : null;
    if (known) notToBeEnded(known, caller);
    const currency = isRepeated ? known?.currency || null : (callerBalance?.currency ?? null);
    const { grantedSeconds } = grant;
    if (!isRepeated) {
      const facts = { uniqueid, accountcode, dst: masked(request.dst ?? number), granted_seconds: grantedSeconds };
      log.info({ event: 'rest_granted', ...facts, emergency });
    }
    const granted = { ...grant, callId: caller.callId, uniqueid, accountcode, currency, askedSeconds };
    return { status: isRepeated ? 200 : 201, body: answerOf(GRANT, granted) };
  }

  /** Remembers the answer. */
  answered(message: Answered, caller: Caller): Promise<Done> {
    return inTime(this.tellAnswer(message, caller));
  }

  /** Asks for longer talk; 200 with the new grant, which may be shorter than asked. */
  extend(message: Extend, caller: Caller): Promise<Done> {
    return inTime(this.askForMore(message, caller));
  }

  /** Charges the call and frees its money, once. A repeat gets the same answer. */
  settle(message: Settle, caller: Caller): Promise<Done> {
    // A settlement counts from when the switch sent it, even if it then waits for the database.
    return this.settledInTime(message, caller);
  }

  /** The present state of the call. */
  async call(caller: Caller): Promise<Done> {
    return done(await inTime(this.known(caller)), caller);
  }

  /** What the account has; `named` is the switch's name for it. */
  async account(accountcode: string | null, named: string): Promise<Done> {
    const account = accountcode === null ? null : await inTime(this.options.store.account(accountcode));
    if (account) return { status: 200, body: answerOf(ACCOUNT, account) };
    const message = MESSAGE_OF_REFUSAL.account_not_found({ accountcode: named, number: '' });
    throw new RestProblem('account_not_found', message, { facts: { accountcode } });
  }

  private async tellAnswer(message: Answered, caller: Caller): Promise<Done> {
    let call = this.inProgress(await this.known(caller), caller);
    if (call.answerAt === null) {
      const { uniqueid, accountcode } = call;
      const answerAt = message.answered_at ?? Date.now();
      // One at a time: the first answer that is reported counts.
      await this.durable(answeredOf(uniqueid), () =>
        this.options.ledger.answered({ uniqueid, accountcode, trunk: '', answerAt }),
      );
      call = await this.known(caller);
    }
    if (call.answerAt === null) throw settledBefore(call, caller);
    if (message.answered_at === undefined || message.answered_at === call.answerAt) return done(call, caller);
    const told = new Date(call.answerAt).toISOString();
    throw ofCall('answered_already', `the call was answered at ${told}: an answer is told once`, call, caller);
  }

  private async askForMore({ seconds }: Extend, caller: Caller): Promise<Done> {
    const { node, ledger } = this.options;
    const call = notToBeEnded(this.inProgress(await this.known(caller), caller), caller);
    const { uniqueid, accountcode, currency } = call;
    const asked = { uniqueid, accountcode, node, seconds };
    const { grant } = await this.durable(`extend ${uniqueid} ${seconds}`, () => ledger.extend(asked));
    // The call ended meanwhile, or it is an emergency call, whose first grant is the longest.
    const now = grant ?? this.inProgress(await this.known(caller), caller);
    const granted = { ...now, callId: caller.callId, uniqueid, accountcode, currency: currency || null };
    return { status: 200, body: answerOf(GRANT, { ...granted, askedSeconds: seconds }) };
  }

  private async settledInTime(message: Settle, caller: Caller): Promise<Done> {
    const result = await within(ANSWER_WITHIN_MS, this.end(message, caller, Date.now()));
    if (result !== 'late') return result;
    const uniqueid = this.uniqueidOf(caller);
    if (!this.options.ledger.isEndRefused(uniqueid)) throw new RestProblem('ledger_unavailable', MESSAGE_NOT_IN_TIME);
    throw new RestProblem('failed', MESSAGE_NOT_WRITTEN, { facts: { uniqueid } });
  }

  private async end(message: Settle, caller: Caller, toldAt: number): Promise<Done> {
    const what = `settle ${this.uniqueidOf(caller)} ${JSON.stringify(message)}`;
    const call = await this.durable(what, () => this.settled(message, caller, toldAt));
    if (isEndedSo(message, call)) return done(call, caller);
    throw call.refusal === null ? settledBefore(call, caller) : refusedBefore(call, caller);
  }

  private async settled(message: Settle, caller: Caller, toldAt: number): Promise<CallRecord> {
    const uniqueid = this.uniqueidOf(caller);
    // Looked up before the call is read: once the start is decided, the call is in the database.
    const undecided = this.undecided.get(uniqueid);
    await undecided?.outcome;
    // An answer that is on its way to the ledger belongs to the settlement.
    await this.goingOn.get(answeredOf(uniqueid));
    const call = await this.readAtLast(uniqueid);
    if (call !== null && call.endAt !== null) return call;
    const request = undecided?.request;
    const accountcode = (call ?? request)?.accountcode;
    if (accountcode === undefined) throw notFound(uniqueid);
    const { ledger, log } = this.options;
    const end = endOf(message, { answerAt: call?.answerAt ?? null }, toldAt);
    // The end goes through the start's lane, behind the start. By then the start is written, or never will be.
    const unwritten = request?.emergency ? unwrittenCall(request, this.emergencyGrant) : undefined;
    const settled = await ledger.end({ uniqueid, accountcode, trunk: '', end, unwritten });
    if (undecided) this.undecided.decided(undecided);
    if (settled === null) throw notFound(uniqueid);
    const { billsec, billedSeconds: billed_seconds, overrunSeconds: overrun_seconds, refusal } = settled;
    if (refusal === null)
      log.info({ event: 'rest_settled', uniqueid, accountcode, billsec, billed_seconds, overrun_seconds });
    return settled;
  }

  private get emergencyGrant(): Grant {
    return emergencyGrant({ maxCallSeconds: this.options.emergencySeconds, barredPrefixes: [] });
  }

  private uniqueidOf({ callId, key }: Caller): string {
    // Each key has calls of its own: a switch cannot end the call of another key.
    return uniqueidOf(this.options.node, key === null ? callId : `${key}/${callId}`);
  }

  private async known(caller: Caller): Promise<CallRecord> {
    const uniqueid = this.uniqueidOf(caller);
    const call = await this.options.store.call(uniqueid);
    if (call) return call;
    throw notFound(uniqueid);
  }

  /** The call; null if there is none. Waits as long as the database is away. */
  private async readAtLast(uniqueid: string): Promise<CallRecord | null> {
    for (;;) {
      try {
        return await this.options.store.call(uniqueid);
      } catch (error) {
        if (this.closed) throw error;
        this.readable ??= this.untilReadable(error).finally(() => {
          this.readable = null;
        });
        await this.readable;
      }
    }
  }

  /** One question for all that wait: a database that comes back would otherwise meet thousands at once. */
  private async untilReadable(error: unknown): Promise<void> {
    const { store, log } = this.options;
    log.warn({ event: 'rest_calls_not_read', waiting: this.waiting, error: String(error) });
    for (let isReadable = false; !isReadable && !this.closed; ) {
      await new Promise(resolve => setTimeout(resolve, AGAIN_AFTER_MS));
      isReadable = await store.call('').then(
        () => true,
        () => false,
      );
    }
  }

  private inProgress(call: CallRecord, caller: Caller): CallRecord {
    if (call.refusal !== null) throw refusedBefore(call, caller);
    if (call.endAt !== null) throw settledBefore(call, caller);
    return call;
  }

  /** The result of an operation that goes on until it is durable, even if its request has had an answer by then. */
  private durable<Result>(what: string, operation: () => Promise<Result>): Promise<Result> {
    const known = this.goingOn.get(what) as Promise<Result> | undefined;
    if (!known && this.goingOn.size >= MOST_GOING_ON)
      return Promise.reject(new RestProblem('overloaded', MESSAGE_NOT_IN_TIME));
    const work = known ?? operation().finally(() => this.goingOn.delete(what));
    if (!known) {
      this.goingOn.set(what, work);
      // The request that waits handles the error. After a late answer none waits.
      work.catch(() => undefined);
    }
    return work;
  }
}

/** @throws RestProblem if the work takes too long; it goes on. */
async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  const result = await within(ANSWER_WITHIN_MS, work);
  if (result === 'late') throw new RestProblem('ledger_unavailable', MESSAGE_NOT_IN_TIME);
  return result;
}

const notFound = (uniqueid: string): RestProblem =>
  new RestProblem('call_not_found', 'there is no such call: it was never authorized, or with another key', {
    facts: { uniqueid },
  });

const answeredOf = (uniqueid: string): string => `answered ${uniqueid}`;

const viewOf = (call: CallRecord, { callId }: Caller) => answerOf(CALL, { callId, call });

const done = (call: CallRecord, caller: Caller): Done => ({ status: 200, body: viewOf(call, caller) });

const ofCall = (word: Problem, message: string, call: CallRecord, caller: Caller): RestProblem => {
  const { uniqueid, accountcode, billsec } = call;
  return new RestProblem(word, message, {
    beside: { call: viewOf(call, caller) },
    facts: { uniqueid, accountcode, billsec },
  });
};

const settledBefore = (call: CallRecord, caller: Caller): RestProblem =>
  ofCall('call_settled_already', 'the call was settled: "call" says how it ended and what was charged', call, caller);

/** The call. @throws RestProblem if an operator wants it ended. */
function notToBeEnded(call: CallRecord, caller: Caller): CallRecord {
  if (!call.hangupWanted || call.endAt !== null) return call;
  throw ofCall('hangup_wanted', 'an operator wants the call ended: end it now, and settle it', call, caller);
}

const refusedBefore = (call: CallRecord, caller: Caller): RestProblem =>
  ofCall(
    'call_refused',
    'the call was not let through: nothing is held for it, and nothing can be charged',
    call,
    caller,
  );
