/** What becomes of a forgotten password when the mail is refused, may have arrived, or the service stops: by a real mail server. */
import { createServer, type Server, type Socket } from 'node:net';
import type { LogFn } from 'pino';
import { ForgottenPasswords } from '../../src/http/forgotten-passwords';
import { parseSender } from '../../src/mail/mail-address';
import { SmtpMailer } from '../../src/mail/mailer';
import { parseSmtpUrl } from '../../src/mail/smtp-url';
import { actingAs } from '../../src/operator/acting';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually, LATE_MS } from '../eventually';
import { type MailServer, openMailServer } from '../mail/mail-server';

describe.each(engines)('a forgotten password, %s', engine => {
  let db: TestDatabase;
  let mails: MailServer;
  let silent: Server;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    mails = await openMailServer({
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith('refused') ? new Error('no such person') : undefined),
    });
    silent = createServer(socket => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => silent?.close(resolve));
    await mails?.close();
    await db?.drop();
  });

  interface Line {
    event: string;
    operator?: string;
    failure?: string;
    count?: number;
  }
  function opened(port: number, deadlineMs = 300) {
    const lines: Line[] = [];
    const note: LogFn = (line: unknown) => void lines.push(line as Line);
    const mailer = new SmtpMailer({
      server: parseSmtpUrl(`smtp://127.0.0.1:${port}`),
      sender: parseSender('billing@example.com'),
      consoleUrl: 'https://billing.test',
      deadlineMs,
    });
    const forgotten = new ForgottenPasswords(mailer, { info: note, warn: note });
    const begin = (name: string, minute: number) =>
      forgotten.begin({ ...actingAs('', db.database), from: '198.51.100.1', browser: null }, name, minute * 60_000);
    const ask = (name: string, minute: number) => expect(begin(name, minute)).toBe(true);
    const line = (number: number) => eventually(async () => lines[number] ?? null, `line ${number} of the log`);
    return { lines, forgotten, begin, ask, line };
  }
  const silentPort = () => (silent.address() as { port: number }).port;
  const addPerson = (operator: string, mail = `${operator}@example.com`) =>
    db
      .database('astoperator')
      .insert({ operator, roles: 'read', mail, password_hash: 'hash', password_at: new Date() });
  const hashOf = async (operator: string): Promise<string | null> =>
    (await db.database('astoperator').where({ operator }).first('token_hash')).token_hash;

  test('keeps its token where the mail may still arrive, so that no link in it is dead, and no second one is sent', async () => {
    await addPerson('anna');
    const { ask, line, lines, forgotten } = opened(silentPort());
    ask('anna', 0);
    expect(await line(0)).toMatchObject({
      event: 'mail_not_sent',
      operator: 'anna',
      failure: expect.stringMatching(/the mail may still arrive$/),
    });
    const hash = await hashOf('anna');
    expect(hash).not.toBeNull();
    for (const minute of [1, 10, 20]) ask('anna', minute);
    await addPerson('after');
    ask('after', 20);
    expect(await line(1)).toMatchObject({ operator: 'after' });
    await forgotten.close(1_000);
    expect(lines).toHaveLength(2);
    expect(await hashOf('anna')).toBe(hash);
  });

  test('that the mail server refuses ends its token, and may be asked for again, after five minutes', async () => {
    await addPerson('max', 'refused@example.com');
    const { ask, line, forgotten } = opened(mails.port, 10_000);
    const tried = async () => Number((await db.database('astaudit').where({ object: 'operator max' })).length);
    ask('max', 0);
    expect((await line(0)).failure).toContain("refused the person's address (550)");
    await eventually(async () => (await hashOf('max')) === null || null, 'the end of the token');
    for (const minute of [0, 1, 4.9]) ask('max', minute);
    await addPerson('ben');
    ask('ben', 4.9);
    expect(await line(1)).toEqual({ event: 'mail_sent', operator: 'ben' });
    expect(await tried()).toBe(1);
    await db.database('astoperator').where({ operator: 'max' }).update({ mail: 'max@example.com' });
    ask('max', 5.1);
    expect(await line(2)).toEqual({ event: 'mail_sent', operator: 'max' });
    expect(await tried()).toBe(2);
    await forgotten.close(1_000);
  });

  test('that waits when the service stops is told by its number, and what is being sent is broken off within the grace', async () => {
    const names = Array.from({ length: 6 }, (_, number) => `waits${number}`);
    for (const name of names) await addPerson(name);
    const { ask, begin, line, lines, forgotten } = opened(silentPort(), 60_000);
    for (const name of names) ask(name, 0);
    const alive = () =>
      db.database('astoperator').whereIn('operator', names).whereNotNull('token_hash').pluck('operator');
    await eventually(async () => (await alive()).length === 6 || null, 'the tokens');
    // The last one is in the queue of mails a moment after its token is there.
    await new Promise(resolve => setTimeout(resolve, 200));
    const began = performance.now();
    await forgotten.close(600);
    expect(performance.now() - began).toBeLessThan(600 + LATE_MS);
    expect(await line(0)).toEqual({ event: 'mail_not_sent', count: 4, failure: 'the service stops' });
    expect(lines.slice(1)).toEqual(
      [1, 2].map(() => ({
        event: 'mail_not_sent',
        operator: expect.stringMatching(/^waits/),
        failure: expect.stringMatching(/was left, as the service stops: the mail may still arrive$/),
      })),
    );
    expect(await alive()).toHaveLength(2);
    expect(begin('anna', 0)).toBe(false);
  });
});
