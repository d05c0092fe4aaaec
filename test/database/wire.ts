import { connect, createServer, type Server, type Socket } from 'node:net';

/** The wire between a client and a database, with its bad days. */
export interface Wire {
  /** The database's URL through this wire. */
  url: string;
  /** Cuts every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Takes connections again, after `cut`. */
  mend(): Promise<void>;
  /** Nothing goes through any more, in either direction, and nothing is refused either. */
  freeze(): void;
  thaw(): void;
  /**
   * The next COMMIT reaches the server, and the connection breaks before its answer comes back. With `andStayAway` the
   * server is away from that moment on, until `mend`.
   */
  loseNextCommitReply(options?: { andStayAway: boolean }): void;
  /** Resolves when the reply was lost. */
  lost: Promise<void>;
  close(): Promise<void>;
}

const COM_QUERY = 3;

export async function openWire(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  const pairs = new Set<{ client: Socket; server: Socket }>();
  let frozen = false;
  let loseCommit = false;
  let stayAway = false;
  let onLost: () => void = () => undefined;
  const lost = new Promise<void>(resolve => {
    onLost = resolve;
  });

  const accept = (client: Socket) => {
    const server = connect(Number(target.port), target.hostname);
    const pair = { client, server };
    pairs.add(pair);
    if (frozen) {
      client.pause();
      server.pause();
    }
    let replyIsLost = false;
    client.on('data', data => {
      if (loseCommit && data[4] === COM_QUERY && /COMMIT;?$/i.test(data.subarray(5).toString())) {
        loseCommit = false;
        replyIsLost = true;
      }
      server.write(data);
    });
    server.on('data', data => {
      if (!replyIsLost) {
        client.write(data);
        return;
      }
      // The server has answered, so it has committed; its client will never hear of it.
      if (stayAway) listener.close();
      client.destroy();
      onLost();
    });
    const close = () => {
      client.destroy();
      server.destroy();
      pairs.delete(pair);
    };
    for (const socket of [client, server]) socket.on('close', close).on('error', close);
  };

  let listener: Server = createServer(accept);
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  const url = new URL(databaseUrl);
  url.port = String(port);

  const cut = async () => {
    const closed = new Promise<void>(resolve => listener.close(() => resolve()));
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
    await closed;
  };
  const each = (act: (socket: Socket) => void) => {
    for (const { client, server } of pairs) {
      act(client);
      act(server);
    }
  };
  return {
    url: url.toString(),
    cut,
    async mend() {
      listener = createServer(accept);
      await new Promise<void>(resolve => listener.listen(port, '127.0.0.1', resolve));
    },
    freeze() {
      frozen = true;
      each(socket => socket.pause());
    },
    thaw() {
      frozen = false;
      each(socket => socket.resume());
    },
    loseNextCommitReply({ andStayAway } = { andStayAway: false }) {
      loseCommit = true;
      stayAway = andStayAway;
    },
    lost,
    close: cut,
  };
}
