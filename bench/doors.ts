/**
 * How many calls a second come through a door, beside the ledger itself: `npm run bench:doors`.
 *
 * A real `ringfence serve` on a real MariaDB on this machine, asked over loopback as each door's client asks: a request before the call,
 * durable when it is answered, and one when it is over. It measures the doors that need no switch at the other end. The baseline is the
 * same load on the ledger's lanes in the load's own process. Each in an open loop: calls arrive at random at a given rate whether or not
 * the last one was answered, and end one to three seconds later.
 *
 * With --receivers: the cost of webhooks for the calls of the first door, when four of five webhooks cannot be posted to.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions, wholeOption } from '../lab/options';
import { startMariadb } from '../lab/servers/mariadb';
import { richBooks } from './books';
import { CARRIED_MS, climb, isCarried, pastTheKnee } from './climb';
import { CONNECTIONS, doors, MOST_CONNECTIONS, through } from './door-clients';
import { laneShape } from './lane-shape';
import { type Load, openLoop, type Shape } from './open-loop';
import { openReceivers } from './receivers';

const RATES = [500, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000] as const;

const USAGE = `usage: npm run bench:doors -- [options]

  --seconds <n>    of each row (4)
  --accounts <n>   whose calls they are (1000)
  --receivers <n>  calls a second beside webhooks, in place of all else

example: npm run bench:doors -- --accounts 1`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    seconds: { type: 'string', default: '4' },
    accounts: { type: 'string', default: '1000' },
    receivers: { type: 'string', default: '0' },
  });
  const rate = values.receivers === '0' ? null : wholeOption('receivers', values.receivers);
  const load = {
    seconds: wholeOption('seconds', values.seconds),
    accounts: wholeOption('accounts', values.accounts),
  };
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({
    dir,
    extraArgs: ['--innodb-buffer-pool-size=1G', '--innodb-flush-method=O_DIRECT'],
  });
  try {
    console.log(
      `\n${server.engine} ${server.version}, ${load.accounts} accounts, ${CONNECTIONS} connections, ${load.seconds} s a row`,
    );
    const books = () => richBooks(server.url, load.accounts);
    if (rate !== null) return await besideReceivers(books, { ...load, rate });
    const carriedBy = async (name: string, open: () => Promise<Shape>) =>
      (await climb(name, RATES, load, open)).filter(isCarried).at(-1)?.offeredPerSecond ?? 0;
    const baseline = await carriedBy('the ledger itself', async () => laneShape(await books(), 2, CARRIED_MS));
    const carried = new Map<string, number>();
    for (const door of doors) {
      const knee = await carriedBy(door.name, async () => through(door, await books(), load.accounts));
      carried.set(door.name, knee);
      const open = async () => through(door, await books(), load.accounts, {}, MOST_CONNECTIONS);
      await pastTheKnee(door.name, knee || RATES[0], load, 'service', open);
    }
    console.log(`\n  the ledger itself carries ${baseline} calls/s`);
    for (const [name, rate] of carried) {
      console.log(`  ${name} carries ${rate} calls/s: ${(rate / Math.max(1, baseline)).toFixed(2)} of that`);
    }
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Prints how long a rate of calls through the first door has to wait: without a webhook, with one, and with four more that are bad. */
async function besideReceivers(
  books: () => Promise<string>,
  load: { rate: number; seconds: number; accounts: number },
): Promise<void> {
  const [door] = doors;
  console.log(
    `\n  ${door.name} at ${load.rate} calls/s\n  webhooks      refused   p50 ms   p99 ms   max ms   p99 of none   posted/s to the good one`,
  );
  let baseline: Load | null = null;
  for (const [name, bad] of [
    ['none', null],
    ['1 good', 0],
    ['1 good, 4 bad', 4],
  ] as const) {
    const url = await books();
    const receivers = bad === null ? null : await openReceivers(url, bad);
    const shape = await through(door, url, load.accounts, receivers?.settings);
    const began = performance.now();
    const row = await openLoop(shape, load);
    const posted = receivers ? (receivers.taken() * 1000) / (performance.now() - began) : 0;
    await shape.close();
    await receivers?.close();
    baseline ??= row;
    const cells = [row.refused, row.p50Ms.toFixed(1), row.p99Ms.toFixed(1), row.maxMs.toFixed(1)];
    const ratio = (row.p99Ms / baseline.p99Ms).toFixed(2);
    console.log(
      `  ${name.padEnd(13)}${cells.map((cell, index) => String(cell).padStart(index === 0 ? 8 : 9)).join('')}${ratio.padStart(14)}${posted.toFixed(0).padStart(27)}`,
    );
  }
}

main().catch(error => {
  console.error(`bench:doors: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
