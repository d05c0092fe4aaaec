/** The cookie by which a person's browser holds a session. Pure. */
import type { ListenAt } from '../listeners/listen-at';
import { type PeerList, parsePeers } from '../listeners/peers';

export interface SessionCookie {
  name: string;
  /** The browser sends it over TLS only. */
  isSecure: boolean;
}

const LOOPBACK = parsePeers(['127.0.0.0/8', '::1']);

/**
 * Secure, and bound to this host alone by its name, unless people can only come over plain loopback: without a proxy there is no TLS, and
 * nothing that another machine could read.
 */
export function sessionCookieOf({ host }: ListenAt, proxies: PeerList): SessionCookie {
  const isSecure = !LOOPBACK.has(host) || !proxies.isEmpty;
  return { name: isSecure ? '__Host-ringfence' : 'ringfence', isSecure };
}

/**
 * The header that sets it, or that removes it without a token. HttpOnly: no script reads it. Strict: no other site makes a browser send it.
 * Without days: it ends with the browser, or before.
 *
 * By hand: a token needs no escaping, and @fastify/cookie needs a module that neither Node 20 nor jest loads as the rest.
 */
export function setCookie({ name, isSecure }: SessionCookie, token: string | null, days?: number): string {
  const seconds = token === null ? 0 : days === undefined ? undefined : days * 86_400;
  const age = seconds === undefined ? '' : `; Max-Age=${seconds}`;
  return `${name}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}${age}`;
}

/** The cookie by which a browser is known in which a person has logged in, beside that of its session. */
export const browserCookieOf = ({ name, isSecure }: SessionCookie): SessionCookie => ({
  name: `${name}-browser`,
  isSecure,
});

/** What a browser sent of it, by the header Cookie; null if nothing. Of several of one name the first. */
export function cookieIn({ name }: SessionCookie, header = ''): string | null {
  const sent = header.split(';').find(pair => pair.trimStart().startsWith(`${name}=`));
  return sent === undefined ? null : sent.slice(sent.indexOf('=') + 1).trim();
}
