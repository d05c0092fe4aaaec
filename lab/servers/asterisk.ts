import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureAsterisk, partsFolder } from '../parts';
import {
  type AsteriskSettings,
  type Carrier,
  type Customer,
  type ExtraTransport,
  type Outbound,
  odbcEnvironment,
  writeAsteriskConfig,
} from './asterisk-config';
import { findFreePort, isTcpPortFree, isUdpPortFree } from './ports';
import { comesUp, ServerProcess, serviceUser } from './process';

export type { Carrier, Customer, Outbound } from './asterisk-config';

export interface AsteriskOptions {
  /** Its configuration, logs, sockets and pid file. */
  dir: string;
  /** Part of every uniqueid; the folder's name if not given. */
  systemname?: string;
  sipPort?: number;
  httpPort?: number;
  ariUser?: string;
  ariPassword?: string;
  application?: string;
  /** Makes it connect to a service with its events, instead of accepting a connection. */
  outbound?: Outbound;
  customers?: Customer[];
  carriers?: Carrier[];
  /** Besides UDP: TCP on the same port, TLS on the next. */
  extraTransports?: ExtraTransport[];
  /** The shipped 60 s would end every call of SIPp, which sends no RTP. */
  rtpTimeoutSeconds?: number;
  /** How long a caller waits for a service that does nothing; the shipped value if not given. */
  patienceSeconds?: number;
  /** Contexts of a test's own, after the shipped ones. */
  extraDialplan?: string;
  /** Ringfence's database, migrated: Asterisk writes the journal and the call records there too, and not only to files. */
  evidenceDatabaseUrl?: string;
}

export interface AsteriskServer {
  readonly systemname: string;
  /** `http://user:password@127.0.0.1:port` */
  readonly ariUrl: string;
  /** `127.0.0.1:port` */
  readonly sip: string;
  /** `127.0.0.1:port`, if there is one for TLS. */
  readonly sipTls: string;
  /** The address of its RTP ports; a channel's own is in CHANNEL(rtp,src). */
  readonly mediaAddress: string;
  readonly dir: string;
  readonly logPath: string;
  /** One line a leg; see dialplan/cdr_custom.conf. */
  readonly cdrPath: string;
  /** One line an event; see dialplan/cel_custom.conf. */
  readonly celPath: string;
  readonly process: ServerProcess;
  /** One command of Asterisk's console; resolves with what it prints. */
  cli(command: string): Promise<string>;
  stop(): Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Starts it again with the same configuration and ports, after stopping it if it still runs. */
  restart(): Promise<void>;
}

/** The sources of the issue: 127.0.0.2 is alice, 127.0.0.4 is bob, and 127.0.0.5 names the paying account itself. */
export const labCustomers: Customer[] = [
  { name: 'alice', address: '127.0.0.2', accountcode: 'alice' },
  { name: 'bob', address: '127.0.0.4', accountcode: 'bob' },
  { name: 'proxy', address: '127.0.0.5' },
];

export const labCarriers: Carrier[] = [{ name: 'carrier', address: '127.0.0.3:5070' }];

/** Longer than any call is allowed to be. */
const noRtpTimeout = 14_400;

/** Resolves when ARI answers JSON, SIP listens and every module has loaded without an error. */
export async function startAsterisk(options: AsteriskOptions): Promise<AsteriskServer> {
  const part = await ensureAsterisk();
  const { dir } = options;
  mkdirSync(dir, { recursive: true });
  const sipPort = options.sipPort ?? (await findFreePort());
  const httpPort = options.httpPort ?? (await findFreePort());
  const settings: AsteriskSettings = {
    dir,
    systemname: options.systemname ?? basename(dir),
    sipPort,
    httpPort,
    ariUser: options.ariUser ?? 'ringfence',
    ariPassword: options.ariPassword ?? 'fence-lab',
    application: options.application ?? 'ringfence',
    outbound: options.outbound ?? null,
    mediaAddress: `127.100.${sipPort >> 8}.${sipPort & 255}`,
    runFolder: runFolderOf(dir, sipPort),
    customers: options.customers ?? labCustomers,
    carriers: options.carriers ?? labCarriers,
    extraTransports: options.extraTransports ?? [],
    rtpTimeoutSeconds: options.rtpTimeoutSeconds ?? noRtpTimeout,
    patienceSeconds: options.patienceSeconds ?? 20,
    extraDialplan: options.extraDialplan ?? '',
    ...(options.evidenceDatabaseUrl !== undefined && { evidenceDatabaseUrl: options.evidenceDatabaseUrl }),
  };
  writeAsteriskConfig(settings, part);
  const user = serviceUser(dir, partsFolder());
  if (user) await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, dir, settings.runFolder]);

  const configuration = ['-C', join(dir, 'etc/asterisk.conf')];
  const ariUrl = `http://${encodeURIComponent(settings.ariUser)}:${encodeURIComponent(settings.ariPassword)}@127.0.0.1:${httpPort}`;
  const logPath = join(dir, 'log/messages.log');
  const outputPath = join(dir, 'asterisk.log');

  async function cli(command: string): Promise<string> {
    const [program, ...args] = [...part.asterisk, ...configuration, '-rx', command];
    const { stdout } = await promisify(execFile)(program!, args, { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  async function launch(): Promise<ServerProcess> {
    // If the port of a transport is taken, Asterisk starts without that transport, and reports it only in its log.
    if (!(await isUdpPortFree(sipPort))) throw new Error(`the SIP port 127.0.0.1:${sipPort} (UDP) is in use`);
    if (!(await isTcpPortFree(httpPort))) throw new Error(`the ARI port 127.0.0.1:${httpPort} is in use`);
    rmSync(logPath, { force: true });
    const started = ServerProcess.start({
      name: 'asterisk',
      dir,
      command: [...part.asterisk, '-f', ...configuration],
      logPath: outputPath,
      env: { ...process.env, ...odbcEnvironment(dir) },
      ...(user && { user }),
    });
    await comesUp(started, () => answersAri(ariUrl), { timeoutMs: 30_000, logPath: outputPath });
    await cli('core waitfullybooted');
    const errors = existsSync(logPath) ? readFileSync(logPath, 'utf8').split('\n').filter(isError) : [];
    if (errors.length > 0) {
      await started.kill();
      throw new Error(`Asterisk does not accept its configuration:\n${errors.join('\n')}`);
    }
    return started;
  }

  let server = await launch();
  return {
    systemname: settings.systemname,
    ariUrl,
    sip: `127.0.0.1:${sipPort}`,
    sipTls: `127.0.0.1:${sipPort + 1}`,
    mediaAddress: settings.mediaAddress,
    dir,
    logPath,
    cdrPath: join(dir, 'log/cdr-custom/ringfence.csv'),
    celPath: join(dir, 'log/cel-custom/ringfence.csv'),
    get process() {
      return server;
    },
    cli,
    stop: () => server.stop(),
    kill: signal => server.kill(signal),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    async restart() {
      await server.stop();
      server = await launch();
    },
  };
}

/** While it boots, Asterisk answers 404 with HTML, or 503: only JSON with a version in it means that ARI is there. */
export async function answersAri(ariUrl: string): Promise<boolean> {
  const { origin, username, password } = new URL(ariUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  try {
    const response = await fetch(`${origin}/ari/asterisk/info?only=system`, {
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      signal: AbortSignal.timeout(1000),
    });
    return response.ok && ((await response.json()) as { system?: unknown }).system !== undefined;
  } catch {
    return false;
  }
}

/** Ignores that a service to which it connects with its events is not there yet. */
function isError(line: string): boolean {
  return / ERROR\[/.test(line) && !/ (res_http_websocket|res_websocket_client|tcptls)\.c: /.test(line);
}

/** The path of Asterisk's control socket may have 107 characters, which a deep checkout exceeds. */
function runFolderOf(dir: string, sipPort: number): string {
  const folder = join(dir, 'run');
  return folder.length <= 90 ? folder : `/tmp/ringfence-asterisk-${sipPort}`;
}
