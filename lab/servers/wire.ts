import { openTcpProxy, type TcpProxy } from './tcp-proxy';

/** The wire between a client and a database, which can break the connections. */
export interface Wire extends Pick<TcpProxy, 'cut' | 'restore' | 'freeze' | 'thaw'> {
  /** The database's URL through this wire. */
  url: string;
  /** How many are open. */
  readonly connections: number;
  /**
   * The next COMMIT reaches the server, and the connection breaks before its answer comes back; resolves then. With `andStayAway` the
   * server is away from that moment on, until `restore`.
   */
  loseNextCommitReply(options?: { andStayAway: boolean }): Promise<void>;
  close(): Promise<void>;
}

const COM_QUERY = 3;
/** The bytes before a packet's content: its length in three, and its number. */
const HEADER = 4;
const OK = 0;
const SERVER_MORE_RESULTS_EXISTS = 8;

/** Whether these bytes, of one question after the other, end with a whole question. */
const isWhole = (data: Buffer): boolean => data.length >= HEADER && data.length >= HEADER + data.readUIntLE(0, 3);

/** What these answers mean, one for each statement of a packet that only writes. */
function stateOf(answers: Buffer): 'more' | 'done' | 'refused' {
  let rest = answers;
  let last = rest;
  while (rest.length >= HEADER && rest.length >= HEADER + rest.readUIntLE(0, 3)) {
    last = rest.subarray(HEADER, HEADER + rest.readUIntLE(0, 3));
    rest = rest.subarray(HEADER + last.length);
  }
  if (rest.length > 0 || last.length === 0) return 'more';
  if (last[0] !== OK) return 'refused';
  const afterRows = afterNumber(last, 1);
  const status = last.readUInt16LE(afterNumber(last, afterRows));
  return (status & SERVER_MORE_RESULTS_EXISTS) === 0 ? 'done' : 'more';
}

/** Where a length-encoded number ends. */
const afterNumber = (data: Buffer, at: number): number =>
  at + 1 + ({ 252: 2, 253: 3, 254: 8 }[data[at] as number] ?? 0);

export async function openWire(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  /** Set while the next reply must get lost. */
  let lose: { stayAway: boolean; onLost: () => void } | null = null;

  const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) }, passage => {
    let losing: typeof lose = null;
    let asked = Buffer.alloc(0);
    let answered = Buffer.alloc(0);
    passage.fromClient = data => {
      asked = Buffer.concat([asked, data]);
      if (isWhole(asked)) {
        if (lose && asked[HEADER] === COM_QUERY && /COMMIT;?$/i.test(asked.subarray(HEADER + 1).toString())) {
          losing = lose;
          lose = null;
        }
        asked = Buffer.alloc(0);
      }
      passage.server.write(data);
    };
    passage.fromServer = data => {
      if (!losing) {
        passage.client.write(data);
        return;
      }
      answered = Buffer.concat([answered, data]);
      const state = stateOf(answered);
      if (state === 'more') return;
      if (state === 'refused') {
        // Nothing was committed, so the next COMMIT counts.
        lose = losing;
        losing = null;
        passage.client.write(answered);
        answered = Buffer.alloc(0);
        return;
      }
      // The server has answered, so it has committed. Its client will never know.
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
    restore: proxy.restore,
    freeze: proxy.freeze,
    thaw: proxy.thaw,
    loseNextCommitReply: ({ andStayAway } = { andStayAway: false }) =>
      new Promise(resolve => {
        lose = { stayAway: andStayAway, onLost: resolve };
      }),
    close: proxy.cut,
  };
}
