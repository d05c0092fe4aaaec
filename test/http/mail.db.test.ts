/** Invitations and new passwords by mail: on the command line and over HTTP, by a real mail server. */
import { createApiKey } from '../../src/access/api-key-store';
import { setOperator } from '../../src/access/operator-store';
import { actingAs } from '../../src/operator/acting';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import {
  authorityFile,
  MAIL_PASSWORD,
  type MailServer,
  mailSettings,
  openMailServer,
  tokenIn,
} from '../mail/mail-server';
import {
  type Answer,
  Browser,
  OTHER_PASSWORD,
  PASSWORD,
  type PeopleService,
  peopleService,
  toldBy,
} from './people-fixture';

const UNKNOWN_PERSON = 'nobody';

describe.each(engines)('mail to people, %s', engine => {
  let db: TestDatabase;
  let mails: MailServer;
  let service: PeopleService;
  let settings: Record<string, string>;
  let key: string;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    mails = await openMailServer({
      onRcptTo: async ({ address }, _session, done) => {
        if (address.startsWith('refused')) return done(new Error(`no such person: ${address}`));
        // A mail whose token is not committed yet is refused: then it would not be there.
        const row = await db.database('astoperator').where({ mail: address }).first('token_hash');
        done(row?.token_hash ? undefined : new Error('there is no such token'));
      },
    });
    settings = mailSettings(mails);
    service = await peopleService(db, settings);
    key = (await createApiKey(actingAs('test', db.database), { apiKey: 'admin', roles: ['admin'] })).secret;
  });
  afterAll(async () => {
    await service?.stop();
    await mails?.close();
    await db?.drop();
  });
  beforeEach(() => {
    mails.received.length = 0;
  });

  let places = 0;
  /** Of an address of its own. */
  const browser = () => new Browser(service.port, `198.51.100.${++places}`);
  const command = (...words: string[]) => json(db.url, words, settings);
  const byKey = (path: string, body: object, idempotencyKey: string) =>
    browser().ask('POST', path, body, { authorization: `Bearer ${key}`, 'idempotency-key': idempotencyKey });
  const accept = (token: string, password = PASSWORD) => browser().post('/invitation', { token, password });
  const logIn = async (name: string, password = PASSWORD) => (await browser().logIn(name, password)).status;
  const one = () => {
    expect(mails.received).toHaveLength(1);
    return mails.received[0] as (typeof mails.received)[0];
  };
  /** A person with an address, who has chosen a password. */
  async function person(name: string): Promise<void> {
    await command('operator', 'invite', name, '--roles', 'read', '--mail', `${name}@example.com`);
    expect((await accept(tokenIn(one()))).status).toBe(200);
    mails.received.length = 0;
  }
  const rowOf = (operator: string) => db.database('astoperator').where({ operator }).first();

  describe('an invitation on the command line', () => {
    test('goes to the person, and its token is not shown', async () => {
      const told = await command('operator', 'invite', 'anna', '--roles', 'read', '--mail', 'anna@example.com');
      expect(told).toMatchObject({ mail: 'anna@example.com', token: null, mail_sent: true, mail_failure: null });
      const mail = one();
      expect(mail).toMatchObject({ from: 'billing@example.com', to: ['anna@example.com'], isSecure: true });
      expect(mail.text).toContain('Hello anna,');
      expect(await accept(tokenIn(mail))).toMatchObject({ status: 200, body: { name: 'anna' } });
      expect(await logIn('anna')).toBe(200);
    });

    test('shows the token too where that is asked', async () => {
      const words = ['operator', 'invite', 'asked', '--roles', 'read', '--mail', 'asked@example.com', '--show-token'];
      const { token, mail_sent } = await command(...words);
      expect([token, mail_sent]).toEqual([tokenIn(one()), true]);
    });

    test('to a person without an address is shown, as before', async () => {
      const told = await command('operator', 'invite', 'plain', '--roles', 'read');
      expect(told).toMatchObject({ mail: null, mail_sent: false, mail_failure: null });
      expect(told.token).toMatch(/^rfi_/);
      expect(mails.received).toEqual([]);
    });

    test('that the mail server refuses is there, with the token and why; a reset sends it again', async () => {
      const told = await command('operator', 'invite', 'ben', '--roles', 'read', '--mail', 'refused@example.com');
      expect(told).toMatchObject({ status: 'invited', mail_sent: false });
      expect(told.mail_failure).toBe(`the mail server at 127.0.0.1:${mails.port} refused the person's address (550)`);
      await command('operator', 'set', 'ben', '--mail', 'ben@example.com');
      expect((await accept(told.token)).status).toBe(404);
      expect(await command('operator', 'reset', 'ben')).toMatchObject({ token: null, mail_sent: true });
      expect((await accept(tokenIn(one()))).status).toBe(200);
    });

    test('without a mail server says so, and with one that is away too, and never a password', async () => {
      const none = await json(db.url, ['operator', 'invite', 'cora', '--roles', 'read', '--mail', 'cora@example.com']);
      expect(none).toMatchObject({ mail_sent: false, mail_failure: 'no mail server is set: see RINGFENCE_SMTP_URL' });
      expect(none.token).toMatch(/^rfi_/);
      const away = await openMailServer();
      await away.close();
      const words = ['operator', 'reset', 'cora'];
      const { exitCode, out, err } = await ringfence(db.url, words, mailSettings(away));
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      expect(out).toMatch(/^mail sent +no$/m);
      expect(out).toMatch(/^mail failure +cannot talk to the mail server at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/m);
      expect(out).toMatch(/^token +rfi_/m);
      expect(out).not.toContain('hunter2');
      const wrong = {
        ...settings,
        RINGFENCE_SMTP_URL: `smtp://u:hunter3@127.0.0.1:${mails.port}?ssl-ca=${authorityFile()}`,
      };
      const refused = await json(db.url, words, wrong);
      expect(refused.mail_failure).toMatch(/refused the login \(535\): correct RINGFENCE_SMTP_URL$/);
      expect(JSON.stringify(refused)).not.toMatch(/hunter/);
    });

    test.each([
      'anna@example.com\r\nBcc: eve@evil.test',
      'anna@example.com,eve@evil.test',
      'Anna <anna@example.com>',
      '',
    ])('refuses the address %j', async mail => {
      const words = ['operator', 'invite', 'evil', '--roles', 'read', '--mail', mail];
      const { exitCode, err } = await ringfence(db.url, words, settings);
      expect(exitCode).toBe(2);
      expect(err).toContain('is no address of mail: write name@example.com');
      expect(await rowOf('evil')).toBeUndefined();
    });
  });

  describe('over HTTP', () => {
    test('the mail is sent once, after the change; the same request again is told that it was done', async () => {
      const body = { name: 'dora', roles: ['read'], mail: 'dora@example.com' };
      const first = await byKey('/operators', body, 'dora-1');
      expect(first).toMatchObject({
        status: 201,
        body: { name: 'dora', mail: body.mail, token: null, mail_sent: true },
      });
      const again = await byKey('/operators', body, 'dora-1');
      expect(again).toMatchObject({ status: 409, body: { type: 'urn:ringfence:problem:answer_not_kept' } });
      expect((await accept(tokenIn(one()))).status).toBe(200);
      const kept = await db.database('astidempotency').where({ idempotency_key: 'dora-1' }).first('answer');
      expect(kept).toEqual({ answer: null });
    });

    test('what is refused sends nothing', async () => {
      const body = { name: 'dora', roles: ['read'], mail: 'dora@example.com' };
      expect((await byKey('/operators', body, 'dora-2')).status).toBe(409);
      expect(mails.received).toEqual([]);
    });

    test('a mail that is not sent leaves the invitation, its token and the reason', async () => {
      const body = { name: 'ed', roles: ['read'], mail: 'refused@example.com' };
      const { status, body: told } = await byKey('/operators', body, 'ed-1');
      expect([status, told.mail_sent]).toEqual([201, false]);
      expect(told.mail_failure).toMatch(/refused the person's address \(550\)$/);
      expect((await accept(told.token)).status).toBe(200);
    });

    test('a reset goes by mail too, and its token is shown where that is asked', async () => {
      await person('fred');
      const { status, body } = await byKey('/operators/fred/reset', { show_token: true }, 'fred-1');
      expect([status, body.mail_sent, body.token]).toEqual([200, true, tokenIn(one())]);
      expect(one().text).toContain('An administrator has taken your password back.');
    });

    test('the log has no token, and no word of the login to the mail server', () => {
      const log = service.lines.join('');
      expect(log).not.toMatch(/rfi_|hunter2/);
      expect(log).not.toContain(encodeURIComponent(MAIL_PASSWORD));
    });
  });

  test('the address is listed, and set or taken away; a token that the former one got ends, and the trail tells', async () => {
    await command('operator', 'invite', 'gina', '--roles', 'read', '--mail', 'gina@example.com');
    const token = tokenIn(one());
    expect(await command('operator', 'set', 'gina', '--roles', 'support')).toMatchObject({ mail: 'gina@example.com' });
    expect((await rowOf('gina')).token_hash).not.toBeNull();
    expect(await command('operator', 'set', 'gina', '--mail', 'gina@other.test')).toMatchObject({
      roles: ['support'],
      mail: 'gina@other.test',
      token_expires_at: null,
    });
    expect((await accept(token)).status).toBe(404);
    const { items } = await command('operator', 'list', '--limit', '100');
    expect(items.find((each: { name: string }) => each.name === 'gina').mail).toBe('gina@other.test');
    expect(await command('operator', 'set', 'gina', '--mail', 'none')).toMatchObject({ mail: null });
    const [newest, older] = (await command('audit', 'list', '--object', 'operator gina')).items;
    expect([newest.before, newest.after]).toEqual([{ mail: 'gina@other.test' }, { mail: null }]);
    expect([older.before, older.after]).toEqual([{ mail: 'gina@example.com' }, { mail: 'gina@other.test' }]);
    const { exitCode, err } = await ringfence(db.url, ['operator', 'set', 'gina']);
    expect([exitCode, err]).toEqual([2, 'roles or mail is missing: give one, or both\n']);
    const itself = actingAs('operator:gina', db.database);
    const own = async () => setOperator(itself, 'gina', { mail: 'gina@evil.test' });
    await expect(own).rejects.toMatchObject({ refusal: 'operator_is_self' });
    expect((await rowOf('gina')).mail).toBeNull();
  });

  test('a reset of who cannot log in sends no link that would not work', async () => {
    await person('hugo');
    await command('operator', 'block', 'hugo');
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '0');
    const words = ['--roles', 'customer', '--accountcode', 'alice', '--mail', 'inga@example.com'];
    await command('operator', 'invite', 'inga', ...words);
    await command('account', 'close', 'alice');
    mails.received.length = 0;
    const told = [await command('operator', 'reset', 'hugo'), await command('operator', 'reset', 'inga')];
    expect(told.map(({ mail_sent, mail_failure }) => [mail_sent, mail_failure])).toEqual([
      [false, 'hugo is blocked, and the link would not work: see "operator unblock"'],
      [false, 'account alice is closed, and the link would not work: see "account unblock"'],
    ]);
    expect(mails.received).toEqual([]);
    await command('operator', 'unblock', 'hugo');
    expect((await accept(told[0].token)).status).toBe(200);
  });

  describe('a forgotten password', () => {
    const forget = (name: string, from = browser()) => from.post('/forgotten-password', { name });
    /** Resolves when what was asked before is done: requests are looked at in their order. */
    async function settled(): Promise<void> {
      const name = `settled-${++places}`;
      await command('operator', 'invite', name, '--roles', 'read', '--mail', `${name}@example.com`);
      await db
        .database('astoperator')
        .where({ operator: name })
        .update({ token_hash: null, token_expires_at: null, password_hash: 'hash', password_at: new Date() });
      expect((await forget(name)).status).toBe(204);
      await eventually(async () => to(name)[0] ?? null, 'the mail');
    }
    const mailTo = (name: string) => eventually(async () => to(name)[0] ?? null, `the mail to ${name}`);
    const to = (name: string) => mails.received.filter(({ text }) => text.includes(`Hello ${name},\n\nSomeone asked`));

    test('is replaced by a link in a mail; until then, the former one and the sessions stay', async () => {
      await person('hans');
      const logged = browser();
      await logged.logIn('hans', PASSWORD);
      expect((await forget('Hans')).status).toBe(204);
      const mail = await mailTo('hans');
      expect(await logIn('hans')).toBe(200);
      expect((await logged.get('/session')).status).toBe(200);
      expect((await accept(tokenIn(mail), OTHER_PASSWORD)).status).toBe(200);
      expect((await logged.get('/session')).status).toBe(401);
      expect([await logIn('hans'), await logIn('hans', OTHER_PASSWORD)]).toEqual([401, 200]);
      const trail = (await command('audit', 'list', '--object', 'operator hans')).items;
      const told = trail.map(({ operation, actor }: { operation: string; actor: string }) => [operation, actor]);
      expect(told.filter(([operation]: string[]) => operation !== 'session begin').slice(0, 2)).toEqual([
        ['invitation accept', 'operator:hans'],
        ['password forgotten', 'stranger'],
      ]);
    });

    test('the link is good for an hour, and no second mail is sent before it has ended', async () => {
      await person('ida');
      await forget('ida');
      await settled();
      const { token_expires_at: ends, token_hash: hash } = await rowOf('ida');
      const hours = (new Date(ends).getTime() - Date.now()) / 3_600_000;
      expect(hours).toBeGreaterThan(0.9);
      expect(hours).toBeLessThan(1.1);
      for (let again = 0; again < 3; again++) expect((await forget('ida')).status).toBe(204);
      await settled();
      expect(to('ida')).toHaveLength(1);
      expect((await rowOf('ida')).token_hash).toBe(hash);
      await db
        .database('astoperator')
        .where({ operator: 'ida' })
        .update({ token_expires_at: new Date(Date.now() - 60_000) });
      await forget('ida');
      await settled();
      expect(to('ida')).toHaveLength(2);
      expect((await accept(tokenIn(to('ida')[0] as (typeof mails.received)[0]))).status).toBe(404);
    });

    test('the answer is the same for whatever name, and comes before anything is looked up', async () => {
      await person('jana');
      await command('operator', 'invite', 'jo-without', '--roles', 'read');
      await person('jim-blocked');
      await command('operator', 'block', 'jim-blocked');
      mails.received.length = 0;
      const names = ['jana', UNKNOWN_PERSON, 'jo-without', 'jim-blocked', "x' OR 1=1 --", 'ä'.repeat(500), PASSWORD];
      const answers = [];
      for (const name of names) answers.push(await forget(name));
      expect(answers.map(({ status, text }) => [status, text])).toEqual(names.map(() => [204, '']));
      const headers = answers.map(answer => [...answer.headers.keys()].filter(each => each !== 'date').sort());
      expect(headers).toEqual(names.map(() => headers[0]));
      await settled();
      expect(mails.received.map(({ to: [address] }) => address).filter(each => !each?.startsWith('settled'))).toEqual([
        'jana@example.com',
      ]);
      // What strangers typed is in no log: it may be a password.
      const log = service.lines.join('');
      for (const typed of [UNKNOWN_PERSON, PASSWORD, 'OR 1=1']) expect(log).not.toContain(typed);
    });

    test('a person who is locked out of the row holds no answer back', async () => {
      await person('kim');
      let locked: () => void = () => undefined;
      let free: () => void = () => undefined;
      const isLocked = new Promise<void>(resolve => {
        locked = resolve;
      });
      const isFree = new Promise<void>(resolve => {
        free = resolve;
      });
      const holding = db.database.transaction(async transaction => {
        await transaction('astoperator').where({ operator: 'kim' }).forUpdate().first();
        locked();
        await isFree;
      });
      await isLocked;
      try {
        // The row of the person cannot be read for the token now; the answer does not wait for it.
        expect((await forget('kim')).status).toBe(204);
        expect(to('kim')).toEqual([]);
      } finally {
        free();
        await holding;
      }
      await mailTo('kim');
    });

    test('a second factor is needed as before', async () => {
      await person('lea');
      const { operator_id } = await rowOf('lea');
      const secret = Buffer.alloc(48);
      await db.database('astsecondfactor').insert({ operator_id, secret, confirmed_at: new Date(), last_step: 0 });
      await forget('lea');
      const mail = await mailTo('lea');
      expect((await accept(tokenIn(mail), OTHER_PASSWORD)).status).toBe(200);
      const { status, body } = await browser().logIn('lea', OTHER_PASSWORD);
      expect([status, body.type]).toEqual([401, 'urn:ringfence:problem:code_missing']);
    });

    test.each(['invitation', 'reset'])('does not revive an %s that has expired', async what => {
      const name = `late-${what}`;
      if (what === 'reset') await person(name);
      const words =
        what === 'reset' ? ['reset', name] : ['invite', name, '--roles', 'read', '--mail', `${name}@x.test`];
      await command('operator', ...words);
      const expired = { token_expires_at: new Date(Date.now() - 60_000) };
      await db.database('astoperator').where({ operator: name }).update(expired);
      const { token_hash: hash } = await rowOf(name);
      expect((await forget(name)).status).toBe(204);
      await settled();
      expect(to(name)).toEqual([]);
      expect(await rowOf(name)).toMatchObject({ token_hash: hash, password_hash: null });
    });

    test('one address may ask five times at once; then it waits, for whatever name, and other addresses do not', async () => {
      const from = browser();
      const statuses = [];
      for (const name of ['a', 'b', 'c', 'd', 'e']) statuses.push((await forget(name, from)).status);
      const waits = [await forget('anna', from), await forget(UNKNOWN_PERSON, from)];
      expect(statuses).toEqual([204, 204, 204, 204, 204]);
      expect(toldBy(waits[0] as (typeof waits)[0])).toEqual(toldBy(waits[1] as (typeof waits)[0]));
      for (const { status, body, headers } of waits) {
        expect([status, body.type]).toEqual([429, 'urn:ringfence:problem:too_many_requests']);
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(30);
      }
      expect((await forget('anna')).status).toBe(204);
      // It is no log-in: that one waits for nothing.
      expect((await from.logIn('anna', PASSWORD)).status).toBe(200);
    });
  });
});

/** A person with an address and a password. */
const addPerson = (db: TestDatabase, operator: string, mail = `${operator}@example.com`) =>
  db.database('astoperator').insert({ operator, roles: 'read', mail, password_hash: 'hash', password_at: new Date() });

test('too many that wait to be looked up are refused, for whatever name', async () => {
  const db = await createTestDatabase('MariaDB');
  const mails = await openMailServer();
  const service = await peopleService(db, mailSettings(mails));
  try {
    for (let number = 0; number < 25; number++) await addPerson(db, `p${number}`);
    const ask = (name: string, number: number) =>
      new Browser(service.port, `198.51.100.${number}`).post('/forgotten-password', { name });
    const answers: Answer[] = [];
    await db.database.transaction(async transaction => {
      await transaction('astoperator').whereIn('operator', ['p0', 'p1']).forUpdate();
      // The first two are held by their rows, and twenty wait behind them.
      for (let number = 0; number < 24; number++) {
        answers.push(await ask(number % 2 && number > 1 ? `nobody${number}` : `p${number}`, number + 1));
      }
    });
    expect(answers.map(({ status }) => status)).toEqual([...Array(22).fill(204), 503, 503]);
    const [one, other] = answers.slice(22) as [Answer, Answer];
    expect(toldBy(one)).toEqual(toldBy(other));
    expect(one.body.type).toBe('urn:ringfence:problem:too_busy');
    await eventually(async () => mails.received.length === 12 || null, 'the mails');
  } finally {
    await service.stop();
    await mails.close();
    await db.drop();
  }
});

test('a service without a mail server refuses at once, for whatever name', async () => {
  const db = await createTestDatabase('MariaDB');
  const service = await peopleService(db);
  try {
    for (const name of ['anna', UNKNOWN_PERSON]) {
      const { status, body } = await new Browser(service.port, '198.51.100.1').post('/forgotten-password', { name });
      expect([status, body.type]).toEqual([409, 'urn:ringfence:problem:mail_not_set']);
    }
  } finally {
    await service.stop();
    await db.drop();
  }
});

test('a mail server that hangs is seen in no answer to strangers, and an administrator still invites', async () => {
  const db = await createTestDatabase('MariaDB');
  const hanging = await openMailServer({ onConnect: () => undefined });
  const service = await peopleService(db, mailSettings(hanging));
  try {
    const acting = actingAs('test', db.database);
    for (let number = 0; number < 30; number++) await addPerson(db, `p${number}`);
    const { secret } = await createApiKey(acting, { apiKey: 'admin', roles: ['admin'] });
    const ask = (name: string, number: number) =>
      new Browser(service.port, `198.51.100.${number}`).post('/forgotten-password', { name });
    const answers = [];
    const alive = () => db.database('astoperator').whereNotNull('token_hash').pluck('operator');
    const lines = () => service.lines.filter(line => line.includes('mail_not_sent'));
    // Slowly, so that no look-up has to wait: two mails are on their way, and twenty wait.
    for (let number = 0; number < 22; number++) {
      answers.push((await ask(`p${number}`, number + 1)).status);
      await eventually(async () => (await alive()).includes(`p${number}`) || null, 'the token');
    }
    expect(lines()).toEqual([]);
    for (let number = 22; number < 30; number++) answers.push((await ask(`p${number}`, number + 1)).status);
    expect(answers).toEqual(Array(30).fill(204));
    await eventually(async () => lines()[7] ?? null, 'the lines of log');
    await eventually(async () => (await alive()).length <= 22 || null, 'the ends of the tokens');
    for (const line of lines().slice(0, 8))
      expect(line).toMatch(/"operator":"p2[2-9]","failure":"too many mails wait"/);
    const began = performance.now();
    const invited = await new Browser(service.port, '198.51.100.99').ask(
      'POST',
      '/operators',
      { name: 'anna', roles: ['read'], mail: 'anna@example.com' },
      { authorization: `Bearer ${secret}`, 'idempotency-key': 'anna' },
    );
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(invited).toMatchObject({ status: 201, body: { mail_sent: false } });
    expect(invited.body.mail_failure).toMatch(/did not answer in time: the mail may still arrive$/);
    expect(invited.body.token).toMatch(/^rfi_/);
  } finally {
    await service.stop();
    await hanging.close();
    await db.drop();
  }
});
