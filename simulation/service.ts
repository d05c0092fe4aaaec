import type { CallPolicy } from '../src/calls/call';
import { Reconciler } from '../src/calls/reconciler';
import type { SwitchEvent, SwitchPort } from '../src/calls/switch-port';
import { Switchboard } from '../src/calls/switchboard';
import { type CallLedger, Ledger } from '../src/credit/ledger';
import { emergencyGrant, type Limits } from '../src/credit/rules';
import type { Route } from '../src/routes/route';
import type { Store } from './store';
import type { Stream, Switch } from './switch';
import type { Mortal, World } from './world';

export const EMERGENCY_NUMBER = '112';

export interface ServiceSetting {
  limits: Limits;
  routes: Route[];
  ringSeconds: number;
  trunkSilenceMs: number;
  prompts: CallPolicy['prompts'];
}

export interface ServiceWorld {
  world: World;
  store: Store;
  node: Switch;
  setting: ServiceSetting;
  /** The network between the service and the switch. */
  isReachable: () => boolean;
  onDeath: (service: ServiceProcess, why: string) => void;
}

/**
 * One process of the service, put together as src/serve.ts does it: the ledger, the switchboard and the reconciler are the
 * product's own.
 */
export class ServiceProcess implements Mortal {
  dead = false;
  private ledger: Ledger | null = null;
  private switchboard: Switchboard | null = null;
  private reconciler: Reconciler | null = null;
  private stream: Stream | null = null;
  private port: SwitchPort | null = null;
  private wasConnected = false;

  constructor(
    readonly name: string,
    private readonly at: ServiceWorld,
  ) {}

  /** Boots; a database that is away ends the process, as it does the service's. */
  start(): void {
    const { world } = this.at;
    world.note(`${this.name} starts`);
    world.time.after(this, 1, () => void this.boot());
  }

  /** Nothing is carried, settled or waited for any more. */
  get isIdle(): boolean {
    const { ledger, switchboard, reconciler } = this;
    return (
      ledger !== null &&
      ledger.waiting === 0 &&
      switchboard?.carried === 0 &&
      switchboard.settling === 0 &&
      reconciler?.waiting === 0
    );
  }

  /** What it still does, for a report. */
  get business(): string {
    const { ledger, switchboard, reconciler, stream, dead } = this;
    return JSON.stringify({
      process: this.name,
      dead,
      connected: stream?.open ?? false,
      ledgerWaiting: ledger?.waiting,
      carried: switchboard?.carried,
      settling: switchboard?.settling,
      reconciling: reconciler?.waiting,
    });
  }

  crash(why: string): void {
    if (this.dead) return;
    this.dead = true;
    this.at.world.note(`${this.name} dies: ${why}`);
    this.closeStream();
    this.at.onDeath(this, why);
  }

  /** Ends as src/serve.ts does at SIGTERM. */
  async stop(drainMs: number): Promise<void> {
    const { ledger, switchboard, reconciler } = this;
    this.at.world.note(`${this.name} stops`);
    switchboard?.close();
    reconciler?.close();
    const deadline = performance.now() + drainMs;
    while (switchboard && ledger && switchboard.settling + ledger.waiting > 0 && performance.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    switchboard?.abandon();
    this.closeStream();
    await ledger?.close();
    this.crash('stopped');
  }

  /** The stream breaks; `noticedMs` later the service knows, and connects again. */
  cutStream(noticedMs: number): void {
    const { stream } = this;
    if (!stream || stream.cut) return;
    const { world, node } = this.at;
    world.note(`stream of ${this.name} is cut, noticed after ${noticedMs} ms`);
    stream.cut = true;
    for (const { caller } of node.calls.values()) if (caller.endedAt === null) caller.call.disturbed = true;
    world.time.after(this, noticedMs, () => {
      if (this.stream !== stream) return;
      this.closeStream();
      if (this.wasConnected) this.take({ type: 'disconnected' });
      this.connectAfter(world.random.whole(5, 100));
    });
  }

  private async boot(): Promise<void> {
    const { world, store, node, setting } = this.at;
    const log = world.logOf(this);
    const ledger = new Ledger({
      databaseUrl: '',
      openBooks: () => store.connect(this),
      lanes: 2,
      limits: setting.limits,
      startDeadlineMs: 250,
      batchDeadlineMs: 5_000,
      log,
    });
    try {
      await ledger.open();
    } catch {
      return this.crash('no database to serve from');
    }
    this.ledger = ledger;
    const checked = this.checked(ledger);
    const records = node.records(this);
    this.switchboard = new Switchboard({
      ledger: checked,
      records,
      routes: () => setting.routes,
      policy: {
        ringSeconds: setting.ringSeconds,
        trunkSilenceMs: setting.trunkSilenceMs,
        prompts: setting.prompts,
        causeWaitMs: 1_000,
        brakeMs: 500,
        emergencyGrant: emergencyGrant(setting.limits),
      },
      emergencyNumbers: [EMERGENCY_NUMBER],
      log,
    });
    this.reconciler = new Reconciler({
      switchboard: this.switchboard,
      ledger: checked,
      openCalls: store.openCalls(this),
      records,
      emergencyNumbers: [EMERGENCY_NUMBER],
      log,
    });
    this.port = node.portOf(
      this,
      world.random.whole(-10, 10),
      () => this.wasConnected && this.at.isReachable(),
      () => this.stream,
    );
    this.connectAfter(1);
  }

  /** The product's ledger; a grant that it answers has to be in the store by then. */
  private checked(ledger: Ledger): CallLedger {
    const { store, world } = this.at;
    return {
      start: async request => {
        const outcome = await ledger.start(request);
        if ('granted' in outcome && !store.calls.has(request.uniqueid)) {
          world.violate('a grant was committed', `${request.uniqueid} was granted and is not in the store`);
        }
        return outcome;
      },
      answered: call => ledger.answered(call),
      end: call => ledger.end(call),
    };
  }

  private connectAfter(ms: number): void {
    const { world, node } = this.at;
    world.time.after(this, ms, () => {
      if (!node.up || !this.at.isReachable()) return this.connectAfter(world.random.whole(200, 1_500));
      const stream: Stream = {
        process: this,
        handle: event => this.take(event),
        open: false,
        cut: false,
        waiting: [],
        lastAt: new Map(),
      };
      this.stream = stream;
      node.connect(stream);
      world.time.after(this, world.random.whole(5, 150), () => {
        if (this.stream !== stream || stream.cut) return;
        const early = stream.waiting ?? [];
        stream.waiting = null;
        stream.open = true;
        this.wasConnected = true;
        this.take({ type: 'connected', startedAt: node.startedAt });
        for (const event of early) this.take(event);
      });
    });
  }

  private closeStream(): void {
    const { stream } = this;
    if (!stream) return;
    stream.open = false;
    stream.waiting = null;
    this.stream = null;
    // A connection that closed is known to the switch: its application is without a service.
    if (this.at.node.stream === stream) this.at.node.stream = null;
  }

  private take(event: SwitchEvent): void {
    const { port } = this;
    if (!port) return;
    this.at.world.note(`${this.name} hears ${JSON.stringify(event)}`);
    this.switchboard?.handle(port, event);
    this.reconciler?.handle(port, event);
  }
}
