import type { Logger } from 'pino';
import type { CallLedger } from '../credit/ledger';
import type { SwitchRecords } from './evidence';
import { Expiry } from './expiry';
import { Leftovers } from './leftovers';
import type { OpenCalls } from './open-call-store';
import { SwitchComparison } from './switch-comparison';
import type { SwitchEvent, SwitchPort } from './switch-port';
import type { Switchboard } from './switchboard';
import { UnseenEnds } from './unseen-ends';
import { WatchedSwitch } from './watched-switch';

export interface ReconcilerOptions {
  switchboard: Switchboard;
  ledger: CallLedger;
  openCalls: OpenCalls;
  /** The name of our books: a mark with another name belongs to calls that this database does not know. */
  books: string;
  records: SwitchRecords;
  emergencyNumbers: string[];
  log: Logger;
  /** How often the carried calls are compared with what the switch has. Ms. */
  everyMs?: number;
  /** How long after a request we wait for events that were on their way. Ms. */
  settleMs?: number;
  /** How often reservations that outlived their calls are searched. Ms. */
  sweepEveryMs?: number;
  /** How long to wait for the switch's own records of an unseen end. Ms. */
  recordsWithinMs?: number;
}

/** The greatest age of a sighting when the switch dies: talk after it is not charged. Ms. */
const COMPARED_EVERY_MS = 5_000;

/** How soon a comparison that failed, or that waits for records, is made again. Ms. */
const SOON_MS = 2_000;

/**
 * When each switch is compared with what Ringfence believes: at every (re)connection and every 5 s. Starting is the same, because a call of
 * an earlier process, or of another, comes to this one in no other way.
 *
 * Only a list of channels that the switch did give counts: a request without an answer ends no call and hangs up no channel. A live call
 * that no process carries is adopted. A call that is gone is settled by the best evidence: what was reported meanwhile, the switch's
 * records, or the last sighting of its switch. A channel that belongs to no call is hung up, and an empty bridge of ours is destroyed.
 */
export class Reconciler {
  private readonly watched = new Map<SwitchPort, WatchedSwitch>();
  private readonly timers = new Map<WatchedSwitch, NodeJS.Timeout>();
  /** Switches that are being compared. `again`: a switch that connected again meanwhile. */
  private readonly working = new Map<WatchedSwitch, 'once' | 'again'>();
  private readonly ends: UnseenEnds;
  private readonly expiry: Expiry;
  private readonly comparison: SwitchComparison;
  private closed = false;

  constructor(private readonly options: ReconcilerOptions) {
    const { ledger, log, switchboard, openCalls, records, sweepEveryMs = 60_000 } = options;
    this.ends = new UnseenEnds(ledger, log);
    const { ends } = this;
    this.expiry = new Expiry({ switchboard, openCalls, records, ends, log, everyMs: sweepEveryMs });
    this.comparison = new SwitchComparison({ ...options, ends });
  }

  /** Takes in every event of a switch. The switchboard gets it first; then its meaning for calls that are not carried is noted. */
  handle(port: SwitchPort, event: SwitchEvent): void {
    const { switchboard } = this.options;
    switchboard.handle(port, event);
    const watched = this.watched.get(port);
    switch (event.type) {
      case 'connected': {
        if (this.closed) return;
        const known = watched ?? new WatchedSwitch(port, new Leftovers(port, this.options));
        this.watched.set(port, known);
        known.connected(event.startedAt);
        void this.reconcile(known);
        return;
      }
      case 'disconnected':
        watched?.disconnected();
        return;
      case 'left':
        // What was reported until now is whole.
        return;
      case 'replaced':
        if (watched) this.lose(watched);
        return;
      default:
        watched?.hear(event, event.type !== 'arrived' && switchboard.carries(event.channel));
    }
  }

  /** Ends that are on their way into the ledger. */
  get waiting(): number {
    return this.ends.size;
  }

  close(): void {
    this.closed = true;
    this.expiry.close();
    for (const watched of this.watched.values()) this.lose(watched);
  }

  /** From now on nothing is done about this switch. */
  private lose(watched: WatchedSwitch): void {
    watched.isLost = true;
    clearTimeout(this.timers.get(watched));
    this.timers.delete(watched);
    this.watched.delete(watched.port);
  }

  private async reconcile(watched: WatchedSwitch): Promise<void> {
    if (watched.isLost) return;
    if (this.working.has(watched)) {
      this.working.set(watched, 'again');
      return;
    }
    clearTimeout(this.timers.get(watched));
    this.working.set(watched, 'once');
    const waitMs = await this.compare(watched);
    const isWanted = this.working.get(watched) === 'again';
    this.working.delete(watched);
    if (watched.isLost) return;
    this.timers.set(
      watched,
      setTimeout(() => void this.reconcile(watched), isWanted ? 0 : waitMs),
    );
  }

  /** Compares a switch once. Resolves with how long to wait before the next comparison. Ms. */
  private async compare(watched: WatchedSwitch): Promise<number> {
    const { log, everyMs = COMPARED_EVERY_MS } = this.options;
    const soonMs = Math.min(everyMs, SOON_MS);
    try {
      await this.comparison.compare(watched);
      // A channel that belongs to no known call is checked a second time before it is hung up.
      return watched.gone.size > 0 || watched.leftovers.areDoubtful ? soonMs : everyMs;
    } catch (error) {
      log.warn({ event: 'reconcile_failed', node: watched.node, error: (error as Error).message });
      return soonMs;
    }
  }
}
