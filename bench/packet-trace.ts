/** What goes over the connections of a service, packet by packet, and the same packets again for another process. */
import { createServer, type Socket } from 'node:net';
import { findFreePort } from '../lab/servers/ports';
import { openTcpProxy, type TcpProxy } from '../lab/servers/tcp-proxy';

/** What one read or write carried. */
export interface Packet {
  /** Since the trace began. */
  atMs: number;
  /** By the number of its connection, or `LOG`. */
  connection: number;
  toService: boolean;
  bytes: number;
}

/** The lines of log, in place of a connection. */
export const LOG = -1;

/** Notes packets while it is asked to. */
export class PacketTrace {
  private packets: Packet[] = [];
  private beganAt = performance.now();
  private connections = 0;
  private readonly proxies: TcpProxy[] = [];

  /** A proxy that passes on everything, and notes it. */
  async proxyTo(host: string, port: number): Promise<TcpProxy> {
    const proxy = await openTcpProxy({ host, port }, passage => {
      const connection = this.connections++;
      for (const socket of [passage.client, passage.server]) socket.setNoDelay(true);
      passage.fromClient = data => {
        this.note(connection, false, data.length);
        passage.server.write(data);
      };
      passage.fromServer = data => {
        this.note(connection, true, data.length);
        passage.client.write(data);
      };
    });
    this.proxies.push(proxy);
    return proxy;
  }

  note(connection: number, toService: boolean, bytes: number): void {
    this.packets.push({ atMs: performance.now() - this.beganAt, connection, toService, bytes });
  }

  /** What was noted since the last time. */
  take(): Packet[] {
    const taken = this.packets;
    this.packets = [];
    this.beganAt = performance.now();
    return taken;
  }

  async close(): Promise<void> {
    for (const proxy of this.proxies) await proxy.cut();
  }
}

/** The largest packet that is sent again; what is longer came in several reads. */
const FILLING = Buffer.alloc(1024 * 1024, '.');

/** What a process that exchanges these packets does: what it sends at once, and after each packet that it gets. */
export interface Script {
  port: number;
  connections: number[];
  first: Packet[];
  /** By connection: how long the packets are that it gets there, and what it sends after each. It sends its number there before all. */
  steps: Record<number, { bytes: number; answers: Packet[] }[]>;
}

/** The other ends of these packets' connections. */
export interface PacketPlayer {
  script: Script;
  /** Resolves when all is sent: an answer as long after its question as it was, anything else at its time. */
  play(): Promise<void>;
  close(): Promise<void>;
}

export async function packetPlayer(packets: readonly Packet[]): Promise<PacketPlayer> {
  const sockets = new Map<number, Socket>();
  const server = createServer({ noDelay: true }, socket => {
    socket.once('data', name => sockets.set(Number(name), socket));
    socket.on('error', () => undefined);
  });
  const port = await findFreePort();
  await new Promise<void>(done => server.listen(port, '127.0.0.1', done));
  const connections = [...new Set(packets.map(({ connection }) => connection))].filter(each => each !== LOG);
  const script: Script = { port, connections, first: [], steps: {} };
  let last = script.first;
  for (const packet of packets) {
    if (!packet.toService) last.push(packet);
    else {
      last = [];
      script.steps[packet.connection] ??= [];
      script.steps[packet.connection]!.push({ bytes: packet.bytes, answers: last });
    }
  }
  return {
    script,
    async play() {
      const beganAt = performance.now();
      await Promise.all(
        connections.map(each =>
          playOn(
            sockets.get(each)!,
            packets.filter(({ connection }) => connection === each),
            beganAt,
          ),
        ),
      );
    },
    async close() {
      for (const socket of sockets.values()) socket.destroy();
      await new Promise(done => server.close(done));
    },
  };
}

async function playOn(socket: Socket, packets: readonly Packet[], beganAt: number): Promise<void> {
  let [got, wanted] = [0, 0];
  let arrived = () => {};
  socket.on('data', data => {
    got += data.length;
    arrived();
  });
  let question: Packet | null = null;
  for (const packet of packets) {
    if (!packet.toService) {
      wanted += packet.bytes;
      question = packet;
      continue;
    }
    if (question === null) await pause(beganAt + packet.atMs - performance.now());
    else {
      while (got < wanted) {
        await new Promise<void>(resolve => {
          arrived = resolve;
        });
      }
      await pause(packet.atMs - question.atMs);
      question = null;
    }
    socket.write(FILLING.subarray(0, packet.bytes));
  }
}

/** Less than a millisecond is what this process needs to send anything. */
const pause = async (ms: number): Promise<void> => {
  if (ms >= 1) await new Promise(done => setTimeout(done, Math.floor(ms)));
};
