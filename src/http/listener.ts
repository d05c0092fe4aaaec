import type { ServerResponse } from 'node:http';
import type { Outlet } from '../live/event-feed';
import { SendQueue } from '../live/send-queue';
import { type EndReason, endText } from '../live/sse';

/** The most that may wait for a slow reader, besides what the kernel holds. Parts are shared by all listeners. */
const MOST_WAITING_BYTES = 1_048_576;

/** How long a slow reader may take to read its last message. Ms. */
const LAST_MESSAGE_MS = 10_000;

/** One open stream: writes to its socket as fast as the other end reads. */
export class Listener implements Outlet {
  private readonly queue = new SendQueue(MOST_WAITING_BYTES);
  private isBlocked = false;
  private hasEnded = false;
  private readonly waiting: (() => void)[] = [];

  /** `onEnd` is called once, when nothing more is sent. */
  constructor(
    private readonly response: ServerResponse,
    private readonly onEnd: (reason: EndReason | 'left') => void,
  ) {
    response.on('drain', () => this.goOn());
    response.on('close', () => this.finish('left'));
    // The other end may leave in the middle of a message.
    response.on('error', () => undefined);
    // It may have left before.
    if (response.destroyed) queueMicrotask(() => this.finish('left'));
  }

  get isGone(): boolean {
    return this.hasEnded;
  }

  /** If too much waits already, the stream ends. */
  send(part: Uint8Array): void {
    if (this.hasEnded) return;
    if (!this.isBlocked) this.isBlocked = !this.response.write(part);
    else if (!this.queue.push(part)) this.end('too_slow');
  }

  /** Sends a sign of life, if the other end reads: otherwise more of them would only wait. */
  beat(text: string): void {
    if (!this.isBlocked) this.send(Buffer.from(text));
  }

  async drained(): Promise<void> {
    if (this.isBlocked && !this.hasEnded) await new Promise<void>(resolve => this.waiting.push(resolve));
  }

  /** Sends the last message, and closes the connection. */
  end(reason: EndReason): void {
    if (this.hasEnded) return;
    const { response } = this;
    this.finish(reason);
    response.end(endText(reason));
    if (!this.isBlocked) return;
    // A service that stops waits for no reader.
    if (reason === 'stopping') response.destroy();
    else setTimeout(() => response.destroy(), LAST_MESSAGE_MS).unref();
  }

  private goOn(): void {
    if (this.hasEnded) return;
    this.isBlocked = false;
    for (let part = this.queue.shift(); part; part = this.isBlocked ? undefined : this.queue.shift()) {
      this.isBlocked = !this.response.write(part);
    }
    if (!this.isBlocked) this.wakeWaiting();
  }

  private finish(reason: EndReason | 'left'): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.queue.clear();
    this.wakeWaiting();
    this.onEnd(reason);
  }

  private wakeWaiting(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}
