import type { Logger } from 'pino';
import type { BooksMark } from '../calls/books-mark';
import type { SwitchEvent, SwitchPort } from '../calls/switch-port';
import type { HeldLease } from '../credit/books';
import { LEASE_SECONDS, type Leases } from './lease-store';

/** A switch that can be asked for its name, connected to and released. */
export interface KeptSwitch extends SwitchPort {
  /** The switch's own name, without connecting to it. Rejects with SwitchError. */
  identify(): Promise<string>;
  /** The mark of the last service that acted for it; null if there is none. Without connecting to it. */
  readMark(): Promise<BooksMark | null>;
  /** Whether a service acts for it, or has calls in progress on it. Without connecting to it. */
  isServed(): Promise<boolean>;
  start(): void;
  /** Lets the next service that connects get the events from now on, if the switch keeps them: then `left` is the last event. Requests still work. */
  leaveEvents(): Promise<void>;
  close(): Promise<void>;
}

export interface NodeKeeperOptions {
  /** A new connection to the switch, not started; it passes on every event of the switch. */
  connect(onEvent: (event: SwitchEvent) => void): KeptSwitch;
  /** Called with every event of the connection that counts. Also with `replaced` when the lease was lost: stop acting for the switch. */
  onEvent(port: SwitchPort, event: SwitchEvent): void;
  leases: Leases;
  /** Why the switch must be left to the service of other books; null if it may be served. Called before its lease is requested. */
  strangerOn(port: KeptSwitch, node: string): Promise<string | null>;
  /** Names of the switches for which this process acts: two of one name would be charged as one. */
  kept: Set<string>;
  log: Logger;
  timing?: Partial<KeeperTiming>;
}

export interface KeeperTiming {
  renewMs: number;
  /** How often a lease that another process has is requested. Ms. */
  standbyMs: number;
  /** How long a process keeps away after it was disconnected although its lease was good: a stranger acts for the switch. Ms. */
  awayMs: number;
}

const TIMING: KeeperTiming = { renewMs: 3_000, standbyMs: 2_000, awayMs: 60_000 };

/** How soon to retry a renewal that failed, or a switch that could not be asked for its name. Ms. */
const AGAIN_MS = 500;

/** The owner trusts a lease only for this long after it requested it, by its own clock: it stops before others may start. Ms. */
const TRUST_MS = (LEASE_SECONDS * 1000 * 2) / 3;

/**
 * Acts for one switch while it has the switch's lease, and waits for the lease while another process has it.
 *
 * The owner renews the lease. While it cannot, because the database is away, it stays connected and reports ends, but may start nothing
 * (`leaseFor`). It releases the calls and the connection only when another process has the lease: they belong to that process then.
 */
export class NodeKeeper {
  private port: KeptSwitch | null = null;
  private held: (HeldLease & { until: number }) | null = null;
  private timer: NodeJS.Timeout | null = null;
  /** The switch whose name is being asked. */
  private asked: KeptSwitch | null = null;
  private work: Promise<void> = Promise.resolve();
  private stopped = false;
  /** It takes no more switches, and keeps the one that it has until `stop`. */
  private leaving = false;
  private lastTold = '';
  private readonly timing: KeeperTiming;

  constructor(private readonly options: NodeKeeperOptions) {
    this.timing = { ...TIMING, ...options.timing };
  }

  /** Begins to request the lease, and goes on until `stop`. */
  start(): void {
    this.after(0, () => this.acquire());
  }

  /** The lease by which calls may start on the switch now; null if there is none, or if it is too old to be trusted. */
  leaseFor(node: string): HeldLease | null {
    const { held } = this;
    if (held?.node !== node || performance.now() >= held.until) return null;
    return { node, epoch: held.epoch };
  }

  /** Before `stop`, so that what happens meanwhile is left to the next process. */
  async leaveEvents(): Promise<void> {
    this.leaving = true;
    await this.port?.leaveEvents();
  }

  /** Releases the switch and its lease. Its calls go on under the switch's limits, and another process may take them over. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    const { held } = this;
    await Promise.all([this.letGo(), this.asked?.close()]);
    // The leases may be closed after this keeper has stopped: ask nothing of them after this.
    await this.work;
    if (!held) return;
    await this.options.leases
      .release(held)
      .catch(error => this.options.log.warn({ event: 'lease_not_released', node: held.node, error: String(error) }));
  }

  private after(milliseconds: number, work: () => Promise<void>): void {
    if (this.stopped) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.work = work();
    }, milliseconds);
  }

  private async acquire(): Promise<void> {
    if (this.leaving) return;
    const { log } = this.options;
    const port: KeptSwitch = this.options.connect(event => this.take(port, event));
    let nextMs = AGAIN_MS;
    this.asked = port;
    try {
      const node = await port.identify();
      if (this.stopped) return;
      if (this.leaving) {
        await port.close();
        return;
      }
      const stranger = await this.options.strangerOn(port, node);
      const owner = stranger === null ? await this.ask(port, node) : null;
      if (this.port === port) return;
      if (stranger !== null) {
        this.tell(`stranger ${stranger}`, () => log.error({ event: 'switch_of_other_books', node, error: stranger }));
        nextMs = this.timing.standbyMs;
      }
      if (owner !== null) {
        this.tell(`standby ${owner}`, () => log.info({ event: 'standby', node, owner }));
        nextMs = this.timing.standbyMs;
      }
    } catch (error) {
      const { message } = error as Error;
      this.tell(`failed ${message}`, () => log.warn({ event: 'lease_not_asked', node: port.node, error: message }));
    } finally {
      this.asked = null;
    }
    await port.close();
    this.after(nextMs, () => this.acquire());
  }

  /** Becomes the owner, or returns the owner; null if there is no owner to wait for. */
  private async ask(port: KeptSwitch, node: string): Promise<string | null> {
    const { leases, kept, log } = this.options;
    if (kept.has(node)) {
      this.tell(`twice ${node}`, () => log.error({ event: 'switch_name_twice', node }));
      return null;
    }
    kept.add(node);
    try {
      const askedAt = performance.now();
      const answer = await leases.acquire(node);
      if ('owner' in answer) return answer.owner;
      if (this.stopped || this.leaving) {
        await leases.release(answer);
        return null;
      }
      this.tell('owner', () => log.info({ event: 'lease_acquired', node, epoch: answer.epoch }));
      this.held = { ...answer, until: askedAt + TRUST_MS };
      this.port = port;
      port.start();
      this.after(this.timing.renewMs, () => this.renew(port));
      return null;
    } finally {
      if (this.port !== port) kept.delete(node);
    }
  }

  private async renew(port: KeptSwitch): Promise<void> {
    const { leases, log } = this.options;
    const { held } = this;
    if (!held || this.port !== port) return;
    const askedAt = performance.now();
    let nextMs = this.timing.renewMs;
    try {
      const renewed = await leases.renew(held);
      if (this.port !== port) return;
      if (!renewed) {
        log.error({ event: 'lease_lost', node: held.node, epoch: held.epoch });
        await this.stepDown(port, 0);
        return;
      }
      held.until = askedAt + TRUST_MS;
      this.tell('owner', () => log.info({ event: 'lease_renewed', node: held.node }));
    } catch (error) {
      nextMs = AGAIN_MS;
      if (performance.now() >= held.until) {
        this.tell('unrenewed', () =>
          log.error({ event: 'lease_not_renewed', node: held.node, error: (error as Error).message }),
        );
      }
    }
    this.after(nextMs, () => this.renew(port));
  }

  private take(port: KeptSwitch, event: SwitchEvent): void {
    const { held } = this;
    if (this.port !== port || !held) return;
    if (event.type === 'replaced') {
      const isGood = this.leaseFor(held.node) !== null;
      if (isGood) {
        this.options.log.error({ event: 'replaced_though_owner', node: held.node, away_ms: this.timing.awayMs });
        this.options.leases.release(held).catch(() => undefined);
      }
      void this.stepDown(port, isGood ? this.timing.awayMs : this.timing.standbyMs);
      return;
    }
    // It restarted under another name, and we do not have the lease of that name.
    if (event.type === 'connected' && port.node !== held.node) {
      this.options.log.error({ event: 'switch_name_changed', node: held.node, to: port.node });
      this.options.leases.release(held).catch(() => undefined);
      void this.stepDown(port, 0);
      return;
    }
    this.options.onEvent(port, event);
  }

  /** Stops acting for the switch at once, and requests its lease again later. */
  private async stepDown(port: KeptSwitch, againMs: number): Promise<void> {
    this.options.onEvent(port, { type: 'replaced' });
    await this.letGo();
    this.lastTold = '';
    this.after(againMs, () => this.acquire());
  }

  private async letGo(): Promise<void> {
    const { port, held } = this;
    this.port = null;
    this.held = null;
    if (held) this.options.kept.delete(held.node);
    await port?.close();
  }

  /** Logs the same news once, though it is found anew every second. */
  private tell(what: string, say: () => void): void {
    if (this.lastTold !== what) say();
    this.lastTold = what;
  }
}
