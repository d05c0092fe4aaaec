/**
 * What the operator's API costs the calls beside it: `npm run bench:api`.
 *
 * A real `ringfence serve` on a real MariaDB authorises calls through the REST door, in an open loop; meanwhile programs ask the operator's
 * API, four of five times to look and once to top up. In turn, several rounds: the API is not asked (the baseline), the
 * service that carries the calls is asked, and a service of its own is. All of it shares the cores of this machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions, wholeOption } from '../lab/options';
import { startMariadb } from '../lab/servers/mariadb';
import { findFreePort } from '../lab/servers/ports';
import { createApiKey } from '../src/access/api-key-store';
import { openDatabase } from '../src/database/connection';
import { actingAs } from '../src/operator/acting';
import { richBooks } from './books';
import { doors, through } from './door-clients';
import { type Load, openLoop } from './open-loop';
import { quantile } from './quantile';

const USAGE = `usage: npm run bench:api -- [options]

  --seconds <n>   of each row (10)
  --rounds <n>    of all rows (3)
  --calls <n>     calls a second (50)
  --requests <n>  requests a second to the API (200)

example: npm run bench:api -- --seconds 20`;

const ACCOUNTS = 1_000;

interface Asked {
  answered: number;
  /** Answers other than 200. */
  refused: number;
  ms: number[];
}

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    calls: { type: 'string', default: '50' },
    requests: { type: 'string', default: '200' },
  });
  const [seconds, rounds] = [wholeOption('seconds', values.seconds), wholeOption('rounds', values.rounds)];
  const [rate, requests] = [wholeOption('calls', values.calls), wholeOption('requests', values.requests)];
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({
    dir,
    extraArgs: ['--innodb-buffer-pool-size=1G', '--innodb-flush-method=O_DIRECT'],
  });
  try {
    const url = await richBooks(server.url, ACCOUNTS);
    const database = openDatabase(url);
    const { secret } = await createApiKey(actingAs('bench', database), { apiKey: 'bench', roles: ['admin'] });
    await database.destroy();
    const [inside, beside] = [await findFreePort(), await findFreePort()];
    const [rest] = doors;
    const calls = await through(rest, url, ACCOUNTS, { RINGFENCE_HTTP_LISTEN: String(inside) });
    const other = await through(rest, url, ACCOUNTS, { RINGFENCE_HTTP_LISTEN: String(beside) });
    console.log(
      `\n${server.engine} ${server.version}: ${rate} calls/s authorised beside ${requests} requests/s of the API, ${seconds} s a row, ${rounds} rounds\n\n` +
        '  the API is asked        authorised: p50 ms   p99 ms   max ms   refused   API: p50 ms   p99 ms   answers/s   not 200',
    );
    const rows: [name: string, port: number | null, p99s: number[]][] = [
      ['not at all', null, []],
      ['where the calls are', inside, []],
      ['of another service', beside, []],
    ];
    try {
      // Warm, like the door already.
      for (const port of [inside, beside]) await ask(port, secret, requests, 3);
      for (let round = 0; round < rounds; round++) {
        for (const [name, port, p99s] of rows) {
          const asking = port === null ? null : ask(port, secret, requests, seconds);
          const load = await openLoop(calls, { rate, seconds, accounts: ACCOUNTS, seed: round + 1 });
          print(name, load, await asking, seconds);
          p99s.push(load.p99Ms);
        }
      }
    } finally {
      await Promise.all([calls.close(), other.close()]);
    }
    const medians = rows.map(([, , p99s]) => quantile(p99s, 0.5));
    console.log('\n  p99 of authorisation, median of the rounds, against an API that is not asked:');
    rows.forEach(([name], index) => {
      const ratio = (medians[index] as number) / (medians[0] as number);
      console.log(`  ${name.padEnd(22)}${(medians[index] as number).toFixed(1).padStart(8)} ms   ${ratio.toFixed(2)}`);
    });
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

function print(name: string, load: Load, asked: Asked | null, seconds: number): void {
  const told = asked
    ? [quantile(asked.ms, 0.5).toFixed(1), quantile(asked.ms, 0.99).toFixed(1), asked.answered / seconds, asked.refused]
    : ['-', '-', '-', '-'];
  const cells = [load.p50Ms.toFixed(1), load.p99Ms.toFixed(1), load.maxMs.toFixed(1), load.refused];
  const widths = [20, 9, 9, 10, 14, 9, 12, 10];
  const line = [...cells, ...told].map((cell, index) => String(cell).padStart(widths[index] as number)).join('');
  console.log(`  ${name.padEnd(22)}${line}`);
}

/** Asks the API at `perSecond` for so long, at even distances, whether or not earlier ones were answered. */
async function ask(port: number, secret: string, perSecond: number, seconds: number): Promise<Asked> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const asked: Asked = { answered: 0, refused: 0, ms: [] };
  const began = performance.now();
  const prefix = `${Date.now()}-${port}`;
  const running: Promise<void>[] = [];
  for (let sent = 0; sent < perSecond * seconds; sent++) {
    const due = began + (sent * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 1) await new Promise(resolve => setTimeout(resolve, wait));
    running.push(
      one(agent, port, secret, sent, prefix).then(status => {
        asked.answered++;
        if (status !== 200) asked.refused++;
        asked.ms.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(running);
  agent.destroy();
  return asked;
}

const LOOKS = [
  (account: string) => `/accounts/${account}`,
  (account: string) => `/calls?account=${account}&limit=20`,
  (account: string) => `/rates/explain?account=${account}&to=4930123&seconds=61`,
  () => '/accounts?limit=50',
];

/** The status of the answer to the request of that number. */
function one(agent: Agent, port: number, secret: string, number: number, prefix: string): Promise<number> {
  const account = `account-${number % ACCOUNTS}`;
  const look = LOOKS[number % 5];
  const headers: Record<string, string | number> = { authorization: `Bearer ${secret}` };
  const reference = `${prefix}-${number}`;
  const body = look ? '' : JSON.stringify({ amount: '0.01', reference });
  if (!look) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = body.length;
    headers['idempotency-key'] = reference;
  }
  const path = `/api/v1${look ? look(account) : `/accounts/${account}/topup`}`;
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, path, method: look ? 'GET' : 'POST', headers }, response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0)).on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}

main().catch(error => {
  console.error(`bench:api: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
