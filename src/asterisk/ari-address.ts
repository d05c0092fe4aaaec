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
 * Throws an Error that names the fault and never shows the address, which holds a password. A path is refused: ari-client
 * drops it without a word, so that http.conf's `prefix` would not work anyway.
 */
export function parseAriUrl(text: string): AriAddress {
  if (!URL.canParse(text))
    throw new Error('The address of the switch is not a URL like http://user:password@host:8088');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`The address of the switch begins with ${url.protocol}//, not with http:// or https://`);
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new Error('The address of the switch ends after host:port; ARI under another path is not supported');
  }
  if (url.username === '' || url.password === '') throw new Error('The address of the switch lacks user:password@');
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    origin: url.origin,
    eventOrigin: url.origin.replace(/^http/, 'ws'),
    host: url.host,
    authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`,
  };
}
