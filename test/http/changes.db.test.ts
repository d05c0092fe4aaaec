/** Changes over HTTP: once for each Idempotency-Key, whatever is repeated, raced or lost; and by versions, so that no editor overwrites another. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { openWire, type Wire } from '../../lab/servers/wire';
import { createApiKey, revokeApiKey } from '../../src/access/api-key-store';
import { forgetAnswers } from '../../src/http/kept-answer-store';
import { actingAs } from '../../src/operator/acting';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck, callOf, group, openLedger } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const lines: string[] = [];

describe.each(engines)('a change over HTTP, %s', engine => {
  let db: TestDatabase;
  let wire: Wire;
  let port: number;
  let service: Service;
  const secrets: Record<string, string> = {};
  const ledgers: ReturnType<typeof openLedger>[] = [];
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    wire = await openWire(db.url);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '10');
    const ledger = openLedger(db);
    ledgers.push(ledger);
    await ledger.start(callOf('', group('john', '10', 600)));
    for (const name of ['portal', 'other'])
      secrets[name] = (await createApiKey(actingAs('test', db.database), { apiKey: name, roles: ['admin'] })).secret;
    port = await findFreePort();
    service = await startService(
      readSettings({
        RINGFENCE_DATABASE_URL: wire.url,
        RINGFENCE_HTTP_LISTEN: `${port}`,
        RINGFENCE_PIN_KEY: 'a-secret-of-thirty-two-characters-0',
      }),
      pino({}, { write: line => lines.push(line) }),
    );
  });
  afterAll(async () => {
    await service?.stop();
    for (const ledger of ledgers) await ledger.close();
    await wire?.close();
    await db.drop();
  });

  interface Asked {
    key?: string | null;
    by?: string;
    method?: string;
    headers?: Record<string, string>;
  }

  let keys = 0;
  const newKey = () => `key-${++keys}`;

  async function change(path: string, body?: unknown, { key = newKey(), by = 'portal', method, headers }: Asked = {}) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method: method ?? 'POST',
      headers: {
        authorization: `Bearer ${secrets[by]}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== null && { 'idempotency-key': key }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const { headers: told, status } = answer;
    return { status, text, body: JSON.parse(text), isRepeat: told.get('idempotent-replayed'), etag: told.get('etag') };
  }
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      headers: { authorization: `Bearer ${secrets.portal}` },
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
    const body: any = await answer.json();
    return { body, etag: answer.headers.get('etag') };
  };
  const balance = async (accountcode = 'alice') =>
    (await db.database('astaccount').where({ accountcode }).first('balance')).balance;
  const timeUsed = async () =>
    (await db.database('astaccount').where({ accountcode: 'pool:john' }).first('time_used')).time_used;

  test('is done, and answered as the command line answers', async () => {
    const { status, body, isRepeat } = await change('/accounts', { accountcode: 'new', deck: 'retail', balance: '3' });
    expect({ status, isRepeat }).toEqual({ status: 201, isRepeat: null });
    expect(body).toMatchObject({ accountcode: 'new', balance: '3.00' });
    expect(await change('/accounts/new/topup', { amount: '0.50', reference: 'r1' })).toMatchObject({
      status: 200,
      body: { moved: true, balance: '3.50', available: '3.50' },
    });
    const [row] = await db.database('astaudit').where({ operation: 'account topup', object: 'account new' });
    expect(row.actor).toBe('key:portal');
  });

  test('that comes again gets the same answer and moves nothing; another one under its key is refused', async () => {
    const key = newKey();
    const before = await balance();
    const first = await change('/accounts/alice/topup', { amount: '1', reference: key }, { key });
    // The order of the fields does not make another request of it.
    const again = await change('/accounts/alice/topup', `{"reference":"${key}","amount":"1"}`, { key });
    expect(again).toEqual({ ...first, isRepeat: 'true' });
    for (const [path, body] of [
      ['/accounts/alice/topup', { amount: '2', reference: key }],
      ['/accounts/new/topup', { amount: '1', reference: key }],
      ['/accounts/alice/refund', { amount: '1', reference: key }],
    ] as const) {
      expect(await change(path, body, { key })).toMatchObject({
        status: 422,
        body: { type: 'urn:ringfence:problem:idempotency_key_reused' },
      });
    }
    expect(Number(await balance())).toBe(Number(before) + 1);
  });

  test('has a key of its own for each who asks', async () => {
    const key = newKey();
    const topUp = (by: string) =>
      change('/accounts/alice/topup', { amount: '1', reference: `${key}-${by}` }, { key, by });
    for (const by of ['portal', 'other']) expect(await topUp(by)).toMatchObject({ status: 200, body: { moved: true } });
  });

  test('that comes many times at once is done once, also what adds each time that it is done', async () => {
    const key = newKey();
    const before = await timeUsed();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => change('/pools/john/add-time', { seconds: 60 }, { key })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ status, isRepeat }) => status === 200 && isRepeat === null)).toHaveLength(1);
    expect(Number(await timeUsed())).toBe(Number(before) - 60);
  });

  test('that was refused stays refused, though it could be done by now', async () => {
    await addAccount(db, 'poor', '1');
    const key = newKey();
    const take = () => change('/accounts/poor/adjust', { amount: '-5', reference: key }, { key });
    const refused = await take();
    expect(refused).toMatchObject({ status: 409, body: { type: 'urn:ringfence:problem:more_than_available' } });
    await change('/accounts/poor/topup', { amount: '9', reference: 'rich' });
    expect(await take()).toEqual({ ...refused, isRepeat: 'true' });
    expect(Number(await balance('poor'))).toBe(10);
    expect(await db.database('astaudit').where({ object: 'account poor' })).toHaveLength(1);
  });

  test('whose fields are wrong takes no key', async () => {
    const key = newKey();
    expect(await change('/accounts/alice/topup', { amount: 'x', reference: 'wrong' }, { key })).toMatchObject({
      status: 400,
      body: { type: 'urn:ringfence:problem:field_invalid' },
    });
    expect(await change('/accounts/alice/topup', { amount: '1', reference: 'wrong' }, { key })).toMatchObject({
      status: 200,
      isRepeat: null,
    });
  });

  test('whose COMMIT was done and never answered is done once, and said to be done', async () => {
    const before = await timeUsed();
    // Each connection of the service's pool may be the one.
    wire.loseNextCommitReply();
    const key = newKey();
    const answer = await change('/pools/john/add-time', { seconds: 30 }, { key });
    expect(answer.status).toBe(200);
    expect(Number(await timeUsed())).toBe(Number(before) - 30);
    expect(await change('/pools/john/add-time', { seconds: 30 }, { key })).toMatchObject({ text: answer.text });
    expect(Number(await timeUsed())).toBe(Number(before) - 30);
  });

  test('that the database loses before its COMMIT leaves nothing, and is done by the next try', async () => {
    const key = newKey();
    const locking = await db.database.transaction();
    await locking('astaccount').where({ accountcode: 'alice' }).forUpdate();
    const asked = change('/accounts/alice/topup', { amount: '1', reference: key }, { key });
    await new Promise(resolve => setTimeout(resolve, 300));
    await wire.cut();
    await locking.rollback();
    expect(await asked).toMatchObject({ status: 503, body: { type: 'urn:ringfence:problem:ledger_unavailable' } });
    expect(await db.database('astidempotency').where({ idempotency_key: key })).toEqual([]);
    expect(await db.database('astledger').where({ reference: key })).toEqual([]);
    await wire.restore();
    expect(await change('/accounts/alice/topup', { amount: '1', reference: key }, { key })).toMatchObject({
      status: 200,
      body: { moved: true },
      isRepeat: null,
    });
  });

  test('in several steps goes on where it was interrupted, and is answered alike from then on', async () => {
    const made = { batch: 'cards', count: 2, value: '5', deck: 'retail' };
    await change('/cards', made);
    const key = newKey();
    const first = await change('/cards/activate', { batch: 'cards' }, { key });
    expect(first).toMatchObject({ status: 200, body: { changed: 2 } });
    await db.database('astidempotency').where({ idempotency_key: key }).update({ status: null, answer: null });
    expect(await change('/cards/activate', { batch: 'cards' }, { key })).toMatchObject({
      body: { changed: 0, unchanged: 2 },
      isRepeat: null,
    });
    expect(await change('/cards/activate', { batch: 'cards' }, { key })).toMatchObject({
      body: { changed: 0, unchanged: 2 },
      isRepeat: 'true',
    });
  });

  test('that shows a secret shows it once: it is not kept', async () => {
    for (const [path, body] of [
      ['/keys', { name: 'made', roles: ['read'] }],
      ['/webhooks', { webhook: 'crm', url: 'https://8.8.8.8/' }],
      ['/vouchers', { batch: 'top', count: 2, value: '5', currency: 'EUR' }],
    ] as const) {
      const key = newKey();
      const made = await change(path, body, { key });
      expect([path, made.status]).toEqual([path, 201]);
      const { secret, vouchers = [] } = made.body;
      const shown: string[] = [...(secret ? [secret] : []), ...vouchers.map((each: { code: string }) => each.code)];
      expect(shown.length).toBeGreaterThan(0);
      expect(await change(path, body, { key })).toMatchObject({
        status: 409,
        body: { type: 'urn:ringfence:problem:answer_not_kept' },
      });
      const kept = JSON.stringify(await db.database('astidempotency'));
      for (const secret of shown) expect(kept).not.toContain(secret);
    }
  });

  test('that shows a secret shows it although the answer to its COMMIT was lost', async () => {
    wire.loseNextCommitReply();
    const key = newKey();
    const made = await change('/keys', { name: 'lost', roles: ['read'] }, { key });
    expect(made).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^rf_/) }, isRepeat: null });
    expect(await db.database('astapikey').where({ api_key: 'lost' })).toHaveLength(1);
  });

  test('of a batch that another one writes at the same time is refused when that is there', async () => {
    await change('/vouchers', { batch: 'before', count: 1, value: '5', currency: 'EUR' });
    const [row] = await db.database('astvoucher').where({ batch: 'before' });
    const other = await db.database.transaction();
    const serial = Number(row.serial) + 1;
    await other('astvoucher').insert({ ...row, serial, batch: 'contested', code_hash: 'x' });
    const asked = change('/vouchers', { batch: 'contested', count: 2, value: '5', currency: 'EUR' });
    // Long enough for it to come to the last serial, which the other one has.
    await new Promise(resolve => setTimeout(resolve, 700));
    await other.commit();
    expect(await asked).toMatchObject({ status: 409, body: { type: 'urn:ringfence:problem:batch_exists' } });
    expect(await db.database('astvoucher').where({ batch: 'contested' })).toHaveLength(1);
  });

  test('of one batch that comes many times at once is done once, under one key or several', async () => {
    for (const together of [true, false]) {
      const key = newKey();
      const batch = `many-${together}`;
      const body = { batch, count: 2, value: '5', currency: 'EUR' };
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => change('/vouchers', body, together ? { key } : {})),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(await db.database('astvoucher').where({ batch })).toHaveLength(2);
    }
    expect(await change('/vouchers', { batch: 'many', count: 1_001, value: '5', currency: 'EUR' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^count 1001 is more than 1000/) },
    });
  });

  test('that another program did not do, or whose fields are wrong in a way that only the operation sees, leaves its key free', async () => {
    const call = callOf('alice');
    const [ledger] = ledgers;
    await change('/accounts/alice/topup', { amount: '500', reference: 'for a call' });
    await ledger?.start(call);
    const kept = (key: string) => db.database('astidempotency').where({ idempotency_key: key });
    const [hangUp, unset] = [newKey(), newKey()];
    expect(await change(`/calls/${call.uniqueid}/hangup`, undefined, { key: hangUp })).toMatchObject({
      status: 502,
      body: { type: 'urn:ringfence:problem:hangup_not_confirmed' },
    });
    expect(await kept(hangUp)).toEqual([]);
    expect(await change('/accounts/alice', {}, { key: unset, method: 'PATCH' })).toMatchObject({ status: 400 });
    expect(await kept(unset)).toEqual([]);
    expect(await change('/accounts/alice', { max_channels: 9 }, { key: unset, method: 'PATCH' })).toMatchObject({
      status: 200,
    });
  });

  test('that names a version of what has none is refused', async () => {
    const asked = { headers: { 'if-match': '"x"' } };
    expect(await change('/accounts/alice/topup', { amount: '1', reference: 'version' }, asked)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('If-Match') },
    });
  });

  test('with a secret among its fields leaves it out of what is kept', async () => {
    const { body } = await change('/vouchers', { batch: 'more', count: 1, value: '5', currency: 'EUR' });
    await change('/vouchers/activate', { batch: 'more' });
    const [{ code }] = body.vouchers;
    const before = Number(await balance());
    const key = newKey();
    const redeemed = await change('/vouchers/redeem', { accountcode: 'alice', code }, { key });
    expect(redeemed).toMatchObject({ status: 200, body: { amount: '5.00' } });
    expect(await change('/vouchers/redeem', { accountcode: 'alice', code }, { key })).toMatchObject({
      status: 200,
      isRepeat: 'true',
    });
    // Another code is another request.
    expect(
      await change(
        '/vouchers/redeem',
        { accountcode: 'alice', code: `${code}`.replace(/./, digit => (digit === '9' ? '8' : '9')) },
        { key },
      ),
    ).toMatchObject({ status: 422 });
    expect(Number(await balance())).toBe(before + 5);
    expect(JSON.stringify(await db.database('astidempotency'))).not.toContain(code);
    expect(lines.join('')).not.toContain(code);
  });

  test('of what another one changed meanwhile is refused; calls and payments change no version', async () => {
    const { etag } = await get('/accounts/alice');
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    await change('/accounts/alice/topup', { amount: '1', reference: 'no version' });
    expect((await get('/accounts/alice')).etag).toBe(etag);
    const set = (credit_limit: string, ifMatch: string) =>
      change('/accounts/alice', { credit_limit }, { method: 'PATCH', headers: { 'if-match': ifMatch } });
    const mine = await set('5', etag as string);
    expect(mine).toMatchObject({ status: 200, body: { credit_limit: '5.00', changed: ['credit_limit'] } });
    expect(mine.etag).not.toBe(etag);
    expect((await get('/accounts/alice')).etag).toBe(mine.etag);
    expect(await set('6', etag as string)).toMatchObject({
      status: 412,
      body: { type: 'urn:ringfence:problem:changed_meanwhile' },
    });
    expect((await get('/accounts/alice')).body.credit_limit).toBe('5.00');
    // A list, a version that a proxy made weak, and any version.
    for (const ifMatch of [`"x", ${mine.etag}`, '*']) expect((await set('5', ifMatch)).status).toBe(200);
    expect((await set('7', `W/${mine.etag}`)).status).toBe(200);
  });

  test('of a trunk goes by its version too; two editors at once: one of them', async () => {
    const added = await change('/trunks', { trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier' });
    expect(added).toMatchObject({ status: 201 });
    expect((await get('/trunks/carrier')).etag).toBe(added.etag);
    const answers = await Promise.all(
      [1, 2, 3, 4].map(digits =>
        change(
          '/trunks/carrier',
          { strip_digits: digits },
          { method: 'PATCH', headers: { 'if-match': added.etag as string } },
        ),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });

  test('of a person goes by roles and address: a block changes no version', async () => {
    expect(await change('/operators', { name: 'nora', roles: ['read'] })).toMatchObject({ status: 201 });
    const { etag } = await get('/operators/nora');
    const set = (body: object) =>
      change('/operators/nora', body, { method: 'PATCH', headers: { 'if-match': etag as string } });
    expect((await change('/operators/nora/block', {})).status).toBe(200);
    expect((await get('/operators/nora')).etag).toBe(etag);
    const mine = await set({ mail: 'nora@example.com' });
    expect(mine).toMatchObject({ status: 200, body: { mail: 'nora@example.com', status: 'blocked' } });
    expect(mine.etag).toBe((await get('/operators/nora')).etag);
    expect(await set({ roles: ['admin'] })).toMatchObject({
      status: 412,
      body: { type: 'urn:ringfence:problem:changed_meanwhile' },
    });
    expect((await get('/operators/nora')).body.roles).toEqual(['read']);
  });

  test('takes null for what is unset, and names what has another type', async () => {
    const set = (body: unknown) => change('/accounts/alice', body, { method: 'PATCH' });
    expect(await set({ max_time: 600 })).toMatchObject({ body: { max_time: 600 } });
    expect(await set({ max_time: null })).toMatchObject({ body: { max_time: null } });
    expect(await set({ max_time: '600', credit_limit: 5 })).toMatchObject({
      status: 400,
      body: {
        problems: [expect.stringMatching(/^credit_limit 5 is not /), expect.stringMatching(/^max_time "600" is not /)],
        fields: [
          { field: 'credit_limit', rule: 'wrong_kind', value: '5', facts: {} },
          { field: 'max_time', rule: 'not_whole_or_none', value: '600', facts: { least: 1 } },
        ],
      },
    });
  });

  test('that is refused tells its names and amounts apart from the sentence, and why a field is wrong by name', async () => {
    const topUp = (body: object) => change('/accounts/alice/topup', body);
    const [lacking, wrong, unknown] = [
      await change('/accounts/alice/adjust', { amount: '-999999', reference: 'too-much' }),
      await topUp({ amount: '1.0000001', reference: '' }),
      await change('/accounts/nobody/topup', { amount: '1', reference: 'r' }),
    ];
    expect(lacking.body).toMatchObject({
      type: 'urn:ringfence:problem:more_than_available',
      facts: { amount: '-999999.00', currency: 'EUR', available: expect.stringMatching(/^\d+\.\d\d$/) },
    });
    expect(wrong.body.fields).toMatchObject([
      { field: 'amount', rule: 'too_many_decimals', value: '1.0000001', detail: wrong.body.problems[0] },
      { field: 'reference', rule: 'missing', value: '', detail: wrong.body.problems[1] },
    ]);
    expect(unknown.body).toMatchObject({ facts: { accountcode: 'nobody' } });
  });

  test('is read from the path and one JSON object alone; nothing else of it is done', async () => {
    const before = await balance();
    const topUp = { amount: '1', reference: 'strange' };
    for (const [path, body, asked, status] of [
      ['/accounts/alice/topup', topUp, { key: null }, 400],
      ['/accounts/alice/topup', topUp, { key: 'two words' }, 400],
      ['/accounts/alice/topup', topUp, { key: 'x'.repeat(101) }, 400],
      ['/accounts/alice/topup?amount=1&reference=r', undefined, {}, 400],
      ['/accounts/alice/topup', { ...topUp, accountcode: 'new' }, {}, 400],
      ['/accounts/alice/topup', { ...topUp, colour: 'red' }, {}, 400],
      ['/accounts/alice/topup', '[]', {}, 400],
      ['/accounts/alice/topup', '"text"', {}, 400],
      ['/accounts/alice/topup', '{"amount":', {}, 400],
      ['/accounts/alice/topup', '{"__proto__":{"amount":"1"},"reference":"r"}', {}, 400],
      ['/accounts/alice/topup', '{"constructor":{"prototype":{}},"amount":"1","reference":"r"}', {}, 400],
      [
        '/accounts/alice/topup',
        'amount=1&reference=r',
        { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        415,
      ],
      ['/accounts/alice/topup', topUp, { method: 'PUT' }, 404],
      ['/callers/4930', { number: '4930' }, { method: 'DELETE' }, 400],
    ] as const) {
      const answer = await change(path, body, asked as Asked);
      expect([path, body, answer.status]).toEqual([path, body, status]);
      expect(answer.body.type).toMatch(/^urn:ringfence:problem:/);
    }
    expect(await balance()).toBe(before);
  });

  test('whose body comes after its key was revoked is not done', async () => {
    const { secret } = await createApiKey(actingAs('test', db.database), { apiKey: 'leaving', roles: ['admin'] });
    const body = JSON.stringify({ accountcode: 'late', deck: 'retail' });
    const asked = request({
      port,
      path: '/api/v1/accounts',
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        'content-length': body.length,
        'idempotency-key': newKey(),
      },
    });
    asked.write(body.slice(0, -1));
    await new Promise(resolve => setTimeout(resolve, 300));
    await revokeApiKey(actingAs('test', db.database), 'leaving');
    asked.end(body.slice(-1));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(401);
    expect(await db.database('astaccount').where({ accountcode: 'late' })).toEqual([]);
  });

  test('is kept for a week', async () => {
    const key = newKey();
    await change('/accounts/alice/topup', { amount: '1', reference: key }, { key });
    const kept = () => db.database('astidempotency').where({ idempotency_key: key });
    expect(await forgetAnswers(db.database)).toBe(0);
    await kept().update({ created_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 8 DAY') });
    expect(await forgetAnswers(db.database)).toBe(1);
    expect(await kept()).toEqual([]);
    // Its reference still protects the money.
    expect(await change('/accounts/alice/topup', { amount: '1', reference: key }, { key })).toMatchObject({
      status: 200,
      body: { moved: false },
    });
  });
});
