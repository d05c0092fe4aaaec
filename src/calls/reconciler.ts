import type { Logger } from 'pino';
import type { CallRecord } from '../credit/call-record';
import type { CallLedger } from '../credit/ledger';
import { bridgeOf } from './call';
import { CAUSE } from './causes';
import type { OpenCalls } from './open-call-store';
import type { SwitchChannel, SwitchEvent, SwitchPort } from './switch-port';
import { callerOf, isLegOf, type Switchboard } from './switchboard';

export interface ReconcilerOptions {
  switchboard: Switchboard;
  ledger: CallLedger;
  openCalls: OpenCalls;
  emergencyNumbers: string[];
  log: Logger;
  /** How often what is carried is compared with what the switch has. Ms. */
  everyMs?: number;
  /** How long after a question an event that was on its way is given to arrive. Ms. */
  settleMs?: number;
  /** How often reservations that outlived their calls are looked for. Ms. */
  sweepEveryMs?: number;
}

/** What is remembered of one switch. */
interface Watched {
  startedAt: number;
  connectedAt: number;
  /** The switch's clock at the last word from it. */
  heardAt: number;
  /** Its clock at the last word before the stream broke; null while nothing can have been missed. */
  missedSince: number | null;
  timer: NodeJS.Timeout | null;
  working: boolean;
  /** It connected again while it was being compared. */
  again: boolean;
  /** Channels of nobody in the last list. */
  strangers: Set<string>;
}

/**
 * Puts what Ringfence believes and what the switch has right: at every (re)connection and every 15 s.
 *
 * Only a list of channels that the switch did give counts: a question without an answer ends nothing and hangs up nobody.
 * A call that is up and that nobody carries is adopted; one that is gone is settled at the last sighting of its switch; a
 * channel that belongs to no call is hung up.
 */
export class Reconciler {
  private readonly watched = new Map<SwitchPort, Watched>();
  private readonly sweeper: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: ReconcilerOptions) {
    const { sweepEveryMs = 60_000, log } = options;
    const sweep = () => this.sweepExpired().catch(error => log.warn({ event: 'sweep_failed', error: String(error) }));
    this.sweeper = setInterval(sweep, sweepEveryMs).unref();
  }

  /** To be told every event of a switch, after the switchboard. */
  handle(port: SwitchPort, event: SwitchEvent): void {
    const watched = this.watched.get(port);
    switch (event.type) {
      case 'connected': {
        const known: Watched = watched ?? {
          startedAt: 0,
          connectedAt: 0,
          heardAt: 0,
          missedSince: null,
          timer: null,
          working: false,
          again: false,
          strangers: new Set(),
        };
        // Taken now, before the events that follow: they say nothing of what was missed.
        known.missedSince ??= known.heardAt;
        Object.assign(known, { startedAt: event.startedAt, connectedAt: port.now() });
        this.watched.set(port, known);
        void this.reconcile(port, known);
        return;
      }
      case 'disconnected':
        if (watched) watched.missedSince ??= watched.heardAt;
        return;
      case 'replaced':
        if (watched?.timer) clearTimeout(watched.timer);
        this.watched.delete(port);
        return;
      default:
        if (watched) watched.heardAt = Math.max(watched.heardAt, event.at);
    }
  }

  close(): void {
    this.closed = true;
    clearInterval(this.sweeper);
    for (const { timer } of this.watched.values()) if (timer) clearTimeout(timer);
  }

  private isOver(port: SwitchPort, watched: Watched): boolean {
    return this.closed || this.watched.get(port) !== watched;
  }

  private async reconcile(port: SwitchPort, watched: Watched): Promise<void> {
    if (watched.working) watched.again = true;
    if (watched.working || this.isOver(port, watched)) return;
    if (watched.timer) clearTimeout(watched.timer);
    watched.working = true;
    const { log, everyMs = 15_000 } = this.options;
    let nextMs = everyMs;
    try {
      await this.compare(port, watched);
    } catch (error) {
      log.warn({ event: 'reconcile_failed', node: port.node, error: (error as Error).message });
      nextMs = Math.min(everyMs, 2_000);
    }
    watched.working = false;
    if (watched.again) nextMs = 0;
    watched.again = false;
    if (!this.isOver(port, watched)) watched.timer = setTimeout(() => void this.reconcile(port, watched), nextMs);
  }

  private async compare(port: SwitchPort, watched: Watched): Promise<void> {
    const { switchboard, openCalls, settleMs = 500, log } = this.options;
    const carried = switchboard.carriedOn(port);
    // A process that has just started knows of no word from the switch; the one before it wrote the last one down.
    const heardAt = watched.missedSince ?? watched.heardAt;
    const seenAt = heardAt || ((await openCalls.lastSeen(port.node).catch(() => null)) ?? 0);
    const channels = await port.channels();
    const listedAt = port.now();
    await new Promise(resolve => setTimeout(resolve, settleMs));
    if (this.isOver(port, watched)) return;

    for (const uniqueid of carried)
      await this.each(uniqueid, () => this.bringUpToDate(port, uniqueid, channels, seenAt));
    // Asked after the list: a call that was settled meanwhile is no longer open.
    const open = await openCalls.of(port.node);
    for (const call of open) {
      if (this.isOver(port, watched)) return;
      if (switchboard.stateOf(call.uniqueid)) continue;
      await this.each(call.uniqueid, () => this.takeOver(port, call, channels, seenAt));
    }
    if (this.isOver(port, watched)) return;
    await this.hangUpStrangers(port, watched, channels, open);
    watched.missedSince = null;
    watched.heardAt = Math.max(watched.heardAt, listedAt);
    await openCalls
      .seen(port.node, watched.heardAt, watched.startedAt)
      .catch(error => log.warn({ event: 'sighting_not_written', node: port.node, error: String(error) }));
  }

  /** What goes wrong with one call must not keep the others waiting. */
  private async each(uniqueid: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.log.warn({ event: 'reconcile_failed', uniqueid, error: (error as Error).message });
    }
  }

  /** Tells a carried call what it missed: its end, its answer, or the end of the leg that it talks to. */
  private async bringUpToDate(
    port: SwitchPort,
    uniqueid: string,
    channels: SwitchChannel[],
    seenAt: number,
  ): Promise<void> {
    const { switchboard } = this.options;
    const state = switchboard.stateOf(uniqueid);
    if (!state) return;
    const endedAt = Math.max(seenAt, state.answerAt ?? state.startAt);
    if (!channels.some(({ channel }) => channel === uniqueid)) {
      switchboard.missed(uniqueid, { type: 'ended', channel: uniqueid, at: endedAt });
      return;
    }
    const { bLeg } = state;
    if (!bLeg) return;
    const leg = channels.find(({ channel }) => channel === bLeg);
    if (state.phase === 'dialling' && leg?.state === 'up') {
      const at = (await port.answeredAt(bLeg)) ?? port.now();
      switchboard.missed(uniqueid, { type: 'answered', channel: bLeg, at });
    } else if (state.phase === 'talking' && !leg) {
      // One leg without the other talks to nobody.
      switchboard.missed(uniqueid, { type: 'ended', channel: bLeg, at: endedAt });
    }
  }

  /** A call of an earlier process, or one whose end was not written: adopted if it is up, settled if not. */
  private async takeOver(port: SwitchPort, call: CallRecord, channels: SwitchChannel[], seenAt: number): Promise<void> {
    const { switchboard } = this.options;
    const { uniqueid } = call;
    const up = channels.some(({ channel }) => channel === uniqueid);
    const legs = channels.filter(({ channel }) => isLegOf(uniqueid, channel));
    // A leg of a route that was given up may linger; the one that talks counts, else the last that was dialled.
    const bLeg =
      legs.find(({ state }) => state === 'up') ?? legs.sort((one, other) => other.createdAt - one.createdAt)[0];
    if (up && bLeg) {
      const answerAt =
        bLeg.state === 'up' ? (call.answerAt ?? (await port.answeredAt(bLeg.channel)) ?? port.now()) : null;
      switchboard.adopt(port, call, bLeg.channel, answerAt);
      return;
    }
    if (up) await port.hangup(uniqueid, CAUSE.networkOutOfOrder);
    for (const { channel } of legs) await port.hangup(channel, CAUSE.normalClearing);
    // Empty since its legs were cut while nobody served.
    await port.destroyBridge(bridgeOf(uniqueid));
    this.settleUnseen(call, seenAt);
  }

  /**
   * Settles a call whose end nobody saw: at the last sighting, never before its answer nor beyond its grant. Not waited for:
   * a database that is away keeps it in the lane.
   */
  private settleUnseen(call: CallRecord, seenAt: number): void {
    const { uniqueid, accountcode, node, trunk, answerAt, startAt, grantedSeconds } = call;
    const deadline = answerAt === null ? Number.POSITIVE_INFINITY : answerAt + grantedSeconds * 1000;
    const endAt = Math.min(Math.max(seenAt, answerAt ?? startAt), deadline);
    const disposition = answerAt === null ? 'NO ANSWER' : 'ANSWERED';
    void this.options.ledger.end({
      uniqueid,
      accountcode,
      trunk,
      end: { answerAt, endAt, disposition, hangupCause: CAUSE.normalClearing, hangupSource: 'service' },
    });
    this.options.log.warn({ event: 'call_settled_unseen', uniqueid, accountcode, node, answered: answerAt !== null });
  }

  /**
   * Channels in our application that no call accounts for: nothing limits or pays for them. One that came before we did goes
   * at once; another when it is nobody's in two lists running, since its arrival may still be on its way to us.
   */
  private async hangUpStrangers(
    port: SwitchPort,
    watched: Watched,
    channels: SwitchChannel[],
    open: CallRecord[],
  ): Promise<void> {
    const { switchboard, emergencyNumbers, log } = this.options;
    const known = new Set(open.map(({ uniqueid }) => uniqueid));
    // An emergency call that was let through without the ledger has no row, and is not ended for that.
    for (const { channel, dialledNumber } of channels) if (emergencyNumbers.includes(dialledNumber)) known.add(channel);
    const before = watched.strangers;
    watched.strangers = new Set();
    for (const { channel, createdAt } of channels) {
      if (known.has(callerOf(channel)) || switchboard.carries(channel)) continue;
      if (createdAt >= watched.connectedAt - 1_000 && !before.has(channel)) {
        watched.strangers.add(channel);
        continue;
      }
      log.warn({ event: 'stranger_hung_up', channel, node: port.node });
      await this.each(channel, () => port.hangup(channel, CAUSE.networkOutOfOrder));
    }
  }

  /** Frees what a switch that never came back still holds: its calls cannot be alive any more. */
  private async sweepExpired(): Promise<void> {
    const { switchboard, openCalls } = this.options;
    for (const call of await openCalls.expired()) {
      if (switchboard.stateOf(call.uniqueid)) continue;
      this.settleUnseen(call, (await openCalls.lastSeen(call.node)) ?? call.startAt);
    }
  }
}
