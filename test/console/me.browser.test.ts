/** What a person sees to in a real browser: password, second factor, sessions; and each refusal in its place. */
import { generate } from 'lean-qr';
import type { Locator, Page } from 'playwright-core';
import { digitsOf, stepAt } from '../../src/access/second-factor';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { OTHER_PASSWORD, PASSWORD } from '../http/people-fixture';
import { barriersOn, type ConsoleService, LOOKS, logIn, overhangOf, startConsole } from './console-fixture';

let db: TestDatabase;
let console: ConsoleService;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'alice', '10');
  console = await startConsole(db, { RINGFENCE_PIN_KEY: 'a-secret-of-thirty-two-characters-0' });
});
afterAll(async () => {
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

async function at(name: string, roles = 'read', look = {}) {
  await console.person(name, roles, roles === 'customer' ? 'alice' : undefined);
  return console.as(name, '/me', look);
}
const form = (page: Page, name: string): Locator => page.getByRole('form', { name });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** As an authenticator computes it from the key that the page shows. */
function codeBy(secret: string, halfMinutes = 0): string {
  const bits = [...secret].map(letter =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = (bits.join('').match(/.{8}/g) as string[]).map(byte => Number.parseInt(byte, 2));
  return digitsOf(Buffer.from(bytes), stepAt(Date.now()) + halfMinutes);
}
/** The modules of the QR code that is shown, row by row, by what the browser fills: # is dark. Its four empty modules around it too. */
const modulesShown = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const svg = document.querySelector('main svg[role=img]');
    const [x, y, width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
    const path = svg.querySelector('path');
    const isDark = (column, row) => path.isPointInFill(new DOMPoint(x + column + 0.5, y + row + 0.5));
    return Array.from({ length: height }, (_, row) =>
      Array.from({ length: width }, (_, column) => (isDark(column, row) ? '#' : ' ')).join(''));
  })()`) as Promise<string[]>;
const modulesOf = (text: string): string[] =>
  generate(text).toString({ on: '#', off: ' ', pad: 4 }).split('\n').filter(Boolean);

/** So that the next code is good in the same half minute. */
const unused = () => db.database('astsecondfactor').update({ last_step: null });

/** Sets a second factor up on the page; resolves with its key and the recovery codes. */
async function setUp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await press(page, 'Set up a second factor');
  await form(page, 'Set up a second factor').getByLabel('Present password').fill(PASSWORD);
  await form(page, 'Set up a second factor').getByRole('button', { name: 'Set up a second factor' }).click();
  const secret = ((await page.locator('code').textContent()) as string).replaceAll(' ', '');
  // The QR code, the link and the key fit into every window.
  expect(await overhangOf(page)).toBe(0);
  await page.getByLabel('Code that the authenticator shows').fill(codeBy(secret));
  await press(page, 'Turn it on');
  const codes = page.locator('section[data-codes] li');
  await codes.first().waitFor();
  await unused();
  return { secret, codes: await codes.allInnerTexts() };
}

test('the way there is the menu of the person', async () => {
  await console.person('anna', 'admin');
  const { page, faults } = await console.as('anna', '/');
  await page.getByRole('button', { name: 'anna' }).click();
  await page.getByRole('menuitem', { name: 'Password and sessions' }).click();
  await page.getByRole('heading', { name: 'Password and sessions' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/me');
  expect(faults).toEqual([]);
});

test('who chooses a page while the first one is still being found gets the chosen one', async () => {
  await console.person('hasty', 'admin');
  const { page, faults } = await console.as('hasty', '/me');
  let answer = () => {};
  const answered = new Promise<void>(done => {
    answer = done;
  });
  let give = () => {};
  const given = new Promise<void>(done => {
    give = done;
  });
  await page.route(/\/api\/v1\/calls\?/, async route => {
    await answered;
    await route.continue();
  });
  await page.route(/\/assets\/me-[^/]*\.js$/, async route => {
    await given;
    await route.continue();
  });
  await page.goto(`${console.url}/`);
  await page.getByRole('button', { name: 'hasty' }).click();
  const asked = page.waitForRequest(/\/assets\/me-[^/]*\.js$/);
  await page.getByRole('menuitem', { name: 'Password and sessions' }).click();
  await asked;
  const found = page.waitForResponse(/\/api\/v1\/accounts\?/);
  answer();
  await found;
  await page.waitForTimeout(500);
  give();
  await page.getByRole('heading', { name: 'Password and sessions' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/me');
  expect(faults).toEqual([]);
});

describe('password', () => {
  const change = async (page: Page, present: string, next: string) => {
    await form(page, 'Password').getByLabel('Present password').fill(present);
    await form(page, 'Password').getByLabel('New password').fill(next);
    await press(page, 'Change the password');
  };

  test('a new one ends the other sessions, and is the one that counts', async () => {
    const { page, faults } = await at('bert');
    const other = await console.as('bert', '/me');
    await change(page, PASSWORD, OTHER_PASSWORD);
    await page.getByText('The password is changed. One other session was ended.').waitFor();
    expect(await form(page, 'Password').getByLabel('New password').inputValue()).toBe('');
    await other.page.reload();
    await other.page.getByRole('heading', { name: 'Log in' }).waitFor();
    await logIn(other.page, 'bert', OTHER_PASSWORD);
    expect(faults).toEqual([]);
  });

  test('a wrong one is refused in its place; too many must wait, and are told how long', async () => {
    const { page } = await at('cora');
    await change(page, 'wrong horse battery', OTHER_PASSWORD);
    await page.getByText('The password or the code is wrong.').waitFor();
    const waits = page.getByText(/Too many wrong tries\. Try again in \d+ s\./);
    for (let tries = 0; tries < 20 && (await waits.count()) === 0; tries++) {
      await change(page, 'wrong horse battery', OTHER_PASSWORD);
      await page.locator('form [role=alert], form [role=status]').first().waitFor();
    }
    await waits.waitFor();
    await page.getByText('You may try again now.').waitFor({ timeout: 60_000 });
    await change(page, PASSWORD, OTHER_PASSWORD);
    await page.getByText('The password is changed.').waitFor();
  }, 180_000);

  test('one that is too short goes nowhere', async () => {
    const { page } = await at('dora');
    const asked: string[] = [];
    page.on('request', request => asked.push(request.method()));
    await change(page, PASSWORD, 'short');
    await page.waitForTimeout(200);
    expect(asked).not.toContain('POST');
  });
});

describe('second factor', () => {
  test('it is set up by a first code; recovery codes are shown once, copied and printed alone', async () => {
    const { page, context, faults } = await at('emil', 'customer');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await press(page, 'Set up a second factor');
    await form(page, 'Set up a second factor').getByLabel('Present password').fill('wrong horse battery');
    await form(page, 'Set up a second factor').getByRole('button', { name: 'Set up a second factor' }).click();
    await page.getByText('The password or the code is wrong.').waitFor();
    // The keyboard goes on in the field: Escape leaves the form.
    await page.keyboard.press('Escape');
    await form(page, 'Set up a second factor').waitFor({ state: 'detached' });
    await press(page, 'Set up a second factor');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    const secret = ((await page.locator('code').textContent()) as string).replaceAll(' ', '');
    const link = page.getByRole('link', { name: 'Open in the authenticator of this device' });
    expect(await link.getAttribute('href')).toMatch(new RegExp(`^otpauth://totp/Ringfence:emil\\?.*secret=${secret}`));
    await page.getByRole('img', { name: 'QR code for your authenticator' }).waitFor();
    expect(await modulesShown(page)).toEqual(modulesOf((await link.getAttribute('href')) as string));
    await page.getByLabel('Code that the authenticator shows').fill(codeBy(secret, 10));
    await press(page, 'Turn it on');
    await page.getByText('This is not the code that the authenticator shows now.').waitFor();
    await page.getByLabel('Code that the authenticator shows').fill(codeBy(secret));
    await press(page, 'Turn it on');
    const codes = page.locator('section[data-codes] li');
    await codes.first().waitFor();
    expect(await codes.count()).toBe(10);
    await page.getByText('10 recovery codes are left.').waitFor();
    await press(page, 'Copy');
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe((await codes.allInnerTexts()).join('\n'));
    await page.emulateMedia({ media: 'print' });
    expect(await codes.first().isVisible()).toBe(true);
    expect(await page.getByRole('heading', { name: 'Sessions' }).isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'emil' }).isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    // They are nowhere else: the page is not left without a question.
    await page.locator('header').getByRole('link', { name: 'Ringfence' }).click();
    await page.getByText('What is shown here this once is lost if you leave this page.').waitFor();
    await press(page, 'Stay here');
    expect(new URL(page.url()).pathname).toBe('/me');
    await press(page, 'I have kept them');
    expect(await codes.count()).toBe(0);
    await page.reload();
    await page.getByText('10 recovery codes are left.').waitFor();
    expect(await codes.count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test.each([640, 740])(
    'on a telephone of 360 × %i the QR code and the field below it are both in sight, and no keyboard covers them',
    async height => {
      const { page, faults } = await at(`tel${height}`, 'read', { width: 360, height });
      await press(page, 'Set up a second factor');
      await form(page, 'Set up a second factor').getByLabel('Present password').fill(PASSWORD);
      await form(page, 'Set up a second factor').getByRole('button', { name: 'Set up a second factor' }).click();
      const [code, field] = [
        page.getByRole('img', { name: 'QR code for your authenticator' }),
        page.getByLabel('Code that the authenticator shows'),
      ];
      await code.waitFor();
      const bar = await page.locator('header').first().boundingBox();
      const [above, below] = [await code.boundingBox(), await field.boundingBox()];
      expect(above?.y).toBeGreaterThanOrEqual(bar?.height ?? 0);
      expect((below?.y ?? height) + (below?.height ?? 0)).toBeLessThanOrEqual(height);
      expect(await page.evaluate('document.activeElement.tagName')).toBe('FORM');
      // It is found again after a session that was lost.
      const key = await page.locator('code').textContent();
      await page.context().clearCookies();
      await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
      await page.getByText(`What was shown to tel${height} once`).waitFor();
      expect(await overhangOf(page)).toBe(0);
      await logIn(page, `tel${height}`);
      expect(await page.locator('code').textContent()).toBe(key);
      await field.fill(codeBy((key as string).replaceAll(' ', '')));
      await press(page, 'Turn it on');
      await page.locator('section[data-codes] li').first().waitFor();
      expect(faults).toEqual([]);
    },
  );

  test('a code is needed from then on: for a new password, new codes, and to remove it', async () => {
    const { page, faults } = await at('frida');
    const { secret, codes } = await setUp(page);
    await press(page, 'New recovery codes');
    const renew = form(page, 'New recovery codes');
    await renew.getByLabel('Present password').fill(PASSWORD);
    await renew.getByLabel('Code of your authenticator').fill('000000');
    await renew.getByRole('button', { name: 'New recovery codes' }).click();
    await renew.getByText('The password or the code is wrong.').waitFor();
    await renew.getByLabel('Code of your authenticator').fill(codeBy(secret));
    await renew.getByRole('button', { name: 'New recovery codes' }).click();
    await renew.waitFor({ state: 'detached' });
    await page
      .locator('section[data-codes] li')
      .filter({ hasNotText: codes[0] as string })
      .first()
      .waitFor();
    const fresh = await page.locator('section[data-codes] li').allInnerTexts();
    expect(fresh).not.toContain(codes[0]);
    await form(page, 'Password').getByLabel('Present password').fill(PASSWORD);
    await form(page, 'Password')
      .getByLabel('Code of your authenticator')
      .fill(fresh[0] as string);
    await form(page, 'Password').getByLabel('New password').fill(OTHER_PASSWORD);
    await press(page, 'Change the password');
    await page.getByText('The password is changed.').waitFor();
    await press(page, 'Remove the second factor');
    const remove = form(page, 'Remove the second factor');
    await remove.getByLabel('Present password').fill(OTHER_PASSWORD);
    await remove.getByLabel('Code of your authenticator').fill(fresh[1] as string);
    await remove.getByRole('button', { name: 'Remove the second factor' }).click();
    await page.getByRole('button', { name: 'Set up a second factor' }).waitFor();
    expect(faults).toEqual([]);
  });

  test('where another browser has set it up meanwhile, the code is asked for when it turns out to be missing', async () => {
    const { page } = await at('gerd');
    await page.getByRole('button', { name: 'Set up a second factor' }).waitFor();
    const other = await console.as('gerd', '/me');
    const { codes } = await setUp(other.page);
    await form(page, 'Password').getByLabel('Present password').fill(PASSWORD);
    await form(page, 'Password').getByLabel('New password').fill(OTHER_PASSWORD);
    await press(page, 'Change the password');
    await page.getByText('A code is needed too.').waitFor();
    await form(page, 'Password')
      .getByLabel('Code of your authenticator')
      .fill(codes[0] as string);
    await press(page, 'Change the password');
    await page.getByText('The password is changed.').waitFor();
  });
});

test('sessions: the own one is named, another is ended at once', async () => {
  const { page, faults } = await at('hugo');
  const other = await console.as('hugo', '/me');
  await page.reload();
  const sessions = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
  await sessions.nth(1).waitFor();
  expect(await sessions.filter({ hasText: 'this one' }).count()).toBe(1);
  expect(await sessions.filter({ hasText: 'this one' }).getByRole('button').count()).toBe(0);
  await sessions.filter({ hasNotText: 'this one' }).getByRole('button').click();
  await sessions.nth(1).waitFor({ state: 'detached' });
  await other.page.reload();
  await other.page.getByRole('heading', { name: 'Log in' }).waitFor();
  await page.getByText('this one').waitFor();
  expect(faults).toEqual([]);
});

test('a service without RINGFENCE_PIN_KEY says who must set it', async () => {
  const keyless = await startConsole(db);
  try {
    await keyless.person('ida', 'read');
    const { page } = await keyless.as('ida', '/me');
    await press(page, 'Set up a second factor');
    await form(page, 'Set up a second factor').getByLabel('Present password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('An administrator must set RINGFENCE_PIN_KEY.').waitFor();
  } finally {
    await keyless.stop();
  }
});

test('German', async () => {
  const { page } = await at('jan', 'read', { locale: 'de-DE' });
  await page.getByRole('heading', { name: 'Passwort und Sitzungen' }).waitFor();
  await page.getByLabel('Jetziges Passwort').fill('falsches Pferd 123');
  await page.getByLabel('Neues Passwort').fill(OTHER_PASSWORD);
  await press(page, 'Passwort ändern');
  await page.getByText('Das Passwort oder der Code ist falsch.').waitFor();
});

describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
  test('it hinders nobody, and fits: at rest, and with its forms open and its codes shown', async () => {
    const name = `k${colorScheme}${width}`;
    const { page, faults } = await at(name, 'read', { colorScheme, width });
    await page.getByText('this one').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await setUp(page);
    await press(page, 'New recovery codes');
    await press(page, 'Remove the second factor');
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });
});
