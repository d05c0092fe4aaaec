import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import {
  type AsteriskOptions,
  type AsteriskServer,
  type Carrier as CarrierAddress,
  type Customer,
  labCustomers,
  startAsterisk,
} from '../../lab/servers/asterisk';
import { findFreePort } from '../../lab/servers/ports';
import { type Carrier, type CarrierOptions, startCarrier } from '../../lab/servers/sipp';
import { type ServeOptions, type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addDeck, booksBalance } from '../credit/ledger-fixture';
import { usersOf } from '../database/service-user';
import { createTestDatabase, type Engine, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { type CallsThrough, callsThrough } from './calls-through';

/** A carrier of a test: its trunk's name, and how it behaves. */
export interface TrunkOptions extends CarrierOptions {
  trunk: string;
  /** Nothing listens there: the packet is refused. `qualified`: Asterisk knows it. `unregistered`: it has no contact. */
  dead?: boolean | 'qualified' | 'unregistered';
}

export interface ExchangeOptions {
  trunks?: TrunkOptions[];
  settings?: Record<string, string>;
  engine?: Engine;
  extraDialplan?: string;
  /** Besides those of the lab. */
  customers?: Customer[];
  extraTransports?: AsteriskOptions['extraTransports'];
  rtpTimeoutSeconds?: number;
  patienceSeconds?: number;
  /** Where Asterisk writes its own records; into Ringfence's database if not given. */
  evidenceDatabaseUrl?: string;
  /** Asterisk connects to Ringfence with its events. */
  outbound?: boolean;
}

/** A real Asterisk, real carriers, a real database and Ringfence between them. */
export interface Exchange extends CallsThrough {
  test: TestDatabase;
  asterisk: AsteriskServer;
  carriers: Map<string, Carrier>;
  service: Service;
  /** Every line that Ringfence logged. */
  log: Record<string, unknown>[];
  /** Resolves when Asterisk has neither a channel nor a bridge of ours. */
  nothingLeft(): Promise<unknown>;
  restartService(settings?: Record<string, string>, options?: ServeOptions): Promise<void>;
  stop(): Promise<void>;
}

let exchanges = 0;

export async function startExchange(options: ExchangeOptions = {}): Promise<Exchange> {
  const dir = join(process.env.RINGFENCE_TEST_FOLDER as string, `exchange-${process.pid}-${++exchanges}`);
  const test = await createTestDatabase(options.engine ?? 'MariaDB');
  const users = await usersOf(test);
  const trunks = options.trunks ?? [{ trunk: 'carrier' }];
  const carriers = new Map<string, Carrier>();
  const addresses: CarrierAddress[] = [];
  for (const { trunk, dead, ...carrier } of trunks) {
    if (dead === 'unregistered') addresses.push({ name: trunk, address: null });
    else if (dead === 'qualified') addresses.push({ name: trunk, address: '127.0.0.3:9', qualifySeconds: 1 });
    else if (dead) addresses.push({ name: trunk, address: '127.0.0.3:9' });
    else {
      const started = await startCarrier(carrier);
      carriers.set(trunk, started);
      addresses.push({ name: trunk, address: started.address });
    }
  }
  const outbound = options.outbound
    ? { url: `ws://127.0.0.1:${await findFreePort()}/events/ast1`, user: 'events', password: 'heard-only' }
    : null;
  const asterisk = await startAsterisk({
    dir,
    ...(outbound ? { systemname: 'ast1', outbound } : {}),
    customers: [...labCustomers, ...(options.customers ?? [])],
    carriers: addresses,
    evidenceDatabaseUrl: options.evidenceDatabaseUrl ?? users.asterisk,
    ...(options.extraTransports ? { extraTransports: options.extraTransports } : {}),
    ...(options.extraDialplan ? { extraDialplan: options.extraDialplan } : {}),
    ...(options.rtpTimeoutSeconds ? { rtpTimeoutSeconds: options.rtpTimeoutSeconds } : {}),
    ...(options.patienceSeconds ? { patienceSeconds: options.patienceSeconds } : {}),
  });
  const { database } = test;
  await addDeck(test, 'retail', [
    { prefix: '', price_per_minute: '1.00', initial_increment_seconds: 60, increment_seconds: 60 },
    {
      prefix: '33',
      destination: 'By the second',
      price_per_minute: '6.00',
      initial_increment_seconds: 1,
      increment_seconds: 1,
    },
    {
      prefix: '35',
      destination: 'Cheaper from the third second on',
      price_per_minute: '6.00',
      initial_increment_seconds: 1,
      increment_seconds: 1,
      free_seconds: 1,
      steps: '3:1.20/2',
    },
  ]);
  for (const [index, { trunk }] of trunks.entries()) {
    await database('asttrunk').insert({ trunk, endpoint: `PJSIP/{number}@${trunk}` });
    await database('astroute').insert({ prefix: '', priority: index + 1, trunk });
  }
  const log: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(line, _, done) {
      log.push(JSON.parse(line.toString()));
      done();
    },
  });
  const start = (more: Record<string, string> = {}, serving: ServeOptions = {}) =>
    startService(
      readSettings({
        RINGFENCE_DATABASE_URL: users.service,
        RINGFENCE_ARI_URL: asterisk.ariUrl,
        RINGFENCE_EVIDENCE_FILES: `${asterisk.systemname}=${join(dir, 'log')}`,
        // Two cores for Asterisk, SIPp, a database and jest. Another test covers the deadline of a start.
        RINGFENCE_START_DEADLINE_MS: '2000',
        ...(outbound ? { RINGFENCE_ARI_LISTEN: `ws://events:heard-only@${new URL(outbound.url).host}` } : {}),
        ...options.settings,
        ...more,
      }),
      pino({ level: 'debug', base: undefined }, sink),
      serving,
    );
  const exchange: Exchange = {
    test,
    asterisk,
    carriers,
    log,
    service: await start(),
    ...callsThrough(asterisk.sip, test),
    nothingLeft: () =>
      eventually(async () => {
        const { channels, bridges } = await liveIn(asterisk);
        return channels + bridges === 0 ? true : null;
      }, 'an empty switch'),
    async restartService(more, serving) {
      await exchange.service.stop();
      exchange.service = await start(more, serving);
      await registered(asterisk);
    },
    async stop() {
      await exchange.service.stop();
      await asterisk.stop();
      await booksBalance(test);
      for (const carrier of carriers.values()) await carrier.stop();
      await test.drop();
    },
  };
  await registered(asterisk);
  return exchange;
}

/** Resolves when Ringfence's application is there for the dialplan. */
export const registered = (asterisk: AsteriskServer) =>
  eventually(
    async () => ((await asterisk.cli('ari show apps')).includes('ringfence') ? true : null),
    'the application',
  );

/** Resolves when Asterisk rings a callee: the call was let through, and is dialled. */
export const someoneRings = (asterisk: AsteriskServer) =>
  eventually(
    async () => ((await asterisk.cli('core show channels concise')).includes('!Ringing!') ? true : null),
    'a callee who rings',
  );

/** Channels and bridges that exist, by Asterisk's own word. */
export async function liveIn(asterisk: AsteriskServer): Promise<{ channels: number; bridges: number }> {
  const channels = await asterisk.cli('core show channels count');
  const bridges = (await asterisk.cli('bridge show all')).split('\n').filter(line => line.startsWith('rf-'));
  return { channels: Number(/(\d+) active channel/.exec(channels)?.[1]), bridges: bridges.length };
}
