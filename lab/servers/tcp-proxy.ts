import { connect, createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from './ports';

/** One connection through the proxy. It passes on what arrives, unless these two are replaced. */
export interface Passage {
  readonly client: Socket;
  readonly server: Socket;
  fromClient(data: Buffer): void;
  fromServer(data: Buffer): void;
}

/** A TCP proxy on loopback that can break its connections. */
export interface TcpProxy {
  readonly port: number;
  readonly passages: ReadonlySet<Passage>;
  /** Cuts every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Accepts connections again, after `cut`. */
  restore(): Promise<void>;
  /** From now on nothing passes in either direction, and nothing is refused either. */
  freeze(): void;
  thaw(): void;
}

/** `onPassage` gets each connection before any of its data passes. */
export async function openTcpProxy(
  target: { host: string; port: number },
  onPassage: (passage: Passage) => void = () => undefined,
): Promise<TcpProxy> {
  const passages = new Set<Passage>();
  let frozen = false;

  const accept = (client: Socket) => {
    const server = connect(target.port, target.host);
    const passage: Passage = {
      client,
      server,
      fromClient: data => server.write(data),
      fromServer: data => client.write(data),
    };
    passages.add(passage);
    if (frozen) {
      client.pause();
      server.pause();
    }
    onPassage(passage);
    client.on('data', data => passage.fromClient(data));
    server.on('data', data => passage.fromServer(data));
    const close = () => {
      client.destroy();
      server.destroy();
      passages.delete(passage);
    };
    for (const socket of [client, server]) socket.on('close', close).on('error', close);
  };

  let listener: Server | null = createServer(accept);
  // Not one of the machine's own choice: while the proxy is cut, an outgoing connection could get it.
  const port = await findFreePort();
  await new Promise<void>(resolve => listener?.listen(port, '127.0.0.1', resolve));

  const each = (act: (socket: Socket) => void) => {
    for (const { client, server } of passages) {
      act(client);
      act(server);
    }
  };
  return {
    port,
    passages,
    async cut() {
      const closing = listener;
      listener = null;
      const closed = new Promise<void>(resolve => (closing ? closing.close(() => resolve()) : resolve()));
      each(socket => socket.destroy());
      await closed;
    },
    async restore() {
      if (listener) return;
      listener = createServer(accept);
      await new Promise<void>(resolve => listener?.listen(port, '127.0.0.1', resolve));
    },
    freeze() {
      frozen = true;
      each(socket => socket.pause());
    },
    thaw() {
      frozen = false;
      each(socket => socket.resume());
    },
  };
}
