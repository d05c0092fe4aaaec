import { createSocket } from 'node:dgram';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { documentedBlocks } from '../../../lab/documented';
import { type KamailioServer, startKamailio } from '../../../lab/servers/kamailio';
import { findFreePort } from '../../../lab/servers/ports';
import { type Carrier, startCarrier } from '../../../lab/servers/sipp';
import { type Service, startService } from '../../../src/serve';
import { readSettings, type Settings } from '../../../src/settings';
import { type CallsThrough, callsThrough } from '../../calls/calls-through';
import { addDeck, booksBalance } from '../../credit/ledger-fixture';
import { usersOf } from '../../database/service-user';
import { createTestDatabase, type TestDatabase } from '../../database/test-database';
import { keptLog, proxyServed } from '../../doors/door-fixture';
import { eventually } from '../../eventually';

/** A real Kamailio with the configuration that docs/doors.md shows, a carrier, a database, and Ringfence beside them. */
export interface ProxyExchange extends CallsThrough {
  test: TestDatabase;
  kamailio: KamailioServer;
  carrier: Carrier;
  service: Service;
  settings: Settings;
  /** Where call_control's socket is. */
  socket: string;
  // biome-ignore lint/suspicious/noExplicitAny: lines of any event
  lines: any[];
  /** An INVITE with a Call-ID that is chosen; resolves with the final status. */
  invite(callId: string, user: string, to: string): Promise<number>;
  /** The dialogs that Kamailio has. */
  dialogs(): Promise<{ 'call-id': string }[]>;
  /** Resolves when a call of the account was let through, and Kamailio has its dialog. */
  rings(account: string): Promise<true>;
  /** Starts the service again; with nothing between for what is done meanwhile. */
  restartService(meanwhile?: () => Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

export interface ProxyExchangeOptions {
  /** The heading in docs/doors.md below which its configuration is shown. */
  heading: string;
  /** Words of the documented configuration that must be replaced here. */
  instead?: (dir: string) => Record<string, string>;
  settings: (where: { dir: string; rpcPort: number }) => Record<string, string>;
  carrier?: Parameters<typeof startCarrier>[0];
  /** The way to the database, if it is not the direct one. */
  through?: (url: string) => string | Promise<string>;
}

let exchanges = 0;

/** Waits as long as the setting allows, because the machine may be busy: the test is about the decision. */
export const PATIENT = { RINGFENCE_START_DEADLINE_MS: '5000', RINGFENCE_PROXY_ANSWER_WITHIN_MS: '5000' };

/** The same for Kamailio, by the words of its documented configurations. */
const PATIENT_CALL_CONTROL = {
  'modparam("call_control", "socket_timeout", 500)': 'modparam("call_control", "socket_timeout", 5500)',
};
export const PATIENT_CNXCC = {
  'modparam("http_client", "connection_timeout", 480)': 'modparam("http_client", "connection_timeout", 5500)',
};

/** The documented Kamailio with `call_control`, and a service for it. */
export const CALL_CONTROL_EXCHANGE: ProxyExchangeOptions = {
  heading: 'Kamailio, `call_control`',
  instead: dir => ({ '/run/ringfence/callcontrol': `${dir}/callcontrol`, ...PATIENT_CALL_CONTROL }),
  settings: ({ dir, rpcPort }) => ({
    RINGFENCE_CALL_CONTROL_SOCKET: `${dir}/callcontrol,0666`,
    RINGFENCE_PROXY_RPC: `kamailio+udp://127.0.0.1:${rpcPort}`,
    RINGFENCE_PROXY_LIMIT_TABLE: 'ringfence',
    RINGFENCE_PROXY_ACCOUNT: '{user}',
  }),
};

export async function startProxyExchange(options: ProxyExchangeOptions): Promise<ProxyExchange> {
  const dir = join(process.env.RINGFENCE_TEST_FOLDER as string, `proxy-${process.pid}-${++exchanges}`);
  mkdirSync(dir, { recursive: true });
  const socket = join(dir, 'callcontrol');
  const test = await createTestDatabase('MariaDB');
  await addDeck(test, 'retail', [
    { prefix: '', price_per_minute: '1.00', initial_increment_seconds: 60, increment_seconds: 60 },
    { prefix: '33', price_per_minute: '6.00', initial_increment_seconds: 1, increment_seconds: 1 },
  ]);
  const carrier = await startCarrier(options.carrier);
  const rpcPort = await findFreePort();
  const { log, lines } = keptLog();
  const settings = readSettings({
    RINGFENCE_DATABASE_URL: await (options.through ?? (url => url))((await usersOf(test)).service),
    ...PATIENT,
    ...options.settings({ dir, rpcPort }),
  });
  // Kamailio looks for the socket when it starts, and then not again for 10 s.
  const service = await startService(settings, log);
  const kamailio = await startKamailio({
    dir: join(dir, 'kamailio'),
    configuration: documentedBlocks(options.heading, 'loadmodule').join(''),
    carrier: carrier.address,
    instead: options.instead?.(dir) ?? {},
    rpcPort,
  });
  await proxyServed(lines);
  const exchange: ProxyExchange = {
    test,
    kamailio,
    carrier,
    socket,
    lines,
    service,
    settings,
    ...callsThrough(kamailio.sip, test),
    invite: (callId, user, to) => invite(kamailio.sip, callId, user, to),
    dialogs: async () => ((await kamailio.rpc('dlg.list')) ?? []) as { 'call-id': string }[],
    rings: account =>
      eventually(async () => {
        const open = (await exchange.cdrs(account)).find(({ end_at }) => end_at === null);
        const uniqueids = (await exchange.dialogs()).map(dialog => `proxy:main:call:${dialog['call-id']}`);
        return open && uniqueids.includes(String(open.uniqueid)) ? true : null;
      }, `the dialog of ${account}`),
    async restartService(meanwhile = async () => undefined) {
      await exchange.service.stop();
      await meanwhile();
      const from = lines.length;
      exchange.service = await startService(settings, log);
      await proxyServed(lines, from);
    },
    async stop() {
      await exchange.service.stop();
      await kamailio.stop();
      await carrier.stop();
      await booksBalance(test).finally(() => test.drop());
    },
  };
  return exchange;
}

/** An INVITE as no phone would send it; resolves with the final status. */
async function invite(sip: string, callId: string, user: string, to: string): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve));
  const [, sipPort] = sip.split(':');
  const own = `127.0.0.1:${socket.address().port}`;
  const message = [
    `INVITE sip:${to}@${sip} SIP/2.0`,
    `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${Math.random().toString(36).slice(2)}`,
    `From: <sip:${user}@127.0.0.1>;tag=x`,
    `To: <sip:${to}@127.0.0.1>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:${user}@${own}>`,
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  const status = new Promise<number>(resolve => {
    socket.on('message', bytes => {
      const got = Number(bytes.toString('latin1', 8, 11));
      if (got >= 200) resolve(got);
    });
  });
  socket.send(message, Number(sipPort), '127.0.0.1');
  return status.finally(() => socket.close());
}
