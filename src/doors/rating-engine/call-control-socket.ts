/** Call Control's own socket, where its command line and OpenSIPS speak to it. This door uses only its `terminate`. */
import { createConnection } from 'node:net';

const ANSWER_WITHIN_MS = 2_000;

/**
 * `ended`: it sends BYE to both sides and debits the call. `unknown`: it has no such call. `failed`: it could not end the call, and
 * forgets it.
 */
export type Terminated = 'ended' | 'unknown' | 'failed';

/**
 * Makes Call Control end a call whose answer it has heard.
 * @throws Error that says why there was no answer.
 */
export function terminate(path: string, callId: string): Promise<Terminated> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = createConnection({ path });
    const end = (result: Terminated | Error) => {
      clearTimeout(timer);
      socket.destroy();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const timer = setTimeout(() => end(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`terminate\r\ncallid: ${callId}\r\n\r\n`));
    socket.on('data', (text: string) => {
      heard += text;
      const line = /^([^\r\n]*)\r\n/.exec(heard)?.[1];
      if (line === undefined && heard.length < 1_000) return;
      if (line === 'Ok') end('ended');
      else if (line === `Call id ${callId} does not exist`) end('unknown');
      else if (line === 'Error') end('failed');
      else end(new Error(`it answered ${JSON.stringify(heard.slice(0, 100))}`));
    });
    socket.on('error', error => end(error));
    socket.on('close', () => end(new Error('it closed the connection without an answer')));
  });
}
