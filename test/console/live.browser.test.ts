/** The board of calls in progress, in a real browser, on calls of the ledger. On a real switch: live.sip.test.ts. */
import type { Locator, Page } from 'playwright-core';
import type { Ledger } from '../../src/credit/ledger';
import { addAccount, addDeck, moneyOf, openLedger } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { barriersOn, type ConsoleService, LOOKS, overhangOf, startConsole, waitForCount } from './console-fixture';
import { type LiveCalls, liveCallsOn } from './live-fixture';

const HOSTILE = '"><img src=x onerror="window.wasRun=1">';
const RIGHT_TO_LEFT = '\u202eשלום <b>x</b>';

let db: TestDatabase;
let console: ConsoleService;
let ledger: Ledger;
let live: LiveCalls;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [
    { destination: 'Germany', price_per_minute: '1.00', initial_increment_seconds: 1, increment_seconds: 1 },
    { prefix: '44', line: 9, destination: 'United Kingdom', price_per_minute: '0.60' },
  ]);
  await addAccount(db, 'alice', '10');
  await addAccount(db, 'bob', '500', { max_call_seconds: 600 });
  await addAccount(db, HOSTILE, '100');
  await addAccount(db, RIGHT_TO_LEFT, '100');
  console = await startConsole(db);
  await console.person('anna', 'admin');
  ledger = openLedger(db);
  live = liveCallsOn(ledger, db);
});
afterAll(async () => {
  await ledger?.close();
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
  await live.forget();
});

const rowOf = (page: Page, { uniqueid }: { uniqueid: string }): Locator =>
  page.locator(`tr[data-uniqueid="${uniqueid}"]`);
/** The text of a column of a row; the first is 1. */
const cell = async (row: Locator, column: number): Promise<string> =>
  (await row.locator(`td:nth-child(${column})`).textContent()) ?? '';
const [TIME, COST, WILL_END] = [6, 7, 8];
const seconds = (shown: string): number => shown.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
const searchOf = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);
/** Resolves when the address says so; it follows what is done on the page. */
const addressSays = (page: Page, wanted: Record<string, string>) =>
  eventually(
    async () => (JSON.stringify(searchOf(page)) === JSON.stringify(wanted) ? true : null),
    `${JSON.stringify(wanted)} in ${page.url()}`,
  );
const focused = (page: Page): Promise<string | null> =>
  page.evaluate('document.activeElement?.dataset?.uniqueid ?? null') as Promise<string | null>;

// First: what the tests after it leave in the books is in their hour too.
test('the last hour: ASR, ACD, spend a minute and refusals by reason, and a chart of each', async () => {
  const started = new Date(Date.now() - 600_000);
  const row = { accountcode: 'alice', node: 'ast1', dst: '49', trunk: 'main', currency: 'EUR', start_at: started };
  const answered = {
    ...row,
    answer_at: started,
    end_at: new Date(Date.now() - 400_000),
    billsec: 200,
    disposition: 'ANSWERED',
  };
  const refused = { ...row, trunk: '', end_at: started, disposition: 'FAILED' };
  await db.database('astcdr').insert([
    { ...answered, uniqueid: 'hour-1', cost: '2.000000', trunk_cost: '0.500000', trunk_currency: 'EUR' },
    { ...answered, uniqueid: 'hour-2', cost: '1.000000', billsec: 100 },
    { ...row, uniqueid: 'hour-3', end_at: started, disposition: 'NO ANSWER' },
    { ...refused, uniqueid: 'hour-4', refusal: 'no_route' },
    { ...refused, uniqueid: 'hour-5', refusal: 'no_route' },
    { ...refused, uniqueid: 'hour-6', refusal: 'too_many_calls' },
  ]);
  const { page, faults } = await console.as('anna', '/live');
  const factOf = (name: string) => page.locator('dl > div', { hasText: name }).locator('dd');
  await factOf('ASR').waitFor();
  expect(await factOf('ACD').textContent()).toBe('2:30');
  // Two of three were answered; what was refused was not tried.
  expect(await factOf('ASR').textContent()).toBe('67 %');
  await page.getByRole('button', { name: 'by reason' }).click();
  expect(await page.getByRole('listitem').allTextContents()).toEqual(['2 no_route', '1 too_many_calls']);
  const charts = page.getByRole('region', { name: 'Last hour' });
  await waitForCount(charts.locator('canvas'), 5);
  expect(await charts.getByRole('img').first().getAttribute('aria-label')).toMatch(
    /^Starts a minute: \d+ in the last minute/,
  );
  expect(await charts.getByText('Margin a minute, EUR').count()).toBe(1);
  const call = await live.begin('alice');
  await live.answer(call);
  await rowOf(page, call).getByText('talking').waitFor();
  expect(await factOf('spend/min').textContent()).toBe('1.00 EUR');
  await page.getByRole('button', { name: 'Hide the last hour' }).click();
  await charts.waitFor({ state: 'detached' });
  await addressSays(page, { hour: 'false' });
  expect(faults).toEqual([]);
});

test('a call appears, is answered, ticks, and ends with its reason, dimmed for five seconds', async () => {
  const { page, faults } = await console.as('anna', '/live');
  await page.getByText('No call is in progress').waitFor();
  await page.getByText('ringfence status').waitFor();
  const call = await live.begin('alice');
  const row = rowOf(page, call);
  await row.getByText('ringing').waitFor();
  expect(await cell(row, COST)).toBe('–');
  await live.answer(call, 'main', 60);
  await row.getByText('talking').waitFor();
  const first = seconds(await cell(row, TIME));
  expect(first).toBeGreaterThanOrEqual(60);
  expect(first).toBeLessThan(70);
  // 10.00 at 1.00 a minute: ten minutes of talk.
  expect(await cell(row, WILL_END)).toMatch(/^in [89]:\d\d \(money\)$/);
  await eventually(async () => (seconds(await cell(row, TIME)) >= first + 2 ? true : null), 'two seconds more', 5_000);
  // By the second, 1.00 a minute: what its talk costs by now, and what is held beyond that.
  const shown = await cell(row, COST);
  expect(Number(shown)).toBeGreaterThan(0.99);
  expect(await row.getByRole('img').getAttribute('aria-label')).toMatch(/^[\d.]+ spent, [\d.]+ EUR held$/);
  await live.end(call, { hangupSource: 'callee' });
  await row.getByText('the callee hung up').waitFor();
  expect(await row.getAttribute('data-ended')).toBe('true');
  await row.waitFor({ state: 'detached', timeout: 8_000 });
  expect(faults).toEqual([]);
});

test('a call that failed says how, and a row that is open stays after its end until it is closed', async () => {
  const { page } = await console.as('anna', '/live');
  const call = await live.begin('alice');
  const row = rowOf(page, call);
  await row.click();
  await addressSays(page, { row: call.uniqueid });
  await live.end(call, { answerAt: null, disposition: 'BUSY', hangupCause: 17, hangupSource: 'callee' });
  await row.getByText('busy, the callee hung up').waitFor();
  await page.waitForTimeout(6_000);
  expect(await row.count()).toBe(1);
  await page.getByRole('button', { name: 'Close' }).click();
  await row.waitFor({ state: 'detached', timeout: 3_000 });
});

test('by keyboard alone: / filters, J and K move, X asks, Escape takes it back, Enter opens the call', async () => {
  const calls = [await live.begin('alice'), await live.begin('bob', { dst: '442012345' }), await live.begin('bob')];
  const { page, faults } = await console.as('anna', '/live');
  await rowOf(page, calls[2]!).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('kingd');
  await addressSays(page, { text: 'kingd' });
  await rowOf(page, calls[0]!).waitFor({ state: 'detached' });
  expect(await rowOf(page, calls[1]!).count()).toBe(1);
  for (const _ of 'kingd') await page.keyboard.press('Backspace');
  await rowOf(page, calls[2]!).waitFor();
  await page.keyboard.press('Escape');
  const seen: (string | null)[] = [];
  for (const key of ['j', 'j', 'j', 'k']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(100);
    seen.push(await focused(page));
  }
  expect(seen).toEqual([0, 1, 2, 1].map(index => calls[index]?.uniqueid));
  await page.keyboard.press('x');
  await page.getByText('Hang up the call of bob to 442012345?').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Hang up the call of bob').waitFor({ state: 'detached' });
  expect(await focused(page)).toBe(calls[1]?.uniqueid);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/calls/${calls[1]?.uniqueid}`);
  expect(faults).toEqual([]);
});

test('J, K and / can be turned off, for those who speak to their computer', async () => {
  const call = await live.begin('alice');
  const { page } = await console.as('anna', '/live');
  await rowOf(page, call).waitFor();
  await page.getByRole('button', { name: 'Turn J, K and / off' }).click();
  await page.keyboard.press('j');
  await page.waitForTimeout(200);
  expect(await focused(page)).toBeNull();
  await page.getByRole('button', { name: 'Turn J, K and / on' }).click();
  await page.keyboard.press('j');
  await eventually(async () => ((await focused(page)) === call.uniqueid ? true : null), 'the focus');
});

test('the address is the state: filters and the open row come back with it, and bad values are ignored', async () => {
  const calls = [await live.begin('alice'), await live.begin('bob')];
  await live.answer(calls[0]!);
  const { page } = await console.as('anna', `/live?state=ringing&hour=maybe&row=${calls[1]?.uniqueid}`);
  await rowOf(page, calls[1]!).getByRole('link', { name: 'Open the call' }).waitFor();
  expect(await rowOf(page, calls[0]!).count()).toBe(0);
  expect(await page.getByLabel('state').inputValue()).toBe('ringing');
  await page.goto(`${console.url}/live?account=alice`);
  await rowOf(page, calls[0]!).waitFor();
  expect(await rowOf(page, calls[1]!).count()).toBe(0);
  await page.getByText('calls now of alice').waitFor();
  await page.goto(`${console.url}/live?trunk=nowhere`);
  await page.getByText('None of the 2 calls matches the filters.').waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await rowOf(page, calls[1]!).waitFor();
  expect(searchOf(page)).toEqual({});
});

test('an account is topped up in its place, once for a reference; what is no amount is refused there', async () => {
  await addAccount(db, 'cora', '5');
  const call = await live.begin('cora');
  const { page } = await console.as('anna', '/live');
  const row = rowOf(page, call);
  await row.waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('t');
  await row.getByLabel('Amount, EUR').fill('1,5');
  await row.getByLabel('Reference').fill('receipt-1');
  await page.keyboard.press('Enter');
  await row.getByText('Write an amount such as 20 or 20.50').waitFor();
  expect(await moneyOf(db, 'cora')).toEqual(['5.00', '5.00', 1]);
  await row.getByLabel('Amount, EUR').fill('12.50');
  await row.getByRole('button', { name: 'Top up cora by 12.50 EUR' }).click();
  await row.getByText('12.50 EUR added. Available now: 12.50 EUR.').waitFor();
  expect(await moneyOf(db, 'cora')).toEqual(['17.50', '5.00', 1]);
  await row.getByRole('button', { name: 'Top up', exact: true }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  await row.getByLabel('Amount, EUR').fill('12.50');
  await row.getByLabel('Reference').fill('receipt-1');
  await page.keyboard.press('Enter');
  await row.getByText('This reference had moved its money before').waitFor();
  expect(await moneyOf(db, 'cora')).toEqual(['17.50', '5.00', 1]);
});

test('calls that are limited by time get more of it in their place; the account is one step away', async () => {
  await addAccount(db, 'tim', '500', { max_time: 120 });
  const call = await live.begin('tim');
  await live.answer(call);
  const { page, faults } = await console.as('anna', '/live');
  const row = rowOf(page, call);
  await row.click();
  await row.getByRole('button', { name: 'Add time' }).click();
  await row.getByLabel('Minutes').fill('0');
  await page.keyboard.press('Enter');
  await row.getByLabel('Minutes').fill('3');
  await page.keyboard.press('Enter');
  await row.getByText('3:00 added.').waitFor();
  const { time_used } = await db.database('astaccount').where({ accountcode: 'tim' }).first();
  expect(Number(time_used)).toBe(-180);
  await row.getByRole('link', { name: 'Open the account' }).click();
  await page.getByRole('heading', { name: 'tim' }).waitFor();
  // Keys go on in the page that came.
  await eventually(
    async () => ((await page.evaluate('document.activeElement.id')) === 'page' ? true : null),
    'the focus in the page',
  );
  expect(faults).toEqual([]);
});

test('a hang-up that the switch cannot confirm is refused in its place, with what to do', async () => {
  const call = await live.begin('alice');
  const { page, faults } = await console.as('anna', '/live');
  const row = rowOf(page, call);
  await row.click();
  await row.getByRole('button', { name: 'Hang up' }).click();
  await row.getByText(`Hang up the call of alice to ${call.dst}?`).waitFor();
  await page.keyboard.press('Enter');
  await row.getByText('RINGFENCE_ARI_URL is missing').waitFor();
  expect(faults).toEqual([]);
});

test('a key that is held down opens the question and does not answer it', async () => {
  const call = await live.begin('alice');
  const { page } = await console.as('anna', '/live');
  const row = rowOf(page, call);
  await row.click();
  await row.getByRole('button', { name: 'Hang up' }).focus();
  // Chromium repeats a key that goes down again without having come up.
  for (let times = 0; times < 4; times++) await page.keyboard.down('Enter');
  await row.getByText(`Hang up the call of alice to ${call.dst}?`).waitFor();
  await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  await page.waitForTimeout(300);
  expect(await row.getByText('RINGFENCE_ARI_URL is missing').count()).toBe(0);
});

test('an amount that could be two moves nothing', async () => {
  const call = await live.begin('alice');
  const { page } = await console.as('anna', '/live', { locale: 'de-DE' });
  const before = await moneyOf(db, 'alice');
  await rowOf(page, call).focus();
  await page.keyboard.press('t');
  await page.locator('input[inputmode=decimal]').fill('1.000');
  await page.locator('input[inputmode=decimal]').press('Tab');
  await page.keyboard.type('receipt-unclear');
  await page.keyboard.press('Enter');
  await page.getByText('ohne Tausenderpunkte').waitFor();
  expect(await moneyOf(db, 'alice')).toEqual(before);
});

test('all calls of an account are hung up at once, after it is asked how many they are', async () => {
  const calls = [await live.begin('bob'), await live.begin('bob'), await live.begin('alice')];
  const { page } = await console.as('anna', `/live?row=${calls[0]?.uniqueid}`);
  const row = rowOf(page, calls[0]!);
  await row.getByRole('button', { name: 'Hang up all 2 calls of bob' }).click();
  await row.getByText('Hang up all 2 calls of bob, emergency calls apart?').waitFor();
  await page.keyboard.press('Enter');
  await row.getByLabel('Type bob to go on').fill('bob');
  expect(await row.getByText('calls are being hung up').count()).toBe(0);
  await page.keyboard.press('Enter');
  await row.getByText('2 calls are being hung up.').waitFor();
  await rowOf(page, calls[1]!).getByText('hanging up').waitFor();
  expect(await rowOf(page, calls[2]!).getByText('hanging up').count()).toBe(0);
});

test('of 400 calls only those in sight are drawn, and the last is reached by one key', async () => {
  const start_at = new Date(Date.now() - 60_000);
  await db.database('astcdr').insert(
    Array.from({ length: 400 }, (_, index) => ({
      ...{ uniqueid: `many-${index}`, accountcode: 'bob', node: 'ast1', dst: String(49_000 + index), currency: 'EUR' },
      ...{
        start_at: new Date(start_at.getTime() + index),
        granted_seconds: 600,
        max_cost: '10.000000',
        cap_seconds: 600,
      },
    })),
  );
  const { page, faults } = await console.as('anna', '/live');
  await rowOf(page, { uniqueid: 'many-0' }).waitFor();
  expect(await page.locator('tr[data-uniqueid]').count()).toBeLessThan(60);
  expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('401');
  await page.keyboard.press('j');
  await eventually(async () => ((await focused(page)) === 'many-0' ? true : null), 'the focus on the first call');
  await page.keyboard.press('End');
  await rowOf(page, { uniqueid: 'many-399' }).waitFor();
  await eventually(async () => ((await focused(page)) === 'many-399' ? true : null), 'the focus on the last call');
  expect(faults).toEqual([]);
});

describe('by role', () => {
  test.each([
    { roles: 'read', mayHangUp: false, mayTopUp: false, seesHour: true },
    { roles: 'prices', mayHangUp: false, mayTopUp: false, seesHour: true },
    { roles: 'cashier', mayHangUp: false, mayTopUp: true, seesHour: false },
    { roles: 'support', mayHangUp: true, mayTopUp: true, seesHour: true },
  ])('$roles: hang up $mayHangUp, top up $mayTopUp, last hour $seesHour', async ({ roles, ...may }) => {
    const call = await live.begin('alice');
    await console.person(`a-${roles}`, roles);
    const { page, faults } = await console.as(`a-${roles}`, `/live?row=${call.uniqueid}`);
    const row = rowOf(page, call);
    await row.getByRole('link', { name: 'Open the call' }).waitFor();
    const has = async (locator: Locator) => (await locator.count()) > 0;
    if (may.seesHour) await page.getByText('ASR 1 h').waitFor();
    expect({
      mayHangUp: await has(row.getByRole('button', { name: 'Hang up' })),
      mayTopUp: await has(row.getByRole('button', { name: 'Top up' })),
      seesHour: await has(page.getByText('ASR 1 h')),
    }).toEqual(may);
    await row.focus();
    await page.keyboard.press('x');
    await page.waitForTimeout(200);
    expect(await has(row.getByText('Hang up the call'))).toBe(may.mayHangUp);
    expect(faults).toEqual([]);
  });

  test('a customer has no such page, and sees no call by its address', async () => {
    const call = await live.begin('alice');
    await console.person('customer', 'customer', 'alice');
    const { page } = await console.as('customer', '/live');
    await page.getByText('Your roles do not include this page.').waitFor();
    await page.waitForTimeout(1_500);
    expect(await page.getByRole('link', { name: 'Live' }).count()).toBe(0);
    expect(await page.locator('tr[data-uniqueid]').count()).toBe(0);
    expect(await page.content()).not.toContain(call.uniqueid);
  });
});

test('what strangers choose is text: account, numbers, destination, trunk', async () => {
  const calls = [await live.begin(HOSTILE), await live.begin(RIGHT_TO_LEFT)];
  for (const text of [HOSTILE, RIGHT_TO_LEFT]) {
    const row = { src: text, rate_destination: text, trunk: text.slice(0, 40), node: text };
    await db.database('astcdr').where({ accountcode: text }).whereNull('end_at').update(row);
  }
  const { page, faults } = await console.as('anna', '/live');
  for (const call of calls) {
    const row = rowOf(page, call);
    await row.getByText(call.accountcode).first().waitFor();
    await row.click();
    await row.getByRole('button', { name: 'Top up' }).click();
    await page.keyboard.press('Escape');
  }
  expect(await page.evaluate('window.wasRun')).toBeUndefined();
  expect(await page.locator('main img, main b:has-text("x")').count()).toBe(0);
  expect(faults).toEqual([]);
});

describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
  test('the board hinders nobody, and fits: without a call, and with calls, charts and an open row', async () => {
    const { page, faults } = await console.as('anna', '/live?hour=true', { colorScheme, width });
    await page.getByText('No call is in progress').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    const calls = [await live.begin('alice'), await live.begin(HOSTILE), await live.begin('bob')];
    await live.answer(calls[0]!);
    await rowOf(page, calls[1]!).waitFor();
    await rowOf(page, calls[0]!).getByText('talking').waitFor();
    await rowOf(page, calls[0]!).focus();
    await page.keyboard.press('t');
    await page.getByLabel('Amount, EUR').waitFor();
    await page.locator('canvas').first().waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });
});

test('where more happened in the last hour than one answer tells, the board says from when on it knows it', async () => {
  const now = Date.now();
  const lines = Array.from({ length: 60 * 18 }, (_, n) => ({
    ...{ uniqueid: `much-${n}`, accountcode: 'alice', node: 'ast1', currency: `X${String(n % 18).padStart(2, '0')}` },
    ...{ start_at: new Date(now - Math.floor(n / 18) * 60_000), end_at: new Date(now), disposition: 'FAILED' },
    refusal: 'no_route',
  }));
  await db.database.batchInsert('astcdr', lines);
  const { page } = await console.as('anna', '/live');
  await page.getByText(/^So much happens that the last hour is not read as a whole: .* begin at .*:00\.$/).waitFor();
  await db.database('astcdr').where('uniqueid', 'like', 'much-%').delete();
});

test('a browser that reads German has the board in German', async () => {
  const call = await live.begin('alice');
  const { page } = await console.as('anna', '/live', { locale: 'de-DE' });
  await rowOf(page, call).getByText('klingelt').waitFor();
  await page.getByText('Gespräche jetzt').waitFor();
});
