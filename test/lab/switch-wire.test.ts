import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { FrameReader, openSwitchWire, type SwitchWire } from '../../lab/servers/switch-wire';
import { eventually } from '../eventually';

const head = Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n');
const frame = (length: number): Buffer => {
  const lengthBytes =
    length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : [127, 0, 0, 0, 0, 0, 1, 0, 0];
  return Buffer.concat([Buffer.from([0x81, ...lengthBytes]), Buffer.alloc(length, 'x')]);
};

test.each([9, 11, 1_000, 1_000_000])('frames of every length come whole out of chunks of %d bytes', size => {
  const wanted = [head, frame(0), frame(125), frame(126), frame(65_535), frame(65_536), frame(3)];
  const stream = Buffer.concat(wanted);
  const reader = new FrameReader();
  const got: Buffer[] = [];
  for (let from = 0; from < stream.length; from += size) got.push(...reader.read(stream.subarray(from, from + size)));
  expect(got.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
  expect(Buffer.concat(got).equals(stream)).toBe(true);
});

describe('between a service and a switch', () => {
  let wire: SwitchWire;
  let events: WebSocketServer;
  const server = createServer((_, response) => response.end('asked'));

  beforeAll(async () => {
    events = new WebSocketServer({ server });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    wire = await openSwitchWire(`http://user:secret@127.0.0.1:${port}`);
  });
  afterAll(async () => {
    await wire.close();
    events.close();
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  });

  const eventsUrl = () => `${wire.url.replace(/^http:\/\/.*@/, 'ws://')}/ari/events?app=ringfence`;
  const listen = async (): Promise<{ socket: WebSocket; got: string[] }> => {
    const socket = new WebSocket(eventsUrl());
    const got: string[] = [];
    socket.on('message', data => got.push(String(data)));
    await new Promise((done, failed) => socket.on('open', done).on('error', failed));
    return { socket, got };
  };
  const sendAll = (texts: string[]) => {
    for (const client of events.clients) for (const text of texts) client.send(text);
  };
  const ask = async () => (await fetch(`${wire.url.replace(/\/\/.*@/, '//')}/ari/channels`)).text();

  test('cutting the events leaves requests alone, and new event streams are refused until it is restored', async () => {
    const { socket } = await listen();
    const closed = new Promise(done => socket.on('close', done));
    expect(wire.cutEvents()).toBe(1);
    await closed;
    expect(await ask()).toBe('asked');
    await expect(listen()).rejects.toThrow();
    wire.mendEvents();
    (await listen()).socket.terminate();
  });

  test('disordered, events come late, some twice and some before their elders; none is lost', async () => {
    const { socket, got } = await listen();
    const sent = Array.from({ length: 60 }, (_, index) => `event ${index}`);
    wire.disorder({ withinMs: 50, everyNth: 3, random: Math.random });
    sendAll(sent);
    await eventually(async () => (new Set(got).size === 60 && got.length > 60 ? true : null), 'all events, some twice');
    wire.order();
    expect(wire.disordered.duplicated).toBeGreaterThan(5);
    expect(wire.disordered.overtaken).toBeGreaterThan(5);
    await new Promise(done => setTimeout(done, 100));
    got.length = 0;
    sendAll(sent);
    await eventually(async () => (got.length === 60 ? true : null), 'all events');
    expect(got).toEqual(sent);
    socket.terminate();
  });
});
