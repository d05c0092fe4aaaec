/**
 * What listeners of the API's streams cost: `npm run bench:listeners`.
 *
 * A real `ringfence serve` on a real MariaDB, and listeners on sockets of their own in this process. The baseline is the same service in the
 * same run before the first listener connects. Then they follow events, and the calls in progress, first while nothing happens and then while
 * something does. The result is the processor time of the service's own process, and of the database's, as the kernel counts it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { readOptions, wholeOption } from '../lab/options';
import { startMariadb } from '../lab/servers/mariadb';
import { findFreePort } from '../lab/servers/ports';
import { createApiKey } from '../src/access/api-key-store';
import { actingAs } from '../src/operator/acting';
import { emptyBooks } from './books';
import { groupProcessorMs } from './processor-time';
import { WatchedServe } from './watched-serve';

const USAGE = `usage: npm run bench:listeners -- [options]

  --listeners <n>  at once (1000)
  --seconds <n>    of each row (30)
  --events <n>     a second, in the row where events happen (50)
  --calls <n>      in progress, in the rows where there are calls (1000)

example: npm run bench:listeners -- --listeners 200 --seconds 10`;

/** Fewer than one key may have. */
const OF_A_KEY = 200;
const SETTLING_MS = 5_000;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    listeners: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
    events: { type: 'string', default: '50' },
    calls: { type: 'string', default: '1000' },
  });
  const [listeners, seconds] = [wholeOption('listeners', values.listeners), wholeOption('seconds', values.seconds)];
  const [events, calls] = [wholeOption('events', values.events), wholeOption('calls', values.calls)];
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir });
  const { url, database } = await emptyBooks(server.url);
  const port = await findFreePort();
  const secrets = await Promise.all(
    Array.from({ length: Math.ceil(listeners / OF_A_KEY) }, async (_, index) => {
      const acting = actingAs('bench', database);
      return (await createApiKey(acting, { apiKey: `bench-${index}`, roles: ['read'] })).secret;
    }),
  );
  const serve = new WatchedServe(url, { RINGFENCE_HTTP_LISTEN: String(port) });
  const audience = new Audience(port, secrets);
  console.log(`\n${listeners} listeners, ${seconds} s each row, ${server.engine} ${server.version}`);
  console.log(
    '  what                                       service, % of a core   more than baseline   database   MB/s sent',
  );
  try {
    await pause(SETTLING_MS * 2);
    let baseline = 0;
    const row = async (what: string, load: () => void | Promise<void> = () => undefined) => {
      await pause(SETTLING_MS);
      const before = { service: serve.spentMs, database: groupProcessorMs(server.process.pid), at: performance.now() };
      const bytes = audience.bytes;
      const until = before.at + seconds * 1_000;
      for (let n = 1; n <= seconds; n++) {
        await load();
        await pause(Math.max(0, Math.min(until, before.at + n * 1_000) - performance.now()));
      }
      const elapsed = performance.now() - before.at;
      const percent = ((serve.spentMs - before.service) / elapsed) * 100;
      const ofDatabase = ((groupProcessorMs(server.process.pid) - before.database) / elapsed) * 100;
      if (baseline === 0) baseline = percent;
      const cells = [
        percent.toFixed(2).padStart(22),
        `${(percent - baseline).toFixed(2)} (${(percent / baseline).toFixed(1)} times)`.padStart(20),
        ofDatabase.toFixed(2).padStart(10),
        ((audience.bytes - bytes) / elapsed / 1_000).toFixed(2).padStart(11),
      ];
      console.log(`  ${what.padEnd(40)} ${cells.join(' ')}`);
      if (audience.lost > 0) throw new Error(`${audience.lost} listeners were lost`);
    };
    await row('no listener');
    await audience.gather('/events/stream', listeners);
    await row('events, nothing happens');
    await row(`events, ${events} a second`, () => tell(database, events));
    audience.leave();
    await audience.gather('/calls/live/stream', listeners);
    await row('calls, none in progress');
    await place(database, calls, 60);
    await row(`${calls} calls, billed by the minute`);
    await database('astcdr').delete();
    await place(database, calls, 1);
    await row(`${calls} calls, billed by the second`);
    audience.leave();
    await database('astcdr').delete();
    await row('no listener any more');
  } finally {
    audience.leave();
    serve.kill();
    await database.destroy();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Listeners that count what they get, and do nothing else. */
class Audience {
  private readonly requests = new Set<ClientRequest>();
  bytes = 0;
  lost = 0;

  constructor(
    private readonly port: number,
    private readonly secrets: readonly string[],
  ) {}

  async gather(path: string, count: number): Promise<void> {
    for (let n = 0; n < count; n++) await this.connect(path, this.secrets[n % this.secrets.length] as string);
  }

  leave(): void {
    for (const asked of this.requests) {
      this.requests.delete(asked);
      asked.destroy();
    }
  }

  private connect(path: string, secret: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${secret}` };
      const asked = request({ host: '127.0.0.1', port: this.port, path: `/api/v1${path}`, headers, agent: false });
      asked.once('response', (answer: IncomingMessage) => {
        if (answer.statusCode !== 200) reject(new Error(`${path} was answered ${answer.statusCode}`));
        answer.on('data', (part: Buffer) => {
          this.bytes += part.length;
        });
        answer.on('error', () => undefined);
        answer.on('close', () => {
          if (this.requests.delete(asked)) this.lost++;
        });
        resolve();
      });
      asked.on('error', reject);
      asked.end();
      this.requests.add(asked);
    });
  }
}

/** Events, as the ledger writes them. */
const tell = async (database: Knex, count: number): Promise<void> => {
  const facts = JSON.stringify({ granted_seconds: 60, max_cost: '1.00', limited_by: 'slice' });
  await database('astoutbox').insert(
    Array.from({ length: count }, (_, n) => ({
      kind: 'extended',
      accountcode: `account-${n}`,
      uniqueid: `call-${n}`,
      facts,
    })),
  );
};

/** Calls that have just been answered, one after the other within a minute. */
async function place(database: Knex, count: number, increment: number): Promise<void> {
  const now = Date.now();
  await database.batchInsert(
    'astcdr',
    Array.from({ length: count }, (_, n) => {
      const start_at = new Date(now - Math.floor((n * 60_000) / count));
      return {
        ...{ uniqueid: `call-${n}`, accountcode: `account-${n % 100}`, node: 'fake1', src: '100', dst: '4930123456' },
        ...{
          start_at,
          answer_at: start_at,
          granted_seconds: 3_600,
          cap_seconds: 3_600,
          max_cost: '60',
          currency: 'EUR',
        },
        ...{ rate_price_per_minute: '1', rate_initial_increment_seconds: increment, rate_increment_seconds: increment },
      };
    }),
    500,
  );
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

main().catch(error => {
  console.error(`bench:listeners: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
