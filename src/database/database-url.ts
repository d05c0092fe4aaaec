/** A problem in the text of a database URL, said without showing its password. */
export class DatabaseUrlError extends Error {
  override name = 'DatabaseUrlError';
}

export interface DatabaseAddress {
  /** In the order in which they are preferred; [] with a socket. */
  hosts: { host: string; port: number }[];
  socketPath: string | null;
  user: string;
  password: string;
  /** The schema. */
  database: string;
}

/**
 * Reads `mysql://user:password@db1:3306,db2:3306/schema`: one host or several, port 3306 where none is given; or
 * `mysql://user:password@localhost/schema?socketPath=/run/mysqld/mysqld.sock`.
 * @throws DatabaseUrlError when it is not such a URL.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const list = hostListOf(text);
  const [parsed] = list.hosts.map(host => urlWith(host, list)) as [URL];
  if (!/^(mysql|mariadb):$/.test(parsed.protocol)) {
    throw new DatabaseUrlError(`it begins with ${parsed.protocol}// instead of mysql://`);
  }
  const database = decoded(parsed.pathname.slice(1), 'schema');
  if (!database) throw new DatabaseUrlError('it names no schema: end it with /ringfence, for example');
  const socketPath = parsed.searchParams.get('socketPath');
  return {
    hosts: socketPath === null ? hostsOf(list) : [],
    socketPath,
    user: decoded(parsed.username, 'user'),
    password: decoded(parsed.password, 'password'),
    database,
  };
}

/** `db1:3306, db2:3306`, or the socket's path: what may be shown of it. */
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
  const hostsAt = start + authority.lastIndexOf('@') + 1;
  const hosts = authority.slice(hostsAt - start).split(',');
  if (hosts.length > 1 && hosts.includes('')) {
    throw new DatabaseUrlError('a host beside a comma is empty: write mysql://user:password@db1:3306,db2:3306/schema');
  }
  return { hosts, before: text.slice(0, hostsAt), after: text.slice(start + authority.length) };
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
    // Of several hosts the wrong one is shown; with one, the text may hold a password where the host should be.
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
