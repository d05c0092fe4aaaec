/** Exchanges packets and does nothing else: what they cost any process of Node on this machine. */
import { connect } from 'node:net';
import { LOG, type Packet, type Script } from './packet-trace';

const FILLING = Buffer.alloc(1024 * 1024, '.');

process.once('message', (script: Script) => void exchange(script));

async function exchange({ port, connections, first, steps }: Script): Promise<void> {
  const send = ({ connection, bytes }: Packet) => {
    const out = connection === LOG ? process.stdout : sockets.get(connection)!;
    out.write(FILLING.subarray(0, bytes));
  };
  const opened = connections.map(async name => {
    const left = (steps[name] ?? []).values();
    let step = left.next().value;
    let got = 0;
    const take = (bytes: number) => {
      got += bytes;
      while (step && got >= step.bytes) {
        got -= step.bytes;
        const { answers } = step;
        step = left.next().value;
        for (const packet of answers) send(packet);
      }
      return true;
    };
    // One buffer for all reads: nothing is kept of them.
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: READ, callback: take } });
    await new Promise(done => socket.once('connect', done));
    socket.write(String(name));
    return [name, socket] as const;
  });
  const sockets = new Map(await Promise.all(opened));
  process.send?.('ready');
  process.once('message', () => {
    for (const packet of first) send(packet);
  });
}

const READ = Buffer.alloc(64 * 1024);
