import type { Socket } from 'node:net';

/** A line that is longer than any line may be. */
export class LineTooLong extends Error {
  override name = 'LineTooLong';
}

/**
 * The lines of a connection, one at a time, without their ends (`\n` or `\r\n`); what is not UTF-8 becomes U+FFFD.
 *
 * The socket is paused while nobody asks, so that a peer that sends without end fills its own buffers and not ours.
 */
export class LineReader {
  private buffered = '';
  private ended = false;
  private wake: (() => void) | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly mostLength: number,
  ) {
    // Every byte is one character until a line is whole: a chunk may end within a letter.
    socket.setEncoding('latin1');
    const onEnd = () => {
      this.ended = true;
      this.wake?.();
    };
    socket.on('end', onEnd);
    socket.on('close', onEnd);
    socket.on('data', (text: string) => {
      this.buffered += text;
      socket.pause();
      this.wake?.();
    });
    socket.pause();
  }

  /** null when the peer has ended; what came without an end of line before that is none. @throws LineTooLong */
  async next(): Promise<string | null> {
    for (;;) {
      const at = this.buffered.indexOf('\n');
      if (at > this.mostLength || (at < 0 && this.buffered.length > this.mostLength)) throw new LineTooLong();
      if (at >= 0) {
        const line = this.buffered.slice(0, at);
        this.buffered = this.buffered.slice(at + 1);
        return Buffer.from(line.endsWith('\r') ? line.slice(0, -1) : line, 'latin1').toString('utf8');
      }
      if (this.ended) return null;
      await new Promise<void>(resolve => {
        this.wake = resolve;
        this.socket.resume();
      });
      this.wake = null;
    }
  }
}
