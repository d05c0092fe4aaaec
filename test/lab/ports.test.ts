import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { findFreePort } from '../../lab/servers/ports';

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
