import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { findFreePort, isUdpPortBound } from '../../lab/servers/ports';

test('of many ports that are asked for at once each can be bound at once, whatever the others are tried with', async () => {
  const sockets: Socket[] = [];
  const bind = async () => {
    const port = await findFreePort('127.0.0.9');
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.bind(port, '127.0.0.9');
    await once(socket, 'listening');
    return port;
  };
  // As many as a block of ports has room for.
  const ports = await Promise.all(Array.from({ length: 500 }, bind));
  for (const socket of sockets) socket.close();
  expect(new Set(ports).size).toBe(500);
});

test.each(['127.0.0.9', '0.0.0.0'])(
  'a UDP port that is bound at %s is told to be, until it is closed',
  async address => {
    const port = await findFreePort('127.0.0.9');
    expect(isUdpPortBound(port, '127.0.0.9')).toBe(false);
    const socket = createSocket('udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    expect(isUdpPortBound(port, '127.0.0.9')).toBe(true);
    expect(isUdpPortBound(port, '127.0.0.10')).toBe(address === '0.0.0.0');
    socket.close();
    await once(socket, 'close');
    expect(isUdpPortBound(port, '127.0.0.9')).toBe(false);
  },
);
