import { findFreePort } from '../../../lab/servers/ports';
import { type Service, startService } from '../../../src/serve';
import { readSettings, type Settings } from '../../../src/settings';
import { booksBalance } from '../../credit/ledger-fixture';
import { usersOf } from '../../database/service-user';
import { createTestDatabase, type Engine, type TestDatabase } from '../../database/test-database';
import { type OpensipsStandIn, startOpensipsStandIn } from '../../switches/proxy/opensips-stand-in';
import { PATIENT } from '../../switches/proxy/proxy-fixture';
import { keptLog, proxyServed } from '../door-fixture';

/** An answer with its status of HTTP, and its result or what its error says. */
export interface RpcAnswer {
  status: number;
  result?: unknown;
  code?: number;
  message?: string;
}

/** Asks for a command, as a script does. */
export async function rpc(port: number, method: string, params: unknown): Promise<RpcAnswer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method, params });
  const { status, text } = await post(port, body);
  const { jsonrpc, id, result, error } = JSON.parse(text);
  expect({ jsonrpc, id }).toEqual({ jsonrpc: '2.0', id: 7 });
  return { status, ...(error ?? { result }) };
}

/** Sends a body as it is. */
export async function post(
  port: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  });
  return { status: response.status, text: await response.text() };
}

/** The door in a service of its own, with a stand-in for a proxy behind it. */
export interface CnxccService {
  test: TestDatabase;
  proxy: OpensipsStandIn;
  service: Service;
  port: number;
  // biome-ignore lint/suspicious/noExplicitAny: lines of any event
  lines: any[];
  ask(method: string, params: unknown): Promise<RpcAnswer>;
  stop(): Promise<void>;
}

export const cnxccSettings = (
  databaseUrl: string,
  port: number,
  proxy: Pick<OpensipsStandIn, 'port'>,
  more: Record<string, string> = {},
): Settings =>
  readSettings({
    RINGFENCE_DATABASE_URL: databaseUrl,
    ...PATIENT,
    RINGFENCE_CNXCC_LISTEN: String(port),
    RINGFENCE_PROXY_RPC: `opensips+udp://127.0.0.1:${proxy.port}`,
    ...more,
  });

/** `through`: the way to the database, where it is not the direct one. */
export async function startCnxccService(
  engine: Engine,
  more: Record<string, string> = {},
  through: (url: string) => string | Promise<string> = url => url,
): Promise<CnxccService> {
  const test = await createTestDatabase(engine);
  const proxy = await startOpensipsStandIn();
  const port = await findFreePort();
  const { log, lines } = keptLog();
  const settings = cnxccSettings(await through((await usersOf(test)).service), port, proxy, more);
  const service = await startService(settings, log);
  await proxyServed(lines);
  return {
    test,
    proxy,
    service,
    port,
    lines,
    ask: (method, params) => rpc(port, method, params),
    async stop() {
      await service.stop();
      proxy.stop();
      await booksBalance(test).finally(() => test.drop());
    },
  };
}
