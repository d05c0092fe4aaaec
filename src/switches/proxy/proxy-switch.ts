import type { Logger } from 'pino';
import { UNBORN_MS } from '../../calls/call-deadlines';
import { CAUSE } from '../../calls/causes';
import type { SoughtCall, WrittenCall } from '../../calls/evidence';
import {
  type Authorisation,
  type CallNotes,
  type SwitchBridge,
  type SwitchChannel,
  SwitchError,
  type SwitchEvent,
  type SwitchPort,
} from '../../calls/switch-port';
import type { CallRecord } from '../../credit/rules/call';
import { type CallNote, causeIn, writtenIn } from './call-note';
import type { Dialog, Dialogs } from './dialogs';
import { eachCall } from './each-call';

/** A call for which the proxy asks. */
export interface ProxyCall {
  uniqueid: string;
  callId: string;
  /** The account that pays, in the words of the dialplan's arguments: `account=alice`, or those of a pool. */
  args: string[];
  callerNumber: string;
  /** Hostile. */
  dialledNumber: string;
}

export interface ProxySwitchOptions {
  node: string;
  dialogs: Dialogs;
  /** How long the ledger may take to decide: a worker of the proxy stands still until the answer. Ms. */
  startWithinMs: number;
  /** The Call-ID of a call of this proxy; null if its uniqueid does not contain it. */
  callIdOf: (uniqueid: string) => string | null;
  /** The calls that the ledger has open on this proxy. */
  openCalls: () => Promise<Pick<CallRecord, 'uniqueid' | 'accountcode' | 'dst' | 'answerAt'>[]>;
  onEvent: (event: SwitchEvent) => void;
  /** Called when this switch begins to act for the proxy, and when it ends. */
  onServing: (serves: boolean) => void;
  /** Called for each call that ended because this service ended it. */
  onDropped: () => void;
  log: Logger;
}

/** A call in progress, as it is listed. */
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
  /** Answers the request that waits for the decision. */
  decide: ((authorisation: Authorisation) => void) | null;
  /** The talk that the proxy was told before the answer; seconds, null if another limit holds by now. */
  granted: number | null;
  limit: { seconds: number; timer: NodeJS.Timeout | null; endsAt: number } | null;
  /** It must end, which the proxy cannot do before the answer. */
  isToEnd: boolean;
  /** It must end, but the proxy could not be told so, or refused. */
  isUnended: boolean;
  /** While the proxy is asked to end it. */
  end: Promise<void> | null;
  /** When the proxy ended it because we requested that; ms since 1970. */
  endTakenAt: number | null;
  /** When it was reported as over; ms since 1970. */
  saidOverAt: number | null;
  dialog: Dialog | null;
}

const UNKNOWN: Omit<Known, 'callId' | 'since'> = {
  args: [],
  dialled: '',
  answeredAt: null,
  rangAt: 0,
  decide: null,
  granted: null,
  limit: null,
  isToEnd: false,
  isUnended: false,
  end: null,
  endTakenAt: null,
  saidOverAt: null,
  dialog: null,
};

/** A Call-ID that no call has. */
const NO_CALL = 'ringfence-asks-whether-it-is-heard';

/** The proxy's own limit is for the case that we are dead, so ours must come first. Seconds. */
const TABLE_LATER_SECONDS = 2;

/** How long a dialog that is over may stay in the proxy's list, and a new one may be missing. Ms. */
const LIST_LAGS_MS = 1_000;

/** How often the proxy is asked for the calls in progress; more seldom if that takes more than a tenth of the time, as with many calls. */
const FOLLOW_MS = { least: 1_000, most: 5_000 };
const FOLLOW_SHARE = 0.1;

/**
 * Kamailio or OpenSIPS as a switch that dials by itself. The door that asks for a call reports its events (call_control, cnxcc's commands).
 * The proxy's own commands end it. Timers of this process limit it, as long as the process lives. If an answer or end was not reported, it
 * is seen in the proxy's own list a second later: call_control loses its reports while we restart, and cnxcc's commands report none.
 *
 * A call is one channel here, and its uniqueid is the channel's name. There is one clock, ours.
 */
export class ProxySwitch implements SwitchPort {
  readonly dialsByItself = true;
  readonly playsSounds = false;
  readonly notes: CallNotes = { of: calls => this.notesOf(calls), forget: uniqueid => this.forgetNote(uniqueid) };
  private readonly known = new Map<string, Known>();
  /** Calls that are over, while the proxy is asked how they ended. */
  private readonly ending = new Set<string>();
  private closed = false;
  /** Why the proxy could not be asked; null if it can. */
  private notAsked: string | null = null;

  constructor(private readonly options: ProxySwitchOptions) {}

  get node(): string {
    return this.options.node;
  }

  get startWithinMs(): number {
    return this.options.startWithinMs;
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
      // If the proxy does not take this, it would not let us end a call either, so no call is let through.
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

  /** Whether a call is in progress, so that it can be ended. */
  isInProgress(uniqueid: string): boolean {
    return this.known.has(uniqueid);
  }

  /** Whether a call is in progress, or is over and the proxy's note of its end is being read. */
  knows(uniqueid: string): boolean {
    return this.known.has(uniqueid) || this.ending.has(uniqueid);
  }

  /** How many calls of an account are in progress. */
  callsOf(accountcode: string): number {
    return [...this.known.values()].filter(known => known.args[0] === `account=${accountcode}`).length;
  }

  /** The calls that are in progress. */
  list(): ListedCall[] {
    return [...this.known.values()].map(({ callId, args, dialled, answeredAt, limit }) => ({
      callId,
      user: args[0]?.replace(/^\w+=/, '') ?? '',
      dialled,
      answeredAt,
      secondsLeft: limit?.timer ? Math.max(0, (limit.endsAt - Date.now()) / 1000) : (limit?.seconds ?? null),
    }));
  }

  /** Requests a call. Resolves with the decision, or with `late` if that took longer: then the call is over here. */
  authorise({ uniqueid, callId, args, callerNumber, dialledNumber }: ProxyCall, withinMs: number) {
    return new Promise<Authorisation | 'late'>(resolve => {
      const timer = setTimeout(() => {
        this.stopped(uniqueid, { isUnheard: true });
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

  /** A call was answered; a repeat changes nothing. False for an unknown call. */
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
   * A request says that a call is over. The proxy's own list says whether it is: another call may have the same Call-ID, which a caller
   * chooses, and then that other call ends.
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

  /**
   * A call is over, and the proxy's note says how it ended, if there is one. False for an unknown call. `isSeen`: its end was seen and not
   * reported, so it ended at that time at the latest. `isUnheard`: the proxy was not told that the call may begin.
   */
  stopped(
    uniqueid: string,
    { at = this.now(), isSeen = false, isUnheard = false }: { at?: number; isSeen?: boolean; isUnheard?: boolean } = {},
  ): boolean {
    const known = this.known.get(uniqueid);
    if (!known) return false;
    this.forget(uniqueid, known);
    const { table } = this.options.dialogs;
    if (table && known.answeredAt !== null) void table.unlimit(known.callId).catch(() => undefined);
    if (known.isToEnd) this.options.onDropped();
    if (!table || isUnheard) {
      this.tellEnd(uniqueid, known, { at, isSeen, note: null });
      return true;
    }
    this.ending.add(uniqueid);
    void this.endNoted(known.callId).then(note => {
      this.ending.delete(uniqueid);
      this.tellEnd(uniqueid, known, { at, isSeen, note });
    });
    return true;
  }

  /** The proxy's note of a call that is over. The proxy writes it a moment after it told us; an older configuration never writes one. */
  private async endNoted(callId: string): Promise<CallNote | null> {
    const WRITTEN_WITHIN_MS = [0, 50, 150, 400];
    let note: CallNote | null = null;
    for (const waitMs of WRITTEN_WITHIN_MS) {
      await new Promise(resolve => setTimeout(resolve, waitMs));
      note = await this.noteOf(callId);
      if (note === null || note.endedAt !== null) break;
    }
    return note;
  }

  private tellEnd(
    channel: string,
    known: Known,
    { at, isSeen, note }: { at: number; isSeen: boolean; note: CallNote | null },
  ): void {
    const written = note && writtenIn(note, channel, { answerAt: known.answeredAt, startAt: known.since });
    const { onEvent } = this.options;
    const isUnheard = known.answeredAt === null && written?.answerAt != null;
    if (isUnheard) onEvent({ type: 'answered', at: written.answerAt as number, channel });
    // What was reported as it happened is as true, by our own clock.
    const isWritten = written?.endAt != null && (isSeen || isUnheard);
    const byRequest = known.isToEnd || note?.by === 'proxy';
    onEvent({
      type: 'ended',
      at: isWritten ? (written.endAt as number) : at,
      channel,
      byRequest,
      ...(isWritten && { evidence: 'proxy' as const }),
      ...((note?.by === 'caller' || note?.by === 'callee') && { by: note.by, byParty: note.by === 'caller' }),
    });
    const cause = note && !byRequest ? causeIn(note) : CAUSE.normalClearing;
    onEvent({ type: 'destroyed', at, channel, cause, techCause: note?.status ?? null });
  }

  /** The proxy's note of a call; null if there is none, or if the proxy cannot be asked now. */
  private async noteOf(callId: string): Promise<CallNote | null> {
    const { table } = this.options.dialogs;
    if (this.closed) return null;
    try {
      return (await table?.noteOf(callId)) ?? null;
    } catch (error) {
      this.couldNotAsk(error);
      return null;
    }
  }

  /** When a call was answered that is answered in the proxy's list: by the proxy's note, because the list has only the second. */
  private async answerOf({ callId, rangAt }: Known, dialog: Dialog & { answeredAt: number }): Promise<number> {
    const note = await this.noteOf(callId);
    const isOfDialog = note?.dialog === dialog.id.join(':');
    return Math.max((isOfDialog ? note?.answeredAt : null) ?? dialog.answeredAt, rangAt);
  }

  private async notesOf(calls: readonly SoughtCall[]): Promise<Map<string, WrittenCall>> {
    const { dialogs, callIdOf } = this.options;
    const sought = new Map(calls.map(call => [call.uniqueid, call]));
    return eachCall([...sought.keys()], async uniqueid => {
      const callId = callIdOf(uniqueid);
      const note = callId === null ? null : await dialogs.table?.noteOf(callId);
      const { answerAt = null, startAt } = sought.get(uniqueid) as SoughtCall;
      return note ? writtenIn(note, uniqueid, { answerAt, startAt }) : null;
    });
  }

  private forgetNote(uniqueid: string): void {
    const callId = this.options.callIdOf(uniqueid);
    if (callId !== null) void this.options.dialogs.table?.forget(callId).catch(() => undefined);
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

  /** Logged once, and once when it is over: the proxy is asked every second. */
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

  /** What the proxy's list says about the calls that are known here. */
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
    const { saidOverAt, endTakenAt } = known;
    const wasSaid = saidOverAt !== null && saidOverAt <= at - LIST_LAGS_MS;
    if (!dialog) {
      const hasTalked = known.answeredAt !== null && known.answeredAt <= at - LIST_LAGS_MS;
      const isGone = known.dialog !== null || wasSaid || hasTalked || known.since < at - UNBORN_MS;
      // A busy proxy's list is read seconds later: those seconds are not charged.
      if (isGone) this.stopped(uniqueid, { at: saidOverAt ?? endTakenAt ?? at, isSeen: saidOverAt === null });
      return;
    }
    if (wasSaid) known.saidOverAt = null;
    // Of several dialogs with its Call-ID the proxy ends one at a time. A list that was asked for before it ended one has that one still.
    if (known.isToEnd && (endTakenAt === null || endTakenAt < at)) void this.hangup(uniqueid).catch(() => undefined);
    known.dialog = dialog;
    if (dialog.answeredAt === null) known.rangAt = at;
    else if (known.answeredAt === null)
      void this.seeAnswer(uniqueid, known, { ...dialog, answeredAt: dialog.answeredAt });
  }

  private async seeAnswer(uniqueid: string, known: Known, dialog: Dialog & { answeredAt: number }): Promise<void> {
    const at = await this.answerOf(known, dialog);
    if (this.known.get(uniqueid) === known) this.answered(uniqueid, at);
  }

  async handBack(authorisation: Authorisation): Promise<void> {
    const { channel, refusal, grant } = authorisation;
    const known = this.known.get(channel);
    if (!known) throw new SwitchError('gone', `${channel} is over`);
    // Before the call rings: we may be dead when it is answered. Not for an emergency call (the one without a cap), which is let through
    // also if the proxy cannot be told.
    if (grant && grant.capSeconds > 0) await this.grantInProxy(known, grant.grantedSeconds, true);
    known.decide?.(authorisation);
    known.decide = null;
    if (refusal !== null) this.known.delete(channel);
  }

  async watch(): Promise<void> {
    // The door that asked for the call tells its events.
  }

  async setLimit(channel: string, seconds: number): Promise<void> {
    const known = this.known.get(channel);
    if (!known) throw new SwitchError('gone', `${channel} is over`);
    if (known.limit?.timer) clearTimeout(known.limit.timer);
    known.limit = { seconds, timer: null, endsAt: Number.POSITIVE_INFINITY };
    // Talk is limited: it counts from the answer.
    if (known.answeredAt === null) return await this.grantInProxy(known, seconds, false);
    known.limit.endsAt = this.now() + seconds * 1000;
    known.limit.timer = setTimeout(() => void this.cut(channel), seconds * 1000);
    await this.limitInProxy(known, seconds);
  }

  prolongLimit(channel: string, seconds: number): Promise<void> {
    return this.setLimit(channel, seconds);
  }

  async hangup(channel: string): Promise<void> {
    const { dialogs, callIdOf } = this.options;
    const known = this.known.get(channel);
    if (known) {
      known.isToEnd = true;
      // Several may want the same end at once, and a proxy that is asked twice sends BYE twice.
      known.end ??= this.endOf(known).finally(() => {
        known.end = null;
      });
      return await known.end;
    }
    const callId = callIdOf(channel);
    if (callId !== null) await dialogs.end(callId);
  }

  private async endOf(known: Known): Promise<void> {
    const hasEnded = await this.options.dialogs.end(known.callId);
    if (hasEnded) known.endTakenAt = this.now();
  }

  /** What the ledger or we have open, as far as the proxy has it. A call that is over stays in the list until its end is reported. */
  async channels(): Promise<SwitchChannel[]> {
    const { dialogs, callIdOf, openCalls } = this.options;
    const open = new Map((await openCalls()).map(call => [call.uniqueid, call]));
    const uniqueids = new Set([...this.known.keys(), ...open.keys()]);
    const callIds = new Map([...uniqueids].flatMap(uniqueid => entryOf(uniqueid, callIdOf(uniqueid))));
    const at = this.now();
    const found = await dialogs.of([...callIds.values()]);
    const channels: SwitchChannel[] = [];
    for (const [uniqueid, callId] of callIds) {
      const dialog = found.get(callId);
      const known = this.known.get(uniqueid);
      if (known) this.see(uniqueid, known, dialog, at);
      if (this.ending.has(uniqueid)) channels.push(this.channelOf(uniqueid, callId, 'down'));
      else if (dialog) {
        // A call that was taken over: from here on we report what becomes of it.
        const taken = known ?? (await this.take(uniqueid, dialog, open.get(uniqueid)));
        const isAnswered = (taken.answeredAt ?? dialog.answeredAt) !== null;
        channels.push(this.channelOf(uniqueid, callId, isAnswered ? 'up' : 'ringing'));
      }
    }
    return channels;
  }

  /** A call of the ledger that another process let through. */
  private async take(
    uniqueid: string,
    dialog: Dialog,
    { accountcode = '', dst = '', answerAt = null }: Partial<Pick<CallRecord, 'accountcode' | 'dst' | 'answerAt'>> = {},
  ): Promise<Known> {
    const asked = { args: [`account=${accountcode}`], dialled: dst ?? '', answeredAt: answerAt };
    const taken: Known = { ...UNKNOWN, ...asked, callId: dialog.callId, since: this.now(), dialog };
    if (answerAt === null && dialog.answeredAt !== null)
      taken.answeredAt = await this.answerOf(taken, { ...dialog, answeredAt: dialog.answeredAt });
    this.known.set(uniqueid, taken);
    return taken;
  }

  private channelOf(uniqueid: string, callId: string, state: SwitchChannel['state']): SwitchChannel {
    return {
      channel: uniqueid,
      name: callId,
      accountcode: '',
      callerNumber: '',
      dialledNumber: '',
      state,
      createdAt: this.now(),
      args: [],
      isElsewhere: true,
    };
  }

  async answeredAt(channel: string): Promise<number | null> {
    return this.known.get(channel)?.answeredAt ?? null;
  }

  async bridges(): Promise<SwitchBridge[]> {
    return [];
  }

  // Only dialogs of open calls are hung up at a proxy, so that those of other books are never touched.
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

  /** The limit is over: the call is ended, and again while the proxy does not end it. The switchboard reports a call that goes on. */
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

  /** @throws SwitchError: other calls may not have what the ledger takes back from a ringing call before the proxy knows the new limit. */
  private async grantInProxy(known: Known, seconds: number, isFirst: boolean): Promise<void> {
    await this.options.dialogs.table?.grant(known.callId, seconds + TABLE_LATER_SECONDS, isFirst);
    known.granted = seconds;
  }

  private async limitInProxy(known: Known, seconds: number): Promise<void> {
    const { dialogs, log } = this.options;
    if (!dialogs.table) return;
    const isAsGranted = known.granted !== null && Math.abs(seconds - known.granted) < 1;
    if (dialogs.table.grantLimits && isAsGranted) return;
    known.granted = null;
    try {
      known.dialog ??= (await dialogs.of([known.callId])).get(known.callId) ?? null;
      if (known.dialog) await dialogs.table.limit(known.dialog, seconds + TABLE_LATER_SECONDS);
    } catch (error) {
      log.warn({ event: 'limit_not_in_proxy', node: this.node, call_id: known.callId, error: String(error) });
    }
  }
}

const entryOf = (uniqueid: string, callId: string | null): [string, string][] =>
  callId === null ? [] : [[uniqueid, callId]];

/** Only a switch with legs of ours can do this; the life of a call does not request it of a proxy. */
async function notHere(): Promise<never> {
  throw new SwitchError('refused', 'a SIP proxy has neither legs nor bridges nor sounds of ours');
}
