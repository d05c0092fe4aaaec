/**
 * What live calls cost the service while only time passes: `npm run bench:live-calls`.
 *
 * A real `ringfence serve` on a real MariaDB takes over some thousands of calls that talk, from a stand-in of Asterisk's HTTP that answers
 * at once (a real one cannot carry so many on this machine). Calls of an account with mode strict are the baseline: the same connection,
 * comparison every 5 s and lease. Calls of mode shared are also extended slice by slice. The result is the processor time of the service's
 * own process, as the kernel counts it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { readOptions, wholeOption } from '../lab/options';
import { ringfenceProgram } from '../lab/ringfence';
import { startMariadb } from '../lab/servers/mariadb';
import { emptyBooks } from './books';
import { processorMs } from './processor-time';
import { costOf, placeTalking, type Talking, TalkingSwitch, talkingCalls } from './talking-switch';

const NODE = 'fake1';

const USAGE = `usage: npm run bench:live-calls -- [options]

  --calls <n>       that talk (3000)
  --accounts <n,n>  whose calls they are, a row of each (1,3000)
  --seconds <n>     of each row (60)

example: npm run bench:live-calls -- --calls 500 --accounts 1`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    calls: { type: 'string', default: '3000' },
    accounts: { type: 'string', default: '1,3000' },
    seconds: { type: 'string', default: '60' },
  });
  const [calls, seconds] = [wholeOption('calls', values.calls), wholeOption('seconds', values.seconds)];
  const spreads = values.accounts.split(',').map(text => wholeOption('accounts', text));
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir });
  console.log(`\n${calls} calls that talk, ${seconds} s each row, ${server.engine} ${server.version}`);
  console.log('  accounts   mode     % of a core   extensions/s   requests/s to the switch');
  try {
    for (const accounts of spreads) {
      const cost = { strict: 0, shared: 0 };
      for (const mode of ['strict', 'shared'] as const) {
        const row = await measure(server.url, { calls, accounts, mode, seconds });
        cost[mode] = row.percent;
        const cells = [row.percent.toFixed(2), row.extensions.toFixed(1), row.requests.toFixed(0)];
        console.log(
          `  ${String(accounts).padStart(8)}   ${mode}   ${cells.map((cell, index) => cell.padStart([11, 12, 25][index] as number)).join('   ')}`,
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
}

async function measure(serverUrl: string, setup: Setup) {
  const { url, database } = await emptyBooks(serverUrl);
  const calls = await placeCalls(database, setup);
  const talking = new TalkingSwitch(calls, NODE);
  const service = spawn(process.execPath, [ringfenceProgram, 'serve'], {
    env: {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: url,
      RINGFENCE_ARI_URL: await talking.listen(),
      // The stand-in is one process, and all calls are taken over at once.
      RINGFENCE_SWITCH_DEADLINE_MS: '30000',
      RINGFENCE_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    // All calls have both their limits, and V8 has seen the code.
    const SETTLING_MS = 25_000;
    await talking.isLimited();
    await new Promise(done => setTimeout(done, SETTLING_MS));
    const extended = async () =>
      Number((await database('astoutbox').where({ kind: 'extended' }).count({ n: '*' }))[0]?.n);
    const before = {
      spentMs: processorMs(service.pid as number),
      extended: await extended(),
      requests: talking.requests,
      at: performance.now(),
    };
    await new Promise(done => setTimeout(done, setup.seconds * 1000));
    const elapsed = (performance.now() - before.at) / 1000;
    const open = Number((await database('astcdr').whereNull('end_at').count({ n: '*' }))[0]?.n);
    if (open !== setup.calls) throw new Error(`${open} of ${setup.calls} calls are still up`);
    return {
      percent: ((processorMs(service.pid as number) - before.spentMs) / 1000 / elapsed) * 100,
      extensions: ((await extended()) - before.extended) / elapsed,
      requests: (talking.requests - before.requests) / elapsed,
    };
  } finally {
    service.kill('SIGKILL');
    await talking.close();
    await database.destroy();
  }
}

/** The calls, and the accounts that pay for them. */
async function placeCalls(database: Knex, { calls, accounts, mode }: Setup): Promise<Talking[]> {
  const grantedSeconds = mode === 'strict' ? 3600 : 120;
  const codes = Array.from({ length: accounts }, (_, index) => `account${index}`);
  const perAccount = calls / accounts;
  await database.batchInsert(
    'astaccount',
    codes.map(accountcode => ({
      accountcode,
      currency: 'EUR',
      deck: 'retail',
      mode,
      balance: 1_000_000,
      reserved: Number(costOf(grantedSeconds)) * perAccount,
      active_calls: perAccount,
      time_reserved: grantedSeconds * perAccount,
    })),
    500,
  );
  const talking = talkingCalls(NODE, calls, codes);
  await placeTalking(database, NODE, talking, grantedSeconds);
  return talking;
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
