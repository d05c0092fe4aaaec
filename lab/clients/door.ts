import { connect } from 'node:net';

/**
 * Sends bytes to a port on loopback over a connection of its own. Resolves with what comes up to and with `end`, or until the other side
 * closes.
 */
export function askPort(port: number, message: string, end: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(message));
    let answer = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error(`127.0.0.1:${port} does not answer`)));
    socket.on('data', bytes => {
      answer += bytes.toString('latin1');
      if (end.test(answer)) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

/** POSTs JSON; resolves with the answer's JSON. */
export async function postJson(port: number, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  return (await response.json()) as Record<string, unknown>;
}
