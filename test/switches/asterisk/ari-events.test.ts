import { createServer, type Socket } from 'node:net';
import { FakeAri } from '../../../lab/servers/fake-ari';
import { AriEventSource, type AriEventSourceOptions } from '../../../src/switches/asterisk/ari-events';
import type { AriEvent } from '../../../src/switches/asterisk/event-stream';
import { readableLog, until } from './log-lines';

const QUICK = { pingEveryMs: 60_000, firstRetryMs: 1, longestRetryMs: 4 };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function fakeAri(options?: { answersPings?: boolean }, port?: number): Promise<FakeAri> {
  const fake = new FakeAri(options);
  await fake.listen(port);
  closing.push(() => fake.close());
  return fake;
}

function sourceOf(port: number, options: Partial<AriEventSourceOptions> = {}) {
  const events: AriEvent[] = [];
  const states: string[] = [];
  const readable = readableLog();
  const source = new AriEventSource({
    url: `ws://127.0.0.1:${port}/ari/events?app=ringfence`,
    authorization: 'Basic c2VjcmV0',
    prepare: async () => {},
    onReady: () => states.push('ready'),
    onEvent: event => events.push(event),
    onLost: () => states.push('lost'),
    handshakeMs: 5_000,
    timing: QUICK,
    log: readable.log,
    ...options,
  });
  closing.unshift(() => source.stop());
  source.start();
  return { source, events, states, ...readable };
}

test('the password travels in a header, not in the address', async () => {
  const fake = await fakeAri();
  const { states } = sourceOf(fake.port);
  await until(() => states.length > 0, 'ready');
  expect(fake.upgrades).toEqual([{ url: '/ari/events?app=ringfence', authorization: 'Basic c2VjcmV0' }]);
});

test('an unknown event, text that is no event and a handler that throws do not stop the stream', async () => {
  const fake = await fakeAri();
  const seen: string[] = [];
  const { states, lines } = sourceOf(fake.port, {
    onEvent: event => {
      seen.push(event.type);
      if (event.type === 'StasisEnd') throw new Error('a bug in the handler');
    },
  });
  await until(() => states.length > 0, 'ready');
  for (const text of ['{"type":"InventedIn2031","x":1}', 'no json', 'null', '7', '{"type":5}']) fake.send(text);
  fake.send({ type: 'StasisEnd' });
  fake.send({ type: 'StasisStart' });
  await until(() => seen.includes('StasisStart'), 'the event after them');
  expect(seen).toEqual(['InventedIn2031', 'StasisEnd', 'StasisStart']);
  expect(states).toEqual(['ready']);
  expect(lines.filter(line => line.event === 'switch_event_unreadable')).toHaveLength(4);
  expect(lines.filter(line => line.event === 'switch_event_handler_failed')).toHaveLength(1);
});

test('events that arrive while a connection is prepared wait, and come in order after it is ready', async () => {
  const fake = await fakeAri();
  let prepared = () => {};
  const order: string[] = [];
  fake.onSocket = () => {
    for (const type of ['one', 'two', 'three']) fake.send({ type });
  };
  sourceOf(fake.port, {
    prepare: () =>
      new Promise(done => {
        prepared = done;
      }),
    onReady: () => order.push('ready'),
    onEvent: event => order.push(event.type),
  });
  await until(() => fake.sockets.length === 1, 'a connection');
  // The answer to a ping comes after the events that were sent before it.
  await new Promise(done => fake.sockets[0]!.once('pong', done).ping());
  expect(order).toEqual([]);
  prepared();
  await until(() => order.length === 4, 'the events');
  expect(order).toEqual(['ready', 'one', 'two', 'three']);
});

test('a switch that refuses 30 connections in a row gets a 31st; ari-client stops after 10', async () => {
  let refused = 0;
  const rude = createServer((socket: Socket) => {
    refused += 1;
    socket.destroy();
  });
  await new Promise<void>(done => rude.listen(0, '127.0.0.1', done));
  const { port } = rude.address() as { port: number };
  const { states, events, lines } = sourceOf(port);
  await until(() => refused >= 30, '30 attempts');
  await new Promise(done => rude.close(done));
  const fake = await fakeAri({}, port);
  await until(() => states.includes('ready'), 'the connection');
  fake.send({ type: 'StasisStart' });
  await until(() => events.length > 0, 'an event');
  // One line for each new reason (reset, then refused while nothing listened), not one for each attempt.
  expect(lines.filter(line => line.event === 'switch_events_down').length).toBeLessThan(10);
});

test('a connection that breaks is made again, and told once', async () => {
  const fake = await fakeAri();
  const { states, events } = sourceOf(fake.port);
  await until(() => states.length === 1, 'ready');
  fake.sockets[0]!.terminate();
  await until(() => states.length === 3, 'ready again');
  fake.send({ type: 'StasisStart' });
  await until(() => events.length === 1, 'an event');
  expect(states).toEqual(['ready', 'lost', 'ready']);
});

test('a connection whose pings are not answered twice is given up', async () => {
  const deaf = await fakeAri({ answersPings: false });
  const { states, lines } = sourceOf(deaf.port, { timing: { ...QUICK, pingEveryMs: 20 } });
  await until(() => deaf.sockets.length >= 2, 'another connection');
  expect(states.slice(0, 2)).toEqual(['ready', 'lost']);
  expect(lines.find(line => line.event === 'switch_events_down')).toMatchObject({ reason: 'no answer to 2 pings' });
});

test('a connection whose pings are answered stays', async () => {
  const fake = await fakeAri();
  let pings = 0;
  fake.onSocket = socket => socket.on('ping', () => (pings += 1));
  const { states } = sourceOf(fake.port, { timing: { ...QUICK, pingEveryMs: 20 } });
  await until(() => pings >= 8, '8 pings');
  expect(states).toEqual(['ready']);
});

test('a connection that cannot be prepared is made again, and its events are not handed on', async () => {
  const fake = await fakeAri();
  let attempts = 0;
  fake.onSocket = () => fake.send({ type: 'StasisStart', number: fake.sockets.length });
  const { states, events } = sourceOf(fake.port, {
    prepare: async () => {
      attempts += 1;
      if (attempts < 3) throw new Error('503');
    },
  });
  await until(() => events.length === 1, 'an event');
  expect(states).toEqual(['ready']);
  expect(events).toEqual([{ type: 'StasisStart', number: 3 }]);
});

test('a connection that breaks while it is prepared is never ready', async () => {
  const fake = await fakeAri();
  const prepared: (() => void)[] = [];
  const { states } = sourceOf(fake.port, { prepare: () => new Promise(done => prepared.push(done)) });
  await until(() => prepared.length === 1, 'the first');
  fake.sockets[0]!.terminate();
  await until(() => prepared.length === 2, 'the second');
  prepared[0]!();
  await new Promise(done => setImmediate(done));
  expect(states).toEqual([]);
  prepared[1]!();
  await until(() => states.length === 1, 'ready');
});

test('after stop nothing is connected and nothing is told', async () => {
  const fake = await fakeAri();
  const { source, states, events } = sourceOf(fake.port);
  await until(() => states.length === 1, 'ready');
  const closed = new Promise(done => fake.sockets[0]!.once('close', done));
  fake.send({ type: 'late' });
  source.stop();
  await closed;
  expect(events).toEqual([]);
  expect(states).toEqual(['ready']);
  expect(fake.sockets).toHaveLength(1);
});
