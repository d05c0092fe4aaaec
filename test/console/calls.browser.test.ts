/** The pages of calls in a real browser: the list with its filters, and one call's page. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { callOf, endOf, openLedger } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { ATTACK, type FilledCalls, fillCalls } from './calls-fixture';
import { barriersOn, type ConsoleService, LOOKS, overhangOf, startConsole, waitForCount } from './console-fixture';

let db: TestDatabase;
let console: ConsoleService;
let filled: FilledCalls;

const pathOf = (uniqueid: string): string => `/calls/${encodeURIComponent(uniqueid)}`;
const rowsOn = (page: Page) => page.getByRole('table', { name: 'Calls' }).locator('tbody tr');

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db);
  for (const role of ['admin', 'support', 'cashier', 'read', 'prices']) await console.person(role, role);
});
afterAll(async () => {
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

test('without a call the list says when the first one comes', async () => {
  const { page, faults } = await console.as('admin', '/calls');
  await page.getByText('No call yet').waitFor();
  await page.getByText('ringfence account create').waitFor();
  expect(await barriersOn(page)).toEqual([]);
  expect(faults).toEqual([]);
});

describe('with calls', () => {
  beforeAll(async () => {
    filled = await fillCalls(db);
  });

  test('the list shows who, to where, how long, for how much and how it ended', async () => {
    const { page, faults } = await console.as('admin', '/calls');
    await rowsOn(page).first().waitFor();
    const texts = await rowsOn(page).allTextContents();
    expect(texts).toHaveLength(5);
    expect(texts[0]).toMatch(/alice102493012345.*talking/);
    const talked = texts.find(text => text.includes('+493012345')) ?? '';
    for (const part of ['alice', 'Germany', 'cheap', '1:01', '0.058', 'callee hung up']) expect(talked).toContain(part);
    expect(texts.join()).toContain('not enough money');
    expect(texts.join()).toContain('busy');
    await page.getByText('5 in all').waitFor();
    expect(await page.getByRole('columnheader', { name: 'Cost, EUR' }).count()).toBe(1);
    expect(faults).toEqual([]);
  });

  test.each([
    ['number as people write it', { Search: '+44 70 123' }, 1],
    ['account', { Account: 'poor' }, 1],
    ['trunk', { Trunk: 'cheap' }, 2],
    ['cause', { 'Cause (Q.850)': '17' }, 1],
    ['cost', { 'Cost from': '0.05', 'Cost to': '0.06' }, 1],
  ])('is found by %s, which stands in the address', async (_, fields, count) => {
    const { page } = await console.as('support', '/calls');
    await page.getByRole('button', { name: 'Filters' }).click();
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
    await page.keyboard.press('Enter');
    await page.getByText(`${count} in all`).waitFor();
    await waitForCount(rowsOn(page), count);
    await page.reload();
    await page.getByText(`${count} in all`).waitFor();
    const [[label, value] = ['', '']] = Object.entries(fields);
    expect(await page.getByLabel(label, { exact: true }).inputValue()).toBe(value);
  });

  test('is found by what it was refused for, by how it was answered, while in progress and in a time', async () => {
    const { page } = await console.as('read', '/calls?refusal=insufficient_balance');
    await page.getByText('1 in all').waitFor();
    await page.getByLabel('Refused because').selectOption('');
    await page.getByText('5 in all').waitFor();
    await page.getByLabel('Answer', { exact: true }).selectOption('BUSY');
    await page.getByText('1 in all').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Progress').selectOption('open');
    await page.getByText('1 in all').waitFor();
    await page.getByLabel('Progress').selectOption('ended');
    await page.getByText('4 in all').waitFor();
    await page.getByLabel('Period').selectOption('own');
    await page.getByLabel('Started before').fill('2026-01-01T00:00:00');
    await page.keyboard.press('Enter');
    await page.getByText('No call matches these filters').waitFor();
    // By the reader's zone, Berlin: one hour before UTC.
    expect(new URL(page.url()).searchParams.get('to')).toContain('2025-12-31T23:00:00.000Z');
  });

  test('a filter that the API refuses says which field and why, and the page goes on', async () => {
    const { page } = await console.as('cashier', '/calls?costFrom=much');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('cost_from: “much” is not an amount');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await rowsOn(page).first().waitFor();
  });

  test('rows are reached by keys: / searches, J goes down, Enter opens', async () => {
    const { page } = await console.as('prices', '/calls');
    await rowsOn(page).first().focus();
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.getAttribute("name")')).toBe('text');
    await rowsOn(page).first().focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'All calls' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/calls\/ast1-/);
  });

  test("the table is downloaded with the page's filters, the reader's zone and separators", async () => {
    const { page } = await console.as('admin', '/calls?account=alice', { locale: 'de-DE' });
    const link = page.getByRole('link', { name: 'Als CSV herunterladen' });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const text = readFileSync(await download.path(), 'utf8');
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain('uniqueid;accountcode');
    expect(text).toContain(';0,058;');
  });

  test('a call answers what happened, what it cost and who hung up', async () => {
    const { page, faults } = await console.as('support', pathOf(filled.talked));
    await page.getByRole('heading', { name: 'Call to 4930123456' }).waitFor();
    await page.getByText('1:01 of talk, then: callee hung up.').waitFor();
    const line = page.getByRole('region', { name: 'What happened' });
    await line.getByText('PJSIP/main did not take it: 34, no channel available').waitFor();
    const moments = (await line.getByRole('listitem').allTextContents()).join('\n');
    expect(moments).toMatch(
      /Arrived from \+493012345[\s\S]*0\.25 EUR held for up to 10:00[\s\S]*main did not take it[\s\S]*Answered on cheap[\s\S]*0:30 left[\s\S]*Ended: callee[\s\S]*Charged 0\.058 EUR/,
    );
    const price = page.getByRole('region', { name: 'The price' });
    const sum = (await price.getByRole('row').allTextContents()).join('\n');
    expect(sum).toMatch(
      /Talk, whole seconds61 s\nFirst block, billed whole60 s\nand 1 block of 60 s\+ 60 s\nBilled seconds= 120 s\n120 s ÷ 60 × 0\.024 a minute0\.048\nConnect fee\+ 0\.010\nTogether= 0\.058\nCost0\.058 EUR\nRefunded−0\.02\nWhat remains0\.038 EUR/,
    );
    const records = (
      await page.getByRole('table', { name: 'Two records of one call' }).getByRole('row').allTextContents()
    ).join('\n');
    expect(records).toMatch(
      /Answered.*same\nEnded.*0\.5 s apart\nTalk, seconds6161same\nCause.*same\nWho hung up.*same/,
    );
    const entries = await page.getByRole('table', { name: 'The ledger' }).locator('tbody tr').allTextContents();
    expect(entries[0]).toMatch(/Call20\.000−0\.05819\.942/);
    expect(entries[1]).toMatch(/Refund19\.9420\.02019\.962crackled.*anna/);
    expect(await page.getByRole('button', { name: 'Hang up' }).count()).toBe(0);
    expect(faults).toEqual([]);
  });

  /** What a person reads of a list, item by item. */
  const itemsOf = async (page: Page, name: string) => {
    const list = page.getByRole('list', { name });
    await list.waitFor();
    return (await list.getByRole('listitem').allInnerTexts()).map(each => each.replace(/\s+/g, ' ').trim());
  };

  test('its price comes out again; what was held, and the balance before and after, stand beside it', async () => {
    const { page, faults } = await console.as('cashier', pathOf(filled.talked));
    await page.getByText('Computed anew from its own record the call costs 0.058 EUR, and that was charged.').waitFor();
    expect(await itemsOf(page, 'Held for it, EUR')).toEqual([
      expect.stringMatching(/^At the start 0\.250? .* · pays for 10:00 of talk$/),
      expect.stringMatching(/^At its end: charged 0\.058 .* · 0\.192 given back$/),
    ]);
    await page.getByText('However much money there is, it may last 10:00').waitFor();
    expect(await itemsOf(page, 'The balance before and after, EUR')).toEqual([
      expect.stringMatching(/^Call .* 20\.00 − 0\.058 = 19\.942$/),
      expect.stringMatching(/^Refund .* 19\.942 \+ 0\.02 = 19\.962$/),
    ]);
    expect(faults).toEqual([]);
  });

  test('amounts that differ are an alarm with all three; what was held is told when its events are gone', async () => {
    const call = () => db.database('astcdr').where({ uniqueid: filled.talked });
    const { cost } = await call().first('cost');
    await call().update({ cost: '0.05' });
    const { page } = await console.as('admin', pathOf(filled.talked));
    const note = page.getByRole('alert').filter({ hasText: 'These three should be one amount' });
    await note.waitFor();
    expect((await note.allInnerTexts()).join(' ').replace(/\s+/g, ' ')).toMatch(
      /Computed anew 0\.058 EUR In the record of the call 0\.05 EUR Taken from the balance 0\.058 EUR .*ringfence verify/,
    );
    expect(await barriersOn(page)).toEqual([]);
    await call().update({ cost });
    await db.database('astoutbox').where({ uniqueid: filled.busy }).delete();
    await page.goto(console.url + pathOf(filled.busy));
    expect(await itemsOf(page, 'Held for it, EUR')).toEqual([
      'Held 0.25 pays for 10:00 of talk',
      expect.stringMatching(/^At its end: charged 0\.00 .* · 0\.25 given back$/),
    ]);
    await page.getByText('No money moved.').waitFor();
  });

  test('is copied as text for its customer, without what trunks and carriers say', async () => {
    const { page, context } = await console.as('support', pathOf(filled.talked));
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await page.getByText('Copied').waitFor();
    const text = (await page.evaluate('navigator.clipboard.readText()')) as string;
    expect(text).toContain(`Call ${filled.talked}`);
    expect(text).toMatch(/To: +4930123456, Germany/);
    expect(text).toMatch(/Times in Europe\/Berlin/);
    expect(text).toMatch(/Connect fee +\+ 0\.010\n/);
    expect(text).toMatch(/Cost, EUR +0\.058\n/);
    expect(text).not.toMatch(/cheap|\bmain\b/);
  });

  test('a browser that does not let the page copy shows the text', async () => {
    const { page } = await console.as('read', pathOf(filled.busy));
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("denied"))');
    await page.getByRole('button', { name: 'Copy as text' }).click();
    expect(await page.getByRole('textbox').inputValue()).toContain('Never answered: busy');
  });

  test('a refused call says why; a call that is not there says so, and how to search', async () => {
    const { page } = await console.as('read', pathOf(filled.refused));
    await page.getByText('It was not let through: not enough money.').waitFor();
    await page.getByText('A call that was refused costs nothing.').waitFor();
    await page.goto(`${console.url}${pathOf('ast1-nowhere/<b>.1')}`);
    await page.getByRole('heading', { name: 'There is no such call.' }).waitFor();
    await page.getByText('ast1-nowhere/<b>.1').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('link', { name: 'Search for calls that contain it' }).click();
    await page.getByText('No call matches these filters').waitFor();
  });

  test('roles that may not see the evidence see the record, the price and why there is no more', async () => {
    const { page, faults } = await console.as('cashier', pathOf(filled.talked));
    await page.getByText('Your roles see the record of the call').waitFor();
    await page.getByText('Answered on cheap').waitFor();
    expect(await page.getByRole('heading', { name: 'The ledger' }).count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test('a call in progress ticks, is hung up in place, and its page shows its end by itself', async () => {
    const { page } = await console.as('support', pathOf(filled.live));
    const talk = page.getByText(/In progress: \d+:\d\d of talk so far/);
    await talk.waitFor();
    const before = await talk.textContent();
    await page.getByText(before ?? '').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByText('Its talk so far is charged.').waitFor();
    // Without a switch the service cannot end it: refused where it was asked.
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByText('RINGFENCE_ARI_URL').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    const live = await db.database('astcdr').where({ uniqueid: filled.live }).first();
    const ledger = openLedger(db);
    await ledger.end(
      endOf(callOf('alice', { uniqueid: filled.live }), {
        answerAt: live.answer_at.getTime(),
        endAt: live.answer_at.getTime() + 61_000,
        disposition: 'ANSWERED',
        hangupCause: 16,
        hangupSource: 'operator',
        evidence: 'event',
      }),
    );
    await ledger.close();
    await page.getByText('1:01 of talk, then: ended by an operator.').waitFor();
    await page.getByText('Charged 0.058 EUR').waitFor();
  });

  test('a customer has no page of calls', async () => {
    await console.person('carl', 'customer', 'alice');
    for (const path of ['/calls', pathOf(filled.talked)]) {
      const { page } = await console.as('carl', path);
      await page.getByText('Your roles do not include this page.').waitFor();
      expect(await page.getByText('4930123456').count()).toBe(0);
    }
  });

  test('what a stranger chose is text: in the list, on the page, and in what is copied', async () => {
    const { page, faults, context } = await console.as('admin', '/calls');
    await rowsOn(page).filter({ hasText: ATTACK }).first().click();
    await page.getByRole('heading', { name: 'Call to 447012345' }).waitFor();
    expect(await page.getByText(ATTACK).count()).toBeGreaterThan(2);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await page.getByText('Copied').waitFor();
    await page.goto(console.url + pathOf(filled.talked));
    await page.getByText(`crackled ${ATTACK}`).waitFor();
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect(await page.title()).toBe('Call to 4930123456 · Ringfence');
    expect(faults).toEqual([]);
  });

  describe('with 45,000 older calls', () => {
    beforeAll(async () => {
      const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ');
      await db.database.raw(
        `INSERT INTO astcdr (uniqueid, accountcode, node, trunk, start_at, end_at, disposition, hangup_cause, hangup_source, evidence)
         SELECT CONCAT('old-', n), 'old', 's', IF(n MOD 22000 = 1, 'rare', 'main'), TIMESTAMP '2025-01-01 00:00:00' + INTERVAL n SECOND, '2025-02-01',
           'NO ANSWER', 19, 'caller', 'event'
         FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n FROM (${digits}) a CROSS JOIN (${digits}) b
           CROSS JOIN (${digits}) c CROSS JOIN (${digits}) e CROSS JOIN (${digits}) f) AS numbers WHERE n < 45000`,
      );
    });
    afterAll(() => db.database('astcdr').where({ accountcode: 'old' }).delete());

    test('a filter without an index is searched part by part, which says how far it is and can be stopped', async () => {
      const { page, faults } = await console.as('read', '/');
      const asked: string[] = [];
      let isHeld = true;
      let release: () => void = () => undefined;
      await page.route(/\/api\/v1\/calls\?/, async route => {
        asked.push(route.request().url());
        // The second part is on its way until the test lets it come.
        if (isHeld && asked.length > 1)
          await new Promise<void>(resolve => {
            release = resolve;
          });
        await route.continue();
      });
      await page.goto(`${console.url}/calls?trunk=rare`);
      // 45,005 calls: the first 20,000 end at second 25,005.
      await page.getByText(/^1 found so far\. Searched back to Jan 01, 2025, 07:56:45/).waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      isHeld = false;
      release();
      await page.getByText(/^2 found so far\. Searched back to Jan 01, 2025, 02:23:25/).waitFor();
      expect(await barriersOn(page)).toEqual([]);
      expect(asked).toHaveLength(2);
      await page.getByRole('button', { name: 'Search on' }).click();
      await page.getByText('3 in all').waitFor();
      await waitForCount(rowsOn(page), 3);
      // Nothing counts what is being searched.
      expect(asked.filter(url => url.includes('count=true'))).toEqual([]);
      expect(await page.getByRole('button', { name: /Search on|Stop/ }).count()).toBe(0);
      expect(faults).toEqual([]);
    });

    test('what no call matches is searched to the end by itself', async () => {
      const { page } = await console.as('read', '/calls?text=nowhere');
      await page.getByText('No call matches these filters').waitFor();
      await page.goto(`${console.url}/calls`);
      await page.getByText('45,005 in all').waitFor();
      await page.getByRole('button', { name: 'Show more' }).click();
      await waitForCount(rowsOn(page), 100);
    });
  });

  describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
    test('the list and the pages of calls hinder nobody, and fit', async () => {
      const { page, faults } = await console.as('admin', '/calls?cause=16', { colorScheme, width });
      await rowsOn(page).first().waitFor();
      const see = async (path: string, heading: string) => {
        await page.goto(console.url + path);
        await page.getByText(heading).first().waitFor();
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect([path, await barriersOn(page), await overhangOf(page)]).toEqual([path, [], 0]);
      };
      expect([await barriersOn(page), await overhangOf(page)]).toEqual([[], 0]);
      await see('/calls', 'in all');
      await see(pathOf(filled.talked), 'Two records of one call');
      await see(pathOf(filled.strange), 'Two records of one call');
      await see(pathOf(filled.refused), 'costs nothing');
      expect(faults).toEqual([]);
    });
  });
});
