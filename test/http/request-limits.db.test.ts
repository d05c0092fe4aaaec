/** How often programs and strangers may ask the operator's API. */
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey, revokeApiKey } from '../../src/access/api-key-store';
import { inviteOperator } from '../../src/access/operator-store';
import { actingAs } from '../../src/operator/acting';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { Browser, OTHER_PASSWORD, PASSWORD } from './people-fixture';

let db: TestDatabase;
let port: number;
let service: Service;
const lines: string[] = [];
const acting = () => actingAs('test', db.database);
const key = async (apiKey: string) => (await createApiKey(acting(), { apiKey, roles: ['read'] })).secret;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
});
afterAll(() => db.drop());

beforeEach(async () => {
  port = await findFreePort();
  service = await startService(
    readSettings({ RINGFENCE_DATABASE_URL: db.url, RINGFENCE_HTTP_LISTEN: `${port}`, RINGFENCE_HTTP_RATE: '1' }),
    pino({}, { write: line => lines.push(line) }),
  );
});
afterEach(() => service.stop());

async function ask(secret: string | null, path = '/api/v1/accounts') {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
  });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

async function statuses(count: number, secret: string | null, path?: string): Promise<number[]> {
  const told: number[] = [];
  for (let begun = 0; begun < count; begun += 50) {
    const some = Array.from({ length: Math.min(50, count - begun) }, () => ask(secret, path));
    told.push(...(await Promise.all(some)).map(({ status }) => status));
  }
  return told;
}

/** Asks with a secret that is not valid until that is too often. Returns how often it was answered before. */
async function untilRefused(secret: string): Promise<number> {
  for (let answered = 0; answered < 10_000; ) {
    const told = await Promise.all(Array.from({ length: 50 }, () => ask(secret)));
    answered += told.filter(({ status }) => status === 401).length;
    const refused = told.find(({ status }) => status !== 401);
    if (!refused) continue;
    expect([refused.status, refused.headers.get('connection')]).toEqual([429, 'close']);
    return answered;
  }
  throw new Error('never refused');
}

const count = (told: number[], status: number) => told.filter(each => each === status).length;

test('a key that asks too often waits as long as it is told; other keys, and what needs no key, do not', async () => {
  const [busy, other] = [await key('busy'), await key('other')];
  expect((await ask(busy)).status).toBe(200);
  const told = await statuses(20, busy);
  expect(count(told, 200) + count(told, 429)).toBe(20);
  // The first one counts too.
  expect(count(told, 200)).toBeGreaterThanOrEqual(1);
  expect(count(told, 429)).toBeGreaterThanOrEqual(5);
  // Another header makes no other client of it.
  const disguised = await Promise.all(
    Array.from({ length: 20 }, (_, number) =>
      fetch(`http://127.0.0.1:${port}/api/v1/accounts`, {
        headers: { authorization: `Bearer ${busy}`, cookie: `x=${number}` },
      }).then(({ status }) => status),
    ),
  );
  expect(count(disguised, 429)).toBeGreaterThanOrEqual(10);
  let refused = await ask(busy);
  for (let tries = 0; tries < 50 && refused.status !== 429; tries++) refused = await ask(busy);
  expect(JSON.parse(refused.body)).toMatchObject({
    type: 'urn:ringfence:problem:too_many_requests',
    status: 429,
    detail: 'ask again in 1 s',
  });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('content-security-policy')).toBeTruthy();
  expect((await ask(other)).status).toBe(200);
  expect(count(await statuses(20, null, '/healthz'), 200)).toBe(20);
  await new Promise(resolve => setTimeout(resolve, 1_100));
  expect((await ask(busy)).status).toBe(200);
  const logged = lines.map(line => JSON.parse(line)).filter(({ reason }) => reason === 'too_many_requests');
  expect(logged[0]).toMatchObject({ event: 'door_refused', door: 'http', peer: '127.0.0.1', client: 'key:busy' });
});

test('a stranger that tries keys is refused before the database is asked; a key that was valid goes on at the same address', async () => {
  const [known, revoked] = [await key('known'), await key('revoked')];
  expect((await ask(known)).status).toBe(200);
  expect((await ask(revoked)).status).toBe(200);
  await revokeApiKey(acting(), 'revoked');
  const guess = `rf_${'A'.repeat(43)}`;
  expect(await untilRefused(guess)).toBeGreaterThanOrEqual(1_000);
  expect((await ask(known)).status).toBe(200);
  // Once as a known one, and then as a stranger.
  expect((await ask(revoked)).status).toBe(401);
  expect(await untilRefused(revoked)).toBeLessThan(1_000);
}, 120_000);

test('at the address of a stranger that tries keys people are invited and log in, and wait for their own wrong passwords alone', async () => {
  const { token } = await inviteOperator(acting(), 'anna', ['read']);
  const guess = `rf_${'B'.repeat(43)}`;
  await untilRefused(guess);
  const [anna, other] = [new Browser(port), new Browser(port)];
  expect((await anna.post('/invitation', { token, password: PASSWORD })).status).toBe(200);
  expect((await other.logIn('anna', OTHER_PASSWORD)).status).toBe(401);
  expect((await anna.logIn('anna', PASSWORD)).status).toBe(200);
  expect((await anna.get('/session')).status).toBe(200);
  // The stranger's keys are still too many.
  expect(await untilRefused(guess)).toBeLessThan(1_000);
  for (let wrong = 0, told = 401; told === 401; wrong++) {
    expect(wrong).toBeLessThan(30);
    const answer = await other.logIn('somebody', OTHER_PASSWORD);
    told = answer.status;
    if (told !== 401) expect(answer.body.type).toBe('urn:ringfence:problem:too_many_tries');
  }
}, 120_000);

test('a wrong password beside a valid session leaves that session known at the address of such a stranger', async () => {
  const { token } = await inviteOperator(acting(), 'bert', ['read']);
  const bert = new Browser(port);
  expect((await bert.post('/invitation', { token, password: PASSWORD })).status).toBe(200);
  expect((await bert.logIn('bert', PASSWORD)).status).toBe(200);
  expect((await bert.logIn('bert', OTHER_PASSWORD)).status).toBe(401);
  // Its own rate is one a second.
  await new Promise(resolve => setTimeout(resolve, 1_100));
  const guess = `rf_${'C'.repeat(43)}`;
  await untilRefused(guess);
  // One after the other, so that the last one was refused a moment ago.
  while ((await ask(guess)).status !== 429);
  expect((await bert.get('/session')).status).toBe(200);
}, 120_000);
