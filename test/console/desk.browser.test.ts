/** The desk in a real browser: people, keys, approvals, audit, webhooks, books and switches, each with its refusals, and for each role what it may see. */
import type { Locator, Page } from 'playwright-core';
import { moveMoney } from '../../src/accounts/move-money';
import { ZERO } from '../../src/money/micros';
import { json, ringfence } from '../cli/cli-fixture';
import { accountRow, addAccount, addDeck, booksBalance } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { letJobsKeepUp } from '../jobs/job-priority';
import { requestBy } from '../operator/operator-fixture';
import { openReceiver, type TestReceiver, tell } from '../webhooks/receiver-fixture';
import { barriersOn, type ConsoleService, logIn, overhangOf, startConsole } from './console-fixture';

/** Strangers choose names of accounts and switches, references, reasons and what receivers answer. */
const HOSTILE = '<img src=x onerror="window.hit=1">';
const RIGHT_TO_LEFT = '\u202Eمتجر الاتصالات';

/** A job begins within seconds, in a process of its own. */
const JOB_MS = 60_000;

let db: TestDatabase;
let console: ConsoleService;
let receiver: TestReceiver;

beforeAll(async () => {
  letJobsKeepUp();
  db = await createTestDatabase('MariaDB');
  receiver = await openReceiver();
  console = await startConsole(db, { RINGFENCE_SECOND_PERSON_ABOVE: '100', RINGFENCE_WEBHOOK_ALLOW: '127.0.0.1' });
  for (const [name, roles] of [
    ['anna', 'admin'],
    ['rhea', 'read'],
    ['sue', 'support'],
    ['carl', 'cashier'],
    ['pia', 'prices'],
  ] as const)
    await console.person(name, roles);
  await addDeck(db, 'retail', [{ prefix: '49', destination: 'Germany' }]);
  await addAccount(db, 'alice', '10');
  await addAccount(db, HOSTILE, '1');
});
afterAll(async () => {
  await console?.stop();
  await receiver?.close();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

/** The cells of the first row of that table in which a text is. */
const cellsOf = async (page: Page, table: string, text: string): Promise<string[]> => {
  const row = rowOf(page, table, text);
  await row.waitFor();
  return row.getByRole('cell').allInnerTexts();
};
const rowOf = (page: Page, table: string, text: string): Locator =>
  page.getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text }).first();

/** The answer to a program with that key. */
const statusFor = async (secret: string): Promise<number> =>
  (await fetch(`${console.url}/api/v1/accounts`, { headers: { authorization: `Bearer ${secret}` } })).status;

/** What stands in the box of what is shown once. */
const shownOnce = async (page: Page): Promise<string> => (await page.locator('[role=status] code').textContent()) ?? '';

test('a person is invited, refused at its fields, gets in by the link that is shown once, and its session is ended', async () => {
  const { page, faults } = await console.as('anna', '/desk');
  await page.getByRole('button', { name: 'Invite a person' }).click();
  expect(new URL(page.url()).pathname).toBe('/desk/people');
  const form = page.getByRole('form', { name: 'Invite a person' });
  const go = form.getByRole('button', { name: 'Invite a person' });
  await form.getByLabel('Name').fill('Nora N');
  await form.getByLabel('support').check();
  await go.click();
  await form.getByText('Use 1 to 40 small letters').waitFor();
  await form.getByLabel('Name').fill('anna');
  await go.click();
  await form.getByRole('alert').getByText('“anna”').waitFor();
  await form.getByLabel('Name').fill('nora');
  await go.click();
  await page.getByText('One-time link for nora').waitFor();
  const link = await shownOnce(page);
  expect(link).toMatch(new RegExp(`^${console.url}/#invitation=rfi_[A-Za-z0-9_-]{43}$`));
  expect((await cellsOf(page, 'People', 'nora')).slice(0, 3)).toEqual(['nora', 'invited', 'support']);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  expect(await page.content()).not.toContain('rfi_');

  const nora = await console.visit(new URL(link).pathname + new URL(link).hash);
  await nora.page.locator('input[name=password]').fill('a password of my own');
  await nora.page.locator('button[type=submit]').click();
  await nora.page.locator('input[name=name]').waitFor();
  await logIn(nora.page, 'nora', 'a password of my own');

  await page.reload();
  // Its row is open, by the address.
  await page.getByRole('heading', { name: 'Sessions' }).waitFor();
  expect((await cellsOf(page, 'People', 'nora'))[1]).toBe('active');
  await page.getByRole('button', { name: 'End the session of nora from 127.0.0.1' }).first().click();
  await page.getByText('The session of nora from 127.0.0.1 is ended.').first().waitFor();
  await nora.page.reload();
  await nora.page.locator('input[name=password]').waitFor();
  expect([...faults, ...nora.faults]).toEqual([]);
});

test('roles, block and reset: each says what it does, a reset asks for the name, and none is offered for oneself', async () => {
  await console.person('tom', 'read');
  const { page, faults } = await console.as('anna', '/desk/people?text=to');
  await rowOf(page, 'People', 'tom').waitFor();
  await page.getByText('1 in all').waitFor();
  await rowOf(page, 'People', 'tom').press('Enter');
  await page.getByRole('button', { name: 'Change roles' }).click();
  const roles = page.getByRole('form', { name: 'Change roles' });
  await roles.getByLabel('read').uncheck();
  await roles.getByRole('button', { name: 'Save' }).click();
  await roles.getByText(/roles/).last().waitFor();
  await roles.getByLabel('cashier').check();
  await roles.getByLabel('prices').check();
  await roles.getByRole('button', { name: 'Save' }).click();
  await page.getByText('tom has these roles now: cashier, prices.').waitFor();
  await page.getByRole('button', { name: 'Change the address of mail' }).click();
  const mail = page.getByRole('form', { name: 'Change the address of mail' });
  await mail.getByLabel('Mail').fill('nowhere');
  await mail.getByRole('button', { name: 'Save' }).click();
  await mail.getByText('“nowhere” is not an address of mail.').waitFor();
  await mail.getByLabel('Mail').fill('tom@example.com');
  await mail.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The address of tom is changed.').waitFor();
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  await page.getByRole('form', { name: 'Block' }).getByRole('button', { name: 'Block' }).click();
  await page.getByText('tom is blocked.').waitFor();
  await page.getByRole('button', { name: 'Unblock' }).click();
  await page.getByText('tom may log in again.').waitFor();
  await page.getByRole('button', { name: 'Reset the log-in' }).click();
  const reset = page.getByRole('form', { name: 'Reset the log-in' });
  expect(await reset.getByRole('button', { name: 'Reset the log-in' }).isDisabled()).toBe(true);
  await reset.getByLabel('Type tom to go on').fill('tom');
  await reset.getByRole('button', { name: 'Reset the log-in' }).click();
  await page.getByText('One-time link for tom').waitFor();
  // The list is read again meanwhile.
  await rowOf(page, 'People', 'tom').getByRole('cell', { name: 'invited' }).waitFor();
  expect((await cellsOf(page, 'People', 'tom')).slice(0, 3)).toEqual(['tom', 'invited', 'cashier, prices']);
  await page.goto(`${console.url}/desk/people?open=anna`);
  await page.getByText('This is you.').waitFor();
  for (const name of ['Change roles', 'Reset the log-in', 'Block'])
    expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
  expect(faults).toEqual([]);
});

test('a key is made, refused at its fields, shown once, followed by a second secret, and revoked by its name', async () => {
  const { page, faults } = await console.as('anna', '/desk/keys');
  await page.getByText('No key is in use.').waitFor();
  await page.getByRole('button', { name: 'New key' }).click();
  const form = page.getByRole('form', { name: 'New key' });
  await form.getByLabel('Name').fill('portal');
  await form.getByLabel('read').check();
  await form.getByLabel('Allowed addresses').fill('everywhere');
  await form.getByRole('button', { name: 'Make the key' }).click();
  await form.getByText(/addresses "everywhere"/).waitFor();
  await form.getByLabel('Allowed addresses').fill('127.0.0.1, 10.0.0.0/8');
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString();
  await form.getByLabel('Expires').fill(soon.slice(0, 19));
  await form.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText('Secret of the key portal').waitFor();
  const first = await shownOnce(page);
  expect(await statusFor(first)).toBe(200);
  expect((await cellsOf(page, 'Keys', 'portal')).slice(2, 5)).toEqual([
    'expires soon',
    'read',
    '127.0.0.1, 10.0.0.0/8',
  ]);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await rowOf(page, 'Keys', 'portal').click();
  await page.getByRole('button', { name: 'Second secret' }).click();
  await page.getByRole('form', { name: 'Second secret' }).getByRole('button', { name: 'Second secret' }).click();
  await page.getByText('Secret of the key portal').waitFor();
  const second = await shownOnce(page);
  expect(second).not.toBe(first);
  await page.getByRole('button', { name: 'Revoke' }).click();
  const revoke = page.getByRole('form', { name: 'Revoke' });
  await revoke.getByText('the other one goes on').waitFor();
  await revoke.getByLabel('Type portal to go on').fill('portal');
  await revoke.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('A secret of portal is revoked.').waitFor();
  expect([await statusFor(first), await statusFor(second)]).toEqual([401, 200]);
  await page.getByRole('button', { name: 'All, also ended' }).click();
  await page.getByRole('cell', { name: 'revoked', exact: true }).waitFor();
  expect(new URL(page.url()).search).toContain('all=true');
  expect(faults).toEqual([]);
});

test('money that waits is moved by a second person alone; a limit of a cashier is set', async () => {
  const limits = { isCashier: false, mostAlone: ZERO };
  const asked = (by: string, reference: string, accountcode = 'alice') =>
    moveMoney(
      { ...requestBy(by, db.database), limits },
      { accountcode, kind: 'top_up', amount: '250.00', reference, reason: HOSTILE },
    );
  const { page, faults } = await console.as('anna', '/desk/approvals');
  await page.getByText('Nothing waits for a second person.').waitFor();
  await asked('operator:anna', 'own');
  await asked('operator:sue', RIGHT_TO_LEFT, HOSTILE);
  await asked('operator:sue', 'receipt-7');
  await page.reload();
  await rowOf(page, 'Approvals', 'receipt-7').click();
  await page.getByText(HOSTILE).first().waitFor();
  await page.getByRole('button', { name: 'Approve 250.00 EUR' }).click();
  await page.getByText('250.00 EUR moved to alice. Its balance is 260.00 EUR.').waitFor();
  expect(await accountRow(db, 'alice')).toMatchObject({ balance: '260.000000' });
  await rowOf(page, 'Approvals', 'operator:anna').click();
  await page.getByText('so another administrator must approve it').waitFor();
  expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('is taken back. Nothing was moved.').waitFor();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.getByRole('cell', { name: 'withdrawn' }).waitFor();

  await page.getByText('No cashier has a limit.').waitFor();
  await page.getByRole('button', { name: 'Set a limit' }).click();
  const form = page.getByRole('form', { name: 'Set a limit' });
  await form.getByLabel('Cashier').fill('carl');
  await form.getByLabel('Limit a day').fill('1,000');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Write an amount such as 20 or 20.50').waitFor();
  await form.getByLabel('Limit a day').fill('50');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('actor "carl" is no actor of the API').waitFor();
  await form.getByLabel('Cashier').fill('operator:carl');
  await form.getByLabel('Limit at once').fill('x');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Write an amount such as 20 or 20.50').waitFor();
  await form.getByLabel('Limit at once').fill('20');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('cell', { name: 'operator:carl' }).waitFor();
  expect(await cellsOf(page, 'Cashiers', 'operator:carl')).toEqual([
    'operator:carl',
    '50.00',
    '20.00',
    '0.00',
    '50.00',
  ]);
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

test('the audit trail says who changed what, with each field before and after, and is filtered by the address', async () => {
  await json(db.url, ['account', 'set', 'alice', '--name', HOSTILE, '--low-balance', '8', '--max-channels', '3']);
  const { page, faults } = await console.as('anna', '/desk/audit');
  const form = page.getByRole('form', { name: 'Audit' });
  await form.getByLabel('Command').fill('account set');
  await form.getByLabel('On what').fill('account alice');
  await form.getByRole('button', { name: 'Search' }).click();
  await page.getByText('1 in all').waitFor();
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    operation: 'account set',
    object: 'account alice',
  });
  await rowOf(page, 'Audit', 'account set').press('Enter');
  const low = page.getByRole('row', { name: /^low_balance/ });
  await low.waitFor();
  expect(await low.getByRole('cell').allInnerTexts()).toEqual(['–', '8.00']);
  await page.getByRole('row', { name: `name ${HOSTILE}`, exact: true }).waitFor();
  const csv = await page.request.get(
    `${console.url}${await page.getByRole('link', { name: 'Download as CSV' }).getAttribute('href')}`,
  );
  expect((await csv.text()).trim().split('\n')).toHaveLength(2);
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await page.getByText('key create').waitFor();
  await form.getByLabel('Who').fill('operator:nobody');
  await form.getByRole('button', { name: 'Search' }).click();
  await page.getByText('No change matches these filters.').waitFor();
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

test('a webhook is added, refused at its URL, tells what became of its events, tries again, and is removed by its name', async () => {
  const { page, faults } = await console.as('anna', '/desk/webhooks');
  await page.getByText('No webhook yet.').waitFor();
  await page.getByRole('button', { name: 'New webhook' }).click();
  const form = page.getByRole('form', { name: 'New webhook' });
  await form.getByLabel('Name').fill('crm');
  await form.getByLabel('URL').fill('http://10.0.0.7/');
  await form.getByRole('button', { name: 'Add the webhook' }).click();
  await form.getByText(/RINGFENCE_WEBHOOK_ALLOW=10.0.0.7:80/).waitFor();
  await form.getByLabel('URL').fill(receiver.url);
  await form.getByLabel('Kinds of events').fill('settled');
  await form.getByRole('button', { name: 'Add the webhook' }).click();
  await page.getByText('Secret of the webhook crm').waitFor();
  expect(await shownOnce(page)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByText('No delivery yet.').waitFor();

  const [taken] = await tell(db, 1);
  const stateOf = (id: string | undefined) =>
    db.database('astdelivery').where({ event_id: id }).first('state', 'attempts');
  const becomes = (id: string | undefined, state: string) =>
    eventually(async () => (await stateOf(id))?.state === state || null, `delivery ${id} ${state}`);
  await becomes(taken, 'delivered');
  receiver.answer = 410;
  const [gone] = await tell(db, 1, { accountcode: HOSTILE });
  await becomes(gone, 'dead');
  await page.reload();
  const deliveries = page.getByRole('table', { name: 'Deliveries' });
  await deliveries
    .getByRole('row')
    .filter({ hasText: `settled ${gone}` })
    .getByText('given up')
    .waitFor();
  expect(
    await deliveries
      .getByRole('row')
      .filter({ hasText: `settled ${taken}` })
      .textContent(),
  ).toContain('delivered HTTP 200');
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('did not take it: HTTP 410').waitFor();
  receiver.answer = 200;
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('It took the test: HTTP 200.').waitFor();
  await deliveries.getByRole('button', { name: `Try again: event ${gone} for crm` }).click();
  await page.getByText('1 is tried again.').waitFor();
  await becomes(gone, 'delivered');
  await page.getByRole('button', { name: 'delivered', exact: true }).click();
  await page.getByText('2 in all').waitFor();
  expect(new URL(page.url()).search).toBe('?open=crm&state=delivered');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused. Its events wait').waitFor();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('It goes on').waitFor();
  await page.getByRole('button', { name: 'Remove' }).click();
  const remove = page.getByRole('form', { name: 'Remove' });
  await remove.getByLabel('Type crm to go on').fill('crm');
  await remove.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('crm is removed.').waitFor();
  await page.getByText('No webhook yet.').waitFor();
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

test('books are proven by a job that is left and come back to; what does not agree is shown, a comparison too', async () => {
  const { page, faults } = await console.as('anna', '/desk/books');
  await page.getByText('The books were never proven yet.').waitFor();
  await page.getByText('No job yet.').waitFor();
  await page.getByRole('button', { name: 'Prove the books' }).click();
  const form = page.getByRole('form', { name: 'Prove the books' });
  await form.getByLabel('Only since').fill('2099-01-01T00:00:00');
  await form.getByRole('button', { name: 'Begin' }).click();
  await form.getByText(/is still to come/).waitFor();
  await form.getByLabel('Only since').fill('');
  await form.getByRole('button', { name: 'Begin' }).click();
  await page.getByText('Job 1 is asked for.').waitFor();
  await page.getByText('It goes on when you leave this page.').waitFor();
  await page.getByRole('link', { name: 'Accounts' }).click();
  await page.getByRole('heading', { name: 'Accounts' }).waitFor();
  await page.goBack();
  await page.getByText('No difference: the books balance.').waitFor({ timeout: JOB_MS });
  await page.getByText('Proof, every row the books balance').waitFor();

  await db.database('astaccount').where({ accountcode: HOSTILE }).update({ balance: '2' });
  await page.getByRole('button', { name: 'Prove the books' }).click();
  await form.getByRole('button', { name: 'Begin' }).click();
  await page.getByText('Job 2 is asked for.').waitFor();
  const differences = page.getByRole('table', { name: 'Difference', exact: true });
  await differences.getByText(HOSTILE).first().waitFor({ timeout: JOB_MS });
  await db.database('astaccount').where({ accountcode: HOSTILE }).update({ balance: '1' });

  await page.getByRole('button', { name: 'Compare with the switches' }).click();
  const compare = page.getByRole('form', { name: 'Compare with the switches' });
  await compare.getByLabel('Calls before').fill('2020-01-01T00:00:00');
  await compare.getByRole('button', { name: 'Begin' }).click();
  await compare.getByText(/is not after from/).waitFor();
  await compare.getByLabel('Calls before').fill('');
  await compare.getByRole('button', { name: 'Begin' }).click();
  await page.getByText('No difference: both agree.').waitFor({ timeout: JOB_MS });
  await page.getByText('Comparison with the switches both agree').waitFor();
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

test('switches with their leases, and what must be corrected', async () => {
  const { page, faults } = await console.as('pia', '/desk/nodes');
  await page.getByText('No switch is known yet.').waitFor();
  await page.getByText('no service reports anything').waitFor();
  await db.database.raw(
    `INSERT INTO astlease (node, owner, epoch, acquired_at, expires_at) VALUES
       ('ast1', 'host-1 17', 3, UTC_TIMESTAMP(3) - INTERVAL 2 HOUR, UTC_TIMESTAMP(3) + INTERVAL 600 SECOND),
       (?, '', 4, NULL, UTC_TIMESTAMP(3) - INTERVAL 1 DAY)`,
    [HOSTILE],
  );
  await db.database.raw(
    `INSERT INTO astalarm (reporter, alarm, subject, details, since_at, seen_at)
     VALUES ('host-1 17', 'switch_login_refused', 'ast2', ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 HOUR)`,
    [HOSTILE],
  );
  // It appears by itself.
  await page.getByRole('cell', { name: 'ast1' }).waitFor();
  expect(await cellsOf(page, 'Switches', 'ast1')).toEqual([
    'ast1',
    'host-1 17',
    expect.stringMatching(/^5\d\d s left$/),
    expect.stringMatching(/^2 (hr|hrs|hours)$/),
    '3',
    '0',
    '0',
    'never',
    '–',
  ]);
  expect((await cellsOf(page, 'Switches', HOSTILE)).slice(1, 3)).toEqual(['none', 'no lease']);
  await page.getByRole('alert').getByText('switch_login_refused').waitFor();
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

test('an administrator sees the settings in use, and no secret', async () => {
  const { page, faults } = await console.as('anna', '/desk/settings');
  expect((await cellsOf(page, 'Settings', 'RINGFENCE_SECOND_PERSON_ABOVE'))[1]).toBe('100');
  expect((await cellsOf(page, 'Settings', 'RINGFENCE_DATABASE_URL'))[1]).not.toContain(new URL(db.url).password);
  const given = await page.getByRole('row').count();
  await page.getByRole('button', { name: 'All, also defaults' }).click();
  await page.getByText('RINGFENCE_PIN_KEY', { exact: true }).waitFor();
  expect(await page.getByRole('row').count()).toBeGreaterThan(given);
  expect((await cellsOf(page, 'Settings', 'RINGFENCE_PIN_KEY'))[1]).toBe('not set');
  expect(faults).toEqual([]);
});

test('each role sees its parts of the desk, and none of the others by their addresses', async () => {
  await console.person('cleo', 'customer', 'alice');
  const all = ['people', 'keys', 'approvals', 'audit', 'webhooks', 'books', 'nodes', 'settings'];
  const seen: Record<string, string[]> = {
    rhea: ['approvals', 'webhooks', 'books', 'nodes'],
    carl: ['approvals', 'nodes'],
    pia: ['nodes'],
    cleo: [],
  };
  for (const [name, parts] of Object.entries(seen)) {
    const { page, faults } = await console.as(name, '/desk');
    const refused = page.getByText('Your roles do not include this page.');
    await (parts.length > 0 ? page.locator('main nav a[aria-current=page]') : refused).waitFor();
    expect([name, await refused.count()]).toEqual([name, parts.length > 0 ? 0 : 1]);
    // By their addresses, the parts without a tab. One role is enough: each part checks by itself.
    for (const part of name === 'pia' ? all.filter(each => !parts.includes(each)) : []) {
      await page.goto(`${console.url}/desk/${part}`);
      await refused.waitFor();
    }
    const tabs = page.getByRole('navigation', { name: 'Parts of the desk' }).getByRole('link');
    const to = await Promise.all((await tabs.all()).map(tab => tab.getAttribute('href')));
    expect([name, to]).toEqual([name, parts.map(part => `/desk/${part}`)]);
    expect(await page.getByRole('link', { name: 'Desk' }).count()).toBe(parts.length > 0 ? 1 : 0);
    expect(faults).toEqual([]);
  }
  // Support tries again what was given up, without the list of webhooks; who only looks tries nothing.
  await ringfence(db.url, ['webhook', 'add', 'away', '--url', receiver.url], { RINGFENCE_WEBHOOK_ALLOW: '127.0.0.1' });
  const [gone] = await tell(db, 1);
  const { webhook_id } = await db.database('astwebhook').where({ webhook: 'away' }).first('webhook_id');
  const dead = { webhook_id, event_id: gone, state: 'dead', next_at: '2026-01-01', ended_at: '2026-01-01' };
  await db
    .database('astdelivery')
    .insert({ ...dead, last_error: HOSTILE })
    .onConflict()
    .merge();
  const rhea = await console.as('rhea', '/desk/webhooks');
  await rhea.page.getByText('The list of webhooks is for administrators').waitFor();
  await rhea.page.getByText(HOSTILE).first().waitFor();
  expect(await rhea.page.locator('main').getByRole('button').count()).toBe(0);
  const sue = await console.as('sue', '/desk/webhooks');
  await sue.page.getByRole('button', { name: `Try again: event ${gone} for away` }).click();
  await sue.page.getByText('1 is tried again.').waitFor();
  expect([...rhea.faults, ...sue.faults]).toEqual([]);
});

describe.each([
  ['light', 1440, 'en-GB'],
  ['dark', 360, 'de-DE'],
] as const)('%s, %i pixels wide, %s', (colorScheme, width, locale) => {
  test.each([
    ['/desk/people?open=nora', 'table >> text=nora'],
    ['/desk/people?do=invite', 'form[aria-label] >> text=customer'],
    ['/desk/people?open=nora&do=reset', 'form >> text=nora'],
    ['/desk/keys?do=create', 'form[aria-label] input[name=expires]'],
    ['/desk/keys?all=true&open=1&do=revoke', 'table >> text=portal'],
    ['/desk/approvals?all=true&open=2', 'dd >> text=operator:sue'],
    ['/desk/audit?object=account+alice&open=CHANGE', 'table table >> text=low_balance'],
    ['/desk/webhooks?open=away', 'table >> text=away'],
    ['/desk/webhooks?do=add', 'form[aria-label] input[name=url]'],
    ['/desk/books?job=2', 'table >> text=balance'],
    ['/desk/books?do=reconcile', 'form[aria-label] input[name=tolerance]'],
    ['/desk/nodes', 'table >> text=ast1'],
    ['/desk/settings?all=true', 'table >> text=RINGFENCE_PIN_KEY'],
  ] as const)('%s hinders nobody, and fits', async (path, there) => {
    const { page, faults } = await console.as('anna', '/desk', { colorScheme, width, locale });
    const { audit_id } = await db.database('astaudit').where({ operation: 'account set' }).first('audit_id');
    await page.goto(console.url + path.replace('CHANGE', String(audit_id)));
    await page.locator('main').locator(there).first().waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });
});

test('the books balance after all that', () => booksBalance(db));
