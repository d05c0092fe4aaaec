/**
 * The API as a client sees it that a generator has made of the document alone (`npm run docs`). What the document says of paths, fields
 * and answers is what compiles here; each answer is compared with the document too, as types say nothing when the program runs.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type RequestOpts } from '@oazapfts/runtime';
import pino from 'pino';
import * as api from '../../console/src/api/operations';
import { type ApiDocument, Judge, matching, operationsOf } from '../../fuzz/api-document';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { projectRoot } from '../../src/config/project-root';
import { actingAs } from '../../src/operator/acting';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck, booksBalance, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';

const document: ApiDocument = JSON.parse(readFileSync(join(projectRoot, 'docs/api.openapi.json'), 'utf8'));
const operations = operationsOf(document);
const judge = new Judge(document);

let db: TestDatabase;
let service: Service;
let admin: RequestOpts;
let secondAdmin: RequestOpts;
let charged: string;
/** What is wrong with the answers. */
const wrong: string[] = [];

/** Asks, and compares the answer with the document. */
const judged: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const { pathname } = new URL(String(input));
  const asked = { method: init?.method ?? 'GET', path: pathname.slice('/api/v1'.length) };
  const operation = matching(operations, asked);
  const text = await answer.clone().text();
  const contentType = answer.headers.get('content-type') ?? '';
  const told = { status: answer.status, contentType, text, isCut: false };
  const verdict = operation ? judge.verdict(operation, told) : 'no operation of the document';
  if (verdict !== '') wrong.push(`${asked.method} ${asked.path} ${answer.status}: ${verdict}`);
  return answer;
};

const by = (secret: string): RequestOpts => ({ headers: { authorization: `Bearer ${secret}` } });

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'talker', '10');
  const ledger = openLedger(db);
  const call = callOf('talker');
  await ledger.start(call);
  await ledger.end(endOf(call, talked(61)));
  await ledger.close();
  charged = call.uniqueid;
  const keyOf = async (apiKey: string) =>
    (await createApiKey(actingAs('test', db.database), { apiKey, roles: ['admin'] })).secret;
  admin = by(await keyOf('first'));
  secondAdmin = by(await keyOf('second'));
  const port = await findFreePort();
  service = await startService(
    readSettings({
      RINGFENCE_DATABASE_URL: db.url,
      RINGFENCE_HTTP_LISTEN: `${port}`,
      RINGFENCE_PIN_KEY: 'a-secret-of-thirty-two-characters-0',
      RINGFENCE_SECOND_PERSON_ABOVE: '100',
    }),
    pino({ level: 'silent' }),
  );
  Object.assign(api.defaults, { baseUrl: `http://127.0.0.1:${port}/api/v1`, fetch: judged });
});
afterEach(() => {
  expect(wrong.splice(0)).toEqual([]);
});
afterAll(async () => {
  await service?.stop();
  await booksBalance(db);
  await db.drop();
});

const newKey = () => randomUUID();

test('an account is opened, and topped up once by one key however often that comes', async () => {
  const body = { accountcode: 'carol', deck: 'retail', balance: '5.00', name: 'Carol Ltd', low_balance: '1.00' };
  const opened = await api.accountCreate({ idempotencyKey: newKey(), body }, admin);
  if (opened.status !== 201) throw new Error(`${opened.status} ${opened.data.detail}`);
  expect([opened.data.balance, opened.data.low_balance, opened.data.max_channels]).toEqual(['5.00', '1.00', null]);

  const topUp = { accountcode: 'carol', idempotencyKey: newKey(), body: { amount: '20', reference: 'invoice-17' } };
  const first = await api.accountTopup(topUp, admin);
  const again = await api.accountTopup(topUp, admin);
  if (first.status !== 200) throw new Error(`${first.status}`);
  expect([first.data.moved, first.data.balance, first.data.approval]).toEqual([true, '25.00', null]);
  expect([again.status, again.data, again.headers.get('idempotent-replayed')]).toEqual([200, first.data, 'true']);
  const { entries, entries_total } = await ok(api.accountShow({ accountcode: 'carol' }, admin));
  expect(entries_total).toBe(2);
  expect(entries.map(({ kind, amount, reference }) => [kind, amount, reference])).toEqual([
    ['top_up', '20.00', 'invoice-17'],
    ['top_up', '5.00', 'opening'],
  ]);
});

test('a refusal has a name, and everything that is wrong', async () => {
  const refused = await api.accountCreate(
    { idempotencyKey: newKey(), body: { accountcode: '', deck: 'retail', balance: '-1' } },
    admin,
  );
  if (refused.status !== 400) throw new Error(`${refused.status}`);
  expect(refused.data.type).toBe('urn:ringfence:problem:field_invalid');
  expect(refused.data.problems).toHaveLength(2);
  const unknown = await api.accountShow({ accountcode: 'none' }, admin);
  if (unknown.status !== 404) throw new Error(`${unknown.status}`);
  expect(unknown.data.type).toBe('urn:ringfence:problem:account_not_found');
  expect((await api.accountShow({ accountcode: 'carol' })).status).toBe(401);
});

test('a limit is raised by the version that was seen, and by no older one', async () => {
  const shown = await api.accountShow({ accountcode: 'carol' }, admin);
  const ifMatch = shown.headers.get('etag') ?? '';
  const raise = (credit_limit: string) =>
    api.accountSet({ accountcode: 'carol', idempotencyKey: newKey(), ifMatch, body: { credit_limit } }, admin);
  const raised = await raise('7.00');
  if (raised.status !== 200) throw new Error(`${raised.status}`);
  expect([raised.data.credit_limit, raised.data.available, raised.data.changed]).toEqual([
    '7.00',
    '32.00',
    ['credit_limit'],
  ]);
  const late = await raise('9.00');
  if (late.status !== 412) throw new Error(`${late.status}`);
  expect(late.data.type).toBe('urn:ringfence:problem:changed_meanwhile');
});

test('a list is read to its end by cursors, and comes whole as CSV', async () => {
  const codes = ['dora', 'emil', 'fred', 'gina'];
  for (const accountcode of codes) {
    await ok(api.accountCreate({ idempotencyKey: newKey(), body: { accountcode, deck: 'retail' } }, admin));
  }
  const all = ['carol', ...codes, 'talker'];
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await ok(api.accountList({ limit: 2, ...(cursor !== undefined && { cursor }) }, admin));
    seen.push(...page.items.map(({ accountcode }) => accountcode));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(all);
  expect((await ok(api.accountList({ limit: 1, count: true }, admin))).total).toBe(all.length);

  // A client reads one kind of answer of an operation, and the generator takes JSON for it: CSV is text.
  const csv: unknown = await ok(
    api.accountList({ format: 'csv', separator: 'semicolon', decimalMark: 'comma' }, admin),
  );
  const [heading = '', ...rows] = String(csv).trimEnd().split(/\r?\n/);
  const columns = heading.split(';');
  expect(rows).toHaveLength(all.length);
  const balances = rows.map(row => row.split(';')[columns.indexOf('balance')]);
  expect(balances).toEqual(['25,00', '0,00', '0,00', '0,00', '0,00', '8,00']);
});

test('a call is refunded, and no more than it cost', async () => {
  const call = await ok(api.callShow({ uniqueid: charged }, admin));
  expect(call.cost).toBe('2.00');
  const refund = (amount: string) =>
    api.accountRefund({ accountcode: 'talker', idempotencyKey: newKey(), body: { amount, call: charged } }, admin);
  const dear = await refund('2.01');
  if (dear.status !== 409) throw new Error(`${dear.status}`);
  expect(dear.data.type).toBe('urn:ringfence:problem:more_than_charged');
  const { moved, balance, reference } = await ok(refund('2'));
  expect([moved, balance, reference]).toEqual([true, '10.00', charged]);
});

test('a large movement waits for a second person, and is moved when that approves it', async () => {
  const movement = { accountcode: 'carol', idempotencyKey: newKey(), body: { amount: '500', reference: 'large' } };
  const asked = await api.accountTopup(movement, admin);
  if (asked.status !== 202) throw new Error(`${asked.status}`);
  const { approval, moved, balance } = asked.data;
  if (approval === null) throw new Error('it does not wait');
  expect([moved, balance]).toEqual([false, '25.00']);
  const open = await ok(api.approvalList({}, admin));
  expect(open.items.map(({ approval: number, state, amount }) => [number, state, amount])).toEqual([
    [approval, 'open', '500.00'],
  ]);
  const approve = (opts: RequestOpts) => api.approvalApprove({ approval, idempotencyKey: newKey() }, opts);
  const own = await approve(admin);
  if (own.status !== 409) throw new Error(`${own.status}`);
  expect(own.data.type).toBe('urn:ringfence:problem:second_person_needed');
  const approved = await ok(approve(secondAdmin));
  expect([approved.moved, approved.balance, approved.state]).toEqual([true, '525.00', 'approved']);
});

test('a voucher is made, activated and redeemed once', async () => {
  const body = { batch: 'top', count: 2, value: '5', currency: 'EUR' };
  const made = await ok(api.voucherGenerate({ idempotencyKey: newKey(), body }, admin));
  const activated = await ok(api.voucherActivate({ idempotencyKey: newKey(), body: { batch: 'top' } }, admin));
  expect([activated.changed, activated.unchanged]).toEqual([2, 0]);
  const redeem = (code: string) =>
    api.voucherRedeem({ idempotencyKey: newKey(), body: { accountcode: 'dora', code } }, admin);
  const [voucher] = made.vouchers;
  if (!voucher) throw new Error('no voucher');
  const { serial, amount, balance } = await ok(redeem(voucher.code));
  expect([serial, amount, balance]).toEqual([voucher.serial, '5.00', '5.00']);
  const twice = await redeem(voucher.code);
  if (twice.status !== 409) throw new Error(`${twice.status}`);
  expect(twice.data.type).toBe('urn:ringfence:problem:voucher_redeemed');
  // Not as JSON: the client would take the lines for one value.
  const csv = await ok(api.voucherExport({ batch: 'top', format: 'csv' }, admin));
  expect(csv.trimEnd().split(/\r?\n/)).toHaveLength(1 + 2);
});

test('a key is made, used and revoked', async () => {
  const body = { name: 'crm', roles: ['read'], addresses: ['127.0.0.0/8'] };
  const made = await ok(api.keyCreate({ idempotencyKey: newKey(), body }, admin));
  const crm = by(made.secret);
  expect((await ok(api.status(crm))).alarms).toEqual([]);
  expect(
    (await api.accountCreate({ idempotencyKey: newKey(), body: { accountcode: 'x', deck: 'retail' } }, crm)).status,
  ).toBe(403);
  expect(await ok(api.keyRevoke({ name: 'crm', idempotencyKey: newKey() }, admin))).toEqual({
    name: 'crm',
    revoked: 1,
  });
  expect((await api.status(crm)).status).toBe(401);
});

test('a person is invited, logs in, changes the password and logs out', async () => {
  const body = { name: 'anna', roles: ['support'] };
  const { token } = await ok(api.operatorInvite({ idempotencyKey: newKey(), body }, admin));
  const [password, next] = ['correct horse battery', 'staple of another kind'];
  expect(await ok(api.invitationAccept({ body: { token: token as string, password } }))).toEqual({ name: 'anna' });
  expect((await api.sessionBegin({ body: { name: 'anna', password: 'wrong horse battery' } })).status).toBe(401);
  const begun = await api.sessionBegin({ body: { name: 'anna', password } });
  if (begun.status !== 200) throw new Error(`${begun.status}`);
  const xCsrfToken = begun.data.csrf_token;
  const browser: RequestOpts = { headers: { cookie: (begun.headers.getSetCookie()[0] ?? '').split(';')[0] } };
  expect(await ok(api.sessionShow(browser))).toEqual(begun.data);
  expect((await ok(api.sessionsOfMine(browser))).items.map(({ is_this }) => is_this)).toEqual([true]);
  const change = { xCsrfToken, body: { password, new_password: next } };
  expect(await ok(api.passwordChange(change, browser))).toEqual({ sessions_ended: 0 });
  expect((await api.passwordChange({ ...change, xCsrfToken: 'x' }, browser)).status).toBe(403);
  expect((await api.sessionEnd({ xCsrfToken }, browser)).status).toBe(204);
  expect((await api.sessionShow(browser)).status).toBe(401);
});

test('prices and reports are asked for by their fields', async () => {
  const priced = await ok(api.rateExplain({ account: 'carol', to: '49301', seconds: 61 }, admin));
  expect([priced.refusal, priced.billed_seconds, priced.cost]).toEqual(['no_route', 120, '2.00']);
  const report = await ok(api.report({ name: 'top-destinations', limit: 5 }, admin));
  expect(report.is_more).toBe(false);
  const trail = await ok(api.auditList({ operation: 'account topup', limit: 100 }, admin));
  expect(trail.items.map(({ actor }) => actor)).toEqual(expect.arrayContaining(['key:first']));
});
