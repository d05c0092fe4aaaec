/** What strangers may send to the operator's API: bytes over real sockets, to a service that carries on. */
import { connect, type Socket } from 'node:net';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { ApiServer } from '../../src/http/api-server';
import { parsePeers } from '../../src/listeners/peers';
import { Readiness } from '../../src/metrics/readiness';
import { actingAs } from '../../src/operator/acting';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { requestBy } from '../operator/operator-fixture';

/** Longer than the service waits for a request, and for the rest of it. Ms. */
const LONG_MS = 25_000;

let db: TestDatabase;
let port: number;
let service: Service;
let key: string;
const lines: string[] = [];

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'alice', '10');
  key = (await createApiKey(actingAs('test', db.database), { apiKey: 'all', roles: ['admin'] })).secret;
  port = await findFreePort();
  service = await startService(
    readSettings({ RINGFENCE_DATABASE_URL: db.url, RINGFENCE_HTTP_LISTEN: `${port}` }),
    pino({}, { write: line => lines.push(line) }),
  );
});
afterAll(async () => {
  await service?.stop();
  await db.drop();
});

/** Sends each part after a rest, and resolves with all that comes until the connection ends. */
function talk(parts: (string | Buffer)[], { restMs = 20, ends = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const hangs = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection hangs; so far: ${answer}`));
    }, LONG_MS);
    const done = () => {
      clearTimeout(hangs);
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', data => {
      answer += data.toString('latin1');
    });
    socket.on('end', done).on('close', done).on('error', done);
    socket.on('connect', async () => {
      for (const part of parts) {
        if (socket.destroyed) return;
        socket.write(part);
        await new Promise(next => setTimeout(next, restMs));
      }
      if (ends) socket.end();
    });
  });
}

interface Told {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** The answers in a stream of bytes. */
function answersIn(text: string): Told[] {
  const told: Told[] = [];
  for (let rest = text; rest !== ''; ) {
    const [head = '', ...others] = rest.split('\r\n\r\n');
    const [first = '', ...fields] = head.split('\r\n');
    const headers = new Map(
      fields.map(field => {
        const [name = '', ...value] = field.split(': ');
        return [name.toLowerCase(), value.join(': ')];
      }),
    );
    const length = Number(headers.get('content-length') ?? 0);
    const behind = others.join('\r\n\r\n');
    told.push({ status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]), headers, body: behind.slice(0, length) });
    rest = behind.slice(length);
  }
  return told;
}

/** An answer that refuses, and gives nothing away. */
function expectProblem({ status, headers, body }: Told, { isHead = false } = {}): void {
  expect([status, headers.get('content-type')]).toEqual([
    expect.any(Number),
    expect.stringContaining('application/problem+json'),
  ]);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expectHeaders(headers);
  if (isHead) return;
  expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringMatching(/^urn:ringfence:problem:/) });
  expect(body).not.toMatch(/node_modules|\bat .*\.[jt]s|FST_ERR|HPE_/);
}

const expectHeaders = (headers: Map<string, string>) =>
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });

/** The request line, and the headers that each request has. */
const head = (line: string, more: string[] = []) =>
  `${[line, 'Host: x', `Authorization: Bearer ${key}`, 'Connection: close', ...more].join('\r\n')}\r\n\r\n`;
const get = (path: string, more: string[] = []) => head(`GET ${path} HTTP/1.1`, more);
/** A change, which would be made if its body were a decent one. */
const change = (more: string[]) =>
  head('POST /api/v1/accounts/alice/topup HTTP/1.1', ['Idempotency-Key: hardening', ...more]);
const post = (body: string | Buffer, more: string[] = ['Content-Type: application/json']) =>
  Buffer.concat([Buffer.from(change([...more, `Content-Length: ${Buffer.byteLength(body)}`])), Buffer.from(body)]);

afterEach(async () => {
  const [told] = answersIn(await talk([get('/api/v1/accounts/alice')]));
  expect(told?.status).toBe(200);
  expectHeaders(told?.headers as Map<string, string>);
  expect(JSON.parse(told?.body ?? '')).toMatchObject({ accountcode: 'alice', balance: '10.00' });
  expect(lines.map(line => JSON.parse(line).event)).not.toContain('request_failed');
});

test.each<[what: string, bytes: () => string | Buffer, status: number]>([
  ['no HTTP', () => 'hello\r\n\r\n', 400],
  ['TLS', () => Buffer.from('16030100f1010000ed0303', 'hex'), 400],
  ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['HTTP/9.9', () => head('GET /api/v1/status HTTP/9.9'), 400],
  ['a method of its own', () => head('FEED /api/v1/status HTTP/1.1'), 400],
  ['no Host', () => 'GET /api/v1/status HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['two Hosts', () => get('/api/v1/status', ['Host: y']), 400],
  ['two keys', () => get('/api/v1/status', ['Authorization: Bearer rf_x']), 400],
  ['headers that are too long', () => get('/api/v1/status', [`X: ${'x'.repeat(20_000)}`]), 431],
  ['a path that is too long', () => get(`/api/v1/${'x'.repeat(20_000)}`), 431],
  [
    '101 headers',
    () =>
      get(
        '/api/v1/status',
        Array.from({ length: 98 }, (_, index) => `X-${index}: 1`),
      ),
    431,
  ],
  [
    '2,500 headers',
    () =>
      get(
        '/api/v1/status',
        Array.from({ length: 2_500 }, () => 'a:'),
      ),
    431,
  ],
  ['NUL in a header', () => get('/api/v1/status', ['X: a\0b']), 400],
  ['a header name with a space', () => get('/api/v1/status', ['X Y: 1']), 400],
  ['a header without a colon', () => get('/api/v1/status', ['X']), 400],
  ['a header over two lines', () => get('/api/v1/status', ['X: 1', ' 2']), 400],
  ['a carriage return alone', () => get('/api/v1/status', ['X: 1\rY: 2']), 400],
  [
    'two Content-Lengths',
    () => `${head('POST /api/v1/x HTTP/1.1', ['Content-Length: 4', 'Content-Length: 5'])}12345`,
    400,
  ],
  ['a Content-Length with a sign', () => `${head('POST /api/v1/x HTTP/1.1', ['Content-Length: +4'])}1234`, 400],
  ['a Content-Length in words', () => `${head('POST /api/v1/x HTTP/1.1', ['Content-Length: four'])}1234`, 400],
  ['chunks and a Content-Length', () => smuggled(['Content-Length: 4', 'Transfer-Encoding: chunked']), 400],
  ['a Content-Length and chunks', () => smuggled(['Transfer-Encoding: chunked', 'Content-Length: 4']), 400],
  ['an encoding like chunked', () => smuggled(['Transfer-Encoding: xchunked']), 400],
  ['chunked, and something behind it', () => smuggled(['Transfer-Encoding: chunked, identity']), 400],
  ['chunked before its colon', () => smuggled(['Transfer-Encoding : chunked']), 400],
  ['chunks of a GET', () => `${get('/api/v1/status', ['Transfer-Encoding: chunked'])}0\r\n\r\n`, 400],
  ['a body of a GET', () => `${get('/api/v1/status', ['Content-Length: 4'])}1234`, 400],
  ['a large body of a GET', () => `${get('/api/v1/status', ['Content-Length: 2000000'])}${'x'.repeat(2_000_000)}`, 400],
  ['a body that is too large', () => post(`"${'x'.repeat(2_000_000)}"`), 413],
  ['JSON that is too deep', () => post(`${'['.repeat(5_000)}${']'.repeat(5_000)}`), 400],
  ['a field __proto__', () => post('{"__proto__":{"roles":["admin"]}}'), 400],
  ['a field constructor', () => post('{"constructor":{"prototype":{"roles":["admin"]}}}'), 400],
  ['a field twice', () => post('{"amount":"1","amount":"100","reference":"x"}'), 400],
  ['half of a JSON', () => post('{"amount":'), 400],
  ['overlong UTF-8 in a body', () => post(Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])), 400],
  ['no key', () => 'GET /api/v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 401],
  ['something else than 100-continue', () => post('{}', ['Expect: the-unexpected']), 417],
  ['a HEAD', () => head('HEAD /api/v1/status HTTP/1.1'), 404],
  ['a TRACE', () => head('TRACE /api/v1/status HTTP/1.1'), 404],
  ['a TRACE with a body', () => `${head('TRACE /api/v1/status HTTP/1.1', ['Content-Length: 4'])}1234`, 400],
  ['OPTIONS', () => head('OPTIONS /api/v1/status HTTP/1.1', ['Origin: https://x.example']), 404],
  ['OPTIONS of everything', () => head('OPTIONS * HTTP/1.1'), 404],
  ['a PUT', () => head('PUT /api/v1/accounts/alice HTTP/1.1'), 404],
  ['a double slash', () => get('/api/v1//status'), 404],
  ['two slashes first', () => get('//api/v1/status'), 404],
  ['a slash behind', () => get('/api/v1/status/'), 404],
  ['another case', () => get('/API/v1/status'), 404],
  ['dots', () => get('/api/v1/accounts/../status'), 404],
  ['encoded dots', () => get('/api/v1/accounts/%2e%2e/status'), 404],
  ['an encoded slash between words', () => get('/api%2Fv1/status'), 404],
  ['a path that is encoded twice', () => get('/api/v1/%2573tatus'), 404],
  ['a percent sign alone', () => get('/api/v1/accounts/%'), 400],
  ['no hexadecimal digits', () => get('/api/v1/accounts/%zz'), 400],
  ['overlong UTF-8 in a path', () => get('/api/v1/accounts/%C0%AF'), 400],
  ['half of a surrogate pair in a path', () => get('/api/v1/accounts/%ED%A0%80'), 400],
  ['NUL in a path', () => get('/api/v1/accounts/a%00b'), 400],
  ['a raw NUL in a path', () => get('/api/v1/accounts/a\0b'), 400],
  ['raw bytes in a path', () => Buffer.from(get('/api/v1/accounts/\xe9\xff'), 'latin1'), 400],
  ['a name that is too long', () => get(`/api/v1/accounts/${'x'.repeat(600)}`), 414],
  ['an account like a part of the language', () => get('/api/v1/accounts/__proto__'), 404],
  ['a field like a part of the language', () => get('/api/v1/accounts?__proto__=1&constructor=2'), 400],
  ['overlong UTF-8 in a field', () => get('/api/v1/accounts?text=%C0%AF&limit=0'), 400],
  ['a field a thousand times', () => get(`/api/v1/accounts?${'limit=1&'.repeat(900)}`), 400],
  ['a semicolon for a question mark', () => get('/api/v1/status;limit=1'), 404],
])('%s is refused', async (what, bytes, status) => {
  const [told, ...more] = answersIn(await talk([bytes()]));
  expect(more).toEqual([]);
  expect(told?.status).toBe(status);
  expectProblem(told as Told, { isHead: what === 'a HEAD' });
});

/** A request in the body of another one, for a proxy and a server that find its end in different places. */
function smuggled(headers: string[]): string {
  const inner = get('/api/v1/accounts/alice');
  return `${head('POST /api/v1/x HTTP/1.1', headers).replace('Connection: close', 'Connection: keep-alive')}0\r\n\r\n${inner}`;
}

test.each<[string, string, number]>([
  ['text/plain', '{}', 415],
  ['application/x-www-form-urlencoded', 'amount=1', 415],
  ['multipart/form-data; boundary=x', '--x--', 415],
  ['application/json, text/plain', '{}', 415],
  ['application/jsonp', '{}', 415],
  ['nonsense', '{}', 415],
])('a body of type %s is not taken', async (type, body, status) => {
  const [told] = answersIn(await talk([post(body, [`Content-Type: ${type}`])]));
  expect(told?.status).toBe(status);
  expectProblem(told as Told);
});

test('a tunnel is not opened', async () => {
  expect(await talk([head('CONNECT example.com:443 HTTP/1.1')])).toBe('');
});

test.each<[what: string, bytes: () => string, status: number]>([
  ['HTTP/1.0', () => `GET /api/v1/accounts/alice HTTP/1.0\r\nAuthorization: Bearer ${key}\r\n\r\n`, 200],
  ['the whole address', () => get(`http://127.0.0.1:${port}/api/v1/accounts/alice`), 200],
  ['the whole address of another host', () => get('http://example.com/api/v1/accounts/alice'), 200],
  ['a path that is encoded', () => get('/api/v1/%61ccounts/alice'), 200],
  ['a wish for another protocol', () => get('/api/v1/accounts/alice', ['Upgrade: h2c']), 200],
  ['a cookie and a page', () => get('/api/v1/accounts/alice', ['Cookie: a=b', 'Origin: https://x.example']), 200],
])('%s is answered as usual', async (_what, bytes, status) => {
  const [told, ...more] = answersIn(await talk([bytes()]));
  expect([told?.status, more]).toEqual([status, []]);
  expect(told?.headers.has('access-control-allow-origin')).toBe(false);
});

describe('requests on one connection', () => {
  const kept = (path: string) => get(path).replace('Connection: close', 'Connection: keep-alive');

  test('are answered in their order, however many come at once', async () => {
    const paths = Array.from({ length: 50 }, (_, index) => `/api/v1/accounts/${index % 2 === 0 ? 'alice' : 'nobody'}`);
    const told = answersIn(await talk([paths.map(kept).join('') + get('/healthz')]));
    expect(told.map(({ status }) => status)).toEqual([...paths.map((_, index) => (index % 2 === 0 ? 200 : 404)), 200]);
  });

  test('are answered before what cannot be read behind them, or not at all: its refusal is never taken for their answer', async () => {
    for (let count = 0; count < 10; count++) {
      const told = answersIn(await talk([`${kept('/api/v1/accounts/alice')}nonsense\r\n\r\n`]));
      expect([[], [200], [200, 400]]).toContainEqual(told.map(({ status }) => status));
    }
    const answered = answersIn(await talk([kept('/api/v1/accounts/alice'), 'nonsense\r\n\r\n'], { restMs: 1_000 }));
    expect(answered.map(({ status }) => status)).toEqual([200, 400]);
    expectProblem(answered[1] as Told);
  });

  test('are answered also if the client has ended its side', async () => {
    const told = answersIn(await talk([get('/healthz')], { ends: true }));
    expect(told.map(({ status }) => status)).toEqual([200]);
  });

  test('end when half of one came and the client ended its side', async () => {
    for (const half of [
      'GET /api/v1/st',
      get('/api/v1/status').slice(0, -4),
      post('{"a":1}').toString().slice(0, -3),
    ]) {
      for (const told of answersIn(await talk([half], { ends: true }))) expectProblem(told);
    }
  });
});

test('what comes too slowly is given up: headers, a body, the rest of chunks, and nothing at all', async () => {
  const slowly = (text: string) => [...text];
  const told = await Promise.all([
    talk(slowly(get('/api/v1/status', [`X: ${'x'.repeat(200)}`])), { restMs: 500 }),
    talk([post('{"a":1}').subarray(0, -3)]),
    talk([change(['Content-Type: application/json', 'Transfer-Encoding: chunked']), '5\r\n{']),
    ...Array.from({ length: 50 }, () => talk(['GET /api/v1/status HTTP/1.1\r\nX'])),
  ]);
  for (const text of told) {
    const [answer, ...more] = answersIn(text);
    expect([answer?.status, more]).toEqual([408, []]);
    expectProblem(answer as Told);
  }
}, 60_000);

test('chunks that cannot be read are refused', async () => {
  const chunked = (body: string) => change(['Content-Type: application/json', 'Transfer-Encoding: chunked']) + body;
  for (const body of ['zz\r\n{}\r\n0\r\n\r\n', '-1\r\n', 'ffffffffffffffffff\r\n', '2\r\n{}x\r\n0\r\n\r\n']) {
    const [answer, ...more] = answersIn(await talk([chunked(body)]));
    expect(more).toEqual([]);
    if (answer) expectProblem(answer);
  }
  const [large] = answersIn(await talk([chunked(`${(2_000_000).toString(16)}\r\n${'x'.repeat(2_000_000)}`)]));
  expect(large?.status).toBe(413);
});

describe('connections', () => {
  test('of one address that are kept do not keep others out', async () => {
    const sockets: Socket[] = [];
    let closed = 0;
    for (let count = 0; count < 1_600; count++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined).on('close', () => closed++);
      sockets.push(socket);
      if (count % 100 === 99) await new Promise(resolve => setTimeout(resolve, 50));
    }
    const [told] = answersIn(await talk([get('/healthz')]));
    expect(told?.status).toBe(200);
    await eventually(async () => (closed >= 100 ? true : null), 'a hundred connections that made room');
    for (const socket of sockets) socket.destroy();
  }, 60_000);
});

test('a client that does not read its answers loses its connection, and one that reads slowly does not', async () => {
  const api = new ApiServer({
    listen: { host: '127.0.0.1', port: await findFreePort() },
    peers: parsePeers(['127.0.0.1']),
    proxies: parsePeers([]),
    databaseUrl: db.url,
    service: requestBy('test', db.database).service,
    readiness: new Readiness(db.database),
    stillMs: 1_000,
    log: pino({ level: 'silent' }),
  });
  await api.open();
  const connections = () => api.metrics.find(({ name }) => name === 'ringfence_api_connections')?.samples[0]?.value;
  // More than the sockets' buffers hold.
  const asked = 'GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(60);
  const opened = () => {
    const socket = connect(api.port, '127.0.0.1');
    socket.on('error', () => undefined).write(asked);
    return socket;
  };
  const deaf = opened().pause();
  let took = 0;
  const slow = opened().on('data', data => {
    took += data.length;
    slow.pause();
    setTimeout(() => slow.resume(), 20);
  });
  await eventually(async () => (connections() === 2 ? true : null), 'both of them');
  await eventually(async () => (connections() === 1 ? true : null), 'the end of the one that does not read');
  const before = took;
  await eventually(async () => (took > before ? true : null), 'more of the answers');
  slow.destroy();
  deaf.destroy();
  await api.close(1_000);
}, 30_000);
