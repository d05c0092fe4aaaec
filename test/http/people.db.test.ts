/** People who use the operator's API, over HTTP, of a service that serves nothing else, behind a proxy that tells where they are. */
import { createApiKey } from '../../src/access/api-key-store';
import { actingAs } from '../../src/operator/acting';
import { json, ringfence } from '../cli/cli-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import {
  Browser,
  OTHER_PASSWORD as OTHER,
  PASSWORD,
  type PeopleService,
  peopleService,
  toldBy,
} from './people-fixture';

const HOME = '203.0.113.9';

describe.each(engines)('people of the API, %s', engine => {
  let db: TestDatabase;
  let service: PeopleService;
  /** Everything that only its holder may know. */
  const secrets = new Set([PASSWORD, OTHER]);

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    service = await peopleService(db);
  });
  afterAll(async () => {
    await service?.stop();
    await db?.drop();
  });

  const command = (...words: string[]) => json(db.url, words);
  const at = (address = HOME) => new Browser(service.port, address);
  const chosen = async (token: string, password = PASSWORD) => {
    if (token.length > 40) secrets.add(token);
    return at().post('/invitation', { token, password });
  };
  /** A person of that name, with a password, who has logged in nowhere. */
  async function person(name: string, roles = 'read', password = PASSWORD) {
    const { token } = await command('operator', 'invite', name, '--roles', roles);
    expect(await chosen(token, password)).toMatchObject({ status: 200, body: { name } });
  }
  /** The same, logged in from home. */
  async function loggedIn(name: string, roles = 'read', address = HOME) {
    await person(name, roles);
    return atHome(name, address);
  }
  async function atHome(name: string, address = HOME) {
    const browser = at(address);
    expect(await browser.logIn(name, PASSWORD)).toMatchObject({ status: 200 });
    secrets.add((browser.cookie as string).split('=')[1] as string);
    return browser;
  }
  const problem = (name: string) => `urn:ringfence:problem:${name}`;
  const sessionsOf = (name: string) =>
    db
      .database('astsession')
      .whereIn('operator_id', db.database('astoperator').where({ operator: name }).select('operator_id'));
  test('without any person the log says how to let the first one in, and no token', () => {
    const { lines } = service;
    const told = lines.map(line => JSON.parse(line)).filter(({ event }) => event === 'no_person');
    expect(told).toHaveLength(1);
    expect(told[0].todo).toContain('ringfence operator invite NAME --roles admin');
    expect(lines.join('')).not.toMatch(/rf[is]_/);
  });

  describe('an invitation', () => {
    test('gives a person a password, once, and then the person logs in', async () => {
      const { token, status, token_expires_at } = await command(
        'operator',
        'invite',
        'anna',
        '--roles',
        'support,read',
      );
      expect([status, token]).toEqual(['invited', expect.stringMatching(/^rfi_/)]);
      expect(Date.parse(token_expires_at) - Date.now()).toBeGreaterThan(23 * 3_600_000);
      const browser = at();
      expect(await browser.logIn('anna', PASSWORD)).toMatchObject({ status: 401 });
      expect(await chosen(token)).toMatchObject({ status: 200, body: { name: 'anna' } });
      expect(await chosen(token, OTHER)).toMatchObject({
        status: 404,
        body: { type: problem('invitation_not_found') },
      });
      const { status: said, body } = await browser.logIn('Anna', PASSWORD);
      expect([said, body]).toEqual([
        200,
        {
          name: 'anna',
          roles: ['read', 'support'],
          accountcode: null,
          session_number: expect.stringMatching(/^\d+$/),
          csrf_token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
          ends_at: expect.any(String),
        },
      ]);
      expect((await browser.get('/session')).body).toEqual(body);
      expect((await browser.get('/accounts')).status).toBe(200);
      expect(await browser.logIn('anna', OTHER)).toMatchObject({ status: 401 });
    });

    test('that has expired, is of a blocked person, or never was is none', async () => {
      const { token: late } = await command('operator', 'invite', 'late', '--roles', 'read');
      await db
        .database('astoperator')
        .where({ operator: 'late' })
        .update({ token_expires_at: db.database.raw('UTC_TIMESTAMP(3)') });
      const { token: blocked } = await command('operator', 'invite', 'shut', '--roles', 'read');
      await command('operator', 'block', 'shut');
      const answers = [];
      for (const token of [late, blocked, `rfi_${'A'.repeat(43)}`, 'rfi_', '', late.replace('rfi_', 'rfs_')]) {
        answers.push(toldBy(await chosen(token)));
      }
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0]?.status).toBe(404);
      expect(await command('operator', 'list')).toMatchObject({
        items: expect.arrayContaining([
          expect.objectContaining({ name: 'late', status: 'invited', token_expires_at: null }),
        ]),
      });
    });

    test('is one for a name, and is accepted once, however many accept it at once', async () => {
      const { token } = await command('operator', 'invite', 'twin', '--roles', 'read');
      const { exitCode, err } = await ringfence(db.url, ['operator', 'invite', 'twin', '--roles', 'admin']);
      expect([exitCode, err]).toEqual([3, expect.stringMatching(/"twin" is there already/)]);
      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, index) => chosen(token, `password of number ${index}`)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404]);
    });

    test('with a short password is refused, and can be used again', async () => {
      const { token } = await command('operator', 'invite', 'brief', '--roles', 'read');
      expect(await chosen(token, 'sesame')).toMatchObject({
        status: 400,
        body: { detail: 'password has 6 characters: use at least 12' },
      });
      expect((await chosen(token)).status).toBe(200);
    });
  });

  describe('a log-in', () => {
    test('is answered alike for a wrong password, an unknown name, a person without one and a blocked one', async () => {
      await person('bert');
      await command('operator', 'invite', 'fresh', '--roles', 'read');
      await person('barred');
      await command('operator', 'block', 'barred');
      const tries: [string, string][] = [
        ['bert', OTHER],
        ['nobody', PASSWORD],
        ['fresh', PASSWORD],
        ['barred', PASSWORD],
        ['no name at all: ü', PASSWORD],
        ['', PASSWORD],
        ['bert', ''],
      ];
      const scrypt = jest.spyOn(require('node:crypto'), 'scrypt');
      const answers = [];
      for (const [name, password] of tries) {
        const browser = at('198.51.100.7');
        answers.push(toldBy(await browser.logIn(name, password)));
        expect(browser.cookie).toBeNull();
      }
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0]).toMatchObject({ status: 401, body: { type: problem('login_refused') } });
      // The slow hash is what takes the time: one for each, of the same cost.
      const costs = scrypt.mock.calls.map(([, , bytes, cost]) => JSON.stringify([bytes, cost]));
      expect([costs.length, new Set(costs).size]).toEqual([tries.length, 1]);
      scrypt.mockRestore();
    });

    test('needs a JSON object with text in it, and shows nothing of it', async () => {
      for (const body of ['[]', 'null', '"x"', '{}', `{"name":"bert","password":["${OTHER}"]}`, '{"name":']) {
        const { status, text } = await at().ask('POST', '/session', body);
        expect([body, status]).toEqual([body, 400]);
        expect(text).not.toContain(OTHER);
      }
      const { status } = await at().ask('POST', '/session', `name=bert&password=${PASSWORD}`, {
        'content-type': 'application/x-www-form-urlencoded',
      });
      expect(status).toBe(415);
      const plain = await at().ask('POST', '/session', JSON.stringify({ name: 'bert', password: PASSWORD }), {
        'content-type': 'text/plain',
      });
      expect(plain.status).toBe(415);
    });

    test('begins a new session each time, and ends the one that the browser had', async () => {
      const browser = await loggedIn('carla');
      const former = browser.cookie;
      await browser.logIn('carla', PASSWORD);
      expect(browser.cookie).not.toBe(former);
      const thief = at();
      thief.cookie = former;
      expect((await thief.get('/session')).status).toBe(401);
      expect(await sessionsOf('carla')).toHaveLength(1);
    });

    test('makes its browser known, once; at most 20 browsers are known of a person, and none after a reset', async () => {
      await person('boris');
      const known = async () =>
        db
          .database('astbrowser')
          .whereIn('operator_id', db.database('astoperator').where({ operator: 'boris' }).select('operator_id'));
      const browser = await atHome('boris');
      const mark = browser.known as string;
      secrets.add(mark.split('=')[1] as string);
      const [row] = await known();
      await db.database('astbrowser').update({ last_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 80 DAY') });
      await browser.logIn('boris', PASSWORD);
      expect([browser.known, (await known()).map(each => each.token_hash)]).toEqual([mark, [row.token_hash]]);
      await db.database('astbrowser').update({ last_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 91 DAY') });
      await browser.logIn('boris', PASSWORD);
      expect(browser.known).not.toBe(mark);
      expect(await known()).toHaveLength(1);
      const others = Array.from({ length: 20 }, (_, index) => ({
        ...row,
        token_hash: String(index).padStart(64, '0'),
        last_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 1 DAY'),
      }));
      await db.database('astbrowser').insert(others);
      await atHome('boris');
      expect(await known()).toHaveLength(20);
      browser.known = `__Host-ringfence-browser=rfb_${'A'.repeat(43)}`;
      await browser.logIn('boris', PASSWORD);
      expect(browser.known).not.toContain('AAAA');
      await command('operator', 'reset', 'boris');
      expect(await known()).toEqual([]);
    });

    test('sets a cookie that only this host gets, over TLS; on plain loopback one without TLS', async () => {
      await person('dora');
      const [given, known] = (await at().logIn('dora', PASSWORD)).headers.getSetCookie();
      expect(known).toMatch(
        /^__Host-ringfence-browser=rfb_[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=7776000$/,
      );
      expect(given).toMatch(/^__Host-ringfence=rfs_[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
      const plain = await peopleService(db, {}, { isProxied: false });
      const browser = new Browser(plain.port);
      const [simple] = (await browser.logIn('dora', PASSWORD)).headers.getSetCookie();
      expect(simple).toMatch(/^ringfence=rfs_[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
      expect((await browser.get('/session')).status).toBe(200);
      await plain.stop();
    });
  });

  describe('a session', () => {
    test('is over after the log-out, also for who has stolen its cookie', async () => {
      const browser = await loggedIn('emil');
      const thief = at('198.51.100.66');
      [thief.cookie, thief.csrfToken] = [browser.cookie, browser.csrfToken];
      expect((await thief.get('/session')).status).toBe(200);
      const { status, headers } = await browser.delete('/session');
      expect([status, headers.getSetCookie()]).toEqual([204, [expect.stringContaining('Max-Age=0')]]);
      expect((await thief.get('/session')).status).toBe(401);
      expect((await thief.get('/accounts')).status).toBe(401);
      expect((await thief.delete('/session')).status).toBe(401);
    });

    test.each([
      ['30 minutes without a request', 'fred', 'used_at', 1_800],
      ['12 hours, however much it is used', 'frida', 'created_at', 43_200],
    ])('ends after %s', async (_why, name, column, seconds) => {
      const browser = await loggedIn(name);
      const moved = (ago: number) =>
        sessionsOf(name).update({ [column]: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL ? SECOND', [ago]) });
      await moved(seconds - 20);
      expect((await browser.get('/session')).status).toBe(200);
      await moved(seconds + 1);
      expect((await browser.get('/session')).status).toBe(401);
      expect((await command('session', 'list', '--name', name)).items).toEqual([]);
    });

    test('goes on while it is used: each use is noted, to the minute', async () => {
      const browser = await loggedIn('gerd');
      const usedAgo = async () => {
        const [row] = await sessionsOf('gerd').select(
          db.database.raw('TIMESTAMPDIFF(SECOND, used_at, UTC_TIMESTAMP(3)) AS seconds'),
        );
        return Number(row.seconds);
      };
      await db.database('astsession').update({ used_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 30 SECOND') });
      await browser.get('/session');
      expect(await usedAgo()).toBeGreaterThanOrEqual(30);
      await db.database('astsession').update({ used_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 1700 SECOND') });
      await browser.get('/session');
      expect(await usedAgo()).toBeLessThan(30);
    });

    test('changes nothing without its CSRF token, or with that of another session', async () => {
      const [browser, other] = [await loggedIn('hugo'), await loggedIn('ida')];
      const right = browser.csrfToken;
      for (const wrong of [null, '', other.csrfToken, `${right}x`]) {
        browser.csrfToken = wrong;
        for (const refused of [
          await browser.delete('/session'),
          await browser.post('/my/password', { password: PASSWORD, new_password: OTHER }),
          await browser.delete('/my/sessions/1'),
        ]) {
          expect(refused).toMatchObject({ status: 403, body: { type: problem('csrf_token_invalid') } });
        }
      }
      expect((await browser.get('/session')).status).toBe(200);
      browser.csrfToken = right;
      expect((await browser.delete('/session')).status).toBe(204);
    });

    test('of an administrator does what the command line does, in the name of the person', async () => {
      const browser = await loggedIn('hanna', 'admin');
      const invite = (key: string, headers: Record<string, string> = {}) =>
        browser.post('/operators', { name: 'hans', roles: ['read'] }, { 'idempotency-key': key, ...headers });
      expect(await invite('one', { 'x-csrf-token': 'none' })).toMatchObject({
        status: 403,
        body: { type: problem('csrf_token_invalid') },
      });
      const { status, body } = await invite('two');
      expect([status, body.token]).toEqual([201, expect.stringMatching(/^rfi_/)]);
      expect((await chosen(body.token)).status).toBe(200);
      expect(await db.database('astaudit').where({ actor: 'operator:hanna', operation: 'operator invite' })).toEqual([
        expect.objectContaining({ object: 'operator hans', address: HOME }),
      ]);
    });

    test('has the roles that the person has now', async () => {
      const browser = await loggedIn('jan');
      expect(await browser.get('/keys')).toMatchObject({
        status: 403,
        body: { detail: 'needs one of the roles admin; you have read' },
      });
      await command('operator', 'set', 'jan', '--roles', 'admin');
      expect((await browser.get('/keys')).status).toBe(200);
      expect((await browser.get('/session')).body.roles).toEqual(['admin']);
      await command('operator', 'set', 'jan', '--roles', 'read');
      expect((await browser.get('/keys')).status).toBe(403);
    });

    test('ends when its person is blocked or reset, or an administrator ends it', async () => {
      const blocked = await loggedIn('karl');
      await command('operator', 'block', 'karl');
      expect((await blocked.get('/session')).status).toBe(401);
      await command('operator', 'unblock', 'karl');
      expect((await blocked.get('/session')).status).toBe(401);
      const again = await atHome('karl');
      const { token } = await command('operator', 'reset', 'karl');
      expect((await again.get('/session')).status).toBe(401);
      expect((await at().logIn('karl', PASSWORD)).status).toBe(401);
      await chosen(token);
      const third = await atHome('karl');
      const { session_number } = (await third.get('/session')).body;
      await command('session', 'revoke', session_number);
      expect((await third.get('/session')).status).toBe(401);
      const { exitCode, err } = await ringfence(db.url, ['session', 'revoke', session_number]);
      expect([exitCode, err]).toEqual([3, expect.stringMatching(/session \d+ is not there/)]);
    });

    test("is seen and ended by its person, and no other's is", async () => {
      const [first, second, other] = [await loggedIn('lena'), await atHome('lena'), await loggedIn('mona')];
      const { items } = (await first.get('/my/sessions')).body;
      expect(items.map((each: { is_this: boolean; name: string }) => [each.name, each.is_this])).toEqual([
        ['lena', false],
        ['lena', true],
      ]);
      const foreign = (await other.get('/session')).body.session_number;
      for (const number of [foreign, '999999']) {
        expect(await first.delete(`/my/sessions/${number}`)).toMatchObject({ status: 404 });
      }
      expect((await first.delete(`/my/sessions/${items[0].session_number}`)).status).toBe(204);
      expect((await second.get('/session')).status).toBe(401);
      expect((await other.get('/session')).status).toBe(200);
    });

    test('counts for nothing beside a key: a request with both is by its key', async () => {
      const browser = await loggedIn('nora', 'admin');
      const { secret } = await createApiKey(actingAs('test', db.database), { apiKey: 'reader', roles: ['read'] });
      secrets.add(secret);
      expect((await browser.get('/keys')).status).toBe(200);
      const asked = (authorization: string) => browser.ask('GET', '/keys', undefined, { authorization });
      expect((await asked(`Bearer ${secret}`)).status).toBe(403);
      expect((await asked('Bearer rf_wrong')).status).toBe(401);
      expect((await asked('Basic eDp5')).status).toBe(401);
    });
  });

  test('a new password ends the other sessions and the old password', async () => {
    const [browser, other] = [await loggedIn('olga'), await atHome('olga')];
    expect(await browser.post('/my/password', { password: OTHER, new_password: OTHER })).toMatchObject({
      status: 403,
      body: { type: problem('password_wrong') },
    });
    expect(await browser.post('/my/password', { password: PASSWORD, new_password: OTHER })).toMatchObject({
      status: 200,
      body: { sessions_ended: 1 },
    });
    expect((await browser.get('/session')).status).toBe(200);
    expect((await other.get('/session')).status).toBe(401);
    expect((await at().logIn('olga', PASSWORD)).status).toBe(401);
    expect((await at().logIn('olga', OTHER)).status).toBe(200);
  });

  test('a new password does not come after a block, which came while it was hashed', async () => {
    const browser = await loggedIn('paul');
    // Who reads the person's row sees no block yet; who locks it waits for the block.
    const blocking = await db.database.transaction();
    await blocking('astoperator')
      .where({ operator: 'paul' })
      .update({ blocked_at: blocking.raw('UTC_TIMESTAMP(3)') });
    const asked = browser.post('/my/password', { password: PASSWORD, new_password: OTHER });
    await Promise.race([asked, new Promise(resolve => setTimeout(resolve, 1_000))]);
    await blocking.commit();
    const { status } = await asked;
    expect([401, 403]).toContain(status);
    await command('operator', 'unblock', 'paul');
    expect((await at().logIn('paul', OTHER)).status).toBe(401);
    expect((await at().logIn('paul', PASSWORD)).status).toBe(200);
  });

  test('no administrator blocks itself, takes its own roles or resets itself', async () => {
    const browser = await loggedIn('root', 'admin');
    for (const [method, path, body] of [
      ['POST', '/operators/root/block', {}],
      ['POST', '/operators/root/reset', {}],
      ['PATCH', '/operators/root', { roles: ['read'] }],
    ] as const) {
      expect(await browser.ask(method, path, body, { 'idempotency-key': path + method })).toMatchObject({
        status: 409,
        body: { type: problem('operator_is_self') },
      });
    }
  });

  test('each change by a person is in the trail under the name of the person', async () => {
    const browser = await loggedIn('sven', 'read', '2001:db8::7');
    await browser.post('/my/password', { password: PASSWORD, new_password: OTHER });
    await browser.delete('/session');
    const rows = await db.database('astaudit').where({ actor: 'operator:sven' }).orderBy('audit_id');
    expect(rows.map(({ operation, object }) => [operation, object])).toEqual([
      ['invitation accept', 'operator sven'],
      ['session begin', 'operator sven'],
      ['password change', 'operator sven'],
      ['session end', 'operator sven'],
    ]);
    expect(rows.slice(1).map(({ address }) => address)).toEqual(Array.from({ length: 3 }, () => '2001:db8::7'));
    expect(await db.database('astlogin').where({ place: '2001:db8:0:0::/64' })).toHaveLength(1);
  });

  test('no secret is in the database, the trail or the log', async () => {
    const tables = ['astoperator', 'astsession', 'astlogin', 'astbrowser', 'astaudit'];
    const texts = [
      ...(await Promise.all(tables.map(table => db.database(table)))).map(rows => JSON.stringify(rows)),
      service.lines.join(''),
    ];
    expect(secrets.size).toBeGreaterThan(20);
    for (const text of texts) for (const secret of secrets) expect(text).not.toContain(secret);
  });
});
