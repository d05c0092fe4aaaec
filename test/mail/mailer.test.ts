/** Mail by a real conversation with a real mail server. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { runInThisContext } from 'node:vm';
import type { SMTPServerOptions } from 'smtp-server';
import { invitationMail } from '../../src/mail/invitation-mail';
import { parseSender } from '../../src/mail/mail-address';
import { SmtpMailer } from '../../src/mail/mailer';
import { parseSmtpUrl } from '../../src/mail/smtp-url';
import { authorityFile, MAIL_PASSWORD, type MailServer, openMailServer, USER } from './mail-server';

const TOKEN = `rfi_${'a'.repeat(43)}`;
const LOGIN = `${USER}:${encodeURIComponent(MAIL_PASSWORD)}@`;
const MAIL = invitationMail('https://billing.test', {
  reason: 'invited',
  operator: 'anna',
  mail: 'anna@example.com',
  token: TOKEN,
  expiresAt: new Date('2026-12-01T10:30:00Z'),
});

let server: MailServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const open = async (options: Parameters<typeof openMailServer>[0] = {}): Promise<MailServer> => {
  server = await openMailServer(options);
  return server;
};

const mailerTo = (url: string, deadlineMs?: number): SmtpMailer =>
  new SmtpMailer({
    server: parseSmtpUrl(url),
    sender: parseSender('Billing Ä <billing@example.com>'),
    consoleUrl: 'https://billing.test',
    ...(deadlineMs !== undefined && { deadlineMs }),
  });

/** A sentence, and whether the mail is certainly not on its way. */
const refused = (why: RegExp | string) => ({
  why: typeof why === 'string' ? why : expect.stringMatching(why),
  isCertain: true,
});
const unclear = (why: RegExp) => ({ why: expect.stringMatching(why), isCertain: false });
const LATE = /^the mail server at 127\.0\.0\.1:\d+ did not answer in time: the mail may still arrive$/;

const trusted = (): string => `?ssl-ca=${encodeURIComponent(authorityFile())}`;

test.each([
  ['STARTTLS', 'smtp', {}],
  ['TLS from the first byte', 'smtps', { secure: true }],
] as const)('by %s, with a login, the mail arrives as it was meant', async (_, scheme, options: SMTPServerOptions) => {
  const { port, received, logins } = await open(options);
  expect(await mailerTo(`${scheme}://${LOGIN}127.0.0.1:${port}${trusted()}`).send(MAIL, 'operator')).toBeNull();
  expect(logins).toEqual([{ user: USER, isSecure: true }]);
  expect(received).toMatchObject([
    { from: 'billing@example.com', to: ['anna@example.com'], isSecure: true, user: USER },
  ]);
  const [{ headers, text, raw }] = received as [(typeof received)[0]];
  expect(headers).toMatch(/^To: anna@example\.com$/im);
  expect(headers).toMatch(/^From: =\?UTF-8\?[^\r\n]*<billing@example\.com>$/im);
  expect(headers).toMatch(/^Subject: Your access to Ringfence$/im);
  expect(headers).toMatch(/^Content-Type: text\/plain; charset=utf-8$/im);
  expect(headers).toMatch(/^Auto-Submitted: auto-generated$/im);
  expect(raw).not.toMatch(/x-mailer|nodemailer/i);
  expect(text).toContain(`\nhttps://billing.test/#invitation=${TOKEN}\n`);
});

test('on loopback, without an authority, the mail goes in clear text, though the server offers TLS', async () => {
  const { port, received } = await open();
  expect(await mailerTo(`smtp://127.0.0.1:${port}`).send(MAIL, 'operator')).toBeNull();
  expect(received).toMatchObject([{ isSecure: false, user: null }]);
});

test('a wrong password is told, and neither it nor what the server says of it', async () => {
  const { port } = await open();
  const failure = await mailerTo(`smtp://${USER}:hunter3@127.0.0.1:${port}${trusted()}`).send(MAIL, 'operator');
  expect(failure).toEqual(
    refused(`the mail server at 127.0.0.1:${port} refused the login (535): correct RINGFENCE_SMTP_URL`),
  );
});

test.each([
  [
    'the person',
    { onRcptTo: (_address: unknown, _session: unknown, done: (error?: Error) => void) => done(new Error(TOKEN)) },
    /refused the person's address \(550\)$/,
  ],
  [
    'the sender',
    { onMailFrom: (_address: unknown, _session: unknown, done: (error?: Error) => void) => done(new Error(TOKEN)) },
    /refused the sender \(550\): correct RINGFENCE_MAIL_FROM$/,
  ],
  [
    'the text',
    {
      onData: (stream: NodeJS.ReadableStream, _session: unknown, done: (error?: Error) => void) =>
        void stream.resume().on('end', () => done(new Error(TOKEN))),
    },
    /refused the mail \(450\)$/,
  ],
] as const)('a server that refuses %s is told, without its words', async (_, options, why) => {
  const { port } = await open(options as SMTPServerOptions);
  expect(await mailerTo(`smtp://127.0.0.1:${port}`).send(MAIL, 'operator')).toEqual(refused(why));
});

test('a server without STARTTLS gets neither the password nor the mail', async () => {
  const { port, received, logins } = await open({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
  const failure = await mailerTo(`smtp://${LOGIN}127.0.0.1:${port}?tls=required`).send(MAIL, 'operator');
  expect(failure).toEqual(refused(/^no TLS with the mail server at 127\.0\.0\.1:\d+(.*): it must offer it/));
  expect({ received, logins }).toEqual({ received: [], logins: [] });
});

test.each([
  ['of an unknown authority', '?tls=required', 'IP:127.0.0.1', 'smtp', {}],
  ['of another name', null, 'DNS:mail.test', 'smtp', {}],
  ['of another name, from the first byte', null, 'DNS:mail.test', 'smtps', { secure: true }],
] as const)('a certificate %s is not believed', async (_, options, names, scheme, more: SMTPServerOptions) => {
  const { port, received, logins } = await open({ names, ...more });
  const url = `${scheme}://${LOGIN}127.0.0.1:${port}${options ?? trusted()}`;
  expect(await mailerTo(url).send(MAIL, 'operator')).toEqual(
    refused(/mail server at 127\.0\.0\.1:\d+ \((ERR_TLS|UNABLE|SELF|DEPTH)[A-Z_]*\)/),
  );
  expect({ received, logins }).toEqual({ received: [], logins: [] });
});

test('a certificate of an unknown authority is not believed where the environment turns the proof off', async () => {
  const { port, received } = await open();
  // Of the process itself: what TLS reads. The test's own `process` is a copy.
  const environment: NodeJS.ProcessEnv = runInThisContext('process.env');
  environment.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    const url = `smtp://${LOGIN}127.0.0.1:${port}?tls=required`;
    expect(await mailerTo(url).send(MAIL, 'operator')).toEqual(refused(/\((UNABLE|SELF|DEPTH)[A-Z_]*\)$/));
  } finally {
    delete environment.NODE_TLS_REJECT_UNAUTHORIZED;
  }
  expect(received).toEqual([]);
});

test('a server that is down is told at once', async () => {
  const { port, close } = await openMailServer();
  await close();
  expect(await mailerTo(`smtp://127.0.0.1:${port}`).send(MAIL, 'operator')).toEqual(
    refused(`cannot talk to the mail server at 127.0.0.1:${port} (ECONNREFUSED)`),
  );
});

describe('a server that says nothing', () => {
  let silent: Server;
  const sockets: Socket[] = [];
  let url: string;
  beforeEach(async () => {
    silent = createServer(socket => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
    url = `smtp://127.0.0.1:${(silent.address() as { port: number }).port}`;
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => silent.close(resolve));
  });

  test('holds a mail no longer than its deadline, and no connection', async () => {
    const began = performance.now();
    expect(await mailerTo(url, 300).send(MAIL, 'operator')).toEqual(unclear(LATE));
    expect(performance.now() - began).toBeLessThan(2_000);
    const [socket] = sockets as [Socket];
    if (!socket.closed) await new Promise(resolve => socket.once('close', resolve));
  });

  test('is asked by few at once: of strangers two, of all four; the others are told so at once', async () => {
    const mailer = mailerTo(url, 1_000);
    const busy = refused('too many mails are being sent at once');
    const strangers = [1, 2].map(() => mailer.send(MAIL, 'stranger'));
    expect(await mailer.send(MAIL, 'stranger')).toEqual(busy);
    const operators = [1, 2].map(() => mailer.send(MAIL, 'operator'));
    expect(await mailer.send(MAIL, 'operator')).toEqual(busy);
    for (const told of await Promise.all([...strangers, ...operators])) expect(told).toEqual(unclear(LATE));
    expect(await mailer.send(MAIL, 'stranger')).toEqual(unclear(LATE));
  });

  test('is left at once when the service stops', async () => {
    const stopping = new AbortController();
    const sending = mailerTo(url).send(MAIL, 'stranger', stopping.signal);
    const began = performance.now();
    setTimeout(() => stopping.abort(), 50);
    expect(await sending).toEqual(unclear(/was left, as the service stops: the mail may still arrive$/));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

test('a connection that is lost after the text leaves open whether the mail arrives', async () => {
  const sockets: Socket[] = [];
  const { port } = await open({
    onConnect: (_session, done) => done(),
    onData: stream =>
      void stream.resume().on('end', () => {
        for (const socket of sockets) socket.destroy();
      }),
  });
  // Between both, so that the connection can be cut.
  const between = createServer(socket => {
    const onwards = connect(port, '127.0.0.1');
    sockets.push(socket);
    for (const each of [socket, onwards]) each.on('error', () => undefined);
    socket.on('close', () => onwards.destroy());
    socket.pipe(onwards).pipe(socket);
  });
  await new Promise<void>(resolve => between.listen(0, '127.0.0.1', resolve));
  const { port: door } = between.address() as { port: number };
  try {
    expect(await mailerTo(`smtp://127.0.0.1:${door}`).send(MAIL, 'operator')).toEqual(
      unclear(/^cannot talk to the mail server at 127\.0\.0\.1:\d+ \(E[A-Z]+\): the mail may still arrive$/),
    );
    expect(sockets).toHaveLength(1);
  } finally {
    await new Promise(resolve => between.close(resolve));
  }
});

test('a server that answers a byte at a time is given up by the deadline of the whole', async () => {
  const trickling: NodeJS.Timeout[] = [];
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.write('220 mail.test ESMTP\r\n');
    // An answer without an end: no time-out of a socket on which nothing moves meets it.
    socket.once('data', () => trickling.push(setInterval(() => socket.write('2'), 50)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    const began = performance.now();
    expect(await mailerTo(`smtp://127.0.0.1:${port}`, 500).send(MAIL, 'operator')).toEqual(unclear(LATE));
    expect(performance.now() - began).toBeLessThan(3_000);
  } finally {
    for (const each of trickling) clearInterval(each);
    await new Promise(resolve => server.close(resolve));
  }
});
