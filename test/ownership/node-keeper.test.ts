import pino from 'pino';
import type { SwitchEvent } from '../../src/calls/switch-port';
import type { HeldLease } from '../../src/credit/books';
import type { Leases } from '../../src/ownership/lease-store';
import { type KeptSwitch, NodeKeeper } from '../../src/ownership/node-keeper';
import { FakeSwitch, sleep } from '../calls/fake-switch';

/** A switch that the test only connects to and releases. */
class Line extends FakeSwitch implements KeptSwitch {
  started = false;
  closed = false;
  constructor(
    readonly tell: (event: SwitchEvent) => void,
    private readonly name: () => string,
  ) {
    super();
  }
  identify = async () => this.name();
  start = () => {
    this.started = true;
  };
  readMark = async () => null;
  isServed = async () => false;
  leaveEvents = async () => undefined;
  close = async () => {
    this.closed = true;
  };
}

let keeper: NodeKeeper;
afterEach(() => keeper.stop());

function setUp({ name = (): string => 'ast1', kept = new Set<string>() } = {}) {
  const lines: Line[] = [];
  const told: SwitchEvent['type'][] = [];
  const log: Record<string, unknown>[] = [];
  /** The database's answers; a test replaces them. */
  const database = {
    owner: null as string | null,
    epoch: 0,
    away: false,
    released: [] as number[],
  };
  const stranger = { reason: null as string | null };
  const answer = () => {
    if (database.away) throw new Error('the database is away');
  };
  const leases: Leases = {
    async acquire(node) {
      answer();
      if (database.owner !== null && database.owner !== 'us') return { owner: database.owner };
      database.owner = 'us';
      return { node, epoch: ++database.epoch };
    },
    async renew({ epoch }: HeldLease) {
      answer();
      return database.owner === 'us' && database.epoch === epoch;
    },
    async release({ epoch }) {
      database.released.push(epoch);
      if (database.owner === 'us') database.owner = null;
    },
    close: () => undefined,
  };
  keeper = new NodeKeeper({
    connect: onEvent => {
      const line = new Line(onEvent, name);
      lines.push(line);
      return line;
    },
    onEvent: (_, event) => void told.push(event.type),
    leases,
    strangerOn: async () => stranger.reason,
    kept,
    log: pino({ level: 'debug' }, { write: (line: string) => void log.push(JSON.parse(line)) }),
    timing: { renewMs: 30, standbyMs: 30, awayMs: 300 },
  });
  keeper.start();
  return {
    lines,
    told,
    log,
    database,
    kept,
    stranger,
    current: () => lines.find(line => line.started && !line.closed),
  };
}

test('the owner connects, may start calls, and lets the lease go when it stops', async () => {
  const { current, database } = setUp();
  await sleep(60);
  expect(current()).toBeDefined();
  expect(keeper.leaseFor('ast1')).toEqual({ node: 'ast1', epoch: 1 });
  expect(keeper.leaseFor('ast2')).toBeNull();
  await keeper.stop();
  expect(current()).toBeUndefined();
  expect(database.released).toEqual([1]);
});

test('a process that is stopping takes no switch over any more, and keeps the one that it has', async () => {
  const { current, database } = setUp();
  database.owner = 'another';
  await sleep(60);
  await keeper.leaveEvents();
  database.owner = null;
  await sleep(150);
  expect(current()).toBeUndefined();
  expect(database.owner).toBeNull();
});

test('a switch of other books is left alone, said once, and served when that is over', async () => {
  const { current, database, log, stranger } = setUp();
  stranger.reason = 'served from another database';
  await sleep(150);
  expect(current()).toBeUndefined();
  expect(database.epoch).toBe(0);
  expect(log.filter(({ event }) => event === 'switch_of_other_books')).toMatchObject([
    { node: 'ast1', error: 'served from another database' },
  ]);
  stranger.reason = null;
  await sleep(100);
  expect(current()).toBeDefined();
});

test('whoever has not the lease does not connect, and does as soon as it is free', async () => {
  const { current, database, log } = setUp();
  database.owner = 'another';
  await sleep(150);
  expect(current()).toBeUndefined();
  expect(keeper.leaseFor('ast1')).toBeNull();
  expect(log.filter(({ event }) => event === 'standby')).toHaveLength(1);
  database.owner = null;
  await sleep(100);
  expect(current()).toBeDefined();
});

test('an owner whose lease is taken stops acting at once and waits for it again', async () => {
  const { current, database, told } = setUp();
  await sleep(60);
  database.owner = 'another';
  await sleep(80);
  expect(told).toEqual(['replaced']);
  expect(current()).toBeUndefined();
  database.owner = null;
  await sleep(120);
  expect(keeper.leaseFor('ast1')).toEqual({ node: 'ast1', epoch: 2 });
});

test('while the database is away the owner stays connected, and starts nothing once its own clock says so', async () => {
  const { current, database, told } = setUp();
  await sleep(60);
  database.away = true;
  const now = jest.spyOn(performance, 'now');
  const ahead = performance.now() + 7_000;
  now.mockImplementation(() => ahead);
  expect(keeper.leaseFor('ast1')).toBeNull();
  expect(current()).toBeDefined();
  expect(told).toEqual([]);
  database.away = false;
  await sleep(600);
  expect(keeper.leaseFor('ast1')).toEqual({ node: 'ast1', epoch: 1 });
  now.mockRestore();
});

test('thrown out by another owner it waits in line; thrown out by a stranger it lets the lease go and keeps away', async () => {
  const { lines, told, database, log } = setUp();
  await sleep(60);
  lines.find(line => line.started)?.tell({ type: 'replaced' });
  expect(keeper.leaseFor('ast1')).toBeNull();
  expect(told).toEqual(['replaced']);
  await sleep(150);
  expect(database.released).toEqual([1]);
  expect(lines.filter(line => line.started)).toHaveLength(1);
  expect(log.map(({ event }) => event)).toContain('replaced_though_owner');
  await sleep(300);
  expect(lines.filter(line => line.started)).toHaveLength(2);
});

test('what a connection tells that was let go of is not heard', async () => {
  const { lines, told, database } = setUp();
  await sleep(60);
  database.owner = 'another';
  await sleep(80);
  lines.find(line => line.started)?.tell({ type: 'disconnected' });
  expect(told).toEqual(['replaced']);
});

test('a second switch of the same name is not served: its calls would be taken for the first one’s', async () => {
  const { current, log, kept } = setUp({ kept: new Set(['ast1']) });
  await sleep(100);
  expect(current()).toBeUndefined();
  expect(log).toMatchObject([{ event: 'switch_name_twice', node: 'ast1' }]);
  kept.delete('ast1');
  await sleep(600);
  expect(current()).toBeDefined();
});

test('a switch that came back under another name is let go of, and taken by its new name', async () => {
  let name = 'ast1';
  const { lines, database } = setUp({ name: () => name });
  await sleep(60);
  const [line] = lines.filter(({ started }) => started);
  name = 'ast9';
  Object.assign(line as Line, { node: 'ast9' });
  line?.tell({ type: 'connected', startedAt: 1 });
  await sleep(100);
  expect(database.released).toEqual([1]);
  expect(keeper.leaseFor('ast9')).toMatchObject({ node: 'ast9' });
});

test('one that is stopped while it asks the switch for its name asks for no lease afterwards', async () => {
  const asked: string[] = [];
  keeper = new NodeKeeper({
    connect: onEvent => {
      const line = new Line(onEvent, () => 'ast1');
      line.identify = async () => {
        asked.push('name');
        await new Promise<void>(resolve => {
          line.close = async () => resolve();
        });
        return 'ast1';
      };
      return line;
    },
    onEvent: () => undefined,
    leases: {
      async acquire(node) {
        asked.push('lease');
        return { node, epoch: 1 };
      },
      renew: async () => true,
      release: async () => undefined,
      close: () => undefined,
    },
    strangerOn: async () => null,
    kept: new Set(),
    log: pino({ level: 'silent' }),
  });
  keeper.start();
  await sleep(20);
  await keeper.stop();
  asked.push('stopped');
  await sleep(20);
  expect(asked).toEqual(['name', 'stopped']);
});
