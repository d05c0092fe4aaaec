import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Knex } from 'knex';
import pino, { type Logger } from 'pino';
import type { Ledger, LedgerOptions } from '../../src/credit/ledger';
import type { Door } from '../../src/doors/door';
import type { DoorNode } from '../../src/doors/door-kind';
import type { Micros } from '../../src/money/micros';
import { LIMITS, openLedger } from '../credit/ledger-fixture';
import type { TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';

/** A log that keeps its lines. */
export function keptLog(): {
  log: Logger;
  // biome-ignore lint/suspicious/noExplicitAny: lines of any event
  lines: any[];
} {
  const lines: unknown[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { log: pino({ level: 'info' }, sink), lines };
}

/** The parts of every door beside its settings. */
interface DoorParts {
  node: DoorNode;
  ledger: Ledger;
  database: Knex;
  emergencyNumbers: string[];
  maxCallSeconds: number;
  secondPersonAbove: Micros | null;
  log: Logger;
}

/** A door on a port of its own, with its log and a ledger in which every other node needs a lease. */
export interface OpenedDoor<OneDoor extends Door> {
  door: OneDoor;
  ledger: Ledger;
  port: number;
  // biome-ignore lint/suspicious/noExplicitAny: lines of any event
  lines: any[];
  close(): Promise<void>;
}

/** `node`: the node of its calls. */
export async function opened<OneDoor extends Door & { readonly port: number }>(
  test: Pick<TestDatabase, 'url' | 'database'>,
  node: DoorNode,
  make: (parts: DoorParts) => OneDoor,
  more: Partial<LedgerOptions> = {},
): Promise<OpenedDoor<OneDoor>> {
  const ledger = openLedger(test, { leaseOf: () => null, doors: new Set([node]), ...more });
  const { log, lines } = keptLog();
  const { database } = test;
  const { maxCallSeconds } = LIMITS;
  const door = make({
    node,
    ledger,
    database,
    emergencyNumbers: ['112'],
    maxCallSeconds,
    secondPersonAbove: null,
    log,
  });
  await door.open();
  return {
    door,
    ledger,
    port: door.port,
    lines,
    async close() {
      await door.leave(1_000);
      door.abandon();
      await ledger.close();
    },
  };
}

/** A connection that sends and receives bytes unchanged. */
export class Wire {
  private received = Buffer.alloc(0);
  private wake: (() => void) | null = null;
  ended = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', chunk => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake?.();
    });
    socket.on('close', () => {
      this.ended = true;
      this.wake?.();
    });
    socket.on('error', () => undefined);
  }

  /** Connects to a port on loopback, from one of its addresses, or to a file. */
  static async open(to: number | string, localAddress = '127.0.0.1'): Promise<Wire> {
    const where = typeof to === 'string' ? { path: to } : { port: to, host: '127.0.0.1', localAddress };
    const socket = connect(where);
    const wire = new Wire(socket);
    await new Promise<void>(resolve => {
      socket.once('connect', resolve);
      socket.once('close', () => resolve());
    });
    // If no process listens, a connection over loopback may by chance have its own port at both ends, and talk to itself.
    if (typeof to === 'number' && socket.localPort === to) {
      socket.destroy();
      wire.ended = true;
    }
    return wire;
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Everything up to and with `end`; everything that came if the other side closed before that. */
  async upTo(end: string): Promise<string> {
    return this.take(text => {
      const at = text.indexOf(end);
      return at < 0 ? null : at + end.length;
    });
  }

  /** The next whole HTTP answer, head and body; what came if the other side closed before that. */
  async answer(): Promise<string> {
    return this.take(text => {
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? Number.NaN);
      return end >= 0 && text.length >= end + 4 + length ? end + 4 + length : null;
    });
  }

  private async take(lengthIn: (text: string) => number | null): Promise<string> {
    for (;;) {
      const text = this.received.toString('latin1');
      const length = lengthIn(text);
      if (length !== null) {
        this.received = this.received.subarray(length);
        return text.slice(0, length);
      }
      if (this.ended) return text;
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
  }

  close(): void {
    this.socket.end();
  }
}

/** Resolves when one of these lines, from the given one on, says that a service acts for its proxy. */
export const proxyServed = (lines: readonly { event: string }[], from = 0): Promise<unknown> =>
  eventually(
    async () => (lines.slice(from).some(({ event }) => event === 'proxy_serving') ? true : null),
    'the proxy served',
  );

/** Tries until the expectation holds; fails with the last failure if it does not within 30 s, as a loaded machine may need. */
export async function until(expected: () => unknown): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      await expected();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
}
