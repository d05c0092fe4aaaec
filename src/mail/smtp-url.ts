/** The mail server, as RINGFENCE_SMTP_URL names it. */
import { readFileSync } from 'node:fs';
import { isIP, isIPv4 } from 'node:net';

/** How the connection is encrypted: from its first byte, by STARTTLS before anything else is said, or not at all. */
export type SmtpTls = 'at once' | 'starttls' | 'none';

export interface SmtpServer {
  host: string;
  port: number;
  tls: SmtpTls;
  /** null where the server asks for none. */
  login: { user: string; password: string } | null;
  /** The path of a file with the certificates of authorities in place of Node's own list, and its content; null for that list. */
  ca: { path: string; pem: string } | null;
}

const FORM = 'write smtp://user:password@mail.example.com:587, or smtps:// with port 465';
const OPTIONS = ['tls', 'ssl-ca'] as const;

/**
 * Reads `smtp://user:password@host:587` or `smtps://user:password@host:465`; the login, and the port if it is the usual one, may be left out.
 * The server must prove its name by a certificate, which `?ssl-ca=file` checks by other authorities than Node's own. `smtp://` needs STARTTLS,
 * unless the server is on loopback, or `?tls=none` allows clear text; a password in clear text leaves the machine in no case.
 * @throws Error that says what is wrong with it, and shows no secret
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url?.hostname) throw new Error(`it is not a URL: ${FORM}; in a password write %23 for #, %2F for /, %3F for ?`);
  const isAtOnce = url.protocol === 'smtps:';
  if (!isAtOnce && url.protocol !== 'smtp:') throw new Error(`it begins with ${url.protocol}//: ${FORM}`);
  if (!['', '/'].includes(url.pathname) || url.hash !== '') {
    throw new Error('it does not end after host:port; in a password write %23 for #, %2F for /, %3F for ?');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(host)) {
    throw new Error(`its host is no name and no address: ${FORM}`);
  }
  const options = optionsOf(url.searchParams);
  const login = loginOf(url);
  const tls = tlsOf(options, { host, isAtOnce, hasLogin: login !== null });
  const port = Number(url.port || (isAtOnce ? 465 : 587));
  return { host, port, tls, login, ca: caOf(options.get('ssl-ca')) };
}

type Option = (typeof OPTIONS)[number];

function optionsOf(given: URLSearchParams): Map<Option, string> {
  const options = new Map<Option, string>();
  for (const [name, value] of given) {
    const option = OPTIONS.find(each => each === name);
    // Neither its name nor its value is shown: it may be the rest of a password with a ? in it.
    if (!option) {
      throw new Error(`an option in it is not known: write ${OPTIONS.join(', ')}; in a password write %3F for ?`);
    }
    if (options.has(option)) throw new Error(`option ${option} is there twice: write it once`);
    options.set(option, value);
  }
  return options;
}

function loginOf({ username, password }: URL): SmtpServer['login'] {
  if ((username === '') !== (password === ''))
    throw new Error('it has a user or a password alone: write user:password@, or neither');
  return username === '' ? null : { user: decoded(username, 'user'), password: decoded(password, 'password') };
}

function decoded(text: string, what: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw new Error(`its ${what} holds a % that is not followed by two hexadecimal digits: write %25 for it`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the line of a command
  if (/[\u0000-\u001f\u007f]/.test(plain)) throw new Error(`its ${what} holds a control character: leave it out`);
  return plain;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

function tlsOf(
  options: Map<Option, string>,
  { host, isAtOnce, hasLogin }: { host: string; isAtOnce: boolean; hasLogin: boolean },
): SmtpTls {
  const wanted = options.get('tls');
  if (wanted !== undefined && wanted !== 'required' && wanted !== 'none') {
    throw new Error('option tls in it is neither required nor none: write one of them');
  }
  if (isAtOnce) {
    if (wanted === 'none')
      throw new Error('smtps:// and tls=none contradict each other: write smtp://, or leave tls out');
    return 'at once';
  }
  if (options.has('ssl-ca')) {
    if (wanted === 'none') throw new Error('ssl-ca and tls=none contradict each other: leave one out');
    return 'starttls';
  }
  const isLocal = isLoopback(host);
  if (wanted === 'none' && hasLogin && !isLocal) {
    throw new Error('tls=none would send a password in clear text: leave user:password@ out, or tls=none');
  }
  if (wanted === undefined) return isLocal ? 'none' : 'starttls';
  return wanted === 'none' ? 'none' : 'starttls';
}

function caOf(path: string | undefined): SmtpServer['ca'] {
  if (path === undefined) return null;
  try {
    return { path, pem: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`ssl-ca ${JSON.stringify(path)} cannot be read (${code}): name a PEM file`);
  }
}

/** Where it is, `mail.example.com:587`: the part that any message may show. */
export const placeOfServer = ({ host, port }: Pick<SmtpServer, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The URL again, without its login. */
export function shownSmtpUrl(server: SmtpServer): string {
  const { tls, ca } = server;
  const options = [
    ...(tls === 'at once' ? [] : [`tls=${tls === 'none' ? 'none' : 'required'}`]),
    ...(ca ? [`ssl-ca=${ca.path}`] : []),
  ];
  return `${tls === 'at once' ? 'smtps' : 'smtp'}://${placeOfServer(server)}${options.length > 0 ? `?${options.join('&')}` : ''}`;
}

/**
 * The public address of the console, `https://billing.example.com`: what its links begin with.
 * @throws Error that says what is wrong with it
 */
export function parseConsoleUrl(text: string): string {
  const form = 'write https://billing.example.com';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`it is not an address of the web: ${form}`);
  if (url.username !== '' || url.password !== '')
    throw new Error(`it holds a login, which everyone would see: ${form}`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new Error(`it does not end after its host: the console is at the root. So ${form}`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'http:' && !isLoopback(host)) {
    throw new Error(`it begins with http://, over which passwords would be sent in clear text: ${form}`);
  }
  return url.origin;
}
