import { dialString } from '../routes/route';
import type { CallAction, CallEvent, CallState } from './call-state';
import { bridgeOf } from './leg-names';
import { type Authorisation, SwitchError, type SwitchPort } from './switch-port';

/** When to request a hang-up or limit again while the switch does not answer; the limit in the switch holds anyway. */
const RETRY_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** How soon a switch that dials by itself has ended the callee of a caller that has left; mostly a few milliseconds. Ms. */
const ENDS_WITHIN_MS = 300;

export interface LegsOptions {
  port: SwitchPort;
  /** Whether the call has its bridge already, and whether its caller is in it. */
  bridged: boolean;
  joined: boolean;
  ringSeconds: number;
  /** The call as it is now: it may take steps while the switch is asked. */
  state: () => CallState;
  warn: (event: string, error: unknown, facts?: object) => void;
}

/** The legs of one call: the requests to the switch for them, repeated while the switch does not answer. */
export class Legs {
  /** A bridge was requested, so there may be one to remove. */
  private bridged: boolean;
  private hasBridge: boolean;
  /**
   * The caller is in the bridge. The first called leg that gets this far takes the caller along, because the legs before it may never have
   * been made.
   */
  private joined: boolean;
  /** Legs that the switch made by itself, whose events may not be reported. */
  private readonly unwatched = new Set<string>();
  /** Legs that the switch is about to end, and what to do when it reports that, or when there is no time to wait for it. */
  private readonly ending = new Map<string, (isGone: boolean) => void>();
  private isHurried = false;
  /** The last limit that was requested. */
  private limits: Promise<void> = Promise.resolve();

  constructor(private readonly options: LegsOptions) {
    this.bridged = options.bridged;
    this.hasBridge = options.bridged;
    this.joined = options.joined;
  }

  /** Limits the caller's leg, then creates, limits, bridges and dials a called leg; never rejects. */
  async place(action: Extract<CallAction, { do: 'place' }>): Promise<CallEvent | CallEvent[]> {
    const { port, ringSeconds } = this.options;
    const { uniqueid } = this.options.state();
    const { leg, route } = action;
    let mayBeDialled = false;
    try {
      const made = this.limits.then(() => this.make(action));
      // A nearer limit waits until there is a leg that can take it: the limit that the leg is born with would undo it.
      this.limits = made.catch(() => undefined);
      await made;
      const { phase, bLeg } = this.options.state();
      if (phase === 'dialling' && bLeg === leg) {
        mayBeDialled = true;
        await port.dial(leg, uniqueid, ringSeconds);
      }
      return { type: 'dialled', leg };
    } catch (failure) {
      const error = failure instanceof CallerLimitError ? failure.cause : failure;
      if (failure instanceof CallerLimitError && isGone(error)) {
        return { type: 'dialFailed', leg, at: port.now(), switchAway: false, callerIsGone: true };
      }
      this.options.warn('dial_failed', error, { trunk: route.trunk });
      const switchAway = !(error instanceof SwitchError) || error.kind === 'unanswered';
      // The switch may have dialled all the same, and both may talk: a talk must not be hung up.
      const answers = switchAway && mayBeDialled ? await this.answers(leg) : [];
      if (Array.isArray(answers) && answers.length > 0) return answers;
      return {
        type: 'dialFailed',
        leg,
        at: port.now(),
        switchAway,
        ...(switchAway && !mayBeDialled && { wasNotAsked: true }),
      };
    }
  }

  /** Limits the caller's leg and makes a called leg, limited and in the bridge with the caller. */
  private async make({ leg, route, ...action }: Extract<CallAction, { do: 'place' }>): Promise<void> {
    const { port } = this.options;
    const { uniqueid, accountcode, dst, grant } = this.options.state();
    const limitSeconds = Math.min(action.limitSeconds, grant?.grantedSeconds ?? action.limitSeconds);
    const bridge = bridgeOf(uniqueid);
    // The limit is in the switch before an answer is possible. From here on the call cannot outlast its money, even if this service dies.
    const limited = port.setLimit(uniqueid, limitSeconds);
    const bridging = this.hasBridge ? Promise.resolve() : port.createBridge(bridge);
    this.bridged = true;
    // Wait for both: a bridge must not appear after it was destroyed.
    const [limit, made] = await Promise.allSettled([limited, bridging]);
    if (made.status === 'fulfilled') this.hasBridge = true;
    if (limit.status === 'rejected') throw new CallerLimitError(limit.reason);
    if (made.status === 'rejected') throw made.reason;
    const endpoint = dialString(route, dst ?? '');
    await port.createLeg({ channel: leg, endpoint, originator: uniqueid, accountcode, limitSeconds });
    await port.join(bridge, this.joined ? [leg] : [uniqueid, leg]);
    this.joined = true;
  }

  /** Gives the call back to a switch that dials by itself. Asks again at once while the switch does not answer, because a caller waits. */
  async handBack(authorisation: Authorisation): Promise<CallEvent> {
    const { port, warn } = this.options;
    const { channel } = authorisation;
    const MOST_TRIES = 3;
    for (let attempt = 1; ; attempt++) {
      try {
        await port.handBack(authorisation);
        return { type: 'handedBack' };
      } catch (error) {
        if (isGone(error)) return { type: 'ended', channel, at: port.now(), byRequest: false };
        warn('not_handed_back', error);
        const isRefused = error instanceof SwitchError && error.kind === 'refused';
        if (isRefused || attempt === MOST_TRIES) return { type: 'notHandedBack', at: port.now() };
      }
    }
  }

  /**
   * Makes the switch report the events of a leg that it made. If the leg is gone by then, the caller's end or the records say when it
   * ended.
   */
  async watch(channel: string): Promise<undefined> {
    const { port, warn } = this.options;
    this.unwatched.add(channel);
    for (const wait of [...RETRY_MS, 0]) {
      try {
        await port.watch(channel);
        this.unwatched.delete(channel);
        return undefined;
      } catch (error) {
        warn('leg_not_watched', error);
        if (!(error instanceof SwitchError) || error.kind !== 'unanswered') return undefined;
        await new Promise(resolve => setTimeout(resolve, wait).unref());
      }
    }
    return undefined;
  }

  /** Whether something may happen to a leg unheard. */
  get areUnheard(): boolean {
    return this.unwatched.size > 0;
  }

  /** Sets limits one after the other: the limit for ringing must never arrive late, when the call talks. */
  limit(
    channels: string[],
    phase: 'dialling' | 'talking',
    seconds: () => number,
    isLonger: boolean,
  ): Promise<undefined> {
    const set = async () => {
      const pointless = () => this.options.state().phase !== phase;
      await Promise.all(
        channels.map(channel =>
          this.insist('limit_not_set', () => this.write(channel, seconds, isLonger, pointless), pointless),
        ),
      );
    };
    this.limits = this.limits.then(set);
    return this.limits.then(() => undefined);
  }

  /** Resolves when the limits that were requested so far are taken, or given up. Never rejects. */
  get limited(): Promise<void> {
    return this.limits;
  }

  /**
   * Sets a limit that counts from now. If the switch was slow to take it, it counts from later. Then the switch is told again, so that a
   * call never gets more than a blink beyond its grant.
   */
  private async write(
    channel: string,
    seconds: () => number,
    isLonger: boolean,
    pointless: () => boolean = () => false,
  ): Promise<void> {
    const { port } = this.options;
    const MOST_TRIES = 5;
    const A_BLINK_MS = 300;
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const askedAt = port.now();
      const left = Math.max(0.05, seconds());
      await (isLonger ? port.prolongLimit(channel, left) : port.setLimit(channel, left));
      // Stop if the call was answered meanwhile: the limit for ringing would arrive late.
      if (port.now() - askedAt <= A_BLINK_MS || pointless()) return;
    }
  }

  /**
   * Sets a nearer limit. Resolves with whether every leg was seen to have taken it. A leg that is gone has not taken it: its end says when
   * it went. Waits its turn among the other limits, and asks twice at most, because other calls wait for the money.
   */
  lower(channels: string[], seconds: () => number): Promise<boolean> {
    const lowered = this.limits.then(async () => {
      const took = await Promise.all(channels.map(channel => this.lowerOne(channel, seconds)));
      return took.every(Boolean);
    });
    this.limits = lowered.then(() => undefined);
    return lowered;
  }

  private async lowerOne(channel: string, seconds: () => number): Promise<boolean> {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        await this.write(channel, seconds, false);
        return true;
      } catch (error) {
        if (isGone(error)) return false;
        this.options.warn('limit_not_set', error);
      }
    }
    return false;
  }

  /** Plays sounds to one leg, and not to the other, one after the other. A sound that cannot be played changes nothing else. */
  async play(channel: string, media: string[]): Promise<undefined> {
    if (media.length > 0) {
      const failed = (error: unknown) => this.options.warn('sound_failed', error, { media });
      await this.options.port.play(channel, media).catch(failed);
    }
    return undefined;
  }

  hangup(channel: string, cause: number): Promise<undefined> {
    return this.insist('hangup_unanswered', () => this.options.port.hangup(channel, cause));
  }

  /** Hangs up a leg that the switch is about to end by itself, if the switch has not done so in a moment. */
  async hangupUnlessGone(channel: string, cause: number): Promise<undefined> {
    if (this.isHurried) return this.hangup(channel, cause);
    const isGone = await new Promise<boolean>(resolve => {
      const timer = setTimeout(resolve, ENDS_WITHIN_MS, false);
      this.ending.set(channel, known => {
        clearTimeout(timer);
        resolve(known);
      });
    });
    this.ending.delete(channel);
    return isGone ? undefined : this.hangup(channel, cause);
  }

  /** The switch reports that a leg is gone. */
  gone(channel: string): void {
    this.ending.get(channel)?.(true);
  }

  /** From now on asks at once for every end: this service is about to lose the switch, and could not ask later. */
  hurry(): void {
    this.isHurried = true;
    for (const settle of this.ending.values()) settle(false);
  }

  /** Plays a sound to the caller, then hangs up, also if the sound cannot be played. */
  async playAndHangup(channel: string, media: string, cause: number): Promise<undefined> {
    await this.options.port.play(channel, [media]).catch(error => this.options.warn('prompt_failed', error));
    return this.hangup(channel, cause);
  }

  /** Whether there may be a bridge to remove. */
  get mayHaveBridge(): boolean {
    return this.bridged;
  }

  destroyBridge(): Promise<undefined> {
    const { port, state } = this.options;
    return this.insist('bridge_not_destroyed', () => port.destroyBridge(bridgeOf(state().uniqueid)));
  }

  /**
   * When a leg was answered, by the switch's own word; null if it is not. `gone` if the switch no longer has the leg, which may have been
   * answered and have ended. `unknown` if the switch did not say.
   */
  async answer(channel: string): Promise<number | null | 'gone' | 'unknown'> {
    try {
      return await this.options.port.answeredAt(channel);
    } catch (error) {
      if (isGone(error)) return 'gone';
      this.options.warn('answer_not_asked', error);
      return 'unknown';
    }
  }

  /**
   * The answers of a leg and of its caller as the switch knows them; none if the leg is not answered. `gone` and `unknown` as for
   * `answer`.
   */
  async answers(leg: string): Promise<CallEvent[] | 'gone' | 'unknown'> {
    const { uniqueid } = this.options.state();
    const at = await this.answer(leg);
    if (at === 'gone' || at === 'unknown') return at;
    if (at === null) return [];
    const told: CallEvent[] = [{ type: 'answered', channel: leg, at }];
    // If the news of one leg was missed, that of the other may have been missed too.
    const callers = leg === uniqueid ? null : await this.answer(uniqueid);
    if (typeof callers === 'number') told.unshift({ type: 'answered', channel: uniqueid, at: callers });
    return told;
  }

  /** Asks again, ever more slowly, while the switch does not answer. A refusal is final, and so is a channel that is gone. */
  private async insist(
    failure: string,
    request: () => Promise<void>,
    pointless: () => boolean = () => false,
  ): Promise<undefined> {
    for (let attempt = 0; !pointless(); attempt++) {
      try {
        await request();
        return undefined;
      } catch (error) {
        if (isGone(error)) return undefined;
        this.options.warn(failure, error);
        const wait = RETRY_MS[attempt];
        if (wait === undefined || !(error instanceof SwitchError) || error.kind === 'refused') return undefined;
        await new Promise(resolve => setTimeout(resolve, wait).unref());
      }
    }
    return undefined;
  }
}

const isGone = (error: unknown): boolean => error instanceof SwitchError && error.kind === 'gone';

/** The caller's own leg could not be limited; its cause says why. */
class CallerLimitError extends Error {
  constructor(override readonly cause: unknown) {
    super('the caller could not be limited');
  }
}
