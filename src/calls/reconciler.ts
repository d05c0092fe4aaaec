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
  log: Logger;
  /** How often what is carried is compared with what the switch has. Ms. */
  everyMs?: number;
  /** How long after a question an event that was on its way is given to arrive. Ms. */
  settleMs?: number;
}

/** What is remembered of one switch. */
interface Watched {
  startedAt: number;
  connectedAt: number;
  /** The switch's clock at the last word from it. */
  seenAt: number;
  timer: NodeJS.Timeout | null;
  working: boolean;
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
  private closed = false;

  constructor(private readonly options: ReconcilerOptions) {}

  /** To be told every event of a switch, after the switchboard. */
  handle(port: SwitchPort, event: SwitchEvent): void {
    const watched = this.watched.get(port);
    if (event.type === 'connected') {
      const now = port.now();
      const known = watched ?? { startedAt: 0, connectedAt: 0, seenAt: 0, timer: null, working: false };
      Object.assign(known, { startedAt: event.startedAt, connectedAt: now });
      this.watched.set(port, known);
      void this.reconcile(port, known);
    } else if (watched && 'at' in event) watched.seenAt = Math.max(watched.seenAt, event.at);
  }

  close(): void {
    this.closed = true;
    for (const { timer } of this.watched.values()) if (timer) clearTimeout(timer);
  }

  private async reconcile(port: SwitchPort, watched: Watched): Promise<void> {
    if (watched.working || this.closed) return;
    watched.working = true;
    const { log, everyMs = 15_000 } = this.options;
    try {
      await this.compare(port, watched);
    } catch (error) {
      log.warn({ event: 'reconcile_failed', node: port.node, error: (error as Error).message });
    }
    watched.working = false;
    if (watched.timer) clearTimeout(watched.timer);
    if (!this.closed) watched.timer = setTimeout(() => void this.reconcile(port, watched), everyMs);
  }

  private async compare(port: SwitchPort, watched: Watched): Promise<void> {
    const { switchboard, openCalls, settleMs = 500 } = this.options;
    const carried = switchboard.carriedOn(port);
    // Asked before the list: what is open by then and not in the list has ended.
    const open = await openCalls.of(port.node).catch(() => null);
    const seenBefore = watched.seenAt || (await openCalls.lastSeen(port.node).catch(() => null)) || 0;
    const channels = await port.channels();
    const listedAt = port.now();
    await new Promise(resolve => setTimeout(resolve, settleMs));
    if (this.closed) return;

    const live = new Set(channels.map(({ channel }) => channel));
    for (const uniqueid of carried) {
      if (!live.has(uniqueid) && switchboard.stateOf(uniqueid))
        switchboard.endedUnseen(uniqueid, seenBefore || listedAt);
    }
    for (const call of open ?? []) {
      if (!switchboard.stateOf(call.uniqueid)) await this.takeOver(port, call, channels, seenBefore || call.startAt);
    }
    if (open) await this.hangUpStrangers(port, watched, channels, open);
    watched.seenAt = Math.max(watched.seenAt, listedAt);
    await openCalls.seen(port.node, watched.seenAt, watched.startedAt);
  }

  /** A call of an earlier process, or one whose end was not written: adopted if it is up, settled if not. */
  private async takeOver(port: SwitchPort, call: CallRecord, channels: SwitchChannel[], seenAt: number): Promise<void> {
    const { switchboard, ledger, log } = this.options;
    const { uniqueid, accountcode, trunk } = call;
    const up = channels.some(({ channel }) => channel === uniqueid);
    const bLeg = channels.find(({ channel }) => isLegOf(uniqueid, channel));
    if (up && bLeg) {
      const answerAt = call.answerAt ?? (bLeg.state === 'up' ? await port.answeredAt(bLeg.channel) : null);
      switchboard.adopt(port, call, bLeg.channel, answerAt);
      return;
    }
    // One leg without the other talks to nobody.
    if (up) await port.hangup(uniqueid, CAUSE.networkOutOfOrder);
    if (bLeg) await port.hangup(bLeg.channel, CAUSE.normalClearing);
    // Empty since its legs were cut while nobody served.
    await port.destroyBridge(bridgeOf(uniqueid));
    const answerAt = call.answerAt;
    const deadline = answerAt === null ? Number.POSITIVE_INFINITY : answerAt + call.grantedSeconds * 1000;
    const endAt = Math.min(Math.max(seenAt, answerAt ?? call.startAt), deadline);
    await ledger.end({
      uniqueid,
      accountcode,
      trunk,
      end: {
        answerAt,
        endAt,
        disposition: answerAt === null ? 'NO ANSWER' : 'ANSWERED',
        hangupCause: CAUSE.normalClearing,
        hangupSource: 'service',
      },
    });
    log.warn({ event: 'call_settled_unseen', uniqueid, accountcode, node: port.node, answered: answerAt !== null });
  }

  /** Channels in our application that no call accounts for: nothing limits or pays for them. */
  private async hangUpStrangers(
    port: SwitchPort,
    { connectedAt }: Watched,
    channels: SwitchChannel[],
    open: CallRecord[],
  ): Promise<void> {
    const { switchboard, log } = this.options;
    const known = new Set(open.map(({ uniqueid }) => uniqueid));
    for (const { channel, createdAt } of channels) {
      // One that came after we did is told to us by its own event.
      if (known.has(callerOf(channel)) || switchboard.carries(channel) || createdAt >= connectedAt - 1_000) continue;
      log.warn({ event: 'stranger_hung_up', channel, node: port.node });
      await port.hangup(channel, CAUSE.networkOutOfOrder);
    }
  }
}
