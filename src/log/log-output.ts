import { fstatSync, write } from 'node:fs';
import type { Socket } from 'node:net';

/** Where bytes go; `done` gets how many were taken, or why not. Never waits. */
export type Sink = (bytes: Buffer, done: (error: NodeJS.ErrnoException | null, taken: number) => void) => void;

/** The most that waits to be written; what comes beyond it is lost. Bytes. */
const MOST_WAITING = 4 * 1024 * 1024;

/**
 * How long a line that is no warning waits for others: a call has three, and to write one costs a service at rest more than to make it. A process
 * that is killed loses these lines. Ms.
 */
export const GATHERED_MS = 50;

/** The least time between two reports of lost lines. Ms. */
const TOLD_EVERY_MS = 1_000;

/**
 * Lines of log, written one piece after the other, in order.
 *
 * Billing does not depend on logging. A line that cannot be written (a full disk, a reader that has gone), or for which there is no room (a
 * reader that stands still), is lost and counted; no caller waits for it. When lines can be written again, one says how many were lost.
 */
export class LogOutput {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private isWriting = false;
  /** A piece that was taken only in part: what comes next begins a line of its own. */
  private isTorn = false;
  private lines = 0;
  private told = 0;
  private toldAt = Number.NEGATIVE_INFINITY;
  private why = '';
  private onIdle: (() => void) | null = null;
  private isTaken = true;
  private gathering: NodeJS.Timeout | undefined;

  /** `gatheredMs`: how long a line may wait for others, if it is no warning. */
  constructor(
    private readonly sink: Sink,
    private readonly gatheredMs = 0,
  ) {}

  /** How many lines were lost since the start. */
  get lost(): number {
    return this.lines;
  }

  /** Whether the last piece was written. */
  get works(): boolean {
    return this.isTaken;
  }

  /** Why the last ones were lost, such as `ENOSPC`; empty if none was. */
  get reason(): string {
    return this.why;
  }

  /** Takes whole lines, each with its end. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    if (this.waitingBytes + bytes.length > MOST_WAITING) {
      this.lose(bytes, 'not read');
      return;
    }
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.gatheredMs === 0 || !/^{"level":[123]0,/.test(text)) this.pump();
    else this.gathering ??= setTimeout(() => this.pump(), this.gatheredMs);
  }

  /** Whether all has been written, or given up, within that time. */
  async flush(withinMs: number): Promise<boolean> {
    this.pump();
    if (!this.isWriting) return true;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>(resolve => {
      this.onIdle = resolve;
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
    return !this.isWriting;
  }

  /**
   * The process ends without `flush`: what waits for others is written, by `atOnce` if the sink would come too late. Never throws. If a write stands
   * still or the last one failed, nothing is written: `atOnce` would stand still too, and keep the process.
   */
  leave(atOnce: ((bytes: Buffer) => unknown) | null): void {
    if (this.isWriting || !this.isTaken) return;
    if (atOnce === null) {
      this.pump();
      return;
    }
    const left = Buffer.concat(this.waiting.splice(0));
    try {
      if (left.length > 0) atOnce(left);
    } catch {
      // The process ends.
    }
  }

  private pump(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    if (this.isWriting) return;
    if (this.waiting.length === 0) {
      this.onIdle?.();
      return;
    }
    const piece = Buffer.concat(this.isTorn ? [Buffer.from('\n'), ...this.waiting] : this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
    this.isWriting = true;
    this.send(piece, this.isTorn);
  }

  /** `isTorn`: the last write does not end with its line. */
  private send(piece: Buffer, isTorn: boolean): void {
    this.sink(piece, (error, taken) => {
      const rest = piece.subarray(taken);
      if (taken > 0) isTorn = rest.length > 0;
      if (!error && taken > 0 && rest.length > 0) {
        this.send(rest, isTorn);
        return;
      }
      this.isWriting = false;
      this.isTorn = isTorn;
      // The piece begins with the end of a torn line, which is no line.
      if (rest.length > 0) this.lose(isTorn && taken === 0 ? rest.subarray(1) : rest, error?.code ?? 'not taken');
      else {
        this.isTaken = true;
        this.tell();
      }
      this.pump();
    });
  }

  private lose(bytes: Buffer, reason: string): void {
    for (const byte of bytes) if (byte === 0x0a) this.lines++;
    this.why = reason;
    this.isTaken = false;
  }

  /** Reports that lines were lost, now that one can be written. */
  private tell(): void {
    const now = performance.now();
    if (this.lines === this.told || now - this.toldAt < TOLD_EVERY_MS) return;
    const facts = { level: 40, time: new Date().toISOString(), event: 'log_lines_lost' };
    const line = `${JSON.stringify({ ...facts, lines: this.lines - this.told, reason: this.why })}\n`;
    Object.assign(this, { told: this.lines, toldAt: now });
    this.waiting.push(Buffer.from(line));
  }
}

/**
 * The standard output of this process, whatever it is. A pipe or a socket takes what there is room for, and the rest later; a file is
 * written by a thread of its own.
 */
export function standardOutput(): Sink {
  if (mayBlock()) return toFile(1);
  return toPipe(process.stdout as unknown as Socket);
}

/** Whether a write to the standard output may block a thread of this process for as long as a disk or a screen likes. */
export const mayBlock = (): boolean => !fstatSync(1).isFIFO() && !fstatSync(1).isSocket();

/** A file that is open for writing, or something that is written like one. */
export const toFile =
  (descriptor: number): Sink =>
  (bytes, done) =>
    write(descriptor, bytes, 0, bytes.length, null, (error, taken) => done(error, taken ?? 0));

/** A pipe or a socket: what does not fit waits in it, and `done` is called when it has gone. */
export function toPipe(socket: Pick<Socket, 'write' | 'on'>): Sink {
  // Each write gets its own error. An error event without a listener would end the process.
  socket.on('error', () => undefined);
  return (bytes, done) => {
    socket.write(bytes, error => done(error ?? null, error ? 0 : bytes.length));
  };
}
