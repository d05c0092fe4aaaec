/**
 * What a database at a distance costs a start: `npm run bench:distance`.
 *
 * A real MariaDB behind a proxy in this process that delays every byte by half the distance in each direction. Calls start one after the
 * other, so each is a batch of its own, on accounts that take turns. A start's time divided by the distance is the number of its round
 * trips. The deadline is the default of RINGFENCE_START_DEADLINE_MS.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions, wholeOption } from '../lab/options';
import { openDistance } from '../lab/servers/distance';
import { startMariadb } from '../lab/servers/mariadb';
import { richBooks } from './books';
import { laneShape } from './lane-shape';

const ACCOUNTS = 10;
const DEADLINE_MS = 2_000;

const USAGE = `usage: npm run bench:distance -- [options]

  --ms <list>    round trips to the database, ms (0,2,5,10,20,40,80)
  --starts <n>   of each row (40)

example: npm run bench:distance -- --ms 5,40`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    ms: { type: 'string', default: '0,2,5,10,20,40,80' },
    starts: { type: 'string', default: '40' },
  });
  const distances = values.ms.split(',').map(text => Number(text.trim()));
  const starts = wholeOption('starts', values.starts);
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir });
  try {
    const url = await richBooks(server.url, ACCOUNTS);
    console.log(
      `\n${server.engine} ${server.version}, ${starts} starts a row, one after the other, ${DEADLINE_MS} ms each at most`,
    );
    console.log('  distance ms   p50 ms   p99 ms   refused   round trips a start');
    let nearMs: number | null = null;
    for (const distance of distances) {
      const { times, refused } = await startsAt(distance, url, starts);
      const [p50, p99] = [0.5, 0.99].map(share => times[Math.floor(share * (times.length - 1))] ?? Number.NaN) as [
        number,
        number,
      ];
      nearMs ??= p50;
      const trips = distance > 0 ? ((p50 - nearMs) / distance).toFixed(1) : '-';
      const cells = [distance, p50.toFixed(1), p99.toFixed(1), refused, trips];
      console.log(
        `  ${cells.map((cell, index) => String(cell).padStart([11, 9, 9, 10, 22][index] as number)).join('')}`,
      );
    }
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Ms of the granted ones, the shortest first. */
async function startsAt(distance: number, url: string, starts: number): Promise<{ times: number[]; refused: number }> {
  const far = await openDistance(url, distance);
  const shape = await laneShape(far.url, 1, DEADLINE_MS);
  const times: number[] = [];
  try {
    // The first ones read the prices.
    for (let index = -5; index < starts; index++) {
      const began = performance.now();
      const granted = await shape.start({
        uniqueid: `far-${distance}-${process.pid}.${index + 5}`,
        accountcode: `account-${(index + 5) % ACCOUNTS}`,
        node: 'bench',
        src: '100',
        dst: '1235551234',
        startAt: Date.now(),
        emergency: false,
        routable: true,
        ringSeconds: 60,
      });
      if (granted && index >= 0) times.push(performance.now() - began);
    }
  } finally {
    await shape.close();
    await far.close();
  }
  return { times: times.sort((one, other) => one - other), refused: starts - times.length };
}

main().catch(error => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
