/**
 * What the operator's API costs the calls beside it: `npm run bench:api`.
 *
 * A real `ringfence serve` on a real MariaDB authorises calls through the REST door, in an open loop; meanwhile programs ask the operator's
 * API, four of five times to look and once to top up. In turn, several rounds: the API is not asked (the baseline), a server that does nothing
 * is asked the same (what the asking programs alone cost on this machine), the service that carries the calls is asked, and a service of its
 * own is. The programs, the calls, the services and the database are processes of their own, and share the cores of this machine.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions, wholeOption } from '../lab/options';
import { ringfenceProgram } from '../lab/ringfence';
import { startMariadb } from '../lab/servers/mariadb';
import { findFreePort } from '../lab/servers/ports';
import { createApiKey } from '../src/access/api-key-store';
import { openDatabase } from '../src/database/connection';
import { actingAs } from '../src/operator/acting';
import type { Asked, Asking } from './api-client';
import { richBooks } from './books';
import { doors, listening, through } from './door-clients';
import { type Load, openLoop } from './open-loop';
import { groupProcessorMs, processorMs } from './processor-time';
import { quantile } from './quantile';

const USAGE = `usage: npm run bench:api -- [options]

  --seconds <n>   of each row (5)
  --rounds <n>    of all rows (9)
  --calls <n>     calls a second (50)
  --requests <n>  requests a second to the API (200)
  --warm <n>      seconds for which the API is asked before (6)

example: npm run bench:api -- --seconds 20`;

const ACCOUNTS = 1_000;

interface Row {
  name: string;
  /** null: nothing is asked. */
  port: number | null;
  /** How long the calls of all rounds waited; ms. */
  waitedMs: number[];
  /** Of each round; ms. */
  p99s: number[];
}

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '9' },
    calls: { type: 'string', default: '50' },
    requests: { type: 'string', default: '200' },
    warm: { type: 'string', default: '6' },
  });
  const [seconds, rounds] = [wholeOption('seconds', values.seconds), wholeOption('rounds', values.rounds)];
  const [rate, perSecond] = [wholeOption('calls', values.calls), wholeOption('requests', values.requests)];
  const warm = wholeOption('warm', values.warm);
  // As in production: what gives way does so by ten steps, and not by the ten more by which benches go first.
  setPriority(0);
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const children: ChildProcess[] = [];
  const server = await startMariadb({
    dir,
    extraArgs: ['--innodb-buffer-pool-size=1G', '--innodb-flush-method=O_DIRECT'],
  });
  try {
    const url = await richBooks(server.url, ACCOUNTS);
    const database = openDatabase(url);
    const { secret } = await createApiKey(actingAs('bench', database), { apiKey: 'bench', roles: ['admin'] });
    await database.destroy();
    const client = fork(join(__dirname, 'api-client.js'));
    const idle = fork(join(__dirname, 'idle-server.js'));
    const [inside, beside] = [await findFreePort(), await findFreePort()];
    const other = serveApi(url, beside);
    children.push(client, idle, other);
    const [nothing] = (await once(idle, 'message')) as [number];
    await listening(beside);
    const ask = async (port: number, forSeconds: number): Promise<Asked> => {
      client.send({ port, secret, perSecond, seconds: forSeconds, accounts: ACCOUNTS } satisfies Asking);
      const [asked] = await once(client, 'message');
      return asked;
    };
    const [rest] = doors;
    const calls = await through(rest, url, ACCOUNTS, { RINGFENCE_HTTP_LISTEN: String(inside) });
    const spent = () => [
      calls.processorMs(),
      processorMs(other.pid as number),
      groupProcessorMs(server.process.pid as number),
      processorMs(client.pid as number),
    ];
    console.log(
      `\n${server.engine} ${server.version}: ${rate} calls/s authorised beside ${perSecond} requests/s of the API, ${seconds} s a row, ${rounds} rounds\n\n` +
        '                          authorised, ms:                    the API, ms:                         processor, % of a core:\n' +
        '  the API is asked          p50    p99    max    refused       p50    p99  answers/s  not 200      calls  its own  database  client',
    );
    const rowOf = (name: string, port: number | null): Row => ({ name, port, waitedMs: [], p99s: [] });
    const rows = [
      rowOf('not at all', null),
      rowOf('a server that does nothing', nothing),
      rowOf('where the calls are', inside),
      rowOf('of another service', beside),
    ];
    try {
      // Warm, like the door already.
      for (const port of [nothing, inside, beside]) await ask(port, warm);
      for (let round = 0; round < rounds; round++) {
        for (const row of rows) {
          const before = spent();
          const asking = row.port === null ? null : ask(row.port, seconds);
          const load = await openLoop(calls, { rate, seconds, accounts: ACCOUNTS, seed: round + 1 });
          const asked = await asking;
          print(
            row.name,
            load,
            asked,
            seconds,
            spent().map((ms, index) => ms - (before[index] as number)),
          );
          row.p99s.push(load.p99Ms);
          row.waitedMs.push(...load.waitedMs);
        }
      }
    } finally {
      await calls.close();
    }
    tellRatios(rows);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A service that has the API alone. */
function serveApi(databaseUrl: string, port: number): ChildProcess {
  return spawn(process.execPath, [ringfenceProgram, 'serve'], {
    env: {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: databaseUrl,
      RINGFENCE_LOG_LEVEL: 'error',
      RINGFENCE_HTTP_LISTEN: String(port),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

function print(name: string, load: Load, asked: Asked | null, seconds: number, spentMs: number[]): void {
  const told = asked
    ? [quantile(asked.ms, 0.5).toFixed(1), quantile(asked.ms, 0.99).toFixed(1), asked.answered / seconds, asked.refused]
    : ['-', '-', '-', '-'];
  const busy = spentMs.map(ms => (ms / seconds / 10).toFixed(0));
  const cells = [load.p50Ms.toFixed(1), load.p99Ms.toFixed(1), load.maxMs.toFixed(1), load.refused, ...told, ...busy];
  const widths = [5, 7, 7, 11, 10, 7, 11, 9, 11, 9, 10, 8];
  console.log(
    `  ${name.padEnd(26)}${cells.map((cell, index) => String(cell).padStart(widths[index] as number)).join('')}`,
  );
}

/** The p99 of the calls of all rounds together, and the median of the p99s of the rounds, against those of the first row. */
function tellRatios(rows: Row[]): void {
  const figures = rows.map(({ waitedMs, p99s }) => [quantile(waitedMs, 0.99), quantile(p99s, 0.5)] as const);
  const [[ofAll, ofRounds]] = figures as [readonly [number, number]];
  console.log(
    '\n  p99 of authorisation, against an API that is not asked:     of all calls            median of the rounds',
  );
  for (const [index, { name }] of rows.entries()) {
    const [all, median] = figures[index] as readonly [number, number];
    const cell = (ms: number, base: number) => `${ms.toFixed(1).padStart(8)} ms ${(ms / base).toFixed(2).padStart(6)}`;
    console.log(`  ${name.padEnd(56)}${cell(all, ofAll)}        ${cell(median, ofRounds)}`);
  }
}

main().catch(error => {
  console.error(`bench:api: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
