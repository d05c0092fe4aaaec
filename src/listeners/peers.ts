import { BlockList, isIP } from 'node:net';

/** The addresses that may connect to a door. */
export interface Peers {
  /** Whether an address of a socket is one of them; false for text that is no address. */
  has(address: string): boolean;
}

/** Such addresses as a setting lists them. */
export interface PeerList extends Peers {
  /** Whether the list names none. */
  readonly isEmpty: boolean;
}

/** A socket that listens on `::` reports an IPv4 peer as `::ffff:10.0.0.1`. */
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** An address as lists and logs show it. */
export const plainAddress = (address: string): string => address.replace(MAPPED, '');

/**
 * Addresses and networks, such as `10.0.0.7` and `10.0.0.0/8`. An empty list allows no peer.
 * @throws Error that names the entry that is neither.
 */
export function parsePeers(entries: readonly string[]): PeerList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits, ...more] = entry.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (family === 0 || !isNetwork || more.length > 0) {
      throw new Error(`${JSON.stringify(entry)} is no address or network: write 10.0.0.7, 10.0.0.0/8 or fd00::/8`);
    }
    list.addSubnet(address, bits === undefined ? most : Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    isEmpty: entries.length === 0,
    has(address) {
      const plain = plainAddress(address);
      const family = isIP(plain);
      return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
    },
  };
}
