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
import { asteriskStamp, FakeAri } from '../lab/servers/fake-ari';
import { startMariadb } from '../lab/servers/mariadb';
import { emptyBooks } from './books';
import { processorMs } from './processor-time';

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
  const answers = await placeCalls(database, setup);
  const ari = new FakeAri();
  const limits = new Map<string, number>();
  let requests = 0;
  ari.answer = (method, path) => {
    requests++;
    ari.seen.length = 0;
    if (path === '/ari/channels') return { status: 200, body: channelList(answers) };
    if (path === '/ari/endpoints') return { status: 200, body: '[]' };
    if (path === '/ari/bridges') return { status: 200, body: bridgeList(answers) };
    const variable = /^\/ari\/channels\/([^/]+)\/variable\?(.*)$/.exec(path);
    if (!variable) return undefined;
    const [id, query] = [decodeURIComponent(variable[1] as string), new URLSearchParams(variable[2])];
    if (query.get('variable') !== 'TIMEOUT(absolute)') return undefined;
    if (method === 'POST') {
      limits.set(id, Date.now() / 1000 + Number(query.get('value')));
      return { status: 204 };
    }
    return { status: 200, body: JSON.stringify({ value: String((limits.get(id) ?? 0) - Date.now() / 1000) }) };
  };
  await ari.listen();
  const service = spawn(process.execPath, [ringfenceProgram, 'serve'], {
    env: {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: url,
      RINGFENCE_ARI_URL: ari.url(),
      // The stand-in is one process, and all calls are taken over at once.
      RINGFENCE_SWITCH_DEADLINE_MS: '30000',
      RINGFENCE_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    // All calls have both their limits, and V8 has seen the code.
    const SETTLING_MS = 25_000;
    for (let waited = 0; limits.size < 2 * setup.calls; waited += 500) {
      if (waited > 120_000) throw new Error(`after two minutes only ${limits.size} legs have a limit`);
      await new Promise(done => setTimeout(done, 500));
    }
    await new Promise(done => setTimeout(done, SETTLING_MS));
    const extended = async () =>
      Number((await database('astoutbox').where({ kind: 'extended' }).count({ n: '*' }))[0]?.n);
    const before = {
      spentMs: processorMs(service.pid as number),
      extended: await extended(),
      requests,
      at: performance.now(),
    };
    await new Promise(done => setTimeout(done, setup.seconds * 1000));
    const elapsed = (performance.now() - before.at) / 1000;
    const open = Number((await database('astcdr').whereNull('end_at').count({ n: '*' }))[0]?.n);
    if (open !== setup.calls) throw new Error(`${open} of ${setup.calls} calls are still up`);
    return {
      percent: ((processorMs(service.pid as number) - before.spentMs) / 1000 / elapsed) * 100,
      extensions: ((await extended()) - before.extended) / elapsed,
      requests: (requests - before.requests) / elapsed,
    };
  } finally {
    service.kill('SIGKILL');
    await ari.close();
    await database.destroy();
  }
}

interface Answered {
  uniqueid: string;
  accountcode: string;
  answerAt: number;
}

/** The rows of calls that were answered at different moments of the last half minute, and of the accounts that pay for them. */
async function placeCalls(database: Knex, { calls, accounts, mode }: Setup): Promise<Answered[]> {
  const grantedSeconds = mode === 'strict' ? 3600 : 120;
  const maxCost = (grantedSeconds / 100).toFixed(2);
  const codes = Array.from({ length: accounts }, (_, index) => `account${index}`);
  const perAccount = calls / accounts;
  const balance = 1_000_000;
  await database.batchInsert(
    'astaccount',
    codes.map(accountcode => ({
      accountcode,
      currency: 'EUR',
      deck: 'retail',
      mode,
      balance,
      reserved: Number(maxCost) * perAccount,
      active_calls: perAccount,
      time_reserved: grantedSeconds * perAccount,
    })),
    500,
  );
  const now = Date.now();
  const answered = Array.from({ length: calls }, (_, index) => ({
    uniqueid: `${NODE}-${index}.1`,
    accountcode: codes[index % accounts] as string,
    answerAt: now - Math.floor((index / calls) * 30_000),
  }));
  const expiresAt = new Date(now + 7_200_000);
  await database.batchInsert(
    'astcdr',
    answered.map(({ uniqueid, accountcode, answerAt }) => ({
      ...{ uniqueid, accountcode, node: NODE, dst: '4930', currency: 'EUR', trunk: 'main' },
      ...{ start_at: new Date(answerAt - 1000), answer_at: new Date(answerAt) },
      ...{ max_cost: maxCost, granted_seconds: grantedSeconds, cap_seconds: 3600, rate_price_per_minute: '0.60' },
    })),
    500,
  );
  await database.batchInsert(
    'astcreditres',
    answered.map(({ uniqueid, accountcode }) => ({
      ...{
        uniqueid,
        accountcode,
        node: NODE,
        max_cost: maxCost,
        granted_seconds: grantedSeconds,
        expires_at: expiresAt,
      },
    })),
    500,
  );
  return answered;
}

/** Each call's legs in a bridge of their own: without one they would have lost each other. */
const bridgeList = (calls: Answered[]): string =>
  JSON.stringify(
    calls.map(({ uniqueid }) => ({ id: `rf-${uniqueid}`, name: '', channels: [uniqueid, `rf-${uniqueid}-1`] })),
  );

const channelList = (calls: Answered[]): string =>
  JSON.stringify(
    calls.flatMap(({ uniqueid, accountcode, answerAt }) =>
      [uniqueid, `rf-${uniqueid}-1`].map(id => ({
        id,
        name: `PJSIP/main-${id}`,
        state: 'Up',
        accountcode,
        caller: { name: '', number: '100' },
        connected: { name: '', number: '' },
        dialplan: { context: 'from-customer', exten: '4930', priority: 1, app_name: 'Stasis', app_data: 'ringfence' },
        creationtime: asteriskStamp(answerAt - 1000),
        language: 'en',
      })),
    ),
  );

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
