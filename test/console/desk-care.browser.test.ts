/** What the desk takes care of, in a real browser: nothing shown once is lost unasked, no late answer moves the reader, no two administrators overwrite each other. */
import type { Page, Request } from 'playwright-core';
import { json } from '../cli/cli-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { barriersOn, type ConsoleService, logIn, startConsole } from './console-fixture';

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

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const rowOf = (page: Page, table: string, text: string) =>
  page.getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text }).first();
const secrets = (page: Page) => page.locator('[role=status] code');
const QUESTION = 'What is shown here this once is lost if you leave this page.';
/** What has the focus, as a person would name it. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(
    "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || document.activeElement.name || document.activeElement.id",
  ) as Promise<string>;
const focusIs = (page: Page, name: string) =>
  eventually(async () => (await focused(page)) === name || null, `the focus on ${name}`);
const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Parts of the desk' }).getByRole('link', { name });

/** Keeps those requests back until the answer is called; resolves when the first is kept. */
async function keptBack(
  page: Page,
  method: string,
  path: RegExp,
): Promise<{ asked: Promise<Request>; answer: () => void }> {
  let answer = () => {};
  const gate = new Promise<void>(resolve => {
    answer = resolve;
  });
  await page.route(path, async route => {
    if (route.request().method() === method) await gate;
    await route.continue();
  });
  return { asked: page.waitForRequest(request => request.method() === method && path.test(request.url())), answer };
}

/** Ends the sessions of a person elsewhere, and lets the page notice. */
async function endSessions(name: string, page: Page): Promise<void> {
  const { items } = await json(db.url, ['session', 'list', '--name', name]);
  for (const { session_number: number } of items) await json(db.url, ['session', 'revoke', String(number)]);
  await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
}

async function makeKey(page: Page, name: string): Promise<void> {
  await press(page, 'New key');
  const form = page.getByRole('form', { name: 'New key' });
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('read').check();
  await form.getByRole('button', { name: 'Make the key' }).click();
}

describe('what is shown once', () => {
  test('is asked about before its page is left, or the window; rows may be opened meanwhile, and two stand beside each other', async () => {
    const { page, faults } = await console.as('anna', '/desk/keys');
    await makeKey(page, 'portal');
    await page.getByText('Secret of the key portal').waitFor();
    const first = (await secrets(page).textContent()) as string;
    await rowOf(page, 'Keys', 'portal').click();
    await page.getByText('Secret no.').last().waitFor();
    expect(await page.getByText(QUESTION).count()).toBe(0);
    await makeKey(page, 'shop');
    await page.getByText('Secret of the key shop').waitFor();
    expect((await secrets(page).allTextContents())[1]).toBe(first);

    await tab(page, 'People').click();
    await page.getByText(QUESTION).waitFor();
    await focusIs(page, 'Stay here');
    await page.keyboard.press('Enter');
    await page.getByText(QUESTION).waitFor({ state: 'detached' });
    expect([new URL(page.url()).pathname, await secrets(page).count()]).toEqual(['/desk/keys', 2]);

    const asked: string[] = [];
    page.on('dialog', dialog => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.evaluate('void setTimeout(() => location.reload())');
    await eventually(async () => asked.length > 0 || null, 'the question of the browser');
    expect([asked, await secrets(page).count()]).toEqual([['beforeunload'], 2]);

    await tab(page, 'People').click();
    await press(page, 'Leave anyway');
    await page.getByRole('table', { name: 'People' }).waitFor();
    await page.goBack();
    await page.getByRole('table', { name: 'Keys' }).waitFor();
    expect(await secrets(page).count()).toBe(0);
    // Nothing is at stake any more.
    await tab(page, 'People').click();
    await page.getByRole('table', { name: 'People' }).waitFor();
    expect(faults).toEqual([]);
  });

  test('is asked about while it is on its way, and is there for who stays', async () => {
    const { page } = await console.as('anna', '/desk/keys');
    const { asked, answer } = await keptBack(page, 'POST', /\/api\/v1\/keys$/);
    await makeKey(page, 'slow');
    await asked;
    await tab(page, 'Audit').click();
    await page.getByText(QUESTION).waitFor();
    answer();
    await page.getByText('Secret of the key slow').waitFor();
    await press(page, 'Stay here');
    expect([new URL(page.url()).pathname, await secrets(page).count()]).toEqual(['/desk/keys', 1]);
    // What was asked about is kept: the page goes without a question.
    await press(page, 'I have kept it');
    await tab(page, 'Audit').click();
    await page.getByRole('table', { name: 'Audit' }).waitFor();
  });

  test('is there again for the same person after a session that was lost, also when it came meanwhile; and for no other', async () => {
    await console.person('bea', 'admin');
    const { page, faults } = await console.as('anna', '/desk/keys');
    await makeKey(page, 'kiosk');
    await page.getByText('Secret of the key kiosk').waitFor();
    const secret = (await secrets(page).textContent()) as string;
    // The answer with a second one is on its way when the session is lost.
    let answer = () => {};
    const gate = new Promise<void>(resolve => {
      answer = resolve;
    });
    const made = page.waitForEvent('console', message => message.text() === 'made');
    await page.route(/\/api\/v1\/keys$/, async route => {
      if (route.request().method() !== 'POST') return route.continue();
      const response = await route.fetch();
      await page.evaluate("console.log('made')");
      await gate;
      await route.fulfill({ response });
    });
    await makeKey(page, 'booth');
    await made;
    await endSessions('anna', page);
    await page.getByText('What was shown to anna once is kept in this window').waitFor();
    expect(await page.getByText(secret).count()).toBe(0);
    expect(await page.locator('input[name=name]').inputValue()).toBe('anna');
    expect(await barriersOn(page)).toEqual([]);
    const dialogs: string[] = [];
    page.on('dialog', dialog => {
      dialogs.push(dialog.type());
      void dialog.dismiss();
    });
    await page.locator('input[name=password]').click();
    await page.evaluate('void setTimeout(() => location.reload())');
    await eventually(async () => dialogs.length > 0 || null, 'the question of the browser');
    answer();
    await page.waitForTimeout(200);
    await logIn(page, 'anna');
    await page.getByText('Secret of the key kiosk').waitFor();
    await page.getByText('Secret of the key booth').waitFor();
    const [other, first] = (await secrets(page).allTextContents()) as [string, string];
    expect([first === secret, other.length]).toEqual([true, secret.length]);
    await page.locator('[role=status]', { hasText: secret }).getByRole('button', { name: 'I have kept it' }).click();
    expect(await secrets(page).allTextContents()).toEqual([other]);
    await endSessions('anna', page);
    await page.getByText('What was shown to anna once').waitFor();
    await logIn(page, 'bea');
    await page.getByRole('table', { name: 'Keys' }).waitFor();
    expect(await page.getByText(other).count()).toBe(0);
    await page.getByRole('button', { name: 'bea' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await logIn(page, 'anna');
    await page.getByRole('table', { name: 'Keys' }).waitFor();
    expect(await secrets(page).count()).toBe(0);
    const stored = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
    for (const each of [secret, other]) expect(stored).not.toContain(each);
    expect(faults).toEqual([]);
  });

  test('is asked about before its person logs out, and gone then', async () => {
    const { page } = await console.as('anna', '/desk/keys');
    await makeKey(page, 'van');
    await page.getByText('Secret of the key van').waitFor();
    await page.getByRole('button', { name: 'anna' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByText('What is shown here this once is lost when you log out.').waitFor();
    await page.keyboard.press('Escape');
    expect(await secrets(page).count()).toBe(1);
    await page.getByRole('button', { name: 'anna' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('menuitem', { name: 'Log out anyway' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await page.getByText('What was shown to').count()).toBe(0);
    await logIn(page, 'anna');
    await page.getByRole('table', { name: 'Keys' }).waitFor();
    expect(await secrets(page).count()).toBe(0);
  });
});

describe('an answer that comes late', () => {
  test('closes no other row and no other form, and leads back from no other part', async () => {
    for (const name of ['ida', 'jon']) await console.person(name, 'read');
    const { page, faults } = await console.as('anna', '/desk/people');
    const block = await keptBack(page, 'POST', /\/operators\/ida\/block$/);
    await rowOf(page, 'People', 'ida').press('Enter');
    await press(page, 'Block');
    await page.getByRole('form', { name: 'Block' }).getByRole('button', { name: 'Block' }).click();
    await block.asked;
    await rowOf(page, 'People', 'jon').click();
    await press(page, 'Change roles');
    block.answer();
    await page.getByText('ida is blocked.').waitFor();
    expect(new URL(page.url()).search).toBe('?open=jon&do=roles');
    await page.getByRole('form', { name: 'Change roles' }).waitFor();

    const unblock = await keptBack(page, 'POST', /\/operators\/ida\/unblock$/);
    await rowOf(page, 'People', 'ida').click();
    await press(page, 'Unblock');
    const answered = page.waitForResponse(/\/operators\/ida\/unblock$/);
    await unblock.asked;
    await tab(page, 'Audit').click();
    await page.getByRole('table', { name: 'Audit' }).waitFor();
    unblock.answer();
    await answered;
    await page.waitForTimeout(300);
    expect(new URL(page.url()).pathname).toBe('/desk/audit');
    expect(faults).toEqual([]);
  });
});

describe('two administrators', () => {
  test('who change the roles of a person at once do not overwrite each other: the second sees both, and chooses', async () => {
    await console.person('tom', 'read');
    const { page, faults } = await console.as('anna', '/desk/people?open=tom&do=roles');
    const form = page.getByRole('form', { name: 'Change roles' });
    await form.getByLabel('cashier').check();
    await json(db.url, ['operator', 'set', 'tom', '--roles', 'support', '--mail', 'tom@example.com']);
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await form.getByText('Another administrator has changed this person meanwhile.').waitFor();
    expect(await form.getByRole('row').allInnerTexts()).toEqual([
      'Setting\tBefore\tNow\tYours',
      'Roles\tread\tsupport\tread, cashier',
      'Mail\t–\ttom@example.com\t–',
    ]);
    const kept = () => db.database('astoperator').where({ operator: 'tom' }).first('roles', 'mail');
    expect(await kept()).toEqual({ roles: 'support', mail: 'tom@example.com' });
    // And once more, before the choice.
    await json(db.url, ['operator', 'set', 'tom', '--roles', 'prices']);
    await form.getByRole('button', { name: 'Save mine' }).click();
    await form.getByRole('cell', { name: 'prices' }).waitFor();
    await form.getByRole('button', { name: 'Save mine' }).click();
    await page.getByText('tom has these roles now: read, cashier.').waitFor();
    expect(await kept()).toEqual({ roles: 'read,cashier', mail: 'tom@example.com' });
    expect(faults).toEqual([]);
  });

  test('the same of the address: to cancel leaves what the other one wrote', async () => {
    await console.person('uma', 'read');
    const { page } = await console.as('anna', '/desk/people?open=uma&do=mail');
    const form = page.getByRole('form', { name: 'Change the address of mail' });
    await form.getByLabel('Mail').fill('uma@mine.example');
    await json(db.url, ['operator', 'set', 'uma', '--mail', 'uma@theirs.example']);
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await form.getByRole('row', { name: 'Mail – uma@theirs.example uma@mine.example' }).waitFor();
    await form.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('uma@theirs.example').waitFor();
    expect(await db.database('astoperator').where({ operator: 'uma' }).first('mail')).toEqual({
      mail: 'uma@theirs.example',
    });
  });
});

describe('a keyboard', () => {
  test('goes on where it was when a form is left or saved, and when a row is gone', async () => {
    await console.person('vic', 'read');
    const { page, faults } = await console.as('anna', '/desk/people?open=vic');
    await page.getByRole('button', { name: 'Invite a person' }).press('Enter');
    await focusIs(page, 'name');
    await page.keyboard.press('Escape');
    await focusIs(page, 'Invite a person');
    // That closed the row.
    await rowOf(page, 'People', 'vic').press('Enter');
    await page.getByRole('button', { name: 'Change the address of mail' }).press('Enter');
    await focusIs(page, 'mail');
    await page.keyboard.type('nowhere');
    await page.keyboard.press('Enter');
    await page.getByText('“nowhere” is not an address of mail.').waitFor();
    await focusIs(page, 'mail');
    await page.locator('input[name=mail]').fill('vic@example.com');
    await page.getByRole('button', { name: 'Save' }).press('Enter');
    await page.getByText('The address of vic is changed.').waitFor();
    await focusIs(page, 'Change the address of mail');

    await page.goto(`${console.url}/desk/keys`);
    await makeKey(page, 'till');
    await page.getByText('Secret of the key till').waitFor();
    await page.getByRole('button', { name: 'I have kept it' }).press('Enter');
    await focusIs(page, 'New key');
    await rowOf(page, 'Keys', 'till').press('Enter');
    await page.getByRole('button', { name: 'Revoke' }).press('Enter');
    await page.getByLabel('Type till to go on').fill('till');
    await page.keyboard.press('Enter');
    await page.getByText('A secret of till is revoked.').waitFor();
    await rowOf(page, 'Keys', 'till').waitFor({ state: 'detached' });
    await focusIs(page, 'New key');

    await page.goto(`${console.url}/desk/webhooks`);
    await json(db.url, ['webhook', 'add', 'crm', '--url', 'https://crm.example/']);
    await page.reload();
    await rowOf(page, 'Webhooks', 'crm').press('Enter');
    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    await page.getByText('Paused. Its events wait').waitFor();
    // The same button says something else now.
    await focusIs(page, 'Go on');
    expect(faults).toEqual([]);
  });

  test('whose Enter is held down does a thing once, and answers no question with it', async () => {
    await console.person('wim', 'read');
    const { page } = await console.as('anna', '/desk/people?open=wim');
    const changes: string[] = [];
    page.on('request', request => {
      if (request.method() !== 'GET') changes.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
    await page.getByRole('button', { name: 'Change the address of mail' }).focus();
    await page.keyboard.down('Enter');
    await focusIs(page, 'mail');
    for (let repeats = 0; repeats < 5; repeats++) await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await page.getByRole('form', { name: 'Change the address of mail' }).waitFor();
    expect(changes).toEqual([]);
    await page.keyboard.type('wim@example.com');
    await page.keyboard.down('Enter');
    for (let repeats = 0; repeats < 5; repeats++) await page.keyboard.down('Enter');
    await page.getByText('The address of wim is changed.').waitFor();
    await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    // The button that opened the form has the focus again: it opens nothing anew.
    expect(await page.getByRole('form', { name: 'Change the address of mail' }).count()).toBe(0);
    expect(changes).toEqual(['PATCH /api/v1/operators/wim']);
  });
});

test('a reset of a blocked person without an address says that the link would not work', async () => {
  await console.person('xeno', 'read');
  await json(db.url, ['operator', 'block', 'xeno']);
  const { page } = await console.as('anna', '/desk/people?open=xeno&do=reset');
  const reset = page.getByRole('form', { name: 'Reset the log-in' });
  await reset.getByLabel('Type xeno to go on').fill('xeno');
  await reset.getByRole('button', { name: 'Reset the log-in' }).click();
  await page.getByText('xeno is blocked, and the link would not work: see "operator unblock"').waitFor();
  expect(await secrets(page).textContent()).toContain('#invitation=rfi_');
});

test('a revocation names the secret of its own row, though another one was made meanwhile', async () => {
  await json(db.url, ['key', 'create', 'crm', '--roles', 'read']);
  const { page } = await console.as('anna', '/desk/keys');
  await rowOf(page, 'Keys', 'crm').click();
  await press(page, 'Revoke');
  const number = Number(new URL(page.url()).searchParams.get('open'));
  const { secret_number: second } = await json(db.url, ['key', 'rotate', 'crm']);
  const asked = page.waitForRequest(request => request.url().endsWith('/keys/crm/revoke'));
  await page.getByLabel('Type crm to go on').fill('crm');
  await page.getByRole('form', { name: 'Revoke' }).getByRole('button', { name: 'Revoke' }).click();
  expect((await asked).postDataJSON()).toEqual({ secret_number: number });
  await page.getByText('A secret of crm is revoked.').waitFor();
  expect(second).not.toBe(number);
  expect(await db.database('astapikey').where({ api_key: 'crm' }).whereNull('revoked_at').pluck('api_key_id')).toEqual([
    second,
  ]);
});

test('the command that applies a comparison carries its own span and tolerance', async () => {
  const parameters = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z', tolerance: 7 };
  const difference = {
    uniqueid: 'ast1-1.1',
    accountcode: 'alice',
    finding: 'talk_differs',
    reason: null,
    corrected_before: false,
    start_at: '2026-11-01T12:00:00.000Z',
    billsec: 60,
    switch_billsec: 90,
    charged: '1.00',
    switch_cost: '1.50',
    amount: '-0.50',
    currency: 'EUR',
  };
  const outcome = {
    calls_compared: 1,
    calls_open: 0,
    calls_without_end: 0,
    calls_without_records: 0,
    amounts: { EUR: '-0.50' },
  };
  const [job] = await db.database('astjob').insert({
    kind: 'reconcile',
    parameters: JSON.stringify(parameters),
    state: 'done',
    asked_by: 'operator:anna',
    asked_at: '2026-11-03',
    started_at: '2026-11-03',
    ended_at: '2026-11-03',
    outcome: JSON.stringify(outcome),
    difference_count: 1,
    differences: JSON.stringify([difference]),
  });
  const { page, faults } = await console.as('anna', `/desk/books?job=${job}`);
  await page.getByText('talk differs').waitFor();
  expect(await page.locator('code').last().textContent()).toBe(
    'ringfence reconcile --from 2026-11-01T00:00:00.000Z --to 2026-11-02T00:00:00.000Z --tolerance 7 --apply',
  );
  expect(faults).toEqual([]);
});

test('what was given up is read part by part, and says that what waits is tried too', async () => {
  const row = {
    webhook: 'away',
    url: 'https://away.example/',
    secret: 'a-secret-of-32-characters-or-so!',
    status: 'paused',
  };
  const [webhook_id] = await db.database('astwebhook').insert(row);
  const events = Array.from({ length: 150 }, (_, index) => ({
    event_id: 1_000 + index,
    kind: 'settled',
    accountcode: 'alice',
    facts: '{}',
  }));
  await db.database('astoutbox').insert(events);
  const ended = '2026-11-01 00:00:00';
  await db.database('astdelivery').insert(
    events.map(({ event_id }) => ({
      webhook_id,
      event_id,
      state: 'dead',
      next_at: ended,
      ended_at: ended,
      last_error: 'HTTP 503',
    })),
  );
  const { page } = await console.as('anna', '/desk/webhooks');
  const table = page.getByRole('table', { name: 'Given up' });
  await page.getByText('150 in all').waitFor();
  expect(await table.getByRole('row').count()).toBe(101);
  await press(page, 'Show more');
  await table.getByText('settled 1000', { exact: true }).waitFor();
  expect(await table.getByRole('row').count()).toBe(151);
  await page.getByText('What waits for a later try is tried now too.').waitFor();
  await press(page, 'Try all of them again');
  await page.getByText('150 are tried again.').waitFor();
  await page.getByText('Nothing was given up.').waitFor();
});

test('a telephone shows the present tab whole, and what each setting is without a move to the side', async () => {
  const { page } = await console.as('anna', '/desk/settings', { width: 360 });
  const setting = page.getByRole('row').filter({ hasText: 'RINGFENCE_HTTP_LISTEN' });
  await setting.getByText(/^Value: \d+$/).waitFor();
  const present = page.locator('nav a[aria-current=page]').last();
  expect(await present.textContent()).toBe('Settings');
  const { x = 0, width = 0 } = (await present.boundingBox()) ?? {};
  expect(x + width).toBeLessThanOrEqual(360);
  // What scrolls is the frame of the table.
  const beyond = page.evaluate(
    "(frame => frame.scrollWidth - frame.clientWidth)(document.querySelector('main table').parentElement)",
  );
  expect(await beyond).toBe(0);
});
