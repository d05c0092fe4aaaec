/**
 * What one call costs in requests and events, by what dials it: `npm run bench:requests`.
 *
 * A real Asterisk, carrier, MariaDB and service on this machine; between the service and Asterisk's HTTP server a proxy counts requests
 * and events. One answered call after the other, bridged by Ringfence (the baseline) and dialled by the dialplan. What the service asks while
 * nothing happens is counted in a pause before and taken off. The answer is told as its median from INVITE to 200, less the second
 * that the carrier rings.
 */
import pino from 'pino';
import { readOptions, wholeOption } from '../lab/options';
import { findFreePort } from '../lab/servers/ports';
import { placeCall } from '../lab/servers/sipp';
import { openSwitchTraffic, type SwitchTraffic } from '../lab/servers/switch-traffic';
import { startService } from '../src/serve';
import { readSettings } from '../src/settings';
import { CALLERS, startSwitchRig } from './switch-rig';

const RING_MS = 1_000;

const USAGE = `usage: npm run bench:requests -- [options]

  --calls <n>   of each row, one after the other (20)

example: npm run bench:requests -- --calls 100`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, { calls: { type: 'string', default: '20' } });
  const calls = wholeOption('calls', values.calls);
  const rig = await startSwitchRig({ ringMs: RING_MS, agiPort: await findFreePort() });
  const traffic = await openSwitchTraffic(rig.asterisk.ariUrl);
  const service = await startService(
    readSettings({ RINGFENCE_DATABASE_URL: rig.url, RINGFENCE_ARI_URL: traffic.url }),
    pino({ level: 'silent' }),
  );
  try {
    await pause(3_000);
    console.log(`\n${calls} answered calls each, ${rig.server.engine} ${rig.server.version}`);
    console.log('  who dials    requests   events   answered after, ms');
    const rows: Row[] = [];
    for (const [who, from] of [
      ['Ringfence', CALLERS.bridge],
      ['dialplan', CALLERS.dialplan],
    ] as const) {
      const row = await measure(traffic, rig.asterisk.sip, from, calls);
      rows.push(row);
      const cells = [row.requests.toFixed(1).padStart(9), row.events.toFixed(1).padStart(8), row.answeredMs.toFixed(1)];
      console.log(`  ${who.padEnd(10)} ${cells[0]} ${cells[1]}   ${cells[2]!.padStart(18)}`);
    }
    const [ours, theirs] = rows as [Row, Row];
    const ratio = (name: keyof Row) => (theirs[name] / ours[name]).toFixed(2);
    console.log(`  the dialplan's are ${ratio('requests')} and ${ratio('events')} of Ringfence's`);
  } finally {
    await service.stop();
    await traffic.close();
    await rig.stop();
  }
}

interface Row {
  requests: number;
  events: number;
  answeredMs: number;
}

async function measure(traffic: SwitchTraffic, sip: string, from: string, calls: number): Promise<Row> {
  const IDLE_MS = 5_000;
  const counted = () => ({ requests: traffic.requests.length, events: traffic.events.length });
  const idle = counted();
  await pause(IDLE_MS);
  const before = counted();
  const perMs = (before.requests - idle.requests) / IDLE_MS;
  const startedAt = performance.now();
  const waits: number[] = [];
  for (let number = 0; number < calls; number++) {
    const seen = await placeCall({ sip, from, fromUser: 'alice', to: '4930123450', talkMs: 300 });
    if (seen.answeredAt === null) throw new Error(`call ${number} was not answered: ${seen.sipStatus}`);
    waits.push(seen.answeredAt - seen.invitedAt - RING_MS);
  }
  await pause(1_500);
  const elapsedMs = performance.now() - startedAt;
  const after = counted();
  waits.sort((one, other) => one - other);
  return {
    requests: (after.requests - before.requests - perMs * elapsedMs) / calls,
    events: (after.events - before.events) / calls,
    answeredMs: waits[Math.floor(waits.length / 2)] as number,
  };
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

main().catch(error => {
  console.error(error);
  process.exit(1);
});
