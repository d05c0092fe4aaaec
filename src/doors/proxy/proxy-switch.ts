import type { Logger } from 'pino';
import { UNBORN_MS } from '../../calls/call-deadlines';
import { CAUSE } from '../../calls/causes';
import {
  type Authorisation,
  type SwitchBridge,
  type SwitchChannel,
  SwitchError,
  type SwitchEvent,
  type SwitchPort,
} from '../../calls/switch-port';
import type { CallRecord } from '../../credit/call-record';
import type { Dialog, Dialogs } from './dialogs';

/** A call for which the proxy asks. */
export interface ProxyCall {
  uniqueid: string;
  callId: string;
  /** Who pays, in the words of the dialplan's arguments: `account=alice`, or those of a pool. */
  args: string[];
  callerNumber: string;
  /** Hostile. */
  dialledNumber: string;
}

export interface ProxySwitchOptions {
  node: string;
  dialogs: Dialogs;
  /** The Call-ID of a call of this proxy; null for one that cannot be told from its uniqueid. */
  callIdOf: (uniqueid: string) => string | null;
  /** The calls that the ledger has open on this proxy. */
  openCalls: () => Promise<Pick<CallRecord, 'uniqueid' | 'accountcode' | 'dst'>[]>;
  onEvent: (event: SwitchEvent) => void;
  /** Told when this is the one that acts for the proxy, and when it is no more. */
  onServing: (serves: boolean) => void;
  /** Told of each call that ended since it was to. */
  onDropped: () => void;
  log: Logger;
}

/** A call in progress, for who looks in. */
export interface ListedCall {
  callId: string;
  user: string;
  dialled: string;
  /** ms since 1970; null while it rings. */
  answeredAt: number | null;
  secondsLeft: number | null;
}

/** What is known of a call while it lasts. */
interface Known {
  callId: string;
  /** Since when; ms since 1970. */
  since: number;
  args: readonly string[];
  dialled: string;
  answeredAt: number | null;
  /** When it was last known to be unanswered; ms since 1970. */
  rangAt: number;
  /** Somebody waits for what is decided. */
  decide: ((authorisation: Authorisation) => void) | null;
  limit: { seconds: number; timer: NodeJS.Timeout | null; endsAt: number } | null;
  /** It is to be ended, which the proxy cannot do before it is answered. */
  isToEnd: boolean;
  /** It was to be ended, and the proxy could not be told so or refused. */
  isUnended: boolean;
  /** When somebody said that it is over; ms since 1970. */
  saidOverAt: number | null;
  dialog: Dialog | null;
}

const UNKNOWN: Omit<Known, 'callId' | 'since'> = {
  args: [],
  dialled: '',
  answeredAt: null,
  rangAt: 0,
  decide: null,
  limit: null,
  isToEnd: false,
  isUnended: false,
  saidOverAt: null,
  dialog: null,
};

/** A Call-ID that no call has. */
const NO_CALL = 'ringfence-asks-whether-it-is-heard';

/** The proxy's own limit is for when we are dead: ours comes first. Seconds. */
const TABLE_LATER_SECONDS = 2;

/** A dialog that is over may be in the proxy's list for so long, and one that begins not yet. Ms. */
const LIST_LAGS_MS = 1_000;

/** A worker of the proxy stands still until it is answered, within half a second; what is granted has to be told to the proxy before. Ms. */
const START_WITHIN_MS = 400;

/** How often the proxy is asked for the calls in progress; more seldom where that takes more than a tenth of the time, as of many calls. */
const FOLLOW_MS = { least: 1_000, most: 5_000 };
const FOLLOW_SHARE = 0.1;

/**
 * Kamailio or OpenSIPS as a switch that dials by itself: its calls are told by whoever asks for them (call_control, cnxcc's commands),
 * ended by its own commands, and limited by timers of this process, which hold as long as it lives. What nobody told of an answer or an
 * end is seen in the proxy's own list a second later: call_control loses what it has to tell while we restart, and cnxcc's commands tell none.
 *
 * A call is one channel here, whose name is its uniqueid. There is one clock, ours.
 */
export class ProxySwitch implements SwitchPort {
  readonly isProxy = true;
  readonly startWithinMs = START_WITHIN_MS;
  private readonly known = new Map<string, Known>();
  private closed = false;
  /** Why the proxy could not be asked; null while it can. */
  private notAsked: string | null = null;

  constructor(private readonly options: ProxySwitchOptions) {}

  get node(): string {
    return this.options.node;
  }

  now(): number {
    return Date.now();
  }

  /** Rejects `unanswered` while the proxy cannot be asked. */
  async identify(): Promise<string> {
    await this.options.dialogs.startedAt();
    return this.node;
  }

  start(): void {
    void this.connect();
  }

  async leaveEvents(): Promise<void> {
    this.options.onServing(false);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.options.onServing(false);
    for (const { limit } of this.known.values()) if (limit?.timer) clearTimeout(limit.timer);
    this.known.clear();
  }

  private async connect(): Promise<void> {
    const AGAIN_MS = 1_000;
    try {
      const startedAt = await this.options.dialogs.startedAt();
      // One that does not take this would not let us end a call either: none is let through.
      await this.options.dialogs.of([NO_CALL]);
      if (this.closed) return;
      this.asked();
      this.options.onEvent({ type: 'connected', startedAt });
      this.options.onServing(true);
      void this.follow();
      this.options.log.info({ event: 'proxy_serving', node: this.node });
    } catch (error) {
      this.couldNotAsk(error);
      if (!this.closed) setTimeout(() => void this.connect(), AGAIN_MS).unref();
    }
  }

  /** Whether a call is in progress, as far as is known here. */
  knows(uniqueid: string): boolean {
    return this.known.has(uniqueid);
  }

  /** How many calls of an account are in progress. */
  callsOf(accountcode: string): number {
    return [...this.known.values()].filter(known => known.args[0] === `account=${accountcode}`).length;
  }

  /** Calls that are in progress, for who looks in. */
  list(): ListedCall[] {
    return [...this.known.values()].map(({ callId, args, dialled, answeredAt, limit }) => ({
      callId,
      user: args[0]?.replace(/^\w+=/, '') ?? '',
      dialled,
      answeredAt,
      secondsLeft: limit?.timer ? Math.max(0, (limit.endsAt - Date.now()) / 1000) : (limit?.seconds ?? null),
    }));
  }

  /** Asks for a call; resolves with what was decided, `late` when that took longer: then the call is over here. */
  authorise({ uniqueid, callId, args, callerNumber, dialledNumber }: ProxyCall, withinMs: number) {
    return new Promise<Authorisation | 'late'>(resolve => {
      const timer = setTimeout(() => {
        this.stopped(uniqueid);
        resolve('late');
      }, withinMs);
      const decide = (authorisation: Authorisation) => {
        clearTimeout(timer);
        resolve(authorisation);
      };
      const at = this.now();
      this.known.set(uniqueid, { ...UNKNOWN, callId, since: at, rangAt: at, args, dialled: dialledNumber, decide });
      const leg: SwitchChannel = {
        channel: uniqueid,
        name: callId,
        accountcode: '',
        callerNumber,
        dialledNumber,
        state: 'ringing',
        createdAt: at,
        args,
        isElsewhere: true,
      };
      this.options.onEvent({ type: 'arrived', at, leg });
    });
  }

  /** A call was answered; twice is once. False for one that is not known. */
  answered(uniqueid: string, at = this.now()): boolean {
    const known = this.known.get(uniqueid);
    if (!known) return false;
    if (known.answeredAt !== null) return true;
    known.answeredAt = at;
    this.options.onEvent({ type: 'answered', at, channel: uniqueid });
    if (known.isToEnd) void this.hangup(uniqueid).catch(() => undefined);
    return true;
  }

  /**
   * Somebody says that a call is over. The proxy's own list tells whether it is: another call may have its Call-ID, which its caller chose,
   * and what ends then is that one.
   */
  async saidToBeOver(uniqueid: string): Promise<void> {
    const known = this.known.get(uniqueid);
    if (!known) return;
    const at = this.now();
    known.saidOverAt ??= at;
    try {
      const found = await this.options.dialogs.of([known.callId]);
      this.asked();
      if (this.known.get(uniqueid) === known) this.see(uniqueid, known, found.get(known.callId), at);
    } catch (error) {
      this.couldNotAsk(error);
    }
  }

  /** A call is over, who hung up is not told. False for one that is not known. */
  stopped(uniqueid: string, at = this.now()): boolean {
    const known = this.known.get(uniqueid);
    if (!known) return false;
    this.forget(uniqueid, known);
    const { unlimit } = this.options.dialogs;
    if (unlimit && known.answeredAt !== null) void unlimit(known.callId).catch(() => undefined);
    if (known.isToEnd) this.options.onDropped();
    this.options.onEvent({ type: 'ended', at, channel: uniqueid, byRequest: known.isToEnd });
    this.options.onEvent({ type: 'destroyed', at, channel: uniqueid, cause: CAUSE.normalClearing, techCause: null });
    return true;
  }

  private async follow(): Promise<void> {
    const askedAt = this.now();
    let waitMs = FOLLOW_MS.least;
    try {
      await this.look();
      waitMs = Math.min(FOLLOW_MS.most, Math.max(FOLLOW_MS.least, (this.now() - askedAt) / FOLLOW_SHARE));
    } catch (error) {
      this.couldNotAsk(error);
    }
    if (!this.closed) setTimeout(() => void this.follow(), waitMs).unref();
  }

  /** Said once, and once when it is over: it is asked every second. */
  private couldNotAsk(error: unknown): void {
    if (this.notAsked === null) {
      this.options.log.warn({ event: 'proxy_not_asked', node: this.node, error: (error as Error).message });
    }
    this.notAsked = (error as Error).message;
  }

  private asked(): void {
    if (this.notAsked !== null) this.options.log.info({ event: 'proxy_asked_again', node: this.node });
    this.notAsked = null;
  }

  /** What the proxy's list says of the calls that are known here. */
  private async look(): Promise<void> {
    const asked = [...this.known];
    if (asked.length === 0) return;
    const at = this.now();
    const found = await this.options.dialogs.of(asked.map(([, { callId }]) => callId));
    this.asked();
    for (const [uniqueid, known] of asked) {
      if (this.known.get(uniqueid) === known) this.see(uniqueid, known, found.get(known.callId), at);
    }
  }

  private see(uniqueid: string, known: Known, dialog: Dialog | undefined, at: number): void {
    const { saidOverAt } = known;
    const wasSaid = saidOverAt !== null && saidOverAt <= at - LIST_LAGS_MS;
    if (!dialog) {
      const hasTalked = known.answeredAt !== null && known.answeredAt <= at - LIST_LAGS_MS;
      const isGone = known.dialog !== null || wasSaid || hasTalked || known.since < at - UNBORN_MS;
      if (isGone) this.stopped(uniqueid, saidOverAt ?? at);
      return;
    }
    if (wasSaid) known.saidOverAt = null;
    // Of several with its Call-ID the proxy ends one at a time.
    if (known.isToEnd) void this.hangup(uniqueid).catch(() => undefined);
    known.dialog = dialog;
    if (dialog.answeredAt === null) known.rangAt = at;
    // The proxy tells the second only.
    else if (known.answeredAt === null) this.answered(uniqueid, Math.max(dialog.answeredAt, known.rangAt));
  }

  async handBack(authorisation: Authorisation): Promise<void> {
    const { channel, refusal, grant } = authorisation;
    const known = this.known.get(channel);
    if (!known) throw new SwitchError('gone', `${channel} is over`);
    // Before anybody rings: we may be dead when he answers. Not for an emergency call (the one without a cap), which is let through also where
    // the proxy cannot be told.
    if (grant && grant.capSeconds > 0) await this.grantInProxy(known, grant.grantedSeconds);
    known.decide?.(authorisation);
    known.decide = null;
    if (refusal !== null) this.known.delete(channel);
  }

  async watch(): Promise<void> {
    // Whoever asked for the call tells what becomes of it.
  }

  async setLimit(channel: string, seconds: number): Promise<void> {
    const known = this.known.get(channel);
    if (!known) throw new SwitchError('gone', `${channel} is over`);
    if (known.limit?.timer) clearTimeout(known.limit.timer);
    known.limit = { seconds, timer: null, endsAt: Number.POSITIVE_INFINITY };
    // Talk is what is limited: it counts from the answer.
    if (known.answeredAt === null) return await this.grantInProxy(known, seconds);
    known.limit.endsAt = this.now() + seconds * 1000;
    known.limit.timer = setTimeout(() => void this.cut(channel), seconds * 1000);
    await this.limitInProxy(known, seconds);
  }

  prolongLimit(channel: string, seconds: number): Promise<void> {
    return this.setLimit(channel, seconds);
  }

  async readLimit(channel: string): Promise<number | null> {
    const limit = this.known.get(channel)?.limit;
    if (!limit) return null;
    return limit.timer ? (limit.endsAt - this.now()) / 1000 : limit.seconds;
  }

  async hangup(channel: string): Promise<void> {
    const { dialogs, callIdOf } = this.options;
    const known = this.known.get(channel);
    if (known) known.isToEnd = true;
    const callId = known?.callId ?? callIdOf(channel);
    if (callId !== null) await dialogs.end(callId);
  }

  /** What the ledger or we have open, as far as the proxy has it. */
  async channels(): Promise<SwitchChannel[]> {
    const { dialogs, callIdOf, openCalls } = this.options;
    const open = new Map((await openCalls()).map(call => [call.uniqueid, call]));
    const uniqueids = new Set([...this.known.keys(), ...open.keys()]);
    const callIds = new Map([...uniqueids].flatMap(uniqueid => entryOf(uniqueid, callIdOf(uniqueid))));
    const at = this.now();
    const found = await dialogs.of([...callIds.values()]);
    return [...callIds].flatMap(([uniqueid, callId]) => {
      const dialog = found.get(callId);
      const known = this.known.get(uniqueid);
      if (known) this.see(uniqueid, known, dialog, at);
      if (!dialog) return [];
      // One that was taken over: what becomes of it is told from here on.
      const answeredAt = known?.answeredAt ?? dialog.answeredAt;
      if (!known) {
        const { accountcode = '', dst = '' } = open.get(uniqueid) ?? {};
        const asked = { args: [`account=${accountcode}`], dialled: dst };
        this.known.set(uniqueid, { ...UNKNOWN, ...asked, callId, since: at, answeredAt, dialog });
      }
      return [
        {
          channel: uniqueid,
          name: callId,
          accountcode: '',
          callerNumber: '',
          dialledNumber: '',
          state: answeredAt === null ? 'ringing' : 'up',
          createdAt: this.now(),
          args: [],
          isElsewhere: true,
        } satisfies SwitchChannel,
      ];
    });
  }

  async answeredAt(channel: string): Promise<number | null> {
    return this.known.get(channel)?.answeredAt ?? null;
  }

  async bridges(): Promise<SwitchBridge[]> {
    return [];
  }

  // A proxy hangs up dialogs of open calls only, so that those of other books are never touched.
  async leaveMark(): Promise<void> {}
  async readMark(): Promise<null> {
    return null;
  }
  async isServed(): Promise<boolean> {
    return false;
  }

  createBridge = notHere;
  createLeg = notHere;
  join = notHere;
  dial = notHere;
  play = notHere;

  async destroyBridge(): Promise<void> {}
  async stopPlaying(): Promise<void> {}

  private forget(uniqueid: string, { limit }: Known): void {
    this.known.delete(uniqueid);
    if (limit?.timer) clearTimeout(limit.timer);
  }

  /** The limit is over: it is ended, and asked for again while the proxy does not take it. That it goes on is told by whoever carries it. */
  private async cut(channel: string): Promise<void> {
    const AGAIN_MS = 500;
    try {
      await this.hangup(channel);
    } catch (error) {
      const known = this.known.get(channel);
      if (known && !known.isUnended) {
        this.options.log.warn({ event: 'call_not_ended', node: this.node, uniqueid: channel, error: String(error) });
        known.isUnended = true;
      }
      if (known?.limit) known.limit.timer = setTimeout(() => void this.cut(channel), AGAIN_MS);
    }
  }

  /** @throws SwitchError: what the ledger takes back from a call that rings is not others' before the proxy knows. */
  private async grantInProxy({ callId }: Known, seconds: number): Promise<void> {
    await this.options.dialogs.grant?.(callId, seconds + TABLE_LATER_SECONDS);
  }

  private async limitInProxy(known: Known, seconds: number): Promise<void> {
    const { dialogs, log } = this.options;
    if (!dialogs.limit) return;
    try {
      known.dialog ??= (await dialogs.of([known.callId])).get(known.callId) ?? null;
      if (known.dialog) await dialogs.limit(known.dialog, seconds + TABLE_LATER_SECONDS);
    } catch (error) {
      log.warn({ event: 'limit_not_in_proxy', node: this.node, call_id: known.callId, error: String(error) });
    }
  }
}

const entryOf = (uniqueid: string, callId: string | null): [string, string][] =>
  callId === null ? [] : [[uniqueid, callId]];

/** What only a switch with legs of ours can do; the life of a call asks it of no proxy. */
async function notHere(): Promise<never> {
  throw new SwitchError('refused', 'a SIP proxy has neither legs nor bridges nor sounds of ours');
}
