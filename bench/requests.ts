/**
 * What one call costs in requests and events, by what dials it: `npm run bench:requests`.
 *
 * A real Asterisk, carrier, MariaDB and service on this machine. A proxy between the service and Asterisk's HTTP server counts requests and
 * events. One answered call after the other, bridged by Ringfence (the baseline) and dialled by the dialplan. The requests of the idle
 * service are counted in a pause before, and subtracted. The time to the answer is the median from INVITE to 200, less the second that the
 * carrier rings.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { readOptions, wholeOption } from '../lab/options';
import { startAsterisk } from '../lab/servers/asterisk';
import { startMariadb } from '../lab/servers/mariadb';
import { placeCall, startCarrier } from '../lab/servers/sipp';
import { FrameReader } from '../lab/servers/switch-wire';
import { openTcpProxy } from '../lab/servers/tcp-proxy';
import { startService } from '../src/serve';
import { readSettings } from '../src/settings';
import { emptyBooks } from './books';

const OURS = '127.0.0.5';
const DIALPLAN = '127.0.0.8';
const RING_MS = 1_000;

const dialplan = `[own-dial]
exten => _X.,1,Set(TIMEOUT(absolute)=20)
 same => n,Stasis(ringfence,authorize,\${CALLERID(num)})
 same => n,Dial(PJSIP/\${EXTEN}@carrier,60,\${RINGFENCE_DIAL_OPTIONS})
 same => n,Hangup()
`;

const USAGE = `usage: npm run bench:requests -- [options]

  --calls <n>   of each row, one after the other (20)

example: npm run bench:requests -- --calls 100`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, { calls: { type: 'string', default: '20' } });
  const calls = wholeOption('calls', values.calls);
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir: join(dir, 'mariadb') });
  const { url, database } = await emptyBooks(server.url);
  const [version] = await database('astratedeckversion').insert({ deck: 'retail', source: 'bench', rates: 1 });
  await database('astratedeck').insert({ deck: 'retail', currency: 'EUR', version });
  const everywhere = { version, prefix: '', line: 2, destination: 'Anywhere', price_per_minute: '0.01' };
  const increments = { initial_increment_seconds: 1, increment_seconds: 1, grace_seconds: 0 };
  await database('astrate').insert({ ...everywhere, ...increments, connect_fee: 0, minimum_charge: 0 });
  await database('astaccount').insert({ accountcode: 'alice', currency: 'EUR', deck: 'retail', credit_limit: '1000' });
  await database('asttrunk').insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier' });
  await database('astroute').insert({ prefix: '', priority: 1, trunk: 'carrier' });
  const carrier = await startCarrier({ keys: { ring_ms: RING_MS } });
  const asterisk = await startAsterisk({
    dir: join(dir, 'asterisk'),
    customers: [
      { name: 'proxy', address: OURS },
      { name: 'own', address: DIALPLAN, context: 'own-dial' },
    ],
    carriers: [{ name: 'carrier', address: carrier.address }],
    extraDialplan: dialplan,
    evidenceDatabaseUrl: url,
  });
  const counted = { requests: 0, events: 0 };
  const target = new URL(asterisk.ariUrl);
  const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) }, passage => {
    let isStream = false;
    const reader = new FrameReader();
    passage.fromClient = data => {
      const text = data.toString('latin1');
      isStream ||= text.startsWith('GET /ari/events');
      counted.requests += text.match(/^(?:GET|POST|PUT|DELETE) \/ari\/(?!events)/gm)?.length ?? 0;
      passage.server.write(data);
    };
    passage.fromServer = data => {
      if (isStream) counted.events += reader.read(data).filter(frame => (frame[0]! & 0x8f) === 0x81).length;
      passage.client.write(data);
    };
  });
  target.port = String(proxy.port);
  const service = await startService(
    readSettings({ RINGFENCE_DATABASE_URL: url, RINGFENCE_ARI_URL: target.toString().replace(/\/$/, '') }),
    pino({ level: 'silent' }),
  );
  await pause(3_000);
  console.log(`\n${calls} answered calls each, ${server.engine} ${server.version}`);
  console.log('  who dials    requests   events   answered after, ms');
  try {
    const rows: Row[] = [];
    for (const [who, from] of [
      ['Ringfence', OURS],
      ['dialplan', DIALPLAN],
    ] as const) {
      const row = await measure(counted, asterisk.sip, from, calls);
      rows.push(row);
      const cells = [row.requests.toFixed(1).padStart(9), row.events.toFixed(1).padStart(8), row.answeredMs.toFixed(1)];
      console.log(`  ${who.padEnd(10)} ${cells[0]} ${cells[1]}   ${cells[2]!.padStart(18)}`);
    }
    const [ours, theirs] = rows as [Row, Row];
    const ratio = (name: keyof Row) => (theirs[name] / ours[name]).toFixed(2);
    console.log(`  the dialplan's are ${ratio('requests')} and ${ratio('events')} of Ringfence's`);
  } finally {
    await service.stop();
    await asterisk.stop();
    await carrier.stop();
    await proxy.cut();
    await database.destroy();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Row {
  requests: number;
  events: number;
  answeredMs: number;
}

async function measure(
  counted: { requests: number; events: number },
  sip: string,
  from: string,
  calls: number,
): Promise<Row> {
  const IDLE_MS = 5_000;
  const idle = { ...counted };
  await pause(IDLE_MS);
  const perMs = (counted.requests - idle.requests) / IDLE_MS;
  const before = { ...counted };
  const startedAt = performance.now();
  const waits: number[] = [];
  for (let number = 0; number < calls; number++) {
    const seen = await placeCall({ sip, from, fromUser: 'alice', to: '4930123450', talkMs: 300 });
    if (seen.answeredAt === null) throw new Error(`call ${number} was not answered: ${seen.sipStatus}`);
    waits.push(seen.answeredAt - seen.invitedAt - RING_MS);
  }
  await pause(1_500);
  const elapsedMs = performance.now() - startedAt;
  waits.sort((one, other) => one - other);
  return {
    requests: (counted.requests - before.requests - perMs * elapsedMs) / calls,
    events: (counted.events - before.events) / calls,
    answeredMs: waits[Math.floor(waits.length / 2)] as number,
  };
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

main().catch(error => {
  console.error(error);
  process.exit(1);
});
