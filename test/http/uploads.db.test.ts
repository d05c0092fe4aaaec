/** Price lists over HTTP: uploaded as they stream, looked at, made current. With limits of their own, and once for each Idempotency-Key. */
import { once } from 'node:events';
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import pino from 'pino';
import { createApiKey, revokeApiKey } from '../../src/access/api-key-store';
import type { ApiParts } from '../../src/http/api-parts';
import { ApiServer, type ApiServerOptions } from '../../src/http/api-server';
import { parsePeers } from '../../src/listeners/peers';
import { Readiness } from '../../src/metrics/readiness';
import { actingAs } from '../../src/operator/acting';
import type { Role } from '../../src/operator/operation';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { requestBy } from '../operator/operator-fixture';
import { verdictOnAnswer } from './answer-verdict';

const HEADER = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n';
const lineOf = (prefix: string | number, price = '1') => `${prefix},Somewhere,${price},0,60,60\n`;
const fileOf = (prices: Record<string, string>) =>
  HEADER +
  Object.entries(prices)
    .map(([prefix, price]) => lineOf(prefix, price))
    .join('');

const MOST_BYTES = 400_000;
/** Longer than any other request may take to arrive. Ms. */
const LONG_MS = 12_000;

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
  body: any;
}

describe.each(engines)('an upload, %s', engine => {
  let db: TestDatabase;
  let api: ApiServer;
  let other: ApiServer;
  const secrets: Record<string, string> = {};
  const opened = async (more: Partial<ApiServerOptions> = {}) => {
    const server = new ApiServer({
      listen: { host: '127.0.0.1', port: 0 },
      peers: parsePeers(['127.0.0.1']),
      proxies: parsePeers([]),
      databaseUrl: db.url,
      service: requestBy('test', db.database).service,
      readiness: new Readiness(db.database),
      log: pino({ level: 'silent' }),
      uploadLimits: { mostBytes: MOST_BYTES, idleMs: 5_000 },
      ...more,
    });
    await server.open();
    return server;
  };
  const key = async (name: string, ...roles: Role[]) => {
    secrets[name] = (await createApiKey(actingAs('test', db.database), { apiKey: name, roles })).secret;
  };
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{ prefix: '49', destination: 'Somewhere' }]);
    await addAccount(db, 'alice', '10');
    for (const name of ['admin', 'second', 'third']) await key(name, 'admin');
    await key('prices', 'prices');
    await key('support', 'support');
    [api, other] = [await opened(), await opened()];
  });
  afterAll(async () => {
    for (const server of [api, other]) await server?.close(1_000);
    await db.drop();
  });

  let keys = 0;
  const newKey = () => `key-${++keys}`;

  interface Asked {
    by?: string;
    key?: string;
    method?: string;
    headers?: Record<string, string>;
    port?: number;
  }

  /** A request whose body is still to come. */
  function begun(path: string, { by = 'prices', key: name = newKey(), ...more }: Asked = {}) {
    const request = ask({
      host: '127.0.0.1',
      port: more.port ?? api.port,
      path: `/api/v1${path}`,
      method: more.method ?? 'POST',
      headers: { authorization: `Bearer ${secrets[by]}`, 'idempotency-key': name, ...more.headers },
      agent: false,
    });
    request.on('error', () => undefined);
    return request;
  }
  async function answerOf(request: ClientRequest): Promise<Answer> {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    return { status: response.statusCode ?? 0, headers: response.headers, text, body: JSON.parse(text) };
  }
  const asked = (path: string, body: string, more: Asked): Promise<Answer> => {
    const request = begun(path, more);
    const answer = answerOf(request);
    request.end(body);
    return answer;
  };
  const csv = { 'content-type': 'text/csv' };
  const upload = (deck: string, file: string, more: Asked & { query?: string } = {}) =>
    asked(`/decks/${deck}/versions${more.query ?? '?currency=EUR&source=rates.csv'}`, file, {
      ...more,
      headers: { ...csv, ...more.headers },
    });
  /** The same, when the upload before has let go of its place. */
  const uploadNext = (deck: string, file: string, more: Parameters<typeof upload>[2] = {}) =>
    eventually(async () => {
      const told = await upload(deck, file, more);
      return told.status === 503 ? null : told;
    }, 'room for one more');
  const change = (path: string, body: object, more: Asked = {}) =>
    asked(path, JSON.stringify(body), { ...more, headers: { 'content-type': 'application/json' } });
  const get = (path: string, by = 'admin') => asked(path, '', { by, method: 'GET' });
  const problem = (name: string) => ({ type: `urn:ringfence:problem:${name}` });

  const versionsOf = (deck: string) => db.database('astratedeckversion').where({ deck }).orderBy('version');
  /** Nothing of a deck that never got a version. */
  const isNothingOf = async (deck: string) => {
    const [[row]] = await db.database.raw(
      'SELECT COUNT(*) AS strays FROM astrate WHERE version NOT IN (SELECT version FROM astratedeckversion)',
    );
    return (await versionsOf(deck)).length === 0 && Number(row.strays) === 0 ? true : null;
  };
  const written = (deck: string, rates: number) =>
    eventually(async () => ((await versionsOf(deck))[0]?.rates >= rates ? true : null), `${rates} rates of ${deck}`);
  const lines = (count: number, from = 1_000_000) =>
    Array.from({ length: count }, (_, index) => lineOf(from + index)).join('');

  test('is previewed and published, and then a call costs what it says', async () => {
    const cost = async () => (await get('/rates/explain?account=alice&to=4930123&seconds=60')).body.cost;
    expect(await cost()).toBe('1.00');
    const loaded = await upload('retail', fileOf({ '49': '0.25', '1': '3' }), { query: '?source=new.csv' });
    expect(loaded).toMatchObject({
      status: 201,
      body: {
        deck: 'retail',
        currency: 'EUR',
        rates: 2,
        source: 'new.csv',
        any_number_line: null,
        compared_with: 1,
        needs_confirm: false,
        changes: { new: { count: 1, examples: ['1'] }, changed: { count: 1, examples: ['49'] }, gone: { count: 0 } },
      },
    });
    expect(verdictOnAnswer('deck load', loaded.body)).toBe('');
    const { version } = loaded.body;
    const path = `/decks/retail/versions/${version}`;
    expect((await get(`${path}/preview`, 'support')).body).toEqual(loaded.body);
    expect((await get('/decks')).body.items).toMatchObject([{ deck: 'retail', version: 1, waiting: version }]);
    expect((await get('/decks/retail')).body.items).toMatchObject([
      { version, waiting: true, current: false, loaded_at: expect.any(String), imported_at: null },
      { version: 1, waiting: false, current: true },
    ]);
    expect((await get(`/decks/retail/rates?of_version=${version}`)).body.items).toHaveLength(2);
    expect(await cost()).toBe('1.00');
    expect(await change(`${path}/publish`, {}, { by: 'support' })).toMatchObject({ status: 403 });
    expect(await upload('retail', fileOf({ '49': '7' }), { by: 'support' })).toMatchObject({ status: 403 });
    const published = await change(`${path}/publish`, { compared_with: 1 });
    expect(published).toMatchObject({ status: 200, body: { deck: 'retail', version, rates: 2, replaced: 1 } });
    expect(verdictOnAnswer('deck publish', published.body)).toBe('');
    expect(await cost()).toBe('0.25');
    const rows = await db.database('astaudit').where('object', 'like', '%deck retail').orderBy('audit_id');
    expect(rows).toMatchObject([
      { operation: 'deck load', actor: 'key:prices', address: '127.0.0.1' },
      { operation: 'deck publish', actor: 'key:prices', address: '127.0.0.1' },
    ]);
  });

  test('that is stale, or lacks prefixes, is refused by name; and one is taken back', async () => {
    const [one, two] = [
      await upload('named', fileOf({ '1': '1', '2': '1' })),
      await upload('named', fileOf({ '1': '2' })),
    ];
    const path = (version: number, what = '') => `/decks/named/versions/${version}${what}`;
    await change(path(one.body.version, '/publish'), {});
    const stale = await change(path(two.body.version, '/publish'), {});
    expect(stale).toMatchObject({ status: 409, body: problem('preview_outdated') });
    const anew = (await get(path(two.body.version, '/preview'))).body;
    expect(anew).toMatchObject({ compared_with: one.body.version, needs_confirm: true });
    const confirmed = (confirm?: boolean) =>
      change(path(two.body.version, '/publish'), { compared_with: anew.compared_with, ...(confirm && { confirm }) });
    expect(await confirmed()).toMatchObject({ status: 409, body: problem('prefixes_gone') });
    expect(await confirmed(true)).toMatchObject({ status: 200 });
    // What may change by itself is not kept: the same request does it then.
    const again = () => asked(path(one.body.version), '', { method: 'DELETE', key: 'the-same-again' });
    expect(await again()).toMatchObject({ status: 409, body: problem('version_current') });
    await db.database('astratedeckversion').where({ version: two.body.version }).update({ imported_at: '2026-01-01' });
    expect(await again()).toMatchObject({ status: 200, body: { rates: 2 } });
    const three = await upload('named', fileOf({ '1': '3' }));
    const removed = await asked(path(three.body.version), '', { method: 'DELETE' });
    expect(removed).toMatchObject({ status: 200, body: { rates: 1 } });
    expect(await get(path(three.body.version, '/preview'))).toMatchObject({
      status: 404,
      body: problem('version_not_found'),
    });
  });

  test('keys are looked up while previews wait for the database, and a client that leaves one is no failure', async () => {
    const lines: string[] = [];
    const server = await opened({ log: pino({}, { write: line => lines.push(line) }) });
    const paths: string[] = [];
    for (const name of ['deck-a', 'deck-b', 'deck-c', 'deck-d', 'deck-e', 'deck-f']) {
      const [one, two] = [await upload(name, fileOf({ '1': '1' })), await upload(name, fileOf({ '1': '2' }))];
      await change(`/decks/${name}/versions/${one.body.version}/publish`, {});
      paths.push(`/decks/${name}/versions/${two.body.version}/preview`);
    }
    const locking = await db.database.client.acquireRawConnection();
    await locking.promise().query('LOCK TABLES astrate WRITE');
    const previews = paths.map(path => begun(path, { method: 'GET', port: server.port }));
    for (const preview of previews) preview.end();
    const [left, ...stay] = previews as [ClientRequest, ...ClientRequest[]];
    const answers = stay.map(answerOf);
    try {
      // Two at once; the others wait for their turn by then.
      for (let waiting = 0; waiting < 2; ) {
        const [rows] = await locking.promise().query('SHOW FULL PROCESSLIST');
        waiting = rows.filter(({ Info }: { Info: string | null }) => Info?.startsWith('SELECT prefix, SUM')).length;
      }
      for (let times = 0; times < 5; times++) {
        const account = begun('/accounts/alice', { method: 'GET', port: server.port });
        account.end();
        expect((await answerOf(account)).status).toBe(200);
      }
      left.destroy();
    } finally {
      await locking.promise().query('UNLOCK TABLES');
      locking.destroy();
    }
    for (const each of answers)
      expect(await each).toMatchObject({ status: 200, body: { changes: { changed: { count: 1 } } } });
    await server.close(1_000);
    expect(lines.filter(line => line.includes('request_failed'))).toEqual([]);
  });

  test('of yesterday is compared anew before it is published, and not in the transaction that other changes wait for', async () => {
    const [one, two] = [await upload('old', fileOf({ '1': '1' })), await upload('old', fileOf({ '1': '2' }))];
    await change(`/decks/old/versions/${one.body.version}/publish`, {});
    const { version } = two.body;
    await db
      .database('astratedeckversion')
      .where({ version })
      .update({
        ...{ loaded_at: db.database.raw('loaded_at - INTERVAL 1 DAY'), compared_with: one.body.version },
        changes: JSON.stringify({ changed: { count: 1, examples: ['1'] } }),
      });
    const { books, uploads } = (api as unknown as { parts: ApiParts }).parts;
    const comparing: string[] = [];
    const note = (pool: string) => (query: { sql: string }) => {
      if (query.sql.includes('GROUP BY prefix')) comparing.push(pool);
    };
    books.database.on('query', note('books'));
    uploads.books.database.on('query', note('uploads'));
    const published = await change(`/decks/old/versions/${version}/publish`, { compared_with: one.body.version });
    expect(published).toMatchObject({ status: 200, body: { version, replaced: one.body.version } });
    expect([...new Set(comparing)]).toEqual(['uploads']);
  });

  test('is compared with others a whole and a part at a time, whoever asks', async () => {
    const [one, two] = [await upload('turns', fileOf({ '1': '1' })), await upload('turns', fileOf({ '1': '2' }))];
    const path = `/decks/turns/versions/${two.body.version}/differences?against=${one.body.version}`;
    const locking = await db.database.client.acquireRawConnection();
    await locking.promise().query('LOCK TABLES astrate WRITE');
    const answers = [
      ...[1, 2, 3].map(limit => get(`${path}&page=1&limit=${limit}`, 'prices')),
      ...[1, 2, 3].map(limit => get(`${path}&limit=${limit}`, 'support')),
    ];
    const comparing = async () => {
      const [rows] = await locking.promise().query('SHOW FULL PROCESSLIST');
      return rows.filter(({ Info }: { Info: string | null }) => Info?.startsWith('SELECT prefix, SUM')).length;
    };
    try {
      await eventually(async () => ((await comparing()) >= 2 ? true : null), 'both');
      await new Promise(resolve => setTimeout(resolve, 500));
      expect(await comparing()).toBe(2);
    } finally {
      await locking.promise().query('UNLOCK TABLES');
      locking.destroy();
    }
    expect(await Promise.all(answers)).toMatchObject(
      Array(6).fill({ status: 200, body: { items: [{ prefix: '1', effect: 'dearer' }] } }),
    );
  });

  test('a preview takes longer than a connection may stand still otherwise', async () => {
    const [one, two] = [await upload('long', fileOf({ '1': '1' })), await upload('long', fileOf({ '1': '2' }))];
    await change(`/decks/long/versions/${one.body.version}/publish`, {});
    const server = await opened({ stillMs: 500 });
    const locking = await db.database.client.acquireRawConnection();
    await locking.promise().query('LOCK TABLES astrate WRITE');
    const ask = (path: string) => {
      const request = begun(path, { method: 'GET', port: server.port });
      const answer = answerOf(request);
      request.end();
      return answer;
    };
    const preview = ask(`/decks/long/versions/${two.body.version}/preview`);
    // It waits as long as the preview, and is no such operation.
    const usual = expect(ask('/decks/long/rates')).rejects.toThrow('socket hang up');
    await new Promise(resolve => setTimeout(resolve, 2_000));
    await locking.promise().query('UNLOCK TABLES');
    locking.destroy();
    expect(await preview).toMatchObject({ status: 200, body: { changes: { changed: { count: 1 } } } });
    await usual;
    await server.close(1_000);
  });

  test('of holidays is taken once for its key, is what the list answers as CSV, and with a bad line leaves nothing', async () => {
    const name = newKey();
    const send = (calendar: string, file: string, more: Asked = {}) =>
      asked(`/holidays/${calendar}/import`, file, { ...more, headers: csv });
    const file = 'calendar,day,name\nde,2026-12-24,Heiligabend\nde,2026-12-31,Silvester\n';
    const taken = await send('de', file, { key: name });
    expect(taken).toMatchObject({ status: 201, body: { calendar: 'de', added: 2, renamed: 0, unchanged: 0 } });
    expect(verdictOnAnswer('holiday import', taken.body)).toBe('');
    expect((await send('de', file, { key: name })).body).toEqual(taken.body);
    const listed = begun('/holidays?calendar=de', { method: 'GET', headers: { accept: 'text/csv' } });
    listed.end();
    const [response] = (await once(listed, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    expect(text).toBe(file);
    expect(await send('de', text)).toMatchObject({ status: 201, body: { added: 0, unchanged: 2 } });
    expect(await send('fr', 'day,name\n2026-07-14,x\n2026-07-32,y\n')).toMatchObject({
      status: 400,
      body: { ...problem('file_invalid'), errors: [{ line: 3, rule: 'not_day', facts: { value: '2026-07-32' } }] },
    });
    expect((await get('/holidays?calendar=fr')).body.items).toEqual([]);
    expect(await send('de', file, { by: 'support' })).toMatchObject({ status: 403 });
  });

  test('with bad lines names the first 50 of them by their numbers, leaves nothing, and takes no key', async () => {
    const name = newKey();
    const good = HEADER + lines(2_500);
    const bad = `${good}49,Germany,-1,0,60,60\n${lineOf(1_000_000)}`;
    const refused = await upload('careful', bad, { key: name });
    expect(refused).toMatchObject({
      status: 400,
      body: {
        ...problem('file_invalid'),
        status: 400,
        detail: 'the file has 2 problems and nothing was imported: correct it and import it again',
        facts: { problems: 2 },
        errors: [
          {
            line: 2_502,
            detail: 'price_per_minute "-1" is negative: write 0 or more',
            rule: 'below_zero',
            facts: { column: 'price_per_minute', value: '-1' },
          },
          {
            line: 2_503,
            detail: expect.stringContaining('is in line 2 for the same days'),
            rule: 'prefix_twice',
            facts: { prefix: expect.any(String), earlier: 2 },
          },
        ],
      },
    });
    expect(refused.body.problems).toBeUndefined();
    // Its client asked for that, and has sent all.
    expect(refused.headers.connection).toBe('close');
    expect(await isNothingOf('careful')).toBe(true);
    const many = await upload('careful', HEADER + 'x,y,z\n'.repeat(3_000));
    expect(many.body.errors).toHaveLength(50);
    expect(many.body.detail).toMatch(/^the file has 3000 problems/);
    expect((await upload('careful', 'not,a,rate,file\n1,2,3,4\n')).body.errors.length).toBeGreaterThan(5);
    expect(await upload('careful', '')).toMatchObject({ status: 400, body: problem('file_invalid') });
    expect(await upload('careful', good, { key: name })).toMatchObject({ status: 201, body: { rates: 2_500 } });
  });

  test('whose fields are wrong is refused before its bytes are read', async () => {
    expect(await upload('new', fileOf({ '1': '1' }), { query: '' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('currency is missing') },
    });
    const wrong = await upload('new', fileOf({ '1': '1' }), { query: '?currency=euros&colour=red&deck=x' });
    expect(wrong).toMatchObject({ status: 400, body: problem('field_invalid') });
    expect(await upload('retail', fileOf({ '1': '1' }), { query: '?currency=USD' })).toMatchObject({
      status: 409,
      body: problem('currency_mismatch'),
    });
    expect(await upload('new', '', { key: '' })).toMatchObject({
      status: 400,
      body: problem('idempotency_key_missing'),
    });
    for (const [headers, detail] of [
      [{}, 'Content-Type: text/csv'],
      [{ 'content-type': 'application/json' }, 'Content-Type: text/csv'],
      [{ 'content-type': 'multipart/form-data; boundary=x' }, 'Content-Type: text/csv'],
      [{ ...csv, 'content-encoding': 'gzip' }, 'it is compressed'],
    ] as const) {
      const told = await asked('/decks/new/versions?currency=EUR', fileOf({ '1': '1' }), { headers });
      expect([headers, told]).toMatchObject([
        headers,
        { status: 415, body: { detail: expect.stringContaining(detail) } },
      ]);
    }
    const withCharset = { headers: { 'content-type': 'text/csv; charset=utf-8' } };
    expect(await upload('charset', fileOf({ '1': '1' }), withCharset)).toMatchObject({ status: 201 });
    expect(await isNothingOf('new')).toBe(true);
  });

  test('that comes again under its key is answered alike and writes nothing; another file, or another name of it, is refused', async () => {
    const name = newKey();
    const file = fileOf({ '1': '1', '2': '2' });
    const first = await upload('again', file, { key: name });
    const versions = await versionsOf('again');
    const again = await upload('again', file, { key: name });
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect([first, again].map(({ headers }) => headers['idempotent-replayed'])).toEqual([undefined, 'true']);
    for (const told of [
      await upload('again', fileOf({ '1': '1', '2': '3' }), { key: name }),
      await upload('again', file, { key: name, query: '?currency=EUR&source=other.csv' }),
      await upload('again2', file, { key: name }),
    ])
      expect(told).toMatchObject({ status: 422, body: problem('idempotency_key_reused') });
    await change(`/decks/again/versions/${first.body.version}/publish`, {});
    expect(await upload('again', file, { key: name })).toMatchObject({ text: first.text });
    expect(await versionsOf('again')).toHaveLength(versions.length);
    expect(
      await db
        .database('astaudit')
        .where({ operation: 'deck load', object: `version ${first.body.version} of deck again` }),
    ).toHaveLength(1);
  });

  test('that two services get at once under one key is one version, and both answer with it', async () => {
    const name = newKey();
    const file = HEADER + lines(1_500);
    const answers = await Promise.all([api.port, other.port].map(port => upload('both', file, { key: name, port })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await versionsOf('both')).toHaveLength(1);
    expect(await db.database('astrate').whereIn('version', [answers[0]?.body.version])).toHaveLength(1_500);
  });

  test('that breaks off in the middle leaves nothing, and its key is free', async () => {
    const name = newKey();
    const path = '/decks/broken/versions?currency=EUR';
    const request = begun(path, { key: name, headers: csv });
    request.write(HEADER + lines(3_500));
    await written('broken', 3_000);
    request.destroy();
    await eventually(() => isNothingOf('broken'), 'nothing of it');
    expect(await db.database('astidempotency').where({ idempotency_key: name })).toEqual([]);
    const whole = await uploadNext('broken', HEADER + lines(3_500), { key: name });
    expect(whole).toMatchObject({ status: 201, body: { rates: 3_500 } });
    expect(whole.headers['idempotent-replayed']).toBeUndefined();
  });

  test('whose client leaves before it is known holds no place', async () => {
    const keysLock = await db.database.client.acquireConnection();
    const ask = (statement: string) => keysLock.promise().query(statement);
    await ask('LOCK TABLES astapikey WRITE');
    const file = fileOf({ '1': '1' });
    const lines = [
      'POST /api/v1/decks/hasty/versions?currency=EUR HTTP/1.1',
      'Host: x',
      'Idempotency-Key: hasty',
      'Content-Type: text/csv',
    ];
    // One has sent all, the other has not.
    for (const [by, length] of [
      ['third', file.length],
      ['second', file.length + 1],
    ] as const) {
      const socket = connect(api.port, '127.0.0.1');
      const head = [...lines, `Authorization: Bearer ${secrets[by]}`, `Content-Length: ${length}`];
      socket.end(`${head.join('\r\n')}\r\n\r\n${file}`);
      socket.resume();
      await once(socket, 'close');
    }
    await ask('UNLOCK TABLES');
    await db.database.client.releaseConnection(keysLock);
    for (const by of ['third', 'second', 'prices'])
      expect(await uploadNext('hasty2', file, { by })).toMatchObject({ status: 201 });
    await eventually(() => isNothingOf('hasty'), 'nothing of those that left');
  });

  test('is one of a key at a time, and one of two in all', async () => {
    const hanging = ['prices', 'admin'].map(by => {
      const request = begun('/decks/hanging/versions?currency=EUR', { by, headers: csv });
      request.write(HEADER + lines(2_000));
      return request;
    });
    await eventually(async () => ((await versionsOf('hanging')).length === 2 ? true : null), 'two uploads');
    for (const [by, detail] of [
      ['prices', expect.stringContaining('your upload before')],
      ['second', expect.stringContaining('2 uploads')],
    ])
      expect(await upload('hanging', fileOf({ '1': '1' }), { by: by as string })).toMatchObject({
        status: 503,
        headers: { 'retry-after': '10' },
        body: { ...problem('too_many_uploads'), detail },
      });
    for (const request of hanging) request.destroy();
    await eventually(() => isNothingOf('hanging'), 'nothing of both');
    expect(await uploadNext('hanging', fileOf({ '1': '1' }))).toMatchObject({ status: 201 });
  });

  test('that is too large is refused, whether it says so or not, and is told why while it still sends', async () => {
    const large = HEADER + lines(20_000);
    expect(large.length).toBeGreaterThan(MOST_BYTES);
    const said = { ...csv, 'content-length': String(Buffer.byteLength(large)) };
    for (const headers of [said, { ...csv, 'transfer-encoding': 'chunked' }]) {
      const told = await asked('/decks/large/versions?currency=EUR', large, { headers });
      expect(told).toMatchObject({
        status: 413,
        body: {
          ...problem('request_invalid'),
          status: 413,
          detail: expect.stringContaining('RINGFENCE_HTTP_UPLOAD_MB'),
        },
      });
    }
    await eventually(() => isNothingOf('large'), 'nothing of it');
  });

  test('that is refused is answered also to a client that sends all before it reads, and wants the connection closed', async () => {
    for (const [name, first] of [
      ['large', HEADER],
      ['bad', 'not,a,rate,file\n'],
    ] as const) {
      const socket = connect(api.port, '127.0.0.1').pause();
      let told = '';
      socket
        .on('error', () => undefined)
        .on('data', data => {
          told += data.toString();
        });
      socket.pause();
      const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
      socket.write(
        `POST /api/v1/decks/${name}/versions?currency=EUR HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secrets.prices}\r\nIdempotency-Key: ${newKey()}\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk(first)}`,
      );
      const part = chunk(lines(2_000));
      // Far more than the buffers of both ends hold.
      for (let sent = 0; sent < 500; sent++) if (!socket.write(part)) await once(socket, 'drain');
      socket.write('0\r\n\r\n');
      socket.resume();
      await eventually(async () => (told.includes('}') ? true : null), 'the answer');
      expect([name, told.slice(0, 12)]).toEqual([name, `HTTP/1.1 ${name === 'large' ? 413 : 400}`]);
      socket.destroy();
    }
  }, 30_000);

  test('may take longer than any other request, but must go on', async () => {
    const slow = begun('/decks/slow/versions?currency=EUR', { headers: csv });
    const answer = answerOf(slow);
    const silent = begun('/decks/silent/versions?currency=EUR', { by: 'admin', headers: csv });
    const refused = answerOf(silent);
    silent.write(HEADER + lines(1_500));
    const usual = connect(api.port, '127.0.0.1');
    let told = '';
    usual.on('data', data => {
      told += data.toString();
    });
    usual.write(
      `POST /api/v1/decks/retail/prune HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secrets.second}\r\nIdempotency-Key: slow\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
    );
    slow.write(HEADER);
    const rest = 500;
    const pieces = LONG_MS / rest;
    // A client that is refused at once, and reads that when it has sent all.
    await eventually(async () => ((await versionsOf('silent')).length === 1 ? true : null), 'two uploads');
    const deaf = connect(api.port, '127.0.0.1');
    let heard = '';
    deaf.on('data', data => {
      heard += data.toString();
    });
    const head = (line: string, more: string[]) =>
      `${[line, 'Host: x', `Authorization: Bearer ${secrets.third}`, ...more].join('\r\n')}\r\n\r\n`;
    deaf.write(
      head('POST /api/v1/decks/deaf/versions?currency=EUR HTTP/1.1', [
        'Idempotency-Key: deaf',
        'Content-Type: text/csv',
        `Content-Length: ${pieces * HEADER.length}`,
      ]),
    );
    for (let at = 0; at < pieces; at++) {
      slow.write(lines(200, 1_000_000 + at * 200));
      deaf.write(HEADER);
      await new Promise(next => setTimeout(next, rest));
    }
    deaf.write(head('GET /api/v1/decks/retail HTTP/1.1', ['Connection: close']));
    await once(deaf, 'close');
    expect([...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)).toEqual(['503', '200']);
    expect(told).toContain(' 408 ');
    usual.destroy();
    expect(await refused).toMatchObject({ status: 408, body: { detail: 'nothing came for 5 s' } });
    expect(await isNothingOf('silent')).toBe(true);
    slow.end();
    expect(await answer).toMatchObject({ status: 201, body: { rates: 200 * pieces } });
  }, 40_000);

  test('that comes by drops is given up', async () => {
    const strict = await opened({ uploadLimits: { mostBytes: MOST_BYTES, idleMs: 1_000, bytesPerSecond: 1_000_000 } });
    const request = begun('/decks/drops/versions?currency=EUR', { headers: csv, port: strict.port });
    const answer = answerOf(request);
    let drops = 0;
    const dropping = setInterval(() => request.write(lineOf(++drops)), 200);
    request.write(HEADER);
    expect(await answer).toMatchObject({ status: 408, body: { detail: expect.stringContaining('bytes a second') } });
    clearInterval(dropping);
    request.destroy();
    expect(await isNothingOf('drops')).toBe(true);
    await strict.close(1_000);
  });

  test('by a key that is revoked before its last byte leaves nothing', async () => {
    await key('leaving', 'prices');
    const request = begun('/decks/left/versions?currency=EUR', { by: 'leaving', headers: csv });
    const answer = answerOf(request);
    request.write(HEADER + lines(1_500));
    await written('left', 1_000);
    await revokeApiKey(actingAs('test', db.database), 'leaving');
    request.end(lineOf(1));
    expect(await answer).toMatchObject({ status: 401, body: problem('not_authenticated') });
    expect(await isNothingOf('left')).toBe(true);
  });

  test('is broken off when the service stops, and is told so', async () => {
    const stopping = await opened();
    const request = begun('/decks/stopped/versions?currency=EUR', { headers: csv, port: stopping.port });
    const answer = answerOf(request);
    request.write(HEADER + lines(1_500));
    await written('stopped', 1_000);
    const closed = stopping.close(10_000);
    expect(await answer).toMatchObject({ status: 503, body: problem('stopping') });
    request.destroy();
    await closed;
    expect(await isNothingOf('stopped')).toBe(true);
  });

  test('that another request follows on its connection leaves that connection as it was', async () => {
    const socket = connect(api.port, '127.0.0.1');
    let told = '';
    socket.on('data', data => {
      told += data.toString();
    });
    const head = (line: string, more: string[]) =>
      `${[line, 'Host: x', `Authorization: Bearer ${secrets.prices}`, ...more].join('\r\n')}\r\n\r\n`;
    const file = `${HEADER}49,Germany,-1,0,60,60\n`;
    const posted = head('POST /api/v1/decks/kept/versions?currency=EUR HTTP/1.1', [
      `Idempotency-Key: ${newKey()}`,
      'Content-Type: text/csv',
      `Content-Length: ${file.length}`,
    ]);
    socket.write(posted + file + head('GET /api/v1/decks/retail HTTP/1.1', ['Connection: close']));
    await once(socket, 'close');
    expect([...told.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)).toEqual(['400', '200']);
  });
});
