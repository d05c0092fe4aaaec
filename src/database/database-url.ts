import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** A problem in the text of a database URL, described without its password. */
export class DatabaseUrlError extends Error {
  override name = 'DatabaseUrlError';
}

/** A file that the URL names cannot be read now. */
export class DatabaseFileError extends DatabaseUrlError {}

export interface DatabaseAddress {
  /** In the order of preference; [] with a socket. */
  hosts: { host: string; port: number }[];
  socketPath: string | null;
  user: string;
  password: string;
  /** The schema. */
  database: string;
  /** null for a connection in clear text. */
  tls: DatabaseTls | null;
}

/** How the server must prove its identity, in the words of MySQL's clients, and our own certificate. */
export interface DatabaseTls {
  mode: TlsMode;
  /** PEM; null for Node's own list. */
  ca: Buffer | null;
  /** PEM; null if the server demands none. */
  certificate: { cert: Buffer; key: Buffer } | null;
}

const TLS_MODES = ['REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

/** All options that may follow the `?`. */
const OPTIONS = ['socketPath', 'ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key'] as const;
type Option = (typeof OPTIONS)[number];

/**
 * Reads `mysql://user:password@db1:3306,db2:3306/schema`: one host or several, port 3306 if none is given; or
 * `mysql://user:password@localhost/schema?socketPath=/run/mysqld/mysqld.sock`. With TLS: `?ssl-mode=VERIFY_IDENTITY&ssl-ca=/etc/db-ca.pem`,
 * and `ssl-cert` and `ssl-key` if the server demands a certificate; the files are read here. An unknown option is refused, because an
 * ignored one may be the one that should protect something.
 * @throws DatabaseUrlError if it is not such a URL.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const list = hostListOf(text);
  const [parsed] = list.hosts.map(host => urlWith(host, list)) as [URL];
  if (!/^(mysql|mariadb):$/.test(parsed.protocol)) {
    throw new DatabaseUrlError(`it begins with ${parsed.protocol}// instead of mysql://`);
  }
  const database = decoded(parsed.pathname.slice(1), 'schema');
  if (!database) throw new DatabaseUrlError('it names no schema: end it with /ringfence, for example');
  const options = optionsOf(parsed.searchParams);
  const socketPath = options.get('socketPath') ?? null;
  const hosts = socketPath === null ? hostsOf(list) : [];
  return {
    hosts,
    socketPath,
    tls: tlsOf(options, hosts),
    user: decoded(parsed.username, 'user'),
    password: decoded(parsed.password, 'password'),
    database,
  };
}

function optionsOf(given: URLSearchParams): Map<Option, string> {
  const options = new Map<Option, string>();
  for (const [name, value] of given) {
    const option = OPTIONS.find(each => each === name);
    if (!option)
      throw new DatabaseUrlError(`option ${JSON.stringify(name)} in it is not known: write ${OPTIONS.join(', ')}`);
    if (options.has(option)) throw new DatabaseUrlError(`option ${option} is there twice: write it once`);
    options.set(option, value);
  }
  return options;
}

function tlsOf(options: Map<Option, string>, hosts: DatabaseAddress['hosts']): DatabaseTls | null {
  const text = options.get('ssl-mode');
  const mode = TLS_MODES.find(each => each === text?.toUpperCase());
  if (text !== undefined && !mode && text.toUpperCase() !== 'DISABLED') {
    throw new DatabaseUrlError(`ssl-mode ${JSON.stringify(text)} is none: write DISABLED, ${TLS_MODES.join(', ')}`);
  }
  const files = (['ssl-ca', 'ssl-cert', 'ssl-key'] as const).filter(option => options.has(option));
  if (!mode) {
    if (files.length > 0) throw new DatabaseUrlError(`${files[0]} without TLS: add ssl-mode=VERIFY_IDENTITY`);
    return null;
  }
  if (options.has('socketPath')) throw new DatabaseUrlError('a socket has no TLS: leave ssl-mode away, or name a host');
  if (mode === 'REQUIRED' && options.has('ssl-ca')) {
    throw new DatabaseUrlError('ssl-mode=REQUIRED looks at no ssl-ca: write VERIFY_CA or VERIFY_IDENTITY');
  }
  if (options.has('ssl-cert') !== options.has('ssl-key')) {
    throw new DatabaseUrlError('ssl-cert and ssl-key belong together: give both or none');
  }
  const address = mode === 'VERIFY_IDENTITY' ? hosts.find(({ host }) => isIP(host) !== 0) : undefined;
  if (address) {
    throw new DatabaseUrlError(
      `ssl-mode=VERIFY_IDENTITY compares names: write the host's name instead of ${address.host}`,
    );
  }
  const read = (option: Option): Buffer | null => {
    const path = options.get(option);
    if (path === undefined) return null;
    try {
      return readFileSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new DatabaseFileError(`${option} ${JSON.stringify(path)} cannot be read (${code}): name a PEM file`);
    }
  };
  const [ca, cert, key] = [read('ssl-ca'), read('ssl-cert'), read('ssl-key')];
  return { mode, ca, certificate: cert && key ? { cert, key } : null };
}

/** The URL without its password, made of what was read of it. @throws DatabaseUrlError */
export function shownDatabaseUrl(text: string): string {
  const { hosts, socketPath, user, database } = parseDatabaseUrl(text);
  const { searchParams } = urlWith('host', hostListOf(text));
  const options = [...optionsOf(searchParams)].map(([name, value]) => `${name}=${value}`);
  const places = socketPath === null ? hosts.map(placeOf).join(',') : 'localhost';
  return `mysql://${encodeURIComponent(user)}@${places}/${database}${options.length > 0 ? `?${options.join('&')}` : ''}`;
}

/** `db1:3306, db2:3306`, or the socket's path: the part that may be shown. */
export const placesOf = ({ hosts, socketPath }: DatabaseAddress): string => socketPath ?? hosts.map(placeOf).join(', ');

const placeOf = ({ host, port }: DatabaseAddress['hosts'][number]): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

interface HostList {
  hosts: string[];
  before: string;
  after: string;
}

/** A URL has one host, so the list is taken out and each host is read in its place. */
function hostListOf(text: string): HostList {
  const start = /^[a-z]+:\/\//i.exec(text)?.[0].length;
  if (start === undefined) throw notAUrl();
  const end = text.slice(start).search(/[/?#]/);
  const authority = end < 0 ? text.slice(start) : text.slice(start, start + end);
  const after = text.slice(start + authority.length);
  if (after.includes('#') || (!authority.includes('@') && after.includes('@'))) {
    throw new DatabaseUrlError(
      'a special character in it ends its part: in a password write %23 for #, %2F for /, %3F for ?',
    );
  }
  const hostsAt = start + authority.lastIndexOf('@') + 1;
  const hosts = authority.slice(hostsAt - start).split(',');
  if (hosts.length > 1 && hosts.includes('')) {
    throw new DatabaseUrlError('a host beside a comma is empty: write mysql://user:password@db1:3306,db2:3306/schema');
  }
  return { hosts, before: text.slice(0, hostsAt), after };
}

function hostsOf(list: HostList): DatabaseAddress['hosts'] {
  const hosts = list.hosts.map(text => {
    const { hostname, port } = urlWith(text, list);
    return { host: hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost', port: Number(port || 3306) };
  });
  const names = hosts.map(placeOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new DatabaseUrlError(`host ${twice} is there twice: name each once`);
  return hosts;
}

function urlWith(host: string, { hosts, before, after }: HostList): URL {
  try {
    return new URL(before + host + after);
  } catch {
    // With several hosts the wrong one is shown. With one, the text may hold a password where the host should be.
    throw hosts.length > 1 ? new DatabaseUrlError(`host ${JSON.stringify(host)} is not host:port`) : notAUrl();
  }
}

const notAUrl = (): DatabaseUrlError =>
  new DatabaseUrlError('it is not a URL: write mysql://user:password@host:3306/schema');

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError(
      `its ${what} holds a % that is not followed by two hexadecimal digits: write %25 for it`,
    );
  }
}
