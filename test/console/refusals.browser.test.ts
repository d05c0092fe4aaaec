/** What the API refuses, and how a price comes about, in the language of who looks at it: in a real browser. */
import type { Ledger } from '../../src/credit/ledger';
import { json } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { barriersOn, type ConsoleService, overhangOf, startConsole } from './console-fixture';

const HOSTILE = '<img src=x onerror="window.hit=1">';

let db: TestDatabase;
let console: ConsoleService;
let ledger: Ledger;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  console = await startConsole(db);
  await console.person('anna', 'admin');
  await console.person('carl', 'cashier');
  ledger = openLedger(db);
  await addDeck(db, 'retail', [{ prefix: '49', destination: HOSTILE, price_per_minute: '0.60' }]);
  await addAccount(db, 'alice', '10');
});
afterAll(async () => {
  await ledger?.close();
  await console?.stop();
  await db?.drop();
});
afterEach(async () => {
  for (const context of console.browser.contexts()) await context.close();
});

const GERMAN = { locale: 'de-DE' };

test('a form in German: what is wrong stands at its field, and then what the API refuses, both in German', async () => {
  const { page, faults } = await console.as('anna', '/accounts?new=true', GERMAN);
  const form = page.getByRole('form').filter({ has: page.locator('input[name=accountcode]') });
  await form.locator('input[name=accountcode]').fill('alice');
  await form.locator('input[name=max_channels]').fill('viele');
  await form.locator('button[type=submit]').click();
  await form.getByText('„viele“ ist keine ganze Zahl von 1 bis').waitFor();
  await form.locator('input[name=max_channels]').fill('');
  await form.locator('button[type=submit]').click();
  await form.getByRole('alert').getByText('Das Konto „alice“ gibt es schon. Wählen Sie einen anderen Namen.').waitFor();
  expect(await barriersOn(page)).toEqual([]);
  expect(faults).toEqual([]);
});

test('the names and amounts of a refusal are in its sentence, written as Germans write them', async () => {
  await json(db.url, ['cashier', 'limit', 'operator:carl', '1500.00']);
  const { page, faults } = await console.as('carl', '/accounts/alice?do=topup', { ...GERMAN, width: 360 });
  const form = page.getByRole('form');
  await form.locator('input[name=amount]').fill('2000,5');
  await form.locator('input[name=reference]').fill('quittung-1');
  await form.locator('button[type=submit]').click();
  await form
    .getByText('2.000,50 EUR ist mehr, als operator:carl heute (UTC) noch hat: 1.500,00 EUR von 1.500,00 EUR.')
    .waitFor();
  expect(await overhangOf(page)).toBe(0);
  expect(faults).toEqual([]);
});

test('what is wrong with the lines of a price list, in German, by the lines of the file, and how many there are', async () => {
  const { page, faults } = await console.as('anna', '/prices/import?deck=retail', { ...GERMAN, width: 360 });
  const header = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment,steps\n';
  const wrong = `+44,${HOSTILE.replaceAll('"', '""')},-1,0,60,60,`.replace(/,(<.*>),/, ',"$1",');
  const text = `${header}${wrong}\n49,Germany,"0,05",0,60,60,\n49,Germany,1,0,60,60,180:0.05\n43,A,1,0,60,1,\n43,A,1,0,60,1,\n`;
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'wrong.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByLabel('Was die Datei ist').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'In retail hochladen' }).click();
  await page.getByRole('alert').getByText('Die Datei hat 5 Fehler. Nichts davon wurde übernommen').waitFor();
  const lines = page.getByRole('table', { name: 'Zeilen, die falsch sind' });
  expect(await lines.getByRole('row').allTextContents()).toEqual([
    expect.stringContaining('Zeile 2Die Vorwahl „+44“ besteht nicht aus Ziffern.'),
    expect.stringContaining('Zeile 2price_per_minute: „-1“ ist kleiner als null. Schreiben Sie 0 oder mehr.'),
    expect.stringContaining(
      'Zeile 3price_per_minute: „0,05“ ist kein Betrag. Schreiben Sie ihn mit Punkt, etwa 12.50.',
    ),
    expect.stringContaining('Zeile 4steps: „180:0.05“ ist keine Stufe.'),
    expect.stringContaining('Zeile 6Die Vorwahl „43“ hat in Zeile 5 einen Preis für dieselben Tage.'),
  ]);
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(await overhangOf(page)).toBe(0);
  expect(await barriersOn(page)).toEqual([]);
  expect(faults).toEqual([]);
});

test('each setting of the service says in German what it means', async () => {
  const { page, faults } = await console.as('anna', '/desk/settings?all=true', { ...GERMAN, width: 360 });
  await page.getByText('wie lange ein Trunk klingeln darf, bevor das Gespräch aufgegeben wird; 5 bis 300').waitFor();
  const table = page.getByRole('table', { name: 'Einstellungen' });
  expect(await table.getByText(/\b(the|which|separated by)\b/).count()).toBe(0);
  expect(await overhangOf(page)).toBe(0);
  expect(faults).toEqual([]);
});

test('what a stranger chose stays text in a refusal, and one that only the address has is told too', async () => {
  const { page, faults } = await console.as('anna', `/accounts/${encodeURIComponent(HOSTILE)}`, GERMAN);
  await page.getByText(`Das Konto „${HOSTILE}“ gibt es nicht.`).first().waitFor();
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

test('the steps of a price, of a number and of a call, in German with German decimal marks', async () => {
  const { page, faults } = await console.as('anna', '/accounts/alice?tab=prices&number=004930123&seconds=61', GERMAN);
  await page.getByText('004930123 ist ohne die internationale Vorwahl 4930123').waitFor();
  await page.getByText(`49, ${HOSTILE}, die längste, die passt`).waitFor();
  await page.getByText('0,60 je Minute × 120 / 60 = 1,20').waitFor();
  expect(await page.getByText('a minute ×').count()).toBe(0);
  const call = callOf('alice', { dst: '4930111', startAt: Date.now() - 60_000 });
  await ledger.start(call);
  await ledger.end(endOf(call, talked(30, { answerAt: Date.now() - 50_000, endAt: Date.now() - 20_000 })));
  await page.goto(`${console.url}/calls/${encodeURIComponent(call.uniqueid)}`);
  await page.locator('details', { hasText: 'Takt' }).locator('summary').click();
  await page.getByText('60/60: die ersten 60 s ganz').waitFor();
  await page.getByText('geht auf: 0,60').waitFor();
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
});

test('the same in English', async () => {
  const { page } = await console.as('anna', '/accounts?new=true');
  const form = page.getByRole('form', { name: 'New account' });
  await form.locator('input[name=accountcode]').fill('alice');
  await form.locator('button[type=submit]').click();
  await form.getByRole('alert').getByText('There is an account “alice” already. Choose another code.').waitFor();
});
