/** The tasks of docs/api.md, done as they stand there. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { projectRoot } from '../../src/config/project-root';
import { actingAs } from '../../src/operator/acting';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { letJobsKeepUp } from '../jobs/job-priority';

/** Those of operators, and those of customers, which have another key. */
const tasks = [...readFileSync(join(projectRoot, 'docs/api.md'), 'utf8').matchAll(/^# (.+)\n(curl .+)$/gm)].map(
  ([, what, command]) => [what as string, command as string] as const,
);

/** Whether there is something depends on the day. */
const OF_A_TIME = /[?&]from=/;

/** Those of its section about jobs: the first one begins job 17. */
const ofJobs = [
  ...(/^## Jobs$([\s\S]*?)^## /m.exec(readFileSync(join(projectRoot, 'docs/api.md'), 'utf8'))?.[1] ?? '').matchAll(
    /^curl .+$/gm,
  ),
].map(([command]) => command);

let db: TestDatabase;
let service: Service;
let port: number;
let secret: string;
/** Where `rates.csv` is. */
let folder: string;
let admin: string;
let customersSecret: string;
beforeAll(async () => {
  letJobsKeepUp();
  folder = mkdtempSync(join(tmpdir(), 'ringfence-documented-'));
  const header = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment';
  writeFileSync(join(folder, 'rates.csv'), `${header}\n49,Germany,0.02,0,60,60\n`);
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{ prefix: '49' }]);
  await addAccount(db, 'alice', '10');
  const ledger = openLedger(db);
  await ledger.start({ ...callOf('alice'), uniqueid: 'ast1-1700000000.1' });
  const ended = callOf('alice');
  await ledger.start(ended);
  await ledger.end(endOf(ended, talked(61)));
  await ledger.close();
  const acting = actingAs('test', db.database);
  ({ secret } = await createApiKey(acting, { apiKey: 'portal', roles: ['support', 'prices'] }));
  const customer = { apiKey: 'alice-crm', roles: ['customer'], accountcode: 'alice' };
  ({ secret: customersSecret } = await createApiKey(acting, customer));
  ({ secret: admin } = await createApiKey(acting, { apiKey: 'admin', roles: ['admin'] }));
  port = await findFreePort();
  const settings = readSettings({ RINGFENCE_DATABASE_URL: db.url, RINGFENCE_HTTP_LISTEN: `${port}` });
  service = await startService(settings, pino({ level: 'silent' }));
});
afterAll(async () => {
  await service?.stop();
  await db.drop();
  rmSync(folder, { recursive: true });
});

test('there are ten of operators, four of a price list, and nine of customers', () => {
  const ofCustomers = tasks.filter(([, command]) => command.includes('$RINGFENCE_CUSTOMER_KEY'));
  expect([tasks.length - ofCustomers.length, ofCustomers.length]).toEqual([14, 9]);
});

async function toldBy(command: string, key: string) {
  const words = command.replaceAll('127.0.0.1:8090', `127.0.0.1:${port}`);
  const { stdout } = await promisify(execFile)('sh', ['-c', words], {
    cwd: folder,
    env: { PATH: process.env.PATH, RINGFENCE_KEY: key, RINGFENCE_CUSTOMER_KEY: customersSecret },
  });
  return JSON.parse(stdout);
}

test('jobs', async () => {
  expect(ofJobs).toHaveLength(4);
  const [prove, look, compare, list] = ofJobs as [string, string, string, string];
  const { job } = await toldBy(prove, admin);
  const proven = await eventually(
    async () => {
      const told = await toldBy(look.replace('/jobs/17', `/jobs/${job}`), secret);
      return told.ended_at === null ? null : told;
    },
    'the end of the job',
    40_000,
  );
  expect(proven).toMatchObject({ job, state: 'done', difference_count: 0 });
  const { job: compared } = await toldBy(compare, admin);
  expect((await toldBy(list, secret)).items.map((each: { job: number }) => each.job)).toEqual([compared, job]);
});

test.each(tasks)('%s', async (_what, command) => {
  const told = await toldBy(command, secret);
  expect(told).not.toEqual({});
  if (!OF_A_TIME.test(command)) expect(told.items).not.toEqual([]);
});
