import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Deliverer } from '../../src/webhooks/deliverer';
import { dispatchEvents } from '../../src/webhooks/dispatch-store';
import { signatureOf } from '../../src/webhooks/message';
import { parseAllowedTarget } from '../../src/webhooks/target';
import { addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { openReceiver, passTime, type TestReceiver, tell } from '../webhooks/receiver-fixture';
import { json as jsonOf, ringfence } from './cli-fixture';

const ALLOW = { RINGFENCE_WEBHOOK_ALLOW: '127.0.0.1' };
const OWN_SECRET = 'my-own-secret-0123456789';

describe.each(engines)('webhooks on the command line, %s', engine => {
  let db: TestDatabase;
  let receiver: TestReceiver;
  let folder: string;
  const cli = (...words: string[]) => ringfence(db.url, words, ALLOW);
  const json = (...words: string[]) => jsonOf(db.url, words, ALLOW);

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    receiver = await openReceiver();
    folder = mkdtempSync(join(tmpdir(), 'ringfence-webhook-'));
  });
  afterEach(async () => {
    for (const table of ['astdelivery', 'astoutbox', 'astwebhook']) await db.database(table).delete();
    receiver.posted.length = 0;
    receiver.answer = 200;
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await receiver.close();
    await db.drop();
  });

  const deliver = async () => {
    const log = pino({ level: 'silent' });
    const deliverer = new Deliverer({ database: db.database, allowed: [parseAllowedTarget('127.0.0.1')], log });
    await dispatchEvents(db.database);
    await deliverer.begin();
    await deliverer.idle();
  };

  test('a secret is made up, shown once, and never again; the trial is signed with it', async () => {
    const added = await json('webhook', 'add', 'crm', '--url', receiver.url, '--kinds', 'settled,low_balance');
    expect(added).toMatchObject({
      webhook: 'crm',
      url: receiver.url,
      kinds: ['settled', 'low_balance'],
      accountcode: null,
      status: 'active',
      waiting: 0,
      last_error: null,
      dead: 0,
    });
    const { secret } = added as { secret: string };
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const said = await Promise.all([
      cli('webhook', 'list'),
      cli('webhook', 'list', '--json'),
      cli('webhook', 'test', 'crm'),
      cli('webhook', 'pause', 'crm', '--json'),
      cli('webhook', 'add', 'crm', '--url', receiver.url),
      cli('webhook', 'dead', '--json'),
    ]);
    for (const { out, err } of said) expect(out + err).not.toContain(secret);
    expect(said[2]).toMatchObject({ exitCode: 0, out: 'crm took it: HTTP 200\n' });
    expect(said[4]).toMatchObject({ exitCode: 3, err: 'webhook "crm" is there already: choose another name\n' });
    const [{ headers, body, event }] = receiver.posted as [TestReceiver['posted'][0]];
    expect(event).toMatchObject({ event_id: '0', kind: 'test' });
    const signature = signatureOf(secret, Number(headers['ringfence-timestamp']), body);
    expect(headers['ringfence-signature']).toBe(signature);
  });

  test('a secret of your own comes from a file, its last line end apart, and is not shown', async () => {
    const path = join(folder, 'secret');
    writeFileSync(path, `${OWN_SECRET}\n`);
    const { out } = await cli('webhook', 'add', 'own', '--url', receiver.url, '--secret-file', path);
    expect(out).not.toContain('secret');
    expect(await db.database('astwebhook').first('secret')).toEqual({ secret: OWN_SECRET });
    const words = ['webhook', 'add', 'piped', '--url', receiver.url, '--secret-file', '-'];
    const piped = await ringfence(db.url, words, ALLOW, 'piped-secret-0123456789\r\n');
    expect(piped).toMatchObject({ exitCode: 0, out: expect.not.stringContaining('secret') });
    expect(await db.database('astwebhook').where({ webhook: 'piped' }).first('secret')).toEqual({
      secret: 'piped-secret-0123456789',
    });
  });

  test.each([
    [
      'a short secret',
      'hunter2',
      'secret is not usable: write one line of 16 to 200 letters, digits and signs without blanks',
    ],
    ['two lines', 'hunter2-hunter2-hunter2\nhunter2-hunter2', 'secret is not usable: write one line'],
    ['nothing', '', 'secret is not usable: write one line'],
  ])('%s is refused without being shown', async (_what, secret, line) => {
    const path = join(folder, 'bad');
    writeFileSync(path, secret);
    const { exitCode, err } = await cli('webhook', 'add', 'own', '--url', receiver.url, '--secret-file', path);
    expect({ exitCode, lines: err.split('\n').length }).toEqual({ exitCode: 2, lines: 2 });
    expect(err).toContain(line);
    expect(err).not.toContain('hunter2');
  });

  test.each([
    [
      'an unknown kind',
      ['x', '--url', 'https://a.example', '--kinds', 'settled,paid'],
      'kinds "paid" is not a kind of',
    ],
    ['a private host', ['x', '--url', 'http://10.0.0.7/'], 'RINGFENCE_WEBHOOK_ALLOW=10.0.0.7:80'],
    [
      'a password',
      ['x', '--url', 'https://u:hunter2@a.example/'],
      'url "https://…@a.example/" holds a user or password',
    ],
    ['a name with a blank', ['x y', '--url', 'https://a.example/'], 'webhook "x y" is not a name'],
    ['an empty account', ['x', '--url', 'https://a.example/', '--account', ''], 'account "" has 0 bytes'],
    [
      'no file',
      ['x', '--url', 'https://a.example/', '--secret-file', '/nowhere'],
      '"/nowhere" cannot be read (ENOENT)',
    ],
  ])('%s is refused by name and adds nothing', async (what, words, line) => {
    const { exitCode, err, out } = await cli('webhook', 'add', ...words);
    expect(err).toContain(line);
    expect(err).not.toContain('hunter2');
    expect({ exitCode, out, lines: err.split('\n').length }).toEqual({
      exitCode: what === 'no file' ? 3 : 2,
      out: '',
      lines: 2,
    });
    expect(await db.database('astwebhook')).toEqual([]);
  });

  test('a trial that is not taken exits 1 and says why', async () => {
    await cli('webhook', 'add', 'crm', '--url', receiver.url);
    receiver.answer = 401;
    expect(await cli('webhook', 'test', 'crm')).toMatchObject({
      exitCode: 1,
      out: '',
      err: 'webhook "crm" did not take it: HTTP 401\n',
    });
    expect(await cli('webhook', 'test', 'nobody')).toMatchObject({
      exitCode: 3,
      err: 'webhook "nobody" does not exist: see "webhook list"\n',
    });
  });

  test('dead deliveries are listed by pages, retried by number, and all at once', async () => {
    await cli('webhook', 'add', 'crm', '--url', receiver.url);
    const ids = await tell(db, 5);
    receiver.answer = 410;
    await deliver();
    const page = await json('webhook', 'dead', '--webhook', 'crm', '--limit', '2');
    expect(page).toMatchObject({ total: 5, page: 1, limit: 2 });
    expect(page.items[0]).toMatchObject({
      webhook: 'crm',
      event_id: ids[4],
      kind: 'settled',
      accountcode: 'alice',
      uniqueid: 'ast1-1.1',
      attempts: 1,
      last_status: 410,
      last_error: 'HTTP 410',
    });
    expect((await json('webhook', 'list')).items[0]).toMatchObject({ waiting: 0, dead: 5 });

    receiver.answer = 200;
    receiver.posted.length = 0;
    const first = ids[0] as string;
    expect(await cli('webhook', 'retry', 'crm', first)).toMatchObject({ out: '1 delivery is tried again\n' });
    await deliver();
    expect(receiver.posted.map(({ event }) => event.event_id)).toEqual([first]);
    const deliveries = (...words: string[]) => json('webhook', 'deliveries', 'crm', ...words);
    expect(await deliveries('--state', 'delivered')).toMatchObject({
      total: 1,
      items: [
        { webhook: 'crm', event_id: first, kind: 'settled', state: 'delivered', last_status: 200, next_at: null },
      ],
    });
    const newest = await deliveries('--limit', '2');
    expect(newest).toMatchObject({ total: 5, items: [{ event_id: ids[4], state: 'dead' }, { event_id: ids[3] }] });
    expect(newest.items[0]).toMatchObject({ attempts: 1, last_status: 410, last_error: 'HTTP 410', next_at: null });
    expect(await cli('webhook', 'retry', 'crm', first)).toMatchObject({
      exitCode: 3,
      err: `event_id ${first} was delivered: see "webhook dead"\n`,
    });
    expect((await cli('webhook', 'retry', 'crm', '999999999')).err).toContain('was not to be delivered to it');

    // One more that only waits for its next try, in 7 to 13 s: it comes by itself. And one that waits for hours.
    const [soon, later] = await tell(db, 2);
    receiver.answer = 500;
    await deliver();
    // What waits says why.
    expect((await json('webhook', 'list')).items[0]).toMatchObject({ waiting: 2, last_error: 'HTTP 500' });
    const waiting = await deliveries('--state', 'waiting');
    expect(waiting.items).toHaveLength(2);
    expect(waiting.items[0]).toMatchObject({ attempts: 1, ended_at: null, last_error: 'HTTP 500' });
    expect(Date.parse(waiting.items[0].next_at)).toBeGreaterThan(Date.now());
    await db.database('astdelivery').where({ event_id: later }).update({ next_at: '2099-01-01', attempts: 9 });
    // What is tried next comes first.
    expect((await deliveries('--state', 'waiting')).items).toMatchObject([{ event_id: soon }, { event_id: later }]);
    receiver.answer = 200;
    receiver.posted.length = 0;
    expect(await json('webhook', 'retry', '--all')).toEqual({ webhook: null, retried: 5 });
    await deliver();
    expect(new Set(receiver.posted.map(({ event }) => event.event_id))).toEqual(new Set([...ids.slice(1), later]));
    await passTime(db);
    await deliver();
    expect(receiver.posted.at(-1)?.event.event_id).toBe(soon);
    expect(await cli('webhook', 'dead')).toMatchObject({ out: 'nothing was given up\n' });
    const none = 'nothing was dead, and nothing waits for more than a minute\n';
    expect(await cli('webhook', 'retry', 'crm', '--all')).toMatchObject({ exitCode: 0, out: none });
  });

  test.each([
    [['webhook', 'retry'], 'name a webhook and its events, or --all'],
    [['webhook', 'retry', 'crm'], 'name a webhook and its events, or --all'],
    [['webhook', 'retry', 'crm', '17', '--all'], 'name a webhook and its events, or --all'],
    [['webhook', 'retry', 'crm', 'x'], 'event_id "x" is not a number of an event'],
    [['webhook', 'retry', 'crm', '17'], 'webhook "crm" does not exist'],
    [['webhook', 'dead', '--webhook', 'crm'], 'webhook "crm" does not exist'],
    [['webhook', 'deliveries', 'crm'], 'webhook "crm" does not exist'],
    [['webhook', 'pause', 'crm'], 'webhook "crm" does not exist'],
    [['webhook', 'remove', 'crm'], 'webhook "crm" does not exist'],
    [['event', 'list', '--kind', 'paid'], 'kind "paid" is not a kind of event: write some of authorised, refused'],
  ])('%j is refused: %s', async (words, line) => {
    const code = line === 'webhook "crm" does not exist' ? 3 : 2;
    const { exitCode, err } = await cli(...words);
    expect(err).toContain(line);
    expect({ exitCode, lines: err.split('\n').length }).toEqual({ exitCode: code, lines: 2 });
  });

  test('pause, resume and remove say what waits', async () => {
    await cli('webhook', 'add', 'crm', '--url', receiver.url);
    expect((await cli('webhook', 'pause', 'crm')).out).toBe('crm is paused, 0 events wait\n');
    await tell(db, 1);
    await deliver();
    expect((await cli('webhook', 'pause', 'crm')).out).toBe('crm is paused, 1 event waits\n');
    await tell(db, 1);
    await deliver();
    expect((await cli('webhook', 'resume', 'crm')).out).toBe('crm is active, 2 events wait\n');
    expect((await cli('webhook', 'remove', 'crm')).out).toBe('crm is removed, with 2 waiting and 0 dead deliveries\n');
    expect((await cli('webhook', 'list')).out).toBe('no webhook yet: see "webhook add --help"\n');
  });

  test('events are listed the newest first, by account, kind and call, by pages', async () => {
    await json('account', 'create', 'alice', '--deck', 'retail', '--balance', '1.00');
    await json('account', 'create', 'bob', '--deck', 'retail');
    await json('account', 'block', 'bob');
    await tell(db, 1, { accountcode: 'alice', uniqueid: 'ast1-7.7' });
    const kinds = async (...words: string[]) =>
      (await json('event', 'list', ...words)).items.map((item: { kind: string }) => item.kind);
    expect(await kinds()).toEqual(['settled', 'blocked', 'money_moved']);
    expect(await kinds('--account', 'bob')).toEqual(['blocked']);
    expect(await kinds('--kind', 'money_moved')).toEqual(['money_moved']);
    expect(await kinds('--uniqueid', 'ast1-7.7')).toEqual(['settled']);
    expect(await kinds('--limit', '1', '--page', '2')).toEqual(['blocked']);
    const { items } = await json('event', 'list', '--kind', 'money_moved');
    expect(items[0]).toMatchObject({
      accountcode: 'alice',
      uniqueid: null,
      facts: { kind: 'top_up', amount: '1.00', balance: '1.00', reference: 'opening' },
      dispatched: false,
    });
    expect((await cli('event', 'list', '--kind', 'money_moved')).out).toContain(
      'kind top_up, amount 1.00, balance 1.00, reference opening',
    );
  });
});
