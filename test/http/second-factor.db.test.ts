/** Second factors of people, over HTTP. */
import { blockOperator, inviteOperator } from '../../src/access/operator-store';
import { digitsOf as codeAt, stepAt } from '../../src/access/second-factor';
import { actingAs } from '../../src/operator/acting';
import { json } from '../cli/cli-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { Browser, OTHER_PASSWORD, PASSWORD, type PeopleService, peopleService } from './people-fixture';

const KEY = 'a-secret-of-thirty-two-characters-0';
const problem = (name: string) => `urn:ringfence:problem:${name}`;

describe.each(engines)('second factors, %s', engine => {
  let db: TestDatabase;
  let service: PeopleService;
  /** Services with other keys. One that a failed test leaves would keep the process. */
  const others: PeopleService[] = [];
  const secrets = new Set<string>();
  /** Everyone is elsewhere, so that no wait of one is another's. */
  let places = 0;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    service = await peopleService(db, { RINGFENCE_PIN_KEY: KEY });
  });
  afterEach(async () => {
    for (const other of others.splice(0)) await other.stop();
  });
  afterAll(async () => {
    await service?.stop();
    await db?.drop();
  });

  async function withKeys(...keys: string[]): Promise<PeopleService> {
    const other = await peopleService(db, keys.length > 0 ? { RINGFENCE_PIN_KEY: keys.join(',') } : {});
    others.push(other);
    return other;
  }
  const at = (address: string, { port } = service) => new Browser(port, address);
  async function loggedIn(name: string) {
    const { token } = await inviteOperator(actingAs('test', db.database), name, ['read']);
    const browser = at(`198.51.100.${++places}`);
    await browser.post('/invitation', { token, password: PASSWORD });
    expect((await browser.logIn(name, PASSWORD)).status).toBe(200);
    return browser;
  }
  /** As an authenticator computes it from what it was given. */
  const digitsOf = (secret: string, halfMinutes = 0) => {
    const bits = [...secret].map(letter =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
    );
    const bytes = (bits.join('').match(/.{8}/g) as string[]).map(byte => Number.parseInt(byte, 2));
    return codeAt(Buffer.from(bytes), stepAt(Date.now()) + halfMinutes);
  };
  /** A person with a second factor, who is logged in; no code was used since. */
  async function withFactor(name: string) {
    const browser = await loggedIn(name);
    const { secret } = (await browser.post('/my/second-factor', { password: PASSWORD })).body;
    const confirmed = await browser.post('/my/second-factor/confirm', { code: digitsOf(secret) });
    expect(confirmed.status).toBe(200);
    const { recovery_codes: codes } = confirmed.body;
    for (const each of [secret, ...codes]) secrets.add(each);
    await unused();
    return { browser, secret, codes, place: browser.address as string };
  }
  const unused = () => db.database('astsecondfactor').update({ last_step: null });

  test('a log-in needs a code once the first one is confirmed, and not before', async () => {
    const browser = await loggedIn('anna');
    const begun = await browser.post('/my/second-factor', { password: PASSWORD });
    expect(begun).toMatchObject({
      status: 200,
      body: { uri: expect.stringMatching(/^otpauth:\/\/totp\/Ringfence:anna\?/) },
    });
    const { secret } = begun.body;
    expect(await at('203.0.113.1').logIn('anna', PASSWORD)).toMatchObject({ status: 200 });
    const confirm = (code: string) => browser.post('/my/second-factor/confirm', { code });
    expect(await confirm(digitsOf(secret, 10))).toMatchObject({ status: 403, body: { type: problem('code_wrong') } });
    const { recovery_codes: codes } = (await confirm(digitsOf(secret))).body;
    expect(new Set(codes).size).toBe(10);
    expect(await confirm(digitsOf(secret))).toMatchObject({ status: 409 });
    expect(await browser.post('/my/second-factor', { password: PASSWORD })).toMatchObject({ status: 409 });
    expect(await at('203.0.113.1').logIn('anna', PASSWORD)).toMatchObject({
      status: 401,
      body: { type: problem('code_missing') },
    });
    await unused();
    expect((await at('203.0.113.1').logIn('anna', PASSWORD, digitsOf(secret))).status).toBe(200);
    expect(await json(db.url, ['operator', 'list'])).toMatchObject({ items: [{ name: 'anna', second_factor: true }] });
  });

  test('a person sees whether there is one, since when, and how many recovery codes are left', async () => {
    const shown = async (browser: Browser) => (await browser.get('/my/second-factor')).body;
    const none = await loggedIn('rita');
    expect(await shown(none)).toEqual({ confirmed_at: null, recovery_codes_left: 0 });
    await none.post('/my/second-factor', { password: PASSWORD });
    expect(await shown(none)).toEqual({ confirmed_at: null, recovery_codes_left: 0 });
    const { browser, codes, place } = await withFactor('sara');
    expect(await shown(browser)).toEqual({ confirmed_at: expect.stringMatching(/Z$/), recovery_codes_left: 10 });
    await at(place).logIn('sara', PASSWORD, codes[0]);
    expect(await shown(browser)).toMatchObject({ recovery_codes_left: 9 });
    // Of the person alone.
    expect(await shown(none)).toEqual({ confirmed_at: null, recovery_codes_left: 0 });
    expect(await at(place).get('/my/second-factor')).toMatchObject({ status: 401 });
  });

  test('a code is good once, also if two use it at once, and an older one is not after it', async () => {
    const { secret, place } = await withFactor('bert');
    const [before, now] = [digitsOf(secret, -1), digitsOf(secret)];
    const both = await Promise.all([1, 2].map(() => at(place).logIn('bert', PASSWORD, now)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    for (const code of [now, before]) {
      expect(await at(place).logIn('bert', PASSWORD, code)).toMatchObject({
        status: 401,
        body: { type: problem('login_refused') },
      });
    }
  });

  test('the code that confirmed the second factor is not good for a log-in', async () => {
    const browser = await loggedIn('carl');
    const { secret } = (await browser.post('/my/second-factor', { password: PASSWORD })).body;
    const code = digitsOf(secret);
    await browser.post('/my/second-factor/confirm', { code });
    expect((await browser.logIn('carl', PASSWORD, code)).status).toBe(401);
  });

  test('a recovery code is good once, and is of its person alone', async () => {
    const { codes, place } = await withFactor('dora');
    const { codes: others } = await withFactor('emil');
    expect((await at(place).logIn('dora', PASSWORD, others[0])).status).toBe(401);
    expect((await at(place).logIn('dora', PASSWORD, codes[0].toUpperCase())).status).toBe(200);
    expect((await at(place).logIn('dora', PASSWORD, codes[0])).status).toBe(401);
    const both = await Promise.all([1, 2].map(() => at(place).logIn('dora', PASSWORD, codes[1])));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    const rows = await db.database('astaudit').where({ object: 'operator dora', operation: 'session begin' });
    expect(rows.map(row => JSON.parse(row.state_after).second_factor)).toEqual([
      null,
      'recovery code',
      'recovery code',
    ]);
  });

  test('without the right password a code says nothing', async () => {
    const { secret, codes, place } = await withFactor('frida');
    for (const code of [digitsOf(secret), codes[0], '000000', '']) {
      expect(await at(place).logIn('frida', OTHER_PASSWORD, code)).toMatchObject({
        status: 401,
        body: { type: problem('login_refused') },
      });
    }
    // None was used up.
    expect((await at('203.0.113.2').logIn('frida', PASSWORD, codes[0])).status).toBe(200);
  });

  test('wrong codes beside the right password must wait, from wherever they come, and the log tells of them', async () => {
    const { browser, secret } = await withFactor('gerd');
    const tries = await Promise.all(
      Array.from({ length: 7 }, (_, index) => at(`192.0.2.${index}`).logIn('gerd', PASSWORD, '000000')),
    );
    const statuses = tries.map(({ status }) => status);
    expect(statuses.filter(status => status === 401).length).toBeLessThanOrEqual(6);
    expect(statuses).toContain(429);
    expect((await browser.logIn('gerd', PASSWORD, digitsOf(secret))).status).toBe(200);
    const told = service.lines.map(line => JSON.parse(line)).filter(({ event }) => event === 'second_factor_wrong');
    expect(told.map(({ operator }) => operator)).toContain('gerd');
  });

  test('where a person is known too, the password alone takes no wrong codes back; without a second factor it is right', async () => {
    const { browser } = await withFactor('paul');
    // Then its place alone counts.
    browser.known = null;
    const statuses = new Set<number>();
    for (let tries = 0; tries < 8; tries++) {
      const typed = { password: PASSWORD, code: '000000' };
      statuses.add((await browser.post('/my/recovery-codes', typed)).status);
      await browser.post('/my/second-factor', { password: PASSWORD });
    }
    expect([...statuses]).toContain(429);
    const without = await loggedIn('quin');
    for (let tries = 0; tries < 8; tries++) {
      expect((await without.post('/my/second-factor/remove', { password: PASSWORD })).status).toBe(404);
    }
  });

  test('recovery codes are replaced, and the second factor is removed, by password and code', async () => {
    const { browser, secret, codes } = await withFactor('hugo');
    const renew = (typed: object) => browser.post('/my/recovery-codes', typed);
    expect(await renew({ password: PASSWORD })).toMatchObject({ status: 401, body: { type: problem('code_missing') } });
    expect(await renew({ password: OTHER_PASSWORD, code: digitsOf(secret) })).toMatchObject({ status: 403 });
    expect(await renew({ password: PASSWORD, code: '000000' })).toMatchObject({ status: 403 });
    const { recovery_codes: fresh } = (await renew({ password: PASSWORD, code: digitsOf(secret) })).body;
    for (const each of fresh) secrets.add(each);
    expect(await renew({ password: PASSWORD, code: codes[0] })).toMatchObject({ status: 403 });
    const removed = await browser.post('/my/second-factor/remove', { password: PASSWORD, code: fresh[0] });
    expect(removed.status).toBe(204);
    expect((await at('203.0.113.3').logIn('hugo', PASSWORD)).status).toBe(200);
    expect(await browser.post('/my/second-factor/remove', { password: PASSWORD })).toMatchObject({ status: 404 });
    const operations = await db
      .database('astaudit')
      .where({ actor: 'operator:hugo' })
      .orderBy('audit_id')
      .pluck('operation');
    expect(operations).toEqual([
      'invitation accept',
      'session begin',
      'second-factor enrol',
      'second-factor confirm',
      'recovery-codes renew',
      'second-factor remove',
      'session begin',
    ]);
  });

  test('a new password needs a code too where there is a second factor, and uses it up', async () => {
    const { browser, codes, place } = await withFactor('lena');
    const change = (typed: object) =>
      browser.post('/my/password', { password: PASSWORD, new_password: OTHER_PASSWORD, ...typed });
    expect(await change({})).toMatchObject({ status: 401, body: { type: problem('code_missing') } });
    expect(await change({ code: '000000' })).toMatchObject({ status: 403, body: { type: problem('password_wrong') } });
    expect((await at(place).logIn('lena', OTHER_PASSWORD, codes[0])).status).toBe(401);
    expect(await change({ code: codes[0] })).toMatchObject({ status: 200, body: { sessions_ended: 0 } });
    expect((await at(place).logIn('lena', OTHER_PASSWORD, codes[0])).status).toBe(401);
    expect((await at(place).logIn('lena', OTHER_PASSWORD, codes[1])).status).toBe(200);
  });

  test.each([
    ['mona', 'the removal of a second factor', '/my/second-factor/remove', {}],
    ['nora', 'new recovery codes', '/my/recovery-codes', {}],
    ['olga', 'a new password', '/my/password', { new_password: OTHER_PASSWORD }],
  ])('%s: %s does not come after a block, which came when the code was right', async (name, _what, path, more) => {
    const { browser, codes } = await withFactor(name);
    const state = async () => {
      const { operator_id } = await db.database('astoperator').where({ operator: name }).first();
      const tables = ['astsecondfactor', 'astrecoverycode'];
      const rows = await Promise.all(tables.map(table => db.database(table).where({ operator_id })));
      return [...rows, await db.database('astoperator').where({ operator_id }).pluck('password_hash')];
    };
    const before = await state();
    // Who reads the person's row sees no block yet; who locks it waits for the block.
    const blocking = await db.database.transaction();
    await blocking('astoperator')
      .where({ operator: name })
      .update({ blocked_at: blocking.raw('UTC_TIMESTAMP(3)') });
    const asked = browser.post(path, { password: PASSWORD, code: codes[0], ...more });
    await Promise.race([asked, new Promise(resolve => setTimeout(resolve, 1_000))]);
    await blocking.commit();
    expect([401, 403]).toContain((await asked).status);
    expect(await state()).toEqual(before);
  });

  test('a reset takes the second factor away; a block does not', async () => {
    const { codes } = await withFactor('ida');
    await blockOperator(actingAs('test', db.database), 'ida');
    await json(db.url, ['operator', 'unblock', 'ida']);
    expect((await at('203.0.113.4').logIn('ida', PASSWORD)).body.type).toBe(problem('code_missing'));
    const { token } = await json(db.url, ['operator', 'reset', 'ida']);
    await at('203.0.113.4').post('/invitation', { token, password: PASSWORD });
    expect((await at('203.0.113.4').logIn('ida', PASSWORD)).status).toBe(200);
    expect((await at('203.0.113.4').logIn('ida', PASSWORD, codes[0])).status).toBe(200);
    expect(
      await db
        .database('astrecoverycode')
        .whereNotIn('operator_id', db.database('astsecondfactor').select('operator_id')),
    ).toEqual([]);
  });

  test('without RINGFENCE_PIN_KEY none can begin; with another key none is opened, and recovery codes still let a person in', async () => {
    const { secret, codes, place } = await withFactor('jan');
    const browser = await loggedIn('karl');
    const keyless = await withKeys();
    const there = at(browser.address as string, keyless);
    await there.logIn('karl', PASSWORD);
    expect(await there.post('/my/second-factor', { password: PASSWORD })).toMatchObject({
      status: 503,
      body: { type: problem('pin_key_missing') },
    });
    const elsewhere = at(place, keyless);
    expect((await elsewhere.logIn('jan', PASSWORD, digitsOf(secret))).status).toBe(500);
    expect((await elsewhere.logIn('jan', PASSWORD, codes[0])).status).toBe(200);
    expect(keyless.lines.join('')).toContain('no key of RINGFENCE_PIN_KEY opens the second factor');
  });

  test('a log-in by a code encrypts the secret with the newest key: then the old one is needed no more', async () => {
    const newest = 'n'.repeat(32);
    const kept = async (): Promise<string> => {
      const kim = db.database('astoperator').where({ operator: 'kim' }).select('operator_id');
      return (await db.database('astsecondfactor').where('operator_id', kim).first()).secret;
    };
    const { secret, codes, place } = await withFactor('kim');
    const { secret: unconfirmed } = (await (await loggedIn('lea')).post('/my/second-factor', { password: PASSWORD }))
      .body;
    secrets.add(unconfirmed);
    const both = await withKeys(newest, KEY);
    const before = await kept();
    // A wrong code, and a recovery code, open nothing.
    expect((await at(place, both).logIn('kim', PASSWORD, '000000')).status).toBe(401);
    expect((await at(place, both).logIn('kim', PASSWORD, codes[0])).status).toBe(200);
    expect(await kept()).toBe(before);
    expect((await at(place, both).logIn('kim', PASSWORD, digitsOf(secret))).status).toBe(200);
    const after = await kept();
    expect(after).not.toBe(before);
    await unused();
    expect((await at(place, both).logIn('kim', PASSWORD, digitsOf(secret))).status).toBe(200);
    expect(await kept()).toBe(after);
    // One that is confirmed after the change is encrypted anew with that.
    const lea = at('198.51.100.250', both);
    await lea.logIn('lea', PASSWORD);
    expect((await lea.post('/my/second-factor/confirm', { code: digitsOf(unconfirmed) })).status).toBe(200);
    await unused();
    const alone = await withKeys(newest);
    for (const [name, of] of [
      ['kim', secret],
      ['lea', unconfirmed],
    ]) {
      expect([name, (await at(place, alone).logIn(name, PASSWORD, digitsOf(of))).status]).toEqual([name, 200]);
    }
  });

  test('no secret is in the database, the trail or the log', async () => {
    const tables = ['astoperator', 'astsession', 'astsecondfactor', 'astrecoverycode', 'astaudit'];
    const rows = await Promise.all(tables.map(table => db.database(table)));
    const text = JSON.stringify(rows) + service.lines.join('');
    expect(secrets.size).toBeGreaterThan(50);
    for (const secret of secrets) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(secret.replaceAll('-', ''));
    }
  });
});
