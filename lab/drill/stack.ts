import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { formatAmount, micros } from '../../src/money/micros';
import { projectFolder } from '../parts';
import { type Finished, RingfenceCli } from '../ringfence';
import { type AsteriskServer, startAsterisk } from '../servers/asterisk';
import type { DatabaseServer } from '../servers/database';
import { startGalera } from '../servers/galera';
import { grant, urlsOf } from '../servers/grants';
import { startMariadb } from '../servers/mariadb';
import { becomes, killServersUnder } from '../servers/process';
import { type Carrier, startCarrier } from '../servers/sipp';
import { openSwitchWire, type SwitchWire } from '../servers/switch-wire';
import { openWire, type Wire } from '../servers/wire';
import { ACCOUNTS, MICROS_PER_SECOND } from './plan';
import type { Random } from './random';
import { ServiceProcess } from './service';

/** A caller that waits at an empty switch for a carrier's leg that was lost with its switch gives up after this. */
const CARRIER_LOST_MS = 60_000;

const SCHEMA = 'ringfence';

/** A trunk whose endpoint Asterisk does not have. */
const GHOST = 'ghost';

const SLOW_REST_MS = 3_000;

/** What holds the books: one MariaDB, or three of them as a Galera cluster. */
export type StackKind = 'single' | 'cluster';

/**
 * The parts on which the drills run: a database, an Asterisk, a carrier and a service of their own on loopback, with a wire before the
 * database and one before Asterisk's HTTP. They stay up between runs, and are restored after each.
 */
export class DrillStack {
  private constructor(
    readonly dir: string,
    /** One, or the nodes of a cluster. */
    readonly databases: DatabaseServer[],
    /** Between the services and each database. */
    readonly wires: Wire[],
    readonly asterisk: AsteriskServer,
    /** Between the services and Asterisk's HTTP. */
    readonly switchWire: SwitchWire,
    readonly carrier: Carrier,
    readonly service: ServiceProcess,
    /** A second service on the same database and Asterisk, which runs only while a drill wants it. */
    readonly standby: ServiceProcess,
    readonly cli: RingfenceCli,
  ) {}

  static async up(dir: string, kind: StackKind): Promise<DrillStack> {
    mkdirSync(dir, { recursive: true });
    try {
      const databases =
        kind === 'single'
          ? [await startMariadb({ dir: join(dir, 'database') })]
          : (await startGalera({ dir: join(dir, 'database') })).nodes;
      await query(databases[0]!.url, `CREATE DATABASE ${SCHEMA}`);
      const users = databases.map(({ url }) => urlsOf(`${url}${SCHEMA}`));
      const urls = users.map(({ service }) => service);
      const wires: Wire[] = [];
      for (const url of urls) wires.push(await openWire(url));
      const carrier = await startCarrier({
        dir: join(dir, 'carrier'),
        scenario: 'drill-carrier',
        keys: { lost_ms: CARRIER_LOST_MS },
        callLogPath: join(dir, 'carrier', 'calls.log'),
      });
      const evidence = { RINGFENCE_EVIDENCE_FILES: `drill=${join(dir, 'asterisk', 'log')}` };
      const cli = new RingfenceCli(environment({ RINGFENCE_DATABASE_URL: urlOfAll(urls), ...evidence }));
      await grant(databases[0]!.url, SCHEMA, 'Users');
      await new RingfenceCli(environment({ RINGFENCE_DATABASE_URL: users[0]!.migrate })).run(['migrate']);
      await grant(databases[0]!.url, SCHEMA, 'Service');
      await grant(databases[0]!.url, SCHEMA, 'Asterisk');
      await seed(cli);
      const asterisk = await startAsterisk({
        dir: join(dir, 'asterisk'),
        systemname: 'drill',
        carriers: [{ name: 'carrier', address: carrier.address }],
        // It knows one host: in a cluster the one to which nothing else writes.
        evidenceDatabaseUrl: users.at(-1)!.asterisk,
      });
      const switchWire = await openSwitchWire(asterisk.ariUrl);
      const settings = environment({
        RINGFENCE_DATABASE_URL: urlOfAll(wires.map(({ url }) => url)),
        RINGFENCE_ARI_URL: switchWire.url,
        ...evidence,
      });
      const service = new ServiceProcess('service', join(dir, 'service'), settings);
      const standby = new ServiceProcess('standby', join(dir, 'standby'), settings);
      service.start();
      await service.connects();
      return new DrillStack(dir, databases, wires, asterisk, switchWire, carrier, service, standby, cli);
    } catch (error) {
      await killServersUnder(dir);
      throw error;
    }
  }

  /** Ends everything at once. Keeps its folder, because it holds the logs. */
  async down(): Promise<void> {
    await Promise.all([...this.wires.map(wire => wire.close()), this.switchWire.close(), killServersUnder(this.dir)]);
  }

  /** The only database, or the cluster's first. */
  get database(): DatabaseServer {
    return this.databases[0]!;
  }

  get wire(): Wire {
    return this.wires[0]!;
  }

  /** The node of the cluster to which the services write now. */
  get writer(): DatabaseServer {
    const busiest = this.wires.reduce((one, other) => (other.connections > one.connections ? other : one));
    return this.databases[this.wires.indexOf(busiest)]!;
  }

  /** Restores whatever a fault has left: everything runs, nothing is frozen, every wire is whole. */
  async heal(): Promise<void> {
    for (const database of this.databases) database.thaw();
    this.asterisk.thaw();
    this.service.thaw();
    this.standby.thaw();
    this.carrier.thaw();
    for (const wire of this.wires) wire.thaw();
    this.switchWire.thaw();
    this.switchWire.order();
    this.switchWire.mendEvents();
    for (const database of this.databases) if (!database.process.running) await database.restart();
    if (!this.asterisk.process.running) await this.restartAsterisk();
    for (const wire of this.wires) await wire.restore();
    await this.switchWire.restore();
    this.service.start();
  }

  /** As after a crash. Its log up to then is kept beside the new one. */
  async restartAsterisk(): Promise<void> {
    const { logPath } = this.asterisk;
    if (existsSync(logPath)) appendFileSync(this.logPaths.asteriskBefore, readFileSync(logPath));
    await this.asterisk.restart();
  }

  /** The sources of a run's logs. */
  get logPaths(): { asteriskBefore: string } & Record<string, string> {
    return {
      service: this.service.logPath,
      standby: this.standby.logPath,
      asterisk: this.asterisk.logPath,
      asteriskBefore: join(this.dir, 'asterisk', 'log', 'messages-before-restart.log'),
      asteriskEvents: this.asterisk.celPath,
      asteriskCalls: this.asterisk.cdrPath,
      ...Object.fromEntries(this.databases.map(({ logPath }, index) => [`database${index + 1}`, logPath])),
      carrier: this.carrierLogPath,
    };
  }

  get carrierLogPath(): string {
    return join(this.dir, 'carrier', 'calls.log');
  }

  /** Straight to the first database that runs, without the wire: in a cluster always the same one while all run. */
  query(sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
    const { url } = this.databases.find(({ process }) => process.running) ?? this.database;
    return query(`${url}${SCHEMA}`, sql, values);
  }

  /** Another program's connection, without the wire. */
  connect(): Promise<Connection> {
    return createConnection({ uri: `${this.database.url}${SCHEMA}`, supportBigNumbers: true, bigNumberStrings: true });
  }

  /** `ringfence verify --json`, which exits 1 if the books do not balance. */
  verify(): Promise<Finished> {
    return this.cli.try(['verify', '--json']);
  }

  /** `ringfence reconcile --json` of the calls since then, which exits 1 if Asterisk's own records differ. */
  reconcile(since: Date): Promise<Finished> {
    return this.cli.try(['reconcile', '--from', since.toISOString(), '--limit', '1000', '--json']);
  }

  /** Gives the poor accounts money for a few seconds, by the command line. */
  async topUp(random: Random, reference: string): Promise<void> {
    const rows = await this.query('SELECT accountcode, CAST(balance AS CHAR) AS balance FROM astaccount');
    const balances = new Map(rows.map(row => [row.accountcode as string, row.balance as string]));
    const given = ACCOUNTS.filter(({ poor }) => poor).map(({ accountcode }) => {
      const wanted = BigInt(random.whole(5, 12)) * MICROS_PER_SECOND;
      const missing = wanted - BigInt((balances.get(accountcode) ?? '0').replace('.', ''));
      if (missing <= 0n) return null;
      const amount = formatAmount(micros(missing));
      return this.cli.run(['account', 'topup', accountcode, amount, '--reference', reference]);
    });
    await Promise.all(given);
  }

  /** Makes calls try a trunk that cannot be dialled first, or last. A service sees the change two seconds later at most. */
  async dialGhostFirst(first: boolean): Promise<void> {
    await this.query('UPDATE astroute SET priority = ? WHERE trunk = ?', [first ? 1 : 3, GHOST]);
  }

  /** Channels and bridges of ours in Asterisk, by its own word. */
  async live(): Promise<{ channels: number; bridges: string[] }> {
    const [channels, bridges] = await Promise.all([
      this.asterisk.cli('core show channels count'),
      this.asterisk.cli('bridge show all'),
    ]);
    return {
      channels: Number(/(\d+) active channel/.exec(channels)?.[1]),
      bridges: bridges.split('\n').filter(line => line.startsWith('rf-')),
    };
  }

  /** What is left to do: an empty list is rest. Faults of asking are part of it. */
  async unrest(): Promise<string[]> {
    const left: string[] = [];
    try {
      if (!this.service.connected && !this.standby.connected) left.push('no service is connected to Asterisk');
      const open = await this.query('SELECT uniqueid, dst FROM astcdr WHERE end_at IS NULL ORDER BY start_at');
      left.push(...open.map(row => `call ${row.uniqueid} to ${row.dst} has no end`));
      const held = await this.query('SELECT uniqueid, max_cost FROM astcreditres');
      left.push(...held.map(row => `${row.max_cost} is reserved for call ${row.uniqueid}`));
      if (left.length > 0) return left;
      const { channels, bridges } = await this.live();
      if (channels > 0) left.push(`${channels} channels are live in Asterisk`);
      left.push(...bridges.map(bridge => `bridge ${bridge} is left in Asterisk`));
    } catch (error) {
      left.push(`could not be asked: ${(error as Error).message}`);
    }
    return left;
  }

  /**
   * Waits for rest. Returns what was still left after `withinMs`, empty if rest was reached; and the reason of the wait if it took longer
   * than it should.
   */
  async rests(withinMs: number): Promise<{ left: string[]; waitedFor: string | null }> {
    let left: string[] = [];
    let waitedFor: string | null = null;
    const slowFrom = performance.now() + SLOW_REST_MS;
    await becomes(async () => {
      left = await this.unrest();
      if (performance.now() > slowFrom) waitedFor ??= left.at(-1) ?? null;
      if (left.length > 0) await new Promise(done => setTimeout(done, 150));
      return left.length === 0;
    }, withinMs);
    return { left, waitedFor };
  }
}

async function seed(cli: RingfenceCli): Promise<void> {
  await cli.run(['deck', 'import', 'drill', join(projectFolder, 'lab/drill/rates.csv'), '--currency', 'EUR']);
  await cli.run(['trunk', 'add', 'carrier', '--endpoint', 'PJSIP/{number}@carrier']);
  await cli.run(['trunk', 'add', GHOST, '--endpoint', 'PJSIP/{number}@no-such-endpoint']);
  await cli.run(['route', 'add', '--prefix', '', '--trunk', 'carrier', '--priority', '2']);
  await cli.run(['route', 'add', '--prefix', '', '--trunk', GHOST, '--priority', '3']);
  for (const { accountcode, poor, options } of ACCOUNTS) {
    const balance = poor ? '0' : '1000000';
    await cli.run(['account', 'create', accountcode, '--deck', 'drill', '--balance', balance, ...options]);
  }
}

/** One URL with the hosts of all, in their order. */
function urlOfAll(urls: string[]): string {
  const { protocol, username, password, pathname } = new URL(urls[0]!);
  return `${protocol}//${username}:${password}@${urls.map(url => new URL(url).host).join(',')}${pathname}`;
}

/** Without the settings of the environment: they may be for another Ringfence. */
function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^RINGFENCE_(?!LAB_)/.test(name));
  return { ...Object.fromEntries(inherited), ...settings };
}

async function query(url: string, sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
  const connection = await createConnection({
    uri: url,
    connectTimeout: 2_000,
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql, values);
    return rows;
  } finally {
    connection.destroy();
  }
}
