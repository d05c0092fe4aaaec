/** Codes of vouchers that keys try over HTTP: few in a minute, of each key and of all. */
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { OPERATIONS } from '../../src/admin/operations';
import { ACTOR_LIMITS } from '../../src/cards/pin-guard';
import { generateVouchers, switchVouchers } from '../../src/cards/vouchers';
import { inTransaction } from '../../src/database/connection';
import { actingAs } from '../../src/operator/acting';
import { type Admitted, type Operation, perform } from '../../src/operator/operation';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck, differencesIn } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';

const PIN_KEY = 'a-secret-of-thirty-two-characters-0';
const { tries, triesPerMinute } = ACTOR_LIMITS;

describe.each(engines)('guessed codes of vouchers, %s', engine => {
  let db: TestDatabase;
  let port: number;
  let service: Service;
  let codes: string[];
  const secrets: Record<string, string> = {};
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '1');
    for (const apiKey of ['till', 'shop', 'third', 'fourth']) {
      secrets[apiKey] = (await createApiKey(actingAs('test', db.database), { apiKey, roles: ['cashier'] })).secret;
    }
    const batch = { batch: 'top', count: tries + 10, value: '1', currency: 'EUR' };
    const issued = await generateVouchers(actingAs('test', db.database), batch, { keys: [PIN_KEY] });
    await switchVouchers(actingAs('test', db.database), { batch: 'top' }, 'activate');
    codes = issued.map(({ code }) => code);
    port = await findFreePort();
    const settings = readSettings({
      RINGFENCE_DATABASE_URL: db.url,
      RINGFENCE_HTTP_LISTEN: `${port}`,
      RINGFENCE_PIN_KEY: PIN_KEY,
    });
    service = await startService(settings, pino({ level: 'silent' }));
  });
  beforeEach(() => db.database('astpintry').delete());
  afterAll(async () => {
    await service?.stop();
    expect(await differencesIn(db.url)).toEqual([]);
    await db.drop();
  });

  let keys = 0;
  async function redeem(by: string, code: string, more: { key?: string; accountcode?: string } = {}) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/vouchers/redeem`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secrets[by]}`,
        'content-type': 'application/json',
        'idempotency-key': more.key ?? `key-${++keys}`,
      },
      body: JSON.stringify({ accountcode: more.accountcode ?? 'alice', code }),
    });
    const told = (await answer.json()) as { type?: string };
    const [retryAfter, replayed] = ['retry-after', 'idempotent-replayed'].map(name => answer.headers.get(name));
    return { status: answer.status, problem: told.type?.replace('urn:ringfence:problem:', ''), retryAfter, replayed };
  }
  const NOT_FOUND = { status: 404, problem: 'voucher_not_found' };
  const TOO_MANY = { status: 429, problem: 'too_many_tries', retryAfter: '60' };
  let guesses = 0;
  /** Of 13 digits: no voucher here has so many. */
  const guess = (by: string) => redeem(by, String(1_000_000_000_000 + ++guesses));
  const minutePassed = () =>
    db.database('astpintry').update({ since_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 61 SECOND') });

  test('of a key end with the 20th in a minute, also at once: then a right code waits too, and other keys do not', async () => {
    const answers = await Promise.all(Array.from({ length: tries + 10 }, () => guess('till')));
    const [found, refused] = [404, 429].map(status => answers.filter(answer => answer.status === status));
    expect([found?.length, refused?.length]).toEqual([tries, 10]);
    expect(refused?.[0]).toMatchObject(TOO_MANY);
    const kept = async () => (await db.database('astidempotency').where({ actor: 'key:till' })).length;
    expect(await kept()).toBe(tries);
    const [code] = codes.splice(0, 1) as [string];
    expect(await redeem('till', code, { key: 'right' })).toMatchObject(TOO_MANY);
    expect(await kept()).toBe(tries);
    expect(await guess('shop')).toMatchObject(NOT_FOUND);
    await minutePassed();
    expect(await redeem('till', code, { key: 'right' })).toMatchObject({ status: 200 });
  });

  test('of all keys end with the 60th in a minute', async () => {
    for (const by of ['till', 'shop', 'third']) {
      for (let wrong = 0; wrong < triesPerMinute / 3; wrong++) expect(await guess(by)).toMatchObject(NOT_FOUND);
    }
    expect(await guess('fourth')).toMatchObject(TOO_MANY);
    await minutePassed();
    expect(await guess('fourth')).toMatchObject(NOT_FOUND);
  });

  test('are counted without right codes, and without what is no guess: a mistyped one, an unknown account', async () => {
    for (let right = 0; right < tries + 5; right++) {
      expect(await redeem('till', codes.pop() as string)).toMatchObject({ status: 200 });
    }
    const used = codes.at(-1) as string;
    await redeem('till', used);
    for (let wrong = 0; wrong < tries; wrong++) {
      expect(await redeem('till', '12345')).toMatchObject(NOT_FOUND);
      expect(await redeem('till', used)).toMatchObject({ problem: 'voucher_redeemed' });
      expect(await redeem('till', used, { accountcode: 'nobody' })).toMatchObject({ problem: 'account_not_found' });
    }
    expect(await db.database('astpintry').where('tries', '>', 0)).toEqual([]);
    expect(await guess('till')).toMatchObject(NOT_FOUND);
  });

  test('that come again under their key are answered as before, also when no more may be tried', async () => {
    const first = await redeem('till', '9999999999999', { key: 'same' });
    for (let wrong = 1; wrong < tries; wrong++) await guess('till');
    expect(await guess('till')).toMatchObject(TOO_MANY);
    expect(await redeem('till', '9999999999999', { key: 'same' })).toEqual({ ...first, replayed: 'true' });
  });

  test('are hashed before the transaction begins', async () => {
    const declared = OPERATIONS.find(({ name }) => name === 'voucher redeem') as Operation;
    const request = requestBy('test', db.database, { pinKeys: [PIN_KEY] });
    const admitted = await declared.admit?.(request, { accountcode: 'alice', code: codes[0] as string });
    const { lent } = admitted as Exclude<Admitted, { waitSeconds: number }>;
    expect(lent.codeHashes).toHaveLength(1);
    // The hashes count in place of the code, which need not be hashed again.
    const other = { accountcode: 'alice', code: '1111111111111' };
    const redeemed = await inTransaction(db.database, within =>
      perform(declared, { ...request, database: within, ...lent }, other),
    );
    expect(redeemed).toMatchObject({ accountcode: 'alice', amount: 1_000_000n });
  });
});
