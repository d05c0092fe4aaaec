import { join } from 'node:path';
import { findFreePort } from '../../../lab/servers/ports';
import { startService } from '../../../src/serve';
import { readSettings } from '../../../src/settings';
import { addDeck, booksBalance } from '../../credit/ledger-fixture';
import { usersOf } from '../../database/service-user';
import { createTestDatabase, type Engine, type TestDatabase } from '../../database/test-database';
import { type OpensipsStandIn, startOpensipsStandIn } from '../../switches/proxy/opensips-stand-in';
import { PATIENT } from '../../switches/proxy/proxy-fixture';
import { keptLog, proxyServed } from '../door-fixture';

/** The door in a service of its own, with a stand-in for OpenSIPS behind it. */
export interface ControlService {
  test: TestDatabase;
  opensips: OpensipsStandIn;
  socket: string;
  metricsPort: number;
  // biome-ignore lint/suspicious/noExplicitAny: lines of any event
  lines: any[];
  /** Starts the service again; with nothing between for what is done meanwhile. */
  restartService(meanwhile: () => unknown): Promise<void>;
  stop(): Promise<void>;
}

let services = 0;

export async function startControlService(engine: Engine, more: Record<string, string> = {}): Promise<ControlService> {
  const test = await createTestDatabase(engine);
  // 1.00 a minute, 60/60; 6.00 a minute by the second.
  await addDeck(test, 'retail', [
    { prefix: '49' },
    { prefix: '49199', is_blocked: 1 },
    { prefix: '33', price_per_minute: '6.00', initial_increment_seconds: 1, increment_seconds: 1 },
  ]);
  const opensips = await startOpensipsStandIn();
  const socket = join(process.env.RINGFENCE_TEST_FOLDER as string, `control-${process.pid}-${++services}`);
  const { log, lines } = keptLog();
  const metricsPort = await findFreePort();
  const settings = readSettings({
    RINGFENCE_DATABASE_URL: (await usersOf(test)).service,
    ...PATIENT,
    RINGFENCE_CALL_CONTROL_SOCKET: socket,
    RINGFENCE_METRICS_LISTEN: String(metricsPort),
    RINGFENCE_PROXY_RPC: `opensips+udp://127.0.0.1:${opensips.port}`,
    RINGFENCE_PROXY_LIMIT_TABLE: 'ringfence',
    ...more,
  });
  let service = await startService(settings, log);
  await proxyServed(lines);
  return {
    test,
    opensips,
    socket,
    metricsPort,
    lines,
    async restartService(meanwhile) {
      await service.stop();
      await meanwhile();
      const from = lines.length;
      service = await startService(settings, log);
      await proxyServed(lines, from);
    },
    async stop() {
      await service.stop();
      opensips.stop();
      await booksBalance(test).finally(() => test.drop());
    },
  };
}

export const init = (callId: string, user: string, dialled: string, more: string[] = []): string =>
  [
    'init',
    `ruri: sip:${dialled}@example.com`,
    'diverter: None',
    'sourceip: 192.0.2.7',
    `callid: ${callId}`,
    `from: <sip:${user}@example.com>;tag=a1`,
    'fromtag: a1',
    ...more,
    '',
    '',
  ].join('\r\n');

export const told = (command: 'start' | 'stop' | 'terminate', callId: string): string =>
  `${command}\r\ncallid: ${callId}\r\n\r\n`;
