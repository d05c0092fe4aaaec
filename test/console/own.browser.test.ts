/** The customer's own page in a real browser: what is now, what was, prices and statements, and nothing of any other account. */
import type { Locator, Page } from 'playwright-core';
import type { Ledger } from '../../src/credit/ledger';
import type { StartRequest } from '../../src/credit/rules/start';
import { parseAmount } from '../../src/money/micros';
import { json } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, endOf, move, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { barriersOn, type ConsoleService, LOOKS, overhangOf, startConsole, waitForCount } from './console-fixture';

/** What strangers chose: the console shows it as it is. */
const MARKUP = '<img src=x onerror="document.title=1">';
const RIGHT_TO_LEFT = 'שלום ‮abc';

let db: TestDatabase;
let console: ConsoleService;
let ledger: Ledger;
const calls = {} as Record<'a' | 'b' | 'c' | 'his', StartRequest>;

const at = (text: string) => Date.parse(text);

/** A call that talked from a second after it began. */
async function called(accountcode: string, dst: string, startAt: number, seconds: number | null) {
  const call = callOf(accountcode, { dst, startAt, src: '4930555' });
  expect(await ledger.start(call)).not.toHaveProperty('refusal');
  if (seconds !== null)
    await ledger.answered({ uniqueid: call.uniqueid, accountcode, trunk: '', answerAt: startAt + 1_000 });
  const end = { answerAt: seconds === null ? null : startAt + 1_000, endAt: startAt + 1_000 + (seconds ?? 20) * 1_000 };
  await ledger.end(endOf(call, talked(seconds, end)));
  return call;
}

const paid = (accountcode: string, amount: string, reference: string) =>
  move(db, {
    accountcode,
    kind: 'top_up',
    amount: parseAmount(amount),
    reference,
    reason: 'hidden-reason',
    actor: 'hidden-actor',
  });

/** Writes an account's entries at these times, one after the other. */
async function writtenAt(accountcode: string, times: string[]) {
  const entries = await db.database('astledger').where({ accountcode }).orderBy('entry_number').pluck('entry_number');
  expect(entries).toHaveLength(times.length);
  for (const [index, entry_number] of entries.entries())
    await db
      .database('astledger')
      .where({ accountcode, entry_number })
      .update({ created_at: new Date(times[index] as string) });
}

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [
    { prefix: '49', destination: 'Germany' },
    { prefix: '44', destination: MARKUP },
    {
      prefix: '972',
      destination: RIGHT_TO_LEFT,
      initial_increment_seconds: 1,
      increment_seconds: 1,
      connect_fee: '0.05',
    },
  ]);
  await db.database('asttrunk').insert({ trunk: 'hidden-trunk', endpoint: 'PJSIP/{number}@carrier' });
  await db.database('astroute').insert({ prefix: '', priority: 1, trunk: 'hidden-trunk' });
  const more = { max_call_seconds: 120, time_zone: 'Europe/Berlin' };
  await addAccount(db, 'alice', '20', more);
  ledger = openLedger(db);
  // 23:58 in Berlin, and charged half an hour into October.
  calls.a = await called('alice', '4930123', at('2026-09-30T21:58:00Z'), 61);
  await paid('alice', '5', MARKUP);
  calls.b = await called('alice', '4420789', at('2026-10-05T08:00:00Z'), 30);
  const refund = { kind: 'refund', amount: parseAmount('0.4'), reference: calls.b.uniqueid } as const;
  await move(db, { accountcode: 'alice', ...refund, reason: 'hidden-reason', actor: 'hidden-actor' });
  calls.c = await called('alice', '97255501', at('2026-10-31T23:20:00Z'), 90);
  await called('alice', '4930124', at('2026-11-02T10:00:00Z'), null);
  await writtenAt('alice', [
    '2026-09-15T10:00:00Z',
    '2026-09-30T22:30:00Z',
    '2026-10-02T10:00:00Z',
    '2026-10-05T08:01:00Z',
    '2026-10-06T08:00:00Z',
    '2026-10-31T23:22:00Z',
  ]);
  for (const accountcode of ['bob', 'blocked', 'expired', 'closing']) await addAccount(db, accountcode, '10', more);
  await addAccount(db, 'empty', '0', more);
  calls.his = await called('bob', '4977701', Date.now() - 100_000, 20);
  await paid('bob', '7', 'reference-of-bob');
  await db.database('astaccount').where({ accountcode: 'expired' }).update({ expires_at: '2026-01-01 00:00:00' });
  await json(db.url, ['account', 'block', 'blocked']);
  console = await startConsole(db);
  for (const accountcode of ['alice', 'bob', 'empty', 'blocked', 'expired', 'closing'])
    await console.person(`${accountcode}-person`, 'customer', accountcode);
  await console.person('anna', 'admin');
});
afterAll(async () => {
  await ledger?.close();
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

/** What a person reads there, in one line. */
const read = async (where: Locator) => (await where.allInnerTexts()).join(' ').replace(/\s+/g, ' ').trim();
const readEach = async (where: Locator) => (await where.allInnerTexts()).map(each => each.replace(/\s+/g, ' ').trim());
const text = (page: Page) => read(page.locator('main'));
const rowOf = (page: Page, number: string): Locator => page.getByRole('button', { name: number });
/** The cells of a table, row by row. */
const cells = async (table: Locator) =>
  (await table.locator('tr').all()).reduce<Promise<string[][]>>(
    async (rows, row) => [...(await rows), (await row.locator('th, td').allInnerTexts()).map(each => each.trim())],
    Promise.resolve([]),
  );
const statementOf = async (page: Page) => {
  await page.getByText('Closing balance', { exact: true }).waitFor();
  return page.locator('article');
};

describe('what is now', () => {
  test('/ leads a customer there: what is available, that calls may start, and the last calls', async () => {
    const { page, faults } = await console.as('alice-person', '/');
    await page.getByText('Calls may start.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/own');
    await page.getByText('No call is in progress').waitFor();
    expect(await text(page)).toMatch(/20\.85 EUR available/);
    await waitForCount(page.getByRole('list', { name: 'Last calls' }).getByRole('listitem'), 3);
    expect(faults).toEqual([]);
  });

  test('a call appears, ticks, costs, and is among the last calls when it has ended', async () => {
    const { page, faults } = await console.as('alice-person', '/own');
    await page.getByText('live', { exact: true }).waitFor();
    const startAt = Date.now();
    const call = callOf('alice', { dst: '4930777', startAt });
    await ledger.start(call);
    const list = page.getByRole('list', { name: 'Calls in progress' });
    await list.getByText('ringing').waitFor();
    expect(await read(list)).toContain('2.00 held');
    await ledger.answered({ uniqueid: call.uniqueid, accountcode: 'alice', trunk: '', answerAt: startAt });
    await list.getByText(/ends in 1:\d\d, as no call may last longer/).waitFor();
    await list.getByText(/talking 0:0[3-9]/).waitFor();
    expect(await read(list)).toContain('1.00 held');
    // The balance as one bar: 1.00 spent, 1.00 held, and the rest.
    await page.getByText('18.85 available').waitFor();
    expect(await read(page.locator('figure'))).toMatch(/1\.00 spent in calls now\s+1\.00 held for calls/);
    const endAt = Date.now();
    await ledger.end(endOf(call, talked(1, { answerAt: startAt, endAt })));
    await page.getByText('No call is in progress').waitFor();
    await page.getByRole('list', { name: 'Last calls' }).getByText('4930777').waitFor();
    await page.getByText('19.85 available').waitFor();
    expect(faults).toEqual([]);
  });

  test('when the stream is lost, the page says since when', async () => {
    const { page } = await console.as('bob-person', '/own/prices');
    await page.route('**/calls/live/stream', route => route.abort());
    await page.getByRole('link', { name: 'Now' }).click();
    await page.getByText(/not heard from since/).waitFor();
    await page.unroute('**/calls/live/stream');
    await page.getByText('live', { exact: true }).waitFor();
  });

  test.each([
    ['blocked', 'No call may start: the account is blocked.'],
    ['expired', 'No call may start: the account has expired.'],
    ['empty', 'No call that costs something may start: nothing is available.'],
  ])('%s: it says why no call may start', async (accountcode, why) => {
    const { page, faults } = await console.as(`${accountcode}-person`, '/own');
    await page.getByText(why).waitFor();
    expect(faults).toEqual([]);
  });

  test('where calls hold everything, it says that it comes back', async () => {
    const holding = callOf('bob', { dst: '4930777', startAt: Date.now() });
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ max_call_seconds: null });
    await ledger.start(holding);
    const { page } = await console.as('bob-person', '/own');
    await page.getByText('everything is held for calls in progress').waitFor();
    await ledger.end(endOf(holding, talked(null, { endAt: Date.now() })));
    await page.getByText('Calls may start.').waitFor();
  });

  test('an account that is closed under the open page leads to the log-in, and lets no one in', async () => {
    const { page } = await console.as('closing-person', '/own');
    await page.getByText('Calls may start.').waitFor();
    await json(db.url, ['account', 'adjust', 'closing', '-10', '--reference', 'paid-out', '--reason', 'left']);
    await json(db.url, ['account', 'close', 'closing']);
    // The page may have asked by itself meanwhile, and be gone.
    const asks = page.getByRole('link', { name: 'Money' }).click({ timeout: 5_000 });
    await Promise.all([asks.catch(() => undefined), page.getByRole('heading', { name: 'Log in' }).waitFor()]);
    await page.locator('input[name=name]').fill('closing-person');
    await page.locator('input[name=password]').fill('correct horse battery');
    await page.locator('button[type=submit]').click();
    await page.getByRole('alert').waitFor();
  });
});

describe('calls', () => {
  test('a call opens in its place, by keyboard too, with its price as a sum; the address names it', async () => {
    const { page, faults } = await console.as('alice-person', '/own/calls');
    const row = rowOf(page, '97255501');
    await row.focus();
    await page.keyboard.press('Enter');
    const sum = page.getByRole('table', { name: 'Price, step by step' });
    await sum.waitFor();
    expect(await cells(sum)).toEqual([
      ['1:30 billed, at 1.00 a minute', '1.50'],
      ['Connection fee', '0.05'],
      ['Cost', '1.55'],
    ]);
    expect(new URL(page.url()).searchParams.get('open')).toContain(calls.c.uniqueid);
    await page.getByText('Every step as the service computed it').click();
    await page.getByText('1.55 EUR', { exact: true }).waitFor();
    await page.reload();
    await sum.waitFor();
    await row.click();
    await sum.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  test('what was given back is in the sum', async () => {
    const { page } = await console.as('alice-person', `/own/calls?open=${calls.b.uniqueid}`);
    const sum = page.getByRole('table', { name: 'Price, step by step' });
    await sum.waitFor();
    expect((await cells(sum)).slice(-3)).toEqual([
      ['Cost', '1.00'],
      ['Refunded', '−0.40'],
      ['Remains', '0.60'],
    ]);
  });

  test('a call tells what it held and the balance before and after, and nothing of the company', async () => {
    const { page, faults } = await console.as('alice-person', `/own/calls?open=${calls.c.uniqueid}`);
    await page.getByText('Computed anew from its own record the call costs 1.55 EUR').waitFor();
    expect(await readEach(page.getByRole('list', { name: 'Held for it, EUR' }).getByRole('listitem'))).toEqual([
      // What is left where the events of a call are gone: what it held last.
      'Held 2.05 pays for 2:00 of talk',
      expect.stringMatching(/^At its end: charged 1\.55 .* · 0\.50 given back$/),
    ]);
    const balance = page.getByRole('list', { name: 'The balance before and after, EUR' });
    expect(await readEach(balance.getByRole('listitem'))).toEqual([
      expect.stringMatching(/^Call .* 22\.40 − 1\.55 = 20\.85$/),
    ]);
    expect(await text(page)).not.toMatch(/hidden|retail|trunk|verify|However much/);
    expect([await barriersOn(page), await overhangOf(page)]).toEqual([[], 0]);
    expect(faults).toEqual([]);
  });

  test('by number, outcome and day; none that fits can be left', async () => {
    const { page } = await console.as('alice-person', '/own/calls');
    await rowOf(page, '97255501').waitFor();
    await page.getByLabel('Number begins with').fill('+49 30 12');
    await rowOf(page, '97255501').waitFor({ state: 'detached' });
    await waitForCount(page.getByRole('listitem'), 2);
    await page.getByLabel('Outcome').selectOption('NO ANSWER');
    await rowOf(page, '4930123').waitFor({ state: 'detached' });
    await rowOf(page, '4930124').waitFor();
    await page.getByLabel('To').fill('2026-11-01');
    await page.getByText('No call fits.').waitFor();
    await page.getByRole('button', { name: 'Show all calls' }).click();
    await rowOf(page, '97255501').waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await page.getByLabel('Number begins with').inputValue()).toBe('');
  });

  test('more than a part of them is read on', async () => {
    await addAccount(db, 'busy', '100');
    for (let index = 0; index < 30; index++) await called('busy', `49300${index}`, Date.now() - 600_000 + index, 1);
    await console.person('busy-person', 'customer', 'busy');
    const { page } = await console.as('busy-person', '/own/calls');
    await rowOf(page, '4930029').waitFor();
    await waitForCount(page.getByRole('listitem'), 25);
    await page.getByRole('button', { name: 'Show more' }).click();
    await rowOf(page, '493000').first().waitFor();
    await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' });
    await waitForCount(page.getByRole('listitem'), 30);
  });
});

test('money: each movement with the balance after it, and the way to its call', async () => {
  const { page, faults } = await console.as('alice-person', '/own/money?to=2026-11-01');
  const rows = page.getByRole('list', { name: 'Money' }).getByRole('listitem');
  await rows.first().waitFor();
  const shown = await readEach(rows);
  expect(shown).toHaveLength(6);
  expect(shown[1]).toMatch(/^Refund · \S+ 0\.40 .* balance 22\.40$/);
  expect(shown[3]).toContain(`Top-up · ${MARKUP} 5.00`);
  expect(await text(page)).not.toMatch(/hidden/);
  await rows.nth(2).getByRole('link', { name: 'Show the call' }).click();
  await page.getByRole('button', { name: '4420789', expanded: true }).waitFor();
  expect(faults).toEqual([]);
});

describe('prices', () => {
  test('a number has a price for so many minutes, as a sum, and whether it may be called', async () => {
    const { page, faults } = await console.as('alice-person', '/own/prices');
    await page.getByText('What would a call cost?').waitFor();
    await page.getByLabel('Number').fill('+972 555');
    await page.getByLabel('Minutes').fill('3');
    await page.getByRole('button', { name: 'Show the price' }).click();
    await page.getByText('A call there may start now, and last 2:00 at most.').waitFor();
    expect(await cells(page.getByRole('table'))).toEqual([
      ['3:00 billed, at 1.00 a minute', '3.00'],
      ['Connection fee', '0.05'],
      ['Cost', '3.05'],
    ]);
    expect(await text(page)).not.toMatch(/hidden|retail/);
    await page.reload();
    await page.getByText('A call there may start now').waitFor();
    expect(faults).toEqual([]);
  });

  test.each([
    ['33', 'there is no price for this number'],
    [MARKUP, 'this was no valid number'],
  ])('%s: it says why no call may start', async (number, why) => {
    const { page, faults } = await console.as('alice-person', `/own/prices?to=${encodeURIComponent(number)}`);
    await page.getByText(`A call there may not start now: ${why}.`).waitFor();
    expect(faults).toEqual([]);
  });
});

describe('the statement', () => {
  const OCTOBER = '/own/statement?month=2026-10';

  test('October in Berlin: sums that agree with the ledger, by destination', async () => {
    const { page, faults } = await console.as('alice-person', OCTOBER);
    const statement = await statementOf(page);
    const balances = await readEach(statement.locator('p'));
    expect(balances).toEqual(expect.arrayContaining(['Opening balance 20.00 EUR', 'Closing balance 22.40 EUR']));
    expect(await cells(page.getByRole('table', { name: 'Top-ups' }))).toEqual([
      ['Date', 'Reference', 'EUR'],
      ['October 2, 2026', MARKUP, '5.00'],
      ['Sum', '5.00'],
    ]);
    expect(await cells(page.getByRole('table', { name: 'Calls' }))).toEqual([
      ['Destination', 'Calls', 'Billed', 'EUR'],
      ['Germany', '1', '2:00', '2.00'],
      [MARKUP, '1', '1:00', '1.00'],
      ['Sum', '2', '3:00', '3.00'],
    ]);
    expect((await cells(page.getByRole('table', { name: 'Refunds and corrections' }))).at(-1)).toEqual(['Sum', '0.40']);
    await page.getByText('are the closing balance').waitFor();
    expect(faults).toEqual([]);
  });

  test('months follow one another: what October closes with, November opens with', async () => {
    const { page } = await console.as('alice-person', OCTOBER);
    await statementOf(page);
    await page.getByRole('link', { name: 'Month after' }).click();
    await page.getByText('Statement November 2026').waitFor();
    await page.getByText('are the closing balance').waitFor();
    expect(await read(page.locator('article'))).toContain('Opening balance 22.40 EUR');
    await page.goto(`${console.url}/own/statement?month=2026-08`);
    await page.getByText('No call in this month.').waitFor();
    expect(await read(page.locator('article'))).toContain('Closing balance 0.00 EUR');
    await page.goto(`${console.url}/own/statement?month=2999-01`);
    await page.getByText('This month has not begun.').waitFor();
  });

  test('on paper there is the statement alone, dark on white', async () => {
    const { page } = await console.as('alice-person', OCTOBER, { colorScheme: 'dark' });
    await statementOf(page);
    await page.emulateMedia({ media: 'print' });
    for (const hidden of [
      page.getByRole('navigation'),
      page.getByRole('button', { name: 'Print' }),
      page.getByRole('button', { name: 'alice-person' }),
      page.getByRole('heading', { name: 'My account' }),
    ])
      expect(await hidden.filter({ visible: true }).count()).toBe(0);
    expect(await page.getByText('Statement October 2026').isVisible()).toBe(true);
    const colours = await page.evaluate(
      '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector("article")).color]',
    );
    expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(1_000);
  });

  test('its calls come as CSV, in the time of the account', async () => {
    const { page, context } = await console.as('alice-person', OCTOBER);
    await statementOf(page);
    const href = (await page.getByRole('link', { name: 'Calls as CSV' }).getAttribute('href')) as string;
    const answer = await context.request.get(console.url + href);
    expect(answer.headers()['content-type']).toContain('text/csv');
    const [heading, ...rows] = (await answer.text()).trimEnd().split('\n');
    expect(heading).toMatch(/^uniqueid,src,dst,start_at/);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/2026-10-05T10:00:00\S*\+02:00/);
    const entries = (await page.getByRole('link', { name: 'Entries as CSV' }).getAttribute('href')) as string;
    const entryLines = (await (await context.request.get(console.url + entries)).text()).trimEnd().split('\n');
    expect(entryLines[0]).toMatch(/^entry_number,created_at,kind,amount/);
    const kinds = entryLines.slice(1).map(line => line.split(',')[2]);
    expect(kinds).toEqual(['refund', 'call_charge', 'top_up', 'call_charge']);
  });
});

describe('nothing of any other account', () => {
  test('a customer asks its own operations alone, whatever it opens', async () => {
    const asked: string[] = [];
    const { page } = await console.visit('/');
    page.on('request', request => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/api/')) asked.push(pathname.replace('/api/v1', ''));
    });
    const hasAsked = (...paths: string[]) =>
      eventually(async () => paths.every(path => asked.includes(path)) || null, `questions ${paths}`);
    await page.locator('input[name=name]').fill('alice-person');
    await page.locator('input[name=password]').fill('correct horse battery');
    await page.locator('button[type=submit]').click();
    await page.getByText('Calls may start.').waitFor();
    for (const tab of ['Calls', 'Money', 'Statement', 'Prices']) {
      await page.getByRole('link', { name: tab, exact: true }).click();
      if (tab === 'Money') await hasAsked('/own/ledger', '/own/spend');
      if (tab === 'Calls') await rowOf(page, '97255501').click();
      if (tab === 'Statement') await statementOf(page);
    }
    await page.getByLabel('Number').fill('4930');
    await page.keyboard.press('Enter');
    await page.getByText('A call there may start now').waitFor();
    await page.getByRole('button', { name: 'alice-person' }).click();
    await page.getByRole('menuitem', { name: 'Password and sessions' }).click();
    await page.getByText('this one').waitFor();
    const operations = new Set(asked.map(path => path.replace(calls.c.uniqueid, 'CALL')));
    expect([...operations].filter(path => !/^\/(own|session|my)(\/|$)/.test(path))).toEqual([]);
    expect(operations).toEqual(
      new Set([
        '/session',
        '/own/account',
        '/own/calls',
        '/own/calls/CALL/explanation',
        '/own/calls/live/stream',
        '/own/ledger',
        '/own/price',
        '/own/spend',
        '/own/statement',
        '/my/second-factor',
        '/my/sessions',
      ]),
    );
  });

  test('another customer sees its own rows, and a call of alice is not there', async () => {
    const { page } = await console.as('bob-person', `/own/calls?open=${calls.a.uniqueid}`);
    await page.getByRole('alert').waitFor();
    expect(await read(page.getByRole('alert'))).toContain('There is no such call');
    await rowOf(page, '4977701').waitFor();
    const seen = [await text(page)];
    for (const path of ['/own', '/own/money', '/own/statement?month=2026-10', '/own/statement']) {
      await page.goto(console.url + path);
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page
        .getByText(/Calls may start|Sum|balance/)
        .first()
        .waitFor();
      seen.push(await text(page));
    }
    for (const hers of ['4930123', '4420789', '97255501', 'alice', MARKUP, '22.40'])
      expect(seen.join('\n')).not.toContain(hers);
    expect(seen.join('\n')).toContain('reference-of-bob');
  });

  test('an operator is told that the page is for customers, and nothing is asked', async () => {
    const { page } = await console.visit('/own');
    const asked: string[] = [];
    page.on('request', request => asked.push(new URL(request.url()).pathname));
    await page.locator('input[name=name]').fill('anna');
    await page.locator('input[name=password]').fill('correct horse battery');
    await page.locator('button[type=submit]').click();
    await page.getByText('Your roles do not include this page.').waitFor();
    expect(asked.filter(path => path.startsWith('/api/v1/own'))).toEqual([]);
    expect(await page.getByRole('link', { name: 'My account' }).count()).toBe(0);
  });
});

test('an account without a call or a movement is told what will be there', async () => {
  const { page } = await console.as('empty-person', '/own');
  await page.getByText('Each call appears here, with its price step by step').waitFor();
  await page.getByRole('link', { name: 'Money' }).click();
  await page.getByText('No money has moved yet.').waitFor();
});

test('German: words, amounts and months', async () => {
  const { page, faults } = await console.as('alice-person', '/own/statement?month=2026-10', { locale: 'de-DE' });
  await page.getByText('Kontoauszug Oktober 2026').waitFor();
  const balance = page.getByText('Endguthaben', { exact: true }).locator('..');
  expect(await read(balance)).toBe('Endguthaben 22,40 EUR');
  await page.getByRole('link', { name: 'Geld' }).click();
  await page.getByText('Guthaben 22,40').waitFor();
  await page.getByRole('link', { name: 'Jetzt' }).click();
  await page.getByText('Sie können telefonieren.').waitFor();
  expect(faults).toEqual([]);
});

describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
  test.each(['en-GB', 'de-DE'])('%s: each part hinders nobody, and fits', async locale => {
    const { page, faults } = await console.as('alice-person', '/own', { colorScheme, width, locale });
    for (const path of [
      '/own',
      `/own/calls?open=${calls.b.uniqueid}`,
      '/own/money',
      '/own/prices?to=4930&minutes=3',
      '/own/statement?month=2026-10',
    ]) {
      await page.goto(console.url + path);
      await page.locator('main h1').waitFor();
      await page.locator('main :is(table, ul[class], article)').first().waitFor();
      expect([path, await barriersOn(page)]).toEqual([path, []]);
      expect([path, await overhangOf(page)]).toEqual([path, 0]);
    }
    expect(await page.title()).toContain('Ringfence');
    expect(faults).toEqual([]);
  });
});
