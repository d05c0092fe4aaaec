import { connect, type Socket } from 'node:net';
import { HttpListener } from '../../src/listeners/http-listener';
import { parsePeers } from '../../src/listeners/peers';
import { RefusalLog } from '../../src/listeners/refusal-log';
import { keptLog } from '../doors/door-fixture';

test('a question that comes to nothing by a fault of ours is answered, logged and counted, and the next one is heard', async () => {
  const { log, lines } = keptLog();
  const refusals = new RefusalLog('test', log);
  const text = (status: number, said: string) => ({ status, type: 'text/plain', text: said });
  const http = new HttpListener({
    door: 'test',
    variable: 'RINGFENCE_TEST_LISTEN',
    listen: { host: '127.0.0.1', port: 0 },
    peers: parsePeers(['127.0.0.1']),
    methods: ['POST'],
    answer: async ({ body }) => {
      if (String(body) === 'bad') throw new TypeError('a bug');
      return text(200, 'good');
    },
    busy: text(503, 'later'),
    refusals,
    log,
  });
  await http.open();
  try {
    const ask = async (body: string) => {
      const answer = await fetch(`http://127.0.0.1:${http.port}/`, { method: 'POST', body });
      return [answer.status, await answer.text()];
    };
    expect(await ask('bad')).toEqual([503, 'later']);
    expect(await ask('good')).toEqual([200, 'good']);
    expect(lines.find(({ event }) => event === 'door_failed')).toMatchObject({
      door: 'test',
      err: { type: 'TypeError' },
    });
    expect(refusals.totals()).toEqual({ failed: 1 });
    expect(http.counts.answered).toBe(2);
  } finally {
    await http.close(1_000);
  }
});

describe('connections that are kept', () => {
  const sockets: Socket[] = [];
  let http: HttpListener;
  let refusals: RefusalLog;
  let release = (): void => undefined;
  let slow: number;
  beforeEach(async () => {
    const { log } = keptLog();
    refusals = new RefusalLog('test', log);
    slow = 0;
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    http = new HttpListener({
      door: 'test',
      variable: 'RINGFENCE_TEST_LISTEN',
      listen: { host: '127.0.0.1', port: 0 },
      peers: parsePeers(['127.0.0.0/8']),
      methods: ['GET'],
      answer: async ({ url }) => {
        if (url === '/slow') {
          slow += 1;
          await held;
        }
        return { status: 200, type: 'text/plain', text: 'good' };
      },
      busy: { status: 503, type: 'text/plain', text: 'later' },
      refusals,
      log,
    });
    await http.open();
  });
  afterEach(async () => {
    release();
    for (const socket of sockets.splice(0)) socket.destroy();
    await http.close(0);
  });

  /** A connection that asks once and stays open; resolves with what came first, null if it was closed instead. */
  const keep = (localAddress: string, path = '/') =>
    new Promise<{ socket: Socket; said: Promise<string | null> }>(resolve => {
      const socket = connect({ port: http.port, host: '127.0.0.1', localAddress });
      sockets.push(socket);
      socket.on('error', () => undefined);
      const said = new Promise<string | null>(answered => {
        socket.once('data', data => answered(String(data)));
        socket.once('close', () => answered(null));
      });
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      resolve({ socket, said });
    });

  test('of one peer never keep another out: the one that stood idle longest makes room', async () => {
    const first = await keep('127.0.0.2');
    await first.said;
    const closed = new Promise(resolve => first.socket.once('close', resolve));
    for (let count = 1; count < 300; count++) await (await keep('127.0.0.2')).said;
    expect(http.counts.connections).toBe(250);
    await closed;
    for (let count = 0; count < 260; count++) await (await keep(`127.0.0.${3 + (count % 2)}`)).said;
    expect(http.counts.connections).toBe(500);
    expect(await (await keep('127.0.0.9')).said).toContain('200 OK');
    expect(refusals.totals()).toEqual({ idle_connection_closed: 61 });
  });

  test('are not closed while they are answered: a peer that has its share and no idle one is refused', async () => {
    const asked = [];
    for (let count = 0; count < 250; count++) asked.push((await keep('127.0.0.2', '/slow')).said);
    while (slow < 250) await new Promise(resolve => setTimeout(resolve, 10));
    expect(await (await keep('127.0.0.2')).said).toBeNull();
    expect(await (await keep('127.0.0.3')).said).toContain('200 OK');
    release();
    for (const answer of await Promise.all(asked)) expect(answer).toContain('200 OK');
  });
});
