/** The reports in a real browser: chosen, drawn, sorted, summed, as a file; and the statement of an account for operators. */
import type { Page } from 'playwright-core';
import { addAccount, addDeck, callOf, endOf, move, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { barriersOn, type ConsoleService, overhangOf, startConsole, waitForCount } from './console-fixture';

/** Strangers choose destinations, accounts and trunks. */
const HOSTILE = '<img src=x onerror="window.hit=1">';
const RIGHT_TO_LEFT = '\u202Eمتجر الاتصالات';
const HOUR_MS = 3_600_000;

let db: TestDatabase;
let console: ConsoleService;
/** The beginning of an hour three hours ago: all calls started in it, but one. */
const then = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
let calls = 0;

const cdr = (more: Record<string, unknown> = {}) => ({
  ...{ uniqueid: `report-${++calls}`, accountcode: 'alice', node: 'ast1', dst: '4930123', trunk: 'main' },
  ...{ start_at: new Date(then), answer_at: new Date(then + 2_000), end_at: new Date(then + 62_000) },
  ...{ billsec: 60, billed_seconds: 60, disposition: 'ANSWERED', currency: 'EUR', rate_destination: 'Germany' },
  ...more,
});

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db);
  await Promise.all(
    [
      ['anna', 'admin'],
      ['rita', 'read'],
      ['pia', 'prices'],
      ['carl', 'cashier'],
    ].map(([name, role]) => console.person(name as string, role as string)),
  );
});
afterAll(async () => {
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

const table = (page: Page, name: string) => page.getByRole('table', { name });
const cellsOf = async (page: Page, name: string) =>
  Promise.all(
    (await table(page, name).locator('tbody tr, tfoot tr').all()).map(async row =>
      (await row.locator('th, td').allInnerTexts()).map(each => each.trim()),
    ),
  );

test('without a call the report says so, and what tells the same on the command line; a longer period is one press away', async () => {
  const { page, faults } = await console.as('rita', '/reports?period=today');
  await page.getByText('No answered call in this period: there is nothing to sum up.').waitFor();
  expect(await page.locator('main code').textContent()).toBe('ringfence report minutes-and-margin-per-destination');
  await page.getByRole('button', { name: 'Show the last 30 days' }).click();
  await page.waitForURL(url => url.search === '');
  await page.getByLabel('Other reports').selectOption('unbalanced-accounts');
  await page.getByText('The books of all accounts balance').waitFor();
  expect(await page.locator('main code').textContent()).toBe('ringfence verify');
  expect(faults).toEqual([]);
});

describe('with calls', () => {
  beforeAll(async () => {
    await db
      .database('astcdr')
      .insert([
        cdr({ cost: '1234567.10', trunk_cost: '0.4', trunk_currency: 'EUR' }),
        cdr({ cost: '0.200001', trunk_cost: '0.5', trunk_currency: 'EUR', trunk: HOSTILE }),
        cdr({ cost: '3', rate_destination: HOSTILE, accountcode: HOSTILE, start_at: new Date(then + HOUR_MS) }),
        cdr({ cost: '0.5', trunk_cost: '0.75', trunk_currency: 'EUR', rate_destination: RIGHT_TO_LEFT }),
        cdr({ cost: '7', currency: 'USD', rate_destination: 'Chile', accountcode: 'dora' }),
        cdr({ answer_at: null, billsec: 0, disposition: 'BUSY' }),
      ]);
  });

  test('revenue by destination: the largest first, sums of each currency, a margin below zero; what strangers chose is text', async () => {
    const { page, faults } = await console.as('pia', '/reports');
    await table(page, 'By destination').waitFor();
    expect(await cellsOf(page, 'By destination')).toEqual([
      ['Germany', 'EUR', '2', '2.00', '1,234,567.300001', '2', '0.90', '1,234,566.400001'],
      ['Chile', 'USD', '1', '1.00', '7.00', '0', '–', '–'],
      [HOSTILE, 'EUR', '1', '1.00', '3.00', '0', '–', '–'],
      [RIGHT_TO_LEFT, 'EUR', '1', '1.00', '0.50', '1', '0.75', '−0.25'],
      ['Sum', 'EUR', '4', '4.00', '1,234,570.800001', '3', '1.65', '1,234,566.150001'],
      ['Sum', 'USD', '1', '1.00', '7.00', '0', '', ''],
    ]);
    const euros = page.getByRole('list', { name: 'revenue by destination, EUR' });
    expect((await euros.getByRole('listitem').allInnerTexts()).map(each => each.split('\n')[0])).toEqual([
      'Germany',
      HOSTILE,
      RIGHT_TO_LEFT,
    ]);
    await page.getByText(/^Calls that started from .*, in Europe\/Berlin$/).waitFor();
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('the address is the page: grouping, measure, order and period are in it', async () => {
    const { page, faults } = await console.as('anna', '/reports');
    await page.getByRole('button', { name: 'By account' }).click();
    await page.getByRole('button', { name: 'ASR, %', exact: true }).click();
    await table(page, 'By account').waitFor();
    await page.getByRole('columnheader', { name: 'calls' }).getByRole('button').click();
    await page.getByLabel('Period').selectOption('today');
    await page.getByLabel('Period').selectOption('own');
    const day = new Date().toLocaleDateString('en-CA', { timeZone: 'Europe/Berlin' });
    const address = new URL(page.url());
    expect(Object.fromEntries(address.searchParams)).toEqual({
      ...{ report: 'asr-and-acd-per-account', show: 'asr_percent', sort: '-calls', from: day, to: day },
    });
    await page.getByLabel('From').fill('2026-01-01');
    await page.getByText(/Calls that started from Jan 1, 2026/).waitFor();
    const { page: sent } = await console.as('anna', new URL(page.url()).pathname + new URL(page.url()).search);
    await table(sent, 'By account').waitFor();
    await sent
      .getByRole('columnheader', { name: /^calls/ })
      .and(sent.locator('[aria-sort=descending]'))
      .waitFor();
    expect((await cellsOf(sent, 'By account'))[0]).toEqual(['alice', '4', '3', '75.0', '1:00']);
    expect(faults).toEqual([]);
  });

  test('by hour it is a chart in the time of the reader, and of 1,000 rows and more the page says that there are more', async () => {
    const { page, faults } = await console.as('rita', '/reports?report=minutes-and-margin-per-hour&show=minutes');
    await page.getByRole('img', { name: /^minutes: .* at the end; between 0.00 and 4.00/ }).waitFor();
    const first = new Date(then + HOUR_MS).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' });
    expect((await cellsOf(page, 'By hour'))[0]?.[0]).toContain(first);
    await db.database.batchInsert(
      'astcdr',
      Array.from({ length: 1_010 }, (_, n) => cdr({ uniqueid: `many-${n}`, accountcode: `customer-${n}`, cost: '1' })),
    );
    await page.getByLabel('Other reports').selectOption('spend-per-account-and-day');
    await page.getByText('These are the first 1,000 rows; there are more. The CSV file has all of them.').waitFor();
    await page.getByRole('rowheader', { name: 'Sum of these 1,000' }).first().waitFor();
    await db.database('astcdr').where('uniqueid', 'like', 'many-%').delete();
    expect(faults).toEqual([]);
  });

  test('the file has what the page shows, in the zone and with the separator that are chosen', async () => {
    const { page, context } = await console.as('anna', '/reports?report=asr-and-acd-per-hour&period=week');
    await page.getByLabel('Times in').selectOption('UTC');
    await page.getByLabel('Separator').selectOption('semicolon');
    await page.getByLabel('Decimals').selectOption('1,50');
    const link = page.getByRole('link', { name: 'Download as CSV' });
    expect(await link.getAttribute('download')).toBe('asr-and-acd-per-hour.csv');
    const answer = await context.request.get(console.url + (await link.getAttribute('href')));
    const [heading, first] = (await answer.text()).replace('\ufeff', '').split(/\r?\n/);
    expect([answer.status(), heading]).toEqual([200, 'hour;calls;answered_calls;asr_percent;acd_seconds']);
    expect(first).toBe(`${new Date(then + HOUR_MS).toISOString().slice(0, 19).replace('T', ' ')};1;1;100,0;60,0`);
  });

  test('reports of what is now have no period; calls and accounts are links; a name that is none is refused with those that are', async () => {
    await db.database('astcdr').insert(cdr({ uniqueid: 'open-1', end_at: null, disposition: null, max_cost: '3' }));
    const { page } = await console.as('rita', '/reports?report=calls-in-progress');
    await table(page, 'Calls in progress').getByRole('link', { name: 'open-1' }).waitFor();
    expect(await page.getByLabel('Period').count()).toBe(0);
    await page.goto(`${console.url}/reports?report=no-such-report`);
    await page.getByText('There is no report “no-such-report”.').waitFor();
    await db.database('astcdr').where({ uniqueid: 'open-1' }).delete();
  });

  test('a cashier sees no report', async () => {
    const { page } = await console.as('carl', '/reports');
    await page.getByText('Your roles do not include this page.').waitFor();
    expect(await page.getByRole('link', { name: 'Reports' }).count()).toBe(0);
  });

  test.each([
    [1440, 'light', 'anna', '/reports?show=margin'],
    [360, 'dark', 'anna', '/reports?report=minutes-and-margin-per-account&show=margin'],
  ] as const)('nothing hinders at %i px, %s', async (width, colorScheme, name, path) => {
    const { page, faults } = await console.as(name, path, { width, colorScheme });
    await page.locator('main table').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });
});

test('a month of an account for operators: it is found from the reports, adds up, prints, and is German for a German', async () => {
  await addDeck(db, 'retail', [{ prefix: '49', destination: HOSTILE }]);
  await addAccount(db, 'anton', '10', { max_call_seconds: 120, time_zone: 'Europe/Berlin' });
  const ledger = openLedger(db);
  const startAt = Date.now() - 300_000;
  const call = callOf('anton', { dst: '4930123', startAt });
  await ledger.start(call);
  await ledger.end(endOf(call, talked(61, { answerAt: startAt + 1_000, endAt: startAt + 62_000 })));
  await ledger.close();
  const top = { kind: 'top_up', amount: 5_000_000n as never, reference: HOSTILE, reason: '', actor: 'x' } as const;
  await move(db, { accountcode: 'anton', ...top });
  const { page, faults } = await console.as('rita', '/reports', { locale: 'de-DE' });
  const form = page.getByRole('form', { name: 'Kontoauszug' });
  await form.getByLabel('Konto').fill('anton');
  await form.getByRole('button', { name: 'Auszug zeigen' }).click();
  await page.getByText('Endguthaben', { exact: true }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/accounts/anton/statement');
  const text = ((await page.locator('article').textContent()) ?? '').replace(/\s+/g, ' ');
  expect(text).toMatch(/Endguthaben13,00 EUR/);
  expect(text).toContain('sind das Endguthaben.');
  expect(text).toContain(HOSTILE);
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByRole('button', { name: 'Drucken' }).isVisible()).toBe(false);
  expect(await page.locator('article').isVisible()).toBe(true);
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('link', { name: 'Monat davor' }).click();
  await page.getByText('Kein Gespräch in diesem Monat.').waitFor();
  expect(faults).toEqual([]);
  const { page: refused } = await console.as('pia', '/accounts/anton/statement');
  await refused.getByText('Your roles do not include this page.').waitFor();
  expect(await waitForCount(refused.locator('article'), 0)).toBe(true);
});
