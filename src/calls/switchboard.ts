import type { Logger } from 'pino';
import { MOST_IN_A_BATCH } from '../credit/admission';
import { type CallLedger, NOT_URGENT_MS } from '../credit/ledger';
import type { Refusal } from '../credit/refusal';
import { PLAIN_TERMS } from '../credit/rules/account';
import type { CallRecord } from '../credit/rules/call';
import { grantOf } from '../credit/rules/grant';
import type { Clocks } from '../credit/rules/sharing';
import type { Metric } from '../metrics/exposition';
import type { Route } from '../routes/route';
import type { Routes } from '../routes/route-table';
import { balanceMedia, timeMedia, warningMedia } from './announcements';
import { arrivalOf, takenOver } from './arrival';
import { adopt, arrive, step } from './call';
import { CallCredit } from './call-credit';
import { logStep } from './call-log';
import { RefusedCalls } from './call-metrics';
import { CallRegistry } from './call-registry';
import { CallStart } from './call-start';
import type { CallAction, CallEvent, CallPolicy, CallState, Dialler, EndingCall, FoundLeg, Step } from './call-state';
import { CallTimers } from './call-timers';
import { CallTrace } from './call-trace';
import { type CarriedCall, Doubts } from './carried-call';
import { CAUSE } from './causes';
import type { ChannelList } from './channel-list';
import type { SwitchRecords } from './evidence';
import { Legs } from './legs';
import { OverdueCalls } from './overdue-calls';
import { Settlement } from './settlement';
import { type SwitchChannel, SwitchError, type SwitchEvent, type SwitchPort } from './switch-port';
import type { AccountNews } from './touched-accounts';
import { Turns } from './turns';
import { afterSilence, isOfSilence } from './unheard-answer';

export interface SwitchboardOptions {
  ledger: CallLedger;
  routes: Routes;
  policy: CallPolicy;
  emergencyNumbers: string[];
  records: SwitchRecords;
  /** How long to wait for the switch's own records if something of a call may have been missed. Ms. */
  recordsWithinMs?: number;
  log: Logger;
}

/** How many works of one account on one switch go on at once: at the switch so few that others find a free connection, at the ledger a whole batch. */
const AT_ONCE = { switch: 8, ledger: MOST_IN_A_BATCH };

/** How long the next calls of an account wait before they are warned too. Ms. */
const WARNED_EVERY_MS = 5;

/** A switch that is away for so long may stay away: one that only lost its connection is back before that. Ms. */
const AWAY_MS = 1_000;

/** An event beside a call; nothing if its result changes nothing. */
type Outcome = CallEvent | CallEvent[] | undefined;

/**
 * Carries every call of this process: gives each call its events in order, and does what the call then wants.
 *
 * A step is taken at once and whole, so each call has a mailbox of its own. What takes time runs beside the call, and comes back as an
 * event.
 */
export class Switchboard {
  private readonly calls = new CallRegistry();
  /** When each switch was started, by its own word. */
  private readonly startedAt = new Map<SwitchPort, number>();
  /** Switches whose events do not reach us now, and since when; by our own monotonic clock, ms. */
  private readonly away = new Map<SwitchPort, number>();
  /** Accounts of calls that were taken over, which no look at the accounts has included yet. */
  private readonly taken = new Set<string>();
  private readonly refused = new RefusedCalls();
  private readonly overdue = new OverdueCalls();
  private readonly turns: Record<'switch' | 'ledger', Turns>;
  private readonly credit: CallCredit;
  private readonly starts: CallStart;
  private readonly settlement: Settlement;

  constructor(private readonly options: SwitchboardOptions) {
    const { ledger, routes, policy, records, recordsWithinMs, log } = options;
    const isCarried = (call: CarriedCall) => this.calls.has(call);
    const waitsForNothing = (state: Pick<CallState, 'dst' | 'emergency'>) => this.isEmergency(state);
    this.turns = {
      switch: new Turns(AT_ONCE.switch, waitsForNothing),
      ledger: new Turns(AT_ONCE.ledger, waitsForNothing),
    };
    this.credit = new CallCredit({
      ledger,
      callsOf: accountcode => this.callsOf(accountcode),
      isCarried: call => this.calls.of(call.state.uniqueid) === call,
      clocks: () => this.clocks(),
      isAway: port => performance.now() - (this.away.get(port) ?? Number.POSITIVE_INFINITY) >= AWAY_MS,
      post: (uniqueid, event) => this.post(uniqueid, event),
      turns: this.turns,
    });
    const { credit } = this;
    const take = (call: CarriedCall, event: CallEvent) => this.take(call, event);
    this.starts = new CallStart({ routes, credit, ringSeconds: policy.ringSeconds, isCarried, post: take });
    const startedAt = (port: SwitchPort) => this.startedAt.get(port) ?? 0;
    this.settlement = new Settlement({
      ledger,
      records,
      recordsWithinMs,
      isCarried,
      startedAt,
      turns: this.turns.ledger,
      log,
    });
  }

  get metrics(): Metric[] {
    return [...this.refused.metrics(this.carried), this.overdue.metric];
  }

  /** How many calls are carried now, including those that are being settled. */
  get carried(): number {
    return this.calls.size;
  }

  /** How many starts and ends of calls are on their way into the ledger. */
  get waiting(): number {
    return this.calls.waiting(port => !this.away.has(port));
  }

  /** The calls of a switch that have ended, but whose end the ledger has not committed. */
  endingOn(node: string): EndingCall[] {
    return this.calls.endingOn(node);
  }

  /** The state of one call; undefined for a call that is not carried. */
  stateOf(uniqueid: string): CallState | undefined {
    return this.calls.of(uniqueid)?.state;
  }

  /** Whether a channel is a leg of a carried call. */
  carries(channel: string): boolean {
    return this.calls.ofChannel(channel) !== undefined;
  }

  /** Whether something may have happened to a call unheard. */
  isUnsure(uniqueid: string): boolean {
    return this.calls.of(uniqueid)?.doubts.exist === true;
  }

  /** The uniqueids of the calls carried on a switch. */
  carriedOn(port: SwitchPort): string[] {
    return this.calls.on(port).map(({ state }) => state.uniqueid);
  }

  /** Takes in the events of a switch. */
  handle(port: SwitchPort, event: SwitchEvent): void {
    switch (event.type) {
      case 'arrived':
        this.arrived(port, event.leg, event.at);
        return;
      case 'tookPlace':
        this.displace(port, event);
        return;
      case 'apart':
      case 'ringing':
      case 'answered':
      case 'dials':
      case 'ended':
      case 'destroyed': {
        const call = this.calls.ofChannel(event.type === 'answered' ? (event.caller ?? event.channel) : event.channel);
        // Two switches of one name could report the same uniqueid: each one's events are for its own calls.
        if (call?.port !== port) return;
        // A call that was handed back has left our application, which is no end.
        const hasLeft = event.type === 'ended' && event.hasLeft === true;
        if (!hasLeft || call.state.dialledBy === 'us') this.take(call, event);
        return;
      }
      case 'replaced':
        // Another process acts for this switch now, and adopts its calls.
        this.abandon(port);
        this.startedAt.delete(port);
        this.away.delete(port);
        return;
      case 'left':
        this.away.set(port, performance.now());
        return;
      case 'connected':
        this.startedAt.set(port, event.startedAt);
        this.away.delete(port);
        for (const call of this.calls.on(port)) call.doubts.add();
        return;
      case 'disconnected':
        this.away.set(port, this.away.get(port) ?? performance.now());
        for (const call of this.calls.on(port)) call.doubts.add();
        return;
    }
  }

  /** A caller's channel has entered our application, or was found waiting in it. */
  arrived(port: SwitchPort, leg: SwitchChannel, at: number): void {
    const known = this.calls.of(leg.channel);
    if (known) {
      // For a call that we dial, the same news may come twice.
      if (known.state.dialledBy === 'us' && at <= known.arrivedAt) return;
      this.take(known, { type: 'askedAgain', at, refusal: this.whyNotTheSame(known.state, port, leg) });
      return;
    }
    const { call, error } = arrivalOf(port, leg, this.options.emergencyNumbers);
    const first = arrive(call, leg.state === 'up' ? leg.createdAt : null);
    if (error !== null) this.options.log.warn({ event: 'arguments_invalid', uniqueid: leg.channel, error });
    const isRefused = error !== null && !call.emergency;
    this.carry(port, isRefused ? { state: first.state, actions: [] } : first, NO_BRIDGE, at);
    if (isRefused) this.post(leg.channel, { type: 'refused', refusal: 'arguments_invalid' });
  }

  /**
   * Why a channel that asks again may not have the answer of its first question: that answer is the price of one number, for one account.
   * null if it asks for the same, and for an emergency number, which is never refused.
   */
  private whyNotTheSame({ accountcode, dst }: CallState, port: SwitchPort, leg: SwitchChannel): Refusal | null {
    const { call, error } = arrivalOf(port, leg, this.options.emergencyNumbers);
    if (call.emergency) return null;
    if (error !== null) return 'arguments_invalid';
    return call.accountcode === accountcode && call.dst === dst ? null : 'uniqueid_reused';
  }

  /** Tells a call that what is known of it was compared with a list of the switch's channels. */
  compared(uniqueid: string, channels: ChannelList): void {
    const call = this.calls.of(uniqueid);
    if (!call) return;
    const { bLeg, givenUp, phase } = call.state;
    // A leg that was given up, and is gone unheard, may have been answered before.
    const areThere = channels.has(bLeg) && givenUp.every(({ channel }) => channels.has(channel));
    if (channels.has(uniqueid) && (phase === 'authorising' || areThere)) call.doubts.clear();
  }

  /** Tells a call that the leg that talks is gone since an unknown time: it was last seen at this instant of the switch's clock. */
  legLost(uniqueid: string, seenAt: number): void {
    const call = this.calls.of(uniqueid);
    call?.doubts.loseLeg(seenAt, call.port.now());
  }

  /** Tells a call what is known of it although its event was missed. */
  missed(uniqueid: string, event: Extract<CallEvent, { type: 'answered' | 'ended' | 'destroyed' }>): void {
    this.post(uniqueid, event);
  }

  /** From now on refuses new calls, lets the live ones go on, and hurries those that are ending. */
  close(): void {
    this.credit.close();
    this.starts.close();
    this.settlement.close();
    for (const call of this.calls.all()) {
      const { state, port } = call;
      call.legs.hurry();
      const at = port.now();
      if (state.phase === 'ending') this.take(call, { type: 'timer', timer: 'cause', at });
      // Its money may be on its way: when it comes, it is released again.
      if (state.phase === 'authorising' && !state.emergency) {
        this.take(call, { type: 'hangUp', by: 'service', cause: CAUSE.networkOutOfOrder, at });
      }
    }
  }

  /**
   * Forgets calls without touching them: they go on in their switch, under its limits. All calls, or those of one switch. A known end is
   * settled all the same, because it is a fact, whichever service reports it.
   */
  abandon(port?: SwitchPort): void {
    for (const call of port ? this.calls.on(port) : this.calls.all()) {
      call.legs.hurry();
      if (call.state.phase === 'ending') this.take(call, { type: 'timer', timer: 'cause', at: call.port.now() });
      call.timers.stopAll();
      this.calls.letGoOf(call);
    }
    for (const turns of Object.values(this.turns)) turns.waitNoLonger(port?.node);
  }

  /** Runs `look` with the accounts of calls that were taken over since the last look. If it rejects, the next look includes them again. */
  async withTakenOver<Result>(look: (accountcodes: readonly string[]) => Promise<Result>): Promise<Result> {
    const taken = [...this.taken];
    this.taken.clear();
    try {
      return await look(taken);
    } catch (error) {
      for (const accountcode of taken) this.taken.add(accountcode);
      throw error;
    }
  }

  /**
   * Makes the calls of an account do what its operator wants: end, or share what there is now. `endsAll`: the operator asked a moment ago
   * that all calls that are carried here end, whatever the clocks say. Emergency calls go on.
   */
  follow({ accountcode, blocked, hangupBefore }: AccountNews, endsAll: boolean): void {
    const calls = this.callsOf(accountcode);
    const isOver = ({ state }: CarriedCall) =>
      blocked || endsAll || (hangupBefore !== null && state.startAt < hangupBefore);
    for (const call of calls.filter(isOver)) {
      const cause = call.state.phase === 'talking' ? CAUSE.normalClearing : CAUSE.callRejected;
      this.take(call, { type: 'hangUp', by: 'operator', cause, at: call.port.now() });
    }
    if (calls.some(call => !isOver(call))) this.credit.share(accountcode);
  }

  /** The routes of a call that is about to be taken over: half a second old at most, or those that were read last. */
  async routesOf({ dst }: CallRecord): Promise<Route[]> {
    await this.options.routes.of(dst, true);
    return this.options.routes.lastOf(dst);
  }

  /** Takes over a live call that an earlier service let through. `routes`: those of its number, none if the switch dials. */
  adopt(
    port: SwitchPort,
    record: CallRecord,
    leg: Omit<FoundLeg, 'routeIndex'>,
    dialledBy: Dialler,
    routes: Route[],
    bridge: FoundBridge = NO_BRIDGE,
  ): void {
    const { uniqueid, accountcode } = record;
    if (this.calls.of(uniqueid)) return;
    const { call, routeIndex } = takenOver(record, leg.bLeg, dialledBy, routes);
    // The next look at the accounts finds out how the account wants it treated.
    const grant = grantOf(record, PLAIN_TERMS);
    this.taken.add(accountcode);
    const carried = this.carry(port, adopt(call, grant, { ...leg, routeIndex }, this.options.policy), bridge);
    // A leg that the switch dialled is in no list of ours: it may have been answered unheard. So may a leg that is gone.
    if (dialledBy !== 'us' || (leg.lost ?? []).length > 0) carried.doubts.add();
    this.options.log.info({ event: 'call_adopted', uniqueid, accountcode, answered: leg.answerAt !== null });
  }

  /** Resolves when the switch has the limits of a call that is carried here, or has refused them. */
  limited(uniqueid: string): Promise<void> {
    return this.calls.of(uniqueid)?.legs.limited ?? Promise.resolve();
  }

  /** The new channel was never let through: it is hung up, and so is the call whose place it took. */
  private displace(port: SwitchPort, { channel, of, at }: Extract<SwitchEvent, { type: 'tookPlace' }>): void {
    const found = this.calls.ofChannel(of);
    const call = found?.port === port ? found : undefined;
    this.options.log.warn({ event: 'place_taken', channel, of, node: port.node });
    const gone = (call?.legs ?? port).hangup(channel, CAUSE.callRejected);
    gone.catch(error => this.options.log.warn({ event: 'hangup_unanswered', channel, error: String(error) }));
    if (call) this.take(call, { type: 'displaced', channel: of, at });
  }

  private carry(port: SwitchPort, { state, actions }: Step, bridge: FoundBridge, arrivedAt = port.now()): CarriedCall {
    const legs = new Legs({
      port,
      ...bridge,
      ringSeconds: this.options.policy.ringSeconds,
      state: () => call.state,
      warn: (event, error, facts) => {
        // A sound that was not heard says nothing about the call.
        const isDoubt = error instanceof SwitchError && error.kind === 'unanswered' && event !== 'sound_failed';
        if (isDoubt) call.doubts.add();
        this.warn(event, call.state, error, facts);
      },
    });
    const timers = new CallTimers(timer => {
      if (isOfSilence(call, timer)) this.run(call, afterSilence(call, timer));
      else this.post(call.state.uniqueid, { type: 'timer', timer, at: port.now() });
    });
    const since = performance.now();
    const watched = { doubts: new Doubts(legs), trace: new CallTrace(state) };
    const call: CarriedCall = { state, port, legs, timers, ...watched, requests: 0, arrivedAt, since };
    this.calls.add(call);
    this.perform(call, actions);
    return call;
  }

  /** The next step of a call, if it is carried. */
  private post(uniqueid: string, event: CallEvent): void {
    const call = this.calls.of(uniqueid);
    if (call) this.take(call, event);
  }

  private take(call: CarriedCall, event: CallEvent): void {
    const before = call.state;
    const { state, actions } = step(before, event, this.options.policy);
    this.calls.moveTo(call, state);
    logStep(this.options.log, this.refused, call, before, event);
    call.trace.note(event);
    if (event.type === 'timer' && event.timer === 'brake' && state.phase === 'talking') this.watchEnd(call);
    this.perform(call, actions);
    if (event.type === 'destroyed') call.legs.gone(event.channel);
  }

  /** Our brake was used: the call must be over in a moment. */
  private watchEnd(call: CarriedCall): void {
    const { uniqueid, accountcode, node } = call.state;
    const isTalking = () => {
      if (!this.calls.has(call) || call.state.phase !== 'talking') return false;
      return this.away.has(call.port) ? 'unknown' : true;
    };
    const alarm = () => {
      this.options.log.error({ event: 'limit_not_kept', uniqueid, accountcode, node });
      void this.options.ledger.limitNotKept({ uniqueid, accountcode });
    };
    this.overdue.watch({ node, isTalking, alarm });
  }

  private perform(call: CarriedCall, actions: CallAction[]): void {
    for (const action of actions) {
      const work = this.act(call, action);
      if (work) this.run(call, work);
    }
    this.forgetWhenDone(call);
  }

  /** Carries an action out. Returns a request if the call waits for its result; does anything else at once. */
  private act(call: CarriedCall, action: CallAction): Promise<Outcome> | null {
    const { port, state, legs, timers, trace } = call;
    const { ledger, policy } = this.options;
    switch (action.do) {
      case 'reserve':
        return trace.during('start', () => this.starts.start(call));
      case 'place':
        return trace.during('dial', () => legs.place(action));
      case 'handBack': {
        const { grant, refusal, callerBalance } = action;
        return legs.handBack({ channel: state.uniqueid, grant, refusal, callerBalance, warnSound: policy.warnSound });
      }
      case 'watch':
        return legs.watch(action.channel);
      case 'limit':
        return trace.during('limit', () => legs.limit(action.channels, 'dialling', () => action.seconds, false));
      case 'limitUntil':
        return this.turns.switch.take(call, async () => {
          if (!this.calls.has(call)) return undefined;
          const seconds = () => (action.at - port.now()) / 1000;
          return trace.during('limit', () => legs.limit(action.channels, 'talking', seconds, action.isLonger));
        });
      case 'rememberAnswer':
        if (!state.unwritten) {
          const { uniqueid, accountcode } = state;
          const answer = { uniqueid, accountcode, trunk: action.trunk, answerAt: action.at };
          void ledger.answered({ ...answer, mayWaitMs: NOT_URGENT_MS });
          this.credit.answered(state);
        }
        return null;
      case 'hangup':
        return action.isEnding
          ? legs.hangupUnlessGone(action.channel, action.cause)
          : legs.hangup(action.channel, action.cause);
      case 'playAndHangup':
        return legs.playAndHangup(action.channel, action.media, action.cause);
      case 'settle':
        void trace.during('end', () => this.settle(call, action));
        return null;
      case 'shrink':
        return this.credit.shrink(call, action);
      case 'extend':
        return this.credit.extend(call, action);
      case 'warn':
        return this.warnCaller(call, action);
      case 'announce':
        return this.announce(call, action);
      case 'startTimer':
        timers.start(action.timer, action.ms);
        return null;
      case 'timerAt':
        timers.start(action.timer, action.at - port.now());
        return null;
      case 'stopTimer':
        timers.stop(action.timer);
        return null;
      case 'stopTimers':
        timers.stopPhase();
        return null;
      case 'destroyBridge':
        return legs.mayHaveBridge ? this.turns.switch.take(call, () => legs.destroyBridge()) : null;
    }
  }

  /** Calls that end together are warned together. */
  private async warnCaller(
    call: CarriedCall,
    { channel, secondsLeft, sound }: Extract<CallAction, { do: 'warn' }>,
  ): Promise<undefined> {
    const { port, legs, state } = call;
    const { uniqueid, accountcode } = state;
    const { ledger, policy } = this.options;
    let heard: Promise<undefined> | undefined;
    await this.turns.switch.take(call, async () => {
      if (!this.calls.has(call)) return undefined;
      void ledger.warned({ uniqueid, accountcode, secondsLeft });
      if (port.playsSounds) heard = legs.play(channel, warningMedia(sound, policy.warnSound, secondsLeft));
      return new Promise(resolve => setTimeout(resolve, WARNED_EVERY_MS));
    });
    return heard;
  }

  /** Runs what takes time beside the call; its result comes back as an event. */
  private run(call: CarriedCall, work: Promise<Outcome>): void {
    call.requests++;
    void work
      .catch(error => this.warn('call_action_failed', call.state, error))
      .then(result => {
        call.requests--;
        // The call was let go meanwhile: if it was taken over again, its new life has asked for nothing yet.
        for (const event of [result ?? []].flat()) if (this.calls.has(call)) this.take(call, event);
        this.forgetWhenDone(call);
      });
  }

  /** Makes the ledger commit the end of a call, also if the call is no longer carried by then. */
  private async settle(call: CarriedCall, action: Extract<CallAction, { do: 'settle' }>): Promise<void> {
    const isSettled = await this.settlement.settle(call, action).catch(error => {
      this.warn('call_action_failed', call.state, error);
      return false;
    });
    if (isSettled) this.take(call, { type: 'settled' });
    // The next comparison finds the call open, and settles it by the records.
    else this.calls.remove(call);
  }

  private async announce(
    { port, legs }: CarriedCall,
    { channel, callerBalance, seconds }: Extract<CallAction, { do: 'announce' }>,
  ): Promise<CallEvent> {
    const balance = callerBalance ? balanceMedia(callerBalance.available, callerBalance.currency) : [];
    await legs.play(channel, [...balance, ...(seconds === null ? [] : timeMedia(seconds))]);
    return { type: 'announced', at: port.now() };
  }

  /** The calls of an account without its emergency calls, which no operator ends and which share nothing. */
  private callsOf(accountcode: string): CarriedCall[] {
    return this.calls.ofAccount(accountcode).filter(({ state }) => !this.isEmergency(state));
  }

  private isEmergency({ emergency, dst }: Pick<CallState, 'dst' | 'emergency'>): boolean {
    return emergency || this.options.emergencyNumbers.includes(dst ?? '');
  }

  private clocks(): Clocks {
    const ports = new Set(this.calls.all().map(({ port }) => port));
    return { of: Object.fromEntries([...ports].map(port => [port.node, port.now()])), elsewhere: Date.now() };
  }

  /** The switch did what was requested for a call that is over; for a refused call, that its caller is hung up. */
  private forgetWhenDone(call: CarriedCall): void {
    const { phase } = call.state;
    if ((phase === 'over' || phase === 'refusing') && call.requests === 0) this.calls.remove(call);
  }

  private warn(event: string, { uniqueid, accountcode }: CallState, error: unknown, facts: object = {}): void {
    const { message, kind } = error as { message?: string; kind?: string };
    this.options.log.warn({ event, uniqueid, accountcode, kind, error: message, ...facts });
  }
}

/** What a call has of the bridge that joins its legs. */
export interface FoundBridge {
  /** There is one. */
  bridged: boolean;
  /** Its caller is in it. */
  joined: boolean;
}

const NO_BRIDGE: FoundBridge = { bridged: false, joined: false };
