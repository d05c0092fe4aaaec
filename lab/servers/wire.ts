import { openTcpProxy, type TcpProxy } from './tcp-proxy';

/** The wire between a client and a database, with its bad days. */
export interface Wire extends Pick<TcpProxy, 'cut' | 'mend' | 'freeze' | 'thaw'> {
  /** The database's URL through this wire. */
  url: string;
  /** How many are open. */
  readonly connections: number;
  /**
   * The next COMMIT reaches the server, and the connection breaks before its answer comes back; resolves then. With
   * `andStayAway` the server is away from that moment on, until `mend`.
   */
  loseNextCommitReply(options?: { andStayAway: boolean }): Promise<void>;
  close(): Promise<void>;
}

const COM_QUERY = 3;

export async function openWire(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  /** Set while a reply is to be lost. */
  let lose: { stayAway: boolean; onLost: () => void } | null = null;

  const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) }, passage => {
    let losing: typeof lose = null;
    passage.fromClient = data => {
      if (lose && data[4] === COM_QUERY && /COMMIT;?$/i.test(data.subarray(5).toString())) {
        losing = lose;
        lose = null;
      }
      passage.server.write(data);
    };
    passage.fromServer = data => {
      if (!losing) {
        passage.client.write(data);
        return;
      }
      // The server has answered, so it has committed; its client will never hear of it.
      if (losing.stayAway) void proxy.cut();
      passage.client.destroy();
      losing.onLost();
    };
  });

  const url = new URL(databaseUrl);
  url.port = String(proxy.port);
  return {
    url: url.toString(),
    get connections() {
      return proxy.passages.size;
    },
    cut: proxy.cut,
    mend: proxy.mend,
    freeze: proxy.freeze,
    thaw: proxy.thaw,
    loseNextCommitReply: ({ andStayAway } = { andStayAway: false }) =>
      new Promise(resolve => {
        lose = { stayAway: andStayAway, onLost: resolve };
      }),
    close: proxy.cut,
  };
}
