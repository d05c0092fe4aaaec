import { isIP } from 'node:net';

/** Where a door listens. */
export interface ListenAt {
  host: string;
  port: number;
}

/**
 * `8000`, which is on loopback, or `10.0.0.5:8000`, `[::1]:8000`.
 * @throws Error saying what is wrong with it.
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
