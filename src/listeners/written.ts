import type { Socket } from 'node:net';

/** Who does not read an answer within that has gone, or means to fill our memory. Ms. */
const READ_WITHIN_MS = 10_000;

/** Hands an answer over in one piece; resolves when the peer has taken it, false where it did not, and its connection is closed. */
export function written(socket: Socket, answer: string): Promise<boolean> {
  return new Promise(resolve => {
    if (!socket.writable) return resolve(false);
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(false);
    }, READ_WITHIN_MS);
    socket.write(answer, error => {
      clearTimeout(timer);
      resolve(!error);
    });
  });
}
