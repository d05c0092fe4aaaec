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
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debitBalance, maxSessionTime } from '../lab/clients/call-control';
import { getCredit, subtractCredit } from '../lab/clients/sems';
import { readOptions, wholeOption } from '../lab/options';
import { ringfenceProgram } from '../lab/ringfence';
import { startMariadb } from '../lab/servers/mariadb';
import { findFreePort } from '../lab/servers/ports';
import { richBooks } from './books';
import { CARRIED_MS, climb, isCarried } from './climb';
import { laneShape } from './lane-shape';
import { type Load, openLoop, type Shape } from './open-loop';
import { openReceivers } from './receivers';

const RATES = [500, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000] as const;

/** As many requests at once as a switch with some dozens of workers has; more wait for their turn. */
const CONNECTIONS = 128;

/** A door: the setting that opens it, and how a call comes through it. */
interface Door {
  name: string;
  settings: (port: number) => Record<string, string>;
  client: (port: number) => Shape;
}

const doors: Door[] = [
  {
    name: 'REST',
    settings: port => ({ RINGFENCE_REST_LISTEN: String(port) }),
    client(port) {
      const { post, close } = httpClient(port, 'application/json');
      return {
        async start({ uniqueid, accountcode, dst }) {
          const body = { call_id: uniqueid, account: accountcode, number: dst };
          return 'granted_seconds' in JSON.parse(await post('/v1/calls', JSON.stringify(body)));
        },
        async end({ uniqueid }, { answerAt, endAt }) {
          const body = { talk_seconds: ((endAt - (answerAt ?? endAt)) / 1000).toFixed(3) };
          const { state } = JSON.parse(await post(`/v1/calls/${uniqueid}/settle`, JSON.stringify(body)));
          if (state !== 'settled') throw new Error(`REST: ${uniqueid} is ${state}`);
        },
        close,
      };
    },
  },
  {
    name: 'SEMS',
    settings: port => ({ RINGFENCE_SEMS_LISTEN: String(port) }),
    client(port) {
      const { post, close } = httpClient(port, 'text/xml');
      const ask = async (body: string) => Number(/<int>(-?\d+)</.exec(await post('/RPC2', body))?.[1]);
      return {
        start: async ({ accountcode, dst, uniqueid }) =>
          (await ask(getCredit(`${accountcode}|${dst}|${uniqueid}`))) > 0,
        async end({ accountcode, dst, uniqueid }, { answerAt, endAt }) {
          const seconds = Math.floor((endAt - (answerAt ?? endAt)) / 1000);
          const left = await ask(subtractCredit(`${accountcode}|${dst}|${uniqueid}`, seconds));
          if (!(left > 0)) throw new Error(`SEMS: ${uniqueid} was answered ${left}`);
        },
        close,
      };
    },
  },
  {
    name: 'rating engine',
    settings: port => ({ RINGFENCE_RATING_LISTEN: String(port), RINGFENCE_RATING_ACCOUNT: '{user}' }),
    client(port) {
      const { ask, close } = lineClient(port);
      const words = ({ accountcode, dst, uniqueid }: { accountcode: string; dst: string | null; uniqueid: string }) =>
        [uniqueid, `${accountcode}@example.com`, { to: `sip:${dst}@example.com`, end: '\n' }] as const;
      return {
        start: async call => /^\d+\n/.test(await ask(maxSessionTime(...words(call)))),
        async end(call, { answerAt, endAt }) {
          const [callId, from, more] = words(call);
          const answer = await ask(debitBalance(callId, from, (endAt - (answerAt ?? endAt)) / 1000, more));
          if (!answer.startsWith('Ok')) throw new Error(`rating engine: ${callId} was answered ${answer.trim()}`);
        },
        close,
      };
    },
  },
];

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
    for (const door of doors)
      carried.set(door.name, await carriedBy(door.name, async () => through(door, await books(), load.accounts)));
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
  const [door] = doors as [Door, ...Door[]];
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

/** A service of its own that has served for a while, and a client of the door. */
async function through(
  door: Door,
  databaseUrl: string,
  accounts: number,
  settings: Record<string, string> = {},
): Promise<Shape> {
  const port = await findFreePort();
  const service = spawn(process.execPath, [ringfenceProgram, 'serve'], {
    env: {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: databaseUrl,
      RINGFENCE_LOG_LEVEL: 'error',
      ...door.settings(port),
      ...settings,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(service, 'exit');
  await listening(port).catch(error => {
    service.kill('SIGKILL');
    throw error;
  });
  const client = door.client(port);
  const shape = {
    ...client,
    async close() {
      await client.close();
      service.kill('SIGTERM');
      await ended;
    },
  };
  try {
    // Like the ledger in this process by its second row: V8 has compiled the code.
    await openLoop(shape, { rate: 500, seconds: 3, accounts });
  } catch (error) {
    await shape.close();
    throw error;
  }
  return shape;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise(done => setTimeout(done, 100));
    } finally {
      socket.destroy();
    }
  }
}

/** POSTs over connections that stay open; resolves with the answer's body, whatever its status. */
function httpClient(port: number, type: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const post = (path: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
      const sent = request({ agent, port, path, method: 'POST', headers }, response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', part => {
          text += part;
        });
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return { post, close: async () => agent.destroy() };
}

/** Sends a line over one of the connections that stay open, and resolves with the answer up to its empty line. */
function lineClient(port: number) {
  const idle: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const all = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1'));
  idle.push(...all);
  const free = (socket: Socket) => {
    const next = waiting.shift();
    if (next) next(socket);
    else idle.push(socket);
  };
  const taken = (): Promise<Socket> => {
    const socket = idle.pop();
    return socket ? Promise.resolve(socket) : new Promise(resolve => waiting.push(resolve));
  };
  const ask = async (line: string): Promise<string> => {
    const socket = await taken();
    return new Promise((resolve, reject) => {
      let answer = '';
      const heard = (bytes: Buffer) => {
        answer += bytes.toString('latin1');
        if (!answer.endsWith('\n\n')) return;
        socket.off('data', heard).off('close', closed);
        free(socket);
        resolve(answer);
      };
      const closed = () => reject(new Error(`the connection was closed after "${answer}"`));
      socket.on('data', heard).on('close', closed).write(line);
    });
  };
  return {
    ask,
    async close() {
      for (const socket of all) socket.destroy();
    },
  };
}

main().catch(error => {
  console.error(`bench:doors: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
