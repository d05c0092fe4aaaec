/** Where a client is, as far as its address says. */
import { isIP } from 'node:net';
import { plainAddress } from '../listeners/peers';

/**
 * What counts as one place of a client: an IPv4 address, or the first 64 bits of an IPv6 address, within which one client has as many
 * addresses as it likes.
 */
export function placeOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain.slice(0, 45);
  const [head = '', tail] = plain.toLowerCase().replace(/%.*$/, '').split('::');
  const before = head === '' ? [] : head.split(':');
  // A dotted end stands for two groups.
  const after =
    (tail ?? '') === '' ? [] : (tail as string).split(':').flatMap(group => (group.includes('.') ? ['', ''] : group));
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  const first = groups.slice(0, 4).map(group => Number.parseInt(group || '0', 16).toString(16));
  return `${first.join(':')}::/64`;
}
