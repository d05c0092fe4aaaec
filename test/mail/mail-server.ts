/** A real mail server on loopback, with a certificate that an authority of the test has signed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export const USER = 'ringfence';
export const MAIL_PASSWORD = 'hunter2/of:mail';

/** What a mail server got. */
export interface Received {
  from: string;
  to: string[];
  /** As it came. */
  raw: string;
  headers: string;
  /** Decoded. */
  text: string;
  isSecure: boolean;
  user: string | null;
}

export interface MailServer {
  port: number;
  received: Received[];
  /** Who tried to log in, by what they sent. */
  logins: { user: string; isSecure: boolean }[];
  close(): Promise<void>;
}

/** The words of openssl in a folder of their own. */
class Certificates {
  readonly folder = mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER ?? tmpdir(), 'mail-'));
  readonly ca = join(this.folder, 'ca.pem');

  constructor() {
    const key = ['-newkey', 'rsa:2048', '-nodes'];
    this.openssl(
      'req',
      '-x509',
      ...key,
      '-days',
      '2',
      '-subj',
      '/CN=mail authority',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
  }

  /** A certificate for these names, `IP:127.0.0.1` or `DNS:mail.test`. */
  signed(names: string): { cert: string; key: string } {
    const file = names.replace(/\W/g, '-');
    this.openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=mail',
      '-keyout',
      `${file}.key`,
      '-out',
      `${file}.csr`,
    );
    writeFileSync(join(this.folder, `${file}.names`), `subjectAltName=${names}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${file}.names`];
    this.openssl('x509', '-req', '-in', `${file}.csr`, ...by, '-out', `${file}.pem`);
    const read = (end: string) => readFileSync(join(this.folder, `${file}.${end}`), 'utf8');
    return { cert: read('pem'), key: read('key') };
  }

  private openssl(...words: string[]): void {
    execFileSync('openssl', words, { cwd: this.folder, stdio: 'pipe' });
  }
}

let made: Certificates | null = null;
const certificates = (): Certificates => {
  made ??= new Certificates();
  return made;
};

/** The file of the authority, for `?ssl-ca=`. */
export const authorityFile = (): string => certificates().ca;

/** A server on a port of its own that takes all mail, and any login by MAIL_PASSWORD. `names`: of its certificate. */
export async function openMailServer({
  names = 'IP:127.0.0.1',
  ...options
}: SMTPServerOptions & { names?: string } = {}): Promise<MailServer> {
  const [received, logins]: [Received[], MailServer['logins']] = [[], []];
  const server = new SMTPServer({
    ...certificates().signed(names),
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, session, done) => {
      logins.push({ user: username ?? '', isSecure: session.secure });
      if (username === USER && password === MAIL_PASSWORD) done(null, { user: USER });
      else done(new Error(`no such login: ${password}`));
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', part => parts.push(part));
      stream.on('end', () => {
        const raw = Buffer.concat(parts).toString('utf8');
        const [headers = '', ...body] = raw.split('\r\n\r\n');
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw,
          headers,
          text: decoded(headers, body.join('\r\n\r\n')),
          isSecure: session.secure,
          user: (session.user as string | undefined) ?? null,
        });
        done();
      });
    },
    ...options,
  });
  // A client that does not trust us, or leaves in the midst.
  server.on('error', () => undefined);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, received, logins, close: () => new Promise(resolve => server.close(() => resolve())) };
}

function decoded(headers: string, body: string): string {
  const lines = body.replaceAll('\r\n', '\n');
  if (!/^content-transfer-encoding: quoted-printable$/im.test(headers)) return lines;
  return lines
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The settings of a service that sends mail by that server. */
export const mailSettings = (
  { port }: Pick<MailServer, 'port'>,
  {
    scheme = 'smtp',
    login = `${USER}:${encodeURIComponent(MAIL_PASSWORD)}@`,
    consoleUrl = 'https://billing.test',
  } = {},
): Record<string, string> => ({
  RINGFENCE_SMTP_URL: `${scheme}://${login}127.0.0.1:${port}?ssl-ca=${encodeURIComponent(authorityFile())}`,
  RINGFENCE_MAIL_FROM: 'Billing <billing@example.com>',
  RINGFENCE_CONSOLE_URL: consoleUrl,
});

/** The one-time token in a mail. */
export function tokenIn({ text }: Received): string {
  const [, token] = /#invitation=(rfi_[\w-]{43})$/m.exec(text) ?? [];
  if (token === undefined) throw new Error(`no link in ${text}`);
  return token;
}
