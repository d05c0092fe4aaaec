import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureKamailio, projectFolder } from '../parts';
import { findFreePort, isUdpPortFree } from './ports';
import { comesUp, ServerProcess } from './process';

export interface KamailioOptions {
  /** Its configuration, log and sockets. */
  dir: string;
  /** The documented configuration of docs/doors.md: modules, parameters and `route[CREDIT]`. */
  configuration: string;
  /** Words of it that must be replaced here; each must be in it. */
  instead?: Record<string, string>;
  /** `127.0.0.3:5070` */
  carrier: string;
  sipPort?: number;
  rpcPort?: number;
}

export interface KamailioServer {
  /** `127.0.0.1:port` */
  readonly sip: string;
  /** The address of jsonrpcs: `127.0.0.1:port/RPC` over HTTP, the same port over UDP. */
  readonly rpcPort: number;
  readonly logPath: string;
  readonly process: ServerProcess;
  /** One command of its RPC. */
  rpc(method: string, params?: unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** Resolves when its RPC answers. */
export async function startKamailio(options: KamailioOptions): Promise<KamailioServer> {
  const { kamailio, modulesFolder } = await ensureKamailio();
  const { dir } = options;
  mkdirSync(dir, { recursive: true });
  const sipPort = options.sipPort ?? (await findFreePort());
  const rpcPort = options.rpcPort ?? (await findFreePort());
  const sip = `127.0.0.1:${sipPort}`;
  if (!(await isUdpPortFree(sipPort))) throw new Error(`the SIP port ${sip} (UDP) is in use`);
  const base = replaced(readFileSync(join(projectFolder, 'lab/kamailio/proxy.cfg'), 'utf8'), {
    SIP_ADDRESS: sip,
    RPC_ADDRESS: `127.0.0.1:${rpcPort}`,
    MODULES_FOLDER: `${modulesFolder}/`,
    CARRIER_ADDRESS: options.carrier,
  });
  // Modules are loaded before any route uses them.
  const [modules, routes] = base.split(/^(?=request_route)/m) as [string, string];
  const documented = replaced(options.configuration, {
    'udp:127.0.0.1:5063': `udp:127.0.0.1:${rpcPort}`,
    ...options.instead,
  });
  const [shown, ...shownRoutes] = documented.split(/^(?=route\[)/m);
  const configPath = join(dir, 'kamailio.cfg');
  writeFileSync(configPath, [modules, shown, routes, ...shownRoutes].join('\n'));
  const logPath = join(dir, 'kamailio.log');
  const server = ServerProcess.start({
    name: 'kamailio',
    dir,
    command: [...kamailio, '-f', configPath, '-DD', '-E', '-m', '32', '-M', '8', '-Y', dir, '-P', join(dir, 'pid')],
    logPath,
  });
  const rpc = async (method: string, params?: unknown[]): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${rpcPort}/RPC`, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params && { params }) }),
      signal: AbortSignal.timeout(2_000),
    });
    return ((await response.json()) as { result?: unknown }).result;
  };
  const answers = () =>
    rpc('core.version').then(
      version => typeof version === 'string',
      () => false,
    );
  await comesUp(server, answers, { timeoutMs: 15_000, logPath });
  return { sip, rpcPort, logPath, process: server, rpc, stop: () => server.stop() };
}

/** @throws Error if a word to be replaced is missing: the documents and this file would have diverged. */
function replaced(text: string, words: Record<string, string>): string {
  return Object.entries(words).reduce((before, [word, other]) => {
    if (!before.includes(word)) throw new Error(`the configuration of Kamailio does not hold ${word}`);
    return before.replaceAll(word, () => other);
  }, text);
}
