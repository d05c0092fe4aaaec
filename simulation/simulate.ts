import { CHANGE_KINDS, type ChangeKind } from '../src/credit/change-event';
import { chained, endAt } from '../src/credit/entry-chain';
import type { Account } from '../src/credit/rules/account';
import { withLowBalance } from '../src/credit/rules/low-balance';
import { type Micros, micros } from '../src/money/micros';
import { availableOf, BooksWatch } from './books-watch';
import { checkCalls, checkJoined, checkLimited, checkPaidFor } from './call-checks';
import type { Invariant } from './invariants';
import { Random } from './random';
import { type Operation, type Scenario, scenarioOf } from './scenario';
import { ServiceProcess, type ServiceWorld } from './service';
import { type Acted, Store } from './store';
import { type Call, Switch } from './switch';
import { type Violation, World } from './world';

export interface Run {
  seed: number;
  /** [] when every invariant held. */
  violations: Violation[];
  /** The same for the same run. */
  traceHash: string;
  trace: string[];
  calls: number;
  answered: number;
  charged: number;
  crashes: number;
  virtualMs: number;
  /** How often each change was written into the outbox. */
  told: Record<ChangeKind, number>;
}

/** One switch with the processes that may serve it. */
interface Site {
  node: Switch;
  services: ServiceProcess[];
  at: ServiceWorld;
  /** The network between them. */
  isReachable: boolean;
}

/** How long after the last fault everything must be in order: by then grants, ringing, records and sweeps come to their end. */
const REST_MS = 400_000;

/**
 * Runs one seed from beginning to rest; the same seed is the same run. `keepLines`: how much of the trace is kept. `sought`: the only
 * invariant that counts.
 */
export async function simulate(seed: number, keepLines = 200, sought: Invariant | null = null): Promise<Run> {
  const random = new Random(seed);
  const scenario = scenarioOf(random.fork());
  const world = new World(random.fork(), scenario.faults, keepLines, sought);
  const uninstall = world.time.install(random.fork());
  const onUnheard = (reason: unknown) =>
    world.violate('no exception escapes', `a promise: ${(reason as Error)?.stack ?? reason}`);
  process.on('unhandledRejection', onUnheard);
  try {
    return await new Simulation(seed, world, scenario, random.fork()).run();
  } finally {
    process.off('unhandledRejection', onUnheard);
    uninstall();
  }
}

class Simulation {
  private readonly store: Store;
  private readonly sites: Site[];
  private readonly watch: BooksWatch;
  private born = 0;
  private moved = 0;
  private crashes = 0;

  constructor(
    private readonly seed: number,
    private readonly world: World,
    private readonly scenario: Scenario,
    private readonly random: Random,
  ) {
    const store: Store = new Store(world, scenario.rates, scenario.schedules, scenario.isOneMachine, committed =>
      this.watch.committed(committed),
    );
    this.store = store;
    this.watch = new BooksWatch(world, store, scenario, uniqueid => this.callOf(uniqueid));
    for (const account of scenario.accounts) store.open(account);
    this.sites = Array.from({ length: scenario.switches }, (_, index) => this.newSite(`ast${index + 1}`));
  }

  async run(): Promise<Run> {
    const { world, scenario } = this;
    world.note(`seed ${this.seed} ${JSON.stringify(scenario.faults)}`);
    for (const plan of scenario.plans) {
      const site = this.sites.find(({ node: { node } }) => node === plan.node) as Site;
      world.time.after(null, plan.atMs, () => site.node.arrive(plan));
    }
    for (const operation of scenario.operations) world.time.after(null, operation.atMs, () => this.operate(operation));
    this.planFaults();
    await world.time.advance(scenario.busyMs + 5_000, () => world.violations.length > 0);
    this.heal();
    await world.time.advance(world.time.now + REST_MS, () => world.violations.length > 0 || this.isAtRest());
    if (world.violations.length === 0) {
      if (!this.isAtRest()) {
        world.violate('nothing is left to do', this.services.map(({ business }) => business).join());
      }
      const nodes = this.sites.map(({ node }) => node);
      checkCalls(world, this.store, nodes, scenario);
    }
    const calls = this.sites.flatMap(({ node }) => [...node.calls.values()]);
    return {
      seed: this.seed,
      violations: world.violations,
      traceHash: world.traceHash,
      trace: world.traceTail(),
      calls: calls.length,
      answered: calls.filter(({ legs }) => legs.some(({ answeredAt }) => answeredAt !== null)).length,
      charged: [...this.store.entries.values()].filter(({ kind }) => kind === 'call_charge').length,
      crashes: this.crashes,
      virtualMs: world.time.now,
      told: Object.fromEntries(
        CHANGE_KINDS.map(kind => [kind, this.store.events.filter(event => event.kind === kind).length]),
      ) as Record<ChangeKind, number>,
    };
  }

  private get services(): ServiceProcess[] {
    return this.sites.flatMap(({ services }) => services);
  }

  private callOf(uniqueid: string): Call | undefined {
    for (const { node } of this.sites) {
      const call = node.calls.get(uniqueid);
      if (call) return call;
    }
    return undefined;
  }

  /** A switch, and the processes that may serve it. */
  private newSite(name: string): Site {
    const { world, store, scenario, random } = this;
    const node = new Switch(
      world,
      name,
      // Switches that share an account must agree on the time; a single one may be wrong about it.
      scenario.switches > 1 ? random.whole(-100, 100) : random.whole(-5_000, 5_000),
      random.pick([0, 20, 1_000, 5_000]),
      (call, leg) => {
        checkPaidFor(world, store, call, scenario);
        checkLimited(world, call, leg);
        checkJoined(world, call, leg);
      },
      call => checkPaidFor(world, store, call, scenario),
      call => this.watch.checkLimits(call),
    );
    node.start();
    const site: Site = { node, services: [], isReachable: true, at: null as unknown as ServiceWorld };
    site.at = {
      world,
      store,
      node,
      setting: scenario.setting,
      isReachable: () => site.isReachable,
      disturb: () => {
        for (const each of this.sites) each.node.disturb();
      },
      onDeath: service => this.whenDead(site, service),
    };
    site.services = Array.from({ length: scenario.services }, () => this.newService(site));
    return site;
  }

  /** What the command line does to an account. */
  private operate({ accountcode, does, holdMs }: Operation): void {
    const { store, watch } = this;
    const move = (account: Account, amount: Micros): Acted => {
      const kind = amount > 0n ? 'top_up' : 'adjustment';
      const balance = micros(account.balance + amount);
      const reference = `operator ${++this.moved}`;
      const entry = chained(account, { accountcode, kind, reference, amount, balanceAfter: balance, reason: '' });
      const { account: changed, event } = withLowBalance({ ...account, balance, ...endAt(entry) });
      return { account: changed, entry, event };
    };
    const act = (account: Account): Acted | null => {
      switch (does.what) {
        case 'top_up':
          return move(account, does.amount);
        case 'withdraw':
          return availableOf(account) < does.amount ? null : move(account, micros(-does.amount));
        case 'overdraw':
          return move(account, micros(-does.amount));
        case 'credit_limit':
          return { account: { ...account, creditLimit: does.amount } };
        case 'max_time':
          return { account: { ...account, maxTimeSeconds: does.seconds } };
        case 'terms':
          return { account: { ...account, terms: does.terms } };
        case 'block':
        case 'unblock':
          return { account: { ...account, blocked: does.what === 'block' } };
        case 'hang_up':
          return { account, hangsUp: true };
      }
    };
    store.operate(accountcode, JSON.stringify(does, printable), act, holdMs, () => {
      if (does.what === 'top_up') watch.gave(accountcode);
    });
  }

  private newService({ at }: Site): ServiceProcess {
    const service = new ServiceProcess(`service${++this.born}`, at);
    service.start();
    return service;
  }

  private whenDead(site: Site, service: ServiceProcess): void {
    this.crashes++;
    this.store.died(service);
    // The callers in the switch were without a service for a while.
    site.node.disturb();
    const { world } = this;
    const afterMs = world.faulty ? world.random.pick([20, 500, 2_000, world.random.whole(20, 30_000)]) : 500;
    world.time.after(null, afterMs, () => {
      site.services[site.services.indexOf(service)] = this.newService(site);
    });
  }

  private planFaults(): void {
    const { world, random, store, scenario } = this;
    const { faults, busyMs, calm } = scenario;
    const anySite = () => world.random.pick(this.sites);
    if (calm) return;
    const times = (count: number, work: () => void) => {
      for (let time = 0; time < count; time++)
        world.time.after(null, random.whole(0, busyMs), () => world.faulty && work());
    };
    times(faults.kill, () => {
      const service = world.random.pick(this.services);
      if (world.random.chance(0.3)) world.time.after(service, 0, () => void service.terminate(5_000));
      else service.crash('killed');
    });
    times(faults.stop, () => world.random.pick(this.services).stop(world.random.whole(100, 25_000)));
    times(faults.databaseAway, () => {
      world.note('database: away');
      store.goAway();
      world.time.after(null, world.random.whole(50, 30_000), () => {
        world.note('database: back');
        store.away = false;
      });
    });
    times(faults.databaseFrozen, () => {
      world.note('database: frozen');
      store.freeze();
      world.time.after(null, world.random.whole(50, 15_000), () => {
        world.note('database: thawed');
        store.thaw();
      });
    });
    times(faults.streamCut, () => {
      const site = anySite();
      const network = world.random.chance(0.5);
      if (network) {
        site.isReachable = false;
        world.time.after(null, world.random.whole(100, 20_000), () => {
          site.isReachable = true;
        });
      }
      for (const service of site.services)
        service.cutStream(world.random.pick([1, 1, world.random.whole(100, 10_000)]));
    });
    times(faults.switchCrash, () => {
      const { node, services } = anySite();
      node.crash();
      for (const service of services) service.cutStream(1);
      world.time.after(null, world.random.whole(1_000, 15_000), () => node.start());
    });
  }

  /** From here on there are no more faults. */
  private heal(): void {
    const { world, store } = this;
    world.note('no more faults');
    world.faulty = false;
    store.away = false;
    store.thaw();
    for (const site of this.sites) {
      site.isReachable = true;
      if (!site.node.up) site.node.start();
    }
  }

  /** Every party has hung up, and the service has nothing left to do. */
  private isAtRest(): boolean {
    return (
      this.sites.every(({ node }) => node.channels.size === 0 && node.bridges.size === 0) &&
      this.store.reservations.size === 0 &&
      this.services.every(service => !service.dead && service.isIdle)
    );
  }
}

const printable = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
