import { WebSocket } from 'ws';
import { findFreePort } from '../../../lab/servers/ports';
import { parseListenUrl } from '../../../src/switches/asterisk/ari-address';
import { AriListener } from '../../../src/switches/asterisk/ari-listener';
import type { AriEvent } from '../../../src/switches/asterisk/event-stream';
import { OutboundEventSource, type OutboundEventSourceOptions } from '../../../src/switches/asterisk/outbound-events';
import { readableLog, until } from './log-lines';

const QUICK = { pingEveryMs: 60_000, firstRetryMs: 1, longestRetryMs: 4 };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening() {
  const port = await findFreePort();
  const { log, lines } = readableLog();
  const listener = new AriListener(parseListenUrl(`ws://ast:let-me-in@127.0.0.1:${port}`), log);
  await listener.open();
  closing.push(() => listener.close());
  return { port, listener, log, lines };
}
type Listening = Awaited<ReturnType<typeof listening>>;

function sourceOn({ listener, log }: Listening, options: Partial<OutboundEventSourceOptions> = {}) {
  const told: string[] = [];
  const events: AriEvent[] = [];
  const source = new OutboundEventSource({
    listener,
    log,
    identify: async () => 'ast1',
    prepare: async () => {},
    onReady: () => told.push('ready'),
    onEvent: event => {
      told.push(event.type);
      events.push(event);
    },
    onLost: () => told.push('lost'),
    timing: QUICK,
    ...options,
  });
  closing.unshift(() => source.stop());
  source.start();
  return { source, told, events };
}

const login = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

/** One attempt of an Asterisk; what is sent before it is open reaches us first. */
function dial(port: number, name = 'ast1', pair = 'ast:let-me-in', options: { autoPong?: boolean } = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/events/${name}`, ['ari'], { headers: login(pair), ...options });
  closing.unshift(() => socket.terminate());
  const outcome = new Promise<number>(resolve => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('error', () => resolve(0));
  });
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()));
  return {
    socket,
    outcome,
    closed,
    send(...types: string[]) {
      for (const type of types) socket.send(JSON.stringify({ type }));
    },
  };
}

async function connected(port: number, options: { autoPong?: boolean } = {}) {
  let attempt = dial(port, 'ast1', 'ast:let-me-in', options);
  await until(async () => {
    if ((await attempt.outcome) === 101) return true;
    attempt = dial(port, 'ast1', 'ast:let-me-in', options);
    return false;
  }, 'a connection');
  return attempt;
}

describe('the listener', () => {
  test('answers by what is wrong: login, name, or that nobody serves the switch; and never logs a password', async () => {
    const world = await listening();
    const { port, listener, lines } = world;
    listener.expect('ast1');
    expect(await dial(port, 'ast1', 'ast:let-me-in').outcome).toBe(503);
    for (const pair of ['ast:wrong', 'other:let-me-in', 'ast', '']) {
      expect(await dial(port, 'ast1', pair).outcome).toBe(401);
    }
    for (let attempt = 0; attempt < 25; attempt++) expect(await dial(port, 'ast2').outcome).toBe(404);
    expect(await dial(port, 'ast1/more').outcome).toBe(404);
    expect(await dial(port, '%ff').outcome).toBe(404);
    const { told } = sourceOn(world);
    await connected(port);
    await until(() => told.length > 0, 'ready');
    // One line each, although each attempt is one of very many.
    expect(lines.filter(({ event }) => event === 'switch_login_refused')).toHaveLength(1);
    expect(lines.filter(({ event }) => event === 'switch_unknown')).toEqual([
      expect.objectContaining({ name: 'ast2', known: ['ast1'] }),
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/wrong|let-me-in|bGV0LW1lLWlu/);
  });

  test('tells a load balancer by a plain request whether the switch is served here', async () => {
    const world = await listening();
    const ask = async (path: string, pair = 'ast:let-me-in') =>
      (await fetch(`http://127.0.0.1:${world.port}${path}`, { headers: login(pair) })).status;
    world.listener.expect('ast1');
    expect(await ask('/events/ast1')).toBe(503);
    const { source } = sourceOn(world);
    await until(async () => (await ask('/events/ast1')) === 204, 'served');
    expect(await ask('/events/ast1', 'ast:wrong')).toBe(401);
    expect(await ask('/events/ast2')).toBe(404);
    expect(await ask('/')).toBe(404);
    source.stop();
    expect(await ask('/events/ast1')).toBe(503);
  });

  test('that cannot listen says where and why', async () => {
    const { port, log } = await listening();
    const second = new AriListener(parseListenUrl(`ws://ast:let-me-in@127.0.0.1:${port}`), log);
    await expect(second.open()).rejects.toThrow(
      `RINGFENCE_ARI_LISTEN: cannot listen on 127.0.0.1:${port} (EADDRINUSE): free it, or choose another`,
    );
  });

  test('a switch whose name has odd letters is found by them', async () => {
    const world = await listening();
    const { told } = sourceOn(world, { identify: async () => '10.0.0.1:8088 (old)' });
    await until(async () => (await dial(world.port, '10.0.0.1:8088%20(old)').outcome) === 101, 'a connection');
    await until(() => told.includes('ready'), 'ready');
  });
});

test('a switch is asked for its name until it answers, and has no connection before', async () => {
  const world = await listening();
  let asked = 0;
  const { told } = sourceOn(world, {
    identify: async () => {
      asked += 1;
      if (asked < 20) throw new Error('503');
      return 'ast1';
    },
  });
  expect(await dial(world.port).outcome).toBe(404);
  await until(() => asked === 20, 'the name');
  await connected(world.port);
  await until(() => told.includes('ready'), 'ready');
  expect(world.lines.filter(({ event }) => event === 'switch_events_down')).toHaveLength(1);
});

test('what was kept is told after ready, all of it at once and in order, before anything new', async () => {
  const world = await listening();
  let prepared = () => {};
  let besides = false;
  const { told } = sourceOn(world, {
    prepare: () =>
      new Promise(done => {
        prepared = done;
      }),
    onReady: () => {
      told.push('ready');
      setImmediate(() => {
        besides = true;
      });
    },
    onEvent: ({ type }) => told.push(besides ? `late ${type}` : type),
  });
  const many = Array.from({ length: 2_000 }, (_, index) => `kept ${index}`);
  const asterisk = await connected(world.port, { autoPong: false });
  asterisk.send(...many.slice(0, 1_000));
  prepared();
  const pinged = new Promise<Buffer>(resolve => asterisk.socket.once('ping', resolve));
  await pinged;
  expect(told).toEqual([]);
  // Like Asterisk, whose one thread writes the kept events and then looks at the ping.
  asterisk.send(...many.slice(1_000));
  asterisk.socket.pong();
  asterisk.send('new');
  await until(() => told.length === 2_002, 'everything');
  expect(told.slice(0, -1)).toEqual(['ready', ...many]);
  expect(told.at(-1)).toMatch(/new$/);
});

test('what cannot be prepared is tried again on the same connection, and none of its events is lost', async () => {
  const world = await listening();
  let attempts = 0;
  const { told } = sourceOn(world, {
    prepare: async () => {
      attempts += 1;
      if (attempts < 5) throw new Error(`503 at attempt ${attempts < 3 ? 1 : 3}`);
    },
  });
  const asterisk = await connected(world.port);
  asterisk.send('one', 'two');
  await until(() => told.length === 3, 'the events');
  expect(told).toEqual(['ready', 'one', 'two']);
  expect(asterisk.socket.readyState).toBe(WebSocket.OPEN);
  expect(world.lines.filter(({ event }) => event === 'switch_events_down').map(({ reason }) => reason)).toEqual([
    '503 at attempt 1',
    '503 at attempt 3',
  ]);
});

test('a connection that breaks while it is prepared leaves its events to the next', async () => {
  const world = await listening();
  const prepared: (() => void)[] = [];
  const { told } = sourceOn(world, { prepare: () => new Promise(done => prepared.push(done)) });
  const first = await connected(world.port);
  first.send('one');
  await new Promise(done => first.socket.once('pong', done).ping());
  first.socket.terminate();
  const second = await connected(world.port);
  second.send('two');
  await new Promise(done => second.socket.once('pong', done).ping());
  expect(told).toEqual([]);
  for (const done of prepared) done();
  await until(() => told.length === 3, 'the events');
  expect(told).toEqual(['ready', 'one', 'two']);
});

test('a second connection of the same switch takes over; the first is closed and told as lost, not as replaced', async () => {
  const world = await listening();
  const { told } = sourceOn(world);
  const first = await connected(world.port);
  await until(() => told.length === 1, 'ready');
  const second = await connected(world.port);
  await first.closed;
  await until(() => told.length === 3, 'ready again');
  second.send('heard');
  await until(() => told.length === 4, 'its event');
  expect(told).toEqual(['ready', 'lost', 'ready', 'heard']);
});

test('a connection that breaks is told once, and the next one is taken', async () => {
  const world = await listening();
  const { told } = sourceOn(world);
  const first = await connected(world.port);
  await until(() => told.length === 1, 'ready');
  first.socket.terminate();
  await until(() => told.length === 2, 'lost');
  await connected(world.port);
  await until(() => told.length === 3, 'ready again');
  expect(told).toEqual(['ready', 'lost', 'ready']);
});

test('a connection whose pings are not answered twice is given up', async () => {
  const world = await listening();
  const { told } = sourceOn(world, { timing: { ...QUICK, pingEveryMs: 20 } });
  const asterisk = await connected(world.port, { autoPong: false });
  asterisk.socket.once('ping', () => asterisk.socket.pong());
  await until(() => told.length === 2, 'lost');
  expect(told).toEqual(['ready', 'lost']);
  expect(world.lines.find(({ event }) => event === 'switch_events_down')).toMatchObject({
    reason: 'no answer to 2 pings',
  });
});

test('a message larger than any event ends the connection', async () => {
  const world = await listening();
  const { told } = sourceOn(world);
  const asterisk = await connected(world.port);
  await until(() => told.length === 1, 'ready');
  asterisk.send('x'.repeat(1024 * 1024));
  await until(() => told.length === 2, 'lost');
  expect(told).toEqual(['ready', 'lost']);
});

test('leaving: what the switch had sent is told, what it would send is left to it, and it is refused from then on', async () => {
  const world = await listening();
  const { source, told } = sourceOn(world);
  const asterisk = await connected(world.port);
  await until(() => told.length === 1, 'ready');
  asterisk.send('one', 'two');
  await source.leave();
  expect(told).toEqual(['ready', 'one', 'two']);
  expect(await dial(world.port).outcome).toBe(503);
});

test('stopping: nothing is told any more, and a switch is served again by whoever starts next', async () => {
  const world = await listening();
  const { source, told } = sourceOn(world);
  const asterisk = await connected(world.port);
  await until(() => told.length === 1, 'ready');
  asterisk.send('late');
  source.stop();
  await asterisk.closed;
  expect(told).toEqual(['ready']);
  expect(await dial(world.port).outcome).toBe(503);
  const next = sourceOn(world);
  await connected(world.port);
  await until(() => next.told.length === 1, 'ready');
});

test('two switches of one name: the second is told so and waits until the first is let go', async () => {
  const world = await listening();
  const first = sourceOn(world);
  await connected(world.port);
  await until(() => first.told.length === 1, 'ready');
  const second = sourceOn(world);
  await until(() => world.lines.some(({ event }) => event === 'switch_events_down'), 'the line');
  expect(world.lines.find(({ event }) => event === 'switch_events_down')).toMatchObject({
    reason: 'two switches are called ast1: give each its own systemname',
  });
  first.source.stop();
  await connected(world.port);
  await until(() => second.told.length === 1, 'ready');
});
