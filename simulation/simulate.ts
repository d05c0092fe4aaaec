import { micros } from '../src/money/micros';
import { checkBooks, checkCalls, checkLimited, checkPaidFor } from './invariants';
import { Random } from './random';
import { type Scenario, scenarioOf } from './scenario';
import { ServiceProcess, type ServiceWorld } from './service';
import { Store } from './store';
import { Switch } from './switch';
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
}

/** How long after the last fault everything has to be in order: grants, ringing, records and sweeps come to their end. */
const REST_MS = 400_000;

/** Runs one seed from beginning to rest; the same seed is the same run. `keepLines`: how much of the trace is kept. */
export async function simulate(seed: number, keepLines = 200): Promise<Run> {
  const random = new Random(seed);
  const scenario = scenarioOf(random.fork());
  const world = new World(random.fork(), scenario.faults, keepLines);
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
  private readonly node: Switch;
  private readonly at: ServiceWorld;
  private readonly services: ServiceProcess[];
  private born = 0;
  private crashes = 0;
  private isReachable = true;

  constructor(
    private readonly seed: number,
    private readonly world: World,
    private readonly scenario: Scenario,
    private readonly random: Random,
  ) {
    this.store = new Store(world, scenario.rates, scenario.isOneMachine, () => checkBooks(world, this.store));
    for (const account of scenario.accounts) this.store.open(account);
    this.node = new Switch(
      world,
      random.whole(-5_000, 5_000),
      random.pick([0, 20, 1_000, 5_000]),
      (call, leg) => {
        checkPaidFor(world, this.store, call);
        checkLimited(world, call, leg);
      },
      call => checkPaidFor(world, this.store, call),
    );
    this.node.start();
    this.at = {
      world,
      store: this.store,
      node: this.node,
      setting: scenario.setting,
      isReachable: () => this.isReachable,
      onDeath: service => this.whenDead(service),
    };
    this.services = Array.from({ length: scenario.services }, () => this.newService());
  }

  async run(): Promise<Run> {
    const { world, scenario, node } = this;
    world.note(`seed ${this.seed} ${JSON.stringify(scenario.faults)}`);
    for (const plan of scenario.plans) world.time.after(null, plan.atMs, () => node.arrive(plan));
    this.planFaults();
    await world.time.advance(scenario.busyMs + 5_000, () => world.violations.length > 0);
    this.heal();
    await world.time.advance(world.time.now + REST_MS, () => world.violations.length > 0 || this.isAtRest());
    if (world.violations.length === 0) {
      if (!this.isAtRest())
        world.violate('nothing is left to do', this.services.map(({ business }) => business).join());
      checkCalls(world, this.store, node, scenario);
    }
    const calls = [...node.calls.values()];
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
    };
  }

  private newService(): ServiceProcess {
    const service = new ServiceProcess(`service${++this.born}`, this.at);
    service.start();
    return service;
  }

  private whenDead(service: ServiceProcess): void {
    this.crashes++;
    this.store.died(service);
    // Whoever was in the switch was without a service for a while.
    this.node.disturb();
    const { world } = this;
    const afterMs = world.faulty ? world.random.pick([20, 500, 2_000, world.random.whole(20, 30_000)]) : 500;
    world.time.after(null, afterMs, () => {
      this.services[this.services.indexOf(service)] = this.newService();
    });
  }

  private planFaults(): void {
    const { world, random, store, node, scenario } = this;
    const { faults, busyMs, calm } = scenario;
    if (calm) return;
    const times = (count: number, work: () => void) => {
      for (let time = 0; time < count; time++)
        world.time.after(null, random.whole(0, busyMs), () => world.faulty && work());
    };
    times(faults.kill, () => {
      const service = world.random.pick(this.services);
      if (world.random.chance(0.3)) world.time.after(service, 0, () => void service.stop(5_000));
      else service.crash('killed');
    });
    times(faults.stop, () => {
      const service = world.random.pick(this.services);
      const ms = world.random.whole(100, 25_000);
      world.note(`${service.name} is stopped for ${ms} ms`);
      service.stoppedUntil = Math.max(service.stoppedUntil, world.time.now + ms);
      store.silent(service, ms);
      node.disturb();
    });
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
    let moved = 0;
    times(faults.operator, () => {
      const { accountcode } = world.random.pick(scenario.accounts);
      const amount = micros(BigInt(world.random.whole(-50, 100) || 1) * 10_000n);
      store.operate(accountcode, amount, world.random.pick([1, 100, 3_000]), `operator ${++moved}`);
    });
    times(faults.streamCut, () => {
      const network = world.random.chance(0.5);
      if (network) {
        this.isReachable = false;
        world.time.after(null, world.random.whole(100, 20_000), () => {
          this.isReachable = true;
        });
      }
      for (const service of this.services)
        service.cutStream(world.random.pick([1, 1, world.random.whole(100, 10_000)]));
    });
    times(faults.switchCrash, () => {
      node.crash();
      for (const service of this.services) service.cutStream(1);
      world.time.after(null, world.random.whole(1_000, 15_000), () => node.start());
    });
  }

  /** From here on nothing goes wrong any more. */
  private heal(): void {
    const { world, store, node } = this;
    world.note('no more faults');
    world.faulty = false;
    store.away = false;
    store.thaw();
    this.isReachable = true;
    if (!node.up) node.start();
  }

  /** Everybody has hung up, and the service has nothing left to do. */
  private isAtRest(): boolean {
    const { node, store } = this;
    return (
      node.channels.size === 0 &&
      node.bridges.size === 0 &&
      store.reservations.size === 0 &&
      this.services.every(service => !service.dead && service.isIdle)
    );
  }
}
