/** `npm run fuzz`: on a MariaDB and a service of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyBooks } from '../bench/books';
import { misuse, readOptions, wholeOption } from '../lab/options';
import { ensureMariadb } from '../lab/parts';
import { startMariadb } from '../lab/servers/mariadb';
import { type FuzzReport, fuzz } from './fuzz';

const USAGE = `usage: npm run fuzz -- [options]

  --requests <n>     how many (100000)
  --seed <n>         the same seed is the same requests; a new one when not given
  --connections <n>  how many requests are in progress at once (8); with 1, what they find there is the same too
  --help             this

exit code: 0 no violation, 1 there was one, 2 usage

example: npm run fuzz -- --requests 20000 --seed 7`;

/** From so many requests on, every operation must have been done once. */
const MANY_REQUESTS = 50_000;

const TOLD_EVERY_MS = 5_000;

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
    connections: { type: 'string', default: '8' },
  });
  const [requests, seed] = [wholeOption('requests', values.requests), wholeOption('seed', values.seed)];
  const connections = wholeOption('connections', values.connections);
  if (connections > 64) misuse(`--connections ${connections}: give at most 64`);
  console.log(`seed ${seed}, ${requests} requests, ${connections} at once`);
  await ensureMariadb(line => console.log(line));
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-fuzz-'));
  const server = await startMariadb({ dir });
  try {
    const { url, database } = await emptyBooks(server.url);
    await database.destroy();
    const report = await fuzz({ databaseUrl: url, requests, seed, connections, onProgress: progress(requests) });
    return told(report, seed, requests);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Tells each violation at once: a long run may be interrupted. */
function progress(requests: number): (done: number, violations: readonly string[]) => void {
  const beganAt = performance.now();
  let toldAt = beganAt;
  let known = 0;
  return (done, violations) => {
    for (const violation of violations.slice(known)) console.log(`\nVIOLATION ${violation}\n`);
    known = violations.length;
    const now = performance.now();
    if (now - toldAt < TOLD_EVERY_MS) return;
    toldAt = now;
    const perSecond = Math.round((done * 1_000) / (now - beganAt));
    console.log(`${done} of ${requests} requests, ${perSecond}/s, ${known} violations`);
  };
}

/** Prints the report. Returns the exit code. */
function told(
  { requests, elapsedMs, statuses, operations, violations }: FuzzReport,
  seed: number,
  wanted: number,
): number {
  const rows = Object.entries(operations);
  console.log('\n  operation                  asked      done');
  for (const [id, { asked, done }] of rows) {
    console.log(`  ${id.padEnd(22)}${String(asked).padStart(10)}${String(done).padStart(10)}`);
  }
  console.log(
    `\n${Object.entries(statuses)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')}`,
  );
  const never = rows.filter(([, { done }]) => done === 0).map(([id]) => id);
  const missing = never.length > 0 ? `never done: ${never.join(', ')}` : 'every operation was done';
  console.log(missing);
  for (const violation of violations) console.log(`\nVIOLATION ${violation}`);
  const isTooFew = wanted >= MANY_REQUESTS && never.length > 0;
  const seconds = Math.round(elapsedMs / 1_000);
  console.log(`\nseed ${seed}: ${requests} requests in ${seconds} s, ${violations.length} violations`);
  if (violations.length > 0) console.log(`again: npm run fuzz -- --seed ${seed} --requests ${wanted}`);
  return violations.length > 0 || isTooFew ? 1 : 0;
}

main().then(
  code => {
    process.exitCode = code;
  },
  error => {
    console.error(`fuzz: ${error instanceof Error ? error.stack : error}`);
    process.exitCode = 1;
  },
);
