import { readFileSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Marks } from './checks';
import type { TalkRange } from './plan';
import type { Random } from './random';
import { ROTATIONS, uniqueidsLost } from './rotations';
import type { DrillStack, StackKind } from './stack';

/** A bad day. */
export interface Fault {
  name: string;
  /** What happens, for the reader of the table. */
  does: string;
  /** The stack on which it runs; one database if not given. */
  stack?: StackKind;
  /** How often in a bag of drills (plan.ts). */
  weight: number;
  /** How long calls come after it has begun, for it and its consequences; seconds. */
  seconds: number;
  /** Calls a second; 6 if not given. */
  perSecond?: number;
  /** How long calls talk; plan.ts decides if not given. */
  talkMs?: TalkRange;
  /** How much later than others it strikes: when calls that talk so long end. */
  laterMs?: number;
  /** How long rest may take after the last caller has gone; 45 s if not given. */
  restMs?: number;
  /** How long callers repeat their request while the switch is silent; 4 s if not given. */
  lostMs?: number;
  /** The command of `ringfence` that it needs. */
  needs?: string;
  /** What must be there before the load begins. */
  prepare?(stack: DrillStack): Promise<void>;
  /** Does it, and restores the parts; resolves when it is over. @throws Error if it could not be done. */
  strike(stack: DrillStack, random: Random): Promise<Marks>;
  /** Removes its preparation, after the checks. */
  tidy?(stack: DrillStack): Promise<void>;
}

/** An operator, or systemd, restarts it after a second or two. */
const awhile = (random: Random): Promise<void> => pause(random.between(1_000, 2_000));

const FROZEN_MS = 20_000;

const kills: Fault[] = [
  {
    name: 'service-killed',
    does: 'kill -9 of the service, started again after 1 to 2 s',
    weight: 12,
    seconds: 3,
    async strike({ service }, random) {
      await service.kill();
      await awhile(random);
      service.start();
      await service.connects();
      return {};
    },
  },
  {
    name: 'database-killed',
    does: 'kill -9 of the database, started again after 1 to 2 s',
    weight: 8,
    seconds: 4,
    async strike({ database }, random) {
      await database.kill();
      await awhile(random);
      await database.restart();
      return {};
    },
  },
  {
    name: 'asterisk-killed',
    does: 'kill -9 of Asterisk, started again after 1 to 2 s',
    weight: 6,
    seconds: 5,
    async strike(stack, random) {
      const switchKilledAt = Date.now();
      await stack.asterisk.kill();
      await awhile(random);
      await stack.restartAsterisk();
      return { switchKilledAt };
    },
  },
];

/** SIGSTOP of a part, and SIGCONT after a while; returns when it stood still. */
async function freeze(part: { freeze(): void; thaw(): void }): Promise<{ from: number; to: number }> {
  const from = Date.now();
  part.freeze();
  await pause(FROZEN_MS);
  part.thaw();
  return { from, to: Date.now() };
}

const frozen = (part: 'service' | 'database' | 'asterisk', called: string, more: Partial<Fault> = {}): Fault => ({
  name: `${part}-frozen`,
  does: `SIGSTOP of ${called} for 20 s`,
  weight: 1,
  seconds: 22,
  perSecond: 4,
  async strike(stack) {
    const switchFrozen = await freeze(stack[part]);
    return part === 'asterisk' ? { switchFrozen } : {};
  },
  ...more,
});

const freezes: Fault[] = [
  frozen('service', 'the service'),
  frozen('database', 'the database'),
  // Its socket holds about a hundred packets, and every caller repeats an unanswered request.
  frozen('asterisk', 'Asterisk', { seconds: 25, perSecond: 2, lostMs: 32_000, restMs: 60_000 }),
];

const databaseFaults: Fault[] = [
  {
    name: 'commit-reply-lost',
    does: 'the connection is cut after COMMIT was sent, three times',
    weight: 5,
    seconds: 2,
    async strike({ wire }, random) {
      for (let times = 0; times < 3; times++) {
        await within(10_000, wire.loseNextCommitReply(), 'a COMMIT to lose the reply of');
        await pause(random.between(50, 400));
      }
      return {};
    },
  },
  {
    name: 'deadlocked',
    does: "another program locks rows against the ledger's order until its batch is the victim (1213)",
    weight: 4,
    seconds: 3,
    async strike(stack) {
      await deadlock(stack);
      return {};
    },
  },
  {
    name: 'account-locked',
    does: 'another program keeps an account locked for 2 to 3 s (1205)',
    weight: 3,
    seconds: 3,
    async strike(stack, random) {
      const from = Date.now();
      const connection = await stack.connect();
      try {
        await connection.query('START TRANSACTION');
        await connection.query("SELECT balance FROM astaccount WHERE accountcode = 'rich' FOR UPDATE");
        await pause(random.between(2_000, 3_000));
        await connection.query('ROLLBACK');
      } finally {
        connection.destroy();
      }
      if (!stack.service.toldOf('ER_LOCK_WAIT_TIMEOUT', from)) throw new Error('nobody waited for the lock in vain');
      return {};
    },
  },
  {
    name: 'database-away',
    does: 'the database cannot be reached for 60 s',
    weight: 1,
    seconds: 63,
    perSecond: 3,
    async strike({ wire }) {
      await wire.cut();
      await pause(60_000);
      await wire.restore();
      return {};
    },
  },
];

const switchFaults: Fault[] = [
  {
    name: 'events-cut',
    does: 'the event stream is cut for up to 3 s, while requests pass',
    weight: 4,
    seconds: 4,
    async strike({ switchWire }, random) {
      if (switchWire.cutEvents() === 0) throw new Error('there was no event stream to cut');
      await pause(random.between(0, 3_000));
      switchWire.mendEvents();
      return {};
    },
  },
  {
    name: 'switch-unreachable',
    does: 'events and requests are cut for 2 to 5 s',
    weight: 3,
    seconds: 6,
    async strike({ switchWire }, random) {
      await switchWire.cut();
      await pause(random.between(2_000, 5_000));
      await switchWire.restore();
      return {};
    },
  },
  {
    name: 'events-disordered',
    does: 'for 6 s every event is late by up to 50 ms, each by its own time, and one in three comes twice',
    weight: 3,
    seconds: 6,
    async strike({ switchWire }, random) {
      const { disordered } = switchWire;
      const before = { ...disordered };
      switchWire.disorder({ withinMs: 50, everyNth: 3, random: random.next });
      await pause(6_000);
      switchWire.order();
      if (disordered.duplicated === before.duplicated) throw new Error('no event came twice');
      if (disordered.overtaken === before.overtaken) throw new Error('no event overtook another');
      return {};
    },
  },
];

/** Two services on one database and one Asterisk: the one that came first owns it. */
const twoServices: Pick<Fault, 'needs' | 'prepare' | 'tidy'> = {
  needs: 'status',
  async prepare({ service, standby }) {
    standby.start();
    await standby.serves();
    if (!service.connected) throw new Error('the second service took the switch from the first, which was alive');
  },
  async tidy({ service, standby }) {
    service.start();
    await service.serves();
    await standby.stop();
    await service.connects(30_000);
  },
};

const failovers: Fault[] = [
  {
    ...twoServices,
    name: 'owner-killed',
    does: 'kill -9 of the service that owns the switch, while a second one waits',
    weight: 3,
    seconds: 18,
    async strike({ service, standby }) {
      const ownerLostAt = Date.now();
      await service.kill();
      await standby.connects(20_000);
      return { ownerLostAt };
    },
  },
  {
    ...twoServices,
    name: 'owner-frozen',
    does: 'SIGSTOP for 20 s of the service that owns the switch, while a second one waits',
    weight: 1,
    seconds: 23,
    perSecond: 4,
    async strike({ service }) {
      const { from: ownerLostAt } = await freeze(service);
      return { ownerLostAt };
    },
  },
];

const clusterFaults: Fault[] = [
  {
    name: 'writer-killed',
    does: 'kill -9 of the Galera node that is written to, which joins again 8 to 10 s later',
    stack: 'cluster',
    weight: 2,
    seconds: 18,
    perSecond: 4,
    async strike(stack, random) {
      const { writer } = stack;
      await writer.kill();
      await pause(random.between(8_000, 10_000));
      await writer.restart();
      return {};
    },
  },
];

/** Since it was renamed nothing may have been written. */
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/**
 * The service is lost while calls end. What Asterisk writes of that is only in its files, which are rotated before the service is back. So
 * the service must find those files, or charge the calls by their sighting.
 */
const rotated: Fault[] = ROTATIONS.map(({ name, does, loses, rotate }) => ({
  name: `records-${name}`,
  does: `the service is away for 3 s, in which Asterisk's records ${does}`,
  weight: 1,
  seconds: 6,
  // The service waits 30 s for an end without a record.
  restMs: 60_000,
  // Longer than a sighting and the time away together can excuse, so that a call without a charge is noticed.
  ...(loses && { talkMs: { shortest: 10_000, longest: 15_000 }, laterMs: 11_000 }),
  async strike(stack: DrillStack) {
    const { asterisk, service } = stack;
    const files = [asterisk.celPath, asterisk.cdrPath];
    const sizes = files.map(sizeOf);
    const from = Date.now();
    await service.kill();
    await pause(3_000);
    if (files.some((path, index) => sizeOf(path) <= sizes[index]!)) throw new Error('Asterisk wrote nothing meanwhile');
    const before = files.map(path => readFileSync(path, 'latin1'));
    for (const [index, path] of files.entries()) rotate(path, sizes[index]!);
    await stack.query('DELETE FROM astcel WHERE eventtime >= ?', [new Date(from)]);
    await stack.query('DELETE FROM astswitchcdr WHERE end >= ?', [new Date(from - 1_000)]);
    const marks: Marks = {};
    if (loses) {
      const [{ seen_at }] = (await stack.query('SELECT MAX(seen_at) AS seen_at FROM astnode')) as [{ seen_at: Date }];
      const lost = files.map((path, index) =>
        uniqueidsLost(before[index]!, readFileSync(path, 'latin1'), sizes[index]!),
      );
      const uniqueids = new Set(lost.flatMap(each => [...each]));
      if (uniqueids.size === 0) throw new Error('no row of any call was lost');
      marks.recordsLost = { from, to: Date.now(), seenAt: seen_at.getTime(), uniqueids };
    }
    service.start();
    await service.connects();
    return marks;
  },
}));

/** Every drill there is, in the order of the table. */
export const FAULTS: Fault[] = [
  ...kills,
  ...freezes,
  ...databaseFaults,
  ...switchFaults,
  ...failovers,
  ...clusterFaults,
  ...rotated,
];

/**
 * Waits, with the rows of all calls in progress locked, until a batch of the ledger holds an account and wants one of those rows; then
 * wants that account. InnoDB rolls back the transaction that has written less, so much is written first.
 */
async function deadlock(stack: DrillStack): Promise<void> {
  const from = Date.now();
  const connection = await stack.connect();
  try {
    await connection.query('CREATE TEMPORARY TABLE drill_weight (number INT PRIMARY KEY) ENGINE = InnoDB');
    while (!stack.service.toldOf('ER_LOCK_DEADLOCK', from)) {
      if (Date.now() - from > 10_000) throw new Error('no batch of the ledger was deadlocked within 10 s');
      try {
        await connection.query('START TRANSACTION');
        await connection.query('INSERT INTO drill_weight SELECT seq FROM seq_1_to_500');
        await connection.query('SELECT uniqueid FROM astcreditres FOR UPDATE');
        await pause(300);
        await connection.query('SELECT balance FROM astaccount FOR UPDATE');
      } catch (error) {
        // InnoDB rolled this transaction back.
        if ((error as { errno?: number }).errno !== 1213) throw error;
      }
      await connection.query('ROLLBACK');
    }
  } finally {
    connection.destroy();
  }
}

async function within<Result>(milliseconds: number, work: Promise<Result>, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error(`no sign of ${what} within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
