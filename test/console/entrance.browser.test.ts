/** How people come into the console, in a real browser: by password, with a one-time token, and out again. */

import { get, type IncomingMessage } from 'node:http';
import type { Page } from 'playwright-core';
import { json } from '../cli/cli-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { OTHER_PASSWORD, PASSWORD, Browser as Program } from '../http/people-fixture';
import { type MailServer, mailSettings, openMailServer, tokenIn } from '../mail/mail-server';
import { barriersOn, type ConsoleService, LOOKS, logIn, overhangOf, startConsole } from './console-fixture';

let db: TestDatabase;
let console: ConsoleService;
let mails: MailServer;
let settings: Record<string, string>;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  mails = await openMailServer();
  // The service has another port than is known here: only what follows it in a link is opened.
  settings = mailSettings(mails, { consoleUrl: 'http://127.0.0.1:1' });
  console = await startConsole(db, settings);
  await console.person('anna', 'admin');
});
afterAll(async () => {
  await console?.stop();
  await mails?.close();
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
    expect(await page.getByRole('alert').textContent()).toContain('The name, the password or the code is wrong.');
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

/** Where the link of the last mail leads, and its token. */
function linked(): { path: string; token: string } {
  const { text, ...mail } = mails.received.at(-1) as (typeof mails.received)[0];
  const [, path = ''] = /^http:\/\/127\.0\.0\.1:1(\/\S*)$/m.exec(text) ?? [];
  return { path, token: tokenIn({ ...mail, text }) };
}

/** Chooses a password by the link that is open, and logs in. */
async function chooseBy(page: Page, password = PASSWORD): Promise<void> {
  await page.getByRole('textbox', { name: 'New password' }).fill(password);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('main#page').waitFor();
}

test('the link of a mail leads to a password; its token is in no address and no header that anyone sees', async () => {
  await json(db.url, ['operator', 'invite', 'emma', '--roles', 'read', '--mail', 'emma@example.com'], settings);
  const { path, token } = linked();
  const { page, context, faults } = await console.visit('/');
  const seen: string[] = [];
  context.on('request', request => seen.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  await page.goto('about:blank');
  await page.goto(console.url + path);
  await page.getByText('Your link is good once').waitFor();
  expect(await page.getByRole('textbox', { name: 'One-time token' }).count()).toBe(0);
  expect(page.url()).toBe(`${console.url}/`);
  expect(await page.content()).not.toContain(token);
  await chooseBy(page);
  await page.getByRole('button', { name: 'emma' }).waitFor();
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.filter(each => each.includes(token))).toEqual([]);
  expect(faults).toEqual([]);
  // Opened once more in a tab where the console is already.
  await page.goto(console.url + path);
  await page.getByRole('textbox', { name: 'New password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('The one-time token was used or has expired.').waitFor();
  await page.getByRole('button', { name: 'Log in instead' }).click();
  await page.getByRole('button', { name: 'emma' }).waitFor();
});

test("a link that is opened where another person is logged in is its own person's", async () => {
  await json(db.url, ['operator', 'invite', 'finn', '--roles', 'read', '--mail', 'finn@example.com'], settings);
  const { page } = await console.as('anna', '/');
  await page.goto(console.url + linked().path);
  await page.getByRole('textbox', { name: 'New password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Set the password' }).click();
  // The one who was logged in still is.
  await page.getByRole('button', { name: 'anna' }).waitFor();
  expect((await new Program(Number(new URL(console.url).port)).logIn('finn', PASSWORD)).status).toBe(200);
});

test('a person who forgot the password gets a link; one who is unknown is told the same', async () => {
  await json(db.url, ['operator', 'invite', 'gerd', '--roles', 'read', '--mail', 'gerd@example.com'], settings);
  const given = await new Program(Number(new URL(console.url).port)).post('/invitation', {
    token: linked().token,
    password: PASSWORD,
  });
  expect(given.status).toBe(200);
  const { page, faults } = await console.visit('/', { width: 360, colorScheme: 'dark' });
  const told: (string | null)[] = [];
  for (const name of ['unknown', 'Gerd']) {
    await page.getByRole('button', { name: 'Forgot the password?' }).click();
    await page.getByLabel('Name').fill(name);
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('a mail is on its way').waitFor();
    told.push(await page.locator('main').textContent());
    await page.getByRole('button', { name: 'Log in instead' }).click();
  }
  expect(told[1]).toBe(told[0]);
  await eventually(async () => mails.received.at(-1)?.text.includes('Hello gerd,\n\nSomeone') || null, 'the mail');
  await page.goto(console.url + linked().path);
  await page.getByText('Your link is good once').waitFor();
  expect(await barriersOn(page)).toEqual([]);
  expect(await overhangOf(page)).toBe(0);
  await chooseBy(page, OTHER_PASSWORD);
  expect(faults).toEqual([]);
});

test('a service that sends no mail says whom to ask', async () => {
  const without = await startConsole(db);
  try {
    const { page } = await without.visit('/');
    await page.getByRole('button', { name: 'Forgot the password?' }).click();
    await page.getByLabel('Name').fill('anna');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('This service sends no mail. Ask your administrator').waitFor();
  } finally {
    await without.stop();
  }
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
