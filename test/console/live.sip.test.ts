/** The live board on a real switch: SIPp calls through Asterisk, and a person who looks on and acts, in a real browser. */
import type { Locator, Page } from 'playwright-core';
import { findFreePort } from '../../lab/servers/ports';
import { type Exchange, startExchange } from '../calls/exchange';
import { accountRow } from '../credit/ledger-fixture';
import { eventually } from '../eventually';
import { invite, type Looking, lookAt } from './console-fixture';

/** 6.00 a minute by the second; its last digit answers. */
const ANSWERS = '33123450';

let exchange: Exchange;
let looking: Looking;

beforeAll(async () => {
  const port = await findFreePort();
  exchange = await startExchange({ settings: { RINGFENCE_HTTP_LISTEN: `${port}` } });
  await invite(exchange.test, port, 'sue', 'support');
  looking = await lookAt(port);
}, 60_000);
afterAll(async () => {
  await looking?.browser.close();
  await exchange?.stop();
});

const rowOf = (page: Page, { uniqueid }: Record<string, unknown>): Locator =>
  page.locator(`tr[data-uniqueid="${uniqueid}"]`);
/** Of a row: what the column says, such as `0:07` or `in 0:23 (money)`, in seconds. */
const secondsIn = async (row: Locator, column: number): Promise<number> => {
  const [, minutes, seconds] =
    /(\d+):(\d\d)/.exec((await row.locator(`td:nth-child(${column})`).textContent()) ?? '') ?? [];
  return Number(minutes) * 60 + Number(seconds);
};
const [TIME, WILL_END] = [6, 8];

test('a call appears, ticks, is extended by a top-up made on the page, outlives a restart of the service under it, and ends by its limit', async () => {
  await exchange.account('teresa', '3.00');
  const { page, faults } = await looking.as('sue', '/live');
  await page.getByText('No call is in progress').waitFor();
  const call = await exchange.begin('teresa', ANSWERS);
  const row = rowOf(page, await exchange.answered('teresa'));
  await row.getByText('talking').waitFor();
  const first = await secondsIn(row, TIME);
  await eventually(async () => ((await secondsIn(row, TIME)) >= first + 2 ? true : null), 'a call that ticks', 6_000);
  // 3.00 are 30 s in all.
  const willEnd = await secondsIn(row, WILL_END);
  expect(willEnd).toBeGreaterThan(10);
  expect(willEnd).toBeLessThanOrEqual(28);

  await row.focus();
  await page.keyboard.press('t');
  await row.getByLabel('Amount, EUR').fill('1.00');
  await row.getByLabel('Reference').fill('receipt-of-teresa');
  await page.keyboard.press('Enter');
  await row.getByText('1.00 EUR added').waitFor();
  // 10 s more within seconds, on the switch too.
  const [cdr] = await eventually(async () => {
    const cdrs = await exchange.cdrs('teresa');
    return Number(cdrs[0]?.granted_seconds) === 40 ? cdrs : null;
  }, 'a grant of 40 s');
  await eventually(
    async () => ((await secondsIn(row, WILL_END)) + (await secondsIn(row, TIME)) >= 39 ? true : null),
    'the later end on the page',
  );
  await page.keyboard.press('Escape');

  await exchange.restartService();
  await page.getByText('No news since').waitFor({ state: 'detached' });
  expect(await row.count()).toBe(1);
  await eventually(
    async () => ((await page.getByText('live', { exact: true }).count()) > 0 ? true : null),
    'the board that has recovered',
  );

  expect(await call.finished).toMatchObject({ endedBy: 'called' });
  await row.getByText('its limit was reached').waitFor();
  await row.waitFor({ state: 'detached' });
  expect((await exchange.settled('teresa'))[0]).toMatchObject({
    uniqueid: cdr?.uniqueid,
    billsec: 40,
    cost: '4.000000',
  });
  expect((await accountRow(exchange.test, 'teresa')).balance).toBe('0.000000');
  // What the browser asked while the service was away was refused by the machine.
  expect(faults.filter(fault => !fault.includes('net::ERR_CONNECTION_REFUSED'))).toEqual([]);
}, 120_000);

test('while the service is away the board says since when and keeps what it knew, and shows what ended meanwhile when it is back', async () => {
  await exchange.account('vera', '50');
  const { page } = await looking.as('sue', '/live');
  const call = await exchange.begin('vera', ANSWERS, { talkMs: 15_000 });
  const row = rowOf(page, await exchange.answered('vera'));
  await row.getByText('talking').waitFor();
  await exchange.service.stop();
  await page.getByText(/^No news since .*\d\d:\d\d:\d\d/).waitFor();
  const frozen = await secondsIn(row, TIME);
  expect(await call.finished).toMatchObject({ endedBy: 'caller' });
  // It was told nothing, so it says nothing else.
  expect(await secondsIn(row, TIME)).toBe(frozen);
  expect(await row.getAttribute('data-ended')).toBeNull();
  await exchange.restartService();
  await row.getByText('the caller hung up').waitFor();
  await row.waitFor({ state: 'detached' });
}, 120_000);

test('a person hangs a call up on the switch, from the row', async () => {
  await exchange.account('walter', '50');
  const { page, faults } = await looking.as('sue', '/live');
  const call = await exchange.begin('walter', ANSWERS);
  const row = rowOf(page, await exchange.answered('walter'));
  await row.focus();
  await page.keyboard.press('x');
  await row.getByText('Hang up the call of walter').waitFor();
  await page.keyboard.press('Enter');
  expect(await call.finished).toMatchObject({ endedBy: 'called' });
  await row.getByText('an operator ended it').waitFor();
  expect(faults).toEqual([]);
}, 90_000);
