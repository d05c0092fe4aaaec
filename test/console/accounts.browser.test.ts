/** The pages of accounts in a real browser: the list, one account with its money, calls, prices, limits, callers and history. */
import type { Page } from 'playwright-core';
import type { Ledger } from '../../src/credit/ledger';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck, booksBalance, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { barriersOn, type ConsoleService, LOOKS, overhangOf, startConsole } from './console-fixture';

/** Strangers choose codes, names, references and reasons. */
const HOSTILE = '<img src=x onerror="window.hit=1">';
const RIGHT_TO_LEFT = '\u202Eمتجر الاتصالات';

let db: TestDatabase;
let console: ConsoleService;
let ledger: Ledger;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db, { RINGFENCE_SECOND_PERSON_ABOVE: '100' });
  await console.person('anna', 'admin');
  await console.person('sue', 'support');
  await console.person('carl', 'cashier');
  await console.person('pia', 'prices');
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

test('without an account the list says what one is, and how it is made', async () => {
  const { page, faults } = await console.as('anna', '/accounts');
  await page.getByText('No account yet.').waitFor();
  expect(await page.locator('main code').textContent()).toContain('ringfence account create alice');
  expect(await barriersOn(page)).toEqual([]);
  expect(faults).toEqual([]);
});

test('a new account: what is wrong stands at its field, then it is open', async () => {
  await addDeck(db, 'retail', [
    { prefix: '49', destination: 'Germany', price_per_minute: '0.60' },
    { prefix: '44', destination: HOSTILE, price_per_minute: '1.20' },
  ]);
  const { page, faults } = await console.as('sue', '/accounts?new=true');
  const form = page.getByRole('form', { name: 'New account' });
  await form.getByLabel('Code').fill('nora');
  await form.getByLabel('First balance').fill('1,000');
  await form.getByRole('button', { name: 'Open the account' }).click();
  await form.getByText('Write an amount such as 20 or 20.50').waitFor();
  await form.getByLabel('First balance').fill('10');
  await form.getByLabel('Calls at once').fill('many');
  await form.getByRole('button', { name: 'Open the account' }).click();
  await form.getByText('“many” is not a whole number').waitFor();
  await form.getByLabel('Calls at once').fill('2');
  await form.getByRole('button', { name: 'Open the account' }).click();
  await page.getByRole('heading', { name: 'nora' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/accounts/nora');
  expect(await db.database('astaccount').where({ accountcode: 'nora' }).first('balance', 'max_channels')).toEqual({
    balance: '10.000000',
    max_channels: 2,
  });
  expect(faults).toEqual([]);
});

describe('with accounts', () => {
  beforeAll(async () => {
    await addAccount(db, 'alice', '10', { max_channels: 1 });
    await addAccount(db, 'bob', '5.5', { status: 'blocked' });
    await addAccount(db, HOSTILE, '1', { name: HOSTILE });
    await addAccount(db, 'rtl', '1', { name: RIGHT_TO_LEFT });
    const call = callOf('alice', { dst: '4930111', startAt: Date.now() - 60_000 });
    await ledger.start(call);
    await ledger.end(endOf(call, talked(30, { answerAt: Date.now() - 50_000, endAt: Date.now() - 20_000 })));
    // Two at once are one too many for it.
    const [first, second] = [1, 2].map(() => callOf('alice', { startAt: Date.now() - 10_000 }));
    await ledger.start(first!);
    await ledger.start(second!);
    await ledger.end(endOf(first!, talked(null, { endAt: Date.now() })));
  });

  test('the list has what each has, and finds by text and state; the address says how', async () => {
    const { page, faults } = await console.as('anna', '/accounts');
    const table = page.getByRole('table', { name: 'Accounts' });
    await table.getByText('alice').waitFor();
    expect(await rowOf(page, 'alice')).toEqual(['alice', '', 'active', '9.40', '0.00', '9.40', '–', 'EUR']);
    expect(await rowOf(page, 'bob')).toEqual(['bob', '', 'blocked', '5.50', '0.00', '5.50', '–', 'EUR']);
    await page.getByText('5 in all').waitFor();
    await page.getByLabel('State').selectOption('blocked');
    await page.getByText('1 in all').waitFor();
    expect(new URL(page.url()).search).toBe('?status=blocked');
    await page.getByLabel('Code').fill('zoe');
    await page.getByLabel('Code').press('Enter');
    await page.getByText('No account is like that.').waitFor();
    await page.goto(`${console.url}/accounts?text=ali`);
    await page.getByRole('row', { name: /alice/ }).press('Enter');
    await page.getByRole('heading', { name: 'alice' }).waitFor();
    expect(faults).toEqual([]);
  });

  test('a top-up shows what it will do, is refused at the form, and then moves the money once', async () => {
    const { page, faults } = await console.as('carl', '/accounts/alice');
    await page.getByRole('button', { name: 'Top up' }).click();
    const form = page.getByRole('form', { name: 'Top up' });
    await form.getByLabel('Amount').fill('20.5');
    expect(await form.getByRole('row', { name: /balance/ }).textContent()).toBe('balance9.4029.90');
    expect(await form.getByRole('row', { name: /available/ }).textContent()).toBe('available9.4029.90');
    await form.getByRole('button', { name: 'Top up' }).click();
    await form.getByText('This is missing.').waitFor();
    await form.getByLabel('Reference').fill('receipt-1');
    await form.getByLabel('Reason').fill(HOSTILE);
    await form.getByRole('button', { name: 'Top up' }).click();
    // A cashier has a limit of the day, and this one has none yet.
    await form.getByText('has no daily limit yet').waitFor();
    await json(db.url, ['cashier', 'limit', 'operator:carl', '50.00']);
    await form.getByRole('button', { name: 'Top up' }).click();
    await page.getByText('20.50 EUR moved. Balance 29.90, available 29.90.').waitFor();
    expect(await db.database('astaccount').where({ accountcode: 'alice' }).first('balance')).toEqual({
      balance: '29.900000',
    });
    await page.getByRole('cell', { name: HOSTILE }).waitFor();
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('a cashier is offered what it may do, and nothing else', async () => {
    const { page } = await console.as('carl', '/accounts/alice');
    await page.getByRole('button', { name: 'Top up' }).waitFor();
    for (const name of ['Block', 'Hang up all', 'More']) {
      expect(await page.getByRole('button', { name, exact: false }).count()).toBe(0);
    }
    expect(await page.getByRole('tab').allTextContents()).toEqual([
      'Activity',
      'Calls now',
      'Prices',
      'Limits',
      'Callers and cards',
    ]);
    await page.getByRole('tab', { name: 'Limits' }).click();
    await page.getByText('Credit limit').waitFor();
    expect(await page.getByRole('button', { name: /^Change/ }).count()).toBe(0);
  });

  test('a large top-up waits for a second person, which is said plainly', async () => {
    const { page } = await console.as('sue', '/accounts/alice?do=topup');
    const form = page.getByRole('form', { name: 'Top up' });
    await form.getByLabel('Amount').fill('500');
    await form.getByLabel('Reference').fill('large-1');
    await form.getByRole('button', { name: 'Top up' }).click();
    await page.getByText(/500.00 EUR waits for a second person, as approval \d+. Nothing is moved yet/).waitFor();
    await page.getByText(/asked by operator:sue, reference large-1/).waitFor();
    expect(await db.database('astaccount').where({ accountcode: 'alice' }).first('balance')).toEqual({
      balance: '29.900000',
    });
  });

  test('an adjustment into overdraft asks for the code; then it is done', async () => {
    await addAccount(db, 'olaf', '3');
    const { page } = await console.as('anna', '/accounts/olaf');
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Adjust' }).click();
    const form = page.getByRole('form', { name: 'Adjust' });
    await form.getByLabel('Amount').fill('-4');
    await form.getByLabel('Reference').fill('fix-1');
    await form.getByText('This takes more than is available: −1.00 EUR will be available.').waitFor();
    const go = form.getByRole('button', { name: 'Adjust' });
    expect(await go.isDisabled()).toBe(true);
    await form.getByLabel('Type olaf to go on').fill('olaf');
    await go.click();
    await page.getByText('−4.00 EUR moved. Balance −1.00, available −1.00.').waitFor();
    await page.getByRole('cell', { name: 'adjustment', exact: true }).waitFor();
  });

  test('a refund of a call is at most what it cost', async () => {
    const { page } = await console.as('sue', '/accounts/alice?do=refund');
    const [call] = await db.database('astcdr').where({ accountcode: 'alice', disposition: 'ANSWERED' });
    const form = page.getByRole('form', { name: 'Refund' });
    await form.getByLabel('Amount').fill('0.7');
    await form.getByLabel('Call', { exact: true }).fill(call.uniqueid);
    await form.getByRole('button', { name: 'Refund' }).click();
    await form.getByRole('alert').waitFor();
    expect(await form.getByRole('alert').textContent()).toContain('0.60');
    await form.getByLabel('Amount').fill('0.6');
    await form.getByRole('button', { name: 'Refund' }).click();
    await page.getByText('0.60 EUR moved. Balance 30.50').waitFor();
  });

  test('a call appears, its money is held and spent, and hanging up all asks for the code', async () => {
    const { page, faults } = await console.as('sue', '/accounts/alice?tab=live');
    await page.getByText('No call in progress.').waitFor();
    const call = callOf('alice', { dst: '44201234', startAt: Date.now() - 2_000 });
    await ledger.start(call);
    await page.getByRole('cell', { name: 'ringing' }).waitFor();
    await ledger.answered({ uniqueid: call.uniqueid, accountcode: 'alice', trunk: 'main', answerAt: Date.now() });
    await page.getByRole('cell', { name: 'talking' }).waitFor();
    // One minute is charged at once.
    await page.locator('figcaption').getByText('1.20 spent in calls now').waitFor();
    await page.getByRole('button', { name: 'Hang up all' }).click();
    const form = page.getByRole('form', { name: 'Hang up all' });
    await form.getByText('Ends the call in progress now').waitFor();
    expect(await form.getByRole('button', { name: 'Hang up all' }).isDisabled()).toBe(true);
    await form.getByLabel('Type alice to go on').fill('alice');
    await form.getByRole('button', { name: 'Hang up all' }).click();
    await page.getByText('Calls that are being ended: 1.').waitFor();
    await page.getByRole('cell', { name: 'being ended' }).waitFor();
    await ledger.end(endOf(call, talked(1, { answerAt: Date.now() - 1_000, endAt: Date.now() })));
    await page.getByText('No call in progress.').waitFor();
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('while the service cannot read the calls the page says since when what it shows is old, on every tab', async () => {
    const { page } = await console.as('sue', '/accounts/alice?tab=live');
    await page.getByText('No call in progress.').waitFor();
    await db.database.raw('RENAME TABLE astcdr TO astcdr_away');
    try {
      await page.getByText('The service cannot read the calls since').waitFor();
      await page.getByText('No call in progress.').waitFor();
    } finally {
      await db.database.raw('RENAME TABLE astcdr_away TO astcdr');
    }
    await page.getByText('The service cannot read the calls since').waitFor({ state: 'hidden' });
  });

  test('blocking says what it does; unblocking takes it back', async () => {
    const { page } = await console.as('sue', '/accounts/rtl');
    await page.getByRole('button', { name: 'Block' }).click();
    const form = page.getByRole('form', { name: 'Block' });
    await form.getByText('The account starts no call until it is unblocked.').waitFor();
    await form.getByRole('button', { name: 'Block' }).click();
    await page.locator('header').getByText('blocked', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Unblock' }).click();
    await page.locator('header').getByText('active', { exact: true }).waitFor();
  });

  test('an account with money is not closed; an empty one is, and can be opened again', async () => {
    await addAccount(db, 'leaving', '0');
    const { page } = await console.as('anna', '/accounts/bob?do=close');
    const form = page.getByRole('form', { name: 'Close the account' });
    await form.getByLabel('Type bob to go on').fill('bob');
    await form.getByRole('button', { name: 'Close the account' }).click();
    await form.getByRole('alert').waitFor();
    expect(await form.getByRole('alert').textContent()).toContain('5.5');
    await page.goto(`${console.url}/accounts/leaving?do=close`);
    await form.getByLabel('Type leaving to go on').fill('leaving');
    await form.getByRole('button', { name: 'Close the account' }).click();
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.locator('header').getByText('active', { exact: true }).waitFor();
  });

  test('the activity: money with the balance after it, by kind, and calls with why they ended', async () => {
    const { page } = await console.as('anna', '/accounts/alice');
    await page.getByRole('button', { name: 'Top-ups' }).click();
    await page.getByText('2 in all').waitFor();
    expect(new URL(page.url()).search).toBe('?show=top_up');
    await page.getByRole('button', { name: 'Calls', exact: true }).click();
    await page.getByText('refused: too many calls').waitFor();
    await page.getByRole('cell', { name: 'answered' }).first().waitFor();
  });

  test('two browsers edit one account: the second sees both values, and chooses', async () => {
    const anna = await console.as('anna', '/accounts/alice?tab=limits&edit=credit_limit');
    const sue = await console.as('sue', '/accounts/alice?tab=limits&edit=credit_limit');
    const editor = (page: Page, label = 'Credit limit') => page.getByRole('form', { name: `Change ${label}` });
    await editor(sue.page).getByLabel('Credit limit').fill('7');
    await editor(anna.page).getByLabel('Credit limit').fill('5');
    await editor(anna.page).getByRole('button', { name: 'Save' }).click();
    await anna.page.getByText('5.00 EUR').waitFor();
    await editor(sue.page).getByRole('button', { name: 'Save' }).click();
    await sue.page.getByText('Another person changed this setting while you did.').waitFor();
    expect(
      await editor(sue.page)
        .getByRole('row', { name: /Credit limit/ })
        .textContent(),
    ).toBe('Credit limit0.00 EUR5.00 EUR7');
    expect(await limitOf('alice')).toBe('5.000000');
    await editor(sue.page).getByRole('button', { name: 'Save mine' }).click();
    await sue.page.getByText('7.00 EUR').waitFor();
    expect(await limitOf('alice')).toBe('7.000000');

    // Another setting: theirs stays, and one's own is saved as well.
    await sue.page.getByRole('button', { name: 'Change Calls at once' }).click();
    await anna.page.reload();
    await anna.page.getByRole('button', { name: 'Change Credit limit' }).click();
    await editor(anna.page).getByLabel('Credit limit').fill('8');
    await editor(anna.page).getByRole('button', { name: 'Save' }).click();
    await anna.page.getByText('8.00 EUR').waitFor();
    await editor(sue.page, 'Calls at once').getByLabel('Calls at once').fill('3');
    await editor(sue.page, 'Calls at once').getByRole('button', { name: 'Save' }).click();
    await sue.page.getByText('Another person changed other settings while you did.').waitFor();
    await editor(sue.page, 'Calls at once').getByRole('button', { name: 'Leave it as it is now' }).click();
    await sue.page.getByText('8.00 EUR').first().waitFor();
    const row = await db.database('astaccount').where({ accountcode: 'alice' }).first('credit_limit', 'max_channels');
    expect(row).toEqual({ credit_limit: '8.000000', max_channels: 1 });
    expect([...anna.faults, ...sue.faults]).toEqual([]);
  });

  test('a limit says what it did lately, and a wrong value is refused at it', async () => {
    const { page } = await console.as('anna', '/accounts/alice?tab=limits&edit=max_channels');
    await page.getByText('refused 1 call in the last 7 days').waitFor();
    const editor = page.getByRole('form', { name: 'Change Calls at once' });
    await editor.getByLabel('Calls at once').fill('0');
    await editor.getByRole('button', { name: 'Save' }).click();
    await editor.getByText('“0” is not a whole number from 1').waitFor();
    await editor.getByLabel('Calls at once').fill('');
    await editor.getByRole('button', { name: 'Save' }).click();
    await editor.waitFor({ state: 'detached' });
    expect(await db.database('astaccount').where({ accountcode: 'alice' }).first('max_channels')).toEqual({
      max_channels: 0,
    });
  });

  test('a number is priced for the account, step by step', async () => {
    const { page, faults } = await console.as('pia', '/accounts/alice?tab=prices');
    await page.getByText('Write a number').waitFor();
    await page.getByLabel('Number').fill('+44 20 1234');
    await page.getByLabel('Seconds').fill('61');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('2.40 EUR').first().waitFor();
    await page.getByText(HOSTILE).first().waitFor();
    expect(new URL(page.url()).searchParams.get('seconds')).toBe('61');
    await page.getByLabel('Number').fill('999');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('A call would be refused now: no rate for this number.').waitFor();
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('a caller is added, refused at the field, removed, and taken back', async () => {
    const { page } = await console.as('sue', '/accounts/alice?tab=callers');
    await page.getByText('No number calls without a PIN.').waitFor();
    const form = page.getByRole('form', { name: 'Add' });
    await form.getByLabel('Number').fill('abc');
    await form.getByRole('button', { name: 'Add' }).click();
    await form.getByText('“abc” is not a number.').waitFor();
    await form.getByLabel('Number').fill('+49 30 5555');
    await form.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('button', { name: 'Remove 49305555' }).click();
    await page.getByText('49305555 is forgotten.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Remove 49305555' }).waitFor();
    expect(await db.database('astcaller').select('accountcode')).toEqual([{ accountcode: 'alice' }]);
  });

  test("a card's account shows its card; one that is only called like that shows none", async () => {
    const words = ['--batch', 'summer', '--count', '1', '--value', '10.00', '--deck', 'retail'];
    const key = { RINGFENCE_PIN_KEY: 'a-secret-of-thirty-two-characters-0' };
    expect(await ringfence(db.url, ['card', 'generate', ...words], key)).toMatchObject({ exitCode: 0 });
    await json(db.url, ['card', 'activate', '--batch', 'summer']);
    await addAccount(db, 'card-77', '1');
    const { page, faults } = await console.as('carl', '/accounts/card-1?tab=callers');
    const card = page.getByRole('region', { name: 'Card' });
    await card.getByText('summer').waitFor();
    await card.getByText('10.00 EUR').waitFor();
    await page.goto(`${console.url}/accounts/card-77?tab=callers`);
    await card.getByText('This account was not opened by a card.').waitFor();
    expect(faults).toEqual([]);
  });

  test('the history says who changed what, and when the balance was low', async () => {
    await json(db.url, ['account', 'set', 'nora', '--low-balance', '8']);
    await json(db.url, ['account', 'adjust', 'nora', '-3', '--reference', 'low', '--reason', HOSTILE]);
    const { page, faults } = await console.as('anna', '/accounts/nora?tab=history');
    await page.getByText('low_balance: – → 8.00').waitFor();
    const low = page.getByRole('region', { name: 'When the balance was low' });
    await low.getByRole('cell', { name: '7.00' }).waitFor();
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('an account that does not exist, and a person who may see none', async () => {
    const { page } = await console.as('anna', '/accounts/nobody');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('nobody');
    await console.person('cleo', 'customer', 'alice');
    const customer = await console.as('cleo', '/accounts');
    await customer.page.getByText('Your roles do not include this page.').waitFor();
    expect(await customer.page.getByRole('link', { name: 'Accounts' }).count()).toBe(0);
  });

  test('in German amounts are read and written with a comma', async () => {
    const { page } = await console.as('anna', '/accounts/nora?do=adjust', { locale: 'de-DE' });
    const form = page.getByRole('form', { name: 'Berichtigen' });
    await form.getByLabel('Betrag').fill('1.000');
    await form.getByLabel('Referenz').fill('komma');
    await form.getByRole('button', { name: 'Berichtigen' }).click();
    await form.getByText('ohne Tausenderpunkte').waitFor();
    await form.getByLabel('Betrag').fill('1,5');
    await form.getByRole('button', { name: 'Berichtigen' }).click();
    await page.getByText('1,50 EUR gebucht. Guthaben 8,50').waitFor();
  });

  describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
    test('every state of the pages hinders nobody, and fits', async () => {
      const { page, faults } = await console.as('anna', '/accounts', { colorScheme, width });
      const hostile = encodeURIComponent(HOSTILE);
      for (const [path, there] of [
        ['/accounts', '9 in all'],
        ['/accounts?new=true', '9 in all'],
        ['/accounts/alice?do=topup', 'Charged for calls'],
        ['/accounts/alice?do=hangup', 'in all'],
        ['/accounts/alice?show=calls', 'in all'],
        ['/accounts/alice?tab=live', 'No call in progress'],
        ['/accounts/alice?tab=prices&number=4930', 'How the price comes about'],
        ['/accounts/alice?tab=limits&edit=deck', 'in the last 7 days'],
        ['/accounts/alice?tab=callers', '49305555'],
        ['/accounts/nora?tab=history', 'low_balance: – → 8.00'],
        [`/accounts/${hostile}`, 'in all'],
        ['/accounts/rtl', 'in all'],
      ] as const) {
        await page.goto(console.url + path);
        await page.locator('main').getByText(there).first().waitFor();
        expect([path, await barriersOn(page)]).toEqual([path, []]);
        expect([path, await overhangOf(page)]).toEqual([path, 0]);
      }
      expect(await page.evaluate('window.hit')).toBeUndefined();
      expect(faults).toEqual([]);
    });
  });

  test('the books balance after all that', () => booksBalance(db));
});

/** The cells of the row with that code. */
const rowOf = async (page: Page, code: string): Promise<string[]> => {
  const row = page.getByRole('row', { name: code });
  await row.first().waitFor();
  return row.getByRole('cell').allTextContents();
};

const limitOf = async (accountcode: string): Promise<string> =>
  (await db.database('astaccount').where({ accountcode }).first('credit_limit')).credit_limit;
