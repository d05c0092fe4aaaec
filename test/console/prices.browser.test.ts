/** The pages of prices in a real browser: decks, one deck with its rates, versions and differences, and the import of a carrier's sheet. */
import { Readable } from 'node:stream';
import type { Page } from 'playwright-core';
import { importDeck } from '../../src/decks/import-deck';
import { setParent } from '../../src/decks/parent-store';
import { parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { barriersOn, type ConsoleService, overhangOf, startConsole } from './console-fixture';

/** Carriers choose names of destinations, and people names of files and decks. */
const HOSTILE = '<img src=x onerror="window.hit=1">';
const RIGHT_TO_LEFT = '\u202Eمتجر الاتصالات';
/** As a cell of a file. */
const QUOTED = `"${HOSTILE.replaceAll('"', '""')}"`;
const HEADER = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n';

let db: TestDatabase;
let console: ConsoleService;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db);
  await console.person('ada', 'admin');
  await console.person('pia', 'prices');
  await console.person('rolf', 'read');
  await console.person('carl', 'cashier');
});
afterAll(async () => {
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

const imported = async (deck: string, lines: string[], source = 'rates.csv'): Promise<number> => {
  const input = Readable.from([HEADER, ...lines.map(line => `${line}\n`)]);
  const file = { deck, currency: 'EUR', source, input, mayShrink: true };
  return (await importDeck(actingAs('test', db.database), file)).version;
};
const currentOf = async (deck: string): Promise<number> =>
  Number((await db.database('astratedeck').where({ deck }).first('version'))?.version ?? 0);
const choose = (page: Page, name: string, text: string) =>
  page.getByLabel('The price list').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
/** Says what the file is, as is asked where the deck has prices already. */
const isWhole = (page: Page) => page.getByLabel('What the file is').selectOption({ label: WHOLE });
const WHOLE = 'The whole list: what it lacks is gone';

/** The cells of the first row of that name, once it is there. Amounts have hidden zeros, so that their points stand below each other. */
const cellsOf = async (page: Page, name: RegExp | string): Promise<string[]> => {
  const row = page.getByRole('row', { name }).first();
  await row.waitFor();
  return row.getByRole('cell').allTextContents();
};

test('without a deck the list says what one is, and how it is made; a reader is offered no import', async () => {
  const { page, faults } = await console.as('rolf', '/prices');
  await page.getByText('No deck yet.').waitFor();
  expect(await page.locator('main code').textContent()).toContain('ringfence deck import retail');
  expect(await page.getByRole('link', { name: 'Import a price list' }).count()).toBe(0);
  await page.goto(`${console.url}/prices/import`);
  await page.getByText('Your roles do not include this page.').waitFor();
  const cashier = await console.as('carl', '/prices');
  await cashier.page.getByText('Your roles do not include this page.').waitFor();
  expect(await cashier.page.getByRole('link', { name: 'Prices' }).count()).toBe(0);
  expect(faults).toEqual([]);
});

test("a carrier's sheet: columns are understood and corrected, what it leaves open is asked, and it is uploaded, looked at, published and undone", async () => {
  const { page, faults } = await console.as('pia', '/prices/import');
  await page.getByLabel('Name of the new deck').fill('carrier');
  const sheet = [
    'Example Wholesale Ltd;;;',
    'Land;Vorwahl;Tarif;gültig ab',
    `${HOSTILE};999;0,0311;`,
    '"Freedonia; mobile";99971-99973, 99975;0,0987;',
    `${RIGHT_TO_LEFT};425;frei;`,
    '',
  ].join('\n');
  await choose(page, `${HOSTILE}.csv`, sheet);
  // "Land" is no name that it knows.
  await page.getByLabel('Land').selectOption({ label: 'destination' });
  await page.getByText('Some lines have no increments.').waitFor();
  await page.getByLabel('Increments where the file has none').fill('60/1');
  await page.getByText('1 line cannot be read.').waitFor();
  await page
    .getByRole('table', { name: /1 line cannot be read/ })
    .getByText('is no price')
    .waitFor();
  expect(await page.getByRole('button', { name: 'Upload into carrier' }).isDisabled()).toBe(true);
  await choose(page, `${HOSTILE}.csv`, sheet.replace('frei', '0,02'));
  await page.getByLabel('Land').selectOption({ label: 'destination' });
  await page.getByLabel('Increments where the file has none').fill('60/1');
  await page.getByText('3 lines were read; they give 6 rates.').waitFor();
  await page.getByRole('button', { name: 'Upload into carrier' }).click();
  await page.getByText('It is the first version of this deck.').waitFor();
  const address = new URL(page.url());
  expect(address.searchParams.get('deck')).toBe('carrier');
  await page.getByRole('row', { name: /99973/ }).waitFor();
  expect(await cellsOf(page, /99973/)).toEqual([
    '99973',
    'Freedonia; mobile',
    'no rate',
    '0.0987',
    '–',
    expect.stringContaining('new'),
  ]);
  expect(await currentOf('carrier')).toBe(0);
  await page.getByRole('button', { name: /^Make version \d+ current$/ }).click();
  await page.getByText(/Version \d+ is current. Calls that start/).waitFor();
  const [first] = [await currentOf('carrier')];
  expect(first).toBe(Number(address.searchParams.get('version')));
  expect(await db.database('astrate').where({ version: first }).orderBy('prefix').pluck('prefix')).toEqual([
    '425',
    '999',
    '99971',
    '99972',
    '99973',
    '99975',
  ]);
  // The next file of the same carrier, and back again.
  await page.goto(`${console.url}/prices/import?deck=carrier`);
  await choose(
    page,
    'next.csv',
    `${HEADER}999,Freedonia,0.05,0,60,1\n99971,Freedonia mobile,0.0987,0,60,1\n425,Sylvania,0.02,0,60,1\n99972,x,0.0987,0,60,1\n99973,x,0.0987,0,60,1\n99975,x,0.0987,0,60,1\n`,
  );
  await page.getByText('The columns have the names of Ringfence.').waitFor();
  expect(await page.getByRole('button', { name: 'Say first what the file is' }).isDisabled()).toBe(true);
  await isWhole(page);
  await page.getByRole('button', { name: 'Upload into carrier' }).click();
  await page.getByText(`Compared with version ${first}, which is current.`).waitFor();
  await page.getByRole('button', { name: 'Dearer' }).click();
  expect(await cellsOf(page, /0.0311/)).toEqual(['999', 'Freedonia', '0.0311', '0.0500', '+0.0189', 'dearer']);
  await page.getByRole('button', { name: /^Make version \d+ current$/ }).click();
  // The address may name any version: nothing changes before it is seen what.
  const undo = page.getByRole('link', { name: `Undo: version ${first} again` });
  await undo.waitFor();
  const second = await currentOf('carrier');
  await undo.click();
  await page
    .getByRole('form', { name: `Make current again: version ${first}` })
    .getByRole('row', { name: /999/ })
    .first()
    .waitFor();
  expect(await currentOf('carrier')).toBe(second);
  await page.getByRole('button', { name: `Make version ${first} current` }).click();
  await page.getByText(`Version ${first} is current again.`).waitFor();
  expect(await currentOf('carrier')).toBe(first);
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

describe('with decks', () => {
  let earlier: number;
  let later: number;
  beforeAll(async () => {
    const many = Array.from({ length: 120 }, (_, index) => `1${200 + index},America ${index},0.01,0,1,1`);
    const base = [
      '49,Germany,0.0078,0,60,1',
      '44,United Kingdom,0.02,0.01,60,1',
      `43,${QUOTED},0.03,0,60,60`,
      `7,${RIGHT_TO_LEFT},0.5,0,60,60`,
    ];
    earlier = await imported('retail', [...base, '4915,Germany mobile,0.0495,0,60,1', ...many], 'november.csv');
    later = await imported(
      'retail',
      [...base.map(line => line.replace('0.02,0.01', '0.025,0.01')), ...many, '33,France,0.04,0,60,1'],
      `${HOSTILE}.csv`,
    );
    const [markupPercent, markupAmount] = [parseAmount('12.5'), parseAmount('0.002')];
    await setParent(actingAs('test', db.database), 'premium', { parent: 'retail', markupPercent, markupAmount });
  });

  test('a deck that stands on another one says so, with its markup, in both languages', async () => {
    const { page, faults } = await console.as('rolf', '/prices/decks/premium');
    await page.getByText('stands on retail, with 12.50 % and 0.002 a minute more').waitFor();
    await page.getByText('This deck has no version of its own').waitFor();
    await page.goto(`${console.url}/prices/decks/retail`);
    await page.getByText('125 in all').waitFor();
    expect(await page.getByText('stands on').count()).toBe(0);
    const german = await console.as('pia', '/prices/decks/premium', { locale: 'de-DE' });
    await german.page.getByText('baut auf retail auf, mit 12,50 % und 0,002 je Minute mehr').waitFor();
    expect(faults).toEqual([]);
  });

  test('a deck: rates by prefix and by name, part by part, of each version, and all of them as a file', async () => {
    const { page, faults } = await console.as('rolf', '/prices');
    await page.getByRole('row', { name: /retail/ }).press('Enter');
    await page.getByRole('heading', { name: 'retail' }).waitFor();
    await page.getByText('125 in all').waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByRole('row', { name: /^49 / }).waitFor();
    const field = page.getByLabel('Prefix or destination');
    await field.fill('+44');
    await field.press('Enter');
    await page.getByText('1 in all').waitFor();
    expect(await cellsOf(page, /United Kingdom/)).toEqual(['44', 'United Kingdom', '0.025', '0.01', '60/1']);
    await field.fill('IMG src');
    await field.press('Enter');
    await page.getByRole('row', { name: /^43 / }).waitFor();
    expect(new URL(page.url()).search).toBe('?name=IMG+src');
    await field.fill('nowhere');
    await field.press('Enter');
    await page.getByText('No rate is like that.').waitFor();
    await page.goto(`${console.url}/prices/decks/retail?version=${earlier}&prefix=4915`);
    await page.getByRole('row', { name: /Germany mobile/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('deck-rates.csv');
    const file = await new Response(Readable.toWeb(await download.createReadStream()) as ReadableStream).text();
    expect(file.trim().split('\n').length).toBe(126);
    for (const name of ['Import a price list', 'Make current again'])
      expect(await page.getByText(name).count()).toBe(0);
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('versions: what differs, with what falls back on a cheaper prefix; back to the earlier one, refused where another came first', async () => {
    const { page, faults } = await console.as('pia', '/prices/decks/retail?tab=versions');
    await page.getByRole('button', { name: `Compare version ${later}` }).click();
    await page.getByRole('row', { name: /^44 / }).waitFor();
    expect(await cellsOf(page, /^33 /)).toEqual(['33', 'France', 'no rate', '0.0400', '–', 'newhas a rate now']);
    expect(await cellsOf(page, /^44 /)).toEqual(['44', 'United Kingdom', '0.0200', '0.0250', '+0.0050', 'dearer']);
    await page.getByRole('button', { name: 'Falls back on a cheaper prefix' }).click();
    await page.getByText('falls back on 49, cheaper').waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    expect(new URL(page.url()).searchParams.get('only')).toBe('fallback');

    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('button', { name: `Make current again: version ${earlier}` }).click();
    const form = page.getByRole('form', { name: `Make current again: version ${earlier}` });
    await form.getByRole('row', { name: /^4915 / }).waitFor();
    expect(await cellsOf(page, /^4915 /)).toEqual([
      '4915',
      'Germany mobile',
      '0.0078',
      '0.0495',
      '+0.0417',
      'newdearer',
    ]);
    // A colleague imports in between: what was looked at is no longer what would be replaced.
    const between = await imported('retail', ['49,Germany,0.01,0,60,1'], 'between.csv');
    await form.getByRole('button', { name: `Make version ${earlier} current` }).click();
    await form.getByText('The deck “retail” has another version by now.').waitFor();
    expect(await currentOf('retail')).toBe(between);
    await page.reload();
    await form.getByText(`replaces version ${between}`).waitFor();
    await form.getByRole('button', { name: `Make version ${earlier} current` }).click();
    await page.getByText(`Version ${earlier} is current again.`).waitFor();
    expect(await currentOf('retail')).toBe(earlier);
    expect(faults).toEqual([]);
  });

  test('bad lines are named by the lines of the sheet, and nothing is kept', async () => {
    const { page, faults } = await console.as('pia', '/prices/import?deck=retail');
    const sheet = `Prices of December\n\nCode,Destination,Rate,Billing\n49,${QUOTED},0.01,60/1\n"44, 49",Twice,0.02,60/1\n`;
    await choose(page, 'twice.csv', sheet);
    await isWhole(page);
    await page.getByRole('button', { name: 'Upload into retail' }).click();
    const lines = page.getByRole('table', { name: 'Lines that are wrong' });
    await lines.getByText('line 5').waitFor();
    expect(await lines.getByRole('row').first().textContent()).toContain('44, 49 · Twice · 0.02 · 60/1');
    expect(await db.database('astratedeckversion').where({ source: 'twice.csv' })).toEqual([]);
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('a file that cannot be read, or is read late, never leaves another one ready under its name', async () => {
    const { page, faults } = await console.as('pia', '/prices/import?deck=retail');
    // As a browser does with a file that was moved away, and with one on a slow drive.
    await page.evaluate(`{
      const read = File.prototype.arrayBuffer;
      File.prototype.arrayBuffer = async function () {
        if (this.name === 'moved.csv') throw new DOMException('The file was moved.', 'NotReadableError');
        if (this.name === 'slow.csv') await new Promise(resolve => { window.arrive = resolve; });
        return read.call(this);
      };
    }`);
    const sheetOf = (name: string) => `Code,Destination,Rate,Billing\n49,${name},0.01,60/1\n`;
    const upload = page.getByRole('button', { name: 'Upload into retail' });
    await choose(page, 'good.csv', sheetOf('First'));
    await isWhole(page);
    await upload.waitFor();
    await choose(page, 'moved.csv', sheetOf('Second'));
    await page.getByRole('alert').getByText('moved.csv').waitFor();
    expect(await upload.count()).toBe(0);
    await choose(page, 'slow.csv', sheetOf('Third'));
    await page.waitForFunction('window.arrive');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await upload.count()).toBe(0);
    await choose(page, 'last.csv', sheetOf('Fourth'));
    await page.getByText('Fourth', { exact: true }).waitFor();
    await page.evaluate('window.arrive()');
    // Long enough for the late one to be shown, if it were.
    await page.evaluate('new Promise(resolve => setTimeout(resolve, 300))');
    expect([
      await page.getByText('Fourth', { exact: true }).count(),
      await page.getByText('Third', { exact: true }).count(),
    ]).toEqual([1, 0]);
    expect(faults).toEqual([]);
  });

  test('a sheet in another currency than the deck is uploaded only when a person says that its prices are in that of the deck', async () => {
    const { page, faults } = await console.as('pia', '/prices/import?deck=retail');
    await choose(page, 'dollars.csv', 'Code,Destination,Rate (USD),Billing\n49,Germany,0.01,60/1\n');
    await page.getByText('names a currency that is not the one of the deck: “Rate (USD)”').waitFor();
    await isWhole(page);
    const upload = page.getByRole('button', { name: 'Upload into retail' });
    expect(await upload.isDisabled()).toBe(true);
    await page.getByLabel('All prices of this file are in EUR').check();
    await page.getByText('1 line was read; it gives 1 rate.').waitFor();
    expect(await upload.isDisabled()).toBe(false);
    await page.getByLabel('All prices of this file are in EUR').uncheck();
    expect(await upload.isDisabled()).toBe(true);
    expect(await overhangOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test("a line that a carrier's sheet closes is blocked, and not sold at the price of a shorter prefix", async () => {
    await imported('closing', ['49,Germany,0.01,0,60,1', '4915,Germany mobile,0.05,0,60,1', '44,UK,0.02,0,60,1']);
    const { page, faults } = await console.as('pia', '/prices/import?deck=closing');
    const sheet = [
      'Code,Destination,Rate,Billing,Status',
      '49,Germany,0.01,60/1,Unchanged',
      `4915,${QUOTED},0.05,60/1,Closed`,
      '44,UK,0.02,60/1,Unchanged',
    ];
    await choose(page, 'closing.csv', `${sheet.join('\n')}\n`);
    await page.getByText('1 line is closed or blocked: calls to its numbers are refused').waitFor();
    await isWhole(page);
    await page.getByRole('button', { name: 'Upload into closing' }).click();
    await page.getByText('1 prefix has a price now and is blocked in this file: more than a fifth.').waitFor();
    await page.getByRole('button', { name: 'Blocked', exact: true }).click();
    const destination = expect.stringContaining(HOSTILE);
    expect(await cellsOf(page, /^4915 /)).toEqual(['4915', destination, '0.05', 'blocked', '–', 'blocked now']);
    await page.getByLabel('Type closing to go on').fill('closing');
    await page.getByRole('button', { name: /^Make version \d+ current$/ }).click();
    await page.getByText(/Version \d+ is current. Calls that start/).waitFor();
    await page.goto(`${console.url}/prices/decks/closing`);
    expect(await cellsOf(page, /^4915 /)).toEqual(['4915', destination, 'blocked', '–', '–']);
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test('an upload that was left is found again; what lacks much asks for the name; an outdated preview is refused, and a version taken back', async () => {
    await imported('small', ['49,Germany,0.01,0,60,1', '44,UK,0.02,0,60,1'], 'first.csv');
    const { page, faults } = await console.as('pia', '/prices/import?deck=small');
    await choose(page, 'half.csv', `${HEADER}49,Germany,0.03,0,60,1\n`);
    await isWhole(page);
    // It is held on its way: meanwhile another page is looked at.
    let arrive: () => void = () => undefined;
    const held = new Promise<void>(resolve => {
      arrive = resolve;
    });
    await page.route('**/decks/small/versions?**', async route => {
      await held;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Upload into small' }).click();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('link', { name: 'Prices' }).click();
    await page.getByRole('link', { name: 'Import a price list' }).click();
    await page.getByRole('progressbar').waitFor();
    arrive();
    await page.getByText('1 prefix of the current version is not in this file').waitFor();
    const { href } = new URL(page.url());
    await page.goto(`${console.url}/prices/decks/small`);
    await page.getByText('is uploaded and waits.').waitFor();
    await page.getByRole('link', { name: 'Go on' }).click();
    const go = page.getByRole('button', { name: /^Make version \d+ current$/ });
    expect(await go.isDisabled()).toBe(true);
    await page.getByLabel('Type small to go on').fill('small');
    expect(new URL(page.url()).href).toBe(href);
    // A colleague goes back meanwhile: the preview no longer says what would change.
    const between = Number(
      (
        await db
          .database('astratedeckversion')
          .insert({ deck: 'small', source: 'restored', imported_at: '2026-01-01', rates: 0 })
      )[0],
    );
    await db.database('astratedeck').where({ deck: 'small' }).update({ version: between });
    await go.click();
    await page.getByText(/is older than the current one|has another version by now/).waitFor();
    expect(await currentOf('small')).toBe(between);
    await page.getByRole('button', { name: /^Delete version \d+$/ }).click();
    await page.getByText('No call was rated with it.').waitFor();
    expect(await db.database('astratedeckversion').where({ source: 'half.csv' })).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('a list whose prices are all over: its prefixes have no rate, publishing waits for the weight and asks for the name', async () => {
    await imported('dated', ['49,Germany,0.01,0,60,1', '44,UK,0.02,0,60,1'], 'first.csv');
    const { page, faults } = await console.as('pia', '/prices/import?deck=dated');
    let weigh: () => void = () => undefined;
    const held = new Promise<void>(resolve => {
      weigh = resolve;
    });
    await page.route('**/weight?**', async route => {
      await held;
      await route.fulfill({ status: 400, json: { type: 'about:blank', title: 'held', status: 400 } });
    });
    const columns = `${HEADER.trim()},valid_until\n`;
    await choose(page, 'over.csv', `${columns}49,Germany,0.01,0,60,1,2020-01-01\n44,UK,0.02,0,60,1,2020-01-01\n`);
    await isWhole(page);
    await page.getByRole('button', { name: 'Upload into dated' }).click();
    await page.getByText('2 prefixes have a price now and none today in this file').waitFor();
    await page.getByRole('button', { name: 'No rate any more' }).click();
    await page.getByRole('row', { name: /^44 / }).waitFor();
    expect(await page.getByRole('row').count()).toBe(3);
    const go = page.getByRole('button', { name: /^Make version \d+ current$/ });
    await page.getByLabel('Type dated to go on').fill('dated');
    expect(await go.isDisabled()).toBe(true);
    weigh();
    await page.getByText('What it changes for the calls of the last month is not known.').waitFor();
    expect(await go.isEnabled()).toBe(true);
    // A refusal is an error of the console's log.
    expect(faults.filter(fault => !fault.includes('400'))).toEqual([]);
  });

  test('a sheet that names only what changes: the rest stays, what is removed is gone, and a later price leaves the present one until then', async () => {
    await imported('partly', ['49,Germany,0.01,0,60,1', '44,UK,0.02,0,60,1', '33,France,0.03,0,60,1'], 'first.csv');
    const { page, faults } = await console.as('pia', '/prices/import?deck=partly');
    await choose(
      page,
      'notice.csv',
      'Code,Destination,Rate,Billing,Effective,Change\n49,Germany,0.05,60/1,9998-01-02,Increase\n33,France,,,,Deleted\n39,Italy,0.04,60/1,,New\n',
    );
    await page.getByText('Until then the price that its prefix has now stays.').waitFor();
    await page.getByLabel('What the file is').selectOption({ label: 'Only what changes: all other prices stay' });
    await page.getByRole('button', { name: 'Upload into partly' }).click();
    await page.getByText(/Compared with version \d+, which is current\./).waitFor();
    await page.getByRole('button', { name: /^Make version \d+ current$/ }).waitFor();
    const version = Number(new URL(page.url()).searchParams.get('version'));
    const [rows] = await db.database.raw(
      `SELECT CONCAT_WS(' ', prefix, destination, price_per_minute + 0, DATE_FORMAT(valid_from, '%Y-%m-%d'), DATE_FORMAT(valid_until, '%Y-%m-%d')) AS rate
       FROM astrate WHERE version = ? ORDER BY prefix, line`,
      [version],
    );
    expect(rows.map(({ rate }: { rate: string }) => rate)).toEqual([
      '39 Italy 0.040000',
      '44 UK 0.020000',
      '49 Germany 0.050000 9998-01-02',
      '49 Germany 0.010000 9998-01-01',
    ]);
    expect(await overhangOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test('free seconds, later prices, grace and minimum charge of a sheet get into its rates; what the service refuses is told by the line of the sheet', async () => {
    const { page, faults } = await console.as('pia', '/prices/import');
    await page.getByLabel('Name of the new deck').fill('generous');
    const sheet = (steps: string) =>
      `Prices\nCode,Destination,Rate,Billing,Minimum charge,Grace period,Gratis,Steps\n49,Germany,0.05,60/1,0.02,3,30,${steps}\n`;
    await choose(page, 'early.csv', sheet('20:0.03/6'));
    await page.getByLabel('Gratis').selectOption({ label: 'first seconds that are free' });
    await page.getByRole('button', { name: 'Upload into generous' }).click();
    const lines = page.getByRole('table', { name: 'Lines that are wrong' });
    await lines.getByText('steps: A step begins at second 20. Begin it at second 31 or later.').waitFor();
    expect(await lines.getByRole('row').first().textContent()).toContain('line 3');
    await choose(page, 'generous.csv', sheet('180:0.03/6 600:0.01/1'));
    await page.getByLabel('Gratis').selectOption({ label: 'first seconds that are free' });
    await page.getByRole('button', { name: 'Upload into generous' }).click();
    await page.getByText('It is the first version of this deck.').waitFor();
    const version = Number(new URL(page.url()).searchParams.get('version'));
    expect(await db.database('astrate').where({ version })).toMatchObject([
      { minimum_charge: '0.020000', grace_seconds: 3, free_seconds: 30, steps: '180:0.03/6 600:0.01/1' },
    ]);
    expect(faults).toEqual([]);
  });

  test("how a carrier's sheet is read is kept for its next file, for a colleague too; it is changed, and forgotten", async () => {
    await imported('weekly', ['49,Germany,0.01,0,60,1'], 'first.csv');
    const sheet = (price: string) => `Vorwahl;${HOSTILE};Tarif\n49;Germany;${price}\n`;
    const mine = await console.as('pia', '/prices/import?deck=weekly');
    await choose(mine.page, 'week-1.csv', sheet('0,0311'));
    await mine.page.getByLabel(HOSTILE).selectOption({ label: 'destination' });
    await mine.page.getByLabel('Increments where the file has none').fill('60/1');
    await mine.page.getByRole('button', { name: 'Keep this meaning for the next file of this deck' }).click();
    await mine.page.getByText('The columns are read as it was kept for this deck by operator:pia').waitFor();
    const theirs = await console.as('ada', '/prices/import?deck=weekly', { width: 360 });
    await choose(theirs.page, 'week-2.csv', sheet('0,0987'));
    await theirs.page.getByText('The columns are read as it was kept for this deck by operator:pia').waitFor();
    await theirs.page.getByText('1 line was read; it gives 1 rate.').waitFor();
    expect(await theirs.page.evaluate('window.hit')).toBeUndefined();
    expect(await overhangOf(theirs.page)).toBe(0);
    expect(await barriersOn(theirs.page)).toEqual([]);
    await theirs.page.getByLabel('Increments where the file has none').fill('1/1');
    await theirs.page.getByRole('button', { name: 'Keep this meaning instead' }).click();
    await theirs.page.getByText('by operator:ada').waitFor();
    await theirs.page.getByRole('button', { name: 'Forget what is kept' }).click();
    await theirs.page.getByText('by operator:ada').waitFor({ state: 'detached' });
    expect(await db.database('astsheet').where({ deck: 'weekly' })).toEqual([]);
    expect([...mine.faults, ...theirs.faults]).toEqual([]);
  });

  test('in German', async () => {
    const { page } = await console.as('pia', '/prices/decks/retail?prefix=44', { locale: 'de-DE' });
    await page.getByRole('row', { name: /United Kingdom/ }).waitFor();
    expect(await cellsOf(page, /United Kingdom/)).toEqual(['44', 'United Kingdom', '0,02', '0,01', '60/1']);
    await page.goto(`${console.url}/prices/import?deck=retail`);
    await page.getByText('Aus der Datei wird eine neue Fassung dieser Liste.').waitFor();
  });

  test.each([
    ['light', 1440],
    ['dark', 360],
  ] as const)('%s, %i pixels wide: every state of the pages hinders nobody, and fits', async (colorScheme, width) => {
    const { page, faults } = await console.as('pia', '/prices', { colorScheme, width });
    for (const [path, there] of [
      ['/prices', 'retail'],
      ['/prices/decks/retail', 'in all'],
      ['/prices/decks/premium', 'stands on'],
      [`/prices/decks/retail?tab=versions&restore=${later}`, 'replaces version'],
      [`/prices/decks/retail?tab=differences&version=${later}&against=${earlier}`, 'falls back on 49, cheaper'],
      ['/prices/import', 'Name of the new deck'],
    ] as const) {
      await page.goto(console.url + path);
      await page.locator('main').getByText(there).first().waitFor();
      expect([path, await barriersOn(page)]).toEqual([path, []]);
      expect([path, await overhangOf(page)]).toEqual([path, 0]);
    }
    await choose(
      page,
      'sheet.csv',
      `Notice\nDestination,Code,Rate,Effective,Note\n${HOSTILE},425-426,1.234,1/12/2026,\nX,1.5E+7,1.234,1/12/2026,\n`,
    );
    await page.getByText('Hyphens between digits could be').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    await page.getByLabel('Name of the new deck').fill(`look-${width}`);
    await choose(page, 'ours.csv', `${HEADER},Anywhere,1,0,60,1\n49,${QUOTED},0.5,0,60,1\n`);
    await page.getByRole('button', { name: `Upload into look-${width}` }).click();
    await page.getByText('has an empty prefix').waitFor();
    await page.getByRole('row', { name: /49/ }).first().waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await overhangOf(page)).toBe(0);
    await page.getByRole('button', { name: /^Delete version/ }).click();
    await page.getByText('No call was rated with it.').waitFor();
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
  });
});
