/** The pages of trunks and routes in a real browser: figures, order, on and off, settings, one number tried, who may what. */
import type { Page } from 'playwright-core';
import type { Ledger } from '../../src/credit/ledger';
import { openLedger } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { barriersOn, type ConsoleService, LOOKS, overhangOf, startConsole } from './console-fixture';
import { liveCallsOn } from './live-fixture';
import { ATTACK, addCalls, addRoutes, addTrunks, fillTrunks } from './trunks-fixture';

let db: TestDatabase;
let console: ConsoleService;
let ledger: Ledger;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db);
  await console.person('anna', 'admin');
  await console.person('pia', 'prices');
  await console.person('rita', 'read');
  await console.person('carl', 'cashier');
  ledger = openLedger(db);
});
afterAll(async () => {
  await ledger?.close();
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

const enabled = async (trunk: string) => (await db.database('asttrunk').where({ trunk }).first('enabled')).enabled;

/** The trunks of a prefix as the database has them tried. */
const orderOf = async (prefix: string): Promise<string[]> => {
  const rows = await db.database('astroute').where({ prefix }).orderBy(['priority', 'trunk']);
  return rows.map(({ trunk }) => trunk);
};

/** The trunks of the open prefix as the page shows them. */
const shownOrder = (page: Page): Promise<string[]> =>
  page.locator('ol > li[data-trunk]').evaluateAll(rows => rows.map(row => row.getAttribute('data-trunk') ?? ''));

const waitForOrder = (page: Page, order: string[]) =>
  eventually(async () => (await shownOrder(page)).join() === order.join() || null, `the order ${order}`);

test('without a trunk the page says what one is; a wrong dial string is refused at its field, then it is there and waits for a route', async () => {
  const { page, faults } = await console.as('pia', '/trunks');
  await page.getByText('No trunk yet.').waitFor();
  expect(await page.locator('main code').textContent()).toContain('ringfence trunk add main');
  await page.getByRole('button', { name: 'New trunk' }).click();
  const form = page.getByRole('form', { name: 'New trunk' });
  await form.getByLabel('Name').fill('first');
  await form.getByLabel('Dial string').fill('PJSIP/first');
  await form.getByRole('button', { name: 'Add the trunk' }).click();
  await form.getByText('“PJSIP/first” is not a dial string. Write it as PJSIP/{number}@carrier.').waitFor();
  await form.getByLabel('Dial string').fill('PJSIP/{number}@first');
  await form.getByRole('button', { name: 'Add the trunk' }).click();
  await page.getByRole('heading', { name: 'first' }).waitFor();
  await page.getByText('No route leads to it, so it gets no call.').waitFor();
  await page.getByText('No call over this trunk was left unanswered.').waitFor();
  await page.getByRole('link', { name: 'Trunks and routes' }).first().click();
  await page.getByText('No route leads to a trunk: every call is refused.').waitFor();
  // What is danger asks for the name.
  await page.goto(`${console.url}/trunks/first?do=remove`);
  const removing = page.getByRole('form', { name: 'Remove the trunk' });
  expect(await removing.getByRole('button', { name: 'Remove the trunk' }).isDisabled()).toBe(true);
  await removing.getByLabel('Type first to go on').fill('first');
  await removing.getByRole('button', { name: 'Remove the trunk' }).click();
  await page.getByText('No trunk yet.').waitFor();
  expect(faults).toEqual([]);
});

describe('with trunks', () => {
  beforeAll(async () => {
    await fillTrunks(db);
    await addCalls(db, [
      ...[60, 90].map(talkSeconds => ({ trunk: 'main', hoursAgo: 1, talkSeconds, delaySeconds: 5 })),
      { trunk: 'main', hoursAgo: 20, talkSeconds: 30, delaySeconds: 2 },
      ...[1, 2].map(hoursAgo => ({ trunk: 'main', hoursAgo, talkSeconds: null, cause: 34 })),
      { trunk: 'main', hoursAgo: 2, talkSeconds: null, cause: 16, source: 'caller' },
      { trunk: 'backup', hoursAgo: 3, talkSeconds: 10 },
    ]);
  });

  test('each trunk has its day: 3 of 6 answered, 60 s of talk, 4.0 s until the answer, why not; and what talks over it now, as it comes and goes', async () => {
    const { page, faults } = await console.as('rita', '/trunks');
    const row = (trunk: string) =>
      page.getByRole('row').filter({ has: page.getByRole('link', { name: trunk, exact: true }) });
    await row('main').getByText('50 %').waitFor();
    expect((await row('main').getByRole('cell').allTextContents()).map(text => text.trim())).toEqual([
      ...['main', 'on', '0', '6', '50 %', '', '1:00', '4.0 s', '2 no channel available1 normal clearing'],
    ]);
    expect(await row('spare').getByRole('cell').nth(1).textContent()).toBe('off');
    const live = liveCallsOn(ledger, db);
    const call = await live.begin('alice', { dst: '4930111' });
    await live.answer(call);
    await row('main').getByRole('cell', { name: '1', exact: true }).waitFor();
    await row('main').press('Enter');
    await page.getByRole('heading', { name: 'main' }).waitFor();
    const talking = page.locator('dd', { has: page.getByRole('link', { name: 'show them' }) });
    await talking.getByText('1').waitFor();
    await live.end(call);
    await talking.getByText('0').waitFor();
    const causes = page.getByRole('table', { name: /^Why calls were not answered/ });
    expect(await causes.getByRole('row').allTextContents()).toEqual([
      'Cause (Q.850)Ended bycallsshare',
      '34, no channel availabletrunk or callee refused267 %',
      '16, normal clearingcaller gave up133 %',
    ]);
    await causes.getByRole('link', { name: '34, no channel available' }).click();
    await page.getByText('2 in all').waitFor();
    expect(new URL(page.url()).search).toBe('?trunk=main&cause=34&range=day');
    expect(faults).toEqual([]);
  });

  test('the order is changed by the arrow keys, by buttons and by dragging; nothing is sent before it is saved', async () => {
    const { page, faults } = await console.as('pia', '/trunks?tab=routes');
    await page.getByRole('button', { name: /^49/ }).click();
    await waitForOrder(page, ['main', 'backup', 'spare']);
    expect(new URL(page.url()).search).toBe('?tab=routes&prefix=%2249%22');
    const handle = (name: RegExp) => page.getByRole('button', { name });
    await handle(/^Move main, 1 of 3/).press('ArrowDown');
    await waitForOrder(page, ['backup', 'main', 'spare']);
    // The keyboard goes on with the same trunk.
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Move main, 2 of 3');
    await page.keyboard.press('End');
    await waitForOrder(page, ['backup', 'spare', 'main']);
    await page.getByText('main is 3 of 3. Not saved yet.').waitFor();
    await page.getByRole('button', { name: 'spare earlier' }).click();
    await waitForOrder(page, ['spare', 'backup', 'main']);
    // By the mouse: the last before the first.
    const [from, to] = [await handle(/^Move main/).boundingBox(), await handle(/^Move spare/).boundingBox()];
    await page.mouse.move(from!.x + 8, from!.y + 8);
    await page.mouse.down();
    await page.mouse.move(from!.x + 8, from!.y - 20);
    await page.mouse.move(to!.x + 8, to!.y - 8, { steps: 4 });
    await page.mouse.up();
    await waitForOrder(page, ['main', 'spare', 'backup']);
    expect(await orderOf('49')).toEqual(['main', 'backup', 'spare']);
    await page.getByRole('button', { name: 'Save the order' }).click();
    await page.getByText('Saved. Calls that start in two seconds follow this order.').waitFor();
    expect(await orderOf('49')).toEqual(['main', 'spare', 'backup']);
    // One is taken out, and put back where it was.
    await page.getByRole('button', { name: 'Remove spare from this prefix' }).click();
    await waitForOrder(page, ['main', 'backup']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await waitForOrder(page, ['main', 'spare', 'backup']);
    expect(await orderOf('49')).toEqual(['main', 'spare', 'backup']);
    expect(faults).toEqual([]);
  });

  test('two people order one prefix: the second sees both orders, and chooses', async () => {
    await addTrunks(db, { one: {}, two: {}, three: {} });
    await addRoutes(db, [
      ['33', 'one', 1],
      ['33', 'two', 2],
    ]);
    const [anna, pia] = [
      await console.as('anna', '/trunks?tab=routes&prefix=33'),
      await console.as('pia', '/trunks?tab=routes&prefix=33'),
    ];
    await pia.page.getByRole('button', { name: 'one later' }).click();
    // Meanwhile another one comes to be tried first.
    await addRoutes(db, [['33', 'three', 0]]);
    await anna.page.reload();
    await waitForOrder(anna.page, ['three', 'one', 'two']);
    await anna.page.getByRole('button', { name: 'three later' }).click();
    await anna.page.getByRole('button', { name: 'Save the order' }).click();
    await anna.page.getByText('Saved.').waitFor();
    await pia.page.getByRole('button', { name: 'Save the order' }).click();
    await pia.page.getByText('Theirs: one → three → two. Yours would be: two → one → three.').waitFor();
    expect(await orderOf('33')).toEqual(['one', 'three', 'two']);
    await pia.page.getByRole('button', { name: 'Keep theirs' }).click();
    await waitForOrder(pia.page, ['one', 'three', 'two']);
    expect(await orderOf('33')).toEqual(['one', 'three', 'two']);
    // The other choice.
    await pia.page.getByRole('button', { name: 'three earlier' }).click();
    await anna.page.getByRole('button', { name: 'two earlier' }).click();
    await anna.page.getByRole('button', { name: 'Save the order' }).click();
    await anna.page.getByText('Saved.').waitFor();
    await pia.page.getByRole('button', { name: 'Save the order' }).click();
    await pia.page.getByRole('button', { name: 'Save mine' }).click();
    await pia.page.getByText('Saved.').waitFor();
    expect(await orderOf('33')).toEqual(['three', 'one', 'two']);
    expect([...anna.faults, ...pia.faults]).toEqual([]);
  });

  test('a trunk is turned off after what that does is said, and on again', async () => {
    const { page, faults } = await console.as('pia', '/trunks');
    await page.getByRole('link', { name: 'Turn off main' }).click();
    const form = page.getByRole('form', { name: 'Turn off main' });
    await form.getByText('1 prefix goes on with its other trunks.').waitFor();
    await form.getByText('No trunk of their own is on for 44. These numbers go by any number to world.').waitFor();
    await form.getByRole('button', { name: 'Turn off' }).click();
    await page.getByText('main is off: it gets no new call.').waitFor();
    expect(await enabled('main')).toBe(0);
    await page.getByRole('link', { name: 'Trunks and routes' }).first().click();
    await page.getByText('No trunk of their own is on for 44.').waitFor();
    await page.getByRole('link', { name: 'Turn on main' }).click();
    await page.getByRole('form', { name: 'Turn on main' }).getByRole('button', { name: 'Turn on' }).click();
    await page.getByText('main is on.').waitFor();
    expect(await enabled('main')).toBe(1);
    expect(faults).toEqual([]);
  });

  test('settings: what is wrong stands at its field; what another person changed meanwhile stands beside mine', async () => {
    const [anna, pia] = [
      await console.as('anna', '/trunks/world?do=edit'),
      await console.as('pia', '/trunks/world?do=edit'),
    ];
    const form = (page: Page) => page.getByRole('form', { name: 'Settings of world' });
    await form(pia.page).getByLabel('SIP statuses of the callee').fill('404,999');
    await form(pia.page).getByRole('button', { name: 'Save' }).click();
    await form(pia.page).getByText('“999” is not a number from 400 to 699').waitFor();
    await form(pia.page).getByLabel('SIP statuses of the callee').fill('404');
    await form(anna.page).getByLabel('Digits to put in front').fill('00');
    await form(anna.page).getByLabel('Cost deck').selectOption('cheap-cost');
    await form(anna.page).getByRole('button', { name: 'Save' }).click();
    await anna.page.getByText('The settings of world are saved.').waitFor();
    await form(pia.page).getByRole('button', { name: 'Save' }).click();
    await form(pia.page).getByText('Another person has changed this trunk meanwhile.').waitFor();
    expect(await form(pia.page).getByRole('row').allTextContents()).toEqual([
      'SettingBeforeNowYours',
      'Digits to put in front–00–',
      'Cost decknone: its cost is not knowncheap-cost–',
    ]);
    await form(pia.page).getByRole('button', { name: 'Save mine' }).click();
    await pia.page.getByText('The settings of world are saved.').waitFor();
    const stored = await db
      .database('asttrunk')
      .where({ trunk: 'world' })
      .first('add_prefix', 'cost_deck', 'callee_codes');
    expect(stored).toEqual({ add_prefix: '00', cost_deck: 'cheap-cost', callee_codes: '404' });
    expect([...anna.faults, ...pia.faults]).toEqual([]);
  });

  test('a number is tried: which trunks in which order, what each costs and what is left; names of destinations run nothing', async () => {
    await db.database('astroute').where({ prefix: '49' }).delete();
    await addRoutes(db, [
      ['49', 'main', 1],
      ['49', 'backup', 2],
      ['49', 'spare', 3],
    ]);
    const { page, faults } = await console.as('rita', '/trunks?tab=try');
    await page.getByText('Type a number to see').waitFor();
    const number = page.getByRole('textbox', { name: 'Number' });
    const account = page.getByRole('textbox', { name: 'Account' });
    await number.fill('+49 30 123-45');
    await account.fill('alice');
    await page.getByLabel('Talk, seconds').fill('61');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('493012345 goes to main; if that does not take it, to backup.').waitFor();
    const rows = page.getByRole('table', { name: 'Which trunks, in which order' }).getByRole('row');
    const texts = (await rows.allTextContents()).map(text => text.replaceAll(/\s+/g, ' '));
    expect(texts[1]).toMatch(/^1mainPJSIP\/493012345@mainGermanycheap-cost \d+ · 490\.0105 EUR/);
    expect(texts[1]).toMatch(/0\.0210? EUR0\.0990? EUR$/);
    expect(texts[2]).toBe('2backupPJSIP/493012345@backupnot known––––');
    await page.getByText('its trunk is off').waitFor();
    await page.getByText('0.12 EUR', { exact: true }).waitFor();
    // Dearer than it is sold, and a destination that a stranger named.
    await number.fill('44 20 1234');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('the carrier charges more than the account pays').waitFor();
    await page.getByText(ATTACK).first().waitFor();
    expect(await page.title()).toBe('Trunks and routes · Ringfence');
    await account.fill('poor');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText(/^A call of poor would be refused now:/).waitFor();
    await account.fill(ATTACK);
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByRole('form').getByText('There is no account').waitFor();
    await account.fill('');
    await number.fill('nobody');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('“nobody” is not a number.').waitFor();
    expect(faults).toEqual([]);
  });

  test('who may only look has no button that changes; a cashier has no such page; German is German', async () => {
    const rita = await console.as('rita', '/trunks?tab=routes&prefix=33&new=route', { locale: 'de-DE' });
    await waitForOrder(rita.page, ['three', 'one', 'two']);
    await rita.page.getByRole('heading', { name: 'Trunks & Routen' }).waitFor();
    expect(await rita.page.locator('ol button').count()).toBe(0);
    expect(await rita.page.locator('main form').count()).toBe(0);
    await rita.page.goto(`${console.url}/trunks/main?do=edit`);
    await rita.page.getByRole('heading', { name: 'main' }).waitFor();
    expect(await rita.page.locator('main form').count()).toBe(0);
    expect(await rita.page.locator('main header button').count()).toBe(0);
    const carl = await console.as('carl', '/trunks');
    await carl.page.getByText('Your roles do not include this page.').waitFor();
    expect(await carl.page.getByRole('link', { name: 'Trunks and routes' }).count()).toBe(0);
    expect([...rita.faults, ...carl.faults]).toEqual([]);
  });

  test.each(LOOKS)('%s, %i pixels wide: nothing hinders, and it fits', async (colorScheme, width) => {
    const { page, faults } = await console.as('anna', '/trunks', { colorScheme, width });
    for (const [path, ready] of [
      ['/trunks?new=trunk', 'Turn off'],
      ['/trunks?tab=routes&prefix=33', 'three'],
      ['/trunks?tab=try&number=%224420%22&account=alice', 'the carrier charges more'],
      ['/trunks/main?do=off', 'goes on with its other trunks'],
      ['/trunks/world?do=edit', 'SIP statuses of the callee'],
    ] as const) {
      await page.goto(console.url + path);
      await page.getByText(ready).first().waitFor();
      expect([path, await barriersOn(page), await overhangOf(page)]).toEqual([path, [], 0]);
    }
    expect(faults).toEqual([]);
  });
});
