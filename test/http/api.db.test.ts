/** The operator's API as a program with a key sees it, over HTTP, of a service that serves nothing else. */
import { Readable } from 'node:stream';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey, revokeApiKey, rotateApiKey } from '../../src/access/api-key-store';
import { OPERATIONS } from '../../src/admin/operations';
import { runReport } from '../../src/admin/reports';
import { openConnection, openDatabase } from '../../src/database/connection';
import { methodOf, PATHS, pathFields } from '../../src/http/api-paths';
import { ApiServer } from '../../src/http/api-server';
import { askedFields } from '../../src/http/csv-answer';
import { STREAMS } from '../../src/http/live-streams';
import { PERSONAL_PATHS } from '../../src/http/personal-paths';
import { parsePeers } from '../../src/listeners/peers';
import { Readiness } from '../../src/metrics/readiness';
import { actingAs } from '../../src/operator/acting';
import { type Operation, perform, ROLES, type Role } from '../../src/operator/operation';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { json } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../database/test-database';
import { verdictOn } from '../openapi-verdict';
import { requestBy } from '../operator/operator-fixture';

let db: TestDatabase;
let port: number;
let service: Service;
const lines: string[] = [];
const keys = {} as Record<Role, string>;
let call: ReturnType<typeof callOf>;
/** A version of the deck that waits to become current. */
let waiting: number;

const acting = () => actingAs('test', db.database);
const key = async (name: string, more: Partial<Parameters<typeof createApiKey>[1]> = {}) =>
  (await createApiKey(acting(), { apiKey: name, roles: ['read'], ...more })).secret;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'alice', '10');
  await addAccount(db, 'ali ce/?&#%', '2');
  const ledger = openLedger(db);
  call = callOf('alice');
  await ledger.start(call);
  await ledger.end(endOf(call, talked(61)));
  await ledger.close();
  await issueCards();
  waiting = await loadRates();
  await db.database('asttrunk').insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier' });
  const job = { kind: 'verify', parameters: '{"since":null}', asked_by: 'test', asked_at: new Date() };
  await db.database('astjob').insert({ ...job, job_id: 1, state: 'failed', failure: 'a test', ended_at: new Date() });
  for (const role of ROLES)
    keys[role] = await key(role, { roles: [role], ...(role === 'customer' && { accountcode: 'alice' }) });
  port = await findFreePort();
  service = await serving(port);
});
afterAll(async () => {
  await service?.stop();
  await db.drop();
});

const issueCards = () =>
  perform(
    OPERATIONS.find(({ name }) => name === 'card generate') as Operation,
    requestBy('test', db.database, { pinKeys: ['a-secret-of-thirty-two-characters-0'] }),
    { batch: 'summer', count: 3, value: '5', deck: 'retail' },
  );

async function loadRates(): Promise<number> {
  const rates = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n,Anywhere,2,0,60,60\n';
  const loaded = await perform(
    OPERATIONS.find(({ name }) => name === 'deck load') as Operation,
    { ...requestBy('test', db.database), file: { name: 'rates.csv', input: Readable.from([rates]) } },
    { deck: 'retail' },
  );
  return (loaded as { version: number }).version;
}

const serving = (at: number, more: Record<string, string> = {}) =>
  startService(
    readSettings({ RINGFENCE_DATABASE_URL: db.url, RINGFENCE_HTTP_LISTEN: `${at}`, ...more }),
    pino({}, { write: line => lines.push(line) }),
  );

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
  body: any;
}

async function get(
  path: string,
  secret: string | null = keys.admin,
  headers: Record<string, string> = {},
  at = port,
): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${at}/api/v1${path}`, {
    headers: { ...(secret !== null && { authorization: `Bearer ${secret}` }), ...headers },
  });
  const text = await answer.text();
  const isJson = /json\b/.test(answer.headers.get('content-type') ?? '') && !text.includes('\n');
  return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : null };
}

/** A path with a value that is there, for each of its fields. */
function pathOf({ name }: Operation): string {
  const values: Record<string, string> = {
    accountcode: 'alice',
    customer: 'nobody',
    serial: '1',
    deck: 'retail',
    version: String(waiting),
    uniqueid: encodeURIComponent(call.uniqueid),
    name: 'top-destinations',
    trunk: 'carrier',
    approval: '1',
    job: '1',
  };
  const path = (PATHS[name] as string).replaceAll(/\{(\w+)\}/g, (_, field) => values[field] as string);
  const query: Record<string, string> = {
    'rate explain': '?account=alice&to=49301&seconds=61',
    'route show': '?prefix=49',
    'route explain': '?to=49301&seconds=61&account=alice',
    'card export': '?batch=none',
    'voucher export': '?batch=none',
    'own price': '?to=49301&seconds=61',
    'account statement': '?month=2026-11',
    'own statement': '?month=2026-11',
  };
  return path + (query[name] ?? '');
}

const published = OPERATIONS.filter(({ name }) => name in PATHS).map(declared => [declared.name, declared] as const);
const looking = published.filter(([, { changes }]) => changes === undefined);
const changing = published.filter(([, { changes }]) => changes !== undefined);

describe.each(changing)('%s', (_name, declared) => {
  test('is open to its roles, and to nobody else', async () => {
    const url = `http://127.0.0.1:${port}/api/v1${(PATHS[declared.name] as string).replaceAll(/[{}]/g, '')}`;
    /** Asks with a field that no operation has: an actor that may ask is told so, and nothing is done. */
    const ask = async (secret: string | null) => {
      const hasBody = methodOf(declared) !== 'DELETE';
      const hasFields = hasBody && !declared.takesFile;
      const answer = await fetch(hasFields ? url : `${url}?colour=red`, {
        method: methodOf(declared),
        headers: {
          ...(secret !== null && { authorization: `Bearer ${secret}` }),
          'idempotency-key': 'walk',
          ...(hasBody && { 'content-type': hasFields ? 'application/json' : 'text/csv' }),
        },
        ...(hasBody && { body: '{"colour":"red"}' }),
      });
      const { type, problems, detail } = (await answer.json()) as { type: string; problems?: string[]; detail: string };
      return { status: answer.status, type, text: [detail, ...(problems ?? [])].join('\n') };
    };
    for (const role of ROLES) {
      const answer = await ask(keys[role]);
      if (declared.roles.includes(role)) {
        expect([role, answer]).toEqual([
          role,
          {
            status: 400,
            type: 'urn:ringfence:problem:field_invalid',
            text: expect.stringContaining('colour is not a field of this operation'),
          },
        ]);
      } else {
        expect([role, answer]).toMatchObject([role, { status: 403, type: 'urn:ringfence:problem:not_allowed' }]);
      }
    }
    for (const secret of [null, '', `rf_${'A'.repeat(43)}`, `${keys.admin}x`]) {
      expect([secret, await ask(secret)]).toMatchObject([secret, { status: 401 }]);
    }
  });
});

describe.each(looking)('%s', (_name, declared) => {
  test('is answered to its roles, and to nobody else', async () => {
    for (const role of ROLES) {
      const { status, body } = await get(pathOf(declared), keys[role]);
      if (declared.roles.includes(role)) {
        const refusals = status === 404 ? body.type : '';
        expect([role, status, refusals]).toEqual([
          role,
          status === 404 ? 404 : 200,
          expect.not.stringContaining('not_found:'),
        ]);
      } else expect([role, status, body.type]).toEqual([role, 403, 'urn:ringfence:problem:not_allowed']);
    }
    for (const secret of [null, '', 'rf_', `rf_${'A'.repeat(43)}`, `${keys.admin}x`, keys.admin.toLowerCase()]) {
      const { status, body, headers } = await get(pathOf(declared), secret);
      expect([secret, status, body.type]).toEqual([secret, 401, 'urn:ringfence:problem:not_authenticated']);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test('refuses a field that it does not have, and names it', async () => {
    const path = pathOf(declared);
    const secret = keys[declared.roles[0] as Role];
    const { status, body } = await get(`${path}${path.includes('?') ? '&' : '?'}colour=red&__proto__=x`, secret);
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: 'urn:ringfence:problem:field_invalid', status: 400 });
    expect(body.problems.join('\n')).toMatch(/^colour is not a field of this operation: leave it out$/m);
  });
});

test('what is told is what the command line tells a machine', async () => {
  expect((await get('/accounts/alice')).body).toEqual(await json(db.url, ['account', 'show', 'alice']));
  expect((await get('/accounts?limit=1&page=1')).body).toEqual(await json(db.url, ['account', 'list', '--limit', '1']));
  expect((await get(`/calls/${call.uniqueid}`)).body).toEqual(await json(db.url, ['call', 'show', call.uniqueid]));
  expect((await get('/status')).body).toEqual(await json(db.url, ['status']));
  expect((await get('/reports/top-destinations')).body).toEqual({
    items: await json(db.url, ['report', 'top-destinations']),
    is_more: false,
  });
  const { at: _, ...priced } = (await get('/rates/explain?account=alice&to=49301&seconds=61')).body;
  expect(
    await json(db.url, ['rate', 'explain', '--account', 'alice', '--to', '49301', '--seconds', '61']),
  ).toMatchObject(priced);
});

test('of a report at most 1,000 rows are read, in its order, and it is said whether there are more', async () => {
  const day = (index: number) => new Date(Date.now() - 3_600_000 - (index % 20) * 86_400_000);
  await db.database.batchInsert(
    'astcdr',
    Array.from({ length: 1_020 }, (_, index) => ({
      ...{ uniqueid: `many-${index}`, accountcode: `customer-${index}`, node: 'ast1', cost: '1', billsec: 60 },
      ...{ start_at: day(index), answer_at: day(index), end_at: day(index), disposition: 'ANSWERED' },
    })),
  );
  const all = await json(db.url, ['report', 'spend-per-account-and-day']);
  expect(all.length).toBeGreaterThan(1_000);
  const { body } = await get('/reports/spend-per-account-and-day');
  expect(body).toEqual({ items: all.slice(0, 1_000), is_more: true });
  expect((await get('/reports/spend-per-account-and-day?limit=3')).body).toEqual({
    items: all.slice(0, 3),
    is_more: true,
  });
  await db.database('astcdr').where('uniqueid', 'like', 'many-%').delete();
  for (const limit of ['0', '-1', 'x']) {
    const { status, body: problem } = await get(`/reports/spend-per-account-and-day?limit=${limit}`);
    expect([status, problem.detail]).toEqual([400, expect.stringMatching(/^limit .* is not a whole number/)]);
  }
});

test('a report that fails leaves its connection without a limit', async () => {
  const one = openDatabase(db.url, { most: 1 });
  await expect(runReport(one, { name: 'x', meaning: '', sql: 'SELECT nothing' }, 3)).rejects.toThrow();
  const [[row]] = await one.raw('SELECT @@SESSION.sql_select_limit AS its, @@GLOBAL.sql_select_limit AS usual');
  expect(row.its).toBe(row.usual);
  await one.destroy();
});

test('an account is found by its code, whatever that holds', async () => {
  expect((await get(`/accounts/${encodeURIComponent('ali ce/?&#%')}`)).body).toMatchObject({ balance: '2.00' });
  expect(await get('/accounts/nobody')).toMatchObject({
    status: 404,
    body: {
      type: 'urn:ringfence:problem:account_not_found',
      title: 'account not found',
      detail: expect.stringContaining('"nobody"'),
    },
  });
  const { status, headers } = await get('/accounts/%E0%A4%A');
  expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
    400,
    expect.stringContaining('application/problem+json'),
    'no-store',
  ]);
});

test('everything that is wrong is told at once, by field and value', async () => {
  const { status, body } = await get('/accounts?limit=0&status=ill&page=x');
  expect(status).toBe(400);
  expect(body.problems).toHaveLength(3);
  expect(body.problems.join('\n')).toMatch(
    /limit "0" is not[\s\S]*status "ill" is not|status "ill" is not[\s\S]*limit "0" is not/,
  );
  expect(body.request_id).toMatch(/^[0-9a-f-]{36}$/);
});

test('rows of a stream come as JSON, one a line', async () => {
  const answer = await get('/card-export?batch=summer');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  const rows = answer.text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(rows.map(({ serial }) => Number(serial))).toEqual([1, 2, 3]);
});

test('nothing is cached, and each answer has the number of its request', async () => {
  const { headers } = await get('/accounts');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('other paths and methods are not there', async () => {
  expect(await get('/nowhere')).toMatchObject({ status: 404, body: { type: 'urn:ringfence:problem:not_found' } });
  const posted = await fetch(`http://127.0.0.1:${port}/api/v1/calls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.admin}` },
  });
  expect(posted.status).toBe(404);
});

describe('a key', () => {
  test('that is revoked, has expired, or is used from elsewhere is like none', async () => {
    const revoked = await key('revoked');
    await revokeApiKey(acting(), 'revoked');
    const expired = await key('expired', { expiresAt: new Date(Date.now() + 60_000) });
    expect((await get('/status', expired)).status).toBe(200);
    await db.database('astapikey').where({ api_key: 'expired' }).update({ expires_at: '2020-01-01' });
    const elsewhere = await key('elsewhere', { addresses: ['10.0.0.0/8'] });
    const answers = await Promise.all([revoked, expired, elsewhere, null].map(secret => get('/status', secret)));
    const told = answers.map(({ status, body: { request_id: _, ...body } }) => ({ status, ...body }));
    expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1);
    expect(told[0]).toMatchObject({ status: 401 });
  });

  test('has two secrets at most while it is rotated, and one can be revoked alone', async () => {
    const first = await key('turning');
    const second = await rotateApiKey(acting(), 'turning');
    for (const secret of [first, second.secret]) expect((await get('/status', secret)).status).toBe(200);
    await expect(rotateApiKey(acting(), 'turning')).rejects.toThrow(/has two secrets already: revoke the older one/);
    const [older] = await db
      .database('astapikey')
      .where({ api_key: 'turning' })
      .orderBy('api_key_id')
      .pluck('api_key_id');
    expect(await revokeApiKey(acting(), 'turning', older)).toBe(1);
    expect((await get('/status', first)).status).toBe(401);
    expect((await get('/status', second.secret)).status).toBe(200);
    await expect(createApiKey(acting(), { apiKey: 'turning', roles: ['read'] })).rejects.toThrow(/is there already/);
    expect(await revokeApiKey(acting(), 'turning')).toBe(1);
    expect(await revokeApiKey(acting(), 'turning')).toBe(0);
    await expect(revokeApiKey(acting(), 'nobody')).rejects.toThrow(/does not exist/);
  });

  test('of one name is made once, however many make it at once', async () => {
    // Every connection is open already, so that none is behind.
    await Promise.all(Array.from({ length: 4 }, () => db.database.raw('SELECT SLEEP(0.2)')));
    const made = await Promise.allSettled(Array.from({ length: 8 }, () => key('contested')));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is nowhere as it is: not in the database, the trail or the log', async () => {
    const rows = JSON.stringify([await db.database('astapikey'), await db.database('astaudit')]);
    for (const text of [rows, lines.join('')])
      for (const secret of Object.values(keys)) expect(text).not.toContain(secret);
  });

  test('is told when and from where it was used last', async () => {
    const { items } = (await get('/keys?limit=100')).body;
    const reading = items.find((item: { name: string }) => item.name === 'read');
    expect(reading).toMatchObject({ status: 'alive', roles: ['read'], last_used_from: '127.0.0.1' });
    expect(Date.parse(reading.last_used_at)).toBeGreaterThan(Date.now() - 600_000);
  });
});

describe('who asks', () => {
  test('is who connects, unless a proxy that is named says for whom', async () => {
    const secret = await key('behind', { addresses: ['203.0.113.9'] });
    const forged = { 'x-forwarded-for': '203.0.113.9' };
    // Whatever the key: without the setting all clients of a proxy would have its address.
    for (const by of [secret, keys.admin]) {
      for (const header of [forged, { forwarded: 'for=203.0.113.9' }])
        expect(await get('/status', by, header)).toMatchObject({
          status: 400,
          body: { type: 'urn:ringfence:problem:proxy_not_named' },
        });
    }
    const login = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
      method: 'POST',
      headers: { ...forged, 'content-type': 'application/json' },
      body: '{"name": "anna", "password": "correct horse battery"}',
    });
    expect(login.status).toBe(400);
    expect((await get('/status', secret)).status).toBe(401);
    const at = await findFreePort();
    const proxied = await serving(at, { RINGFENCE_HTTP_PROXIES: '127.0.0.1' });
    expect((await get('/status', secret, forged, at)).status).toBe(200);
    // A proxy adds its client's address behind whatever that client wrote there.
    expect((await get('/status', secret, { 'x-forwarded-for': '203.0.113.9, 198.51.100.1' }, at)).status).toBe(401);
    await proxied.stop();
  });

  test('is not spoken to from an address that is not listed', async () => {
    const at = await findFreePort();
    const closed = await serving(at, { RINGFENCE_HTTP_PEERS: '10.0.0.7' });
    await expect(get('/status', keys.admin, {}, at)).rejects.toThrow();
    await closed.stop();
    const refused = lines.map(line => JSON.parse(line)).filter(({ event }) => event === 'door_refused');
    expect(refused.map(({ reason, peer }) => `${reason} ${peer}`)).toEqual(
      expect.arrayContaining(['address_not_listed 127.0.0.1', 'not_authenticated 127.0.0.1']),
    );
  });
});

test('a database that is away is told as such, and everything else that fails as a fault', async () => {
  const empty = await createEmptyDatabase('MariaDB');
  const closed = new URL(db.url);
  closed.port = String(await findFreePort());
  for (const [databaseUrl, status, type] of [
    [closed.toString(), 503, 'ledger_unavailable'],
    [empty.url, 500, 'internal_error'],
  ] as const) {
    const api = new ApiServer({
      listen: { host: '127.0.0.1', port: await findFreePort() },
      peers: parsePeers(['127.0.0.1']),
      proxies: parsePeers([]),
      databaseUrl,
      service: requestBy('test', db.database).service,
      readiness: new Readiness(db.database),
      log: pino({}, { write: line => lines.push(line) }),
    });
    await api.open();
    const answer = await get('/status', keys.admin, {}, api.port);
    expect(answer).toMatchObject({ status, body: { type: `urn:ringfence:problem:${type}` } });
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
    expect(answer.text).not.toMatch(/astapikey|ECONNREFUSED/);
    await api.close(1_000);
  }
  await empty.drop();
});

describe('a question that the database does not answer', () => {
  const opened = async (statementSeconds: number) => {
    const api = new ApiServer({
      listen: { host: '127.0.0.1', port: await findFreePort() },
      peers: parsePeers(['127.0.0.1']),
      proxies: parsePeers([]),
      databaseUrl: db.url,
      statementSeconds,
      service: requestBy('test', db.database).service,
      readiness: new Readiness(db.database),
      log: pino({}, { write: line => lines.push(line) }),
    });
    await api.open();
    return api;
  };

  test('is given up, and does not keep a service from stopping', async () => {
    const [short, long] = [await opened(1), await opened(60)];
    for (const { port: at } of [short, long]) expect((await get('/accounts', keys.admin, {}, at)).status).toBe(200);
    const locking = await openConnection(db.url);
    await locking.query('LOCK TABLES astaccount WRITE, astapikey WRITE, astapikey AS k WRITE');
    expect(await get('/accounts', keys.admin, {}, short.port)).toMatchObject({
      status: 503,
      body: { type: 'urn:ringfence:problem:too_slow' },
    });
    const asked = get('/accounts', keys.admin, {}, long.port).catch(() => null);
    await new Promise(resolve => setTimeout(resolve, 200));
    const startedAt = performance.now();
    await Promise.all([long.close(500), short.close(500)]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await asked;
    locking.destroy();
  });
});

test('a page has 1,000 items at most, as the document says', async () => {
  expect(await get('/accounts?limit=1001')).toMatchObject({
    status: 400,
    body: { detail: 'limit 1001 is more than 1000: ask page by page' },
  });
  expect((await get('/accounts?limit=1000')).status).toBe(200);
});

test('the document is OpenAPI 3.1, and has every path with its fields', async () => {
  const document = (await get('/openapi.json', null)).body;
  expect(verdictOn(document)).toBe('');
  expect(document.servers).toEqual([{ url: '/api/v1' }]);
  const streams = STREAMS.map(({ path }) => path);
  const personal = new Set(Object.values(PERSONAL_PATHS).map(({ path }) => path));
  expect(Object.keys(document.paths).sort()).toEqual(
    [...new Set(Object.values(PATHS)), ...streams, ...personal].sort(),
  );
  for (const path of streams)
    expect(document.paths[path].get.responses[200].content).toHaveProperty(['text/event-stream']);
  for (const declared of published.map(([, each]) => each)) {
    const method = methodOf(declared);
    const told = document.paths[PATHS[declared.name] as string][method.toLowerCase()];
    const parameters: { name: string; in: string }[] = told.parameters;
    const content = told.requestBody?.content ?? {};
    if (declared.takesFile) expect(Object.keys(content)).toEqual(['text/csv']);
    const inBody = Object.keys(content['application/json']?.schema.properties ?? {});
    const fields = parameters.filter(parameter => parameter.in !== 'header');
    const names = [...fields.map(({ name }) => name), ...inBody];
    expect(names.sort()).toEqual(Object.keys(askedFields(declared).properties).sort());
    if (!['POST', 'PATCH'].includes(method)) expect(inBody).toEqual([]);
    for (const { name, in: where } of fields) {
      const inPath = pathFields(PATHS[declared.name] as string).includes(name);
      expect([name, where]).toEqual([name, inPath ? 'path' : 'query']);
    }
    const headers = parameters.filter(parameter => parameter.in === 'header').map(({ name }) => name);
    expect(headers.includes('Idempotency-Key')).toBe(declared.changes !== undefined);
  }
});
