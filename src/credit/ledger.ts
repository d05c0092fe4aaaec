import type { Logger } from 'pino';
import { DatabaseFault } from '../database/fault';
import type { Micros } from '../money/micros';
import { RateStore } from '../rating/rate-store';
import type { Books, HeldLease } from './books';
import type { Unreadable } from './call-batch';
import { Lane } from './lane';
import type { OutcomeOf, Share } from './ledger-operation';
import { OverloadLog } from './overload-log';
import { isRefusal, type Refusal, TIME_REFUSALS } from './refusal';
import type { CallRecord } from './rules/call';
import type { CallEnd } from './rules/charge';
import { OVERRUN_ALARM_SECONDS } from './rules/charge';
import type { Limits, StartRequest } from './rules/start';
import { openBooks, PING_EVERY_MS } from './sql-books';
import type { StartReport } from './start-times';

/** The ledger as the life of a call needs it. Nothing here rejects: a database that is away means a refusal or a wait. */
export interface CallLedger {
  /**
   * Ring-fences what the call may cost; resolves within the start deadline. A grant is durable. A start that is no longer `isWanted` when
   * its turn comes is dropped, because its caller hung up; an emergency call is never dropped.
   */
  start(request: StartRequest, isWanted?: () => boolean): Promise<OutcomeOf['start']>;
  /** Remembers the answer; resolves when it is durable. `mayWaitMs`: how long it may wait for a transaction with others; 0 by default. */
  answered(call: Answered): Promise<unknown>;
  /** Requests longer talk, `seconds` in all. Resolves with what is granted now; null for a call that this process may not extend. */
  extend(call: Regranted): Promise<OutcomeOf['extend']>;
  /** Gives back what is held beyond `seconds` of talk, which the switch was told already; resolves as `extend`. */
  shrink(call: Regranted): Promise<OutcomeOf['shrink']>;
  /** How the calls of an account should share what there is. */
  share(account: Pick<Share, 'accountcode' | 'clocks' | 'stuck'>): Promise<OutcomeOf['share']>;
  /** Remembers that the caller was warned. */
  warned(call: { uniqueid: string; accountcode: string; secondsLeft: number }): Promise<unknown>;
  /** Reports that a call goes on beyond its limit because its switch did not end it. */
  limitNotKept(call: { uniqueid: string; accountcode: string }): Promise<unknown>;
  /** Takes back a start that was left waiting, and whose caller was refused since without the ledger. A call that ended is left alone. */
  release(call: { uniqueid: string; accountcode: string; node: string; refusal: Refusal }): Promise<unknown>;
  /** Whether the database has refused the content of this call's end: it will not be written soon. */
  isEndRefused(uniqueid: string): boolean;
  /** Charges the call and frees its money, once. Resolves with the CDR when that is durable, or null for an unknown call. `mayWaitMs` as above. */
  end(call: {
    uniqueid: string;
    accountcode: string;
    trunk: string;
    end: CallEnd;
    unwritten?: CallRecord;
    mayWaitMs?: number;
  }): Promise<CallRecord | null>;
}

/** A call that was answered. */
export interface Answered {
  uniqueid: string;
  accountcode: string;
  trunk: string;
  /** Ms since 1970. */
  answerAt: number;
  mayWaitMs?: number;
}

/** The end of a call that was committed. */
export interface EndReport {
  /** From when the ledger was told. */
  ms: number;
  /** null if it was written before, by this process or another one, and for an unknown call. */
  charged: { currency: string; amount: Micros } | null;
}

/** A call that requests so many seconds of talk in all. */
export interface Regranted {
  uniqueid: string;
  accountcode: string;
  node: string;
  seconds: number;
}

export interface LedgerOptions {
  databaseUrl: string;
  lanes: number;
  limits: Limits;
  startDeadlineMs: number;
  batchDeadlineMs: number;
  /** The lease by which this process may start calls on a switch now; null if it may not. Left out: no lease is needed. */
  leaseOf?: (node: string) => HeldLease | null;
  /** Nodes that are doors of other systems and no switches of ours: any process may start calls there, without a lease. */
  doors?: ReadonlySet<string>;
  /** Called with the reason when the database refuses the content of a call's end, and with null when the end is written after all. */
  onEndRefused?: (call: { uniqueid: string; accountcode: string }, code: string | null) => void;
  /** Opens the books for one lane; by default those in the database. */
  openBooks?: (lane: number) => Promise<Books>;
  /** Called with every start, when it is answered. */
  onStart?: (report: StartReport) => void;
  /** Called with each batch that was committed: how many operations it had. */
  onBatch?: (operations: number) => void;
  /** Called for each call that goes on without something that cannot be read. */
  onUnreadable?: (what: Unreadable) => void;
  /** Called with each end when it is committed. */
  onEnd?: (report: EndReport) => void;
  /** For how long this process has stood still in all; ms. 0 by default. */
  stoodStillMs?: () => number;
  /** How much longer a start may take when this process stood still for half of its deadline; ms. 500 by default. */
  stallGraceMs?: number;
  log: Logger;
}

const STALL_GRACE_MS = 500;

/**
 * How long an answer or an end that no caller waits for may wait for a transaction with others. At 50 calls a second on two lanes another
 * operation comes by then, and a call costs one transaction and not three. Ms.
 */
export const NOT_URGENT_MS = 40;

/** A start that was refused faster than this leaves no line in the log: under too much load there are thousands of them. Ms. */
const A_WAIT_MS = 5;

/** The durable ledger: lanes over one database, each with the accounts whose code hashes to it. */
export class Ledger implements CallLedger {
  private readonly lanes: Lane[];
  /** How many calls had talked on beyond their limits when this ledger settled them; by node. */
  readonly overruns = new Map<string, number>();
  private readonly refusedEnds = new Set<string>();
  private readonly overloads: OverloadLog;

  constructor(private readonly options: LedgerOptions) {
    this.overloads = new OverloadLog(line => options.log.warn(line));
    const rates = new RateStore();
    const open = options.openBooks ?? (lane => openBooks(options.databaseUrl, rates, lane));
    this.lanes = Array.from(
      { length: options.lanes },
      (_, lane) =>
        new Lane({
          limits: options.limits,
          startDeadlineMs: options.startDeadlineMs,
          batchDeadlineMs: options.batchDeadlineMs,
          connect: () => open(lane),
          pingEveryMs: PING_EVERY_MS,
          onStart: report => this.tell(report),
          ...(options.onBatch && { onBatch: options.onBatch }),
          onUnreadable: options.onUnreadable,
          stoodStillMs: options.stoodStillMs ?? (() => 0),
          stallGraceMs: options.stallGraceMs ?? STALL_GRACE_MS,
          onFault: (fault, operations) => {
            const { kind, code } = fault instanceof DatabaseFault ? fault : { kind: 'bug', code: '' };
            options.log.error({ event: 'ledger_fault', kind, code, operations, err: fault });
          },
          onStuck: ({ kind, uniqueid, accountcode }, fault) => {
            if (kind !== 'end') return;
            if (fault === null) this.refusedEnds.delete(uniqueid);
            else this.refusedEnds.add(uniqueid);
            const code = fault instanceof DatabaseFault ? fault.code : 'bug';
            options.onEndRefused?.({ uniqueid, accountcode }, fault === null ? null : code);
          },
        }),
    );
  }

  /** Connects every lane, so that the first calls need not wait for it. @throws DatabaseFault */
  async open(): Promise<void> {
    await Promise.all(this.lanes.map(lane => lane.open()));
  }

  start(request: StartRequest, isWanted?: () => boolean): Promise<OutcomeOf['start']> {
    const { uniqueid, accountcode, node } = request;
    const lease = this.leaseFor(node);
    if (lease === NOT_OURS && !request.emergency) return Promise.resolve({ refusal: 'lease_lost' });
    const held = lease === NOT_OURS ? null : lease;
    return this.laneOf(accountcode).start({ kind: 'start', uniqueid, accountcode, request, lease: held }, isWanted);
  }

  answered({ mayWaitMs, ...call }: Answered): Promise<unknown> {
    return this.laneOf(call.accountcode).change({ kind: 'answer', ...call }, mayWaitMs);
  }

  extend({ node, ...call }: Regranted): Promise<OutcomeOf['extend']> {
    return this.regrant(node, lease => this.laneOf(call.accountcode).change({ kind: 'extend', ...call, lease }));
  }

  shrink({ node, ...call }: Regranted): Promise<OutcomeOf['shrink']> {
    return this.regrant(node, lease => this.laneOf(call.accountcode).change({ kind: 'shrink', ...call, lease }));
  }

  share(account: Pick<Share, 'accountcode' | 'clocks' | 'stuck'>): Promise<OutcomeOf['share']> {
    return this.laneOf(account.accountcode).change({ kind: 'share', uniqueid: '', ...account });
  }

  warned(call: { uniqueid: string; accountcode: string; secondsLeft: number }): Promise<unknown> {
    return this.laneOf(call.accountcode).change({ kind: 'warned', ...call });
  }

  limitNotKept(call: { uniqueid: string; accountcode: string }): Promise<unknown> {
    return this.laneOf(call.accountcode).change({ kind: 'limit_not_kept', ...call });
  }

  release({ node, ...call }: Parameters<CallLedger['release']>[0]): Promise<unknown> {
    const lease = this.leaseFor(node);
    if (lease === NOT_OURS) return Promise.resolve({ call: null });
    return this.laneOf(call.accountcode).change({ kind: 'release', ...call, lease });
  }

  async end({ mayWaitMs, ...call }: Parameters<CallLedger['end']>[0]): Promise<CallRecord | null> {
    const beganAt = performance.now();
    const { call: ended, isNews } = await this.laneOf(call.accountcode).change({ kind: 'end', ...call }, mayWaitMs);
    const charged = ended && isNews ? { currency: ended.currency, amount: ended.cost } : null;
    this.options.onEnd?.({ ms: performance.now() - beganAt, charged });
    if (ended && isNews && ended.overrunSeconds >= OVERRUN_ALARM_SECONDS) {
      const { uniqueid, accountcode, node, overrunSeconds: overrun_seconds } = ended;
      this.options.log.error({ event: 'call_overrun', uniqueid, accountcode, node, overrun_seconds });
      this.overruns.set(node, (this.overruns.get(node) ?? 0) + 1);
    }
    return ended;
  }

  isEndRefused(uniqueid: string): boolean {
    return this.refusedEnds.has(uniqueid);
  }

  /** Operations not committed yet, over all lanes. */
  get waiting(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  }

  /** Whether a transaction of calls runs now, or waits for the database. */
  get isBusy(): boolean {
    return this.lanes.some(lane => lane.isBusy);
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map(lane => lane.close()));
  }

  private tell(report: StartReport): void {
    this.options.onStart?.(report);
    this.overloads.note(report.outcome, this.waiting, performance.now());
    const { uniqueid, accountcode, outcome, times } = report;
    if (!isRefusal(outcome) || !TIME_REFUSALS.has(outcome) || times.totalMs < A_WAIT_MS) return;
    const inMs = (ms: number) => Math.round(ms * 10) / 10;
    this.options.log.warn({
      event: 'start_not_in_time',
      uniqueid,
      accountcode,
      refusal: outcome,
      total_ms: inMs(times.totalMs),
      routes_ms: inMs(times.routesMs),
      queue_ms: inMs(times.queueMs),
      statements_ms: inMs(times.statementsMs),
      commit_ms: inMs(times.commitMs),
      event_loop_ms: inMs(times.eventLoopMs),
      waiting: this.waiting,
    });
  }

  private regrant(
    node: string,
    ask: (lease: HeldLease | null) => Promise<OutcomeOf['extend']>,
  ): Promise<OutcomeOf['extend']> {
    const lease = this.leaseFor(node);
    return lease === NOT_OURS ? Promise.resolve({ grant: null }) : ask(lease);
  }

  /** null if no lease is needed. */
  private leaseFor(node: string): HeldLease | null | typeof NOT_OURS {
    const { leaseOf, doors } = this.options;
    if (!leaseOf || doors?.has(node)) return null;
    return leaseOf(node) ?? NOT_OURS;
  }

  private laneOf(accountcode: string): Lane {
    return this.lanes[hash(accountcode) % this.lanes.length] as Lane;
  }
}

/** Another process has the switch by now. */
const NOT_OURS = Symbol('not ours');

/** FNV-1a: any spread will do, if one account is always in one lane. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
