import { readFileSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** The next step of a conversation: bytes to send at once, bytes that must come back at once, or time that passes. */
export type Step = { send: string } | { answer: string } | { passMs: number } | 'connect';

/**
 * A conversation in a file, a line for each step: `>` sent and `<` answered, in the escapes of JSON; `+` ms that pass; `connect` a new
 * connection; `#` a comment.
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

/** Plays a conversation: each answer must be exactly the next bytes, in one piece. */
export async function converse(
  steps: readonly Step[],
  to: NetConnectOpts,
  pass: (ms: number) => unknown = () => {},
): Promise<void> {
  let socket: Socket | undefined;
  try {
    for (const step of steps) {
      if (step === 'connect') {
        socket?.destroy();
        socket = connect(to);
      } else if ('passMs' in step) await pass(step.passMs);
      else if ('send' in step) socket?.write(step.send);
      else expect(await nextPiece(socket as Socket)).toBe(step.answer);
    }
  } finally {
    socket?.destroy();
  }
}

/** The next bytes that come in one piece; '' if the other side closed instead. */
const nextPiece = (socket: Socket): Promise<string> =>
  new Promise(resolve => {
    const done = (piece: string) => {
      socket.off('data', onData).off('close', onClose);
      resolve(piece);
    };
    const onData = (bytes: Buffer) => done(bytes.toString('latin1'));
    const onClose = () => done('');
    socket.on('data', onData).on('close', onClose);
  });
