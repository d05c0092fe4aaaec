import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** What happens next in a conversation: bytes that are sent at once, bytes that have to come back at once, or time that passes. */
export type Step = { send: string } | { answer: string } | { passMs: number } | 'connect';

/**
 * A conversation as a file has it, a line for each step: `>` sent and `<` answered, in the escapes of JSON; `+` ms that pass;
 * `connect` a new connection; `#` a comment.
 */
export const conversation = (path: string): Step[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      if (line === 'connect') return line;
      const [, what, rest = ''] = /^([<>+]) (.*)$/.exec(line) ?? [];
      if (what === '+') return { passMs: Number(rest) };
      const bytes: string = JSON.parse(`"${rest.replaceAll('"', '\\"')}"`);
      if (what === '>') return { send: bytes };
      if (what === '<') return { answer: bytes };
      throw new Error(`${path}: ${line}`);
    });

/** The bytes that come next in one piece. */
export const nextPiece = (socket: Socket): Promise<string> =>
  new Promise(resolve => socket.once('data', bytes => resolve(bytes.toString('latin1'))));
