/** Mail by a real conversation with a real mail server. */
import { createServer, type Server, type Socket } from 'node:net';
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
  expect(failure).toBe(`the mail server at 127.0.0.1:${port} refused the login (535): correct RINGFENCE_SMTP_URL`);
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
  expect(await mailerTo(`smtp://127.0.0.1:${port}`).send(MAIL, 'operator')).toMatch(why);
});

test('a server without STARTTLS gets neither the password nor the mail', async () => {
  const { port, received, logins } = await open({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
  const failure = await mailerTo(`smtp://${LOGIN}127.0.0.1:${port}?tls=required`).send(MAIL, 'operator');
  expect(failure).toMatch(/^no TLS with the mail server at 127\.0\.0\.1:\d+(.*): it must offer it/);
  expect({ received, logins }).toEqual({ received: [], logins: [] });
});

test.each([
  ['of an unknown authority', '?tls=required', 'IP:127.0.0.1', 'smtp', {}],
  ['of another name', null, 'DNS:mail.test', 'smtp', {}],
  ['of another name, from the first byte', null, 'DNS:mail.test', 'smtps', { secure: true }],
] as const)('a certificate %s is not believed', async (_, options, names, scheme, more: SMTPServerOptions) => {
  const { port, received, logins } = await open({ names, ...more });
  const url = `${scheme}://${LOGIN}127.0.0.1:${port}${options ?? trusted()}`;
  expect(await mailerTo(url).send(MAIL, 'operator')).toMatch(
    /mail server at 127\.0\.0\.1:\d+ \((ERR_TLS|UNABLE|SELF|DEPTH)[A-Z_]*\)/,
  );
  expect({ received, logins }).toEqual({ received: [], logins: [] });
});

test('a server that is down is told at once', async () => {
  const { port, close } = await openMailServer();
  await close();
  expect(await mailerTo(`smtp://127.0.0.1:${port}`).send(MAIL, 'operator')).toBe(
    `cannot talk to the mail server at 127.0.0.1:${port} (ECONNREFUSED)`,
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
    expect(await mailerTo(url, 300).send(MAIL, 'operator')).toMatch(
      /did not answer in time: the mail may still arrive$/,
    );
    expect(performance.now() - began).toBeLessThan(2_000);
    const [socket] = sockets as [Socket];
    if (!socket.closed) await new Promise(resolve => socket.once('close', resolve));
  });

  test('is asked by few at once: of strangers two, of all four; the others are told so at once', async () => {
    const mailer = mailerTo(url, 1_000);
    const busy = 'too many mails are being sent at once';
    const strangers = [1, 2].map(() => mailer.send(MAIL, 'stranger'));
    expect(await mailer.send(MAIL, 'stranger')).toBe(busy);
    const operators = [1, 2].map(() => mailer.send(MAIL, 'operator'));
    expect(await mailer.send(MAIL, 'operator')).toBe(busy);
    for (const told of await Promise.all([...strangers, ...operators])) expect(told).toMatch(/did not answer in time/);
    expect(await mailer.send(MAIL, 'stranger')).toMatch(/did not answer in time/);
  });
});

test('a server that takes the mail a byte at a time is given up by the deadline of the whole', async () => {
  const { port } = await open({
    // Says nothing more, and the socket stays alive.
    onData: stream => void stream.resume(),
  });
  const began = performance.now();
  expect(await mailerTo(`smtp://127.0.0.1:${port}`, 500).send(MAIL, 'operator')).toMatch(/did not answer in time/);
  expect(performance.now() - began).toBeLessThan(3_000);
});
