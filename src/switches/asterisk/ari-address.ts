/** Where one Asterisk listens, with its credentials kept out of every address that could be logged. */
export interface AriAddress {
  /** `http://host:port`, without credentials. */
  origin: string;
  /** `ws://host:port`. */
  eventOrigin: string;
  /** `host:port`. */
  host: string;
  /** The value of the Authorization header. */
  authorization: string;
}

/**
 * The parts of `http://user:password@host:port`, user and password percent-decoded.
 *
 * Throws an Error that names the fault and never shows the address, because it holds a password. A path is refused: ari-client drops it
 * silently, so http.conf's `prefix` would not work anyway.
 */
export function parseAriUrl(text: string): AriAddress {
  if (!URL.canParse(text))
    throw new Error(
      'The address of the switch is not a URL like http://user:password@host:8088; in a password write %23 for #, %2F for /, %3F for ?',
    );
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`The address of the switch begins with ${url.protocol}//, not with http:// or https://`);
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new Error('The address of the switch ends after host:port; ARI under another path is not supported');
  }
  if (url.username === '' || url.password === '') throw new Error('The address of the switch lacks user:password@');
  return {
    origin: url.origin,
    eventOrigin: url.origin.replace(/^http/, 'ws'),
    host: url.host,
    authorization: basicAuthorization(url),
  };
}

/** Where we listen for Asterisk's connections, and the credentials that each must send. */
export interface ListenAddress {
  host: string;
  port: number;
  /** The value of the Authorization header. */
  authorization: string;
}

/**
 * The parts of `ws://user:password@host:port`, user and password percent-decoded.
 *
 * Throws an Error that names the fault and never shows the address, because it holds a password.
 */
export function parseListenUrl(text: string): ListenAddress {
  if (!URL.canParse(text)) throw new Error('it is not a URL like ws://user:password@127.0.0.1:8099');
  const url = new URL(text);
  if (url.protocol === 'wss:') throw new Error('TLS is not spoken here: put a proxy in front of a ws:// address');
  if (url.protocol !== 'ws:') throw new Error(`it begins with ${url.protocol}//, not with ws://`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new Error(
      'it does not end after host:port; the path is /events/ and the name of the switch, and is not set here',
    );
  }
  if (url.port === '') throw new Error('it names no port: write host:8099');
  if (url.username === '' || url.password === '') throw new Error('it lacks user:password@');
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port), authorization: basicAuthorization(url) };
}

/** `ws://host:port`, without user and password. */
export const shownListenUrl = ({ host, port }: ListenAddress): string =>
  `ws://${host.includes(':') ? `[${host}]` : host}:${port}`;

function basicAuthorization({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}
