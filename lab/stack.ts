import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { documentedContext } from './documented';
import { doorCustomers } from './door-scenes';
import { ensureAsterisk, ensureKamailio, ensureMariadb, projectFolder, type Say } from './parts';
import { labProxyConfiguration } from './proxy-configuration';
import { RingfenceCli, ringfenceProgram } from './ringfence';
import { answersAri, type Customer, labCustomers, startAsterisk } from './servers/asterisk';
import { rootPassword } from './servers/database';
import { type DatabaseUrls, grant, urlsOf } from './servers/grants';
import { startKamailio } from './servers/kamailio';
import { startMariadb } from './servers/mariadb';
import { isTcpPortFree, isUdpPortBound, isUdpPortFree } from './servers/ports';
import { comesUp, ServerProcess } from './servers/process';
import { startCarrier, writeSippCommand } from './servers/sipp';
import {
  callControlPath,
  carrierAddress,
  consolePasswordPath,
  envPath,
  folders,
  httpKeyPath,
  type LabSettings,
  ringfenceLogPath,
  seededPath,
  variableOf,
} from './settings';

const SCHEMA = 'ringfence';
/** The person of the lab who logs in to the console. */
const CONSOLE_NAME = 'lab';

/** The whole lab on loopback: database, switch, carrier, Ringfence. Each outlives the command that started it. */
export class LabStack {
  readonly sip: string;
  readonly ariUrl: string;
  /** The operator's API. */
  readonly httpUrl: string;
  private readonly databaseUrls: DatabaseUrls;
  readonly cli: RingfenceCli;
  private readonly rootUrl: string;

  constructor(
    private readonly settings: LabSettings,
    private readonly say: Say,
  ) {
    this.sip = `127.0.0.1:${settings.sipPort}`;
    this.ariUrl = `http://ringfence:fence-lab@127.0.0.1:${settings.ariPort}`;
    this.httpUrl = `http://127.0.0.1:${settings.httpPort}/api/v1`;
    this.rootUrl = `mysql://root:${rootPassword}@127.0.0.1:${settings.databasePort}/`;
    this.databaseUrls = urlsOf(`${this.rootUrl}${SCHEMA}`);
    this.cli = new RingfenceCli(this.environment);
  }

  /** Starts what does not run yet, in the order of the dependencies; leaves alone what runs. */
  async up(): Promise<void> {
    const startedAt = Date.now();
    await ensureMariadb(this.say);
    await ensureAsterisk(this.say);
    await ensureKamailio(this.say);
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
    await this.checkPorts();
    await this.upDatabase();
    await this.upCarrier();
    // Asterisk reads the columns of its tables when it starts.
    await new RingfenceCli({ ...this.environment, RINGFENCE_DATABASE_URL: this.databaseUrls.migrate }).run(['migrate']);
    await grant(this.rootUrl, SCHEMA, 'Service');
    await grant(this.rootUrl, SCHEMA, 'Asterisk');
    await this.upAsterisk();
    await writeSippCommand(join(folders.bin, 'sipp'));
    await this.seed();
    await this.makeKey();
    await this.upRingfence();
    await this.makePerson();
    await this.upKamailio();
    this.writeEnv();
    this.say(`up in ${seconds(startedAt)}; "source ${relative(envPath)}" for your own shell`);
    this.say(this.consoleLine);
  }

  /** Stops everything, the last started first. The database keeps its data for the next `up`. */
  async down(): Promise<void> {
    for (const [name, server] of this.servers().reverse()) {
      if (!server) continue;
      await server.stop(20_000);
      this.say(`${name} stopped`);
    }
    rmSync(envPath, { force: true });
  }

  /** Also forgets the accounts, the calls and the logs. */
  async reset(): Promise<void> {
    await this.down();
    for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
    this.say('the lab is empty; its parts are kept');
  }

  /** A line for each server; true if all run and answer. */
  async status(): Promise<boolean> {
    const answers: Record<string, () => Promise<boolean>> = {
      mariadb: async () => !(await isTcpPortFree(this.settings.databasePort)),
      carrier: async () => isUdpPortBound(this.settings.carrierPort, carrierAddress),
      asterisk: () => answersAri(this.ariUrl),
      ringfence: () => this.isServed(),
      kamailio: async () => !(await isTcpPortFree(this.settings.proxyRpcPort)),
    };
    const addresses: Record<string, string> = {
      mariadb: `127.0.0.1:${this.settings.databasePort}`,
      carrier: `${carrierAddress}:${this.settings.carrierPort}`,
      asterisk: `SIP ${this.sip}, ARI 127.0.0.1:${this.settings.ariPort}`,
      ringfence: `log ${relative(ringfenceLogPath)}`,
      kamailio: `SIP 127.0.0.1:${this.settings.proxyPort}, RPC 127.0.0.1:${this.settings.proxyRpcPort}`,
    };
    let allUp = true;
    for (const [name, server] of this.servers()) {
      const up = server !== null && (await answers[name]!());
      allUp &&= up;
      const state = server === null ? 'down' : up ? 'up' : 'does not answer';
      this.say(
        `${name.padEnd(10)} ${state.padEnd(16)} ${server ? `pid ${server.pid}`.padEnd(12) : ''.padEnd(12)} ${addresses[name]}`,
      );
    }
    const { agiPort, semsPort, ratingPort, cnxccPort, restPort } = this.settings;
    const doors = { FastAGI: agiPort, SEMS: semsPort, 'rating engine': ratingPort, cnxcc: cnxccPort, REST: restPort };
    const ports = Object.entries(doors).map(([door, port]) => `${door} ${port}`);
    this.say(`doors on 127.0.0.1: ${ports.join(', ')}; call_control ${relative(callControlPath)}`);
    this.say(`operator's API ${this.httpUrl}, with the key LAB_HTTP_KEY of ${relative(envPath)}`);
    if (existsSync(consolePasswordPath)) this.say(this.consoleLine);
    return allUp;
  }

  private servers(): [string, ServerProcess | null][] {
    return [
      ['mariadb', ServerProcess.find(folders.database, 'mariadb')],
      ['carrier', ServerProcess.find(folders.carrier, 'carrier')],
      ['asterisk', ServerProcess.find(folders.asterisk, 'asterisk')],
      ['ringfence', ServerProcess.find(folders.ringfence, 'ringfence')],
      ['kamailio', ServerProcess.find(folders.kamailio, 'kamailio')],
    ];
  }

  private runs(name: string): boolean {
    return this.servers().some(([each, server]) => each === name && server !== null);
  }

  /** Checks all ports before it starts anything, so that a port in use does not leave half of the parts running. */
  private async checkPorts(): Promise<void> {
    const { databasePort, sipPort, ariPort, carrierPort, proxyPort, proxyRpcPort } = this.settings;
    const doorPorts = (['agiPort', 'semsPort', 'ratingPort', 'cnxccPort', 'restPort', 'httpPort'] as const).map(
      name => {
        const port = this.settings[name];
        return ['ringfence', name, `127.0.0.1:${port}`, () => isTcpPortFree(port)] as const;
      },
    );
    const wanted = [
      ...doorPorts,
      ['kamailio', 'proxyPort', `127.0.0.1:${proxyPort} (UDP)`, () => isUdpPortFree(proxyPort)],
      ['kamailio', 'proxyRpcPort', `127.0.0.1:${proxyRpcPort}`, () => isTcpPortFree(proxyRpcPort)],
      ['mariadb', 'databasePort', `127.0.0.1:${databasePort}`, () => isTcpPortFree(databasePort)],
      ['asterisk', 'ariPort', `127.0.0.1:${ariPort}`, () => isTcpPortFree(ariPort)],
      ['asterisk', 'sipPort', `127.0.0.1:${sipPort} (UDP)`, () => isUdpPortFree(sipPort)],
      [
        'carrier',
        'carrierPort',
        `${carrierAddress}:${carrierPort} (UDP)`,
        () => isUdpPortFree(carrierPort, carrierAddress),
      ],
    ] as const;
    for (const [name, setting, address, isFree] of wanted) {
      if (this.runs(name) || (await isFree())) continue;
      throw new Error(`${address}, which ${name} needs, is in use: set ${variableOf(setting)} to another port`);
    }
  }

  private async upDatabase(): Promise<void> {
    if (!this.runs('mariadb')) {
      const startedAt = Date.now();
      const { version } = await startMariadb({ dir: folders.database, port: this.settings.databasePort });
      this.say(`mariadb ${version} on 127.0.0.1:${this.settings.databasePort} (${seconds(startedAt)})`);
    }
    const connection = await createConnection(this.rootUrl);
    try {
      await connection.query(`CREATE DATABASE IF NOT EXISTS ${SCHEMA}`);
    } finally {
      await connection.end();
    }
    await grant(this.rootUrl, SCHEMA, 'Users');
  }

  private async upCarrier(): Promise<void> {
    if (this.runs('carrier')) return;
    await startCarrier({ dir: folders.carrier, address: carrierAddress, port: this.settings.carrierPort });
    this.say(`carrier (SIPp) on ${carrierAddress}:${this.settings.carrierPort}`);
  }

  private async upAsterisk(): Promise<void> {
    if (this.runs('asterisk')) return;
    const startedAt = Date.now();
    const { sipPort, ariPort, carrierPort } = this.settings;
    await startAsterisk({
      dir: folders.asterisk,
      systemname: 'lab',
      sipPort,
      httpPort: ariPort,
      customers: [...labCustomers, poolCustomer, ...doorCustomers],
      carriers: [{ name: 'carrier', address: `${carrierAddress}:${carrierPort}` }],
      extraDialplan: this.documentedDialplan(),
      evidenceDatabaseUrl: this.databaseUrls.asterisk,
    });
    this.say(`asterisk on ${this.sip} (${seconds(startedAt)})`);
  }

  private async upKamailio(): Promise<void> {
    if (this.runs('kamailio')) return;
    const startedAt = Date.now();
    const { proxyPort, proxyRpcPort, carrierPort } = this.settings;
    await startKamailio({
      dir: folders.kamailio,
      ...labProxyConfiguration(this.settings),
      carrier: `${carrierAddress}:${carrierPort}`,
      sipPort: proxyPort,
      rpcPort: proxyRpcPort,
    });
    this.say(`kamailio on 127.0.0.1:${proxyPort} (${seconds(startedAt)})`);
  }

  /** The contexts that docs/pools.md and docs/doors.md show. */
  private documentedDialplan(): string {
    const agi = documentedContext('docs/doors.md', 'from-a2billing-like');
    return [
      documentedContext('docs/pools.md', 'from-cnxcc'),
      documentedContext('docs/doors.md', 'from-customer-own-dial'),
      agi.replaceAll('agi://127.0.0.1/', `agi://127.0.0.1:${this.settings.agiPort}/`),
    ].join('\n');
  }

  /** Once for a database. What an interrupted run has made already is refused by its name (exit code 3), which is as good. */
  private async seed(): Promise<void> {
    if (existsSync(seededPath)) return;
    const already = [3];
    await this.cli.run(['deck', 'import', 'retail', join(projectFolder, 'lab/rates.csv'), '--currency', 'EUR']);
    for (const [accountcode, balance] of [
      ['alice', '10.00'],
      ['bob', '10.00'],
    ]) {
      await this.cli.run(['account', 'create', accountcode!, '--deck', 'retail', '--balance', balance!], already);
    }
    await this.cli.run(['trunk', 'add', 'carrier', '--endpoint', 'PJSIP/{number}@carrier'], already);
    await this.cli.run(['route', 'add', '--prefix', '', '--trunk', 'carrier'], already);
    writeFileSync(seededPath, '');
    this.say('deck retail, accounts alice and bob with 10.00 each, one route for every number');
  }

  /** Once for a database: a secret is shown once. A key whose secret is not here any more ends. */
  private async makeKey(): Promise<void> {
    if (existsSync(httpKeyPath)) return;
    await this.cli.run(['key', 'revoke', 'lab'], [3]);
    const { secret } = await this.cli.json<{ secret: string }>(['key', 'create', 'lab', '--roles', 'admin']);
    writeFileSync(httpKeyPath, secret, { mode: 0o600 });
  }

  /** The person who looks at the console, once for a database. A person whose password is not here any more gets another one. */
  private async makePerson(): Promise<void> {
    if (existsSync(consolePasswordPath)) return;
    await this.cli.run(['operator', 'invite', CONSOLE_NAME, '--roles', 'admin'], [3]);
    const { token } = await this.cli.json<{ token: string }>(['operator', 'reset', CONSOLE_NAME]);
    const password = randomBytes(9).toString('base64url');
    const { status } = await fetch(`${this.httpUrl}/invitation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, password }),
    });
    if (status !== 200) throw new Error(`the console's person got no password: HTTP ${status}`);
    writeFileSync(consolePasswordPath, password, { mode: 0o600 });
  }

  /** Where the console is, and who may log in. The lab is on loopback, and its password is good nowhere else. */
  get consoleLine(): string {
    return `console    ${new URL(this.httpUrl).origin}/ : log in as ${CONSOLE_NAME}, password ${this.consolePassword}`;
  }

  private get consolePassword(): string {
    return readFileSync(consolePasswordPath, 'utf8');
  }

  /** The secret of the lab's key to the operator's API. */
  get httpKey(): string {
    return readFileSync(httpKeyPath, 'utf8');
  }

  private async upRingfence(): Promise<void> {
    if (this.runs('ringfence')) return;
    const server = ServerProcess.start({
      name: 'ringfence',
      dir: folders.ringfence,
      command: [process.execPath, ringfenceProgram, 'serve'],
      cwd: projectFolder,
      env: this.environment,
      logPath: ringfenceLogPath,
    });
    await comesUp(server, () => this.isServed(), { timeoutMs: 20_000, logPath: ringfenceLogPath });
    this.say(`ringfence serves; its log is ${relative(ringfenceLogPath)}`);
  }

  /** Whether Asterisk knows the application: only then calls reach it. */
  private async isServed(): Promise<boolean> {
    const { origin, username, password } = new URL(this.ariUrl);
    try {
      const response = await fetch(`${origin}/ari/applications/ringfence`, {
        headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
        signal: AbortSignal.timeout(1000),
      });
      return response.ok;
    } catch {
      return false;
    }
  }

  get databaseUrl(): string {
    return this.databaseUrls.service;
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...this.ringfenceVariables,
    };
  }

  private get ringfenceVariables(): Record<string, string> {
    const { agiPort, semsPort, ratingPort, cnxccPort, restPort, httpPort, proxyRpcPort } = this.settings;
    return {
      RINGFENCE_DATABASE_URL: this.databaseUrl,
      RINGFENCE_ARI_URL: this.ariUrl,
      RINGFENCE_EVIDENCE_FILES: evidenceFiles,
      RINGFENCE_AGI_LISTEN: String(agiPort),
      RINGFENCE_SEMS_LISTEN: String(semsPort),
      RINGFENCE_RATING_LISTEN: String(ratingPort),
      RINGFENCE_RATING_ACCOUNT: '{user}',
      RINGFENCE_CNXCC_LISTEN: String(cnxccPort),
      RINGFENCE_REST_LISTEN: String(restPort),
      RINGFENCE_HTTP_LISTEN: String(httpPort),
      RINGFENCE_CALL_CONTROL_SOCKET: `${callControlPath},0666`,
      RINGFENCE_PROXY_RPC: `kamailio+udp://127.0.0.1:${proxyRpcPort}`,
      RINGFENCE_PROXY_ACCOUNT: '{user}',
      RINGFENCE_PROXY_LIMIT_TABLE: 'ringfence',
    };
  }

  private writeEnv(): void {
    const variables = {
      ...this.ringfenceVariables,
      LAB_SIP: this.sip,
      LAB_PROXY_SIP: `127.0.0.1:${this.settings.proxyPort}`,
      LAB_ARI_URL: this.ariUrl,
      LAB_HTTP_URL: this.httpUrl,
      LAB_HTTP_KEY: this.httpKey,
      LAB_CONSOLE_URL: new URL(this.httpUrl).origin,
      LAB_CONSOLE_NAME: CONSOLE_NAME,
      LAB_CONSOLE_PASSWORD: this.consolePassword,
      LAB_SIPP: join(folders.bin, 'sipp'),
    };
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
    // So that the examples of the documents and of --help work when they are pasted.
    lines.push(`export PATH='${dirname(ringfenceProgram)}':"$PATH"`);
    writeFileSync(envPath, `${lines.join('\n')}\n`, { mode: 0o600 });
  }
}

/** The switch's own records, beside those that it writes to the database. */
const evidenceFiles = `lab=${join(folders.asterisk, 'log')}`;

/** Its calls belong to a pool: the customer is the user of the From header. */
const poolCustomer: Customer = { name: 'pools', address: '127.0.0.6', context: 'from-cnxcc' };

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

const relative = (path: string): string => path.replace(`${projectFolder}/`, '');
