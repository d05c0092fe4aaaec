import { dialVariables } from '../src/calls/dial-variables';
import type { SwitchRecords } from '../src/calls/evidence';
import {
  type Authorisation,
  type OutgoingLeg,
  type SwitchBridge,
  type SwitchChannel,
  SwitchError,
  type SwitchEvent,
  type SwitchPort,
} from '../src/calls/switch-port';
import { type JournalEvent, writtenCall } from '../src/evidence/written-call';
import type { Tariff } from '../src/rating/price';
import { EPOCH, type Timer } from './virtual-time';
import type { Mortal, World } from './world';

/** How a callee takes a call on one route. */
export type LegPlan =
  /** `isLost`: the switch does not pass the answer on to the caller. */
  | { does: 'answer'; ringMs: number; answerMs: number; isLost: boolean }
  /** Its leg cannot even be made. */
  | { does: 'fail' }
  | { does: 'refuse'; ms: number; cause: number }
  | { does: 'ring'; ringMs: number }
  | { does: 'nothing' };

/** A call of a group of calls. */
export interface PoolPlan {
  tariff: Tariff;
  /** What the dialplan says. */
  args: string[];
}

/** What the people of one call do, independently of all other events. */
export interface CallPlan {
  uniqueid: string;
  /** The switch at which it arrives. */
  node: string;
  atMs: number;
  accountcode: string;
  /** The group of calls to which it belongs, and its price there; null for a call of an account. */
  pool: PoolPlan | null;
  dialled: string;
  /**
   * The dialplan dials, and what its caller does when the callee has hung up; null if the service dials. `asksAgain`: it asks for an
   * authorisation before each trunk, and not once for all.
   */
  dialplan: { goesOnMs: number; asksAgain: boolean } | null;
  emergency: boolean;
  /** How long the caller waits for an answer; Infinity forever. */
  patienceMs: number;
  /** How long they would talk; Infinity forever. */
  talkMs: number;
  hangsUp: 'caller' | 'callee';
  /** How long the other party holds the line when the first has left, unless its leg is ended. */
  lingerMs: number;
  legs: LegPlan[];
  /** How long after the answer a leg is taken out of the bridge; `by`: another channel takes its place there. */
  broken: { afterMs: number; whose: 'caller' | 'callee'; by: boolean } | null;
}

/** One channel, with all that is true of it; instants are virtual ms. */
export interface Channel {
  id: string;
  call: Call;
  isCaller: boolean;
  createdAt: number;
  state: SwitchChannel['state'];
  answeredAt: number | null;
  /** For a called leg: when it and its caller heard each other for the first time. */
  talksFrom: number | null;
  endedAt: number | null;
  /** When it, or its partner, was taken out of their bridge. */
  apartAt: number | null;
  /** A request ended it, whichever process sent it. */
  endedByRequest: boolean;
  limitAt: number | null;
  limitTimer: Timer | null;
  /** The limit as it was set, ms. */
  limitMs: number;
  /** How long the request for its limit, which counts from its arrival, took; ms. */
  limitUnderWayMs: number;
  plannedEnd: Timer | null;
  bridge: string | null;
  dialled: boolean;
  /** In the service's application; a caller that the dialplan has back is not. */
  inApplication: boolean;
  /** Its events are reported though it is not in the application. */
  watched: boolean;
}

/** One call as it truly was. */
export interface Call {
  plan: CallPlan;
  caller: Channel;
  legs: Channel[];
  /** The switch died with it. */
  crashed: boolean;
  /** By how much the switch may have been late to count its limit, which counts from its arrival. */
  limitLateMs: number;
  /** The limit of Dial's L(), from the answer; ms, 0 for a call that the service dials. */
  dialLimitMs: number;
  /** How many trunks the dialplan has tried. */
  tried: number;
  /** It was told not to dial, when it asked a second time. */
  refusedAgain: boolean;
  /** Something came between this call and the service: a request, the stream, or the process. */
  disturbed: boolean;
}

interface JournalRow {
  written: JournalEvent;
  /** When it can be read, virtual ms. */
  visibleAt: number;
}

/** The event stream to one process. */
export interface Stream {
  process: Mortal;
  handle: (event: SwitchEvent) => void;
  /** The service takes events from it. */
  open: boolean;
  /** No process will ever receive what is sent now, and neither side knows yet. */
  cut: boolean;
  /** What came while the connection was being prepared; null since it is ready. */
  waiting: SwitchEvent[] | null;
  lastAt: Map<string, number>;
}

const DEADLINE_MS = 2_000;
const NORMAL_CLEARING = 16;

const unanswered = () => new SwitchError('unanswered', 'simulated: no answer');
const gone = (what: string) => new SwitchError('gone', `simulated: no ${what}`);
const refused = (why: string) => new SwitchError('refused', `simulated: ${why}`);

/**
 * An Asterisk: channels that end by their own limit whatever becomes of the service, people who call, answer and hang up, bridges, events
 * with stamps, and a journal. The checks compare the books with what it knows.
 */
export class Switch {
  readonly calls = new Map<string, Call>();
  readonly channels = new Map<string, Channel>();
  readonly bridges = new Map<string, Set<string>>();
  startedAt = 0;
  up = true;
  stream: Stream | null = null;
  private readonly journal: JournalRow[] = [];

  constructor(
    readonly world: World,
    readonly node: string,
    /** Its clock against the simulation's, ms. */
    private readonly aheadMs: number,
    /** How long a row of its journal is on its way. */
    private readonly journalLagMs: number,
    private readonly onDial: (call: Call, leg: Channel) => void,
    private readonly onCreate: (call: Call) => void,
    private readonly onLimit: (call: Call) => void,
  ) {}

  /** ms since 1970 by the switch's clock. */
  stamp(at = this.world.time.now): number {
    return Math.floor(EPOCH + this.aheadMs + at);
  }

  /** A caller calls. Without a service the dialplan refuses the call. */
  arrive(plan: CallPlan): void {
    const { world } = this;
    if (!this.up || !this.stream) {
      world.note(`switch: ${plan.uniqueid} finds no service`);
      return;
    }
    const channel: Channel = this.newChannel(plan.uniqueid, true, undefined as unknown as Call);
    const call: Call = {
      plan,
      caller: channel,
      legs: [],
      crashed: false,
      limitLateMs: 0,
      dialLimitMs: 0,
      tried: 0,
      refusedAgain: false,
      disturbed: this.isDeaf(this.stream),
    };
    channel.call = call;
    channel.state = 'ringing';
    this.calls.set(plan.uniqueid, call);
    this.channels.set(channel.id, channel);
    world.note(`switch: ${plan.uniqueid} of ${plan.accountcode} arrives for ${plan.dialled}`);
    if (plan.patienceMs !== Number.POSITIVE_INFINITY) {
      channel.plannedEnd = world.time.after(null, plan.patienceMs, () => {
        if (channel.answeredAt === null) this.end(channel, NORMAL_CLEARING, false);
      });
    }
    this.tell({ type: 'arrived', at: this.stamp(), leg: this.seen(channel) }, 'channel');
  }

  /** No process receives what is sent now. */
  private isDeaf({ cut, process }: Stream): boolean {
    return cut || process.stoppedUntil > this.world.time.now;
  }

  /** The switch dies, and all its calls with it; it writes nothing about that. */
  crash(): void {
    this.world.note(`switch: ${this.node} dies`);
    this.up = false;
    for (const channel of [...this.channels.values()]) {
      channel.endedAt = this.world.time.now;
      channel.call.crashed = true;
      channel.call.disturbed = true;
      this.world.time.cancel(channel.limitTimer);
      this.world.time.cancel(channel.plannedEnd);
    }
    this.channels.clear();
    this.bridges.clear();
    this.stream = null;
    for (const row of this.journal) row.visibleAt = Math.min(row.visibleAt, this.world.time.now);
  }

  start(): void {
    this.world.note(`switch: ${this.node} starts`);
    this.up = true;
    this.startedAt = this.stamp();
  }

  /** Its name, asked without connecting. */
  identify(process: Mortal, isReachable: () => boolean): Promise<string> {
    return withDeadline(
      this.world.ask<string>(process, 'identify', this.delay(), (answer, fail) => {
        if (this.up && isReachable() && !this.world.happens('switchLost')) answer(this.node);
        else fail(unanswered());
      }),
    );
  }

  /** From here on the service may miss events of the calls in progress. */
  disturb(): void {
    for (const { caller } of this.calls.values()) if (caller.endedAt === null) caller.call.disturbed = true;
  }

  /** The port of one process. `clockErrorMs`: by how much it misjudges the switch's clock. */
  portOf(process: Mortal, clockErrorMs: number, isReachable: () => boolean, stream: () => Stream | null): SwitchPort {
    const { world } = this;
    const touched = (id: string) => {
      const call = this.channels.get(id)?.call ?? this.calls.get(/^(?:rf-)?(.+?)(?:-d?\d+)?$/.exec(id)?.[1] ?? id);
      if (call) call.disturbed = true;
    };
    const ask = <Answer>(what: string, id: string, perform: () => Answer): Promise<Answer> => {
      const asked = world.ask<Answer>(process, `${what} ${id}`, this.delay(), (answer, fail) => {
        const reached = this.up && isReachable();
        if (!reached || world.happens('switchLost')) {
          touched(id);
          world.note(`switch: ${what} ${id} is lost`);
          world.time.after(null, reached ? DEADLINE_MS : 1, () => fail(unanswered()));
          return;
        }
        if (world.happens('switchRefused')) {
          touched(id);
          return fail(refused(what));
        }
        const late = world.happens('switchLate');
        const replyLost = late || world.happens('switchReplyLost');
        const work = () => {
          if (!this.up) return fail(unanswered());
          world.note(`switch: ${what} ${id}${late ? ' (late)' : ''}${replyLost ? ' (reply lost)' : ''}`);
          try {
            const value = perform();
            if (!replyLost) answer(value);
          } catch (error) {
            if (!replyLost) fail(error as Error);
          }
        };
        if (replyLost) {
          touched(id);
          world.time.after(null, DEADLINE_MS, () => fail(unanswered()));
        }
        const lateMs = world.random.whole(DEADLINE_MS, 4_000);
        const call = this.channels.get(id)?.call;
        if (late && call && what.startsWith('limit')) call.limitLateMs = Math.max(call.limitLateMs, lateMs);
        if (late) world.time.after(null, lateMs, work);
        else work();
      });
      return withDeadline(asked);
    };
    const existing = (id: string): Channel => {
      const channel = this.channels.get(id);
      if (!channel) throw gone(`channel ${id}`);
      return channel;
    };
    const setLimit = (id: string, seconds: number): Promise<void> => {
      const askedAt = world.time.now;
      return ask(`limit ${seconds.toFixed(3)} s`, id, () => {
        const channel = existing(id);
        channel.limitUnderWayMs = world.time.now - askedAt;
        this.limit(channel, Math.floor(seconds * 1000));
        this.onLimit(channel.call);
      });
    };
    return {
      node: this.node,
      dialsByItself: false,
      playsSounds: true,
      now: () => Math.round(EPOCH + this.aheadMs + world.time.now + clockErrorMs),
      setLimit,
      prolongLimit: setLimit,
      createBridge: bridge =>
        ask('create bridge', bridge, () => {
          if (!this.bridges.has(bridge)) this.bridges.set(bridge, new Set());
        }),
      createLeg: async (leg: OutgoingLeg) => {
        await ask('create', leg.channel, () => this.create(leg));
        // It can be bridged after the stream reported its arrival.
        const open = stream();
        if (!open?.open || open.cut) {
          await new Promise(resolve => setTimeout(resolve, DEADLINE_MS));
          throw unanswered();
        }
        if (!this.channels.has(leg.channel)) throw gone(`channel ${leg.channel}`);
      },
      join: (bridge, ids) =>
        ask('join', `${bridge}`, () => {
          const mixing = this.bridges.get(bridge);
          if (!mixing) throw gone(`bridge ${bridge}`);
          for (const channel of ids.map(existing)) {
            mixing.add(channel.id);
            channel.bridge = bridge;
            this.write('BRIDGE_ENTER', channel);
          }
        }),
      dial: (id, _caller, ringSeconds) => ask('dial', id, () => this.dial(existing(id), ringSeconds)),
      handBack: authorisation =>
        ask('hand back', authorisation.channel, () => this.handBack(existing(authorisation.channel), authorisation)),
      watch: id =>
        ask('watch', id, () => {
          existing(id).watched = true;
        }),
      hangup: (id, cause) =>
        ask(`hang up (${cause})`, id, () => {
          const channel = this.channels.get(id);
          if (channel) this.end(channel, cause, true);
        }),
      destroyBridge: bridge =>
        ask('destroy bridge', bridge, () => {
          const joined = [...(this.bridges.get(bridge) ?? [])].map(existing);
          this.bridges.delete(bridge);
          for (const channel of joined) {
            channel.bridge = null;
            // Asterisk hangs up what was put into a bridge and has neither an application nor a dialplan to go back to.
            if (!channel.inApplication) this.end(channel, NORMAL_CLEARING, false);
          }
        }),
      play: async (id, media) => {
        await ask(`play ${media.join()}`, id, () => void existing(id));
        await new Promise(resolve => setTimeout(resolve, 1_500));
        if (!this.channels.has(id)) throw gone(`channel ${id}`);
      },
      stopPlaying: id => ask('stop playing', id, () => {}),
      channels: () => ask('list channels', '', () => [...this.channels.values()].map(channel => this.seen(channel))),
      bridges: () =>
        ask('list bridges', '', () =>
          [...this.bridges].map(
            ([bridge, channels]): SwitchBridge => ({ bridge, channels: [...channels], books: null }),
          ),
        ),
      leaveMark: async () => undefined,
      answeredAt: id =>
        ask('answered at', id, () => {
          const { answeredAt } = existing(id);
          return answeredAt === null ? null : this.stamp(answeredAt);
        }),
    };
  }

  /** Its journal, as it can be read by then. */
  records(process: Mortal): SwitchRecords {
    return {
      of: (_node, calls) =>
        this.world.ask(process, 'records', this.delay(), (answer, fail) => {
          if (this.world.happens('recordsAway')) return fail(new Error('simulated: the records cannot be read'));
          const found = calls.flatMap(call => {
            const { uniqueid } = call;
            const visible = this.journal.filter(
              ({ written, visibleAt }) => written.linkedid === uniqueid && visibleAt <= this.world.time.now,
            );
            const written = writtenCall(
              call,
              visible.map(row => row.written),
              [],
            );
            return written ? [[uniqueid, written] as const] : [];
          });
          answer(new Map(found));
        }),
    };
  }

  /** A process connects. It gets what comes from now on, once it is ready. The connection that it replaces is told so. */
  connect(stream: Stream): void {
    const before = this.stream;
    if (before && before.process !== stream.process && before.open && !before.cut) {
      this.world.time.after(before.process, 1, () => before.open && before.handle({ type: 'replaced' }));
    }
    this.stream = stream;
  }

  private delay(): number {
    const { world } = this;
    return world.happens('switchSlow') ? world.random.whole(50, 1_500) : world.random.whole(3, 30) / 10;
  }

  private newChannel(id: string, isCaller: boolean, call: Call): Channel {
    return {
      id,
      call,
      isCaller,
      createdAt: this.world.time.now,
      state: 'down',
      answeredAt: null,
      talksFrom: null,
      endedAt: null,
      apartAt: null,
      endedByRequest: false,
      limitAt: null,
      limitTimer: null,
      limitMs: 0,
      limitUnderWayMs: 0,
      plannedEnd: null,
      bridge: null,
      dialled: false,
      inApplication: true,
      watched: false,
    };
  }

  private seen(channel: Channel): SwitchChannel {
    const { id, state, createdAt, isCaller, call } = channel;
    return {
      channel: id,
      name: `PJSIP/${id}`,
      accountcode: call.plan.accountcode,
      callerNumber: '100',
      dialledNumber: isCaller ? call.plan.dialled : 's',
      state,
      createdAt: this.stamp(createdAt),
      args: channel.inApplication && isCaller ? argumentsOf(call.plan) : [],
      isElsewhere: !channel.inApplication,
    };
  }

  private limit(channel: Channel, ms: number): void {
    const { time } = this.world;
    time.cancel(channel.limitTimer);
    channel.limitMs = ms;
    channel.limitAt = time.now + Math.max(1, ms);
    channel.limitTimer = time.after(null, Math.max(1, ms), () => {
      this.world.note(`switch: the limit of ${channel.id} is over`);
      this.end(channel, NORMAL_CLEARING, false);
    });
  }

  private create(leg: OutgoingLeg): void {
    if (this.channels.has(leg.channel)) throw refused(`channel ${leg.channel} exists`);
    const caller = this.channels.get(leg.originator);
    if (!caller) throw refused('no originator');
    if (planOf(caller.call, leg.channel).does === 'fail') throw refused('allocation failed');
    const channel = this.newChannel(leg.channel, false, caller.call);
    this.channels.set(channel.id, channel);
    caller.call.legs.push(channel);
    this.onCreate(caller.call);
    this.limit(channel, Math.floor(leg.limitSeconds * 1000));
  }

  private dial(channel: Channel, ringSeconds: number): void {
    const { time } = this.world;
    if (channel.dialled) throw refused('dialled already');
    channel.dialled = true;
    const { call } = channel;
    this.onDial(call, channel);
    const alive = (work: () => void) => () => {
      if (channel.endedAt === null) work();
    };
    time.after(
      null,
      ringSeconds * 1000,
      alive(() => channel.answeredAt === null && this.end(channel, 19, false)),
    );
    const plan = planOf(call, channel.id);
    const ring = alive(() => this.ring(channel));
    if (plan.does === 'refuse')
      time.after(
        null,
        plan.ms,
        alive(() => this.end(channel, plan.cause, false)),
      );
    if (plan.does === 'ring') time.after(null, plan.ringMs, ring);
    if (plan.does === 'answer') {
      time.after(null, plan.ringMs, ring);
      time.after(
        null,
        plan.ringMs + plan.answerMs,
        alive(() => this.answer(channel)),
      );
    }
  }

  /** The dialplan has the caller back, with its variables. */
  private handBack(channel: Channel, authorisation: Authorisation): void {
    // The same again is a success.
    if (!channel.inApplication) return;
    const { time } = this.world;
    const { call } = channel;
    const variables = dialVariables(authorisation);
    call.dialLimitMs = Number(variables.RINGFENCE_LIMIT_MS);
    this.limit(channel, Number(variables['TIMEOUT(absolute)']) * 1000);
    channel.watched = true;
    this.tell({ type: 'ended', at: this.stamp(), channel: channel.id, byRequest: false, hasLeft: true }, 'channel');
    channel.inApplication = false;
    call.refusedAgain ||= call.tried > 0 && call.dialLimitMs === 0;
    time.after(null, 2, () => {
      if (call.dialLimitMs > 0) this.dialByDialplan(call);
      else this.end(channel, Number(variables.RINGFENCE_CAUSE), false);
    });
  }

  /** `Dial(…)` with the nth trunk; if it is not answered, the next, and then the caller is hung up. */
  private dialByDialplan(call: Call): void {
    const { time } = this.world;
    const { caller, plan } = call;
    if (caller.endedAt !== null) return;
    const index = call.tried++;
    const leg = this.newChannel(`${plan.uniqueid}-d${index + 1}`, false, call);
    Object.assign(leg, { inApplication: false, dialled: true });
    this.channels.set(leg.id, leg);
    call.legs.push(leg);
    this.onDial(call, leg);
    if (caller.watched) this.tell({ type: 'dials', at: this.stamp(), channel: caller.id, leg: leg.id }, 'dial');
    const DIAL_MS = 30_000;
    const does = plan.legs[index] ?? { does: 'nothing' };
    const fails = (ms: number, cause: number) =>
      time.after(null, ms, () => {
        if (leg.endedAt !== null || leg.answeredAt !== null) return;
        this.end(leg, cause, false);
        if (!plan.legs[index + 1]) this.end(caller, cause, false);
        else if (plan.dialplan?.asksAgain) this.askAgain(caller);
        else this.dialByDialplan(call);
      });
    if (does.does === 'refuse') fails(does.ms, does.cause);
    else if (does.does === 'fail') fails(1, 34);
    else fails(DIAL_MS, 19);
    if (does.does !== 'answer') return;
    time.after(null, does.ringMs + does.answerMs, () => {
      if (leg.endedAt === null) this.answerInDialplan(leg);
    });
  }

  /** The dialplan asks for another authorisation. Without a service it refuses the call. */
  private askAgain(caller: Channel): void {
    if (caller.endedAt !== null) return;
    if (!this.stream) {
      this.end(caller, 38, false);
      return;
    }
    this.world.note(`switch: ${caller.id} asks again`);
    caller.inApplication = true;
    if (this.isDeaf(this.stream)) caller.call.disturbed = true;
    this.tell({ type: 'arrived', at: this.stamp(), leg: this.seen(caller) }, 'channel');
  }

  private answerInDialplan(leg: Channel): void {
    const { time } = this.world;
    const { call } = leg;
    const { caller, plan } = call;
    const at = this.stamp();
    leg.talksFrom = time.now;
    for (const channel of [leg, caller]) {
      channel.state = 'up';
      channel.answeredAt = time.now;
      this.write('ANSWER', channel);
    }
    for (const channel of [leg, caller]) this.write('BRIDGE_ENTER', channel);
    this.world.note(`switch: ${leg.id} is answered`);
    this.limit(leg, call.dialLimitMs);
    if (caller.watched) {
      this.tell({ type: 'answered', at, channel: leg.id, caller: caller.id }, 'dial');
      this.tell({ type: 'answered', at, channel: caller.id }, 'channel');
    }
    this.onLimit(call);
    if (plan.talkMs === Number.POSITIVE_INFINITY) return;
    const first = plan.hangsUp === 'caller' ? caller : leg;
    time.after(null, plan.talkMs, () => this.end(first, NORMAL_CLEARING, false));
  }

  /** What the other leg of a call that the dialplan dials does when one has ended: the callee goes, the caller may go on. */
  private followInDialplan({ isCaller, call }: Channel): void {
    const { time } = this.world;
    const goesOnMs = call.plan.dialplan?.goesOnMs ?? 0;
    if (isCaller) for (const leg of call.legs) time.after(null, 1, () => this.end(leg, NORMAL_CLEARING, false));
    else time.after(null, 2 + goesOnMs, () => this.end(call.caller, NORMAL_CLEARING, false));
  }

  private ring(channel: Channel): void {
    channel.state = 'ringing';
    const event = { type: 'ringing', at: this.stamp(), channel: channel.id } as const;
    this.tell(event, 'channel');
    this.tell(event, 'dial');
  }

  private answer(channel: Channel): void {
    const { time, note } = { time: this.world.time, note: (line: string) => this.world.note(line) };
    const { call } = channel;
    channel.state = 'up';
    channel.answeredAt = time.now;
    note(`switch: ${channel.id} is answered`);
    const at = this.stamp();
    this.write('ANSWER', channel);
    this.tell({ type: 'answered', at, channel: channel.id }, 'channel');
    this.tell({ type: 'answered', at: at + this.world.random.whole(0, 2), channel: channel.id }, 'dial');
    this.onLimit(call);
    const { caller, plan } = call;
    // The bridge relays the answer.
    const leg = planOf(call, channel.id);
    const isRelayed = caller.answeredAt !== null || !(leg.does === 'answer' && leg.isLost);
    if (caller.endedAt === null && caller.bridge !== null && caller.bridge === channel.bridge && isRelayed) {
      channel.talksFrom = time.now;
      if (caller.answeredAt === null) {
        caller.answeredAt = time.now;
        caller.state = 'up';
        this.write('ANSWER', caller);
        this.tell({ type: 'answered', at, channel: caller.id }, 'channel');
      }
    }
    if (plan.broken) time.after(null, plan.broken.afterMs, () => this.breakUp(channel));
    if (plan.talkMs !== Number.POSITIVE_INFINITY) {
      const first = plan.hangsUp === 'caller' ? caller : channel;
      time.after(null, plan.talkMs, () => this.end(first, NORMAL_CLEARING, false));
    }
  }

  /** A leg of a talk is taken out of its bridge, and another channel may take its place there. */
  private breakUp(leg: Channel): void {
    const { world } = this;
    const { caller, plan } = leg.call;
    const mixing = this.bridges.get(leg.bridge ?? '');
    if (!plan.broken || !mixing || caller.endedAt !== null || leg.endedAt !== null) return;
    const lost = plan.broken.whose === 'caller' ? caller : leg;
    if (lost.bridge === null || lost.bridge !== leg.bridge) return;
    const bridge = lost.bridge;
    const at = this.stamp();
    world.note(`switch: ${lost.id} is taken out of its bridge`);
    caller.apartAt = leg.apartAt = world.time.now;
    lost.bridge = null;
    mixing.delete(lost.id);
    this.write('BRIDGE_EXIT', lost);
    this.tell({ type: 'apart', at, channel: lost.id }, 'channel');
    if (!plan.broken.by) return;
    const newcomer = this.newChannel(`${plan.uniqueid}99`, false, leg.call);
    Object.assign(newcomer, { bridge, inApplication: false, state: 'up' });
    this.channels.set(newcomer.id, newcomer);
    mixing.add(newcomer.id);
    this.tell({ type: 'tookPlace', at, channel: newcomer.id, of: lost.id }, 'channel');
  }

  /** A channel ends: by a party, by its limit, or by request. */
  private end(channel: Channel, cause: number, byRequest: boolean): void {
    if (channel.endedAt !== null) return;
    const { world } = this;
    channel.endedAt = world.time.now;
    channel.endedByRequest = byRequest;
    world.note(`switch: ${channel.id} ends (${cause})`);
    this.channels.delete(channel.id);
    world.time.cancel(channel.limitTimer);
    world.time.cancel(channel.plannedEnd);
    if (channel.bridge !== null) this.bridges.get(channel.bridge)?.delete(channel.id);
    const talked = !channel.inApplication && channel.answeredAt !== null;
    if (channel.bridge !== null || talked) this.write('BRIDGE_EXIT', channel);
    const extra = { hangupcause: cause, hangupsource: byRequest ? '' : `PJSIP/${channel.id}`, dialstatus: '' };
    this.write('HANGUP', channel, JSON.stringify(extra));
    this.write('CHAN_END', channel);
    const at = this.stamp();
    const { id, isCaller, call } = channel;
    if (!channel.inApplication) {
      if (channel.watched) {
        this.tell({ type: 'ended', at, channel: id, byRequest }, 'channel');
        this.tell({ type: 'destroyed', at: at + 1, channel: id, cause, techCause: null }, 'channel');
      }
      if (isCaller || channel.answeredAt !== null) this.followInDialplan(channel);
      return;
    }
    this.tell({ type: 'ended', at, channel: id, byRequest }, 'channel');
    this.tell({ type: 'ended', at, channel: id, byRequest: false, hasLeft: true }, 'channel');
    // The end of a caller's channel is published only if a called leg was created for it.
    if (!isCaller || call.legs.length > 0) {
      this.tell({ type: 'destroyed', at: at + 1, channel: id, cause, techCause: null }, 'channel');
    }
    const others = isCaller ? call.legs : [call.caller];
    for (const other of others) {
      if (channel.answeredAt !== null && other.answeredAt !== null && other.endedAt === null) {
        world.time.after(null, call.plan.lingerMs, () => this.end(other, NORMAL_CLEARING, false));
      }
    }
  }

  /** A row of CEL. */
  private write(event: string, { id, call }: Channel, extra = ''): void {
    const { accountcode, uniqueid } = call.plan;
    this.journal.push({
      written: {
        event,
        // Virtual time has milliseconds. The rows of one still have an order, as they have by Asterisk's microseconds.
        at: this.stamp() + (this.journal.length % 1000) / 1000,
        uniqueid: id,
        linkedid: uniqueid,
        accountcode,
        channel: `PJSIP/${id}`,
        extra,
      },
      visibleAt: this.world.time.now + this.journalLagMs,
    });
  }

  /** Sends an event down the stream, if there is one; those of one topic and channel keep their order. */
  private tell(event: SwitchEvent, topic: 'channel' | 'dial'): void {
    const { stream, world } = this;
    if (!stream) return;
    if (stream.cut) {
      world.note(`switch: ${event.type} is lost`);
      return;
    }
    const { time, random, faults } = world;
    const mayPass = world.faulty && faults.eventsReordered > 0;
    const queue = mayPass && 'channel' in event ? `${topic} ${event.channel}` : '';
    const underWay = (mayPass ? random.whole(1, 200) : random.whole(1, 20)) / 10;
    const delay = world.happens('eventStalls') ? random.whole(50, 1_000) : underWay;
    const at = Math.max(time.now + delay, stream.lastAt.get(queue) ?? 0);
    stream.lastAt.set(queue, at);
    const deliver = () => {
      if (!stream.open && stream.waiting === null) return;
      if (stream.waiting !== null) stream.waiting.push(event);
      else stream.handle(event);
    };
    time.after(stream.process, at - time.now, deliver);
    if (world.happens('eventTwice')) time.after(stream.process, at - time.now + random.whole(1, 300), deliver);
  }
}

/** What becomes of a called leg of ours. */
const planOf = ({ plan }: Call, leg: string): LegPlan =>
  plan.legs[Number(/\d+$/.exec(leg)?.[0] ?? 1) - 1] ?? { does: 'nothing' };

/** The words of the dialplan after the application's name. */
const argumentsOf = ({ dialplan, pool }: CallPlan): string[] => [
  ...(dialplan ? ['authorize'] : []),
  ...(pool?.args ?? []),
];

/** Every request has a deadline. */
function withDeadline<Answer>(asked: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unanswered()), DEADLINE_MS);
  });
  return Promise.race([asked, deadline]).finally(() => clearTimeout(timer));
}
