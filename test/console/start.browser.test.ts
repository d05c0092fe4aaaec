/** The first start in a real browser: the list that an administrator sees until a call was answered ticks itself. */
import { LeaseTable } from '../../src/ownership/lease-store';
import { ownName } from '../../src/ownership/process-identity';
import { json } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, openLedger } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { barriersOn, type ConsoleService, overhangOf, startConsole } from './console-fixture';

let db: TestDatabase;
let console: ConsoleService;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db);
  await console.person('anna', 'admin');
  await console.person('sue', 'support');
});
afterAll(async () => {
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

test('who is no administrator begins elsewhere, and is told whom the list is for', async () => {
  const { page, faults } = await console.as('sue', '/');
  await page.waitForURL('**/live');
  expect(await page.getByRole('link', { name: 'First start' }).count()).toBe(0);
  await page.goto(`${console.url}/start`);
  await page.getByText('Your roles do not include this page.').waitFor();
  expect(faults).toEqual([]);
});

test('the list can be left for later: the log-in leads elsewhere then, and the menu still has it', async () => {
  const { page, faults } = await console.as('anna', '/');
  await page.waitForURL('**/start');
  await page.getByText('0 of 5 are done.').waitFor();
  await page.getByRole('button', { name: 'Later' }).click();
  await page.waitForURL('**/live');
  await page.goto(console.url);
  await page.waitForURL('**/live');
  await page.getByRole('link', { name: 'First start' }).click();
  await page.getByText('0 of 5 are done.').waitFor();
  expect(faults).toEqual([]);
});

test('each step says what to do, ticks itself when it is there, and the list leaves the menu after the first answered call', async () => {
  const { page, faults } = await console.as('anna', '/start');
  const step = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
  const isTicked = (name: string) => step(name).getByRole('heading', { name: /done/ }).waitFor();
  await page.getByText('0 of 5 are done.').waitFor();
  await step('A switch is connected').getByText('RINGFENCE_ARI_URL=').waitFor();

  const connect = async () => {
    const leases = new LeaseTable(db.url, ownName());
    await leases.acquire('ast1');
    leases.close();
  };
  await connect();
  await isTicked('A switch is connected');
  await step('A switch is connected').getByText('ast1').waitFor();
  await step('A deck').getByText('ringfence deck import retail').waitFor();
  await step('A deck').getByRole('link', { name: 'Load a price list' }).click();
  await page.waitForURL('**/prices/import');
  await page.goBack();
  await addDeck(db, 'retail', [{}]);
  await isTicked('A deck');

  const carrier = step('A trunk and a route');
  await carrier.getByText("ringfence trunk add main --endpoint 'PJSIP/{number}@main-carrier'").waitFor();
  await json(db.url, ['trunk', 'add', 'main', '--endpoint', 'PJSIP/{number}@main-carrier']);
  await carrier.getByText('ringfence trunk add').waitFor({ state: 'detached' });
  await carrier.getByText("ringfence route add --prefix '' --trunk main").waitFor();
  await json(db.url, ['route', 'add', '--prefix', '', '--trunk', 'main']);
  await isTicked('A trunk and a route');

  await step('An account pays').getByRole('link', { name: 'Open an account' }).click();
  await page.getByRole('form', { name: 'New account' }).waitFor();
  await page.goBack();
  await addAccount(db, 'alice', '10.00');
  await isTicked('An account pays');
  // A lease lasts ten seconds, and what is gone is ticked no more.
  await connect();
  await page.getByText('4 of 5 are done.').waitFor();

  const ledger = openLedger(db);
  const calls = step('The first call is answered');
  await ledger.start(callOf('alice', { dst: '900123' }));
  await calls.getByText('The last call came in, and was refused: number barred.').waitFor();
  await calls.getByRole('link', { name: 'See what happened' }).waitFor();
  for (const look of [
    { colorScheme: 'light', width: 1440 },
    { colorScheme: 'dark', width: 360 },
  ] as const) {
    const { page: seen } = await console.as('anna', '/start', look);
    await seen.getByText('and was refused').waitFor();
    expect([look, await barriersOn(seen), await overhangOf(seen)]).toEqual([look, [], 0]);
  }
  const call = callOf('alice', { startAt: Date.now() });
  await ledger.start(call);
  await calls.getByText('A call is there, and not answered yet.').waitFor();
  await ledger.answered({ uniqueid: call.uniqueid, accountcode: 'alice', trunk: 'main', answerAt: Date.now() });
  await page.getByText('Everything is there').waitFor();
  await isTicked('The first call is answered');
  await page.getByRole('link', { name: 'First start' }).waitFor({ state: 'detached' });
  await ledger.close();
  await page.goto(console.url);
  await page.waitForURL('**/live');
  expect(faults).toEqual([]);
});
