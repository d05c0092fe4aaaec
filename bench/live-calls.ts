/**
 * What live calls cost the service while only time passes: `npm run bench:live-calls`.
 *
 * A real `ringfence serve` on a real MariaDB takes over some thousands of calls that talk, from a stand-in of Asterisk's HTTP that answers
 * at once (a real one cannot carry so many on this machine). Calls of an account with mode strict are the baseline: the same connection,
 * comparison every 5 s and lease. Calls of mode shared are also extended slice by slice. The result is the processor time of the service's
 * own process, as the kernel counts it, and its memory: the heap with the calls, less the heap of a service that carries none.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions, wholeOption } from '../lab/options';
import { startMariadb } from '../lab/servers/mariadb';
import { emptyBooks } from './books';
import { placeCalls, TalkingSwitch } from './talking-switch';
import { besideSwitch, WatchedServe } from './watched-serve';

const NODE = 'fake1';

const USAGE = `usage: npm run bench:live-calls -- [options]

  --calls <n>       that talk (3000)
  --accounts <n,n>  whose calls they are, a row of each (1,3000)
  --seconds <n>     of each row (60)
  --profile <dir>   writes a processor profile of each row there

example: npm run bench:live-calls -- --calls 500 --accounts 1`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    calls: { type: 'string', default: '3000' },
    accounts: { type: 'string', default: '1,3000' },
    seconds: { type: 'string', default: '60' },
    profile: { type: 'string' },
  });
  const [calls, seconds] = [wholeOption('calls', values.calls), wholeOption('seconds', values.seconds)];
  const spreads = values.accounts.split(',').map(text => wholeOption('accounts', text));
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir });
  console.log(`\n${calls} calls that talk, ${seconds} s each row, ${server.engine} ${server.version}`);
  console.log('  accounts   mode     % of a core   extensions/s   requests/s to the switch   KB a call');
  try {
    const empty = await measure(server.url, { calls: 0, accounts: 1, mode: 'strict', seconds: 5 });
    for (const accounts of spreads) {
      const cost = { strict: 0, shared: 0 };
      for (const mode of ['strict', 'shared'] as const) {
        const row = await measure(server.url, { calls, accounts, mode, seconds, profile: values.profile });
        cost[mode] = row.percent;
        const kilobytes = (row.heapBytes - empty.heapBytes) / calls / 1024;
        const cells = [
          row.percent.toFixed(2),
          row.extensions.toFixed(1),
          row.requests.toFixed(0),
          kilobytes.toFixed(1),
        ];
        console.log(
          `  ${String(accounts).padStart(8)}   ${mode}   ${cells.map((cell, index) => cell.padStart([11, 12, 25, 9][index] as number)).join('   ')}`,
        );
      }
      const ratio = cost.shared / cost.strict;
      console.log(
        `  shared costs ${ratio.toFixed(1)} times what strict does: ${(cost.shared - cost.strict).toFixed(2)} % of a core more`,
      );
    }
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Setup {
  calls: number;
  accounts: number;
  mode: 'strict' | 'shared';
  seconds: number;
  /** A folder for processor profiles. */
  profile?: string | undefined;
}

async function measure(serverUrl: string, setup: Setup) {
  const { url, database } = await emptyBooks(serverUrl);
  const calls = await placeCalls(database, NODE, setup);
  const talking = new TalkingSwitch(calls, NODE);
  const serve = new WatchedServe(url, besideSwitch(await talking.listen()));
  try {
    // V8 has seen the code.
    const SETTLING_MS = setup.calls === 0 ? 5_000 : 25_000;
    await talking.isLimited();
    await new Promise(done => setTimeout(done, SETTLING_MS));
    if (setup.profile) await serve.ask({ ask: 'profile' });
    const extended = async () =>
      Number((await database('astoutbox').where({ kind: 'extended' }).count({ n: '*' }))[0]?.n);
    const before = {
      spentMs: serve.spentMs,
      extended: await extended(),
      requests: talking.requests,
      at: performance.now(),
    };
    await new Promise(done => setTimeout(done, setup.seconds * 1000));
    const elapsed = (performance.now() - before.at) / 1000;
    const spentMs = serve.spentMs - before.spentMs;
    if (setup.profile) await serve.ask({ ask: 'stopProfile', dir: setup.profile });
    const open = Number((await database('astcdr').whereNull('end_at').count({ n: '*' }))[0]?.n);
    if (open !== setup.calls) throw new Error(`${open} of ${setup.calls} calls are still in progress`);
    return {
      percent: (spentMs / 1000 / elapsed) * 100,
      extensions: ((await extended()) - before.extended) / elapsed,
      requests: (talking.requests - before.requests) / elapsed,
      heapBytes: (await serve.ask({ ask: 'heap' })).heapBytes as number,
    };
  } finally {
    serve.kill();
    await talking.close();
    await database.destroy();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
