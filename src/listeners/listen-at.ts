import { isIP, type Server } from 'node:net';

/** An address to listen on. */
export interface ListenAt {
  host: string;
  port: number;
}

/**
 * `8000`, which means loopback, or `10.0.0.5:8000`, `[::1]:8000`.
 * @throws Error that says what is wrong with the text.
 */
export function parseListenAt(text: string): ListenAt {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]:|([0-9.]+):)?(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '127.0.0.1';
  const port = Number(digits);
  if (isIP(host) !== (bracketed === undefined ? 4 : 6) || !(port >= 1 && port <= 65_535)) {
    throw new Error(`${JSON.stringify(text)} is not where to listen: write 8000, 10.0.0.5:8000 or [::1]:8000`);
  }
  return { host, port };
}

/** The counts of an open listener. */
export interface ListenerCounts {
  answered: number;
  connections: number;
}

/** Resolves when the server listens. @throws Error that names the setting, if it cannot. */
export async function listening(server: Server, variable: string, at: ListenAt | { path: string }): Promise<void> {
  const where = 'path' in at ? at.path : `${at.host}:${at.port}`;
  await new Promise<void>((resolve, reject) => {
    const failed = ({ code, message }: NodeJS.ErrnoException) =>
      reject(new Error(`${variable}: cannot listen on ${where} (${code ?? message}): free it, or choose another`));
    server.once('error', failed);
    server.listen(at, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** The port on which it listens, also if port 0 was requested; 0 if it listens on none. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
