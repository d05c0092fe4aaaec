import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Ports below Linux's ephemeral range (32768 and up): any outgoing connection of the machine can take a port from that range between our
 * look and the server's bind. And above the shipped RTP ports (dialplan/rtp.conf), which any Asterisk may take for a call at any time.
 */
const firstPort = 20_100;
const lastPort = 29_999;

/** Each of jest's workers has a block of its own: otherwise another worker could bind a free port before its server has it. */
const BLOCKS = 9;
const blockSize = Math.floor((lastPort - firstPort + 1) / BLOCKS);
const block = Number(process.env.JEST_WORKER_ID ?? 0) % BLOCKS;

const given = new Set<number>();

/**
 * A port on which nothing listens at `address`, neither TCP nor UDP.
 *
 * Random, because other checkouts may look at the same time. Never the same twice in one process, so that a server which has not bound its
 * port yet keeps it, however many are requested at once.
 */
export async function findFreePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = firstPort + block * blockSize + Math.floor(Math.random() * blockSize);
    if (given.has(port)) continue;
    // Marked before it is tried: a request meanwhile would try the same port, and have it bound when the first one's server wants it.
    given.add(port);
    if ((await isTcpPortFree(port, address)) && (await isUdpPortFree(port, address))) return port;
  }
  throw new Error(`no free port between ${firstPort} and ${lastPort} at ${address}`);
}

export function isTcpPortFree(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise(done => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host: address }, () => server.close(() => done(true)));
  });
}

export function isUdpPortFree(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise(done => {
    const socket = createSocket('udp4');
    socket.once('error', () => done(false));
    socket.bind(port, address, () => socket.close(() => done(true)));
  });
}

/**
 * Whether the port is bound, by the kernel's table (IPv4, Linux). Waits for a server by this: `isUdpPortFree` binds the port for a moment, and
 * the server that binds it in that moment is refused.
 */
export function isUdpPortBound(port: number, address = '127.0.0.1'): boolean {
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  // The kernel writes an address as a number of the processor: little-endian.
  const host = address
    .split('.')
    .toReversed()
    .map(part => hex(Number(part), 2))
    .join('');
  const bound = [host, '00000000'].map(each => `${each}:${hex(port, 4)}`);
  return readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .some(line => bound.includes(line.trim().split(/\s+/)[1] ?? ''));
}
