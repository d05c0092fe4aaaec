import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AsteriskServer } from '../../../lab/servers/asterisk';
import { findFreePort } from '../../../lab/servers/ports';
import { type Carrier, placeCall, startCalls, startCarrier } from '../../../lab/servers/sipp';
import { parseListenUrl } from '../../../src/switches/asterisk/ari-address';
import { AriListener } from '../../../src/switches/asterisk/ari-listener';
import { readableLog, until } from './log-lines';
import { callThrough, ownAsterisk, WatchedPort } from './real-switch';

/** Between Asterisk and the listener: a wire that can go dead without a sign to either. */
interface Wire {
  /** What is sent from now on arrives nowhere, in either direction; new connections work. */
  silence(): void;
  /** Every connection is reset. */
  cut(): void;
  close(): void;
}

async function openWire(port: number, to: number): Promise<Wire> {
  const pairs: [Socket, Socket][] = [];
  const server: Server = createServer(near => {
    const far = connect(to, '127.0.0.1');
    pairs.push([near, far]);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>(done => server.listen(port, '127.0.0.1', done));
  const cut = () => {
    for (const pair of pairs.splice(0)) for (const socket of pair) socket.resetAndDestroy();
  };
  return {
    silence() {
      for (const [near, far] of pairs) {
        near.unpipe();
        far.unpipe();
        near.resume();
        far.resume();
      }
    },
    cut,
    close() {
      server.close();
      cut();
    },
  };
}

const USER = 'events';
const PASSWORD = 'heard-only';

let carrier: Carrier;
let asterisk: AsteriskServer;
let wirePort: number;
let listenPort: number;
let wire: Wire;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  carrier = await startCarrier();
  wirePort = await findFreePort();
  listenPort = await findFreePort();
  wire = await openWire(wirePort, listenPort);
  asterisk = await ownAsterisk({
    systemname: 'ast1',
    carriers: [{ name: 'carrier', address: carrier.address }],
    outbound: { url: `ws://127.0.0.1:${wirePort}/events/ast1`, user: USER, password: PASSWORD },
  });
}, 60_000);
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await asterisk?.stop();
  wire?.close();
  await carrier?.stop();
});

/** What a starting process does: a listener, and a port on it. */
async function begin(password = PASSWORD, options = {}) {
  const { log, lines } = readableLog();
  const listener = new AriListener(parseListenUrl(`ws://${USER}:${password}@127.0.0.1:${listenPort}`), log);
  await listener.open();
  const watched = new WatchedPort(asterisk.ariUrl, { listener, ...options });
  const end = async () => {
    await watched.port.leaveEvents();
    await watched.port.close();
    await listener.close();
  };
  closing.unshift(end);
  return { watched, lines, end };
}

const types = ({ events }: WatchedPort) => events.map(event => event.type);

test('calls are carried over a connection that Asterisk opened', async () => {
  const { watched } = await begin();
  await watched.connected();
  watched.onArrival = leg => callThrough(watched.port, leg, { bLeg: 'rf-a-1' });
  const seen = await placeCall({ sip: asterisk.sip, to: '4930120', talkMs: 500 });
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  await watched.port.hangup('rf-a-1', 16);
  await watched.ended('rf-a-1');
  await watched.port.destroyBridge('rf-a-1-bridge');
  expect(watched.failures).toEqual([]);
  expect(types(watched)[0]).toBe('connected');
});

test('what happened while nobody served is told afterwards, in order and with the time at which it happened', async () => {
  const first = await begin();
  await first.watched.connected();
  first.watched.onArrival = leg => callThrough(first.watched.port, leg, { bLeg: 'rf-b-1' });
  const talking = await startCalls({ sip: asterisk.sip, to: '4930120', talkMs: 1_500 });
  await until(() => first.watched.of('answered', 'rf-b-1').length > 0, 'the answer');
  const { channel } = (await first.watched.arrival()).leg;
  await first.end();
  expect(types(first.watched).at(-1)).toBe('left');

  const ended = await talking.finished;
  const waiting = await startCalls({ sip: asterisk.sip, to: '4930121' });
  await new Promise(done => setTimeout(done, 1_000));

  const { watched } = await begin();
  const cameBackAt = Date.now();
  const arrived = await watched.arrival();
  expect(watched.events[0]).toMatchObject({ type: 'connected' });
  const [end] = watched.of('ended', channel);
  expect(Math.abs((end?.at ?? 0) - ended.endedAt)).toBeLessThan(1_000);
  expect(arrived.leg.dialledNumber).toBe('4930121');
  expect(arrived.at).toBeLessThan(cameBackAt - 800);
  const stamps = watched.events.flatMap(event => ('at' in event ? [event.at] : []));
  expect(stamps).toEqual([...stamps].sort((one, other) => one - other));
  await watched.port.hangup(arrived.leg.channel, 17);
  expect((await waiting.finished).sipStatus).toBe(486);
  await watched.port.hangup('rf-b-1', 16);
  await watched.port.destroyBridge('rf-b-1-bridge');
});

test('Asterisk answers pings, so that a healthy connection stays and a half-open one is given up and made again', async () => {
  const { watched } = await begin(PASSWORD, { timing: { pingEveryMs: 200 } });
  await watched.connected();
  await new Promise(done => setTimeout(done, 2_000));
  // Events that Asterisk kept from the test before may still come.
  expect(types(watched).filter(type => /connected/.test(type))).toEqual(['connected']);
  wire.silence();
  await until(() => watched.of('disconnected').length === 1, 'the break');
  // Asterisk itself would not notice before it has something to send (it has no keepalive before 22.11).
  wire.cut();
  expect(watched.lines).toContainEqual(
    expect.objectContaining({ event: 'switch_events_down', reason: 'no answer to 2 pings' }),
  );
  await watched.connected(2);
  watched.onArrival = leg => watched.port.hangup(leg.channel, 17);
  expect((await placeCall({ sip: asterisk.sip, to: '4930120' })).sipStatus).toBe(486);
});

test('a wrong password is refused for as long as it takes, and nothing is lost by it', async () => {
  const wrong = await begin('another');
  await until(() => wrong.lines.some(({ event }) => event === 'switch_login_refused'), 'the line');
  const waiting = await startCalls({ sip: asterisk.sip, to: '4930122' });
  await new Promise(done => setTimeout(done, 1_200));
  expect(types(wrong.watched)).toEqual([]);
  expect(wrong.lines.filter(({ event }) => event === 'switch_login_refused')).toHaveLength(1);
  expect(JSON.stringify(wrong.lines)).not.toContain(PASSWORD);
  await wrong.end();

  const { watched } = await begin();
  const { leg } = await watched.arrival();
  await watched.port.hangup(leg.channel, 17);
  expect((await waiting.finished).sipStatus).toBe(486);
});

test('a process that is killed leaves the same to the next as one that was stopped', async () => {
  const first = await begin();
  await first.watched.connected();
  // As the kernel does for a killed process: the connection is reset, without a close of either side.
  wire.cut();
  await first.end();
  const waiting = await startCalls({ sip: asterisk.sip, to: '4930123' });
  await new Promise(done => setTimeout(done, 700));
  const { watched } = await begin();
  const { leg, at } = await watched.arrival();
  expect(Date.now() - at).toBeGreaterThan(600);
  await watched.port.hangup(leg.channel, 17);
  expect((await waiting.finished).sipStatus).toBe(486);
});

test('an Asterisk that was killed and started again connects anew, and is not taken for one that replaced the first', async () => {
  const { watched } = await begin();
  await watched.connected();
  await asterisk.kill();
  await asterisk.restart();
  await watched.connected(2, 30_000);
  expect(types(watched)).toEqual(['connected', 'disconnected', 'connected']);
  const [before, after] = watched.of('connected');
  expect(after!.startedAt).toBeGreaterThan(before!.startedAt);
  watched.onArrival = leg => watched.port.hangup(leg.channel, 17);
  expect((await placeCall({ sip: asterisk.sip, to: '4930120' })).sipStatus).toBe(486);
}, 60_000);
