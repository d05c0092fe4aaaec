/** How people come into the console, in a real browser: by password, with a one-time token, and out again. */

import { get, type IncomingMessage } from 'node:http';
import { json } from '../cli/cli-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { PASSWORD } from '../http/people-fixture';
import { barriersOn, type ConsoleService, LOOKS, logIn, overhangOf, startConsole } from './console-fixture';

let db: TestDatabase;
let console: ConsoleService;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db);
  await console.person('anna', 'admin');
});
afterAll(async () => {
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

test('a person logs in where the address led, and out again', async () => {
  const { page, faults } = await console.visit('/live?trunk=main');
  expect(await page.title()).toBe('Ringfence');
  await logIn(page, 'anna');
  expect(new URL(page.url()).pathname).toBe('/live');
  expect(new URL(page.url()).search).toBe('?trunk=main');
  await page.getByRole('button', { name: 'anna' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(faults).toEqual([]);
});

test('a log-out that did not reach the service is told, and the person is still in', async () => {
  const { page } = await console.as('anna', '/');
  await page.route('**/api/v1/session', route =>
    route.request().method() === 'DELETE' ? route.abort() : route.continue(),
  );
  await page.getByRole('button', { name: 'anna' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByText('The service does not answer').waitFor();
  await page.unrouteAll();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
});

test('another person in another tab: the first tab is theirs too, when it is looked at', async () => {
  await console.person('dora', 'read');
  const { page, context } = await console.as('anna', '/');
  const other = await context.newPage();
  await other.goto(console.url);
  await other.getByRole('button', { name: 'anna' }).click();
  await other.getByRole('menuitem', { name: 'Log out' }).click();
  await logIn(other, 'dora');
  await page.bringToFront();
  await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
  await page.getByRole('button', { name: 'dora' }).waitFor();
});

test('a wrong password is refused in its place, and says no more', async () => {
  const { page } = await console.visit('/');
  for (const name of ['anna', 'nobody']) {
    await page.getByLabel('Name').fill(name);
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill('wrong horse battery');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('the name, the password or the code is wrong');
    await page.reload();
  }
});

test('a one-time token gives a password, and then the person logs in', async () => {
  const { token } = await json(db.url, ['operator', 'invite', 'bert', '--roles', 'read']);
  const { page, faults } = await console.visit('/');
  await page.getByRole('button', { name: 'I have a one-time token' }).click();
  await page.getByRole('textbox', { name: 'One-time token' }).fill(` ${token} `);
  await page.getByRole('textbox', { name: 'New password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
  expect(await page.getByLabel('Name').inputValue()).toBe('bert');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'bert' }).waitFor();
  expect(faults).toEqual([]);
});

test('a session that an administrator ends asks for the password where the person was', async () => {
  await console.person('cora', 'read');
  const { page } = await console.as('cora', '/accounts?text=ali');
  await json(db.url, ['operator', 'block', 'cora']);
  await json(db.url, ['operator', 'unblock', 'cora']);
  await page.reload();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await logIn(page, 'cora');
  expect(new URL(page.url()).search).toBe('?text=ali');
});

describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
  test('the entrance hinders nobody, and fits', async () => {
    const { page, faults } = await console.visit('/', { colorScheme, width });
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });
});

test('a browser that reads German is answered in German', async () => {
  const { page } = await console.visit('/', { locale: 'de-DE' });
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
});

test('the page lets no stranger in: no script and no style but its own, no frame, nothing of it kept', async () => {
  const answer = await fetch(`${console.url}/accounts/anything`, { headers: { accept: 'text/html' } });
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/script-src 'self';/);
  expect(policy).toMatch(/frame-ancestors 'none'/);
  expect(policy).not.toMatch(/unsafe|\*|data:|http:/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const [, nonce] = /'nonce-([^']+)'/.exec(policy) ?? [];
  const text = await answer.text();
  expect(text).toContain(`content="${nonce}"`);
  expect(text).not.toContain('__NONCE__');
  const again = await fetch(`${console.url}/`, { headers: { accept: 'text/html' } });
  expect(again.headers.get('content-security-policy')).not.toContain(nonce);
});

test('what is no page and no file is answered as a problem', async () => {
  const asked = [
    ['/api/v1/nothing', 'text/html'],
    ['/nothing', 'application/json'],
    ['/assets/../../package.json', '*/*'],
    ['/assets/%2e%2e/%2e%2e/package.json', '*/*'],
  ] as const;
  for (const [path, accept] of asked) {
    // fetch would tidy the path up before it asks.
    const { statusCode, headers } = await new Promise<IncomingMessage>((done, failed) =>
      get({ host: '127.0.0.1', port: new URL(console.url).port, path, headers: { accept } }, done).on('error', failed),
    );
    expect([path, statusCode]).toEqual([path, 404]);
    expect(headers['content-type']).toContain('application/problem+json');
  }
});
