import type { Socket } from 'node:net';

/** A line that is longer than the bound. */
export class LineTooLong extends Error {
  override name = 'LineTooLong';
}

/** The beginning of a line whose rest does not come. */
export class LineIncomplete extends Error {
  override name = 'LineIncomplete';
}

/**
 * The lines of a connection, one at a time, without their ends (`\n` or `\r\n`). Bytes that are not UTF-8 become U+FFFD.
 *
 * The socket is paused while more than one line is here: a peer that sends without end fills its own buffers, not ours.
 */
export class LineReader {
  private buffered = '';
  private ended = false;
  private closed = false;
  private wake: (() => void) | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly mostLength: number,
    /**
     * For a peer that writes no end of line: how long silence after these characters makes them a line, ms. null for an incomplete line,
     * which stays one however long its rest is away.
     */
    private readonly silenceMs: (text: string) => number | null = () => null,
    /** How long the rest of a line may take once the line has begun, ms; null for as long as the connection lasts. */
    private readonly restWithinMs: number | null = null,
  ) {
    // One character for each byte until the line is whole: a chunk may end within a letter.
    socket.setEncoding('latin1');
    const onEnd = () => {
      this.ended = true;
      this.wake?.();
    };
    socket.on('end', onEnd);
    socket.on('close', onEnd);
    socket.on('data', (text: string) => {
      this.buffered += text;
      if (this.buffered.length > mostLength) socket.pause();
      this.wake?.();
    });
  }

  /** Whether the peer has ended its side, or is gone. Known also while one of its lines is being answered. */
  get isEnded(): boolean {
    return this.ended;
  }

  /** Whether bytes have come that were not returned as lines yet. */
  get hasMore(): boolean {
    return this.buffered !== '';
  }

  /** Returns no further line, not even one that has come already. */
  close(): void {
    this.closed = true;
    this.wake?.();
  }

  /**
   * The next line; null when the peer has ended. Text before the end without an end of line is no line, unless silence makes it one.
   * @throws LineTooLong, LineIncomplete
   */
  async next(): Promise<string | null> {
    for (;;) {
      if (this.closed) return null;
      const at = this.buffered.indexOf('\n');
      if (at > this.mostLength || (at < 0 && this.buffered.length > this.mostLength)) throw new LineTooLong();
      if (at >= 0) return this.take(at);
      const silenceMs = this.silenceMs(this.buffered);
      if (this.ended) return silenceMs === null ? null : this.take(this.buffered.length);
      const isBegun = this.buffered !== '';
      const isSilent = await this.more(silenceMs ?? (isBegun ? this.restWithinMs : null));
      if (isSilent && silenceMs === null && !this.closed) throw new LineIncomplete();
      if (isSilent && !this.closed) return this.take(this.buffered.length);
    }
  }

  private take(length: number): string {
    const line = this.buffered.slice(0, length);
    this.buffered = this.buffered.slice(length + 1);
    return Buffer.from(line.endsWith('\r') ? line.slice(0, -1) : line, 'latin1').toString('utf8');
  }

  /** Waits for more bytes or the end; true if neither came within that time. */
  private async more(ms: number | null): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const isSilent = await new Promise<boolean>(resolve => {
      this.wake = () => resolve(false);
      if (ms !== null) timer = setTimeout(() => resolve(true), ms);
      this.socket.resume();
    });
    clearTimeout(timer);
    this.wake = null;
    return isSilent;
  }
}
