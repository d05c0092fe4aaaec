import { AccountWatch } from '../src/calls/account-watch';
import type { CallPolicy } from '../src/calls/call-state';
import { Reconciler } from '../src/calls/reconciler';
import type { SwitchEvent } from '../src/calls/switch-port';
import { Switchboard } from '../src/calls/switchboard';
import { type CallLedger, Ledger, type Regranted } from '../src/credit/ledger';
import type { OutcomeOf } from '../src/credit/ledger-operation';
import { emergencyGrant, type Limits } from '../src/credit/rules/start';
import { type KeptSwitch, NodeKeeper } from '../src/ownership/node-keeper';
import { type Route, routesFor } from '../src/routes/route';
import { LANES, type Store } from './store';
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
  /** Whatever happens to calls from now on may have been missed. */
  disturb: () => void;
  onDeath: (service: ServiceProcess, why: string) => void;
}

/** One process of the service, put together like in src/serve.ts: the ledger, the switchboard and the reconciler are the product's own. */
export class ServiceProcess implements Mortal {
  dead = false;
  stoppedUntil = 0;
  private ledger: Ledger | null = null;
  private switchboard: Switchboard | null = null;
  private reconciler: Reconciler | null = null;
  private watch: AccountWatch | null = null;
  private keeper: NodeKeeper | null = null;
  private connection: Connection | null = null;

  constructor(
    readonly name: string,
    private readonly at: ServiceWorld,
  ) {}

  /** Boots. A database that is away ends the process, as it ends the service's. */
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
      switchboard.waiting === 0 &&
      reconciler?.waiting === 0
    );
  }

  /** What it still does, for a report. */
  get business(): string {
    const { ledger, switchboard, reconciler, connection, dead } = this;
    return JSON.stringify({
      process: this.name,
      dead,
      connected: connection?.isConnected ?? false,
      ledgerWaiting: ledger?.waiting,
      carried: switchboard?.carried,
      switchboardWaiting: switchboard?.waiting,
      reconciling: reconciler?.waiting,
    });
  }

  crash(why: string): void {
    if (this.dead) return;
    this.dead = true;
    this.at.world.note(`${this.name} dies: ${why}`);
    this.connection?.break();
    this.at.onDeath(this, why);
  }

  stop(ms: number): void {
    if (this.dead) return;
    const { world, store, disturb } = this.at;
    world.note(`${this.name} is stopped for ${ms} ms`);
    this.stoppedUntil = Math.max(this.stoppedUntil, world.time.now + ms);
    store.silent(this, ms);
    disturb();
  }

  /** Ends like src/serve.ts at SIGTERM. */
  async terminate(drainMs: number): Promise<void> {
    const { ledger, switchboard, reconciler, watch, keeper } = this;
    this.at.world.note(`${this.name} stops`);
    await keeper?.leaveEvents();
    switchboard?.close();
    watch?.close();
    reconciler?.close();
    const deadline = performance.now() + drainMs;
    const left = () => (switchboard?.waiting ?? 0) + (reconciler?.waiting ?? 0) + (ledger?.waiting ?? 0);
    while (left() > 0 && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20));
    switchboard?.abandon();
    await keeper?.stop();
    await ledger?.close();
    this.crash('stopped');
  }

  /** The event stream breaks; `noticedMs` later the service knows, and connects again. */
  cutStream(noticedMs: number): void {
    this.connection?.cut(noticedMs);
  }

  private async boot(): Promise<void> {
    const { world, store, node, setting } = this.at;
    const log = world.logOf(this);
    const ledger = new Ledger({
      databaseUrl: '',
      openBooks: lane => store.connect(this, lane),
      lanes: LANES,
      limits: setting.limits,
      startDeadlineMs: 2_000,
      batchDeadlineMs: 5_000,
      leaseOf: name => this.keeper?.leaseFor(name) ?? null,
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
      routes: {
        of: async digits => routesFor(setting.routes, digits),
        lastOf: digits => routesFor(setting.routes, digits),
      },
      policy: {
        ringSeconds: setting.ringSeconds,
        trunkSilenceMs: setting.trunkSilenceMs,
        prompts: setting.prompts,
        warnSound: 'sound:beep',
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
      books: BOOKS,
      records,
      emergencyNumbers: [EMERGENCY_NUMBER],
      log,
    });
    this.watch = new AccountWatch({
      switchboard: this.switchboard,
      accounts: store.touchedAccounts(this),
      log,
    });
    this.keeper = new NodeKeeper({
      connect: onEvent => {
        this.connection = new Connection(this, this.at, onEvent);
        return this.connection.port;
      },
      onEvent: (port, event) => this.reconciler?.handle(port, event),
      leases: store.leasesOf(this),
      strangerOn: async () => null,
      kept: new Set(),
      log,
    });
    this.keeper.start();
  }

  private tellGrant(what: string, { uniqueid, seconds }: Regranted, { grant }: OutcomeOf['extend']): void {
    const granted = grant ? `${grant.grantedSeconds} s, ${grant.limitedBy}` : 'nothing';
    this.at.world.note(`${this.name} ${what} ${uniqueid} to ${seconds} s: ${granted}`);
  }

  /** The product's ledger. A grant that it answers must be in the store by then. */
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
      isEndRefused: uniqueid => ledger.isEndRefused(uniqueid),
      extend: async call => {
        const outcome = await ledger.extend(call);
        this.tellGrant('extend', call, outcome);
        return outcome;
      },
      shrink: async call => {
        const outcome = await ledger.shrink(call);
        this.tellGrant('shrink', call, outcome);
        return outcome;
      },
      share: async account => {
        const sharing = await ledger.share(account);
        const { terms, ...told } = sharing;
        world.note(`${this.name} shares ${account.accountcode} ${terms.mode} ${JSON.stringify(told)}`);
        return sharing;
      },
      warned: call => ledger.warned(call),
      limitNotKept: call => ledger.limitNotKept(call),
      release: call => ledger.release(call),
      end: call => ledger.end(call),
    };
  }
}

/** There is one database, so all calls belong to its books. */
const BOOKS = 'books';

/** One connection of a process to the switch: requests, and an event stream that is opened again until it is closed. */
class Connection {
  readonly port: KeptSwitch;
  private stream: Stream | null = null;
  private wasConnected = false;
  private closed = false;

  constructor(
    private readonly process: ServiceProcess,
    private readonly at: ServiceWorld,
    private readonly onEvent: (event: SwitchEvent) => void,
  ) {
    const { world, node, isReachable } = at;
    const requests = node.portOf(
      process,
      world.random.whole(-10, 10),
      () => !this.closed && this.wasConnected && isReachable(),
      () => this.stream,
    );
    this.port = {
      ...requests,
      identify: () => node.identify(process, isReachable),
      readMark: async () => null,
      isServed: async () => false,
      start: () => this.connectAfter(1),
      leaveEvents: async () => undefined,
      close: async () => {
        this.closed = true;
        this.break();
      },
    };
  }

  get isConnected(): boolean {
    return this.stream?.open ?? false;
  }

  cut(noticedMs: number): void {
    const { stream, process } = this;
    if (!stream || stream.cut) return;
    const { world, node } = this.at;
    world.note(`stream of ${process.name} is cut, noticed after ${noticedMs} ms`);
    stream.cut = true;
    node.disturb();
    world.time.after(process, noticedMs, () => {
      if (this.stream !== stream) return;
      this.break();
      if (this.wasConnected) this.take({ type: 'disconnected' });
      this.connectAfter(world.random.whole(5, 100));
    });
  }

  /** Its events go nowhere; the switch knows that no service has its application. */
  break(): void {
    const { stream } = this;
    if (!stream) return;
    stream.open = false;
    stream.waiting = null;
    this.stream = null;
    if (this.at.node.stream === stream) this.at.node.stream = null;
  }

  private connectAfter(ms: number): void {
    const { world, node } = this.at;
    world.time.after(this.process, ms, () => {
      if (this.closed) return;
      if (!node.up || !this.at.isReachable()) return this.connectAfter(world.random.whole(200, 1_500));
      const stream: Stream = {
        process: this.process,
        handle: event => this.take(event),
        open: false,
        cut: false,
        waiting: [],
        lastAt: new Map(),
      };
      this.stream = stream;
      node.connect(stream);
      world.time.after(this.process, world.random.whole(5, 150), () => {
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

  private take(event: SwitchEvent): void {
    if (this.closed) return;
    this.at.world.note(`${this.process.name} hears ${JSON.stringify(event)}`);
    this.onEvent(event);
    // It does not come back by itself: it would disconnect the other one in turn.
    if (event.type === 'replaced') {
      this.closed = true;
      this.break();
    }
  }
}
