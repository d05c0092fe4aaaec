/**
 * How many callers are refused when the database stands still for a while: `npm run bench:stalls`.
 *
 * Calls arrive at random, 25 a second, whether or not the last one was answered. Meanwhile the server is stopped (SIGSTOP) several times
 * for as long as the row says. Each row is measured twice on the same server: with the start deadline in question, and with the 250 ms that
 * were the default before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { misuse, readOptions, wholeOption } from '../lab/options';
import type { DatabaseServer } from '../lab/servers/database';
import { startMariadb } from '../lab/servers/mariadb';
import { startMysql } from '../lab/servers/mysql';
import { richBooks } from './books';
import { laneShape } from './lane-shape';
import { type Load, openLoop } from './open-loop';

const BASELINE_MS = 250;
const ACCOUNTS = 100;
/** From the beginning of one stall to that of the next, and before the first. Ms. */
const EVERY_MS = 4_000;

const USAGE = `usage: npm run bench:stalls -- [options]

  --engine <name>    mariadb or mysql (mariadb)
  --deadline <ms>    RINGFENCE_START_DEADLINE_MS (2000), beside ${BASELINE_MS}
  --rate <n>         calls a second (25)
  --stalls <list>    how long the database stands still, ms (200,500,1000,1500)
  --times <n>        how often in each row (3)
  --json             the result as indented JSON at the end

example: npm run bench:stalls -- --stalls 500,1500 --rate 50`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    engine: { type: 'string', default: 'mariadb' },
    deadline: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '25' },
    stalls: { type: 'string', default: '200,500,1000,1500' },
    times: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  });
  const { engine } = values;
  if (engine !== 'mariadb' && engine !== 'mysql') misuse(`--engine ${engine}: mariadb or mysql`);
  const deadline = wholeOption('deadline', values.deadline);
  const rate = wholeOption('rate', values.rate);
  const times = wholeOption('times', values.times);
  const stalls = values.stalls.split(',').map(text => wholeOption('stalls', text.trim()));
  const tooLong = stalls.find(stall => stall >= EVERY_MS);
  if (tooLong) misuse(`--stalls ${tooLong}: give less than ${EVERY_MS}`);

  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await (engine === 'mysql' ? startMysql : startMariadb)({ dir });
  const rows: object[] = [];
  try {
    const url = await richBooks(server.url, ACCOUNTS);
    console.log(`\n${server.engine} ${server.version}, ${rate} calls/s, stopped ${times} times in each row`);
    console.log(`  stopped ms   calls   refused of ${BASELINE_MS} ms   refused of ${deadline} ms   longest wait ms`);
    for (const stall of stalls) {
      const before = await underStalls(server, url, { stall, times, rate, deadline: BASELINE_MS });
      const now = await underStalls(server, url, { stall, times, rate, deadline });
      rows.push({ stall, before, now });
      const cells = [stall, now.offered, share(before), share(now), Math.round(now.maxMs)];
      const widths = [12, 8, 20, 21, 18];
      console.log(cells.map((cell, index) => String(cell).padStart(widths[index] as number)).join(''));
    }
    console.log(JSON.stringify(rows, null, values.json ? 2 : 0));
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function underStalls(
  server: DatabaseServer,
  url: string,
  { stall, times, rate, deadline }: { stall: number; times: number; rate: number; deadline: number },
): Promise<Load> {
  const shape = await laneShape(url, 2, deadline);
  const timers: NodeJS.Timeout[] = [];
  for (let time = 0; time < times; time++) {
    const at = 1_000 + time * EVERY_MS;
    timers.push(setTimeout(() => server.freeze(), at));
    timers.push(setTimeout(() => server.thaw(), at + stall));
  }
  try {
    return await openLoop(shape, { rate, seconds: (times * EVERY_MS) / 1_000 + 1, accounts: ACCOUNTS });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    server.thaw();
    await shape.close();
  }
}

const share = ({ refused, offered }: Load): string => `${refused} (${((100 * refused) / offered).toFixed(1)} %)`;

main().catch(error => {
  console.error(`bench:stalls: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
