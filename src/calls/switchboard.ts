import type { Logger } from 'pino';
import type { CallLedger } from '../credit/ledger';
import type { Refusal } from '../credit/refusal';
import { PLAIN_TERMS } from '../credit/rules/account';
import { type CallRecord, unwrittenCall } from '../credit/rules/call';
import type { CallEnd } from '../credit/rules/charge';
import { grantOf } from '../credit/rules/grant';
import type { Clocks } from '../credit/rules/sharing';
import { isAccountcode } from '../database/accountcode';
import type { Metric } from '../metrics/exposition';
import { formatAmount } from '../money/micros';
import { harmless, masked, readDialled } from '../rating/dialled-number';
import type { Routes } from '../routes/route-table';
import { balanceMedia, timeMedia, warningMedia } from './announcements';
import { adopt, arrive, step } from './call';
import { CallCredit } from './call-credit';
import { LONGEST_RING_SECONDS } from './call-deadlines';
import { RefusedCalls } from './call-metrics';
import type {
  ArrivedCall,
  CallAction,
  CallEvent,
  CallPolicy,
  CallState,
  Dialler,
  FoundLeg,
  Step,
  TimerName,
} from './call-state';
import { CAUSE } from './causes';
import type { ChannelList } from './channel-list';
import { dialogOf, withoutDialog } from './dialogs';
import { correctedEnd, RECORDS_WITHIN_MS, type SoughtCall, type SwitchRecords, type WrittenCall } from './evidence';
import { withoutOurCut } from './heard';
import { callerOf, routeIndexOf } from './leg-names';
import { Legs } from './legs';
import { OverdueCalls } from './overdue-calls';
import { type Payer, payerOf } from './stasis-arguments';
import { goesOnAfterTalk } from './switch-dials';
import { type SwitchChannel, SwitchError, type SwitchEvent, type SwitchPort } from './switch-port';
import type { AccountNews } from './touched-accounts';

export interface SwitchboardOptions {
  ledger: CallLedger;
  routes: Routes;
  policy: CallPolicy;
  emergencyNumbers: string[];
  records: SwitchRecords;
  /** How long the switch's own records are waited for when a call ended of which something may have been missed. Ms. */
  recordsWithinMs?: number;
  log: Logger;
}

/** How often the records are asked for an end meanwhile. Ms. */
const ASK_RECORDS_MS = 1_000;

/** How long they are waited for by a service that stops, which has RINGFENCE_DRAIN_SECONDS for all: an end that was told would be lost. */
const CLOSING_RECORDS_MS = 3_000;

/** One call that is being carried: its state, its switch, and what runs for it. */
interface Carried {
  state: CallState;
  port: SwitchPort;
  timers: Map<TimerName, NodeJS.Timeout>;
  /** Requests to the switch, or to the ledger for money, whose result is still to come. */
  requests: number;
  legs: Legs;
  /** The switch's clock when the leg that it talks to was last seen, if that leg is gone unheard; null while it is not. */
  legSeenAt: number | null;
  /** When that was found out: what the switch writes of the call from then on is of the other leg, which was left alone. */
  legLostAt: number | null;
  /** Something may have happened to it of which nobody heard: the stream broke, or a request was not answered. */
  unsure: boolean;
  /** When its caller entered our application, or it was taken over; by the switch's clock. */
  arrivedAt: number;
  /** By our own monotonic clock, ms. */
  since: number;
}

/**
 * Carries every call of this process: hands each one its events in order, and carries out what it then wants done.
 *
 * A step is taken at once and whole, so that each call is a mailbox of its own; what takes time runs beside it and comes
 * back as an event.
 */
export class Switchboard {
  private readonly calls = new Map<string, Carried>();
  private readonly byAccount = new Map<string, Set<Carried>>();
  /** Legs that a switch made by itself, with their calls. */
  private readonly legs = new Map<string, string>();
  /** When each switch was started, by its own word. */
  private readonly startedAt = new Map<SwitchPort, number>();
  /** Calls that are carried no more, and whose ends are still on their way into the ledger. */
  private readonly letGo = new Set<Carried>();
  /** Accounts of calls that were taken over, and were not looked at since. */
  private taken = new Set<string>();
  private readonly refused = new RefusedCalls();
  private readonly overdue = new OverdueCalls();
  /** Switches whose events are not heard now. */
  private readonly away = new Set<SwitchPort>();
  private readonly credit: CallCredit;
  private closed = false;

  constructor(private readonly options: SwitchboardOptions) {
    this.credit = new CallCredit({
      ledger: options.ledger,
      callsOf: accountcode => this.callsOf(accountcode),
      isCarried: call => this.calls.get(call.state.uniqueid) === call,
      clocks: () => this.clocks(),
      post: (uniqueid, event) => this.post(uniqueid, event),
    });
  }

  get metrics(): Metric[] {
    return [...this.refused.metrics(this.carried), this.overdue.metric];
  }

  /** Calls that are carried now, the ones still being settled included. */
  get carried(): number {
    return this.calls.size;
  }

  /** How many starts and ends of calls are on their way into the ledger. */
  get waiting(): number {
    const carried = [...this.calls.values()].filter(({ state }) => state.phase === 'authorising' || isEnding(state));
    return carried.length + this.letGo.size;
  }

  /** Calls of a switch that have ended, and whose end the ledger has not committed. */
  endingOn(node: string): EndingCall[] {
    return [...this.calls.values(), ...this.letGo].map(({ state }) => state).filter(isEndingOn(node));
  }

  /** The state of one call, for those who look in; undefined for one that is not carried. */
  stateOf(uniqueid: string): CallState | undefined {
    return this.calls.get(uniqueid)?.state;
  }

  /** Whether a channel is a leg of a call that is carried. */
  carries(channel: string): boolean {
    return this.calls.has(this.callOf(channel));
  }

  /** Whether something may have happened to a call of which nobody heard. */
  isUnsure(uniqueid: string): boolean {
    const carried = this.calls.get(uniqueid);
    return carried !== undefined && (carried.unsure || carried.legs.areUnheard);
  }

  /** Takes in what a switch tells. */
  handle(port: SwitchPort, event: SwitchEvent): void {
    switch (event.type) {
      case 'arrived':
        this.arrive(port, event.leg, event.at);
        return;
      case 'apart': {
        const uniqueid = this.callOf(event.channel);
        if (this.calls.get(uniqueid)?.port === port) this.post(uniqueid, event);
        return;
      }
      case 'tookPlace':
        this.displace(port, event);
        return;
      case 'ringing':
      case 'answered':
      case 'dials':
      case 'ended':
      case 'destroyed': {
        const uniqueid = this.callOf(event.type === 'answered' ? (event.caller ?? event.channel) : event.channel);
        const carried = this.calls.get(uniqueid);
        // Two switches of one name could bring the same uniqueid: each one's events are for its own calls.
        if (carried?.port !== port) return;
        // A call that was handed back has left our application, and that is no end.
        const hasLeft = event.type === 'ended' && event.hasLeft === true;
        if (!hasLeft || carried.state.dialledBy === 'us') this.post(uniqueid, event);
        return;
      }
      case 'replaced':
        // Another process acts for this switch now, and has or will adopt its calls.
        this.abandon(port);
        this.startedAt.delete(port);
        this.away.delete(port);
        return;
      case 'connected':
      case 'disconnected':
        if (event.type === 'connected') this.startedAt.set(port, event.startedAt);
        this.away[event.type === 'connected' ? 'delete' : 'add'](port);
        for (const carried of this.calls.values()) if (carried.port === port) carried.unsure = true;
        return;
    }
  }

  /** Tells a call that what is known of it was compared with a list of the switch's channels. */
  compared(uniqueid: string, channels: ChannelList): void {
    const carried = this.calls.get(uniqueid);
    if (!carried) return;
    const { bLeg, phase } = carried.state;
    if (!channels.has(uniqueid) || !(phase === 'authorising' || channels.has(bLeg))) return;
    carried.unsure = false;
    carried.legSeenAt = null;
    carried.legLostAt = null;
  }

  /** Refuses new calls from now on, lets those that live be, and hurries those that are ending. */
  close(): void {
    this.closed = true;
    this.credit.close();
    for (const [uniqueid, { state, port }] of this.calls) {
      const at = port.now();
      if (state.phase === 'ending') this.post(uniqueid, { type: 'timer', timer: 'cause', at });
      // Its money may be on its way: when it comes, it is let go again.
      if (state.phase === 'authorising' && !state.emergency) {
        this.post(uniqueid, { type: 'hangUp', by: 'service', cause: CAUSE.networkOutOfOrder, at });
      }
    }
  }

  /**
   * Forgets calls without touching them: they live on in their switch, under its limits. All of them, or those of one switch.
   * An end that is known is settled first: it is a fact, whoever tells it.
   */
  abandon(port?: SwitchPort): void {
    for (const [uniqueid, carried] of this.calls) {
      if (port && carried.port !== port) continue;
      if (carried.state.phase === 'ending') {
        this.post(uniqueid, { type: 'timer', timer: 'cause', at: carried.port.now() });
      }
      for (const timer of carried.timers.values()) clearTimeout(timer);
      this.forget(carried);
      if (carried.state.phase === 'settling') this.letGo.add(carried);
    }
  }

  /** The uniqueids of the calls carried on a switch. */
  carriedOn(port: SwitchPort): string[] {
    return [...this.calls].filter(([, carried]) => carried.port === port).map(([uniqueid]) => uniqueid);
  }

  /** Tells a call that the leg it talks to is gone, nobody knows since when: it was last seen at this instant of the switch's clock. */
  legLost(uniqueid: string, seenAt: number): void {
    const carried = this.calls.get(uniqueid);
    if (!carried) return;
    carried.unsure = true;
    carried.legSeenAt ??= seenAt;
    carried.legLostAt ??= carried.port.now();
  }

  /** The accounts of calls that were taken over since it was last asked. */
  takenOver(): string[] {
    const taken = [...this.taken];
    this.taken = new Set();
    return taken;
  }

  /** Nobody looked at these after all. */
  takenOverAgain(accountcodes: readonly string[]): void {
    for (const accountcode of accountcodes) this.taken.add(accountcode);
  }

  /**
   * Has the calls of an account do what its operator wants: end, or share what there is now. `endsAll`: they were to end a moment
   * ago, all that are carried here, whatever the clocks say. Emergency calls go on.
   */
  follow({ accountcode, blocked, hangupBefore }: AccountNews, endsAll: boolean): void {
    const calls = this.callsOf(accountcode);
    const isOver = ({ state }: Carried) =>
      blocked || endsAll || (hangupBefore !== null && state.startAt < hangupBefore);
    for (const { state, port } of calls.filter(isOver)) {
      const cause = state.phase === 'talking' ? CAUSE.normalClearing : CAUSE.callRejected;
      this.post(state.uniqueid, { type: 'hangUp', by: 'operator', cause, at: port.now() });
    }
    if (calls.some(call => !isOver(call))) this.credit.share(accountcode);
  }

  /** Tells a call what is known of it though its event was missed. */
  missed(uniqueid: string, event: Extract<CallEvent, { type: 'answered' | 'ended' | 'destroyed' }>): void {
    this.post(uniqueid, event);
  }

  /** Has the routes read anew before a call to this number is taken over; half a second late at most. */
  async lookUpRoutes(dst: string): Promise<void> {
    await this.options.routes.of(dst, true);
  }

  /** Takes over a call that a service before this one had let through and that is still up. */
  adopt(
    port: SwitchPort,
    call: CallRecord,
    leg: Omit<FoundLeg, 'routeIndex'>,
    dialledBy: Dialler,
    bridge: FoundBridge = NO_BRIDGE,
  ): void {
    if (this.calls.has(call.uniqueid)) return;
    const { uniqueid, accountcode, node, src, dst, startAt } = call;
    // The leg's name tells which route it is; the routes may have changed since, but for one that the CDR remembers.
    const routeIndex = routeIndexOf(leg.bLeg);
    let routes = dialledBy === 'us' ? this.options.routes.lastOf(dst) : [];
    if (call.trunk && routes[routeIndex]?.trunk !== call.trunk) {
      const remembered = { trunk: call.trunk, endpoint: '', stripDigits: 0, addPrefix: '', prefix: '', priority: 0 };
      routes = Array.from({ length: routeIndex + 1 }, () => remembered);
    }
    const arrived = { uniqueid, accountcode, node, src, dst, startAt, emergency: false, routes, dialledBy };
    // How the account wants it treated is looked up in a moment.
    const grant = grantOf(call, PLAIN_TERMS);
    this.taken.add(accountcode);
    this.carry(port, adopt(arrived, grant, { ...leg, routeIndex }, this.options.policy), bridge);
    // A leg that the switch dialled was not listed: it may have been answered without a word to us.
    const carried = this.calls.get(uniqueid);
    if (carried && dialledBy !== 'us') carried.unsure = true;
    this.options.log.info({ event: 'call_adopted', uniqueid, accountcode, answered: leg.answerAt !== null });
  }

  /** The call that a channel belongs to: the legs that a switch made by itself have names of its own. */
  private callOf(channel: string): string {
    return this.legs.get(channel) ?? callerOf(channel);
  }

  /** Nobody let the newcomer through: he goes, and with him the call whose place he took. */
  private displace(port: SwitchPort, { channel, of, at }: Extract<SwitchEvent, { type: 'tookPlace' }>): void {
    const uniqueid = this.callOf(of);
    const carried = this.calls.get(uniqueid);
    this.options.log.warn({ event: 'place_taken', channel, of, node: port.node });
    const gone =
      carried?.port === port
        ? carried.legs.hangup(channel, CAUSE.callRejected)
        : port.hangup(channel, CAUSE.callRejected);
    gone.catch(error => this.options.log.warn({ event: 'hangup_unanswered', channel, error: String(error) }));
    if (carried?.port === port) this.post(uniqueid, { type: 'displaced', channel: of, at });
  }

  private arrive(port: SwitchPort, leg: SwitchChannel, at: number): void {
    const known = this.calls.get(leg.channel);
    if (known) {
      // Of a call that we dial, the same news may come twice.
      if (known.state.dialledBy !== 'us' || at > known.arrivedAt) this.post(leg.channel, { type: 'askedAgain', at });
      return;
    }
    const said = payerOf(withoutDialog(leg.args), leg);
    const { accountcode, pool, dialledNumber, ...payer }: Payer =
      'error' in said ? { ...said, accountcode: leg.accountcode } : said;
    const dialledBy: Dialler = port.isProxy ? 'switch' : payer.dialledBy;
    const { digits: dst, emergency } = readDialled(dialledNumber, this.options.emergencyNumbers);
    const call: ArrivedCall = {
      uniqueid: leg.channel,
      // Nobody's: such a name cannot be in the database, and corrected it could be somebody else's.
      accountcode: isAccountcode(accountcode) ? accountcode : '',
      node: port.node,
      src: harmless(leg.callerNumber),
      dst,
      startAt: leg.createdAt,
      emergency,
      dialog: dialogOf(leg.args),
      routes: [],
      pool,
      dialledBy,
    };
    const first = arrive(call, leg.state === 'up' ? leg.createdAt : null);
    if ('error' in said) {
      this.options.log.warn({ event: 'arguments_invalid', uniqueid: leg.channel, error: said.error });
    }
    // The channel's own account might be another customer's: it is not asked.
    const isRefused = 'error' in said && !emergency;
    this.carry(port, isRefused ? { state: first.state, actions: [] } : first, NO_BRIDGE, at);
    if (isRefused) this.post(leg.channel, { type: 'refused', refusal: 'arguments_invalid' });
  }

  private carry(port: SwitchPort, { state, actions }: Step, bridge: FoundBridge, arrivedAt = port.now()): void {
    const legs: Legs = new Legs({
      port,
      ...bridge,
      ringSeconds: this.options.policy.ringSeconds,
      state: () => carried.state,
      warn: (event, error, facts) => {
        // A sound that was not heard says nothing of the call.
        const isDoubt = error instanceof SwitchError && error.kind === 'unanswered' && event !== 'sound_failed';
        if (isDoubt) carried.unsure = true;
        this.warn(event, carried.state, error, facts);
      },
    });
    const since = performance.now();
    const carried: Carried = {
      state,
      port,
      legs,
      timers: new Map(),
      requests: 0,
      unsure: false,
      legSeenAt: null,
      legLostAt: null,
      arrivedAt,
      since,
    };
    this.calls.set(state.uniqueid, carried);
    const { accountcode, bLeg } = state;
    if (bLeg !== null && state.dialledBy !== 'us') this.legs.set(bLeg, state.uniqueid);
    this.byAccount.set(accountcode, (this.byAccount.get(accountcode) ?? new Set()).add(carried));
    this.perform(carried, actions);
  }

  private post(uniqueid: string, event: CallEvent): void {
    const carried = this.calls.get(uniqueid);
    if (carried) this.take(carried, event);
  }

  /** The next step of a call. */
  private take(carried: Carried, event: CallEvent): void {
    const { uniqueid } = carried.state;
    const before = carried.state;
    const { state, actions } = step(before, event, this.options.policy);
    carried.state = state;
    if (before.bLeg !== null && before.bLeg !== state.bLeg) this.legs.delete(before.bLeg);
    if (state.bLeg !== null && state.dialledBy !== 'us') this.legs.set(state.bLeg, uniqueid);
    this.tell(carried, before, event);
    if (event.type === 'timer' && event.timer === 'brake' && state.phase === 'talking') this.watchEnd(carried);
    this.perform(carried, actions);
  }

  /** Our brake was put on: the call is to be over in a moment. */
  private watchEnd(carried: Carried): void {
    const { uniqueid, accountcode, node } = carried.state;
    const isTalking = () => {
      if (this.calls.get(uniqueid) !== carried || carried.state.phase !== 'talking') return false;
      return this.away.has(carried.port) ? 'unknown' : true;
    };
    const alarm = () => {
      this.options.log.error({ event: 'limit_not_kept', uniqueid, accountcode, node });
      void this.options.ledger.limitNotKept({ uniqueid, accountcode });
    };
    this.overdue.watch({ node, isTalking, alarm });
  }

  private perform(carried: Carried, actions: CallAction[]): void {
    for (const action of actions) {
      if (action.do === 'settle') void this.settle(carried, action);
      else {
        const work = this.act(carried, action);
        if (work) this.run(carried, work);
      }
    }
    this.forgetWhenDone(carried);
  }

  /** Carries an action out; what takes time is returned, the rest is done. */
  private act(carried: Carried, action: Exclude<CallAction, { do: 'settle' }>): Promise<CallEvent | undefined> | null {
    const { port, state, legs } = carried;
    switch (action.do) {
      case 'reserve':
        return this.reserve(carried);
      case 'place':
        return legs.place(action);
      case 'handBack': {
        const { grant, refusal, purse } = action;
        return legs.handBack({
          channel: state.uniqueid,
          grant,
          refusal,
          purse,
          warnSound: this.options.policy.warnSound,
        });
      }
      case 'watch':
        return legs.watch(action.channel);
      case 'limit':
        return legs.limit(action.channels, 'dialling', () => action.seconds, false);
      case 'limitUntil':
        return legs.limit(action.channels, 'talking', () => (action.at - port.now()) / 1000, action.isLonger);
      case 'rememberAnswer':
        if (!state.unwritten) {
          const { uniqueid, accountcode } = state;
          void this.options.ledger.answered({ uniqueid, accountcode, trunk: action.trunk, answerAt: action.at });
          this.credit.answered(state);
        }
        return null;
      case 'hangup':
        return legs.hangup(action.channel, action.cause);
      case 'playAndHangup':
        return legs.playAndHangup(action.channel, action.media, action.cause);
      case 'startTimer':
        this.startTimer(carried, action.timer, action.ms);
        return null;
      case 'shrink':
        return this.credit.shrink(carried, action);
      case 'extend':
        return this.credit.extend(carried, action);
      case 'warn': {
        const { uniqueid, accountcode } = state;
        const { channel, secondsLeft, sound } = action;
        void this.options.ledger.warned({ uniqueid, accountcode, secondsLeft });
        // A SIP proxy carries no sound.
        if (port.isProxy) return null;
        return legs.play(channel, warningMedia(sound, this.options.policy.warnSound, secondsLeft));
      }
      case 'announce':
        return this.announce(carried, action);
      case 'timerAt':
        this.startTimer(carried, action.timer, action.at - port.now());
        return null;
      case 'stopTimer':
        clearTimeout(carried.timers.get(action.timer));
        carried.timers.delete(action.timer);
        return null;
      case 'stopTimers':
        for (const [name, timer] of carried.timers) {
          // Who left the bridge before the answer did not come back by it.
          if (name === 'apart') continue;
          clearTimeout(timer);
          carried.timers.delete(name);
        }
        return null;
      case 'destroyBridge':
        return legs.destroyBridge();
    }
  }

  /** Runs what takes time beside the call; its result comes back as an event. */
  private run(carried: Carried, work: Promise<CallEvent | undefined>): void {
    carried.requests++;
    void work
      .catch(error => this.warn('call_action_failed', carried.state, error))
      .then(result => {
        carried.requests--;
        const { uniqueid } = carried.state;
        // Let go of meanwhile: if it was taken over again, its new life has asked for nothing yet.
        if (result && this.calls.get(uniqueid) === carried) this.post(uniqueid, result);
        else this.forgetWhenDone(carried);
      });
  }

  /** Looks the routes up, then asks the ledger; undefined for a call that is another process's by then. */
  private async reserve(carried: Carried): Promise<CallEvent | undefined> {
    const { policy } = this.options;
    const { uniqueid, accountcode, node, src, dst, startAt, emergency, dialog, pool, dialledBy } = carried.state;
    if (this.closed && !emergency) return { type: 'refused', refusal: 'shutting_down' };
    const isOurs = dialledBy === 'us';
    const askedAt = performance.now();
    if (isOurs && dst !== null) {
      const found = await this.options.routes.of(dst, emergency);
      if (this.calls.get(uniqueid) !== carried) return undefined;
      if (found === null) return { type: 'refused', refusal: 'ledger_unavailable' };
      this.post(uniqueid, { type: 'routed', routes: found });
    }
    // The caller has gone while the routes were read.
    if (carried.state.endAt !== null && !emergency) return { type: 'refused', refusal: 'ledger_unavailable' };
    const { routes } = carried.state;
    const waitedMs = performance.now() - askedAt;
    // Every route may ring its full time before the next one answers.
    const ringSeconds = isOurs ? policy.ringSeconds * Math.max(1, routes.length) : LONGEST_RING_SECONDS;
    const routable = !isOurs || routes.length > 0;
    const call = { uniqueid, accountcode, node, src, dst, startAt, emergency, dialog, pool };
    const request = { ...call, routable, ringSeconds, waitedMs, withinMs: carried.port.startWithinMs };
    const isWanted = () => carried.state.endAt === null;
    return this.credit.start(dialledBy === 'dialplan' ? { ...request, fixed: {} } : request, isWanted);
  }

  private async announce(
    { port, legs }: Carried,
    { channel, purse, seconds }: Extract<CallAction, { do: 'announce' }>,
  ): Promise<CallEvent> {
    const balance = purse ? balanceMedia(purse.available, purse.currency) : [];
    await legs.play(channel, [...balance, ...(seconds === null ? [] : timeMedia(seconds))]);
    return { type: 'announced', at: port.now() };
  }

  /** The calls of an account, emergency calls apart: those are nobody's to end, and share nothing. */
  private callsOf(accountcode: string): Carried[] {
    return [...(this.byAccount.get(accountcode) ?? [])].filter(({ state }) => !this.isEmergency(state));
  }

  private isEmergency({ emergency, dst }: CallState): boolean {
    return emergency || this.options.emergencyNumbers.includes(dst ?? '');
  }

  private clocks(): Clocks {
    const ports = new Set([...this.calls.values()].map(({ port }) => port));
    return { of: Object.fromEntries([...ports].map(port => [port.node, port.now()])), elsewhere: Date.now() };
  }

  /** Has the end of a call committed, also of one that is carried no more by then. */
  private async settle(carried: Carried, action: Extract<CallAction, { do: 'settle' }>): Promise<void> {
    const isSettled = await this.commitEnd(carried, action).catch(error => {
      this.warn('call_action_failed', carried.state, error);
      return false;
    });
    const isLetGo = this.letGo.delete(carried);
    // The next comparison finds the call open, and settles it by the records.
    if (!isSettled) this.forget(carried);
    else if (!isLetGo) this.take(carried, { type: 'settled' });
  }

  /** Resolves when the ledger has committed the end; with false when that was left to the service that carries the call by then. */
  private async commitEnd(
    carried: Carried,
    { end: told, trunk: dialled }: Extract<CallAction, { do: 'settle' }>,
  ): Promise<boolean> {
    const { state } = carried;
    const { uniqueid, accountcode } = state;
    // The legs that are hung up beside this may not answer either.
    await Promise.resolve();
    const isDoubtful = (carried.unsure || carried.legs.areUnheard) && told.evidence === 'event';
    const found = isDoubtful ? await this.written(carried) : null;
    const record = withoutLoneLeg(found, told, carried.legLostAt);
    if (isDoubtful && !state.unwritten && this.calls.get(uniqueid) !== carried) return false;
    const end = record ? correctedEnd(told, record) : unlessLost(told, carried.legSeenAt);
    const trunk = end === told ? dialled : (state.routes[routeIndexOf(record?.answeredLeg ?? '')]?.trunk ?? dialled);
    const settled = await this.options.ledger.end({ uniqueid, accountcode, trunk, end, ...this.unwritten(state) });
    carried.port.settled?.(uniqueid);
    this.options.log.info({
      event: 'call_settled',
      uniqueid,
      accountcode,
      dst: masked(state.dst ?? ''),
      trunk,
      disposition: end.disposition,
      hangup_cause: end.hangupCause,
      hangup_source: end.hangupSource,
      ...(settled
        ? { billsec: settled.billsec, cost: formatAmount(settled.cost), overrun_seconds: settled.overrunSeconds }
        : { unknown: true }),
    });
    return true;
  }

  /**
   * What the switch wrote down of a call that has ended; null when that did not come in time, which is counted from when
   * nothing is asked of its legs any more. A switch that was started since has written all that it ever will.
   */
  private async written(carried: Carried): Promise<WrittenCall | null> {
    const { records, recordsWithinMs = RECORDS_WITHIN_MS } = this.options;
    if (carried.port.isProxy) return null;
    const { uniqueid, startAt } = carried.state;
    const patience = () => (this.closed ? Math.min(recordsWithinMs, CLOSING_RECORDS_MS) : recordsWithinMs);
    for (let since = performance.now(); performance.now() - since < patience(); ) {
      const found = await records.of(carried.port.node, [soughtOf(carried.state)]).catch(() => null);
      const record = found?.get(uniqueid) ?? null;
      if (record && record.endAt !== null) return record;
      const hasRestarted = startAt < (this.startedAt.get(carried.port) ?? 0);
      if (hasRestarted && found !== null) return record;
      if (this.calls.get(uniqueid) !== carried) return null;
      await new Promise(resolve => setTimeout(resolve, ASK_RECORDS_MS));
      if (carried.requests > 0 && !this.closed) since = performance.now();
    }
    return null;
  }

  /** What the ledger never heard of has to be told to it whole. */
  private unwritten(state: CallState): { unwritten?: CallRecord } {
    if (!state.unwritten || !state.grant) return {};
    const fixed = state.dialledBy === 'dialplan' ? { fixed: {} } : {};
    return { unwritten: unwrittenCall({ ...state, ...fixed, routable: true, ringSeconds: 0 }, state.grant) };
  }

  private startTimer(carried: Carried, timer: TimerName, ms: number): void {
    clearTimeout(carried.timers.get(timer));
    const { uniqueid } = carried.state;
    const fire = () => {
      carried.timers.delete(timer);
      if (carried.state.phase === 'dialling' && UNANSWERED_TIMERS.has(timer))
        this.run(carried, this.askThenFire(carried, timer));
      else this.post(uniqueid, { type: 'timer', timer, at: carried.port.now() });
    };
    // Extensions that fall due within two seconds go to the ledger together: one transaction instead of a hundred.
    const TOGETHER_MS = 2_000;
    const now = performance.now();
    const waitMs = timer === 'extend' && ms > 0 ? Math.ceil((now + ms) / TOGETHER_MS) * TOGETHER_MS - now : ms;
    carried.timers.set(timer, setTimeout(fire, Math.max(0, waitMs)));
  }

  /**
   * Before a leg is treated as unanswered for so long, the switch is asked whether it is: the news may have been lost with
   * the event stream, and both be talking. A switch that cannot be asked is asked again.
   */
  private async askThenFire(carried: Carried, timer: TimerName): Promise<CallEvent | undefined> {
    const { port, legs, state } = carried;
    const ASK_AGAIN_MS = 1_000;
    const { uniqueid } = state;
    const leg = timer === 'relay' ? uniqueid : state.bLeg;
    const answer = leg ? await legs.answer(leg) : null;
    // What was missed of one leg may have been missed of the other.
    const callers = typeof answer === 'number' && leg !== uniqueid ? await legs.answer(uniqueid) : null;
    if (carried.state.phase !== 'dialling' || carried.state.bLeg !== state.bLeg || !leg) return undefined;
    if (answer === 'unknown') {
      this.startTimer(carried, timer, ASK_AGAIN_MS);
      return undefined;
    }
    if (answer === null) return { type: 'timer', timer, at: port.now() };
    if (typeof callers === 'number') this.post(uniqueid, { type: 'answered', channel: uniqueid, at: callers });
    return { type: 'answered', channel: leg, at: answer };
  }

  private forget(carried: Carried): void {
    const { uniqueid, accountcode } = carried.state;
    // It may have been taken over again meanwhile.
    if (this.calls.get(uniqueid) === carried) this.calls.delete(uniqueid);
    const { bLeg } = carried.state;
    if (bLeg !== null) this.legs.delete(bLeg);
    const others = this.byAccount.get(accountcode);
    others?.delete(carried);
    if (others?.size === 0) this.byAccount.delete(accountcode);
  }

  private forgetWhenDone(carried: Carried): void {
    const { phase } = carried.state;
    // The switch has taken the hang-ups, those of a refused caller too.
    if ((phase === 'over' || phase === 'refusing') && carried.requests === 0) this.forget(carried);
  }

  private tell({ since, port, state: now }: Carried, before: CallState, event: CallEvent): void {
    const { uniqueid, accountcode, dst, phase } = before;
    const { log } = this.options;
    const elapsed = Math.round((performance.now() - since) * 10) / 10;
    const facts = { uniqueid, accountcode, dst: masked(dst ?? ''), elapsed_ms: elapsed };
    if (event.type === 'granted' && phase === 'authorising') {
      const { grantedSeconds, maxCost } = event.grant;
      log.info({
        event: 'call_authorised',
        ...facts,
        granted_seconds: grantedSeconds,
        max_cost: formatAmount(maxCost),
      });
    }
    if (event.type === 'refused') {
      const refusal: Refusal = event.refusal;
      if (before.emergency) log.warn({ event: 'emergency_without_ledger', ...facts, refusal });
      else {
        // Nobody is there any more who could be refused.
        if (before.endAt !== null) log.info({ event: 'caller_gone', ...facts });
        else {
          this.refused.count(port.node, refusal);
          log.info({ event: 'call_refused', ...facts, refusal });
        }
      }
    }
    if (event.type === 'answered' && before.answerAt === null && now.answerAt !== null) {
      log.info({ event: 'call_answered', ...facts });
    }
    if (event.type === 'dials' && (phase === 'after' || phase === 'settling') && goesOnAfterTalk(before))
      log.warn({ event: 'dial_without_authorisation', ...facts });
    if (event.type === 'timer' && event.timer === 'brake') log.warn({ event: 'second_brake', ...facts });
    if (event.type === 'timer' && event.timer === 'relay') log.warn({ event: 'caller_not_joined', ...facts });
  }

  private warn(event: string, { uniqueid, accountcode }: CallState, error: unknown, facts: object = {}): void {
    const { message, kind } = error as { message?: string; kind?: string };
    this.options.log.warn({ event, uniqueid, accountcode, kind, error: message, ...facts });
  }
}

/** A call that has ended, which the ledger has not committed. */
export type EndingCall = CallState & { endAt: number };

/** Whether a call has ended, and is not settled. */
export const isEnding = (state: CallState): state is EndingCall =>
  state.phase === 'ending' || state.phase === 'settling';

const isEndingOn =
  (node: string) =>
  (state: CallState): state is EndingCall =>
    state.node === node && isEnding(state);

/** A call as its switch's records are asked of it. */
export const soughtOf = ({ uniqueid, startAt, answerAt, dialledBy }: CallState): SoughtCall => ({
  uniqueid,
  startAt,
  answerAt,
  isFixed: dialledBy === 'dialplan',
});

/** What is written of a call but for an end after its leg was found lost; null where it has no other. */
function withoutLoneLeg(found: WrittenCall | null, told: CallEnd, legLostAt: number | null): WrittenCall | null {
  if (legLostAt === null || found === null) return found;
  const record = withoutOurCut(found, told.answerAt, legLostAt);
  return record?.endAt === null ? null : record;
}

/** With nothing in the records, talk to a leg that was lost unheard is charged to when that leg was last seen, never beyond. */
const unlessLost = (told: CallEnd, legSeenAt: number | null): CallEnd =>
  legSeenAt === null ||
  told.evidence !== 'event' ||
  told.answerAt === null ||
  told.endAt <= legSeenAt ||
  told.hangupSource === 'callee'
    ? told
    : { ...told, endAt: Math.max(legSeenAt, told.answerAt), hangupSource: 'callee', evidence: 'sighting' };

/** Timers that mean that a leg was not answered. */
const UNANSWERED_TIMERS = new Set<TimerName>(['silence', 'ring', 'refresh', 'relay']);

/** What a call has of the bridge that joins its legs. */
export interface FoundBridge {
  /** There is one. */
  bridged: boolean;
  /** Its caller is in it. */
  joined: boolean;
}

const NO_BRIDGE: FoundBridge = { bridged: false, joined: false };
