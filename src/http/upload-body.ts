/** The body of an upload: bounded, counted and hashed while it streams, never held as a whole. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable, Transform, type TransformCallback } from 'node:stream';

export interface UploadLimits {
  mostBytes: number;
  /** How long the client may send nothing. Ms. */
  idleMs: number;
  /** What the client must send on average, beyond its first `idleMs`. */
  bytesPerSecond: number;
}

/** How an upload is refused whose bytes were being read. */
const REASONS = {
  too_large: 413,
  too_slow: 408,
  broke_off: 400,
  not_admitted: 401,
  stopping: 503,
} as const;

export class UploadFailed extends Error {
  override name = 'UploadFailed';
  readonly status: number;
  constructor(
    readonly reason: keyof typeof REASONS,
    message: string,
  ) {
    super(message);
    this.status = REASONS[reason];
  }
}

/** How often it is looked whether the client still sends. Ms. */
const LOOK_MS = 500;

export class UploadBody extends Transform {
  private readonly hash = createHash('sha256');
  private readonly looking: NodeJS.Timeout;
  private bytes = 0;
  private idleMs = 0;
  /** In all. */
  private waitedMs = 0;
  private digested: string | undefined;

  /** `mayEnd`: asked when the last byte has come, because what let the request in may have ended meanwhile. */
  constructor(
    private readonly request: IncomingMessage,
    private readonly limits: UploadLimits,
    private readonly mayEnd: () => Promise<boolean>,
  ) {
    super();
    // Its reader hears of it; an upload that no one reads any more must not end the process.
    this.on('error', () => undefined);
    this.looking = setInterval(() => this.look(), LOOK_MS);
    request.pipe(this);
  }

  /** SHA-256 of all bytes, hexadecimal. @throws Error before the end */
  get digest(): string {
    if (this.digested === undefined) throw new Error('the upload has not ended');
    return this.digested;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    this.idleMs = 0;
    if (this.bytes > this.limits.mostBytes) {
      done(tooLarge(this.limits.mostBytes));
      return;
    }
    this.hash.update(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.digested = this.hash.digest('hex');
    this.mayEnd().then(
      may => done(may ? null : new UploadFailed('not_admitted', 'the key or the session ended while the file came')),
      done,
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.looking);
    done(error);
  }

  private look(): void {
    // Not the client's time: it has sent all, or waits until what it sent was written.
    if (this.request.complete || this.writableNeedDrain) {
      this.idleMs = 0;
      return;
    }
    this.idleMs += LOOK_MS;
    this.waitedMs += LOOK_MS;
    const { idleMs, bytesPerSecond } = this.limits;
    if (this.idleMs >= idleMs) {
      this.destroy(new UploadFailed('too_slow', `nothing came for ${idleMs / 1000} s`));
    } else if (this.waitedMs > idleMs + (this.bytes / bytesPerSecond) * 1000) {
      this.destroy(new UploadFailed('too_slow', `it came at less than ${bytesPerSecond} bytes a second`));
    }
  }
}

/** Bytes that are read at once: some hundred lines. */
const SLICE_BYTES = 16_384;

/** The same bytes in small slices. Between two of them the service does what else is to do: it may carry calls. */
export const inSlices = (body: UploadBody): Readable => Readable.from(slicesOf(body), { highWaterMark: 1 });

async function* slicesOf(body: UploadBody): AsyncGenerator<Buffer> {
  for await (const chunk of body as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      yield chunk.subarray(at, at + SLICE_BYTES);
      await new Promise(resolve => setImmediate(resolve));
    }
  }
}

export const tooLarge = (mostBytes: number): UploadFailed =>
  new UploadFailed(
    'too_large',
    `it is larger than ${mostBytes} bytes (RINGFENCE_HTTP_UPLOAD_MB): split the deck, or import it on the command line`,
  );
