/** The pages of cards and vouchers in a real browser: batches are made, printed, activated, blocked and redeemed. */
import type { Page } from 'playwright-core';
import { accountOfPin } from '../../src/cards/card-login';
import { json } from '../cli/cli-fixture';
import { addAccount, addDeck, booksBalance } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { barriersOn, type ConsoleService, overhangOf, startConsole, waitForCount } from './console-fixture';

const KEY = 'a-secret-of-thirty-two-characters-0';
/** Strangers choose the codes of accounts. */
const HOSTILE = '<img src=x onerror="window.hit=1">';

let db: TestDatabase;
let console: ConsoleService;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db, { RINGFENCE_PIN_KEY: KEY });
  for (const [name, roles] of [
    ['anna', 'admin'],
    ['sue', 'support'],
    ['carl', 'cashier'],
    ['rita', 'read'],
    ['pia', 'prices'],
  ] as const) {
    await console.person(name, roles);
  }
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, HOSTILE, '0');
});
afterAll(async () => {
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

const rows = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('cell') });
const cells = (page: Page): Promise<string[][]> =>
  rows(page).evaluateAll(all => all.map(row => [...row.children].map(cell => cell.textContent ?? '')));

test('without a batch the page says how one is made, to whom may make it; who may see none is told so', async () => {
  const { page, faults } = await console.as('anna', '/cards');
  await page.getByText('No card yet.').waitFor();
  expect(await page.locator('main code').textContent()).toContain('ringfence card generate --batch summer');
  await page.getByRole('button', { name: 'Vouchers', exact: true }).click();
  await page.getByText('No voucher yet.').waitFor();
  await page.getByRole('button', { name: 'Make vouchers' }).waitFor();
  const reader = await console.as('rita', '/cards?do=make');
  await reader.page.getByText('No card yet.').waitFor();
  expect(await reader.page.getByRole('button', { name: 'Make cards' }).count()).toBe(0);
  const other = await console.as('pia', '/cards');
  await other.page.getByText('Your roles do not include this page.').waitFor();
  expect(await other.page.getByRole('link', { name: 'Cards and vouchers' }).count()).toBe(0);
  expect(faults).toEqual([]);
});

test('a batch is made: what is wrong stands at its field, its PINs are shown once, print as cards, and work when activated', async () => {
  const { page, faults } = await console.as('anna', '/cards?do=make');
  const form = page.getByRole('form', { name: 'Make cards' });
  await form.getByLabel('Name of the batch').fill('sum mer');
  await form.getByLabel('How many').fill('12');
  await form.getByLabel('Value of each').fill('10');
  await form.getByText('their accounts have 120.00 together').waitFor();
  await form.getByRole('button', { name: 'Make 12 cards' }).click();
  await form.getByText('Use 1 to 40 letters').waitFor();
  await form.getByLabel('Name of the batch').fill('summer');
  await form.getByRole('button', { name: 'Make 12 cards' }).click();

  await page.getByRole('heading', { name: 'summer: the PINs of 12 cards' }).waitFor();
  await page.getByLabel('Your name').fill(HOSTILE);
  await page.getByLabel('How to use it').fill('Call 030 1234567.');
  await page.getByText('10.00 EUR').first().waitFor();
  const sheet = page.getByRole('list', { name: 'summer: the PINs of 12 cards' });
  const pins = (await sheet.locator('code').allInnerTexts()).map(pin => pin.replaceAll(' ', ''));
  expect(pins.filter(pin => /^\d{12}$/.test(pin))).toHaveLength(12);
  expect(await sheet.getByRole('listitem').first().textContent()).toMatch(
    /^<img .*>10\.00 EURPIN(\d{4} ){2}\d{4}Call 030 1234567\.Card 1$/,
  );
  expect(await barriersOn(page)).toEqual([]);

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Keep the PINs as a file' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('summer.csv');
  const stream = await file.createReadStream();
  const written = Buffer.concat(await stream.toArray()).toString();
  expect(written).toBe(`serial,pin\n${pins.map((pin, index) => `${index + 1},${pin}\n`).join('')}`);

  await page.emulateMedia({ media: 'print' });
  expect(await page.getByRole('navigation').isVisible()).toBe(false);
  expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(false);
  expect(await page.getByLabel('Your name').isVisible()).toBe(false);
  // Ten cards on a page.
  const paper = (await page.pdf({ format: 'A4', preferCSSPageSize: true })).toString('latin1');
  expect(paper.match(/\/Type\s*\/Page\b/g)).toHaveLength(2);
  await page.emulateMedia({ media: 'screen' });

  await page.getByRole('link', { name: 'Accounts' }).click();
  await page.getByText('You are leaving the only place where these PINs are.').waitFor();
  await page.getByRole('button', { name: 'Stay here' }).click();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('heading', { name: 'summer', exact: true }).waitFor();
  await waitForCount(rows(page), 12);
  await page.goto(`${console.url}/cards?do=make`);
  await page.getByRole('cell', { name: 'summer' }).waitFor();
  const kept = (await page.evaluate('document.body.innerText + JSON.stringify({ ...localStorage })')) as string;
  expect(pins.filter(pin => kept.replaceAll(' ', '').includes(pin))).toEqual([]);
  expect(await accountOfPin(db.database, [KEY], pins[0] as string)).toBeNull();
  await json(db.url, ['card', 'activate', '--batch', 'summer', '--to', '1']);
  expect(await accountOfPin(db.database, [KEY], pins[0] as string)).toBe('card-1');
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

test('a part of a batch is activated, with its effect in figures; a cashier is held to its limit, and blocks nothing', async () => {
  await json(db.url, ['cashier', 'limit', 'operator:carl', '45']);
  const { page, faults } = await console.as('carl', '/cards');
  await page.getByRole('cell', { name: 'summer' }).click();
  await page.getByRole('heading', { name: 'summer' }).waitFor();
  expect(await page.getByRole('button', { name: /^Block/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Activate …' }).click();
  const form = page.getByRole('form', { name: 'Activate cards' });
  await form.getByText('Opens 11 accounts with 110.00 EUR in all.').waitFor();
  await form.getByRole('button', { name: 'Activate' }).click();
  await form.getByText(/45\.00/).waitFor();
  await form.getByLabel('From serial').fill('2');
  await form.getByLabel('To serial').fill('five');
  await form.getByRole('button', { name: 'Activate' }).click();
  await form.getByText('“five” is not a whole number').waitFor();
  await form.getByLabel('To serial').fill('5');
  await form.getByText('Opens at most 4 accounts with 40.00 EUR in all.').waitFor();
  await form.getByRole('button', { name: 'Activate' }).click();
  await page.getByText('4 activated.').waitFor();
  await page.getByRole('button', { name: 'active 5', exact: true }).click();
  await waitForCount(rows(page), 5);
  expect(new URL(page.url()).search).toBe('?status=active');
  expect((await cells(page))[1]).toEqual(['2', 'active', 'card-2', '10.00', '–', '–', '–']);
  expect(faults).toEqual([]);
});

test('blocking a batch asks for its name; one card is found by its serial, and blocked alone', async () => {
  const { page, faults } = await console.as('sue', '/cards');
  await page.getByLabel('Serial of a card').fill('99');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByText('There is no card 99.').waitFor();
  await page.getByLabel('Serial of a card').fill('3');
  await page.keyboard.press('Enter');
  const card = page.getByRole('region', { name: 'Card 3' });
  await card.getByText('Its PIN is taken').waitFor();
  await card.getByRole('button', { name: 'Block card 3' }).click();
  await card.getByRole('form').getByRole('button', { name: 'Block card 3' }).click();
  await card.getByText('Its PIN is not taken, and its account starts no call.').waitFor();
  expect(await db.database('astaccount').where({ accountcode: 'card-3' }).first('status')).toEqual({
    status: 'blocked',
  });
  await card.getByRole('button', { name: 'Close' }).click();

  await page.getByRole('button', { name: 'Block …', exact: true }).click();
  const form = page.getByRole('form', { name: 'Block cards' });
  await form.getByText('Refuses 11 PINs from now on').waitFor();
  const go = form.getByRole('button', { name: 'Block', exact: true });
  await form.getByLabel('Type summer to go on').fill('Summer');
  expect(await go.isDisabled()).toBe(true);
  await form.getByLabel('Type summer to go on').fill('summer');
  await go.click();
  await page.getByText('11 blocked. 1 were left as they were.').waitFor();
  expect(await db.database('astcard').where({ status: 'blocked' })).toHaveLength(12);
  await page.getByRole('button', { name: 'Unblock …' }).click();
  await page.getByRole('form').getByRole('button', { name: 'Unblock' }).click();
  await page.getByText('12 unblocked.').waitFor();
  await page.getByRole('link', { name: 'card-3' }).click();
  await page.getByRole('tab', { name: 'Callers and cards' }).click();
  await page.getByRole('region', { name: 'Card' }).getByRole('link', { name: '3', exact: true }).click();
  await page.getByRole('region', { name: 'Card 3' }).waitFor();
  expect(faults).toEqual([]);
});

test('a voucher is made, activated, and redeemed once, for an account with any code', async () => {
  const { page, faults } = await console.as('anna', '/cards?kind=vouchers&do=make');
  const form = page.getByRole('form', { name: 'Make vouchers' });
  await form.getByLabel('Name of the batch').fill('top');
  await form.getByLabel('How many').fill('2');
  await form.getByLabel('Value of each').fill('5');
  await form.getByLabel('Currency').fill('EUR');
  await form.getByRole('button', { name: 'Make 2 vouchers' }).click();
  await page.getByRole('heading', { name: 'top: the codes of 2 vouchers' }).waitFor();
  const [code = ''] = await page.locator('main code').allInnerTexts();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('button', { name: 'Activate …' }).click();
  await page.getByRole('form').getByRole('button', { name: 'Activate' }).click();
  await page.getByText('2 activated.').waitFor();

  const cashier = await console.as('carl', `/cards?kind=vouchers&do=redeem&account=${encodeURIComponent(HOSTILE)}`);
  const redeem = cashier.page.getByRole('form', { name: 'Redeem a voucher' });
  await redeem.getByLabel('Code').fill(code);
  await redeem.getByRole('button', { name: 'Redeem it' }).click();
  await redeem.getByText('Voucher 1 added 5.00 EUR. Balance 5.00, available 5.00.').waitFor();
  await redeem.getByLabel('Code').fill(code);
  await redeem.getByRole('button', { name: 'Redeem it' }).click();
  await redeem.getByText('voucher 1 was redeemed before').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'redeemed 1' }).click();
  await waitForCount(rows(page), 1);
  expect((await cells(page))[0]?.slice(0, 3)).toEqual(['1', 'redeemed', HOSTILE]);
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect([...faults, ...cashier.faults]).toEqual([]);
});

test.each([
  ['light', 1440],
  ['dark', 360],
] as const)('%s, %i pixels wide: the pages hinder nobody, and fit', async (colorScheme, width) => {
  const { page, faults } = await console.as('anna', '/cards', { colorScheme, width });
  for (const [path, there] of [
    ['/cards?do=make', 'summer'],
    ['/cards?kind=vouchers&do=redeem', 'top'],
    ['/cards/summer?do=block', '12 in all'],
    ['/cards/summer?serial=3', 'Card 3'],
    ['/cards/top?kind=vouchers', '2 in all'],
    ['/cards/nothing', 'There is no such batch'],
  ] as const) {
    await page.goto(console.url + path);
    await page.locator('main').getByText(there).first().waitFor();
    expect([path, await barriersOn(page)]).toEqual([path, []]);
    expect([path, await overhangOf(page)]).toEqual([path, 0]);
  }
  expect(faults).toEqual([]);
  if (width === 360) await booksBalance(db);
});
