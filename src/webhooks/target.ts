/** Where a webhook may point to. */
import { BlockList, isIP, isIPv4 } from 'node:net';
import { invalid, tooLong } from '../operator/fields';

/** A host that may receive events although its addresses are not public, as RINGFENCE_WEBHOOK_ALLOW names it. */
export interface AllowedTarget {
  /** In the form of a URL: lower case, an IPv6 address in brackets. */
  host: string;
  /** null for every port. */
  port: number | null;
}

/** IPv4 addresses that are not of the public Internet. Source: IANA's special-purpose address registry. */
const SPECIAL_IPV4 = blockListOf('ipv4', [
  '0.0.0.0/8', // unspecified, this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local: a cloud's metadata too
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]);

/**
 * The one public block of IPv6, and its parts that are not public. So everything else is refused without being listed: ::1, ::, fc00::/7,
 * fe80::/10, ff00::/8, and addresses that carry an IPv4 address inside, ::ffff:0:0/96 and 64:ff9b::/96.
 */
const GLOBAL_IPV6 = blockListOf('ipv6', ['2000::/3']);
const SPECIAL_IPV6 = blockListOf('ipv6', [
  '2001::/23', // protocol assignments; Teredo too, which carries an IPv4 address
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which carries an IPv4 address
  '3fff::/20', // documentation
]);

function blockListOf(family: 'ipv4' | 'ipv6', subnets: string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net, prefix] = subnet.split('/') as [string, string];
    list.addSubnet(net, Number(prefix), family);
  }
  return list;
}

/** Whether an address is of the public Internet; false for anything that is no address. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !SPECIAL_IPV4.check(address, 'ipv4');
  return isIP(address) === 6 && GLOBAL_IPV6.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6');
}

/** The port that a URL means. */
export const portOf = ({ protocol, port }: URL): number => Number(port) || (protocol === 'https:' ? 443 : 80);

/** Whether an operator has named this URL's host as one that need not be public. */
export const isAllowed = (url: URL, allowed: readonly AllowedTarget[]): boolean =>
  allowed.some(({ host, port }) => host === hostOf(url) && (port === null || port === portOf(url)));

/** `crm.` and `crm` are one name. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/\.$/, '');

/** The address that a URL contains instead of a name, without brackets; null if it contains a name. */
export function literalAddress({ hostname }: URL): string | null {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) ? address : null;
}

/** One entry of RINGFENCE_WEBHOOK_ALLOW. @throws Error that says what is wrong with it. */
export function parseAllowedTarget(text: string): AllowedTarget {
  const wrong = new Error(`${JSON.stringify(text)} is not a host: write crm.internal, 10.0.0.7:8080 or [fd00::7]`);
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (!host) throw wrong;
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
  if (!url || (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535))) throw wrong;
  return { host: hostOf(url), port: port === undefined ? null : Number(port) };
}

const MOST_CHARACTERS = 500;
/** A longer text is not looked at. */
const LONGEST_READ = 10_000;

const shownOf = (text: string): string => text.replace(/[^/\s]*@/g, '…@').slice(0, 100);

/** A URL that a webhook may have, wherever it points to. @throws Refused field_invalid; a password in it is not shown. */
export function httpUrlField(text: string): URL {
  // Nothing of it is shown: to find a password in a text of any length takes long.
  if (text.length > LONGEST_READ) {
    throw tooLong('url', '…', text.length, MOST_CHARACTERS);
  }
  const shown = shownOf(text);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) throw invalid('url', shown, 'is not a URL: write https://host/path', 'not_url');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw invalid(
      'url',
      shown,
      `begins with ${url.protocol} and not with https: or http:, write https://host/path`,
      'not_url',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('url', shown, 'holds a user or password: leave it out, the signature shows who we are');
  }
  if (url.href.length > MOST_CHARACTERS) {
    throw tooLong('url', `${shown}…`, url.href.length, MOST_CHARACTERS);
  }
  return url;
}

/**
 * The URL of a webhook, as it is stored.
 *
 * A name is resolved only at a delivery, because its meaning now says nothing about then. What could never be delivered, whatever the name
 * server answers, is refused here already.
 * @throws Refused field_invalid; a password in it is not shown.
 */
export function urlField(text: string, allowed: readonly AllowedTarget[]): string {
  const url = httpUrlField(text);
  const address = literalAddress(url) ?? (/(^|\.)localhost$/.test(hostOf(url)) ? '127.0.0.1' : null);
  if (address !== null && !isPublic(address) && !isAllowed(url, allowed)) {
    throw invalid(
      'url',
      shownOf(text),
      `points to an address that is not public: ${allowMend(url)}`,
      'address_not_public',
      { allow: placeOf(url) },
    );
  }
  url.hash = '';
  return url.href;
}

/** How an operator allows it. */
export const allowMend = (url: URL): string => `allow it with RINGFENCE_WEBHOOK_ALLOW=${placeOf(url)}`;

const placeOf = (url: URL): string => `${hostOf(url)}:${portOf(url)}`;
