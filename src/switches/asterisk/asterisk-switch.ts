import type { Logger } from 'pino';
import { type Alarms, NO_ALARMS } from '../../alarms/alarm';
import { type BooksMark, markIn, markText } from '../../calls/books-mark';
import { dialVariables } from '../../calls/dial-variables';
import {
  type Authorisation,
  type OutgoingLeg,
  type SwitchBridge,
  type SwitchChannel,
  SwitchError,
  type SwitchEvent,
  type SwitchPort,
} from '../../calls/switch-port';
import type { AriAddress } from './ari-address';
import { type AriApi, type AriBridge, loadAriApi } from './ari-api';
import { AriEventSource } from './ari-events';
import type { AriListener } from './ari-listener';
import { AriTransport } from './ari-transport';
import { parseAsteriskStamp, SwitchClock } from './asterisk-clock';
import { AwaitedEvents } from './awaited-events';
import { assertTook, LIMIT_VARIABLE, limitIn, limitText } from './channel-limit';
import { ChannelTexts } from './channel-texts';
import { EndpointWatch } from './endpoint-watch';
import type { AriEvent, EventHandlers, EventSource, EventSourceTiming } from './event-stream';
import { LimitProof } from './limit-proof';
import { OutboundEventSource } from './outbound-events';
import { Playbacks } from './playbacks';
import type { RoundTrips } from './round-trips';
import { CALLED_LEG, EVENT_TYPES, FAILED_DIAL_CAUSES, isCalledLeg, OUR_PREFIX, switchEventOf } from './switch-events';
import { type NamedInfo, nameIn, readSwitchName } from './switch-name';

export interface AsteriskSwitchOptions {
  /** Asterisk's web server. */
  address: AriAddress;
  /** The word in the dialplan's `Stasis(…)`. */
  application: string;
  /** The owner of these calls: the name of the books in the database. */
  books: string;
  /** Where the switch connects to us. Without it we connect to the switch. */
  listener?: AriListener | undefined;
  /**
   * Called with each event in the order of the switch. What it throws is logged and stops nothing. Must not be an async function, because
   * nothing awaits it.
   */
  onEvent: (event: SwitchEvent) => void;
  log: Logger;
  /** Where it reports what an operator must correct. */
  alarms?: Alarms;
  /** Where it counts how long its requests take. */
  roundTrips?: RoundTrips;
  /** How long any one request may take. Default 2,000 ms. */
  requestDeadlineMs?: number;
  /** How long a prompt may play. Default 30,000 ms. */
  promptWithinMs?: number;
  timing?: Partial<EventSourceTiming>;
}

/** ARI's answer to a request about a channel that is not in Stasis. */
const NOT_IN_APPLICATION = 409;

/** ARI's answer to a subscription for a channel that does not exist. */
const NO_SUCH_SOURCE = 422;

/** A global variable of Asterisk, which lives as long as Asterisk runs. */
const MARK_VARIABLE = 'RINGFENCE_SWITCH_MARK';

interface AsteriskInfo extends NamedInfo {
  status: { startup_time: string };
}

/**
 * How often we ask the switch for its clock. The answer also shows whether REST stalls while the event stream lives (asterisk#2078), and
 * whether the password was changed: until we see that, a caller waits for as long as the dialplan allows.
 */
const CLOCK_EVERY_MS = 1_000;

/**
 * One Asterisk (20.16 or 22.10 and later), over ARI.
 *
 * Requests may be made from the first `connected` event on; before it they reject `unanswered`. They are also sent while the event stream
 * is broken, because a hang-up must not wait for it.
 */
export class AsteriskSwitch implements SwitchPort {
  readonly dialsByItself = false;
  readonly playsSounds = true;
  readonly #options: AsteriskSwitchOptions;
  readonly #log: Logger;
  readonly #address: AriAddress;
  readonly #transport: AriTransport;
  readonly #events: EventSource;
  readonly #clock = new SwitchClock();
  readonly #awaited = new AwaitedEvents();
  /** A limit that was set, one that a leg was born with, and one that a call is given back with: each may fail without the others. */
  readonly #limitProofs = { set: new LimitProof(), birth: new LimitProof(), givenBack: new LimitProof() };
  readonly #channelTexts: ChannelTexts;
  readonly #playbacks: Playbacks;
  readonly #endpoints: EndpointWatch;
  #api: AriApi | null = null;
  #startedAt = Number.NaN;
  #name: string;
  #clockTimer: NodeJS.Timeout | null = null;
  #restStalled = false;

  constructor(options: AsteriskSwitchOptions) {
    this.#options = options;
    this.#address = options.address;
    this.#name = options.address.host;
    this.#log = options.log;
    this.#transport = new AriTransport(
      this.#address,
      options.requestDeadlineMs ?? 2_000,
      accepted => this.#sawLogin(accepted),
      (outcome, ms) => options.roundTrips?.observe(this.#address.origin, outcome, ms),
    );
    this.#channelTexts = new ChannelTexts(options.application);
    this.#playbacks = new Playbacks({
      ari: () => this.#ari(),
      awaited: this.#awaited,
      requestDeadlineMs: this.#transport.deadlineMs,
      withinMs: options.promptWithinMs ?? 30_000,
    });
    this.#endpoints = new EndpointWatch(this.#transport, this.#alarms, options.log);
    const handlers: EventHandlers = {
      prepare: () => this.#prepare(),
      onReady: () => this.#ready(),
      onEvent: event => this.#take(event),
      onLost: () => this.#lost(),
      log: options.log,
      ...(options.timing && { timing: options.timing }),
    };
    this.#events = options.listener
      ? new OutboundEventSource({ ...handlers, listener: options.listener, identify: () => this.identify() })
      : new AriEventSource({
          ...handlers,
          // Never subscribeAll: it is ignored when the application is still registered, and is part of a deadlock (asterisk#2170).
          url: `${this.#address.eventOrigin}/ari/events?app=${encodeURIComponent(options.application)}`,
          authorization: this.#address.authorization,
          handshakeMs: this.#transport.deadlineMs,
        });
  }

  /** Starts to connect, and goes on until `close`: the switch may be away for any time. */
  start(): void {
    this.#events.start();
  }

  /**
   * From now on the switch keeps its events for the next service, if it can (outbound websocket). Resolves when the events that it had sent
   * are reported; requests still work. If the switch keeps nothing, events go on.
   */
  async leaveEvents(): Promise<void> {
    await this.#events.leave();
    if (this.#options.listener) this.#emit({ type: 'left' });
  }

  /** Lets go of the switch. Requests in progress reject `unanswered`; no event follows. Channels stay as they are. */
  async close(): Promise<void> {
    this.#events.stop();
    this.#stopClock();
    this.#endpoints.forget();
    this.#awaited.streamLost();
    await this.#transport.close();
  }

  /**
   * The switch's own name, which `node` is from then on. Uses a single request: a service that does not own the switch must know the name
   * too, and opening the event stream would take the calls away from the service that owns it.
   * @throws SwitchError `unanswered` if it cannot be asked; `refused` if the credentials are wrong.
   */
  async identify(): Promise<string> {
    this.#name = await readSwitchName(this.#transport);
    this.#options.listener?.expect(this.#name);
    return this.#name;
  }

  get node(): string {
    return this.#name;
  }

  now(): number {
    return this.#clock.now();
  }

  async setLimit(channel: string, seconds: number): Promise<void> {
    const text = limitText(seconds);
    for (let attempt = 1; ; attempt += 1) {
      await this.#writeLimit(channel, text);
      try {
        return await this.#proveLimit(this.#limitProofs.set, channel, text);
      } catch (error) {
        if (attempt === 2 || !(error instanceof SwitchError) || error.kind !== 'refused') throw error;
      }
    }
  }

  /** @throws SwitchError `refused` when the limit is read back otherwise than it was set. */
  async #proveLimit(proof: LimitProof, channel: string, text: string): Promise<void> {
    if (proof.isFresh) return;
    const left = await this.readLimit(channel);
    proof.forget();
    assertTook(channel, text, left);
    proof.proven();
  }

  async prolongLimit(channel: string, seconds: number): Promise<void> {
    await this.#writeLimit(channel, limitText(seconds));
  }

  async #writeLimit(channel: string, value: string): Promise<void> {
    // While a sound is played to a leg, the leg does not take the limit; it takes it afterwards, and counts from then (docs/asterisk.md).
    await this.stopPlaying(channel);
    await this.#ari().channels.setChannelVar({ channelId: channel, variable: LIMIT_VARIABLE, value });
  }

  /** Seconds until the switch itself ends the channel; null when it has no limit. */
  async readLimit(channel: string): Promise<number | null> {
    return limitIn((await this.#ari().channels.getChannelVar({ channelId: channel, variable: LIMIT_VARIABLE })).value);
  }

  async createBridge(bridge: string): Promise<void> {
    await this.#ari().bridges.createWithId({ bridgeId: bridge, type: 'mixing', name: this.#options.books });
  }

  async createLeg(leg: OutgoingLeg): Promise<void> {
    const limit = limitText(leg.limitSeconds);
    const started = this.#awaited.expect(leg.channel, leg.channel, this.#transport.deadlineMs, `create ${leg.channel}`);
    try {
      await this.#ari().channels.create({
        endpoint: leg.endpoint,
        app: this.#options.application,
        appArgs: CALLED_LEG,
        channelId: leg.channel,
        originator: leg.originator,
        variables: {
          [LIMIT_VARIABLE]: limit,
          'CHANNEL(accountcode)': leg.accountcode,
        },
      });
    } catch (error) {
      started.forget();
      throw error;
    }
    try {
      // addChannel before the leg's own StasisStart was a 422 in 53 of 300 calls (docs/asterisk.md).
      await started.arrived;
      // Variables that fail at birth are not reported either, and a leg without a limit must never be dialled.
      await this.#proveLimit(this.#limitProofs.birth, leg.channel, limit);
    } catch (error) {
      this.#endLeg(leg.channel, 41);
      throw error;
    }
  }

  async join(bridge: string, channels: string[]): Promise<void> {
    await this.#ari().bridges.addChannel({ bridgeId: bridge, channel: channels.join(',') });
  }

  async dial(channel: string, caller: string, ringSeconds: number): Promise<void> {
    // `caller`: the number, name and privacy that the called side sees. Whole seconds; 0 would ring forever.
    await this.#ari().channels.dial({ channelId: channel, caller, timeout: Math.max(1, Math.ceil(ringSeconds)) });
  }

  async handBack(authorisation: Authorisation): Promise<void> {
    const { channel } = authorisation;
    const variables = dialVariables(authorisation);
    try {
      // Watched before it leaves: what it is told of by being in the application ends then.
      await Promise.all([this.watch(channel), this.#ari().channels.setChannelVars({ channelId: channel, variables })]);
      await this.#proveLimit(this.#limitProofs.givenBack, channel, variables[LIMIT_VARIABLE] as string);
      await this.#ari().channels.continueInDialplan({ channelId: channel });
    } catch (error) {
      // Only this service lets it go on: it had been given back before, and the answer was lost.
      if (!(error instanceof SwitchError && error.status === NOT_IN_APPLICATION)) throw error;
    }
  }

  async watch(channel: string): Promise<void> {
    const { application: applicationName } = this.#options;
    try {
      await this.#ari().applications.subscribe({ applicationName, eventSource: `channel:${channel}` });
    } catch (error) {
      if (!(error instanceof SwitchError && error.status === NO_SUCH_SOURCE)) throw error;
      throw new SwitchError('gone', error.message, { cause: error });
    }
  }

  async hangup(channel: string, cause: number): Promise<void> {
    await unlessGone(this.#ari().channels.hangup({ channelId: channel, reason_code: String(cause) }));
  }

  async destroyBridge(bridge: string): Promise<void> {
    await unlessGone(this.#ari().bridges.destroy({ bridgeId: bridge }));
  }

  play(channel: string, media: string[]): Promise<void> {
    return this.#playbacks.play(channel, media);
  }

  stopPlaying(channel: string): Promise<void> {
    return this.#playbacks.stop(channel);
  }

  async channels(): Promise<SwitchChannel[]> {
    // One request for all of them. The application's own list (/applications/…) also holds channels that have left it and are only
    // subscribed to.
    return this.#channelTexts.read((await this.#transport.request('GET', '/ari/channels')).data);
  }

  async bridges(): Promise<SwitchBridge[]> {
    const all = await this.#transport.read<AriBridge[]>('/ari/bridges');
    return all
      .filter(({ id }) => id.startsWith(OUR_PREFIX))
      .map(({ id, channels, name }) => ({
        bridge: id,
        channels,
        books: name === '' ? null : name,
      }));
  }

  async leaveMark(seenAt: number): Promise<void> {
    const value = markText({ books: this.#options.books, seenAt });
    await this.#ari().asterisk.setGlobalVar({ variable: MARK_VARIABLE, value });
  }

  /** The mark that the last service left; null if no service has left one since the switch was started. Needs no connection. */
  async readMark(): Promise<BooksMark | null> {
    const path = `/ari/asterisk/variable?variable=${MARK_VARIABLE}`;
    return markIn((await this.#transport.read<{ value: string }>(path)).value);
  }

  /** Whether a service has the application, or calls are in it. Needs no connection. */
  async isServed(): Promise<boolean> {
    try {
      await this.#transport.read(`/ari/applications/${encodeURIComponent(this.#options.application)}`);
      return true;
    } catch (error) {
      if (error instanceof SwitchError && error.kind === 'gone') return false;
      throw error;
    }
  }

  async answeredAt(channel: string): Promise<number | null> {
    // `u` gives seconds.microseconds; empty or zero if there was no answer. Read as two integers: as one number, the product with 1,000 can
    // fall below its millisecond.
    const { value } = await this.#ari().channels.getChannelVar({ channelId: channel, variable: 'CDR(answer,u)' });
    const [seconds, microseconds] = value.split('.').map(Number);
    return seconds ? seconds * 1_000 + Math.floor((microseconds ?? 0) / 1_000) : null;
  }

  #ari(): AriApi {
    if (this.#api === null) throw new SwitchError('unanswered', `${this.node}: not connected yet`);
    return this.#api;
  }

  /** Everything that a new connection needs before its first event counts. Rejects if the switch is not ready. */
  async #prepare(): Promise<void> {
    const info = await this.#transport.read<AsteriskInfo>('/ari/asterisk/info?only=config,status');
    const startedAt = parseAsteriskStamp(info.status.startup_time);
    // A switch that was started again may be another version, with another description of its operations.
    if (this.#api === null || startedAt !== this.#startedAt) {
      this.#api = await loadAriApi(this.#transport, differs => {
        this.#log.warn({ event: 'switch_operation_differs', node: this.node, differs });
      });
    }
    this.#startedAt = startedAt;
    this.#name = nameIn(info, this.#address);
    // The filter lives as long as the application does in Asterisk, and Asterisk does not report that. So it is set on each connection.
    await this.#api.applications.filter({
      applicationName: this.#options.application,
      filter: { allowed: EVENT_TYPES.map(type => ({ type })) },
    });
    await this.#askClock();
  }

  get #alarms(): Alarms {
    return this.#options.alarms ?? NO_ALARMS;
  }

  /** Called with every answer. A switch that refuses the login is lost: nothing can be done for a caller, so no call may come in. */
  #sawLogin(isAccepted: boolean): void {
    const { host, origin } = this.#address;
    if (isAccepted) {
      this.#alarms.clear('switch_login_refused', host);
      return;
    }
    const name = this.#name === host ? '' : ` (${this.#name})`;
    this.#alarms.raise({
      alarm: 'switch_login_refused',
      subject: host,
      details:
        `wrong user or password: ${origin}${name} answers 401, and its calls are refused. ` +
        'Correct RINGFENCE_ARI_URL, or ari.conf',
    });
    this.#events.shut('wrong user or password (401)');
  }

  #ready(): void {
    this.#endpoints.start(this.node);
    this.#clockTimer ??= setInterval(() => void this.#watchClock(), CLOCK_EVERY_MS);
    this.#log.info({ event: 'switch_connected', node: this.node, started_at: new Date(this.#startedAt).toISOString() });
    this.#emit({ type: 'connected', startedAt: this.#startedAt });
  }

  #lost(): void {
    this.#stopClock();
    for (const proof of Object.values(this.#limitProofs)) proof.forget();
    this.#endpoints.stop();
    this.#awaited.streamLost();
    this.#log.warn({ event: 'switch_disconnected', node: this.node });
    this.#emit({ type: 'disconnected' });
  }

  #take(event: AriEvent): void {
    const stamp = parseAsteriskStamp(event.timestamp ?? '');
    const at = Number.isNaN(stamp) ? this.#clock.now() : stamp;
    if (!Number.isNaN(stamp)) this.#clock.sawEvent(stamp);
    this.#meet(event);
    const translated = switchEventOf(event, at);
    if (translated === null) return;
    if (translated.type === 'replaced') this.#replaced();
    this.#emit(translated);
  }

  #emit(event: SwitchEvent): void {
    try {
      this.#options.onEvent(event);
    } catch (error) {
      this.#log.error({ event: 'switch_event_handler_failed', node: this.node, type: event.type, err: error });
    }
  }

  /** Ends the waits of requests, and the legs that Asterisk itself would leave open. */
  #meet(event: AriEvent): void {
    switch (event.type) {
      case 'StasisStart':
        if (isCalledLeg(event)) this.#awaited.met((event.channel as { id: string }).id);
        return;
      case 'PlaybackFinished':
        this.#playbacks.finished(event);
        return;
      // The first of the three, and before the PlaybackFinished of the sound.
      case 'ChannelHangupRequest':
      case 'StasisEnd':
      case 'ChannelDestroyed':
        this.#awaited.channelEnded((event.channel as { id: string }).id);
        return;
      case 'Dial': {
        const peer = (event.peer as { id: string }).id;
        const cause = FAILED_DIAL_CAUSES[event.dialstatus as string];
        if (cause !== undefined && peer.startsWith(OUR_PREFIX)) this.#endLeg(peer, cause);
        return;
      }
    }
  }

  #endLeg(channel: string, cause: number): void {
    this.hangup(channel, cause).catch(error => {
      // Its limit ends it all the same.
      this.#log.warn({ event: 'switch_leg_not_ended', node: this.node, channel, err: error });
    });
  }

  /** We do not connect again: that would take the application back, and two services would disconnect each other in turn. */
  #replaced(): void {
    this.#events.stop();
    this.#stopClock();
    this.#endpoints.forget();
    this.#awaited.streamLost();
    this.#log.error({ event: 'switch_application_replaced', node: this.node, application: this.#options.application });
  }

  async #askClock(): Promise<void> {
    const sentAt = performance.now();
    const { timestamp } = await this.#ari().asterisk.ping();
    this.#clock.pinged(sentAt, parseAsteriskStamp(timestamp));
  }

  async #watchClock(): Promise<void> {
    try {
      await this.#askClock();
      if (this.#restStalled) this.#log.info({ event: 'switch_requests_answered', node: this.node });
      this.#restStalled = false;
    } catch (error) {
      if (!this.#restStalled) this.#log.warn({ event: 'switch_requests_stalled', node: this.node, err: error });
      this.#restStalled = true;
    }
  }

  #stopClock(): void {
    if (this.#clockTimer !== null) clearInterval(this.#clockTimer);
    this.#clockTimer = null;
  }
}

/** Waits for a removal; a thing that is gone already counts as removed. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof SwitchError && error.kind === 'gone')) throw error;
  }
}
