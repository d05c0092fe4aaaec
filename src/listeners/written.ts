import type { Socket } from 'node:net';

/** A peer that does not read an answer within this time has gone, or wants to fill our memory. Ms. */
const READ_WITHIN_MS = 10_000;

/** Hands an answer over in one piece. True when the peer has taken it; false if it did not, and then its connection is closed. */
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
